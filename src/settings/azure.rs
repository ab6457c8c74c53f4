//! What Azure Pipelines tells of a run.

use std::path::PathBuf;

use super::ci::{Branch, Trigger};
use crate::settings::env::Env;

/// Variables of Azure Pipelines (Microsoft documentation, "Use predefined variables").
pub(super) struct Build {
    source_branch: String,
    reason: String,
    pub(super) sources: Option<PathBuf>,
    pub(super) agent_folder: Option<PathBuf>,
}

impl Build {
    pub(super) fn of(env: &Env) -> Self {
        let text = |name| env.get(name).unwrap_or_default().to_owned();
        let path = |name| env.get(name).map(PathBuf::from);
        Self {
            source_branch: text("BUILD_SOURCEBRANCH"),
            reason: text("BUILD_REASON"),
            sources: path("BUILD_SOURCESDIRECTORY"),
            agent_folder: path("AGENT_TEMPDIRECTORY"),
        }
    }

    /// No variable names the default branch: whether a branch is the default one is not known here.
    pub(super) fn trigger(&self) -> Trigger {
        if self.reason == "PullRequest" || self.source_branch.starts_with("refs/pull/") {
            return Trigger::PullRequest;
        }
        if let Some(tag) = self.source_branch.strip_prefix("refs/tags/") {
            return Trigger::Tag(tag.to_owned());
        }
        if self.source_branch.is_empty() { Trigger::Unknown } else { Trigger::Branch(Branch::Unknown) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn azure_tells_tags_branches_and_pull_requests_apart() {
        let on = |branch, reason| {
            let variables = [("BUILD_SOURCEBRANCH", branch), ("BUILD_REASON", reason)];
            Build::of(&Env::of("/", variables)).trigger()
        };
        assert_eq!(on("refs/tags/v1.0.0", "IndividualCI"), Trigger::Tag("v1.0.0".into()));
        assert_eq!(on("refs/heads/main", "IndividualCI"), Trigger::Branch(Branch::Unknown));
        assert_eq!(on("refs/pull/7/merge", "PullRequest"), Trigger::PullRequest);
        assert_eq!(on("refs/pull/7/merge", "Manual"), Trigger::PullRequest);
        assert_eq!(on("", ""), Trigger::Unknown);
    }
}
