//! Assignments to what can't be assigned to: bundlers refuse such code.

use oxc_ast::AstKind;
use oxc_semantic::{Reference, Semantic, SymbolId};
use oxc_span::{GetSpan as _, Span};
use oxc_syntax::operator::UnaryOperator;

use super::module::SyntaxError;
use super::scope::{is_import, is_wrapper, range_of};

/// An error at each assignment to a constant, to an imported name, or to a member of an imported module.
pub(super) fn errors(semantic: &Semantic<'_>) -> Vec<SyntaxError> {
    let scoping = semantic.scoping();
    let constants = scoping.symbol_ids().filter_map(|symbol| {
        let flags = scoping.symbol_flags(symbol);
        let kind = match () {
            () if flags.is_ambient() => return None,
            () if flags.is_const_variable() => "a constant",
            () if is_import(flags) => "an imported name",
            () if flags.is_class() => "a class",
            () => return None,
        };
        Some((symbol, kind))
    });
    let errors = constants.flat_map(|(symbol, kind)| {
        let is_module =
            matches!(semantic.symbol_declaration(symbol).kind(), AstKind::ImportNamespaceSpecifier(_));
        scoping.get_resolved_references(symbol).filter_map(move |reference| {
            let name = scoping.symbol_name(symbol);
            let error =
                |message| Some(SyntaxError::new(message, range_of(semantic.reference_span(reference))));
            if reference.is_write() && is_constant_at(symbol, reference, semantic) {
                return error(format!("`{name}` is {kind}, and can't be assigned to"));
            }
            if is_module && is_member_written(reference, semantic) {
                return error(format!("`{name}` is an imported module, whose members can't be assigned to"));
            }
            None
        })
    });
    let mut errors: Vec<_> = errors.collect();
    errors.sort_by_key(|error| error.range.start);
    errors
}

/// Whether a member of what a name refers to is set or deleted, and nothing that is read from it.
fn is_member_written(reference: &Reference, semantic: &Semantic<'_>) -> bool {
    let mut around = semantic.nodes().ancestor_kinds(reference.node_id()).filter(|kind| !is_wrapper(kind));
    let (Some(member), Some(user)) = (around.next(), around.next()) else { return false };
    let is_target = |target: Span| target.contains_inclusive(member.span());
    let name = semantic.reference_span(reference);
    member.as_member_expression_kind().is_some_and(|it| it.object().span().contains_inclusive(name))
        && match user {
            AstKind::AssignmentExpression(it) => is_target(it.left.span()),
            AstKind::ForInStatement(it) => is_target(it.left.span()),
            AstKind::ForOfStatement(it) => is_target(it.left.span()),
            AstKind::UnaryExpression(it) => it.operator == UnaryOperator::Delete,
            AstKind::AssignmentTargetWithDefault(it) => is_target(it.binding.span()),
            AstKind::AssignmentTargetPropertyProperty(it) => is_target(it.binding.span()),
            AstKind::UpdateExpression(_)
            | AstKind::ArrayAssignmentTarget(_)
            | AstKind::AssignmentTargetRest(_) => true,
            _ => false,
        }
}

/// Whether a name can't be assigned to where it is: that of a class only in itself, and a constant of a function's body is not yet
/// there in its parameters.
fn is_constant_at(symbol: SymbolId, write: &Reference, semantic: &Semantic<'_>) -> bool {
    let (nodes, span) = (semantic.nodes(), semantic.reference_span(write));
    let declaration = semantic.symbol_declaration(symbol);
    if semantic.scoping().symbol_flags(symbol).is_class() {
        return declaration.kind().span().contains_inclusive(span);
    }
    let mut around = nodes.ancestors(write.node_id());
    !around.any(|node| match node.kind() {
        AstKind::FormalParameters(parameters) => {
            let function = nodes.parent_kind(node.id()).span();
            let declared = declaration.kind().span();
            function.contains_inclusive(declared) && !parameters.span.contains_inclusive(declared)
        }
        _ => false,
    })
}
