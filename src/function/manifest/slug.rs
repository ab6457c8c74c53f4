//! The slug of a function: its address on the Hub.

use std::fmt;

use crate::finding::{Code, Finding, Severity};

/// A function's slug on the Hub: `a-z`, `0-9` and single hyphens between them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Slug(String);

impl Slug {
    /// The slug that the Hub makes of a name (Go CLI, "must match API slugify for upsert").
    pub(crate) fn of(name: &str) -> Self {
        let mut slug = String::new();
        for c in name.trim().to_lowercase().chars() {
            if c.is_ascii_alphanumeric() {
                slug.push(c);
            } else if (c.is_ascii_whitespace() || matches!(c, '-' | '_')) && !slug.ends_with('-') {
                slug.push('-');
            }
        }
        Self(slug.trim_matches('-').to_owned())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A name is valid if it is its own slug. Another name is published under the slug that the Hub makes of it, if there is one.
pub(super) fn check_name(name: &str) -> Option<Finding> {
    let slug = Slug::of(name);
    if slug.as_str().is_empty() {
        let message = format!("`{name}` is not a valid name: it contains neither a letter (a-z) nor a digit");
        Some(Finding::new(Code::InvalidName, message).with_severity(Severity::Error))
    } else if slug.as_str() != name {
        let message = format!("`{name}` is not a valid name: the function is published as `{slug}`");
        Some(Finding::new(Code::InvalidName, message).with_hint(format!("write `{slug}`")))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_what_the_hub_makes_of_a_name() {
        for (name, slug) in [
            ("Image Resizer", "image-resizer"),
            (" a__b--c ", "a-b-c"),
            ("-é!x-", "x"),
            ("a \u{a0}b", "a-b"),
            ("ünïcode", "ncode"),
            ("!!!", ""),
        ] {
            assert_eq!(Slug::of(name).as_str(), slug, "{name}");
        }
    }

    #[test]
    fn a_name_is_valid_if_it_is_its_own_slug() {
        for valid in ["g", "0", "a-b-c", "2fa"] {
            assert_eq!(check_name(valid), None, "{valid}");
        }
        for (invalid, hint) in [
            ("Greeter", "write `greeter`"),
            (" greeter", "write `greeter`"),
            ("greeter ", "write `greeter`"),
            ("gree_ter", "write `gree-ter`"),
            ("-greeter", "write `greeter`"),
            ("greeter-", "write `greeter`"),
            ("gree--ter", "write `gree-ter`"),
            ("a.b", "write `ab`"),
            ("a/b", "write `ab`"),
            ("Größe 2", "write `gre-2`"),
            ("", Code::InvalidName.fix()),
            ("!!!", Code::InvalidName.fix()),
        ] {
            let finding = check_name(invalid).unwrap();
            assert_eq!((finding.code, finding.hint.as_str()), (Code::InvalidName, hint), "{invalid}");
            let has_slug = !Slug::of(invalid).as_str().is_empty();
            assert_eq!(finding.is_error(), !has_slug, "{invalid}");
            assert!(
                !has_slug || hint.strip_prefix("write ").is_some_and(|slug| finding.message.ends_with(slug))
            );
        }
    }
}
