//! The very `step` that runs, with its states numbered: what differs in texts and jitter alone is one state.
//!
//! `step` is pure, so each state, event and time is asked once.

use std::time::Duration;

use fastrand::Rng;

use super::hash::Map;
use crate::hub::attempt::tests::events::{End, Happening, end, event, sent};
use crate::hub::attempt::{Action, Attempt, Cause, MAX_DOUBTFUL_READS, Phase};
use crate::hub::receipt::Sent;
use crate::release::plan::Plan;

/// The longest wait that the client chooses itself, so that each of its waits is one tick.
const TICK: Duration = Duration::from_secs(10);

/// All jitter comes from this seed: the length of a wait within a tick does not matter.
const SEED: u64 = 7;

/// A number of a state of the machine.
pub(super) type State = u16;

/// The state before the first event.
pub(super) const STARTED: State = 0;

/// What the machine does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Move {
    Start,
    Send,
    Read,
    LastLook,
    Wait,
    End(End),
}

/// What comes of one event.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stepped {
    pub(super) state: State,
    pub(super) action: Move,
    /// Whether the action ends before the time is over, and leaves some of it.
    pub(super) is_in_time: bool,
}

/// All that `step` goes by, apart from plan, time, jitter and texts.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    failures: u32,
    reads: u32,
    facts: [bool; 3],
    phase: (&'static str, Option<CauseKey>),
}

#[derive(Debug, PartialEq, Eq, Hash)]
enum CauseKey {
    NotSent,
    Accepted(Option<String>),
    Conflict,
    Refused(u16),
    Failed(bool),
}

/// The machine of one job.
pub(super) struct Machine {
    sent: Sent,
    attempts: Vec<Attempt>,
    states: Map<Key, State>,
    steps: Map<(State, Happening, u8), Stepped>,
}

impl Machine {
    pub(super) fn new(plan: Plan) -> Self {
        let mut machine = Self {
            sent: sent(plan.target),
            attempts: Vec::new(),
            states: Map::default(),
            steps: Map::default(),
        };
        let started = machine.number(Attempt::new(plan, SEED));
        assert_eq!(started, STARTED);
        machine
    }

    /// The number of states that were reached.
    pub(super) fn size(&self) -> usize {
        self.attempts.len()
    }

    pub(super) fn step(&mut self, state: State, happening: Happening, ticks: u8) -> Stepped {
        if let Some(known) = self.steps.get(&(state, happening, ticks)) {
            return *known;
        }
        let time = TICK * u32::from(ticks);
        let attempt = self.attempts[usize::from(state)].clone();
        let (attempt, action) = attempt.step(event(happening, &self.sent), time);
        let is_in_time = match action {
            Action::Send(limit) => !limit.is_zero() && limit < time,
            Action::Wait(pause) => !pause.is_zero() && pause < time,
            Action::ReadBack => !time.is_zero(),
            Action::LastLook | Action::End(_) => true,
        };
        let action = match action {
            Action::Send(_) => Move::Send,
            Action::ReadBack => Move::Read,
            Action::LastLook => Move::LastLook,
            Action::Wait(_) => Move::Wait,
            Action::End(ending) => Move::End(end(&ending)),
        };
        let stepped = Stepped { state: self.number(attempt), action, is_in_time };
        self.steps.insert((state, happening, ticks), stepped);
        stepped
    }

    fn number(&mut self, mut attempt: Attempt) -> State {
        attempt.jitter = Rng::with_seed(SEED);
        // More reads than that make no difference.
        attempt.reads = attempt.reads.min(MAX_DOUBTFUL_READS);
        let next = State::try_from(self.attempts.len()).unwrap();
        let state = *self.states.entry(key(&attempt)).or_insert(next);
        if state == next {
            self.attempts.push(attempt);
        }
        state
    }
}

fn key(attempt: &Attempt) -> Key {
    let Attempt {
        plan: _,
        time_left: _,
        jitter: _,
        problem: _,
        failures,
        reads,
        in_doubt,
        is_unread,
        has_looked_last,
        phase,
    } = attempt;
    let of = |cause: &Cause| match cause {
        Cause::NotSent => CauseKey::NotSent,
        Cause::Accepted(receipt) => CauseKey::Accepted(receipt.status.clone()),
        Cause::Conflict(_) => CauseKey::Conflict,
        Cause::Refused(refusal) => CauseKey::Refused(refusal.status),
        Cause::Failed { can_repeat, .. } => CauseKey::Failed(*can_repeat),
    };
    let phase = match phase {
        Phase::Started => ("started", None),
        Phase::Sending => ("sending", None),
        Phase::BeforeRead(cause) => ("before a read", Some(of(cause))),
        Phase::Reading(cause) => ("reading", Some(of(cause))),
        Phase::Ended => ("ended", None),
    };
    let facts = [*in_doubt, *is_unread, *has_looked_last];
    Key { failures: *failures, reads: *reads, facts, phase }
}
