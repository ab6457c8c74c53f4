//! Every variant of the stand-in Hub is named in the output.

use std::time::Duration;

use stand_in_hub::{
    DEFAULT_KEY, ErrorShape, Fault, ListPlace, ListSlugs, OwnerView, PageInfo, RateLimit, RateLimitShape,
    Receipt, ResponseField, ResponsePlace, Review, Route, Shapes, StandInHub, VersionsShape, Wrapping,
};

use crate::support::{Run, function, probe, publish, run, seeded};

fn hub_with(shapes: Shapes) -> StandInHub {
    seeded(StandInHub::builder().shapes(shapes).start())
}

/// A run without a draft.
fn read(shapes: Shapes) -> Run {
    probe(&hub_with(shapes), &[])
}

/// A run with a draft.
fn write(shapes: Shapes) -> Run {
    probe(&hub_with(shapes), &["--draft", "hub-probe-test"])
}

#[test]
fn every_question_has_an_answer_on_the_usual_hub() {
    let run = probe(&hub_with(Shapes::default()), &["--draft", "hub-probe-test", "--wrong-key"]);
    assert_eq!(run.exit_code, Some(0), "{}{}", run.stdout, run.stderr);
    for (question, answer) in [
        ("key-prefix", "ac_"),
        ("key-type", "account"),
        ("validate", "200 with keyType userId email name message"),
        ("list", "200"),
        ("list-statuses", "published"),
        ("page-limit", "ignored"),
        ("public", "wrapped"),
        ("public-without-key", "200"),
        ("install", "files-list"),
        ("absent-function", "404 object"),
        ("absent-id", "404 object"),
        ("wrong-key", "401 object"),
        ("redirects", "none"),
        ("response-headers", "application/json, encoding none, with date"),
        ("receipt", "full"),
        ("receipt-place", "top"),
        ("receipt-lacks", "nothing"),
        ("read-lag", "none"),
        ("draft-by-id", "draft"),
        ("draft-public", "404 object"),
        ("upsert", "the same ID"),
        ("rate-limit", "open"),
        ("review", "open"),
        ("owner-view", "open"),
    ] {
        assert_eq!(run.answer(question), answer, "{question}");
    }
    for shown in [
        "GET /api/community/functions/my\n  200, application/json, ",
        "{functions: [2 × {id: text, slug: text, name: text, version: text, status: text, ",
        "handled: read as a list of 2: 2 with a version, 2 with a status, 2 with an author, 2 with an ID, 0 with code",
        "GET /api/community/functions/my (with an invalid key)\n  401, ",
        ": {\"error\":{\"code\":\"UNAUTHORIZED\",\"message\":\"API key invalid or expired\",",
        "GET /api/community/functions/user-1/function-1 (without the key)\n  200, ",
        "handled: read as a function with a version, published, with code",
        "POST /api/community/functions/ci/publish\n  201, ",
        "handled: read as a saved draft",
    ] {
        assert!(run.stdout.contains(shown), "{shown}: {}", run.stdout);
    }
    assert!(run.stdout.ends_with("the client handles every response\n"), "{}", run.stdout);
}

#[test]
fn the_kind_of_the_key_is_named() {
    let hub =
        StandInHub::builder().project_key("pk_0123456789", "alice").account("ak_0123456789", "bob").start();
    for (key, prefix, kind) in [("pk_0123456789", "pk_", "project"), ("ak_0123456789", "ak_", "account")] {
        let run = run(&[("AEROSTACK_API_KEY", key), ("AEROSTACK_API_URL", &hub.url())], &[]);
        assert_eq!((run.answer("key-prefix"), run.answer("key-type")), (prefix, kind));
    }
}

#[test]
fn the_place_of_the_list_is_named() {
    for list in ListPlace::ALL {
        assert_eq!(read(Shapes { list: *list, ..Shapes::default() }).answer("list-place"), list.name());
    }
}

#[test]
fn how_the_list_writes_slugs_is_named() {
    for slugs in ListSlugs::ALL {
        let run = read(Shapes { list_slugs: *slugs, ..Shapes::default() });
        assert_eq!(run.answer("list-slugs"), slugs.name());
    }
}

#[test]
fn whether_the_list_has_authors_and_code_is_named() {
    let run = read(Shapes::default());
    assert_eq!((run.answer("list-authors"), run.answer("list-code")), ("author_username", "without-code"));
    let run = read(Shapes { list_without_authors: true, list_with_code: true, ..Shapes::default() });
    assert_eq!((run.answer("list-authors"), run.answer("list-code")), ("without-authors", "with-code"));
}

#[test]
fn how_a_page_says_that_there_is_another_and_its_size_are_named() {
    for info in PageInfo::ALL {
        let run = read(Shapes { page_info: *info, page_size: Some(1), ..Shapes::default() });
        assert_eq!((run.answer("page-info"), run.answer("page-size")), (info.name(), "1"));
    }
    assert_eq!(read(Shapes::default()).answer("page-size"), "none");
    let run = read(Shapes { page_size: Some(50), ..Shapes::default() });
    assert_eq!((run.answer("page-size"), run.answer("page-limit")), ("at least 2", "respected"));
}

#[test]
fn how_versions_are_listed_is_named() {
    for versions in VersionsShape::ALL {
        let run = read(Shapes { versions: *versions, ..Shapes::default() });
        assert_eq!(run.answer("versions"), versions.name());
    }
}

#[test]
fn how_a_function_by_id_is_wrapped_is_named() {
    for by_id in Wrapping::ALL {
        assert_eq!(read(Shapes { by_id: *by_id, ..Shapes::default() }).answer("by-id"), by_id.name());
    }
}

#[test]
fn what_the_owner_sees_is_named_where_there_is_a_draft_of_a_published_function() {
    for owner_view in OwnerView::ALL {
        let hub = hub_with(Shapes { owner_view: *owner_view, ..Shapes::default() });
        let run = probe(&hub, &["--draft", "greeter", "--existing"]);
        assert_eq!(run.answer("owner-view"), owner_view.name(), "{}", run.stdout);
        assert_eq!(hub.published("alice", "greeter"), ["1.0.0"]);
    }
}

#[test]
fn a_draft_that_hides_the_published_version_is_named_without_writing() {
    let hub = hub_with(Shapes::default());
    hub.seed_draft("alice", function("greeter", "1.1.0"));
    let run = probe(&hub, &["--function", "greeter"]);
    assert_eq!((run.answer("owner-view"), run.answer("list-statuses")), ("draft", "draft published"));
}

#[test]
fn the_shape_of_errors_is_named() {
    for errors in ErrorShape::ALL {
        let hub = hub_with(Shapes { errors: *errors, ..Shapes::default() });
        let run = probe(&hub, &["--wrong-key"]);
        assert_eq!(run.answer("error-shape"), errors.name());
        assert_eq!(run.answer("wrong-key"), format!("401 {}", errors.name()));
    }
}

#[test]
fn every_receipt_is_named() {
    for receipt in Receipt::ALL {
        let run = write(Shapes { receipt: *receipt, ..Shapes::default() });
        // A draft's receipt has the status of a draft in any case.
        let name = if *receipt == Receipt::Draft { Receipt::Full.name() } else { receipt.name() };
        assert_eq!(run.answer("receipt"), name, "{}", run.stdout);
    }
}

#[test]
fn the_place_of_a_receipt_and_the_fields_that_it_lacks_are_named() {
    for response in ResponsePlace::ALL {
        let run = write(Shapes { response: *response, ..Shapes::default() });
        assert_eq!(run.answer("receipt-place"), response.name());
    }
    for field in ResponseField::ALL {
        let run = write(Shapes { left_out: vec![*field], ..Shapes::default() });
        assert_eq!(run.answer("receipt-lacks"), field.name());
        assert_eq!(run.answer("receipt"), format!("without-{}", field.name()));
    }
}

/// Only receipts of live publishes, which the probe never sends, say it in other words than `pending_review`; the words
/// of lists are unit-tested.
#[test]
fn a_version_in_review_is_named_where_the_list_shows_it() {
    for review in Review::ALL.iter().filter(|review| **review != Review::Off) {
        let hub = hub_with(Shapes { review: *review, shows_reviews: true, ..Shapes::default() });
        assert!(publish(&hub, &function("waiting", "1.0.0")).starts_with("HTTP/1.1 201"));
        let run = probe(&hub, &[]);
        assert_eq!(run.answer("review"), Review::Pending.name());
    }
    assert_eq!(read(Shapes::default()).answer("review"), "open");
}

#[test]
fn the_shape_of_the_rate_limit_is_named_and_waited_out() {
    for shape in RateLimitShape::ALL {
        let limit = RateLimit::requests(5, Duration::from_secs(1)).shape(*shape);
        let hub = seeded(StandInHub::builder().rate_limit(limit).start());
        let run = probe(&hub, &[]);
        assert_eq!(run.answer("rate-limit"), shape.name(), "{}", run.stdout);
        assert_eq!(run.answer("absent-id"), "404 object", "{}", run.stdout);
        let says_when = !matches!(shape, RateLimitShape::Neither | RateLimitShape::Empty);
        let words = if says_when { "for as long as it says" } else { "because it names no time" };
        assert!(run.stdout.contains(words), "{}", run.stdout);
    }
}

#[test]
fn failures_are_read_as_the_client_reads_them() {
    let hub = seeded(StandInHub::start());
    hub.fault(Route::ById, Fault::error(503, "RATE_LIMIT_EXCEEDED", "too many requests"));
    hub.fault(Route::Public, Fault::status(502));
    hub.fault(Route::Install, Fault::error(403, "FORBIDDEN", "no"));
    let run = probe(&hub, &[]);
    for shown in [
        "  503, application/json, ",
        "handled: read as a rate limit; the client waits with increasing delays, because it names no time",
        "  502, no content-type, 0 bytes: empty\n  handled: read as a failure that may pass; the client asks again",
        "  403, application/json, ",
        "handled: read as a refusal without a documented code; the status decides",
    ] {
        assert!(run.stdout.contains(shown), "{shown}: {}", run.stdout);
    }
    // It asked again after the rate limit.
    assert_eq!((run.answer("rate-limit"), run.answer("by-id")), ("neither", "wrapped"));
    assert_eq!(run.exit_code, Some(0));
}

#[test]
fn the_headers_of_the_rate_limit_and_the_limit_without_a_key_are_named() {
    let limit =
        RateLimit::requests(1_000, Duration::from_mins(1)).shape(RateLimitShape::Reset).without_key(100);
    let run = probe(&seeded(StandInHub::builder().rate_limit(limit).start()), &[]);
    let headers = "x-ratelimit-limit x-ratelimit-remaining x-ratelimit-reset";
    assert_eq!(run.answer("rate-limit-headers"), headers);
    assert_eq!(run.answer("rate-limit-by-key"), "1000 with, 100 without");
    assert_eq!(read(Shapes::default()).answer("rate-limit-headers"), "none");
}

#[test]
fn a_list_that_shows_the_draft_late_is_named() {
    for lag in [Duration::from_millis(800), Duration::from_mins(1)] {
        let hub = StandInHub::builder().read_lag(lag).start();
        let run = probe(&hub, &["--draft", "hub-probe-test", "--username", "alice"]);
        let start = if lag > Duration::from_secs(30) { "not shown within " } else { "some, shown after " };
        assert!(run.answer("read-lag").starts_with(start), "{}", run.answer("read-lag"));
    }
}

#[test]
fn a_redirect_is_named_and_not_followed() {
    let hub = seeded(StandInHub::start());
    hub.fault(Route::Install, Fault::redirect(308, "/api/community/functions/my"));
    let run = probe(&hub, &[]);
    assert_eq!(
        run.answer("redirects"),
        "308 /api/community/functions/user-1/function-1/install to /api/community/functions/my"
    );
    assert!(run.stdout.contains("NOT handled: status 308 for a read"), "{}", run.stdout);
    assert_eq!(run.exit_code, Some(1));
}

#[test]
fn a_list_in_an_unknown_format_is_not_handled() {
    let hub = seeded(StandInHub::start());
    hub.fault_always(Route::My, Fault::Html);
    let run = probe(&hub, &[]);
    assert!(run.stdout.contains("NOT handled: a success in an unknown format"), "{}", run.stdout);
    assert_eq!((run.exit_code, run.answer("list-place")), (Some(1), "open"));
    assert!(!run.stdout.contains(DEFAULT_KEY));
}
