//! The shape of a response in a few words, and foreign text made harmless.

use serde_json::Value;

use crate::exchange::{Body, Response};

/// Most fields of an object that are named.
const MAX_FIELDS: usize = 20;

/// Most characters of an error that are shown.
const MAX_ERROR_CHARS: usize = 300;

/// Most objects and arrays inside each other that are described.
const MAX_DEPTH: usize = 4;

/// A response in one line: status, media type, length and shape.
pub(crate) fn of_response(response: &Response) -> String {
    let media_type = response.header("content-type").unwrap_or("no content-type");
    let body = match &response.body {
        Body::Empty => "empty".to_owned(),
        Body::Json(value) => of(value, 0),
        Body::Text(text) if text.starts_with('<') => "a web page".to_owned(),
        Body::Text(_) => "text that is not JSON".to_owned(),
    };
    // What is recorded of an error has only words that may be shown.
    let error = match &response.body {
        Body::Json(value) if response.status >= 400 => format!(": {value}"),
        Body::Text(text) if response.status >= 400 => format!(": {text}"),
        Body::Empty | Body::Json(_) | Body::Text(_) => String::new(),
    };
    let error: String = error.chars().take(MAX_ERROR_CHARS).collect();
    format!("{}, {media_type}, {} bytes: {body}{error}", response.status, response.bytes)
}

fn of(value: &Value, depth: usize) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "boolean".to_owned(),
        Value::Number(_) => "number".to_owned(),
        Value::String(_) => "text".to_owned(),
        Value::Array(_) | Value::Object(_) if depth == MAX_DEPTH => "…".to_owned(),
        Value::Array(entries) => match entries.first() {
            Some(first) => format!("[{} × {}]", entries.len(), of(first, depth + 1)),
            None => "[]".to_owned(),
        },
        Value::Object(fields) => {
            let shown = fields.iter().take(MAX_FIELDS);
            let mut parts: Vec<_> =
                shown.map(|(name, value)| format!("{name}: {}", of(value, depth + 1))).collect();
            if fields.len() > MAX_FIELDS {
                parts.push(format!("{} more", fields.len() - MAX_FIELDS));
            }
            format!("{{{}}}", parts.join(", "))
        }
    }
}

/// The text on one line, with everything else than printable ASCII, and the marks of this program, as an escape.
pub(crate) fn escape(text: &str) -> String {
    let escape = |c: char| match c {
        ' '..='~' | '…' | '×' => c.to_string(),
        _ => c.escape_unicode().to_string(),
    };
    text.chars().map(escape).collect()
}
