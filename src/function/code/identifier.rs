//! JavaScript identifiers.

use oxc_syntax::{identifier, keyword};

/// Whether a name can be declared in a module: an identifier that is not reserved (ECMAScript, `Identifier` in strict mode).
pub(crate) fn is_identifier(name: &str) -> bool {
    identifier::is_identifier_name(name) && !keyword::is_reserved_keyword(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_follow_the_javascript_grammar() {
        for valid in ["imageResizerRoute", "$", "_x1", "größe"] {
            assert!(is_identifier(valid), "{valid}");
        }
        for invalid in ["", "1x", "a-b", "default", "static", "a b", "a.b"] {
            assert!(!is_identifier(invalid), "{invalid}");
        }
    }
}
