//! The field `license`: SPDX expressions.

use crate::finding::{Code, Finding};
use crate::text;

/// A license is valid if it is an SPDX expression. Deprecated identifiers (`GPL-2.0`) are still on the SPDX list.
pub(super) fn check(text: &str) -> Option<Finding> {
    let mode = spdx::ParseMode { allow_deprecated: true, ..spdx::ParseMode::STRICT };
    let cause = spdx::Expression::parse_mode(text, mode).err()?;
    let message = format!("`{text}` is not a valid SPDX expression ({})", cause.reason);
    Some(Finding::new(Code::InvalidLicense, message).with_optional_hint(hint(text)))
}

/// The license that was probably meant.
fn hint(text: &str) -> Option<String> {
    if text.eq_ignore_ascii_case("unlicensed") || text.eq_ignore_ascii_case("proprietary") {
        return Some("write `LicenseRef-Proprietary` for terms of your own".to_owned());
    }
    let names = || spdx::identifiers::LICENSES.iter().map(|license| license.name);
    let imprecise = || spdx::imprecise_license_id(text).filter(|(_, length)| *length == text.len());
    let name = names()
        .find(|name| name.eq_ignore_ascii_case(text))
        .or_else(|| imprecise().map(|(id, _)| id.name))
        .or_else(|| text::did_you_mean(text, names()))?;
    Some(format!("did you mean `{name}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licenses_are_spdx_expressions() {
        for valid in [
            "MIT",
            "MIT OR Apache-2.0",
            "MIT or Apache-2.0",
            "GPL-2.0",
            "GPL-2.0-or-later WITH Classpath-exception-2.0",
            "LicenseRef-Proprietary",
            "(MIT AND BSD-3-Clause) OR ISC",
            "0BSD",
        ] {
            assert_eq!(check(valid), None, "{valid}");
        }
        for (invalid, hint) in [
            ("mit", "did you mean `MIT`?"),
            ("Apache 2.0", "did you mean `Apache-2.0`?"),
            ("UNLICENSED", "write `LicenseRef-Proprietary` for terms of your own"),
            ("", Code::InvalidLicense.fix()),
            ("MIT AND", Code::InvalidLicense.fix()),
            ("SEE LICENSE IN LICENSE", Code::InvalidLicense.fix()),
            ("(MIT", "did you mean `MIT`?"),
            ("MIT/Apache-2.0", Code::InvalidLicense.fix()),
        ] {
            let finding = check(invalid).unwrap();
            assert_eq!((finding.code, finding.hint.as_str()), (Code::InvalidLicense, hint), "{invalid}");
        }
    }
}
