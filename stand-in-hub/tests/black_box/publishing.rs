use std::net::TcpStream;
use std::thread;

use serde_json::{Value, json};
use stand_in_hub::StandInHub;

use crate::client::{ALICE, MY, PUBLISH, call, function, get, publish, publish_without_response, with};

#[test]
fn a_new_function_is_created_and_an_existing_one_updated() {
    let hub = StandInHub::start();
    let created = publish(&hub.url(), &function("Image Resize", "1.0.0"));
    assert_eq!(created.status, 201);
    assert_eq!(
        created.json(),
        json!({
            "id": "fn_0001", "slug": "image-resize", "author": "alice", "status": "published",
            "url": "https://hub.aerostack.dev/functions/alice/image-resize",
        })
    );
    let updated = publish(&hub.url(), &function("image-resize", "1.1.0"));
    assert_eq!((updated.status, updated.json()["id"].clone()), (200, json!("fn_0001")));
    assert_eq!(hub.published("alice", "image-resize"), ["1.0.0", "1.1.0"]);
}

#[test]
fn a_published_version_cannot_be_published_again_even_with_the_same_content() {
    let hub = StandInHub::start();
    hub.seed("alice", function("a", "1.0.0"));
    for body in [function("a", "1.0.0"), with(function("a", "1.0.0"), "code", json!("export {}"))] {
        let error = publish(&hub.url(), &body);
        assert_eq!((error.status, error.code()), (409, "VERSION_CONFLICT".to_owned()));
    }
    let code = get(&hub.url(), "/api/community/functions/alice/a", None).json()["function"]["code"].clone();
    assert_eq!(code, function("a", "1.0.0")["code"]);
    assert_eq!(hub.publishes().len(), 2);
}

#[test]
fn a_draft_of_a_published_version_is_accepted_and_does_not_change_it() {
    let hub = StandInHub::start();
    hub.seed("alice", function("a", "1.0.0"));
    let draft = with(with(function("a", "1.0.0"), "publish", json!(false)), "code", json!("export {}"));
    let accepted = publish(&hub.url(), &draft);
    assert_eq!((accepted.status, accepted.json()["status"].clone()), (200, json!("draft")));
    assert_eq!(hub.draft("alice", "a"), Some(draft));
    assert_eq!(hub.published("alice", "a"), ["1.0.0"]);
    let public = get(&hub.url(), "/api/community/functions/alice/a", None).json();
    assert_eq!(public["function"]["code"], function("a", "1.0.0")["code"]);
}

#[test]
fn publishing_live_removes_the_draft() {
    let hub = StandInHub::start();
    hub.seed_draft("alice", function("a", "1.0.0"));
    assert_eq!(publish(&hub.url(), &function("a", "1.0.0")).status, 200);
    assert_eq!(hub.draft("alice", "a"), None);
    assert_eq!(hub.published("alice", "a"), ["1.0.0"]);
}

#[test]
fn an_entrypoint_that_is_missing_is_index_ts_and_the_runtime_may_be_missing() {
    let hub = StandInHub::start();
    let without = |version: &str| {
        let mut body = function("a", version);
        let fields = body.as_object_mut().expect("an object");
        fields.remove("entrypoint");
        fields.remove("runtime");
        body
    };
    let null = with(with(function("a", "1.1.0"), "entrypoint", Value::Null), "runtime", Value::Null);
    let several = with(without("1.2.0"), "files", json!({ "index.ts": "export {}", "b.ts": "" }));
    for (body, paths) in
        [(without("1.0.0"), &["index.ts"][..]), (null, &["index.ts"]), (several, &["index.ts", "b.ts"])]
    {
        assert!([200, 201].contains(&publish(&hub.url(), &body).status), "{body}");
        let installed = get(&hub.url(), "/api/community/functions/alice/a/install", None).json();
        let files = installed["files"].as_array().expect("files").iter();
        assert_eq!(files.map(|file| &file["path"]).collect::<Vec<_>>(), paths, "{body}");
    }
}

#[test]
fn each_error_has_its_code_and_nothing_is_stored() {
    let hub = StandInHub::start();
    hub.seed("bob", function("taken", "1.0.0"));
    let good = || function("a", "1.0.0");
    for (body, status, code) in [
        (with(good(), "category", json!("Media")), 400, "INVALID_CATEGORY"),
        (with(good(), "category", Value::Null), 400, "INVALID_REQUEST"),
        (with(good(), "entrypoint", json!(" ")), 400, "MISSING_ENTRYPOINT"),
        (with(good(), "files", json!({ "other.ts": "" })), 400, "MISSING_ENTRYPOINT"),
        (
            with(with(good(), "entrypoint", Value::Null), "files", json!({ "a.ts": "" })),
            400,
            "MISSING_ENTRYPOINT",
        ),
        (with(good(), "entrypoint", json!(1)), 400, "INVALID_REQUEST"),
        (with(good(), "license", Value::Null), 400, "INVALID_REQUEST"),
        (with(good(), "code", json!(" \n")), 400, "EMPTY_CODE"),
        (with(good(), "name", json!("!")), 400, "INVALID_REQUEST"),
        (with(good(), "version", json!(1)), 400, "INVALID_REQUEST"),
        (with(good(), "publish", json!("yes")), 400, "INVALID_REQUEST"),
        (json!([]), 400, "INVALID_REQUEST"),
        (with(good(), "name", json!("taken")), 409, "DUPLICATE_SLUG"),
    ] {
        let error = publish(&hub.url(), &body);
        assert_eq!((error.status, error.code().as_str()), (status, code), "{body}");
    }
    assert_eq!(get(&hub.url(), MY, Some(ALICE)).json(), json!({ "functions": [] }));
}

#[test]
fn publishing_requires_an_account_key() {
    let hub = StandInHub::builder().project_key("pk_1", "alice").start();
    for key in [None, Some("ac_unknown"), Some("pk_1")] {
        let body = function("a", "1.0.0").to_string();
        let error = call(&hub.url(), "POST", PUBLISH, key, &body);
        assert_eq!((error.status, error.code()), (401, "UNAUTHORIZED".to_owned()), "{key:?}");
    }
    assert!(hub.published("alice", "a").is_empty());
}

#[test]
fn a_wrong_method_gets_405_with_an_allow_header() {
    let hub = StandInHub::start();
    let error = get(&hub.url(), PUBLISH, Some(ALICE));
    assert_eq!(error.status, 405);
    assert!(error.head.contains("allow: post"), "{}", error.head);
}

#[test]
fn a_body_of_32_mib_is_accepted() {
    let hub = StandInHub::start();
    let body = with(function("a", "1.0.0"), "code", json!("x".repeat(32 * 1024 * 1024)));
    assert_eq!(publish(&hub.url(), &body).status, 201);
}

#[test]
fn of_concurrent_publishes_of_a_version_one_succeeds() {
    let hub = StandInHub::start();
    hub.pause_publishes(4);
    let statuses: Vec<u16> = thread::scope(|scope| {
        let threads: Vec<_> =
            (0..4).map(|_| scope.spawn(|| publish(&hub.url(), &function("a", "1.0.0")).status)).collect();
        threads.into_iter().map(|thread| thread.join().expect("a status")).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 3, "{statuses:?}");
}

#[test]
fn a_held_publish_waits_for_another_one() {
    let hub = StandInHub::start();
    hub.pause_publishes(2);
    publish_without_response(&hub.url(), &function("a", "1.0.0"));
    assert_eq!(publish(&hub.url(), &function("b", "1.0.0")).status, 201);
}

#[test]
fn requests_are_recorded_with_headers_and_body() {
    let hub = StandInHub::start();
    publish(&hub.url(), &function("a", "1.0.0"));
    let requests = hub.requests();
    assert_eq!((requests[0].method.as_str(), requests[0].path.as_str()), ("POST", PUBLISH));
    assert_eq!(requests[0].header("X-Api-Key"), Some(ALICE));
    assert_eq!(requests[0].json(), function("a", "1.0.0"));
    assert_eq!(hub.connections(), 1);
}

#[test]
fn a_dropped_hub_stops_listening() {
    let hub = StandInHub::start();
    let address = hub.url().replace("http://", "");
    drop(hub);
    TcpStream::connect(address).expect_err("the port is closed");
}
