//! Azure Pipelines' formats: issues at the line, output variables, and the summary on the run's page.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::Path;

use crate::finding::{Finding, Severity};
use crate::outcome::RunOutcome;
use crate::secret::Secrets;
use crate::text;

/// Longest message of an issue, in characters: what the step's page shows without folding.
const MAX_MESSAGE: usize = 3_000;

/// Most steps of one job whose summaries are kept apart.
const MAX_SUMMARIES: usize = 1_000;

/// The commands that make the agent mask secrets in the log.
pub(super) fn mask_commands(secrets: &Secrets) -> Vec<String> {
    secrets.masks().iter().map(|secret| format!("##vso[task.setsecret]{}", escape(secret))).collect()
}

/// A variable for each output but `result`, which would become an environment variable of every later step and could be too
/// large to start one.
pub(super) fn variables(outcome: &RunOutcome) -> Vec<String> {
    let variables = outcome.outputs().into_iter().map(|(name, value)| {
        let (name, value) =
            (text::environment_variable(name), escape(&text::defuse(&text::clean_line(&value))));
        format!("##vso[task.setvariable variable={name};isOutput=true]{value}")
    });
    variables.collect()
}

/// An error or a warning as an issue. The agent prints its message, and keeps the first ten of each severity for the run's
/// page (azure-pipelines-agent, `ExecutionContext.cs`: `AddIssue`, `_maxIssueCount`). There are no issues for notices.
pub(super) fn issue(finding: &Finding) -> Option<String> {
    let mut properties = vec![match finding.severity {
        Severity::Error => "type=error".to_owned(),
        Severity::Warning => "type=warning".to_owned(),
        Severity::Notice => return None,
    }];
    if let Some(location) = &finding.location {
        properties.push(format!("sourcepath={}", escape(&text::clean_line(&location.file))));
        if let Some(span) = location.span() {
            properties.push(format!("linenumber={};columnnumber={}", span.line, span.column));
        }
    }
    properties.push(format!("code={}", finding.code.name()));
    let message = format!("{} ({})", text::clean_line(&finding.message), text::clean_line(&finding.hint));
    let message = text::shorten(&message, MAX_MESSAGE);
    Some(format!("##vso[task.logissue {}]{}", properties.join(";"), escape(&text::defuse(&message))))
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
    use crate::source::Location;

    #[test]
    fn foreign_text_neither_ends_a_command_nor_starts_one() {
        let finding = Finding::new(Code::InvalidTag, "a]b;c 100%3B\n##vso[task.complete]d");
        assert_eq!(
            issue(&finding.with_hint("e").at(Location::file("x];y"))).unwrap(),
            "##vso[task.logissue type=error;sourcepath=x%5D%3By;code=INVALID_TAG]\
             a%5Db%3Bc 100%AZP253B ⏎ #\\#vso[task.complete%5Dd (e)"
        );
    }

    #[test]
    fn every_step_of_a_job_has_its_own_summary() {
        let folder = tempfile::tempdir().unwrap();
        let first = upload_summary(folder.path(), "one").unwrap();
        let second = upload_summary(folder.path(), "two").unwrap();
        assert!(first.ends_with("/aerostack-publish.md") && second.ends_with("/aerostack-publish-2.md"));
        assert_eq!(std::fs::read_to_string(folder.path().join("aerostack-publish.md")).unwrap(), "one");
        let error = upload_summary(&folder.path().join("missing"), "three").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
