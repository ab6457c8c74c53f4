//! The input `plan`: what was approved is published, and nothing else.

use serde_json::{Value, json};
use stand_in_hub::{Fault, Route, StandInHub};

use crate::fixtures::{OTHER_CODE, body, functions, greeter, hub_with, manifest, names, words};
use crate::sinks::annotations;
use crate::support::{CODE, Run, Step, text};

/// The plan of a dry run, written to `plan.json`, and the same step, ready to publish it.
fn approved(step: Step, hub: &StandInHub) -> Step {
    let step = step.hub(hub).input("dry-run", "true");
    let plan = step.run();
    assert_eq!(plan.exit_code, 0, "{}", plan.stdout);
    step.file("plan.json", plan.report.to_string()).input("dry-run", "false").input("plan", "plan.json")
}

/// The plan of a step with one value changed.
fn with_change(step: Step, change: impl FnOnce(&mut Value)) -> Step {
    let plan = std::fs::read(step.path("plan.json")).expect("a plan");
    let mut plan: Value = serde_json::from_slice(&plan).expect("JSON");
    change(&mut plan);
    step.file("plan.json", plan.to_string())
}

/// Runs a step that must be refused with nothing sent, and returns what it says.
#[track_caller]
fn refused(step: &Step, hub: &StandInHub) -> Run {
    let before = hub.publishes().len();
    let run = step.run();
    assert_eq!(run.exit_code, 1, "{}", run.stdout);
    assert!(run.codes().contains(&"PLAN_CHANGED"), "{:?}: {}", run.codes(), run.stdout);
    assert_eq!(hub.publishes().len(), before, "something was sent");
    assert_eq!((&run.report["status"], &run.report["published"]), (&json!("failed"), &json!(false)));
    run
}

#[track_caller]
fn says(run: &Run, expected: &str) {
    assert!(words(run, "PLAN_CHANGED").contains(expected), "`{expected}`: {}", words(run, "PLAN_CHANGED"));
}

#[test]
fn what_was_approved_is_published() {
    for (publish, status) in [("true", "published"), ("false", "draft")] {
        let hub = hub_with(&["0.9.0"]);
        let run = approved(greeter("1.0.0").input("publish", publish), &hub).run();
        assert_eq!((run.exit_code, run.statuses()), (0, vec![status]), "{}", run.stdout);
    }
    let hub = StandInHub::start();
    let run = approved(functions(&names(3)), &hub).run();
    assert_eq!((run.exit_code, run.statuses()), (0, vec!["published"; 3]), "{}", run.stdout);
    // What was approved as unchanged is left alone.
    let hub = hub_with(&["1.0.0"]);
    let run = approved(greeter("1.0.0"), &hub).run();
    assert_eq!((run.exit_code, run.statuses()), (0, vec!["unchanged"]), "{}", run.stdout);
    assert!(hub.publishes().is_empty());
}

#[test]
fn the_layout_of_the_plan_does_not_count() {
    let hub = StandInHub::start();
    let step = approved(functions(&names(3)), &hub);
    let step = with_change(step, |plan| plan["functions"].as_array_mut().expect("a list").reverse());
    let plan = std::fs::read_to_string(step.path("plan.json")).expect("a plan");
    let plan: Value = serde_json::from_str(&plan).expect("JSON");
    let run = step.file("plan.json", format!("\u{feff}\n{plan:#}\r\n")).run();
    assert_eq!((run.exit_code, run.statuses()), (0, vec!["published"; 3]), "{}", run.stdout);
}

#[test]
fn other_content_is_refused_and_the_files_are_named() {
    let hub = hub_with(&["0.9.0"]);
    let step = || {
        let step = greeter("1.0.0").file("index.ts", "export { a as greet } from './a';\n");
        approved(step.file("a.ts", "export const a = 1;\n").file("README.md", "# Greeter\n"), &hub)
    };
    let run = refused(&step().file("a.ts", "export const a = 2;\n"), &hub);
    says(&run, "digest was `sha256:");
    says(&run, "; `a.ts` changed |");
    assert_eq!(run.finding("PLAN_CHANGED")["file"], "aerostack.json");
    let moved = step().file("index.ts", "export { b as greet } from './b';\n");
    let run = refused(&moved.file("b.ts", "export const b = 1;\n").file("README.md", "# Other\n"), &hub);
    says(&run, "`b.ts` was added");
    says(&run, "`index.ts` changed");
    says(&run, "`README.md` changed");
    says(&run, "`a.ts` was removed");
    // Every field of the manifest is content.
    let run = refused(&step().edit("aerostack.json", "Greets", "Welcomes"), &hub);
    says(&run, "; `aerostack.json` changed |");
}

#[test]
fn another_version_is_refused() {
    let hub = hub_with(&["0.9.0"]);
    let step = approved(greeter("1.0.0"), &hub).file("aerostack.json", manifest("greeter", "1.0.1"));
    says(&refused(&step, &hub), "version was `1.0.0`, is `1.0.1`; digest was");
}

#[test]
fn another_target_is_refused() {
    for (planned, now, expected) in [
        ("false", "true", "target was `draft`, is `live`"),
        ("true", "false", "target was `live`, is `draft`"),
    ] {
        let hub = hub_with(&["0.9.0"]);
        let step = approved(greeter("1.0.0").input("publish", planned), &hub).input("publish", now);
        says(&refused(&step, &hub), expected);
    }
}

#[test]
fn another_previous_version_is_refused() {
    let hub = hub_with(&["0.8.0"]);
    let step = approved(greeter("1.0.0"), &hub);
    hub.seed("alice", body("greeter", "0.9.0", CODE));
    says(&refused(&step, &hub), "previous version was `0.8.0`, is `0.9.0` |");
    let hub = StandInHub::start();
    let step = approved(greeter("1.0.0"), &hub);
    hub.seed("alice", body("greeter", "0.9.0", CODE));
    says(&refused(&step, &hub), "previous version was none, is `0.9.0` |");
}

#[test]
fn another_decision_is_refused() {
    let hub = hub_with(&["0.9.0"]);
    let step = approved(greeter("1.0.0"), &hub);
    hub.seed("alice", body("greeter", "1.0.0", CODE));
    let run = refused(&step, &hub);
    says(
        &run,
        "decision was `send`, is `unchanged` | it was published since: for this version, nothing is left",
    );
    assert_eq!(run.function()["live"], true);
    // Other content under the same version is a conflict besides.
    let hub = hub_with(&["0.9.0"]);
    let step = approved(greeter("1.0.0"), &hub);
    hub.seed("alice", body("greeter", "1.0.0", OTHER_CODE));
    let run = refused(&step, &hub);
    assert_eq!(run.codes(), ["VERSION_CONFLICT", "PLAN_CHANGED"]);
    says(&run, "decision was `send`, is `refuse`");
    // A plan that failed approves nothing.
    let hub = hub_with(&["0.9.0"]);
    let step = with_change(approved(greeter("1.0.0"), &hub), |plan| {
        plan["functions"][0]["decision"] = Value::Null;
    });
    says(&refused(&step, &hub), "`greeter` is not part of what was approved");
}

#[test]
fn another_set_of_functions_is_refused() {
    let hub = StandInHub::start();
    let step = approved(functions(&names(2)), &hub);
    let more = step.function("functions/third", &manifest("third", "1.0.0"), CODE);
    let run = refused(&more, &hub);
    says(&run, "`third` is not part of what was approved");
    assert_eq!(run.finding("PLAN_CHANGED")["file"], "functions/third/aerostack.json");
    let fewer = approved(functions(&names(2)), &hub).input("directory", "functions/greeter-00");
    let run = refused(&fewer, &hub);
    says(&run, "`greeter-01` was approved, and is not part of this run");
    assert_eq!(run.report["findings"][0]["code"], "PLAN_CHANGED");
}

#[test]
fn another_slug_is_refused() {
    let hub = StandInHub::start();
    let step = approved(greeter("1.0.0"), &hub).file("aerostack.json", manifest("greeter2", "1.0.0"));
    let run = refused(&step, &hub);
    let messages: Vec<_> = run.findings().iter().map(|finding| text(&finding["message"])).collect();
    assert!(messages.contains(&"`greeter2` is not part of what was approved"), "{messages:?}");
    assert!(messages.contains(&"`greeter` was approved, and is not part of this run"), "{messages:?}");
}

#[test]
fn a_report_of_anything_but_a_dry_run_that_succeeded_approves_nothing() {
    let hub = hub_with(&["0.9.0"]);
    for (name, value, expected) in [
        ("exit_code", json!(1), "`plan` is the report of a run that failed (exit code 1)"),
        ("exit_code", json!(143), "`plan` is the report of a run that failed (exit code 143)"),
        ("status", json!("draft"), "`plan` is the report of a run with the status `draft`, not of a dry run"),
        ("status", json!("published"), "a run with the status `published`"),
        ("status", json!("in-review"), "a run with the status `in-review`"),
    ] {
        let step = with_change(approved(greeter("1.0.0"), &hub), |plan| plan[name] = value.clone());
        says(&refused(&step, &hub), expected);
    }
    // One that was killed.
    let killed = json!({"schema": 1, "exit_code": 4, "status": "unconfirmed", "published": false, "live": false,
        "findings": [], "functions": []});
    let run = refused(&approved(greeter("1.0.0"), &hub).file("plan.json", killed.to_string()), &hub);
    let messages: Vec<_> = run.findings().iter().map(|finding| text(&finding["message"])).collect();
    assert!(messages.contains(&"`plan` is the report of a run that failed (exit code 4)"), "{messages:?}");
}

#[test]
fn a_history_that_cannot_be_read_is_never_what_was_approved() {
    for (versions, publish) in [(&[][..], "true"), (&["0.9.0"], "true"), (&["0.9.0"], "false")] {
        let hub = hub_with(versions);
        let step = approved(greeter("1.0.0").input("publish", publish), &hub);
        hub.seed("alice", body("greeter", "0.9.5", OTHER_CODE));
        hub.fault_always(Route::My, Fault::status(503));
        hub.fault_always(Route::Public, Fault::status(503));
        let run = step.input("timeout", "4").run();
        assert_eq!((run.exit_code, run.codes()), (4, vec!["HISTORY_UNREADABLE"]), "{}", run.stdout);
        assert!(words(&run, "HISTORY_UNREADABLE").contains("whether `greeter` is as it was approved"));
        assert!(hub.publishes().is_empty());
    }
    let hub = hub_with(&["0.9.0"]);
    let step = approved(greeter("1.0.0"), &hub).input("api-key", "ac_nobody_has_this_key");
    let run = step.run();
    assert_eq!((run.exit_code, run.codes()), (2, vec!["UNAUTHORIZED"]), "{}", run.stdout);
    assert!(hub.publishes().is_empty());
}

#[test]
fn a_draft_is_not_sent_after_something_else_was_published_in_between() {
    for version in ["0.9.0", "1.0.0"] {
        let hub = hub_with(&["0.8.0"]);
        let step = approved(greeter("1.0.0").input("publish", "false"), &hub);
        hub.fault(Route::Publish, Fault::status(429));
        hub.seed_after_next_publish("alice", body("greeter", version, OTHER_CODE));
        let run = step.run();
        assert!(run.codes().contains(&"PLAN_CHANGED"), "{:?}: {}", run.codes(), run.stdout);
        assert_eq!((run.exit_code, hub.publishes().len()), (1, 1));
    }
}

#[test]
fn the_hint_names_the_inputs_that_differ() {
    let hub = hub_with(&["0.9.0"]);
    let step = approved(greeter("1.0.0").input("publish", "false"), &hub).input("publish", "true");
    says(&refused(&step, &hub), "| set `publish` in the dry run as here; then do the dry run again");
    let step = with_change(approved(greeter("1.0.0"), &hub), |plan| {
        plan["functions"][0]["previous_version"] = Value::Null;
    });
    says(&refused(&step, &hub), "| set `api-key` or `username`, without which");
    let step = with_change(approved(greeter("1.0.0"), &hub), |plan| {
        plan["functions"][0]["decision"] = json!("unchanged");
    });
    says(&refused(&step, &hub), "| set `on-existing`, `strategy` and `allow-create` in the dry run");
}

/// The plan itself is what somebody approved: whatever in it is other than what is so now is a change.
#[test]
fn every_value_of_the_plan_counts() {
    let hub = hub_with(&["0.9.0"]);
    for (name, value) in [
        ("version", json!("1.0.0+build")),
        ("previous_version", json!("0.9.0+build")),
        ("previous_version", Value::Null),
        ("target", json!("draft")),
        ("decision", json!("unchanged")),
        ("decision", json!("refuse")),
        ("digest", json!(format!("sha256:{}", "0".repeat(64)))),
        ("digest", Value::Null),
        ("slug", json!("other")),
    ] {
        let change = |plan: &mut Value| plan["functions"][0][name] = value.clone();
        let step = with_change(approved(greeter("1.0.0"), &hub), change);
        refused(&step, &hub);
    }
}

#[test]
fn functions_that_a_tag_leaves_out_do_not_count() {
    let hub = StandInHub::start();
    let step = || functions(&names(2)).github();
    let step = approved(step().github_tag("greeter-01@1.0.0"), &hub);
    let run = step.run();
    assert_eq!((run.exit_code, run.statuses()), (0, vec!["skipped", "published"]), "{}", run.stdout);
    let other = approved(functions(&names(2)).github_tag("greeter-01@1.0.0"), &hub);
    refused(&other.github_tag("greeter-00@1.0.0"), &hub);
}

#[test]
fn a_newer_version_between_two_attempts_is_refused() {
    for (plan, status) in [(true, "failed"), (false, "published")] {
        let hub = hub_with(&["0.8.0"]);
        let step = approved(greeter("1.0.0"), &hub);
        let step = if plan { step } else { step.unset("AEROSTACK_PLAN") };
        hub.fault(Route::Publish, Fault::status(429));
        hub.seed_after_next_publish("alice", body("greeter", "0.9.0", CODE));
        let run = step.run();
        assert_eq!(run.statuses(), [status], "{}", run.stdout);
        if plan {
            assert_eq!((run.exit_code, run.codes()), (1, vec!["PLAN_CHANGED"]), "{}", run.stdout);
            says(&run, "the previous version is another one than was approved: `0.9.0`");
        }
        assert_eq!(hub.publishes().len(), if plan { 1 } else { 2 });
    }
}

#[test]
fn a_dry_run_says_what_would_be_refused() {
    let hub = hub_with(&["0.9.0"]);
    let step = approved(greeter("1.0.0"), &hub).input("dry-run", "true");
    assert_eq!(step.run().exit_code, 0);
    refused(&step.edit("index.ts", "Hello", "Bye"), &hub);
}

#[test]
fn what_is_no_plan_is_an_invalid_input() {
    let secret = "AKIA-something-private";
    let twice = |plan: &mut Value| {
        let function = plan["functions"][0].clone();
        plan["functions"].as_array_mut().expect("a list").push(function);
    };
    let hub = StandInHub::start();
    let plan = || approved(greeter("1.0.0"), &hub);
    let without = |name: &'static str| {
        with_change(plan(), |plan| {
            plan["functions"][0].as_object_mut().expect("an object").remove(name);
        })
    };
    let no_report = "is no JSON report of this program (line 1, column";
    for (step, expected) in [
        (plan().input("plan", "missing.json"), "can't be read: No such file"),
        (plan().input("plan", "."), "can't be read: it is a directory"),
        (plan().pipe("pipe").input("plan", "pipe"), "can't be read: it is not a regular file"),
        (plan().input("plan", "/dev/zero"), "can't be read: it is not a regular file"),
        (plan().file("plan.json", " ".repeat((16 << 20) + 1)), "can't be read: it is too large"),
        (plan().file("plan.json", ""), "is not valid JSON (line 1, column 0)"),
        (plan().file("plan.json", secret), "is not valid JSON (line 1, column 1)"),
        (plan().file("plan.json", b"\xff"), "is no"),
        (plan().file("plan.json", "[".repeat(100_000)), "is no"),
        (plan().file("plan.json", json!(secret).to_string()), no_report),
        (plan().file("plan.json", json!({ "schema": secret }).to_string()), no_report),
        (plan().file("plan.json", "{}"), no_report),
        (plan().file("plan.json", "[]"), "is no"),
        (with_change(plan(), |plan| plan["schema"] = json!(2)), "has the schema 2"),
        (with_change(plan(), |plan| plan["functions"][0]["target"] = json!(secret)), no_report),
        (with_change(plan(), |plan| plan["functions"][0]["digest"] = json!(1)), no_report),
        (with_change(plan(), twice), "has the function `greeter` twice"),
        (without("digest"), no_report),
        (without("previous_version"), no_report),
        (without("decision"), no_report),
        (without("files"), no_report),
        (plan().input("report", "plan.json"), "is a file of a function, or of another input"),
        (plan().input("summary", "plan.json"), "is a file of a function, or of another input"),
    ] {
        let run = step.run_without_report();
        assert_eq!(run.exit_code, 2, "{expected}: {}", run.stdout);
        assert!(run.stdout.contains(expected), "{expected}: {}", run.stdout);
        assert!(!run.stdout.contains(secret), "{}", run.stdout);
        assert!(hub.publishes().is_empty());
    }
}

/// It may come from a stranger.
#[test]
fn a_hostile_plan_says_nothing_in_the_log() {
    let hub = StandInHub::start();
    let hostile = "x\n::error::gotcha\u{1b}[31m\u{202e}";
    for name in ["slug", "version", "previous_version", "digest"] {
        let step = approved(greeter("1.0.0").github(), &hub);
        let step = with_change(step, |plan| plan["functions"][0][name] = json!(hostile));
        let run = refused(&step, &hub);
        assert!(!run.stdout.contains('\u{202e}') && !run.stdout.contains("gotcha\u{1b}"), "{}", run.stdout);
        assert!(!annotations(&run.stdout).iter().any(|it| it.data == "gotcha"), "{}", run.stdout);
    }
}

#[test]
fn what_a_plan_of_many_functions_has_more_is_named() {
    let hub = StandInHub::start();
    let step = with_change(approved(greeter("1.0.0"), &hub), |plan| {
        let function = plan["functions"][0].clone();
        let copies = (0..10_000).map(|number| {
            let mut copy = function.clone();
            copy["slug"] = json!(format!("greeter-{number}"));
            copy
        });
        plan["functions"].as_array_mut().expect("a list").extend(copies);
    });
    let run = refused(&step, &hub);
    assert_eq!(run.codes(), vec!["PLAN_CHANGED"; 10_000]);
}
