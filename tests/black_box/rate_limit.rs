//! The Hub's rate limit: waited out, for as long as `timeout` allows, for the whole run at once.

use std::time::Duration;

use stand_in_hub::{Fault, RateLimit, RateLimitShape, Recorded, Route, StandInHub};

use crate::fixtures::{ending, functions, greeter, hub_with, names, side_by_side, words};

fn hub_with_limit(limit: RateLimit) -> StandInHub {
    StandInHub::builder().rate_limit(limit).start()
}

fn refused(hub: &StandInHub) -> usize {
    hub.requests().iter().filter(|request| request.status() == Some(429)).count()
}

#[test]
fn many_functions_are_published_at_the_pace_that_the_hub_allows() {
    let hub = hub_with_limit(RateLimit::publishes(5, Duration::from_secs(1)));
    let run = functions(&names(40)).hub(&hub).run();
    assert_eq!((run.exit_code, run.statuses()), (0, vec!["published"; 40]), "{}", run.stdout);
    // Fewer are sent at once after each refusal: otherwise, 16 of them would be refused each second.
    assert!(refused(&hub) < 40, "{}", refused(&hub));
}

#[test]
fn the_limit_is_waited_out_in_every_shape() {
    side_by_side(RateLimitShape::ALL.iter().copied(), |shape| {
        let hub = hub_with_limit(RateLimit::requests(12, Duration::from_secs(1)).shape(shape));
        let run = functions(&names(12)).hub(&hub).run();
        assert_eq!((run.exit_code, run.statuses()), (0, vec!["published"; 12]), "{shape:?}: {}", run.stdout);
        assert!(run.codes().is_empty(), "{shape:?}: {:?}", run.codes());
        assert!(refused(&hub) > 0, "{shape:?}: the limit was never reached");
    });
}

#[test]
fn refused_requests_are_repeated_without_a_limit_on_their_number() {
    side_by_side([Route::Publish, Route::My, Route::Public], |route| {
        let hub = hub_with(&["0.9.0"]);
        hub.fault_times(route, 7, Fault::RateLimited(RateLimitShape::RetryAfter, 0));
        let run = greeter("1.0.0").hub(&hub).input("timeout", "60").run();
        let (status, exit_code, _) = ending(&run, &hub);
        assert_eq!((status, exit_code), ("published", 0), "{route:?}: {}", run.stdout);
        assert!(run.codes().is_empty(), "{route:?}: {:?}", run.codes());
    });
}

#[test]
fn a_publish_that_is_refused_again_and_again_waits_longer_each_time() {
    let hub = hub_with(&["0.9.0"]);
    hub.fault_always(Route::Publish, Fault::status(429));
    let run = greeter("1.0.0").hub(&hub).input("timeout", "8").run();
    // The reads between them are answered: at the shortest wait, it would be sent some 30 times.
    assert_ne!(run.exit_code, 0, "{}", run.stdout);
    assert!((2..12).contains(&refused(&hub)), "{}", refused(&hub));
}

/// The time from the first refusal to the next request.
fn pause(requests: &[Recorded]) -> Duration {
    let (_, refused_at) = requests
        .iter()
        .filter_map(|request| request.answered)
        .find(|(status, _)| *status == 429)
        .expect("a refusal");
    let next = requests.iter().find(|request| request.received > refused_at).expect("another request");
    next.received - refused_at
}

#[test]
fn no_request_of_any_function_is_sent_before_the_time_that_the_hub_asks_for() {
    // A date and a Unix time have whole seconds.
    for (shape, least) in [
        (RateLimitShape::RetryAfter, Duration::from_secs(2)),
        (RateLimitShape::RetryAfterDate, Duration::from_secs(1)),
        (RateLimitShape::Reset, Duration::from_secs(1)),
    ] {
        for route in [Route::My, Route::Publish] {
            let hub = StandInHub::start();
            hub.fault(route, Fault::RateLimited(shape, 2));
            let run = greeter("1.0.0").hub(&hub).run();
            assert_eq!(run.exit_code, 0, "{shape:?} {route:?}: {}", run.stdout);
            let pause = pause(&hub.requests());
            assert!(pause >= least, "{shape:?} {route:?}: {pause:?}");
        }
    }
}

#[test]
fn the_key_goes_along_so_that_requests_count_against_its_own_limit() {
    let limit = RateLimit::requests(1000, Duration::from_mins(1)).without_key(0);
    let hub = hub_with_limit(limit);
    let run = functions(&names(5)).hub(&hub).input("username", "alice").run();
    assert_eq!((run.exit_code, refused(&hub)), (0, 0), "{}", run.stdout);
    assert!(hub.requests().iter().all(Recorded::has_key));
}

#[test]
fn a_limit_that_lasts_longer_than_the_run_ends_it_and_says_so() {
    side_by_side([RateLimitShape::RetryAfter, RateLimitShape::Reset], |shape| {
        let hub = StandInHub::start();
        hub.fault_always(Route::Publish, Fault::RateLimited(shape, 60));
        let run = greeter("1.0.0").hub(&hub).input("timeout", "3").run();
        let (status, exit_code, _) = ending(&run, &hub);
        assert_eq!((status, exit_code), ("failed", 4), "{shape:?}: {}", run.stdout);
        assert_eq!(run.codes(), ["HUB_UNREACHABLE"]);
        assert!(words(&run, "HUB_UNREACHABLE").contains("429"), "{}", run.stdout);
        assert!(hub.published("alice", "greeter").is_empty());
    });
}

#[test]
fn waiting_for_the_limit_is_not_taken_off_a_functions_own_time() {
    // The last function waits for about eight seconds, which is longer than its own time.
    let hub = hub_with_limit(RateLimit::publishes(2, Duration::from_secs(1)));
    let run = functions(&names(14)).hub(&hub).input("timeout", "5").run();
    assert_eq!((run.exit_code, run.statuses()), (0, vec!["published"; 14]), "{}", run.stdout);
}
