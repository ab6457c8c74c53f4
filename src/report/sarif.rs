//! The SARIF report (OASIS, "Static Analysis Results Interchange Format 2.1.0"), within GitHub's limits (GitHub documentation,
//! "SARIF support for code scanning").

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::issues::{Issue, issues};
use crate::finding::{Code, Finding};
use crate::outcome::RunOutcome;
use crate::source::{Location, Span};
use crate::text;

/// Most results: GitHub takes no report with more, and shows 5,000 of them.
const MAX_RESULTS: usize = 25_000;

/// Most bytes of all results: GitHub takes 10 MB, compressed.
const MAX_RESULT_BYTES: usize = 10_000_000;

/// What a report of this program has, and no other has.
const TOOL: &str = env!("CARGO_PKG_NAME");

/// The report: each finding that is about a file as a result, the others as notifications.
pub(super) fn report(outcome: &RunOutcome) -> String {
    let mut issues = issues(outcome);
    issues.sort_by_key(|issue| issue.finding.severity);
    let mut rules: Vec<Code> = issues.iter().map(|issue| issue.finding.code).collect();
    rules.sort_unstable();
    rules.dedup();
    let located = issues.iter().filter_map(|issue| Some((issue, issue.path.as_deref()?)));
    let total = located.clone().count();
    let mut bytes = 0;
    let fits = |result: &Value| {
        bytes += result.to_string().len();
        bytes <= MAX_RESULT_BYTES
    };
    let results = located.take(MAX_RESULTS).map(|(issue, path)| result(issue, path, &rules));
    let results: Vec<_> = results.take_while(fits).collect();
    let of_run = issues.iter().filter(|issue| issue.path.is_none());
    let mut notifications: Vec<_> = of_run.map(|issue| notification(issue.finding, &rules)).collect();
    if let more @ 1.. = total - results.len() {
        let are = if more == 1 { "is" } else { "are" };
        let text = format!("{} {are} left out here: the log has all.", text::count(more, "finding"));
        notifications.push(json!({ "level": "warning", "message": { "text": text } }));
    }
    let report = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": TOOL,
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules.iter().map(|code| rule(*code)).collect::<Vec<_>>(),
            }},
            "invocations": [{
                "executionSuccessful": outcome.cancelled.is_none() && !outcome.findings.iter().any(Finding::is_error),
                "exitCode": outcome.exit_code(),
                "toolConfigurationNotifications": notifications,
            }],
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    text::visible_json(&report.to_string()) + "\n"
}

/// Whether a text is a SARIF report of this program.
pub(super) fn is_report(text: &str) -> bool {
    let report: Option<Value> = serde_json::from_str(text).ok();
    report.is_some_and(|report| {
        report.pointer("/runs/0/tool/driver/name").and_then(Value::as_str) == Some(TOOL)
    })
}

fn rule(code: Code) -> Value {
    let title = code.name().to_lowercase().replace('_', " ");
    let title = title.get(..1).unwrap_or_default().to_uppercase() + title.get(1..).unwrap_or_default();
    json!({
        "id": code.name(),
        "name": format!("{code:?}"),
        "shortDescription": { "text": format!("{title}.") },
        "fullDescription": { "text": format!("{title}. How to fix: {}.", code.fix()) },
        "helpUri": code.url(),
        "help": { "text": format!("{}.", code.fix()) },
        "defaultConfiguration": { "level": code.severity().row().sarif },
    })
}

fn result(issue: &Issue<'_>, path: &str, rules: &[Code]) -> Value {
    let finding = issue.finding;
    let span = finding.location.as_ref().and_then(Location::span);
    let Span { line, column, end_line, end_column } =
        span.unwrap_or(Span { line: 1, column: 1, end_line: 1, end_column: 1 });
    json!({
        "ruleId": finding.code.name(),
        "ruleIndex": rules.binary_search(&finding.code).ok(),
        "level": finding.severity.row().sarif,
        "message": { "text": words(finding) },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(path) },
            "region": { "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column },
        }}],
        // The one fingerprint that GitHub uses.
        "partialFingerprints": { "primaryLocationLineHash": format!("{}:1", issue.fingerprint) },
    })
}

fn notification(finding: &Finding, rules: &[Code]) -> Value {
    json!({
        "level": finding.severity.row().sarif,
        "message": { "text": words(finding) },
        "associatedRule": { "id": finding.code.name(), "index": rules.binary_search(&finding.code).ok() },
    })
}

/// Message and hint. What SARIF calls an embedded link or a placeholder is none.
fn words(finding: &Finding) -> String {
    let end = if finding.hint.ends_with('?') { "" } else { "." };
    let words = text::clean_line(&format!("{}. How to fix: {}{end}", finding.message, finding.hint));
    let mut plain = String::with_capacity(words.len());
    for c in words.chars() {
        let would_mean = matches!((plain.chars().last(), c), (Some(']'), '(') | (Some('{'), '0'..='9'));
        plain.extend(would_mean.then_some(' '));
        plain.push(c);
    }
    plain
}

/// A path in the workspace as a relative reference, any other one as a URL (RFC 3986).
fn uri(path: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let mut uri = if path.starts_with('/') { "file://".to_owned() } else { String::new() };
    for byte in path.bytes() {
        if is_plain(byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}
