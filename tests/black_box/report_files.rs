//! The files that a run writes: what it may replace, what it may not, and what happens where it can't.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

use serde_json::json;
use stand_in_hub::StandInHub;

use crate::sinks::outputs;
use crate::support::{CODE, MANIFEST, Step, text};

const REPORTS: [&str; 5] = ["report", "summary", "sarif", "dotenv", "code-quality"];

/// Runs a step, which must be refused with this message, with nothing sent; a file of its workspace is as it was.
#[track_caller]
fn refused_and_kept(step: Step, message: &str, kept: &str) {
    let hub = StandInHub::start();
    let step = step.hub(&hub);
    let before = std::fs::read(step.path(kept)).expect("a file");
    let run = step.run();
    assert_eq!((run.exit_code, run.codes()), (2, vec!["INVALID_INPUT"]), "{}", run.stdout);
    let finding = text(&run.finding("INVALID_INPUT")["message"]);
    assert!(finding.contains(message), "`{message}` is not in `{finding}`");
    assert!(hub.publishes().is_empty());
    assert_eq!(std::fs::read(step.path(kept)).expect("a file"), before);
}

#[track_caller]
fn refused(step: Step, message: &str) {
    refused_and_kept(step, message, "aerostack.json");
}

#[test]
fn a_report_never_writes_through_a_link() {
    for input in REPORTS {
        let outside = tempfile::tempdir().expect("a folder");
        let precious = outside.path().join("precious");
        let named = || Step::plain().github().input("report", ".run/report.json");
        let start = |path: &str| named().input(input, path);
        // A link to a file, a dangling one, one in a loop, and one on the way, also where it is left again.
        for (link, target, path) in [
            ("out", precious.clone(), "out"),
            ("out", outside.path().join("not-there"), "out"),
            ("out", "out".into(), "out"),
            ("folder", outside.path().to_owned(), "folder/precious"),
            ("folder", outside.path().to_owned(), "folder/new"),
            ("folder", outside.path().to_owned(), "folder/../precious"),
            ("folder", outside.path().to_owned(), "./a/../folder/deep/new"),
            (".git", outside.path().to_owned(), ".git/hooks"),
            ("inside", ".run".into(), "inside/new"),
        ] {
            std::fs::write(&precious, "keep").expect("a file");
            let step = start(path).file(".run/x", "");
            symlink(&target, step.path(link)).expect("a link");
            let step = if input == "report" { step.env("AEROSTACK_REPORT", path) } else { step };
            let hub = StandInHub::start();
            let output = step.hub(&hub).run_without_report();
            assert_eq!(output.exit_code, 2, "{input}, {path}: {}", output.stdout);
            assert!(output.stdout.contains("symbolic link"), "{input}, {path}: {}", output.stdout);
            assert!(hub.publishes().is_empty(), "{input}, {path}");
            assert_eq!(std::fs::read_to_string(&precious).expect("it is there"), "keep", "{input}, {path}");
            let files = outside.path().read_dir().expect("a folder").count();
            assert_eq!(files, 1, "{input}, {path}: something was created");
        }
    }
}

#[test]
fn a_report_replaces_no_file_that_is_more_than_a_file() {
    let step = || Step::plain().file("existing", "keep");
    let hard_linked = step();
    std::fs::hard_link(hard_linked.path("existing"), hard_linked.path("out")).expect("a link");
    refused_and_kept(hard_linked.input("dotenv", "out"), "hard links", "existing");
    let folder = step().file("out/x", "");
    refused(folder.input("dotenv", "out"), "is not a plain file");
    refused(step().pipe("out").input("dotenv", "out"), "is not a plain file");
    refused(step().input("dotenv", "/dev/null"), "is not a plain file");
    refused(step().input("dotenv", "/dev/full"), "is not a plain file");
    refused(step().input("dotenv", "index.ts/out"), "can't be written");
    refused(step().input("dotenv", "/proc/out"), "can't be written");
}

#[test]
fn a_report_replaces_no_file_of_a_function() {
    let code = "import { a } from './lib/a';\nexport const b = a;\n";
    for path in
        ["aerostack.json", "index.ts", "README.md", "lib/a.ts", "./lib/../index.ts", "functions/../index.ts"]
    {
        let step = Step::plain().file("index.ts", code).file("lib/a.ts", "export const a = 1;\n");
        let step = step.file("README.md", "# Greeter\n").file("functions/x", "");
        refused_and_kept(step.input("code-quality", path), "is a file of a function", path);
    }
    // One that is broken is no less its own, also if it was not read that far.
    for (manifest, code) in [("{", CODE), (MANIFEST, "import './lib';\nexport const = 1;")] {
        for path in ["aerostack.json", "README.md", "index.ts", "lib.ts"] {
            let step = Step::empty().function(".", manifest, code).file("README.md", "# Greeter\n");
            let step = step.file("lib.ts", CODE);
            let kept = step.path(path);
            let before = std::fs::read(&kept).expect("a file");
            let hub = StandInHub::start();
            let step = step.hub(&hub).input("dotenv", path);
            let run = step.run();
            assert_eq!(run.exit_code, 2, "{}", run.stdout);
            assert_eq!(std::fs::read(&kept).expect("a file"), before);
        }
    }
}

#[test]
fn a_report_replaces_the_manifest_of_no_function() {
    let step = Step::empty().function("f/a", MANIFEST, CODE).function("f/b", MANIFEST, CODE);
    let step = step.input("directory", "f/a").input("dotenv", "f/b/aerostack.json");
    refused_and_kept(step, "may be a file of a function", "f/b/aerostack.json");
}

#[test]
fn a_path_with_a_variable_that_was_not_replaced_is_refused() {
    for path in ["$(Build.ArtifactStagingDirectory)/out", "${CI_PROJECT_DIR}/out", "${{ runner.temp }}/out"] {
        refused(Step::plain().input("dotenv", path), "contains a variable that was not replaced");
    }
}

#[test]
fn two_inputs_cannot_name_one_file() {
    for (dotenv, code_quality) in [
        ("out", "out"),
        ("out", "./out"),
        ("new/out", "new/x/../out"),
        ("missing/../missing/out", "missing/out"),
        ("missing/out", "missing/../missing/out"),
    ] {
        let step = Step::plain().input("dotenv", dotenv).input("code-quality", code_quality);
        refused(step.file("new/x/y", ""), "of another input");
    }
    let step = Step::plain().github();
    refused(step.input("dotenv", ".run/output"), "of another input");
    refused(Step::plain().github().input("dotenv", ".run/summary.md"), "of another input");
}

#[test]
fn reports_are_written_outside_of_the_workspace_and_over_older_ones() {
    let outside = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(outside.path().join("real")).expect("a folder");
    // A link outside of the workspace is not a pull request's.
    symlink("real", outside.path().join("link")).expect("a link");
    let hub = StandInHub::start();
    let paths = ["dotenv", "code-quality"].map(|name| outside.path().join("link").join(name));
    std::fs::write(&paths[0], "old").expect("a file");
    std::fs::set_permissions(&paths[0], std::fs::Permissions::from_mode(0o600)).expect("permissions");
    let step = Step::plain().hub(&hub);
    let step = step.input("dotenv", &paths[0].to_string_lossy());
    let run = step.input("code-quality", &paths[1].to_string_lossy()).run();
    assert_eq!((run.exit_code, run.statuses()), (0, vec!["published"]), "{}", run.stdout);
    assert!(std::fs::read_to_string(&paths[0]).expect("a report").starts_with("AEROSTACK_PUBLISHED=true\n"));
    // The next job may run as another user.
    for path in &paths {
        assert_eq!(path.metadata().expect("a report").mode() & 0o444, 0o444);
    }
    let left: Vec<_> = outside.path().join("real").read_dir().expect("a folder").flatten().collect();
    assert_eq!(left.len(), 2, "a temporary file is left: {left:?}");
}

#[test]
fn outputs_that_cannot_be_written_are_known_before_anything_is_sent() {
    for path in ["/dev/full", "/proc/output", "missing/folder", ".", "pipe"] {
        let hub = StandInHub::start();
        let step = Step::plain().github().hub(&hub).pipe("pipe");
        let path = step.path("").join(path);
        let run = step.env("GITHUB_OUTPUT", path).run();
        assert_eq!((run.exit_code, run.codes()), (2, vec!["INVALID_INPUT"]), "{}", run.stdout);
        let message = text(&run.finding("INVALID_INPUT")["message"]);
        assert!(message.starts_with("`GITHUB_OUTPUT`: `"), "{message}");
        assert_eq!((&run.report["status"], &run.report["published"]), (&json!("failed"), &json!(false)));
        assert!(hub.publishes().is_empty());
    }
}

#[test]
fn a_summary_that_cannot_be_written_never_fails_a_publish() {
    for strict in ["false", "true"] {
        for path in ["/dev/full", "/proc/summary", "missing/folder", ".", "pipe"] {
            let hub = StandInHub::start();
            let step = Step::example().github().hub(&hub).input("strict", strict).pipe("pipe");
            let path = step.path("").join(path);
            let run = step.env("GITHUB_STEP_SUMMARY", path).run();
            assert_eq!((run.exit_code, run.codes()), (0, vec!["REPORT_NOT_WRITTEN"]), "{}", run.stdout);
            assert_eq!(run.finding("REPORT_NOT_WRITTEN")["severity"], "warning");
            assert_eq!(run.output("status").as_deref(), Some("published"));
            assert_eq!(hub.publishes().len(), 1);
        }
    }
}

#[test]
fn a_summary_of_azure_that_cannot_be_written_never_fails_a_publish() {
    let hub = StandInHub::start();
    let step = Step::plain().azure().hub(&hub);
    let nowhere = step.path("missing");
    let run = step.env("AGENT_TEMPDIRECTORY", nowhere).run();
    assert_eq!((run.exit_code, run.codes()), (0, vec!["REPORT_NOT_WRITTEN"]), "{}", run.stdout);
    assert_eq!(run.statuses(), ["published"]);
}

#[test]
fn text_without_a_line_break_at_its_end_is_not_run_into() {
    for (before, expected) in
        [("mine=1", "mine=1\n"), ("mine=1\n", "mine=1\n"), ("", ""), ("mine<<X\n1\nX", "mine<<X\n1\nX\n")]
    {
        let hub = StandInHub::start();
        let step = Step::plain().github().hub(&hub).file("mine", before).file("summary", before);
        let (mine, summary) = (step.path("mine"), step.path("summary"));
        let step = step.env("GITHUB_OUTPUT", &mine).env("GITHUB_STEP_SUMMARY", &summary);
        let run = step.run();
        assert_eq!(run.exit_code, 0, "{}", run.stdout);
        let written = std::fs::read_to_string(mine).expect("outputs");
        assert!(written.starts_with(&format!("{expected}published=true\n")), "{written}");
        assert_eq!(outputs(&written).get("mine").map(String::as_str), (!before.is_empty()).then_some("1"));
        // Every output once, and no blank line, which some runners refuse.
        assert_eq!(written.matches("status=").count(), 1, "{written}");
        assert!(!written.contains("\n\n") && !written.starts_with('\n'), "{written}");
        let summary = std::fs::read_to_string(summary).expect("a summary");
        assert!(summary.starts_with(&format!("{expected}## ✅")), "{summary}");
    }
}
