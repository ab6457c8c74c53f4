//! The public API, compared with the newest published version, and the version that the changes need.
//!
//! The full table of changes is a unit test of `src/release/public_api.rs`.

use serde_json::{Value, json};
use stand_in_hub::{Fault, Route, StandInHub};

use crate::fixtures::{body, ending, manifest, manifest_with, words};
use crate::support::{Run, Step};

/// Exports two names, and reads nothing.
const TWO: &str = "export const greet = () => 'hello';\nexport const part = () => 'bye';\n";

/// These fields, and a version.
fn fields_of(version: &str, fields: &Value) -> Value {
    let mut fields = fields.clone();
    fields["version"] = json!(version);
    fields
}

/// A Hub that has `greeter` at a version, with fields of its own.
fn hub_with(version: &str, fields: &Value) -> StandInHub {
    let hub = StandInHub::start();
    let mut published = manifest_with(&fields_of(version, fields));
    published["code"] = json!(TWO);
    published["publish"] = json!(true);
    hub.seed("alice", published);
    hub
}

/// A run at a version, with fields of its own and this code.
fn run(hub: &StandInHub, version: &str, fields: &Value, code: &str) -> Run {
    let manifest = manifest_with(&fields_of(version, fields));
    Step::empty().function(".", &format!("{manifest:#}"), code).hub(hub).github().run()
}

#[test]
fn a_breaking_change_without_a_new_major_version_is_a_warning_at_the_version() {
    let before = json!({"envVars": []});
    let hub = hub_with("1.2.3", &before);
    let run = run(&hub, "1.3.0", &json!({"envVars": ["KEY"]}), TWO);
    assert_eq!((run.codes(), run.exit_code), (vec!["BREAKING_WITHOUT_MAJOR"], 0), "{}", run.stdout);
    let words = words(&run, "BREAKING_WITHOUT_MAJOR");
    assert!(words.contains("now requires the variable `KEY`") && words.contains("`2.0.0`"), "{words}");
    assert_eq!(run.finding("BREAKING_WITHOUT_MAJOR")["file"], "aerostack.json");
    assert!(run.place("BREAKING_WITHOUT_MAJOR")[0] > 0);
}

#[test]
fn a_breaking_change_with_the_right_new_version_is_no_warning() {
    let less = "export const greet = () => '';\n";
    for (before, after, expected) in [
        ("1.2.3", "2.0.0", vec![]),
        ("1.2.3", "2.0.0-rc.1", vec!["PRERELEASE_OVER_RELEASE"]),
        ("0.2.3", "0.3.0", vec![]),
        ("0.2.3", "0.2.4", vec!["BREAKING_WITHOUT_MAJOR"]),
    ] {
        let hub = hub_with(before, &json!({}));
        assert_eq!(run(&hub, after, &json!({}), less).codes(), expected, "{before} to {after}");
    }
}

#[test]
fn a_change_that_breaks_nothing_is_no_warning() {
    let before = json!({"envVars": ["KEY"], "npmDependencies": ["a@1"]});
    let hub = hub_with("1.2.3", &before);
    let more = format!("{TWO}export const more = 1;\n");
    let run = run(&hub, "1.2.4", &json!({"npmDependencies": ["a@2"], "routePath": "/a"}), &more);
    assert!(run.codes().is_empty(), "{}", run.stdout);
}

#[test]
fn the_summary_and_a_conflict_name_the_least_version_that_fits() {
    let more = format!("{TWO}export const more = 1;\n");
    let hub = hub_with("1.2.3", &json!({}));
    let conflict = run(&hub, "1.2.3", &json!({}), &more);
    assert_eq!(conflict.exit_code, 1);
    assert!(
        words(&conflict, "VERSION_CONFLICT")
            .ends_with("this version adds the export `more`, and should be `1.3.0` or higher")
    );
    assert!(hub.publishes().is_empty());
    let published = run(&hub, "1.3.0", &json!({}), &more);
    assert_eq!(published.exit_code, 0);
    assert!(published.summary.contains("adds the export <code>more</code>"), "{}", published.summary);
    assert!(
        published.stdout.contains("this version adds the export `more`, and should be `1.3.0` or higher"),
        "{}",
        published.stdout
    );
}

#[test]
fn with_strict_a_breaking_change_is_refused_and_nothing_is_sent() {
    let hub = hub_with("1.2.3", &json!({"envVars": []}));
    let manifest = manifest_with(&json!({"version": "1.2.4", "envVars": ["KEY"]}));
    let run = Step::empty().function(".", &manifest.to_string(), TWO).hub(&hub).input("strict", "true").run();
    assert_eq!((run.codes(), run.exit_code), (vec!["BREAKING_WITHOUT_MAJOR"], 1), "{}", run.stdout);
    assert!(hub.publishes().is_empty());
}

#[test]
fn what_the_hub_does_not_show_is_no_warning_and_prevents_no_publish() {
    let hub = hub_with("1.2.3", &json!({}));
    for route in [Route::ById, Route::Public, Route::Install] {
        hub.fault_always(route, Fault::status(404));
    }
    let run = run(&hub, "1.2.4", &json!({}), "export const other = 1;\n");
    assert_eq!((run.codes(), run.exit_code), (vec![], 0), "{}", run.stdout);
}

/// A Hub that has `greeter` 1.2.3 with this code, in one file or several, and nothing declared.
fn hub_with_code(code: &str, files: &Value) -> StandInHub {
    let hub = StandInHub::start();
    let mut published = manifest_with(&json!({"version": "1.2.3", "envVars": [], "npmDependencies": []}));
    published["code"] = json!(code);
    published["publish"] = json!(true);
    if let Some(files) = files.as_object() {
        published["files"] = json!(files);
        published["files"]["index.ts"] = json!(code);
        published["files"]["aerostack.json"] = json!("{}");
    }
    hub.seed("alice", published);
    hub
}

/// The codes of a run on 1.2.4 with these fields, and code that exports the same and reads nothing.
fn codes_of_patch(hub: &StandInHub, fields: &Value) -> Vec<String> {
    let run = run(hub, "1.2.4", fields, "export const a = 1;\n");
    assert_eq!(run.exit_code, 0, "{}", run.stdout);
    run.codes().into_iter().map(str::to_owned).collect()
}

#[test]
fn to_declare_what_the_published_code_read_already_is_no_breaking_change() {
    for code in [
        "export const a = process.env.KEY;\n",
        "export const a = process.env['KEY'] ?? '';\n",
        "const { KEY: key = '' } = process.env;\nexport const a = key;\n",
        "import { env } from 'node:process';\nexport const a = env.KEY;\n",
        "import { env } from 'cloudflare:workers';\nexport const a = env.KEY;\n",
        "export const a = (c: { env: { KEY: string } }) => c.env.KEY;\n",
        "export const a = (c: any) => { const { KEY } = c.env; return KEY };\n",
        "export const a = { fetch: (_: Request, env: any) => new Response(env.KEY) };\n",
        "import { env } from 'hono/adapter';\nexport const a = (c: any) => env(c).KEY;\n",
        "import { env as read } from 'hono/adapter';\nexport const a = (c: any) => { const { KEY } = read<{ KEY: string }>(c); };\n",
    ] {
        let hub = hub_with_code(code, &Value::Null);
        let codes = codes_of_patch(&hub, &json!({"envVars": ["KEY"]}));
        assert!(codes.is_empty(), "{code}: {codes:?}");
        let codes = codes_of_patch(&hub_with_code(code, &Value::Null), &json!({"envVars": ["KEY", "OTHER"]}));
        assert_eq!(codes, ["BREAKING_WITHOUT_MAJOR"], "{code}");
    }
    for code in [
        "export const a = 'KEY';\n",
        "process.env.KEY = '1';\nexport const a = 1;\n",
        "const env = (_: any) => ({ KEY: 1 });\nexport const a = env(1).KEY;\n",
        "// process.env.KEY\nexport const a = 1;\n",
    ] {
        let codes = codes_of_patch(&hub_with_code(code, &Value::Null), &json!({"envVars": ["KEY"]}));
        assert_eq!(codes, ["BREAKING_WITHOUT_MAJOR"], "{code}");
    }
}

#[test]
fn to_declare_what_the_published_code_imported_already_is_no_breaking_change() {
    for (package, code) in [
        ("zod@3", "import { z } from 'zod';\nexport const a = z;\n"),
        ("zod", "export const a = async () => import('zod/v4');\n"),
        ("zod", "export { z as a } from 'zod';\n"),
        ("@scope/b", "import b from '@scope/b/c';\nexport const a = b;\n"),
        ("hono", "import { Hono } from 'hono';\nexport const a = new Hono();\n"),
        ("buffer", "import { Buffer } from 'buffer';\nexport const a = Buffer;\n"),
    ] {
        let codes =
            codes_of_patch(&hub_with_code(code, &Value::Null), &json!({"npmDependencies": [package]}));
        assert!(codes.is_empty(), "{code}: {codes:?}");
    }
    for code in [
        "import type { z } from 'zod';\nexport const a = 1 as unknown as z;\n",
        "import { z } from 'zod-mini';\nexport const a = z;\n",
    ] {
        let codes = codes_of_patch(&hub_with_code(code, &Value::Null), &json!({"npmDependencies": ["zod"]}));
        assert_eq!(codes, ["BREAKING_WITHOUT_MAJOR"], "{code}");
    }
}

#[test]
fn what_any_published_module_read_and_imported_counts() {
    let files =
        json!({"lib.ts": "import { z } from 'zod';\nexport const a = z.string().parse(process.env.KEY);\n"});
    let hub = hub_with_code("export * from './lib';\n", &files);
    let codes = codes_of_patch(&hub, &json!({"envVars": ["KEY"], "npmDependencies": ["zod"]}));
    assert!(codes.is_empty(), "{codes:?}");
    // A file that nothing imports is no code of the function.
    let hub = hub_with_code("export const a = 1;\n", &files);
    assert_eq!(codes_of_patch(&hub, &json!({"envVars": ["KEY"]})), ["BREAKING_WITHOUT_MAJOR"]);
}

#[test]
fn whoever_follows_the_hints_about_what_is_not_declared_breaks_nothing() {
    let code = "import { z } from 'zod';\nexport const a = z.string().parse(process.env.KEY);\n";
    let hub = hub_with_code(code, &Value::Null);
    let warned = run(&hub, "1.2.3", &json!({"envVars": [], "npmDependencies": []}), code);
    assert_eq!(warned.codes(), ["UNDECLARED_DEPENDENCY", "UNDECLARED_ENV_VAR"], "{}", warned.stdout);
    let followed = run(&hub, "1.2.4", &json!({"envVars": ["KEY"], "npmDependencies": ["zod"]}), code);
    assert_eq!((followed.codes(), followed.exit_code), (vec![], 0), "{}", followed.stdout);
    assert_eq!(hub.published("alice", "greeter"), ["1.2.3", "1.2.4"]);
}

/// 1.0.0 as it was published with this code, and with empty lists of what users have to provide.
fn without_declarations(code: &str) -> Value {
    let mut body = body("greeter", "1.0.0", code);
    (body["envVars"], body["npmDependencies"]) = (json!([]), json!([]));
    body
}

#[test]
fn code_that_was_published_without_its_imports_does_not_show_what_it_requires() {
    let hub = StandInHub::start();
    let entrypoint = "import { x } from './lib';\nexport const a = x;\n";
    hub.seed("alice", without_declarations(entrypoint));
    let lib = "import { Hono } from 'hono';\nexport const x = [new Hono(), process.env.API];\n";
    let step = Step::empty().function(".", &manifest("greeter", "1.0.1"), entrypoint).file("lib.ts", lib);
    let declared = r#"{ "envVars": ["API"], "npmDependencies": ["hono"],"#;
    let run = step.edit("aerostack.json", "{", declared).hub(&hub).input("strict", "true").run();
    assert_eq!(ending(&run, &hub), ("published", 0, 1), "{}", run.stdout);
    assert!(run.codes().is_empty(), "{}", run.stdout);
}

#[test]
fn the_summary_shows_the_code_of_users_that_no_longer_compiles() {
    let hub = StandInHub::start();
    hub.seed("alice", body("greeter", "0.9.0", "export const greet = 1, gone = 2;\nexport default 3;\n"));
    let step = Step::plain().github().hub(&hub).input("dry-run", "true");
    let summary = step.run().summary;
    let lines: Vec<_> = summary.lines().filter(|line| line.contains("<code>import ")).collect();
    let import = |what: &str| format!("- <code>import {what} from &#34;greeter&#34;</code>");
    assert_eq!(lines, [import("greeter"), import("&#123; gone &#125;")], "{summary}");
    let same = Step::plain().github().hub(&hub).input("dry-run", "true");
    let same = same.edit("index.ts", "export", "export default 3;\nexport const gone = 2;\nexport").run();
    assert!(!same.summary.contains("no longer compiles"), "{}", same.summary);
}
