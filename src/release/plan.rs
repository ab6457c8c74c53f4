//! The plan: what this run is to do, given its settings and what triggered it.

use crate::finding::{Code, Finding};
use crate::settings::Settings;
use crate::settings::ci::{Branch, Trigger};
use crate::settings::values::{OnExisting, Publish, Strategy};

/// Where a publish goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Target {
    Live,
    Draft,
}

/// What this run is to do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) target: Target,
    /// Send nothing.
    pub(crate) dry_run: bool,
    pub(crate) on_existing: OnExisting,
    pub(crate) strategy: Strategy,
    pub(crate) allow_create: bool,
}

impl Plan {
    /// Works out the plan; objections to it are findings.
    pub(crate) fn of(settings: &Settings) -> (Self, Vec<Finding>) {
        let mut findings = Vec::new();
        let trigger = &settings.ci.trigger;
        let (target, dry_run) = match (settings.publish, trigger) {
            (Publish::Live, _) | (Publish::Auto, Trigger::Branch(Branch::Default) | Trigger::Tag(_)) => {
                (Target::Live, false)
            }
            (Publish::Draft, _) | (Publish::Auto, Trigger::Branch(Branch::Other)) => (Target::Draft, false),
            (Publish::Auto, Trigger::PullRequest) => (Target::Live, true),
            (Publish::Auto, Trigger::Branch(Branch::Unknown) | Trigger::Unknown) => {
                let message = "input `publish` is `auto`, and this CI does not say what triggered the run";
                let finding = Finding::new(Code::InvalidInput, message);
                findings.push(finding.with_hint("set `publish` to `true` (live) or `false` (draft) here"));
                (Target::Live, true)
            }
        };
        let dry_run = dry_run || settings.dry_run;
        if target == Target::Live && !dry_run && *trigger == Trigger::PullRequest {
            let message = "this run is for a pull or merge request and publishes unmerged code live";
            findings.push(Finding::new(Code::LiveFromPullRequest, message));
        }
        let Settings { on_existing, strategy, allow_create, .. } = *settings;
        (Self { target, dry_run, on_existing, strategy, allow_create }, findings)
    }
}

/// The plans that tests vary.
#[cfg(test)]
impl Plan {
    pub(crate) const LIVE: Self = Self {
        target: Target::Live,
        dry_run: false,
        on_existing: OnExisting::Auto,
        strategy: Strategy::Upgrade,
        allow_create: true,
    };
    pub(crate) const DRAFT: Self = Self { target: Target::Draft, ..Self::LIVE };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::env::Env;

    const TAG: &str = "CI_COMMIT_TAG=v1.0.0";
    const DEFAULT_BRANCH: &str = "CI_COMMIT_BRANCH=main CI_DEFAULT_BRANCH=main";
    const OTHER_BRANCH: &str = "CI_COMMIT_BRANCH=topic CI_DEFAULT_BRANCH=main";
    const ANY_BRANCH: &str = "CI_COMMIT_BRANCH=main";
    const MERGE_REQUEST: &str = "CI_PIPELINE_SOURCE=merge_request_event";
    const NOTHING: &str = "";

    /// What a run with these inputs is to do, and the codes of the objections.
    fn planned(publish: &str, dry_run: bool, trigger: &str) -> (Target, bool, Vec<&'static str>) {
        let variables = trigger.split_whitespace().filter_map(|variable| variable.split_once('='));
        let dry_run = if dry_run { "true" } else { "false" };
        let inputs = [("GITLAB_CI", "true"), ("AEROSTACK_PUBLISH", publish), ("AEROSTACK_DRY_RUN", dry_run)];
        let (settings, findings) = Settings::read(&Env::of("/", inputs.into_iter().chain(variables)));
        assert!(findings.is_empty(), "{findings:?}");
        let (plan, objections) = Plan::of(&settings);
        (plan.target, plan.dry_run, objections.iter().map(|finding| finding.code.name()).collect())
    }

    #[test]
    fn the_trigger_decides_only_for_auto() {
        use Target::{Draft, Live};
        const LIVE_FROM_PULL_REQUEST: &[&str] = &["LIVE_FROM_PULL_REQUEST"];
        const INVALID_INPUT: &[&str] = &["INVALID_INPUT"];
        // For each trigger, whether the target is live, whether it is a dry run, and the objections.
        for (publish, trigger, target, dry_run, objections) in [
            ("true", TAG, Live, false, &[][..]),
            ("true", DEFAULT_BRANCH, Live, false, &[]),
            ("true", OTHER_BRANCH, Live, false, &[]),
            ("true", ANY_BRANCH, Live, false, &[]),
            ("true", NOTHING, Live, false, &[]),
            ("true", MERGE_REQUEST, Live, false, LIVE_FROM_PULL_REQUEST),
            ("false", TAG, Draft, false, &[]),
            ("false", DEFAULT_BRANCH, Draft, false, &[]),
            ("false", OTHER_BRANCH, Draft, false, &[]),
            ("false", NOTHING, Draft, false, &[]),
            ("false", MERGE_REQUEST, Draft, false, &[]),
            ("auto", TAG, Live, false, &[]),
            ("auto", DEFAULT_BRANCH, Live, false, &[]),
            ("auto", OTHER_BRANCH, Draft, false, &[]),
            ("auto", MERGE_REQUEST, Live, true, &[]),
            ("auto", ANY_BRANCH, Live, true, INVALID_INPUT),
            ("auto", NOTHING, Live, true, INVALID_INPUT),
        ] {
            let expected = (target, dry_run, objections.to_vec());
            assert_eq!(planned(publish, false, trigger), expected, "{publish}, {trigger:?}");
            // A dry run sends nothing live from a merge request, and still needs to know what it would do.
            let objections = objections.iter().filter(|code| **code != "LIVE_FROM_PULL_REQUEST").copied();
            let expected = (target, true, objections.collect());
            assert_eq!(planned(publish, true, trigger), expected, "dry run, {publish}, {trigger:?}");
        }
    }
}
