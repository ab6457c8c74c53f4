use std::io::{ErrorKind, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use stand_in_hub::{Fault, Route, StandInHub};

use crate::client::{ALICE, PUBLISH, function, get, partial, publish, publish_without_response};

const PUBLIC: &str = "/api/community/functions/alice/a";

fn hub_with(fault: Fault) -> StandInHub {
    let hub = StandInHub::start();
    hub.seed("alice", function("a", "1.0.0"));
    hub.fault(Route::Public, fault);
    hub
}

/// The head and the body of what arrived.
fn split(bytes: &[u8]) -> (String, &[u8]) {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("a head");
    (String::from_utf8_lossy(&bytes[..end]).to_lowercase(), &bytes[end + 4..])
}

#[test]
fn a_connection_is_reset_after_the_request_was_read() {
    for (fault, stored) in [(Fault::Reset, false), (Fault::Reset.after_processing(), true)] {
        let hub = StandInHub::start();
        hub.fault(Route::Publish, fault);
        let error = publish_without_response(&hub.url(), &function("a", "1.0.0"));
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        assert_eq!(hub.publishes(), [function("a", "1.0.0")]);
        assert_eq!(!hub.published("alice", "a").is_empty(), stored);
    }
}

#[test]
fn a_connection_is_reset_before_the_body_was_read() {
    let hub = StandInHub::start();
    hub.fault(Route::Publish, Fault::ResetUnread);
    let mut stream = TcpStream::connect(hub.url().trim_start_matches("http://")).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time-out");
    // The body never comes.
    write!(stream, "POST {PUBLISH} HTTP/1.1\r\nHost: hub\r\nX-API-Key: {ALICE}\r\nContent-Length: 9\r\n\r\n")
        .expect("sent");
    let error = std::io::Read::read(&mut stream, &mut [0]).expect_err("a reset");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert_eq!(hub.requests()[0].body, b"");
    assert_eq!(publish(&hub.url(), &function("a", "1.0.0")).status, 201, "once");
}

#[test]
fn a_body_hangs_or_is_cut_in_its_middle() {
    for fault in [Fault::HangInBody, Fault::CutBody] {
        for fault in [fault.clone(), fault.after_processing()] {
            let hub = hub_with(fault.clone());
            let (bytes, end) = partial(&hub.url(), PUBLIC);
            let (head, body) = split(&bytes);
            let (_, length) = head.split_once("content-length: ").expect("a length");
            let length: usize = length.lines().next().and_then(|n| n.parse().ok()).expect("a number");
            assert!(head.starts_with("http/1.1 200") && body.len() == length / 2, "{fault:?}");
            let hangs = matches!(end.map_err(|error| error.kind()), Err(ErrorKind::WouldBlock));
            let is_hang = [Fault::HangInBody, Fault::HangInBody.after_processing()].contains(&fault);
            assert_eq!(hangs, is_hang, "{fault:?}");
        }
    }
}

#[test]
fn a_body_is_sent_byte_by_byte() {
    let hub = hub_with(Fault::Drip(Duration::from_millis(1)).after_processing());
    assert_eq!(get(&hub.url(), PUBLIC, None).json(), get(&hub.url(), PUBLIC, None).json());
    hub.fault(Route::Public, Fault::Drip(Duration::from_mins(1)));
    let (bytes, end) = partial(&hub.url(), PUBLIC);
    assert!(split(&bytes).1.is_empty() && end.is_err());
}

#[test]
fn a_body_without_end_is_sent_as_long_as_it_is_read() {
    let hub = hub_with(Fault::Endless);
    let (bytes, end) = partial(&hub.url(), PUBLIC);
    end.expect("more than was read");
    assert!(bytes.len() >= 4 * 1024 * 1024);
}

#[test]
fn a_gzip_bomb_is_a_valid_gzip_file() {
    let hub = hub_with(Fault::GzipBomb);
    let (bytes, end) = partial(&hub.url(), PUBLIC);
    end.expect("a whole response");
    let (head, body) = split(&bytes);
    assert!(head.contains("content-encoding: gzip") && body.len() < 2 * 1024 * 1024, "{head}");
    let mut gzip = Command::new("gzip").arg("-t").stdin(Stdio::piped()).spawn().expect("gzip can be started");
    gzip.stdin.take().expect("a pipe").write_all(body).expect("read by gzip");
    assert!(gzip.wait().expect("an exit").success(), "its length and checksum are right");
}

#[test]
fn a_response_is_that_of_a_proxy_or_of_no_use() {
    for (fault, status, head, body) in [
        (Fault::html_page(502, "Bad gateway"), 502, "text/html", "<title>Bad gateway</title>"),
        (Fault::redirect(308, "/elsewhere"), 308, "location: /elsewhere", ""),
        (Fault::redirect(302, "https://hub.example.net/x"), 302, "location: https://hub.example.net/x", ""),
        (Fault::status(101), 101, "", ""),
        (Fault::status(204), 204, "", ""),
        (Fault::status(408), 408, "", ""),
        (Fault::invalid_json(200), 200, "application/json", "not json"),
    ] {
        let hub = hub_with(fault);
        let response = get(&hub.url(), PUBLIC, None);
        assert_eq!(response.status, status);
        assert!(response.head.contains(head) && response.body.contains(body), "{response:?}");
        serde_json::from_str::<Value>(&response.body).expect_err("not JSON");
    }
}
