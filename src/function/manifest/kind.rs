//! Other things than functions that have a manifest of the same file name: skills, and functions of the Open Function Spec.

use serde_json::{Map, Value};

use super::fields::{CATEGORIES, Manifest, RUNTIMES};
use crate::finding::{Code, Finding};

/// The file that every skill of the CLI has (Go CLI, `skill init`).
pub(crate) const SKILL_FILE: &str = "SKILL.md";

/// How much speaks for one reading of a manifest, and the field that shows it best.
#[derive(Default)]
struct Evidence {
    weight: usize,
    field: Option<&'static str>,
}

impl Evidence {
    fn add(&mut self, weight: usize, field: &'static str, applies: bool) {
        if applies {
            self.weight += weight;
            self.field = self.field.or(Some(field));
        }
    }
}

/// The weight that proves something: a single field does not, because the Hub takes unknown ones.
const PROOF: usize = 2;

/// The finding for a manifest that is not a function's: more speaks for another kind than for a function.
pub(crate) fn other_manifest(manifest: &Manifest, has_skill_file: bool) -> Option<Finding> {
    let fields = &manifest.fields;
    // Nothing was read: the file beside it proves nothing alone.
    if fields.is_empty() {
        return None;
    }
    let function = function_weight(fields);
    let is_other = |evidence: &Evidence| evidence.weight >= PROOF && evidence.weight > function;
    let skill = skill(fields, has_skill_file);
    let standard = open_function(fields);
    let (evidence, message, hint) = if is_other(&skill) {
        let message = "this is the manifest of a skill, not of a function";
        (
            skill,
            message,
            "deploy it with `aerostack deploy skill`, and leave its directory out of `directory`",
        )
    } else if is_other(&standard) {
        let message = "this is the manifest of an Open Function Spec (OFS) function, which is deployed to a project \
                       and not published to the Hub";
        (standard, message, "deploy it with `aerostack deploy`, and leave its directory out of `directory`")
    } else {
        return None;
    };
    let location = evidence.field.map_or_else(|| manifest.source.whole(), |field| manifest.location(field));
    Some(Finding::new(Code::OtherManifest, message).with_hint(hint).at(location))
}

/// What only a function of the Hub has (Aerostack documentation, "Publishing to the Hub", field table).
fn function_weight(fields: &Map<String, Value>) -> usize {
    let own =
        ["language", "entrypoint", "routePath", "routeExport", "npmDependencies", "envVars", "drizzleSchema"];
    let own = own.iter().filter(|field| fields.contains_key(**field)).count();
    own + usize::from(is_one_of(fields, "category", &CATEGORIES))
        + usize::from(is_one_of(fields, "runtime", &RUNTIMES))
}

/// A skill (Aerostack documentation, "Create a Skill": `type` must be `skill`, `tool` is what it offers; Go CLI, `skill init`:
/// `SKILL.md`, category `skills`).
fn skill(fields: &Map<String, Value>, has_skill_file: bool) -> Evidence {
    let tool = fields.get("tool").and_then(Value::as_object);
    let mut evidence = Evidence::default();
    // Who writes this means a skill: it never was a category of functions.
    evidence.add(usize::MAX / 2, "type", is_one_of(fields, "type", &["skill"]));
    evidence.add(
        2,
        "tool",
        tool.is_some_and(|tool| tool.contains_key("name") || tool.contains_key("input_schema")),
    );
    evidence.add(1, "category", is_one_of(fields, "category", &["skills"]));
    if has_skill_file {
        evidence.weight += 2;
    }
    evidence
}

/// A function of the Open Function Spec (Aerostack documentation, "Open Function Spec", table of the manifest).
fn open_function(fields: &Map<String, Value>) -> Evidence {
    let is_object = |field: &str| fields.get(field).is_some_and(Value::is_object);
    let mut evidence = Evidence::default();
    evidence.add(1, "inputs", is_object("inputs"));
    evidence.add(1, "outputs", is_object("outputs"));
    evidence.add(1, "requires", fields.get("requires").is_some_and(Value::is_array));
    evidence.add(1, "auth", is_one_of(fields, "auth", &["required", "optional", "none"]));
    evidence.add(1, "runtime", is_one_of(fields, "runtime", &["any", "node", "workers", "bun", "deno"]));
    evidence
}

fn is_one_of(fields: &Map<String, Value>, field: &str, words: &[&str]) -> bool {
    fields.get(field).and_then(Value::as_str).is_some_and(|word| words.contains(&word))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::source::SourceFile;

    /// The message's kind of a manifest with these fields.
    fn kind(fields: &str, has_skill_file: bool) -> &'static str {
        let source = SourceFile::published("aerostack.json", format!("{{{fields}}}"));
        let (manifest, _) = Manifest::read(source, &&BTreeMap::new());
        match other_manifest(&manifest, has_skill_file) {
            Some(finding) if finding.message.contains("skill") => "skill",
            Some(_) => "OFS",
            None => "function",
        }
    }

    const FUNCTION: &str =
        r#""name": "a", "category": "ai", "language": "typescript", "entrypoint": "index.ts""#;

    #[test]
    fn a_kind_is_told_by_what_only_it_has() {
        let function = |more: &str| format!("{FUNCTION}, {more}");
        for (fields, has_skill_file, expected) in [
            ("", false, "function"),
            ("", true, "function"),
            (FUNCTION, false, "function"),
            (FUNCTION, true, "function"),
            (r#""type": "skill""#, false, "skill"),
            (&function(r#""type": "skill""#), false, "skill"),
            (r#""type": "ai""#, false, "function"),
            (r#""tool": {"name": "send_email"}"#, false, "skill"),
            (r#""tool": "webpack""#, false, "function"),
            (&function(r#""tool": {"name": "x"}"#), false, "function"),
            (r#""category": "skills""#, false, "function"),
            (r#""category": "skills", "tags": []"#, true, "skill"),
            (r#""category": "utility", "language": "typescript""#, true, "function"),
            (r#""category": "skills", "language": "typescript", "entrypoint": "index.ts""#, true, "skill"),
            (r#""inputs": {}, "outputs": {}"#, false, "OFS"),
            (r#""runtime": "any", "requires": ["db"]"#, false, "OFS"),
            (r#""runtime": "workers", "auth": "none""#, false, "OFS"),
            (r#""runtime": "node""#, false, "function"),
            (r#""auth": "required""#, false, "function"),
            (r#""inputs": ["a"], "auth": {"type": "jwt"}, "requires": "db""#, false, "function"),
            (&function(r#""inputs": {}, "outputs": {}, "auth": "none""#), false, "function"),
            (r#""runtime": "cloudflare-worker", "inputs": {}"#, false, "function"),
            (r#""$schema": "https://x.example/ofs-v1.json", "runtime": "any""#, false, "function"),
        ] {
            assert_eq!(kind(fields, has_skill_file), expected, "{fields}, {has_skill_file}");
        }
    }
}
