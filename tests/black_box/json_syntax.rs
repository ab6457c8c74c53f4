//! Manifests that are not a JSON object. Each problem with its location and hint is a unit test beside the parser.

use crate::assertions::{on_line, published, refused_at};
use crate::support::{CODE, MANIFEST, Step};

const FILE: &str = "aerostack.json";

fn with_manifest(manifest: &str) -> Step {
    Step::empty().function(".", manifest, CODE)
}

#[test]
fn a_trailing_comma_is_refused_at_the_comma() {
    let fixture = || Step::on("manifest-invalid-json");
    let run = refused_at(fixture(), "MANIFEST_INVALID_JSON", FILE, on_line(9, 27, 28));
    let finding = run.finding("MANIFEST_INVALID_JSON");
    assert_eq!(
        (&finding["message"], &finding["hint"]),
        (&"trailing comma".into(), &"remove the comma".into())
    );
    published(fixture().edit(FILE, "\"index.ts\",", "\"index.ts\""));
}

#[test]
fn a_manifest_of_a_byte_order_mark_alone_is_empty() {
    let run = refused_at(with_manifest("\u{feff}"), "MANIFEST_INVALID_JSON", FILE, on_line(1, 1, 2));
    assert_eq!(run.finding("MANIFEST_INVALID_JSON")["message"], "the manifest is empty");
}

#[test]
fn deep_nesting_is_refused_and_100_levels_are_published() {
    let nested = |depth| {
        let deep = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        with_manifest(&MANIFEST.replace("\"MIT\",", &format!("\"MIT\",\n  \"x\": {deep},")))
    };
    let run = crate::assertions::refused(nested(50_000), "MANIFEST_INVALID_JSON");
    let finding = run.finding("MANIFEST_INVALID_JSON");
    assert_eq!(
        (&finding["message"], &finding["line"]),
        (&"the manifest is nested too deeply".into(), &9.into())
    );
    published(nested(100));
}

#[test]
fn a_manifest_that_is_not_an_object_is_refused() {
    refused_at(with_manifest("[\n{}]"), "INVALID_TYPE", FILE, [1, 1, 2, 4]);
}
