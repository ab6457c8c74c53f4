use serde_json::json;
use stand_in_hub::{Rejection, Review, Shapes, StandInHub};

use crate::client::{ALICE, MY, function, get, publish, with};

const PUBLIC: &str = "/api/community/functions/alice/a";

fn hub_with(shapes: Shapes) -> StandInHub {
    StandInHub::builder().shapes(shapes).start()
}

#[test]
fn a_version_in_review_is_stored_and_visible_after_its_approval() {
    for (review, field, word) in [
        (Review::Pending, "status", "pending_review"),
        (Review::InReview, "status", "in_review"),
        (Review::UnderReview, "status", "under_review"),
        (Review::Decision, "decision", "pending_review"),
    ] {
        let hub = hub_with(Shapes { review, ..Shapes::default() });
        hub.seed("alice", function("a", "1.0.0"));
        let receipt = publish(&hub.url(), &function("a", "1.1.0"));
        assert_eq!((receipt.status, receipt.json()[field].clone()), (200, json!(word)));
        assert_eq!(publish(&hub.url(), &function("a", "1.1.0")).code(), "VERSION_CONFLICT");
        let version = || get(&hub.url(), PUBLIC, None).json()["function"]["version"].clone();
        let listed = || get(&hub.url(), MY, Some(ALICE)).json()["functions"][0]["version"].clone();
        assert_eq!([version(), listed()], ["1.0.0", "1.0.0"]);
        assert_eq!(hub.times_live("alice", "a", "1.1.0"), 0);
        hub.approve("alice", "a");
        assert_eq!([version(), listed()], ["1.1.0", "1.1.0"]);
        assert_eq!(hub.times_live("alice", "a", "1.1.0"), 1);
    }
}

#[test]
fn a_first_version_in_review_is_nowhere_but_its_owner_may_see_it() {
    let hub = hub_with(Shapes { review: Review::Pending, ..Shapes::default() });
    let id = publish(&hub.url(), &function("a", "1.0.0")).json()["id"].as_str().expect("an id").to_owned();
    let by_id = format!("/api/community/functions/{id}");
    let read = |key| get(&hub.url(), &by_id, key);
    assert_eq!([read(Some(ALICE)).status, read(None).status, get(&hub.url(), PUBLIC, None).status], [404; 3]);
    hub.set_shapes(Shapes { shows_reviews: true, ..Shapes::default() });
    assert_eq!(read(Some(ALICE)).json()["function"]["status"], "pending_review");
    assert_eq!(get(&hub.url(), MY, Some(ALICE)).json()["functions"][0]["status"], "pending_review");
    assert_eq!([read(None).status, get(&hub.url(), PUBLIC, None).status], [404; 2]);
}

#[test]
fn drafts_need_no_review_and_are_not_rejected() {
    let shapes = Shapes { review: Review::Pending, rejection: Rejection::Reasons, ..Shapes::default() };
    let hub = hub_with(shapes);
    let draft = with(function("a", "1.0.0"), "publish", json!(false));
    assert_eq!(publish(&hub.url(), &draft).json()["status"], "draft");
}

#[test]
fn the_quality_gate_rejects_with_its_reasons_and_stores_nothing() {
    for rejection in Rejection::ALL.iter().copied().filter(|kind| *kind != Rejection::Off) {
        let hub = hub_with(Shapes { rejection, ..Shapes::default() });
        let refusal = publish(&hub.url(), &function("a", "1.0.0"));
        assert_eq!(refusal.status, 422);
        for reason in ["the description is too short", "the code has no tests"] {
            assert!(refusal.body.contains(reason), "{rejection:?}");
        }
        assert!(hub.published("alice", "a").is_empty());
    }
    for (rejection, pointer) in [
        (Rejection::Reasons, "/error/reasons/0"),
        (Rejection::ReasonsBeside, "/reasons/0"),
        (Rejection::Details, "/error/details/0"),
        (Rejection::DetailsByField, "/error/details/description/0"),
        (Rejection::Errors, "/errors/0/message"),
        (Rejection::Issues, "/error/issues/0/message"),
        (Rejection::Decision, "/reasons/0"),
    ] {
        let hub = hub_with(Shapes { rejection, ..Shapes::default() });
        let refusal = publish(&hub.url(), &function("a", "1.0.0")).json();
        assert_eq!(refusal.pointer(pointer), Some(&json!("the description is too short")), "{refusal}");
    }
}
