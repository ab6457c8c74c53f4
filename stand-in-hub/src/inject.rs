//! Middleware that injects faults, and what happens on the Hub between two requests of one client.

use std::future::pending;
use std::sync::Arc;
use std::time::SystemTime;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use h2::Reason;
use serde_json::json;
use tokio::time::sleep;

use crate::body_fault;
use crate::connection::{Close, Connection};
use crate::fault::{Fault, INVALID_JSON, Processing};
use crate::hub::{Hub, lock};
use crate::rate_limit;
use crate::response;
use crate::route::Route;

/// The number of the last stream in a `GOAWAY` frame of a server that processed all of them (RFC 9113, section 6.8).
const ALL_STREAMS: u32 = 0x7fff_ffff;

/// Marks a response in whose place the HTTP/2 stream is reset.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StreamReset(pub(crate) Reason);

/// Waits for the publish gate, and injects a fault if one is set.
pub(crate) async fn inject(
    State(hub): State<Arc<Hub>>,
    Extension(route): Extension<Route>,
    Extension(connection): Extension<Connection>,
    request: Request,
    next: Next,
) -> Response {
    if route == Route::Publish {
        hub.publish_gate.wait().await;
        hub.apply_seeds(|seeds| &mut seeds.before_publish);
    }
    let fault = lock(&hub.faults).take(route);
    let response = match fault.as_ref().map_or(Processing::First, Fault::processing) {
        Processing::First => Some(next.run(request).await),
        Processing::AfterDelay(delay) => {
            sleep(delay).await;
            Some(next.run(request).await)
        }
        Processing::Later(delay) => {
            tokio::spawn(async move {
                sleep(delay).await;
                next.run(request).await;
            });
            None
        }
        Processing::Never => None,
    };
    if route == Route::Publish {
        hub.apply_seeds(|seeds| &mut seeds.after_publish);
    }
    match fault {
        None => response.unwrap_or_else(other_function),
        Some(fault) => answer(fault.into_answer(), response, connection).await,
    }
}

/// The response of a fault; `response` is that of the request if it was processed.
async fn answer(fault: Fault, response: Option<Response>, connection: Connection) -> Response {
    let was_processed = response.is_some();
    let response = response.unwrap_or_else(other_function);
    match fault {
        Fault::Status { code, headers, body } | Fault::ProcessThenStatus { code, headers, body } => {
            custom_response(code, headers, body)
        }
        Fault::CutBefore | Fault::CutAfter => connection.close(Close::Fin).await,
        Fault::Hang | Fault::ProcessThenHang => pending().await,
        Fault::Delay(_) | Fault::AfterProcessing(_) | Fault::ProcessLater(..) => response,
        Fault::Truncate | Fault::CutBody => body_fault::cut(response, connection).await,
        Fault::Redirect(url) => custom_response(307, vec![("location".to_owned(), url)], Vec::new()),
        Fault::Garbage => response::with_media_type(StatusCode::OK, "application/json", INVALID_JSON),
        Fault::Html => {
            response::with_media_type(StatusCode::OK, "text/html; charset=utf-8", response::HTML_PAGE)
        }
        Fault::Reset | Fault::ResetUnread => connection.close(Close::Reset).await,
        Fault::HangInBody => body_fault::hang(response).await,
        Fault::Drip(pause) => body_fault::drip(response, pause).await,
        Fault::Endless => {
            response::with_media_type(StatusCode::OK, "application/json", body_fault::endless())
        }
        Fault::GzipBomb => {
            let mut response =
                response::with_media_type(StatusCode::OK, "application/json", body_fault::gzip_bomb());
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            response
        }
        Fault::StreamReset(code) => {
            let mut response = Response::new(Body::empty());
            response.extensions_mut().insert(StreamReset(Reason::from(code)));
            response
        }
        Fault::GoAway => {
            let last_stream = if was_processed { ALL_STREAMS } else { 0 };
            connection.close(Close::GoAway { last_stream }).await
        }
        Fault::RateLimited(shape, seconds) => {
            let (headers, body) = rate_limit::refusal(shape, seconds, SystemTime::now());
            custom_response(429, headers, body)
        }
    }
}

/// A response in order that is not about what the request asked for.
fn other_function() -> Response {
    let function = json!({ "id": "fn_9999", "slug": "other", "author": "nobody", "status": "published" });
    response::json(StatusCode::OK, &json!({ "function": function }))
}

/// A response defined by a test, without the headers that are not valid in HTTP.
pub(crate) fn custom_response(code: u16, headers: Vec<(String, String)>, body: Vec<u8>) -> Response {
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Body::from(body)).into_response();
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}
