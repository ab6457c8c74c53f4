use serde_json::json;
use stand_in_hub::StandInHub;

use crate::client::{ALICE, MY, call, function, get, with};

#[test]
fn the_list_of_own_functions_includes_drafts_but_no_code() {
    let hub = StandInHub::builder().account("ac_bob", "bob").start();
    hub.seed("alice", function("a", "1.0.0"));
    hub.seed_draft("alice", function("a", "1.1.0"));
    hub.seed_draft("alice", function("b", "0.1.0"));
    hub.seed("bob", function("c", "1.0.0"));
    let list = get(&hub.url(), MY, Some(ALICE)).json();
    let seen: Vec<_> = list["functions"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|f| (f["slug"].as_str(), f["version"].as_str(), f["status"].as_str(), f.get("code")))
        .collect();
    assert_eq!(
        seen,
        [(Some("a"), Some("1.1.0"), Some("draft"), None), (Some("b"), Some("0.1.0"), Some("draft"), None)]
    );
    assert_eq!(get(&hub.url(), MY, None).code(), "UNAUTHORIZED");
}

#[test]
fn only_the_owner_sees_a_draft_by_id() {
    let hub = StandInHub::builder().account("ac_bob", "bob").start();
    let id = hub.seed("alice", function("a", "1.0.0"));
    hub.seed_draft("alice", function("a", "1.1.0"));
    let draft_only = hub.seed_draft("alice", function("b", "0.1.0"));
    let path = format!("/api/community/functions/{id}");
    let version = |key| get(&hub.url(), &path, key).json()["function"]["version"].clone();
    assert_eq!(version(Some(ALICE)), "1.1.0");
    assert_eq!(version(Some("ac_bob")), "1.0.0");
    assert_eq!(version(None), "1.0.0");
    assert_eq!(get(&hub.url(), &path, Some("ac_unknown")).status, 401);
    let path = format!("/api/community/functions/{draft_only}");
    assert_eq!(get(&hub.url(), &path, Some(ALICE)).status, 200);
    assert_eq!(get(&hub.url(), &path, Some("ac_bob")).code(), "NOT_FOUND");
}

#[test]
fn the_public_url_shows_published_functions_and_404_for_others() {
    let hub = StandInHub::start();
    hub.seed("alice", function("a", "1.0.0"));
    hub.seed_draft("alice", function("a", "1.1.0"));
    hub.seed_draft("alice", function("b", "0.1.0"));
    let shown = get(&hub.url(), "/api/community/functions/alice/a", None).json();
    assert_eq!(
        (&shown["function"]["version"], &shown["function"]["status"]),
        (&json!("1.0.0"), &json!("published"))
    );
    for path in ["alice/b", "alice/c", "bob/a", "alice/b/install", "alice/%ff"] {
        let error = get(&hub.url(), &format!("/api/community/functions/{path}"), None);
        assert_eq!((error.status, error.code()), (404, "NOT_FOUND".to_owned()), "{path}");
    }
}

#[test]
fn an_installation_has_all_files_or_the_entrypoint() {
    let hub = StandInHub::start();
    hub.seed("alice", function("one", "1.0.0"));
    let files = json!({ "index.ts": "i", "core.ts": "c" });
    hub.seed("alice", with(function("two", "1.0.0"), "files", files));
    let installed = |slug| {
        get(&hub.url(), &format!("/api/community/functions/alice/{slug}/install"), None).json()["files"]
            .clone()
    };
    assert_eq!(
        installed("one"),
        json!([{ "path": "index.ts", "content": "export const version = '1.0.0';" }])
    );
    assert_eq!(
        installed("two"),
        json!([{ "path": "index.ts", "content": "i" }, { "path": "core.ts", "content": "c" }])
    );
}

#[test]
fn validation_returns_the_kind_of_key() {
    let hub = StandInHub::builder().project_key("pk_1", "alice").start();
    let validate = |key| call(&hub.url(), "POST", "/api/v1/cli/validate", key, "");
    assert_eq!(validate(Some(ALICE)).json()["keyType"], "account");
    assert_eq!(validate(Some("pk_1")).json()["keyType"], "project");
    assert_eq!(validate(None).code(), "UNAUTHORIZED");
}
