//! Many functions in one run, as people read it: what they have in common is shown once, and a tag that names one of them
//! gives the outputs of that one.

use serde_json::Value;
use stand_in_hub::{Fault, Route, StandInHub};

use crate::fixtures::{functions, manifest, names};
use crate::sinks::{annotations, without_colors};
use crate::support::{CODE, Run, Step, text};

/// How often a code is shown in the log, in annotations and in the summary.
fn shown(run: &Run, code: &str) -> [usize; 3] {
    let log = without_colors(&run.stdout);
    let in_log = ["error", "warning", "notice"].map(|severity| format!("  {severity} {code}"));
    let in_log = log.lines().filter(|line| in_log.iter().any(|start| line.starts_with(start))).count();
    let is_it = |title: &String| title == code;
    let all = annotations(&run.stdout);
    let annotated = all.iter().filter(|one| one.properties.get("title").is_some_and(is_it)).count();
    let in_summary = run.summary.lines().filter(|line| line.contains(&format!("[{code}]("))).count();
    [in_log, annotated, in_summary]
}

#[test]
fn a_wrong_key_is_said_once_and_not_tried_again_and_again() {
    for (count, status, code) in
        [(3, 401, "UNAUTHORIZED"), (40, 401, "UNAUTHORIZED"), (40, 403, "HUB_REFUSED")]
    {
        let hub = StandInHub::start();
        for route in [Route::My, Route::Publish] {
            hub.fault_always(route, Fault::error(status, "NO_ACCESS", "not with this key"));
        }
        let run = functions(&names(count)).github().hub(&hub).run();
        assert_eq!(run.exit_code, 2, "{}", run.stdout);
        assert_eq!(shown(&run, code), [1, 1, 1], "{}", run.stdout);
        let sent = hub.publishes().len();
        assert!(sent <= 16, "{sent} requests");
        let log = without_colors(&run.stdout);
        let held_back = log.lines().filter(|line| line.ends_with("skipped: the Hub denied access")).count();
        assert_eq!(held_back, count - sent, "{log}");
        assert_eq!(shown(&run, "HISTORY_UNREADABLE"), [0, 0, 0], "the same again: {log}");
        // The report has it for each function that was sent.
        assert_eq!(run.codes().iter().filter(|it| **it == code).count(), sent);
        assert_eq!(run.report["status"], "failed");
    }
}

#[test]
fn identical_notices_of_many_functions_are_one() {
    let hub = StandInHub::start();
    let step = functions(&names(12)).github().hub(&hub).unset("AEROSTACK_API_KEY").input("dry-run", "true");
    let run = step.run();
    assert_eq!(run.exit_code, 0, "{}", run.stdout);
    for code in ["NOT_COMPARED", "README_MISSING"] {
        assert_eq!(shown(&run, code), [1, 1, 1], "{code}: {}", run.stdout);
        let in_report = run.findings().into_iter().filter(|finding| finding["code"] == code).count();
        assert_eq!(in_report, 12, "{code}");
    }
    let log = without_colors(&run.stdout);
    let named = "`functions/greeter-03`, `functions/greeter-04` and 7 more)";
    assert!(log.contains(named), "{log}");
    for name in names(12) {
        assert!(run.summary.contains(&format!("functions/{name}/aerostack.json")), "{}", run.summary);
    }
    assert!(log.contains("\n12 checked\n"), "{log}");
    assert!(
        run.summary.starts_with("## 🔍 Dry run: checked 12 functions, not compared with the Hub\n"),
        "{}",
        run.summary
    );
    assert!(hub.publishes().is_empty());
}

#[test]
fn findings_at_a_line_are_shown_for_every_function_and_in_one_row_of_the_summary() {
    let hub = StandInHub::start();
    let step = functions(&names(2)).github().hub(&hub);
    let step = step.edit("functions/greeter-00/aerostack.json", "utility", "utilty");
    let run = step.edit("functions/greeter-01/aerostack.json", "utility", "utilty").run();
    assert_eq!(shown(&run, "INVALID_CATEGORY"), [2, 2, 1], "{}", run.stdout);
    assert!(hub.publishes().is_empty());
}

#[test]
fn counts_are_words() {
    let hub = StandInHub::start();
    for (inputs, expected) in [
        (&[("publish", "false")][..], "12 drafts"),
        (&[("dry-run", "true")], "12 checked"),
        (&[], "12 published"),
        (&[], "12 unchanged"),
    ] {
        let step = functions(&names(12)).hub(&hub);
        let run = inputs.iter().fold(step, |step, (name, value)| step.input(name, value)).run();
        assert!(run.stdout.contains(&format!("\n{expected}\n")), "{expected}: {}", run.stdout);
    }
}

#[test]
fn a_tag_that_names_one_of_many_gives_the_outputs_of_that_one() {
    let hub = StandInHub::start();
    let step = functions(&names(12)).function("functions/one", &manifest("one", "3.0.0"), CODE).hub(&hub);
    for (step, is_named) in [
        (step.input("dotenv", ".run/dotenv").github_tag("v3.0.0"), false),
        (functions(&names(3)).hub(&hub).input("dotenv", ".run/dotenv").github_tag("greeter-01@1.0.0"), true),
    ] {
        let (name, version) = if is_named { ("greeter-01", "1.0.0") } else { ("one", "3.0.0") };
        let run = step.run();
        assert_eq!(run.exit_code, 0, "{}", run.stdout);
        for (output, expected) in [
            ("published", "true"),
            ("live", "true"),
            ("status", "published"),
            ("name", name),
            ("version", version),
        ] {
            assert_eq!(run.output(output).as_deref(), Some(expected), "{output}");
        }
        let url = run.output("url").expect("a URL");
        assert!(url.ends_with(name), "{url}");
        let dotenv = std::fs::read_to_string(step.path(".run/dotenv")).expect("a report");
        assert!(dotenv.contains(&format!("AEROSTACK_URL={url}\n")), "{dotenv}");
        assert_eq!((&run.report["status"], &run.report["live"]), (&"published".into(), &true.into()));
        let log = without_colors(&run.stdout);
        let reason = "skipped: the tag is for another function or version";
        assert_eq!(log.matches(reason).count(), run.functions().len() - 1, "{log}");
        assert!(run.summary.starts_with(&format!("## ✅ Published {name} {version}\n")), "{}", run.summary);
        let result: Value = serde_json::from_str(&run.output("result").expect("a result")).expect("JSON");
        assert_eq!(result["functions"].as_array().map(Vec::len), Some(run.functions().len()));
    }
}

#[test]
fn what_is_no_function_does_not_count_either() {
    let hub = StandInHub::start();
    let other = r#"{"type": "skill", "name": "other"}"#;
    let step =
        Step::empty().function("f/one", &manifest("one", "1.0.0"), CODE).file("f/two/aerostack.json", other);
    let run = step.github().hub(&hub).input("directory", "f/*").run();
    assert_eq!((run.exit_code, run.statuses()), (0, vec!["published", "skipped"]), "{}", run.stdout);
    for (output, expected) in [("status", "published"), ("live", "true"), ("name", "one")] {
        assert_eq!(run.output(output).as_deref(), Some(expected), "{output}");
    }
    assert!(without_colors(&run.stdout).contains("skipped: not a function of the Hub"), "{}", run.stdout);
}

#[test]
fn the_result_of_many_functions_fits_into_a_variable() {
    let hub = StandInHub::start();
    let run = functions(&names(400)).github().hub(&hub).input("dry-run", "true").run();
    let line = run.output("result").expect("a result");
    let child = std::process::Command::new("true").env("RESULT", &line).status();
    assert!(child.expect("a process with it starts").success());
    let result: Value = serde_json::from_str(&line).expect("JSON");
    assert_eq!(result["truncated"], true);
    let functions = result["functions"].as_array().expect("functions");
    assert!(functions.len() > 100 && functions.len() < 400, "{}", functions.len());
    assert_eq!(text(&functions[0]["name"]), "greeter-00");
    assert_eq!(run.functions().len(), 400);
}
