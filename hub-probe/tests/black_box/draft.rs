//! What is sent to the Hub, with and without a draft.

use stand_in_hub::{DEFAULT_KEY, Fault, Route, Shapes, StandInHub};

use crate::support::{function, probe, seeded};

#[test]
fn without_a_draft_only_reads_and_the_check_of_the_key_are_sent() {
    let hub = seeded(StandInHub::start());
    let run = probe(&hub, &["--wrong-key", "--username", "alice", "--function", "resizer"]);
    assert_eq!(run.exit_code, Some(0), "{}", run.stderr);
    let requests = hub.requests();
    let posts: Vec<_> = requests.iter().filter(|request| request.method != "GET").collect();
    assert_eq!(posts.len(), 1, "{posts:?}");
    assert_eq!((posts[0].route, posts[0].body.as_slice()), (Route::Validate, b"{}".as_slice()));
    assert!(requests.iter().any(|request| request.path == "/api/community/functions/alice/resizer/install"));
    let keys: Vec<_> = requests.iter().map(|request| request.header("x-api-key")).collect();
    let others: Vec<_> = keys.into_iter().filter(|key| *key != Some(DEFAULT_KEY)).collect();
    assert_eq!(others, [None, Some("ac_hub_probe_invalid_key")]);
}

#[test]
fn an_invalid_key_is_only_sent_where_it_is_asked_for() {
    let hub = seeded(StandInHub::start());
    let run = probe(&hub, &["--draft", "probe-test"]);
    assert_eq!((run.exit_code, run.answer("wrong-key")), (Some(0), "open"));
    let keys: Vec<_> =
        hub.requests().iter().map(|request| request.header("x-api-key").map(str::to_owned)).collect();
    assert!(keys.iter().flatten().all(|key| key == DEFAULT_KEY), "{keys:?}");
}

#[test]
fn the_draft_is_sent_twice_and_never_published() {
    let hub = seeded(StandInHub::start());
    for _ in 0..2 {
        // The draft of an earlier run may be written again.
        let run = probe(&hub, &["--draft", "probe-test"]);
        assert_eq!((run.exit_code, run.answer("receipt")), (Some(0), "full"), "{}", run.stderr);
    }
    let publishes = hub.publishes();
    assert_eq!(publishes.len(), 4);
    assert!(publishes.iter().all(|body| body["publish"] == false && body["name"] == "probe-test"));
    assert!(hub.published("alice", "probe-test").is_empty());
    assert_eq!(hub.draft("alice", "probe-test").unwrap()["version"], "0.0.1");
}

#[test]
fn a_name_in_use_is_refused_before_anything_is_written() {
    let unreadable = seeded(StandInHub::start());
    unreadable.fault_always(Route::My, Fault::status(500));
    let with_draft = seeded(StandInHub::start());
    with_draft.seed_draft("alice", function("work", "0.0.1"));
    let shapes = Shapes { unlisted: vec!["resizer".to_owned()], ..Shapes::default() };
    let unlisted = seeded(StandInHub::builder().shapes(shapes).start());
    let unknown = seeded(StandInHub::start());
    unknown.fault_always(Route::Public, Fault::status(403));
    for (hub, name, reason) in [
        (&with_draft, "greeter", "you have a function `greeter` already"),
        (&with_draft, "work", "you have a function `work` already"),
        (&unlisted, "resizer", "`resizer` is published"),
        (&unreadable, "new", "the list of your functions cannot be read"),
        (&unknown, "new", "whether `new` is published cannot be read"),
    ] {
        let run = probe(hub, &["--draft", name]);
        assert_eq!(run.exit_code, Some(2), "{name}: {}", run.stderr);
        assert!(run.stderr.contains(&format!("no draft was written: {reason}")), "{}", run.stderr);
        assert!(hub.publishes().is_empty(), "{name}");
    }
}

#[test]
fn a_refused_draft_is_reported() {
    let hub = seeded(StandInHub::start());
    hub.seed("bob", function("taken", "1.0.0"));
    let run = probe(&hub, &["--draft", "taken"]);
    assert_eq!(run.answer("receipt"), "409 object");
    assert_eq!(run.answer("upsert"), "refused with 409 object");
    assert!(run.stdout.contains("handled: read as the refusal `DUPLICATE_SLUG`"), "{}", run.stdout);
}
