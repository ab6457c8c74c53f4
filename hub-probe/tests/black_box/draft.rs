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
    let run = probe(&hub, &["--draft", "hub-probe-test"]);
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
        let run = probe(&hub, &["--draft", "hub-probe-test"]);
        assert_eq!((run.exit_code, run.answer("receipt")), (Some(0), "full"), "{}", run.stderr);
    }
    let publishes = hub.publishes();
    assert_eq!(publishes.len(), 4);
    assert!(publishes.iter().all(|body| body["publish"] == false && body["name"] == "hub-probe-test"));
    assert!(hub.published("alice", "hub-probe-test").is_empty());
    assert_eq!(hub.draft("alice", "hub-probe-test").unwrap()["version"], "0.0.1");
}

#[test]
fn a_name_in_use_is_refused_before_anything_is_written() {
    let unreadable = seeded(StandInHub::start());
    unreadable.fault_always(Route::My, Fault::status(500));
    let with_draft = seeded(StandInHub::start());
    with_draft.seed_draft("alice", function("hub-probe-work", "0.0.1"));
    with_draft.seed("alice", function("hub-probe-live", "1.0.0"));
    let shapes = Shapes { unlisted: vec!["hub-probe-hidden".to_owned()], ..Shapes::default() };
    let unlisted = seeded(StandInHub::builder().shapes(shapes).start());
    unlisted.seed("alice", function("hub-probe-hidden", "1.0.0"));
    let no_slug = seeded(StandInHub::start());
    let list = serde_json::json!({ "functions": [{ "id": "fn_1", "version": "1.0.0", "author": "alice" }] });
    no_slug.fault_always(Route::My, Fault::json(200, &list));
    let nobody = StandInHub::start();
    let unknown = seeded(StandInHub::start());
    unknown.fault_always(Route::Public, Fault::status(403));
    for (hub, name, reason) in [
        (&with_draft, "hub-probe-live", "you have a function `hub-probe-live` already"),
        (&with_draft, "hub-probe-work", "you have a function `hub-probe-work` already"),
        (&unlisted, "hub-probe-hidden", "`hub-probe-hidden` is published"),
        (&unreadable, "hub-probe-new", "the list of your functions cannot be read"),
        (&unknown, "hub-probe-new", "whether `hub-probe-new` is published cannot be read"),
        (&no_slug, "hub-probe-new", "an entry of your list has no readable name"),
        (&nobody, "hub-probe-new", "your user name is not known"),
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
    hub.seed("bob", function("hub-probe-taken", "1.0.0"));
    let run = probe(&hub, &["--draft", "hub-probe-taken"]);
    assert_eq!(run.answer("receipt"), "409 object");
    assert_eq!(run.answer("upsert"), "refused with 409 object");
    assert!(run.stdout.contains("handled: read as the refusal `DUPLICATE_SLUG`"), "{}", run.stdout);
}

#[test]
fn a_function_that_the_list_does_not_show_is_never_overwritten() {
    let hidden = || vec!["victim".to_owned()];
    for shapes in [
        Shapes { unlisted: hidden(), not_public: hidden(), ..Shapes::default() },
        Shapes { unlisted: hidden(), ..Shapes::default() },
        Shapes::default(),
    ] {
        let hub = seeded(StandInHub::builder().shapes(shapes).start());
        hub.seed_draft("alice", function("victim", "1.0.0"));
        let run = probe(&hub, &["--draft", "victim"]);
        assert_eq!(run.exit_code, Some(2), "{}", run.stderr);
        assert!(run.stderr.contains("`victim` may be in use"), "{}", run.stderr);
        assert_eq!(hub.requests(), []);
    }
}

#[test]
fn a_draft_that_the_hub_published_stops_the_probe() {
    let receipt =
        |status: &str| serde_json::json!({ "id": "fn_1", "slug": "hub-probe-test", "status": status });
    for body in [
        receipt("published"),
        receipt("Pending Review"),
        serde_json::json!({ "success": true, "data": { "function": receipt("pending_review") } }),
    ] {
        for record in [None, Some("/nowhere/recording.json")] {
            let hub = seeded(StandInHub::start());
            hub.fault_always(Route::Publish, Fault::json(200, &body));
            let record = record.iter().flat_map(|path| ["--record", path]);
            let run =
                probe(&hub, &["--draft", "hub-probe-test"].into_iter().chain(record).collect::<Vec<_>>());
            assert_eq!(run.exit_code, Some(5), "{body}: {}", run.stderr);
            assert!(run.stderr.contains("Something may be live"), "{}", run.stderr);
            assert!(run.stderr.contains("/api/community/functions/alice/hub-probe-test"), "{}", run.stderr);
            let posts = hub.requests().into_iter().filter(|request| request.route == Route::Publish).count();
            assert_eq!(posts, 1, "{body}");
        }
    }
}
