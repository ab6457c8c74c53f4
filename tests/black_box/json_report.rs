//! The JSON report: its documented shape, and that it agrees with what happened.

use std::collections::BTreeSet;

use aerostack_publish::function::manifest::fields::FIELDS;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use stand_in_hub::{Fault, Route, StandInHub};

use crate::fixtures::{manifest, manifest_with_field};
use crate::support::{CODE, MANIFEST, Run, Step, text};

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// Asserts the documented shape of the whole report, and that it has the process's exit code.
fn assert_shape(run: &Run) {
    assert_eq!(
        keys(&run.report),
        ["schema", "exit_code", "status", "published", "live", "findings", "functions"]
    );
    assert_eq!(run.report["schema"], 1);
    assert_eq!(run.report["exit_code"], run.exit_code);
    let functions = [
        "directory",
        "name",
        "slug",
        "version",
        "previous_version",
        "release_type",
        "target",
        "decision",
        "status",
        "published",
        "live",
        "id",
        "url",
        "admin_url",
        "digest",
        "files",
        "findings",
    ];
    let finding = ["code", "severity", "message", "hint", "file", "line", "column", "end_line", "end_column"];
    for function in run.functions() {
        assert_eq!(keys(function), functions);
        for file in function["files"].as_array().unwrap() {
            assert_eq!(keys(file), ["path", "bytes", "sha256"]);
        }
        assert_eq!(function["published"] == true, function["status"] == "published");
    }
    for found in run.findings() {
        assert_eq!(keys(found), finding);
    }
    let failed = run.findings().iter().any(|finding| finding["severity"] == "error");
    assert_eq!(failed, run.exit_code != 0, "{}", run.stdout);
    assert_eq!(run.report["published"] == true, run.functions().iter().any(|one| one["published"] == true));
}

#[test]
fn a_success_has_the_documented_shape() {
    let hub = StandInHub::start();
    let run = Step::plain().hub(&hub).run();
    assert_shape(&run);
    assert_eq!((&run.report["status"], &run.report["published"]), (&json!("published"), &json!(true)));
    let function = run.function();
    let (manifest, code) = (sha256(MANIFEST.as_bytes()), sha256(CODE.as_bytes()));
    let listing = format!("{manifest}  aerostack.json\n{code}  index.ts\n");
    assert_eq!(function["directory"], ".");
    assert_eq!((&function["name"], &function["slug"]), (&json!("greeter"), &json!("greeter")));
    assert_eq!((&function["version"], &function["previous_version"]), (&json!("1.0.0"), &Value::Null));
    assert_eq!(function["release_type"], "first");
    assert_eq!(function["digest"], format!("sha256:{}", sha256(listing.as_bytes())));
    let files = json!([
        {"path": "aerostack.json", "bytes": MANIFEST.len(), "sha256": manifest},
        {"path": "index.ts", "bytes": CODE.len(), "sha256": code},
    ]);
    assert_eq!(function["files"], files);
}

#[test]
fn the_digest_is_that_of_the_files_sent_in_path_order() {
    let hub = StandInHub::start();
    let step =
        Step::plain().file("README.md", "# greeter\r\n").edit("aerostack.json", "index.ts", "src/Main.ts");
    let run = step.file("src/Main.ts", "export const é = 1;\n").hub(&hub).run();
    assert_shape(&run);
    let files = run.function()["files"].as_array().unwrap();
    let paths: Vec<_> = files.iter().map(|file| text(&file["path"])).collect();
    assert_eq!(paths, ["README.md", "aerostack.json", "src/Main.ts"]);
    let sent = &hub.publishes()[0];
    let hash = |field: &str| sha256(text(&sent[field]).as_bytes());
    let manifest = sha256(MANIFEST.replace("index.ts", "src/Main.ts").as_bytes());
    let listing =
        format!("{}  README.md\n{manifest}  aerostack.json\n{}  src/Main.ts\n", hash("readme"), hash("code"));
    assert_eq!(run.function()["digest"], format!("sha256:{}", sha256(listing.as_bytes())));
}

/// The digest of a dry run, which also has one where a field is not valid.
#[track_caller]
fn digest_of(step: Step) -> String {
    let run = step.input("dry-run", "true").run();
    text(&run.function()["digest"]).to_owned()
}

#[test]
fn a_change_of_anything_that_is_sent_changes_the_digest() {
    let changes = [
        ("name", json!("greets")),
        ("version", json!("1.0.1")),
        ("description", json!("Greets all")),
        ("category", json!("media")),
        ("language", json!("javascript")),
        ("runtime", json!("other")),
        ("license", json!("Apache-2.0")),
        ("tags", json!(["a"])),
        ("entrypoint", json!("./index.ts")),
        ("routePath", json!("/a")),
        ("routeExport", json!("greet")),
        ("npmDependencies", json!(["zod"])),
        ("envVars", json!(["KEY"])),
        ("drizzleSchema", json!(true)),
        ("unknown", json!({"a": 1})),
    ];
    let names: Vec<_> = changes.iter().map(|(field, _)| *field).collect();
    assert!(FIELDS.iter().all(|field| names.contains(&field.name)), "a documented field is missing here");
    let with_readme = || Step::plain().file("README.md", "# Greeter\n");
    let of_two_files = || Step::plain().file("index.ts", "export * from './lib';\n").file("lib.ts", CODE);
    for base in [Step::plain as fn() -> Step, with_readme, of_two_files] {
        let mut digests = BTreeSet::from([digest_of(base())]);
        for (field, value) in &changes {
            let manifest = format!("{:#}", manifest_with_field(field, value));
            assert!(digests.insert(digest_of(base().file("aerostack.json", manifest))), "{field}");
        }
        for file in ["index.ts", "lib.ts", "README.md"].iter().filter(|file| base().path(file).exists()) {
            let edited = format!("{}\n", std::fs::read_to_string(base().path(file)).expect("a file"));
            assert!(digests.insert(digest_of(base().file(file, edited))), "{file}");
        }
        let is_new = digests.insert(digest_of(base().file("not-sent.ts", CODE)));
        assert!(!is_new, "a file that is not sent does not count");
    }
}

#[test]
fn what_is_not_known_is_null() {
    let hub = StandInHub::start();
    let run = Step::empty().file("aerostack.json", "{}").hub(&hub).run();
    assert_shape(&run);
    for name in ["name", "slug", "version", "previous_version", "id", "url", "admin_url", "digest"] {
        assert_eq!(run.function()[name], Value::Null, "{name}");
    }
    assert_eq!((&run.function()["files"], &run.function()["release_type"]), (&json!([]), &json!("none")));
    assert!(hub.publishes().is_empty());
}

#[test]
fn a_finding_without_a_location_has_nulls_for_it() {
    let hub = StandInHub::start();
    let run = Step::plain().hub(&hub).input("publish", "maybe").run();
    assert_shape(&run);
    let finding = run.finding("INVALID_INPUT");
    for name in ["file", "line", "column", "end_line", "end_column"] {
        assert_eq!(finding[name], Value::Null, "{name}");
    }
    assert!(run.report["findings"].as_array().unwrap().contains(finding));
    assert!(hub.publishes().is_empty());
}

#[test]
fn a_finding_of_a_whole_file_has_no_line() {
    let hub = StandInHub::start();
    let run = Step::plain().hub(&hub).run();
    let finding = run.finding("README_MISSING");
    assert_eq!((&finding["file"], &finding["line"]), (&json!("aerostack.json"), &Value::Null));
}

#[test]
fn the_report_agrees_with_the_process_in_every_outcome() {
    let hub = StandInHub::start();
    let expect = |step: Step, exit_code: i32, status: &str| {
        let run = step.hub(&hub).run();
        assert_shape(&run);
        assert_eq!((run.exit_code, text(&run.report["status"])), (exit_code, status), "{}", run.stdout);
    };
    expect(Step::plain().input("dry-run", "true"), 0, "dry-run");
    expect(Step::plain().input("publish", "false"), 0, "draft");
    expect(Step::plain(), 0, "published");
    expect(Step::plain(), 0, "unchanged");
    expect(Step::plain().edit("index.ts", "Hello", "Bye"), 1, "failed");
    expect(Step::plain().unset("AEROSTACK_API_KEY").edit("aerostack.json", "MIT", "MTI"), 1, "failed");
    expect(Step::plain().input("strict", "perhaps"), 2, "failed");
    expect(Step::empty(), 1, "failed");
    hub.fault(Route::Publish, Fault::error(402, "QUOTA", "no more"));
    expect(Step::plain().edit("aerostack.json", "1.0.0", "1.1.0"), 3, "failed");
    hub.fault(Route::Publish, Fault::json(200, &json!({"id": "1", "status": "queued"})));
    expect(Step::plain().edit("aerostack.json", "1.0.0", "1.2.0").input("timeout", "2"), 4, "unconfirmed");
}

#[test]
fn several_functions_are_reported_in_the_order_of_the_input() {
    let hub = StandInHub::start();
    let with = |step: Step, (directory, name)| step.function(directory, &manifest(name, "1.0.0"), CODE);
    let step = [("c", "one"), ("a", "two"), ("b", "three")].into_iter().fold(Step::empty(), with);
    let step = step.hub(&hub).input("directory", "c\na\nb");
    hub.fault(Route::Publish, Fault::error(402, "QUOTA", "no more"));
    let run = step.run();
    assert_shape(&run);
    assert_eq!(
        (run.exit_code, &run.report["status"], &run.report["published"]),
        (3, &json!("failed"), &json!(true))
    );
    let directories: Vec<_> = run.functions().iter().map(|one| text(&one["directory"])).collect();
    assert_eq!(directories, ["c", "a", "b"]);
}

#[test]
fn the_report_replaces_an_older_and_longer_one() {
    let hub = StandInHub::start();
    let step = Step::plain().hub(&hub).file("old.json", "x".repeat(100_000));
    let path = step.path("old.json");
    let step = step.input("report", "old.json");
    let run = step.run();
    let report: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).expect("JSON");
    assert_eq!((run.exit_code, &report["status"]), (0, &json!("published")));
}
