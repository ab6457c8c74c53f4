//! Files that another process swaps while the step runs: what is read is what was checked. What happens between the two is
//! tested beside the code, one swap at a time; here, a thread swaps names as fast as it can.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use stand_in_hub::StandInHub;
use tempfile::TempDir;

use crate::support::{CODE, MANIFEST, Step};

const SECRET: &str = "hush-this-is-nobodys-business";

/// How often the binary runs while its files are swapped.
const RUNS: usize = 8;

/// Files that a function imports: each is another chance for a swap to come in between.
const FILES: usize = 24;

/// Stops the swaps, also where a run fails the test.
struct Stop<'s>(&'s AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Runs the step while the two names of each pair are exchanged all the time. The secret is sent nowhere and shown nowhere.
#[track_caller]
fn nothing_leaks(step: impl Fn() -> (Step, Vec<(PathBuf, PathBuf)>)) {
    let (mut step, pairs) = step();
    let (is_over, swaps) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        let _stop = Stop(&is_over);
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                for (one, other) in &pairs {
                    let swapped = renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE);
                    swaps.fetch_add(usize::from(swapped.is_ok()), Ordering::Relaxed);
                }
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

/// A function that imports texts from `texts`, with a secret beside it and in it.
fn function() -> Step {
    let imports: String = (0..FILES)
        .map(|at| format!("import t{at} from './texts/{at}.txt';\nconsole.log(t{at});\n"))
        .collect();
    let step = Step::empty().function("f", MANIFEST, &(imports + CODE)).file("f/.env", SECRET);
    let step = (0..FILES).fold(step, |step, at| {
        let step = step.file(&format!("f/texts/{at}.txt"), "plain\n");
        step.file(&format!("f/.git/{at}.txt"), SECRET).file(&format!("outside/{at}.txt"), SECRET)
    });
    step.file("f/README.md", "# Greeter\n").input("directory", "f").github()
}

/// With a link beside a path, to be exchanged with it.
fn with_link(step: &Step, path: &str, target: &str) -> (PathBuf, PathBuf) {
    let link = step.path(&format!("links/{}", path.replace('/', "-")));
    std::fs::create_dir_all(step.path("links")).expect("a folder");
    std::os::unix::fs::symlink(step.path(target), &link).expect("a link");
    (step.path(path), link)
}

#[test]
fn a_file_swapped_for_a_link_is_not_followed() {
    for target in ["f/.env", "outside/0.txt", "f/.git/0.txt"] {
        nothing_leaks(|| {
            let step = function();
            let paths = (0..FILES).map(|at| format!("f/texts/{at}.txt"));
            let pairs = paths.map(|path| with_link(&step, &path, target)).collect();
            (step, pairs)
        });
    }
}

#[test]
fn a_manifest_code_and_a_readme_swapped_for_links_are_not_followed() {
    nothing_leaks(|| {
        let step = function();
        let step = step.file("outside/aerostack.json", MANIFEST.replace("Greets whoever calls", SECRET));
        let step = step.file("outside/index.ts", format!("{CODE}// {SECRET}\n"));
        let step = step.file("outside/README.md", SECRET);
        let names = ["aerostack.json", "index.ts", "README.md"];
        let pairs =
            names.map(|name| with_link(&step, &format!("f/{name}"), &format!("outside/{name}"))).to_vec();
        (step, pairs)
    });
}

#[test]
fn a_directory_swapped_for_a_link_is_not_followed() {
    for target in ["outside", "f/.git"] {
        nothing_leaks(|| {
            let step = function();
            let pair = with_link(&step, "f/texts", target);
            (step, vec![pair])
        });
    }
}

#[test]
fn a_function_swapped_for_a_link_out_of_the_workspace_is_not_followed() {
    let elsewhere = TempDir::new().expect("a folder");
    let outside = elsewhere.path().join("f");
    std::fs::create_dir(&outside).expect("a folder");
    std::fs::write(outside.join("aerostack.json"), MANIFEST).expect("a file");
    std::fs::write(outside.join("index.ts"), format!("{CODE}// {SECRET}\n")).expect("a file");
    for (line, swapped) in [("a/f", "a/f"), ("a/*", "a/f"), ("**", "a"), ("a/f", "a")] {
        nothing_leaks(|| {
            let step = Step::empty().function("a/f", MANIFEST, CODE).input("directory", line).github();
            let link = step.path("link");
            let target = if swapped == "a" { elsewhere.path() } else { &outside };
            std::os::unix::fs::symlink(target, &link).expect("a link");
            let pair = (step.path(swapped), link);
            (step, vec![pair])
        });
    }
}

#[test]
fn a_pipe_or_a_directory_swapped_in_is_not_waited_for() {
    nothing_leaks(|| {
        let mut step = function();
        let mut pairs = Vec::new();
        for at in 0..FILES {
            let other = format!("other{at}");
            step = if at % 2 == 0 { step.pipe(&other) } else { step.file(&format!("{other}/file"), "") };
            pairs.push((step.path(&format!("f/texts/{at}.txt")), step.path(&other)));
        }
        for name in ["aerostack.json", "index.ts", "README.md"] {
            step = step.pipe(name);
            pairs.push((step.path(&format!("f/{name}")), step.path(name)));
        }
        (step, pairs)
    });
}

#[test]
fn an_event_file_swapped_for_a_pipe_is_not_waited_for() {
    nothing_leaks(|| {
        let step = function().pipe("pipe");
        let pair = (step.path(".run/event.json"), step.path("pipe"));
        (step, vec![pair])
    });
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
