//! Publishing rules against the Hub: one test for each rule, and all the ways in which the Hub shows what is published.
//!
//! The full table of rules is a unit test of `src/release/decision.rs`.

use std::time::Duration;

use serde_json::json;
use stand_in_hub::{
    DEFAULT_KEY, Fault, ListPlace, OwnerView, ResponseField, ResponsePlace, Route, Shapes, StandInHub,
    VersionsShape, Wrapping,
};

use crate::fixtures::{OTHER_CODE, body, ending, greeter, hub_with, manifest, severity, side_by_side, words};
use crate::support::{CODE, Step};

#[test]
fn an_unknown_function_is_published_as_its_first_release() {
    let hub = StandInHub::start();
    let run = greeter("0.3.0").hub(&hub).run();
    assert_eq!(ending(&run, &hub), ("published", 0, 1), "{}", run.stdout);
    assert_eq!(severity(&run, "FIRST_RELEASE"), "notice");
    let function = run.function();
    assert_eq!((&function["release_type"], &function["previous_version"]), (&json!("first"), &json!(null)));
    assert_eq!(function["published"], true);
    assert_eq!(hub.published("alice", "greeter"), ["0.3.0"]);
}

#[test]
fn an_unknown_function_can_be_saved_as_a_draft() {
    let hub = StandInHub::start();
    let run = greeter("0.3.0").hub(&hub).input("publish", "false").run();
    assert_eq!(ending(&run, &hub), ("draft", 0, 1), "{}", run.stdout);
    assert_eq!(run.function()["published"], false);
    assert!(hub.published("alice", "greeter").is_empty());
    assert_eq!(hub.draft("alice", "greeter").expect("a draft")["version"], "0.3.0");
}

#[test]
fn without_allow_create_an_unknown_function_is_refused_and_nothing_is_sent() {
    let hub = StandInHub::start();
    // Another account's function of the same slug does not count.
    hub.seed("bob", body("greeter", "0.1.0", CODE));
    let run = greeter("1.0.0").hub(&hub).input("allow-create", "false").run();
    assert_eq!(ending(&run, &hub), ("failed", 1, 0), "{}", run.stdout);
    assert_eq!(run.codes(), ["UNKNOWN_FUNCTION"]);
    assert_eq!(run.place("UNKNOWN_FUNCTION")[0], 2);
}

#[test]
fn without_allow_create_a_function_of_which_the_hub_has_only_a_draft_is_published() {
    let hub = StandInHub::start();
    hub.seed_draft("alice", body("greeter", "0.9.0", CODE));
    let run = greeter("1.0.0").hub(&hub).input("allow-create", "false").run();
    assert_eq!(ending(&run, &hub), ("published", 0, 1), "{}", run.stdout);
}

#[test]
fn a_published_version_is_decided_by_its_content_and_the_inputs() {
    for (publish, on_existing, code, expected, finding) in [
        ("true", "auto", CODE, ("unchanged", 0, 0), None),
        ("true", "skip", OTHER_CODE, ("unchanged", 0, 0), None),
        ("true", "fail", CODE, ("failed", 1, 0), Some("error")),
        ("false", "auto", OTHER_CODE, ("draft", 0, 1), Some("warning")),
    ] {
        let case = format!("{publish} {on_existing} {code}");
        let hub = hub_with(&["1.0.0"]);
        let step = Step::empty().function(".", &manifest("greeter", "1.0.0"), code).hub(&hub);
        let run = step.input("publish", publish).input("on-existing", on_existing).run();
        assert_eq!(ending(&run, &hub), expected, "{case}: {}", run.stdout);
        assert_eq!(run.function()["published"], false, "{case}");
        assert_eq!(run.function()["release_type"], "none", "{case}");
        assert_eq!(run.function()["previous_version"], "1.0.0", "{case}");
        assert_eq!(hub.published("alice", "greeter"), ["1.0.0"], "{case}");
        let expected: Vec<_> = finding.iter().map(|_| "VERSION_CONFLICT").collect();
        assert_eq!(run.codes(), expected, "{case}");
        if let Some(expected) = finding {
            assert_eq!(severity(&run, "VERSION_CONFLICT"), expected, "{case}");
        }
    }
}

#[test]
fn a_conflict_names_what_changed_and_the_next_versions() {
    let hub = StandInHub::builder()
        .shapes(Shapes { versions: VersionsShape::Strings, ..Shapes::default() })
        .start();
    hub.seed("alice", body("greeter", "1.4.7", CODE));
    let mut published = body("greeter", "1.2.3", CODE);
    published["readme"] = json!("# Greeter\n");
    hub.seed("alice", published);
    let step = Step::empty().function(".", &manifest("greeter", "1.2.3"), OTHER_CODE);
    let run = step.file("README.md", "# Greets\n").hub(&hub).run();
    assert_eq!(ending(&run, &hub), ("failed", 1, 0), "{}", run.stdout);
    let words = words(&run, "VERSION_CONFLICT");
    // The next versions are those after the newest one, not after the one that is in conflict.
    for part in ["`index.ts` changed", "`README.md` changed", "`1.4.8`", "`1.5.0`", "`2.0.0`"] {
        assert!(words.contains(part), "{part}: {words}");
    }
}

#[test]
fn an_older_version_whose_content_is_not_shown_is_a_conflict() {
    let hub = hub_with(&["1.0.0", "1.1.0"]);
    hub.set_shapes(Shapes { versions: VersionsShape::Objects, ..Shapes::default() });
    let run = greeter("1.0.0").hub(&hub).run();
    assert_eq!(ending(&run, &hub), ("failed", 1, 0), "{}", run.stdout);
    assert!(words(&run, "VERSION_CONFLICT").contains("its content could not be compared"));
    let run = greeter("1.0.0").hub(&hub).input("on-existing", "skip").run();
    assert_eq!(ending(&run, &hub), ("unchanged", 0, 0), "{}", run.stdout);
}

#[test]
fn a_version_that_is_not_newer_is_refused_and_nothing_is_sent_unless_all_are_allowed() {
    for (publish, strategy, expected, finding) in [
        ("true", "upgrade", ("failed", 1, 0), Some("error")),
        ("true", "all", ("published", 0, 1), None),
        ("false", "upgrade", ("draft", 0, 1), Some("warning")),
    ] {
        let hub = hub_with(&["2.0.0"]);
        let run = greeter("1.9.9").hub(&hub).input("publish", publish).input("strategy", strategy).run();
        assert_eq!(ending(&run, &hub), expected, "{publish} {strategy}: {}", run.stdout);
        let expected: Vec<_> = finding.iter().map(|_| "VERSION_NOT_NEWER").collect();
        assert_eq!(run.codes(), expected, "{publish} {strategy}");
        if let Some(expected) = finding {
            assert_eq!(severity(&run, "VERSION_NOT_NEWER"), expected, "{publish} {strategy}");
            assert_eq!(run.place("VERSION_NOT_NEWER")[0], 3);
        }
    }
}

#[test]
fn only_the_hint_for_a_backport_names_the_input_that_allows_it() {
    for (versions, published, version, is_backport) in [
        // Only the newest version is known.
        (VersionsShape::Absent, vec!["1.2.3", "2.0.0"], "1.2.4", true),
        (VersionsShape::Absent, vec!["1.2.3", "1.3.0"], "1.2.4", true),
        (VersionsShape::Absent, vec!["1.0.0", "1.1.0"], "1.0.0", false),
        (VersionsShape::Absent, vec!["1.0.0", "1.0.1"], "1.0.0", false),
        (VersionsShape::Absent, vec!["1.0.0", "2.0.0"], "1.0.0", false),
        (VersionsShape::Absent, vec!["2.0.5"], "2.0.4", false),
        // All are known.
        (VersionsShape::Strings, vec!["1.2.3", "2.0.0"], "1.2.4", true),
        (VersionsShape::Objects, vec!["1.2.3", "2.0.0"], "1.3.0", true),
        (VersionsShape::Strings, vec!["1.2.3", "1.3.0"], "1.2.4", true),
        (VersionsShape::Strings, vec!["1.2.3", "2.0.0"], "1.2.2", false),
        (VersionsShape::Strings, vec!["1.2.3", "1.4.0", "2.0.0"], "1.3.1", false),
        (VersionsShape::Strings, vec!["1.2.3", "3.0.0"], "2.0.1", false),
        (VersionsShape::Objects, vec!["1.0.0", "1.0.2"], "1.0.1", false),
    ] {
        let case = format!("{version} below {published:?}, {versions:?}");
        let hub = hub_with(&published);
        hub.set_shapes(Shapes { versions, ..Shapes::default() });
        let run = greeter(version).hub(&hub).run();
        assert_eq!(
            (ending(&run, &hub), run.codes()),
            (("failed", 1, 0), vec!["VERSION_NOT_NEWER"]),
            "{case}"
        );
        let words = words(&run, "VERSION_NOT_NEWER");
        assert!(words.contains("raise `version` to"), "{case}: {words}");
        assert_eq!(words.contains("for a backport set `strategy: all`"), is_backport, "{case}: {words}");
        assert_eq!(words.contains("to go back to an older commit"), !is_backport, "{case}: {words}");
    }
}

#[test]
fn a_prerelease_over_a_release_is_published_with_a_warning_and_refused_with_strict() {
    for (strict, expected, expected_severity) in
        [("false", ("published", 0, 1), "warning"), ("true", ("failed", 1, 0), "error")]
    {
        let hub = hub_with(&["1.0.0"]);
        let run = greeter("1.1.0-rc.1").hub(&hub).input("strict", strict).run();
        assert_eq!(ending(&run, &hub), expected, "{}", run.stdout);
        assert_eq!(run.codes(), ["PRERELEASE_OVER_RELEASE"]);
        assert_eq!(severity(&run, "PRERELEASE_OVER_RELEASE"), expected_severity);
    }
}

#[test]
fn a_history_that_cannot_be_read_does_not_stop_a_publish() {
    let faults = [
        Fault::status(500),
        Fault::status(403),
        // The list itself is not a function: its 404 does not say that nothing is published.
        Fault::status(404),
        Fault::Garbage,
        Fault::Html,
        Fault::Truncate,
        Fault::Hang,
        Fault::json(200, &json!({ "message": "come back later" })),
        Fault::json(200, &json!({ "functions": [{ "slug": "greeter", "version": "one" }] })),
        Fault::json(200, &json!({ "functions": [], "has_more": true })),
    ];
    side_by_side(faults, |fault| {
        for (publish, status) in [("true", "published"), ("false", "draft")] {
            let hub = StandInHub::start();
            hub.fault_always(Route::My, fault.clone());
            let run = greeter("1.0.0").hub(&hub).input("timeout", "3").input("publish", publish).run();
            assert_eq!(ending(&run, &hub), (status, 0, 1), "{fault:?}: {}", run.stdout);
            assert_eq!(run.codes(), ["HISTORY_UNREADABLE"], "{fault:?}");
            assert_eq!(severity(&run, "HISTORY_UNREADABLE"), "warning");
            assert_eq!(run.function()["release_type"], "none", "{fault:?}");
        }
    });
}

#[test]
fn if_the_history_cannot_be_read_the_hub_decides() {
    let hub = hub_with(&["1.0.0"]);
    hub.fault_always(Route::My, Fault::status(403));
    let step = Step::empty().function(".", &manifest("greeter", "1.0.0"), OTHER_CODE).hub(&hub);
    let step = step.input("timeout", "2");
    // It says that the version exists, and not with which content.
    let run = step.run();
    assert_eq!(ending(&run, &hub), ("unconfirmed", 4, 1), "{}", run.stdout);
    assert_eq!(run.codes(), ["UNCONFIRMED", "HISTORY_UNREADABLE"]);
    assert_eq!(hub.published("alice", "greeter"), ["1.0.0"]);
    let skipping = step.input("on-existing", "skip").run();
    assert_eq!(ending(&skipping, &hub), ("unchanged", 0, 2), "{}", skipping.stdout);
}

#[test]
fn without_allow_create_an_unreadable_history_is_an_error_and_nothing_is_sent() {
    let hub = StandInHub::start();
    hub.fault_always(Route::My, Fault::status(403));
    let run = greeter("1.0.0").hub(&hub).input("allow-create", "false").run();
    assert_eq!(ending(&run, &hub), ("failed", 4, 0), "{}", run.stdout);
    assert_eq!(severity(&run, "HISTORY_UNREADABLE"), "error");
}

#[test]
fn only_a_404_of_a_function_means_never_published() {
    let dry = |hub: &StandInHub| {
        let step = greeter("1.0.0").input("api-url", &hub.url()).input("timeout", "2");
        step.input("username", "alice").input("dry-run", "true").run()
    };
    let hub = StandInHub::start();
    let run = dry(&hub);
    assert_eq!(ending(&run, &hub), ("dry-run", 0, 0), "{}", run.stdout);
    assert_eq!(run.function()["release_type"], "first");
    let faults = [
        Fault::status(500),
        Fault::status(403),
        Fault::status(410),
        Fault::Garbage,
        Fault::Html,
        Fault::Hang,
        Fault::json(200, &json!({})),
        Fault::json(200, &json!([])),
    ];
    side_by_side(faults, |fault| {
        let hub = StandInHub::start();
        hub.fault_always(Route::Public, fault.clone());
        let run = dry(&hub);
        assert_eq!(ending(&run, &hub), ("dry-run", 0, 0), "{fault:?}: {}", run.stdout);
        assert_eq!(run.codes(), ["HISTORY_UNREADABLE"], "{fault:?}");
        assert_eq!(run.function()["release_type"], "none", "{fault:?}");
    });
}

#[test]
fn a_dry_run_without_key_and_user_name_is_not_compared_and_makes_no_request() {
    for publish in ["true", "false"] {
        let hub = hub_with(&["1.0.0"]);
        let step = Step::empty().function(".", &manifest("greeter", "1.0.0"), OTHER_CODE);
        let step = step.input("api-url", &hub.url()).input("dry-run", "true").input("publish", publish);
        let run = step.run();
        assert_eq!(ending(&run, &hub), ("dry-run", 0, 0), "{}", run.stdout);
        assert_eq!(severity(&run, "NOT_COMPARED"), "notice");
        assert!(hub.requests().is_empty());
    }
}

#[test]
fn a_dry_run_without_key_is_compared_at_the_public_address() {
    let hub = hub_with(&["1.0.0"]);
    for (version, code, expected, codes) in [
        ("1.0.0", CODE, ("unchanged", 0, 0), vec![]),
        ("1.0.0", OTHER_CODE, ("failed", 1, 0), vec!["VERSION_CONFLICT"]),
        ("0.9.0", CODE, ("failed", 1, 0), vec!["VERSION_NOT_NEWER"]),
        ("1.0.1", CODE, ("dry-run", 0, 0), vec![]),
    ] {
        let step = Step::empty().function(".", &manifest("greeter", version), code);
        let step = step.input("api-url", &hub.url()).input("username", "@alice").input("dry-run", "true");
        let run = step.run();
        assert_eq!(ending(&run, &hub), expected, "{version}: {}", run.stdout);
        assert_eq!(run.codes(), codes);
        assert_eq!(run.function()["previous_version"], "1.0.0");
    }
    assert!(hub.requests().iter().all(|request| request.path.contains("/alice/greeter")));
}

#[test]
fn with_a_user_name_the_public_address_replaces_an_unreadable_list() {
    for fault in [Fault::status(500), Fault::status(403), Fault::Garbage] {
        let hub = hub_with(&["1.0.0"]);
        hub.fault_always(Route::My, fault.clone());
        let step = |version, code| {
            let step = Step::empty().function(".", &manifest("greeter", version), code).hub(&hub);
            step.input("timeout", "3").input("username", "alice")
        };
        let run = step("1.0.0", CODE).run();
        assert_eq!(ending(&run, &hub), ("unchanged", 0, 0), "{fault:?}: {}", run.stdout);
        assert!(run.codes().is_empty());
        let run = step("1.0.0", OTHER_CODE).run();
        assert_eq!(ending(&run, &hub), ("failed", 1, 0), "{fault:?}: {}", run.stdout);
    }
}

#[test]
fn a_dry_run_with_a_rejected_key_fails_and_nothing_is_sent() {
    let hub = StandInHub::start();
    let run = greeter("1.0.0").hub(&hub).input("api-key", "ac_another_key_99").input("dry-run", "true").run();
    assert_eq!((run.exit_code, run.codes()), (2, vec!["UNAUTHORIZED"]), "{}", run.stdout);
    assert!(hub.publishes().is_empty());
}

#[test]
fn a_draft_on_the_hub_is_not_a_published_version() {
    for code in [CODE, OTHER_CODE] {
        for version in ["1.0.0", "0.9.0"] {
            let hub = StandInHub::start();
            hub.seed_draft("alice", body("greeter", "1.0.0", CODE));
            let run = Step::empty().function(".", &manifest("greeter", version), code).hub(&hub).run();
            assert_eq!(ending(&run, &hub), ("published", 0, 1), "{}", run.stdout);
            assert_eq!(run.function()["release_type"], "first");
            assert_eq!(hub.published("alice", "greeter"), [version]);
        }
    }
}

#[test]
fn a_draft_on_top_of_a_published_version_does_not_hide_it() {
    for versions in VersionsShape::ALL {
        for owner_view in OwnerView::ALL {
            for list_with_code in [false, true] {
                let shapes = Shapes {
                    versions: *versions,
                    owner_view: *owner_view,
                    list_with_code,
                    ..Shapes::default()
                };
                let case = format!("{shapes:?}");
                let hub = hub_with(&["1.0.0"]);
                hub.seed_draft("alice", body("greeter", "2.0.0", OTHER_CODE));
                hub.set_shapes(shapes);
                let run = greeter("1.0.0").hub(&hub).run();
                assert_eq!(ending(&run, &hub), ("unchanged", 0, 0), "{case}: {}", run.stdout);
                let run = greeter("1.1.0").hub(&hub).run();
                assert_eq!(ending(&run, &hub), ("published", 0, 1), "{case}: {}", run.stdout);
                assert_eq!(run.function()["previous_version"], "1.0.0", "{case}");
            }
        }
    }
}

#[test]
fn the_previous_version_and_the_release_type_are_outputs() {
    let hub = hub_with(&["2.0.0", "1.2.3"]);
    hub.set_shapes(Shapes { versions: VersionsShape::Strings, ..Shapes::default() });
    let run = greeter("1.2.4").hub(&hub).input("strategy", "all").github().run();
    assert_eq!(ending(&run, &hub), ("published", 0, 1), "{}", run.stdout);
    let function = run.function();
    assert_eq!(
        (&function["previous_version"], &function["release_type"]),
        (&json!("2.0.0"), &json!("patch"))
    );
    assert_eq!(run.output("previous-version").as_deref(), Some("2.0.0"));
    assert_eq!(run.output("release-type").as_deref(), Some("patch"));
}

/// Every way in which the Hub may show what is published.
fn reading_shapes() -> impl Iterator<Item = Shapes> {
    let shapes = |list: ListPlace, versions: VersionsShape, by_id: Wrapping, list_with_code: bool| Shapes {
        list,
        versions,
        by_id,
        list_with_code,
        ..Shapes::default()
    };
    ListPlace::ALL.iter().flat_map(move |list| {
        VersionsShape::ALL.iter().flat_map(move |versions| {
            Wrapping::ALL.iter().flat_map(move |by_id| {
                [false, true].map(|list_with_code| shapes(*list, *versions, *by_id, list_with_code))
            })
        })
    })
}

#[test]
fn what_is_published_is_read_in_every_form_of_response() {
    for shapes in reading_shapes() {
        let case = format!("{shapes:?}");
        let hub = hub_with(&["1.0.0"]);
        hub.set_shapes(shapes);
        let run = Step::empty().function(".", &manifest("greeter", "1.0.0"), OTHER_CODE).hub(&hub).run();
        assert_eq!(ending(&run, &hub), ("failed", 1, 0), "{case}: {}", run.stdout);
        assert!(words(&run, "VERSION_CONFLICT").contains("`index.ts` changed"), "{case}");
    }
}

/// Every way in which the Hub may leave fields out of its response: none, each one, all but each one, all.
fn left_out() -> Vec<Vec<ResponseField>> {
    let all = ResponseField::ALL;
    let each = all.iter().map(|field| vec![*field]);
    let all_but_each =
        all.iter().map(|kept| all.iter().filter(|field| *field != kept).copied().collect::<Vec<_>>());
    each.chain(all_but_each).chain([Vec::new(), all.to_vec()]).collect()
}

#[test]
fn the_response_to_a_publish_is_read_in_every_form() {
    for response in ResponsePlace::ALL {
        for left_out in left_out() {
            let has = |field| !left_out.contains(&field);
            // Without a status it is read back, and what is read names the author.
            let names_the_page =
                has(ResponseField::Url) || has(ResponseField::Author) || !has(ResponseField::Status);
            let shapes = Shapes { response: *response, left_out, ..Shapes::default() };
            let case = format!("{shapes:?}");
            let hub = StandInHub::builder().shapes(shapes).start();
            let run = greeter("1.0.0").hub(&hub).run();
            assert_eq!(ending(&run, &hub), ("published", 0, 1), "{case}: {}", run.stdout);
            let url = names_the_page.then_some("https://hub.aerostack.dev/functions/alice/greeter");
            assert_eq!(run.function()["url"].as_str(), url, "{case}");
        }
    }
}

#[test]
fn the_response_to_a_draft_is_read_in_every_form() {
    for owner_view in OwnerView::ALL {
        for left_out in left_out() {
            let shapes = Shapes { owner_view: *owner_view, left_out, ..Shapes::default() };
            // The Hub does not show this draft, and its response does not say that it is one: nobody can know.
            let silent = shapes.left_out.contains(&ResponseField::Status);
            let case = format!("{shapes:?}");
            let hub = hub_with(&["1.0.0"]);
            hub.set_shapes(shapes);
            let run = greeter("1.1.0").hub(&hub).input("publish", "false").input("timeout", "2").run();
            let expected = match (owner_view, silent) {
                (OwnerView::Published, true) => ("unconfirmed", 4, 1),
                (OwnerView::Draft | OwnerView::Published, _) => ("draft", 0, 1),
            };
            assert_eq!(ending(&run, &hub), expected, "{case}: {}", run.stdout);
            assert_eq!(hub.draft("alice", "greeter").expect("a draft")["version"], "1.1.0");
        }
    }
}

#[test]
fn slow_responses_are_waited_for() {
    let hub = hub_with(&["1.0.0"]);
    for route in [Route::My, Route::ById, Route::Publish] {
        hub.fault(route, Fault::Delay(Duration::from_millis(300)));
    }
    let run = greeter("1.1.0").hub(&hub).input("api-key", DEFAULT_KEY).run();
    assert_eq!(ending(&run, &hub), ("published", 0, 1), "{}", run.stdout);
}

#[test]
fn versions_that_only_the_functions_own_response_lists_count() {
    let hub = hub_with(&["1.1.0", "2.0.0"]);
    let listed = json!({ "functions": [{ "id": "fn_0001", "slug": "greeter", "version": "1.1.0", "status": "published" }] });
    let own = json!({ "function": { "id": "fn_0001", "slug": "greeter", "version": "1.1.0", "status": "published",
        "versions": ["2.0.0", "1.1.0"], "code": CODE } });
    hub.fault_always(Route::My, Fault::json(200, &listed));
    hub.fault_always(Route::ById, Fault::json(200, &own));
    let run = greeter("1.2.0").hub(&hub).run();
    assert_eq!((run.codes(), run.exit_code), (vec!["VERSION_NOT_NEWER"], 1), "{}", run.stdout);
    assert!(hub.publishes().is_empty());
}

#[test]
fn a_list_that_names_no_version_is_completed_by_the_public_address() {
    for (entry, username) in [
        (json!({ "slug": "greeter", "author_username": "alice" }), ""),
        (json!({ "slug": "greeter" }), "alice"),
    ] {
        let hub = hub_with(&["1.1.0"]);
        hub.fault_always(Route::My, Fault::json(200, &json!({ "functions": [entry] })));
        let run = greeter("1.1.0").hub(&hub).input("username", username).run();
        assert_eq!(ending(&run, &hub), ("unchanged", 0, 0), "{}", run.stdout);
    }
}
