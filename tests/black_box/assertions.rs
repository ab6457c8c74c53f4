//! Assertions on a whole run: refused and nothing sent, or published.

use stand_in_hub::{Recorded, StandInHub};

use crate::support::{Run, Step};

/// Line, column, end line and end column of something on one line.
pub const fn on_line(line: u64, column: u64, end_column: u64) -> [u64; 4] {
    [line, column, line, end_column]
}

/// Refused with this exit code and this finding alone, and the Hub was not asked.
#[track_caller]
pub fn refused_with(exit_code: i32, step: Step, code: &str) -> Run {
    let hub = StandInHub::start();
    let run = step.hub(&hub).run();
    assert_eq!((run.exit_code, run.codes()), (exit_code, vec![code]), "{}", run.stdout);
    assert_eq!(run.finding(code)["severity"], "error");
    assert!(hub.requests().is_empty(), "the Hub was asked");
    run
}

/// Refused because of an error in the function.
#[track_caller]
pub fn refused(step: Step, code: &str) -> Run {
    refused_with(1, step, code)
}

/// Refused because of an error in the function, at this location.
#[track_caller]
pub fn refused_at(step: Step, code: &str, file: &str, place: [u64; 4]) -> Run {
    let run = refused(step, code);
    assert_eq!((run.finding(code)["file"].as_str(), run.place(code)), (Some(file), place), "{}", run.stdout);
    run
}

/// Published without an error or a warning; with the request that was sent.
#[track_caller]
pub fn published(step: Step) -> (Run, Recorded) {
    published_with(step, &[])
}

/// Published with these warnings alone.
#[track_caller]
pub fn published_with(step: Step, warnings: &[&str]) -> (Run, Recorded) {
    let hub = StandInHub::start();
    let run = step.hub(&hub).run();
    assert_eq!((run.exit_code, run.codes()), (0, warnings.to_vec()), "{}", run.stdout);
    assert_eq!(run.statuses(), ["published"], "{}", run.stdout);
    let mut sent: Vec<_> = hub.requests().into_iter().filter(|request| request.method == "POST").collect();
    assert_eq!(sent.len(), 1);
    (run, sent.remove(0))
}
