//! Cancelling: what a signal leaves behind, in the log, in every report and on the Hub.

use serde_json::{Value, json};
use stand_in_hub::{Fault, Route, StandInHub};

use crate::fixtures::{functions, greeter, hub_with, names};
use crate::sinks::{outputs, without_colors};
use crate::support::{Run, Started, Step, text, wait_until};

/// Waits until the Hub has received so many requests at this path.
fn wait_for(hub: &StandInHub, path: &str, count: usize) {
    let arrived = || hub.requests().iter().filter(|request| request.path.ends_with(path)).count();
    wait_until(&format!("{count} requests at {path}"), || arrived() >= count);
}

const PUBLISH: &str = "/ci/publish";

/// Runs a step, and cancels it when a request at this path has arrived.
pub fn cancelled_when_it_arrives(step: &Step, hub: &StandInHub, path: &str, signal: &str) -> Run {
    cancel(step.start(), hub, path, signal)
}

fn cancel(started: Started<'_>, hub: &StandInHub, path: &str, signal: &str) -> Run {
    wait_for(hub, path, 1);
    started.signal(signal);
    started.wait()
}

fn last_line(run: &Run) -> String {
    without_colors(&run.stdout).lines().last().unwrap_or_default().to_owned()
}

#[test]
fn what_is_in_flight_is_unconfirmed_and_everything_is_written() {
    let ordinary: fn(&Step) -> Started<'_> = Step::start;
    for (start, signal, exit_code) in [
        (ordinary, "TERM", 143),
        (ordinary, "INT", 130),
        (Step::start_as_process_1, "TERM", 143),
        (Step::start_as_process_1, "INT", 130),
    ] {
        for (fault, is_live) in [(Fault::Hang, false), (Fault::ProcessThenHang, true)] {
            let hub = hub_with(&["1.0.0"]);
            hub.fault(Route::Publish, fault);
            let step = greeter("1.1.0").github().hub(&hub);
            let run = cancel(start(&step), &hub, PUBLISH, signal);
            assert_eq!(run.exit_code, exit_code, "{}{}", run.stdout, run.stderr);
            assert_eq!(run.report["exit_code"], exit_code);
            assert_eq!((&run.report["status"], &run.report["live"]), (&json!("unconfirmed"), &json!(false)));
            assert_eq!(run.statuses(), ["unconfirmed"]);
            let outputs = outputs(&run.output_file);
            assert_eq!((outputs["status"].as_str(), outputs["published"].as_str()), ("unconfirmed", "false"));
            assert_eq!(outputs["version"], "1.1.0");
            assert!(run.summary.contains("is unconfirmed"), "{}", run.summary);
            let message = text(&run.finding("UNCONFIRMED")["message"]);
            let expected =
                format!("the run was cancelled (SIG{signal}) while this function was being published");
            assert_eq!(message, expected);
            let expected = "cancelled; greeter 1.1.0 may be published: run again, it reads first";
            assert_eq!(last_line(&run), expected);
            assert_eq!(hub.times_live("alice", "greeter", "1.1.0"), usize::from(is_live));
            // The next run reads first.
            let again = greeter("1.1.0").hub(&hub).run();
            let expected = if is_live { "unchanged" } else { "published" };
            assert_eq!((again.exit_code, again.statuses()), (0, vec![expected]), "{}", again.stdout);
            assert_eq!(hub.times_live("alice", "greeter", "1.1.0"), 1);
        }
    }
}

#[test]
fn a_run_that_is_cancelled_before_it_sends_publishes_nothing() {
    for (route, path) in [(Route::My, "/my"), (Route::ById, "/fn_0001")] {
        let hub = hub_with(&["1.0.0"]);
        hub.fault_always(route, Fault::Hang);
        let step = greeter("1.1.0").github().hub(&hub);
        let run = cancelled_when_it_arrives(&step, &hub, path, "TERM");
        assert_eq!(run.exit_code, 143, "{path}: {}", run.stdout);
        assert_eq!((run.codes(), run.statuses()), (vec!["CANCELLED"], vec!["failed"]), "{path}");
        assert_eq!(outputs(&run.output_file)["status"], "failed");
        let expected = "cancelled; nothing more was sent: run again";
        assert_eq!(last_line(&run), expected);
        assert!(hub.publishes().is_empty(), "{path}");
    }
}

/// Code that takes much longer to read than a signal takes to arrive.
fn slow_to_read() -> String {
    let lines = (0..100_000).map(|number| format!("export let a{number} = [1, {{ b: (c) => c }}];"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_run_that_is_cancelled_while_it_reads_files_publishes_nothing_and_overwrites_no_file() {
    let hub = StandInHub::start();
    let code = slow_to_read();
    let step = Step::empty().function(".", crate::support::MANIFEST, &code).github().hub(&hub);
    let step = step.input("dotenv", "index.ts");
    let run = {
        let mut started = step.start();
        started.wait_for_line("::add-mask::");
        started.signal("TERM");
        started.wait()
    };
    assert_eq!(run.exit_code, 143, "{}", run.stdout);
    assert_eq!((run.codes(), run.functions().len()), (vec!["CANCELLED"], 0));
    assert_eq!(outputs(&run.output_file)["status"], "failed");
    assert_eq!(std::fs::read_to_string(step.path("index.ts")).expect("the code"), code);
    assert!(hub.requests().is_empty());
}

#[test]
fn no_publish_begins_after_the_signal() {
    let hub = StandInHub::start();
    hub.fault_always(Route::Publish, Fault::Hang);
    let step = functions(&names(40)).hub(&hub);
    let started = step.start();
    wait_for(&hub, PUBLISH, 16);
    started.signal("TERM");
    let run = started.wait();
    let sent = hub.publishes().len();
    assert_eq!((run.exit_code, sent), (143, 16));
    let count = |status: &str| run.statuses().iter().filter(|it| **it == status).count();
    assert_eq!((count("unconfirmed"), count("failed")), (16, 24), "{:?}", run.statuses());
    assert_eq!(run.stdout.matches("sending ").count(), 16);
    // Each of them is named with what became of it.
    let shown = run.stdout.lines().filter(|line| line.starts_with("? greeter-"));
    assert_eq!(shown.count(), 16, "{}", run.stdout);
    let expected = "and 15 more functions may be published: run again, it reads first";
    assert!(last_line(&run).ends_with(expected), "{}", last_line(&run));
}

#[test]
fn what_was_done_before_the_signal_stays_done() {
    let hub = hub_with(&[]);
    // All but the last one are answered.
    hub.fault_nth(Route::Publish, 3, Fault::Hang);
    let step = functions(&names(3)).hub(&hub).input("report", ".run/report.json");
    let mut started = step.start();
    wait_for(&hub, PUBLISH, 3);
    started.wait_for_line("[2/3]");
    started.signal("INT");
    let run = started.wait();
    let mut statuses = run.statuses();
    statuses.sort_unstable();
    assert_eq!((run.exit_code, statuses), (130, vec!["published", "published", "unconfirmed"]));
    assert_eq!((&run.report["status"], &run.report["published"]), (&json!("unconfirmed"), &json!(true)));
}

#[test]
fn waiting_for_the_rate_limit_can_be_cancelled() {
    let hub = hub_with(&["1.0.0"]);
    hub.fault_always(Route::Publish, Fault::status_with_header(429, "retry-after", "60"));
    let run = cancelled_when_it_arrives(&greeter("1.1.0").hub(&hub), &hub, PUBLISH, "TERM");
    assert_eq!((run.exit_code, run.statuses()), (143, vec!["unconfirmed"]), "{}", run.stdout);
    assert_eq!(hub.publishes().len(), 1);
}

#[test]
fn the_first_of_several_signals_counts() {
    let hub = hub_with(&["1.0.0"]);
    hub.fault(Route::Publish, Fault::Hang);
    let step = greeter("1.1.0").hub(&hub);
    let started = step.start();
    wait_for(&hub, PUBLISH, 1);
    started.signal("INT");
    started.signal_if_running("TERM");
    let run = started.wait();
    assert_eq!((run.exit_code, run.statuses()), (130, vec!["unconfirmed"]), "{}", run.stdout);
}

#[test]
fn each_request_is_announced_before_it_is_sent() {
    let hub = hub_with(&["1.0.0"]);
    hub.fault(Route::Publish, Fault::status_with_header(429, "retry-after", "0"));
    let run = greeter("1.1.0").hub(&hub).run();
    assert_eq!((run.exit_code, hub.publishes().len()), (0, 2), "{}", run.stdout);
    let announced = run.stdout.lines().filter(|line| *line == "sending greeter 1.1.0 …").count();
    assert_eq!(announced, 2, "{}", run.stdout);
    let dry = greeter("1.2.0").hub(&hub).input("dry-run", "true").run();
    assert!(!dry.stdout.contains("sending "), "{}", dry.stdout);
}

#[test]
fn a_run_that_is_killed_leaves_reports_that_say_so() {
    let hub = hub_with(&["1.0.0"]);
    hub.fault(Route::Publish, Fault::Hang);
    let step = greeter("1.1.0").github().hub(&hub).file("before", "mine=1");
    let before = step.path("before");
    let step = step
        .env("GITHUB_OUTPUT", before)
        .input("dotenv", "some.env")
        .input("code-quality", "new/quality.json")
        .input("summary", "summary.md")
        .input("sarif", "some.sarif");
    let started = step.start();
    wait_for(&hub, PUBLISH, 1);
    started.signal("KILL");
    assert_eq!(started.wait().exit_code, -1);
    let read = |path: &str| std::fs::read_to_string(step.path(path)).expect("a report");
    let report: Value = serde_json::from_str(&read(".run/report.json")).expect("JSON");
    assert_eq!((&report["status"], &report["exit_code"]), (&json!("unconfirmed"), &json!(4)));
    assert_eq!((&report["published"], &report["functions"]), (&json!(false), &json!([])));
    assert_eq!(report["findings"][0]["code"], "UNCONFIRMED");
    assert!(read("some.env").contains("AEROSTACK_STATUS=unconfirmed\n"));
    let issues: Value = serde_json::from_str(&read("new/quality.json")).expect("JSON");
    assert_eq!(issues[0]["check_name"], "UNCONFIRMED");
    assert!(read("summary.md").starts_with("## ❔ The run did not end\n"), "{}", read("summary.md"));
    let sarif: Value = serde_json::from_str(&read("some.sarif")).expect("JSON");
    assert_eq!(sarif["runs"][0]["invocations"][0]["executionSuccessful"], false);
    let outputs = outputs(&read("before"));
    assert_eq!((outputs["mine"].as_str(), outputs["status"].as_str()), ("1", "unconfirmed"));
    // A later step may still write its own.
    assert!(read("before").ends_with('\n'));
}

#[test]
fn a_log_that_nobody_reads_keeps_no_report_from_being_written() {
    let hub = StandInHub::start();
    // The log is longer than a pipe can hold.
    let step = functions(&names(200)).hub(&hub).input("dry-run", "true");
    let started = step.start();
    let is_written = || {
        let report = std::fs::read_to_string(step.path(".run/report.json")).unwrap_or_default();
        report.contains("\"status\": \"dry-run\"")
    };
    wait_until("the report", is_written);
    started.signal("TERM");
    let run = started.wait();
    assert_eq!((run.exit_code, &run.report["status"]), (0, &json!("dry-run")));
    assert!(hub.publishes().is_empty());
}

#[test]
fn a_run_that_is_cancelled_while_it_reads_files_leaves_no_older_report() {
    let hub = StandInHub::start();
    let step =
        greeter("1.0.0").github().hub(&hub).input("dotenv", "some.env").input("code-quality", "quality.json");
    let first = step.run();
    assert_eq!((first.exit_code, first.statuses()), (0, vec!["published"]));
    let older = std::fs::read_to_string(step.path(".run/report.json")).expect("a report");
    let step = step.file("index.ts", slow_to_read());
    std::fs::write(step.path(".run/report.json"), older).expect("a report");
    let mut started = step.start();
    started.wait_for_line("::add-mask::");
    started.signal("TERM");
    let run = started.wait();
    assert_eq!((run.exit_code, run.codes()), (143, vec!["CANCELLED"]), "{}", run.stdout);
    assert_eq!((&run.report["status"], &run.report["exit_code"]), (&json!("failed"), &json!(143)));
    let dotenv = std::fs::read_to_string(step.path("some.env")).expect("a report");
    assert!(dotenv.contains("AEROSTACK_PUBLISHED=false\n"), "{dotenv}");
    let quality = std::fs::read_to_string(step.path("quality.json")).expect("a report");
    assert!(quality.contains("CANCELLED"), "{quality}");
}
