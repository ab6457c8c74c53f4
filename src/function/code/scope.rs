//! What a name refers to, from the parser's scopes, and what around it has its value.

use std::ops::Range;

use oxc_ast::AstKind;
use oxc_ast::ast::IdentifierReference;
use oxc_semantic::{Scoping, SymbolId};
use oxc_span::{GetSpan as _, Span};
use oxc_syntax::symbol::SymbolFlags;

/// The symbol that a name refers to; `None` if the module does not declare it.
pub(super) fn symbol_of(name: &IdentifierReference<'_>, scoping: &Scoping) -> Option<SymbolId> {
    scoping.get_reference(name.reference_id.get()?).symbol_id()
}

/// Whether a name refers to a global, which `declare const process: …` only describes.
pub(super) fn is_global(name: &IdentifierReference<'_>, scoping: &Scoping) -> bool {
    symbol_of(name, scoping).is_none_or(|symbol| scoping.symbol_flags(symbol).is_ambient())
}

/// Whether a name is that of this global, and refers to it.
pub(super) fn is_global_called(name: &IdentifierReference<'_>, called: &str, scoping: &Scoping) -> bool {
    name.name == called && is_global(name, scoping)
}

/// Whether a name is imported and nothing more: a value may have the name of an imported type.
pub(super) fn is_import(flags: SymbolFlags) -> bool {
    flags.is_import() && !flags.intersects(SymbolFlags::Value)
}

pub(super) fn range_of(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

/// Whether a node has the value of what is in it.
pub(super) fn is_wrapper(kind: &AstKind<'_>) -> bool {
    matches!(
        kind,
        AstKind::ParenthesizedExpression(_)
            | AstKind::ChainExpression(_)
            | AstKind::TSAsExpression(_)
            | AstKind::TSSatisfiesExpression(_)
            | AstKind::TSNonNullExpression(_)
            | AstKind::TSTypeAssertion(_)
            | AstKind::TSInstantiationExpression(_)
    )
}

/// Whether what uses a node at a place sets it: by an assignment, `++`, a pattern or a loop.
pub(super) fn is_target(place: Span, user: &AstKind<'_>) -> bool {
    let is_it = |target: Span| target.contains_inclusive(place);
    match user {
        AstKind::AssignmentExpression(it) => is_it(it.left.span()),
        AstKind::AssignmentTargetWithDefault(it) => is_it(it.binding.span()),
        AstKind::AssignmentTargetPropertyProperty(it) => is_it(it.binding.span()),
        AstKind::ForInStatement(it) => is_it(it.left.span()),
        AstKind::ForOfStatement(it) => is_it(it.left.span()),
        AstKind::UpdateExpression(_)
        | AstKind::ArrayAssignmentTarget(_)
        | AstKind::AssignmentTargetRest(_) => true,
        _ => false,
    }
}
