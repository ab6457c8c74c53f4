//! Regular expressions that an engine would refuse.

use oxc_allocator::Allocator;
use oxc_ast::AstKind;
use oxc_ast::ast::RegExpLiteral;
use oxc_diagnostics::OxcDiagnostic;
use oxc_regular_expression::{LiteralParser, Options};
use oxc_semantic::Semantic;

/// Most groups and classes of a regular expression that is checked: their parser is recursive. Hand-written ones have a
/// few dozen.
const MAX_GROUPS: usize = 500;

pub(super) fn errors(semantic: &Semantic<'_>) -> Vec<OxcDiagnostic> {
    let literals = semantic.nodes().iter().filter_map(|node| match node.kind() {
        AstKind::RegExpLiteral(literal) => Some(literal),
        _ => None,
    });
    literals.filter_map(error_in).collect()
}

fn error_in(literal: &RegExpLiteral<'_>) -> Option<OxcDiagnostic> {
    let pattern = literal.regex.pattern.text.as_str();
    if pattern.matches(['(', '[']).count() > MAX_GROUPS {
        return None;
    }
    let flags = literal.regex.flags.to_string();
    let options = Options {
        pattern_span_offset: literal.span.start + 1,
        flags_span_offset: literal.span.end - u32::try_from(flags.len()).unwrap_or_default(),
    };
    LiteralParser::new(&Allocator::default(), pattern, Some(&flags), options).parse().err()
}
