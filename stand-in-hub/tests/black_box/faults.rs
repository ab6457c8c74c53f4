use std::io::ErrorKind;
use std::time::Duration;

use serde_json::json;
use stand_in_hub::{Fault, Route, StandInHub};

use crate::client::{ALICE, MY, function, get, publish, publish_without_response};

/// Whether the publish under this fault was stored.
fn is_stored(hub: &StandInHub) -> bool {
    assert_eq!(hub.publishes().len(), 1, "the request is recorded");
    !hub.published("alice", "a").is_empty()
}

#[test]
fn a_status_is_sent_without_processing() {
    let hub = StandInHub::start();
    hub.fault(Route::Publish, Fault::status_with_header(429, "Retry-After", "7"));
    let response = publish(&hub.url(), &function("a", "1.0.0"));
    assert_eq!((response.status, response.body.as_str()), (429, ""));
    assert!(response.head.contains("retry-after: 7"));
    assert!(!is_stored(&hub));
}

#[test]
fn a_custom_body_is_sent_unchanged() {
    let hub = StandInHub::start();
    hub.fault(Route::Any, Fault::json(418, &json!({ "a": 1 })));
    hub.fault(Route::Any, Fault::text(418, "teapot"));
    hub.fault(Route::Any, Fault::error(400, "NEW_CODE", "m"));
    assert_eq!(get(&hub.url(), MY, None).json(), json!({ "a": 1 }));
    assert_eq!(get(&hub.url(), MY, None).body, "teapot");
    assert_eq!(get(&hub.url(), MY, None).code(), "NEW_CODE");
}

#[test]
fn the_work_is_done_before_another_status() {
    let hub = StandInHub::start();
    hub.fault(Route::Publish, Fault::process_then_status(504));
    assert_eq!(publish(&hub.url(), &function("a", "1.0.0")).status, 504);
    assert!(is_stored(&hub));
}

#[test]
fn a_connection_is_cut_before_or_after_the_work() {
    for (fault, stored) in [(Fault::CutBefore, false), (Fault::CutAfter, true)] {
        let hub = StandInHub::start();
        hub.fault(Route::Publish, fault);
        let error = publish_without_response(&hub.url(), &function("a", "1.0.0"));
        assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
        assert_eq!(is_stored(&hub), stored);
    }
}

#[test]
fn the_hub_hangs_before_or_after_processing() {
    for (fault, stored) in [(Fault::Hang, false), (Fault::ProcessThenHang, true)] {
        let hub = StandInHub::start();
        hub.fault(Route::Publish, fault);
        let error = publish_without_response(&hub.url(), &function("a", "1.0.0"));
        assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
        assert_eq!(is_stored(&hub), stored);
    }
}

#[test]
fn a_delayed_request_is_processed_after_the_delay() {
    let hub = StandInHub::start();
    hub.fault(Route::Publish, Fault::Delay(Duration::from_mins(1)));
    publish_without_response(&hub.url(), &function("a", "1.0.0"));
    assert!(!is_stored(&hub));
    hub.fault(Route::Publish, Fault::Delay(Duration::from_millis(1)));
    assert_eq!(publish(&hub.url(), &function("a", "1.0.0")).status, 201);
}

#[test]
fn a_truncated_response_has_the_full_content_length_and_half_of_the_body() {
    let hub = StandInHub::start();
    hub.fault(Route::Publish, Fault::Truncate);
    let half = publish(&hub.url(), &function("a", "1.0.0"));
    let (_, length) = half.head.split_once("content-length: ").expect("a length");
    let length: usize = length.lines().next().and_then(|n| n.parse().ok()).expect("a number");
    assert_eq!((half.status, half.body.len()), (201, length / 2));
    assert!(is_stored(&hub));
}

#[test]
fn a_redirect_keeps_the_method_and_stores_nothing() {
    let hub = StandInHub::start();
    hub.fault(Route::Publish, Fault::Redirect("http://127.0.0.1:9/elsewhere".to_owned()));
    let response = publish(&hub.url(), &function("a", "1.0.0"));
    assert_eq!(response.status, 307);
    assert!(response.head.contains("location: http://127.0.0.1:9/elsewhere"));
    assert!(!is_stored(&hub));
}

#[test]
fn garbage_and_html_replace_the_response_after_processing() {
    for (fault, media_type) in [(Fault::Garbage, "application/json"), (Fault::Html, "text/html")] {
        let hub = StandInHub::start();
        hub.fault(Route::Publish, fault);
        let response = publish(&hub.url(), &function("a", "1.0.0"));
        assert_eq!(response.status, 200);
        assert!(response.head.contains(media_type));
        serde_json::from_str::<serde_json::Value>(&response.body).expect_err("not JSON");
        assert!(is_stored(&hub));
    }
}

#[test]
fn queued_faults_apply_once_in_order_and_only_to_their_route() {
    let hub = StandInHub::start();
    hub.fault(Route::Publish, Fault::status(502));
    hub.fault(Route::Any, Fault::status(503));
    hub.fault_always(Route::My, Fault::status(500));
    let my = || get(&hub.url(), MY, Some(ALICE)).status;
    assert_eq!([my(), my(), my()], [503, 500, 500]);
    let statuses: Vec<u16> = (0..2).map(|_| publish(&hub.url(), &function("a", "1.0.0")).status).collect();
    assert_eq!(statuses, [502, 201]);
    hub.clear_faults();
    assert_eq!(my(), 200);
}

#[test]
fn a_fault_does_not_affect_other_routes_with_a_similar_path() {
    let hub = StandInHub::start();
    hub.seed("alice", function("a", "1.0.0"));
    hub.fault_always(Route::Public, Fault::status(500));
    hub.fault_always(Route::ById, Fault::status(501));
    hub.fault_always(Route::Install, Fault::status(502));
    let status =
        |path: &str| get(&hub.url(), &format!("/api/community/functions/{path}"), Some(ALICE)).status;
    assert_eq!(["alice/a", "fn_0001", "alice/a/install", "my"].map(status), [500, 501, 502, 200]);
}
