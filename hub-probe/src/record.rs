//! Makes a recording of what was asked, without secrets.

use std::time::Duration;

use aerostack_publish::probing::Received;
use url::Url;

use crate::connection::{Key, Part, Raw, Request};
use crate::draft::VERSION;
use crate::exchange::{Ask, Exchange};
use crate::pseudonyms::{Kind, Pseudonyms};
use crate::questions::answers;
use crate::recording::{Draft, FORMAT, Recording};
use crate::sanitize::{is_aerostack, response};
use crate::verdict;

/// What a recording is made of, with secrets.
pub(crate) struct Session<'s> {
    pub(crate) base: &'s Url,
    pub(crate) key: &'s str,
    /// The user name and the slugs that the user gave.
    pub(crate) username: Option<&'s str>,
    pub(crate) function: Option<&'s str>,
    pub(crate) draft: Option<&'s str>,
    /// The account's user name, if it is known.
    pub(crate) author: Option<&'s str>,
    pub(crate) log: &'s [Raw],
}

/// The recording of a session.
pub(crate) fn recording(session: &Session<'_>) -> Recording {
    let mut names = Pseudonyms::new(session.key, session.draft);
    let given = [(Kind::User, session.username), (Kind::Function, session.function)];
    for (kind, name) in given.into_iter().chain([(Kind::User, session.author)]) {
        name.map(|name| names.of(kind, name));
    }
    // Names that appear late are removed from what came early, too.
    for raw in session.log {
        raw.outcome.as_ref().map(|received| response(&mut names, raw.request.ask, received)).ok();
        path(&mut names, &raw.request);
    }
    let draft = session.draft.map(|name| Draft {
        slug: names.of(Kind::Function, name),
        version: VERSION.to_owned(),
        author: session.author.map(|author| names.of(Kind::User, author)),
    });
    let original = session.draft.map(|name| Draft {
        slug: name.to_owned(),
        version: VERSION.to_owned(),
        author: session.author.map(str::to_owned),
    });
    let exchanges =
        session.log.iter().map(|raw| exchange(&mut names, raw, draft.as_ref(), original.as_ref()));
    let exchanges = exchanges.collect();
    let (hub, key_prefix) = (hub(session.base), key_prefix(session.key).to_owned());
    let mut recording =
        Recording { format: FORMAT, hub, key_prefix, draft, exchanges, answers: serde_json::Map::new() };
    recording.answers = answers(&recording);
    recording
}

fn exchange(names: &mut Pseudonyms, raw: &Raw, draft: Option<&Draft>, original: Option<&Draft>) -> Exchange {
    let ask = raw.request.ask;
    let verdict = |received: &Received, draft| verdict::of(ask, received, draft);
    let (response, failure) = match &raw.outcome {
        Ok(received) => (Some(response(names, ask, received)), None),
        Err(failure) => (None, Some((*failure).to_owned())),
    };
    let client = client(ask, response.as_ref(), draft);
    let of_original = raw.outcome.as_ref().ok().map(|received| verdict(received, original));
    Exchange {
        ask,
        method: raw.request.method().to_owned(),
        path: path(names, &raw.request),
        with_key: raw.request.key == Key::Own,
        after_ms: raw.after.map(|after: Duration| u64::try_from(after.as_millis()).unwrap_or(u64::MAX)),
        response,
        failure,
        client_of_original: of_original.filter(|verdict| *verdict != client),
        client,
    }
}

/// What the client makes of a recorded response.
fn client(ask: Ask, response: Option<&crate::exchange::Response>, draft: Option<&Draft>) -> String {
    match response {
        Some(response) => verdict::of(ask, &response.received(), draft),
        None => "no response to read".to_owned(),
    }
}

/// The recording as this version of the client reads it.
pub(crate) fn read_again(recording: &Recording) -> Recording {
    let mut again = recording.clone();
    for exchange in &mut again.exchanges {
        exchange.client = client(exchange.ask, exchange.response.as_ref(), recording.draft.as_ref());
    }
    again.answers = answers(&again);
    again
}

fn path(names: &mut Pseudonyms, request: &Request) -> String {
    let part = |part: &Part| match part {
        Part::Word(text) | Part::Absent(text) => (*text).to_owned(),
        Part::User(name) => names.of(Kind::User, name),
        Part::Function(name) => names.of(Kind::Function, name),
        Part::Id(id) => names.of(Kind::Id, id),
    };
    let path = request.path.iter().map(part).collect::<Vec<_>>().join("/");
    let query = request.query.map(|query| format!("?{query}")).unwrap_or_default();
    format!("/{path}{query}")
}

fn hub(base: &Url) -> String {
    match base.host_str() {
        Some(host) if is_aerostack(host) => base.origin().ascii_serialization(),
        _ if base.scheme() == "http" => "loopback".to_owned(),
        _ => "other".to_owned(),
    }
}

fn key_prefix(key: &str) -> &'static str {
    ["ac_", "ak_", "pk_"].into_iter().find(|prefix| key.starts_with(prefix)).unwrap_or("other")
}
