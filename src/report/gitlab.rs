//! GitLab's own ways: the dotenv report and the Code Quality report.

use std::collections::HashMap;
use std::fmt::Write as _;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::{FunctionReport, Report};
use crate::finding::{Finding, Severity};
use crate::settings::inputs::dotenv_name;
use crate::source::Location as SourceLocation;
use crate::text;

/// Most bytes of a dotenv report: GitLab takes less than 5 KB.
const MAX_DOTENV: usize = 5_000;

/// Where a finding of the run itself is shown: GitLab wants a file, and this is the one that sets the inputs.
const PIPELINE_FILE: &str = ".gitlab-ci.yml";

/// Where a finding of a function as a whole is shown.
const MANIFEST: &str = "aerostack.json";

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
        lines.push_str(&line);
    }
    lines
}

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: LineRange,
}

#[derive(Serialize)]
struct LineRange {
    begin: usize,
}

/// Every finding as an issue; an empty array where there is none.
pub(super) fn code_quality(report: &Report) -> String {
    let of_run = report.findings.iter().map(|finding| Issue::of(finding, PIPELINE_FILE));
    let of_functions = report.functions.iter().flat_map(|function| {
        let manifest = manifest_of(function);
        function.findings.iter().map(move |finding| Issue::of(finding, &manifest))
    });
    let mut issues: Vec<_> = of_run.chain(of_functions).collect();
    // Equal fingerprints would overwrite each other.
    let mut seen = HashMap::<String, usize>::new();
    for issue in &mut issues {
        let number = seen.entry(issue.fingerprint.clone()).or_default();
        if *number > 0 {
            issue.fingerprint = fingerprint(&[&issue.fingerprint, &number.to_string()]);
        }
        *number += 1;
    }
    serde_json::to_string_pretty(&issues).unwrap_or_default() + "\n"
}

/// Where a function's finding without a place is shown.
fn manifest_of(function: &FunctionReport) -> String {
    match function.directory.as_str() {
        "." => MANIFEST.to_owned(),
        directory => format!("{directory}/{MANIFEST}"),
    }
}

impl Issue {
    fn of(finding: &Finding, fallback: &str) -> Self {
        let location = finding.location.as_ref();
        let path = location.map_or(fallback, |location| location.file.as_str());
        let code = finding.code.name();
        Self {
            description: text::clean_line(&format!("{code}: {} ({})", finding.message, finding.hint)),
            check_name: code,
            fingerprint: fingerprint(&[code, path, &finding.message]),
            severity: match finding.severity {
                Severity::Error => "critical",
                Severity::Warning => "minor",
                Severity::Notice => "info",
            },
            location: Location {
                path: path.to_owned(),
                lines: LineRange {
                    begin: location.and_then(SourceLocation::span).map_or(1, |span| span.line),
                },
            },
        }
    }
}

/// Stays the same while the finding moves up or down in its file.
fn fingerprint(parts: &[&str]) -> String {
    let digest = Sha256::digest(parts.join("\0"));
    digest.iter().take(16).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
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
