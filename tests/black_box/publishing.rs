//! The main job: a function is published once, with exactly the documented request.

use std::fmt::Write as _;

use serde_json::{Value, json};
use stand_in_hub::{DEFAULT_KEY, StandInHub};

use crate::fixtures::{body, ending, greeter};
use crate::support::{CODE, MANIFEST, Step};

#[test]
fn a_new_version_goes_live_and_a_second_run_changes_nothing() {
    let hub = StandInHub::start();
    let step = Step::example().hub(&hub);
    let first = step.run();
    assert_eq!((first.exit_code, first.statuses()), (0, vec!["published"]), "{}", first.stdout);
    assert_eq!(hub.published("alice", "image-resizer"), ["1.0.0"]);
    let second = step.run();
    assert_eq!((second.exit_code, second.statuses()), (0, vec!["unchanged"]), "{}", second.stdout);
    assert_eq!(hub.publishes().len(), 1);
}

/// What `jq '$config + {code: $code, publish: true}'` makes of a function's files: the documented pipeline.
fn documented_body(step: &Step, publish: bool) -> Value {
    let read = |name| std::fs::read_to_string(step.path(name)).expect("a file");
    let mut config: Value = serde_json::from_str(&read("aerostack.json")).expect("JSON");
    config["code"] = json!(read("index.ts"));
    config["publish"] = json!(publish);
    config
}

#[test]
fn the_body_is_that_of_the_documented_pipeline() {
    for publish in [true, false] {
        let hub = StandInHub::start();
        let step = Step::example().hub(&hub).input("publish", &publish.to_string());
        std::fs::remove_file(step.path("README.md")).expect("the example has a README");
        let run = step.run();
        assert_eq!(run.exit_code, 0, "{}", run.stdout);
        let sent = hub.publishes().remove(0);
        assert_eq!(sent, documented_body(&step, publish));
        let keys = |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&sent), keys(&documented_body(&step, publish)));
    }
}

#[test]
fn the_readme_is_sent() {
    let hub = StandInHub::start();
    let step = Step::example().hub(&hub);
    assert_eq!(step.run().exit_code, 0);
    let mut expected = documented_body(&step, true);
    expected["readme"] = json!(std::fs::read_to_string(step.path("README.md")).expect("a README"));
    assert_eq!(hub.publishes(), [expected]);
}

#[test]
fn every_manifest_field_is_sent_unchanged_and_in_order() {
    let unknown = r#""zeta": {"b": 1, "a": [null, true, 1.50, 12345678901234567890123, "ä\u0000"]},
  "name": "greeter","#;
    let hub = StandInHub::start();
    let step = Step::empty().function(".", &MANIFEST.replace(r#""name": "greeter","#, unknown), CODE);
    let run = step.hub(&hub).run();
    assert_eq!(ending(&run, &hub), ("published", 0, 1), "{}", run.stdout);
    let requests = hub.requests();
    let post = requests.iter().find(|request| request.method == "POST").expect("a publish");
    let text = String::from_utf8(post.body.clone()).expect("UTF-8");
    // Numbers keep their digits: none is rounded on the way.
    let zeta = r#"{"zeta":{"b":1,"a":[null,true,1.50,12345678901234567890123,"ä\u0000"]},"name":"greeter","#;
    assert!(text.starts_with(zeta), "{text}");
    assert!(text.contains(r#""entrypoint":"index.ts","code":"export "#), "{text}");
}

#[test]
fn the_request_has_the_documented_address_and_headers() {
    let hub = StandInHub::start();
    assert_eq!(greeter("1.0.0").hub(&hub).run().exit_code, 0);
    let requests = hub.requests();
    let post = requests.iter().find(|request| request.method == "POST").expect("a publish");
    assert_eq!(post.path, "/api/community/functions/ci/publish");
    assert_eq!(post.header("X-API-Key"), Some(DEFAULT_KEY));
    assert_eq!(post.header("Content-Type"), Some("application/json"));
    assert!(post.header("User-Agent").is_some_and(|agent| agent.starts_with("aerostack-publish/")));
    assert_eq!(post.header("Authorization"), None);
}

#[test]
fn the_hubs_address_may_have_a_path() {
    let hub = StandInHub::start();
    for address in [format!("{}/hub/v2", hub.url()), format!("{}/hub/v2/", hub.url())] {
        let run = greeter("1.0.0").hub(&hub).input("api-url", &address).run();
        // The stand-in Hub has no such address; what matters is where the request went.
        assert_eq!(run.exit_code, 2, "{}", run.stdout);
    }
    assert!(
        hub.requests().iter().all(|request| request.path.starts_with("/hub/v2/api/community/functions/"))
    );
}

#[test]
fn the_key_goes_along_with_every_request_to_the_hub() {
    let hub = StandInHub::start();
    hub.seed("alice", body("greeter", "1.0.0", CODE));
    hub.seed_draft("alice", body("greeter", "2.0.0", CODE));
    let run = greeter("1.0.0").hub(&hub).run();
    assert_eq!(ending(&run, &hub), ("unchanged", 0, 0), "{}", run.stdout);
    let requests = hub.requests();
    assert!(requests.iter().any(|request| request.path.contains("/alice/greeter")));
    // Without it, a public read counts against the limit of the address, which runners share.
    assert!(requests.iter().all(|request| request.header("X-API-Key") == Some(DEFAULT_KEY)));
}

#[test]
fn a_byte_order_mark_is_not_sent() {
    let hub = StandInHub::start();
    let step = Step::empty().function(".", &format!("\u{feff}{MANIFEST}"), &format!("\u{feff}{CODE}"));
    let run = step.file("README.md", "\u{feff}# Greeter\n").hub(&hub).run();
    assert_eq!(ending(&run, &hub), ("published", 0, 1), "{}", run.stdout);
    let sent = &hub.publishes()[0];
    assert_eq!((&sent["code"], &sent["readme"]), (&json!(CODE), &json!("# Greeter\n")));
}

#[test]
fn line_endings_are_sent_unchanged() {
    let hub = StandInHub::start();
    let code = "export const a = 1;\r\nexport const b = '\u{2028}𝒳';\n";
    let run = Step::empty().function(".", MANIFEST, code).hub(&hub).run();
    assert_eq!(ending(&run, &hub), ("published", 0, 1), "{}", run.stdout);
    assert_eq!(hub.publishes()[0]["code"], code);
}

#[test]
fn five_megabytes_of_code_are_published_and_then_unchanged() {
    let mut code = CODE.to_owned();
    let mut line = 0;
    while code.len() < 5 * 1024 * 1024 {
        line += 1;
        writeln!(code, "export const line{line} = \"{}\\n\";", "ä\\\"".repeat(200)).expect("memory");
    }
    let hub = StandInHub::start();
    let step = Step::empty().function(".", MANIFEST, &code).hub(&hub);
    let run = step.run();
    assert_eq!(ending(&run, &hub), ("published", 0, 1), "{}", run.stdout);
    assert!(hub.publishes()[0]["code"] == code, "the code was changed on its way");
    let run = step.run();
    assert_eq!(ending(&run, &hub), ("unchanged", 0, 1), "{}", run.stdout);
}

#[test]
fn a_draft_is_not_live_until_a_later_run_publishes_it() {
    let hub = StandInHub::start();
    let step = greeter("1.0.0").hub(&hub).input("publish", "false").github();
    let run = step.run();
    assert_eq!(ending(&run, &hub), ("draft", 0, 1), "{}", run.stdout);
    assert_eq!(hub.publishes()[0]["publish"], false);
    assert!(hub.published("alice", "greeter").is_empty());
    assert_eq!(run.output("published").as_deref(), Some("false"));
    assert_eq!(run.output("status").as_deref(), Some("draft"));
    let run = step.input("publish", "true").run();
    assert_eq!(ending(&run, &hub), ("published", 0, 2), "{}", run.stdout);
    assert_eq!(run.output("published").as_deref(), Some("true"));
    assert_eq!(hub.published("alice", "greeter"), ["1.0.0"]);
}

#[test]
fn a_dry_run_shows_the_request_and_sends_nothing() {
    let long = format!("{CODE}// {}END\n", "x".repeat(4_000));
    let hub = StandInHub::start();
    for publish in [true, false] {
        let step = Step::empty().function(".", MANIFEST, &long).file("README.md", &long).hub(&hub);
        let run = step.input("dry-run", "true").input("publish", &publish.to_string()).run();
        assert_eq!(ending(&run, &hub), ("dry-run", 0, 0), "{}", run.stdout);
        let address = format!("POST {}/api/community/functions/ci/publish", hub.url());
        let publish = format!(r#""publish": {publish}"#);
        for part in [address.as_str(), "Content-Type: application/json", "X-API-Key: ***", &publish] {
            assert!(run.stdout.contains(part), "{part} in {}", run.stdout);
        }
        assert!(run.stdout.contains("export const greet") && !run.stdout.contains("END"), "{}", run.stdout);
        for text in [run.stdout, run.stderr, run.report.to_string()] {
            assert!(!text.contains(DEFAULT_KEY));
        }
    }
}

#[test]
fn a_dry_run_shortens_long_texts_and_lists_and_many_files() {
    let list = serde_json::to_string(&vec!["y"; 103]).expect("JSON");
    let fields: Vec<_> = (0..110).map(|number| format!("\"field{number}\": {{}}")).collect();
    let start = MANIFEST.trim_end().strip_suffix('}').expect("an object").trim_end();
    let manifest =
        format!("{start}, \"list\": {list}, \"text\": \"{}END\", {}}}", "z".repeat(300), fields.join(", "));
    let imports: Vec<_> = (0..120).map(|number| format!("import './m{number}';")).collect();
    let mut step = Step::empty().function(".", &manifest, &format!("{}\n{CODE}", imports.concat()));
    for number in 0..120 {
        step = step.file(&format!("m{number}.ts"), "export {};\n");
    }
    let hub = StandInHub::start();
    let run = step.hub(&hub).input("dry-run", "true").run();
    assert_eq!(ending(&run, &hub), ("dry-run", 0, 0), "{}", run.stdout);
    let members = serde_json::from_str::<Value>(&manifest).expect("JSON").as_object().expect("object").len();
    let rest_of_fields = format!("\"…\": \"{} more\"", members - 100);
    for part in
        [&rest_of_fields, "\"3 more\"", "\"…\": \"22 more\"", "zzz… (303 bytes in all)", "\"publish\": true"]
    {
        assert!(run.stdout.contains(part), "{part} in {}", run.stdout);
    }
    assert!(!run.stdout.contains("zEND") && !run.stdout.contains("\"m99.ts\""), "{}", run.stdout);
}

#[test]
fn a_dry_run_works_without_a_key() {
    let hub = StandInHub::start();
    let run = greeter("1.0.0").input("api-url", &hub.url()).input("dry-run", "true").run();
    assert_eq!(ending(&run, &hub), ("dry-run", 0, 0), "{}", run.stdout);
    assert!(run.stdout.contains("POST ") && run.stdout.contains(r#""version": "1.0.0""#), "{}", run.stdout);
}

#[test]
fn a_run_without_a_key_is_refused_and_nothing_is_sent() {
    let hub = StandInHub::start();
    let run = greeter("1.0.0").input("api-url", &hub.url()).run();
    assert_eq!((run.exit_code, run.codes()), (2, vec!["MISSING_KEY"]), "{}", run.stdout);
    assert!(hub.requests().is_empty());
}

#[test]
fn the_pages_of_the_function_are_reported() {
    let hub = StandInHub::start();
    let run = greeter("1.0.0").hub(&hub).github().run();
    assert_eq!(ending(&run, &hub), ("published", 0, 1), "{}", run.stdout);
    let page = "https://hub.aerostack.dev/functions/alice/greeter";
    let id = run.function()["id"].as_str().expect("an id");
    assert_eq!(run.output("url").as_deref(), Some(page));
    assert_eq!(run.output("id").as_deref(), Some(id));
    let edit = format!("https://app.aerostack.dev/functions/edit/{id}");
    assert_eq!(run.output("admin-url"), Some(edit));
}
