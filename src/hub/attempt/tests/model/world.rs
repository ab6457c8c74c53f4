//! One moment of a scenario: the Hub, what reads still show of it, and each run.

use super::machine::{Move, STARTED, State};
use super::scenario::{Habit, MAX_JOBS, Scenario};
use super::shelf::Shelf;
use crate::hub::attempt::tests::events::{Answer, Happening, Look};
use crate::release::plan::Target;

/// Everything that decides what can happen next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct World {
    pub(super) hub: Shelf,
    /// The state that a read may still show.
    pub(super) shown: Shelf,
    pub(super) runs: [Run; MAX_JOBS],
    /// Requests of runs that are over, which the Hub may still carry out.
    pub(super) orphans: [bool; MAX_JOBS],
    pub(super) faults: u8,
    pub(super) reruns: u8,
}

/// One run of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Run {
    pub(super) stage: Stage,
    pub(super) state: State,
    /// Ticks left.
    pub(super) time: u8,
    /// Steps since the last tick.
    pub(super) steps: u8,
    pub(super) facts: Facts,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Stage {
    /// It has read nothing yet.
    Waiting,
    /// The machine asked for this.
    Next(Move),
    Ended,
}

/// What is true of a run. The machine does not see it: its claims are checked against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Fact {
    Sent = 1,
    /// What became of a request was left open by the response, or none came.
    LeftOpen = 2,
    /// It heard, or read, that its version exists.
    Known = 4,
    /// A request of its own was carried out. A draft that another one replaced counts as never saved.
    Carried = 8,
    /// A request of its own may be carried out later.
    Late = 16,
    /// A request or a read failed for another reason than the rate limit.
    Failed = 32,
    /// A request was put off by the Hub, and nothing was read since.
    PutOff = 128,
    /// A request was refused in a way that no documentation knows.
    Unclear = 64,
}

/// A set of facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct Facts(u8);

impl Facts {
    pub(super) fn has(self, fact: Fact) -> bool {
        self.0 & fact as u8 != 0
    }

    pub(super) fn set(&mut self, fact: Fact) {
        self.0 |= fact as u8;
    }

    pub(super) fn unset(&mut self, fact: Fact) {
        self.0 &= !(fact as u8);
    }

    /// What a run learns from an event.
    pub(super) fn learn(&mut self, happening: Happening) {
        match happening {
            Happening::Answered(answer) => {
                self.set(Fact::Sent);
                match answer {
                    Answer::Confirmed | Answer::InReview | Answer::Conflict => self.set(Fact::Known),
                    Answer::Partial => {
                        self.set(Fact::Known);
                        self.set(Fact::LeftOpen);
                    }
                    Answer::OddSuccess => self.set(Fact::LeftOpen),
                    Answer::Failed | Answer::FailedForLong => {
                        self.set(Fact::LeftOpen);
                        self.set(Fact::Failed);
                    }
                    Answer::NotSent => {
                        self.set(Fact::PutOff);
                        self.set(Fact::Failed);
                    }
                    Answer::Busy => self.set(Fact::PutOff),
                    Answer::Unclear | Answer::Explained => self.set(Fact::Unclear),
                    Answer::PlainConflict | Answer::Refused => {}
                }
            }
            Happening::Read(Look::Equal | Look::Different | Look::InReview) => self.set(Fact::Known),
            Happening::Read(Look::Unreadable) => self.set(Fact::Failed),
            Happening::Read(Look::NotThere | Look::Overtaken) => self.unset(Fact::PutOff),
            Happening::Fresh | Happening::Stale | Happening::Waited | Happening::Read(Look::Hidden) => {}
        }
    }
}

impl Run {
    fn waiting(ticks: u8) -> Self {
        Self { stage: Stage::Waiting, time: ticks, ..Self::ended() }
    }

    fn ended() -> Self {
        Self { stage: Stage::Ended, state: STARTED, time: 0, steps: 0, facts: Facts::default() }
    }
}

impl World {
    pub(super) fn new(scenario: &Scenario) -> Self {
        let mut runs = [Run::ended(); MAX_JOBS];
        runs[..scenario.jobs.len()].fill(Run::waiting(scenario.ticks));
        Self {
            hub: Shelf::default(),
            shown: Shelf::default(),
            runs,
            orphans: [false; MAX_JOBS],
            faults: scenario.faults,
            reruns: scenario.reruns,
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.runs.iter().all(|run| run.stage == Stage::Ended) && !self.orphans.contains(&true)
    }

    /// After a fault, if one more may happen.
    pub(super) fn with_fault(mut self) -> Option<Self> {
        self.faults = self.faults.checked_sub(1)?;
        Some(self)
    }

    /// After a write.
    pub(super) fn with_hub(mut self, hub: Shelf, scenario: &Scenario) -> Self {
        self.hub = hub;
        for (run, job) in self.runs.iter_mut().zip(scenario.jobs) {
            if job.plan.target == Target::Draft && hub.draft() != Some((job.version, job.text)) {
                run.facts.unset(Fact::Carried);
            }
        }
        if !scenario.has(Habit::ReadsLag) {
            self.shown = hub;
        }
        self
    }

    /// After the end of a run, whose last request may still be on its way.
    pub(super) fn with_end(mut self, at: usize) -> Self {
        self.orphans[at] |= self.runs[at].facts.has(Fact::Late);
        self.runs[at] = Run::ended();
        self
    }

    /// After the job was started again.
    pub(super) fn with_rerun(mut self, at: usize, scenario: &Scenario) -> Option<Self> {
        self.reruns = self.reruns.checked_sub(1)?;
        self = self.with_end(at);
        self.runs[at] = Run::waiting(scenario.ticks);
        Some(self)
    }
}
