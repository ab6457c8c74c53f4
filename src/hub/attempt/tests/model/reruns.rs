//! Runs at a quiet Hub: nothing fails, all reads show the present state, and nobody else publishes.

use super::machine::{Move, STARTED};
use super::properties::{is_right, may_refuse};
use super::reader::Opening;
use super::shelf::{Shelf, Verdict};
use super::transitions::Model;
use crate::hub::attempt::tests::events::{Answer, End, Happening, Look};

impl Model {
    /// Whether every job that is run again at a quiet Hub succeeds, or fails for a reason.
    pub(super) fn converges(&mut self, hub: Shelf) -> bool {
        let ways = [(Some(hub), Happening::Fresh), (Some(hub), Happening::Stale), (None, Happening::Fresh)];
        (0..self.scenario.jobs.len()).all(|at| {
            ways.iter().all(|(view, start)| {
                let job = self.scenario.jobs[at];
                match self.reader.open(self.scenario, at, *view) {
                    Opening::Send => self.succeeds(at, *start, hub),
                    opening @ (Opening::Unchanged | Opening::InReview | Opening::Refuse) => {
                        is_right(opening, job, hub)
                    }
                }
            })
        })
    }

    /// Whether a run at a quiet Hub, without any fault, succeeds, or fails for a reason.
    fn succeeds(&mut self, at: usize, start: Happening, mut hub: Shelf) -> bool {
        let (scenario, job) = (self.scenario, self.scenario.jobs[at]);
        let (mut state, mut happening, mut time) = (STARTED, start, scenario.ticks);
        loop {
            let stepped = self.machines[at].step(state, happening, time);
            state = stepped.state;
            happening = match stepped.action {
                Move::Start | Move::Wait => {
                    time = time.saturating_sub(1);
                    Happening::Waited
                }
                Move::Read | Move::LastLook => Happening::Read(self.reader.look(scenario, at, hub)),
                Move::Send => {
                    let (after, verdict) = hub.written(job, scenario);
                    hub = after;
                    Happening::Answered(match verdict {
                        Verdict::Done => Answer::Confirmed,
                        Verdict::InReview => Answer::InReview,
                        Verdict::Conflict => Answer::Conflict,
                    })
                }
                Move::End(end) => {
                    let is_hidden = self.reader.look(scenario, at, hub) == Look::Hidden;
                    return match end {
                        End::Done | End::InReview | End::Equal => true,
                        End::NotCompared => hub.live(job.version).is_some(),
                        // A version that the Hub never shows can't be confirmed.
                        End::Unconfirmed => is_hidden,
                        End::Different | End::Overtaken | End::RefusedAsConflict => may_refuse(job, hub),
                        End::Refused | End::Unreachable | End::Lost => false,
                    };
                }
            };
        }
    }
}
