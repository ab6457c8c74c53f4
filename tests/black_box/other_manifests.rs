//! Manifests of skills and of OFS functions: named as what they are, skipped where only a glob matches them.

use serde_json::{Value, json};
use stand_in_hub::StandInHub;

use crate::assertions::{on_line, published, refused, refused_at};
use crate::fixtures::{manifest, manifest_with, severity, words};
use crate::support::{CODE, Run, Step, text};

const SKILL: &str = r#"{
  "name": "send-email",
  "type": "skill",
  "version": "1.0.0",
  "description": "Sends an email",
  "category": "communication",
  "tags": ["email", "email"],
  "tool": { "name": "send_email", "description": "Sends an email", "input_schema": { "type": "object" } }
}
"#;

/// As the CLI makes one, beside a `SKILL.md`.
const SCAFFOLD: &str = r#"{
    "name": "digest",
    "version": "1.0.0",
    "description": "Digest skill",
    "category": "skills",
    "tags": []
}
"#;

const OFS: &str = r#"{
  "name": "get-user",
  "version": "1.0.0",
  "description": "Fetch a user by ID",
  "runtime": "workers",
  "inputs": { "userId": { "type": "string", "required": true } },
  "outputs": { "user": { "type": "object" } },
  "requires": ["db"],
  "auth": "required"
}
"#;

/// A workspace with a function, two skills and an OFS function.
fn mixed() -> Step {
    Step::empty()
        .function("functions/greeter", &manifest("greeter", "1.0.0"), CODE)
        .file("functions/email/aerostack.json", SKILL)
        .file("functions/email/src/index.ts", "export default {};\n")
        .file("functions/digest/aerostack.json", SCAFFOLD)
        .file("functions/digest/SKILL.md", "# Digest Skill\n")
        .file("functions/user/aerostack.json", OFS)
        .file("functions/user/src/index.ts", "export default async () => ({});\n")
}

/// The finding's words for a directory that is named outright.
fn words_for(directory: &str) -> String {
    words(&refused(mixed().input("directory", directory), "OTHER_MANIFEST"), "OTHER_MANIFEST")
}

#[test]
fn a_directory_that_is_named_outright_is_refused_with_one_finding() {
    for directory in ["functions/email", "functions/digest", "./functions/email/"] {
        let words = words_for(directory);
        assert!(words.contains("of a skill") && words.contains("`aerostack deploy skill`"), "{words}");
    }
    let words = words_for("functions/user");
    assert!(words.contains("Open Function Spec") && words.contains("`aerostack deploy`"), "{words}");
    let file = |directory: &str| format!("{directory}/aerostack.json");
    let of = |directory: &str| mixed().input("directory", directory);
    let skill = of("functions/email");
    refused_at(skill, "OTHER_MANIFEST", &file("functions/email"), on_line(3, 11, 18));
    let standard = of("functions/user");
    refused_at(standard, "OTHER_MANIFEST", &file("functions/user"), on_line(6, 13, 65));
    // The default is a directory that is named.
    refused(Step::empty().file("aerostack.json", SKILL), "OTHER_MANIFEST");
    // Without a key it is the only finding too.
    let run = Step::empty().file("aerostack.json", OFS).run();
    assert_eq!((run.exit_code, run.codes()), (1, vec!["OTHER_MANIFEST"]), "{}", run.stdout);
}

#[test]
fn a_function_beside_a_named_one_is_not_sent() {
    let hub = StandInHub::start();
    for lines in
        ["functions/greeter\nfunctions/email", "functions/*\nfunctions/email", "functions/email\nfunctions/*"]
    {
        let run = mixed().input("directory", lines).hub(&hub).run();
        assert_eq!(run.exit_code, 1, "{}", run.stdout);
        let errors = run.findings().into_iter().filter(|finding| finding["severity"] == "error");
        let files: Vec<_> = errors.map(|finding| text(&finding["file"])).collect();
        assert_eq!(files, ["functions/email/aerostack.json"], "{}", run.stdout);
    }
    assert!(hub.requests().is_empty());
}

/// Status and findings of each directory.
fn by_directory(run: &Run) -> Vec<(&str, &str, Vec<&Value>)> {
    let functions = run.functions().iter();
    functions
        .map(|function| {
            let findings = function["findings"].as_array().expect("findings").iter();
            let codes = findings.map(|finding| &finding["code"]).filter(|code| *code != "README_MISSING");
            (
                text(&function["directory"]),
                text(&function["status"]),
                codes.filter(|code| *code != "FIRST_RELEASE").collect(),
            )
        })
        .collect()
}

#[test]
fn what_only_a_glob_matches_is_skipped_with_a_notice() {
    let other = json!("OTHER_MANIFEST");
    let expected = |status| {
        vec![
            ("functions/digest", "skipped", vec![&other]),
            ("functions/email", "skipped", vec![&other]),
            ("functions/greeter", status, vec![]),
            ("functions/user", "skipped", vec![&other]),
        ]
    };
    for glob in ["functions/*", "**", "functions/[a-z]*"] {
        let hub = StandInHub::start();
        let step = || mixed().input("directory", glob).input("strict", "true").hub(&hub);
        let run = step().run();
        assert_eq!((run.exit_code, by_directory(&run)), (0, expected("published")), "{}", run.stdout);
        let notices = run.findings().into_iter().filter(|finding| finding["code"] == "OTHER_MANIFEST");
        assert!(notices.into_iter().all(|finding| finding["severity"] == "notice"), "{}", run.stdout);
        assert_eq!(hub.publishes().len(), 1);
        let run = step().input("dry-run", "true").run();
        assert_eq!((run.exit_code, by_directory(&run)), (0, expected("unchanged")), "{}", run.stdout);
    }
}

#[test]
fn what_is_skipped_counts_neither_for_a_tag_nor_as_a_duplicate() {
    let hub = StandInHub::start();
    let step = || {
        mixed().edit("functions/user/aerostack.json", "get-user", "greeter").input("directory", "functions/*")
    };
    let run = step().github_tag("v1.0.0").hub(&hub).run();
    assert_eq!((run.exit_code, hub.publishes().len()), (0, 1), "{}", run.stdout);
    let run = step().github_tag("email-v1.0.0").hub(&hub).run();
    assert_eq!(run.exit_code, 1, "{}", run.stdout);
    assert!(run.codes().contains(&"TAG_MISMATCH"), "{}", run.stdout);
    assert_eq!(hub.publishes().len(), 1);
}

#[test]
fn a_glob_of_skills_alone_sends_nothing_and_needs_no_key() {
    let step = Step::empty().file("skills/email/aerostack.json", SKILL).input("directory", "skills/*");
    let run = step.run();
    assert_eq!((run.exit_code, run.codes(), run.statuses()), (0, vec!["OTHER_MANIFEST"], vec!["skipped"]));
    assert_eq!(severity(&run, "OTHER_MANIFEST"), "notice");
}

#[test]
fn a_function_is_not_misread() {
    let with = |fields: &Value| Step::empty().function("f/a", &manifest_with(fields).to_string(), CODE);
    for fields in [
        json!({ "auth": "required" }),
        json!({ "inputs": {}, "outputs": {} }),
        json!({ "inputs": {}, "outputs": {}, "requires": ["db"], "auth": "none" }),
        json!({ "tool": { "name": "greet", "input_schema": {} } }),
        json!({ "type": "utility" }),
        json!({ "$schema": "https://raw.githubusercontent.com/aerostackdev/open-function-spec/main/ofs-v1.json" }),
    ] {
        published(with(&fields).input("directory", "f/*"));
    }
    published(with(&json!({})).file("f/a/SKILL.md", "# How agents call it\n").input("directory", "f/*"));
    refused(with(&json!({ "runtime": "node" })).input("directory", "f/*"), "INVALID_RUNTIME");
    let broken = Step::empty().function("f/a", "{ \"name\": \"a\", ", CODE).file("f/a/SKILL.md", "# A\n");
    refused(broken.input("directory", "f/*"), "MANIFEST_INVALID_JSON");
}
