//! Versions that wait for a review at the Hub. Pure.

use super::comparison::Comparison;
use super::decision::Decision;
use crate::finding::{Code, Finding};
use crate::function::load::Function;

/// Decides about a version that waits for a review already. Where its content can't be seen, sending it again could not help.
pub(crate) fn decide_in_review(function: &Function, comparison: &Comparison) -> (Decision, Vec<Finding>) {
    match comparison {
        Comparison::Different(changes) => (Decision::Refuse, vec![other_in_review(function, changes)]),
        Comparison::Equal | Comparison::Unknown(_) | Comparison::Unread(_) => {
            (Decision::Unchanged, vec![in_review(function)])
        }
    }
}

/// The warning that a person decides.
pub(crate) fn in_review(function: &Function) -> Finding {
    let message =
        format!("a person at the Hub decides whether `{}` {} goes live", function.slug, function.version);
    Finding::new(Code::InReview, message).at(function.manifest.location("version"))
}

/// The conflict with another commit that has the same version.
pub(crate) fn other_in_review(function: &Function, changes: &[String]) -> Finding {
    let (version, changes) = (&function.version, changes.join(", "));
    let message =
        format!("`{version}` is waiting for a review at the Hub, with different content: {changes}");
    Finding::new(Code::VersionConflict, message).at(function.manifest.location("version"))
}
