//! Runs that publish at the same time: an older version is never sent above a newer one, and what can't be read is not judged.

use serde_json::json;
use stand_in_hub::{Fault, RateLimitShape, Route, Shapes, StandInHub, VersionsShape};

use crate::fixtures::{OTHER_CODE, body, ending, greeter, hub_with, severity, side_by_side, words};
use crate::support::CODE;

/// Responses after which a publish would be repeated, of a Hub that has not carried it out.
fn repeatable() -> Vec<Fault> {
    vec![
        Fault::status(503),
        Fault::status(500),
        Fault::status(408),
        Fault::RateLimited(RateLimitShape::RetryAfter, 1),
        Fault::RateLimited(RateLimitShape::Reset, 1),
        Fault::RateLimited(RateLimitShape::Neither, 1),
        Fault::CutBefore,
        Fault::Reset,
    ]
}

#[test]
fn a_publish_is_not_repeated_over_a_newer_version_of_another_run() {
    side_by_side(repeatable(), |fault| {
        let hub = hub_with(&["1.0.0"]);
        hub.fault(Route::Publish, fault.clone());
        hub.seed_after_next_publish("alice", body("greeter", "1.0.2", OTHER_CODE));
        let run = greeter("1.0.1").hub(&hub).input("timeout", "6").run();
        let (status, exit_code, publishes) = ending(&run, &hub);
        assert_eq!(publishes, 1, "{fault:?}: sent again: {}", run.stdout);
        assert_eq!(hub.published("alice", "greeter"), ["1.0.0", "1.0.2"], "{fault:?}");
        let may_be_there = !matches!(fault, Fault::RateLimited(..)) && fault != Fault::status(408);
        // Without a list of all versions, an older one would not show even if it was there.
        let expected = if may_be_there { ("unconfirmed", 4) } else { ("failed", 1) };
        assert_eq!((status, exit_code), expected, "{fault:?}: {}", run.stdout);
        if !may_be_there {
            assert_eq!(run.codes(), ["VERSION_NOT_NEWER"], "{fault:?}");
        }
    });
}

#[test]
fn a_backport_is_repeated_below_a_newer_version() {
    let hub = hub_with(&["1.0.0"]);
    hub.set_shapes(Shapes { versions: VersionsShape::Strings, ..Shapes::default() });
    hub.fault(Route::Publish, Fault::status(503));
    hub.seed_after_next_publish("alice", body("greeter", "1.0.2", CODE));
    let run = greeter("1.0.1").hub(&hub).input("strategy", "all").run();
    assert_eq!(ending(&run, &hub), ("published", 0, 2), "{}", run.stdout);
    assert_eq!(hub.times_live("alice", "greeter", "1.0.1"), 1);
}

#[test]
fn the_same_version_of_another_run_is_compared_before_a_repeat() {
    side_by_side(repeatable(), |fault| {
        for (code, expected) in [(CODE, 0), (OTHER_CODE, 1)] {
            let hub = hub_with(&["1.0.0"]);
            hub.fault(Route::Publish, fault.clone());
            hub.seed_after_next_publish("alice", body("greeter", "1.0.1", code));
            let run = greeter("1.0.1").hub(&hub).input("timeout", "10").run();
            assert_eq!((run.exit_code, hub.publishes().len()), (expected, 1), "{fault:?}: {}", run.stdout);
            assert_eq!(run.function()["live"], expected == 0, "{fault:?}: {}", run.stdout);
            assert_eq!(hub.published("alice", "greeter"), ["1.0.0", "1.0.1"], "{fault:?}");
        }
    });
}

#[test]
fn a_newer_version_that_another_run_published_meanwhile_is_a_warning() {
    for (known, newer, expected) in [
        (vec!["1.0.0"], "1.0.2", vec!["NEWER_PUBLISHED"]),
        (vec![], "2.0.0", vec!["NEWER_PUBLISHED"]),
        (vec!["1.0.0"], "1.0.0-rc.1", vec![]),
    ] {
        let hub = hub_with(&known);
        hub.seed_after_next_publish("alice", body("greeter", newer, CODE));
        let run = greeter("1.0.1").hub(&hub).run();
        assert_eq!(ending(&run, &hub), ("published", 0, 1), "{newer}: {}", run.stdout);
        assert_eq!(run.codes(), expected, "{newer}: {}", run.stdout);
        if !expected.is_empty() {
            assert_eq!(severity(&run, "NEWER_PUBLISHED"), "warning");
            assert!(words(&run, "NEWER_PUBLISHED").contains(newer));
        }
    }
}

#[test]
fn a_newer_version_that_was_known_before_is_no_warning() {
    let hub = hub_with(&["1.0.0", "2.0.0"]);
    hub.set_shapes(Shapes { versions: VersionsShape::Strings, ..Shapes::default() });
    let run = greeter("1.0.1").hub(&hub).input("strategy", "all").run();
    assert_eq!(ending(&run, &hub), ("published", 0, 1), "{}", run.stdout);
    assert!(!run.codes().contains(&"NEWER_PUBLISHED"), "{}", run.stdout);
}

#[test]
fn content_that_cannot_be_read_is_unconfirmed_and_never_a_conflict() {
    let unread = [
        Fault::status(500),
        Fault::status(403),
        Fault::status(302),
        Fault::html_page(200, "Maintenance"),
        Fault::invalid_json(200),
        Fault::json(200, &json!([1])),
        Fault::CutBody,
        Fault::Reset,
        Fault::html_page(502, "Bad gateway"),
    ];
    side_by_side(unread, |fault| {
        for on_existing in ["auto", "fail"] {
            let hub = hub_with(&["1.0.0"]);
            for route in [Route::ById, Route::Public, Route::Install] {
                hub.fault_always(route, fault.clone());
            }
            let run =
                greeter("1.0.0").hub(&hub).input("timeout", "2").input("on-existing", on_existing).run();
            // `fail` does not ask for the content.
            let expected = if on_existing == "fail" { ("failed", 1, 0) } else { ("unconfirmed", 4, 0) };
            assert_eq!(ending(&run, &hub), expected, "{fault:?}: {}", run.stdout);
            assert_eq!(run.codes().contains(&"VERSION_CONFLICT"), on_existing == "fail", "{fault:?}");
        }
    });
}

#[test]
fn content_that_the_hub_plainly_does_not_show_is_a_conflict() {
    let without_code =
        json!({ "function": { "slug": "greeter", "version": "1.0.0", "status": "published" } });
    for fault in [Fault::status(404), Fault::json(200, &without_code)] {
        let hub = hub_with(&["1.0.0"]);
        for route in [Route::ById, Route::Public, Route::Install] {
            hub.fault_always(route, fault.clone());
        }
        let run = greeter("1.0.0").hub(&hub).input("timeout", "5").run();
        assert_eq!(ending(&run, &hub), ("failed", 1, 0), "{fault:?}: {}", run.stdout);
        assert_eq!(run.codes(), ["VERSION_CONFLICT"], "{fault:?}");
    }
}

#[test]
fn a_rerun_after_a_lost_answer_says_that_it_is_live() {
    let hub = StandInHub::start();
    hub.fault(Route::Publish, Fault::CutAfter);
    hub.fault_always(Route::ReadBack, Fault::status(403));
    let step = greeter("1.0.0").hub(&hub).input("timeout", "2").github();
    let lost = step.run();
    assert_eq!(ending(&lost, &hub), ("unconfirmed", 4, 1), "{}", lost.stdout);
    let said = |run: &crate::support::Run| ["published", "live"].map(|name| run.output(name).expect("set"));
    assert_eq!(said(&lost), ["false", "false"]);
    hub.clear_faults();
    let again = step.run();
    assert_eq!(ending(&again, &hub), ("unchanged", 0, 1), "{}", again.stdout);
    assert_eq!(said(&again), ["false", "true"]);
    let draft = greeter("1.1.0").hub(&hub).input("publish", "false").github().run();
    assert_eq!(said(&draft), ["false", "false"]);
    let dry = greeter("1.0.0").hub(&hub).input("dry-run", "true").github().run();
    assert_eq!(said(&dry), ["false", "true"], "{}", dry.stdout);
}
