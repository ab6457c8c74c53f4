use serde_json::json;
use stand_in_hub::{
    ErrorShape, FilesPlace, ListPlace, OwnerView, ResponseField, ResponsePlace, Shapes, StandInHub,
    VersionsShape, Wrapping,
};

use crate::client::{ALICE, MY, function, get, publish};

fn hub_with(shapes: Shapes) -> StandInHub {
    StandInHub::builder().shapes(shapes).start()
}

#[test]
fn the_publish_response_has_the_configured_shape() {
    for (response, pointer) in [
        (ResponsePlace::Top, "/slug"),
        (ResponsePlace::Function, "/function/slug"),
        (ResponsePlace::Data, "/data/slug"),
    ] {
        let hub = hub_with(Shapes { response, ..Shapes::default() });
        let response = publish(&hub.url(), &function("a", "1.0.0")).json();
        assert_eq!(response.pointer(pointer), Some(&json!("a")), "{response}");
    }
}

#[test]
fn fields_can_be_omitted_from_the_publish_response() {
    let left_out = vec![ResponseField::Id, ResponseField::Author, ResponseField::Status, ResponseField::Url];
    let hub = hub_with(Shapes { left_out, ..Shapes::default() });
    assert_eq!(publish(&hub.url(), &function("a", "1.0.0")).json(), json!({ "slug": "a" }));
}

#[test]
fn the_list_has_the_configured_shape_and_may_include_code() {
    for (list, pointer) in [
        (ListPlace::Functions, "/functions/0/code"),
        (ListPlace::Bare, "/0/code"),
        (ListPlace::Data, "/data/0/code"),
    ] {
        let hub = hub_with(Shapes { list, list_with_code: true, ..Shapes::default() });
        hub.seed("alice", function("a", "1.0.0"));
        assert!(get(&hub.url(), MY, Some(ALICE)).json().pointer(pointer).is_some(), "{pointer}");
    }
}

#[test]
fn the_files_are_shown_everywhere_or_at_install_alone() {
    for (files, is_shown) in [(FilesPlace::Everywhere, true), (FilesPlace::Install, false)] {
        let hub = hub_with(Shapes { files, ..Shapes::default() });
        let mut body = function("a", "1.0.0");
        body["files"] = json!({ "index.ts": "1", "core.ts": "2" });
        hub.seed("alice", body);
        let shown = get(&hub.url(), "/api/community/functions/alice/a", None).json();
        assert_eq!(shown["function"].get("files").is_some(), is_shown, "{files:?}");
        let installed = get(&hub.url(), "/api/community/functions/alice/a/install", None).json();
        assert_eq!(installed["files"].as_array().map(Vec::len), Some(2), "{files:?}");
    }
}

#[test]
fn versions_are_absent_strings_or_objects() {
    let hub = StandInHub::start();
    hub.seed("alice", function("a", "1.0.0"));
    hub.seed("alice", function("a", "1.1.0"));
    for (versions, expected) in [
        (VersionsShape::Absent, None),
        (VersionsShape::Strings, Some(json!(["1.0.0", "1.1.0"]))),
        (VersionsShape::Objects, Some(json!([{ "version": "1.0.0" }, { "version": "1.1.0" }]))),
    ] {
        hub.set_shapes(Shapes { versions, ..Shapes::default() });
        let shown = get(&hub.url(), "/api/community/functions/alice/a", None).json();
        assert_eq!(shown["function"].get("versions"), expected.as_ref());
    }
}

#[test]
fn a_function_by_id_can_be_unwrapped_and_its_owner_can_see_the_published_version() {
    let hub =
        hub_with(Shapes { by_id: Wrapping::Bare, owner_view: OwnerView::Published, ..Shapes::default() });
    let id = hub.seed("alice", function("a", "1.0.0"));
    hub.seed_draft("alice", function("a", "1.1.0"));
    let shown = get(&hub.url(), &format!("/api/community/functions/{id}"), Some(ALICE)).json();
    assert_eq!((&shown["version"], &shown["status"]), (&json!("1.0.0"), &json!("published")));
}

#[test]
fn errors_have_the_configured_shape() {
    let text = "version `1.0.0` is already published";
    let code = "VERSION_CONFLICT";
    for (errors, body) in [
        (
            ErrorShape::Object,
            json!({ "error": { "code": code, "message": text, "details": "bump `version` in `aerostack.json`" } })
                .to_string(),
        ),
        (ErrorShape::CodeInText, json!({ "error": format!("{code}: {text}") }).to_string()),
        (ErrorShape::Text, json!({ "error": text }).to_string()),
        (
            ErrorShape::SuccessFalse,
            json!({ "success": false, "error": { "code": code, "message": text } }).to_string(),
        ),
        (ErrorShape::Flat, json!({ "code": code, "message": text }).to_string()),
        (ErrorShape::Plain, text.to_owned()),
        (ErrorShape::Empty, String::new()),
    ] {
        let hub = hub_with(Shapes { errors, ..Shapes::default() });
        hub.seed("alice", function("a", "1.0.0"));
        let error = publish(&hub.url(), &function("a", "1.0.0"));
        assert_eq!((error.status, error.body), (409, body));
    }
    let hub = hub_with(Shapes { errors: ErrorShape::Html, ..Shapes::default() });
    let error = get(&hub.url(), MY, None);
    assert!(error.head.contains("text/html") && error.body.starts_with("<!DOCTYPE html>"));
}

#[test]
fn all_errors_except_not_found_can_have_one_status() {
    for status in [200, 500] {
        let hub = hub_with(Shapes { error_status: Some(status), ..Shapes::default() });
        assert_eq!(get(&hub.url(), MY, None).status, status);
        assert_eq!(get(&hub.url(), "/api/community/functions/alice/a", None).status, 404);
    }
}
