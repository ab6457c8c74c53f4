//! Closing a connection from within a request.

use std::future::pending;
use std::sync::Arc;

use tokio::sync::Notify;

/// The connection of a request.
#[derive(Clone, Default)]
pub(crate) struct Connection {
    close: Arc<Notify>,
}

impl Connection {
    /// Requests that the server closes the connection. Never returns: the request is dropped with the connection.
    pub(crate) async fn close<T>(&self) -> T {
        self.close.notify_one();
        pending().await
    }

    /// Returns when the connection is to be closed.
    pub(crate) async fn close_requested(&self) {
        self.close.notified().await;
    }
}
