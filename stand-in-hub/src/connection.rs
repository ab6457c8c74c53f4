//! Closing a connection from within a request.

use std::future::pending;
use std::sync::{Arc, OnceLock};

use tokio::sync::Notify;

/// How a connection is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Close {
    /// Without a further word.
    Fin,
    /// With a TCP reset.
    Reset,
    /// With an HTTP/2 `GOAWAY` frame, if the connection is HTTP/2.
    GoAway {
        /// The last stream that was processed, as the frame says.
        last_stream: u32,
    },
}

/// The connection of a request.
#[derive(Clone, Default)]
pub(crate) struct Connection {
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    close: OnceLock<Close>,
    requested: Notify,
}

impl Connection {
    /// Requests that the server closes the connection. Never returns: the request is dropped with the connection.
    pub(crate) async fn close<T>(&self, close: Close) -> T {
        // The first of several requests of one connection decides.
        let _ = self.state.close.set(close);
        self.state.requested.notify_one();
        pending().await
    }

    /// Returns when the connection is to be closed, and how.
    pub(crate) async fn close_requested(&self) -> Close {
        self.state.requested.notified().await;
        self.state.close.get().copied().unwrap_or(Close::Fin)
    }
}
