//! The request log: one line per request, without keys or bodies.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

/// Where the log is written.
pub(crate) type LogSink = Arc<Mutex<dyn Write + Send>>;

/// The log line of one request, written when it is dropped: with the status, or as `no response`.
pub(crate) struct LogEntry {
    sink: Option<LogSink>,
    request: String,
    pub(crate) status: Option<u16>,
}

impl LogEntry {
    pub(crate) fn new(sink: Option<LogSink>, method: &str, path: &str) -> Self {
        Self { sink, request: format!("{method} {path}"), status: None }
    }
}

impl Drop for LogEntry {
    fn drop(&mut self) {
        let Some(sink) = &self.sink else { return };
        let mut sink = sink.lock().unwrap_or_else(PoisonError::into_inner);
        let written = match self.status {
            Some(status) => writeln!(sink, "{} {status}", self.request),
            None => writeln!(sink, "{} no response", self.request),
        };
        // The server goes on even if the log cannot be written.
        drop(written.and_then(|()| sink.flush()));
    }
}
