//! What is published of a function, compared with what would be sent.

use crate::finding::Finding;
use crate::function::load::Function;
use crate::hub::client::{Hub, MAX_EXTRA_TIME, RemoteFunction};
use crate::hub::deadline::Deadline;
use crate::release::comparison::{Comparison, Content, compare};
use crate::release::metadata::metadata_differs;
use crate::release::public_api::{ApiChange, PublicApi};

/// What is published of a function.
pub(crate) struct Published {
    /// The content of this very version.
    pub(crate) comparison: Comparison,
    /// What changes for users of the newest version.
    pub(crate) changes: Vec<ApiChange>,
    /// What the Hub shows otherwise of the manifest of this very version.
    pub(crate) metadata: Option<Finding>,
}

impl From<Comparison> for Published {
    fn from(comparison: Comparison) -> Self {
        Self { comparison, changes: Vec::new(), metadata: None }
    }
}

/// Compares with what is published. Reads the content of this version where it is published already, else that of the newest
/// one before it. `shown` is the content that came with the record.
pub(crate) async fn read_published(
    hub: &Hub,
    function: &Function,
    remote: &RemoteFunction,
    shown: Content,
    deadline: &Deadline,
) -> Published {
    let not_read = Comparison::Unknown("it was not read".to_owned());
    let (version, history) = (&function.version, &remote.history);
    if remote.waits_for_review(version) {
        return compare(function, &shown).into();
    }
    let Some(newest) = history.newest() else { return not_read.into() };
    let order = version.cmp_precedence(newest);
    let changes = |content: &Content| {
        PublicApi::of_content(content, function).changes_to(&PublicApi::of_function(function))
    };
    if history.holds(version) {
        return match hub.content(function, version, remote, shown, deadline).await {
            Ok(content) => Published {
                comparison: compare(function, &content),
                changes: if order.is_eq() { changes(&content) } else { Vec::new() },
                metadata: metadata_differs(function, &content),
            },
            Err(error) => Comparison::from(error).into(),
        };
    }
    if order.is_le() {
        return not_read.into();
    }
    // Users of the newest version will move to this one. What they build on only makes an advice better: no long wait.
    let deadline = deadline.within(deadline.left().div_f64(4.0).min(MAX_EXTRA_TIME));
    let content = hub.content(function, newest, remote, shown, &deadline).await;
    let changes = content.map(|content| changes(&content)).unwrap_or_default();
    Published { changes, ..not_read.into() }
}
