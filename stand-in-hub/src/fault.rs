//! The faults that can be injected.

use std::str::FromStr;
use std::time::Duration;

use serde_json::Value;

use crate::named::UnknownName;
use crate::rate_limit::RateLimitShape;

/// The error code of an HTTP/2 stream that the server did not process (RFC 9113, section 7).
pub const REFUSED_STREAM: u32 = 7;

/// The error code of an HTTP/2 stream that failed in the server (RFC 9113, section 7).
pub const INTERNAL_ERROR: u32 = 2;

/// A body that claims to be JSON.
pub(crate) const INVALID_JSON: &[u8] = b"\x00\xff{not json";

/// A fault. "Without processing" means that nothing is stored; the request is recorded in any case.
///
/// [`Fault::after_processing`] and [`Fault::process_later`] change this for any fault. A fault that sends a part of a body
/// takes the request's own response, if it was processed, or else that of another function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Responds with this, without processing.
    Status {
        /// The HTTP status.
        code: u16,
        /// The headers; a `content-type` is not added.
        headers: Vec<(String, String)>,
        /// The body.
        body: Vec<u8>,
    },
    /// Processes the request, then responds with this instead.
    ProcessThenStatus {
        /// The HTTP status.
        code: u16,
        /// The headers; a `content-type` is not added.
        headers: Vec<(String, String)>,
        /// The body.
        body: Vec<u8>,
    },
    /// Reads the request, then closes the connection without processing.
    CutBefore,
    /// Processes the request, then closes the connection without a response.
    CutAfter,
    /// Never responds, without processing.
    Hang,
    /// Processes the request, then never responds.
    ProcessThenHang,
    /// Waits, then processes the request.
    Delay(Duration),
    /// Processes the request, sends the full `content-length` but half of the body, and closes the connection.
    Truncate,
    /// Redirects with 307 without processing.
    Redirect(String),
    /// Processes the request, then responds 200 with invalid JSON.
    Garbage,
    /// Processes the request, then responds 200 with an HTML page.
    Html,
    /// Reads the request, then resets the connection (TCP RST) without processing.
    Reset,
    /// Resets the connection (TCP RST) without reading the request's body, and without processing.
    ResetUnread,
    /// Sends the head and half of the body, then nothing more; without processing.
    HangInBody,
    /// Sends the full `content-length` but half of the body, and closes the connection; without processing.
    CutBody,
    /// Sends the body byte by byte, with this pause before each one; without processing.
    Drip(Duration),
    /// Sends a JSON text without end, as fast as it is read; without processing.
    Endless,
    /// Sends 1.6 MiB with `content-encoding: gzip`, which are 256 MiB of blanks; without processing.
    GzipBomb,
    /// Resets the HTTP/2 stream with this error code, without processing; closes a connection with HTTP/1.1.
    StreamReset(u32),
    /// Sends an HTTP/2 `GOAWAY` frame without an error and closes the connection, without processing; only closes one
    /// with HTTP/1.1. The frame says that no stream was processed, or that all were after [`Fault::after_processing`].
    GoAway,
    /// Responds 429 in this shape, without processing, and says to wait this many seconds where the shape says it.
    RateLimited(RateLimitShape, u64),
    /// Processes the request, then goes on with this fault; see [`Fault::after_processing`].
    AfterProcessing(Box<Fault>),
    /// Goes on with this fault, and processes the request later; see [`Fault::process_later`].
    ProcessLater(Duration, Box<Fault>),
}

/// When a request with a fault is processed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Processing {
    Never,
    /// Before the fault.
    First,
    /// Before the fault, after waiting.
    AfterDelay(Duration),
    /// At this time after the fault began.
    Later(Duration),
}

impl Fault {
    /// Responds with this status and an empty body, without processing.
    pub fn status(code: u16) -> Self {
        Self::Status { code, headers: Vec::new(), body: Vec::new() }
    }

    /// Responds with this status, one header (such as `retry-after`) and an empty body, without processing.
    pub fn status_with_header(code: u16, name: &str, value: &str) -> Self {
        Self::response(code, name, value, Vec::new())
    }

    /// Responds with this status and JSON, without processing.
    pub fn json(code: u16, body: &Value) -> Self {
        Self::response(code, "content-type", "application/json", body.to_string().into_bytes())
    }

    /// Responds with this status and plain text, without processing.
    pub fn text(code: u16, body: &str) -> Self {
        Self::response(code, "content-type", "text/plain; charset=utf-8", body.as_bytes().to_vec())
    }

    /// Responds with an error in the default shape, without processing.
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        Self::json(status, &serde_json::json!({ "error": { "code": code, "message": message } }))
    }

    /// Processes the request, then responds with this status and an empty body.
    pub fn process_then_status(code: u16) -> Self {
        Self::ProcessThenStatus { code, headers: Vec::new(), body: Vec::new() }
    }

    /// Responds with this status and an HTML page with this title, as a proxy does, without processing.
    pub fn html_page(code: u16, title: &str) -> Self {
        let page = format!(
            "<!DOCTYPE html>\n<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n"
        );
        Self::response(code, "content-type", "text/html; charset=utf-8", page.into_bytes())
    }

    /// Responds with this status and these bytes, which claim to be JSON, without processing.
    pub fn invalid_json(code: u16) -> Self {
        Self::response(code, "content-type", "application/json", INVALID_JSON.to_vec())
    }

    /// Redirects with this status, without processing; a path stays at the Hub's own address.
    pub fn redirect(code: u16, location: &str) -> Self {
        Self::status_with_header(code, "location", location)
    }

    /// Processes the request, then goes on with the fault. [`Fault::ResetUnread`] becomes [`Fault::Reset`].
    #[must_use]
    pub fn after_processing(self) -> Self {
        Self::AfterProcessing(Box::new(self))
    }

    /// Goes on with the fault at once, and processes the request this much later. [`Fault::ResetUnread`] becomes
    /// [`Fault::Reset`].
    #[must_use]
    pub fn process_later(self, delay: Duration) -> Self {
        Self::ProcessLater(delay, Box::new(self))
    }

    pub(crate) fn processing(&self) -> Processing {
        match self {
            Self::AfterProcessing(_)
            | Self::ProcessThenStatus { .. }
            | Self::CutAfter
            | Self::ProcessThenHang
            | Self::Truncate
            | Self::Garbage
            | Self::Html => Processing::First,
            Self::Delay(delay) => Processing::AfterDelay(*delay),
            Self::ProcessLater(delay, _) => Processing::Later(*delay),
            Self::Status { .. }
            | Self::CutBefore
            | Self::Hang
            | Self::Redirect(_)
            | Self::Reset
            | Self::ResetUnread
            | Self::HangInBody
            | Self::CutBody
            | Self::Drip(_)
            | Self::Endless
            | Self::GzipBomb
            | Self::StreamReset(_)
            | Self::GoAway
            | Self::RateLimited(..) => Processing::Never,
        }
    }

    /// The fault without what says when the request is processed.
    pub(crate) fn into_answer(self) -> Self {
        let mut answer = self;
        while let Self::AfterProcessing(fault) | Self::ProcessLater(_, fault) = answer {
            answer = *fault;
        }
        answer
    }

    fn response(code: u16, header: &str, value: &str, body: Vec<u8>) -> Self {
        Self::Status { code, headers: vec![(header.to_owned(), value.to_owned())], body }
    }
}

impl FromStr for Fault {
    type Err = UnknownName;

    /// `status=503`, `cut-before`, `cut-after`, `hang`, `delay=SECONDS`, `truncate`, `redirect=URL`, `garbage`, `html`,
    /// `reset`, `reset-unread`, `hang-in-body`, `cut-body`, `drip=SECONDS`, `endless`, `gzip-bomb`, `stream-reset`,
    /// `refused-stream`, `go-away` or `rate-limited=SHAPE`; any of them with `process-then-` or `process-later=SECONDS:`
    /// in front.
    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let unknown = || UnknownName(text.to_owned());
        if let Some(fault) = text.strip_prefix("process-then-") {
            return Ok(fault.parse::<Self>()?.after_processing());
        }
        Ok(match text.split_once('=') {
            Some(("process-later", later)) => {
                let (delay, fault) = later.split_once(':').ok_or_else(unknown)?;
                fault.parse::<Self>()?.process_later(seconds(delay).ok_or_else(unknown)?)
            }
            Some(("status", code)) => Self::status(status_code(code).ok_or_else(unknown)?),
            Some(("delay", delay)) => Self::Delay(seconds(delay).ok_or_else(unknown)?),
            Some(("drip", pause)) => Self::Drip(seconds(pause).ok_or_else(unknown)?),
            Some(("redirect", to)) => Self::Redirect(to.to_owned()),
            Some(("rate-limited", shape)) => Self::RateLimited(shape.parse()?, 1),
            Some(_) => return Err(unknown()),
            None => match text {
                "cut-before" => Self::CutBefore,
                "cut-after" => Self::CutAfter,
                "hang" => Self::Hang,
                "truncate" => Self::Truncate,
                "garbage" => Self::Garbage,
                "html" => Self::Html,
                "reset" => Self::Reset,
                "reset-unread" => Self::ResetUnread,
                "hang-in-body" => Self::HangInBody,
                "cut-body" => Self::CutBody,
                "endless" => Self::Endless,
                "gzip-bomb" => Self::GzipBomb,
                "stream-reset" => Self::StreamReset(INTERNAL_ERROR),
                "refused-stream" => Self::StreamReset(REFUSED_STREAM),
                "go-away" => Self::GoAway,
                _ => return Err(unknown()),
            },
        })
    }
}

fn status_code(text: &str) -> Option<u16> {
    text.parse().ok().filter(|code| *code == 101 || (200..600).contains(code))
}

fn seconds(text: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(text.parse().ok()?).ok()
}
