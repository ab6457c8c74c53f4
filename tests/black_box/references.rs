//! What people copy: no reference that moves, the checksum of the GitLab template, and a first example that keeps the key safe.

use std::process::Command;

use crate::support::{files_below, root};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

const VERSION: &str = env!("CARGO_PKG_VERSION");

const TEMPLATE: &str = ".gitlab-ci-template.yml";

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every text that people copy from, by its path.
fn texts() -> Vec<(String, String)> {
    let mut texts = vec![("README.md".to_owned(), read("README.md")), (TEMPLATE.to_owned(), read(TEMPLATE))];
    for folder in ["docs", "examples", "templates"] {
        let files = files_below(&root().join(folder), |_| true);
        for path in files.iter().filter(|path| path.extension() != Some("png".as_ref())) {
            let shown = path.strip_prefix(root()).expect("a path inside").display().to_string();
            texts.push((shown.replace('\\', "/"), std::fs::read_to_string(path).expect("a text")));
        }
    }
    texts
}

fn is_commit(reference: &str) -> bool {
    reference.len() == 40 && reference.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// What follows the name of this action after `@`, up to white space or a mark of Markdown.
fn references(text: &str) -> impl Iterator<Item = &str> {
    let ends = |c: char| c.is_whitespace() || "`<>),".contains(c);
    text.split("aerostackdev/aerostack-publish@").skip(1).filter_map(move |rest| rest.split(ends).next())
}

#[test]
fn this_action_is_named_by_an_exact_version_or_a_commit() {
    let mut named = 0;
    for (path, text) in texts() {
        for reference in references(&text) {
            let is_fixed = reference == format!("v{VERSION}")
                || is_commit(reference)
                || reference.starts_with("sha256:");
            assert!(is_fixed || reference.is_empty(), "{path}: {reference}");
            named += 1;
        }
    }
    assert!(named >= 10, "{named}");
}

#[test]
fn every_other_action_is_named_by_its_commit_and_version() {
    let mut named = 0;
    for (path, text) in texts() {
        let uses =
            text.lines().filter_map(|line| line.trim().trim_start_matches("- ").strip_prefix("uses: "));
        for uses in uses.filter(|uses| !uses.contains("aerostackdev/aerostack-publish")) {
            let (action, version) = uses.split_once(" # v").unwrap_or_else(|| panic!("{path}: {uses}"));
            assert!(action.split_once('@').is_some_and(|(_, commit)| is_commit(commit)), "{path}: {uses}");
            assert_eq!(version.split('.').count(), 3, "{path}: {uses}");
            named += 1;
        }
    }
    assert!(named >= 10, "{named}");
}

/// The template at the address that the documentation names: that of the tag, once it has the image that the tag has.
fn template() -> Vec<u8> {
    if read(TEMPLATE).contains(&format!("\"ghcr.io/aerostackdev/aerostack-publish:{VERSION}\"")) {
        return read(TEMPLATE).into_bytes();
    }
    let tag = format!("v{VERSION}:{TEMPLATE}");
    let released = Command::new("git").arg("-C").arg(root()).args(["show", &tag]).output();
    let released = released.ok().filter(|output| output.status.success()).map(|output| output.stdout);
    released.unwrap_or_else(|| read(TEMPLATE).into_bytes())
}

#[test]
fn every_include_of_the_template_has_its_checksum() {
    let checksum = STANDARD.encode(Sha256::digest(template()));
    let expected = format!("integrity: 'sha256-{checksum}'");
    let mut included = 0;
    for (path, text) in texts() {
        let lines: Vec<_> = text.lines().collect();
        for pair in lines.windows(2).filter(|pair| pair[0].trim_start().starts_with("- remote: ")) {
            assert_eq!(pair[1].trim(), expected, "{path}: run `scripts/release integrity`");
            included += 1;
        }
    }
    assert_eq!(included, 9, "README.md, and the examples for GitLab");
}

/// The workflows that people see first.
fn first_workflows() -> [(&'static str, Value); 2] {
    let block = |path: &str| {
        let text = read(path);
        let (_, block) = text.split_once("```yaml\n").expect("a block");
        block.split_once("\n```").expect("its end").0.to_owned()
    };
    let yaml = |text: &str| serde_saphyr::from_str(text).expect("YAML");
    [
        ("README.md", yaml(&block("README.md"))),
        ("examples/github/publish.yml", yaml(&read("examples/github/publish.yml"))),
    ]
}

#[test]
fn the_first_workflow_takes_the_key_from_an_environment_and_runs_nothing_else_beside_it() {
    for (path, workflow) in first_workflows() {
        let jobs = workflow["jobs"].as_object().expect("jobs");
        assert_eq!(jobs.keys().collect::<Vec<_>>(), ["publish"], "{path}");
        let job = &jobs["publish"];
        assert_eq!(job["environment"], "hub", "{path}");
        assert_eq!(job["permissions"], serde_json::json!({"contents": "read"}), "{path}");
        let [checkout, publish] = job["steps"].as_array().expect("steps").as_slice() else {
            panic!("{path}: {job}")
        };
        assert!(
            checkout["uses"].as_str().is_some_and(|uses| uses.starts_with("actions/checkout@")),
            "{path}"
        );
        assert_eq!(checkout["with"], serde_json::json!({"persist-credentials": false}), "{path}");
        assert!(publish["uses"].as_str().is_some_and(|uses| uses.contains("/aerostack-publish@")), "{path}");
        assert_eq!(publish["with"]["api-key"], "${{ secrets.AEROSTACK_API_KEY }}", "{path}");
        assert!(job["env"].is_null() && workflow["env"].is_null(), "{path}");
    }
}

#[test]
fn a_job_of_an_example_that_has_the_key_has_an_environment() {
    let mut with_key = 0;
    for (path, text) in texts().into_iter().filter(|(path, _)| path.starts_with("examples/github/")) {
        let workflow: Value = serde_saphyr::from_str(&text).expect("YAML");
        assert_eq!(workflow["permissions"], serde_json::json!({}), "{path}");
        for (name, job) in workflow["jobs"].as_object().expect("jobs") {
            let has_key = job.to_string().contains("secrets.AEROSTACK_API_KEY");
            assert_eq!(has_key, !job["environment"].is_null(), "{path}: {name}");
            with_key += usize::from(has_key);
        }
    }
    assert_eq!(with_key, 7);
}

#[test]
fn the_first_lines_on_gitlab_say_what_to_do_without_the_stages() {
    for path in ["docs/gitlab.md", TEMPLATE] {
        let text = read(path);
        let first: Vec<_> = text.lines().take(8).collect();
        let first = first.join("\n");
        for word in
            ["`test`", "`deploy`", "`stages:`", "`validate-stage`", "`stage`", "refuses the whole pipeline"]
        {
            assert!(first.contains(word), "{path}: {word}");
        }
    }
}
