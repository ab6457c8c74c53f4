//! GitLab's own ways: the dotenv report and the Code Quality report.

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::Report;
use crate::finding::{Finding, Severity};
use crate::inputs::dotenv_name;
use crate::text;

/// Most bytes of a dotenv report: GitLab takes less than 5 KB.
const MAX_DOTENV: usize = 5_000;

/// Where a finding of the run itself is shown: GitLab wants a file, and this is the one that sets the inputs.
const PIPELINE_FILE: &str = ".gitlab-ci.yml";

/// The outputs but `result`, one `KEY=value` a line; a value that would burst GitLab's limit is left empty.
pub(super) fn dotenv(report: &Report) -> String {
    let mut left = MAX_DOTENV;
    let mut lines = String::new();
    for (name, value) in report.outputs() {
        let name = dotenv_name(name);
        let value = text::clean_line(&value);
        let value = if value.len() <= left / 2 { value } else { String::new() };
        let line = format!("{name}={value}\n");
        left = left.saturating_sub(line.len());
        lines += &line;
    }
    lines
}

#[derive(Serialize)]
struct Issue<'r> {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location<'r>,
}

#[derive(Serialize)]
struct Location<'r> {
    path: &'r str,
    lines: LineRange,
}

#[derive(Serialize)]
struct LineRange {
    begin: usize,
}

/// Every finding as an issue; an empty array where there is none.
pub(super) fn code_quality(report: &Report) -> String {
    let mut seen = std::collections::HashMap::<String, usize>::new();
    let mut issue = |finding, path| {
        let mut issue = Issue::of(finding, path);
        // Equal fingerprints would overwrite each other.
        let number = seen.entry(issue.fingerprint.clone()).or_default();
        if *number > 0 {
            issue.fingerprint = fingerprint(&[&issue.fingerprint, &number.to_string()]);
        }
        *number += 1;
        issue
    };
    let mut issues: Vec<_> = report.findings.iter().map(|finding| issue(finding, PIPELINE_FILE)).collect();
    for function in &report.functions {
        issues.extend(function.findings.iter().map(|finding| issue(finding, &function.directory)));
    }
    serde_json::to_string_pretty(&issues).unwrap_or_default() + "\n"
}

impl<'r> Issue<'r> {
    fn of(finding: &'r Finding, fallback: &'r str) -> Self {
        let place = finding.place.as_ref();
        let path = place.map_or(fallback, |place| place.file.as_str());
        let description =
            text::clean_line(&format!("{}: {} ({})", finding.code.name(), finding.message, finding.hint));
        Self {
            check_name: finding.code.name(),
            fingerprint: fingerprint(&[finding.code.name(), path, &finding.message]),
            severity: match finding.severity {
                Severity::Error => "critical",
                Severity::Warning => "minor",
                Severity::Notice => "info",
            },
            location: Location {
                path,
                lines: LineRange { begin: place.and_then(|place| place.span).map_or(1, |span| span.line) },
            },
            description,
        }
    }
}

/// Stays the same while the finding moves up or down in its file.
fn fingerprint(parts: &[&str]) -> String {
    let digest = Sha256::digest(parts.join("\0"));
    digest.iter().take(16).fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Code;

    #[test]
    fn equal_findings_have_fingerprints_of_their_own() {
        let finding = Finding::new(Code::InvalidTag, "the tag is blank");
        let report =
            Report { findings: vec![finding.clone(), finding.clone(), finding], functions: Vec::new() };
        let issues: serde_json::Value = serde_json::from_str(&code_quality(&report)).unwrap();
        let prints: std::collections::BTreeSet<_> =
            issues.as_array().unwrap().iter().map(|issue| issue["fingerprint"].as_str().unwrap()).collect();
        assert_eq!(prints.len(), 3);
    }
}
