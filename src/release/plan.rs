//! The plan: what this run is to do, given its settings and what triggered it.

use super::decision::{Policy, Target};
use crate::finding::{Code, Finding};
use crate::settings::Settings;
use crate::settings::ci::{Branch, Trigger};
use crate::settings::values::Publish;

/// What this run is to do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) policy: Policy,
    /// Send nothing.
    pub(crate) dry_run: bool,
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
        let policy = Policy {
            target,
            on_existing: settings.on_existing,
            strategy: settings.strategy,
            allow_create: settings.allow_create,
        };
        (Self { policy, dry_run }, findings)
    }
}
