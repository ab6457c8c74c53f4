//! Manifests that are not JSON: the place of the fault, and the likely mend.

use crate::judged::{on_line, published, refused_at};
use crate::support::{CODE, MANIFEST, Step};

/// Refuses the manifest as JSON at this place; the message and the hint hold these words.
#[track_caller]
fn no_json(manifest: &str, place: [u64; 4], message: &str, hint: &str) {
    let code = "MANIFEST_INVALID_JSON";
    let step = Step::empty().function(".", manifest, CODE);
    let run = refused_at(step, code, "aerostack.json", place);
    let finding = run.finding(code);
    assert!(finding["message"].as_str().is_some_and(|text| text.contains(message)), "{}", run.stdout);
    assert!(finding["hint"].as_str().is_some_and(|text| text.contains(hint)), "{}", run.stdout);
}

#[test]
fn a_comma_behind_the_last_field_is_to_be_removed() {
    refused_at(
        Step::on("manifest-invalid-json"),
        "MANIFEST_INVALID_JSON",
        "aerostack.json",
        on_line(9, 27, 28),
    );
    let manifest = MANIFEST.replace("\"index.ts\"\n", "\"index.ts\",\n");
    no_json(&manifest, on_line(9, 27, 28), "behind the last", "remove the comma");
    published(Step::on("manifest-invalid-json").edit("aerostack.json", "\"index.ts\",", "\"index.ts\""));
}

#[test]
fn a_comma_behind_the_last_element_is_to_be_removed() {
    let manifest = MANIFEST.replace("\"MIT\",", "\"MIT\",\n  \"tags\": [\"ä\", \"b\", ],");
    no_json(&manifest, on_line(9, 20, 21), "behind the last", "remove the comma");
}

#[test]
fn a_comment_is_to_be_removed() {
    let line = MANIFEST.replace("\"MIT\",", "\"MIT\", // free");
    no_json(&line, on_line(8, 21, 28), "no comments", "remove the comment");
    let block = MANIFEST.replace("{\n", "{\n  /* the greeter\n     of all */\n");
    no_json(&block, on_line(2, 3, 17), "no comments", "remove the comment");
}

#[test]
fn single_quotes_are_to_be_double() {
    let value = MANIFEST.replace("\"MIT\"", "'MIT'");
    no_json(&value, on_line(8, 14, 15), "single quotes", "double quotes");
    let key = MANIFEST.replace("\"license\"", "'license'");
    no_json(&key, on_line(8, 3, 4), "single quotes", "double quotes");
}

#[test]
fn a_missing_comma_is_to_be_added() {
    let fields = MANIFEST.replace("\"utility\",", "\"utility\"");
    no_json(&fields, on_line(5, 24, 25), "comma is missing", "add a comma");
    let elements = MANIFEST.replace("\"MIT\",", "\"MIT\",\n  \"tags\": [\"a\" \"b\"],");
    no_json(&elements, on_line(9, 15, 16), "comma is missing", "add a comma");
}

#[test]
fn a_string_without_its_end_is_shown_where_its_line_ends() {
    let manifest = MANIFEST.replace("\"Greets whoever calls\",", "\"Greets whoever calls,");
    no_json(&manifest, on_line(4, 18, 40), "not closed", "`\"`");
    let last = "{\n  \"name\": \"greeter\n";
    no_json(last, on_line(2, 11, 19), "not closed", "`\"`");
    let alone = "{\n  \"name\": \"greeter";
    no_json(alone, on_line(2, 11, 19), "not closed", "`\"`");
}

#[test]
fn a_control_character_in_a_string_is_to_be_escaped() {
    let tab = MANIFEST.replace("Greets whoever", "Greets\twhoever");
    no_json(&tab, on_line(4, 25, 26), "control character", "`\\t`");
    let bell = MANIFEST.replace("Greets whoever", "Grüets\u{7}whoever");
    no_json(&bell, on_line(4, 25, 26), "control character", "`\\t`");
}

#[test]
fn an_empty_manifest_is_told_to_be_empty() {
    for manifest in ["", " \n\n", "\u{feff}"] {
        let run =
            crate::judged::refused(Step::empty().function(".", manifest, CODE), "MANIFEST_INVALID_JSON");
        assert_eq!(run.finding("MANIFEST_INVALID_JSON")["message"], "the manifest is empty");
    }
}

#[test]
fn a_manifest_nested_too_deep_is_refused() {
    for depth in [200, 50_000] {
        let deep = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let manifest = MANIFEST.replace("\"MIT\",", &format!("\"MIT\",\n  \"x\": {deep},"));
        let run =
            crate::judged::refused(Step::empty().function(".", &manifest, CODE), "MANIFEST_INVALID_JSON");
        assert_eq!(run.finding("MANIFEST_INVALID_JSON")["message"], "the manifest is nested too deep");
        assert_eq!(run.place("MANIFEST_INVALID_JSON")[0], 9);
    }
    let fine = format!("{}{}", "[".repeat(100), "]".repeat(100));
    let manifest = MANIFEST.replace("\"MIT\",", &format!("\"MIT\",\n  \"x\": {fine},"));
    published(Step::empty().function(".", &manifest, CODE));
}

#[test]
fn a_manifest_that_is_no_object_is_refused() {
    for (manifest, place) in [
        ("[]", on_line(1, 1, 3)),
        ("\n  \"greeter\"\n", on_line(2, 3, 12)),
        ("null", on_line(1, 1, 5)),
        ("7", on_line(1, 1, 2)),
        ("[\n{}]", [1, 1, 2, 4]),
    ] {
        refused_at(Step::empty().function(".", manifest, CODE), "INVALID_TYPE", "aerostack.json", place);
    }
}

#[test]
fn a_brace_that_is_missing_is_to_be_added() {
    let manifest = MANIFEST.trim_end().trim_end_matches('}');
    let run = crate::judged::refused(Step::empty().function(".", manifest, CODE), "MANIFEST_INVALID_JSON");
    assert_eq!(run.finding("MANIFEST_INVALID_JSON")["hint"], "add the missing `}`");
}

#[test]
fn other_slips_have_their_mend_too() {
    let edited = |from: &str, to: &str| {
        assert!(MANIFEST.contains(from));
        MANIFEST.replace(from, to)
    };
    no_json(&edited("\"license\"", "license"), on_line(8, 3, 10), "double quotes", "double quotes");
    no_json(&edited("\"MIT\"", "MIT"), on_line(8, 14, 17), "a word stands where", "double quotes");
    no_json(&edited("\"MIT\"", "True"), on_line(8, 14, 18), "a word stands where", "`true`");
    no_json(
        &edited("\"license\": ", "\"license\" "),
        on_line(8, 13, 18),
        "colon is missing",
        "\"name\": value",
    );
    no_json(&edited("\"MIT\",", "\"MIT\",,"), on_line(8, 20, 21), "comma stands where", "remove the comma");
    no_json(&edited("\"MIT\"", "\"M\\IT\""), on_line(8, 16, 18), "not well formed", "escape only");
    no_json(&edited("\"MIT\"", "0x10"), on_line(8, 14, 15), "number", "decimal digits");
    no_json(&edited("\"MIT\"", "01"), on_line(8, 15, 16), "number", "decimal digits");
    no_json(&format!("{MANIFEST}{{}}"), on_line(11, 1, 2), "more text behind", "remove what stands behind");
}
