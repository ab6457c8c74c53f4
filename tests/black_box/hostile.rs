//! A hostile Hub, or a server that is not a Hub: endless, malformed or deeply nested responses, and misleading texts.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use serde_json::{Value, json};
use stand_in_hub::{DEFAULT_KEY, Fault, Route, StandInHub};

use crate::fixtures::{body, ending, greeter, hub_with, side_by_side};
use crate::support::{CODE, Run, Step};

/// A server whose responses are written byte by byte.
fn raw_hub(respond: impl Fn(&str, &mut TcpStream) -> std::io::Result<()> + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let respond = std::sync::Arc::new(respond);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let respond = respond.clone();
            // The client may close the connection at any time.
            thread::spawn(move || drop(handle(stream, &*respond)));
        }
    });
    address
}

fn handle(
    mut stream: TcpStream,
    respond: &dyn Fn(&str, &mut TcpStream) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut request_line, mut length) = (String::new(), 0);
    reader.read_line(&mut request_line)?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
    }
    std::io::copy(&mut reader.take(length), &mut std::io::sink())?;
    respond(&request_line, &mut stream)
}

fn run_against(address: &str) -> Run {
    greeter("1.0.0").input("api-url", address).input("api-key", DEFAULT_KEY).input("timeout", "3").run()
}

#[test]
fn an_endless_response_is_cut_off() {
    let address = raw_hub(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n[")?;
        loop {
            stream.write_all(&[b' '; 8 * 1024])?;
        }
    });
    let run = run_against(&address);
    assert_eq!((run.exit_code, run.statuses()), (4, vec!["unconfirmed"]), "{}", run.stdout);
}

#[test]
fn a_response_that_trickles_is_cut_off_at_the_deadline() {
    let address = raw_hub(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")?;
        loop {
            stream.write_all(b" ")?;
            thread::sleep(std::time::Duration::from_millis(20));
        }
    });
    let run = run_against(&address);
    assert_eq!((run.exit_code, run.statuses()), (4, vec!["unconfirmed"]), "{}", run.stdout);
}

#[test]
fn endless_headers_are_cut_off() {
    let address = raw_hub(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n")?;
        loop {
            stream.write_all(b"x: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n")?;
        }
    });
    let run = run_against(&address);
    assert_eq!((run.exit_code, run.statuses()), (4, vec!["unconfirmed"]), "{}", run.stdout);
}

#[test]
fn a_response_that_is_not_http_is_not_confirmed() {
    let responses =
        [&b"SSH-2.0-OpenSSH_9.6\r\n"[..], b"\x16\x03\x01\x00\x02\x01\x00", b"", b"HTTP/1.1 99999 OK\r\n\r\n"];
    side_by_side(responses, |bytes| {
        let address = raw_hub(move |_, stream| stream.write_all(bytes));
        let run = run_against(&address);
        assert_eq!(run.exit_code, 4, "{}", run.stdout);
    });
}

#[test]
fn json_of_any_shape_confirms_nothing() {
    let deep = "[".repeat(200_000);
    let wide = format!("{{\"functions\": [{}]}}", vec!["{}"; 100_000].join(","));
    let texts = [
        deep.as_str(),
        &wide,
        "null",
        "1e999999999",
        "[]",
        "[null, 1, \"x\", [], {}]",
        r#"{"functions": [{"slug": 1, "name": [], "version": {}, "status": 2, "versions": {"a": 1}, "code": []}]}"#,
        r#"{"functions": [{"slug": "greeter", "versions": ["99999999999999999999999.0.0", null, "1"]}]}"#,
        r#"{"function": {"function": {"data": {"function": null}}}}"#,
        r#"{"error": {"code": {"code": 1}, "message": ["a", {"b": null}]}}"#,
        "{\"a\": \"\\ud800\"}",
    ];
    side_by_side(texts, |text| {
        let hub = StandInHub::start();
        for route in [Route::My, Route::ById, Route::Public, Route::Install, Route::Publish] {
            hub.fault_always(route, Fault::text(200, text));
        }
        let run = greeter("1.0.0").hub(&hub).input("timeout", "2").input("username", "alice").run();
        let start: String = text.chars().take(60).collect();
        assert!((3..=4).contains(&run.exit_code), "{start}: {} {}", run.exit_code, run.stdout);
        assert!(run.stderr.is_empty(), "{start}: {}", run.stderr);
        assert_eq!(run.function()["published"], false, "{start}");
    });
}

#[test]
fn a_response_that_is_not_utf8_is_shown_as_text() {
    let hub = StandInHub::start();
    let error = Fault::Status { code: 400, headers: Vec::new(), body: b"no \xff\xfe\x00way \xc3".to_vec() };
    hub.fault(Route::Publish, error);
    let run = greeter("1.0.0").hub(&hub).run();
    assert_eq!(ending(&run, &hub), ("failed", 1, 1), "{}", run.stdout);
    assert!(run.stdout.contains("way"));
}

/// A run with this response to its publish, and its dotenv report.
fn published_with(response: &Value) -> (Run, String) {
    let hub = StandInHub::start();
    hub.fault(Route::Publish, Fault::json(201, response));
    let step = greeter("1.0.0").hub(&hub).github();
    let dotenv = step.path(".run/dotenv");
    let step = step.input("dotenv", &dotenv.to_string_lossy());
    let run = step.run();
    assert_eq!(ending(&run, &hub), ("published", 0, 1), "{}", run.stdout);
    (run, std::fs::read_to_string(dotenv).expect("a dotenv file"))
}

#[test]
fn urls_and_ids_from_the_hub_are_escaped() {
    let (run, _) = published_with(&json!({
        "id": "../../a/b?c#d", "slug": "greeter", "author": "al/../ice", "status": "published",
        "url": "javascript:alert(1)",
    }));
    let function = run.function();
    assert_eq!(function["url"], "https://hub.aerostack.dev/functions/al%2F..%2Fice/greeter");
    let edit = function["admin_url"].as_str().expect("an address");
    assert_eq!(edit, "https://app.aerostack.dev/functions/edit/..%2F..%2Fa%2Fb%3Fc%23d");
    assert!(!run.stdout.contains("javascript:") && !run.summary.contains("javascript:"));
}

#[test]
fn texts_from_the_hub_cannot_inject_commands_or_outputs() {
    let (run, dotenv) = published_with(&json!({
        "id": "fn\r\n::error::injected\nEVIL=1\u{1b}[31m", "slug": "greeter", "author": "alice\nEVIL=1",
        "status": "published", "url": "https://hub.example/\n::error::injected\u{202e}",
    }));
    assert_eq!(run.function()["id"], Value::Null);
    assert!(run.stdout.lines().all(|line| !line.trim_start().starts_with("::error")), "{}", run.stdout);
    assert!(!run.stdout.contains("\u{1b}[31m"), "{}", run.stdout);
    assert!(dotenv.lines().all(|line| line.starts_with("AEROSTACK_")), "{dotenv}");
    assert!(run.output_file.lines().all(|line| !line.starts_with("EVIL")), "{}", run.output_file);
    assert!(!run.output_file.contains(['\r', '\u{1b}']), "{:?}", run.output_file);
}

#[test]
fn an_id_cannot_redirect_a_request() {
    let hub = StandInHub::start();
    let item = json!({ "id": "../../v1/cli/validate?x=", "slug": "greeter", "status": "draft", "version": "1.0.0", "author_username": "../.." });
    hub.fault_always(Route::My, Fault::json(200, &json!({ "functions": [item] })));
    let run = greeter("1.0.0").hub(&hub).input("timeout", "2").run();
    // The receipt names another author than the list does.
    assert_eq!(run.exit_code, 4, "{}", run.stdout);
    let is_function = |path: &str| path.starts_with("/api/community/functions/") && !path.contains(['?']);
    assert!(hub.requests().iter().all(|request| is_function(&request.path)), "{:?}", hub.requests());
}

#[test]
fn another_function_in_the_list_is_not_mistaken_for_this_one() {
    let hub = StandInHub::start();
    hub.seed("alice", body("greeter-two", "9.0.0", CODE));
    hub.seed("bob", body("greeter", "9.0.0", CODE));
    let run = greeter("1.0.0").hub(&hub).run();
    // Another account has the slug: the Hub refuses it, and nothing was compared.
    assert_eq!(run.codes(), ["DUPLICATE_SLUG"], "{}", run.stdout);
}

#[test]
fn a_refusal_of_a_hundred_megabytes_is_cut_off() {
    let address = raw_hub(|request, stream| {
        if request.starts_with("GET") {
            return stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n[]");
        }
        let length = 100 * 1024 * 1024;
        write!(stream, "HTTP/1.1 400 Bad Request\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n")?;
        for _ in 0..length / 1024 {
            stream.write_all(&[b'x'; 1024])?;
        }
        Ok(())
    });
    let step = Step::plain();
    let run = step.input("api-url", &address).input("api-key", DEFAULT_KEY).input("timeout", "10").run();
    assert!((3..=4).contains(&run.exit_code), "{} {}", run.exit_code, run.stdout);
    assert!(run.stdout.len() < 64 * 1024, "{}", run.stdout.len());
}

#[test]
fn a_huge_message_is_shortened_in_every_report() {
    let hub = hub_with(&["0.9.0"]);
    let text = "y".repeat(2_000_000);
    hub.fault(Route::Publish, Fault::error(400, "QUOTA", &text));
    let run = greeter("1.0.0").hub(&hub).github().run();
    assert_eq!(ending(&run, &hub), ("failed", 1, 1));
    for text in [&run.stdout, &run.summary, &run.output_file] {
        assert!(text.len() < 64 * 1024, "{}", text.len());
    }
}
