//! What is published of a function that the account's list does not name: its public address says it.

use serde_json::json;
use stand_in_hub::{Fault, ListSlugs, PageInfo, Route, Shapes, StandInHub};

use crate::fixtures::{body, ending, greeter, severity, words};
use crate::support::CODE;

/// A Hub on which `alice` has 20 other functions, and `greeter` with 2.0.0 live.
fn hub_with_many(shapes: Shapes) -> StandInHub {
    let hub = StandInHub::builder().shapes(shapes).start();
    for number in 0..20 {
        hub.seed("alice", body(&format!("other-{number:02}"), "1.0.0", CODE));
    }
    hub.seed("alice", body("greeter", "2.0.0", CODE));
    hub
}

/// Every way in which a list may not name `greeter` although it exists.
fn incomplete_lists() -> Vec<Shapes> {
    let mut lists = vec![Shapes { unlisted: vec!["greeter".to_owned()], ..Shapes::default() }];
    for page_info in PageInfo::ALL {
        lists.push(Shapes { page_size: Some(20), page_info: *page_info, ..Shapes::default() });
        lists.push(Shapes { page_size: Some(1), page_info: *page_info, ..Shapes::default() });
    }
    lists.push(Shapes { page_size: Some(20), list_slugs: ListSlugs::Prefixed, ..Shapes::default() });
    lists
}

#[test]
fn a_function_that_the_list_does_not_name_is_looked_up_at_its_public_address() {
    for shapes in incomplete_lists() {
        let hub = hub_with_many(shapes.clone());
        let older = greeter("1.0.0").hub(&hub).run();
        assert_eq!(ending(&older, &hub), ("failed", 1, 0), "{shapes:?}: {}", older.stdout);
        assert_eq!(older.codes(), ["VERSION_NOT_NEWER"], "{shapes:?}");
        let same = greeter("2.0.0").hub(&hub).run();
        assert_eq!(ending(&same, &hub), ("unchanged", 0, 0), "{shapes:?}: {}", same.stdout);
        let newer = greeter("2.1.0").hub(&hub).run();
        assert_eq!(ending(&newer, &hub), ("published", 0, 1), "{shapes:?}: {}", newer.stdout);
        assert_eq!(newer.function()["previous_version"], "2.0.0", "{shapes:?}");
        assert_eq!(newer.function()["release_type"], "minor", "{shapes:?}");
    }
}

#[test]
fn a_slug_with_the_user_name_in_front_is_recognized() {
    let hub = hub_with_many(Shapes { list_slugs: ListSlugs::Prefixed, ..Shapes::default() });
    hub.fault_always(Route::Public, Fault::status(500));
    let run = greeter("1.0.0").hub(&hub).input("timeout", "5").run();
    assert_eq!((ending(&run, &hub), run.codes()), (("failed", 1, 0), vec!["VERSION_NOT_NEWER"]));
}

#[test]
fn where_the_list_names_no_author_the_user_name_is_used() {
    let shapes =
        Shapes { unlisted: vec!["greeter".to_owned()], list_without_authors: true, ..Shapes::default() };
    let hub = hub_with_many(shapes);
    let known = greeter("1.0.0").hub(&hub).input("username", "alice").run();
    assert_eq!((ending(&known, &hub), known.codes()), (("failed", 1, 0), vec!["VERSION_NOT_NEWER"]));
    let strict = greeter("1.0.0").hub(&hub).input("allow-create", "false").run();
    assert_eq!(ending(&strict, &hub), ("failed", 4, 0), "{}", strict.stdout);
    assert_eq!(severity(&strict, "HISTORY_UNREADABLE"), "error");
    // Nobody knows: the Hub decides, and nothing calls it a first release.
    let unknown = greeter("3.0.0").hub(&hub).run();
    assert_eq!(ending(&unknown, &hub), ("published", 0, 1), "{}", unknown.stdout);
    assert_eq!(unknown.codes(), ["HISTORY_UNREADABLE"]);
    assert!(words(&unknown, "HISTORY_UNREADABLE").contains("set `username`"), "{}", unknown.stdout);
    assert_eq!(unknown.function()["release_type"], "none");
}

#[test]
fn only_an_empty_list_or_a_404_at_the_public_address_means_never_published() {
    let first = |hub: &StandInHub| {
        let run = greeter("1.0.0").hub(hub).run();
        assert_eq!(ending(&run, hub), ("published", 0, 1), "{}", run.stdout);
        assert_eq!(run.finding("FIRST_RELEASE")["severity"], "notice");
        assert_eq!(run.function()["release_type"], "first");
    };
    first(&StandInHub::start());
    let hub = StandInHub::start();
    hub.seed("alice", body("other", "1.0.0", CODE));
    first(&hub);
    assert!(hub.requests().iter().any(|request| request.path.ends_with("/alice/greeter")));
}

#[test]
fn a_public_address_that_cannot_be_read_is_not_an_absence() {
    for fault in [
        Fault::status(403),
        Fault::status(500),
        Fault::status(301),
        Fault::html_page(200, "Log in"),
        Fault::json(200, &json!([])),
        Fault::CutBefore,
    ] {
        let hub = hub_with_many(Shapes { unlisted: vec!["greeter".to_owned()], ..Shapes::default() });
        hub.fault_always(Route::Public, fault.clone());
        let step = greeter("3.0.0").hub(&hub).input("timeout", "6");
        let run = step.run();
        assert_eq!(ending(&run, &hub), ("published", 0, 1), "{fault:?}: {}", run.stdout);
        assert_eq!(run.codes(), ["HISTORY_UNREADABLE"], "{fault:?}");
        let strict = greeter("4.0.0").hub(&hub).input("timeout", "3").input("allow-create", "false").run();
        assert_eq!(ending(&strict, &hub), ("failed", 4, 1), "{fault:?}: {}", strict.stdout);
    }
}
