use serde_json::{Value, json};
use stand_in_hub::{ListPlace, ListSlugs, PageInfo, Shapes, StandInHub};

use crate::client::{ALICE, MY, function, get, publish};

/// A Hub with five functions.
fn hub_with(shapes: Shapes) -> StandInHub {
    let hub = StandInHub::builder().shapes(shapes).start();
    for name in ["a", "b", "c", "d", "e"] {
        hub.seed("alice", function(name, "1.0.0"));
    }
    hub
}

fn list(hub: &StandInHub, query: &str) -> Value {
    get(&hub.url(), &format!("{MY}{query}"), Some(ALICE)).json()
}

fn slugs(hub: &StandInHub, query: &str) -> Vec<String> {
    let list = list(hub, query);
    let entries = list["functions"].as_array().expect("a list");
    entries.iter().map(|entry| entry["slug"].as_str().expect("a slug").to_owned()).collect()
}

#[test]
fn the_list_comes_in_pages() {
    let hub = hub_with(Shapes { page_size: Some(2), ..Shapes::default() });
    assert_eq!(slugs(&hub, ""), ["a", "b"]);
    assert_eq!(slugs(&hub, "?page=2"), ["c", "d"]);
    assert_eq!(slugs(&hub, "?page=3&limit=100"), ["e"]);
    assert_eq!(slugs(&hub, "?limit=1&page=2"), ["b"]);
    assert!(slugs(&hub, "?page=99999999999999999999999").is_empty());
    for query in ["?page=0", "?page=x", "?limit=", "?limit=-1", "?page=1.5"] {
        let error = get(&hub.url(), &format!("{MY}{query}"), Some(ALICE));
        assert_eq!((error.status, error.code()), (400, "INVALID_REQUEST".to_owned()), "{query}");
    }
}

#[test]
fn a_list_in_one_piece_ignores_pages() {
    let hub = hub_with(Shapes::default());
    assert_eq!(slugs(&hub, "?page=2&limit=2"), ["a", "b", "c", "d", "e"]);
}

#[test]
fn a_page_may_say_that_there_are_more() {
    for (page_info, pointer, first, last) in [
        (PageInfo::Absent, "/hasMore", None, None),
        (PageInfo::HasMore, "/hasMore", Some(json!(true)), Some(json!(false))),
        (PageInfo::Total, "/total", Some(json!(5)), Some(json!(5))),
        (PageInfo::Pagination, "/pagination/total", Some(json!(5)), Some(json!(5))),
    ] {
        let hub = hub_with(Shapes { page_size: Some(2), page_info, ..Shapes::default() });
        assert_eq!(list(&hub, "").pointer(pointer), first.as_ref(), "{page_info:?}");
        assert_eq!(list(&hub, "?page=3").pointer(pointer), last.as_ref(), "{page_info:?}");
    }
    let shapes = Shapes { page_size: Some(2), list: ListPlace::Bare, ..Shapes::default() };
    assert_eq!(list(&hub_with(shapes), "?page=3").as_array().map(Vec::len), Some(1));
}

#[test]
fn slugs_may_be_prefixed_and_authors_missing() {
    let hub = hub_with(Shapes { list_slugs: ListSlugs::Prefixed, ..Shapes::default() });
    assert_eq!(slugs(&hub, "").first().map(String::as_str), Some("@alice/a"));
    assert_eq!(list(&hub, "")["functions"][0]["author_username"], "alice");
    hub.set_shapes(Shapes { list_without_authors: true, ..Shapes::default() });
    assert_eq!(list(&hub, "")["functions"][0].get("author_username"), None);
}

#[test]
fn functions_are_left_out_of_the_list_or_hidden_everywhere() {
    let status = |hub: &StandInHub, path: &str| {
        get(&hub.url(), &format!("/api/community/functions/{path}"), Some(ALICE)).status
    };
    let (a, b) = (vec!["a".to_owned()], vec!["b".to_owned()]);
    let hub = hub_with(Shapes { unlisted: a.clone(), not_public: b, ..Shapes::default() });
    assert_eq!(slugs(&hub, ""), ["b", "c", "d", "e"]);
    assert_eq!(["alice/a", "alice/a/install", "fn_0001"].map(|path| status(&hub, path)), [200; 3]);
    assert_eq!(["alice/b", "alice/b/install", "fn_0002"].map(|path| status(&hub, path)), [404, 404, 200]);

    hub.set_shapes(Shapes { unlisted: a.clone(), not_public: a, ..Shapes::default() });
    assert_eq!(["alice/a", "alice/a/install", "fn_0001"].map(|path| status(&hub, path)), [404; 3]);
    assert_eq!(publish(&hub.url(), &function("a", "1.0.0")).code(), "VERSION_CONFLICT");
}
