//! The input `directory`, and paths in reports. What each line and glob matches are unit tables beside the code.

use stand_in_hub::StandInHub;

use crate::assertions::{on_line, published, refused, refused_at, refused_with};
use crate::support::{CODE, MANIFEST, Step};

fn manifest(name: &str) -> String {
    MANIFEST.replace("greeter", name)
}

/// With a function of this name in this directory.
fn with_function(step: Step, directory: &str, name: &str) -> Step {
    step.function(directory, &manifest(name), CODE)
}

fn some() -> Step {
    let step = with_function(Step::empty(), "functions/a", "alpha");
    let step = with_function(step, "functions/b", "beta");
    with_function(step, "more/deep/c", "gamma").file("functions/notes/README.md", "# not a function\n")
}

/// Publishes exactly the functions of these directories, reported in this order.
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
fn each_line_is_a_directory_or_a_glob() {
    let lines = "\r\n  functions/b/  \r\n\n\t./more/*/c\nfunctions/*\n";
    finds(some().input("directory", lines), &["functions/b", "more/deep/c", "functions/a"]);
}

#[test]
fn a_caret_excludes_as_in_a_shell() {
    for line in ["functions/[^a]", "functions/[!a]", "f[^x]*/[^ac]"] {
        finds(some().input("directory", line), &["functions/b"]);
    }
}

#[test]
fn a_path_may_be_absolute() {
    let step = some();
    let absolute = step.path("functions/a").to_string_lossy().into_owned();
    finds(step.input("directory", &absolute), &["functions/a"]);
}

#[test]
fn a_line_without_a_function_is_refused() {
    let run = refused(some().input("directory", "functions/notes*"), "NO_FUNCTION");
    let message = "the glob `functions/notes*` matches no directory with an aerostack.json";
    assert_eq!(run.finding("NO_FUNCTION")["message"], message);
    let run = refused(some().input("directory", "functions/a/aerostack.json"), "NO_FUNCTION");
    assert_eq!(run.finding("NO_FUNCTION")["hint"], "write the directory that contains it: `functions/a`");
    let run = refused(some().input("directory", "functions"), "MANIFEST_MISSING");
    assert!(run.finding("MANIFEST_MISSING")["file"].is_null(), "{}", run.stdout);
}

#[test]
fn every_line_without_a_function_is_reported_and_nothing_is_sent() {
    let hub = StandInHub::start();
    let run = some().input("directory", "functions/a\nx\ny/*\nfunctions/b").hub(&hub).run();
    assert_eq!((run.exit_code, run.codes()), (1, vec!["NO_FUNCTION", "NO_FUNCTION"]), "{}", run.stdout);
    assert!(hub.requests().is_empty());
}

#[test]
fn an_invalid_glob_and_lines_of_white_space_are_refused_as_an_input() {
    refused_with(2, some().input("directory", "functions/[a"), "INVALID_INPUT");
    refused_with(2, some().input("directory", " \n\t\n"), "INVALID_INPUT");
}

#[test]
fn two_directories_of_one_slug_are_refused_at_the_second_name() {
    let step = Step::on("duplicate-function").input("directory", "*");
    let run = refused_at(step, "DUPLICATE_FUNCTION", "b/aerostack.json", on_line(2, 11, 20));
    let message = run.finding("DUPLICATE_FUNCTION")["message"].as_str().expect("a message");
    assert!(message.contains("`a`"), "{message}");
    let fixed = Step::on("duplicate-function").edit("b/aerostack.json", "greeter", "other");
    finds(fixed.input("directory", "*"), &["a", "b"]);
}

#[test]
fn locations_are_relative_to_the_workspace_in_every_working_directory() {
    let broken = || some().edit("functions/a/aerostack.json", "utility", "medai");
    let location = on_line(5, 15, 22);
    let from = |directory: &str, input: &str| broken().within(directory).input("directory", input);
    for step in [
        from("functions/a", "."),
        from("functions", "a"),
        from("functions", "*"),
        from("functions/b", "../a"),
        from("functions/b", "../../functions/a"),
        from("more/deep", "../../functions/*"),
    ] {
        refused_at(step.github(), "INVALID_CATEGORY", "functions/a/aerostack.json", location);
    }
    let gitlab = from("functions", "a").gitlab();
    refused_at(gitlab, "INVALID_CATEGORY", "functions/a/aerostack.json", location);
    // Other CIs name no workspace.
    refused_at(from("functions", "a"), "INVALID_CATEGORY", "a/aerostack.json", location);
}

#[test]
fn missing_files_are_located_in_the_workspace_too() {
    let step = some().edit("functions/a/aerostack.json", "index.ts", "main.ts");
    let step = step.within("functions/b").github().input("directory", "../a");
    refused_at(step, "MISSING_ENTRYPOINT", "functions/a/aerostack.json", on_line(9, 17, 26));
    let hub = StandInHub::start();
    let run = some().within("functions/b").github().input("directory", "../a").hub(&hub).run();
    assert_eq!(run.finding("README_MISSING")["file"], "functions/a/aerostack.json");
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
    let names = ["#1", "$HOME", "-x", "[x]", "a b", "a*b", "a,b;c=d%", "it's", "ü"];
    let step = names
        .iter()
        .enumerate()
        .fold(Step::empty(), |step, (number, name)| with_function(step, name, &format!("odd{number}")));
    finds(step.input("directory", &names.join("\n")), &names);
}

#[test]
fn a_line_break_in_a_directorys_name_starts_no_command() {
    let step = || with_function(Step::empty(), "a\n::error::b", "odd").input("directory", "*");
    finds(step(), &["a\n::error::b"]);
    let step = step().edit("a\n::error::b/aerostack.json", "utility", "medai").github();
    let run = refused_at(step, "INVALID_CATEGORY", "a\n::error::b/aerostack.json", on_line(5, 15, 22));
    assert!(run.stdout.lines().all(|line| !line.trim_start().starts_with("::error::b")), "{}", run.stdout);
    let summary = run.summary;
    assert!(summary.lines().all(|line| !line.starts_with("::error::b")), "{summary}");
}

#[test]
fn a_workspace_may_have_an_odd_name() {
    let step = with_function(Step::empty(), "[x] a*b ü/functions/a", "alpha");
    published(step.within("[x] a*b ü").input("directory", "functions/*"));
}
