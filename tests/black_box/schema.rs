//! The JSON Schema for editors agrees with the binary.

use aerostack_publish::function::manifest::fields::{
    CATEGORIES, FIELDS, FieldType, LANGUAGES, MAX_TAGS, RUNTIMES,
};
use aerostack_publish::function::manifest::reserved::RESERVED;
use jsonschema::Validator;
use serde_json::{Value, json};
use stand_in_hub::StandInHub;

use crate::fixtures::manifest_with_field;
use crate::support::{CODE, Step, text};

const SCHEMA: &str = include_str!("../../schema/aerostack.schema.json");

/// Errors in a manifest that a schema cannot detect, or not in every case.
const NOT_IN_SCHEMA: [&str; 3] = ["MANIFEST_INVALID_JSON", "DUPLICATE_KEY", "INVALID_LICENSE"];

/// Errors in a manifest that a schema can detect.
const IN_SCHEMA: [&str; 16] = [
    "ENTRYPOINT_OUTSIDE_DIRECTORY",
    "INVALID_CATEGORY",
    "INVALID_DESCRIPTION",
    "INVALID_ENV_VAR",
    "INVALID_LANGUAGE",
    "INVALID_NAME",
    "INVALID_NPM_DEPENDENCY",
    "INVALID_ROUTE_EXPORT",
    "INVALID_ROUTE_PATH",
    "INVALID_RUNTIME",
    "INVALID_TAG",
    "INVALID_TYPE",
    "INVALID_VERSION",
    "MISSING_FIELD",
    "RESERVED_FIELD",
    "TOO_MANY_TAGS",
];

fn schema() -> Value {
    serde_json::from_str(SCHEMA).expect("JSON")
}

fn validator() -> Validator {
    jsonschema::draft7::new(&schema()).expect("a draft 7 schema")
}

/// The errors that the binary reports for a manifest and that a schema can detect.
fn errors_of_binary(manifest: &Value) -> Vec<String> {
    let run = Step::empty().function(".", &manifest.to_string(), CODE).input("dry-run", "true").run();
    let errors = run.findings().into_iter().filter(|finding| finding["severity"] == "error");
    let codes = errors.map(|finding| text(&finding["code"]).to_owned());
    codes.filter(|code| IN_SCHEMA.contains(&code.as_str())).collect()
}

#[test]
fn the_schema_has_the_same_fields_and_allowed_values_as_the_code() {
    let schema = schema();
    let names: Vec<_> =
        schema["properties"].as_object().expect("fields").keys().map(String::as_str).collect();
    let known = FIELDS.iter().map(|field| field.name);
    assert_eq!(names, ["$schema"].into_iter().chain(known).collect::<Vec<_>>());
    let required: Vec<_> = FIELDS.iter().filter(|field| field.required).map(|field| field.name).collect();
    assert_eq!(schema["required"], json!(required));
    for field in &FIELDS {
        let property = &schema["properties"][field.name];
        let (field_type, of) = match field.field_type {
            FieldType::String => ("string", Value::Null),
            FieldType::Strings => ("array", json!("string")),
            FieldType::Boolean => ("boolean", Value::Null),
        };
        let types = (&property["type"], &property["items"]["type"]);
        // `null` counts as missing where there is a default.
        let field_type = field.default.map_or(json!(field_type), |_| json!([field_type, "null"]));
        assert_eq!(types, (&field_type, &of), "{}", field.name);
        if let Some(default) = field.default {
            assert_eq!(property["default"], default, "{}", field.name);
        }
        assert!(text(&property["description"]).len() > 10, "{}", field.name);
    }
    assert_eq!(schema["properties"]["category"]["enum"], json!(CATEGORIES));
    assert_eq!(schema["properties"]["language"]["enum"], json!(LANGUAGES));
    let runtimes: Vec<_> = RUNTIMES.iter().map(|runtime| json!(runtime)).chain([Value::Null]).collect();
    assert_eq!(schema["properties"]["runtime"]["enum"], json!(runtimes));
    assert_eq!(schema["propertyNames"]["not"]["enum"], json!(RESERVED));
    assert_eq!(schema["properties"]["tags"]["maxItems"], json!(MAX_TAGS));
}

#[test]
fn the_schema_is_a_valid_draft_7_schema() {
    assert!(jsonschema::meta::is_valid(&schema()));
}

/// Valid and invalid values of each other field that is a string.
fn strings() -> Vec<(&'static str, Value)> {
    vec![
        (
            "name",
            json!([
                "a",
                "image-resizer",
                "2fa",
                "A",
                "a b",
                "a--b",
                "-a",
                "a-",
                "a_b",
                "ä",
                "Image Resizer",
                "!",
                "",
                null,
                1
            ]),
        ),
        (
            "version",
            json!([
                "1.0.0",
                "0.0.0-rc.1",
                "1.2.3-a.b-c+d.01",
                "1.0.0-0a",
                "v1.0.0",
                "1.0",
                "01.0.0",
                "1.0.0-01",
                "1.0.0-",
                "1.0.0+",
                "1.0.0 ",
                "",
                1.0
            ]),
        ),
        ("description", json!(["x", " x", "", "  ", "\n", 7])),
        ("category", json!(["media", "auth", "Media", "medai", "", ["media"]])),
        ("language", json!(["typescript", "javascript", "TypeScript", "python"])),
        ("runtime", json!(["cloudflare-worker", null, "node", 1])),
        ("license", json!(["MIT", "MIT OR Apache-2.0", "(MIT)", "LicenseRef-x", "GPL-2.0-or-later", true])),
        (
            "entrypoint",
            json!([
                "index.ts",
                "./index.ts",
                "src/index.ts",
                "..ts",
                "a..b/index.ts",
                "../index.ts",
                "src/../../x.ts",
                "/etc/passwd",
                "..",
                null,
                3
            ]),
        ),
    ]
}

/// Valid and invalid values of the fields of the route.
fn route() -> Vec<(&'static str, Value)> {
    vec![
        ("routePath", json!(["/", "/api/x", "/api/:id", "api", "", "/a b", "/a?b", "/a#b", "/a\tb", false])),
        (
            "routeExport",
            json!([
                "a",
                "imageResizerRoute",
                "$",
                "_x1",
                "größe",
                "defaults",
                "default",
                "1a",
                "a-b",
                "a b",
                "a.b",
                "",
                1
            ]),
        ),
    ]
}

/// Valid and invalid values of the dependencies.
fn dependencies() -> Vec<(&'static str, Value)> {
    vec![(
        "npmDependencies",
        json!([
            [],
            ["hono"],
            ["@scope/name"],
            ["hono@^4.0.0"],
            ["@scope/name@>=1 <2"],
            ["a@latest"],
            ["lodash.merge"],
            ["Hono"],
            [" hono"],
            ["hono@"],
            ["hono@ 1"],
            ["@scope"],
            ["@/x"],
            ["@a/b/c"],
            ["_x"],
            [".x"],
            ["a/b"],
            ["a b"],
            ["node_modules"],
            [""],
            ["@"],
            [1],
            "hono",
            ["favicon.ico@1"],
            ["x@workspace:*"],
            ["@scope/x@file:../x"],
            ["x@link:../x"],
            ["x@portal:../x"],
            ["x@patch:x@npm%3A1.0.0#x.patch"],
            ["x@catalog:"],
            ["x@exec:./x.js"],
            ["x@git+file:///srv/x"],
            ["x@./x"],
            ["x@.."],
            ["x@~/x"],
            ["x@/srv/x"],
            ["x@..\\x"],
            ["x@C:\\x"],
            ["x@x-1.0.0.tgz"],
            ["x@vendor/x.tar.gz"],
            ["x.tgz"],
            ["@scope/x.tar@1"],
            ["x@npm:y@file:../y"],
            ["x@npm:@scope/y@../y"],
            ["x@npm:@scope/y@^1"],
            ["x@npm:y@1"],
            ["x@~1.2.0"],
            ["x@github:owner/x"],
            ["x@git+https://example.com/x.git"],
            ["x@https://example.com/x.tgz"],
            ["workspace"],
            ["x@workspace"]
        ]),
    )]
}

/// Valid and invalid values of the other fields.
fn lists_and_others() -> Vec<(&'static str, Value)> {
    let eleven: Vec<_> = (0..=MAX_TAGS).map(|number| format!("tag{number}")).collect();
    vec![
        ("tags", json!([[], ["a"], ["a b"], [""], [" "], [1], "a", {}, eleven])),
        ("envVars", json!([[], ["A"], ["_a1"], ["1A"], ["A-B"], [""], ["Ä"], [1], "A"])),
        ("drizzleSchema", json!([true, false, "true", 0])),
        ("somethingElse", json!([1, "x"])),
        ("code", json!(["x", ""])),
        ("publish", json!([true])),
        ("readme", json!(["x"])),
        ("files", json!([{}])),
        ("slug", json!(["x"])),
        ("id", json!([1])),
        ("status", json!(["draft"])),
        ("$schema", json!(["https://x/schema.json"])),
    ]
}

#[test]
fn the_schema_rejects_exactly_what_the_binary_rejects() {
    let validator = validator();
    let absent = FIELDS.map(|field| (field.name, json!([null])));
    let mut rejected = 0;
    for (field, values) in
        strings().into_iter().chain(route()).chain(dependencies()).chain(lists_and_others()).chain(absent)
    {
        for value in values.as_array().expect("values") {
            let manifest = manifest_with_field(field, value);
            let errors = errors_of_binary(&manifest);
            assert_eq!(validator.is_valid(&manifest), errors.is_empty(), "{field}: {value}: {errors:?}");
            rejected += usize::from(!errors.is_empty());
        }
    }
    assert!(rejected > 60, "{rejected} cases are rejected");
}

#[test]
fn the_schema_and_the_binary_agree_on_every_fixture() {
    let validator = validator();
    let mut folders = vec![std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR"))];
    let mut compared = 0;
    while let Some(folder) = folders.pop() {
        let inside = ["tests", "examples", "fixtures"];
        let is_root = folder.ends_with(env!("CARGO_MANIFEST_DIR"));
        for entry in folder.read_dir().expect("a directory").flatten() {
            let wanted = !is_root || inside.iter().any(|name| entry.file_name() == *name);
            if wanted && entry.file_type().expect("a type").is_dir() {
                folders.push(entry.path());
            }
        }
        let Ok(text) = std::fs::read_to_string(folder.join("aerostack.json")) else { continue };
        let Ok(manifest) = serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}')) else {
            continue;
        };
        let errors = errors_of_binary(&manifest);
        if errors.is_empty()
            && NOT_IN_SCHEMA.iter().any(|code| folder.ends_with(code.to_lowercase().replace('_', "-")))
        {
            continue;
        }
        assert_eq!(validator.is_valid(&manifest), errors.is_empty(), "{}: {errors:?}", folder.display());
        compared += 1;
    }
    assert!(compared > 0);
}

#[test]
fn a_manifest_with_a_schema_reference_is_published_unchanged_and_without_a_warning() {
    let hub = StandInHub::start();
    let manifest = manifest_with_field("$schema", &schema()["$id"]);
    let run = Step::empty().function(".", &manifest.to_string(), CODE).hub(&hub).run();
    assert_eq!((run.exit_code, run.codes()), (0, vec![]), "{}", run.stdout);
    let sent = hub.publishes();
    assert_eq!(sent.len(), 1);
    let body = &sent[0];
    assert_eq!(body["$schema"], schema()["$id"]);
}
