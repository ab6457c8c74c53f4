//! Findings as code scanners take them: each with a file, and with a fingerprint by which they know it again.

use std::collections::HashMap;

use crate::finding::{Code, Finding};
use crate::function::manifest::fields::FILE_NAME;
use crate::outcome::RunOutcome;
use crate::source::{sha256, shown_inside};

/// One finding, as an issue.
pub(super) struct Issue<'o> {
    pub(super) finding: &'o Finding,
    /// The file that it is about; `None` if it is about the pipeline.
    pub(super) path: Option<String>,
    /// Hexadecimal digits, which stay the same when the finding moves up or down in its file.
    pub(super) fingerprint: String,
}

/// Every finding of a run.
pub(super) fn issues(outcome: &RunOutcome) -> Vec<Issue<'_>> {
    // Equal fingerprints would overwrite each other.
    let mut seen = HashMap::<String, usize>::new();
    let mut issue = |finding, path: Option<String>| {
        let finding: &Finding = finding;
        let message = without_lines(&finding.message);
        let same = [finding.code.name(), path.as_deref().unwrap_or_default(), &message].join("\0");
        let number = seen.entry(same.clone()).or_default();
        *number += 1;
        let fingerprint = sha256(&format!("{same}\0{number}")).chars().take(32).collect();
        Issue { finding, path, fingerprint }
    };
    let named = |finding: &Finding| finding.location.as_ref().map(|location| location.file.clone());
    let of_run = outcome.findings.iter().map(|finding| (finding, named(finding)));
    let of_functions = outcome.functions.iter().flat_map(|function| {
        function.findings.iter().map(|finding| {
            let manifest =
                (finding.code != Code::ManifestMissing).then(|| shown_inside(&function.directory, FILE_NAME));
            (finding, named(finding).or(manifest))
        })
    });
    of_run.chain(of_functions).map(|(finding, path)| issue(finding, path)).collect()
}

/// A message without the numbers of lines in it.
fn without_lines(message: &str) -> String {
    let mut parts = message.split("line ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.trim_start_matches(|c: char| c.is_ascii_digit()))
}
