//! Publishing: the request, its preview in a dry run, and the driver that carries out what the state machine asks for.

use serde_json::{Map, Value};
use tokio::time::{Instant, sleep};

use super::attempt::{Action, Attempt, Ending, Event};
use super::client::Hub;
use super::deadline::Deadline;
use super::publish_response::PublishResponse;
use crate::function::load::Function;
use crate::release::decision::Target;
use crate::source::SourceFile;
use crate::text;

/// The path that a publish is sent to.
const PATH: [&str; 2] = ["ci", "publish"];

/// Longest piece of a text that a preview shows, in characters.
const MAX_SHOWN_TEXT: usize = 160;

impl Hub {
    /// Publishes a function, live or as a draft, and confirms the result.
    pub(crate) async fn publish(&self, function: &Function, target: Target, deadline: Deadline) -> Ending {
        let body = Value::Object(request_body(function, target)).to_string().into_bytes();
        let started = Instant::now();
        let mut attempt = Attempt::new(target, deadline.left(), fastrand::u64(..));
        let mut event = Event::Started;
        loop {
            let (next, action) = attempt.step(event, started.elapsed());
            attempt = next;
            event = match action {
                Action::Send(limit) => {
                    let response = self.http.post(&PATH, body.clone(), limit).await;
                    Event::Sent(response.map_or_else(Into::into, |response| PublishResponse::of(&response)))
                }
                Action::ReadBack => Event::ReadBack(self.read_back(function, target, deadline).await),
                Action::Wait(duration) => {
                    sleep(duration).await;
                    Event::Waited
                }
                Action::End(ending) => return ending,
            };
        }
    }

    /// The request as the log of a dry run shows it: long texts shortened, and without the key.
    pub(crate) fn preview(&self, function: &Function, target: Target) -> String {
        let mut body = request_body(function, target);
        let sources = ["code", "readme", "files"];
        body.iter_mut()
            .filter(|(name, _)| sources.contains(&name.as_str()))
            .for_each(|(_, value)| shorten(value));
        let body = serde_json::to_string_pretty(&body).unwrap_or_default();
        let key = if self.http.has_key() { "***" } else { "(no key is given)" };
        let url = self.http.url(&PATH);
        format!("POST {url}\nContent-Type: application/json\nX-API-Key: {key}\n\n{body}")
    }
}

/// The body of a publish: every field of the manifest unchanged, `code`, `publish`, and the README if there is one
/// (Aerostack documentation, "Publishing via GitHub Actions"; `readme`, and `files` for a function of several: Go CLI).
fn request_body(function: &Function, target: Target) -> Map<String, Value> {
    let mut body = function.manifest.fields.clone();
    body.insert("code".to_owned(), Value::String(function.entrypoint.text.to_string()));
    body.insert("publish".to_owned(), Value::Bool(target == Target::Live));
    if let Some(readme) = &function.readme {
        body.insert("readme".to_owned(), Value::String(readme.text.to_string()));
    }
    if function.has_modules() {
        let files =
            function.by_path().map(|file| (key_of(file, function), Value::String(file.text.to_string())));
        body.insert("files".to_owned(), Value::Object(files.collect()));
    }
    body
}

/// The path under which a file is sent. The manifest is sent unchanged, so the entrypoint has the path that is written there.
fn key_of(file: &SourceFile, function: &Function) -> String {
    match &function.manifest.entrypoint {
        Some(entrypoint) if file.path == function.entrypoint.path => entrypoint.clone(),
        _ => file.path.clone(),
    }
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
