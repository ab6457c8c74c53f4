//! Makes a response one that may be shown: no secrets, no persons, no code, no foreign names; types and shape stay.
//!
//! What is kept has to be known as harmless: words from a list, documented fields, numbers that count something.

use std::collections::BTreeMap;

use aerostack_publish::probing::Received;
use serde_json::{Map, Value};
use url::Url;

use crate::exchange::{Ask, Body, Response};
use crate::field_class::{Class, of_field};
use crate::masked::without_networks;
use crate::pseudonyms::{Kind, Pseudonyms};

/// The headers whose values are recorded.
const HEADERS: [&str; 15] = [
    "allow",
    "cache-control",
    "content-encoding",
    "content-type",
    "date",
    "location",
    "ratelimit",
    "ratelimit-limit",
    "ratelimit-policy",
    "ratelimit-remaining",
    "ratelimit-reset",
    "retry-after",
    "server",
    "vary",
    "www-authenticate",
];

/// How the headers of the documented rate limit start.
const RATE_LIMIT: &str = "x-ratelimit-";

/// Most digits of a number in a text: a longer one may be a person's.
const MAX_DIGITS: usize = 3;

/// Most digits of a number in a header: a Unix time.
const MAX_HEADER_DIGITS: usize = 10;

/// Most characters of a text whose words are recorded.
const MAX_TEXT_CHARS: usize = 2_000;

/// The words in addresses of the Hub.
const SEGMENTS: [&str; 12] =
    ["api", "ci", "cli", "community", "edit", "functions", "install", "my", "publish", "u", "v1", "validate"];

/// The response without anything personal.
pub(crate) fn response(names: &mut Pseudonyms, ask: Ask, received: &Received) -> Response {
    let mut headers = BTreeMap::<String, String>::new();
    let mut other_headers = Vec::new();
    for (name, value) in &received.headers {
        let name = name.to_lowercase();
        if HEADERS.contains(&name.as_str()) || name.starts_with(RATE_LIMIT) {
            let value = header(names, &name, value);
            headers.entry(name).and_modify(|all| all.extend([", ", &value])).or_insert(value);
        } else if is_identifier(&name) && !names.is_personal(&name) {
            other_headers.push(name);
        }
    }
    other_headers.sort();
    other_headers.dedup();
    let body = match Body::of(&received.body) {
        Body::Empty => Body::Empty,
        Body::Json(value) => {
            let class = if ask == Ask::Validate { Class::User } else { Class::Message };
            Body::Json(json(names, &value, if value.is_string() { Class::Message } else { class }))
        }
        Body::Text(text) => Body::Text(page_or_text(names, &text)),
    };
    Response { status: received.status, headers, other_headers, bytes: received.body.len(), body }
}

/// The value of a header.
fn header(names: &mut Pseudonyms, name: &str, value: &str) -> String {
    match name {
        "location" => address(names, value),
        // Clients read the types and times of headers.
        "server" | "www-authenticate" => names.words_of(&names.message(value), MAX_DIGITS),
        _ => names.words_of(&without_networks(value), MAX_HEADER_DIGITS),
    }
}

/// A value whose field, or whose parent's field, is of this class.
fn json(names: &mut Pseudonyms, value: &Value, class: Class) -> Value {
    match value {
        Value::Null | Value::Bool(_) => value.clone(),
        Value::Number(number) if class == Class::Id => names.number(Kind::Id, &number.to_string()).into(),
        Value::Number(_) if class == Class::Count => value.clone(),
        Value::Number(number) if number.is_f64() => Value::from(0.5),
        Value::Number(_) => 0.into(),
        Value::String(text) => self::text(names, text, class).into(),
        Value::Array(entries) => entries.iter().map(|entry| json(names, entry, class)).collect(),
        Value::Object(fields) => object(names, fields, class).into(),
    }
}

fn object(names: &mut Pseudonyms, fields: &Map<String, Value>, class: Class) -> Map<String, Value> {
    let is_map = is_map_of_functions(fields);
    let field = |(name, value): (&String, &Value)| {
        let own = match (class, of_field(name)) {
            // The names of files are foreign, their text is code; a list has both in fields.
            (Class::Files, Some(Class::Path)) => Class::Path,
            (Class::User, Some(Class::Function)) if name == "name" => Class::User,
            (Class::Files, _) | (Class::Message, None) => Class::Text,
            (_, Some(own)) => own,
            (class, None) => class,
        };
        let shown = if class == Class::Files && !matches!(name.as_str(), "path" | "content" | "name") {
            file(names, name)
        } else if is_map {
            names.of(Kind::Function, name)
        } else if !is_identifier(name) || names.is_personal(name) {
            names.of(Kind::Field, name)
        } else {
            name.clone()
        };
        (shown, json(names, value, own))
    };
    fields.iter().map(field).collect()
}

/// Whether the fields are named by functions: then their names are not the Hub's.
fn is_map_of_functions(fields: &Map<String, Value>) -> bool {
    let is_function = |value: &Value| ["slug", "version"].iter().any(|name| value.get(*name).is_some());
    let is_container = |name: &str| {
        matches!(name, "function" | "data" | "draft" | "published" | "latest" | "item" | "result")
    };
    !fields.is_empty() && fields.iter().all(|(name, value)| is_function(value) && !is_container(name))
}

/// A text by the class of its field. An empty one stays empty.
fn text(names: &mut Pseudonyms, text: &str, class: Class) -> String {
    if text.is_empty() {
        return String::new();
    }
    match class {
        Class::Id => names.of(Kind::Id, text),
        Class::Email => format!("{}@example.invalid", names.of(Kind::Email, text)),
        Class::User => names.of(Kind::User, text),
        Class::Function => match text.strip_prefix('@').and_then(|text| text.split_once('/')) {
            Some((user, slug)) => {
                format!("@{}/{}", names.of(Kind::User, user), names.of(Kind::Function, slug))
            }
            None => names.of(Kind::Function, text),
        },
        Class::Version => version(names, text),
        Class::Address => address(names, text),
        Class::Path => file(names, text),
        Class::Token if names.is_plain_token(text) => text.to_owned(),
        Class::Code if names.is_code(text) => text.to_owned(),
        Class::Date => "2000-01-01T00:00:00.000Z".to_owned(),
        Class::Message => page_or_text(names, text),
        Class::Token | Class::Code | Class::Text | Class::Files | Class::Count => length(text),
    }
}

/// What replaces a text that is not shown.
fn length(text: &str) -> String {
    format!("<{} characters>", text.chars().count())
}

/// The words of a text that may be kept. A web page is its title.
fn page_or_text(names: &Pseudonyms, text: &str) -> String {
    let text: String = text.trim_start().to_owned();
    let lower = text.to_ascii_lowercase();
    let start = ["<!doctype html", "<html"].into_iter().find(|start| lower.starts_with(start));
    let Some(start) = start else {
        let shown: String = text.chars().take(MAX_TEXT_CHARS).collect();
        return names.words_of(&names.message(&shown), MAX_DIGITS);
    };
    let title = lower.find("<title>").and_then(|at| text.get(at + "<title>".len()..)?.split('<').next());
    let title =
        title.map(|title| format!("<title>{}</title>", names.words_of(&names.message(title), MAX_DIGITS)));
    format!("{start}>{}{}", title.unwrap_or_default(), length(&text))
}

/// A version: its numbers, and those identifiers that are plain words.
fn version(names: &Pseudonyms, text: &str) -> String {
    let is_version = text.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+'));
    if !is_version || without_networks(text) != text {
        return length(text);
    }
    let numbers = text.find(['-', '+']).unwrap_or(text.len());
    let (numbers, identifiers) = text.split_at(numbers);
    let is_plain = numbers.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | 'v'));
    let identifiers = names.words_of(identifiers, MAX_DIGITS).replace('…', "x");
    if is_plain { format!("{numbers}{identifiers}") } else { length(text) }
}

/// An address or a path: its scheme and the words of the Hub's own addresses stay.
fn address(names: &mut Pseudonyms, text: &str) -> String {
    let base = Url::parse("https://relative.invalid").ok();
    let Some(url) = base.and_then(|base| base.join(text).ok()) else { return length(text) };
    let mut shown = match url.host_str() {
        Some("relative.invalid") if text.starts_with('/') => String::new(),
        Some("relative.invalid") | None => return length(text),
        Some(host) if is_aerostack(host) => format!("{}://{host}", url.scheme()),
        Some(host) => format!("{}://{}.example", url.scheme(), names.of(Kind::Host, host)),
    };
    for (at, segment) in url.path_segments().into_iter().flatten().enumerate() {
        let is_word = SEGMENTS.contains(&segment) || (segment.is_empty() && at > 0);
        let known = names.known(segment);
        shown.push('/');
        shown.push_str(&match known {
            _ if is_word => segment.to_owned(),
            Some(known) => known,
            None if segment.is_empty() => String::new(),
            None => names.of(Kind::Segment, segment),
        });
    }
    if url.query().is_some() {
        shown.push_str("?…");
    }
    shown
}

/// Whether a host is Aerostack's.
pub(crate) fn is_aerostack(host: &str) -> bool {
    let names = ["aerostack.dev", "api.aerostack.dev", "hub.aerostack.dev", "app.aerostack.dev"];
    names.contains(&host)
}

/// A file's path: its ending stays.
fn file(names: &mut Pseudonyms, path: &str) -> String {
    let ending = path.rsplit_once('.').map(|(_, ending)| ending);
    let ending = ending.filter(|ending| ["ts", "js", "json", "md", "tsx", "jsx"].contains(ending));
    let name = names.of(Kind::File, path);
    ending.map_or(name.clone(), |ending| format!("{name}.{ending}"))
}

/// A name that a field of an interface, or a header, may have.
fn is_identifier(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '$');
    name.len() <= 40
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(is_plain)
}
