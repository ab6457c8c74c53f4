//! What errors and rate limits look like, by name.

use serde_json::Value;

use crate::exchange::{Body, Response};

/// The shape of an error.
pub(crate) fn shape(response: &Response) -> String {
    let value = match &response.body {
        Body::Empty => return "empty".to_owned(),
        Body::Text(text) if text.starts_with('<') => return "html".to_owned(),
        Body::Text(_) => return "plain".to_owned(),
        Body::Json(value) => value,
    };
    let is_text = |name: &str| value.get(name).is_some_and(Value::is_string);
    let name = match value.get("error") {
        Some(Value::Object(_)) if value.get("success") == Some(&Value::Bool(false)) => "success-false",
        Some(Value::Object(_)) => "object",
        Some(Value::String(text)) if starts_with_code(text) => "code-in-text",
        Some(Value::String(_)) => "text",
        None if is_text("code") => "flat",
        None if is_text("message") => "message",
        _ => "other",
    };
    name.to_owned()
}

fn starts_with_code(text: &str) -> bool {
    let code = text.split_once(':').map_or("", |(code, _)| code);
    !code.is_empty() && code.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
}

/// How a refusal by the rate limit says when to try again.
pub(crate) fn rate_limit(response: &Response) -> String {
    let is_number = |value: &str| value.bytes().all(|b| b.is_ascii_digit());
    let name = match (response.header("retry-after"), response.header("x-ratelimit-reset")) {
        (Some(value), _) if is_number(value) => "retry-after",
        (Some(_), _) => "retry-after-date",
        (None, Some(_)) => "reset",
        (None, None) if response.body == Body::Empty => "empty",
        (None, None) => "neither",
    };
    name.to_owned()
}

/// Which headers tell of the rate limit.
pub(crate) fn rate_limit_headers(response: &Response) -> String {
    let names: Vec<_> = response.headers.keys().filter(|name| name.contains("ratelimit")).cloned().collect();
    if names.is_empty() { "none".to_owned() } else { names.join(" ") }
}
