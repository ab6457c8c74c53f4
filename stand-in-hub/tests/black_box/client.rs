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

/// The most that is read of a response, in bytes: some have no end.
const MAX_READ_BYTES: usize = 4 * 1024 * 1024;

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

    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(known, _)| *known == name).map(|(_, value)| value)
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
    let (bytes, end) = read_all(url, method, path, key, body, timeout)?;
    end?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return Err(io::ErrorKind::UnexpectedEof.into());
    };
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    Ok(Response { status, head: head.to_ascii_lowercase(), body: body.to_owned() })
}

/// What arrives of the response to a read of this path until the connection ends or nothing more comes, and how it ends.
pub(crate) fn partial(url: &str, path: &str) -> (Vec<u8>, io::Result<()>) {
    read_all(url, "GET", path, Some(ALICE), "", NO_RESPONSE_TIMEOUT).expect("a request that is sent")
}

/// Sends a request, and reads until the connection ends.
fn read_all(
    url: &str,
    method: &str,
    path: &str,
    key: Option<&str>,
    body: &str,
    timeout: Duration,
) -> io::Result<(Vec<u8>, io::Result<()>)> {
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
    let mut part = vec![0; 64 * 1024];
    while bytes.len() < MAX_READ_BYTES {
        match stream.read(&mut part) {
            Ok(0) => return Ok((bytes, Ok(()))),
            Ok(length) => bytes.extend(&part[..length]),
            Err(error) => return Ok((bytes, Err(error))),
        }
    }
    Ok((bytes, Ok(())))
}
