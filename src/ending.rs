//! What the end of a publish means: for the function's status, and for whoever reads the report.

use crate::finding::{Code, Finding};
use crate::function::load::Function;
use crate::hub::attempt::Ending;
use crate::hub::response::FunctionRecord;
use crate::release::comparison::Comparison;
use crate::release::decision::{Decision, decide, decide_after_publish};
use crate::release::plan::{Plan, Target};
use crate::release::review::{in_review, other_in_review};
use crate::status::Status;

/// What the end of a publish came to.
#[derive(Default)]
pub(crate) struct Ended {
    /// `None` where the findings say it.
    pub(crate) status: Option<Status>,
    /// Whether exactly this content is live under this version now.
    pub(crate) is_live: bool,
    /// What the Hub says of the function.
    pub(crate) record: Option<FunctionRecord>,
    pub(crate) findings: Vec<Finding>,
}

impl From<Finding> for Ended {
    fn from(finding: Finding) -> Self {
        Self { findings: vec![finding], ..Self::default() }
    }
}

/// What an ending means for a function.
pub(crate) fn ended(ending: Ending, function: &Function, plan: Plan) -> Ended {
    let is_live_target = plan.target == Target::Live;
    let manifest = function.manifest.source.whole();
    match ending {
        Ending::Done(record) => {
            let status = if is_live_target { Status::Published } else { Status::Draft };
            Ended { status: Some(status), is_live: is_live_target, record: Some(*record), ..Ended::default() }
        }
        Ending::InReview(record) => {
            Ended { status: Some(Status::InReview), record: Some(*record), ..in_review(function).into() }
        }
        Ending::Exists(Comparison::Different(changes), remote)
            if remote.waits_for_review(&function.version) =>
        {
            other_in_review(function, &changes).into()
        }
        Ending::Exists(comparison, remote) => {
            let is_live = is_live_target && comparison == Comparison::Equal;
            let (decision, findings) = decide_after_publish(function, &remote.history, &comparison, plan);
            let is_unchanged = decision == Decision::Unchanged;
            let (status, record) =
                (is_unchanged.then_some(Status::Unchanged), is_unchanged.then_some(remote.record));
            Ended { status, is_live, record, findings }
        }
        Ending::Overtaken(remote) => {
            let not_read = Comparison::Unknown("it was not read".to_owned());
            let (_, mut findings) = decide(function, &remote.history, &not_read, None, plan);
            if plan.is_approved {
                let newest =
                    remote.history.newest().map_or("none".to_owned(), |newest| format!("`{newest}`"));
                let message = format!("the previous version is another one than was approved: {newest}");
                findings.push(Finding::new(Code::PlanChanged, message).at(manifest));
            }
            Ended { findings, ..Ended::default() }
        }
        Ending::Refused(refusal) => refusal.finding(function).into(),
        Ending::Unreachable(reason) => {
            Finding::new(Code::HubUnreachable, format!("not published: {reason}")).at(manifest).into()
        }
        Ending::Blocked(obstacle) => obstacle.finding("not published: ").at(manifest).into(),
        Ending::Unconfirmed(reason) => {
            let message = format!("could not confirm whether this function was published: {reason}");
            Finding::new(Code::Unconfirmed, message).at(manifest).into()
        }
    }
}
