//! One line per request, without keys or bodies.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

/// Where lines go.
pub(crate) type Sink = Arc<Mutex<dyn Write + Send>>;

/// The line of one request; written when the request is over, be it for want of an answer.
pub(crate) struct Line {
    sink: Option<Sink>,
    request: String,
    status: Option<u16>,
}

impl Line {
    pub(crate) fn begin(sink: Option<Sink>, method: &str, path: &str) -> Self {
        Self { sink, request: format!("{method} {path}"), status: None }
    }

    pub(crate) fn end(mut self, status: u16) {
        self.status = Some(status);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let Some(sink) = &self.sink else { return };
        let mut sink = sink.lock().unwrap_or_else(PoisonError::into_inner);
        let written = match self.status {
            Some(status) => writeln!(sink, "{} {status}", self.request),
            None => writeln!(sink, "{} no answer", self.request),
        };
        // A log that nobody reads any more is no reason to stop.
        drop(written.and_then(|()| sink.flush()));
    }
}
