//! Secrets in what would be sent: found at their location, never shown, and nothing is sent. What is a secret and what is not
//! are unit tests beside the rules.
//!
//! This file contains no secret: each is put together when a test runs.

use stand_in_hub::{DEFAULT_KEY, StandInHub};

use crate::assertions::published;
use crate::support::{CODE, MANIFEST, Run, Step};

/// A key that looks real, of a well-known format.
pub fn github_token() -> String {
    ["gh", "p_", "q7Zt0KbN4sXw", "9RfLm2VcYh6J", "pD3aGe8TuB1k"].concat()
}

/// Another one.
fn stripe_key() -> String {
    ["sk_", "live_", "51Nq7ZtK0bN4", "sXw9RfLm2VcY", "h6JpD3"].concat()
}

/// Code with a secret in its first line.
fn code_with(secret: &str) -> String {
    format!("export const a = '{secret}';\n")
}

/// Checks that the run is refused, that nothing is sent, and that no report shows a secret from its 12th character on.
#[track_caller]
fn refused(step: Step, secrets: &[&str]) -> Run {
    let hub = StandInHub::start();
    let run = step.hub(&hub).run();
    assert_eq!(run.exit_code, 1, "{}", run.stdout);
    assert!(run.codes().contains(&"SECRET_FOUND"), "{}", run.stdout);
    assert!(hub.requests().is_empty(), "the Hub was asked");
    let report = run.report.to_string();
    assert_hidden(secrets, &[&run.stdout, &run.stderr, &run.output_file, &run.summary, &report]);
    run
}

#[track_caller]
fn assert_hidden(secrets: &[&str], texts: &[&str]) {
    for text in texts {
        assert!(secrets.iter().all(|secret| !text.contains(&secret[12..])), "{text}");
    }
}

#[test]
fn a_secret_in_the_code_is_an_error_at_its_location() {
    let token = github_token();
    let code = format!("{CODE}\nexport const é = '{token}';\n");
    let run = refused(Step::plain().github().file("index.ts", code), &[&token]);
    assert_eq!((run.codes(), run.place("SECRET_FOUND")), (vec!["SECRET_FOUND"], [3, 19, 3, 59]));
    let finding = run.finding("SECRET_FOUND");
    assert_eq!(finding["file"], "index.ts");
    assert_eq!(finding["message"], "found a GitHub token, which starts with `ghp_q7Zt`");
    let hint = finding["hint"].as_str().expect("a hint");
    assert!(hint.ends_with("on the line above: `aerostack-publish: allow SECRET_FOUND`"), "{hint}");
}

#[test]
fn secrets_in_the_readme_and_in_the_manifest_are_found_too() {
    let (token, key) = (github_token(), stripe_key());
    let step = Step::plain()
        .github()
        .file("README.md", format!("# Greeter\n\n    curl -H 'Authorization: Bearer {token}'\n"))
        .edit("aerostack.json", "{\n", &format!("{{\n  \"x-key\": \"{key}\",\n"));
    let run = refused(step, &[&token, &key]);
    assert_eq!(run.codes(), ["SECRET_FOUND", "SECRET_FOUND"]);
    let found = run.findings().into_iter().filter(|finding| finding["code"] == "SECRET_FOUND");
    let locations: Vec<_> = found
        .map(|finding| [&finding["file"], &finding["line"], &finding["column"]].map(ToString::to_string))
        .collect();
    assert_eq!(locations, [["\"aerostack.json\"", "2", "13"], ["\"README.md\"", "3", "36"]]);
    // JSON has no comments.
    assert!(!run.findings()[0]["hint"].to_string().contains("allow"), "{}", run.stdout);
}

#[test]
fn a_message_that_quotes_a_value_does_not_show_the_secret_in_it() {
    let token = github_token();
    let slug = token.to_lowercase().replace('_', "-");
    for (field, value) in [
        ("category", "utility"),
        ("license", "MIT"),
        ("name", "greeter"),
        ("version", "1.0.0"),
        ("entrypoint", "index.ts"),
    ] {
        let step =
            Step::plain().github().edit("aerostack.json", &format!("\"{value}\""), &format!("\"{token}\""));
        let run = refused(step, &[&token, &slug]);
        assert!(run.codes().len() > 1, "{field}: {}", run.stdout);
    }
}

#[test]
fn a_secret_is_found_though_the_manifest_is_invalid() {
    let token = github_token();
    let step = Step::plain().edit("aerostack.json", "\"1.0.0\"", "\"one\"");
    let run = refused(step.file("index.ts", code_with(&token)), &[&token]);
    assert_eq!(run.codes(), ["INVALID_VERSION", "SECRET_FOUND"]);
}

#[test]
fn neither_a_dry_run_nor_a_code_quality_report_shows_a_secret() {
    let token = github_token();
    let reports = tempfile::TempDir::new().expect("a temporary directory");
    let quality = reports.path().join("quality.json");
    let step = Step::plain().gitlab().file("index.ts", code_with(&token)).input("dry-run", "true");
    refused(step.input("code-quality", &quality.to_string_lossy()), &[&token]);
    let quality = std::fs::read_to_string(quality).expect("a report");
    assert!(quality.contains("SECRET_FOUND"), "{quality}");
    assert_hidden(&[&token], &[&quality]);
}

#[test]
fn a_private_key_is_found_from_its_first_line_to_its_last() {
    let body = "q7Zt0KbN4sXw9RfLm2VcYh6JpD3aGe8TuB1kWz5QoIiS7yPnHxCvM4rEdFjUlAgK";
    let (begin, end) =
        (["-----BEGIN ", "PRIVATE KEY-----"].concat(), ["-----END ", "PRIVATE KEY-----"].concat());
    let code = format!("export const key = `{begin}\n{body}\n{end}`;\n");
    let run = refused(Step::plain().github().file("index.ts", code), &[body]);
    assert_eq!(run.place("SECRET_FOUND"), [1, 21, 3, 26]);
}

#[test]
fn a_comment_allows_a_secret_on_its_line_or_on_the_next_one() {
    let token = github_token();
    published(
        Step::plain()
            .file(
                "index.ts",
                format!("export const a = '{token}'; // aerostack-publish: allow SECRET_FOUND\n"),
            )
            .file("README.md", format!("<!-- aerostack-publish: allow SECRET_FOUND: revoked -->\n{token}\n")),
    );
}

#[test]
fn the_key_of_this_run_is_always_found_and_no_comment_allows_it() {
    let hub = StandInHub::start();
    let code = format!("{CODE}// see{DEFAULT_KEY}! aerostack-publish: allow SECRET_FOUND\n");
    let run = Step::plain().hub(&hub).github().file("index.ts", code).run();
    assert_eq!((run.exit_code, run.codes()), (1, vec!["SECRET_FOUND"]), "{}", run.stdout);
    assert_eq!(run.place("SECRET_FOUND"), [2, 7, 2, 7 + DEFAULT_KEY.len() as u64]);
    assert_eq!(run.finding("SECRET_FOUND")["message"], "found the key of this run");
    assert!(hub.requests().is_empty());
    let without_mask = run.stdout.replace(&format!("::add-mask::{DEFAULT_KEY}"), "");
    for text in [&without_mask, &run.summary, &run.output_file, &run.report.to_string()] {
        assert!(!text.contains(DEFAULT_KEY), "{text}");
    }
}

#[test]
fn placeholders_of_documentation_are_published() {
    let aws_example = ["AKIA", "IOSFODNN7", "EXAMPLE"].concat();
    let readme = format!(
        "Set `API_KEY=sk_live_xxxxxxxxxxxxxxxxxxxxxxxx`, `ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx`, {aws_example},\n\
         `sk-your-openai-api-key-goes-here`, `postgres://user:password@host:5432/db`, `ac_your_key`, `${{TOKEN}}`\n"
    );
    published(Step::plain().file("README.md", readme));
}

#[test]
fn of_very_many_secrets_the_first_are_reported_and_the_rest_is_counted() {
    let token = github_token();
    let code = format!("'{token}';\n").repeat(100_000);
    let run = refused(Step::plain().file("index.ts", format!("{CODE}{code}")), &[&token]);
    let found = run.codes();
    assert_eq!((found.len(), found.iter().all(|code| *code == "SECRET_FOUND")), (51, true));
    let last =
        run.findings().into_iter().rfind(|finding| finding["code"] == "SECRET_FOUND").expect("a finding");
    assert_eq!(last["message"], "found more than 50 secrets in this file");
}

#[test]
fn every_function_is_searched_before_the_first_is_sent() {
    let token = github_token();
    let step = Step::empty()
        .input("directory", "functions/*")
        .function("functions/a", MANIFEST, CODE)
        .function("functions/b", &MANIFEST.replace("greeter", "other"), &format!("{CODE}// {token}\n"));
    let run = refused(step, &[&token]);
    assert_eq!(run.finding("SECRET_FOUND")["file"], "functions/b/index.ts");
}

#[test]
fn where_not_all_secrets_are_known_no_other_finding_quotes_one() {
    let token = github_token();
    let many = format!("// {}\n", stripe_key()).repeat(60);
    let code = format!("{many}{CODE}import './{token}';\n");
    let run = refused(Step::plain().github().file("index.ts", code), &[&token]);
    assert!(run.codes().iter().all(|code| *code == "SECRET_FOUND"), "{}", run.stdout);
}
