//! Recorded requests, and what became live.

use std::time::Instant;

use serde_json::Value;

use crate::route::Route;

/// A request as it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The method, such as `POST`.
    pub method: String,
    /// The path, including the query.
    pub path: String,
    /// The endpoint; [`Route::Any`] for what is none.
    pub route: Route,
    /// Header names (lower case) and values, in the order they were received.
    pub headers: Vec<(String, String)>,
    /// The body; empty if the connection was reset before it was read.
    pub body: Vec<u8>,
    /// When the head was received.
    pub received: Instant,
    /// The status of the response, and when its head was ready; `None` as long as there is no response.
    pub answered: Option<(u16, Instant)>,
}

impl Recorded {
    /// The first value of a header; the name is case-insensitive.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    /// Whether the request carried a key, valid or not.
    pub fn has_key(&self) -> bool {
        self.header("x-api-key").is_some()
    }

    /// The status of the response, if there was one.
    pub fn status(&self) -> Option<u16> {
        self.answered.map(|(status, _)| status)
    }

    /// The body as JSON, or as a string if it is not valid JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&self.body).into_owned()))
    }
}
