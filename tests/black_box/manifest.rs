//! The manifest's rules: what breaks each, at which place, and the nearest thing that must pass.

use serde_json::{Value, json};

use crate::judged::{on_line, published, published_with, refused, refused_at};
use crate::support::{CODE, MANIFEST, Run, Step};

const FILE: &str = "aerostack.json";

/// The function without a fault, with one more field in its manifest's line 10.
fn with_field(name: &str, value: &str) -> Step {
    let manifest = MANIFEST.replace("\"index.ts\"\n", &format!("\"index.ts\",\n  \"{name}\": {value}\n"));
    Step::empty().function(".", &manifest, CODE)
}

/// The function without a fault, with another value in a field of its manifest.
fn with_value(name: &str, value: &str) -> Step {
    let line = MANIFEST.lines().find(|line| line.contains(&format!("\"{name}\":"))).expect("a field");
    let comma = if line.ends_with(',') { "," } else { "" };
    let manifest = MANIFEST.replace(line, &format!("  \"{name}\": {value}{comma}"));
    Step::empty().function(".", &manifest, CODE)
}

fn hint<'r>(run: &'r Run, code: &str) -> &'r str {
    run.finding(code)["hint"].as_str().unwrap_or_default()
}

fn message<'r>(run: &'r Run, code: &str) -> &'r str {
    run.finding(code)["message"].as_str().unwrap_or_default()
}

#[test]
fn a_directory_without_a_manifest_is_refused() {
    refused_at(Step::on("manifest-missing"), "MANIFEST_MISSING", FILE, [0; 4]);
    published(Step::on("manifest-missing").file(FILE, MANIFEST));
}

#[test]
fn a_manifest_that_is_no_file_is_missing() {
    refused_at(Step::empty().file("aerostack.json/x", ""), "MANIFEST_MISSING", FILE, [0; 4]);
}

#[test]
fn a_key_that_stands_twice_is_refused_at_the_second_one() {
    let run = refused_at(Step::on("duplicate-key"), "DUPLICATE_KEY", FILE, on_line(6, 3, 13));
    assert!(message(&run, "DUPLICATE_KEY").contains("line 5"), "{}", run.stdout);
    published(Step::on("duplicate-key").edit(FILE, "  \"category\": \"media\",\n", ""));
}

#[test]
fn a_key_that_stands_twice_inside_a_value_is_refused_too() {
    let step = with_field("x", r#"[{"a": {"b": 1, "ü": 2, "b": 3}}]"#);
    refused_at(step, "DUPLICATE_KEY", FILE, on_line(10, 32, 35));
    published(with_field("x", r#"[{"a": {"b": 1}}, {"a": {"b": 1}}]"#));
}

#[test]
fn keys_that_differ_only_in_their_escapes_are_the_same_key() {
    refused_at(with_field(r"n\u0061me", "\"other\""), "DUPLICATE_KEY", FILE, on_line(10, 3, 14));
}

#[test]
fn a_missing_field_is_shown_at_the_manifests_beginning() {
    let run = refused_at(Step::on("missing-field"), "MISSING_FIELD", FILE, on_line(1, 1, 2));
    assert!(hint(&run, "MISSING_FIELD").contains(r#""license": "MIT""#), "{}", run.stdout);
    published(Step::on("missing-field").edit(FILE, "\"runtime\"", "\"license\": \"MIT\",\n  \"runtime\""));
}

#[test]
fn each_required_field_is_missed_and_all_in_one_run() {
    let run = refused_many(Step::empty().function(".", "{}", CODE));
    let missed: Vec<_> = run.iter().map(|(code, message)| (code.as_str(), message.as_str())).collect();
    let names =
        ["name", "version", "description", "category", "language", "runtime", "license", "entrypoint"];
    assert_eq!(missed.len(), names.len(), "{missed:?}");
    for (name, (code, message)) in names.iter().zip(missed) {
        assert_eq!((code, message), ("MISSING_FIELD", format!("the field `{name}` is missing").as_str()));
    }
}

/// Codes and messages of a run that is refused; the Hub did not hear of it.
#[track_caller]
fn refused_many(step: Step) -> Vec<(String, String)> {
    let hub = stand_in_hub::StandInHub::start();
    let run = step.hub(&hub).run();
    assert_eq!(run.exit_code, 1, "{}", run.stdout);
    assert!(hub.requests().is_empty());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let notices = |finding: &&Value| finding["severity"] != "notice";
    let findings = run.findings().into_iter().filter(notices);
    findings.map(|finding| (text(&finding["code"]), text(&finding["message"]))).collect()
}

#[test]
fn a_missing_field_that_was_only_misspelt_is_to_be_renamed() {
    let hub = stand_in_hub::StandInHub::start();
    let run = Step::plain().edit(FILE, "\"license\"", "\"licence\"").hub(&hub).run();
    assert_eq!((run.exit_code, run.codes()), (1, vec!["MISSING_FIELD", "UNKNOWN_FIELD"]), "{}", run.stdout);
    assert_eq!(hint(&run, "MISSING_FIELD"), "rename `licence` at line 8 to `license`");
    assert_eq!(run.place("UNKNOWN_FIELD"), on_line(8, 3, 12));
    assert!(hub.requests().is_empty());
}

#[test]
fn a_value_of_another_type_is_refused_at_the_value() {
    refused_at(Step::on("invalid-type"), "INVALID_TYPE", FILE, on_line(4, 18, 20));
    published(Step::on("invalid-type").edit(FILE, "42", "\"42\""));
}

#[test]
fn each_field_is_judged_by_its_type() {
    for (name, wrong) in [
        ("name", "null"),
        ("version", "1.0"),
        ("description", "[\"x\"]"),
        ("category", "{}"),
        ("language", "true"),
        ("runtime", "[]"),
        ("license", "{\"type\": \"MIT\"}"),
        ("entrypoint", "false"),
    ] {
        let end = 7 + (name.len() + wrong.len()) as u64;
        let start = end - wrong.len() as u64;
        let line = 1 + MANIFEST.lines().position(|line| line.contains(&format!("\"{name}\":"))).expect(name);
        refused_at(with_value(name, wrong), "INVALID_TYPE", FILE, on_line(line as u64, start, end));
    }
    for (name, wrong) in [
        ("tags", "\"a, b\""),
        ("npmDependencies", "{\"hono\": \"^4\"}"),
        ("envVars", "null"),
        ("routePath", "7"),
        ("routeExport", "[\"a\"]"),
        ("drizzleSchema", "\"true\""),
    ] {
        let end = 7 + (name.len() + wrong.len()) as u64;
        let start = end - wrong.len() as u64;
        refused_at(with_field(name, wrong), "INVALID_TYPE", FILE, on_line(10, start, end));
    }
    published(with_field("drizzleSchema", "false"));
}

#[test]
fn each_element_of_an_array_has_its_own_place() {
    refused_at(with_field("tags", "[\"ä\", 7, \"b\"]"), "INVALID_TYPE", FILE, on_line(10, 17, 18));
    refused_at(with_field("envVars", "[\n    null\n  ]"), "INVALID_TYPE", FILE, on_line(11, 5, 9));
}

#[test]
fn a_name_that_is_not_its_own_address_is_refused_with_that_address() {
    let run = refused_at(Step::on("invalid-name"), "INVALID_NAME", FILE, on_line(2, 11, 20));
    assert_eq!(hint(&run, "INVALID_NAME"), "write `gre-2`");
    published(Step::on("invalid-name").edit(FILE, "Größe 2", "gre-2"));
}

#[test]
fn names_are_as_the_hub_makes_addresses() {
    for bad in
        ["Greeter", " greeter", "greeter ", "gree_ter", "-greeter", "greeter-", "gree--ter", "a.b", "a/b", ""]
    {
        refused(with_value("name", &json!(bad).to_string()), "INVALID_NAME");
    }
    for good in ["g", "0", "a-b-c", "2fa"] {
        published(with_value("name", &json!(good).to_string()));
    }
}

#[test]
fn a_version_that_semver_does_not_know_is_refused_with_the_nearest_one() {
    let run = refused_at(Step::on("invalid-version"), "INVALID_VERSION", FILE, on_line(3, 14, 20));
    assert_eq!(hint(&run, "INVALID_VERSION"), "write `1.0.0`");
    published(Step::on("invalid-version").edit(FILE, "v1.0", "1.0.0"));
}

#[test]
fn versions_are_those_of_semver() {
    for bad in
        ["", "1", "1.0", "01.0.0", "1.0.0.0", "1.0.0-", "1.0.0-01", "1.0.0+", "^1.0.0", " 1.0.0", "latest"]
    {
        refused(with_value("version", &json!(bad).to_string()), "INVALID_VERSION");
    }
    for good in ["0.0.0", "1.0.0-rc.1", "1.0.0+build.7", "1.0.0-0a.b+c", "18446744073709551615.0.0"] {
        published(with_value("version", &json!(good).to_string()));
    }
}

#[test]
fn an_unknown_category_is_refused_with_the_one_that_was_meant() {
    let run = refused_at(Step::on("invalid-category"), "INVALID_CATEGORY", FILE, on_line(5, 15, 22));
    let hint = hint(&run, "INVALID_CATEGORY");
    assert!(hint.contains("did you mean `media`?") && hint.contains("`notifications`"), "{hint}");
    published(Step::on("invalid-category").edit(FILE, "medai", "media"));
}

#[test]
fn every_documented_category_passes_and_its_case_counts() {
    for category in [
        "auth",
        "payments",
        "media",
        "email",
        "ai",
        "database",
        "utility",
        "analytics",
        "notifications",
        "storage",
    ] {
        published(with_value("category", &json!(category).to_string()));
    }
    for bad in ["Media", "MEDIA", " media", "", "payment"] {
        refused(with_value("category", &json!(bad).to_string()), "INVALID_CATEGORY");
    }
}

#[test]
fn an_unknown_language_is_refused() {
    let run = refused_at(Step::on("invalid-language"), "INVALID_LANGUAGE", FILE, on_line(6, 15, 27));
    assert!(hint(&run, "INVALID_LANGUAGE").contains("did you mean `typescript`?"), "{}", run.stdout);
    published(Step::on("invalid-language").edit(FILE, "TypeScript", "typescript"));
    refused(with_value("language", "\"ts\""), "INVALID_LANGUAGE");
}

#[test]
fn an_unknown_runtime_is_refused() {
    let run = refused_at(Step::on("invalid-runtime"), "INVALID_RUNTIME", FILE, on_line(7, 14, 34));
    assert!(hint(&run, "INVALID_RUNTIME").contains("did you mean `cloudflare-worker`?"), "{}", run.stdout);
    published(Step::on("invalid-runtime").edit(FILE, "cloudflare-workers", "cloudflare-worker"));
    refused(with_value("runtime", "\"nodejs\""), "INVALID_RUNTIME");
}

#[test]
fn an_unknown_license_is_refused_with_the_one_that_was_meant() {
    let run = refused_at(Step::on("invalid-license"), "INVALID_LICENSE", FILE, on_line(8, 14, 26));
    assert_eq!(hint(&run, "INVALID_LICENSE"), "did you mean `Apache-2.0`?");
    published(Step::on("invalid-license").edit(FILE, "Apache 2.0", "Apache-2.0"));
}

#[test]
fn licenses_are_spdx_expressions() {
    for bad in ["", "mit", "MIT AND", "UNLICENSED", "SEE LICENSE IN LICENSE", "(MIT", "MIT/Apache-2.0"] {
        refused(with_value("license", &json!(bad).to_string()), "INVALID_LICENSE");
    }
    for good in [
        "MIT OR Apache-2.0",
        "MIT or Apache-2.0",
        "GPL-2.0",
        "GPL-2.0-or-later WITH Classpath-exception-2.0",
        "LicenseRef-Proprietary",
        "(MIT AND BSD-3-Clause) OR ISC",
        "0BSD",
    ] {
        published(with_value("license", &json!(good).to_string()));
    }
}

#[test]
fn a_blank_description_is_refused() {
    refused_at(Step::on("invalid-description"), "INVALID_DESCRIPTION", FILE, on_line(4, 18, 24));
    published(Step::on("invalid-description").edit(FILE, r" \t ", "x"));
    refused(with_value("description", "\"\""), "INVALID_DESCRIPTION");
}

#[test]
fn a_blank_tag_is_refused() {
    refused_at(Step::on("invalid-tag"), "INVALID_TAG", FILE, on_line(10, 21, 24));
    published(Step::on("invalid-tag").edit(FILE, "\" \"", "\"x y\""));
}

#[test]
fn more_than_ten_tags_are_refused_from_the_eleventh_on() {
    refused_at(Step::on("too-many-tags"), "TOO_MANY_TAGS", FILE, on_line(10, 62, 70));
    published(Step::on("too-many-tags").edit(FILE, ", \"k\", \"l\"", ""));
}

#[test]
fn a_tag_that_stands_twice_is_a_warning() {
    let (run, _) = published_with(Step::on("duplicate-tag"), &["DUPLICATE_TAG"]);
    assert_eq!(run.finding("DUPLICATE_TAG")["severity"], "warning");
    assert_eq!(run.place("DUPLICATE_TAG"), on_line(10, 30, 37));
    published(Step::on("duplicate-tag").edit(FILE, "\"world\", \"hello\"", "\"world\", \"Hello\""));
}

#[test]
fn a_route_that_is_no_path_is_refused() {
    refused_at(Step::on("invalid-route-path"), "INVALID_ROUTE_PATH", FILE, on_line(10, 16, 27));
    published(Step::on("invalid-route-path").edit(FILE, "api/greet", "/api/greet"));
    for bad in ["", "/a b", "/a?b", "/a#b", "/a\tb", "https://x.example/a", "/a\u{a0}b"] {
        refused(with_field("routePath", &json!(bad).to_string()), "INVALID_ROUTE_PATH");
    }
    for good in ["/", "/api/:id", "/api/*", "/ü"] {
        published(with_field("routePath", &json!(good).to_string()));
    }
}

#[test]
fn a_route_export_that_is_no_identifier_is_refused() {
    refused_at(Step::on("invalid-route-export"), "INVALID_ROUTE_EXPORT", FILE, on_line(10, 18, 31));
    published(Step::on("invalid-route-export").edit(FILE, "greet-route", "greet"));
    for bad in ["", "1a", "a.b", "a b", "class", "a()"] {
        refused(with_field("routeExport", &json!(bad).to_string()), "INVALID_ROUTE_EXPORT");
    }
}

#[test]
fn a_name_that_no_environment_variable_has_is_refused() {
    refused_at(Step::on("invalid-env-var"), "INVALID_ENV_VAR", FILE, on_line(10, 27, 41));
    published(Step::on("invalid-env-var").edit(FILE, "2ND_GREETING", "_2ND_greeting"));
    for bad in ["", "A-B", "A B", "A=B", "$A", "Ä"] {
        refused(with_field("envVars", &json!([bad]).to_string()), "INVALID_ENV_VAR");
    }
}

#[test]
fn a_name_that_no_package_has_is_refused() {
    refused_at(Step::on("invalid-npm-dependency"), "INVALID_NPM_DEPENDENCY", FILE, on_line(10, 31, 43));
    published(Step::on("invalid-npm-dependency").edit(FILE, "Zod", "zod"));
    for bad in ["", "hono ", "hono@", "@scope", "./local", "a b", ".x", "_x", "https://x.example/a.tgz"] {
        refused(with_field("npmDependencies", &json!([bad]).to_string()), "INVALID_NPM_DEPENDENCY");
    }
    for good in ["hono@>=4 <5", "@aws-sdk/client-s3@^3", "lodash.merge", "x@npm:y@1"] {
        published(with_field("npmDependencies", &json!([good]).to_string()));
    }
}

#[test]
fn a_field_that_looks_misspelt_is_a_warning_and_goes_along() {
    let (run, sent) = published_with(Step::on("unknown-field"), &["UNKNOWN_FIELD"]);
    assert_eq!(run.finding("UNKNOWN_FIELD")["severity"], "warning");
    assert_eq!(run.place("UNKNOWN_FIELD"), on_line(10, 3, 12));
    assert_eq!(hint(&run, "UNKNOWN_FIELD"), "did you mean `envVars`?");
    assert_eq!(sent.json()["envvars"], json!(["GREETING"]));
    published(Step::on("unknown-field").edit(FILE, "envvars", "envVars"));
}

#[test]
fn fields_that_the_step_writes_itself_are_a_warning() {
    for (name, value) in [("publish", "false"), ("code", "\"x\"")] {
        let (run, sent) = published_with(with_field(name, value), &["UNKNOWN_FIELD"]);
        assert_eq!(run.place("UNKNOWN_FIELD"), on_line(10, 3, 5 + name.len() as u64));
        let sent = sent.json();
        assert_eq!((&sent["publish"], &sent["code"]), (&json!(true), &json!(CODE)));
    }
}

#[test]
fn an_unknown_field_goes_to_the_hub_as_it_stands_and_in_its_order() {
    let fields = r#"{"zeta": 1.0, "alpha": [12345678901234567890, -0.0, 1e400, null, {"b": "ü\n", "a": 1.10}], "homepage": ""}"#;
    let manifest = MANIFEST.replace(
        "{\n",
        &format!("{{\n  \"$schema\": \"./aerostack.schema.json\",\n  \"extra\": {fields},\n"),
    );
    let (_, sent) = published(Step::empty().function(".", &manifest, CODE));
    let body = String::from_utf8(sent.body).expect("UTF-8");
    let expected = r#"{"$schema":"./aerostack.schema.json","extra":{"zeta":1.0,"alpha":[12345678901234567890,-0.0,1e400,null,{"b":"ü\n","a":1.10}],"homepage":""},"name":"greeter","#;
    let number_as_written = |text: &str| text.replace("1e+400", "1e400");
    assert!(number_as_written(&body).starts_with(expected), "{body}");
    assert!(body.ends_with(r#""publish":true}"#), "{body}");
}

#[test]
fn every_fault_of_every_function_is_told_in_one_run() {
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
    let step = Step::empty()
        .function("f/one", &MANIFEST.replace("utility", "utilities"), CODE)
        .function("f/two", manifest, CODE)
        .function("f/three", &MANIFEST.replace("greeter", "three"), CODE)
        .input("directory", "f/*");
    let codes: Vec<_> = refused_many(step).into_iter().map(|(code, _)| code).collect();
    assert_eq!(
        codes,
        [
            "INVALID_CATEGORY",
            "INVALID_NAME",
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
            "UNKNOWN_FIELD",
            "MISSING_ENTRYPOINT",
        ]
    );
}

#[test]
fn a_byte_order_mark_before_the_manifest_does_not_count() {
    let marked = |manifest: &str| Step::empty().function(".", &format!("\u{feff}{manifest}"), CODE);
    let (_, sent) = published(marked(MANIFEST));
    assert!(sent.body.starts_with(br#"{"name":"greeter","#));
    let on_first_line = MANIFEST.replace("{\n  \"name\": \"greeter\"", "{\"name\": \"A\"");
    refused_at(marked(&on_first_line), "INVALID_NAME", FILE, on_line(1, 10, 13));
}

#[test]
fn lines_of_any_ending_are_counted() {
    for ending in ["\r\n", "\r"] {
        let manifest = MANIFEST.replace("utility", "medai").replace('\n', ending);
        refused_at(
            Step::empty().function(".", &manifest, CODE),
            "INVALID_CATEGORY",
            FILE,
            on_line(5, 15, 22),
        );
    }
}

#[test]
fn a_manifest_that_is_not_utf8_is_refused_at_the_first_wrong_byte() {
    let german = MANIFEST.replace("Greets", "Grüßt");
    let bytes: Vec<u8> = german.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin-1")).collect();
    refused_at(Step::plain().file(FILE, bytes), "NOT_UTF8", FILE, on_line(4, 21, 22));
    let utf16: Vec<u8> =
        std::iter::once(0xfeff).chain(MANIFEST.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let run = refused_at(Step::plain().file(FILE, utf16), "NOT_UTF8", FILE, on_line(1, 1, 2));
    assert!(hint(&run, "NOT_UTF8").contains("UTF-16"), "{}", run.stdout);
}

#[test]
fn a_function_without_a_readme_is_published_with_a_notice() {
    let hub = stand_in_hub::StandInHub::start();
    let run = Step::on("readme-missing").hub(&hub).run();
    assert_eq!(run.finding("README_MISSING")["severity"], "notice");
    assert_eq!((run.exit_code, hub.publishes().len()), (0, 1));
    let run = Step::on("readme-missing").file("README.md", "# Greeter\n").hub(&hub).run();
    assert!(run.findings().iter().all(|finding| finding["code"] != "README_MISSING"), "{}", run.stdout);
}

#[test]
fn a_readme_of_another_case_is_to_be_renamed() {
    let hub = stand_in_hub::StandInHub::start();
    let run = Step::plain().file("Readme.md", "# Greeter\n").hub(&hub).run();
    assert_eq!(hint(&run, "README_MISSING"), "rename `Readme.md` to `README.md`");
    assert!(hub.publishes()[0].get("readme").is_none());
}
