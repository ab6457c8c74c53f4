//! The plan: what this run is to do, given its settings and what triggered it.

use crate::finding::{Code, Finding};
use crate::settings::Settings;
use crate::settings::ci::{Branch, Ci, Trigger};
use crate::settings::values::{OnExisting, Publish, Strategy};

/// Where a publish goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Target {
    Live,
    Draft,
}

impl Target {
    /// As in the JSON report.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Draft => "draft",
        }
    }
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
    /// Send only what was approved.
    pub(crate) is_approved: bool,
}

impl Plan {
    /// Works out the plan; objections to it are findings.
    pub(crate) fn of(settings: &Settings) -> (Self, Vec<Finding>) {
        let mut findings = Vec::new();
        let ci = &settings.ci;
        let (target, dry_run) = match settings.publish {
            Publish::Live => (Target::Live, false),
            Publish::Draft => (Target::Draft, false),
            Publish::Auto => automatic(ci).unwrap_or_else(|finding| {
                findings.push(finding);
                (Target::Live, true)
            }),
        };
        let mut dry_run = dry_run || settings.dry_run;
        if target == Target::Live && !dry_run && ci.trigger == Trigger::PullRequest {
            let message =
                "this run is for a pull or merge request, and would publish code live that is not merged";
            let hint = ci.untrusted_event.as_ref().map(|_| NOT_LIVE.to_owned());
            findings.push(Finding::new(Code::LiveFromPullRequest, message).with_optional_hint(hint));
            dry_run = true;
        }
        let Settings { on_existing, strategy, allow_create, .. } = *settings;
        (
            Self {
                target,
                dry_run,
                on_existing,
                strategy,
                allow_create,
                is_approved: settings.plan.is_some(),
            },
            findings,
        )
    }
}

/// How to go on where a run must not publish live, and `auto` decides nothing.
const NOT_LIVE: &str = "set `publish: false` (a draft), or `publish: true` with `dry-run: true`";

/// What `publish: auto` comes to: the target, and whether it is a dry run.
fn automatic(ci: &Ci) -> Result<(Target, bool), Finding> {
    let refused = |reason: &str, hint: String| {
        let message = format!("input `publish` is `auto`, and {reason}");
        Err(Finding::new(Code::InvalidInput, message).with_hint(hint))
    };
    let explicit = "set `publish` to `true` (live) or `false` (draft) here";
    if let Some(event) = &ci.untrusted_event {
        let reason = format!(
            "a job for the event `{event}` has this repository's secrets and may run code that is not merged"
        );
        let hint = match ci.trigger {
            Trigger::PullRequest => NOT_LIVE.to_owned(),
            Trigger::Branch(_) | Trigger::Tag(_) | Trigger::Unknown => {
                "set `publish` to `false` (draft), or to `true` (live) if this job checks out merged code only".to_owned()
            }
        };
        return refused(&reason, hint);
    }
    match ci.trigger {
        Trigger::Branch(Branch::Default) | Trigger::Tag(_) => Ok((Target::Live, false)),
        Trigger::Branch(Branch::Other) => Ok((Target::Draft, false)),
        Trigger::PullRequest => Ok((Target::Live, true)),
        Trigger::Branch(Branch::Unknown(variable)) => {
            let reason = "this CI says which branch the run is for, but not which branch is the default one";
            refused(
                reason,
                match variable {
                    Some(variable) => format!(
                        "pass `{variable}` on to this step: it leads to the name of the default branch, and is missing or incomplete; or {explicit}"
                    ),
                    None => format!("{explicit}, by a condition on the branch"),
                },
            )
        }
        Trigger::Unknown => refused("this CI does not say what triggered the run", explicit.to_owned()),
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
        is_approved: false,
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
    const FORK: &str = "GITHUB_EVENT_NAME=pull_request_target GITHUB_REF=refs/heads/main";
    const COMMENT: &str = "GITHUB_EVENT_NAME=issue_comment GITHUB_REF=refs/heads/main";
    const TAG_OF_A_STRANGER: &str = "GITHUB_EVENT_NAME=workflow_run GITHUB_REF=refs/tags/v1.0.0";

    /// What a run with these inputs is to do, and the codes of the objections.
    fn planned(publish: &str, dry_run: bool, trigger: &str) -> (Target, bool, Vec<&'static str>) {
        let variables = trigger.split_whitespace().filter_map(|variable| variable.split_once('='));
        let dry_run = if dry_run { "true" } else { "false" };
        let ci = if trigger.contains("GITHUB_") { "GITHUB_ACTIONS" } else { "GITLAB_CI" };
        let inputs = [(ci, "true"), ("AEROSTACK_PUBLISH", publish), ("AEROSTACK_DRY_RUN", dry_run)];
        let (plan, objections) = plan_of(inputs.into_iter().chain(variables));
        (plan.target, plan.dry_run, objections.iter().map(|finding| finding.code.name()).collect())
    }

    fn plan_of<'v>(variables: impl IntoIterator<Item = (&'v str, &'v str)>) -> (Plan, Vec<Finding>) {
        let (settings, findings) = Settings::read(&Env::of("/", variables));
        assert!(findings.is_empty(), "{findings:?}");
        Plan::of(&settings)
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
            ("true", MERGE_REQUEST, Live, true, LIVE_FROM_PULL_REQUEST),
            ("true", FORK, Live, true, LIVE_FROM_PULL_REQUEST),
            ("true", COMMENT, Live, false, &[]),
            ("true", TAG_OF_A_STRANGER, Live, false, &[]),
            ("false", TAG, Draft, false, &[]),
            ("false", DEFAULT_BRANCH, Draft, false, &[]),
            ("false", OTHER_BRANCH, Draft, false, &[]),
            ("false", NOTHING, Draft, false, &[]),
            ("false", MERGE_REQUEST, Draft, false, &[]),
            ("false", FORK, Draft, false, &[]),
            ("false", COMMENT, Draft, false, &[]),
            ("auto", TAG, Live, false, &[]),
            ("auto", DEFAULT_BRANCH, Live, false, &[]),
            ("auto", OTHER_BRANCH, Draft, false, &[]),
            ("auto", MERGE_REQUEST, Live, true, &[]),
            ("auto", ANY_BRANCH, Live, true, INVALID_INPUT),
            ("auto", NOTHING, Live, true, INVALID_INPUT),
            ("auto", FORK, Live, true, INVALID_INPUT),
            ("auto", COMMENT, Live, true, INVALID_INPUT),
            ("auto", TAG_OF_A_STRANGER, Live, true, INVALID_INPUT),
        ] {
            let expected = (target, dry_run, objections.to_vec());
            assert_eq!(planned(publish, false, trigger), expected, "{publish}, {trigger:?}");
            // A dry run sends nothing live from a merge request, and still needs to know what it would do.
            let objections = objections.iter().filter(|code| **code != "LIVE_FROM_PULL_REQUEST").copied();
            let expected = (target, true, objections.collect());
            assert_eq!(planned(publish, true, trigger), expected, "dry run, {publish}, {trigger:?}");
        }
    }

    #[test]
    fn what_auto_is_missing_is_said() {
        let github = |event| {
            [("GITHUB_ACTIONS", "true"), ("GITHUB_EVENT_NAME", event), ("GITHUB_REF", "refs/heads/x")]
        };
        for (variables, message, hint) in [
            (&[][..], "what triggered the run", "`true`"),
            (&[("TF_BUILD", "True")], "what triggered the run", "`true`"),
            (
                &[("TF_BUILD", "True"), ("BUILD_SOURCEBRANCH", "refs/heads/x")],
                "default one",
                "a condition on the branch",
            ),
            (&[("CIRCLECI", "true"), ("CIRCLE_BRANCH", "x")], "default one", "a condition on the branch"),
            (&[("JENKINS_URL", "u"), ("BRANCH_NAME", "x")], "default one", "a condition on the branch"),
            (&[("DRONE", "true"), ("DRONE_BRANCH", "x")], "default one", "`DRONE_REPO_BRANCH`"),
            (&[("CI", "woodpecker"), ("CI_COMMIT_BRANCH", "x")], "default one", "`CI_REPO_DEFAULT_BRANCH`"),
            (&github("push"), "default one", "`GITHUB_EVENT_PATH`"),
            (&github("repository_dispatch"), "`repository_dispatch`", "merged code only"),
            (&github("pull_request_target"), "`pull_request_target`", "`dry-run: true`"),
        ] {
            let auto = [("AEROSTACK_PUBLISH", "auto")];
            let (_, objections) = plan_of(auto.into_iter().chain(variables.iter().copied()));
            let [finding] = objections.as_slice() else { panic!("{variables:?}: {objections:?}") };
            assert!(
                finding.message.contains(message) && finding.hint.contains(hint),
                "{variables:?}: {finding:?}"
            );
        }
    }
}
