//! The request of a dry run as the log shows it: long texts shortened, and without the key.

use serde_json::Value;

use super::client::Hub;
use super::request::publish_body;
use crate::function::load::Function;
use crate::release::decision::Target;
use crate::text;

/// Longest piece of a text that is shown, in characters.
const MAX_SHOWN_TEXT: usize = 160;

/// The request, as it would be sent.
pub(crate) fn request(hub: &Hub, function: &Function, target: Target) -> String {
    let mut body = publish_body(function, target);
    let sources = ["code", "readme", "files"];
    body.iter_mut()
        .filter(|(name, _)| sources.contains(&name.as_str()))
        .for_each(|(_, value)| shorten(value));
    let body = serde_json::to_string_pretty(&body).unwrap_or_default();
    let key = if hub.has_key() { "***" } else { "(no key)" };
    format!("POST {}\nContent-Type: application/json\nX-API-Key: {key}\n\n{body}", hub.publish_url())
}

fn shorten(value: &mut Value) {
    if let Value::String(text) = value {
        let shown = text::shorten(text, MAX_SHOWN_TEXT);
        if shown != *text {
            *text = format!("{shown} ({} in all)", text::count(text.len(), "byte"));
        }
    } else if let Value::Object(files) = value {
        files.values_mut().for_each(shorten);
    }
}
