//! Several functions in one run: all or nothing before the first is sent, each for itself afterwards.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use stand_in_hub::{Fault, Route, StandInHub};

use crate::given::{OTHER_CODE, body, manifest};
use crate::support::{CODE, Run, Step};

/// A step on these functions, each in a directory of its name under `functions`.
fn step_on(hub: &StandInHub, names: &[String]) -> Step {
    let step = names.iter().fold(Step::empty(), |step, name| {
        step.function(&format!("functions/{name}"), &manifest(name, "1.0.0"), CODE)
    });
    step.hub(hub).input("directory", "functions/*")
}

fn names(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("greeter-{number:02}")).collect()
}

fn told<'r>(run: &'r Run, field: &str) -> Vec<&'r str> {
    run.functions().iter().filter_map(|function| function[field].as_str()).collect()
}

#[test]
fn thirty_functions_are_published_and_reported_in_order() {
    let hub = StandInHub::start();
    let names = names(30);
    let run = step_on(&hub, &names).github().run();
    assert_eq!(run.exit_code, 0, "{}", run.stdout);
    assert_eq!(told(&run, "name"), names);
    assert_eq!(run.statuses(), ["published"; 30]);
    assert_eq!(run.output("published").as_deref(), Some("true"));
    assert_eq!(run.output("status").as_deref(), Some("published"));
    for single in
        ["name", "slug", "version", "previous-version", "release-type", "id", "url", "admin-url", "digest"]
    {
        assert_eq!(run.output(single).as_deref(), Some(""), "{single}");
    }
    let result: Value = serde_json::from_str(&run.output("result").expect("a result")).expect("JSON");
    assert_eq!(result.as_array().map(Vec::len), Some(30));
    assert_eq!(hub.publishes().len(), 30);
    let again = step_on(&hub, &names).run();
    assert_eq!((again.exit_code, again.statuses()), (0, vec!["unchanged"; 30]), "{}", again.stdout);
    assert_eq!(hub.publishes().len(), 30);
}

/// Waits until so many publishes have arrived at the Hub; fewer than expected would wait for ever.
fn wait_for_publishes(hub: &StandInHub, count: usize) {
    let started = Instant::now();
    while hub.publishes().len() < count {
        assert!(started.elapsed() < Duration::from_secs(4), "only {} publishes", hub.publishes().len());
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn sixteen_functions_are_published_at_once_and_never_more() {
    let hub = StandInHub::start();
    let step = step_on(&hub, &names(30));
    // One more than may come: the gate stays shut, and all that come stand before it.
    hub.hold_publishes(17);
    let run = step.start();
    wait_for_publishes(&hub, 16);
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(hub.publishes().len(), 16);
    hub.hold_publishes(0);
    let run = run.wait();
    assert_eq!((run.exit_code, run.statuses()), (0, vec!["published"; 30]), "{}", run.stdout);
}

/// Makes one function of a step wrong.
type Spoil = fn(Step) -> Step;

#[test]
fn one_wrong_function_keeps_all_from_being_sent() {
    let wrong: [(&str, Spoil); 3] = [
        ("INVALID_CATEGORY", |step| step.edit("functions/greeter-03/aerostack.json", "utility", "utilities")),
        ("EMPTY_CODE", |step| step.file("functions/greeter-03/index.ts", "")),
        ("MISSING_ENTRYPOINT", |step| step.edit("functions/greeter-03/aerostack.json", "index.ts", "x.ts")),
    ];
    for (code, spoil) in wrong {
        let hub = StandInHub::start();
        let run = spoil(step_on(&hub, &names(4))).run();
        assert_eq!((run.exit_code, run.codes()), (1, vec![code]), "{}", run.stdout);
        assert_eq!(run.statuses(), ["skipped", "skipped", "skipped", "failed"]);
        assert!(hub.publishes().is_empty());
    }
}

#[test]
fn one_function_that_may_not_go_live_keeps_all_from_being_sent() {
    for (version, code, finding) in
        [("1.0.0", OTHER_CODE, "VERSION_CONFLICT"), ("2.0.0", CODE, "VERSION_NOT_NEWER")]
    {
        let hub = StandInHub::start();
        hub.seed("alice", body("greeter-00", version, code));
        let run = step_on(&hub, &names(4)).run();
        assert_eq!((run.exit_code, run.codes()), (1, vec![finding]), "{}", run.stdout);
        assert_eq!(run.statuses(), ["failed", "skipped", "skipped", "skipped"]);
        assert_eq!(run.report["status"], "failed");
        assert!(hub.publishes().is_empty());
    }
}

#[test]
fn all_findings_of_all_functions_are_shown_in_one_run() {
    let hub = StandInHub::start();
    let step = step_on(&hub, &names(3)).edit("functions/greeter-00/aerostack.json", "utility", "tools").edit(
        "functions/greeter-02/aerostack.json",
        "\"MIT\"",
        "\"none of yours\"",
    );
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
    let step = step_on(&hub, &names(2)).function("functions/zz", &manifest("greeter-00", "1.1.0"), CODE);
    let run = step.run();
    assert_eq!((run.exit_code, run.codes()), (1, vec!["DUPLICATE_FUNCTION"]), "{}", run.stdout);
    assert!(hub.publishes().is_empty());
}

#[test]
fn the_failure_of_one_function_does_not_hide_the_others() {
    let hub = StandInHub::start();
    // The slug of one of them belongs to somebody else, and of another to nobody's surprise is there already.
    hub.seed("bob", body("greeter-01", "1.0.0", CODE));
    hub.seed("alice", body("greeter-02", "1.0.0", CODE));
    let run = step_on(&hub, &names(4)).github().run();
    assert_eq!((run.exit_code, run.codes()), (1, vec!["DUPLICATE_SLUG"]), "{}", run.stdout);
    assert_eq!(run.statuses(), ["published", "failed", "unchanged", "published"]);
    assert_eq!(run.output("published").as_deref(), Some("true"));
    assert_eq!(run.output("status").as_deref(), Some("failed"));
    for name in ["greeter-00", "greeter-03"] {
        assert_eq!(hub.published("alice", name), ["1.0.0"]);
    }
}

/// Faults that end in each exit code.
fn fault_of(exit_code: i32) -> Fault {
    match exit_code {
        1 => Fault::error(400, "INVALID_CATEGORY", "no"),
        2 => Fault::error(401, "UNAUTHORIZED", "no"),
        3 => Fault::error(418, "TEAPOT", "no"),
        // A wait that no deadline allows: the Hub can't be reached in time.
        _ => Fault::status_with_header(429, "retry-after", "99999"),
    }
}

#[test]
fn of_several_exit_codes_the_first_of_2_1_3_4_counts() {
    for (ends, exit_code) in [
        (vec![1, 2, 3, 4], 2),
        (vec![4, 3, 1], 1),
        (vec![3, 4], 3),
        (vec![4], 4),
        (vec![2, 4], 2),
        (vec![3, 1], 1),
    ] {
        let hub = StandInHub::start();
        for end in &ends {
            hub.fault(Route::Publish, fault_of(*end));
        }
        let run = step_on(&hub, &names(5)).run();
        assert_eq!(run.exit_code, exit_code, "{ends:?}: {}", run.stdout);
        assert_eq!(run.report["exit_code"], exit_code);
        let published = run.statuses().iter().filter(|status| **status == "published").count();
        assert_eq!(published, 5 - ends.len(), "{ends:?}: {}", run.stdout);
        assert_eq!(run.report["published"], true);
    }
}

#[test]
fn the_worst_status_is_that_of_the_run() {
    let hub = StandInHub::start();
    hub.fault(Route::Publish, Fault::json(200, &json!({ "id": "x", "status": "draft" })));
    let run = step_on(&hub, &names(3)).input("timeout", "4").github().run();
    assert_eq!((run.exit_code, run.report["status"].as_str()), (4, Some("unconfirmed")), "{}", run.stdout);
    assert_eq!(run.output("published").as_deref(), Some("true"));
    assert_eq!(run.statuses().iter().filter(|status| **status == "published").count(), 2);
}

#[test]
fn a_hub_that_hangs_for_one_function_does_not_hold_up_the_others() {
    let hub = StandInHub::start();
    hub.fault(Route::Publish, Fault::ProcessThenHang);
    let run = step_on(&hub, &names(20)).input("timeout", "4").run();
    assert_eq!((run.exit_code, run.statuses()), (0, vec!["published"; 20]), "{}", run.stdout);
    assert_eq!(hub.publishes().len(), 20);
}
