//! The log: short if all is well, one line per function, colors where they are shown.
//!
//! Whole logs, as people see them, are in `snapshots`.

use stand_in_hub::StandInHub;

use crate::fixtures::{functions, names};
use crate::sinks::without_colors;
use crate::support::Step;

#[test]
fn each_of_many_functions_is_one_line_as_it_ends() {
    let hub = StandInHub::start();
    let run = functions(&names(30)).hub(&hub).run();
    let lines: Vec<_> = run.stdout.lines().filter(|line| !line.starts_with("sending ")).collect();
    // After them, the two notices that they have in common, and the count.
    assert_eq!(lines.len(), 30 + 2 * 3 + 1, "{}", run.stdout);
    for (number, line) in lines[..30].iter().enumerate() {
        assert!(line.starts_with(&format!("[{:>2}/30] ✓ greeter-", number + 1)), "{line}");
        assert!(line.ends_with(" 1.0.0 published (first release)"), "{line}");
    }
    assert_eq!(lines[36], "30 published");
}

#[test]
fn of_many_functions_only_those_with_a_finding_are_shown_in_full() {
    let hub = StandInHub::start();
    let run = functions(&names(30)).edit("functions/greeter-07/aerostack.json", "MIT", "MTI").hub(&hub).run();
    let lines: Vec<_> = run.stdout.lines().collect();
    assert_eq!(lines[0], "✗ greeter-07 1.0.0 failed");
    assert_eq!(lines[1], "  error INVALID_LICENSE functions/greeter-07/aerostack.json:8:14");
    assert!(lines.contains(&"1 failed, 29 skipped; exit code 1: fix the function"), "{lines:?}");
    assert!(lines.len() < 13, "{lines:?}");
    assert!(hub.publishes().is_empty());
}

#[test]
fn an_empty_directory_is_one_finding() {
    let hub = StandInHub::start();
    let run = Step::empty().hub(&hub).run();
    assert_eq!((run.exit_code, run.codes()), (1, vec!["MANIFEST_MISSING"]));
    assert!(run.stdout.lines().count() <= 6, "{}", run.stdout);
    assert!(hub.requests().is_empty());
}

#[test]
fn without_colors_the_words_are_the_same() {
    let hub = StandInHub::start();
    let stdout = |step: Step| step.edit("aerostack.json", "MIT", "MTI").hub(&hub).run().stdout;
    let (plain, colored) = (stdout(Step::plain()), stdout(Step::plain().env("FORCE_COLOR", "1")));
    assert!(!plain.contains('\u{1b}'));
    assert_ne!(colored, plain);
    assert_eq!(without_colors(&colored), plain);
    assert!(hub.publishes().is_empty());
}

#[test]
fn a_dry_run_of_several_functions_shows_every_request_and_sends_nothing() {
    let hub = StandInHub::start();
    let functions = || functions(&names(3));
    for step in [functions(), functions().github(), functions().gitlab()] {
        let run = step.hub(&hub).input("dry-run", "true").run();
        assert_eq!(run.stdout.matches("POST http").count(), 3, "{}", run.stdout);
    }
    assert!(hub.publishes().is_empty());
}
