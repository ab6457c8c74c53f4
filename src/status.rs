//! What became of a function, in one word: one table row per status.

use serde::Serialize;

use crate::text::Color;

/// What became of a function, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Status {
    Published,
    Draft,
    InReview,
    Unchanged,
    Skipped,
    DryRun,
    Unconfirmed,
    Failed,
}

/// How one status is shown.
pub(crate) struct StatusRow {
    /// As outputs and reports have it.
    pub(crate) word: &'static str,
    /// After a number of functions: one, and several.
    pub(crate) counted: [&'static str; 2],
    /// What happened, in the log.
    pub(crate) phrase: &'static str,
    /// The mark before it in the log.
    pub(crate) mark: char,
    /// The icon before it in a summary.
    pub(crate) icon: &'static str,
    pub(crate) color: Color,
    /// Whether something was sent, may have been, or would have been.
    pub(crate) is_sent: bool,
}

impl Status {
    /// Every status, in the order in which a summary lists them.
    pub(crate) const MOST_URGENT_FIRST: [Self; 8] = [
        Self::Failed,
        Self::Unconfirmed,
        Self::InReview,
        Self::Published,
        Self::Draft,
        Self::DryRun,
        Self::Unchanged,
        Self::Skipped,
    ];

    pub(crate) const fn row(self) -> StatusRow {
        use Color::{Blue, Green, Red, Yellow};
        let (word, counted, phrase, mark, icon, color, is_sent) = match self {
            Self::Published => ("published", ["published"; 2], "published", '✓', "✅", Green, true),
            Self::Draft => ("draft", ["draft", "drafts"], "saved as a draft", '✓', "📝", Green, true),
            Self::InReview => (
                "in-review",
                ["in review"; 2],
                "in review: a person at the Hub decides",
                '…',
                "👀",
                Yellow,
                true,
            ),
            Self::Unchanged => (
                "unchanged",
                ["unchanged"; 2],
                "unchanged: this version is already published",
                '=',
                "🟰",
                Blue,
                false,
            ),
            Self::Skipped => ("skipped", ["skipped"; 2], "skipped", '○', "⏭️", Blue, false),
            Self::DryRun => ("dry-run", ["checked"; 2], "dry run: nothing was sent", '○', "🔍", Blue, true),
            Self::Unconfirmed => ("unconfirmed", ["unconfirmed"; 2], "unconfirmed", '?', "❔", Yellow, true),
            Self::Failed => ("failed", ["failed"; 2], "failed", '✗', "❌", Red, false),
        };
        StatusRow { word, counted, phrase, mark, icon, color, is_sent }
    }
}
