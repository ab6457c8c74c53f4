//! Azure Pipelines' formats: issues at the line, output variables, and the summary on the run's page.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::Path;

use crate::finding::{Finding, Severity};
use crate::outcome::RunOutcome;
use crate::outputs::dotenv_name;
use crate::secret::Secrets;
use crate::text;

/// Most issues of one severity that an agent keeps of a step (azure-pipelines-agent, `ExecutionContext.cs`:
/// `_maxIssueCount`); it only counts the rest.
const MAX_ISSUES: usize = 10;

/// Longest message of an issue, in characters: what the step's page shows without folding.
const MAX_MESSAGE: usize = 3_000;

/// Most steps of one job whose summaries are kept apart.
const MAX_SUMMARIES: usize = 1_000;

/// The commands that make the agent mask secrets in the log.
pub(super) fn mask_commands(secrets: &Secrets) -> Vec<String> {
    secrets.expose().map(|secret| format!("##vso[task.setsecret]{}", escape(secret))).collect()
}

/// An issue for each error and warning, the most severe first, and a variable for each output but `result`.
///
/// `result` would become an environment variable of every later step and could be too large to start one.
pub(super) fn commands(outcome: &RunOutcome) -> Vec<String> {
    let issues = [Severity::Error, Severity::Warning];
    let issues = issues.iter().flat_map(|severity| issues_of(outcome, *severity));
    let variables = outcome.outputs().into_iter().map(|(name, value)| {
        let (name, value) = (dotenv_name(name), escape(&text::clean_line(&value)));
        format!("##vso[task.setvariable variable={name};isOutput=true]{value}")
    });
    issues.chain(variables).collect()
}

fn issues_of(outcome: &RunOutcome, severity: Severity) -> Vec<String> {
    let (findings, note) = outcome.most_relevant(severity, MAX_ISSUES, "Azure Pipelines");
    let word = severity.row().word;
    let note = note.map(|note| format!("##vso[task.logissue type={word}]{}", escape(&note)));
    findings.into_iter().map(issue).chain(note).collect()
}

fn issue(finding: &Finding) -> String {
    let mut properties = vec![format!("type={}", finding.severity.row().word)];
    if let Some(location) = &finding.location {
        properties.push(format!("sourcepath={}", escape(&text::clean_line(&location.file))));
        if let Some(span) = location.span() {
            properties.push(format!("linenumber={};columnnumber={}", span.line, span.column));
        }
    }
    properties.push(format!("code={}", finding.code.name()));
    let message = format!("{} ({})", text::clean_line(&finding.message), text::clean_line(&finding.hint));
    let message = text::shorten(&message, MAX_MESSAGE);
    format!("##vso[task.logissue {}]{}", properties.join(";"), escape(&text::defuse(&message)))
}

/// Writes the summary where the agent finds it at the end of the job, and returns the command that names it.
pub(super) fn upload_summary(directory: &Path, markdown: &str) -> io::Result<String> {
    for number in 1..=MAX_SUMMARIES {
        // The file's name is the summary's title. A second step of the job must not overwrite the first one's.
        let suffix = if number == 1 { String::new() } else { format!("-{number}") };
        let path = directory.join(format!("aerostack-publish{suffix}.md"));
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => {
                file.write_all(markdown.as_bytes())?;
                return Ok(format!("##vso[task.uploadsummary]{}", escape(&path.display().to_string())));
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Escapes a command's property or data: `%` first, so that no escape is escaped again.
fn escape(text: &str) -> String {
    text.replace('%', "%AZP25")
        .replace(';', "%3B")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
        .replace(']', "%5D")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Code;
    use crate::outcome::tests::run;
    use crate::source::{Location, SourceFile};

    #[test]
    fn foreign_text_neither_ends_a_command_nor_starts_one() {
        let finding = Finding::new(Code::InvalidTag, "a]b;c 100%3B\n##vso[task.complete]d");
        assert_eq!(
            issue(&finding.with_hint("e").at(Location::file("x];y"))),
            "##vso[task.logissue type=error;sourcepath=x%5D%3By;code=INVALID_TAG]\
             a%5Db%3Bc 100%AZP253B ⏎ #\\#vso[task.complete%5Dd (e)"
        );
    }

    #[test]
    fn the_worst_findings_are_kept_when_there_are_too_many() {
        let placed = Finding::new(Code::InvalidTag, "placed").at(SourceFile::published("f", "x").at(0..1));
        let many = (0..12).map(|number| Finding::new(Code::InvalidTag, format!("number {number}")));
        let findings = many.chain([placed]).collect();
        let outcome = run(findings, Vec::new());
        let issues = issues_of(&outcome, Severity::Error);
        assert_eq!(issues.len(), MAX_ISSUES);
        assert!(
            issues[0].ends_with("linenumber=1;columnnumber=1;code=INVALID_TAG]placed (remove the empty tag)")
        );
        assert!(issues[9].starts_with("##vso[task.logissue type=error]4 more errors"));
    }

    #[test]
    fn every_step_of_a_job_has_its_own_summary() {
        let folder = tempfile::tempdir().unwrap();
        let first = upload_summary(folder.path(), "one").unwrap();
        let second = upload_summary(folder.path(), "two").unwrap();
        assert!(first.ends_with("/aerostack-publish.md") && second.ends_with("/aerostack-publish-2.md"));
        assert_eq!(std::fs::read_to_string(folder.path().join("aerostack-publish.md")).unwrap(), "one");
        assert!(upload_summary(&folder.path().join("missing"), "three").is_err());
    }
}
