use std::thread::sleep;
use std::time::Duration;

use serde_json::json;
use stand_in_hub::StandInHub;

use crate::client::{ALICE, MY, function, get, publish, with};

const PUBLIC: &str = "/api/community/functions/alice/a";

#[test]
fn reads_show_a_publish_later_but_its_version_conflicts_at_once() {
    let hub = StandInHub::builder().read_lag(Duration::from_mins(1)).start();
    let first = publish(&hub.url(), &function("a", "1.0.0"));
    assert_eq!((first.status, first.json()["status"].clone()), (201, json!("published")));
    assert_eq!(publish(&hub.url(), &function("a", "1.0.0")).code(), "VERSION_CONFLICT");
    for path in ["fn_0001", "alice/a", "alice/a/install"] {
        let read = get(&hub.url(), &format!("/api/community/functions/{path}"), Some(ALICE));
        assert_eq!(read.status, 404, "{path}");
    }
    assert_eq!(get(&hub.url(), MY, Some(ALICE)).json(), json!({ "functions": [] }));
    assert_eq!(hub.live_version("alice", "a").as_deref(), Some("1.0.0"), "the handle sees it");
}

#[test]
fn seeds_are_visible_at_once_and_stay_so_until_reads_show_what_came_later() {
    let hub = StandInHub::builder().read_lag(Duration::from_mins(1)).start();
    hub.seed("alice", function("a", "1.0.0"));
    publish(&hub.url(), &function("a", "1.0.1"));
    let draft = with(function("a", "1.0.2"), "publish", json!(false));
    assert_eq!(publish(&hub.url(), &draft).json()["status"], "draft");
    assert_eq!(get(&hub.url(), PUBLIC, None).json()["function"]["version"], "1.0.0");
    assert_eq!(get(&hub.url(), MY, Some(ALICE)).json()["functions"][0]["version"], "1.0.0");
    hub.seed("alice", function("a", "1.0.3"));
    assert_eq!(get(&hub.url(), PUBLIC, None).json()["function"]["version"], "1.0.3");
}

#[test]
fn reads_show_a_publish_after_the_lag() {
    let hub = StandInHub::builder().read_lag(Duration::from_millis(20)).start();
    publish(&hub.url(), &function("a", "1.0.0"));
    let is_visible = || get(&hub.url(), PUBLIC, None).status == 200;
    let mut reads = 0..500;
    while !is_visible() && reads.next().is_some() {
        sleep(Duration::from_millis(10));
    }
    assert!(is_visible());
}
