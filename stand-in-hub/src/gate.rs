//! A barrier that makes concurrent publishes meet.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

/// Longest wait for the other requests, in seconds: a test that sends too few must not block for good.
const MAX_WAIT: Duration = Duration::from_secs(5);

/// Blocks requests until a given number has arrived.
#[derive(Default)]
pub(crate) struct Gate {
    closed: Mutex<Option<Closed>>,
}

/// A closed gate; dropping it opens the gate.
struct Closed {
    missing: usize,
    waiting: watch::Sender<()>,
}

impl Gate {
    /// Closes the gate until this many requests have arrived.
    pub(crate) fn close(&self, arrivals: usize) {
        let closed = (arrivals > 1).then(|| Closed { missing: arrivals, waiting: watch::Sender::new(()) });
        *self.closed.lock().unwrap_or_else(PoisonError::into_inner) = closed;
    }

    /// Waits until the gate is open.
    pub(crate) async fn wait(&self) {
        let Some(mut opened) = self.arrive() else { return };
        // The sender is dropped when the gate opens, which ends the wait with an error.
        if timeout(MAX_WAIT, opened.changed()).await.is_err() {
            self.close(0);
        }
    }

    fn arrive(&self) -> Option<watch::Receiver<()>> {
        let mut gate = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        let closed = gate.as_mut()?;
        closed.missing -= 1;
        if closed.missing == 0 {
            *gate = None;
            return None;
        }
        Some(closed.waiting.subscribe())
    }
}
