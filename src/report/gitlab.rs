//! GitLab's formats: the dotenv report and the Code Quality report.

use serde_json::{Value, json};

use super::issues::{Issue, issues};
use crate::outcome::RunOutcome;
use crate::outputs::OUTPUTS;
use crate::source::Location;
use crate::text;

/// Most bytes of a dotenv report: GitLab takes less than 5 KB.
const MAX_DOTENV: usize = 5_000;

/// Where a finding of the run itself is shown: GitLab requires a file, and this one sets the inputs.
const PIPELINE_FILE: &str = ".gitlab-ci.yml";

/// The outputs but `result`, one `KEY=value` per line; a value that would exceed GitLab's limit is left empty.
pub(super) fn dotenv(outcome: &RunOutcome) -> String {
    let mut left = MAX_DOTENV;
    let mut lines = String::new();
    for (name, value) in outcome.outputs() {
        let value = Some(text::clean_line(&value)).filter(|value| value.len() <= left / 2);
        let line = format!("{}={}\n", text::environment_variable(name), value.unwrap_or_default());
        left = left.saturating_sub(line.len());
        lines.push_str(&line);
    }
    lines
}

/// Whether a text is a dotenv report of this program.
pub(super) fn is_dotenv(text: &str) -> bool {
    OUTPUTS
        .first()
        .is_some_and(|first| text.starts_with(&format!("{}=", text::environment_variable(first.name))))
}

/// Every finding as an issue; an empty array without findings.
pub(super) fn code_quality(outcome: &RunOutcome) -> String {
    let issues: Vec<_> = issues(outcome).iter().map(code_quality_issue).collect();
    text::visible_json(&serde_json::to_string_pretty(&issues).unwrap_or_default()) + "\n"
}

/// Whether a text is a Code Quality report of this program: an array of issues that have what every such issue has.
pub(super) fn is_code_quality(text: &str) -> bool {
    let issues: Option<Vec<Value>> = serde_json::from_str(text).ok();
    issues.is_some_and(|issues| issues.iter().all(|issue| issue.get("fingerprint").is_some()))
}

fn code_quality_issue(issue: &Issue<'_>) -> Value {
    let Issue { finding, path, fingerprint } = issue;
    let code = finding.code.name();
    let line = finding.location.as_ref().and_then(Location::span).map_or(1, |span| span.line);
    json!({
        "description": text::clean_line(&format!("{code}: {} ({})", finding.message, finding.hint)),
        "check_name": code,
        "fingerprint": fingerprint,
        "severity": finding.severity.row().gitlab,
        "location": { "path": path.as_deref().unwrap_or(PIPELINE_FILE), "lines": { "begin": line } },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Code, Finding};
    use crate::outcome::FunctionOutcome;
    use crate::outcome::tests::{function, run};
    use crate::status::Status;

    #[test]
    fn equal_findings_have_different_fingerprints() {
        let finding = Finding::new(Code::InvalidTag, "the tag is empty");
        let findings = vec![finding.clone(), finding.clone(), finding];
        let outcome = run(findings, Vec::new());
        let issues: serde_json::Value = serde_json::from_str(&code_quality(&outcome)).unwrap();
        let prints: std::collections::BTreeSet<_> =
            issues.as_array().unwrap().iter().map(|issue| issue["fingerprint"].as_str().unwrap()).collect();
        assert_eq!(prints.len(), 3);
    }

    #[test]
    fn the_dotenv_report_stays_below_gitlabs_limit_and_names_every_variable() {
        let long = |length: usize| Some("x".repeat(length));
        let function = FunctionOutcome {
            name: long(MAX_DOTENV / 2),
            version: long(MAX_DOTENV / 4 * 3),
            url: Some("a\nAEROSTACK_STATUS=published".to_owned()),
            ..function("a", Status::Failed, &[])
        };
        let report = dotenv(&run(Vec::new(), vec![function]));
        assert!(report.len() <= MAX_DOTENV, "{} bytes", report.len());
        assert!(report.contains("\nAEROSTACK_VERSION=\n"), "{report}");
        assert!(report.contains("\nAEROSTACK_URL=a ⏎ AEROSTACK_STATUS=published\n"), "{report}");
        assert_eq!(report.lines().count(), 12, "{report}");
    }

    #[test]
    fn an_earlier_report_is_known_by_its_content() {
        let some = run(vec![Finding::new(Code::InvalidInput, "wrong")], Vec::new());
        let none = run(Vec::new(), Vec::new());
        for outcome in [&some, &none] {
            assert!(is_dotenv(&dotenv(outcome)) && is_code_quality(&code_quality(outcome)));
        }
        for other in ["", "A=1\n", "{}", "[1]", "[{ \"a\": 1 }]", "export const a = 1;\n"] {
            assert!(!is_dotenv(other) && !is_code_quality(other), "{other}");
        }
    }

    #[test]
    fn a_finding_without_a_location_is_at_the_manifest_or_the_pipeline_file() {
        let outcome = run(
            vec![Finding::new(Code::InvalidInput, "wrong")],
            vec![function("a", Status::Failed, &[Code::HubRefused])],
        );
        let issues: Value = serde_json::from_str(&code_quality(&outcome)).unwrap();
        let paths = issues.as_array().unwrap().iter().map(|issue| &issue["location"]["path"]);
        assert!(paths.eq([PIPELINE_FILE, "functions/a/aerostack.json"]), "{issues}");
    }
}
