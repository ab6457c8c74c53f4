//! A finding names a file that exists, also where something is missing: annotations at other files are dropped or lead nowhere.

use std::os::unix::fs::symlink;
use std::path::Path;

use stand_in_hub::StandInHub;

use crate::fixtures::side_by_side;
use crate::support::{CODE, MANIFEST, Run, Step, text};

/// Every file that a finding names is one, in the workspace; with the codes of those that name none.
#[track_caller]
fn names_files(step: &Step, run: &Run) -> Vec<String> {
    let mut without = Vec::new();
    assert!(!run.findings().is_empty(), "{}", run.stdout);
    for finding in run.findings() {
        match finding["file"].as_str() {
            Some(file) => assert!(step.path(file).is_file(), "{file} is no file: {finding}"),
            None => without.push(text(&finding["code"]).to_owned()),
        }
    }
    without
}

/// The function `f`, run as GitHub would.
fn function() -> Step {
    Step::empty().function("f", MANIFEST, CODE).input("directory", "f").github()
}

fn without(step: Step, path: &str) -> Step {
    std::fs::remove_file(step.path(path)).expect("a file");
    step
}

fn linked(step: Step, target: &str, path: &str) -> Step {
    symlink(target, step.path(path)).expect("a link");
    step
}

#[test]
fn every_fixture_names_files_that_exist() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let names = fixtures.read_dir().expect("the fixtures").flatten();
    let names: Vec<_> = names.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    assert!(names.len() > 20, "{names:?}");
    side_by_side(names, |name| {
        let hub = StandInHub::start();
        let step = Step::on(&name).github().hub(&hub);
        let step = if name == "duplicate-function" { step.input("directory", "*") } else { step };
        let mut without = names_files(&step, &step.run());
        // It is about what is on the Hub.
        without.retain(|code| code != "FIRST_RELEASE");
        let expected: &[&str] = if name == "manifest-missing" { &["MANIFEST_MISSING"] } else { &[] };
        assert_eq!(without, expected, "{name}");
    });
}

const MANIFEST_FILE: Option<&str> = Some("f/aerostack.json");

/// Reports this code at this file, and nothing is sent.
#[track_caller]
fn reports(cases: Vec<(&str, Step, Option<&str>)>) {
    side_by_side(cases, |(code, step, file)| {
        let hub = StandInHub::start();
        let step = step.hub(&hub);
        let run = step.run();
        assert_eq!(run.finding(code)["file"].as_str(), file, "{code}: {}", run.stdout);
        let without = names_files(&step, &run);
        assert_eq!(without.iter().any(|other| other == code), file.is_none(), "{code}: {without:?}");
        assert!(hub.publishes().is_empty(), "{code}");
    });
}

#[test]
fn a_missing_readme_is_reported_at_the_manifest() {
    let hub = StandInHub::start();
    let step = function().hub(&hub);
    let run = step.run();
    assert_eq!(run.finding("README_MISSING")["file"], "f/aerostack.json");
    names_files(&step, &run);
}

#[test]
fn a_file_with_a_fixed_name_is_named_if_it_is_one() {
    let readme = |target: &str| linked(function().file("o.md", "#"), target, "f/README.md");
    let schema = function().file("s.ts", CODE).edit("f/aerostack.json", "{", "{ \"drizzleSchema\": true,");
    reports(vec![
        ("MISSING_FILE", readme("gone.md"), MANIFEST_FILE),
        ("MISSING_FILE", function().file("f/README.md/x", ""), MANIFEST_FILE),
        ("FILE_OUTSIDE_DIRECTORY", readme("../o.md"), Some("f/README.md")),
        ("FILE_OUTSIDE_DIRECTORY", readme(".."), MANIFEST_FILE),
        ("FILE_OUTSIDE_DIRECTORY", linked(schema, "../s.ts", "f/schema.ts"), Some("f/schema.ts")),
        ("NOT_UTF8", function().file("f/README.md", b"\xff"), Some("f/README.md")),
        ("CHECKED_OUT_LINK", function().file("f/README.md", "../README.md"), Some("f/README.md")),
    ]);
}

#[test]
fn missing_code_is_reported_where_it_is_named() {
    let importing = |path: &str| function().file("f/index.ts", format!("export * from '{path}';\n"));
    let no_entrypoint = || without(function(), "f/index.ts");
    reports(vec![
        ("MISSING_ENTRYPOINT", no_entrypoint(), MANIFEST_FILE),
        ("MISSING_ENTRYPOINT", linked(no_entrypoint(), "gone.ts", "f/index.ts"), MANIFEST_FILE),
        ("MISSING_FILE", importing("./a"), Some("f/index.ts")),
        ("MISSING_FILE", linked(importing("./a.ts"), "gone.ts", "f/a.ts"), Some("f/index.ts")),
        ("IMPORT_OUTSIDE_DIRECTORY", importing("../a"), Some("f/index.ts")),
        ("NOT_UTF8", importing("./a.ts").file("f/a.ts", b"\xff"), Some("f/index.ts")),
    ]);
}

#[test]
fn without_a_manifest_there_is_no_file_to_name() {
    let no_manifest = || without(function(), "f/aerostack.json");
    reports(vec![
        ("MANIFEST_MISSING", no_manifest(), None),
        ("MANIFEST_MISSING", linked(no_manifest(), "gone.json", "f/aerostack.json"), None),
        ("MANIFEST_MISSING", no_manifest().file("f/aerostack.json/x", ""), None),
        ("NO_FUNCTION", function().input("directory", "g"), None),
        ("NO_FUNCTION", function().input("directory", "g/*"), None),
    ]);
}

#[test]
fn a_pipe_is_no_file() {
    for (name, file) in [("README.md", Some("f/aerostack.json")), ("aerostack.json", None)] {
        let step = function().pipe(&format!("f/{name}"));
        let run = step.run();
        let code = if file.is_some() { "MISSING_FILE" } else { "MANIFEST_MISSING" };
        assert_eq!(run.finding(code)["file"].as_str(), file, "{}", run.stdout);
        names_files(&step, &run);
    }
}

#[test]
fn a_finding_of_the_tag_names_the_manifest() {
    let hub = StandInHub::start();
    let step =
        Step::empty().function("f", MANIFEST, CODE).input("directory", "f").github_tag("v9.0.0").hub(&hub);
    let run = step.run();
    assert_eq!(run.finding("TAG_MISMATCH")["file"], "f/aerostack.json");
    names_files(&step, &run);
    assert!(hub.publishes().is_empty());
}

#[test]
fn a_code_quality_report_names_files_that_exist_where_the_manifest_is_missing() {
    let step =
        without(Step::empty().function("f", MANIFEST, CODE), "f/aerostack.json").input("directory", "f");
    let step = step.gitlab().input("code-quality", "quality.json");
    step.run();
    let report = std::fs::read_to_string(step.path("quality.json")).expect("a report");
    let issues: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!(issues[0]["check_name"], "MANIFEST_MISSING");
    assert_eq!(issues[0]["location"]["path"], ".gitlab-ci.yml");
}
