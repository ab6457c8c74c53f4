use std::collections::HashSet;

use serde_json::{Value, json};
use stand_in_hub::{Receipt, ResponsePlace, Shapes, StandInHub};

use crate::client::{Response, function, publish};

fn receipt(receipt: Receipt) -> Response {
    let hub = StandInHub::builder().shapes(Shapes { receipt, ..Shapes::default() }).start();
    let response = publish(&hub.url(), &function("a", "1.0.0"));
    assert_eq!(hub.published("alice", "a"), ["1.0.0"], "{receipt:?}");
    assert!((200..300).contains(&response.status), "{receipt:?}");
    response
}

#[test]
fn every_receipt_is_another_one_and_its_name_can_be_parsed() {
    let mut seen = HashSet::new();
    for kind in Receipt::ALL.iter().copied() {
        let response = receipt(kind);
        let media_type = response.header("content-type").map(str::to_owned);
        assert!(seen.insert((response.status, media_type, response.body)), "{kind:?}");
        assert_eq!(kind.name().parse(), Ok(kind));
    }
}

#[test]
fn receipts_differ_from_the_full_one_in_what_they_say() {
    let full = receipt(Receipt::Full).json();
    let with = |name: &str, value: Value| {
        let mut changed = full.clone();
        changed[name] = value;
        changed
    };
    for (kind, expected) in [
        (Receipt::InFunction, json!({ "function": full })),
        (Receipt::InDataFunction, json!({ "data": { "function": full } })),
        (Receipt::WithVersion, with("version", json!("1.0.0"))),
        (Receipt::PathUrl, with("url", json!("/functions/alice/a"))),
        (Receipt::ForeignUrl, with("url", json!("https://hub.example.net/functions/alice/a"))),
        (Receipt::PrefixedSlug, with("slug", json!("@alice/a"))),
        (Receipt::OtherSlug, with("slug", json!("other-function"))),
        (Receipt::OtherAuthor, with("author", json!("somebody-else"))),
        (Receipt::Queued, with("status", json!("queued"))),
        (Receipt::UrlOnly, json!({ "url": full["url"] })),
        (Receipt::IdOnly, json!({ "id": "fn_0001" })),
        (Receipt::EmptyObject, json!({})),
        (Receipt::ErrorText, json!({ "error": "the publish failed" })),
        (Receipt::Array, json!([full])),
        (Receipt::Null, Value::Null),
    ] {
        assert_eq!(receipt(kind).json(), expected, "{kind:?}");
    }
    for (kind, name) in [(Receipt::WithoutStatus, "status"), (Receipt::WithoutSlug, "slug")] {
        assert!(full.get(name).is_some() && receipt(kind).json().get(name).is_none(), "{kind:?}");
    }
    assert_eq!([Receipt::Accepted, Receipt::NoContent].map(|kind| receipt(kind).status), [202, 204]);
    assert!(receipt(Receipt::Html).head.contains("text/html"));
}

#[test]
fn a_full_receipt_is_where_the_response_has_its_fields() {
    let shapes = Shapes { response: ResponsePlace::Data, ..Shapes::default() };
    let hub = StandInHub::builder().shapes(shapes).start();
    assert_eq!(publish(&hub.url(), &function("a", "1.0.0")).json(), receipt(Receipt::InData).json());
}
