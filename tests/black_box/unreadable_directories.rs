//! Directories that can't be read, and links out of the workspace: named under globs too, and nothing is sent.

use std::os::unix::fs::symlink;

use crate::assertions::{published, refused};
use crate::fixtures::{manifest, side_by_side};
use crate::support::{CODE, Step, text};

/// Two functions, and a directory that is none, for a run that can't read everything.
fn functions() -> Step {
    Step::empty()
        .function("functions/a", &manifest("alpha", "1.0.0"), CODE)
        .function("functions/b", &manifest("beta", "1.0.0"), CODE)
        .file("more/notes/README.md", "# notes\n")
        .unprivileged()
}

/// Refused, with this start of the message and no file; a directory that can't be read may hide any number of functions.
#[track_caller]
fn refused_because(step: Step, message: &str) {
    let run = refused(step, "NO_FUNCTION");
    let finding = run.finding("NO_FUNCTION");
    assert!(text(&finding["message"]).starts_with(message), "{message}: {finding}");
    assert!(finding["file"].is_null(), "{finding}");
}

#[test]
fn a_directory_that_can_not_be_read_is_named() {
    side_by_side(
        [
            ("functions/b", 0o000, "functions/*"),
            ("functions/b", 0o700, "functions/*"),
            ("functions/b", 0o700, "functions/b"),
            ("functions/b", 0o700, "functions/a\nfunctions/b"),
            ("functions/b", 0o700, "**"),
            ("functions/b", 0o700, "functions/**"),
            ("functions/b", 0o700, "*/b"),
            ("functions/b", 0o700, "./functions/[b]"),
            // Its names can be listed, and nothing else.
            ("functions/b", 0o744, "functions/*"),
            ("functions/b", 0o744, "functions/b"),
            // Files can be read by their names: a README would not be seen.
            ("functions/b", 0o711, "functions/*"),
            ("functions/b", 0o711, "functions/b"),
            ("functions", 0o700, "functions/*"),
            ("functions", 0o700, "functions/b"),
            ("functions", 0o711, "functions/*"),
            ("functions", 0o711, "**"),
            ("more/notes", 0o700, "**"),
            ("more/notes", 0o700, "functions/a\n*/notes"),
        ],
        |(path, mode, line)| {
            let step = functions().mode(path, mode).input("directory", line);
            let shown = if line == "functions/b" { line } else { path };
            refused_because(step, &format!("directory `{shown}` can't be read (Permission denied"));
        },
    );
}

#[test]
fn every_directory_that_can_not_be_read_is_named() {
    let step =
        functions().mode("functions/a", 0o700).mode("functions/b", 0o700).input("directory", "functions/*");
    let run = step.run();
    assert_eq!((run.exit_code, run.codes()), (1, vec!["NO_FUNCTION", "NO_FUNCTION"]), "{}", run.stdout);
    let hint = "make it readable for the user that runs this job, or write a `directory` that leaves it out";
    assert!(run.findings().iter().all(|finding| finding["hint"] == hint), "{}", run.stdout);
}

#[test]
fn what_a_glob_leaves_out_needs_not_be_readable() {
    for (path, line) in [
        ("functions/b", "functions/a*"),
        ("more/notes", "functions/a"),
        (".cache", "**"),
        ("functions/node_modules", "functions/**"),
        ("functions/node_modules", "functions/*"),
        ("more", "functions/*"),
    ] {
        let step = Step::empty()
            .function("functions/a", &manifest("alpha", "1.0.0"), CODE)
            .file("functions/b/x", "")
            .file("functions/node_modules/x/aerostack.json", "")
            .file(".cache/x/aerostack.json", "")
            .file("more/notes/x", "")
            .unprivileged();
        published(step.mode(path, 0o700).input("directory", line));
    }
}

#[test]
fn a_file_that_can_not_be_read_is_named_by_its_function() {
    for (path, code, file) in [
        ("functions/b/aerostack.json", "MANIFEST_MISSING", "functions/b/aerostack.json"),
        ("functions/b/index.ts", "MISSING_ENTRYPOINT", "functions/b/aerostack.json"),
        ("functions/b/README.md", "MISSING_FILE", "functions/b/README.md"),
    ] {
        let step = Step::empty()
            .function("functions/b", &manifest("beta", "1.0.0"), CODE)
            .file("functions/b/README.md", "# beta\n")
            .unprivileged();
        let run = refused(step.mode(path, 0o600).input("directory", "functions/*"), code);
        let finding = run.finding(code);
        assert_eq!(finding["file"], file, "{finding}");
        assert!(text(&finding["message"]).contains("can't be read (Permission denied"), "{finding}");
    }
}

#[test]
fn a_link_that_leads_nowhere_is_named_under_a_glob() {
    let step = functions().input("directory", "functions/*");
    symlink("../moved/c", step.path("functions/c")).expect("a link");
    refused_because(
        step,
        "directory `functions/c` can't be read (it is a link to a path that does not exist)",
    );
}

#[test]
fn a_link_out_of_the_workspace_is_refused_and_one_inside_is_followed() {
    let repository = || {
        let step = Step::empty()
            .function("outside/b", &manifest("beta", "1.0.0"), CODE)
            .function("repository/functions/a", &manifest("alpha", "1.0.0"), CODE)
            .within("repository");
        symlink("../../outside/b", step.path("repository/functions/link")).expect("a link");
        symlink("../outside", step.path("repository/parent")).expect("a link");
        symlink("functions", step.path("repository/inside")).expect("a link");
        let workspace = step.path("repository");
        (step, workspace)
    };
    for (line, shown) in [
        ("functions/link", "functions/link"),
        ("functions/*", "functions/link"),
        ("parent/b", "parent/b"),
        ("parent/*", "parent/b"),
        ("*/b", "parent/b"),
        ("inside/link", "inside/link"),
    ] {
        for variable in ["", "GITHUB_WORKSPACE", "CI_PROJECT_DIR"] {
            let (step, workspace) = repository();
            let step = match variable {
                "GITHUB_WORKSPACE" => step.github().env(variable, workspace),
                "CI_PROJECT_DIR" => step.gitlab().env(variable, workspace),
                _ => step,
            };
            let message =
                format!("directory `{shown}` is outside the workspace: a symbolic link leads there");
            refused_because(step.input("directory", line), &message);
        }
    }
    for line in ["functions/a", "inside/a", "inside/a\nfunctions/a", "../outside/b", "**"] {
        published(repository().0.input("directory", line));
    }
    // The workspace can be more than the working directory.
    let (step, _) = repository();
    let root = step.path("");
    published(step.github().env("GITHUB_WORKSPACE", root).input("directory", "functions/link"));
}
