//! Whole outputs as users see them: logs, annotations, summaries and reports, in `tests/snapshots`.
//!
//! What differs from run to run is replaced: addresses, paths, IDs, times. The escape character is shown as `\e`. After a
//! change, read the new snapshots as a user would, then accept them: `INSTA_UPDATE=always cargo test --test black_box
//! snapshots`.

use std::path::Path;

use regex_lite::Regex;
use serde_json::{Value, json};
use stand_in_hub::{Fault, Route, StandInHub};

use crate::fixtures::{OTHER_CODE, body, functions, greeter, hub_with, manifest, manifest_with, names};
use crate::sinks::run_with_reports;
use crate::support::{CODE, Run, Step};

/// What differs from run to run, and what replaces it.
const REDACTIONS: [(&str, &str); 9] = [
    (r"http://127\.0\.0\.1:\d+", "http://hub"),
    (r"/[^ ]*/\.tmp[A-Za-z0-9]+", "/workspace"),
    (r"fn_\d+", "fn_ID"),
    (r"section_(start|end):\d+:aerostack_\d+", "section_$1:TIME:aerostack_N"),
    (r"aerostack-publish \d+\.\d+\.\d+", "aerostack-publish VERSION"),
    (r"aerostack_[0-9a-f]{32}", "aerostack_RANDOM"),
    (r#"("fingerprint": ")[0-9a-f]{32}"#, "${1}FINGERPRINT"),
    ("\u{1b}", r"\e"),
    ("\r", r"\r"),
];

fn redacted(text: &str) -> String {
    REDACTIONS.iter().fold(text.to_owned(), |text, (pattern, replacement)| {
        Regex::new(pattern).expect("a pattern").replace_all(&text, *replacement).into_owned()
    })
}

/// The progress of several functions in the order of their names: they are sent, and end, in any order.
fn sorted_progress(log: &str) -> String {
    let number = Regex::new(r"\[ *\d+/(\d+)\] ").expect("a pattern");
    let starts_block = |line: &str| number.is_match(line);
    let is_sending = |line: &str| line.contains("sending ") && line.contains(" …");
    let (mut sending, log): (Vec<_>, Vec<_>) = log.lines().partition(|line| is_sending(line));
    sending.sort_unstable();
    let log = log.join("\n");
    let first = log.lines().position(starts_block).unwrap_or(0);
    let (before, rest): (Vec<_>, Vec<_>) = log.lines().enumerate().partition(|(at, _)| *at < first);
    let mut blocks: Vec<Vec<&str>> = Vec::new();
    let mut after = Vec::new();
    for (_, line) in rest {
        let is_in_block = blocks.last().is_some_and(|block| is_open(block)) && after.is_empty();
        if starts_block(line) {
            blocks.push(vec![line]);
        } else if let (Some(block), true) = (blocks.last_mut(), is_in_block) {
            block.push(line);
        } else {
            after.push(line);
        }
    }
    let name = |block: &Vec<&str>| number.split(block[0]).last().unwrap_or_default()[4..].to_owned();
    blocks.sort_by_key(name);
    let blocks = blocks.concat();
    let blocks = blocks.iter().map(|line| number.replace(line, "[N/$1] ").into_owned());
    let before = before.iter().map(|(_, line)| *line).chain(sending).map(str::to_owned);
    before.chain(blocks).chain(after.into_iter().map(str::to_owned)).collect::<Vec<_>>().join("\n")
}

/// Whether a folded part of the log is not closed yet.
fn is_open(block: &[&str]) -> bool {
    let has = |mark: &str| block.iter().any(|line| line.contains(mark));
    (has("::group::") && !has("::endgroup::")) || (has("section_start:") && !has("section_end:"))
}

#[track_caller]
fn assert_snapshot(name: &str, text: &str) {
    assert_snapshot_in("../snapshots", name, text);
}

/// The same in another directory, relative to this file.
#[track_caller]
pub fn assert_snapshot_in(directory: &str, name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(directory);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, redacted(text)));
}

/// The log, and the exit code after it.
#[track_caller]
fn assert_log(name: &str, run: &Run) {
    assert_eq!(run.stderr, "");
    assert_snapshot(name, &format!("{}\n[exit code {}]", sorted_progress(&run.stdout), run.exit_code));
}

/// A Hub with version 1.2.0 of `greeter`.
fn hub_with_1_2_0() -> StandInHub {
    hub_with(&["1.2.0"])
}

/// [`CODE`] and one more export.
fn more_code() -> String {
    format!("{CODE}export const part = (name: string) => `Goodbye, ${{name}}`;\n")
}

/// Four functions: the first is unchanged, the second new, the third has a newer version, the slug of the last is taken.
fn four(hub: &StandInHub) -> Step {
    hub.seed("alice", body("greeter-00", "1.0.0", CODE));
    hub.seed("alice", body("greeter-02", "0.9.0", OTHER_CODE));
    hub.seed("bob", body("greeter-03", "1.0.0", CODE));
    functions(&names(4)).hub(hub)
}

#[test]
fn log_of_a_first_release() {
    let hub = StandInHub::start();
    assert_log("log-first-release", &Step::example().hub(&hub).run());
}

#[test]
fn log_of_an_unchanged_version() {
    let hub = hub_with_1_2_0();
    assert_log("log-unchanged", &greeter("1.2.0").hub(&hub).run());
}

#[test]
fn log_of_a_new_version_with_colors() {
    let hub = hub_with_1_2_0();
    let step = Step::empty().function(".", &manifest("greeter", "1.3.0"), &more_code());
    assert_log("log-minor-with-colors", &step.hub(&hub).env("FORCE_COLOR", "1").run());
}

#[test]
fn log_of_a_conflict() {
    let hub = hub_with_1_2_0();
    let step = Step::empty().function(".", &manifest("greeter", "1.2.0"), &more_code());
    assert_log("log-conflict", &step.hub(&hub).run());
    assert!(hub.publishes().is_empty());
}

#[test]
fn log_of_a_draft_of_a_published_version() {
    let hub = hub_with_1_2_0();
    let step = Step::empty().function(".", &manifest("greeter", "1.2.0"), &more_code());
    assert_log("log-draft-of-a-published-version", &step.hub(&hub).input("publish", "false").run());
}

#[test]
fn log_of_a_breaking_change() {
    let hub = StandInHub::start();
    hub.seed("alice", body("greeter", "1.2.0", &more_code()));
    assert_log("log-breaking-change", &greeter("1.3.0").hub(&hub).run());
}

#[test]
fn log_of_several_functions_of_which_one_is_invalid() {
    let hub = StandInHub::start();
    let step = functions(&names(3)).edit("functions/greeter-01/aerostack.json", "utility", "utilty");
    assert_log("log-several-functions-one-invalid", &step.hub(&hub).run());
    assert!(hub.requests().is_empty());
}

#[test]
fn log_of_several_findings() {
    let hub = StandInHub::start();
    let run = several_findings().hub(&hub).run();
    assert_log("log-several-findings", &run);
    assert!(hub.requests().is_empty());
}

/// A function with several errors and warnings.
fn several_findings() -> Step {
    let fields = json!({
        "category": "utilty",
        "license": "MTI",
        "tags": ["a", "a", ""],
        "envVars": ["API-KEY"],
        "routePath": "api/greet",
        "descriptoin": "x",
    });
    let code = "import { z } from 'zod';\nimport { part } from './part';\n\n\
                export const name = z.string();\nexport const greet = () => part(process.env.KEY);\n";
    Step::empty().function(".", &format!("{:#}\n", manifest_with(&fields)), code)
}

#[test]
fn log_of_a_dry_run() {
    let hub = hub_with_1_2_0();
    let step = Step::empty().function(".", &manifest("greeter", "1.3.0"), &more_code());
    let run = step.hub(&hub).input("dry-run", "true").run();
    assert_log("log-dry-run", &run);
    assert!(hub.publishes().is_empty());
}

#[test]
fn log_of_a_dry_run_without_a_key() {
    let hub = hub_with_1_2_0();
    let run = greeter("1.3.0").hub(&hub).unset("AEROSTACK_API_KEY").input("dry-run", "true").run();
    assert_log("log-dry-run-without-key", &run);
    assert!(hub.requests().is_empty());
}

#[test]
fn log_of_an_unconfirmed_publish() {
    let hub = StandInHub::start();
    hub.fault_always(Route::Publish, Fault::Garbage);
    for route in [Route::My, Route::ById, Route::Public, Route::Install] {
        hub.fault_always(route, Fault::status(403));
    }
    assert_log("log-unconfirmed", &greeter("1.0.0").hub(&hub).input("timeout", "3").run());
}

#[test]
fn log_of_an_unreachable_hub() {
    let step = greeter("1.0.0").input("api-key", stand_in_hub::DEFAULT_KEY).input("timeout", "2");
    assert_log("log-unreachable", &step.input("api-url", "http://127.0.0.1:9").run());
}

#[test]
fn log_of_a_rejected_publish() {
    let hub = StandInHub::start();
    hub.fault_always(Route::Publish, Fault::error(418, "QUOTA_EXCEEDED", "This account has 50 functions."));
    assert_log("log-rejected", &greeter("1.0.0").hub(&hub).run());
}

#[test]
fn log_of_a_rejected_key() {
    let hub = StandInHub::start();
    let run = greeter("1.0.0").hub(&hub).input("api-key", "ac_nobody_has_this_key").run();
    assert_log("log-unauthorized", &run);
}

#[test]
fn log_of_a_misconfigured_pipeline() {
    let hub = StandInHub::start();
    let step =
        greeter("1.0.0").hub(&hub).unset("AEROSTACK_API_KEY").env("AEROSTACK_APIKEY", "ac_misspelled_name");
    let run = step.input("publish", "maybe").input("timeout", "2m").input("on-existing", "skipp").run();
    assert_log("log-misconfigured", &run);
    assert!(hub.requests().is_empty());
}

#[test]
fn log_of_several_functions() {
    let hub = StandInHub::start();
    assert_log("log-several-functions", &four(&hub).run());
}

#[test]
fn log_and_summary_of_several_functions_on_github() {
    let hub = StandInHub::start();
    let run = four(&hub).github().run();
    assert_log("github-log-several-functions", &run);
    assert_snapshot("github-summary-several-functions", &run.summary);
}

#[test]
fn log_of_several_findings_on_github() {
    let hub = StandInHub::start();
    let run = several_findings().hub(&hub).github().env("NO_COLOR", "1").run();
    assert_log("github-log-several-findings", &run);
    assert_snapshot("github-summary-several-findings", &run.summary);
    assert!(hub.requests().is_empty());
}

#[test]
fn summary_and_outputs_of_a_success_on_github() {
    let hub = hub_with_1_2_0();
    let step = Step::empty().function(".", &manifest("greeter", "1.3.0"), &more_code());
    let step = step.file("README.md", "# Greeter\n").hub(&hub).github();
    let run =
        step.env("GITHUB_SERVER_URL", "https://github.com").env("GITHUB_REPOSITORY", "acme/functions").run();
    assert_snapshot("github-summary-success", &run.summary);
    assert_snapshot("github-outputs", &run.output_file);
}

#[test]
fn summary_of_a_conflict_on_github() {
    let hub = hub_with_1_2_0();
    let step = Step::empty().function(".", &manifest("greeter", "1.2.0"), &more_code()).hub(&hub).github();
    let step = step.env("GITHUB_SERVER_URL", "https://github.com").env("GITHUB_REPOSITORY", "acme/functions");
    let run = step.env("GITHUB_SHA", "0123abc").run();
    assert_snapshot("github-summary-conflict", &run.summary);
    assert!(hub.publishes().is_empty());
}

#[test]
fn summary_of_thirty_functions_on_github() {
    let hub = StandInHub::start();
    for name in &names(30)[..20] {
        hub.seed("alice", body(name, "1.0.0", CODE));
    }
    hub.seed("alice", body("greeter-20", "0.9.0", OTHER_CODE));
    hub.seed("bob", body("greeter-29", "1.0.0", CODE));
    let run = functions(&names(30)).hub(&hub).github().run();
    assert_snapshot("github-summary-thirty-functions", &run.summary);
}

#[test]
fn log_and_reports_of_several_functions_on_gitlab() {
    let hub = StandInHub::start();
    let reports = run_with_reports(four(&hub).gitlab());
    assert_log("gitlab-log-several-functions", &reports.run);
    assert_snapshot("gitlab-code-quality", &reports.code_quality);
    assert_snapshot("gitlab-dotenv-several-functions", &reports.dotenv);
}

#[test]
fn dotenv_report_of_a_success_on_gitlab() {
    let hub = hub_with_1_2_0();
    let reports = run_with_reports(greeter("1.2.1").hub(&hub).gitlab());
    assert_snapshot("gitlab-dotenv", &reports.dotenv);
}

#[test]
fn log_of_several_functions_on_azure() {
    let hub = StandInHub::start();
    assert_log("azure-log-several-functions", &four(&hub).azure().env("NO_COLOR", "1").run());
}

#[test]
fn json_report_of_a_failure() {
    let hub = hub_with_1_2_0();
    let step = Step::empty().function(".", &manifest("greeter", "1.2.0"), &more_code()).hub(&hub);
    let reports = run_with_reports(step);
    serde_json::from_str::<Value>(&reports.report).expect("JSON");
    assert_snapshot("json-report-conflict", &reports.report);
    assert!(hub.publishes().is_empty());
}

#[test]
fn help() {
    assert_snapshot("help", &Step::empty().run_with(&["--help"]).stdout);
}

#[test]
fn every_snapshot_is_used_by_a_test() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots");
    for entry in directory.read_dir().expect("a directory") {
        let name = entry.expect("an entry").file_name().into_string().expect("UTF-8");
        // What a failed test leaves to compare with; Git ignores it.
        if name.ends_with(".snap.new") {
            continue;
        }
        let used = name.strip_suffix(".snap").map(|name| format!("\"{name}\""));
        assert!(used.is_some_and(|name| include_str!("snapshots.rs").contains(&name)), "{name}");
    }
}
