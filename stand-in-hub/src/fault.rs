//! Fault injection: the faults that can be set, and those that are.

use std::collections::{HashMap, VecDeque};
use std::str::FromStr;
use std::time::Duration;

use serde_json::Value;

use crate::shapes::UnknownName;

/// The endpoints that a fault can be set for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Route {
    /// `POST /api/community/functions/ci/publish`
    Publish,
    /// `GET /api/community/functions/my`
    My,
    /// `GET /api/community/functions/{id}`
    ById,
    /// `GET /api/community/functions/{username}/{slug}`
    Public,
    /// `GET /api/community/functions/{username}/{slug}/install`
    Install,
    /// `POST /api/v1/cli/validate`
    Validate,
    /// Any endpoint.
    Any,
}

/// A fault. "Without processing" means that nothing is stored; the request is recorded in any case.
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

    fn response(code: u16, header: &str, value: &str, body: Vec<u8>) -> Self {
        Self::Status { code, headers: vec![(header.to_owned(), value.to_owned())], body }
    }
}

impl FromStr for Route {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Ok(match name {
            "publish" => Self::Publish,
            "my" => Self::My,
            "by-id" => Self::ById,
            "public" => Self::Public,
            "install" => Self::Install,
            "validate" => Self::Validate,
            "any" => Self::Any,
            _ => return Err(UnknownName(name.to_owned())),
        })
    }
}

impl FromStr for Fault {
    type Err = UnknownName;

    /// `status=503`, `process-then-status=504`, `cut-before`, `cut-after`, `hang`, `process-then-hang`, `delay=SECONDS`,
    /// `truncate`, `redirect=URL`, `garbage` or `html`.
    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let unknown = || UnknownName(text.to_owned());
        Ok(match text.split_once('=') {
            Some(("status", code)) => Self::status(status_code(code).ok_or_else(unknown)?),
            Some(("process-then-status", code)) => {
                Self::process_then_status(status_code(code).ok_or_else(unknown)?)
            }
            Some(("delay", seconds)) => {
                let seconds = seconds.parse().map_err(|_| unknown())?;
                Self::Delay(Duration::try_from_secs_f64(seconds).map_err(|_| unknown())?)
            }
            Some(("redirect", to)) => Self::Redirect(to.to_owned()),
            Some(_) => return Err(unknown()),
            None => match text {
                "cut-before" => Self::CutBefore,
                "cut-after" => Self::CutAfter,
                "hang" => Self::Hang,
                "process-then-hang" => Self::ProcessThenHang,
                "truncate" => Self::Truncate,
                "garbage" => Self::Garbage,
                "html" => Self::Html,
                _ => return Err(unknown()),
            },
        })
    }
}

fn status_code(text: &str) -> Option<u16> {
    text.parse().ok().filter(|code| (200..600).contains(code))
}

/// The faults that are set: a queue of single ones, and permanent ones.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    once: VecDeque<(Route, Fault)>,
    always: HashMap<Route, Fault>,
}

impl Faults {
    pub(crate) fn add_once(&mut self, route: Route, fault: Fault) {
        self.once.push_back((route, fault));
    }

    pub(crate) fn set_always(&mut self, route: Route, fault: Fault) {
        self.always.insert(route, fault);
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The fault for a request: the next queued one, which is removed, or else the permanent one.
    pub(crate) fn take(&mut self, route: Route) -> Option<Fault> {
        let queued = self.once.iter().position(|(on, _)| *on == route || *on == Route::Any);
        match queued.and_then(|index| self.once.remove(index)) {
            Some((_, fault)) => Some(fault),
            None => self.always.get(&route).or_else(|| self.always.get(&Route::Any)).cloned(),
        }
    }
}
