//! Secrets in what would be sent: found at their place, never shown, and nothing goes out.
//!
//! No secret stands in this file: each is put together when a test runs.

use stand_in_hub::{DEFAULT_KEY, StandInHub};

use crate::support::{CODE, MANIFEST, Run, Step};

/// A key that looks real, of a format that is well known.
pub fn github_token() -> String {
    ["gh", "p_", "q7Zt0KbN4sXw", "9RfLm2VcYh6J", "pD3aGe8TuB1k"].concat()
}

/// Another one.
fn stripe_key() -> String {
    ["sk_", "live_", "51Nq7ZtK0bN4", "sXw9RfLm2VcY", "h6JpD3"].concat()
}

/// Checks that nothing was sent and that the secret stands in no sink.
fn assert_kept(run: &Run, hub: &StandInHub, secret: &str) {
    assert_eq!(run.exit_code, 1, "{}", run.stdout);
    assert!(hub.publishes().is_empty());
    let report = run.report.to_string();
    for sink in [&run.stdout, &run.stderr, &run.output_file, &run.summary, &report] {
        assert!(!sink.contains(secret), "{sink}");
        // Nor any other part of it that would help.
        assert!(!sink.contains(&secret[12..]), "{sink}");
    }
}

#[test]
fn a_secret_in_the_code_is_an_error_at_its_place_and_nothing_is_sent() {
    let hub = StandInHub::start();
    let token = github_token();
    let code = format!("{CODE}\nexport const é = '{token}';\n");
    let run = Step::plain().hub(&hub).github().file("index.ts", code).run();
    assert_eq!(run.codes(), ["SECRET_FOUND"]);
    assert_eq!(run.place("SECRET_FOUND"), [3, 19, 3, 59]);
    let finding = run.finding("SECRET_FOUND");
    assert_eq!(finding["file"], "index.ts");
    assert_eq!(finding["message"], "a GitHub token stands here, it begins with `ghp_q7Zt`");
    assert!(finding["hint"].as_str().unwrap().contains("aerostack-publish: allow SECRET_FOUND"));
    assert_kept(&run, &hub, &token);
}

#[test]
fn a_secret_in_the_readme_and_one_in_the_manifest_are_found_as_well() {
    let hub = StandInHub::start();
    let (token, key) = (github_token(), stripe_key());
    let run = Step::plain()
        .hub(&hub)
        .github()
        .file("README.md", format!("# Greeter\n\n    curl -H 'Authorization: Bearer {token}'\n"))
        .edit("aerostack.json", "{\n", &format!("{{\n  \"x-key\": \"{key}\",\n"))
        .run();
    assert_eq!(run.codes(), ["SECRET_FOUND", "SECRET_FOUND"]);
    let places: Vec<_> = run
        .findings()
        .iter()
        .filter(|finding| finding["code"] == "SECRET_FOUND")
        .map(|finding| {
            (finding["file"].as_str().unwrap(), finding["line"].as_u64(), finding["column"].as_u64())
        })
        .collect();
    assert_eq!(places, [("aerostack.json", Some(2), Some(13)), ("README.md", Some(3), Some(36))]);
    assert_kept(&run, &hub, &token);
    assert_kept(&run, &hub, &key);
}

#[test]
fn a_message_that_quotes_a_value_does_not_show_the_secret_in_it() {
    let hub = StandInHub::start();
    let token = github_token();
    for (field, value) in [
        ("category", "utility"),
        ("license", "MIT"),
        ("name", "greeter"),
        ("version", "1.0.0"),
        ("entrypoint", "index.ts"),
    ] {
        let run = Step::plain()
            .hub(&hub)
            .github()
            .edit(
                "aerostack.json",
                &format!("\"{field}\": \"{value}\""),
                &format!("\"{field}\": \"{token}\""),
            )
            .run();
        assert!(run.codes().len() > 1, "{field}: {}", run.stdout);
        run.finding("SECRET_FOUND");
        assert_kept(&run, &hub, &token);
        let address = token.to_lowercase().replace('_', "-");
        assert!(
            !run.stdout.contains(&address) && !run.report.to_string().contains(&address),
            "{}",
            run.stdout
        );
    }
}

#[test]
fn a_secret_is_found_though_the_manifest_is_wrong() {
    let hub = StandInHub::start();
    let token = github_token();
    let run = Step::plain()
        .hub(&hub)
        .edit("aerostack.json", "\"1.0.0\"", "\"one\"")
        .file("index.ts", format!("export const a = '{token}';\n"))
        .run();
    assert_eq!(run.codes(), ["INVALID_VERSION", "SECRET_FOUND"]);
    assert_kept(&run, &hub, &token);
}

#[test]
fn a_dry_run_and_a_code_quality_report_do_not_show_it_either() {
    let hub = StandInHub::start();
    let token = github_token();
    let step =
        Step::plain().hub(&hub).gitlab().input("dry-run", "true").input("code-quality", "quality.json");
    let step = step.file("index.ts", format!("export const a = '{token}';\n"));
    let run = step.run();
    let quality = std::fs::read_to_string(step.path("quality.json")).unwrap();
    assert!(quality.contains("SECRET_FOUND") && !quality.contains(&token[8..]), "{quality}");
    assert_kept(&run, &hub, &token);
}

#[test]
fn a_private_key_is_found_from_its_first_line_to_its_last() {
    let hub = StandInHub::start();
    let body = "q7Zt0KbN4sXw9RfLm2VcYh6JpD3aGe8TuB1kWz5QoIiS7yPnHxCvM4rEdFjUlAgK";
    let (begin, end) =
        (["-----BEGIN ", "PRIVATE KEY-----"].concat(), ["-----END ", "PRIVATE KEY-----"].concat());
    let code = format!("export const key = `{begin}\n{body}\n{end}`;\n");
    let run = Step::plain().hub(&hub).github().file("index.ts", code).run();
    assert_eq!(run.place("SECRET_FOUND"), [1, 21, 3, 26]);
    assert_kept(&run, &hub, body);
}

#[test]
fn a_comment_allows_its_line_and_alone_the_next_one() {
    let hub = StandInHub::start();
    let token = github_token();
    let run = Step::plain()
        .hub(&hub)
        .file("index.ts", format!("export const a = '{token}'; // aerostack-publish: allow SECRET_FOUND\n"))
        .file("README.md", format!("<!-- aerostack-publish: allow SECRET_FOUND: revoked -->\n{token}\n"))
        .run();
    assert_eq!((run.exit_code, run.codes()), (0, vec![]), "{}", run.stdout);
    assert_eq!(hub.publishes().len(), 1);
}

#[test]
fn a_comment_allows_no_more_than_one_line() {
    let hub = StandInHub::start();
    let token = github_token();
    let marker = "// aerostack-publish: allow SECRET_FOUND";
    let code = format!("export const a = '{token}'; {marker}\nexport const b = '{token}';\n");
    let run = Step::plain().hub(&hub).file("index.ts", code).run();
    assert_eq!(run.place("SECRET_FOUND"), [2, 19, 2, 59]);
    assert_kept(&run, &hub, &token);
}

#[test]
fn the_key_of_this_run_is_found_whatever_it_looks_like_and_nothing_allows_it() {
    let hub = StandInHub::start();
    let code = format!("{CODE}// see{DEFAULT_KEY}! aerostack-publish: allow SECRET_FOUND\n");
    let run = Step::plain().hub(&hub).github().file("index.ts", code).run();
    assert_eq!(run.codes(), ["SECRET_FOUND"]);
    assert_eq!(run.place("SECRET_FOUND"), [2, 7, 2, 7 + DEFAULT_KEY.len() as u64]);
    assert_eq!(run.finding("SECRET_FOUND")["message"], "the very key of this run stands here");
    assert_eq!(run.exit_code, 1);
    assert!(hub.publishes().is_empty());
    let without_mask = run.stdout.replace(&format!("::add-mask::{DEFAULT_KEY}"), "");
    for sink in [&without_mask, &run.summary, &run.output_file, &run.report.to_string()] {
        assert!(!sink.contains(DEFAULT_KEY), "{sink}");
    }
}

#[test]
fn placeholders_of_documentation_are_published() {
    let hub = StandInHub::start();
    let aws_example = ["AKIA", "IOSFODNN7", "EXAMPLE"].concat();
    let readme = format!(
        "Set `API_KEY=sk_live_xxxxxxxxxxxxxxxxxxxxxxxx`, `ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx`, {aws_example},\n\
         `sk-your-openai-api-key-goes-here`, `postgres://user:password@host:5432/db`, `ac_your_key`, `${{TOKEN}}`\n"
    );
    let run = Step::plain().hub(&hub).file("README.md", readme).run();
    assert_eq!((run.exit_code, run.codes()), (0, vec![]), "{}", run.stdout);
    assert_eq!(hub.publishes().len(), 1);
}

#[test]
fn of_very_many_secrets_the_first_are_shown_and_the_rest_is_said() {
    let hub = StandInHub::start();
    let token = github_token();
    let code = format!("'{token}';\n").repeat(100_000);
    let run = Step::plain().hub(&hub).file("index.ts", format!("{CODE}{code}")).run();
    let found = run.codes();
    assert_eq!((found.len(), found.iter().all(|code| *code == "SECRET_FOUND")), (51, true));
    let last = run.findings().into_iter().rfind(|finding| finding["code"] == "SECRET_FOUND").unwrap();
    assert_eq!(last["message"], "more than 50 secrets stand in this file");
    assert_kept(&run, &hub, &token);
}

#[test]
fn every_function_is_searched_before_the_first_is_sent() {
    let hub = StandInHub::start();
    let token = github_token();
    let run = Step::empty()
        .hub(&hub)
        .input("directory", "functions/*")
        .function("functions/a", MANIFEST, CODE)
        .function("functions/b", &MANIFEST.replace("greeter", "other"), &format!("{CODE}// {token}\n"))
        .run();
    assert_eq!(run.finding("SECRET_FOUND")["file"], "functions/b/index.ts");
    assert_kept(&run, &hub, &token);
}

#[test]
fn where_more_secrets_stand_than_are_told_no_other_finding_quotes_one() {
    let hub = StandInHub::start();
    let token = github_token();
    let many = format!("// {}\n", stripe_key()).repeat(60);
    let code = format!("{many}{CODE}import './{token}';\n");
    let run = Step::plain().hub(&hub).github().file("index.ts", code).run();
    assert!(run.codes().iter().all(|code| *code == "SECRET_FOUND"), "{}", run.stdout);
    assert_kept(&run, &hub, &token);
}

#[test]
fn a_secret_with_a_dash_behind_it_is_one() {
    let hub = StandInHub::start();
    let token = github_token();
    let run = Step::plain().hub(&hub).github().file("index.ts", format!("{CODE}// {token}-prod\n")).run();
    assert_eq!(run.codes(), ["SECRET_FOUND"]);
    assert_kept(&run, &hub, &token);
}
