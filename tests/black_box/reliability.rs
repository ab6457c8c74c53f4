//! A Hub that fails, hangs or is down: what is repeated, what is read back, and what stays unconfirmed.

use std::time::{Duration, Instant};

use serde_json::json;
use stand_in_hub::{Fault, OwnerView, Recorded, ResponseField, Route, Shapes, StandInHub};

use crate::fixtures::{OTHER_CODE, body, ending, greeter, hub_with, manifest, side_by_side, words};
use crate::support::{CODE, Step};

/// Faults after which the Hub has stored the function, but the sender does not know.
fn faults_after_storing() -> [Fault; 5] {
    [
        Fault::CutAfter,
        Fault::ProcessThenHang,
        Fault::process_then_status(502),
        Fault::Garbage,
        Fault::Truncate,
    ]
}

/// Faults after which the Hub has stored nothing, but the sender does not know.
fn faults_before_storing() -> [Fault; 4] {
    [Fault::CutBefore, Fault::Hang, Fault::status(503), Fault::text(200, "<html>")]
}

#[test]
fn a_publish_without_a_clear_response_is_read_back_and_not_repeated() {
    side_by_side(faults_after_storing(), |fault| {
        let hub = hub_with(&["0.9.0"]);
        hub.fault(Route::Publish, fault.clone());
        let run = greeter("1.0.0").hub(&hub).input("timeout", "4").run();
        assert_eq!(ending(&run, &hub), ("published", 0, 1), "{fault:?}: {}", run.stdout);
        assert_eq!(hub.published("alice", "greeter"), ["0.9.0", "1.0.0"]);
        assert_eq!(run.function()["published"], true);
        assert_eq!(run.function()["url"], "https://hub.aerostack.dev/functions/alice/greeter");
        assert!(run.codes().is_empty(), "{fault:?}: {:?}", run.codes());
    });
}

#[test]
fn a_first_publish_without_a_clear_response_is_read_back_too() {
    let hub = StandInHub::start();
    hub.fault(Route::Publish, Fault::CutAfter);
    let run = greeter("1.0.0").hub(&hub).run();
    assert_eq!(ending(&run, &hub), ("published", 0, 1), "{}", run.stdout);
}

#[test]
fn a_draft_without_a_clear_response_is_read_back_and_not_repeated() {
    side_by_side(faults_after_storing(), |fault| {
        for published in [vec![], vec!["0.9.0"]] {
            let hub = hub_with(&published);
            hub.fault(Route::Publish, fault.clone());
            let run = greeter("1.0.0").hub(&hub).input("publish", "false").input("timeout", "4").run();
            assert_eq!(ending(&run, &hub), ("draft", 0, 1), "{fault:?}: {}", run.stdout);
            assert_eq!(hub.published("alice", "greeter"), published);
        }
    });
}

#[test]
fn a_draft_that_the_hub_may_hide_is_repeated() {
    let hub = hub_with(&["0.9.0"]);
    hub.set_shapes(Shapes { owner_view: OwnerView::Published, ..Shapes::default() });
    hub.fault(Route::Publish, Fault::CutAfter);
    let run = greeter("1.0.0").hub(&hub).input("publish", "false").run();
    assert_eq!(ending(&run, &hub), ("draft", 0, 2), "{}", run.stdout);
}

#[test]
fn a_publish_that_did_not_arrive_is_read_back_and_then_repeated() {
    side_by_side(faults_before_storing(), |fault| {
        for (publish, status) in [("true", "published"), ("false", "draft")] {
            let hub = hub_with(&["0.9.0"]);
            hub.fault(Route::Publish, fault.clone());
            let step = greeter("1.0.0").hub(&hub).input("timeout", "6").input("publish", publish);
            let run = step.run();
            assert_eq!(ending(&run, &hub), (status, 0, 2), "{fault:?}: {}", run.stdout);
            assert_read_between_publishes(&hub.requests());
        }
    });
}

fn assert_read_between_publishes(requests: &[Recorded]) {
    let methods: Vec<_> = requests.iter().map(|request| request.method.as_str()).collect();
    let from_first = methods.iter().skip_while(|method| **method != "POST").skip(1);
    assert_eq!(from_first.copied().next(), Some("GET"), "repeated without reading back: {methods:?}");
}

#[test]
fn a_publish_that_was_not_processed_is_repeated() {
    let too_many = |retry_after| Fault::status_with_header(429, "retry-after", retry_after);
    for fault in [Fault::status(408), Fault::status(429), too_many("0"), too_many("soon")] {
        let hub = StandInHub::start();
        hub.fault(Route::Publish, fault.clone());
        let run = greeter("1.0.0").hub(&hub).run();
        assert_eq!(ending(&run, &hub), ("published", 0, 2), "{fault:?}: {}", run.stdout);
    }
}

#[test]
fn a_failed_read_is_repeated() {
    for fault in [Fault::CutBefore, Fault::Truncate, Fault::status(429), Fault::status(503)] {
        let hub = hub_with(&["1.0.0"]);
        for route in [Route::My, Route::ById] {
            hub.fault(route, fault.clone());
        }
        let run = greeter("1.0.0").hub(&hub).run();
        assert_eq!(ending(&run, &hub), ("unchanged", 0, 0), "{fault:?}: {}", run.stdout);
        assert!(run.codes().is_empty(), "{fault:?}: {:?}", run.codes());
    }
}

#[test]
fn a_refusal_is_not_repeated() {
    let hub = StandInHub::start();
    hub.fault(Route::Publish, Fault::status(403));
    let run = greeter("1.0.0").hub(&hub).run();
    assert_eq!(ending(&run, &hub), ("failed", 2, 1), "{}", run.stdout);
    assert_eq!(run.codes(), ["HUB_REFUSED"]);
}

#[test]
fn a_wait_beyond_the_deadline_is_not_started() {
    for wait in ["3600", "18446744073709551615", "Fri, 31 Dec 9999 23:59:59 GMT"] {
        let hub = StandInHub::start();
        hub.fault(Route::Publish, Fault::status_with_header(429, "retry-after", wait));
        let run = greeter("1.0.0").hub(&hub).run();
        assert_eq!(ending(&run, &hub), ("failed", 4, 1), "{wait}: {}", run.stdout);
        assert_eq!(run.codes(), ["HUB_UNREACHABLE"]);
        assert!(words(&run, "HUB_UNREACHABLE").contains("429"));
    }
}

#[test]
fn a_publish_that_cannot_be_read_back_is_unconfirmed_and_not_repeated() {
    let cases = [
        ("true", Fault::CutAfter, Fault::status(403)),
        ("true", Fault::CutBefore, Fault::Garbage),
        ("true", Fault::CutAfter, Fault::Hang),
        ("false", Fault::CutAfter, Fault::status(403)),
        ("false", Fault::CutBefore, Fault::Html),
    ];
    side_by_side(cases, |(publish, fault, read_fault)| {
        let hub = StandInHub::start();
        hub.fault_always(Route::My, read_fault.clone());
        hub.fault(Route::Publish, fault.clone());
        let run = greeter("1.0.0").hub(&hub).input("timeout", "3").input("publish", publish).run();
        let case = format!("{fault:?} {read_fault:?}");
        assert_eq!(ending(&run, &hub), ("unconfirmed", 4, 1), "{case}: {}", run.stdout);
        assert!(run.codes().contains(&"UNCONFIRMED"), "{case}");
        assert_eq!(run.function()["published"], false);
        assert_eq!(run.report["status"], "unconfirmed");
    });
}

#[test]
fn the_run_after_an_unconfirmed_one_finds_the_version_unchanged() {
    let hub = StandInHub::start();
    hub.fault_always(Route::My, Fault::status(403));
    hub.fault(Route::Publish, Fault::CutAfter);
    let step = greeter("1.0.0").hub(&hub).input("timeout", "2");
    assert_eq!(step.run().exit_code, 4);
    hub.clear_faults();
    let run = step.run();
    assert_eq!(ending(&run, &hub), ("unchanged", 0, 1), "{}", run.stdout);
}

#[test]
fn a_hub_that_is_down_is_unreachable() {
    let hub = StandInHub::start();
    let address = hub.url();
    drop(hub);
    let run = greeter("1.0.0")
        .input("api-url", &address)
        .input("api-key", "ac_0123456789")
        .input("timeout", "2")
        .run();
    assert_eq!((run.exit_code, run.statuses()), (4, vec!["failed"]), "{}", run.stdout);
    assert_eq!(run.codes(), ["HUB_UNREACHABLE"]);
    assert_eq!(run.function()["published"], false);
}

#[test]
fn a_publish_that_keeps_failing_is_unconfirmed_where_it_may_have_been_carried_out() {
    let cases = [
        (Fault::status(503), "unconfirmed", "UNCONFIRMED"),
        (Fault::CutBefore, "unconfirmed", "UNCONFIRMED"),
        (Fault::status(408), "failed", "HUB_UNREACHABLE"),
        (Fault::status(429), "failed", "HUB_UNREACHABLE"),
    ];
    side_by_side(cases, |(fault, expected, code)| {
        let hub = StandInHub::start();
        hub.fault_always(Route::Publish, fault.clone());
        let run = greeter("1.0.0").hub(&hub).input("timeout", "3").run();
        let (status, exit_code, posts) = ending(&run, &hub);
        assert_eq!((status, exit_code), (expected, 4), "{fault:?}: {}", run.stdout);
        assert_eq!(run.codes(), [code]);
        // The number of attempts is limited, but for those that the rate limit refused.
        assert!(posts >= 2 && (posts <= 5 || fault == Fault::status(429)), "{fault:?}: {posts}");
    });
}

#[test]
fn a_conflict_with_our_own_content_is_a_success() {
    for (in_doubt, expected) in [(false, ("unchanged", 0, 1)), (true, ("published", 0, 2))] {
        let hub = hub_with(&["0.9.0"]);
        let stale = json!({ "functions": [{ "slug": "greeter", "version": "0.9.0", "status": "published", "id": "fn_0001" }] });
        // Reads lag behind: neither the list nor the function's own record shows the version yet.
        let mut lagging = vec![Route::My, Route::ById, Route::ById];
        if in_doubt {
            lagging.extend([Route::My, Route::ById]);
        }
        for route in lagging {
            let response = if route == Route::My { Fault::json(200, &stale) } else { Fault::status(404) };
            hub.fault(route, response);
        }
        if in_doubt {
            hub.fault(Route::Publish, Fault::CutAfter);
        } else {
            hub.seed("alice", body("greeter", "1.0.0", CODE));
        }
        let run = greeter("1.0.0").hub(&hub).run();
        assert_eq!(ending(&run, &hub), expected, "in doubt {in_doubt}: {}", run.stdout);
        assert_eq!(run.function()["published"], in_doubt);
        assert_eq!(hub.published("alice", "greeter"), ["0.9.0", "1.0.0"]);
    }
}

#[test]
fn a_version_that_another_run_published_with_different_content_is_a_conflict() {
    for fault in [None, Some(Fault::CutBefore), Some(Fault::status(503))] {
        let hub = StandInHub::start();
        hub.seed("alice", body("greeter", "1.0.0", OTHER_CODE));
        hub.fault(Route::My, Fault::json(200, &json!({ "functions": [] })));
        if let Some(fault) = &fault {
            hub.fault(Route::Publish, fault.clone());
        }
        let run = greeter("1.0.0").hub(&hub).run();
        assert_eq!(ending(&run, &hub), ("failed", 1, 1), "{fault:?}: {}", run.stdout);
        assert_eq!(run.codes(), ["VERSION_CONFLICT"], "{fault:?}");
        assert_eq!(run.function()["published"], false);
    }
}

#[test]
fn of_two_runs_at_once_one_publishes_and_both_succeed() {
    for known in [vec![], vec!["0.9.0"]] {
        let hub = hub_with(&known);
        hub.pause_publishes(2);
        let steps = [greeter("1.0.0").hub(&hub), greeter("1.0.0").hub(&hub)];
        let started = steps.each_ref().map(Step::start);
        let runs = started.map(crate::support::Started::wait);
        assert_eq!(hub.publishes().len(), 2);
        assert!(runs.iter().all(|run| run.exit_code == 0), "{} {}", runs[0].stdout, runs[1].stdout);
        let mut statuses: Vec<_> = runs.iter().flat_map(|run| run.statuses()).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, ["published", "unchanged"]);
        assert_eq!(hub.published("alice", "greeter").last().map(String::as_str), Some("1.0.0"));
    }
}

#[test]
fn of_two_runs_with_different_content_one_publishes_and_the_other_fails() {
    let hub = StandInHub::start();
    hub.pause_publishes(2);
    let other = Step::empty().function(".", &manifest("greeter", "1.0.0"), OTHER_CODE);
    let steps = [greeter("1.0.0").hub(&hub), other.hub(&hub)];
    let started = steps.each_ref().map(Step::start);
    let mut exit_codes = started.map(|run| run.wait().exit_code);
    exit_codes.sort_unstable();
    assert_eq!(exit_codes, [0, 1]);
    assert_eq!(hub.published("alice", "greeter"), ["1.0.0"]);
}

/// Far more than any `timeout` here: a run that takes longer ignores its deadline.
const MAX_RUN_TIME: Duration = Duration::from_secs(20);

#[test]
fn a_run_ends_at_its_deadline_when_every_request_hangs() {
    side_by_side([("1", "true"), ("2", "true"), ("2", "false")], |(timeout, publish)| {
        let hub = StandInHub::start();
        hub.fault_always(Route::Any, Fault::Hang);
        let started = Instant::now();
        let step = greeter("1.0.0").hub(&hub).input("username", "alice").input("publish", publish);
        let run = step.input("timeout", timeout).run();
        assert!(started.elapsed() < MAX_RUN_TIME, "{timeout}");
        assert_eq!(run.exit_code, 4, "{}", run.stdout);
        assert!(hub.publishes().len() <= 1, "a publish in doubt was repeated");
    });
}

#[test]
fn a_run_ends_at_its_deadline_when_every_request_fails() {
    let hub = StandInHub::start();
    hub.fault_always(Route::Any, Fault::status(503));
    let started = Instant::now();
    let run = greeter("1.0.0").hub(&hub).input("timeout", "2").run();
    assert!(started.elapsed() < MAX_RUN_TIME);
    assert_eq!(run.exit_code, 4, "{}", run.stdout);
}

#[test]
fn a_live_publish_that_was_saved_as_a_draft_is_not_reported_as_published() {
    let receipt = json!({ "id": "fn_0001", "slug": "greeter", "author": "alice", "status": "draft" });
    side_by_side(["draft", "queued", "archived"], |status| {
        let mut receipt = receipt.clone();
        receipt["status"] = json!(status);
        let hub = StandInHub::start();
        hub.fault_always(Route::Publish, Fault::json(201, &receipt));
        let run = greeter("1.0.0").hub(&hub).input("timeout", "2").run();
        assert_eq!(ending(&run, &hub), ("unconfirmed", 4, 1), "{}", run.stdout);
        assert_eq!(run.function()["published"], false);
        assert!(words(&run, "UNCONFIRMED").contains(status));
    });
}

#[test]
fn a_draft_that_went_live_is_not_reported_as_a_draft() {
    let receipt = json!({ "id": "fn_0001", "slug": "greeter", "author": "alice", "status": "published" });
    let hub = StandInHub::start();
    hub.fault(Route::Publish, Fault::json(201, &receipt));
    let run = greeter("1.0.0").hub(&hub).input("publish", "false").input("timeout", "3").run();
    assert_eq!(ending(&run, &hub), ("unconfirmed", 4, 1), "{}", run.stdout);
    assert!(words(&run, "UNCONFIRMED").contains("published"));
}

#[test]
fn an_accepted_publish_that_the_hub_does_not_show_is_unconfirmed() {
    side_by_side([json!({ "ok": true }), json!({ "id": "fn_1" })], |receipt| {
        let hub = StandInHub::start();
        hub.fault(Route::Publish, Fault::json(200, &receipt));
        let run = greeter("1.0.0").hub(&hub).input("timeout", "3").run();
        assert_eq!(ending(&run, &hub), ("unconfirmed", 4, 1), "{receipt}: {}", run.stdout);
    });
}

#[test]
fn a_list_that_lags_behind_does_not_make_a_success_unconfirmed() {
    let hub = StandInHub::builder()
        .shapes(Shapes { left_out: vec![ResponseField::Status], ..Shapes::default() })
        .start();
    for _ in 0..2 {
        hub.fault(Route::My, Fault::json(200, &json!({ "functions": [] })));
    }
    let run = greeter("1.0.0").hub(&hub).run();
    assert_eq!(ending(&run, &hub), ("published", 0, 1), "{}", run.stdout);
}

#[test]
fn content_that_cannot_be_read_is_not_a_version_conflict() {
    let hub = hub_with(&["1.0.0"]);
    for route in [Route::ById, Route::Public, Route::Install] {
        hub.fault_always(route, Fault::status(503));
    }
    let run = greeter("1.0.0").hub(&hub).input("timeout", "2").run();
    assert_eq!(ending(&run, &hub), ("unconfirmed", 4, 0), "{}", run.stdout);
    assert_eq!(run.codes(), ["UNCONFIRMED"]);
}

/// A Hub on which 2.0.0 is live and which shows no other version, as the documented responses do.
fn hub_that_shows_only_the_newest_version() -> StandInHub {
    let hub = hub_with(&["2.0.0"]);
    let newest = json!({ "id": "fn_0001", "slug": "greeter", "version": "2.0.0", "status": "published" });
    hub.fault_always(Route::My, Fault::json(200, &json!({ "functions": [newest] })));
    hub.fault_always(Route::ById, Fault::status(404));
    hub.fault_always(Route::Public, Fault::status(404));
    hub
}

fn backport(hub: &StandInHub) -> Step {
    greeter("1.1.0").hub(hub).input("strategy", "all").input("timeout", "6")
}

#[test]
fn a_backport_in_doubt_is_unconfirmed_where_the_hub_shows_only_the_newest_version() {
    let hub = hub_that_shows_only_the_newest_version();
    hub.fault(Route::Publish, Fault::CutAfter);
    let run = backport(&hub).run();
    assert_eq!(ending(&run, &hub), ("unconfirmed", 4, 1), "{}", run.stdout);
}

#[test]
fn a_backport_is_confirmed_by_its_receipt_alone_where_the_hub_shows_only_the_newest_version() {
    for (left_out, expected) in [
        (ResponseField::Id, ("published", 0, 1)),
        (ResponseField::Slug, ("published", 0, 1)),
        (ResponseField::Status, ("unconfirmed", 4, 1)),
    ] {
        let hub = hub_that_shows_only_the_newest_version();
        hub.set_shapes(Shapes { left_out: vec![left_out], ..Shapes::default() });
        let run = backport(&hub).input("timeout", "3").run();
        assert_eq!(ending(&run, &hub), expected, "{left_out:?}: {}", run.stdout);
    }
}

#[test]
fn a_draft_that_the_hub_may_hide_is_unconfirmed_after_the_last_attempt() {
    let hub = hub_with(&["1.0.0"]);
    hub.set_shapes(Shapes { owner_view: OwnerView::Published, ..Shapes::default() });
    hub.fault_always(Route::Publish, Fault::process_then_status(500));
    let run = greeter("1.1.0").hub(&hub).input("publish", "false").input("timeout", "8").run();
    assert_eq!(
        (run.function()["status"].as_str(), run.exit_code),
        (Some("unconfirmed"), 4),
        "{}",
        run.stdout
    );
}
