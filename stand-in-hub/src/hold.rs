//! A barrier that lets publishes race.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

/// Longest wait for the others, in seconds: a race that does not come about must not stop a test run.
const BOUND: Duration = Duration::from_secs(5);

/// Holds publishes back until enough of them have arrived.
#[derive(Default)]
pub(crate) struct Hold {
    gate: Mutex<Option<Gate>>,
}

/// Opens when it is dropped.
struct Gate {
    missing: usize,
    closed: watch::Sender<()>,
}

impl Hold {
    pub(crate) fn until(&self, arrivals: usize) {
        let gate = (arrivals > 1).then(|| Gate { missing: arrivals, closed: watch::Sender::new(()) });
        *self.gate.lock().unwrap_or_else(PoisonError::into_inner) = gate;
    }

    /// Waits until the gate opens; at once if there is none.
    pub(crate) async fn pass(&self) {
        let Some(mut opened) = self.arrive() else { return };
        // An error is the opened gate: its sender is gone.
        if timeout(BOUND, opened.changed()).await.is_err() {
            self.until(0);
        }
    }

    fn arrive(&self) -> Option<watch::Receiver<()>> {
        let mut held = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        let gate = held.as_mut()?;
        gate.missing -= 1;
        if gate.missing == 0 {
            *held = None;
            return None;
        }
        Some(gate.closed.subscribe())
    }
}
