//! A finding names a file that exists, whatever is missing: annotations at other files are dropped or lead nowhere.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

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

#[test]
fn what_is_missing_is_reported_where_it_is_named_else_at_the_manifest() {
    let schema = "{ \"drizzleSchema\": true,";
    let cases: [(&str, Step, &str, Option<&str>); 17] = [
        ("no README", function(), "README_MISSING", Some("f/aerostack.json")),
        (
            "a README elsewhere",
            linked(function(), "gone.md", "f/README.md"),
            "MISSING_FILE",
            Some("f/aerostack.json"),
        ),
        (
            "a README that is a directory",
            function().file("f/README.md/x", ""),
            "MISSING_FILE",
            Some("f/aerostack.json"),
        ),
        (
            "a README outside",
            linked(function().file("o.md", "#"), "../o.md", "f/README.md"),
            "FILE_OUTSIDE_DIRECTORY",
            Some("f/README.md"),
        ),
        (
            "a directory outside",
            linked(function(), "..", "f/README.md"),
            "FILE_OUTSIDE_DIRECTORY",
            Some("f/aerostack.json"),
        ),
        ("no entrypoint", without(function(), "f/index.ts"), "MISSING_ENTRYPOINT", Some("f/aerostack.json")),
        (
            "an entrypoint elsewhere",
            linked(without(function(), "f/index.ts"), "gone.ts", "f/index.ts"),
            "MISSING_ENTRYPOINT",
            Some("f/aerostack.json"),
        ),
        (
            "no import",
            function().file("f/index.ts", "export * from './a';\n"),
            "MISSING_FILE",
            Some("f/index.ts"),
        ),
        (
            "an import elsewhere",
            linked(function().file("f/index.ts", "export * from './a.ts';\n"), "gone.ts", "f/a.ts"),
            "MISSING_FILE",
            Some("f/index.ts"),
        ),
        (
            "an import outside",
            function().file("f/index.ts", "export * from '../a';\n"),
            "IMPORT_OUTSIDE_DIRECTORY",
            Some("f/index.ts"),
        ),
        ("no text", function().file("f/README.md", b"\xff"), "NOT_UTF8", Some("f/README.md")),
        (
            "a link as text",
            function().file("f/README.md", "../README.md"),
            "CHECKED_OUT_LINK",
            Some("f/README.md"),
        ),
        (
            "a schema outside",
            linked(
                function().file("s.ts", CODE).edit("f/aerostack.json", "{", schema),
                "../s.ts",
                "f/schema.ts",
            ),
            "FILE_OUTSIDE_DIRECTORY",
            Some("f/schema.ts"),
        ),
        ("no manifest", without(function(), "f/aerostack.json"), "MANIFEST_MISSING", None),
        (
            "a manifest elsewhere",
            linked(without(function(), "f/aerostack.json"), "gone.json", "f/aerostack.json"),
            "MANIFEST_MISSING",
            None,
        ),
        (
            "a manifest that is a directory",
            without(function(), "f/aerostack.json").file("f/aerostack.json/x", ""),
            "MANIFEST_MISSING",
            None,
        ),
        ("no directory", function().input("directory", "g"), "NO_FUNCTION", None),
    ];
    side_by_side(cases, |(case, step, code, file)| {
        let hub = StandInHub::start();
        let step = step.hub(&hub);
        let run = step.run();
        assert_eq!(run.finding(code)["file"].as_str(), file, "{case}");
        let without = names_files(&step, &run);
        assert_eq!(without.iter().any(|other| other == code), file.is_none(), "{case}: {without:?}");
        assert_eq!(hub.publishes().len(), usize::from(code == "README_MISSING"), "{case}");
    });
}

#[test]
fn a_pipe_is_no_file() {
    for (name, file) in [("README.md", Some("f/aerostack.json")), ("aerostack.json", None)] {
        let step = function();
        let path = step.path("f").join(name);
        let _ = std::fs::remove_file(&path);
        assert!(Command::new("mkfifo").arg(&path).status().expect("mkfifo").success());
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
