use std::thread::sleep;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use stand_in_hub::{Fault, RateLimit, RateLimitShape, Route, StandInHub};

use crate::client::{ALICE, MY, Response, function, get, publish};

const HOUR: Duration = Duration::from_hours(1);

fn hub_with(limit: RateLimit) -> StandInHub {
    StandInHub::builder().rate_limit(limit).start()
}

fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_secs()
}

/// Checks a refusal that says to wait an hour.
fn check(response: &Response, shape: RateLimitShape) {
    let Response { status, head, body } = response;
    assert_eq!(*status, 429);
    let seconds = |name| response.header(name).and_then(|value| value.parse::<u64>().ok());
    let is_hour = |seconds: u64| (3500..=3600).contains(&seconds);
    let (retry_after, reset) = (seconds("retry-after"), seconds("x-ratelimit-reset"));
    match shape {
        RateLimitShape::RetryAfter => assert!(retry_after.is_some_and(is_hour) && reset.is_none(), "{head}"),
        RateLimitShape::RetryAfterDate => {
            let date = response.header("retry-after").expect("a date");
            assert!(date.ends_with(" gmt") && retry_after.is_none() && reset.is_none(), "{head}");
        }
        RateLimitShape::Reset => {
            let wait = reset.expect("a time").saturating_sub(unix_seconds());
            assert!((3500..=3601).contains(&wait) && !head.contains("retry-after"), "{head}");
            assert!(response.header("date").is_some(), "{head}");
        }
        RateLimitShape::Neither | RateLimitShape::Empty => {
            assert!(!head.contains("retry-after") && reset.is_none(), "{head}");
        }
    }
    if shape == RateLimitShape::Empty {
        assert_eq!(body, "");
        return;
    }
    let message = response.json()["error"]["message"].as_str().expect("a message").to_owned();
    assert_eq!(response.code(), "RATE_LIMIT_EXCEEDED");
    let words: Vec<&str> = message.split(' ').collect();
    assert!(words.iter().filter_map(|word| word.parse().ok()).any(is_hour), "{message}");
}

#[test]
fn publishes_over_the_limit_are_refused_in_every_shape_and_not_stored() {
    for shape in RateLimitShape::ALL.iter().copied() {
        let hub = hub_with(RateLimit::publishes(2, HOUR).shape(shape));
        let statuses = ["a", "b"].map(|name| publish(&hub.url(), &function(name, "1.0.0")).status);
        assert_eq!(statuses, [201, 201]);
        check(&publish(&hub.url(), &function("c", "1.0.0")), shape);
        assert!(hub.published("alice", "c").is_empty());
        assert_eq!(get(&hub.url(), MY, Some(ALICE)).status, 200, "reads do not count");
    }
}

#[test]
fn a_fault_has_the_same_shapes() {
    for shape in RateLimitShape::ALL.iter().copied() {
        let hub = StandInHub::start();
        hub.fault(Route::My, Fault::RateLimited(shape, 3600));
        check(&get(&hub.url(), MY, Some(ALICE)), shape);
    }
}

#[test]
fn the_next_window_has_room_again() {
    let hub = hub_with(RateLimit::requests(1, Duration::from_millis(50)));
    let read = || get(&hub.url(), MY, Some(ALICE)).status;
    read();
    let window_is_new = || {
        sleep(Duration::from_millis(60));
        // The two may be in different windows on a busy machine.
        [read(), read()] == [200, 429]
    };
    assert!((0..100).any(|_| window_is_new()));
}

#[test]
fn requests_without_a_key_have_a_limit_of_their_own() {
    let hub = hub_with(RateLimit::requests(3, HOUR).without_key(1));
    hub.seed("alice", function("a", "1.0.0"));
    let read = |key| get(&hub.url(), "/api/community/functions/alice/a", key).status;
    assert_eq!([read(None), read(None), read(Some(ALICE)), read(Some(ALICE))], [200, 429, 200, 200]);
    assert_eq!([read(Some(ALICE)), read(Some(ALICE))], [200, 429]);
}

#[test]
fn every_response_has_the_documented_headers_if_the_shape_relies_on_them() {
    let hub = hub_with(RateLimit::requests(3, HOUR).shape(RateLimitShape::Reset));
    let response = get(&hub.url(), MY, Some(ALICE));
    let header = |name| response.header(name);
    assert_eq!((header("x-ratelimit-limit"), header("x-ratelimit-remaining")), (Some("3"), Some("2")));
    assert_eq!(response.head.matches("x-ratelimit-reset").count(), 1);
}
