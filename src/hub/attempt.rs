//! The publish conversation as a state machine: what to do next, after what came of the last action.
//!
//! Pure: no HTTP, no clock, no `await`. The driver reports each event with the time that is left, carries out the action
//! that [`Attempt::step`] returns, and does so until the action is [`Action::End`]. The rules, in full:
//!
//! - A request that may have been carried out is in doubt. It is not repeated before reading back showed that the version
//!   is not there (or, for a draft, that the Hub may hide it).
//! - A receipt counts if its status is the one that was asked for; otherwise the function is read back.
//! - A refusal is final, except for a version conflict: if what is published is our own content, it is a success.
//! - No action begins after the deadline. What is still in doubt then is unconfirmed, neither a success nor a failure.

use std::time::Duration;

use fastrand::Rng;

use super::client::RemoteFunction;
use super::deadline::back_off;
use super::refusal::Refusal;
use super::response::PublishResponse::{self, Accepted, Failed, Refused};
use super::response::{DRAFT, Failure, FunctionRecord, PUBLISHED};
use crate::release::comparison::Comparison;
use crate::release::history::History;
use crate::release::plan::Target;
use crate::text;

/// Share of the time left that one request may take: the rest is for reading back what became of it.
const MAX_SEND_SHARE: f64 = 0.6;

/// Share of the time left that a pause before reading back may take: the rest is for reading.
const MAX_PAUSE_SHARE: f64 = 0.25;

/// Most requests of one publish, the first included: with the back-off between them, they span a restart of the Hub.
const MAX_SENDS: u32 = 5;

/// Most reads after a receipt that does not suffice: reads may lag a moment behind writes.
const MAX_CONFIRM_READS: u32 = 3;

/// What happened since the last action.
#[derive(Debug, Clone)]
pub(super) enum Event {
    Started,
    Sent(PublishResponse),
    ReadBack(Observation),
    Waited,
}

/// What the driver has to do next.
#[derive(Debug)]
pub(super) enum Action {
    /// Send the publish, and give up after this time.
    Send(Duration),
    ReadBack,
    Wait(Duration),
    End(Ending),
}

/// How a publish ended.
#[derive(Debug)]
pub(crate) enum Ending {
    /// Confirmed by the receipt, or by reading it back.
    Done(Box<FunctionRecord>),
    /// Another run published this version in the meantime; how its content compares with ours.
    Exists(Comparison, Box<RemoteFunction>),
    Refused(Refusal),
    /// Nothing was published; why.
    Unreachable(String),
    /// It may have been published; why that is not known.
    Unconfirmed(String),
}

/// What the Hub shows of the version that was sent, when it is read back.
#[derive(Debug, Clone)]
pub(super) enum Observation {
    /// The version; how its content compares with ours.
    There(Comparison, Box<RemoteFunction>),
    NotThere,
    /// Only the published version: a draft may exist that the Hub does not show.
    Hidden,
    /// It could not be read; why.
    Unknown(String),
}

/// The action that is under way.
#[derive(Debug, Clone)]
enum Phase {
    /// The start, or a wait before the next request.
    BeforeSend,
    Sending,
    /// A pause before reading back, which shows what the response leaves open.
    BeforeRead(PublishResponse),
    Reading(PublishResponse),
    Ended,
}

/// The publish of one function, between two events.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    /// The status that was asked for.
    expected: &'static str,
    /// Time left at the current event.
    time_left: Duration,
    jitter: Rng,
    sends: u32,
    /// Reads since the last request.
    reads: u32,
    /// Whether a request may have been carried out: then what is found on the Hub can be its result.
    in_doubt: bool,
    /// Whether a draft may be there that the Hub does not show.
    may_be_hidden: bool,
    phase: Phase,
}

/// The state after an event, and the action that follows.
type Step = (Attempt, Action);

impl Attempt {
    /// `seed` sets the jitter of all waits.
    pub(super) fn new(target: Target, seed: u64) -> Self {
        Self {
            expected: if target == Target::Live { PUBLISHED } else { DRAFT },
            time_left: Duration::ZERO,
            jitter: Rng::with_seed(seed),
            sends: 0,
            reads: 0,
            in_doubt: false,
            may_be_hidden: false,
            phase: Phase::BeforeSend,
        }
    }

    /// The next action, after an event with this time left before the deadline.
    pub(super) fn step(mut self, event: Event, time_left: Duration) -> Step {
        self.time_left = time_left;
        match (std::mem::replace(&mut self.phase, Phase::Ended), event) {
            (Phase::BeforeSend, Event::Started | Event::Waited) => self.send(),
            (Phase::Sending, Event::Sent(response)) => self.sent(response),
            (Phase::BeforeRead(response), Event::Waited) => self.read(response),
            (Phase::Reading(response), Event::ReadBack(found)) => self.observed(response, found),
            // An event that does not answer the action: a mistake in the driver, after which nothing is known.
            _ => self.end(Ending::Unconfirmed("internal error: unexpected event".to_owned())),
        }
    }

    fn then(mut self, phase: Phase, action: Action) -> Step {
        self.phase = phase;
        (self, action)
    }

    fn end(self, ending: Ending) -> Step {
        self.then(Phase::Ended, Action::End(ending))
    }

    fn send(mut self) -> Step {
        if self.time_left.is_zero() {
            return self.give_up("timed out before the request was sent".to_owned());
        }
        (self.sends, self.reads) = (self.sends + 1, 0);
        let limit = self.time_left.mul_f64(MAX_SEND_SHARE);
        self.then(Phase::Sending, Action::Send(limit))
    }

    fn sent(mut self, response: PublishResponse) -> Step {
        self.in_doubt |= matches!(&response, Failed(failure) if failure.in_doubt);
        match response {
            // A receipt with the status that was asked for is proof. Any other is checked.
            Accepted(receipt) if receipt.status.as_deref() == Some(self.expected) => {
                self.end(Ending::Done(receipt))
            }
            Refused(refusal) if !refusal.may_be_version_conflict() => self.end(Ending::Refused(refusal)),
            Failed(failure) if !self.in_doubt => self.repeat(failure),
            // This request, or an earlier one, may have been carried out: that is read back before it is repeated.
            Failed(_) => self.pause_and_read(response),
            Accepted(_) | Refused(_) => self.read(response),
        }
    }

    fn repeat(mut self, failure: Failure) -> Step {
        let duration = back_off(self.sends, failure.retry_after, self.jitter.f64());
        if self.sends >= MAX_SENDS || duration >= self.time_left {
            return self.give_up(failure.reason);
        }
        self.then(Phase::BeforeSend, Action::Wait(duration))
    }

    fn give_up(self, reason: String) -> Step {
        let ending = if self.may_be_hidden {
            Ending::Unconfirmed(format!("{reason}; the Hub shows only the published version"))
        } else {
            Ending::Unreachable(reason)
        };
        self.end(ending)
    }

    /// Reads back after a pause, in which the Hub may finish what it began.
    fn pause_and_read(mut self, response: PublishResponse) -> Step {
        if self.time_left.is_zero() {
            return self.read(response);
        }
        let longest = self.time_left.mul_f64(MAX_PAUSE_SHARE);
        // Longer after each request, and after each read that a receipt was followed by.
        let duration = back_off(self.sends.max(self.reads), None, self.jitter.f64()).min(longest);
        self.then(Phase::BeforeRead(response), Action::Wait(duration))
    }

    fn read(mut self, response: PublishResponse) -> Step {
        if self.time_left.is_zero() {
            return self.observed(response, Observation::Unknown("timed out".to_owned()));
        }
        self.reads += 1;
        self.then(Phase::Reading(response), Action::ReadBack)
    }

    /// What the response and what was found after it come to.
    fn observed(mut self, response: PublishResponse, found: Observation) -> Step {
        let mut problem = "does not show it".to_owned();
        if let Observation::Unknown(why) = &found {
            problem = format!("reading it back failed: {why}");
        }
        let ending = match (response, found) {
            // It did not arrive, so that it can be repeated. A draft can be repeated in any case.
            (Failed(failure), found @ (Observation::NotThere | Observation::Hidden)) => {
                self.may_be_hidden = matches!(found, Observation::Hidden);
                return self.repeat(failure);
            }
            (Failed(failure), Observation::Unknown(why)) => {
                Ending::Unconfirmed(format!("{}; reading back failed: {why}", failure.reason))
            }
            (receipt @ Accepted(_), Observation::NotThere) if self.reads < MAX_CONFIRM_READS => {
                return self.pause_and_read(receipt);
            }
            (Accepted(receipt), Observation::There(Comparison::Equal, remote)) => {
                Ending::Done(Box::new(receipt.updated_with(remote.record)))
            }
            // Where nothing can be read, a receipt that names the function is enough.
            (Accepted(receipt), Observation::Unknown(_) | Observation::Hidden)
                if receipt.status.is_none() && receipt.identifies_function() =>
            {
                Ending::Done(receipt)
            }
            (Accepted(receipt), _) => {
                let with_status = |status: String| format!("with status `{}`", text::clean_line(&status));
                let problem = receipt.status.map_or(problem, with_status);
                Ending::Unconfirmed(format!("the Hub accepted it, but {problem}"))
            }
            // Where a request of ours is in doubt, it has published this version.
            (Failed(_) | Refused(_), Observation::There(Comparison::Equal, remote)) if self.in_doubt => {
                Ending::Done(Box::new(remote.record))
            }
            (Failed(_) | Refused(_), Observation::There(comparison, remote)) => {
                Ending::Exists(comparison, remote)
            }
            (Refused(refusal), _) if refusal.code.is_none() => Ending::Refused(refusal),
            (Refused(_), _) if self.in_doubt => {
                Ending::Unconfirmed(format!("the Hub has this version, but {problem}"))
            }
            (Refused(_), Observation::Unknown(why)) => {
                Ending::Exists(Comparison::Unknown(why), Box::new(History::Known(Vec::new()).into()))
            }
            (Refused(refusal), Observation::NotThere | Observation::Hidden) => Ending::Refused(refusal),
        };
        self.end(ending)
    }
}

#[cfg(test)]
mod tests;
