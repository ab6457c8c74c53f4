//! SPDX licence expressions.

use crate::text;

/// The licence that was probably meant.
pub(super) fn nearest_license(text: &str) -> Option<String> {
    if text.eq_ignore_ascii_case("unlicensed") || text.eq_ignore_ascii_case("proprietary") {
        return Some("write `LicenseRef-Proprietary` for terms of your own".to_owned());
    }
    let exact = spdx::identifiers::LICENSES.iter().find(|license| license.name.eq_ignore_ascii_case(text));
    let name = exact.map(|license| license.name).or_else(|| {
        let (id, length) = spdx::imprecise_license_id(text)?;
        (length == text.len()).then_some(id.name)
    });
    let known = || spdx::identifiers::LICENSES.iter().map(|license| license.name);
    let name = name.or_else(|| text::did_you_mean(text, known()))?;
    Some(format!("did you mean `{name}`?"))
}
