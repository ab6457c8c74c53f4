//! Content and metadata of a version that is published already, compared with what would be sent.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use stand_in_hub::{DEFAULT_KEY, Fault, Route, StandInHub};

use crate::fixtures::{body, ending, greeter, hub_with, manifest_with, severity, words};
use crate::support::{CODE, MANIFEST, Run, Step, text};

/// Runs a Bash script in a step's workspace, with the variables and the arguments of the documented pipeline.
#[track_caller]
fn bash(arguments: &[&str], step: &Step, hub: &StandInHub) {
    let output = Command::new("bash")
        .args(arguments)
        .current_dir(step.path(""))
        .env("no_proxy", "*")
        .env("AEROSTACK_API_URL", hub.url())
        .env("AEROSTACK_API_KEY", DEFAULT_KEY)
        .output()
        .expect("Bash starts");
    assert!(output.status.success(), "curl and jq are needed: {output:?}");
}

/// Publishes with `scripts/publish-with-curl`.
#[track_caller]
fn publish_with_curl(step: &Step, hub: &StandInHub) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/publish-with-curl");
    bash(&[script.to_str().expect("UTF-8"), "."], step, hub);
}

/// Publishes with a pipeline that reads the code by a shell expression.
#[track_caller]
fn publish_pasted(code: &str, step: &Step, hub: &StandInHub) {
    let script = format!(
        r#"set -e
code={code}
jq --arg code "$code" '. + {{code: $code, publish: true}}' aerostack.json |
  curl --fail-with-body --silent --show-error -H 'Content-Type: application/json' -H "X-API-Key: $AEROSTACK_API_KEY" \
    --data-binary @- "$AEROSTACK_API_URL/api/community/functions/ci/publish""#
    );
    bash(&["-c", &script], step, hub);
}

/// [`CODE`] with every kind of end.
fn codes() -> impl Iterator<Item = String> {
    ["", "\n", "\n\n\n", "\r\n", "\r\n\r\n", "\n\r\n", "\n// ä $(x) `x` \"\\n\" end\n"]
        .map(|end| format!("{}{end}", CODE.trim_end()))
        .into_iter()
}

#[test]
fn what_the_documented_pipeline_published_is_unchanged() {
    for code in codes() {
        let hub = StandInHub::start();
        let step = Step::empty().function(".", MANIFEST, &code).file("README.md", "# Greeter\n").hub(&hub);
        publish_with_curl(&step, &hub);
        assert_eq!(hub.publishes()[0]["code"], code, "every byte is sent");
        let run = step.run();
        assert_eq!(ending(&run, &hub), ("unchanged", 0, 1), "{code:?}: {}", run.stdout);
        assert!(run.codes().is_empty(), "{code:?}: {:?}", run.codes());
    }
}

#[test]
fn the_documented_pipeline_publishes_index_ts_where_no_entrypoint_is_named() {
    let hub = StandInHub::start();
    hub.fault_always(Route::Publish, Fault::json(201, &json!({})));
    let step = Step::empty().function(".", &manifest_with(&json!({"entrypoint": null})).to_string(), CODE);
    publish_with_curl(&step, &hub);
    assert_eq!(hub.publishes()[0]["code"], CODE);
    let step = step.edit("aerostack.json", "{", r#"{"entrypoint": "main.ts","#).file("main.ts", "// main\n");
    publish_with_curl(&step, &hub);
    assert_eq!(hub.publishes()[1]["code"], "// main\n");
}

#[test]
fn what_a_pasted_pipeline_published_is_unchanged() {
    for reading in [
        r#""$(cat index.ts)""#,
        r#""$(<index.ts)""#,
        r#""$(cat index.ts; echo; echo)""#,
        r#""$(cat index.ts)"$'\n\n'"#,
        r#""$(sed 's/$/\r/' index.ts)""#,
    ] {
        for code in codes().filter(|code| !code.contains('\r')) {
            let hub = StandInHub::start();
            let step = Step::empty().function(".", MANIFEST, &code).hub(&hub);
            publish_pasted(reading, &step, &hub);
            let run = step.run();
            assert_eq!(ending(&run, &hub), ("unchanged", 0, 1), "{reading} {code:?}: {}", run.stdout);
        }
    }
}

#[test]
fn line_breaks_at_the_end_of_any_file_do_not_count_and_all_else_does() {
    let entrypoint = "export * from './lib';";
    let (lib, readme) = ("export const a = 1;", "# Greeter");
    let published = |end: &str| {
        let with_end = |text: &str| format!("{text}{end}");
        let mut published = body("greeter", "1.0.0", &with_end(entrypoint));
        published["readme"] = json!(with_end(readme));
        published["files"] = json!({
            "aerostack.json": with_end(MANIFEST.trim_end()),
            "index.ts": with_end(entrypoint),
            "lib.ts": with_end(lib),
        });
        published
    };
    let step = |end: &str| {
        let step = Step::empty().function(".", MANIFEST, &format!("{entrypoint}{end}"));
        step.file("lib.ts", format!("{lib}{end}")).file("README.md", format!("{readme}{end}"))
    };
    for (ours, theirs, is_equal) in [
        ("\n", "", true),
        ("", "\n", true),
        ("\r\n\r\n", "", true),
        ("\n", "\r\n\n\r", true),
        ("\n", " ", false),
        ("", "\n\n\t\n", false),
    ] {
        let hub = StandInHub::start();
        hub.seed("alice", published(theirs));
        let run = step(ours).hub(&hub).run();
        let expected = if is_equal { ("unchanged", 0, 0) } else { ("failed", 1, 0) };
        assert_eq!(ending(&run, &hub), expected, "{ours:?} {theirs:?}: {}", run.stdout);
        if !is_equal {
            let words = words(&run, "VERSION_CONFLICT");
            for file in ["index.ts", "lib.ts", "README.md"] {
                assert!(words.contains(&format!("`{file}` changed")), "{words}");
            }
        }
    }
}

/// A function of three files, and perhaps other code in its entrypoint.
fn of_three_files(code: &str) -> Step {
    Step::empty()
        .function(".", MANIFEST, code)
        .file("lib/a.ts", "export * from './b';\nexport const a = 1;\n")
        .file("lib/b.ts", "export const b = 1;\n")
}

const IMPORTING: &str = "export * from './lib/a';\n";

const WITHOUT_IMPORTS: &str =
    "it was published earlier without the files that it imports (`lib/a.ts`, `lib/b.ts`)";

#[test]
fn a_version_that_was_published_without_its_imports_says_so_and_nothing_is_sent() {
    for (published, pasted) in [
        (IMPORTING, false),
        (IMPORTING, true),
        ("export const c = 1;\nexport * from './lib/a.ts';\n", false),
        (
            "import { a } from './lib/a.js';\nexport const c = async () => [a, await import('./gone')];\n",
            false,
        ),
    ] {
        let hub = StandInHub::start();
        let step = of_three_files(published).hub(&hub);
        if pasted {
            publish_pasted(r#""$(cat index.ts)""#, &step, &hub);
        } else {
            publish_with_curl(&step, &hub);
        }
        let is_changed = published != IMPORTING;
        let step = step.file("index.ts", IMPORTING);
        let run = step.run();
        assert_eq!(ending(&run, &hub), ("failed", 1, 1), "{published}: {}", run.stdout);
        let found = text(&run.finding("VERSION_CONFLICT")["message"]).to_owned();
        assert!(found.contains(WITHOUT_IMPORTS), "{found}");
        assert_eq!(found.contains("`index.ts` changed"), is_changed, "{found}");
        assert!(!found.contains("was added"), "{found}");

        let run = step.input("publish", "false").run();
        assert_eq!(ending(&run, &hub), ("draft", 0, 2), "{published}: {}", run.stdout);
        assert_eq!(severity(&run, "VERSION_CONFLICT"), "warning");
        assert!(words(&run, "VERSION_CONFLICT").contains(WITHOUT_IMPORTS));
    }
}

#[test]
fn a_version_that_was_published_with_all_its_imports_lacks_none() {
    let alone = |code: &str| body("greeter", "1.0.0", code);
    let mut of_two_files = body("greeter", "1.0.0", IMPORTING);
    of_two_files["files"] =
        json!({"aerostack.json": MANIFEST, "index.ts": IMPORTING, "lib/a.ts": "export {};\n"});
    for (published, expected) in [
        // One file was all that there was.
        (
            alone("export const a = 1, b = 1;\n"),
            "`index.ts` changed, `aerostack.json` was added, `lib/a.ts` was added",
        ),
        (alone("import { z } from 'zod';\nexport const a = z;\n"), "`lib/b.ts` was added"),
        (of_two_files, "`lib/a.ts` changed, `lib/b.ts` was added"),
    ] {
        let hub = StandInHub::start();
        hub.seed("alice", published);
        let run = of_three_files(IMPORTING).hub(&hub).run();
        assert_eq!(ending(&run, &hub), ("failed", 1, 0), "{}", run.stdout);
        let words = words(&run, "VERSION_CONFLICT");
        assert!(words.contains(expected) && !words.contains("published earlier"), "{words}");
    }
}

/// A run on a manifest with these fields, against a Hub that has the same code under the same version.
fn run_with(fields: &Value, hub: &StandInHub) -> Run {
    Step::empty().function(".", &manifest_with(fields).to_string(), CODE).hub(hub).run()
}

/// A Hub that has `greeter` 1.0.0 with these fields.
fn hub_of(fields: &Value) -> StandInHub {
    let hub = StandInHub::start();
    let mut published = manifest_with(fields);
    published["code"] = json!(CODE);
    published["publish"] = json!(true);
    hub.seed("alice", published);
    hub
}

#[test]
fn each_field_that_the_hub_shows_otherwise_is_a_notice() {
    for (field, ours, theirs, shown) in [
        ("name", json!("greeter"), json!("Greeter "), r#"`"Greeter "`"#),
        ("description", json!("Greets all"), json!("Greets"), r#"`"Greets"`"#),
        ("category", json!("media"), json!("utility"), r#"`"utility"`"#),
        ("license", json!("MIT"), json!("Apache-2.0"), r#"`"Apache-2.0"`"#),
        ("language", json!("typescript"), json!("javascript"), r#"`"javascript"`"#),
        ("runtime", json!("cloudflare-worker"), json!("node"), r#"`"node"`"#),
        ("entrypoint", json!("index.ts"), json!("main.ts"), r#"`"main.ts"`"#),
        ("tags", json!(["a", "b"]), json!(["a"]), r#"`["a"]`"#),
        ("tags", json!(["a"]), json!([]), "is not set there"),
        ("tags", json!([]), json!(["a"]), r#"`["a"]`"#),
        ("routePath", json!("/a"), json!("/b"), r#"`"/b"`"#),
        ("routePath", json!("/a"), json!(null), "is not set there"),
        ("routeExport", json!(null), json!("greet"), r#"`"greet"`"#),
        ("npmDependencies", json!(["zod@3"]), json!(["zod@4"]), r#"`["zod@4"]`"#),
        ("envVars", json!(["KEY"]), json!(["OTHER"]), r#"`["OTHER"]`"#),
        ("drizzleSchema", json!(false), json!(true), "`true`"),
        ("drizzleSchema", json!(null), json!(true), "`true`"),
    ] {
        let hub = hub_of(&json!({ field: theirs }));
        let run = run_with(&json!({ field: ours }), &hub);
        let case = format!("{field} {ours} {theirs}: {}", run.stdout);
        assert_eq!(ending(&run, &hub), ("unchanged", 0, 0), "{case}");
        assert_eq!(severity(&run, "METADATA_DIFFERS"), "notice", "{case}");
        let message = text(&run.finding("METADATA_DIFFERS")["message"]);
        assert!(message.contains(&format!("`{field}` is")) && message.contains(shown), "{message}");
        assert_eq!(message.matches(" there").count(), 1, "{message}");
    }
}

#[test]
fn all_fields_that_differ_are_in_one_notice_at_the_first_of_them() {
    let hub = hub_of(&json!({"category": "media", "tags": ["a"]}));
    let step = greeter("1.0.0").hub(&hub).input("strict", "true");
    let run = step.run();
    assert_eq!(ending(&run, &hub), ("unchanged", 0, 0), "{}", run.stdout);
    let message = text(&run.finding("METADATA_DIFFERS")["message"]);
    assert!(message.ends_with(r#": `category` is `"media"` there, `tags` is `["a"]` there"#), "{message}");
    assert_eq!(run.place("METADATA_DIFFERS")[0], 5);
    for (publish, on_existing) in [("false", "auto"), ("true", "skip")] {
        let run =
            greeter("1.0.0").hub(&hub).input("publish", publish).input("on-existing", on_existing).run();
        assert_eq!((ending(&run, &hub), run.codes()), (("unchanged", 0, 0), vec!["METADATA_DIFFERS"]));
    }
}

#[test]
fn the_same_metadata_in_another_form_is_no_notice() {
    for (ours, theirs) in [
        (json!({}), json!({})),
        (json!({"tags": []}), json!({"tags": null})),
        (json!({"tags": ["a", "b"]}), json!({"tags": ["b", "a", "b"]})),
        (json!({"tags": ["a"]}), json!({"tags": "[\"a\"]"})),
        (json!({"tags": ["a"]}), json!({"tags": "a"})),
        (json!({"drizzleSchema": false}), json!({"drizzleSchema": 0})),
        (json!({"description": "Greets"}), json!({"description": " Greets\n"})),
        (json!({"entrypoint": "./index.ts"}), json!({"entrypoint": "index.ts"})),
        (json!({}), json!({"entrypoint": null, "runtime": null})),
        (json!({}), json!({"name": "@alice/greeter"})),
    ] {
        let hub = StandInHub::start();
        let shown = manifest_with(&theirs);
        let mut record =
            json!({"id": "fn_1", "slug": "greeter", "status": "published", "author_username": "alice"});
        for (name, value) in shown.as_object().expect("fields") {
            record[name] = value.clone();
        }
        for (name, value) in theirs.as_object().expect("fields") {
            record[name] = value.clone();
        }
        record["code"] = json!(CODE);
        hub.fault_always(Route::My, Fault::json(200, &json!({"functions": [record]})));
        hub.fault_always(Route::ById, Fault::json(200, &json!({"function": record})));
        let run = run_with(&ours, &hub);
        assert_eq!(ending(&run, &hub), ("unchanged", 0, 0), "{ours} {theirs}: {}", run.stdout);
        assert!(!run.codes().contains(&"METADATA_DIFFERS"), "{ours} {theirs}: {}", run.stdout);
    }
}

#[test]
fn what_the_hub_does_not_show_and_what_is_not_published_is_not_compared() {
    let hub = StandInHub::start();
    let record =
        json!({"id": "fn_1", "slug": "greeter", "version": "1.0.0", "status": "published", "code": CODE});
    hub.fault_always(Route::My, Fault::json(200, &json!({"functions": [record]})));
    hub.fault_always(Route::ById, Fault::json(200, &record));
    let run = run_with(&json!({"tags": ["a"], "routePath": "/a"}), &hub);
    assert_eq!((ending(&run, &hub), run.codes()), (("unchanged", 0, 0), vec![]), "{}", run.stdout);
    // Another version has metadata of its own, and a conflict says all that there is to say.
    let hub = hub_with(&["1.0.0"]);
    let description = json!("Greets all");
    let run = run_with(&json!({"version": "1.0.1", "description": description}), &hub);
    assert_eq!((ending(&run, &hub), run.codes()), (("published", 0, 1), vec![]), "{}", run.stdout);
    let manifest = manifest_with(&json!({"version": "1.0.1", "description": "Greets"})).to_string();
    let run = Step::empty().function(".", &manifest, "export const greet = 2;\n").hub(&hub).run();
    assert_eq!((run.exit_code, run.codes()), (1, vec!["VERSION_CONFLICT"]), "{}", run.stdout);
}

#[test]
fn a_field_that_an_answer_leaves_empty_is_taken_from_another() {
    let hub = hub_of(&json!({"description": "Greets", "tags": ["a"]}));
    let listed = json!({"id": "fn_0001", "slug": "greeter", "version": "1.0.0", "status": "published",
        "author_username": "alice", "description": null, "tags": null});
    hub.fault_always(Route::My, Fault::json(200, &json!({"functions": [listed]})));
    hub.fault_always(Route::ById, Fault::status(404));
    let run = run_with(&json!({"description": "Greets", "tags": ["a"]}), &hub);
    assert_eq!((ending(&run, &hub), run.codes()), (("unchanged", 0, 0), vec![]), "{}", run.stdout);
}

#[test]
fn text_of_the_hub_in_the_notice_is_harmless_and_short() {
    let nasty = format!("\u{1b}[2J\u{202e}a`b\n::error::c\u{2028}::error::c {DEFAULT_KEY}");
    // The key must not be cut: a part of it is not recognized.
    let long = format!("{} {DEFAULT_KEY} {}", "x".repeat(90), "long ".repeat(100));
    let hub = hub_of(&json!({"description": nasty, "tags": [nasty], "routePath": long}));
    let run = greeter("1.0.0").hub(&hub).github().run();
    assert_eq!(ending(&run, &hub), ("unchanged", 0, 0), "{}", run.stdout);
    let message = text(&run.finding("METADATA_DIFFERS")["message"]).to_owned();
    assert!(message.len() < 500 && message.ends_with("`routePath` has a longer value there"), "{message}");
    assert!(!message.contains(['\u{1b}', '\u{202e}', '\n', '\u{2028}']), "{message:?}");
    // Those around the version, around each of three names and around two values.
    assert_eq!(message.matches('`').count(), 12, "{message}");
    let (mask, rest) = run.stdout.split_once('\n').expect("several lines");
    assert_eq!(mask, format!("::add-mask::{DEFAULT_KEY}"));
    for shown in [&message, rest, &run.summary, &run.output_file] {
        assert!(!shown.contains(&DEFAULT_KEY[..12]), "{shown}");
        assert!(!shown.lines().any(|line| line.starts_with("::error::c")), "{shown}");
    }
}
