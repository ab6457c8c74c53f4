//! GitLab: sections, the dotenv report and the Code Quality report.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use stand_in_hub::{Fault, Route, StandInHub};

use crate::fixtures::manifest;
use crate::sinks::{Reports, commands, dotenv, run_with_reports, sections, without_colors};
use crate::support::{CODE, MANIFEST, Step, text};

/// Every variable of the dotenv report.
const VARIABLES: [&str; 12] = [
    "AEROSTACK_ADMIN_URL",
    "AEROSTACK_DIGEST",
    "AEROSTACK_ID",
    "AEROSTACK_LIVE",
    "AEROSTACK_NAME",
    "AEROSTACK_PREVIOUS_VERSION",
    "AEROSTACK_PUBLISHED",
    "AEROSTACK_RELEASE_TYPE",
    "AEROSTACK_SLUG",
    "AEROSTACK_STATUS",
    "AEROSTACK_URL",
    "AEROSTACK_VERSION",
];

/// Asserts that every issue is as GitLab's schema asks, and gives code, severity, path and line of each.
fn issues(reports: &Reports) -> Vec<(String, String, String, u64)> {
    let issues = reports.issues();
    let fingerprints: BTreeSet<_> = issues.iter().map(|issue| text(&issue["fingerprint"])).collect();
    assert_eq!(fingerprints.len(), issues.len(), "{}", reports.code_quality);
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let word = |value: &Value| {
        let word = text(value);
        assert!(!word.is_empty());
        word.to_owned()
    };
    let read = |issue: &Value| {
        assert_eq!(keys(issue), ["description", "check_name", "fingerprint", "severity", "location"]);
        assert_eq!(keys(&issue["location"]), ["path", "lines"]);
        assert_eq!(keys(&issue["location"]["lines"]), ["begin"]);
        assert!(!word(&issue["description"]).contains('\n'));
        let severity = word(&issue["severity"]);
        assert!(["info", "minor", "major", "critical", "blocker"].contains(&severity.as_str()));
        let line = issue["location"]["lines"]["begin"].as_u64().filter(|line| *line > 0).expect("a line");
        (word(&issue["check_name"]), severity, word(&issue["location"]["path"]), line)
    };
    issues.iter().map(read).collect()
}

#[test]
fn each_of_many_functions_has_its_own_section() {
    let hub = StandInHub::start();
    let mut step = Step::empty().gitlab().hub(&hub).input("directory", "*");
    // Directories with the same letters: a section's name may not be made of them alone.
    for (directory, name) in [("a-b", "f-0"), ("a.b", "f-1"), ("a_b", "f-2")] {
        step = step.function(directory, &manifest(name, "1.0.0"), CODE);
    }
    let run = step.run();
    assert_eq!(run.exit_code, 0, "{}", run.stdout);
    let titles = sections(&run.stdout);
    assert_eq!(titles.len(), 3);
    for (number, title) in titles.iter().enumerate() {
        assert!(title.starts_with(&format!("[{}/3] ✓ f", number + 1)), "{title}");
        assert!(title.ends_with(" 1.0.0 published (first release)"), "{title}");
    }
    assert_eq!(commands(&run.stdout), []);
}

#[test]
fn the_dotenv_report_has_every_output_but_the_result() {
    let hub = StandInHub::start();
    let reports = run_with_reports(Step::plain().gitlab().hub(&hub));
    let variables = dotenv(&reports.dotenv);
    assert_eq!(variables.keys().collect::<Vec<_>>(), VARIABLES);
    let function = reports.run.function();
    assert_eq!(variables["AEROSTACK_PUBLISHED"], "true");
    assert_eq!(variables["AEROSTACK_STATUS"], "published");
    assert_eq!(variables["AEROSTACK_RELEASE_TYPE"], "first");
    assert_eq!(variables["AEROSTACK_PREVIOUS_VERSION"], "");
    for name in ["name", "slug", "version", "id", "url", "admin_url", "digest"] {
        let variable = format!("AEROSTACK_{}", name.to_uppercase());
        assert_eq!(variables[&variable], text(&function[name]), "{name}");
    }
}

#[test]
fn the_dotenv_report_of_a_run_is_a_valid_environment_for_the_next() {
    let hub = StandInHub::start();
    let reports = run_with_reports(Step::plain().gitlab().hub(&hub));
    let variables = dotenv(&reports.dotenv);
    let next =
        variables.iter().fold(Step::plain().gitlab().hub(&hub), |step, (name, value)| step.env(name, value));
    let run = next.run();
    assert_eq!((run.exit_code, run.statuses(), run.codes()), (0, vec!["unchanged"], vec![]));
}

#[test]
fn the_dotenv_report_is_complete_after_a_failure() {
    let hub = StandInHub::start();
    for step in [
        Step::plain().edit("aerostack.json", "MIT", "MTI"),
        Step::empty(),
        Step::plain().input("publish", "maybe"),
    ] {
        let reports = run_with_reports(step.gitlab().hub(&hub));
        let variables = dotenv(&reports.dotenv);
        assert_eq!(variables.keys().collect::<Vec<_>>(), VARIABLES);
        assert_eq!(
            (variables["AEROSTACK_PUBLISHED"].as_str(), variables["AEROSTACK_STATUS"].as_str()),
            ("false", "failed")
        );
    }
    assert!(hub.publishes().is_empty());
}

#[test]
fn a_value_that_is_too_long_for_the_dotenv_report_is_empty() {
    let hub = StandInHub::start();
    let long = "x".repeat(900);
    let response = json!({
        "id": "i".repeat(6000),
        "slug": long,
        "status": "published",
        "author": "alice",
        "url": format!("https://hub.aerostack.dev/{}", "u".repeat(6000)),
    });
    hub.fault_always(Route::Publish, Fault::json(200, &response));
    let manifest = manifest(&long, "1.0.0");
    let reports = run_with_reports(Step::empty().function(".", &manifest, CODE).gitlab().hub(&hub));
    let variables = dotenv(&reports.dotenv);
    assert_eq!(variables.keys().collect::<Vec<_>>(), VARIABLES);
    assert_eq!((variables["AEROSTACK_ID"].as_str(), variables["AEROSTACK_URL"].as_str()), ("", ""));
    assert_eq!(variables["AEROSTACK_PUBLISHED"], "true");
}

#[test]
fn a_value_of_several_lines_is_one_line_of_the_dotenv_report() {
    let hub = StandInHub::start();
    let manifest = manifest("a\\nAEROSTACK_PUBLISHED=true\\r\\nX=y", "1.0.0");
    let step = Step::empty().function(".", &manifest, CODE).gitlab().input("strict", "true").hub(&hub);
    let reports = run_with_reports(step);
    let variables = dotenv(&reports.dotenv);
    assert_eq!(variables["AEROSTACK_PUBLISHED"], "false");
    assert_eq!(variables["AEROSTACK_NAME"], "", "not a name that a shell could read safely");
    assert!(hub.publishes().is_empty());
}

#[test]
fn a_clean_run_has_an_empty_code_quality_report() {
    let hub = StandInHub::start();
    let step = Step::plain().file("README.md", "# greeter\n").gitlab().hub(&hub);
    assert_eq!(step.run().exit_code, 0);
    let reports = run_with_reports(step);
    assert_eq!(reports.run.statuses(), ["unchanged"]);
    assert_eq!(reports.code_quality.trim(), "[]");
}

#[test]
fn every_finding_is_an_issue_at_its_line() {
    let hub = StandInHub::start();
    let step = Step::empty().function("functions/greeter", MANIFEST, CODE).input("directory", "functions/*");
    let tags = "\"MIT\", \"tags\": [\"\", \"\", \"a\", \"a\"]";
    let step = step.edit("functions/greeter/aerostack.json", "\"MIT\"", tags);
    let reports = run_with_reports(step.gitlab().hub(&hub));
    let issues = issues(&reports);
    assert_eq!(issues.len(), reports.run.findings().len());
    let at = |code: &str, severity: &str, path: &str, line| {
        (code.to_owned(), severity.to_owned(), path.to_owned(), line)
    };
    let manifest = "functions/greeter/aerostack.json";
    let tags: Vec<_> = issues.iter().filter(|issue| issue.0 == "INVALID_TAG").collect();
    assert_eq!(
        tags,
        [&at("INVALID_TAG", "critical", manifest, 8), &at("INVALID_TAG", "critical", manifest, 8)]
    );
    assert!(issues.contains(&at("DUPLICATE_TAG", "minor", manifest, 8)), "{issues:?}");
    assert!(issues.contains(&at("README_MISSING", "info", manifest, 1)), "{issues:?}");
    assert!(hub.publishes().is_empty());
}

#[test]
fn an_issue_without_a_location_is_at_the_manifest_or_the_pipeline_file() {
    let hub = StandInHub::start();
    let reports = run_with_reports(Step::plain().gitlab().hub(&hub).input("publish", "maybe"));
    let found = issues(&reports);
    assert!(found.iter().any(|issue| issue.0 == "INVALID_INPUT" && issue.2 == ".gitlab-ci.yml"), "{found:?}");
    assert!(hub.publishes().is_empty());
    hub.fault_always(Route::Publish, Fault::error(400, "QUOTA", "no more"));
    for (directory, path) in
        [(".", "aerostack.json"), ("functions/greeter", "functions/greeter/aerostack.json")]
    {
        let step = Step::empty().function(directory, MANIFEST, CODE).gitlab().hub(&hub);
        let found = issues(&run_with_reports(step.input("directory", directory)));
        assert!(found.iter().any(|issue| issue.0 == "HUB_REFUSED" && issue.2 == path), "{found:?}");
    }
}

#[test]
fn the_fingerprint_stays_the_same_if_the_finding_moves() {
    let hub = StandInHub::start();
    let fingerprints = |manifest: &str| -> Vec<_> {
        let reports = run_with_reports(Step::empty().function(".", manifest, CODE).gitlab().hub(&hub));
        reports.issues().iter().map(|issue| issue["fingerprint"].clone()).collect()
    };
    let manifest = MANIFEST.replace("MIT", "MTI");
    assert_eq!(fingerprints(&manifest), fingerprints(&manifest.replacen("{\n", "{\n\n\n", 1)));
    assert_ne!(fingerprints(&manifest), fingerprints(&manifest.replace("MTI", "MTII")));
    assert!(hub.publishes().is_empty());
}

#[test]
fn findings_are_colored() {
    let hub = StandInHub::start();
    let run = Step::plain().edit("aerostack.json", "MIT", "MTI").gitlab().hub(&hub).run();
    assert!(
        run.stdout.contains("\u{1b}[31merror INVALID_LICENSE\u{1b}[0m aerostack.json:8:14"),
        "{}",
        run.stdout
    );
    assert!(!without_colors(&run.stdout).contains('\u{1b}'));
    assert!(hub.publishes().is_empty());
}
