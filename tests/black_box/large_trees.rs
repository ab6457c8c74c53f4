//! Globs over trees that are deep, wide, or lead in circles: looked through once, or refused.

use std::os::unix::fs::symlink;

use stand_in_hub::StandInHub;

use crate::assertions::refused_with;
use crate::support::{CODE, MANIFEST, Step};

/// Publishes the only function that there is.
#[track_caller]
fn publishes_one(step: &Step, hub: &StandInHub, line: &str) {
    let run = step.run();
    assert_eq!((run.exit_code, run.statuses().len()), (0, 1), "{line}: {}", run.stdout);
    assert_eq!(hub.published("alice", "greeter"), ["1.0.0"], "{line}");
}

#[test]
fn every_glob_looks_through_a_deep_tree_once() {
    // 300 directories deep, `**/**/**/**` would mean 300⁴ ways.
    let hub = StandInHub::start();
    let mut step = Step::empty().function("x/y/f", MANIFEST, CODE).hub(&hub);
    std::fs::create_dir_all(step.path(&"a/".repeat(300))).expect("folders");
    for line in ["**/**/**/**", "**/*/**/*/**/*/**", &"**/".repeat(1_000), "**/x/**/y/**/f"] {
        step = step.input("directory", line);
        publishes_one(&step, &hub, line);
    }
}

#[test]
fn many_globs_and_long_names_take_no_longer() {
    let hub = StandInHub::start();
    let mut step = Step::empty().function("f", MANIFEST, CODE).hub(&hub);
    for at in 0..100 {
        std::fs::create_dir(step.path(&format!("{}{at:03}", "a".repeat(250)))).expect("a folder");
    }
    let stars = "*a".repeat(1_000) + "b";
    for line in [&format!("{stars}\nf"), &"f\n*\n**\n".repeat(200), &("{a,b}".repeat(800) + "\nf")] {
        step = step.input("directory", line);
        let run = step.run();
        let is_one = (run.exit_code, run.statuses().len()) == (0, 1);
        assert!(is_one || run.codes() == ["NO_FUNCTION"], "{line}: {}", run.stdout);
    }
}

#[test]
fn globs_that_lead_in_circles_without_end_are_refused() {
    let step = Step::empty().function("f", MANIFEST, CODE);
    for link in ["a", "b", "c", "d"] {
        symlink(".", step.path(link)).expect("a link");
    }
    // What a glob does not match is compared with it too.
    let step = (0..400).fold(step, |step, at| step.file(&format!(".hidden{at}"), ""));
    let run = refused_with(2, step.input("directory", &"*/".repeat(20)), "INVALID_INPUT");
    let finding = run.finding("INVALID_INPUT");
    assert_eq!(
        finding["message"],
        "input `directory`: its globs have to be compared with more than 1000000 names"
    );
    let hint = finding["hint"].as_str().expect("a hint");
    assert!(hint.starts_with("write globs that start with the directory of the functions"), "{hint}");
}

#[test]
fn a_directory_whose_path_is_too_long_is_reported() {
    let step = Step::empty().function("f", MANIFEST, CODE);
    let name = "b".repeat(200);
    let mut directory = std::fs::File::open(step.path("")).map(std::os::fd::OwnedFd::from).expect("a folder");
    for _ in 0..30 {
        use rustix::fs::{Mode, OFlags, mkdirat, openat};
        mkdirat(&directory, &name, Mode::RWXU).expect("a folder");
        directory = openat(&directory, &name, OFlags::DIRECTORY, Mode::empty()).expect("a folder");
    }
    let run = refused_with(1, step.input("directory", "**"), "NO_FUNCTION");
    let message = run.finding("NO_FUNCTION")["message"].as_str().expect("a message").to_owned();
    assert!(message.ends_with("can't be read (File name too long)"), "{message}");
}

#[test]
fn a_line_that_is_longer_than_any_path_is_refused() {
    for line in ["a".repeat(4_097), "*/".repeat(2_049), "functions/a,".repeat(400)] {
        let step = Step::plain().input("directory", &line);
        let run = refused_with(2, step, "INVALID_INPUT");
        let finding = run.finding("INVALID_INPUT");
        let message = finding["message"].as_str().expect("a message");
        assert!(message.ends_with("…` is longer than 4096 bytes"), "{message}");
        assert_eq!(finding["hint"], "write one path or glob per line");
    }
}

#[test]
fn lines_that_name_nothing_are_reported_up_to_a_limit() {
    let lines: Vec<_> = (0..5_000).map(|at| format!("missing{at}")).collect();
    let hub = StandInHub::start();
    let run = Step::plain().input("directory", &lines.join("\n")).hub(&hub).run();
    assert_eq!((run.exit_code, run.findings().len()), (1, 100), "{}", run.stdout);
    assert!(hub.requests().is_empty());
}
