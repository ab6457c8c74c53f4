//! GitHub, Gitea and Forgejo: masks, annotations, outputs and the step summary.

use std::collections::{BTreeMap, BTreeSet};

use aerostack_publish::outputs::OUTPUTS;
use serde_json::json;
use stand_in_hub::{DEFAULT_KEY, Fault, Route, StandInHub};

use crate::fixtures::{functions, manifest, manifest_with, names};
use crate::sinks::{annotations, commands, outputs, without_colors};
use crate::support::{CODE, Run, Step, text};

/// All outputs: none is missing, and there is no other.
fn all_outputs(run: &Run) -> BTreeMap<String, String> {
    let outputs = outputs(&run.output_file);
    let expected: BTreeSet<_> = OUTPUTS.iter().map(|output| output.name).collect();
    assert!(outputs.keys().map(String::as_str).eq(expected), "{}", run.output_file);
    outputs
}

#[test]
fn the_key_is_masked_before_any_other_line() {
    let hub = StandInHub::start();
    let other = "ac_another_key_of_this_job";
    for step in [Step::plain().github().hub(&hub), Step::empty().github().hub(&hub).input("publish", "maybe")]
    {
        let run = step.env("INPUT_API-KEY", other).run();
        let masks: Vec<_> = run.stdout.lines().take(2).collect();
        assert!(masks.contains(&format!("::add-mask::{DEFAULT_KEY}").as_str()), "{}", run.stdout);
        assert!(masks.contains(&format!("::add-mask::{other}").as_str()), "{}", run.stdout);
    }
}

#[test]
fn a_finding_is_an_annotation_at_its_line_and_columns() {
    let hub = StandInHub::start();
    let run = Step::plain().edit("aerostack.json", "\"utility\"", "\"utilty\"").github().hub(&hub).run();
    let all = annotations(&run.stdout);
    let error = all.iter().find(|annotation| annotation.name == "error").expect("an error");
    let expected = [
        ("col", "15"),
        ("endColumn", "23"),
        ("endLine", "5"),
        ("file", "aerostack.json"),
        ("line", "5"),
        ("title", "INVALID_CATEGORY"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(error.properties, BTreeMap::from(expected));
    let finding = run.finding("INVALID_CATEGORY");
    assert_eq!(error.data, format!("{}\n{}", text(&finding["message"]), text(&finding["hint"])));
    assert!(hub.publishes().is_empty());
}

#[test]
fn a_finding_over_several_lines_has_no_columns() {
    let hub = StandInHub::start();
    let step = Step::plain().edit("aerostack.json", "\"MIT\"", "[\n    \"MIT\"\n  ]");
    let run = step.github().hub(&hub).run();
    let all = annotations(&run.stdout);
    let error = all.iter().find(|annotation| annotation.properties["title"] == "INVALID_TYPE").expect("it");
    assert_ne!(error.properties["line"], error.properties["endLine"]);
    assert!(!error.properties.contains_key("col") && !error.properties.contains_key("endColumn"));
    assert!(hub.publishes().is_empty());
}

#[test]
fn the_file_of_an_annotation_is_relative_to_the_workspace() {
    let hub = StandInHub::start();
    let step = Step::empty().function(
        "functions/greeter",
        &manifest_with(&json!({"license": "MTI"})).to_string(),
        CODE,
    );
    let run = step.github().hub(&hub).input("directory", "greeter").within("functions").run();
    let all = annotations(&run.stdout);
    assert!(all.iter().any(|one| one.properties["file"] == "functions/greeter/aerostack.json"), "{all:?}");
    assert!(hub.publishes().is_empty());
}

#[test]
fn text_with_the_syntax_of_commands_arrives_as_it_is() {
    let hub = StandInHub::start();
    let license = "100%: a, b%0A%25c:d\nsecond::error::line";
    let manifest = manifest_with(&json!({"license": license}));
    let step = Step::empty().function("a,b:c%d", &manifest.to_string(), CODE).github().hub(&hub);
    let run = step.input("directory", "a,b:c%d").run();
    let errors: Vec<_> = annotations(&run.stdout).into_iter().filter(|one| one.name == "error").collect();
    assert_eq!(errors.len(), 1, "{}", run.stdout);
    assert_eq!(errors[0].properties["file"], "a,b:c%d/aerostack.json");
    assert!(errors[0].data.starts_with(&format!("`{license}`")), "{:?}", errors[0].data);
    assert!(hub.publishes().is_empty());
}

#[test]
fn too_many_annotations_are_cut_to_those_at_a_line_and_the_log_and_the_summary_have_all() {
    let hub = StandInHub::start();
    let manifest = manifest_with(&json!({"tags": vec![" "; 14], "version": "one"}));
    let step =
        Step::empty().function(".", &manifest.to_string(), CODE).github().hub(&hub).input("timeout", "soon");
    let run = step.run();
    let errors: Vec<_> = annotations(&run.stdout).into_iter().filter(|one| one.name == "error").collect();
    let found = run.findings().into_iter().filter(|finding| finding["severity"] == "error").count();
    assert!(found > 10);
    assert_eq!(errors.len(), 10);
    assert!(errors[..9].iter().all(|error| error.properties.contains_key("line")), "{errors:?}");
    assert_eq!(errors[9].properties["title"], "aerostack-publish");
    assert!(errors[9].data.starts_with(&format!("{} more errors", found - 9)), "{:?}", errors[9].data);
    let log = without_colors(&run.stdout);
    let in_log = log.lines().filter(|line| line.starts_with("  error ")).count();
    assert_eq!(in_log, found);
    for finding in run.findings() {
        let line = finding["line"].as_u64().map_or(String::new(), |line| format!(":{line}"));
        let place =
            finding["file"].as_str().map_or(String::new(), |file| format!("<code>{file}{line}</code>"));
        let code = format!("[{}](", text(&finding["code"]));
        assert!(run.summary.contains(&place) && run.summary.contains(&code), "{finding}: {}", run.summary);
    }
    assert!(hub.publishes().is_empty());
}

#[test]
fn every_severity_has_its_own_limit() {
    let hub = StandInHub::start();
    let mut step = Step::empty().github().hub(&hub).input("directory", "*").input("timeout", "soon");
    for number in 0..12 {
        let manifest = manifest(&format!("greeter-{number}"), "1.0.0").replace("license", "licence");
        step = step.function(&number.to_string(), &manifest, CODE);
    }
    let run = step.run();
    let all = annotations(&run.stdout);
    // What several functions have in common is one annotation.
    assert_eq!(all.iter().filter(|annotation| annotation.name == "notice").count(), 1);
    for severity in ["error", "warning"] {
        let found = run.findings().into_iter().filter(|finding| finding["severity"] == severity).count();
        assert!(found > 10, "{severity}");
        let shown: Vec<_> = all.iter().filter(|annotation| annotation.name == severity).collect();
        assert_eq!(shown.len(), 10, "{severity}");
        assert!(shown[9].data.starts_with(&format!("{} more {severity}s", found - 9)), "{shown:?}");
    }
    assert!(hub.publishes().is_empty());
}

#[test]
fn every_output_is_set_after_a_success() {
    let hub = StandInHub::start();
    let run = Step::plain().github().hub(&hub).run();
    let outputs = all_outputs(&run);
    let function = run.function();
    assert_eq!(outputs["published"], "true");
    assert_eq!(outputs["status"], "published");
    assert_eq!(outputs["release-type"], "first");
    assert_eq!(outputs["previous-version"], "");
    for name in ["name", "slug", "version", "id", "url", "admin-url", "digest"] {
        assert_eq!(outputs[name], text(&function[name.replace('-', "_")]), "{name}");
    }
    let result: serde_json::Value = serde_json::from_str(&outputs["result"]).unwrap();
    assert_eq!(result, json!({"functions": run.report["functions"], "truncated": false}));
    assert!(!outputs["result"].contains('\n'));
}

#[test]
fn every_output_is_set_after_a_failure_of_any_kind() {
    let hub = StandInHub::start();
    let failing = [
        (1, Step::plain().edit("aerostack.json", "MIT", "MTI").hub(&hub)),
        (1, Step::empty().hub(&hub)),
        (1, Step::empty().file("aerostack.json", "{").hub(&hub)),
        (2, Step::plain().hub(&hub).input("publish", "maybe")),
        (2, Step::plain().hub(&hub).input("directory", " \n ")),
        (2, Step::plain().hub(&hub).unset("AEROSTACK_API_KEY")),
    ];
    for (exit_code, step) in failing {
        let run = step.github().run();
        assert_eq!(run.exit_code, exit_code, "{}", run.stdout);
        let outputs = all_outputs(&run);
        assert_eq!((outputs["published"].as_str(), outputs["status"].as_str()), ("false", "failed"));
        let result: serde_json::Value = serde_json::from_str(&outputs["result"]).expect("JSON");
        assert!(result["functions"].is_array(), "{result}");
    }
    assert!(hub.publishes().is_empty());
    hub.fault_always(Route::Publish, Fault::error(400, "QUOTA", "no more"));
    let run = Step::plain().github().hub(&hub).run();
    assert_eq!((run.exit_code, all_outputs(&run)["status"].as_str()), (1, "failed"));
}

#[test]
fn with_several_functions_the_outputs_of_a_single_one_are_empty() {
    let hub = StandInHub::start();
    hub.fault(Route::Publish, Fault::error(400, "QUOTA", "no more"));
    let run = functions(&names(2)).github().hub(&hub).run();
    let outputs = all_outputs(&run);
    assert_eq!((outputs["published"].as_str(), outputs["status"].as_str()), ("true", "failed"));
    assert_eq!(outputs["live"], "false", "one of two is not live");
    let is_set = |name: &&str| matches!(*name, "published" | "live" | "status" | "result");
    for name in OUTPUTS.iter().map(|output| output.name).filter(|name| !is_set(name)) {
        assert_eq!(outputs[name], "", "{name}");
    }
    let result: serde_json::Value = serde_json::from_str(&outputs["result"]).unwrap();
    assert_eq!(result["functions"].as_array().map(Vec::len), Some(2));
}

#[test]
fn outputs_are_appended_to_those_of_other_steps() {
    let hub = StandInHub::start();
    let step = Step::plain().github().hub(&hub).file("mine", "before=1\n");
    let path = step.path("mine");
    let step = step.env("GITHUB_OUTPUT", path.clone());
    step.run();
    let outputs = outputs(&std::fs::read_to_string(path).unwrap());
    assert_eq!((outputs["before"].as_str(), outputs["published"].as_str()), ("1", "true"));
}

#[test]
fn outputs_and_summary_stay_below_githubs_limits() {
    let hub = StandInHub::start();
    let huge = "x".repeat(1024 * 1024);
    let mut step = Step::empty().github().hub(&hub).input("directory", "*");
    for number in 0..4 {
        let fields = json!({"name": format!("{number}{huge}"), "category": huge, "license": huge});
        step = step.function(&format!("f{number}"), &manifest_with(&fields).to_string(), CODE);
    }
    let run = step.run();
    assert_eq!(run.exit_code, 1);
    assert!(run.output_file.len() < 1_000_000, "{} bytes", run.output_file.len());
    assert!(run.summary.len() <= 60_000, "{} bytes", run.summary.len());
    all_outputs(&run);
    assert!(run.stdout.len() < 4 * 1024 * 1024, "{} bytes", run.stdout.len());
    assert!(hub.publishes().is_empty());
}

#[test]
fn the_summary_of_thousands_of_findings_counts_those_that_it_leaves_out() {
    let hub = StandInHub::start();
    let manifest = manifest_with(&json!({"tags": vec![" "; 4_000]}));
    let run = Step::empty().function(".", &format!("{manifest:#}"), CODE).github().hub(&hub).run();
    assert!(run.summary.len() <= 60_000, "{} bytes", run.summary.len());
    let row = run.summary.lines().find(|line| line.contains("[INVALID_TAG](")).expect("a row");
    let shown = row.matches("<code>aerostack.json:").count();
    assert!(shown > 60 && row.contains(&format!("{} more in the log.", 4_000 - shown)), "{row}");
    let on_one_line = Step::empty().function(".", &manifest.to_string(), CODE).github().hub(&hub).run();
    assert!(on_one_line.summary.contains("<code>aerostack.json:1</code><br>4000 times |"));
    let in_log =
        without_colors(&run.stdout).lines().filter(|line| line.contains("error INVALID_TAG")).count();
    assert_eq!(in_log, 4_000);
    assert!(hub.publishes().is_empty());
}

#[test]
fn the_summary_links_a_finding_to_its_line() {
    let hub = StandInHub::start();
    let step = Step::plain().edit("aerostack.json", "MIT", "MTI").github().hub(&hub);
    let run = step
        .env("GITHUB_SERVER_URL", "https://github.example")
        .env("GITHUB_REPOSITORY", "acme/functions")
        .env("GITHUB_SHA", "0123abc")
        .run();
    let link = "(https://github.example/acme/functions/blob/0123abc/aerostack.json#L8)";
    assert!(run.summary.contains(link), "{}", run.summary);
    assert!(hub.publishes().is_empty());
}

#[test]
fn gitea_and_forgejo_get_githubs_formats() {
    let hub = StandInHub::start();
    for name in ["GITEA_ACTIONS", "FORGEJO_ACTIONS"] {
        let step = Step::plain().edit("aerostack.json", "MIT", "MTI").github().hub(&hub);
        let run = step.env(name, "true").run();
        assert!(annotations(&run.stdout).iter().any(|one| one.properties["title"] == "INVALID_LICENSE"));
        assert_eq!(all_outputs(&run)["status"], "failed");
        assert!(run.summary.starts_with("## ❌ "));
    }
    assert!(hub.publishes().is_empty());
}

#[test]
fn outside_of_github_there_are_no_commands_outputs_and_summaries() {
    let hub = StandInHub::start();
    let step = Step::plain().edit("aerostack.json", "MIT", "MTI").github().hub(&hub).unset("GITHUB_ACTIONS");
    let run = step.run();
    assert_eq!(commands(&run.stdout), []);
    assert_eq!((run.output_file.as_str(), run.summary.as_str()), ("", ""));
    assert!(hub.publishes().is_empty());
}
