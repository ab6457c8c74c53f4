//! The public API, compared with the newest published version, and the version that the changes need.
//!
//! The full table of changes is a unit test of `src/release/public_api.rs`.

use serde_json::{Value, json};
use stand_in_hub::{Fault, Route, StandInHub};

use crate::fixtures::{manifest_with, words};
use crate::support::{Run, Step};

/// Exports two names, and reads nothing.
const TWO: &str = "export const greet = () => 'hello';\nexport const part = () => 'bye';\n";

/// These fields, and a version.
fn fields_of(version: &str, fields: &Value) -> Value {
    let mut fields = fields.clone();
    fields["version"] = json!(version);
    fields
}

/// A Hub that has `greeter` at a version, with fields of its own.
fn hub_with(version: &str, fields: &Value) -> StandInHub {
    let hub = StandInHub::start();
    let mut published = manifest_with(&fields_of(version, fields));
    published["code"] = json!(TWO);
    published["publish"] = json!(true);
    hub.seed("alice", published);
    hub
}

/// A run at a version, with fields of its own and this code.
fn run(hub: &StandInHub, version: &str, fields: &Value, code: &str) -> Run {
    let manifest = manifest_with(&fields_of(version, fields));
    Step::empty().function(".", &format!("{manifest:#}"), code).hub(hub).github().run()
}

#[test]
fn a_breaking_change_without_a_new_major_version_is_a_warning_at_the_version() {
    let before = json!({"envVars": []});
    let hub = hub_with("1.2.3", &before);
    let run = run(&hub, "1.3.0", &json!({"envVars": ["KEY"]}), TWO);
    assert_eq!((run.codes(), run.exit_code), (vec!["BREAKING_WITHOUT_MAJOR"], 0), "{}", run.stdout);
    let words = words(&run, "BREAKING_WITHOUT_MAJOR");
    assert!(words.contains("now requires the variable `KEY`") && words.contains("`2.0.0`"), "{words}");
    assert_eq!(run.finding("BREAKING_WITHOUT_MAJOR")["file"], "aerostack.json");
    assert!(run.place("BREAKING_WITHOUT_MAJOR")[0] > 0);
}

#[test]
fn a_breaking_change_with_the_right_new_version_is_no_warning() {
    let less = "export const greet = () => '';\n";
    for (before, after, expected) in [
        ("1.2.3", "2.0.0", vec![]),
        ("1.2.3", "2.0.0-rc.1", vec!["PRERELEASE_OVER_RELEASE"]),
        ("0.2.3", "0.3.0", vec![]),
        ("0.2.3", "0.2.4", vec!["BREAKING_WITHOUT_MAJOR"]),
    ] {
        let hub = hub_with(before, &json!({}));
        assert_eq!(run(&hub, after, &json!({}), less).codes(), expected, "{before} to {after}");
    }
}

#[test]
fn a_change_that_breaks_nothing_is_no_warning() {
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
    assert!(
        words(&conflict, "VERSION_CONFLICT")
            .ends_with("this version adds the export `more`, and must be `1.3.0` or higher")
    );
    assert!(hub.publishes().is_empty());
    let published = run(&hub, "1.3.0", &json!({}), &more);
    assert_eq!(published.exit_code, 0);
    assert!(published.summary.contains("adds the export <code>more</code>"), "{}", published.summary);
    assert!(
        published.stdout.contains("this version adds the export `more`, and must be `1.3.0` or higher"),
        "{}",
        published.stdout
    );
}

#[test]
fn with_strict_a_breaking_change_is_refused_and_nothing_is_sent() {
    let hub = hub_with("1.2.3", &json!({"envVars": []}));
    let manifest = manifest_with(&json!({"version": "1.2.4", "envVars": ["KEY"]}));
    let run = Step::empty().function(".", &manifest.to_string(), TWO).hub(&hub).input("strict", "true").run();
    assert_eq!((run.codes(), run.exit_code), (vec!["BREAKING_WITHOUT_MAJOR"], 1), "{}", run.stdout);
    assert!(hub.publishes().is_empty());
}

#[test]
fn what_the_hub_does_not_show_is_no_warning_and_prevents_no_publish() {
    let hub = hub_with("1.2.3", &json!({}));
    for route in [Route::ById, Route::Public, Route::Install] {
        hub.fault_always(route, Fault::status(404));
    }
    let run = run(&hub, "1.2.4", &json!({}), "export const other = 1;\n");
    assert_eq!((run.codes(), run.exit_code), (vec![], 0), "{}", run.stdout);
}
