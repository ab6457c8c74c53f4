//! Nothing personal in a recording or in what is printed, and nothing in it that controls a terminal.

use serde_json::json;
use stand_in_hub::{DEFAULT_KEY, Fault, Route, StandInHub};
use tempfile::TempDir;

use crate::support::{Run, function, probe, seeded};

/// Runs with a recording, and returns it as text.
fn recorded(hub: &StandInHub, arguments: &[&str]) -> (Run, String) {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("recording.json");
    let arguments: Vec<_> = [arguments, &["--record", file.to_str().unwrap()]].concat();
    let run = probe(hub, &arguments);
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{error}: {}", run.stderr));
    (run, text)
}

/// Nothing of these is in the report or in the recording.
fn assert_absent(run: &Run, recording: &str, secrets: &[&str]) {
    for secret in secrets {
        for (name, text) in
            [("stdout", run.stdout.as_str()), ("stderr", &run.stderr), ("recording", recording)]
        {
            assert!(!text.to_lowercase().contains(&secret.to_lowercase()), "`{secret}` is in {name}: {text}");
        }
    }
}

#[test]
fn the_recording_has_no_key_no_person_no_code_and_no_name_of_a_function() {
    let hub = seeded(StandInHub::start());
    let mut body = function("secret-project", "1.2.3");
    body["readme"] = json!("# Confidential readme");
    body["files"] = json!({ "index.ts": "export const confidential = 1;", "lib/hidden.ts": "export {}" });
    body["envVars"] = json!(["CONFIDENTIAL_TOKEN"]);
    hub.seed("alice", body);
    let (run, recording) = recorded(
        &hub,
        &["--draft", "hub-probe-own-draft", "--username", "alice", "--function", "secret-project"],
    );
    assert_eq!(run.exit_code, Some(0), "{}", run.stderr);
    let secrets = [
        DEFAULT_KEY,
        "alice",
        "example.com",
        "greeter",
        "resizer",
        "secret-project",
        "confidential",
        "hidden",
        "export const",
        "hub-probe-own-draft",
        "fn_0001",
        "127.0.0.1",
    ];
    assert_absent(&run, &recording, &secrets);
    for kept in [
        "user-1",
        "function-1",
        "probe-draft",
        "1.2.3",
        "\"published\"",
        "file-1.ts",
        "id-1",
        "<30 characters>",
    ] {
        assert!(recording.contains(kept), "{kept}: {recording}");
    }
}

#[test]
fn what_the_hub_echoes_is_removed_wherever_it_is() {
    let hub = seeded(StandInHub::start());
    let half = &DEFAULT_KEY[..14];
    let validate = json!({
        "keyType": "account", "userId": 4711, "email": "alice.liddell@wonder.land", "name": "Alice Liddell",
        "message": format!("key {DEFAULT_KEY} of Alice Liddell <alice.liddell@wonder.land> is valid"),
        "account": { "phone": 491_701_234_567_u64, "city": "Daresbury" }, "status": DEFAULT_KEY, "type": "Liddell",
        "alice": true, DEFAULT_KEY: 1, "user liddell": {},
    });
    hub.fault_always(Route::Validate, Fault::json(200, &validate));
    let list = json!({
        "functions": [
            { "id": 815, "slug": "@alice/greeter", "version": "1.0.0-liddell", "status": half, "tags": ["Daresbury"],
              "author": { "username": "alice", "name": "Alice Liddell", "avatarUrl": "https://wonder.land/liddell.png?k=1" },
              "url": "https://hub.aerostack.dev/functions/alice/greeter", "code": "Liddell();" },
            { "id": 816, "slug": "rabbit-hole", "category": "rabbit-hole", "code": "LIDDELL",
              "homepage": "mailto:alice.liddell@wonder.land" },
        ],
        "greeter": { "slug": "greeter" },
    });
    hub.fault_always(Route::My, Fault::json(200, &list));
    let error = json!({ "error": { "code": "LIDDELL_GONE", "message": format!("no {half} for Liddell, see wonder.land") } });
    hub.fault_always(Route::ById, Fault::json(404, &error));
    let page = format!("<!DOCTYPE html><title>Liddell was refused, {DEFAULT_KEY}</title><p>rabbit-hole</p>");
    let headers = [("server", "liddell/1.0 wonder.land"), ("x-liddell", "1"), ("x-request-id", DEFAULT_KEY)];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    hub.fault_always(Route::Public, Fault::Status { code: 403, headers, body: page.into_bytes() });
    let elsewhere = format!("https://wonder.land/alice/greeter?key={DEFAULT_KEY}");
    hub.fault_always(Route::Install, Fault::redirect(302, &elsewhere));
    let (run, recording) = recorded(&hub, &["--username", "alice", "--function", "greeter"]);
    assert_absent(
        &run,
        &recording,
        &[
            DEFAULT_KEY,
            half,
            "alice",
            "liddell",
            "wonder",
            "daresbury",
            "rabbit",
            "greeter",
            "4711",
            "815",
            "816",
            "4917",
        ],
    );
    for kept in
        ["x-request-id", "was refused", "\"keyType\": \"account\"", "https://host-", "@user-1/function-1"]
    {
        assert!(recording.contains(kept), "{kept}: {recording}");
    }
}

#[test]
fn the_reading_of_a_response_repeats_nothing_of_it() {
    let hub = seeded(StandInHub::start());
    let record = json!({ "function": {
        "slug": "greeter", "version": "1.0.0-liddell.2", "status": "of liddell", "author": { "name": "Alice Liddell" },
    } });
    hub.fault_always(Route::ById, Fault::json(200, &record));
    let (run, recording) = recorded(&hub, &[]);
    assert_absent(&run, &recording, &["liddell"]);
    assert!(recording.contains("1.0.0-x.2"), "{recording}");
    assert!(
        run.stdout.contains("a function with a version, of another status, with no code"),
        "{}",
        run.stdout
    );
}

#[test]
fn functions_that_are_fields_are_replaced() {
    let hub = StandInHub::start();
    let list =
        json!({ "functions": { "rabbithole": { "version": "1.0.0" }, "teaparty": { "slug": "teaparty" } } });
    hub.fault_always(Route::My, Fault::json(200, &list));
    // What the list names later is removed from earlier responses, too.
    hub.fault_always(
        Route::Validate,
        Fault::json(200, &json!({ "type": "teaparty", "state": "rabbithole" })),
    );
    let (run, recording) = recorded(&hub, &[]);
    assert_absent(&run, &recording, &["rabbithole", "teaparty"]);
    assert!(recording.contains("function-2"), "{recording}");
}

/// The list of a Hub with one function that has this status.
fn status_in_recording(status: &str) -> serde_json::Value {
    let hub = StandInHub::start();
    let list = json!({ "functions": [{ "slug": "a", "version": "1.0.0", "status": status }] });
    hub.fault_always(Route::My, Fault::json(200, &list));
    let (_, recording) = recorded(&hub, &[]);
    let recording: serde_json::Value = serde_json::from_str(&recording).unwrap();
    let exchanges = recording["exchanges"].as_array().unwrap();
    let list = exchanges.iter().find(|exchange| exchange["ask"] == "list").unwrap();
    list["response"]["body"]["json"]["functions"][0]["status"].clone()
}

#[test]
fn an_unknown_status_is_kept_unless_it_may_be_a_name() {
    for status in ["quarantined", "Under Review", "needs_changes"] {
        assert_eq!(status_in_recording(status), status);
    }
    for status in ["Queen Hearts", "a long status that nobody would ever use as one", "naïve"] {
        assert_eq!(status_in_recording(status), format!("<{} characters>", status.chars().count()));
    }
}

#[test]
fn types_and_shape_stay() {
    let hub = StandInHub::start();
    let list = json!({ "functions": [{
        "id": 7, "slug": "a", "versions": ["1.0.0"], "tags": [], "readme": "", "stars": 12, "rating": 4.5, "draft": false,
        "deleted": null, "license": "MIT", "created_at": "2026-11-29T00:00:00Z",
    }], "total": 1 });
    hub.fault_always(Route::My, Fault::json(200, &list));
    let (_, recording) = recorded(&hub, &[]);
    let recording: serde_json::Value = serde_json::from_str(&recording).unwrap();
    let exchanges = recording["exchanges"].as_array().unwrap();
    let shown =
        &exchanges.iter().find(|exchange| exchange["ask"] == "list").unwrap()["response"]["body"]["json"];
    let expected = json!({ "functions": [{
        "id": 2, "slug": "function-1", "versions": ["1.0.0"], "tags": [], "readme": "", "stars": 0, "rating": 0.5,
        "draft": false, "deleted": null, "license": "<3 characters>", "created_at": "2000-01-01T00:00:00.000Z",
    }], "total": 1 });
    assert_eq!(*shown, expected);
}

#[test]
fn foreign_text_is_escaped() {
    let hub = seeded(StandInHub::start());
    let hostile = "a\u{1b}[2Jb\u{202e}c\u{7}\r\n::error::d";
    let list = json!({ "functions": [{ "slug": hostile, "status": hostile, "version": hostile, hostile: hostile }],
        "unknown": hostile });
    hub.fault_always(Route::My, Fault::json(200, &list));
    hub.fault_always(Route::ById, Fault::text(500, hostile));
    let headers = vec![
        ("location".to_owned(), "/a\u{9f}b".to_owned()),
        ("content-type".to_owned(), "a\u{9f}b".to_owned()),
    ];
    hub.fault_always(Route::Public, Fault::Status { code: 302, headers, body: hostile.into() });
    let (run, recording) = recorded(&hub, &["--username", "alice", "--function", "greeter"]);
    for text in [&run.stdout, &recording] {
        let control = text.chars().find(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}');
        assert_eq!(control, None, "{text:?}");
        assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{text}");
    }
}

#[test]
fn names_made_of_ordinary_words_and_addresses_are_replaced() {
    let hub = StandInHub::start();
    let list = json!({ "functions": [
        { "slug": "rate-limit", "version": "1.0.0", "author": "alice", "status": "10.9.8.7" },
        { "slug": "email-list", "version": "10.9.8.7", "author": "alice" },
    ] });
    hub.fault_always(Route::My, Fault::json(200, &list));
    let message = "rate-limit and Email List and version-not-found of 10.9.8.7:80, 2001:db8::17 or ::17, call +49 170 123 45 67 or 555-0100-22";
    let error = json!({ "error": { "code": "NOT_FOUND", "message": message } });
    hub.fault_always(Route::Public, Fault::json(404, &error));
    hub.fault_always(Route::Install, Fault::text(404, message));
    let (run, recording) = recorded(&hub, &["--username", "alice", "--function", "version-not-found"]);
    let secrets = [
        "rate-limit",
        "email-list",
        "email list",
        "version-not-found",
        "10.9",
        "9.8.7",
        "2001",
        ":17",
        "170",
        "123",
        "555",
        "0100",
    ];
    // The answers to the questions have names of their own.
    let parsed: serde_json::Value = serde_json::from_str(&recording).unwrap();
    let exchanges = parsed["exchanges"].as_array().unwrap().iter();
    let shown: String = exchanges
        .map(|entry| format!("{} {}", entry["path"], entry["response"]["body"]).to_lowercase())
        .collect();
    let kept: Vec<_> = secrets.into_iter().filter(|secret| shown.contains(secret)).collect();
    assert!(kept.is_empty(), "{kept:?} in {shown}");
    assert!(!run.stdout.contains("email-list") && !run.stdout.contains("10.9"), "{}", run.stdout);
    assert!(recording.contains("NOT_FOUND"), "{recording}");
}
