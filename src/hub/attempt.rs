//! The publish conversation as a state machine: what to do next, after what came of the last action.
//!
//! Pure: no HTTP, no clock, no `await`. The driver reports each event with the time that is left, carries out the action
//! that [`Attempt::step`] returns, and does so until the action is [`Action::End`]. The rules, in full:
//!
//! - A receipt counts if it is for this function, with the status that was asked for; anything less is read back.
//! - A documented refusal is final, except for a conflict of versions: if what is published is our own content, it is a
//!   success. After any other response the request may have been carried out, and it is read back before it failed.
//! - Before a request is repeated, it is read back and decided again: another run may have published a newer version.
//! - Reads may lag behind writes: what the Hub accepted, or may have carried out, is read until it shows or the time is
//!   over. Then it is unconfirmed, neither a success nor a failure.
//! - The Hub's rate limit is waited out for as long as there is time.
//! - No action begins after the deadline, except for a last look where the rate limit leaves time but no request.

use std::time::Duration;

use fastrand::Rng;

use super::client::RemoteFunction;
use super::deadline::back_off;
use super::failure::NoResponse;
use super::receipt::{CarriedOut, Failure, PublishResponse};
use super::refusal::Refusal;
use super::response::FunctionRecord;
use crate::release::comparison::Comparison;
use crate::release::history::History;
use crate::release::plan::{Plan, Target};
use crate::text;

/// Share of the time left that one request may take: the rest is for reading back what became of it.
const MAX_SEND_SHARE: f64 = 0.6;

/// Share of the time left that a pause before reading back may take: the rest is for reading.
const MAX_PAUSE_SHARE: f64 = 0.25;

/// Least time for a request; less is none. One that is given up before it is answered may have been carried out.
const MIN_TIME: Duration = Duration::from_millis(100);

/// Most failed requests of one publish: with the back-off between them, they span a restart of the Hub.
const MAX_FAILURES: u32 = 5;

/// Most reads after a response that is most likely a refusal, or after requests that were surely not carried out.
const MAX_DOUBTFUL_READS: u32 = 6;

/// What happened since the last action.
#[derive(Debug, Clone)]
pub(super) enum Event {
    /// Whether what is published was read just now.
    Started {
        is_fresh: bool,
    },
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
    /// Read back without waiting for the rate limit.
    LastLook,
    Wait(Duration),
    End(Ending),
}

/// How a publish ended.
#[derive(Debug)]
pub(crate) enum Ending {
    /// Confirmed by the receipt, or by reading it back.
    Done(Box<FunctionRecord>),
    /// The Hub has it, and a person there decides whether it goes live.
    InReview(Box<FunctionRecord>),
    /// This version exists, published by another run in the meantime; how its content compares with ours.
    Exists(Comparison, Box<RemoteFunction>),
    /// Another run published a version in the meantime beside which this one may not be sent. Nothing was published.
    Overtaken(Box<RemoteFunction>),
    Refused(Refusal),
    /// Nothing was published; why.
    Unreachable(String),
    /// The same, until the owner of the pipeline changes something.
    Blocked(NoResponse),
    /// It may have been published; why that is not known.
    Unconfirmed(String),
}

/// What the Hub shows of the version that was sent, when it is read back.
#[derive(Debug, Clone)]
pub(super) enum Observation {
    /// The version; how its content compares with ours.
    There(Comparison, Box<RemoteFunction>),
    /// The version, waiting for a review.
    InReview(Box<FunctionRecord>),
    /// It is not there, and may be sent beside what is.
    NotThere,
    /// It does not show, and may not be sent beside what does.
    Overtaken(Box<RemoteFunction>),
    /// Only what hides it: a draft may be hidden by the published version, and an old version by the newest one.
    Hidden,
    /// It could not be read; why.
    Unknown(String),
}

/// What is to be read back, and why.
#[derive(Debug, Clone)]
enum Cause {
    /// Nothing was sent yet, and what was read before has become old.
    NotSent,
    Accepted(Box<FunctionRecord>),
    Conflict(Refusal),
    /// Any other refusal, documented or not.
    Refused(Refusal),
    /// It may be sent again, unless there were too many failures.
    Failed {
        reason: String,
        can_repeat: bool,
    },
}

/// The action that is under way.
#[derive(Debug, Clone)]
enum Phase {
    Started,
    Sending,
    BeforeRead(Cause),
    Reading(Cause),
    Ended,
}

/// The publish of one function, between two events.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    plan: Plan,
    /// Time left at the current event.
    time_left: Duration,
    jitter: Rng,
    failures: u32,
    /// Reads since the last request.
    reads: u32,
    /// Whether a request may have been carried out: then what is found on the Hub can be its result.
    in_doubt: bool,
    /// Whether nothing showed since a request that the Hub put off that it was not carried out: the response is no proof.
    is_unread: bool,
    has_looked_last: bool,
    /// Why the last read that had time left confirmed nothing.
    problem: Option<String>,
    phase: Phase,
}

/// The state after an event, and the action that follows.
type Step = (Attempt, Action);

impl Attempt {
    /// `seed` sets the jitter of all waits.
    pub(super) fn new(plan: Plan, seed: u64) -> Self {
        Self {
            plan,
            time_left: Duration::ZERO,
            jitter: Rng::with_seed(seed),
            failures: 0,
            reads: 0,
            in_doubt: false,
            is_unread: false,
            has_looked_last: false,
            problem: None,
            phase: Phase::Started,
        }
    }

    /// The next action, after an event with this time left for further requests.
    pub(super) fn step(mut self, event: Event, time_left: Duration) -> Step {
        self.time_left = if time_left < MIN_TIME { Duration::ZERO } else { time_left };
        match (std::mem::replace(&mut self.phase, Phase::Ended), event) {
            (Phase::Started, Event::Started { is_fresh: true }) => self.send(Cause::NotSent),
            (Phase::Started, Event::Started { is_fresh: false }) => self.read(Cause::NotSent),
            (Phase::Sending, Event::Sent(response)) => self.sent(response),
            (Phase::BeforeRead(cause), Event::Waited) => self.read(cause),
            (Phase::Reading(cause), Event::ReadBack(found)) => self.observed(cause, found),
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

    fn send(mut self, cause: Cause) -> Step {
        if self.time_left.is_zero() {
            return self.conclude(cause, "timed out before the request was sent".to_owned());
        }
        (self.reads, self.has_looked_last, self.problem) = (0, false, None);
        let limit = self.time_left.mul_f64(MAX_SEND_SHARE);
        self.then(Phase::Sending, Action::Send(limit))
    }

    fn sent(mut self, response: PublishResponse) -> Step {
        match response {
            PublishResponse::Confirmed(receipt) => self.end(Ending::Done(receipt)),
            PublishResponse::InReview(receipt) => self.end(Ending::InReview(receipt)),
            PublishResponse::Accepted(receipt) => self.read(Cause::Accepted(receipt)),
            PublishResponse::Refused(refusal) if !self.may_be_there() => self.end(Ending::Refused(refusal)),
            PublishResponse::Conflict(refusal) if !self.may_be_there() && self.plan.refuses_any_content() => {
                self.end(Ending::Refused(refusal))
            }
            PublishResponse::Conflict(refusal) => self.read(Cause::Conflict(refusal)),
            PublishResponse::Refused(refusal) => self.read(Cause::Refused(refusal)),
            PublishResponse::Unclear(refusal) => {
                // Only a success says that something was carried out.
                self.in_doubt |= (200..300).contains(&refusal.status);
                self.read(Cause::Refused(refusal))
            }
            // The rate limit delays the read, and the next request.
            PublishResponse::Busy(failure) => {
                self.doubt(failure.carried_out);
                self.read(Cause::Failed { reason: failure.reason, can_repeat: true })
            }
            PublishResponse::Failed(failure) => self.failed(failure),
            PublishResponse::Blocked(obstacle) if !self.may_be_there() => self.end(Ending::Blocked(obstacle)),
            PublishResponse::Blocked(obstacle) => {
                self.read(Cause::Failed { reason: obstacle.to_string(), can_repeat: false })
            }
        }
    }

    fn doubt(&mut self, carried_out: CarriedOut) {
        self.in_doubt |= carried_out == CarriedOut::Maybe;
        self.is_unread |= carried_out != CarriedOut::No;
    }

    /// Reads back after a pause, in which the Hub may finish what it began, and after which the request can be repeated.
    fn failed(mut self, failure: Failure) -> Step {
        self.failures += 1;
        self.doubt(failure.carried_out);
        let pause = back_off(self.failures, failure.retry_after, self.jitter.f64());
        let can_repeat = self.failures < MAX_FAILURES && pause < self.time_left;
        let cause = Cause::Failed { reason: failure.reason, can_repeat };
        if can_repeat {
            return self.then(Phase::BeforeRead(cause), Action::Wait(pause));
        }
        self.pause_and_read(cause)
    }

    fn pause_and_read(mut self, cause: Cause) -> Step {
        if self.time_left.is_zero() {
            return self.read(cause);
        }
        let longest = self.time_left.mul_f64(MAX_PAUSE_SHARE);
        let pause = back_off(self.reads.max(1), None, self.jitter.f64()).min(longest);
        self.then(Phase::BeforeRead(cause), Action::Wait(pause))
    }

    fn read(mut self, cause: Cause) -> Step {
        if self.time_left.is_zero() {
            if self.has_looked_last {
                return self.conclude(cause, "timed out".to_owned());
            }
            self.has_looked_last = true;
            return self.then(Phase::Reading(cause), Action::LastLook);
        }
        self.reads += 1;
        self.then(Phase::Reading(cause), Action::ReadBack)
    }

    /// What the last response, and what was found after it, come to.
    fn observed(mut self, cause: Cause, found: Observation) -> Step {
        self.is_unread &= matches!(found, Observation::Unknown(_) | Observation::Hidden);
        match (cause, found) {
            (Cause::Accepted(receipt), Observation::There(Comparison::Equal, remote)) => {
                self.end(Ending::Done(Box::new(receipt.updated_with(remote.record))))
            }
            (cause, Observation::There(Comparison::Equal, remote)) if self.may_be_ours(&cause) => {
                self.end(Ending::Done(Box::new(remote.record)))
            }
            (_, Observation::There(comparison, remote)) => self.end(Ending::Exists(comparison, remote)),
            (_, Observation::InReview(record)) => self.end(Ending::InReview(record)),
            (Cause::NotSent | Cause::Failed { .. }, Observation::Overtaken(remote)) if !self.in_doubt => {
                self.end(Ending::Overtaken(remote))
            }
            (cause @ Cause::NotSent, _)
            | (cause @ Cause::Failed { can_repeat: true, .. }, Observation::NotThere) => self.send(cause),
            (cause @ Cause::Failed { can_repeat: true, .. }, Observation::Hidden)
                if self.may_repeat_hidden() =>
            {
                self.send(cause)
            }
            (cause, Observation::Unknown(why)) => {
                self.linger(cause, format!("reading it back failed: {why}"))
            }
            (cause, Observation::NotThere | Observation::Hidden | Observation::Overtaken(_)) => {
                self.linger(cause, "the Hub does not show it".to_owned())
            }
        }
    }

    /// Whether what is found can be the result of a request of ours. A plain 409 says that it was there before.
    fn may_be_ours(&self, cause: &Cause) -> bool {
        match cause {
            Cause::Refused(refusal) => {
                self.in_doubt || (refusal.code.is_none() && !refusal.may_be_version_conflict())
            }
            Cause::NotSent | Cause::Accepted(_) | Cause::Conflict(_) | Cause::Failed { .. } => self.in_doubt,
        }
    }

    /// Whether a request may have been carried out, as far as nothing was read that says otherwise.
    fn may_be_there(&self) -> bool {
        self.in_doubt || self.is_unread
    }

    /// A draft can be sent twice; a version may be only if the first request surely was not carried out.
    fn may_repeat_hidden(&self) -> bool {
        self.plan.target == Target::Draft || !self.in_doubt
    }

    /// Reads again after a pause, if more time may show what became of it.
    fn linger(mut self, cause: Cause, problem: String) -> Step {
        let most_reads = match &cause {
            _ if self.may_be_there() => u32::MAX,
            Cause::Accepted(_) => u32::MAX,
            Cause::Conflict(_) if self.plan.target == Target::Live && !self.plan.accepts_any_content() => {
                u32::MAX
            }
            Cause::Failed { .. } => MAX_DOUBTFUL_READS,
            Cause::Refused(refusal) if !refusal.is_explained() => MAX_DOUBTFUL_READS,
            Cause::NotSent | Cause::Conflict(_) | Cause::Refused(_) => 1,
        };
        // What earlier reads found says more than that the last one was cut off.
        let earlier = self.problem.take().filter(|_| self.time_left.is_zero());
        let problem = earlier.unwrap_or(problem);
        if self.reads >= most_reads || (self.time_left.is_zero() && self.has_looked_last) {
            return self.conclude(cause, problem);
        }
        self.problem = Some(problem);
        self.pause_and_read(cause)
    }

    /// The ending where the Hub does not show the version.
    fn conclude(self, cause: Cause, problem: String) -> Step {
        let ending = match cause {
            Cause::NotSent => Ending::Unreachable(problem),
            Cause::Accepted(receipt) => {
                let status =
                    receipt.status.map(|status| format!(" with status `{}`", text::clean_line(&status)));
                Ending::Unconfirmed(format!(
                    "the Hub accepted it{}, but {problem}",
                    status.unwrap_or_default()
                ))
            }
            Cause::Conflict(_) if self.plan.accepts_any_content() => {
                Ending::Exists(Comparison::Unknown(problem), Box::new(History::Known(Vec::new()).into()))
            }
            Cause::Conflict(_) if self.may_be_there() || self.plan.target == Target::Live => {
                Ending::Unconfirmed(format!("the Hub has this version, but {problem}"))
            }
            Cause::Conflict(refusal) | Cause::Refused(refusal) if !self.may_be_there() => {
                Ending::Refused(refusal)
            }
            Cause::Conflict(refusal) | Cause::Refused(refusal) => {
                Ending::Unconfirmed(format!("{}; {problem}", refusal.reason()))
            }
            Cause::Failed { reason, .. } if self.may_be_there() => {
                Ending::Unconfirmed(format!("{reason}; {problem}"))
            }
            Cause::Failed { reason, .. } => Ending::Unreachable(reason),
        };
        self.end(ending)
    }
}

#[cfg(test)]
mod tests;
