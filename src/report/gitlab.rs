//! GitLab's formats: the dotenv report and the Code Quality report.

use std::collections::HashMap;
use std::fmt::Write as _;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::finding::Finding;
use crate::function::manifest::fields::FILE_NAME;
use crate::outcome::RunOutcome;
use crate::outputs::dotenv_name;
use crate::source::{Location, shown_inside};
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
        let name = dotenv_name(name);
        let value = text::clean_line(&value);
        let value = if value.len() <= left / 2 { value } else { String::new() };
        let line = format!("{name}={value}\n");
        left = left.saturating_sub(line.len());
        lines.push_str(&line);
    }
    lines
}

/// Every finding as an issue; an empty array without findings.
pub(super) fn code_quality(outcome: &RunOutcome) -> String {
    // Equal fingerprints would overwrite each other.
    let mut seen = HashMap::<String, usize>::new();
    let mut issue = |finding: &Finding, default_path: &str| {
        let path = finding.location.as_ref().map_or(default_path, |location| location.file.as_str());
        let same = [finding.code.name(), path, &finding.message].join("\0");
        let number = seen.entry(same.clone()).or_default();
        *number += 1;
        issue(finding, path, &fingerprint(&format!("{same}\0{number}")))
    };
    let mut issues: Vec<_> = outcome.findings.iter().map(|finding| issue(finding, PIPELINE_FILE)).collect();
    for function in &outcome.functions {
        let manifest = shown_inside(&function.directory, FILE_NAME);
        issues.extend(function.findings.iter().map(|finding| issue(finding, &manifest)));
    }
    serde_json::to_string_pretty(&issues).unwrap_or_default() + "\n"
}

fn issue(finding: &Finding, path: &str, fingerprint: &str) -> Value {
    let code = finding.code.name();
    let line = finding.location.as_ref().and_then(Location::span).map_or(1, |span| span.line);
    json!({
        "description": text::clean_line(&format!("{code}: {} ({})", finding.message, finding.hint)),
        "check_name": code,
        "fingerprint": fingerprint,
        "severity": finding.severity.row().gitlab,
        "location": { "path": path, "lines": { "begin": line } },
    })
}

/// Stays the same when the finding moves up or down in its file.
fn fingerprint(text: &str) -> String {
    Sha256::digest(text).iter().take(16).fold(String::new(), |mut text, byte| {
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
        let findings = vec![finding.clone(), finding.clone(), finding];
        let outcome = RunOutcome { findings, functions: Vec::new() };
        let issues: serde_json::Value = serde_json::from_str(&code_quality(&outcome)).unwrap();
        let prints: std::collections::BTreeSet<_> =
            issues.as_array().unwrap().iter().map(|issue| issue["fingerprint"].as_str().unwrap()).collect();
        assert_eq!(prints.len(), 3);
    }
}
