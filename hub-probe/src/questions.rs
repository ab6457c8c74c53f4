//! The questions that public sources leave open, and the answers in a recording. Pure.

use aerostack_publish::probing::{self, Read};
use serde_json::{Map, Value};

use crate::error_variants::{rate_limit, rate_limit_headers, shape};
use crate::exchange::{Ask, Exchange, Response};
use crate::list_variants as lists;
use crate::receipt_variants as receipts;
use crate::recording::Recording;

/// A question.
pub(crate) struct Question {
    /// Its name in recordings.
    pub(crate) name: &'static str,
    /// What it asks.
    pub(crate) text: &'static str,
    /// Where the answer is.
    answer: fn(&Recording) -> Option<String>,
}

/// A row of the table.
const fn question(
    name: &'static str,
    text: &'static str,
    answer: fn(&Recording) -> Option<String>,
) -> Question {
    Question { name, text, answer }
}

/// Every question, in the order of the report.
pub(crate) const QUESTIONS: [Question; 35] = [
    question("key-prefix", "how keys start", |r| Some(r.key_prefix.clone())),
    question("key-type", "what kind of key it is", key_type),
    question("validate", "what is said of a key", |r| fields_of(r.last(Ask::Validate)?)),
    question("list", "whether the account's list is there", |r| status(r.last(Ask::List)?)),
    question("list-place", "which field has the list", |r| Some(list(r)?.0.to_owned())),
    question("list-slugs", "how the list writes slugs", |r| lists::slugs(list(r)?.1)),
    question("list-authors", "which field of the list names authors", |r| lists::authors(list(r)?.1)),
    question("list-code", "whether the list has code", |r| lists::code(list(r)?.1)),
    question("list-statuses", "which statuses the list shows", |r| lists::statuses(list(r)?.1)),
    question("page-info", "how a page says that there is another", |r| {
        Some(lists::page_info(ok(r, Ask::List)?))
    }),
    question("page-size", "how many entries a page has", page_size),
    question("page-limit", "whether `limit` is respected", page_limit),
    question("versions", "how a function lists its versions", versions),
    question("by-id", "how a function by ID is wrapped", |r| wrapping(r, Ask::ById)),
    question("public", "how a public function is wrapped", |r| wrapping(r, Ask::Public)),
    question("public-without-key", "whether it can be read without a key", |r| {
        status(r.last(Ask::PublicWithoutKey)?)
    }),
    question("install", "how the files to install are given", |r| Some(lists::files(ok(r, Ask::Install)?))),
    question("owner-view", "what the owner sees of a published function with a draft", owner_view),
    question("review", "how a version in review is marked", review),
    question("absent-function", "how an absent function is answered", |r| {
        error(r.last(Ask::AbsentFunction)?)
    }),
    question("absent-id", "how an absent ID is answered", |r| error(r.last(Ask::AbsentId)?)),
    question("error-shape", "what shape errors have", |r| {
        Some(shape(r.last(Ask::AbsentFunction)?.response.as_ref().filter(|response| response.status >= 400)?))
    }),
    question("wrong-key", "how an invalid key is answered", |r| error(r.last(Ask::WrongKey)?)),
    question("rate-limit", "how the rate limit refuses", |r| Some(rate_limit(refused(r)?))),
    question("rate-limit-headers", "which headers tell of the rate limit", |r| {
        Some(rate_limit_headers(r.last(Ask::List)?.response.as_ref()?))
    }),
    question("rate-limit-by-key", "the limit with and without a key", rate_limit_by_key),
    question("redirects", "what is redirected", |r| Some(redirects(r))),
    question("response-headers", "content type, encoding and date", response_headers),
    question("receipt", "the receipt of a draft", receipt),
    question("receipt-place", "where its fields are", |r| receipts::place(receipt_json(r)?)),
    question("receipt-lacks", "which documented fields it lacks", |r| {
        let lacking = receipts::lacking(receipt_json(r)?)?;
        Some(if lacking.is_empty() { "nothing".to_owned() } else { lacking.join(" ") })
    }),
    question("read-lag", "how soon the list shows a draft", read_lag),
    question("draft-by-id", "the draft by its ID", |r| draft_at(r, Ask::DraftById)),
    question("draft-public", "the draft at the public address", |r| draft_at(r, Ask::DraftPublic)),
    question("upsert", "what the same draft again does", upsert),
];

/// Every answer that a recording has.
pub(crate) fn answers(recording: &Recording) -> Map<String, Value> {
    let answer =
        |question: &Question| Some((question.name.to_owned(), Value::String((question.answer)(recording)?)));
    QUESTIONS.iter().filter_map(answer).collect()
}

fn ok(recording: &Recording, ask: Ask) -> Option<&Value> {
    recording.last(ask)?.json(200)
}

fn list(recording: &Recording) -> Option<(&str, &Vec<Value>)> {
    lists::place(ok(recording, Ask::List)?)
}

fn status(exchange: &Exchange) -> Option<String> {
    Some(exchange.status()?.to_string())
}

fn error(exchange: &Exchange) -> Option<String> {
    let response = exchange.response.as_ref()?;
    let shape = if response.status < 400 { "no error".to_owned() } else { shape(response) };
    Some(format!("{} {shape}", response.status))
}

fn key_type(recording: &Recording) -> Option<String> {
    let value = ok(recording, Ask::Validate)?;
    let (_, value) = lists::unwrapped(value);
    Some(value.get("keyType").and_then(Value::as_str).unwrap_or("not said").to_owned())
}

fn fields_of(exchange: &Exchange) -> Option<String> {
    let response = exchange.response.as_ref()?;
    match response.json().and_then(Value::as_object) {
        Some(fields) => Some(format!("{} with {}", response.status, lists::field_names(fields))),
        None => Some(format!("{} without JSON fields", response.status)),
    }
}

/// The entries of the first and of the second page, by what names them.
fn page_size(recording: &Recording) -> Option<String> {
    let (_, first) = list(recording)?;
    let (_, second) = lists::place(ok(recording, Ask::ListPage2)?)?;
    let ids =
        |entries: &[Value]| entries.iter().map(|entry| lists::identity(entry).cloned()).collect::<Vec<_>>();
    Some(if first.is_empty() {
        return None;
    } else if ids(first) == ids(second) {
        "none".to_owned()
    } else if second.is_empty() {
        format!("at least {}", first.len())
    } else {
        first.len().to_string()
    })
}

fn page_limit(recording: &Recording) -> Option<String> {
    let (_, all) = list(recording)?;
    let (_, limited) = lists::place(ok(recording, Ask::ListLimit)?)?;
    (all.len() > 1).then(|| if limited.len() == 1 { "respected".to_owned() } else { "ignored".to_owned() })
}

fn versions(recording: &Recording) -> Option<String> {
    let listed = list(recording).and_then(|(_, entries)| entries.first());
    let own = [Ask::ById, Ask::Public].map(|ask| Some(lists::unwrapped(ok(recording, ask)?).1));
    let places = ["list", "by-id", "public"].into_iter().zip([listed, own[0], own[1]]);
    let found: Vec<_> =
        places.filter_map(|(place, function)| Some((place, lists::versions(function?)))).collect();
    let (_, first) = *found.first()?;
    if found.iter().all(|(_, how)| *how == first) {
        return Some(first.to_owned());
    }
    Some(found.iter().map(|(place, how)| format!("{how} ({place})")).collect::<Vec<_>>().join(" "))
}

fn wrapping(recording: &Recording, ask: Ask) -> Option<String> {
    let exchange = recording.last(ask)?;
    match exchange.json(200) {
        Some(value) => Some(lists::unwrapped(value).0.to_owned()),
        None => error(exchange),
    }
}

/// Only a function that is public, and of which there is a draft, shows it.
fn owner_view(recording: &Recording) -> Option<String> {
    let listed = |ask: Ask, slug: &str| {
        let (_, entries) = lists::place(ok(recording, ask)?)?;
        entries.iter().find(|entry| lists::has_slug(entry, slug))?.get("status")?.as_str()
    };
    let slug_of = |ask| lists::unwrapped(ok(recording, ask)?).1.get("slug")?.as_str();
    if let Some(slug) = slug_of(Ask::Public)
        && listed(Ask::List, slug) == Some("draft")
    {
        return Some("draft".to_owned());
    }
    let slug = slug_of(Ask::DraftPublic)?;
    Some(listed(Ask::DraftAgainList, slug)?.to_owned())
}

fn review(recording: &Recording) -> Option<String> {
    let by_id = ok(recording, Ask::ById).map(|value| lists::unwrapped(value).1);
    let entries = list(recording).into_iter().flat_map(|(_, entries)| entries);
    entries.chain(by_id).find_map(lists::review).map(str::to_owned)
}

/// The last response that the client takes for a refusal by the rate limit.
fn refused(recording: &Recording) -> Option<&Response> {
    let mut responses = recording.exchanges.iter().filter_map(|exchange| exchange.response.as_ref());
    responses.rfind(|response| matches!(probing::record(&response.received()), Read::RateLimited(_)))
}

fn rate_limit_by_key(recording: &Recording) -> Option<String> {
    let limit = |ask| recording.last(ask)?.response.as_ref()?.header("x-ratelimit-limit");
    Some(format!("{} with, {} without", limit(Ask::Public)?, limit(Ask::PublicWithoutKey)?))
}

fn redirects(recording: &Recording) -> String {
    let is_redirect = |exchange: &&Exchange| exchange.status().is_some_and(|code| (300..400).contains(&code));
    let redirected: Vec<_> =
        recording.exchanges.iter().filter(is_redirect).filter_map(status_and_target).collect();
    if redirected.is_empty() { "none".to_owned() } else { redirected.join(", ") }
}

fn status_and_target(exchange: &Exchange) -> Option<String> {
    let response = exchange.response.as_ref()?;
    let target = response.header("location").unwrap_or("nowhere");
    Some(format!("{} {} to {target}", response.status, exchange.path))
}

fn response_headers(recording: &Recording) -> Option<String> {
    let response = recording.last(Ask::List)?.response.as_ref()?;
    let value = |name: &str| response.header(name).unwrap_or("none").to_owned();
    let date = if response.header("date").is_some() { "with" } else { "without" };
    Some(format!("{}, encoding {}, {date} date", value("content-type"), value("content-encoding")))
}

fn receipt(recording: &Recording) -> Option<String> {
    let response = recording.last(Ask::Draft)?.response.as_ref()?;
    if !(200..300).contains(&response.status) {
        return error(recording.last(Ask::Draft)?);
    }
    Some(receipts::names(response, recording.draft.as_ref()?).join(" "))
}

fn receipt_json(recording: &Recording) -> Option<&Value> {
    let response = recording.last(Ask::Draft)?.response.as_ref()?;
    response.json().filter(|_| (200..300).contains(&response.status))
}

fn read_lag(recording: &Recording) -> Option<String> {
    let draft = recording.draft.as_ref()?;
    let shows = |exchange: &&Exchange| {
        let entries = exchange.json(200).and_then(lists::place).map(|(_, entries)| entries);
        let is_draft = |entry: &&Value| {
            let version = entry.get("version").and_then(Value::as_str);
            lists::has_slug(entry, &draft.slug) && version == Some(&draft.version)
        };
        entries.into_iter().flatten().any(|entry| is_draft(&entry))
    };
    let reads: Vec<_> = recording.all(Ask::DraftList).collect();
    let at = reads.iter().position(shows);
    let time =
        |exchange: &Exchange| exchange.after_ms.map(|ms| format!("{}.{} s", ms / 1_000, ms % 1_000 / 100));
    match at {
        Some(0) => Some("none".to_owned()),
        Some(at) => Some(format!("some, shown after {}", time(reads.get(at)?)?)),
        None => Some(format!("not shown within {}", time(reads.last()?)?)),
    }
}

/// The status of the function at an address of the draft, after that was sent.
fn draft_at(recording: &Recording, ask: Ask) -> Option<String> {
    let exchange = recording.last(ask).filter(|exchange| exchange.after_ms.is_some())?;
    let Some(value) = exchange.json(200) else { return error(exchange) };
    let status = lists::unwrapped(value).1.get("status").and_then(Value::as_str);
    Some(status.unwrap_or("shown without a status").to_owned())
}

fn upsert(recording: &Recording) -> Option<String> {
    let again = recording.last(Ask::DraftAgain)?;
    let id = |ask| {
        let response = recording.last(ask)?.response.as_ref()?;
        receipts::fields(response.json()?)?.1.get("id").filter(|id| !id.is_null())
    };
    let slug = &recording.draft.as_ref()?.slug;
    let listed = ok(recording, Ask::DraftAgainList)
        .and_then(lists::place)
        .map(|(_, entries)| entries.iter().filter(|entry| lists::has_slug(entry, slug)).count());
    Some(match (again.status()?, id(Ask::Draft), id(Ask::DraftAgain), listed) {
        (300.., ..) => format!("refused with {}", error(again)?),
        (_, Some(one), Some(other), _) if one != other => "another ID".to_owned(),
        (_, _, _, Some(2..)) => "a second entry of the list".to_owned(),
        (_, Some(_), Some(_), _) => "the same ID".to_owned(),
        (_, _, _, Some(1)) => "the same entry of the list".to_owned(),
        _ => return None,
    })
}
