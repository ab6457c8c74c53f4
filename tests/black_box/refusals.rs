//! What the Hub refuses: the documented codes, unknown refusals, and redirects.

use serde_json::json;
use stand_in_hub::{DEFAULT_KEY, ErrorShape, Fault, Route, Shapes, StandInHub};

use crate::fixtures::{OTHER_CODE, body, ending, greeter, hub_with, manifest, words};
use crate::support::{CODE, Step};

/// The documented codes: usual status, exit code, line in the manifest (0 for none), and a part of the cause and the fix.
const DOCUMENTED: [(&str, u16, i32, u64, &str, &str); 6] = [
    ("INVALID_CATEGORY", 400, 1, 5, "category", "lower case"),
    ("MISSING_ENTRYPOINT", 400, 1, 9, "entrypoint", "relative to the function's directory"),
    ("EMPTY_CODE", 400, 1, 0, "empty", "at least one exported function"),
    ("DUPLICATE_SLUG", 409, 1, 2, "different account", "rename the function"),
    ("UNAUTHORIZED", 401, 2, 0, "invalid or expired", "app.aerostack.dev/account/keys"),
    ("VERSION_CONFLICT", 409, 1, 3, "is already published", "`version`"),
];

#[test]
fn every_documented_code_is_reported_with_its_cause_location_and_fix() {
    for (code, status, exit_code, line, cause, fix) in DOCUMENTED {
        let hub = StandInHub::start();
        if code == "VERSION_CONFLICT" {
            // Published by another run, after this one compared.
            hub.seed("alice", body("greeter", "1.0.0", OTHER_CODE));
            hub.fault(Route::My, Fault::json(200, &json!({ "functions": [] })));
        }
        hub.fault(Route::Publish, Fault::error(status, code, "no"));
        let run = greeter("1.0.0").hub(&hub).run();
        assert_eq!(ending(&run, &hub), ("failed", exit_code, 1), "{code}: {}", run.stdout);
        assert_eq!(run.codes(), [code]);
        assert_eq!(run.place(code)[0], line, "{code}");
        let words = words(&run, code);
        assert!(words.contains(cause) && words.contains(fix), "{code}: {words}");
        assert_eq!(run.function()["published"], false);
    }
}

#[test]
fn an_error_with_a_2xx_status_is_a_refusal() {
    let hub = StandInHub::start();
    hub.fault(Route::Publish, Fault::error(200, "DUPLICATE_SLUG", "no"));
    let run = greeter("1.0.0").hub(&hub).run();
    assert_eq!(ending(&run, &hub), ("failed", 1, 1), "{}", run.stdout);
    assert_eq!(run.codes(), ["DUPLICATE_SLUG"]);
}

#[test]
fn an_empty_entrypoint_is_the_location_of_the_finding() {
    let hub = StandInHub::start();
    hub.fault(Route::Publish, Fault::error(400, "EMPTY_CODE", "nothing in it"));
    let run = greeter("1.0.0").hub(&hub).run();
    assert_eq!(run.finding("EMPTY_CODE")["file"], "index.ts");
    assert!(words(&run, "EMPTY_CODE").contains("nothing in it"));
}

#[test]
fn an_invalid_category_is_marked_from_its_first_to_its_last_character() {
    let hub = StandInHub::start();
    hub.fault(Route::Publish, Fault::error(400, "INVALID_CATEGORY", "category `utility` is gone"));
    let run = greeter("1.0.0").hub(&hub).run();
    assert_eq!(run.place("INVALID_CATEGORY"), [5, 15, 5, 24]);
    assert_eq!(run.finding("INVALID_CATEGORY")["file"], "aerostack.json");
    assert!(words(&run, "INVALID_CATEGORY").contains("category `utility` is gone"));
}

/// A Hub whose errors have this format.
fn hub_with_errors(errors: ErrorShape) -> StandInHub {
    StandInHub::builder().shapes(Shapes { errors, ..Shapes::default() }).start()
}

#[test]
fn a_slug_of_another_account_is_refused() {
    for (errors, code, exit_code) in
        [(ErrorShape::Object, "DUPLICATE_SLUG", 1), (ErrorShape::Text, "HUB_REFUSED", 1)]
    {
        let hub = hub_with_errors(errors);
        hub.seed("bob", body("greeter", "1.0.0", CODE));
        let run = greeter("1.0.0").hub(&hub).run();
        assert_eq!(ending(&run, &hub), ("failed", exit_code, 1), "{errors:?}: {}", run.stdout);
        assert_eq!(run.codes(), [code], "{errors:?}");
        assert!(hub.published("alice", "greeter").is_empty());
    }
}

#[test]
fn an_invalid_key_is_unauthorized_and_never_printed() {
    for errors in [ErrorShape::Object, ErrorShape::Empty] {
        let hub = hub_with_errors(errors);
        let run = greeter("1.0.0").hub(&hub).input("api-key", "ac_not_this_one_0").run();
        assert_eq!(run.exit_code, 2, "{errors:?}: {}", run.stdout);
        assert!(run.codes().contains(&"UNAUTHORIZED"), "{errors:?}: {:?}", run.codes());
        assert!(hub.published("alice", "greeter").is_empty());
        assert!(!run.stdout.contains("ac_not_this_one_0"), "{errors:?}");
    }
}

#[test]
fn a_project_key_is_unauthorized() {
    let hub = StandInHub::builder().project_key("ac_project_key_000", "alice").start();
    let run = greeter("1.0.0").hub(&hub).input("api-key", "ac_project_key_000").run();
    assert_eq!((run.exit_code, run.codes()), (2, vec!["UNAUTHORIZED"]), "{}", run.stdout);
    assert!(words(&run, "UNAUTHORIZED").contains("a project key cannot publish"));
}

#[test]
fn a_version_that_was_published_in_the_meantime_is_a_conflict_with_or_without_a_code() {
    for errors in [ErrorShape::Object, ErrorShape::Empty] {
        let hub = hub_with(&["1.0.0"]);
        hub.set_shapes(Shapes { errors, ..Shapes::default() });
        // The list lags behind: at the comparison, it does not show the version yet.
        hub.fault(Route::My, Fault::json(200, &json!({ "functions": [] })));
        let step = Step::empty().function(".", &manifest("greeter", "1.0.0"), "export const other = 1;\n");
        let run = step.hub(&hub).run();
        assert_eq!(ending(&run, &hub), ("failed", 1, 1), "{errors:?}: {}", run.stdout);
        assert_eq!(run.codes(), ["VERSION_CONFLICT"], "{errors:?}");
        assert_eq!(run.place("VERSION_CONFLICT")[0], 3);
        assert!(words(&run, "VERSION_CONFLICT").contains("`index.ts` changed"), "{errors:?}");
    }
}

#[test]
fn an_unknown_refusal_is_shown_in_full_and_without_control_characters() {
    let details = json!({ "limit": 3, "until": "tomorrow" });
    let message = "too much\u{1b}[31m\r\n::error::x\u{202e}\u{0}, \u{9b}1m wait";
    for (status, exit_code) in [(400, 1), (403, 2), (418, 3)] {
        let hub = StandInHub::start();
        let error = json!({ "error": { "code": "QUOTA_EXCEEDED", "message": message, "details": details } });
        hub.fault_always(Route::Publish, Fault::json(status, &error));
        let run = greeter("1.0.0").hub(&hub).run();
        assert_eq!(ending(&run, &hub), ("failed", exit_code, 1), "{status}: {}", run.stdout);
        assert_eq!(run.codes(), ["HUB_REFUSED"]);
        let words = words(&run, "HUB_REFUSED");
        for part in ["QUOTA_EXCEEDED", "too much[31m", "1m wait", r#"{"limit":3,"until":"tomorrow"}"#] {
            assert!(words.contains(part), "{part}: {words}");
        }
        assert!(words.contains(&status.to_string()), "{words}");
        for text in [&run.stdout, &words] {
            let bad = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
            assert!(!text.contains(bad), "{text:?}");
        }
        assert!(run.stdout.lines().all(|line| !line.trim_start().starts_with("::")), "{}", run.stdout);
    }
}

#[test]
fn an_unknown_error_with_a_2xx_status_may_have_been_a_success() {
    for status in [200, 201] {
        let hub = StandInHub::start();
        let error = json!({ "error": { "code": "QUOTA_EXCEEDED", "message": "too much" } });
        hub.fault_always(Route::Publish, Fault::json(status, &error));
        let run = greeter("1.0.0").hub(&hub).input("timeout", "2").run();
        assert_eq!(ending(&run, &hub), ("unconfirmed", 4, 1), "{status}: {}", run.stdout);
        assert!(words(&run, "UNCONFIRMED").contains("QUOTA_EXCEEDED: too much"), "{}", run.stdout);
    }
}

#[test]
fn the_response_of_a_proxy_is_shown_and_a_page_is_summed_up() {
    let page = "<html><head><title>Blocked by \u{1b}[5mthe\n firewall</title></head><body><h1>Ray ID 7</h1></body></html>";
    for (status, exit_code, text, shown) in [
        (403, 2, page, "a web page titled `Blocked by [5mthe firewall`"),
        (403, 2, "<!doctype html><h1>no title</h1>", "a web page"),
        (413, 1, "entity too large", "entity too large"),
        (400, 1, "{\"half\":", "{\"half\":"),
        (418, 3, "", ""),
    ] {
        let hub = StandInHub::start();
        hub.fault_always(Route::Any, Fault::text(status, text));
        let run = greeter("1.0.0").hub(&hub).run();
        assert_eq!(ending(&run, &hub), ("failed", exit_code, 1), "{status}: {}", run.stdout);
        let words = words(&run, "HUB_REFUSED");
        assert!(words.contains(&status.to_string()) && words.contains(shown), "{words}");
        assert!(!run.stdout.contains("<h1>"), "{}", run.stdout);
    }
}

#[test]
fn a_401_without_a_code_is_unauthorized() {
    let hub = StandInHub::start();
    hub.fault_always(Route::Any, Fault::text(401, "<html>log in</html>"));
    let run = greeter("1.0.0").hub(&hub).run();
    assert_eq!(ending(&run, &hub), ("failed", 2, 1), "{}", run.stdout);
    assert!(run.codes().contains(&"UNAUTHORIZED"));
}

#[test]
fn a_key_that_the_hub_repeats_is_not_printed() {
    let hub = StandInHub::start();
    let echo = format!("no function for key {DEFAULT_KEY}");
    hub.fault(Route::My, Fault::error(403, &echo, &echo));
    hub.fault(Route::Publish, Fault::error(403, "QUOTA", &echo));
    let run = greeter("1.0.0").hub(&hub).run();
    assert_eq!(ending(&run, &hub), ("failed", 2, 1), "{}", run.stdout);
    assert!(words(&run, "HUB_REFUSED").contains("no function for key ***"));
    for text in [run.stdout, run.stderr, run.report.to_string()] {
        assert!(!text.contains(DEFAULT_KEY));
    }
}

#[test]
fn a_redirect_of_a_publish_is_not_followed() {
    for status in [302, 307] {
        let (hub, elsewhere) = (StandInHub::start(), StandInHub::start());
        let target = format!("{}/api/community/functions/ci/publish", elsewhere.url());
        hub.fault_always(Route::Publish, Fault::status_with_header(status, "location", &target));
        let run = greeter("1.0.0").hub(&hub).run();
        assert_eq!(ending(&run, &hub), ("failed", 2, 1), "{status}: {}", run.stdout);
        assert!(words(&run, "HUB_REFUSED").contains(&target), "{}", run.stdout);
        assert!(elsewhere.requests().is_empty());
        assert_eq!(elsewhere.connections(), 0);
    }
}

#[test]
fn a_redirect_of_a_read_is_not_followed() {
    let (hub, elsewhere) = (hub_with(&["1.0.0"]), hub_with(&["1.0.0"]));
    hub.fault_always(Route::My, Fault::Redirect(format!("{}/api/community/functions/my", elsewhere.url())));
    for route in [Route::Public, Route::Install, Route::ById] {
        hub.fault_always(
            route,
            Fault::Redirect(format!("{}/api/community/functions/fn_0001", elsewhere.url())),
        );
    }
    let run = greeter("1.1.0").hub(&hub).input("username", "alice").run();
    assert_eq!(ending(&run, &hub), ("published", 0, 1), "{}", run.stdout);
    assert_eq!(run.codes(), ["HISTORY_UNREADABLE"]);
    assert_eq!(elsewhere.connections(), 0);
}

#[test]
fn a_redirect_to_the_hub_itself_is_not_followed_either() {
    let hub = StandInHub::start();
    hub.fault_always(Route::My, Fault::Redirect(format!("{}/elsewhere", hub.url())));
    assert_eq!(greeter("1.0.0").hub(&hub).run().exit_code, 0);
    assert!(hub.requests().iter().all(|request| request.path != "/elsewhere"));
}

#[test]
fn an_address_with_a_part_of_the_apis_own_path_is_recognized() {
    for path in [
        "/api",
        "/api/",
        "/api/community",
        "/api/community/functions",
        "/api/community/functions/ci/publish",
        "/api/community/functions/ci/publish/",
    ] {
        let hub = hub_with(&["0.9.0"]);
        let address = format!("{}{path}", hub.url());
        let run = greeter("1.0.0").hub(&hub).input("api-url", &address).run();
        assert_eq!(run.exit_code, 2, "{path}: {}", run.stdout);
        let meant = format!("`{}`", hub.url());
        assert!(run.stdout.contains(&meant), "{path}: {}", run.stdout);
        assert_eq!(hub.published("alice", "greeter"), ["0.9.0"]);
    }
}

#[test]
fn an_address_without_such_an_endpoint_is_an_error_of_the_pipeline() {
    for status in [404, 405] {
        let hub = StandInHub::start();
        hub.fault_always(Route::Any, Fault::html_page(status, "Not here"));
        let run = greeter("1.0.0").hub(&hub).run();
        assert_eq!(run.exit_code, 2, "{status}: {}", run.stdout);
        assert!(words(&run, "HUB_REFUSED").contains("Not here"), "{}", run.stdout);
        assert!(words(&run, "HUB_REFUSED").contains("`api-url`"), "{}", run.stdout);
    }
}

#[test]
fn every_explanation_of_a_refusal_is_shown() {
    let explained = |field: &str, value: serde_json::Value| {
        let hub = StandInHub::start();
        let mut refusal = json!({ "error": { "code": "VALIDATION_ERROR", "message": "no" } });
        refusal["error"][field] = value;
        hub.fault(Route::Publish, Fault::json(422, &refusal));
        let run = greeter("1.0.0").hub(&hub).run();
        assert_eq!(ending(&run, &hub), ("failed", 1, 1), "{field}: {}", run.stdout);
        words(&run, "HUB_REFUSED")
    };
    for field in ["reasons", "details", "errors", "issues"] {
        for value in [
            json!(["too short", "no tests"]),
            json!([{ "message": "too short" }, { "message": "no tests" }]),
            json!([{ "field": "description", "reason": "too short" }, { "path": ["code"], "message": "no tests" }]),
            json!({ "description": "too short", "code": ["no tests"] }),
            json!("too short; no tests"),
        ] {
            let words = explained(field, value.clone());
            for reason in ["VALIDATION_ERROR", "too short", "no tests"] {
                assert!(words.contains(reason), "{field} {value}: {words}");
            }
        }
    }
}
