//! A minimal HTTP/1.1 client that does not interpret responses; one connection per request.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

pub(crate) const PUBLISH: &str = "/api/community/functions/ci/publish";
pub(crate) const MY: &str = "/api/community/functions/my";
pub(crate) const ALICE: &str = stand_in_hub::DEFAULT_KEY;

/// The time-out of a request that gets a response, in seconds.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The time-out of a request that gets no response, in milliseconds; a response takes about one.
const NO_RESPONSE_TIMEOUT: Duration = Duration::from_millis(300);

#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Response {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    /// The code of an error with the default shape.
    pub(crate) fn code(&self) -> String {
        self.json()["error"]["code"].as_str().expect("a code").to_owned()
    }
}

/// A complete publish body.
pub(crate) fn function(name: &str, version: &str) -> Value {
    json!({
        "name": name, "version": version, "description": "d", "category": "media", "language": "typescript",
        "runtime": "cloudflare-worker", "license": "MIT", "entrypoint": "index.ts",
        "code": format!("export const version = '{version}';"), "publish": true,
    })
}

/// The body with one field changed.
pub(crate) fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

pub(crate) fn publish(url: &str, body: &Value) -> Response {
    call(url, "POST", PUBLISH, Some(ALICE), &body.to_string())
}

/// The error of a publish that gets no response.
pub(crate) fn publish_without_response(url: &str, body: &Value) -> io::Error {
    exchange(url, "POST", PUBLISH, Some(ALICE), &body.to_string(), NO_RESPONSE_TIMEOUT)
        .expect_err("no response")
}

pub(crate) fn get(url: &str, path: &str, key: Option<&str>) -> Response {
    call(url, "GET", path, key, "")
}

pub(crate) fn call(url: &str, method: &str, path: &str, key: Option<&str>, body: &str) -> Response {
    exchange(url, method, path, key, body, TIMEOUT).expect("a response")
}

fn exchange(
    url: &str,
    method: &str,
    path: &str,
    key: Option<&str>,
    body: &str,
    timeout: Duration,
) -> io::Result<Response> {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://"))?;
    stream.set_read_timeout(Some(timeout))?;
    let key = key.map(|key| format!("X-API-Key: {key}\r\n")).unwrap_or_default();
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: hub\r\nConnection: close\r\nContent-Type: application/json\r\n{key}Content-Length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return Err(io::ErrorKind::UnexpectedEof.into());
    };
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    Ok(Response { status, head: head.to_ascii_lowercase(), body: body.to_owned() })
}
