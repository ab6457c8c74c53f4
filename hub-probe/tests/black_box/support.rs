//! One run of the probe, and functions to publish.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use stand_in_hub::{DEFAULT_KEY, StandInHub};

/// What a run wrote.
pub(crate) struct Run {
    pub(crate) exit_code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// The answer to a question.
    pub(crate) fn answer(&self, question: &str) -> &str {
        let start = format!("{question}: ");
        let line = self.stdout.lines().find_map(|line| line.strip_prefix(&start));
        let line = line.unwrap_or_else(|| panic!("no `{question}` in {}\n{}", self.stdout, self.stderr));
        line.split("    (").next().unwrap_or_default()
    }
}

/// Runs the probe with nothing but these variables.
pub(crate) fn run(variables: &[(&str, &str)], arguments: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hub-probe"));
    command.env_clear().envs(variables.iter().copied()).args(arguments).stdin(Stdio::null());
    let output = command.output().expect("the probe starts");
    Run {
        exit_code: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// Runs it against this Hub, with a key that it knows.
pub(crate) fn probe(hub: &StandInHub, arguments: &[&str]) -> Run {
    run(&[("AEROSTACK_API_KEY", DEFAULT_KEY), ("AEROSTACK_API_URL", &hub.url())], arguments)
}

/// A recording.
pub(crate) fn recording(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).expect("a recording")).expect("JSON")
}

/// A complete publish body, published live.
pub(crate) fn function(name: &str, version: &str) -> Value {
    json!({
        "name": name, "version": version, "description": "d", "category": "media", "language": "typescript",
        "runtime": "cloudflare-worker", "license": "MIT", "entrypoint": "index.ts",
        "code": format!("export const version = '{version}';"), "publish": true,
    })
}

/// A Hub where `alice` has two published functions.
pub(crate) fn seeded(hub: StandInHub) -> StandInHub {
    hub.seed("alice", function("greeter", "1.0.0"));
    hub.seed("alice", function("resizer", "2.1.0"));
    hub
}

/// Publishes over HTTP, and returns the response.
pub(crate) fn publish(hub: &StandInHub, body: &Value) -> String {
    let address = hub.url().strip_prefix("http://").expect("HTTP").to_owned();
    let mut stream = TcpStream::connect(&address).expect("a connection");
    let body = body.to_string();
    write!(
        stream,
        "POST /api/community/functions/ci/publish HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         x-api-key: {DEFAULT_KEY}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .expect("a request");
    let mut response = String::new();
    stream.read_to_string(&mut response).expect("a response");
    response
}
