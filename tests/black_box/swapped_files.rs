//! Files that another process swaps while the step runs: what is read is what was checked. What happens between the two is
//! tested beside the code, one swap at a time; here, a thread swaps names as fast as it can.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use stand_in_hub::StandInHub;
use tempfile::TempDir;

use crate::support::{CODE, MANIFEST, Step};

const SECRET: &str = "hush-this-is-nobodys-business";

/// How often the binary runs while a name is swapped.
const RUNS: usize = 8;

/// Stops the swaps, also where a run fails the test.
struct Stop<'s>(&'s AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Runs the step while two names are exchanged all the time. The secret is sent nowhere and shown nowhere.
#[track_caller]
fn nothing_leaks(mut step: Step, one: &Path, other: &Path) {
    let (is_over, swaps) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        let _stop = Stop(&is_over);
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                let swapped = renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE);
                swaps.fetch_add(usize::from(swapped.is_ok()), Ordering::Relaxed);
            }
        });
        for _ in 0..RUNS {
            let hub = StandInHub::start();
            step = step.hub(&hub);
            let run = step.run();
            let shown = [&run.stdout, &run.stderr, &run.summary, &run.output_file];
            assert!(shown.iter().all(|text| !text.contains(SECRET)), "it is shown: {}", run.stdout);
            assert!(!run.report.to_string().contains(SECRET), "it is reported: {}", run.report);
            let is_sent = hub.publishes().iter().any(|body| body.to_string().contains(SECRET));
            assert!(!is_sent, "it is sent: {}", run.stdout);
            assert!(matches!(run.exit_code, 0 | 1), "{}: {}", run.exit_code, run.stdout);
        }
    });
    assert!(swaps.into_inner() > RUNS, "nothing was swapped");
}

/// A function that imports `text/file.txt`, with a secret beside it and in it.
fn function() -> Step {
    let code = format!("import text from './text/file.txt';\nconsole.log(text);\n{CODE}");
    let step = Step::empty().function("f", MANIFEST, &code).file("f/text/file.txt", "plain\n");
    let step = step.file("f/.env", SECRET).file("f/.git/file.txt", SECRET).file("outside/file.txt", SECRET);
    step.file("f/README.md", "# Greeter\n").input("directory", "f").github()
}

/// Swaps a path of the workspace for a link to another one.
#[track_caller]
fn swapped_for_a_link(step: Step, path: &str, target: &Path) {
    let (path, link) = (step.path(path), step.path("link"));
    std::os::unix::fs::symlink(target, &link).expect("a link");
    nothing_leaks(step, &path, &link);
}

#[test]
fn a_file_swapped_for_a_link_is_not_followed() {
    for target in ["f/.env", "outside/file.txt"] {
        let step = function();
        let target = step.path(target);
        swapped_for_a_link(step, "f/text/file.txt", &target);
    }
}

#[test]
fn a_manifest_code_or_a_readme_swapped_for_a_link_is_not_followed() {
    for (name, text) in [
        ("aerostack.json", MANIFEST.replace("Greets whoever calls", SECRET)),
        ("index.ts", format!("{CODE}// {SECRET}\n")),
        ("README.md", SECRET.to_owned()),
    ] {
        let step = function().file("outside/swapped", text);
        let target = step.path("outside/swapped");
        swapped_for_a_link(step, &format!("f/{name}"), &target);
    }
}

#[test]
fn a_directory_swapped_for_a_link_is_not_followed() {
    for target in ["outside", "f/.git"] {
        let step = function();
        let target = step.path(target);
        swapped_for_a_link(step, "f/text", &target);
    }
}

#[test]
fn a_function_swapped_for_a_link_out_of_the_workspace_is_not_followed() {
    let elsewhere = TempDir::new().expect("a folder");
    let outside = elsewhere.path().join("f");
    std::fs::create_dir(&outside).expect("a folder");
    std::fs::write(outside.join("aerostack.json"), MANIFEST).expect("a file");
    std::fs::write(outside.join("index.ts"), format!("{CODE}// {SECRET}\n")).expect("a file");
    for (line, swapped, target) in
        [("a/f", "a/f", outside.as_path()), ("a/*", "a/f", &outside), ("**", "a", elsewhere.path())]
    {
        let step = Step::empty().function("a/f", MANIFEST, CODE).input("directory", line).github();
        swapped_for_a_link(step, swapped, target);
    }
}

#[test]
fn a_pipe_or_a_directory_swapped_in_is_not_waited_for() {
    for path in ["f/text/file.txt", "f/README.md", "f/aerostack.json"] {
        let step = function().pipe("pipe");
        let (path, pipe) = (step.path(path), step.path("pipe"));
        nothing_leaks(step, &path, &pipe);
    }
    let step = function().file("other/file", "");
    let (path, directory) = (step.path("f/text/file.txt"), step.path("other"));
    nothing_leaks(step, &path, &directory);
}

#[test]
fn an_event_file_swapped_for_a_pipe_is_not_waited_for() {
    let step = function().pipe("pipe");
    let (path, pipe) = (step.path(".run/event.json"), step.path("pipe"));
    nothing_leaks(step, &path, &pipe);
}

#[test]
fn a_file_of_certificates_that_is_a_pipe_is_not_waited_for() {
    let hub = StandInHub::start();
    let step = function().pipe("pipe").hub(&hub);
    let directory = step.path("");
    let pipe = step.path("pipe");
    let run = step.env("SSL_CERT_FILE", pipe).run();
    assert_eq!((run.exit_code, run.codes()), (2, vec!["INVALID_INPUT"]), "{}", run.stdout);
    let step = function().pipe("pipe").hub(&hub);
    let run = step.env("SSL_CERT_DIR", directory).run();
    assert_eq!(run.exit_code, 2, "{}", run.stdout);
    assert!(hub.publishes().is_empty());
}
