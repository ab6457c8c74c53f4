//! Several functions in one run: one error before the first publish stops them all; after that, each one is on its own.

use std::time::Duration;

use serde_json::{Value, json};
use stand_in_hub::{Fault, Route, StandInHub};

use crate::fixtures::{OTHER_CODE, body, functions, manifest, names};
use crate::servers::{https_hub, with_trust};
use crate::support::{CODE, Step, text, wait_until};

#[test]
fn thirty_functions_are_published_and_reported_in_order() {
    let hub = StandInHub::start();
    let names = names(30);
    let run = functions(&names).hub(&hub).github().run();
    assert_eq!(run.exit_code, 0, "{}", run.stdout);
    assert!(run.functions().iter().map(|function| text(&function["name"])).eq(&names));
    assert_eq!(run.statuses(), ["published"; 30]);
    assert_eq!(run.output("published").as_deref(), Some("true"));
    assert_eq!(run.output("status").as_deref(), Some("published"));
    for single in
        ["name", "slug", "version", "previous-version", "release-type", "id", "url", "admin-url", "digest"]
    {
        assert_eq!(run.output(single).as_deref(), Some(""), "{single}");
    }
    let result: Value = serde_json::from_str(&run.output("result").expect("a result")).expect("JSON");
    assert_eq!(result["functions"].as_array().map(Vec::len), Some(30));
    assert_eq!(hub.publishes().len(), 30);
    let again = functions(&names).hub(&hub).run();
    assert_eq!((again.exit_code, again.statuses()), (0, vec!["unchanged"; 30]), "{}", again.stdout);
    assert_eq!(hub.publishes().len(), 30);
}

/// Publishes functions, of which the Hub holds back all that arrive.
fn most_at_once(hub: &StandInHub, step: &Step, count: usize, most: usize) {
    // One more than is sent at once.
    hub.pause_publishes(most + 1);
    let run = step.start();
    wait_until("publishes", || hub.publishes().len() >= most);
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(hub.publishes().len(), most);
    hub.pause_publishes(0);
    let run = run.wait();
    assert_eq!((run.exit_code, run.statuses()), (0, vec!["published"; count]), "{}", run.stdout);
}

#[test]
fn sixteen_functions_are_published_at_once_and_never_more() {
    let hub = StandInHub::start();
    most_at_once(&hub, &functions(&names(30)).hub(&hub), 30, 16);
}

#[test]
fn a_hundred_functions_are_published_at_once_over_one_connection() {
    let hub = https_hub();
    most_at_once(&hub, &with_trust(functions(&names(110)), &hub), 110, 100);
}

/// Breaks one function of a step.
type Break = fn(Step) -> Step;

#[test]
fn an_error_in_one_function_prevents_every_publish() {
    let broken: [(&str, Break); 3] = [
        ("INVALID_CATEGORY", |step| step.edit("functions/greeter-03/aerostack.json", "utility", "utilities")),
        ("EMPTY_CODE", |step| step.file("functions/greeter-03/index.ts", "")),
        ("MISSING_ENTRYPOINT", |step| step.edit("functions/greeter-03/aerostack.json", "index.ts", "x.ts")),
    ];
    for (code, break_one) in broken {
        let hub = StandInHub::start();
        let run = break_one(functions(&names(4))).hub(&hub).run();
        assert_eq!((run.exit_code, run.codes()), (1, vec![code]), "{}", run.stdout);
        assert_eq!(run.statuses(), ["skipped", "skipped", "skipped", "failed"]);
        assert!(hub.publishes().is_empty());
    }
}

#[test]
fn a_version_that_is_refused_prevents_every_publish() {
    for (version, code, finding) in
        [("1.0.0", OTHER_CODE, "VERSION_CONFLICT"), ("2.0.0", CODE, "VERSION_NOT_NEWER")]
    {
        let hub = StandInHub::start();
        hub.seed("alice", body("greeter-00", version, code));
        let run = functions(&names(4)).hub(&hub).run();
        assert_eq!((run.exit_code, run.codes()), (1, vec![finding]), "{}", run.stdout);
        assert_eq!(run.statuses(), ["failed", "skipped", "skipped", "skipped"]);
        assert_eq!(run.report["status"], "failed");
        assert!(hub.publishes().is_empty());
    }
}

#[test]
fn all_findings_of_all_functions_are_shown_in_one_run() {
    let hub = StandInHub::start();
    let step = functions(&names(3))
        .hub(&hub)
        .edit("functions/greeter-00/aerostack.json", "utility", "tools")
        .edit("functions/greeter-02/aerostack.json", "\"MIT\"", "\"none of yours\"");
    let run = step.run();
    assert_eq!(
        (run.exit_code, run.codes()),
        (1, vec!["INVALID_CATEGORY", "INVALID_LICENSE"]),
        "{}",
        run.stdout
    );
    assert!(hub.requests().is_empty());
}

#[test]
fn two_directories_with_one_slug_are_refused_and_nothing_is_sent() {
    let hub = StandInHub::start();
    let step =
        functions(&names(2)).hub(&hub).function("functions/zz", &manifest("greeter-00", "1.1.0"), CODE);
    let run = step.run();
    assert_eq!((run.exit_code, run.codes()), (1, vec!["DUPLICATE_FUNCTION"]), "{}", run.stdout);
    assert!(hub.publishes().is_empty());
}

#[test]
fn the_failure_of_one_function_does_not_hide_the_others() {
    let hub = StandInHub::start();
    // Another account has the slug of one of them; a second one is already published.
    hub.seed("bob", body("greeter-01", "1.0.0", CODE));
    hub.seed("alice", body("greeter-02", "1.0.0", CODE));
    let run = functions(&names(4)).hub(&hub).github().run();
    assert_eq!((run.exit_code, run.codes()), (1, vec!["DUPLICATE_SLUG"]), "{}", run.stdout);
    assert_eq!(run.statuses(), ["published", "failed", "unchanged", "published"]);
    assert_eq!(run.output("published").as_deref(), Some("true"));
    assert_eq!(run.output("status").as_deref(), Some("failed"));
    for name in ["greeter-00", "greeter-03"] {
        assert_eq!(hub.published("alice", name), ["1.0.0"]);
    }
}

/// A fault that ends in this exit code.
fn fault_of(exit_code: i32) -> Fault {
    match exit_code {
        1 => Fault::error(400, "INVALID_CATEGORY", "no"),
        2 => Fault::error(401, "UNAUTHORIZED", "no"),
        3 => Fault::error(418, "TEAPOT", "no"),
        // A longer wait than any deadline allows.
        _ => Fault::status_with_header(429, "retry-after", "99999"),
    }
}

#[test]
fn of_several_exit_codes_the_first_of_2_1_3_4_counts() {
    for (ends, exit_code) in [(vec![4, 3, 1, 2], 2), (vec![4, 3, 1], 1), (vec![4, 3], 3), (vec![4], 4)] {
        let hub = StandInHub::start();
        for end in &ends {
            hub.fault(Route::Publish, fault_of(*end));
        }
        let run = functions(&names(5)).hub(&hub).run();
        assert_eq!(run.exit_code, exit_code, "{ends:?}: {}", run.stdout);
        assert_eq!(run.report["exit_code"], exit_code);
        let published = run.statuses().iter().filter(|status| **status == "published").count();
        assert_eq!(published, 5 - ends.len(), "{ends:?}: {}", run.stdout);
        assert_eq!(run.report["published"], true);
    }
}

#[test]
fn the_status_of_the_run_is_the_worst_one() {
    let hub = StandInHub::start();
    hub.fault(Route::Publish, Fault::json(200, &json!({ "id": "x", "status": "draft" })));
    let run = functions(&names(3)).hub(&hub).input("timeout", "4").github().run();
    assert_eq!((run.exit_code, run.report["status"].as_str()), (4, Some("unconfirmed")), "{}", run.stdout);
    assert_eq!(run.output("published").as_deref(), Some("true"));
    assert_eq!(run.statuses().iter().filter(|status| **status == "published").count(), 2);
}

#[test]
fn a_request_that_hangs_does_not_delay_the_other_functions() {
    let hub = StandInHub::start();
    hub.fault(Route::Publish, Fault::ProcessThenHang);
    let run = functions(&names(20)).hub(&hub).input("timeout", "4").run();
    assert_eq!((run.exit_code, run.statuses()), (0, vec!["published"; 20]), "{}", run.stdout);
    assert_eq!(hub.publishes().len(), 20);
}
