//! Sends requests, and keeps what came back.

use std::io::Write as _;
use std::time::Duration;

use aerostack_publish::probing::{self, Connection, Read, Received};
use tokio::time::{Instant, sleep, timeout};
use url::Url;

use crate::exchange::Ask;

/// Longest wait for a response, the same as for one read of the client.
const MAX_TIME: Duration = Duration::from_secs(20);

/// Largest body that is read, in bytes: far more than a list of functions.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// Longest wait for the rate limit: the documented one counts by the minute.
const MAX_RATE_LIMIT_WAIT: Duration = Duration::from_secs(61);

/// The wait where a refusal does not say how long.
const RATE_LIMIT_WAIT: Duration = Duration::from_secs(2);

/// Most attempts at one request that the rate limit refuses.
const MAX_ATTEMPTS: usize = 4;

/// A part of a path, by what it names.
#[derive(Debug, Clone)]
pub(crate) enum Part {
    Word(&'static str),
    User(String),
    Function(String),
    Id(String),
    /// A name made up here, which nothing has.
    Absent(&'static str),
}

/// With which key a request is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Own,
    /// An obviously invalid one.
    Wrong,
    None,
}

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) ask: Ask,
    pub(crate) path: Vec<Part>,
    pub(crate) query: Option<&'static str>,
    pub(crate) key: Key,
    /// A GET without a body, a POST with one.
    pub(crate) body: Option<Vec<u8>>,
}

/// A request and what came back, with everything in it.
#[derive(Debug)]
pub(crate) struct Raw {
    pub(crate) request: Request,
    pub(crate) after: Option<Duration>,
    pub(crate) outcome: Result<Received, &'static str>,
}

/// The Hub, and what it was asked so far.
pub(crate) struct Hub {
    connection: Connection,
    pub(crate) log: Vec<Raw>,
    /// When the draft was sent.
    pub(crate) draft_sent: Option<Instant>,
}

impl Hub {
    pub(crate) fn new(connection: Connection) -> Self {
        Self { connection, log: Vec::new(), draft_sent: None }
    }

    /// Asks, and waits for the rate limit. The response, if there is one.
    pub(crate) async fn ask(&mut self, request: Request) -> Option<Received> {
        for attempt in 1..=MAX_ATTEMPTS {
            let after = self.draft_sent.map(|sent| sent.elapsed());
            // The progress; without it, nothing is lost.
            let _ = writeln!(std::io::stderr(), "{} {:?}", request.method(), request.ask);
            let outcome = match timeout(MAX_TIME, self.send(&request)).await {
                Ok(outcome) => outcome,
                Err(_) => Err("no response in time"),
            };
            let received = outcome.clone().ok();
            self.log.push(Raw { request: request.clone(), after, outcome });
            let Some(Read::RateLimited(wait)) = received.as_ref().map(probing::record) else {
                return received;
            };
            let wait = wait.unwrap_or(RATE_LIMIT_WAIT);
            if attempt == MAX_ATTEMPTS || wait > MAX_RATE_LIMIT_WAIT {
                return received;
            }
            // Full seconds are rounded down by some servers.
            sleep(wait + RATE_LIMIT_WAIT.div_f64(4.0)).await;
        }
        None
    }

    async fn send(&self, request: &Request) -> Result<Received, &'static str> {
        let Connection { client, base, key: (header, key) } = &self.connection;
        let url = request.url(base);
        let mut builder = match &request.body {
            None => client.get(url),
            Some(body) => client.post(url).header("content-type", "application/json").body(body.clone()),
        };
        builder = match request.key {
            Key::Own => builder.header(*header, key),
            Key::Wrong => builder.header(*header, "ac_hub_probe_invalid_key"),
            Key::None => builder,
        };
        let mut response =
            builder.header("accept", "application/json").send().await.map_err(|error| failure(&error))?;
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let headers = response.headers().iter();
        let headers = headers.map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect();
        let mut received = Received { status: response.status().as_u16(), headers, body: Vec::new() };
        while let Some(chunk) = response.chunk().await.map_err(|error| failure(&error))? {
            received.body.extend_from_slice(&chunk);
            if received.body.len() > MAX_BYTES {
                return Err("the response is too large");
            }
        }
        Ok(received)
    }
}

impl Request {
    pub(crate) fn get(ask: Ask, path: impl IntoIterator<Item = Part>) -> Self {
        let functions = ["api", "community", "functions"].map(Part::Word).into_iter();
        Self { ask, path: functions.chain(path).collect(), query: None, key: Key::Own, body: None }
    }

    pub(crate) fn method(&self) -> &'static str {
        if self.body.is_some() { "POST" } else { "GET" }
    }

    fn url(&self, base: &Url) -> Url {
        let mut url = base.clone();
        let part = |part: &Part| match part {
            Part::Word(text) | Part::Absent(text) => (*text).to_owned(),
            Part::User(text) | Part::Function(text) | Part::Id(text) => text.clone(),
        };
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(self.path.iter().map(part));
        }
        url.set_query(self.query);
        url
    }
}

/// Why there is no response, in words that are the same for every Hub.
fn failure(error: &reqwest::Error) -> &'static str {
    if error.is_connect() {
        "it could not be reached"
    } else if error.is_timeout() {
        "no response in time"
    } else {
        "the connection was interrupted, or the response could not be decoded"
    }
}
