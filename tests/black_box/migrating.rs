//! What `docs/migrating.md` shows of a first run is what the program prints, after the old pipeline had published the function.

use serde_json::{Value, json};
use stand_in_hub::StandInHub;

use crate::documentation::document;
use crate::fixtures::{OTHER_CODE, greeter};
use crate::support::{Run, Step};

/// What the old pipeline sent of a function: the manifest and its entrypoint.
fn sent_by_curl(step: &Step) -> Value {
    let read = |file: &str| std::fs::read_to_string(step.path(file)).expect("a file");
    let mut body: Value = serde_json::from_str(&read("aerostack.json")).expect("a manifest");
    (body["code"], body["publish"]) = (json!(read("index.ts")), json!(true));
    body
}

/// A Hub that has the function from the old pipeline.
fn published(step: &Step) -> StandInHub {
    let hub = StandInHub::start();
    hub.seed("alice", sent_by_curl(step));
    hub
}

/// Compares the first block of text under a heading with what a run printed.
#[track_caller]
fn assert_shown(heading: &str, run: &Run) {
    let page = document("docs/migrating.md");
    let (_, section) = page.split_once(&format!("\n### {heading}\n")).expect("the heading");
    let (_, block) = section.split_once("```text\n").expect("a block");
    let (shown, _) = block.split_once("```").expect("its end");
    assert_eq!(run.stdout, shown, "{heading}");
}

#[test]
fn the_first_run_is_shown_as_it_is() {
    let hub = published(&Step::example());
    assert_shown("Unchanged", &Step::example().hub(&hub).run());
    let changed = Step::example().edit("index.ts", "4096", "2048").hub(&hub).run();
    assert_shown("A conflict, because the code changed", &changed);
    let described = Step::example().edit(
        "aerostack.json",
        "Resizes an image at the edge and keeps the result in the cache",
        "Resizes images",
    );
    assert_shown("Other metadata", &described.hub(&hub).run());
    assert!(hub.publishes().is_empty());
}

#[test]
fn a_function_whose_files_were_not_sent_is_shown_as_it_is() {
    let step = greeter("1.0.1").file("index.ts", "export * from './core';\n").file("core.ts", OTHER_CODE);
    let step = step.file("README.md", "# greeter\n");
    let hub = published(&step);
    assert_shown("A conflict, because files were missing", &step.hub(&hub).run());
    assert!(hub.publishes().is_empty());
}
