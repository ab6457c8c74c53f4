//! HTTP: one request and its response, with TLS that trusts this machine's certificates, and the key sent to the Hub alone.

use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder};
use url::Url;

use super::deadline::parse_retry_after;
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
    #[error("{}", failure(.0))]
    NoResponse(#[from] reqwest::Error),
    #[error("the Hub's response is larger than {MAX_RESPONSE_BYTES} bytes")]
    TooLarge,
    /// A failure that may pass, still there at the last attempt to read.
    #[error("the Hub answered with status {0}")]
    Status(u16),
}

fn failure(error: &reqwest::Error) -> &'static str {
    if error.is_connect() {
        "the Hub could not be reached"
    } else if error.is_timeout() {
        "no response from the Hub"
    } else {
        "the connection to the Hub was interrupted"
    }
}

/// A response, if there is one.
type Exchanged = Result<Response, HttpError>;

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
            // Well below the time for a whole request, so that a failed connection is not taken for a lost response.
            .connect_timeout(MAX_CONNECT_TIME.min(settings.timeout.div_f64(5.0)))
            .tls_backend_preconfigured(tls(settings)?);
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

    /// Reads once.
    pub(super) async fn get(&self, path: &[&str], access: Access, limit: Duration) -> Exchanged {
        self.exchange(self.client.get(self.url(path)), access, limit).await
    }

    /// Sends a body once.
    pub(super) async fn post(&self, path: &[&str], body: Vec<u8>, limit: Duration) -> Exchanged {
        let request = self.client.post(self.url(path)).header(CONTENT_TYPE, "application/json").body(body);
        self.exchange(request, Access::Account, limit).await
    }

    async fn exchange(&self, request: RequestBuilder, access: Access, limit: Duration) -> Exchanged {
        let mut request = request.header(ACCEPT, "application/json").timeout(limit);
        if let (Some(key), Access::Account) = (&self.key, access) {
            request = request.header(KEY_HEADER, key);
        }
        let mut received = request.send().await?;
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
}
