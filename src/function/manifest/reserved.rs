//! Fields that a manifest must not have, because a publish request has fields of its own under these names.

use super::json::Member;
use crate::finding::{Code, Finding, Severity};
use crate::source::SourceFile;

/// Fields of the request that are made of the function's files and of the inputs (Aerostack documentation, "Publishing via
/// GitHub Actions": `code`, `publish`; Go CLI: `files`, `readme`). A manifest's own would be overwritten, or sent in place of
/// the files.
pub const RESERVED: [&str; 4] = ["files", "readme", "code", "publish"];

/// Fields that the Hub sets in its own record of a function (Go CLI, `CommunityFunction`), and where they come from.
const SET_BY_HUB: [(&str, &str); 3] = [
    ("slug", "it is made of `name`"),
    ("id", "the Hub assigns it"),
    ("status", "the input `publish` decides it"),
];

/// The finding for a field that is reserved.
pub(super) fn check(member: &Member, source: &SourceFile) -> Option<Finding> {
    let name = member.name.as_str();
    let finding = if RESERVED.contains(&name) {
        let message = format!("`{name}` is reserved: it is set when the function is published");
        Finding::new(Code::ReservedField, message)
    } else {
        let (_, origin) = SET_BY_HUB.iter().find(|(reserved, _)| *reserved == name)?;
        let message = format!("`{name}` has no place in the manifest: {origin}");
        Finding::new(Code::ReservedField, message).with_severity(Severity::Warning)
    };
    Some(finding.at(source.at(member.key.clone())))
}
