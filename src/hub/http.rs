//! HTTP: one request and its response, with TLS that trusts this machine's certificates, and the key sent to the Hub alone.

use std::cell::OnceCell;
use std::time::Duration;

use hyper::body::Bytes;
use reqwest::header::{ACCEPT, CONTENT_TYPE, DATE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, Proxy, RequestBuilder, Version};
use url::{Origin, Url};

use super::body::{self, Bodies, BodyError, MAX_RESPONSE_BYTES};
use super::deadline::{Deadline, parse_reset, parse_retry_after};
use super::failure::{NoResponse, Route, is_refusal_of_proxy};
use super::pace::{Pace, TooBusy};
use super::tls::{ClientError, tls};
use super::tunnel::status_of_refusal;
use crate::settings::Settings;
use crate::settings::values::is_loopback;

/// The header that carries the account key (Aerostack documentation, "Publishing via GitHub Actions"; Go CLI).
pub(crate) const KEY_HEADER: &str = "X-API-Key";

/// The header that says when a rate limit ends (Aerostack documentation, "Rate limiting").
const RATE_LIMIT_RESET: &str = "X-RateLimit-Reset";

/// The code of a refused request over the limit (same source).
const RATE_LIMIT_CODE: &str = "RATE_LIMIT_EXCEEDED";

/// Longest response that is searched for that code: it is a short one.
const MAX_SEARCHED_BYTES: usize = 4_096;

/// Path of the API that all requests are below.
const API: [&str; 3] = ["api", "community", "functions"];

/// Longest wait for a connection: the usual order of magnitude, and half of what one read may take.
const MAX_CONNECT_TIME: Duration = Duration::from_secs(10);

/// A response of any status.
#[derive(Debug, Default)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    pub(crate) retry_after: Option<Duration>,
    /// Whether the request was refused because of the rate limit.
    pub(crate) is_rate_limited: bool,
    /// The target of a redirect, which is never followed.
    pub(crate) location: Option<String>,
}

/// Why there is no response that can be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpError {
    #[error(transparent)]
    NoResponse(NoResponse),
    #[error("the Hub's response is larger than {MAX_RESPONSE_BYTES} bytes")]
    TooLarge,
    /// A failure that may pass, still there at the last attempt to read.
    #[error("the Hub is temporarily unavailable (status {0})")]
    Status(u16),
    #[error(transparent)]
    TooBusy(#[from] TooBusy),
}

impl HttpError {
    /// What keeps this machine from the Hub until the owner of the pipeline changes it.
    pub(crate) fn obstacle(&self) -> Option<&NoResponse> {
        match self {
            Self::NoResponse(failure) => Some(failure).filter(|failure| failure.is_obstacle()),
            Self::TooLarge | Self::Status(_) | Self::TooBusy(_) => None,
        }
    }

    /// Whether repeating the request can't help.
    pub(super) fn lasts(&self) -> bool {
        match self {
            Self::NoResponse(failure) => !failure.may_pass,
            Self::TooBusy(_) => true,
            Self::TooLarge | Self::Status(_) => false,
        }
    }
}

/// A response, if there is one.
type Exchanged = Result<Response, HttpError>;

/// The HTTP client, with the Hub's address and the key.
#[derive(Debug)]
pub(super) struct Http {
    client: Client,
    base: Url,
    route: Route,
    key: Option<HeaderValue>,
    pub(super) bodies: Bodies,
    pub(super) pace: Pace,
    /// The first failure that lasts.
    obstacle: OnceCell<NoResponse>,
}

/// The client that every request is sent with.
pub(crate) fn client(settings: &Settings) -> Result<Client, ClientError> {
    let base = &settings.api_url;
    let mut builder = Client::builder()
        .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        // What is repeated, and when, is decided elsewhere.
        .retry(reqwest::retry::never())
        // Well below the time for a whole request, so that a failed connection is not taken for a lost response.
        .connect_timeout(MAX_CONNECT_TIME.min(settings.timeout.div_f64(5.0)))
        .tls_backend_preconfigured(tls(settings)?);
    // The environment was read already.
    builder = match &settings.proxy {
        None => builder.no_proxy(),
        Some(proxy) => {
            let of_all = Proxy::all(proxy.url.as_str()).map_err(ClientError::Http)?;
            builder.proxy(match &proxy.login {
                Some(login) => of_all.custom_http_auth(login.clone()),
                None => of_all,
            })
        }
    };
    if is_loopback(base) {
        let loopback = [([127, 0, 0, 1], 0).into(), ([0, 0, 0, 0, 0, 0, 0, 1], 0).into()];
        builder = builder.resolve_to_addrs("localhost", &loopback);
    }
    builder.build().map_err(ClientError::Http)
}

impl Http {
    pub(super) fn new(settings: &Settings) -> Result<Self, ClientError> {
        let mut key = settings.api_key.usable().and_then(|key| HeaderValue::from_str(key.expose()).ok());
        if let Some(key) = &mut key {
            key.set_sensitive(true);
        }
        Ok(Self {
            client: client(settings)?,
            base: settings.api_url.clone(),
            route: Route::of(&settings.api_url, settings.proxy.clone()),
            key,
            bodies: Bodies::new(),
            pace: Pace::new(),
            obstacle: OnceCell::new(),
        })
    }

    /// Whether there is a key to send.
    pub(super) fn has_key(&self) -> bool {
        self.key.is_some()
    }

    /// What keeps this machine from the Hub, where that has shown.
    pub(super) fn obstacle(&self) -> Option<&NoResponse> {
        self.obstacle.get()
    }

    /// The address of a path in the API, given by its parts.
    pub(super) fn url(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(API).extend(path);
        }
        url
    }

    /// The origin that the key goes to.
    pub(super) fn origin(&self) -> Origin {
        self.base.origin()
    }

    /// The base address without the API's own path, where it contains a part of that.
    pub(super) fn without_api_path(&self) -> Option<Url> {
        let mut before = self.base.path_segments()?.take_while(|segment| *segment != API[0]);
        let before: Vec<_> = before.by_ref().collect();
        if before.len() == self.base.path_segments()?.count() {
            return None;
        }
        let mut url = self.base.clone();
        url.path_segments_mut().ok()?.clear().extend(before);
        Some(url)
    }

    /// Reads once.
    pub(super) async fn get(&self, path: &[&str], deadline: &Deadline, limit: Duration) -> Exchanged {
        self.exchange(self.client.get(self.url(path)), deadline, limit, || true).await
    }

    /// Sends a body once, unless `begin`, which is asked just before, says that nothing may begin any more.
    pub(super) async fn post(
        &self,
        path: &[&str],
        body: Bytes,
        deadline: &Deadline,
        limit: Duration,
        begin: &dyn Fn() -> bool,
    ) -> Exchanged {
        let request = self.client.post(self.url(path)).header(CONTENT_TYPE, "application/json").body(body);
        self.exchange(request, deadline, limit, begin).await
    }

    /// Sends a request, as soon as the rate limit allows it. The key goes along with every one: without it, requests count
    /// as those of the address that this machine shares with others.
    async fn exchange(
        &self,
        request: RequestBuilder,
        deadline: &Deadline,
        limit: Duration,
        begin: impl Fn() -> bool,
    ) -> Exchanged {
        let _turn = self.pace.turn(deadline).await?;
        if !begin() {
            // The run is being cancelled, and this future is about to be dropped.
            return std::future::pending().await;
        }
        let mut request = request.header(ACCEPT, "application/json").timeout(limit.min(deadline.left()));
        if let Some(key) = &self.key {
            request = request.header(KEY_HEADER, key);
        }
        let received = match request.send().await {
            Ok(received) => received,
            Err(error) => return Err(self.no_response(&error, deadline).await),
        };
        let is_shared = received.version() == Version::HTTP_2;
        let mut response = Response::of_head(received.status().as_u16(), received.headers());
        // What was refused because of the rate limit is known before the whole body is.
        if response.is_rate_limited {
            self.pace.refused(response.retry_after);
        }
        match self.bodies.read(received).await {
            Ok(body) => response.body = body,
            // The status says it all.
            Err(_) if response.is_rate_limited => {}
            Err(BodyError::TooLarge) => return Err(HttpError::TooLarge),
            Err(BodyError::Cut(error)) => return Err(self.no_response(&error, deadline).await),
        }
        if response.is_rate_limited {
            return Ok(response);
        }
        if response.names_rate_limit() {
            response.is_rate_limited = true;
            self.pace.refused(response.retry_after);
        } else {
            self.pace.answered(is_shared);
        }
        Ok(response)
    }

    async fn no_response(&self, error: &reqwest::Error, deadline: &Deadline) -> HttpError {
        let refusal = match &self.route.proxy {
            Some(proxy) if is_refusal_of_proxy(error) => {
                status_of_refusal(proxy, &self.route.hub, deadline.left()).await
            }
            Some(_) | None => None,
        };
        let failure = NoResponse::of(error, &self.route, refusal);
        if !failure.may_pass {
            self.obstacle.get_or_init(|| failure.clone());
        }
        HttpError::NoResponse(failure)
    }
}

impl Response {
    /// What its status and its headers say; the body is empty.
    pub(crate) fn of_head(status: u16, headers: &HeaderMap) -> Self {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let reset = || parse_reset(header(RATE_LIMIT_RESET)?, header(DATE.as_str()));
        let retry_after = header(RETRY_AFTER.as_str()).and_then(parse_retry_after);
        Self {
            status,
            body: Vec::new(),
            retry_after: if status == 429 { retry_after.or_else(reset) } else { retry_after },
            is_rate_limited: status == 429,
            location: header(LOCATION.as_str()).map(str::to_owned),
        }
    }

    /// Whether it is a failure that may pass by itself.
    pub(crate) fn may_pass(&self) -> bool {
        matches!(self.status, 408 | 429 | 500..)
    }

    /// Whether the response says so by its code, under another status.
    pub(crate) fn names_rate_limit(&self) -> bool {
        self.status >= 400
            && self.body.len() <= MAX_SEARCHED_BYTES
            && body::parse(&self.body).is_some_and(|body| {
                let places = ["/error/code", "/code", "/error"];
                places
                    .iter()
                    .filter_map(|place| body.pointer(place)?.as_str())
                    .any(|code| code == RATE_LIMIT_CODE)
            })
    }
}
