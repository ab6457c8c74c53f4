//! HTTP: one request and its response, with TLS that trusts this machine's certificates, and the key sent to the Hub alone.

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

/// Path of the API that all requests are below.
const API: [&str; 3] = ["api", "community", "functions"];

/// Most bytes of a response that are read: a function of the largest size with its JSON escapes, twice over.
const MAX_RESPONSE_BYTES: usize = 64 * 1024 * 1024;

/// Longest wait for a connection: the usual order of magnitude, and half of what one read may take.
const MAX_CONNECT_TIME: Duration = Duration::from_secs(10);

/// Longest wait for the response to one read; a slower Hub is asked again.
const MAX_READ_TIME: Duration = Duration::from_secs(20);

/// Most attempts at one read, the first included: enough for a restart of the Hub, which the back-off then spans.
const MAX_READ_ATTEMPTS: u32 = 4;

/// A response of any status.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    pub(crate) retry_after: Option<Duration>,
    /// The target of a redirect, which is never followed.
    pub(crate) location: Option<String>,
}

/// Why there is no response that can be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpError {
    /// The request was never sent, so repeating it is safe.
    #[error("the Hub could not be reached")]
    Connect(#[source] reqwest::Error),
    #[error("no response from the Hub")]
    TimedOut(#[source] reqwest::Error),
    #[error("the connection to the Hub was interrupted")]
    Interrupted(#[source] reqwest::Error),
    #[error("the Hub's response is larger than {MAX_RESPONSE_BYTES} bytes")]
    TooLarge,
    /// A failure that may pass, still there at the last attempt to read.
    #[error("the Hub answered with status {0}")]
    Status(u16),
}

impl From<reqwest::Error> for HttpError {
    fn from(error: reqwest::Error) -> Self {
        if error.is_connect() {
            Self::Connect(error)
        } else if error.is_timeout() {
            Self::TimedOut(error)
        } else {
            Self::Interrupted(error)
        }
    }
}

/// Whether a request carries the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Public,
    Account,
}

/// The HTTP client, with the Hub's address and the key.
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
            // Well below the time for a whole request, so that a failed connection is not taken for a lost response.
            .connect_timeout(MAX_CONNECT_TIME.min(settings.timeout.div_f64(5.0)))
            .tls_backend_preconfigured(tls(&settings.certificates)?);
        if is_loopback(base) {
            // A proxy would see the key in the clear, and could not reach this machine's loopback anyway.
            builder = builder.no_proxy();
            let loopback = [([127, 0, 0, 1], 0).into(), ([0, 0, 0, 0, 0, 0, 0, 1], 0).into()];
            builder = builder.resolve_to_addrs("localhost", &loopback);
        }
        let mut key = settings.api_key.usable().and_then(|key| HeaderValue::from_str(key.expose()).ok());
        if let Some(key) = &mut key {
            key.set_sensitive(true);
        }
        let client = builder.build().map_err(ClientError::Http)?;
        Ok(Self { client, base: base.clone(), key })
    }

    /// Whether there is a key to send.
    pub(super) fn has_key(&self) -> bool {
        self.key.is_some()
    }

    /// The address of a path in the API, given by its parts.
    pub(super) fn url(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(API).extend(path);
        }
        url
    }

    /// Reads, and repeats the request after failures that may pass, as long as the deadline allows.
    pub(super) async fn get(
        &self,
        path: &[&str],
        access: Access,
        deadline: Deadline,
    ) -> Result<Response, HttpError> {
        let mut attempts = 0;
        loop {
            attempts += 1;
            let limit = MAX_READ_TIME.min(deadline.left().div_f64(2.0));
            let (error, retry_after) = match exchange(self.request(Method::GET, path, access), limit).await {
                // A failure that may pass by itself.
                Ok(response) if matches!(response.status, 408 | 429 | 500..) => {
                    (HttpError::Status(response.status), response.retry_after)
                }
                Ok(response) => return Ok(response),
                Err(error) => (error, None),
            };
            let wait = back_off(attempts, retry_after, fastrand::f64());
            if attempts == MAX_READ_ATTEMPTS || wait >= deadline.left() {
                return Err(error);
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// Sends a body once.
    pub(super) async fn post(
        &self,
        path: &[&str],
        body: Vec<u8>,
        limit: Duration,
    ) -> Result<Response, HttpError> {
        let request = self.request(Method::POST, path, Access::Account);
        exchange(request.header(CONTENT_TYPE, "application/json").body(body), limit).await
    }

    fn request(&self, method: Method, path: &[&str], access: Access) -> RequestBuilder {
        let request = self.client.request(method, self.url(path)).header(ACCEPT, "application/json");
        match (&self.key, access) {
            (Some(key), Access::Account) => request.header(KEY_HEADER, key),
            (None, _) | (_, Access::Public) => request,
        }
    }
}

async fn exchange(request: RequestBuilder, limit: Duration) -> Result<Response, HttpError> {
    let mut received = request.timeout(limit).send().await?;
    let header = |name| received.headers().get(name).and_then(|value| value.to_str().ok());
    let mut response = Response {
        status: received.status().as_u16(),
        body: Vec::new(),
        retry_after: header(RETRY_AFTER).and_then(parse_retry_after),
        location: header(LOCATION).map(str::to_owned),
    };
    while let Some(chunk) = received.chunk().await? {
        if response.body.len() + chunk.len() > MAX_RESPONSE_BYTES {
            return Err(HttpError::TooLarge);
        }
        response.body.extend_from_slice(&chunk);
    }
    Ok(response)
}
