//! Assignments to what can't be assigned to: bundlers refuse such code.

use oxc_ast::AstKind;
use oxc_semantic::{Reference, Semantic, SymbolId};
use oxc_span::GetSpan as _;

use super::module::SyntaxError;
use super::scope::{is_import, range_of};

/// An error at each assignment to a constant or to an imported name.
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
        let writes = scoping.get_resolved_references(symbol).filter(|reference| reference.is_write());
        let writes = writes.filter(move |write| is_constant_at(symbol, write, semantic));
        writes.map(move |write| {
            let message = format!("`{}` is {kind}, and can't be assigned to", scoping.symbol_name(symbol));
            SyntaxError::new(message, range_of(semantic.reference_span(write)))
        })
    });
    let mut errors: Vec<_> = errors.collect();
    errors.sort_by_key(|error| error.range.start);
    errors
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
