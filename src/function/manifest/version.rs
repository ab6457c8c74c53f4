//! The field `version`.

use semver::Version;

use crate::finding::{Code, Finding};

/// A version is valid by the rules of Semantic Versioning 2.0.0.
pub(super) fn check(text: &str) -> Option<Finding> {
    let cause = Version::parse(text).err()?;
    let message = format!("`{text}` is not a valid SemVer version ({cause})");
    let hint = nearest(text).map(|version| format!("write `{version}`"));
    Some(Finding::new(Code::InvalidVersion, message).with_optional_hint(hint))
}

/// The version that was probably meant: with three numbers, without `v`, white space and leading zeros.
fn nearest(text: &str) -> Option<Version> {
    let text = text.trim().trim_start_matches(['v', 'V', '=']);
    let (numbers, rest) = text.split_at(text.find(['-', '+']).unwrap_or(text.len()));
    let mut numbers: Vec<u64> = numbers.split('.').map(str::parse).collect::<Result<_, _>>().ok()?;
    if numbers.len() > 3 {
        return None;
    }
    numbers.resize(3, 0);
    let numbers: Vec<_> = numbers.iter().map(u64::to_string).collect();
    Version::parse(&format!("{}{rest}", numbers.join("."))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_follow_semver() {
        for valid in ["0.0.0", "1.0.0-rc.1", "1.0.0+build.7", "1.0.0-0a.b+c", "18446744073709551615.0.0"] {
            assert_eq!(check(valid), None, "{valid}");
        }
        for invalid in [
            "", "1", "1.0", "01.0.0", "1.0.0.0", "1.0.0-", "1.0.0-01", "1.0.0+", "^1.0.0", " 1.0.0", "latest",
        ] {
            assert_eq!(check(invalid).unwrap().code, Code::InvalidVersion, "{invalid}");
        }
    }

    #[test]
    fn the_hint_is_the_version_that_was_probably_meant() {
        for (text, hint) in [
            ("v1.2.3", "write `1.2.3`"),
            ("1.2", "write `1.2.0`"),
            ("01.2.3-rc.1", "write `1.2.3-rc.1`"),
            (" 1.0.0", "write `1.0.0`"),
            ("1.2.3.4", Code::InvalidVersion.fix()),
            ("latest", Code::InvalidVersion.fix()),
        ] {
            assert_eq!(check(text).unwrap().hint, hint, "{text}");
        }
    }
}
