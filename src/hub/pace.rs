//! The Hub's rate limit, which all requests of a run share: when the next one may be sent, and how many at once.

use std::cell::Cell;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until, timeout};

use super::deadline::{Deadline, back_off};

/// Most requests at once, each over a connection of its own (HTTP/1.1): enough to hide the network's latency without flooding the
/// Hub.
const MAX_CONNECTIONS: usize = 16;

/// Most requests at once over the one connection that they share with HTTP/2: what every server should allow (RFC 9113, section
/// 6.5.2). The Hub can allow fewer.
const MAX_CONCURRENT: usize = 100;

/// Jitter above a wait that the Hub asked for, as a share of it, so that many jobs do not return at the same moment.
const JITTER: f64 = 0.25;

/// Least span of that jitter.
const MIN_JITTER: Duration = Duration::from_millis(250);

/// The pace of one run. One refused request slows all of them.
#[derive(Debug)]
pub(super) struct Pace {
    /// No request is sent before this moment.
    resumes_at: Cell<Instant>,
    /// Refused requests since as many as ever could be sent at once.
    refused: Cell<u32>,
    /// Most requests that may ever be under way at once.
    most: Cell<usize>,
    /// Requests that may be under way at once.
    allowed: Cell<usize>,
    under_way: Cell<usize>,
    /// Responses since `allowed` was changed.
    answered: Cell<usize>,
    freed: Notify,
}

/// The rate limit lasts longer than the run can wait.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the Hub's rate limit lasts for longer than the run may wait (`timeout`)")]
pub(crate) struct TooBusy;

/// Permission for one request, until it is dropped.
pub(super) struct Turn<'p>(&'p Pace);

impl Pace {
    pub(super) fn new() -> Self {
        Self {
            resumes_at: Cell::new(Instant::now()),
            refused: Cell::new(0),
            most: Cell::new(MAX_CONNECTIONS),
            allowed: Cell::new(MAX_CONNECTIONS),
            under_way: Cell::new(0),
            answered: Cell::new(0),
            freed: Notify::new(),
        }
    }

    /// Waits for permission to send a request. The wait is not taken off the function's own time.
    pub(super) async fn turn(&self, deadline: &Deadline) -> Result<Turn<'_>, TooBusy> {
        let started = Instant::now();
        while !deadline.ignores_pace() && !self.is_open() {
            if self.resumes_in() >= deadline.patience() {
                return Err(TooBusy);
            }
            sleep_until(self.resumes_at.get()).await;
            if !self.is_open() && timeout(deadline.patience(), self.freed.notified()).await.is_err() {
                return Err(TooBusy);
            }
        }
        deadline.exclude(started.elapsed());
        self.under_way.set(self.under_way.get() + 1);
        Ok(Turn(self))
    }

    /// Most requests that may ever be under way at once, as far as the connection is known.
    pub(super) fn most(&self) -> usize {
        self.most.get()
    }

    fn is_open(&self) -> bool {
        self.resumes_in().is_zero() && self.under_way.get() < self.allowed.get()
    }

    /// How long no request may be sent.
    pub(super) fn resumes_in(&self) -> Duration {
        self.resumes_at.get().saturating_duration_since(Instant::now())
    }

    /// A request was refused: all wait at least as long as the Hub asked for, and fewer are sent at once.
    pub(super) fn refused(&self, asked: Option<Duration>) {
        if self.resumes_in().is_zero() {
            // The first one since the last wait: the others were under way already.
            self.refused.set(self.refused.get().saturating_add(1));
            self.allowed.set((self.allowed.get() / 2).max(1));
            self.answered.set(0);
        }
        let wait = match asked {
            Some(asked) if !asked.is_zero() => {
                asked.saturating_add(asked.mul_f64(JITTER).max(MIN_JITTER).mul_f64(fastrand::f64()))
            }
            // Without a time, or with one that is over.
            Some(_) | None => back_off(self.refused.get(), None, fastrand::f64()),
        };
        // A moment that can't be represented is further away than any deadline.
        let resumes_at = Instant::now().checked_add(wait).unwrap_or_else(|| Instant::now() + MAX_WAIT);
        self.resumes_at.set(self.resumes_at.get().max(resumes_at));
    }

    /// A request was answered, over a connection that all share or not: after a while, more are sent at once again.
    pub(super) fn answered(&self, is_shared: bool) {
        if is_shared && self.most.replace(MAX_CONCURRENT) < MAX_CONCURRENT && self.refused.get() == 0 {
            self.allowed.set(MAX_CONCURRENT);
            self.freed.notify_waiters();
        }
        if self.allowed.get() == self.most.get() {
            self.refused.set(0);
        }
        self.answered.set(self.answered.get() + 1);
        if self.answered.get() >= self.allowed.get() && self.allowed.get() < self.most.get() {
            self.allowed.set(self.allowed.get() + 1);
            self.answered.set(0);
            self.freed.notify_one();
        }
    }
}

/// Longer than any run waits.
const MAX_WAIT: Duration = Duration::from_hours(24 * 365);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.under_way.set(self.0.under_way.get().saturating_sub(1));
        self.0.freed.notify_one();
    }
}
