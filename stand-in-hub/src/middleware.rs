//! Middleware around all endpoints: records requests and limits their rate.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::connection::{Close, Connection};
use crate::error::{ApiError, ErrorCode};
use crate::hub::{Hub, lock};
use crate::inject::custom_response;
use crate::log::LogEntry;
use crate::rate_limit;
use crate::recorded::Recorded;
use crate::response;
use crate::route::Route;

/// The largest request body, in bytes. No public source states the Hub's limit; this one only protects the memory.
const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;

/// Reads the whole request and records it, with its response.
pub(crate) async fn record(
    State(hub): State<Arc<Hub>>,
    Extension(connection): Extension<Connection>,
    request: Request,
    next: Next,
) -> Response {
    let (head, body) = request.into_parts();
    let mut recorded = recorded(&head);
    let route = recorded.route;
    let mut log_entry = LogEntry::new(hub.log.clone(), &recorded.method, &recorded.path);
    if lock(&hub.faults).take_unread(route) {
        lock(&hub.requests).push(recorded);
        return connection.close(Close::Reset).await;
    }
    let response = match Limited::new(body, MAX_BODY_BYTES).collect().await {
        Ok(body) => {
            let body = body.to_bytes();
            recorded.body = body.to_vec();
            let index = {
                let mut requests = lock(&hub.requests);
                requests.push(recorded);
                requests.len() - 1
            };
            let mut request = Request::from_parts(head, Body::from(body));
            request.extensions_mut().insert(route);
            let response = next.run(request).await;
            if let Some(recorded) = lock(&hub.requests).get_mut(index) {
                recorded.answered = Some((response.status().as_u16(), Instant::now()));
            }
            response
        }
        Err(error) => {
            let is_too_large = error.is::<LengthLimitError>();
            let code = if is_too_large { ErrorCode::PayloadTooLarge } else { ErrorCode::InvalidRequest };
            response::error(&ApiError::new(code, "the body cannot be read", ""), &hub.shapes())
        }
    };
    log_entry.status = Some(response.status().as_u16());
    response
}

fn recorded(head: &Parts) -> Recorded {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    Recorded {
        method: head.method.to_string(),
        path: path.to_owned(),
        route: Route::of(head.method.as_str(), path),
        headers: head.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        body: Vec::new(),
        received: Instant::now(),
        answered: None,
    }
}

/// Refuses requests that the rate limit does not allow.
pub(crate) async fn limit_rate(
    State(hub): State<Arc<Hub>>,
    Extension(route): Extension<Route>,
    request: Request,
    next: Next,
) -> Response {
    let has_key = request.headers().contains_key(response::KEY_HEADER);
    let quota =
        hub.settings.rate_limit.as_ref().and_then(|rules| {
            lock(&hub.limiter).count(rules, route == Route::Publish, has_key, Instant::now())
        });
    let Some(quota) = quota else { return next.run(request).await };
    let now = SystemTime::now();
    let mut response = if quota.is_exceeded {
        let (headers, body) = rate_limit::refusal(quota.shape, quota.wait_seconds(), now);
        custom_response(429, headers, body)
    } else {
        next.run(request).await
    };
    for (name, value) in quota.headers(now) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
