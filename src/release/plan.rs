//! The plan: what this run is to do, out of the inputs and of what triggered it.

use crate::finding::{Code, Finding};
use crate::release::decision::{Policy, Target};
use crate::settings::ci::{Branch, Ci, Trigger};
use crate::settings::inputs::{Inputs, Publish};

/// What this run is to do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) policy: Policy,
    /// Send nothing.
    pub(crate) dry_run: bool,
}

impl Plan {
    /// Works it out; what stands against it is in the findings.
    pub(crate) fn of(inputs: &Inputs, platform: &Ci) -> (Self, Vec<Finding>) {
        let mut findings = Vec::new();
        let (target, dry_run) = match (inputs.publish, &platform.trigger) {
            (Publish::Live, _) | (Publish::Auto, Trigger::Branch(Branch::Default) | Trigger::Tag(_)) => {
                (Target::Live, false)
            }
            (Publish::Draft, _) | (Publish::Auto, Trigger::Branch(Branch::Other)) => (Target::Draft, false),
            (Publish::Auto, Trigger::PullRequest) => (Target::Live, true),
            (Publish::Auto, Trigger::Branch(Branch::Unknown) | Trigger::Unknown) => {
                let message = "input `publish` is `auto`, and this CI does not tell what triggered the run";
                let finding = Finding::new(Code::InvalidInput, message);
                findings.push(finding.with_hint("set `publish` to `true` (live) or `false` (draft) here"));
                (Target::Live, true)
            }
        };
        let dry_run = dry_run || inputs.dry_run;
        if target == Target::Live && !dry_run && platform.trigger == Trigger::PullRequest {
            let message =
                "this run is for a pull or merge request, and publishes live what is not merged yet";
            findings.push(Finding::new(Code::LiveFromPullRequest, message));
        }
        let policy = Policy {
            target,
            on_existing: inputs.on_existing,
            strategy: inputs.strategy,
            allow_create: inputs.allow_create,
        };
        (Self { policy, dry_run }, findings)
    }
}
