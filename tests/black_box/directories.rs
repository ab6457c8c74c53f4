//! The input `directory`: lines and globs, and the directories they mean.

use std::os::unix::fs::symlink;

use stand_in_hub::StandInHub;

use crate::judged::{on_line, published, refused, refused_at, refused_with};
use crate::support::{CODE, MANIFEST, Step};

fn manifest(name: &str) -> String {
    MANIFEST.replace("greeter", name)
}

/// With a function of this name in this directory.
fn holding(step: Step, directory: &str, name: &str) -> Step {
    step.function(directory, &manifest(name), CODE)
}

fn some() -> Step {
    let step = holding(Step::empty(), "functions/a", "alpha");
    let step = holding(step, "functions/b", "beta");
    holding(step, "more/deep/c", "gamma").file("functions/notes/README.md", "# no function\n")
}

/// Publishes exactly these functions, reported in this order by directory.
#[track_caller]
fn finds(step: Step, directories: &[&str]) {
    let hub = StandInHub::start();
    let run = step.hub(&hub).run();
    assert_eq!((run.exit_code, run.codes()), (0, vec![]), "{}", run.stdout);
    let found: Vec<_> =
        run.functions().iter().filter_map(|function| function["directory"].as_str()).collect();
    assert_eq!(found, directories);
    assert_eq!(hub.publishes().len(), directories.len());
}

#[test]
fn without_the_input_the_working_directory_is_the_function() {
    finds(Step::plain(), &["."]);
    finds(Step::plain().input("directory", ""), &["."]);
}

#[test]
fn each_line_is_a_directory() {
    finds(some().input("directory", "functions/b\nmore/deep/c"), &["functions/b", "more/deep/c"]);
    finds(
        some().input("directory", "\r\n  functions/a/  \r\n\n\t./more/deep/c\n"),
        &["functions/a", "more/deep/c"],
    );
}

#[test]
fn a_path_may_be_absolute() {
    let step = some();
    let absolute = step.path("functions/a").to_string_lossy().into_owned();
    finds(step.input("directory", &absolute), &["functions/a"]);
}

#[test]
fn a_glob_keeps_only_directories_with_a_manifest() {
    finds(some().input("directory", "functions/*"), &["functions/a", "functions/b"]);
    finds(some().input("directory", "functions/?\n"), &["functions/a", "functions/b"]);
    finds(some().input("directory", "functions/[!a]"), &["functions/b"]);
    finds(some().input("directory", "./functions/*/"), &["functions/a", "functions/b"]);
    finds(some().input("directory", "*/deep/*"), &["more/deep/c"]);
}

#[test]
fn two_stars_look_into_every_depth() {
    finds(some().input("directory", "**"), &["functions/a", "functions/b", "more/deep/c"]);
    finds(some().input("directory", "**/c"), &["more/deep/c"]);
    finds(some().input("directory", "functions/**"), &["functions/a", "functions/b"]);
    finds(some().input("directory", "functions/**/*"), &["functions/a", "functions/b"]);
    finds(holding(Step::plain(), "sub", "sub").input("directory", "**"), &[".", "sub"]);
}

#[test]
fn what_is_named_twice_is_listed_once() {
    let lines = "functions/a\nfunctions/a\n./functions/a/\nfunctions/*\nfunctions/../functions/b\n**/a";
    finds(some().input("directory", lines), &["functions/a", "functions/b"]);
    let step = some();
    symlink("functions/a", step.path("link")).expect("a link");
    finds(step.input("directory", "functions/a\nlink"), &["functions/a"]);
}

#[test]
fn packages_that_are_installed_are_not_searched() {
    let step = holding(some(), "functions/a/node_modules/x", "x");
    finds(step.input("directory", "**"), &["functions/a", "functions/b", "more/deep/c"]);
    refused(holding(Step::empty(), "node_modules/x", "x").input("directory", "*/*"), "NO_FUNCTION");
    finds(
        holding(Step::empty(), "node_modules/x", "x").input("directory", "node_modules/*"),
        &["node_modules/x"],
    );
}

#[test]
fn links_among_installed_packages_do_not_keep_the_search_busy() {
    let names: Vec<_> = (0..12).map(|at| format!("p{at}")).collect();
    let step =
        names.iter().fold(Step::empty(), |step, name| holding(step, &format!("packages/{name}"), name));
    for name in &names {
        let modules = step.path(&format!("packages/{name}/node_modules"));
        std::fs::create_dir(&modules).expect("a folder");
        for other in &names {
            symlink(format!("../../{other}"), modules.join(other)).expect("a link");
        }
        // Links of a repository's own can run in circles as well.
        symlink("../..", step.path(&format!("packages/{name}/root"))).expect("a link");
        symlink("..", step.path(&format!("packages/{name}/all"))).expect("a link");
    }
    let mut expected: Vec<_> = names.iter().map(|name| format!("packages/{name}")).collect();
    expected.sort();
    let expected: Vec<_> = expected.iter().map(String::as_str).collect();
    finds(step.input("directory", "**"), &expected);
}

#[test]
fn hidden_directories_are_found_only_by_name() {
    let step = || holding(some(), ".cache/x", "hidden");
    finds(step().input("directory", "**"), &["functions/a", "functions/b", "more/deep/c"]);
    finds(step().input("directory", ".cache/*"), &[".cache/x"]);
}

#[test]
fn a_glob_that_matches_nothing_is_refused() {
    for glob in
        ["nothing/*", "functions/x*", "*", "functions/notes*", "functions/[A]", "functions/*/aerostack.json"]
    {
        let step = some().input("directory", glob);
        let run = refused(step, "NO_FUNCTION");
        let message = run.finding("NO_FUNCTION")["message"].as_str().unwrap_or_default();
        assert!(message.contains(&format!("`{glob}`")), "{message}");
    }
}

#[test]
fn a_path_without_a_function_is_refused() {
    let run = refused(some().input("directory", "functions/z"), "NO_FUNCTION");
    assert!(run.stdout.contains("does not exist"), "{}", run.stdout);
    refused_at(
        some().input("directory", "functions"),
        "MANIFEST_MISSING",
        "functions/aerostack.json",
        [0; 4],
    );
    let run = refused(some().input("directory", "functions/a/aerostack.json"), "NO_FUNCTION");
    assert!(run.stdout.contains("name the directory that holds it"), "{}", run.stdout);
    refused(some().input("directory", "functions/a/index.ts"), "NO_FUNCTION");
    let step = some();
    symlink("nowhere", step.path("dangling")).expect("a link");
    refused(step.input("directory", "dangling"), "NO_FUNCTION");
}

#[test]
fn every_line_without_a_function_is_told_and_nothing_is_sent() {
    let hub = StandInHub::start();
    let run = some().input("directory", "functions/a\nx\ny/*\nfunctions/b").hub(&hub).run();
    assert_eq!((run.exit_code, run.codes()), (1, vec!["NO_FUNCTION", "NO_FUNCTION"]), "{}", run.stdout);
    assert!(hub.requests().is_empty());
}

#[test]
fn a_line_that_is_no_glob_is_refused_as_an_input() {
    refused_with(2, some().input("directory", "functions/[a"), "INVALID_INPUT");
    refused_with(2, some().input("directory", "functions/a**"), "INVALID_INPUT");
    refused_with(2, some().input("directory", "functions/***"), "INVALID_INPUT");
    refused_with(2, some().input("directory", " \n\t\n"), "INVALID_INPUT");
}

#[test]
fn two_directories_of_one_slug_are_refused_at_the_second_name() {
    let step = Step::on("duplicate-function").input("directory", "*");
    let run = refused_at(step, "DUPLICATE_FUNCTION", "b/aerostack.json", on_line(2, 11, 20));
    let message = run.finding("DUPLICATE_FUNCTION")["message"].as_str().unwrap_or_default();
    assert!(message.contains("`a`"), "{message}");
    let mended = Step::on("duplicate-function").edit("b/aerostack.json", "greeter", "other");
    finds(mended.input("directory", "*"), &["a", "b"]);
}

#[test]
fn places_are_relative_to_the_workspace_wherever_the_run_starts() {
    let broken = || some().edit("functions/a/aerostack.json", "utility", "medai");
    let place = on_line(5, 15, 22);
    let from = |directory: &str, input: &str| broken().within(directory).input("directory", input);
    for step in [
        from("functions/a", "."),
        from("functions", "a"),
        from("functions", "*"),
        from("functions/b", "../a"),
        from("functions/b", "../../functions/a"),
        from("more/deep", "../../functions/*"),
    ] {
        refused_at(step.github(), "INVALID_CATEGORY", "functions/a/aerostack.json", place);
    }
    let gitlab = from("functions", "a").gitlab();
    refused_at(gitlab, "INVALID_CATEGORY", "functions/a/aerostack.json", place);
    // Elsewhere the working directory is all that is known.
    refused_at(from("functions", "a"), "INVALID_CATEGORY", "a/aerostack.json", place);
}

#[test]
fn what_is_missing_has_its_place_in_the_workspace_too() {
    let step = some().within("functions/a").github().input("directory", "../notes");
    refused_at(step, "MANIFEST_MISSING", "functions/notes/aerostack.json", [0; 4]);
    let step = some().edit("functions/a/aerostack.json", "index.ts", "main.ts");
    let step = step.within("functions/b").github().input("directory", "../a");
    refused_at(step, "MISSING_ENTRYPOINT", "functions/a/aerostack.json", on_line(9, 17, 26));
    let hub = StandInHub::start();
    let run = some().within("functions/b").github().input("directory", "../a").hub(&hub).run();
    assert_eq!(run.finding("README_MISSING")["file"], "functions/a/README.md");
}

#[test]
fn an_empty_directory_and_no_arguments_give_one_finding() {
    let run = Step::empty().run();
    assert_eq!(run.exit_code, 1);
    let codes: Vec<_> = run.findings().iter().map(|finding| finding["code"].clone()).collect();
    assert_eq!(codes, ["MANIFEST_MISSING"], "{}", run.stdout);
    assert_eq!(run.stdout.matches("MANIFEST_MISSING").count(), 1, "{}", run.stdout);
    assert!(run.stderr.is_empty(), "{}", run.stderr);
}

#[test]
fn directories_may_have_odd_names() {
    for name in ["a b", "ü", "[x]", "it's", "a,b;c=d%", "-x", "$HOME", "#1", "a*b", "a?b", "😀"] {
        finds(holding(Step::empty(), name, "odd").input("directory", name), &[name]);
        finds(holding(Step::empty(), name, "odd").input("directory", "*"), &[name]);
    }
}

#[test]
fn a_line_break_in_a_directorys_name_starts_no_command() {
    let step = || holding(Step::empty(), "a\n::error::b", "odd").input("directory", "*");
    finds(step(), &["a\n::error::b"]);
    let step = step().edit("a\n::error::b/aerostack.json", "utility", "medai").github();
    let run = refused_at(step, "INVALID_CATEGORY", "a\n::error::b/aerostack.json", on_line(5, 15, 22));
    assert!(run.stdout.lines().all(|line| !line.trim_start().starts_with("::error::b")), "{}", run.stdout);
    let summary = run.summary;
    assert!(summary.lines().all(|line| !line.starts_with("::error::b")), "{summary}");
}

#[test]
fn a_workspace_may_have_an_odd_name() {
    for name in ["a b", "[x]", "a*b", "ü"] {
        let step = holding(Step::empty(), &format!("{name}/functions/a"), "alpha");
        let step = step.within(name).input("directory", "functions/*");
        published(step);
    }
}
