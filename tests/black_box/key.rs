//! The key is printed only in GitHub's mask command, and sent only to the Hub.

use serde_json::json;
use stand_in_hub::{Fault, Route, StandInHub};

use crate::fixtures::side_by_side;
use crate::sinks::{Reports, run_with_reports};
use crate::support::{CODE, MANIFEST, Step, text};

/// The key of these runs, with characters that JSON, URLs and Markdown escape.
const KEY: &str = r#"ac_Key"of<this>Run/%41+0123456789"#;

/// A name, and its step.
type Scenario<'s> = (&'static str, Box<dyn Fn() -> Step + 's>);

/// A Hub that knows the key.
fn hub() -> StandInHub {
    StandInHub::builder().account(KEY, "alice").start()
}

/// A text as it is rendered: without the escapes of JSON, HTML, URLs and workflow commands, and without colours and invisible
/// characters.
fn as_rendered(text: &str) -> String {
    let mut read = text.replace("\\\"", "\"").replace("\\\\", "\\").replace("&quot;", "\"");
    for code in 0x20_u8..0x7f {
        read = read.replace(&format!("&#{code};"), &char::from(code).to_string());
    }
    // `%` last, so that nothing is unescaped twice.
    for code in (0x20_u8..0x7f).filter(|code| *code != b'%').chain([b'%']) {
        read = read.replace(&format!("%{code:02X}"), &char::from(code).to_string());
    }
    read.chars().filter(|c| !c.is_control() && !('\u{200b}'..='\u{2069}').contains(c)).collect()
}

/// Asserts that no sink shows a key or its beginning, as it is or as it is rendered.
fn assert_not_shown(reports: &Reports, keys: &[&str]) {
    for (sink, text) in reports.sinks() {
        let lines = text.lines().filter(|line| sink != "stdout" || !line.starts_with("::add-mask::"));
        let text: Vec<_> = lines.collect();
        let text = text.join("\n");
        let read = as_rendered(&text);
        for key in keys {
            let beginning = &key[..key.len().min(12)];
            // The key itself contains what looks like an escape.
            for part in [key, beginning] {
                assert!(!text.contains(part), "{sink} shows `{part}`: {text}");
                assert!(
                    !read.contains(part) && !read.contains(&as_rendered(part)),
                    "{sink} shows `{part}`: {text}"
                );
            }
        }
    }
}

/// The same run on GitHub, GitLab and elsewhere.
fn everywhere(step: impl Fn() -> Step) -> [Reports; 3] {
    [run_with_reports(step().github()), run_with_reports(step().gitlab()), run_with_reports(step())]
}

#[test]
fn the_key_is_never_printed() {
    let hub = hub();
    let step = || Step::plain().hub(&hub).input("api-key", KEY);
    let scenarios: Vec<Scenario<'_>> = vec![
        ("dry run", Box::new(|| step().input("dry-run", "true"))),
        ("draft", Box::new(|| step().input("publish", "false"))),
        ("published", Box::new(step)),
        ("unchanged", Box::new(step)),
        ("conflict", Box::new(|| step().edit("index.ts", "Hello", "Bye"))),
        ("refused here", Box::new(|| step().edit("aerostack.json", "MIT", "MTI"))),
        ("no function", Box::new(|| Step::empty().hub(&hub).input("api-key", KEY))),
        ("bad inputs beside it", Box::new(|| step().input("publish", "maybe").input("timeout", "soon"))),
        ("inside other inputs", Box::new(|| step().input("publish", KEY).input("directory", KEY))),
        ("cut in another input", Box::new(|| step().input("strategy", &format!("{}{KEY}", "x".repeat(60))))),
        (
            "inside the address",
            Box::new(|| step().input("api-url", &format!("https://user:{KEY}@hub.example"))),
        ),
        ("a bad address", Box::new(|| step().input("api-url", &format!("ftp://{KEY}")))),
        (
            "no server",
            Box::new(|| {
                step()
                    .edit("aerostack.json", "1.0.0", "3.0.0")
                    .input("api-url", "http://127.0.0.1:1")
                    .input("timeout", "2")
            }),
        ),
        ("white space around it", Box::new(|| step().input("api-key", &format!("  {KEY}\n")))),
        ("another prefix", Box::new(|| step().input("api-key", &KEY.replacen("ac_", "ak_", 1)))),
        ("two lines", Box::new(|| step().input("api-key", &format!("{KEY}\nac_second_line_of_it")))),
        ("two words", Box::new(|| step().input("api-key", &format!("{KEY} {KEY}")))),
        ("two keys", Box::new(|| step().env("INPUT_API-KEY", "ac_another_key_of_this_job"))),
    ];
    let others = ["ac_another_key_of_this_job", "ac_second_line_of_it"];
    for (name, scenario) in scenarios {
        let keys = [KEY, others[0], others[1], &KEY.replacen("ac_", "ak_", 1)];
        for reports in everywhere(scenario) {
            assert_ne!(reports.run.exit_code, -1, "{name}");
            assert_not_shown(&reports, &keys);
        }
    }
}

#[test]
fn a_key_that_the_hub_repeats_is_never_printed() {
    let split = KEY.replacen("Key", "K\u{200b}e\u{0}y", 1);
    let echo = |key: &str| {
        let url = format!("https://hub.example/{key}");
        json!({"id": key, "slug": key, "author": key, "status": "published", "url": url})
    };
    let long = format!("{}{KEY}", "x".repeat(185));
    let longer = format!("{}{KEY}", "x".repeat(3_990));
    let responses = [
        Fault::json(200, &echo(KEY)),
        Fault::json(201, &json!({"function": echo(&split)})),
        Fault::json(200, &json!({"id": KEY, "status": KEY})),
        Fault::json(200, &json!({"error": KEY})),
        Fault::error(400, KEY, KEY),
        Fault::error(401, "UNAUTHORIZED", &split),
        Fault::error(400, "INVALID_CATEGORY", &longer),
        Fault::json(403, &json!({"error": {"code": "QUOTA", "message": "m", "details": {KEY: [KEY]}}})),
        Fault::text(400, KEY),
        Fault::text(503, &long),
        Fault::Redirect(format!("http://127.0.0.1:1/{KEY}?{KEY}")),
    ];
    side_by_side(responses, |response| {
        for route in [Route::Publish, Route::My, Route::Any] {
            let hub = hub();
            hub.fault_always(route, response.clone());
            let step = || Step::plain().hub(&hub).input("api-key", KEY).input("timeout", "1");
            assert_not_shown(&run_with_reports(step().github()), &[KEY]);
            assert_not_shown(&run_with_reports(step().gitlab()), &[KEY]);
        }
    });
}

#[test]
fn a_key_inside_the_function_is_never_printed() {
    let hub = hub();
    let quoted = serde_json::to_string(KEY).unwrap();
    let inside = quoted.trim_matches('"');
    let name = "ac_Key-in-a-file-name";
    for field in [
        "greeter",
        "1.0.0",
        "Greets whoever calls",
        "utility",
        "typescript",
        "cloudflare-worker",
        "MIT",
        "index.ts",
    ] {
        let manifest = MANIFEST.replace(field, inside);
        let step = || Step::empty().function(".", &manifest, CODE).hub(&hub).input("api-key", KEY);
        for reports in everywhere(|| step().input("dry-run", "true")) {
            assert_not_shown(&reports, &[KEY]);
        }
    }
    let cut = format!("// {}{KEY}\n{CODE}", "x".repeat(140));
    for code in [format!("// {KEY}\n{CODE}"), cut] {
        let step = || Step::plain().file("index.ts", &code).file("README.md", &code).hub(&hub);
        for reports in everywhere(|| step().input("api-key", KEY).input("dry-run", "true")) {
            assert_not_shown(&reports, &[KEY]);
        }
    }
    let manifest = MANIFEST.replace("index.ts", &format!("{name}.ts"));
    let step = || {
        let step = Step::empty().function(name, &manifest, CODE).file(&format!("{name}/{name}.ts"), CODE);
        step.hub(&hub).input("api-key", name).input("directory", name).input("dry-run", "true")
    };
    for reports in everywhere(step) {
        assert_not_shown(&reports, &[name]);
    }
    assert!(hub.publishes().is_empty());
}

#[test]
fn the_key_is_sent_only_to_the_hub_and_only_in_its_header() {
    let (hub, elsewhere) = (hub(), StandInHub::start());
    let step =
        || Step::plain().hub(&hub).input("api-key", KEY).input("username", "alice").input("timeout", "3");
    step().run();
    step().edit("index.ts", "Hello", "Bye").run();
    for route in [Route::Publish, Route::My, Route::ById, Route::Public, Route::Install] {
        hub.clear_faults();
        hub.fault_always(route, Fault::Redirect(format!("{}/elsewhere", elsewhere.url())));
        step().edit("aerostack.json", "1.0.0", "2.0.0").run();
    }
    assert_eq!((elsewhere.connections(), elsewhere.requests().len()), (0, 0));
    let requests = hub.requests();
    assert!(requests.iter().any(|request| request.path.starts_with("/api/community/functions/alice/")));
    for request in requests {
        let as_text = |(name, value): &(String, String)| format!("{name}: {value}\n");
        let others = request.headers.iter().filter(|(name, _)| name != "x-api-key");
        let reports: String = others.map(as_text).collect::<String>() + &request.path;
        assert!(!as_rendered(&reports).contains(&as_rendered(KEY)), "{reports}");
        assert!(!String::from_utf8_lossy(&request.body).contains("ac_Key"));
        assert_eq!(request.header("x-api-key"), Some(KEY), "{reports}");
    }
}

#[test]
fn a_missing_key_is_explained_by_what_the_job_runs_for() {
    const PAGE: &str = "https://app.aerostack.dev/account/keys";
    type Place = fn(Step) -> Step;
    let runs: [(Place, &str); 8] = [
        (|step| step, PAGE),
        (Step::github, "`environment:`"),
        (Step::gitlab, "Protected branches"),
        (|step| step.gitlab().env("CI_COMMIT_REF_PROTECTED", "true"), "environment scope"),
        (|step| step.gitlab_tag("v1.0.0"), "Protected tags"),
        (|step| step.gitlab_tag("v1.0.0").env("CI_COMMIT_REF_PROTECTED", "true"), "environment scope"),
        (|step| step.github_pull_request().input("publish", "false"), "from forks have no secrets"),
        (|step| step.gitlab_merge_request().input("publish", "false"), "from forks have no secrets"),
    ];
    for (on, hint) in runs {
        for key in ["", "$(AEROSTACK_API_KEY)"] {
            let hub = StandInHub::start();
            let run = on(Step::plain()).hub(&hub).input("api-key", key).run();
            let finding = run.finding("MISSING_KEY");
            assert_eq!(run.exit_code, 2, "{}", run.stdout);
            let shown = text(&finding["hint"]);
            assert!(shown.contains(PAGE) && shown.contains(hint), "{hint}: {shown}");
            assert!(hub.requests().is_empty());
        }
    }
}

#[test]
fn a_line_of_an_env_file_is_explained_and_not_sent() {
    for key in [
        "AEROSTACK_API_KEY=ac_key_in_a_file_0123",
        "KEY=\"ac_key_in_a_file_0123\"",
        "<ac_key_in_a_file_0123>",
    ] {
        let hub = StandInHub::start();
        let reports = run_with_reports(Step::plain().github().hub(&hub).input("api-key", key));
        assert_eq!((reports.run.exit_code, reports.run.codes()), (2, vec!["INVALID_INPUT"]), "{key}");
        assert_not_shown(&reports, &["ac_key_in_a_file_0123"]);
        assert!(hub.requests().is_empty());
    }
}

#[test]
fn a_key_too_short_to_be_searched_for_is_still_masked_in_the_name_that_is_sent() {
    const SHORT: &str = "zq7x";
    let hub = StandInHub::builder().account(SHORT, "alice").start();
    let manifest = MANIFEST.replace("greeter", "zq7x-greeter");
    let step = || Step::empty().function(".", &manifest, CODE).hub(&hub).input("api-key", SHORT);
    for reports in everywhere(step) {
        assert_eq!(reports.run.exit_code, 0, "{}", reports.run.stdout);
        let log = reports.run.stdout.lines().filter(|line| !line.starts_with("::add-mask::"));
        assert!(log.into_iter().all(|line| !line.contains(SHORT)), "{}", reports.run.stdout);
    }
    assert_eq!(hub.publishes().len(), 1);
}
