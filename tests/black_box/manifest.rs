//! The manifest in whole runs: each kind of problem at its location, and what is sent of a manifest without one. The values
//! that each field allows are unit tables beside its rule.

use serde_json::{Value, json};
use stand_in_hub::StandInHub;

use crate::assertions::{on_line, published, published_with, refused, refused_at};
use crate::fixtures::{severity, words};
use crate::support::{CODE, MANIFEST, Step, text};

const FILE: &str = "aerostack.json";

fn with_manifest(manifest: &str) -> Step {
    Step::empty().function(".", manifest, CODE)
}

/// The function without a problem, with one more field on line 10 of its manifest.
fn with_field(name: &str, value: &str) -> Step {
    with_manifest(&MANIFEST.replace("\"index.ts\"\n", &format!("\"index.ts\",\n  \"{name}\": {value}\n")))
}

/// Each fixture that violates one rule: the location of the problem (a range on one line), a part of the hint, and the text
/// that fixes it with its replacement.
const VIOLATIONS: [(&str, [u64; 3], &str, [&str; 2]); 15] = [
    ("duplicate-key", [6, 3, 13], "remove one of the two", ["  \"category\": \"media\",\n", ""]),
    ("missing-field", [1, 1, 2], r#""license": "MIT""#, ["\"runtime\"", "\"license\": \"MIT\", \"runtime\""]),
    ("invalid-type", [4, 18, 20], "write a string", ["42", "\"42\""]),
    ("invalid-version", [3, 14, 20], "write `1.0.0`", ["v1.0", "1.0.0"]),
    ("invalid-description", [4, 18, 24], "", [r" \t ", "x"]),
    ("invalid-category", [5, 15, 22], "did you mean `media`? allowed: `auth`, ", ["medai", "media"]),
    ("invalid-language", [6, 15, 27], "did you mean `typescript`?", ["TypeScript", "typescript"]),
    (
        "invalid-runtime",
        [7, 14, 34],
        "did you mean `cloudflare-worker`?",
        ["cloudflare-workers", "cloudflare-worker"],
    ),
    ("invalid-license", [8, 14, 26], "did you mean `Apache-2.0`?", ["Apache 2.0", "Apache-2.0"]),
    ("invalid-tag", [10, 21, 24], "", ["\" \"", "\"x y\""]),
    ("too-many-tags", [10, 62, 70], "", [", \"k\", \"l\"", ""]),
    ("invalid-route-path", [10, 16, 27], "", ["api/greet", "/api/greet"]),
    ("invalid-route-export", [10, 18, 31], "", ["greet-route", "greet"]),
    ("invalid-env-var", [10, 27, 41], "", ["2ND_GREETING", "_2ND_greeting"]),
    ("invalid-npm-dependency", [10, 31, 43], "", ["Zod", "zod"]),
];

#[test]
fn each_violation_is_refused_at_its_location_and_published_once_it_is_fixed() {
    for (fixture, [line, column, end_column], hint, [from, to]) in VIOLATIONS {
        let code = fixture.to_uppercase().replace('-', "_");
        let run = refused_at(Step::on(fixture), &code, FILE, on_line(line, column, end_column));
        let shown = run.finding(&code)["hint"].as_str().expect("a hint");
        assert!(shown.contains(hint), "{fixture}: {shown}");
        published(Step::on(fixture).edit(FILE, from, to));
    }
}

#[test]
fn a_directory_without_a_manifest_is_refused() {
    let run = refused(Step::on("manifest-missing"), "MANIFEST_MISSING");
    assert!(run.finding("MANIFEST_MISSING")["file"].is_null(), "{}", run.stdout);
    published(Step::on("manifest-missing").file(FILE, MANIFEST));
    let run = refused(Step::empty().file("aerostack.json/x", ""), "MANIFEST_MISSING");
    assert_eq!(run.finding("MANIFEST_MISSING")["message"], "`aerostack.json` is a directory");
}

#[test]
fn a_misspelt_required_field_is_to_be_renamed() {
    let hub = StandInHub::start();
    let run = Step::plain().edit(FILE, "\"license\"", "\"licence\"").hub(&hub).run();
    assert_eq!((run.exit_code, run.codes()), (1, vec!["MISSING_FIELD", "UNKNOWN_FIELD"]), "{}", run.stdout);
    assert_eq!(run.finding("MISSING_FIELD")["hint"], "rename `licence` on line 8 to `license`");
    assert_eq!(run.place("UNKNOWN_FIELD"), on_line(8, 3, 12));
    assert!(hub.requests().is_empty());
}

#[test]
fn each_element_of_an_array_has_its_own_location() {
    refused_at(with_field("tags", "[\"ä\", 7, \"b\"]"), "INVALID_TYPE", FILE, on_line(10, 17, 18));
    refused_at(with_field("envVars", "[\n    null\n  ]"), "INVALID_TYPE", FILE, on_line(11, 5, 9));
}

#[test]
fn a_duplicate_tag_is_a_warning() {
    let (run, _) = published_with(Step::on("duplicate-tag"), &["DUPLICATE_TAG"]);
    assert_eq!(run.finding("DUPLICATE_TAG")["severity"], "warning");
    assert_eq!(run.place("DUPLICATE_TAG"), on_line(10, 30, 37));
    published(Step::on("duplicate-tag").edit(FILE, "\"world\", \"hello\"", "\"world\", \"Hello\""));
}

#[test]
fn a_misspelt_field_is_a_warning_and_is_sent() {
    let (run, sent) = published_with(Step::on("unknown-field"), &["UNKNOWN_FIELD"]);
    assert_eq!(run.finding("UNKNOWN_FIELD")["severity"], "warning");
    assert_eq!(run.place("UNKNOWN_FIELD"), on_line(10, 3, 12));
    assert_eq!(run.finding("UNKNOWN_FIELD")["hint"], "did you mean `envVars`?");
    assert_eq!(sent.json()["envvars"], json!(["GREETING"]));
    published(Step::on("unknown-field").edit(FILE, "envvars", "envVars"));
}

#[test]
fn fields_of_the_request_are_refused() {
    for (name, value) in [
        ("publish", "false"),
        ("code", "\"x\""),
        ("readme", "\"./README.md\""),
        ("files", "{\"index.ts\": \"\"}"),
        ("files", "[\"index.ts\"]"),
        ("code", "null"),
    ] {
        let place = on_line(10, 3, 5 + name.len() as u64);
        let run = refused_at(with_field(name, value), "RESERVED_FIELD", FILE, place);
        assert!(
            text(&run.finding("RESERVED_FIELD")["message"]).contains(&format!("`{name}`")),
            "{}",
            run.stdout
        );
    }
    // Of an object inside the manifest they are no fields of the request.
    published(with_field("extra", "{\"code\": 1, \"files\": [], \"status\": \"x\"}"));
}

#[test]
fn fields_of_the_hubs_record_are_a_warning_and_are_sent() {
    for (name, value) in [("slug", json!("other")), ("id", json!("fn_7")), ("status", json!("draft"))] {
        let (run, sent) = published_with(with_field(name, &value.to_string()), &["RESERVED_FIELD"]);
        assert_eq!(severity(&run, "RESERVED_FIELD"), "warning");
        assert_eq!(run.place("RESERVED_FIELD"), on_line(10, 3, 5 + name.len() as u64));
        assert_eq!(sent.json()[name], value);
        assert_eq!(run.function()["slug"], "greeter");
        refused(with_field(name, &value.to_string()).input("strict", "true"), "RESERVED_FIELD");
    }
}

#[test]
fn a_name_is_published_under_its_slug_with_a_warning() {
    for (name, slug) in [
        ("Image Resizer", "image-resizer"),
        ("greeter_2", "greeter-2"),
        ("@alice/greeter", "alicegreeter"),
        ("Größe 2", "gre-2"),
    ] {
        let step = || with_manifest(&MANIFEST.replace("\"greeter\"", &json!(name).to_string()));
        let hub = StandInHub::start();
        let run = step().hub(&hub).run();
        assert_eq!((run.exit_code, run.codes()), (0, vec!["INVALID_NAME"]), "{}", run.stdout);
        assert_eq!(severity(&run, "INVALID_NAME"), "warning");
        assert!(
            words(&run, "INVALID_NAME").contains(&format!("`{slug}` | write `{slug}`")),
            "{}",
            run.stdout
        );
        assert_eq!(run.place("INVALID_NAME")[..2], [2, 11]);
        assert_eq!((&run.function()["slug"], &hub.publishes()[0]["name"]), (&json!(slug), &json!(name)));
        assert_eq!(hub.published("alice", slug), ["1.0.0"]);
        assert_eq!(step().hub(&hub).run().statuses(), ["unchanged"]);
        refused(step().input("strict", "true"), "INVALID_NAME");
    }
}

#[test]
fn a_name_without_a_slug_is_refused() {
    for name in ["", "!", "äöü", "日本語", "--_"] {
        let manifest = MANIFEST.replace("\"greeter\"", &json!(name).to_string());
        let run = refused(with_manifest(&manifest), "INVALID_NAME");
        assert_eq!(run.place("INVALID_NAME")[..2], [2, 11], "{name}");
    }
}

/// The manifest without a field, or with it set to `null`.
fn without(field: &str, is_null: bool) -> String {
    let line = MANIFEST.lines().find(|line| line.contains(&format!("\"{field}\""))).expect("a line");
    let end = if line.ends_with(',') { "," } else { "" };
    if is_null {
        return MANIFEST.replace(line, &format!("  \"{field}\": null{end}"));
    }
    let last = if end.is_empty() { MANIFEST.replace("\"MIT\",", "\"MIT\"") } else { MANIFEST.to_owned() };
    last.replace(&format!("{line}\n"), "")
}

#[test]
fn a_missing_entrypoint_is_index_ts_where_there_is_one() {
    for is_null in [false, true] {
        let manifest = without("entrypoint", is_null);
        let (run, sent) = published_with(with_manifest(&manifest), &["MISSING_FIELD"]);
        assert_eq!(severity(&run, "MISSING_FIELD"), "warning");
        assert!(
            words(&run, "MISSING_FIELD").contains("`index.ts` is used | add `\"entrypoint\": \"index.ts\"`")
        );
        assert_eq!(run.place("MISSING_FIELD"), if is_null { on_line(9, 17, 21) } else { on_line(1, 1, 2) });
        // As the documented pipeline sends it: the fields as they are, and the code.
        let mut expected: Value = serde_json::from_str(&manifest).expect("JSON");
        expected["code"] = json!(CODE);
        expected["publish"] = json!(true);
        assert_eq!(sent.json(), expected);
        refused(with_manifest(&manifest).input("strict", "true"), "MISSING_FIELD");
        let several = with_manifest(&manifest).file("index.ts", "export * from './b';\n").file("b.ts", CODE);
        let (_, sent) = published_with(several, &["MISSING_FIELD"]);
        let files = &sent.json()["files"];
        assert_eq!(
            files.as_object().expect("files").keys().collect::<Vec<_>>(),
            ["aerostack.json", "index.ts", "b.ts"]
        );
        let broken = with_manifest(&manifest).file("index.ts", "export const a = ;\n");
        let run = broken.hub(&StandInHub::start()).run();
        assert_eq!(
            (run.exit_code, run.codes()),
            (1, vec!["SYNTAX_ERROR", "MISSING_FIELD"]),
            "{}",
            run.stdout
        );
    }
}

#[test]
fn a_missing_entrypoint_without_index_ts_is_refused_and_the_likely_one_is_named() {
    for (is_null, file, hint) in [
        (false, "index.js", "add `\"entrypoint\": \"index.js\"`"),
        (true, "src/index.ts", "add `\"entrypoint\": \"src/index.ts\"`"),
        (false, "main.ts", "add `\"entrypoint\": \"index.ts\"`"),
        (false, "index.ts/x.ts", "add `\"entrypoint\": \"index.ts\"`"),
    ] {
        let step = Step::empty().file(FILE, without("entrypoint", is_null)).file(file, CODE);
        let run = refused(step, "MISSING_FIELD");
        assert_eq!(run.finding("MISSING_FIELD")["hint"], hint, "{file}");
    }
    // The default is not what this author means.
    let manifest = MANIFEST.replace("\"entrypoint\": \"index.ts\"", "\"entryPoint\": \"main.ts\"");
    let run = with_manifest(&manifest).file("main.ts", CODE).hub(&StandInHub::start()).run();
    assert_eq!((run.exit_code, run.codes()), (1, vec!["MISSING_FIELD", "UNKNOWN_FIELD"]), "{}", run.stdout);
}

#[test]
fn a_missing_runtime_is_the_only_one_there_is() {
    for is_null in [false, true] {
        let manifest = without("runtime", is_null);
        let (run, sent) = published_with(with_manifest(&manifest), &["MISSING_FIELD"]);
        assert_eq!(severity(&run, "MISSING_FIELD"), "warning");
        assert_eq!(sent.json().get("runtime"), is_null.then_some(&Value::Null));
        refused(with_manifest(&manifest).input("strict", "true"), "MISSING_FIELD");
    }
    for field in ["name", "version", "description", "category", "language", "license"] {
        refused(with_manifest(&without(field, false)), "MISSING_FIELD");
        refused(with_manifest(&without(field, true)), "INVALID_TYPE");
    }
}

#[test]
fn the_former_name_of_the_category_is_to_be_renamed() {
    let run = refused(with_manifest(&MANIFEST.replace("\"category\"", "\"type\"")), "MISSING_FIELD");
    assert_eq!(run.finding("MISSING_FIELD")["hint"], "rename `type` on line 5 to `category`");
    published(with_field("type", "\"utility\""));
}

#[test]
fn an_unknown_field_is_sent_as_written_and_in_its_order() {
    let fields = r#"{"zeta": 1.0, "alpha": [12345678901234567890, -0.0, 1e400, null, {"b": "ü\n", "a": 1.10}], "homepage": ""}"#;
    let manifest = MANIFEST.replace(
        "{\n",
        &format!("{{\n  \"$schema\": \"./aerostack.schema.json\",\n  \"extra\": {fields},\n"),
    );
    let (_, sent) = published(with_manifest(&manifest));
    let body = String::from_utf8(sent.body).expect("UTF-8");
    let expected = r#"{"$schema":"./aerostack.schema.json","extra":{"zeta":1.0,"alpha":[12345678901234567890,-0.0,1e400,null,{"b":"ü\n","a":1.10}],"homepage":""},"name":"greeter","#;
    let number_as_written = |text: &str| text.replace("1e+400", "1e400");
    assert!(number_as_written(&body).starts_with(expected), "{body}");
    assert!(body.ends_with(r#""publish":true}"#), "{body}");
}

#[test]
fn every_problem_of_every_function_is_reported_in_one_run() {
    let manifest = r#"{
  "name": "Two",
  "version": "1",
  "description": "",
  "category": "Ai",
  "language": "rust",
  "runtime": "node",
  "license": "mit",
  "tags": [""],
  "entrypoint": "missing.ts",
  "routePath": "x",
  "routeExport": "x-y",
  "npmDependencies": ["X"],
  "envVars": ["X-Y"],
  "drizzleSchema": "no",
  "tag": []
}"#;
    let hub = StandInHub::start();
    let run = Step::empty()
        .function("f/one", &MANIFEST.replace("utility", "utilities"), CODE)
        .function("f/two", manifest, CODE)
        .function("f/three", &MANIFEST.replace("greeter", "three"), CODE)
        .input("directory", "f/*")
        .hub(&hub)
        .run();
    assert_eq!(run.exit_code, 1, "{}", run.stdout);
    assert!(hub.requests().is_empty());
    assert_eq!(
        run.codes(),
        [
            "INVALID_CATEGORY",
            "INVALID_VERSION",
            "INVALID_DESCRIPTION",
            "INVALID_CATEGORY",
            "INVALID_LANGUAGE",
            "INVALID_RUNTIME",
            "INVALID_LICENSE",
            "INVALID_TAG",
            "INVALID_ROUTE_PATH",
            "INVALID_ROUTE_EXPORT",
            "INVALID_NPM_DEPENDENCY",
            "INVALID_ENV_VAR",
            "INVALID_TYPE",
            "MISSING_ENTRYPOINT",
            "INVALID_NAME",
            "UNKNOWN_FIELD",
        ]
    );
}

#[test]
fn a_byte_order_mark_before_the_manifest_is_ignored() {
    let marked = |manifest: &str| with_manifest(&format!("\u{feff}{manifest}"));
    let (_, sent) = published(marked(MANIFEST));
    assert!(sent.body.starts_with(br#"{"name":"greeter","#));
    let on_first_line = MANIFEST.replace("{\n  \"name\": \"greeter\"", "{\"name\": \"!\"");
    refused_at(marked(&on_first_line), "INVALID_NAME", FILE, on_line(1, 10, 13));
}

#[test]
fn lines_end_as_in_editors() {
    for ending in ["\r\n", "\r"] {
        let manifest = MANIFEST.replace("utility", "medai").replace('\n', ending);
        refused_at(with_manifest(&manifest), "INVALID_CATEGORY", FILE, on_line(5, 15, 22));
    }
}

#[test]
fn a_manifest_that_is_not_utf8_is_refused_at_the_first_invalid_byte() {
    let german = MANIFEST.replace("Greets", "Grüßt");
    let latin_1: Vec<u8> = german.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin-1")).collect();
    refused_at(Step::plain().file(FILE, latin_1), "NOT_UTF8", FILE, on_line(4, 21, 22));
    let utf16: Vec<u8> =
        std::iter::once(0xfeff).chain(MANIFEST.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let run = refused_at(Step::plain().file(FILE, utf16), "NOT_UTF8", FILE, on_line(1, 1, 2));
    assert_eq!(run.finding("NOT_UTF8")["hint"], "save the file as UTF-8: it looks like UTF-16");
}

#[test]
fn a_function_without_a_readme_is_published_with_a_notice() {
    let hub = StandInHub::start();
    let run = Step::on("readme-missing").hub(&hub).run();
    assert_eq!(run.finding("README_MISSING")["severity"], "notice");
    assert_eq!((run.exit_code, hub.publishes().len()), (0, 1));
    let run = Step::on("readme-missing").file("README.md", "# Greeter\n").hub(&hub).run();
    assert!(run.findings().iter().all(|finding| finding["code"] != "README_MISSING"), "{}", run.stdout);
}

#[test]
fn a_readme_in_another_case_is_to_be_renamed() {
    let hub = StandInHub::start();
    let run = Step::plain().file("Readme.md", "# Greeter\n").hub(&hub).run();
    assert_eq!(run.finding("README_MISSING")["hint"], "rename `Readme.md` to `README.md`");
    assert!(hub.publishes()[0].get("readme").is_none());
}

#[test]
fn a_manifest_with_more_values_than_any_needs_is_refused() {
    let numbers = |count: usize| format!("[{}0]", "0,".repeat(count));
    refused_at(with_field("extra", &numbers(20_000)), "FILE_TOO_LARGE", FILE, [0; 4]);
    let nested = format!("[{}0]", "[[]],".repeat(11_000));
    refused_at(with_field("extra", &nested), "FILE_TOO_LARGE", FILE, [0; 4]);
    published(with_field("extra", &numbers(15_000)));
    published(with_field("extra", &format!("\"{}\"", ",".repeat(1_000_000))));
}

#[test]
fn a_dry_run_shows_the_first_entries_of_long_lists() {
    let members: Vec<_> = (0..150).map(|number| format!("\"key{number}\": {number}")).collect();
    let value = format!("{{{}, \"list\": [[{}1]]}}", members.join(", "), "1,".repeat(299));
    let run = with_field("extra", &value).input("dry-run", "true").run();
    assert_eq!(run.exit_code, 0, "{}", run.stdout);
    assert!(run.stdout.contains("\"key99\": 99") && !run.stdout.contains("key100"), "{}", run.stdout);
    assert!(run.stdout.contains("\"…\": \"51 more\""), "{}", run.stdout);
    let run = with_field("extra", &format!("[{}1]", "1,".repeat(299))).input("dry-run", "true").run();
    assert!(run.stdout.contains("\"200 more\""), "{}", run.stdout);
}
