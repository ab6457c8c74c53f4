use std::thread::sleep;
use std::time::Duration;

use serde_json::json;
use stand_in_hub::{Fault, Route, StandInHub};

use crate::client::{ALICE, MY, function, get, publish};

const PUBLIC: &str = "/api/community/functions/alice/a";

fn read(hub: &StandInHub, path: &str) -> u16 {
    get(&hub.url(), path, Some(ALICE)).status
}

#[test]
fn a_fault_applies_as_often_as_it_was_set_or_to_one_request_in_a_row() {
    let hub = StandInHub::start();
    hub.fault_times(Route::My, 2, Fault::status(503));
    hub.fault_nth(Route::My, 4, Fault::status(504));
    let statuses: Vec<u16> = (0..5).map(|_| read(&hub, MY)).collect();
    assert_eq!(statuses, [503, 503, 200, 504, 200]);
}

#[test]
fn a_read_back_is_a_read_after_a_publish() {
    let hub = StandInHub::start();
    hub.fault_nth(Route::ReadBack, 2, Fault::status(503));
    assert_eq!([read(&hub, MY), read(&hub, PUBLIC)], [200, 404]);
    publish(&hub.url(), &function("a", "1.0.0"));
    assert_eq!([read(&hub, MY), read(&hub, PUBLIC), read(&hub, PUBLIC)], [200, 503, 200]);

    // A fault that is set later waits for the next publish.
    hub.fault_always(Route::ReadBack, Fault::status(502));
    assert_eq!(read(&hub, PUBLIC), 200);
    publish(&hub.url(), &function("a", "1.0.1"));
    assert_eq!(
        ["fn_0001", "alice/a", "alice/a/install", "my"]
            .map(|path| read(&hub, &format!("/api/community/functions/{path}"))),
        [502; 4]
    );
}

#[test]
fn a_fault_for_all_requests_is_replaced_and_the_more_specific_one_goes_first() {
    let hub = StandInHub::start();
    hub.fault_always(Route::Any, Fault::status(500));
    hub.fault_always(Route::My, Fault::status(501));
    hub.fault_always(Route::My, Fault::status(502));
    assert_eq!([read(&hub, MY), read(&hub, PUBLIC), read(&hub, "/")], [502, 500, 500]);
}

#[test]
fn a_publish_with_a_fault_is_processed_before_it_later_or_never() {
    let late = Duration::from_millis(20);
    for (fault, at_once, in_the_end) in [
        (Fault::error(503, "BUSY", "m"), 0, 0),
        (Fault::error(503, "BUSY", "m").after_processing(), 1, 1),
        (Fault::error(503, "BUSY", "m").process_later(Duration::from_mins(1)), 0, 0),
        (Fault::error(503, "BUSY", "m").process_later(late), 0, 1),
    ] {
        let hub = StandInHub::start();
        hub.fault(Route::Publish, fault.clone());
        let response = publish(&hub.url(), &function("a", "1.0.0"));
        assert_eq!((response.status, response.code().as_str()), (503, "BUSY"));
        let published = || hub.published("alice", "a").len();
        // What is late may be early on a busy machine.
        if in_the_end == at_once {
            assert_eq!(published(), at_once, "{fault:?}");
        }
        for _ in 0..500 {
            if published() == in_the_end {
                break;
            }
            sleep(Duration::from_millis(10));
        }
        assert_eq!(published(), in_the_end, "{fault:?}");
    }
}

#[test]
fn another_client_publishes_before_or_after_the_next_publish() {
    let hub = StandInHub::start();
    hub.seed("alice", function("a", "1.0.0"));
    hub.fault(Route::Publish, Fault::status(503));
    hub.seed_after_next_publish("alice", function("a", "1.0.2"));
    assert_eq!(publish(&hub.url(), &function("a", "1.0.1")).status, 503);
    assert_eq!(hub.live_version("alice", "a").as_deref(), Some("1.0.2"));

    hub.seed_before_next_publish("alice", function("a", "1.0.3"));
    assert_eq!(hub.live_version("alice", "a").as_deref(), Some("1.0.2"));
    assert_eq!(publish(&hub.url(), &function("a", "1.0.3")).code(), "VERSION_CONFLICT");
    assert_eq!(publish(&hub.url(), &function("a", "1.0.1")).status, 200, "only the next one");
    assert_eq!(hub.published("alice", "a"), ["1.0.0", "1.0.2", "1.0.3", "1.0.1"]);
}

#[test]
fn versions_that_became_live_are_counted() {
    let hub = StandInHub::start();
    publish(&hub.url(), &function("a", "1.0.0"));
    publish(&hub.url(), &function("a", "1.0.0"));
    assert_eq!(hub.times_live("alice", "a", "1.0.0"), 1);
    assert_eq!(hub.times_live("alice", "a", "1.0.1"), 0);

    let hub = StandInHub::builder().overwrites().start();
    publish(&hub.url(), &function("a", "1.0.0"));
    assert_eq!(publish(&hub.url(), &function("a", "1.0.0")).status, 200);
    assert_eq!(hub.times_live("alice", "a", "1.0.0"), 2);
    assert_eq!(hub.published("alice", "a"), ["1.0.0"]);
}

#[test]
fn requests_are_recorded_with_endpoint_key_time_and_status() {
    let hub = StandInHub::start();
    hub.fault(Route::Install, Fault::CutBefore);
    get(&hub.url(), MY, Some(ALICE));
    get(&hub.url(), PUBLIC, None);
    let requests = hub.requests();
    let seen: Vec<_> = requests.iter().map(|r| (r.route, r.has_key(), r.status())).collect();
    assert_eq!(seen, [(Route::My, true, Some(200)), (Route::Public, false, Some(404))]);
    let (_, answered) = requests[0].answered.expect("a response");
    assert!(requests[0].received <= answered && answered <= requests[1].received);
    assert_eq!(requests[0].json(), json!(""));
}
