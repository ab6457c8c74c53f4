//! What changes for users from the newest published version, and the version that asks for.

use serde_json::{Value, json};
use stand_in_hub::{Fault, Route, StandInHub};

use crate::given::{body, words};
use crate::support::{MANIFEST, Run, Step};

/// Exports two names, and reads nothing.
const TWO: &str = "export const greet = () => 'hello';\nexport const part = () => 'bye';\n";

/// A Hub that has `greeter` in a version, with fields of its own.
fn hub_with(version: &str, fields: &Value) -> StandInHub {
    let hub = StandInHub::start();
    let mut published = body("greeter", version, TWO);
    for (name, value) in fields.as_object().unwrap() {
        published[name] = value.clone();
    }
    hub.seed("alice", published);
    hub
}

/// A run at a version, with fields of its own and this code.
fn run(hub: &StandInHub, version: &str, fields: &Value, code: &str) -> Run {
    let mut manifest: Value = serde_json::from_str(MANIFEST).unwrap();
    manifest["version"] = json!(version);
    for (name, value) in fields.as_object().unwrap() {
        manifest[name] = value.clone();
    }
    Step::empty().function(".", &format!("{manifest:#}"), code).hub(hub).github().run()
}

#[test]
fn each_break_without_a_major_version_is_a_warning_that_names_it_and_the_least_version() {
    let cases = [
        (json!({}), json!({}), "export const greet = () => '';\n", "removes the export `part`"),
        (json!({"envVars": []}), json!({"envVars": ["KEY"]}), TWO, "now requires the variable `KEY`"),
        (
            json!({"npmDependencies": ["a@1"]}),
            json!({"npmDependencies": ["a@2", "b"]}),
            TWO,
            "now requires the package `b`",
        ),
        (json!({"routePath": "/a"}), json!({"routePath": "/b"}), TWO, "removes the route `/a`"),
        (
            json!({"routeExport": "greet"}),
            json!({"routeExport": "part"}),
            TWO,
            "removes the route export `greet`",
        ),
        (json!({"routePath": "/a"}), json!({}), TWO, "removes the route `/a`"),
    ];
    for (before, after, code, what) in cases {
        let hub = hub_with("1.2.3", &before);
        let run = run(&hub, "1.3.0", &after, code);
        assert_eq!(
            (run.codes(), run.exit_code),
            (vec!["BREAKING_WITHOUT_MAJOR"], 0),
            "{what}: {}",
            run.stdout
        );
        let told = words(&run, "BREAKING_WITHOUT_MAJOR");
        assert!(told.contains(what) && told.contains("`2.0.0`"), "{told}");
        assert_eq!(run.finding("BREAKING_WITHOUT_MAJOR")["file"], "aerostack.json");
        assert!(run.place("BREAKING_WITHOUT_MAJOR")[0] > 0);
    }
}

#[test]
fn a_break_with_a_major_version_or_before_the_first_with_a_minor_one_is_no_warning() {
    let less = "export const greet = () => '';\n";
    for (before, after) in [("1.2.3", "2.0.0"), ("1.2.3", "2.0.0-rc.1"), ("0.2.3", "0.3.0")] {
        let hub = hub_with(before, &json!({}));
        let codes = run(&hub, after, &json!({}), less).codes().join(" ");
        assert!(!codes.contains("BREAKING"), "{before} to {after}: {codes}");
    }
    let hub = hub_with("0.2.3", &json!({}));
    assert_eq!(run(&hub, "0.2.4", &json!({}), less).codes(), ["BREAKING_WITHOUT_MAJOR"]);
}

#[test]
fn what_takes_nothing_away_is_no_warning() {
    let before = json!({"envVars": ["KEY"], "npmDependencies": ["a@1"]});
    let hub = hub_with("1.2.3", &before);
    let more = format!("{TWO}export const more = 1;\n");
    let run = run(&hub, "1.2.4", &json!({"npmDependencies": ["a@2"], "routePath": "/a"}), &more);
    assert!(run.codes().is_empty(), "{}", run.stdout);
}

#[test]
fn the_summary_and_a_conflict_name_the_least_version_that_fits() {
    let more = format!("{TWO}export const more = 1;\n");
    let hub = hub_with("1.2.3", &json!({}));
    let conflict = run(&hub, "1.2.3", &json!({}), &more);
    assert_eq!(conflict.exit_code, 1);
    assert!(words(&conflict, "VERSION_CONFLICT").ends_with("it adds the export `more`: 1.3.0"));
    assert!(hub.publishes().is_empty());
    let published = run(&hub, "1.3.0", &json!({}), &more);
    assert_eq!(published.exit_code, 0);
    assert!(published.summary.contains("adds the export <code>more</code>"), "{}", published.summary);
    assert!(published.stdout.contains("it adds the export `more`: 1.3.0"), "{}", published.stdout);
}

#[test]
fn with_strict_a_break_is_refused_and_nothing_is_sent() {
    let hub = hub_with("1.2.3", &json!({"envVars": []}));
    let manifest = MANIFEST.replace("1.0.0", "1.2.4").replace("\n}", ",\n  \"envVars\": [\"KEY\"]\n}");
    let run = Step::empty().function(".", &manifest, TWO).hub(&hub).input("strict", "true").run();
    assert_eq!((run.codes(), run.exit_code), (vec!["BREAKING_WITHOUT_MAJOR"], 1), "{}", run.stdout);
    assert!(hub.publishes().is_empty());
}

#[test]
fn what_the_hub_does_not_show_is_no_warning_and_no_hindrance() {
    let hub = hub_with("1.2.3", &json!({}));
    for route in [Route::ById, Route::Public, Route::Install] {
        hub.fault_always(route, Fault::status(404));
    }
    let run = run(&hub, "1.2.4", &json!({}), "export const other = 1;\n");
    assert_eq!((run.codes(), run.exit_code), (vec![], 0), "{}", run.stdout);
}
