//! The publish conversation as a state machine: what to do next, after what came of the last action.
//!
//! Pure: no HTTP, no clock, no `await`. The driver reports each event with the time it happened at, carries out the action
//! that [`Attempt::step`] returns, and does so until the action is [`Action::End`]. The rules, in full:
//!
//! - A request that may have been carried out is in doubt. It is not repeated before reading back showed that the version
//!   is not there (or, for a draft, that the Hub may hide it).
//! - A receipt counts if its status is the one that was asked for; otherwise the function is read back.
//! - A refusal is final, except for a version conflict: if what is published is our own content, it is a success.
//! - No action begins after the deadline. What is still in doubt then is unconfirmed, neither a success nor a failure.

use std::time::Duration;

use fastrand::Rng;

use super::deadline::back_off;
use super::publish_response::{Failure, PublishResponse};
use super::refusal::Refusal;
use super::response::{DRAFT, FunctionRecord, PUBLISHED};
use crate::finding::Code;
use crate::release::comparison::Comparison;
use crate::release::decision::Target;
use crate::release::history::History;
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
    /// Another run published the same content in the meantime.
    Unchanged(Box<FunctionRecord>),
    /// Another run published this version with different content.
    Conflict {
        comparison: Comparison,
        history: History,
    },
    Refused(Refusal),
    /// Nothing was published; why.
    Unreachable(String),
    /// It may have been published; why that is not known.
    Unconfirmed(String),
}

/// What the Hub shows of the version that was sent, when it is read back.
#[derive(Debug, Clone)]
pub(super) enum Observation {
    /// The version, with our content.
    Ours(Box<FunctionRecord>),
    /// The version, with different content.
    Other(Comparison, History),
    NotThere,
    /// Only the published version: a draft may exist that the Hub does not show.
    Hidden,
    /// It could not be read; why.
    Unknown(String),
}

/// The question that reading back answers.
#[derive(Debug, Clone)]
enum Question {
    /// Was the request carried out, although it failed?
    Arrived(Failure),
    /// Was it stored, as the receipt says? The number counts the reads so far, this one included.
    Stored(Box<FunctionRecord>, u32),
    /// The version exists already: is its content our own?
    IsOurs(Refusal),
}

/// The action that is under way.
#[derive(Debug, Clone)]
enum Phase {
    /// The start, or a wait before the next request.
    BeforeSend,
    Sending,
    BeforeRead(Question),
    Reading(Question),
    Ended,
}

/// The publish of one function, between two events.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    target: Target,
    /// Time for the whole conversation.
    time: Duration,
    /// Time left at the current event.
    time_left: Duration,
    jitter: Rng,
    sends: u32,
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
    pub(super) fn new(target: Target, time: Duration, seed: u64) -> Self {
        let (sends, in_doubt, may_be_hidden, phase) = (0, false, false, Phase::BeforeSend);
        let jitter = Rng::with_seed(seed);
        Self { target, time, time_left: time, jitter, sends, in_doubt, may_be_hidden, phase }
    }

    /// The next action, after an event `now`, counted from the start.
    pub(super) fn step(mut self, event: Event, now: Duration) -> Step {
        self.time_left = self.time.saturating_sub(now);
        match (std::mem::replace(&mut self.phase, Phase::Ended), event) {
            (Phase::BeforeSend, Event::Started | Event::Waited) => self.send(),
            (Phase::Sending, Event::Sent(response)) => self.sent(response),
            (Phase::BeforeRead(question), Event::Waited) => self.read(question),
            (Phase::Reading(question), Event::ReadBack(found)) => self.observed(question, found),
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
        self.sends += 1;
        let limit = self.time_left.mul_f64(MAX_SEND_SHARE);
        self.then(Phase::Sending, Action::Send(limit))
    }

    fn sent(mut self, response: PublishResponse) -> Step {
        let expected = match self.target {
            Target::Live => PUBLISHED,
            Target::Draft => DRAFT,
        };
        match response {
            PublishResponse::Accepted(receipt) if receipt.status.as_deref() == Some(expected) => {
                self.end(Ending::Done(receipt))
            }
            PublishResponse::Accepted(receipt) => self.read(Question::Stored(receipt, 1)),
            PublishResponse::Refused(refusal) => match refusal.code {
                Some(Code::VersionConflict) => self.read(Question::IsOurs(refusal)),
                // A conflict of versions, or of slugs.
                None if refusal.status == 409 => self.read(Question::IsOurs(refusal)),
                Some(_) | None => self.end(Ending::Refused(refusal)),
            },
            PublishResponse::Failed(failure) => {
                self.in_doubt |= failure.in_doubt;
                // This request, or an earlier one, may have been carried out: that is read back before it is repeated.
                if self.in_doubt {
                    let sends = self.sends;
                    self.pause_and_read(sends, Question::Arrived(failure))
                } else {
                    self.repeat(failure)
                }
            }
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
    fn pause_and_read(mut self, attempts: u32, question: Question) -> Step {
        if self.time_left.is_zero() {
            return self.read(question);
        }
        let longest = self.time_left.mul_f64(MAX_PAUSE_SHARE);
        let duration = back_off(attempts, None, self.jitter.f64()).min(longest);
        self.then(Phase::BeforeRead(question), Action::Wait(duration))
    }

    fn read(self, question: Question) -> Step {
        if self.time_left.is_zero() {
            return self.observed(question, Observation::Unknown("timed out".to_owned()));
        }
        self.then(Phase::Reading(question), Action::ReadBack)
    }

    fn observed(mut self, question: Question, found: Observation) -> Step {
        let ending = match (question, found) {
            // It did not arrive, so that it can be repeated. A draft can be repeated in any case.
            (Question::Arrived(failure), Observation::NotThere) => {
                self.may_be_hidden = false;
                return self.repeat(failure);
            }
            (Question::Arrived(failure), Observation::Hidden) => {
                self.may_be_hidden = true;
                return self.repeat(failure);
            }
            (Question::Arrived(failure), Observation::Unknown(why)) => {
                Ending::Unconfirmed(format!("{}; reading back failed: {why}", failure.reason))
            }
            (Question::Stored(receipt, reads), Observation::NotThere) if reads < MAX_CONFIRM_READS => {
                return self.pause_and_read(reads, Question::Stored(receipt, reads + 1));
            }
            (Question::Stored(receipt, _), Observation::Ours(record)) => {
                Ending::Done(Box::new(receipt.updated_with(*record)))
            }
            // Where nothing can be read, a receipt that names the function is enough.
            (Question::Stored(receipt, _), Observation::Unknown(_) | Observation::Hidden)
                if receipt.status.is_none() && receipt.identifies_function() =>
            {
                Ending::Done(receipt)
            }
            (Question::Stored(receipt, _), found) => {
                let problem = receipt.status.map_or_else(
                    || found.problem(),
                    |status| format!("with status `{}`", text::clean_line(&status)),
                );
                Ending::Unconfirmed(format!("the Hub accepted it, but {problem}"))
            }
            (Question::IsOurs(_), Observation::Ours(record)) if !self.in_doubt => Ending::Unchanged(record),
            (Question::Arrived(_) | Question::IsOurs(_), Observation::Ours(record)) => Ending::Done(record),
            (Question::Arrived(_) | Question::IsOurs(_), Observation::Other(comparison, history)) => {
                Ending::Conflict { comparison, history }
            }
            (Question::IsOurs(refusal), _) if refusal.code.is_none() => Ending::Refused(refusal),
            (Question::IsOurs(_), found) if self.in_doubt => {
                Ending::Unconfirmed(format!("the Hub has this version, but {}", found.problem()))
            }
            (Question::IsOurs(_), Observation::Unknown(why)) => {
                Ending::Conflict { comparison: Comparison::Unknown(why), history: History::Known(Vec::new()) }
            }
            (Question::IsOurs(refusal), Observation::NotThere | Observation::Hidden) => {
                Ending::Refused(refusal)
            }
        };
        self.end(ending)
    }
}

impl Observation {
    /// Why the version is not known to be there with our content.
    fn problem(&self) -> String {
        match self {
            Self::Unknown(why) => format!("reading it back failed: {why}"),
            Self::Ours(_) | Self::Other(..) | Self::NotThere | Self::Hidden => "does not show it".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
