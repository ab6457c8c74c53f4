//! Entry points for `hub-probe`: the client's own connection to the Hub, and what it reads in a response. Plain data.

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use crate::finding::Code;
use crate::hub::http::{self, KEY_HEADER, Response};
use crate::hub::receipt::{self, CarriedOut, PublishResponse};
use crate::hub::refusal::Refusal;
use crate::hub::response::{FunctionList, FunctionRecord};
use crate::release::plan::Target;
use crate::settings::Settings;
use crate::settings::env::Env;
use crate::settings::proxy::{NO_PROXY_VARIABLES, PROXY_VARIABLES};
use crate::text;

/// What requests are sent with: the client as a run builds it, and its address and key. The key goes to `base` alone.
pub struct Connection {
    /// Follows no redirect, and repeats nothing.
    pub client: reqwest::Client,
    /// The Hub's address: `https://`, or `http://` of this machine.
    pub base: Url,
    /// The header that carries the key, and the key.
    pub key: (&'static str, String),
}

impl Connection {
    /// Reads `AEROSTACK_API_KEY`, `AEROSTACK_API_URL`, the certificates to trust and the proxy, as a run does.
    ///
    /// # Errors
    /// With what is wrong with them, and what to do.
    pub fn of(env: &Env) -> Result<Self, String> {
        let names = ["AEROSTACK_API_KEY", "AEROSTACK_API_URL", "SSL_CERT_FILE", "SSL_CERT_DIR"];
        let names = [names.as_slice(), &PROXY_VARIABLES, &NO_PROXY_VARIABLES].concat();
        if let Some(name) = names.iter().find(|name| env.is_broken(name)) {
            return Err(format!("`{name}` is not UTF-8"));
        }
        let relevant = names.iter().filter_map(|name| Some((*name, env.get(name)?)));
        let (settings, findings) = Settings::read(&Env::of(env.working_directory(), relevant));
        if let Some(finding) = findings.iter().find(|finding| finding.is_error()) {
            return Err(settings.secrets.redacted(&format!("{}: {}", finding.message, finding.hint)));
        }
        let Some(key) = settings.api_key.usable() else {
            return Err("there is no key: set `AEROSTACK_API_KEY`".to_owned());
        };
        let client = http::client(&settings).map_err(|error| text::with_causes(&error))?;
        Ok(Self { client, key: (KEY_HEADER, key.expose().to_owned()), base: settings.api_url })
    }
}

/// A response as it was received.
#[derive(Debug, Clone, Default)]
pub struct Received {
    /// The HTTP status.
    pub status: u16,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// The body, decoded as far as its headers say how.
    pub body: Vec<u8>,
}

/// What the client reads in a response to a read.
#[derive(Debug, Clone)]
pub enum Read<T> {
    /// What was asked for.
    Shown(T),
    /// A success that the client does not understand.
    UnknownFormat,
    /// Refused because of the rate limit, with the time to wait where the response says it.
    RateLimited(Option<Duration>),
    /// A failure that the client repeats the request after.
    MayPass,
    /// Refused.
    Refused(Refused),
}

/// A refusal as the client understands it.
#[derive(Debug, Clone)]
pub struct Refused {
    /// The documented code, if the client found one.
    pub code: Option<&'static str>,
    /// What the client shows of it.
    pub reason: String,
}

/// A function as the client reads it.
#[derive(Debug, Clone)]
pub struct Record {
    /// Its ID.
    pub id: Option<String>,
    /// Its slug, without the user before it.
    pub slug: Option<String>,
    /// Its author's user name.
    pub author: Option<String>,
    /// Its status.
    pub status: Option<String>,
    /// Its version, if that is `SemVer`.
    pub version: Option<String>,
    /// How many published versions it lists, where it does.
    pub versions: Option<usize>,
    /// Whether its code is there, as `code` or as `files`.
    pub has_code: bool,
}

/// The account's list as the client reads it.
#[derive(Debug, Clone)]
pub struct List {
    /// The entries that are functions.
    pub records: Vec<Record>,
    /// Whether the client takes the account for one without functions.
    pub is_empty: bool,
}

/// What was sent as a draft, as far as a receipt can contradict it.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The function's slug.
    pub slug: String,
    /// Its version.
    pub version: String,
    /// The account's user name, if it is known.
    pub author: Option<String>,
}

/// What the client reads in the response to a draft.
#[derive(Debug, Clone)]
pub enum Receipt {
    /// The draft was saved.
    Confirmed,
    /// A success that does not say so: the client reads the function back.
    Accepted,
    /// A documented refusal.
    Refused(Refused),
    /// An error that the client does not know.
    Unclear(Refused),
    /// Refused because of the rate limit, with the time to wait where the response says it.
    RateLimited(Option<Duration>),
    /// Not a response that can be used; `true` if the client reads the function back.
    Failed(bool),
}

/// The client's reading of the account's list.
pub fn list(received: &Received) -> Read<List> {
    read(received, |body| {
        let list = FunctionList::parse(body)?;
        Some(List { is_empty: list.is_empty, records: list.records.into_iter().map(Into::into).collect() })
    })
}

/// The client's reading of a function's own record.
pub fn record(received: &Received) -> Read<Record> {
    read(received, |body| FunctionRecord::parse(body).map(Into::into))
}

/// The client's reading of the response to a draft.
///
/// # Errors
/// If the version that was sent is not `SemVer`.
pub fn receipt(received: &Received, sent: &Sent) -> Result<Receipt, String> {
    let version = sent.version.parse().map_err(|error| format!("`{}`: {error}", sent.version))?;
    let (slug, author) = (sent.slug.clone(), sent.author.clone());
    let sent = receipt::Sent { slug, version, author, target: Target::Draft };
    let response = response(received);
    Ok(match PublishResponse::of(&response, &sent) {
        PublishResponse::Confirmed(_) => Receipt::Confirmed,
        PublishResponse::InReview(_) | PublishResponse::Accepted(_) => Receipt::Accepted,
        PublishResponse::Refused(refusal) | PublishResponse::Conflict(refusal) => {
            Receipt::Refused(refusal.into())
        }
        PublishResponse::Unclear(refusal) => Receipt::Unclear(refusal.into()),
        PublishResponse::Busy(_) => Receipt::RateLimited(response.retry_after),
        PublishResponse::Failed(failure) => Receipt::Failed(failure.carried_out == CarriedOut::Maybe),
        PublishResponse::Blocked(_) => Receipt::Failed(false),
    })
}

fn read<T>(received: &Received, parse: impl FnOnce(&[u8]) -> Option<T>) -> Read<T> {
    let response = response(received);
    match &response {
        Response { status: 200, body, .. } => parse(body).map_or(Read::UnknownFormat, Read::Shown),
        Response { is_rate_limited: true, .. } => Read::RateLimited(response.retry_after),
        _ if response.may_pass() => Read::MayPass,
        _ => Read::Refused(Refusal::of(&response).into()),
    }
}

fn response(received: &Received) -> Response {
    let header = |(name, value): &(String, String)| {
        Some((name.parse::<HeaderName>().ok()?, HeaderValue::from_str(value).ok()?))
    };
    let headers: HeaderMap = received.headers.iter().filter_map(header).collect();
    let head = Response::of_head(received.status, &headers);
    let response = Response { body: received.body.clone(), ..head };
    Response { is_rate_limited: response.is_rate_limited || response.names_rate_limit(), ..response }
}

impl From<FunctionRecord> for Record {
    fn from(record: FunctionRecord) -> Self {
        Self {
            id: record.id,
            slug: record.slug,
            author: record.author,
            status: record.status,
            version: record.version.map(|version| version.to_string()),
            versions: record.versions.map(|versions| versions.len()),
            has_code: record.content.code.is_some() || record.content.files.is_some(),
        }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self { code: refusal.code.map(Code::name), reason: refusal.reason() }
    }
}
