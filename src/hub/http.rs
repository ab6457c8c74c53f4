//! HTTP: one request and its answer, over TLS that trusts the machine's own store, with the key for the Hub alone.

use std::error::Error;
use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder};
use url::Url;

use super::deadline::{Deadline, back_off, parse_retry_after};
use super::tls::{ClientError, tls};
use crate::settings::Settings;
use crate::settings::values::is_loopback;

/// The header that carries the account key (Aerostack documentation, "Publishing via GitHub Actions"; Go CLI).
const KEY_HEADER: &str = "X-API-Key";

/// Most bytes of an answer that are read: a function of the largest size with its JSON escapes, twice over.
const MAX_ANSWER: usize = 64 * 1024 * 1024;

/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Longest wait for the answer to one read: a Hub that needs longer is retried.
const READ_TIMEOUT: Duration = Duration::from_secs(20);

/// Attempts at one read, the first included.
const READ_ATTEMPTS: u32 = 4;

/// An answer of whatever status.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    pub(super) retry_after: Option<Duration>,
    /// Where a redirect would lead; it is never followed.
    pub(super) location: Option<String>,
}

/// No answer; the reason in words.
#[derive(Debug)]
pub(super) enum SendError {
    /// The request never left: repeating it is safe.
    NotSent(String),
    /// It may have arrived.
    Unclear(String),
}

/// Whether a request carries the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Public,
    Account,
}

/// The way to the Hub.
#[derive(Debug)]
pub(super) struct Http {
    client: Client,
    base: Url,
    key: Option<HeaderValue>,
}

impl Http {
    pub(super) fn new(settings: &Settings) -> Result<Self, ClientError> {
        let base = &settings.api_url;
        let mut builder = Client::builder()
            .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .referer(false)
            // Well below the time of a whole request, so that a request which never left is known as such.
            .connect_timeout(CONNECT_TIMEOUT.min(settings.timeout.div_f64(5.0)))
            .tls_backend_preconfigured(tls(&settings.certificates)?);
        if is_loopback(base) {
            // A proxy would see the key in the clear, and could not reach this machine's loopback anyway.
            builder = builder.no_proxy();
            let loopback = [([127, 0, 0, 1], 0).into(), ([0, 0, 0, 0, 0, 0, 0, 1], 0).into()];
            builder = builder.resolve_to_addrs("localhost", &loopback);
        }
        let key = settings.api_key.usable().and_then(|key| HeaderValue::from_str(key.expose()).ok()).map(
            |mut value| {
                value.set_sensitive(true);
                value
            },
        );
        let client = builder.build().map_err(ClientError::Http)?;
        Ok(Self { client, base: base.clone(), key })
    }

    /// The address of a path, given by its parts, under the Hub's own address.
    pub(super) fn url(&self, parts: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(parts);
        }
        url
    }

    /// Reads. Passing faults are retried until the deadline; the answer is whatever came last.
    ///
    /// # Errors
    /// With the reason in words, when there was no answer, or none but passing faults.
    pub(super) async fn get(
        &self,
        url: &Url,
        access: Access,
        deadline: Deadline,
    ) -> Result<Response, String> {
        let mut attempts = 0;
        loop {
            attempts += 1;
            let limit = READ_TIMEOUT.min(deadline.left().div_f64(2.0));
            let request = self.request(Method::GET, url, access);
            let (reason, retry_after) = match exchange(request, limit).await {
                Ok(answer) if !is_passing(answer.status) => return Ok(answer),
                Ok(answer) => (format!("the Hub answered with status {}", answer.status), answer.retry_after),
                Err(SendError::NotSent(reason) | SendError::Unclear(reason)) => (reason, None),
            };
            let wait = back_off(attempts, retry_after);
            if attempts == READ_ATTEMPTS || deadline.wait(wait).await.is_err() {
                return Err(reason);
            }
        }
    }

    /// Sends a body once.
    pub(super) async fn post(
        &self,
        url: &Url,
        body: Vec<u8>,
        limit: Duration,
    ) -> Result<Response, SendError> {
        let json = HeaderValue::from_static("application/json");
        let request = self.request(Method::POST, url, Access::Account).header(CONTENT_TYPE, json).body(body);
        exchange(request, limit).await
    }

    fn request(&self, method: Method, url: &Url, access: Access) -> RequestBuilder {
        let request = self.client.request(method, url.clone()).header(ACCEPT, "application/json");
        match (&self.key, access) {
            (Some(key), Access::Account) => request.header(KEY_HEADER, key),
            (None, _) | (_, Access::Public) => request,
        }
    }
}

/// Whether a status tells of a fault that may pass by itself.
pub(super) fn is_passing(status: u16) -> bool {
    matches!(status, 408 | 429 | 500..)
}

async fn exchange(request: RequestBuilder, limit: Duration) -> Result<Response, SendError> {
    let mut response = request.timeout(limit).send().await.map_err(|error| {
        let reason = describe(&error);
        if error.is_connect() { SendError::NotSent(reason) } else { SendError::Unclear(reason) }
    })?;
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let mut answer = Response {
        status: response.status().as_u16(),
        body: Vec::new(),
        retry_after: header(RETRY_AFTER).and_then(parse_retry_after),
        location: header(LOCATION).map(str::to_owned),
    };
    while let Some(chunk) = response.chunk().await.map_err(|error| SendError::Unclear(describe(&error)))? {
        if answer.body.len() + chunk.len() > MAX_ANSWER {
            return Err(SendError::Unclear("the Hub's answer is too long".to_owned()));
        }
        answer.body.extend_from_slice(&chunk);
    }
    Ok(answer)
}

/// The fault in words, with its causes.
fn describe(error: &reqwest::Error) -> String {
    let what = if error.is_timeout() {
        "the Hub did not answer in time"
    } else if error.is_connect() {
        "the Hub could not be reached"
    } else {
        "the conversation with the Hub broke off"
    };
    let mut words = what.to_owned();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let text = inner.to_string();
        if !words.contains(&text) && !error.is_timeout() {
            words = format!("{words}: {text}");
        }
        cause = inner.source();
    }
    words
}
