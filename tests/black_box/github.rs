//! GitHub, Gitea and Forgejo: masks, annotations, outputs and the step summary.

use std::collections::BTreeMap;

use stand_in_hub::{DEFAULT_KEY, Fault, Route, StandInHub};

use crate::sinks::{annotations, commands, outputs, without_colours};
use crate::support::{CODE, MANIFEST, Run, Step};

/// Every output, in the order of the documentation.
const OUTPUTS: [&str; 12] = [
    "published",
    "status",
    "name",
    "slug",
    "version",
    "previous-version",
    "release-type",
    "id",
    "url",
    "admin-url",
    "digest",
    "result",
];

/// All outputs, of which none may be missing.
fn all_outputs(run: &Run) -> BTreeMap<String, String> {
    let outputs = outputs(&run.output_file);
    let mut expected = OUTPUTS.map(str::to_owned).to_vec();
    expected.sort();
    assert_eq!(outputs.keys().cloned().collect::<Vec<_>>(), expected, "{}", run.stdout);
    outputs
}

#[test]
fn the_key_is_masked_before_anything_else_is_said() {
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
    assert_eq!(
        error.data,
        format!("{}\n{}", finding["message"].as_str().unwrap(), finding["hint"].as_str().unwrap())
    );
    assert!(hub.publishes().is_empty());
}

#[test]
fn a_finding_over_several_lines_has_no_columns() {
    let hub = StandInHub::start();
    let manifest = MANIFEST.replace("\"MIT\"", "[\n    \"MIT\"\n  ]");
    let run = Step::empty().function(".", &manifest, CODE).github().hub(&hub).run();
    let all = annotations(&run.stdout);
    let error = all.iter().find(|annotation| annotation.properties["title"] == "INVALID_TYPE").expect("it");
    assert_ne!(error.properties["line"], error.properties["endLine"]);
    assert!(!error.properties.contains_key("col") && !error.properties.contains_key("endColumn"));
    assert!(hub.publishes().is_empty());
}

#[test]
fn the_file_of_an_annotation_is_relative_to_the_workspace() {
    let hub = StandInHub::start();
    let manifest = MANIFEST.replace("MIT", "MTI");
    let step = Step::empty().function("functions/greeter", &manifest, CODE).github().hub(&hub);
    let run = step.input("directory", "greeter").within("functions").run();
    let all = annotations(&run.stdout);
    assert!(all.iter().any(|one| one.properties["file"] == "functions/greeter/aerostack.json"), "{all:?}");
    assert!(hub.publishes().is_empty());
}

#[test]
fn what_means_something_to_the_runner_arrives_as_it_is() {
    let hub = StandInHub::start();
    let license = "100%: a, b%0A%25c:d\nsecond::error::line";
    let manifest = MANIFEST.replace("\"MIT\"", &serde_json::to_string(license).unwrap());
    let step = Step::empty().function("a,b:c%d", &manifest, CODE).github().hub(&hub);
    let run = step.input("directory", "a,b:c%d").run();
    let errors: Vec<_> = annotations(&run.stdout).into_iter().filter(|one| one.name == "error").collect();
    assert_eq!(errors.len(), 1, "{}", run.stdout);
    assert_eq!(errors[0].properties["file"], "a,b:c%d/aerostack.json");
    assert!(errors[0].data.starts_with(&format!("`{license}`")), "{:?}", errors[0].data);
    assert!(hub.publishes().is_empty());
}

#[test]
fn of_too_many_annotations_the_placed_ones_are_kept_and_all_stand_in_log_and_summary() {
    let hub = StandInHub::start();
    let tags: Vec<_> = (0..14).map(|_| "\" \"".to_owned()).collect();
    let manifest = MANIFEST
        .replace("\"MIT\"", &format!("\"MIT\", \"tags\": [{}]", tags.join(", ")))
        .replace("\"1.0.0\"", "\"one\"");
    let step = Step::empty().function(".", &manifest, CODE).github().hub(&hub).input("timeout", "soon");
    let run = step.run();
    let errors: Vec<_> = annotations(&run.stdout).into_iter().filter(|one| one.name == "error").collect();
    let found = run.findings().into_iter().filter(|finding| finding["severity"] == "error").count();
    assert!(found > 10);
    assert_eq!(errors.len(), 10);
    assert!(errors[..9].iter().all(|error| error.properties.contains_key("line")), "{errors:?}");
    assert_eq!(errors[9].properties["title"], "aerostack-publish");
    assert!(errors[9].data.starts_with(&format!("{} more errors", found - 9)), "{:?}", errors[9].data);
    let log = without_colours(&run.stdout);
    let in_log = log.lines().filter(|line| line.starts_with("  error ")).count();
    let in_summary = run.summary.lines().filter(|line| line.starts_with("| ❌ | **")).count();
    assert_eq!((in_log, in_summary), (found, found));
    assert!(hub.publishes().is_empty());
}

#[test]
fn every_severity_has_a_limit_of_its_own() {
    let hub = StandInHub::start();
    let mut step = Step::empty().github().hub(&hub).input("directory", "*").input("timeout", "soon");
    for number in 0..12 {
        let manifest = MANIFEST.replace("greeter", &format!("greeter-{number}"));
        step = step.function(&number.to_string(), &manifest.replace("license", "licence"), CODE);
    }
    let run = step.run();
    let all = annotations(&run.stdout);
    for severity in ["error", "warning", "notice"] {
        let found = run.findings().into_iter().filter(|finding| finding["severity"] == severity).count();
        assert!(found > 10, "{severity}");
        let told: Vec<_> = all.iter().filter(|annotation| annotation.name == severity).collect();
        assert_eq!(told.len(), 10, "{severity}");
        assert!(told[9].data.starts_with(&format!("{} more {severity}s", found - 9)), "{told:?}");
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
        assert_eq!(outputs[name], function[name.replace('-', "_")].as_str().unwrap(), "{name}");
    }
    let result: serde_json::Value = serde_json::from_str(&outputs["result"]).unwrap();
    assert_eq!(result, run.report["functions"]);
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
        serde_json::from_str::<Vec<serde_json::Value>>(&outputs["result"]).expect("an array");
    }
    assert!(hub.publishes().is_empty());
    hub.fault_always(Route::Publish, Fault::error(400, "QUOTA", "no more"));
    let run = Step::plain().github().hub(&hub).run();
    assert_eq!((run.exit_code, all_outputs(&run)["status"].as_str()), (3, "failed"));
}

#[test]
fn of_several_functions_the_single_outputs_are_empty_and_the_status_is_the_worst() {
    let hub = StandInHub::start();
    let other = MANIFEST.replace("greeter", "parter");
    let step = Step::empty().function("a", MANIFEST, CODE).function("b", &other, CODE);
    let step = step.github().hub(&hub).input("directory", "*");
    hub.fault(Route::Publish, Fault::error(400, "QUOTA", "no more"));
    let run = step.run();
    let outputs = all_outputs(&run);
    assert_eq!((outputs["published"].as_str(), outputs["status"].as_str()), ("true", "failed"));
    for name in OUTPUTS.iter().filter(|name| !matches!(**name, "published" | "status" | "result")) {
        assert_eq!(outputs[*name], "", "{name}");
    }
    let result: Vec<serde_json::Value> = serde_json::from_str(&outputs["result"]).unwrap();
    assert_eq!(result.len(), 2);
}

#[test]
fn outputs_are_added_to_what_other_steps_wrote() {
    let hub = StandInHub::start();
    let step = Step::plain().github().hub(&hub).file("mine", "before=1\n");
    let path = step.path("mine");
    let step = step.env("GITHUB_OUTPUT", path.clone());
    step.run();
    let outputs = outputs(&std::fs::read_to_string(path).unwrap());
    assert_eq!((outputs["before"].as_str(), outputs["published"].as_str()), ("1", "true"));
}

#[test]
fn a_report_that_cannot_be_written_is_the_pipelines_fault_and_told() {
    let hub = StandInHub::start();
    let step = Step::plain().github().hub(&hub);
    let nowhere = step.path("missing/folder");
    let run = step.env("GITHUB_OUTPUT", nowhere).run();
    assert_eq!(run.exit_code, 2, "{}", run.stdout);
    assert_eq!(run.report["exit_code"], 2);
    assert_eq!((&run.report["status"], &run.report["published"]), (&"failed".into(), &true.into()));
    assert!(run.finding("INVALID_INPUT")["message"].as_str().unwrap().contains("could not be written"));
    assert!(without_colours(&run.stdout).contains("error INVALID_INPUT"));
}

#[test]
fn outputs_and_summary_stay_within_what_github_takes() {
    let hub = StandInHub::start();
    let huge = "x".repeat(1024 * 1024);
    let mut step = Step::empty().github().hub(&hub).input("directory", "*");
    for number in 0..4 {
        let manifest = MANIFEST
            .replace("greeter", &format!("{number}{huge}"))
            .replace("utility", &huge)
            .replace("MIT", &huge);
        step = step.function(&format!("f{number}"), &manifest, CODE);
    }
    let run = step.run();
    assert_eq!(run.exit_code, 1);
    assert!(run.output_file.len() < 1_000_000, "{} bytes", run.output_file.len());
    assert!(run.summary.len() < 1024 * 1024, "{} bytes", run.summary.len());
    all_outputs(&run);
    assert!(run.stdout.len() < 4 * 1024 * 1024, "{} bytes", run.stdout.len());
    assert!(hub.publishes().is_empty());
}

#[test]
fn the_summary_of_a_thousand_findings_ends_with_a_word_on_the_rest() {
    let hub = StandInHub::start();
    let tags = vec!["\" \""; 4_000].join(", ");
    let manifest = MANIFEST.replace("\"MIT\"", &format!("\"MIT\", \"tags\": [{tags}]"));
    let run = Step::empty().function(".", &manifest, CODE).github().hub(&hub).run();
    assert!(run.summary.len() < 1024 * 1024, "{} bytes", run.summary.len());
    assert!(run.summary.contains(" more in the log."));
    let in_log =
        without_colours(&run.stdout).lines().filter(|line| line.contains("error INVALID_TAG")).count();
    assert_eq!(in_log, 4_000);
    assert!(hub.publishes().is_empty());
}

#[test]
fn the_summary_tells_what_went_live_and_where_to_click() {
    let hub = StandInHub::start();
    Step::plain().hub(&hub).run();
    let step = Step::plain().edit("aerostack.json", "1.0.0", "1.1.0").edit("index.ts", "Hello", "Good day");
    let run = step.github().hub(&hub).run();
    let head: Vec<_> = run.summary.lines().take(3).collect();
    assert_eq!(head[0], "## ✅ greeter 1.1.0 is live");
    assert!(
        head[2].starts_with("1.0.0 → **1.1.0** · minor release · [open on the Hub](https://"),
        "{head:?}"
    );
    assert!(head[2].contains("[edit](https://app.aerostack.dev/functions/edit/"));
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
fn gitea_and_forgejo_are_spoken_to_as_github() {
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
fn elsewhere_nothing_is_said_in_githubs_language() {
    let hub = StandInHub::start();
    let step = Step::plain().edit("aerostack.json", "MIT", "MTI").github().hub(&hub).unset("GITHUB_ACTIONS");
    let run = step.run();
    assert_eq!(commands(&run.stdout), []);
    assert_eq!((run.output_file.as_str(), run.summary.as_str()), ("", ""));
    assert!(hub.publishes().is_empty());
}
