//! Recordings are read again: those that owners of keys sent, and new ones.

use std::path::Path;

use serde_json::json;
use stand_in_hub::{
    ErrorShape, Fault, ListPlace, Receipt, Route, Shapes, StandInHub, VersionsShape, Wrapping,
};
use tempfile::TempDir;

use crate::support::{probe, recording, run, seeded};

#[test]
fn every_recording_still_reads_as_it_did() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings");
    let mut replayed = 0;
    for entry in directory.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let run = run(&[], &["--replay", path.to_str().unwrap()]);
            assert_eq!(run.exit_code, Some(0), "{}: {}", path.display(), run.stderr);
            replayed += 1;
        }
    }
    assert!(replayed > 0);
}

#[test]
fn a_new_recording_reads_as_the_responses_did_and_the_report_is_the_same() {
    let of = |list, by_id, errors, receipt| Shapes {
        list,
        by_id,
        errors,
        receipt,
        versions: VersionsShape::Objects,
        list_with_code: true,
        ..Shapes::default()
    };
    for shapes in [
        of(ListPlace::Functions, Wrapping::Wrapped, ErrorShape::Object, Receipt::Full),
        of(ListPlace::Bare, Wrapping::Bare, ErrorShape::Plain, Receipt::InDataFunction),
        of(ListPlace::Data, Wrapping::Bare, ErrorShape::Html, Receipt::Garbage),
        of(ListPlace::Data, Wrapping::Bare, ErrorShape::Empty, Receipt::Html),
        of(ListPlace::Functions, Wrapping::Wrapped, ErrorShape::CodeInText, Receipt::OtherAuthor),
        of(ListPlace::Functions, Wrapping::Wrapped, ErrorShape::Flat, Receipt::OtherVersion),
    ] {
        let directory = TempDir::new().unwrap();
        let (file, again) = (directory.path().join("a.json"), directory.path().join("b.json"));
        let hub = seeded(StandInHub::builder().shapes(shapes.clone()).start());
        let asked =
            probe(&hub, &["--draft", "hub-probe-test", "--wrong-key", "--record", file.to_str().unwrap()]);
        assert!(!asked.stdout.contains("lacks something"), "{}", asked.stdout);
        assert!(asked.stdout.contains("read it before you send it"), "{}", asked.stdout);
        let replayed = run(&[], &["--replay", file.to_str().unwrap()]);
        assert_eq!(replayed.exit_code, Some(0), "{shapes:?}: {}", replayed.stderr);
        assert!(asked.stdout.starts_with(&replayed.stdout), "{}\n{}", asked.stdout, replayed.stdout);
        run(&[], &["--replay", file.to_str().unwrap(), "--record", again.to_str().unwrap()]);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), std::fs::read_to_string(&again).unwrap());
    }
}

#[test]
fn a_recording_says_where_the_client_reads_more_in_the_response_itself() {
    let hub = seeded(StandInHub::start());
    let text = format!("{} EMPTY_CODE", "x y ".repeat(500));
    let refusal = Fault::Status { code: 400, headers: Vec::new(), body: text.into_bytes() };
    hub.fault_always(Route::Install, refusal);
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("a.json");
    let run = probe(&hub, &["--record", file.to_str().unwrap()]);
    let lack =
        "the recording lacks something: the response itself is handled: read as the refusal `EMPTY_CODE`";
    assert!(run.stdout.contains(lack), "{}", run.stdout);
    let exchanges = recording(&file)["exchanges"].clone();
    let install = exchanges.as_array().unwrap().iter().find(|exchange| exchange["ask"] == "install").unwrap();
    assert_eq!(install["client_of_original"], "handled: read as the refusal `EMPTY_CODE`");
}

#[test]
fn a_recording_that_reads_differently_fails() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("a.json");
    let hub = seeded(StandInHub::start());
    probe(&hub, &["--record", file.to_str().unwrap()]);
    let original = recording(&file);
    let list =
        original["exchanges"].as_array().unwrap().iter().position(|entry| entry["ask"] == "list").unwrap();

    let mut older = original.clone();
    older["answers"].as_object_mut().unwrap().shift_remove("list-place");
    std::fs::write(&file, older.to_string()).unwrap();
    assert_eq!(
        run(&[], &["--replay", file.to_str().unwrap()]).exit_code,
        Some(0),
        "an older recording has fewer answers"
    );

    let mut verdict = original.clone();
    verdict["exchanges"][list]["client"] = json!("handled: read as something else");
    let mut answer = original.clone();
    answer["answers"]["list-place"] = json!("data");
    let mut response = original.clone();
    response["exchanges"][list]["response"]["body"] = json!({ "json": { "entries": 3 } });
    for (changed, reason) in
        [(verdict, "something else"), (answer, "`list-place`"), (response, "List: before")]
    {
        std::fs::write(&file, changed.to_string()).unwrap();
        let run = run(&[], &["--replay", file.to_str().unwrap()]);
        assert_eq!(run.exit_code, Some(1));
        assert!(
            run.stderr.contains("it reads differently now") && run.stderr.contains(reason),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn a_recording_from_elsewhere_cannot_control_the_terminal() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("a.json");
    let hub = seeded(StandInHub::start());
    probe(&hub, &["--record", file.to_str().unwrap()]);
    let mut hostile = recording(&file);
    let text = "a\u{1b}[2J\u{202e}\r\n::error::b";
    hostile["exchanges"][0]["path"] = json!(text);
    hostile["exchanges"][0]["client"] = json!(text);
    hostile["exchanges"][1]["response"]["body"] = json!({ "json": { text: text } });
    hostile["exchanges"][1]["response"]["headers"] = json!({ "content-type": text });
    hostile["exchanges"][2]["response"]["status"] = json!(500);
    hostile["exchanges"][2]["response"]["body"] = json!({ "text": text });
    hostile["answers"][text] = json!(text);
    std::fs::write(&file, hostile.to_string()).unwrap();
    let run = run(&[], &["--replay", file.to_str().unwrap()]);
    assert_eq!(run.exit_code, Some(1));
    for output in [&run.stdout, &run.stderr] {
        assert!(output.contains("a\\u{1b}[2J\\u{202e}\\u{d}\\u{a}::error::b"), "{output}");
        assert!(output.chars().all(|c| c == '\n' || !c.is_control() && c != '\u{202e}'), "{output:?}");
    }
}
