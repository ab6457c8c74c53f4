//! The properties, by name, and how each is checked.

use super::machine::{Move, Stepped};
use super::reader::Opening;
use super::scenario::Job;
use super::shelf::Shelf;
use super::world::{Fact, Facts};
use crate::hub::attempt::tests::events::{End, Happening, Look};
use crate::release::plan::Target;
use crate::settings::values::{OnExisting, Strategy};

/// Most steps of a run between two ticks: from a request to the end, with a read before and after it.
const MAX_STEPS: u8 = 8;

/// What must hold in every order of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(non_camel_case_types, reason = "they are named as tests are")]
pub(super) enum Property {
    /// No run sends a version live that it knows to exist.
    live_at_most_once,
    /// No run repeats a request without reading back first that it was not carried out; a version that the Hub would not
    /// show is never repeated in doubt.
    read_back_before_repeat,
    /// No run repeats a request, nor sends its first one late, over a newer version that the last read showed.
    never_older_over_newer_by_own_repeat,
    /// What a run says at its end is so, or was since it began.
    every_claim_true,
    /// No author is blamed for a version that exists with the same content, unless `on-existing` is `fail`.
    author_not_blamed_for_identical_content,
    /// No run says that it does not know, or that the Hub is busy, as long as it has time.
    waits_as_long_as_it_may,
    /// No request, and no wait, begins without time, or takes all that is left.
    nothing_after_the_deadline,
    /// Time passes in every cycle, so that each run ends.
    every_run_ends,
    /// Once the Hub is quiet, a run of the same job succeeds, unless its version is taken or too low.
    reruns_converge,
}

use Property::{
    author_not_blamed_for_identical_content, every_claim_true, every_run_ends, live_at_most_once,
    never_older_over_newer_by_own_repeat, nothing_after_the_deadline, read_back_before_repeat,
    reruns_converge, waits_as_long_as_it_may,
};

/// All of them.
pub(super) const PROPERTIES: [Property; 9] = [
    live_at_most_once,
    read_back_before_repeat,
    never_older_over_newer_by_own_repeat,
    every_claim_true,
    author_not_blamed_for_identical_content,
    waits_as_long_as_it_may,
    nothing_after_the_deadline,
    every_run_ends,
    reruns_converge,
];

/// One step of a run, and what was so at that moment.
pub(super) struct Moment {
    pub(super) job: Job,
    pub(super) facts: Facts,
    pub(super) happening: Happening,
    /// What the run was shown, if the event was a read.
    pub(super) seen: Option<Shelf>,
    pub(super) hub: Shelf,
    /// The time that was left, as the run was told.
    pub(super) ticks: u8,
    /// Steps since the last tick.
    pub(super) steps: u8,
    pub(super) stepped: Stepped,
}

impl Moment {
    /// The properties that do not hold.
    pub(super) fn broken(&self) -> Vec<Property> {
        let (job, facts) = (self.job, self.facts);
        let is_live = job.plan.target == Target::Live;
        let mut broken = Vec::new();
        let mut must = |holds: bool, property| {
            if !holds {
                broken.push(property);
            }
        };
        must(self.stepped.is_in_time, nothing_after_the_deadline);
        must(self.steps <= MAX_STEPS, every_run_ends);
        match self.stepped.action {
            Move::Send => {
                must(!is_live || !facts.has(Fact::Known), live_at_most_once);
                must(self.is_sent_knowingly(), read_back_before_repeat);
                let saw_newer = self.seen.is_some_and(|seen| seen.has_newer(job.version));
                let is_free = !is_live || job.plan.strategy == Strategy::All;
                must(is_free || !saw_newer, never_older_over_newer_by_own_repeat);
            }
            Move::End(end) => {
                must(end != End::Lost, every_run_ends);
                must(self.is_true(end), every_claim_true);
                must(self.is_fair(end), author_not_blamed_for_identical_content);
                must(self.ticks == 0 || !self.gives_up(end), waits_as_long_as_it_may);
            }
            Move::Start | Move::Read | Move::LastLook | Move::Wait => {}
        }
        broken
    }

    fn is_sent_knowingly(&self) -> bool {
        match self.happening {
            Happening::Fresh | Happening::Read(Look::NotThere) => true,
            Happening::Read(Look::Hidden) => {
                self.job.plan.target == Target::Draft || !self.facts.has(Fact::LeftOpen)
            }
            Happening::Read(Look::Unreadable) => !self.facts.has(Fact::Sent),
            Happening::Stale | Happening::Waited | Happening::Answered(_) | Happening::Read(_) => false,
        }
    }

    fn is_true(&self, end: End) -> bool {
        let (job, hub) = (self.job, self.hub);
        let was_not_carried_out = !self.facts.has(Fact::Carried) && !self.facts.has(Fact::Late);
        let may_be_by_own_request =
            [Fact::Carried, Fact::LeftOpen, Fact::Unclear].iter().any(|fact| self.facts.has(*fact));
        match end {
            End::Done => hub.has(job) && may_be_by_own_request,
            End::Equal => hub.has(job),
            End::InReview => hub.in_review(job.version) == Some(job.text) || hub.has(job),
            End::Different => hub.has_other(job),
            End::NotCompared => hub.live(job.version).is_some() || hub.in_review(job.version).is_some(),
            End::Overtaken => was_not_carried_out && hub.has_newer(job.version),
            End::RefusedAsConflict | End::Refused | End::Unreachable => was_not_carried_out,
            End::Unconfirmed => {
                [Fact::LeftOpen, Fact::Known, Fact::PutOff].iter().any(|fact| self.facts.has(*fact))
            }
            End::Lost => false,
        }
    }

    fn is_fair(&self, end: End) -> bool {
        let blames_author = matches!(end, End::Different | End::RefusedAsConflict)
            || end == End::NotCompared && self.job.plan.on_existing != OnExisting::Skip;
        let is_same = self.job.plan.target == Target::Live && self.hub.has(self.job);
        !blames_author || !is_same || self.job.plan.on_existing == OnExisting::Fail
    }

    fn gives_up(&self, end: End) -> bool {
        end == End::Unconfirmed || end == End::Unreachable && !self.facts.has(Fact::Failed)
    }
}

/// Whether what a run decides before its first request is true.
pub(super) fn is_right(opening: Opening, job: Job, hub: Shelf) -> bool {
    let is_skip = job.plan.on_existing == OnExisting::Skip && hub.live(job.version).is_some();
    match opening {
        Opening::Send => true,
        Opening::Unchanged => hub.live(job.version) == Some(job.text) || is_skip,
        Opening::InReview => hub.in_review(job.version) == Some(job.text) || hub.has(job),
        Opening::Refuse => may_refuse(job, hub),
    }
}

/// Whether a job may fail for a reason that its author can do something about.
pub(super) fn may_refuse(job: Job, hub: Shelf) -> bool {
    let is_there = hub.live(job.version).is_some() || hub.in_review(job.version).is_some();
    let is_too_low = job.plan.strategy == Strategy::Upgrade && hub.has_newer(job.version);
    let is_refused_draft = job.plan.target == Target::Draft && hub.live(job.version).is_some();
    hub.has_other(job)
        || is_refused_draft
        || is_there && job.plan.on_existing == OnExisting::Fail
        || !is_there && is_too_low
}
