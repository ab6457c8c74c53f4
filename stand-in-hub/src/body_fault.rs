//! Responses whose bodies are faulty.

use std::future::pending;
use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::http::response::Parts;
use axum::response::Response;
use futures_util::stream::{self, StreamExt};
use http_body_util::{BodyExt, Collected};
use tokio::time::sleep;

use crate::connection::{Close, Connection};
use crate::gzip_bomb;

/// The delay before a truncated response's connection is closed, in milliseconds, so that the first half is sent.
const CLOSE_DELAY: Duration = Duration::from_millis(50);

/// The size of a part of an endless body, in bytes.
const PART_BYTES: usize = 64 * 1024;

type Part = Result<Bytes, io::Error>;

/// Sends the head and the first half of the body, then closes the connection.
pub(crate) async fn cut(response: Response, connection: Connection) -> Response {
    let (head, first_half) = half(response).await;
    let close = stream::once(async move {
        sleep(CLOSE_DELAY).await;
        connection.close::<Part>(Close::Fin).await
    });
    let body = stream::once(async { Ok(first_half) }).chain(close);
    Response::from_parts(head, Body::from_stream(body))
}

/// Sends the head and the first half of the body, then nothing.
pub(crate) async fn hang(response: Response) -> Response {
    let (head, first_half) = half(response).await;
    let body = stream::once(async { Ok(first_half) }).chain(stream::once(pending::<Part>()));
    Response::from_parts(head, Body::from_stream(body))
}

/// Sends the body byte by byte, with a pause before each one.
pub(crate) async fn drip(response: Response, pause: Duration) -> Response {
    let (head, body) = whole(response).await;
    let bytes = stream::iter(body).then(move |byte| async move {
        sleep(pause).await;
        Part::Ok(Bytes::from(vec![byte]))
    });
    Response::from_parts(head, Body::from_stream(bytes))
}

/// Sends a JSON array of blanks without end.
pub(crate) fn endless() -> Body {
    let part = Bytes::from(vec![b' '; PART_BYTES]);
    let start = stream::once(async { Part::Ok(Bytes::from_static(b"[")) });
    Body::from_stream(start.chain(stream::repeat_with(move || Part::Ok(part.clone()))))
}

/// A gzip bomb.
pub(crate) fn gzip_bomb() -> Body {
    Body::from(gzip_bomb::bytes())
}

/// The head with the `content-length` of the whole body, and the first half of the body.
async fn half(response: Response) -> (Parts, Bytes) {
    let (head, body) = whole(response).await;
    (head, body.slice(..body.len() / 2))
}

async fn whole(response: Response) -> (Parts, Bytes) {
    let (mut head, body) = response.into_parts();
    let body = body.collect().await.map(Collected::to_bytes).unwrap_or_default();
    head.headers.insert(header::CONTENT_LENGTH, body.len().into());
    (head, body)
}
