//! Middleware around all endpoints: records requests and injects faults.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, StreamExt};
use http_body_util::{BodyExt, Collected, LengthLimitError, Limited};
use tokio::time::sleep;

use crate::connection::Connection;
use crate::error::{ApiError, ErrorCode};
use crate::fault::{Fault, Route};
use crate::hub::{Hub, lock};
use crate::log::LogEntry;
use crate::recorded::Recorded;
use crate::response;

/// The largest request body, in bytes. No public source states the Hub's limit; this one only protects the memory.
const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;

/// The delay before a truncated response's connection is closed, in milliseconds, so that the first half is sent.
const TRUNCATE_DELAY: Duration = Duration::from_millis(50);

/// Reads the whole request and records it.
pub(crate) async fn record(State(hub): State<Arc<Hub>>, request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let mut log_entry = LogEntry::new(hub.log.clone(), head.method.as_str(), path);
    let response = match Limited::new(body, MAX_BODY_BYTES).collect().await {
        Ok(body) => {
            let body = body.to_bytes();
            lock(&hub.requests).push(recorded(&head, path, &body));
            next.run(Request::from_parts(head, Body::from(body))).await
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

fn recorded(head: &Parts, path: &str, body: &[u8]) -> Recorded {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    Recorded {
        method: head.method.to_string(),
        path: path.to_owned(),
        headers: head.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        body: body.to_vec(),
    }
}

/// The route whose faults are injected into an endpoint.
#[derive(Clone)]
pub(crate) struct FaultPoint {
    pub(crate) hub: Arc<Hub>,
    pub(crate) route: Route,
}

/// Waits for the publish gate, and injects a fault if one is set.
pub(crate) async fn inject_fault(
    State(FaultPoint { hub, route }): State<FaultPoint>,
    Extension(connection): Extension<Connection>,
    request: Request,
    next: Next,
) -> Response {
    if route == Route::Publish {
        hub.publish_gate.wait().await;
    }
    let fault = lock(&hub.faults).take(route);
    let Some(fault) = fault else { return next.run(request).await };
    match fault {
        Fault::Status { code, headers, body } => custom_response(code, headers, body),
        Fault::ProcessThenStatus { code, headers, body } => {
            next.run(request).await;
            custom_response(code, headers, body)
        }
        Fault::CutBefore => connection.close().await,
        Fault::CutAfter => {
            next.run(request).await;
            connection.close().await
        }
        Fault::Hang => pending().await,
        Fault::ProcessThenHang => {
            next.run(request).await;
            pending().await
        }
        Fault::Delay(duration) => {
            sleep(duration).await;
            next.run(request).await
        }
        Fault::Truncate => truncate(next.run(request).await, connection).await,
        Fault::Redirect(url) => custom_response(307, vec![("location".to_owned(), url)], Vec::new()),
        Fault::Garbage => {
            next.run(request).await;
            response::with_media_type(StatusCode::OK, "application/json", &b"\x00\xff{not json"[..])
        }
        Fault::Html => {
            next.run(request).await;
            response::with_media_type(StatusCode::OK, "text/html; charset=utf-8", response::HTML_PAGE)
        }
    }
}

/// A response defined by a test, without the headers that are not valid in HTTP.
fn custom_response(code: u16, headers: Vec<(String, String)>, body: Vec<u8>) -> Response {
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Body::from(body)).into_response();
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// Sends the head and the first half of the body, then closes the connection.
async fn truncate(response: Response, connection: Connection) -> Response {
    let (mut head, body) = response.into_parts();
    let body = body.collect().await.map(Collected::to_bytes).unwrap_or_default();
    head.headers.insert(header::CONTENT_LENGTH, body.len().into());
    let first_half = body.slice(..body.len() / 2);
    let close = stream::once(async move {
        sleep(TRUNCATE_DELAY).await;
        connection.close::<Result<Bytes, std::io::Error>>().await
    });
    let body = stream::once(async { Ok(first_half) }).chain(close);
    Response::from_parts(head, Body::from_stream(body))
}
