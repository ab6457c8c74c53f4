//! Links and permissions that keep a run from a file or a directory: what counts as such a link, and hints that fit.

use std::os::unix::fs::symlink;

use crate::assertions::{published, refused, refused_at, refused_with};
use crate::fixtures::{manifest, side_by_side, words};
use crate::support::{CODE, Run, Step, text};

/// The function `alpha` in the directory `functions/alpha`.
fn alpha() -> Step {
    Step::empty().function("functions/alpha", &manifest("alpha", "1.0.0"), CODE)
}

/// No finding shows the number of an error of the operating system.
#[track_caller]
fn shows_no_number(run: &Run) {
    assert!(
        !run.stdout.contains("os error") && !run.report.to_string().contains("os error"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_text_that_names_a_directory_with_a_line_break_is_not_a_link() {
    side_by_side(
        [
            ("functions/ENABLED", "alpha\n"),
            ("functions/ENABLED", "alpha\r\n"),
            ("functions/ENABLED", "./alpha\n"),
            ("functions/ENABLED", "."),
            ("functions/ENABLED", ".."),
            // What is inside a function is not a link to one.
            ("functions/alpha/src/CURRENT", "../src"),
        ],
        |(path, content)| {
            for line in ["functions/*", "functions/**", "**", "functions/[a-zA-Z]*"] {
                published(alpha().file(path, content).input("directory", line));
            }
        },
    );
}

#[test]
fn a_link_to_a_directory_that_was_checked_out_as_text_is_refused_under_every_glob() {
    for line in ["functions/*", "functions/**", "**", "functions/l*", "functions/link", "functions/link/*"] {
        for target in ["alpha", "./alpha", "../functions/alpha"] {
            let step = alpha().file("functions/link", target).input("directory", line);
            let run = refused_at(step, "CHECKED_OUT_LINK", "functions/link", [0; 4]);
            let hint = "check out links as links (`git config core.symlinks true`), or replace it with the directory that it leads to";
            assert_eq!(run.finding("CHECKED_OUT_LINK")["hint"], hint, "{line}");
        }
    }
}

#[test]
fn an_absolute_path_as_the_whole_text_is_a_link_also_where_it_leads_nowhere() {
    side_by_side(
        [
            ("README.md", "/home/ci/repo/README.md"),
            ("README.md", "/home/ci/repo/README.md\n"),
            ("README.md", "C:\\repo\\README.md"),
            ("README.md", "D:/my repo/README.md"),
            ("index.ts", "/home/ci/repo/shared/index.ts"),
            ("aerostack.json", "C:\\repo\\aerostack.json"),
        ],
        |(path, target)| {
            let path = format!("functions/alpha/{path}");
            let step = alpha().file(&path, target).input("directory", "functions/alpha");
            let run = refused_at(step, "CHECKED_OUT_LINK", &path, [0; 4]);
            assert!(words(&run, "CHECKED_OUT_LINK").contains("replace it with the file itself"));
        },
    );
    for readme in ["/api/greet", "//greet.md", "C: and C++ in README.md"] {
        published(alpha().file("functions/alpha/README.md", readme).input("directory", "functions/alpha"));
    }
}

#[test]
fn no_link_leads_out_of_a_working_directory_that_is_not_in_the_workspace() {
    let step = |line: &str, target: &str| {
        let step = Step::empty()
            .function("outside/b", &manifest("beta", "1.0.0"), CODE)
            .function("work/functions/alpha", &manifest("alpha", "1.0.0"), CODE)
            .file("elsewhere/x", "")
            .within("work");
        symlink(target, step.path("work/functions/x")).expect("a link");
        let elsewhere = step.path("elsewhere");
        step.github().env("GITHUB_WORKSPACE", elsewhere).input("directory", line)
    };
    for line in ["functions/x", "functions/*", "functions/../functions/x"] {
        let run = refused(step(line, "../../outside/b"), "NO_FUNCTION");
        let message = text(&run.finding("NO_FUNCTION")["message"]);
        assert!(message.ends_with("x` is outside the workspace: a symbolic link leads there"), "{message}");
    }
    for line in ["functions/x", "functions/*", "../outside/b"] {
        published(step(line, "alpha"));
    }
    let step = step("", "alpha");
    let absolute = step.path("outside/b").to_string_lossy().into_owned();
    published(step.input("directory", &absolute));
}

#[test]
fn no_report_is_written_through_a_link_in_a_working_directory_that_is_not_in_the_workspace() {
    let step = Step::empty()
        .function("work", &manifest("alpha", "1.0.0"), CODE)
        .file("elsewhere/x", "")
        .within("work")
        .input("dotenv", "reports/out.env");
    symlink("../elsewhere", step.path("work/reports")).expect("a link");
    let elsewhere = step.path("elsewhere");
    let step = step.github().env("GITHUB_WORKSPACE", elsewhere);
    let run = refused_with(2, step, "INVALID_INPUT");
    assert!(words(&run, "INVALID_INPUT").contains("is behind a symbolic link"), "{}", run.stdout);
}

#[test]
fn a_file_that_can_not_be_read_should_be_made_readable() {
    let readable = "make it readable for the user that runs this job";
    let importing = "export * from './lib/util';\nexport const a = 1;\n";
    side_by_side(
        [
            ("aerostack.json", 0o600, CODE, "MANIFEST_MISSING"),
            ("index.ts", 0o600, CODE, "MISSING_ENTRYPOINT"),
            ("README.md", 0o600, CODE, "MISSING_FILE"),
            ("lib/util.ts", 0o600, importing, "MISSING_FILE"),
            ("lib", 0o700, importing, "MISSING_FILE"),
        ],
        |(path, mode, code, finding)| {
            let step = Step::empty()
                .function("f", &manifest("alpha", "1.0.0"), code)
                .file("f/README.md", "# alpha\n")
                .file("f/lib/util.ts", CODE)
                .unprivileged();
            let run = refused(step.mode(&format!("f/{path}"), mode).input("directory", "f"), finding);
            assert_eq!(run.finding(finding)["hint"], readable, "{path}: {}", run.stdout);
            assert!(words(&run, finding).contains("can't be read (Permission denied)"), "{}", run.stdout);
            shows_no_number(&run);
        },
    );
}

#[test]
fn a_link_that_leads_nowhere_is_not_a_missing_file() {
    let importing = "export * from './util';\nexport const a = 1;\n";
    side_by_side(
        [
            ("aerostack.json", "nowhere.json", CODE, "MANIFEST_MISSING"),
            ("aerostack.json", "aerostack.json", CODE, "MANIFEST_MISSING"),
            ("index.ts", "../nowhere.ts", CODE, "MISSING_ENTRYPOINT"),
            ("README.md", "../../README.md", CODE, "MISSING_FILE"),
            ("util.ts", "../util.ts", importing, "MISSING_FILE"),
        ],
        |(path, target, code, finding)| {
            for line in ["functions/alpha", "functions/*"] {
                let step = alpha().file("functions/alpha/index.ts", code);
                let link = step.path(&format!("functions/alpha/{path}"));
                if link.exists() {
                    std::fs::remove_file(&link).expect("a file");
                }
                symlink(target, &link).expect("a link");
                let run = refused(step.input("directory", line), finding);
                let expected = format!(
                    "`{path}` is a symbolic link that leads nowhere | correct the link, or replace it with the file itself"
                );
                assert_eq!(words(&run, finding), expected, "{line}");
                shows_no_number(&run);
            }
        },
    );
}

#[test]
fn a_directory_that_can_not_be_looked_up_has_a_hint_that_fits() {
    let step = alpha().input("directory", "functions/loop");
    symlink("loop", step.path("functions/loop")).expect("a link");
    let run = refused(step, "NO_FUNCTION");
    let circle = "directory `functions/loop` can't be read (Too many levels of symbolic links) | correct or remove the link";
    assert_eq!(words(&run, "NO_FUNCTION"), circle);
    let run = refused(alpha().input("directory", &"x".repeat(300)), "NO_FUNCTION");
    assert!(words(&run, "NO_FUNCTION").contains("(File name too long) | correct the path"), "{}", run.stdout);
    shows_no_number(&run);
}

#[test]
fn a_report_that_can_not_be_written_is_explained_without_numbers_and_on_one_line() {
    for input in ["report", "dotenv", "code-quality"] {
        let step = alpha().input("directory", "functions/alpha").file("plain", "");
        let path = format!("plain/x\n{input}");
        let step = step.input(input, &path);
        let hub = stand_in_hub::StandInHub::start();
        let run = if input == "report" { step.hub(&hub).run_without_report() } else { step.hub(&hub).run() };
        assert_eq!(run.exit_code, 2, "{}", run.stdout);
        assert!(hub.requests().is_empty());
        assert!(run.stdout.contains(&format!("`plain/x ⏎ {input}` can't be written (")), "{}", run.stdout);
        shows_no_number(&run);
    }
}

#[test]
fn a_value_of_an_input_is_shown_on_one_line() {
    let step = alpha().input("directory", "functions/alpha").input("strategy", "\nall\nupgrade");
    let run = refused_with(2, step, "INVALID_INPUT");
    let message = text(&run.finding("INVALID_INPUT")["message"]);
    assert!(message.contains(" is ` ⏎ all ⏎ upgrade`: "), "{message}");
}
