//! The line of code at a finding, in the log, with carets under the place.

use crate::sinks::without_colors;
use crate::support::{MANIFEST, Step};

/// The lines of the log from the head of the first finding of a code up to its hint.
fn shown(step: Step, code: &str) -> Vec<String> {
    let run = step.input("dry-run", "true").run();
    let lines: Vec<_> = run.stdout.lines().collect();
    let head = |line: &&&str| without_colors(line).trim_start().split(' ').nth(1) == Some(code);
    let start = lines.iter().position(|line| head(&line)).unwrap_or_else(|| panic!("{}", run.stdout));
    let end = lines[start..].iter().position(|line| without_colors(line).trim_start().starts_with('└'));
    lines[start..=start + end.expect("a hint")].iter().map(|line| (*line).to_owned()).collect()
}

fn step(code: &str) -> Step {
    Step::empty().function(".", MANIFEST, code)
}

#[test]
fn a_finding_in_code_shows_its_line_with_carets_under_the_place() {
    let code = "export const a = 1;\n\nexport const set = () => { a = 2 };\n";
    assert_eq!(
        shown(step(code), "SYNTAX_ERROR"),
        [
            "  error SYNTAX_ERROR index.ts:3:28",
            "  3 │ export const set = () => { a = 2 };",
            "    │                            ^ `a` is a constant, and can't be assigned to",
            "    └ fix the syntax error: the module cannot be loaded",
        ]
    );
}

#[test]
fn a_finding_in_the_manifest_shows_its_line_too() {
    let step = Step::plain().edit("aerostack.json", "MIT", "MTI");
    let lines = shown(step, "INVALID_LICENSE");
    assert_eq!(lines[1], "  8 │   \"license\": \"MTI\",");
    assert!(lines[2].starts_with("    │              ^^^^^ "), "{lines:?}");
    let broken = Step::empty().function(".", "{\n  \"name\": \"a\",,\n}\n", "export const a = 1;\n");
    let lines = shown(broken, "MANIFEST_INVALID_JSON");
    assert_eq!(lines[1], "  2 │   \"name\": \"a\",,");
}

#[test]
fn line_numbers_of_several_digits_widen_the_margin() {
    let code = format!("{}import './none';\nexport const a = 1;\n", "\n".repeat(119));
    let lines = shown(step(&code), "MISSING_FILE");
    assert_eq!(lines[0], "  error MISSING_FILE index.ts:120:8");
    assert_eq!(lines[1], "  120 │ import './none';");
    assert!(lines[2].starts_with("      │        ^^^^^^^^ `./none` "), "{lines:?}");
    assert!(lines[3].starts_with("      └ "), "{lines:?}");
}

#[test]
fn carets_stay_under_the_place_after_tabs_wide_and_invisible_characters() {
    for (before, shown_before) in [
        ("\t\t", "        "),
        ("/* 日本 */ ", "/* 日本 */ "),
        ("/* e\u{301} */ ", "/* e\u{301} */ "),
        ("/* \u{202e}\u{200b}x */ ", "/* x */ "),
        ("/* \u{1b}[31m */ ", "/* [31m */ "),
    ] {
        let code = format!("{before}import './none';\nexport const a = 1;\n");
        let lines = shown(step(&code), "MISSING_FILE");
        assert_eq!(lines[1], format!("  1 │ {shown_before}import './none';"), "{before:?}");
        let wide = shown_before.chars().filter(|c| matches!(c, '日' | '本')).count();
        let columns = shown_before.chars().filter(|c| *c != '\u{301}').count() + wide + "import ".len();
        assert!(lines[2].starts_with(&format!("    │ {}^^^^^^^^ ", " ".repeat(columns))), "{lines:?}");
    }
}

#[test]
fn a_long_line_is_cut_around_the_place() {
    let code =
        format!("/* {} */ import './none'; /* {} */ export const a = 1;\n", "x".repeat(500), "y".repeat(500));
    let lines = shown(step(&code), "MISSING_FILE");
    assert!(lines[1].starts_with("  1 │ …xxx") && lines[1].ends_with("yyy…"), "{lines:?}");
    assert!(lines[1].contains(" */ import './none'; /* ") && lines[1].chars().count() < 120, "{lines:?}");
    let (under, _) = lines[2].split_once('^').expect("carets");
    assert_eq!(
        under.chars().count(),
        lines[1].find("'./none'").map(|at| lines[1][..at].chars().count()).unwrap()
    );
}

#[test]
fn code_is_no_command_of_any_ci() {
    for text in ["##[error]pwned", "##vso[task.complete]", "##teamcity[x]", "section_start:1:a"] {
        let code = format!("/* {text} */ import './none';\nexport const a = 1;\n");
        let lines = shown(step(&code), "MISSING_FILE");
        assert!(!lines.concat().contains(text), "{lines:?}");
    }
    let lines = shown(step("::error::pwned\n"), "SYNTAX_ERROR");
    assert!(lines.iter().all(|line| !line.trim_start().starts_with("::")), "{lines:?}");
}

#[test]
fn the_line_of_a_secret_is_never_shown() {
    let secret = "postgres://app:Xk3vQ9zLw2Rt@db.acme.io/main";
    let code = format!("import './none'; export const url = '{secret}';\nimport './other';\n");
    for code in [code.clone(), code.replace(secret, "postgres://app:Xk3vQ9zLw2Rt' + '@db.acme.io/main")] {
        let run = step(&code).input("dry-run", "true").run();
        assert!(run.codes().contains(&"SECRET_FOUND"), "{}", run.stdout);
        assert!(!run.stdout.contains("1 │") && !run.stdout.contains("Xk3v"), "{}", run.stdout);
        assert!(run.stdout.contains("  2 │ import './other';"), "{}", run.stdout);
    }
    let key = stand_in_hub::DEFAULT_KEY;
    let hub = stand_in_hub::StandInHub::start();
    let run = step(&format!("import './none'; export const key = '{key}';\n")).hub(&hub).run();
    assert!(run.codes().contains(&"SECRET_FOUND") && hub.requests().is_empty(), "{}", run.stdout);
    assert!(!run.stdout.contains("1 │") && !run.stdout.contains(key), "{}", run.stdout);
}

#[test]
fn a_line_with_a_part_of_the_key_is_not_shown() {
    let key = stand_in_hub::DEFAULT_KEY;
    for part in [&key[..14], &key[8..]] {
        let code = format!("import './none'; // {part}\nimport './other';\n");
        let hub = stand_in_hub::StandInHub::start();
        let run = step(&code).hub(&hub).run();
        assert!(run.codes().contains(&"MISSING_FILE"), "{}", run.stdout);
        assert!(!run.stdout.contains("1 │") && !run.stdout.contains(part), "{}", run.stdout);
        assert!(run.stdout.contains("  2 │ import './other';"), "{}", run.stdout);
    }
}

#[test]
fn a_file_that_was_not_searched_for_secrets_is_not_shown() {
    let run = Step::plain().file("README.md", b"password hunter2 \xff\n").input("dry-run", "true").run();
    assert!(run.codes().contains(&"NOT_UTF8") && !run.stdout.contains("hunter2"), "{}", run.stdout);
    let text = format!("{}\n", "../".repeat(3) + "secrets/hunter2");
    let run = Step::plain().file("README.md", text.trim_end()).input("dry-run", "true").run();
    assert!(run.codes().contains(&"CHECKED_OUT_LINK"), "{}", run.stdout);
    assert!(!run.stdout.contains("1 │"), "{}", run.stdout);
}

#[test]
fn the_carets_have_the_color_of_the_severity() {
    let colored = |code: &str, name: &str| shown(step(code).env("FORCE_COLOR", "1"), name)[2].clone();
    let error = colored("import './none';\nexport const a = 1;\n", "MISSING_FILE");
    assert!(error.contains("\u{1b}[31m^^^^^^^^\u{1b}[0m "), "{error:?}");
    let warning = colored("import 'npm:zod';\nexport const a = 1;\n", "UNSUPPORTED_IMPORT");
    assert!(warning.contains("\u{1b}[33m^^^^^^^^^\u{1b}[0m "), "{warning:?}");
}
