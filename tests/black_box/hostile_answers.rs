//! Answers of the Hub, or of whoever answers in its place, that are written to exhaust the memory: none confirms anything, and
//! the run ends within its limit.

use stand_in_hub::{Fault, Route, StandInHub};

use crate::fixtures::{functions, greeter, hub_with, names};
use crate::memory::{MAX_MEMORY, MAX_MEMORY_OF_RUN, Used, measured};

/// 15 MiB: just small enough to be read.
const LARGE: usize = 15 << 20;

/// A list of one value repeated.
fn list_of(value: &str) -> String {
    let value = format!("{value},");
    format!("[{}null]", value.repeat(LARGE / value.len()))
}

/// What an answer can be made of.
fn answers() -> Vec<(&'static str, String)> {
    let versions = format!("{{\"versions\": {}}}", list_of("\"1.0.0\""));
    vec![
        ("numbers", list_of("0")),
        ("numbers, and more than is read", list_of("0").repeat(4)),
        ("empty lists", list_of("[]")),
        ("functions", format!("{{\"functions\": {}}}", list_of("{}"))),
        ("functions with names", list_of("{\"slug\": \"a\"}")),
        ("versions", versions),
        ("files", format!("{{\"files\": {}}}", list_of("{\"path\": \"a\", \"content\": \"b\"}"))),
        ("depth", "[".repeat(LARGE)),
        ("depth of objects", "{\"function\":".repeat(LARGE / 12)),
        ("a text", format!("{{\"version\": \"1.0.0\", \"code\": \"{}\"}}", "x".repeat(LARGE))),
        ("escapes", format!("{{\"error\": \"{}\"}}", "\\u0000".repeat(LARGE / 6))),
        ("no JSON", "<p>".repeat(LARGE / 3)),
    ]
}

#[track_caller]
fn ends_without_a_publish(route: Route, status: u16, name: &str, answer: &str) {
    let hub = hub_with(&["0.9.0"]);
    hub.fault_always(route, Fault::text(status, answer));
    let step = greeter("1.0.0").hub(&hub).input("timeout", "10");
    let Used { run, memory, .. } = measured(step.start());
    assert!(memory < MAX_MEMORY, "{route:?} {status} {name}: {memory} bytes");
    assert!(matches!(run.exit_code, 1 | 3 | 4), "{route:?} {status} {name}: {}", run.stdout);
    assert!(!run.statuses().contains(&"published"), "{route:?} {status} {name}: {}", run.stdout);
}

#[test]
fn no_answer_to_a_publish_takes_more_memory_than_a_run_may_use() {
    for (name, answer) in answers() {
        ends_without_a_publish(Route::Publish, 200, name, &answer);
    }
    for (name, answer) in
        answers().into_iter().filter(|(name, _)| matches!(*name, "numbers" | "escapes" | "no JSON"))
    {
        ends_without_a_publish(Route::Publish, 422, name, &answer);
    }
}

#[test]
fn no_answer_to_a_read_takes_more_memory_than_a_run_may_use() {
    for route in [Route::My, Route::ById] {
        for (name, answer) in answers() {
            let hub = hub_with(&["0.9.0"]);
            hub.fault_always(route, Fault::text(200, &answer));
            let step = greeter("1.0.0").hub(&hub).input("timeout", "10").input("dry-run", "true");
            let Used { run, memory, .. } = measured(step.start());
            assert!(memory < MAX_MEMORY, "{route:?} {name}: {memory} bytes");
            assert!(hub.publishes().is_empty(), "{route:?} {name}: {}", run.stdout);
        }
    }
}

#[test]
fn large_answers_about_many_functions_do_not_add_up() {
    let hub = StandInHub::start();
    let code = "x".repeat(LARGE);
    hub.fault_always(Route::My, Fault::status(404));
    hub.fault_always(
        Route::Public,
        Fault::text(200, &format!("{{\"version\": \"0.9.0\", \"code\": \"{code}\"}}")),
    );
    let step = functions(&names(30)).hub(&hub).input("username", "alice").input("dry-run", "true");
    let Used { run, memory, .. } = measured(step.start());
    assert_eq!(run.statuses(), ["dry-run"; 30], "{}", run.stdout);
    assert!(memory < MAX_MEMORY_OF_RUN, "{memory} bytes");
}
