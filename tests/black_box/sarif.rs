//! The SARIF report: what it says of a finding, and how a code scanner knows one again.

use serde_json::{Value, json};
use stand_in_hub::{Fault, Route, StandInHub};

use crate::sinks::{Reports, run_with_reports};
use crate::support::{CODE, MANIFEST, Step, files_below, root, text, wait_until};

fn run_of(reports: &Reports) -> Value {
    let report: Value = serde_json::from_str(&reports.sarif).expect("JSON");
    report["runs"][0].clone()
}

fn results(reports: &Reports) -> Vec<Value> {
    run_of(reports)["results"].as_array().expect("a list").clone()
}

#[test]
fn a_finding_is_a_result_at_its_place() {
    let hub = StandInHub::start();
    let manifest = MANIFEST.replace("\"category\": \"utility\"", "\"category\": \"Utility\"");
    let step = Step::empty().function("functions/a b", &manifest, CODE).input("directory", "functions/*");
    let reports = run_with_reports(step.hub(&hub));
    let [result, ..] = &results(&reports)[..] else { panic!("{}", reports.sarif) };
    let [line, column, end_line, end_column] = reports.run.place("INVALID_CATEGORY");
    let finding = reports.run.finding("INVALID_CATEGORY");
    assert_eq!((&result["ruleId"], &result["level"]), (&json!("INVALID_CATEGORY"), &json!("error")));
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "functions/a%20b/aerostack.json");
    let region =
        json!({ "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column });
    assert_eq!(place["region"], region);
    let message = text(&result["message"]["text"]);
    assert!(message.starts_with(text(&finding["message"])) && message.contains("How to fix: "), "{message}");
    let invocation = &run_of(&reports)["invocations"][0];
    assert_eq!((&invocation["exitCode"], &invocation["executionSuccessful"]), (&json!(1), &json!(true)));
    assert_eq!(invocation["toolConfigurationNotifications"], json!([]));
}

/// GitHub takes no result without a file.
#[test]
fn what_is_about_the_run_is_a_notification() {
    let reports = run_with_reports(Step::plain().input("strict", "yes").file("README.md", "# Greeter\n"));
    assert_eq!(results(&reports), [json!(null); 0]);
    let run = run_of(&reports);
    let invocation = &run["invocations"][0];
    assert_eq!((&invocation["exitCode"], &invocation["executionSuccessful"]), (&json!(2), &json!(false)));
    let notifications = invocation["toolConfigurationNotifications"].as_array().expect("a list");
    let codes: Vec<_> = notifications.iter().map(|it| text(&it["associatedRule"]["id"])).collect();
    assert_eq!(codes, ["INVALID_INPUT", "MISSING_KEY"]);
}

#[test]
fn a_report_without_findings_has_the_tool_and_no_results() {
    let hub = StandInHub::start();
    let reports = run_with_reports(Step::example().hub(&hub));
    let run = run_of(&reports);
    assert_eq!(run["tool"]["driver"]["name"], "aerostack-publish");
    assert_eq!(run["tool"]["driver"]["semanticVersion"], env!("CARGO_PKG_VERSION"));
    let levels: Vec<_> = results(&reports).iter().map(|result| result["level"].clone()).collect();
    assert!(levels.iter().all(|level| level == "note"), "{levels:?}");
}

#[test]
fn a_run_that_was_cancelled_was_not_successful() {
    let hub = StandInHub::start();
    hub.fault_always(Route::Any, Fault::Hang);
    let step = Step::plain().hub(&hub).input("sarif", "a.sarif");
    let started = step.start();
    wait_until("a request", || !hub.requests().is_empty());
    started.signal("TERM");
    assert_eq!(started.wait().exit_code, 143);
    let report = std::fs::read_to_string(step.path("a.sarif")).expect("a report");
    let report: Value = serde_json::from_str(&report).expect("JSON");
    let invocation = &report["runs"][0]["invocations"][0];
    assert_eq!((&invocation["exitCode"], &invocation["executionSuccessful"]), (&json!(143), &json!(false)));
}

#[test]
fn a_severity_that_strict_raises_is_that_of_the_result() {
    let tagged = MANIFEST.replace("\"version\"", "\"tags\": [\"a\", \"a\"], \"version\"");
    for (strict, expected) in [("false", "warning"), ("true", "error")] {
        let step =
            Step::empty().function(".", &tagged, CODE).input("strict", strict).input("dry-run", "true");
        let results = results(&run_with_reports(step));
        let result = results.iter().find(|it| it["ruleId"] == "DUPLICATE_TAG").expect("a result");
        assert_eq!(result["level"], expected);
    }
}

/// Code, file and fingerprint of every result.
fn known(step: Step) -> Vec<(String, String, String)> {
    let row = |result: &Value| {
        let file = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        let fingerprint = &result["partialFingerprints"]["primaryLocationLineHash"];
        (text(&result["ruleId"]).to_owned(), text(file).to_owned(), text(fingerprint).to_owned())
    };
    let mut known: Vec<_> = results(&run_with_reports(step)).iter().map(row).collect();
    known.sort();
    known
}

/// Every fixture, with this text before what its files hold.
fn fixtures(before: &str) -> Step {
    let root = root().join("tests/fixtures");
    let mut step = Step::empty().input("directory", "*").input("dry-run", "true");
    for path in files_below(&root, |_| true) {
        let content = std::fs::read(&path).expect("a file");
        let name = path.strip_prefix(&root).expect("a path below it").to_str().expect("UTF-8");
        step = step.file(name, [before.as_bytes(), &content].concat());
    }
    let text = "import { gone } from './a';\nimport zod from 'zod';\nexport const b = process.env.B ?? gone ?? zod;\n";
    let step = step.file("code/a.ts", "export {};\n").file("code/index.ts", format!("{before}{text}"));
    step.file("code/aerostack.json", MANIFEST.replace("greeter", "code"))
}

#[test]
fn a_fingerprint_survives_moved_lines() {
    let before = known(fixtures(""));
    assert!(before.len() > 40, "{}", before.len());
    assert_eq!(known(fixtures("\n\n")), before);
}
