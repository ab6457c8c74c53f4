//! Publishing: the request, its preview in a dry run, and the driver that carries out what the state machine asks for.

use std::borrow::Cow;
use std::time::Duration;

use hyper::body::Bytes;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::attempt::{Action, Attempt, Ending, Event};
use super::client::{Hub, RemoteFunction};
use super::deadline::Deadline;
use super::read_back::Attempted;
use super::receipt::{PublishResponse, Sent};
use crate::finding::{Code, Finding};
use crate::function::load::Function;
use crate::release::decision::Decision;
use crate::release::plan::{Plan, Target};
use crate::source::SourceFile;
use crate::text;

/// The path that a publish is sent to.
const PATH: [&str; 2] = ["ci", "publish"];

/// Greatest age of what was read of a function when it is sent: then it is read again, because another run may have
/// published in the meantime.
const MAX_AGE: Duration = Duration::from_secs(10);

/// Longest piece of a text that a preview shows, in characters.
const MAX_SHOWN_TEXT: usize = 160;

/// Most entries of a list or object that a preview shows.
const MAX_SHOWN_ENTRIES: usize = 100;

impl Hub {
    /// Publishes a function, live or as a draft, and confirms the result. `known` is what was read of it at `read_at`; `begin`
    /// is called before each publish request, and says whether it may be sent.
    pub(crate) async fn publish(
        &self,
        function: &Function,
        plan: Plan,
        known: &RemoteFunction,
        read_at: Instant,
        deadline: &Deadline,
        begin: &dyn Fn() -> bool,
    ) -> Ending {
        let size = function.sources().into_iter().map(SourceFile::size).sum();
        let _room = self.http.bodies.room(size, deadline).await;
        let sent = Sent::of(function, plan.target, self.author_of(&known.record).map(str::to_owned));
        let attempted = Attempted { function, plan, known: &known.history };
        let mut attempt = Attempt::new(plan, fastrand::u64(..));
        // Where the rate limit delays the request, what was read before it becomes old.
        let starts_at = Instant::now() + self.http.pace.resumes_in().min(deadline.left());
        let mut event = Event::Started { is_fresh: starts_at.duration_since(read_at) <= MAX_AGE };
        loop {
            let (next, action) = attempt.step(event, self.time_for_requests(deadline));
            attempt = next;
            event = match action {
                Action::Send(limit) => {
                    // Made anew for each attempt, of which there is seldom a second: so it is gone before the response comes.
                    let body = Bytes::from(Body::of(function, plan.target).to_json());
                    let response = self.http.post(&PATH, body, deadline, limit, begin).await;
                    let of = |response| PublishResponse::of(&response, &sent);
                    Event::Sent(response.map_or_else(Into::into, of))
                }
                Action::ReadBack => Event::ReadBack(self.read_back(attempted, deadline).await),
                Action::LastLook => {
                    let deadline = deadline.unpaced();
                    Event::ReadBack(self.read_back(attempted, &deadline).await)
                }
                Action::Wait(duration) => {
                    tokio::time::sleep(duration).await;
                    Event::Waited
                }
                Action::End(ending) => return ending,
            };
        }
    }

    /// The time left; none where the rate limit lasts longer.
    fn time_for_requests(&self, deadline: &Deadline) -> Duration {
        let left = deadline.left();
        if self.http.pace.resumes_in() < left { left } else { Duration::ZERO }
    }

    /// The finding for a request that is to be sent and holds a key of this run somewhere else than in its header: in a path,
    /// say, of which no file contains the whole.
    pub(crate) fn key_in_request(
        &self,
        function: &Function,
        target: Target,
        decision: Decision,
    ) -> Option<Finding> {
        let is_sent = decision == Decision::Send && self.keys.are_searched();
        let body = is_sent.then(|| Body::of(function, target).to_json())?;
        self.keys.keys_in(&body).first()?;
        let message = "the request contains the key of this run, although no file does";
        let hint = "rename the file or the directory whose path is the key, and revoke the key: it may have been public";
        let manifest = function.manifest.source.whole();
        Some(Finding::new(Code::SecretFound, message).with_hint(hint).at(manifest))
    }

    /// The request as the log of a dry run shows it: long texts and lists shortened, and without the key.
    pub(crate) fn preview(&self, function: &Function, target: Target) -> String {
        let body = serde_json::to_string_pretty(&Body::of(function, target).shortened()).unwrap_or_default();
        let key = if self.http.has_key() { "***" } else { "(no key)" };
        let url = self.http.url(&PATH);
        format!("POST {url}\nContent-Type: application/json\nX-API-Key: {key}\n\n{body}")
    }
}

/// The body of a publish: every field of the manifest unchanged, `code`, `publish`, and the README if there is one
/// (Aerostack documentation, "Publishing via GitHub Actions"; `readme`, and `files` for a function of several: Go CLI). Files may be
/// large: their texts are not copied.
#[derive(Serialize)]
struct Body<'f> {
    /// They have other names than the rest of the body, which are reserved.
    #[serde(flatten)]
    fields: Cow<'f, Map<String, Value>>,
    code: Cow<'f, str>,
    publish: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    readme: Option<Cow<'f, str>>,
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "by_path")]
    files: Vec<(&'f str, Cow<'f, str>)>,
}

impl<'f> Body<'f> {
    fn of(function: &'f Function, target: Target) -> Self {
        let text = |file: &'f SourceFile| Cow::Borrowed(&*file.text);
        Self {
            fields: Cow::Borrowed(&function.manifest.fields),
            code: text(&function.entrypoint),
            publish: target == Target::Live,
            readme: function.readme.as_ref().map(text),
            files: function.by_path().map(|file| (key_of(file, function), text(file))).collect(),
        }
    }

    fn to_json(&self) -> String {
        // Neither a key that is no string nor a writer that fails is possible.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// With long texts and lists shortened.
    fn shortened(mut self) -> Self {
        shorten_members(self.fields.to_mut());
        let rest = rest_of(self.files.len());
        self.files.truncate(MAX_SHOWN_ENTRIES);
        let files = self.files.iter_mut().map(|(_, text)| text);
        for text in files.chain(&mut self.readme).chain([&mut self.code]) {
            *text = shortened_text(text).into();
        }
        self.files.extend(rest.map(|rest| ("…", rest.into())));
        self
    }
}

fn by_path<S: Serializer>(files: &[(&str, Cow<'_, str>)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(files.iter().map(|(path, text)| (path, text)))
}

/// The path under which a file is sent. The manifest is sent unchanged, so the entrypoint has the path that is written there.
fn key_of<'f>(file: &'f SourceFile, function: &'f Function) -> &'f str {
    let is_entrypoint = file.path == function.entrypoint.path;
    function.manifest.text("entrypoint").filter(|_| is_entrypoint).unwrap_or(&file.path)
}

fn shorten(value: &mut Value) {
    match value {
        Value::Object(members) => shorten_members(members),
        Value::Array(elements) => {
            let rest = rest_of(elements.len()).map(Value::String);
            elements.truncate(MAX_SHOWN_ENTRIES);
            elements.iter_mut().for_each(shorten);
            elements.extend(rest);
        }
        Value::String(text) => *text = shortened_text(text),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn shorten_members(members: &mut Map<String, Value>) {
    let rest = rest_of(members.len()).map(Value::String);
    *members = std::mem::take(members).into_iter().take(MAX_SHOWN_ENTRIES).collect();
    members.values_mut().for_each(shorten);
    members.extend(rest.map(|rest| ("…".to_owned(), rest)));
}

fn shortened_text(text: &str) -> String {
    if text.chars().count() <= MAX_SHOWN_TEXT {
        return text.to_owned();
    }
    let bytes = text::count(text.len(), "byte");
    format!("{} ({bytes} in all)", text::shorten(text, MAX_SHOWN_TEXT))
}

/// What a preview shows in place of the entries of a list or object that it leaves out.
fn rest_of(all: usize) -> Option<String> {
    let left_out = all.checked_sub(MAX_SHOWN_ENTRIES).filter(|count| *count > 0)?;
    Some(format!("{left_out} more"))
}
