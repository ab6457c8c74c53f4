//! What stands between the network and the calls: the record of requests, and the faults.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, StreamExt};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::sync::Notify;
use tokio::time::sleep;

use crate::answer;
use crate::fault::{Fault, Route};
use crate::hub::{Hub, lock};
use crate::log::Line;
use crate::recorder::Recorded;
use crate::refusal::{ErrorCode, Refusal};

/// Largest body, in bytes. No public source states the Hub's own limit; this one only guards the memory.
const MAX_BODY: usize = 64 * 1024 * 1024;

/// How long half an answer may take to leave the machine, in milliseconds; loopback needs far less.
const FLUSH: Duration = Duration::from_millis(50);

/// The connection a request came on.
#[derive(Clone, Default)]
pub(crate) struct Connection {
    cut: Arc<Notify>,
}

impl Connection {
    /// Asks for the connection to be closed, then waits for that to happen.
    async fn close<T>(&self) -> T {
        self.cut.notify_one();
        pending().await
    }

    /// Returns when the connection is to be closed.
    pub(crate) async fn asked_to_close(&self) {
        self.cut.notified().await;
    }
}

/// Reads the whole request, records it, and goes on with it.
pub(crate) async fn record(State(hub): State<Arc<Hub>>, request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let line = Line::begin(hub.log.clone(), head.method.as_str(), &path);
    let response = match Limited::new(body, MAX_BODY).collect().await {
        Ok(body) => {
            let body = body.to_bytes();
            let headers = head
                .headers
                .iter()
                .map(|(name, value)| {
                    (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
                })
                .collect();
            let method = head.method.as_str().to_owned();
            lock(&hub.requests).push(Recorded { method, path, headers, body: body.to_vec() });
            next.run(Request::from_parts(head, Body::from(body))).await
        }
        Err(cause) => {
            let code = if cause.is::<LengthLimitError>() {
                ErrorCode::PayloadTooLarge
            } else {
                ErrorCode::InvalidRequest
            };
            answer::refused(&Refusal::new(code, "the body cannot be read", ""), &hub.shapes())
        }
    };
    line.end(response.status().as_u16());
    response
}

/// Which faults hold for a call.
#[derive(Clone)]
pub(crate) struct Injection {
    hub: Arc<Hub>,
    route: Route,
}

impl Injection {
    pub(crate) fn on(hub: &Arc<Hub>, route: Route) -> Self {
        Self { hub: hub.clone(), route }
    }
}

/// Holds the request back if it is to race, and misbehaves if a fault is set.
pub(crate) async fn misbehave(
    State(Injection { hub, route }): State<Injection>,
    Extension(connection): Extension<Connection>,
    request: Request,
    next: Next,
) -> Response {
    if route == Route::Publish {
        hub.hold.pass().await;
    }
    let fault = lock(&hub.faults).take(route);
    let Some(fault) = fault else { return next.run(request).await };
    match fault {
        Fault::Status { code, headers, body } => made_up(code, headers, body),
        Fault::ProcessThenStatus { code, headers, body } => {
            next.run(request).await;
            made_up(code, headers, body)
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
        Fault::Delay(time) => {
            sleep(time).await;
            next.run(request).await
        }
        Fault::Truncate => truncated(next.run(request).await, connection).await,
        Fault::Redirect(to) => made_up(307, vec![("location".to_owned(), to)], Vec::new()),
        Fault::Garbage => {
            next.run(request).await;
            answer::typed(StatusCode::OK, "application/json", &b"\x00\xff{not json"[..])
        }
        Fault::Html => {
            next.run(request).await;
            answer::typed(StatusCode::OK, "text/html; charset=utf-8", answer::HTML_PAGE)
        }
    }
}

/// An answer of a test's own making; parts that cannot stand in HTTP are left out.
fn made_up(code: u16, headers: Vec<(String, String)>, body: Vec<u8>) -> Response {
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Body::from(body)).into_response();
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// The whole answer's head and the first half of its body, before the connection is closed.
async fn truncated(response: Response, connection: Connection) -> Response {
    let (mut head, body) = response.into_parts();
    let whole = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    head.headers.insert(header::CONTENT_LENGTH, whole.len().into());
    let first_half = whole.slice(..whole.len() / 2);
    let end = stream::once(async move {
        sleep(FLUSH).await;
        connection.close::<Result<Bytes, std::io::Error>>().await
    });
    let body = stream::once(async { Ok(first_half) }).chain(end);
    Response::from_parts(head, Body::from_stream(body))
}
