//! Assignments to what can't be assigned to: bundlers refuse such code.

use oxc_semantic::Semantic;

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
            () => return None,
        };
        Some((symbol, kind))
    });
    let errors = constants.flat_map(|(symbol, kind)| {
        let writes = scoping.get_resolved_references(symbol).filter(|reference| reference.is_write());
        writes.map(move |write| {
            let message = format!("`{}` is {kind}, and can't be assigned to", scoping.symbol_name(symbol));
            SyntaxError::new(message, range_of(semantic.reference_span(write)))
        })
    });
    let mut errors: Vec<_> = errors.collect();
    errors.sort_by_key(|error| error.range.start);
    errors
}
