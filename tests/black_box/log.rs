//! The log: short when all is well, a line a function, colours where they are shown.

use stand_in_hub::StandInHub;

use crate::sinks::without_colours;
use crate::support::{CODE, MANIFEST, Step};

/// So many functions, `f-0` and on, in directories of their names.
fn many(number: usize) -> Step {
    let with = |step: Step, number: usize| {
        let name = format!("f-{number}");
        step.function(&name, &MANIFEST.replace("greeter", &name), CODE)
    };
    (0..number).fold(Step::empty(), with).input("directory", "*")
}

#[test]
fn one_function_is_told_in_a_few_lines() {
    let hub = StandInHub::start();
    let run = Step::plain().file("README.md", "# greeter\n").hub(&hub).run();
    let lines: Vec<_> = run.stdout.lines().collect();
    assert_eq!(lines[0], "✓ greeter 1.0.0 published (first release)");
    assert_eq!(lines[1], "  page    https://hub.aerostack.dev/functions/alice/greeter");
    assert!(lines[2].starts_with("  edit    https://app.aerostack.dev/functions/edit/"));
    assert!(lines[3].starts_with("  files   README.md (10 bytes, "));
    assert!(lines[4].starts_with("          index.ts ("));
    assert!(lines[5].starts_with("  digest  sha256:"));
    assert!(!run.stdout.contains("exit code") && run.stderr.is_empty());
    let again = Step::plain().file("README.md", "# greeter\n").hub(&hub).run();
    let lines: Vec<_> = again.stdout.lines().collect();
    assert_eq!(lines[0], "= greeter 1.0.0 unchanged: this version is published already");
    assert!(
        lines[1..].iter().all(|line| line.starts_with("  page ") || line.starts_with("  edit ")),
        "{lines:?}"
    );
}

#[test]
fn of_many_each_is_told_in_a_line_as_it_ends() {
    let hub = StandInHub::start();
    let run = many(30).hub(&hub).run();
    let lines: Vec<_> = run.stdout.lines().collect();
    assert_eq!(lines.len(), 31, "{}", run.stdout);
    for (number, line) in lines[..30].iter().enumerate() {
        assert!(line.starts_with(&format!("[{:>2}/30] ✓ f-", number + 1)), "{line}");
        assert!(line.ends_with(" 1.0.0 published (first release)"), "{line}");
    }
    assert_eq!(lines[30], "30 published");
}

#[test]
fn of_many_only_those_that_need_somebody_are_told_again() {
    let hub = StandInHub::start();
    let run = many(30).edit("f-7/aerostack.json", "MIT", "MTI").hub(&hub).run();
    let lines: Vec<_> = run.stdout.lines().collect();
    assert_eq!(lines[0], "✗ f-7 1.0.0 failed");
    assert_eq!(lines[1], "  error INVALID_LICENSE f-7/aerostack.json:8:14");
    assert!(lines.contains(&"1 failed, 29 skipped; exit code 1: fix the function"), "{lines:?}");
    assert!(lines.len() < 10, "{lines:?}");
    assert!(hub.publishes().is_empty());
}

#[test]
fn a_failure_says_who_must_act() {
    let hub = StandInHub::start();
    let run = Step::plain().hub(&hub).input("publish", "maybe").run();
    assert!(run.stdout.contains("\nexit code 2: fix the pipeline's configuration\n"), "{}", run.stdout);
    assert!(hub.publishes().is_empty());
}

#[test]
fn an_empty_directory_gives_one_finding() {
    let run = Step::empty().run();
    assert_eq!((run.exit_code, run.codes()), (1, vec!["MANIFEST_MISSING"]));
    assert!(run.stdout.lines().count() <= 6, "{}", run.stdout);
}

#[test]
fn colours_stand_where_the_log_shows_them() {
    let hub = StandInHub::start();
    let coloured = |step: Step| {
        let stdout = step.hub(&hub).run().stdout;
        stdout != without_colours(&stdout)
    };
    assert!(coloured(Step::plain().github()));
    assert!(coloured(Step::plain().gitlab()));
    assert!(!coloured(Step::plain()));
    assert!(coloured(Step::plain().env("FORCE_COLOR", "1")));
    assert!(!coloured(Step::plain().env("FORCE_COLOR", "0")));
    assert!(!coloured(Step::plain().github().env("NO_COLOR", "1")));
    assert!(coloured(Step::plain().github().env("NO_COLOR", "")));
    assert!(!coloured(Step::plain().gitlab().env("TERM", "dumb")));
}

#[test]
fn without_colours_the_words_are_the_same() {
    let hub = StandInHub::start();
    let stdout = |step: Step| step.edit("aerostack.json", "MIT", "MTI").hub(&hub).run().stdout;
    let plain = stdout(Step::plain());
    assert_eq!(without_colours(&stdout(Step::plain().env("FORCE_COLOR", "1"))), plain);
    assert!(!plain.contains('\u{1b}'));
    assert!(hub.publishes().is_empty());
}

#[test]
fn a_dry_run_shows_the_request_and_sends_nothing() {
    let hub = StandInHub::start();
    let run = Step::plain().hub(&hub).input("dry-run", "true").run();
    assert!(
        run.stdout.starts_with("○ greeter 1.0.0 dry run: nothing was sent (first release)\n"),
        "{}",
        run.stdout
    );
    let url = format!("  request POST {}/api/community/functions/ci/publish\n", hub.url());
    assert!(run.stdout.contains(&url), "{}", run.stdout);
    assert!(run.stdout.contains("            \"publish\": true"), "{}", run.stdout);
    assert!(hub.publishes().is_empty());
}

#[test]
fn dry_runs_of_many_show_every_request() {
    let hub = StandInHub::start();
    for step in [many(3), many(3).github(), many(3).gitlab()] {
        let run = step.hub(&hub).input("dry-run", "true").run();
        assert_eq!(run.stdout.matches("POST http").count(), 3, "{}", run.stdout);
    }
    assert!(hub.publishes().is_empty());
}
