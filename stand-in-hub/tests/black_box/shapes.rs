use serde_json::json;
use stand_in_hub::{
    AnswerField, AnswerPlace, ErrorShape, ListPlace, OwnerView, Shapes, StandInHub, VersionsShape, Wrapping,
};

use crate::client::{ALICE, MY, function, get, publish};

fn hub_with(shapes: Shapes) -> StandInHub {
    StandInHub::builder().shapes(shapes).start()
}

#[test]
fn a_publish_answer_stands_where_it_is_told_to() {
    for (answer, place) in [
        (AnswerPlace::Top, "/slug"),
        (AnswerPlace::Function, "/function/slug"),
        (AnswerPlace::Data, "/data/slug"),
    ] {
        let hub = hub_with(Shapes { answer, ..Shapes::default() });
        let answer = publish(&hub.url(), &function("a", "1.0.0")).json();
        assert_eq!(answer.pointer(place), Some(&json!("a")), "{answer}");
    }
}

#[test]
fn fields_can_be_left_out_of_a_publish_answer() {
    let left_out = vec![AnswerField::Id, AnswerField::Author, AnswerField::Status, AnswerField::Url];
    let hub = hub_with(Shapes { left_out, ..Shapes::default() });
    assert_eq!(publish(&hub.url(), &function("a", "1.0.0")).json(), json!({ "slug": "a" }));
}

#[test]
fn the_list_stands_where_it_is_told_to_and_may_carry_code() {
    for (list, place) in [
        (ListPlace::Functions, "/functions/0/code"),
        (ListPlace::Bare, "/0/code"),
        (ListPlace::Data, "/data/0/code"),
    ] {
        let hub = hub_with(Shapes { list, list_with_code: true, ..Shapes::default() });
        hub.seed("alice", function("a", "1.0.0"));
        assert!(get(&hub.url(), MY, Some(ALICE)).json().pointer(place).is_some(), "{place}");
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
fn a_function_by_id_may_stand_bare_and_the_owner_may_see_the_published_version() {
    let hub =
        hub_with(Shapes { by_id: Wrapping::Bare, owner_view: OwnerView::Published, ..Shapes::default() });
    let id = hub.seed("alice", function("a", "1.0.0"));
    hub.seed_draft("alice", function("a", "1.1.0"));
    let shown = get(&hub.url(), &format!("/api/community/functions/{id}"), Some(ALICE)).json();
    assert_eq!((&shown["version"], &shown["status"]), (&json!("1.0.0"), &json!("published")));
}

#[test]
fn an_error_has_the_shape_it_is_told_to() {
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
        let refused = publish(&hub.url(), &function("a", "1.0.0"));
        assert_eq!((refused.status, refused.body), (409, body));
    }
    let hub = hub_with(Shapes { errors: ErrorShape::Html, ..Shapes::default() });
    let refused = get(&hub.url(), MY, None);
    assert!(refused.head.contains("text/html") && refused.body.starts_with("<!DOCTYPE html>"));
}

#[test]
fn every_error_but_not_found_can_have_one_status() {
    for status in [200, 500] {
        let hub = hub_with(Shapes { error_status: Some(status), ..Shapes::default() });
        assert_eq!(get(&hub.url(), MY, None).status, status);
        assert_eq!(get(&hub.url(), "/api/community/functions/alice/a", None).status, 404);
    }
}
