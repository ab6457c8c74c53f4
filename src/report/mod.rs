//! The report: calls each sink that this run has. A sink turns an outcome into text and knows no other sink.

mod azure;
mod files;
mod github;
mod gitlab;
mod json;
pub(crate) mod log;
mod summary;

use std::io::Write;

pub(crate) use self::files::check as check_files;

use self::log::Log;
use crate::finding::Finding;
use crate::outcome::RunOutcome;
use crate::secret::Secrets;
use crate::settings::Settings;
use crate::settings::ci::System;

/// Starts the log. Where the CI can mask secrets, its first lines do so.
pub(crate) fn start<'o>(out: &'o mut dyn Write, settings: &Settings) -> Log<'o> {
    let system = settings.ci.system;
    let (issue, masks): (fn(&Finding) -> Option<String>, _) = match system {
        System::GitHub => (|_| None, github::mask_commands(&settings.secrets)),
        System::Azure => (azure::issue, azure::mask_commands(&settings.secrets)),
        System::GitLab | System::Plain => (|_| None, Vec::new()),
    };
    let mut log = Log::new(out, system, settings.color, issue);
    log.commands(masks);
    log
}

/// Writes an outcome to one place, if this run has it.
type Sink = fn(&mut Log<'_>, &RunOutcome, &Settings) -> Result<(), Finding>;

/// Every sink after the log. The JSON report is the last one, so that it has the findings of the others.
const SINKS: [Sink; 5] = [
    write_summary,
    write_outputs,
    |_, outcome, settings| files::write(settings.dotenv.as_deref(), &gitlab::dotenv(outcome)),
    |_, outcome, settings| files::write(settings.code_quality.as_deref(), &gitlab::code_quality(outcome)),
    |_, outcome, settings| files::write(settings.report.as_deref(), &json::report(outcome)),
];

/// Writes to every sink, and returns the exit code. A report that can't be written is a finding, which the sinks after it
/// show too.
pub(crate) fn report(
    mut log: Log<'_>,
    mut outcome: RunOutcome,
    settings: &Settings,
    secrets: &Secrets,
) -> u8 {
    log.outcome(&outcome);
    for sink in SINKS {
        if let Err(finding) = sink(&mut log, &outcome, settings) {
            outcome = outcome.with(finding, secrets);
            outcome.findings.last().into_iter().for_each(|finding| log.finding(finding));
        }
    }
    log.conclusion(&outcome);
    outcome.exit_code()
}

fn write_summary(log: &mut Log<'_>, outcome: &RunOutcome, settings: &Settings) -> Result<(), Finding> {
    let ci = &settings.ci;
    if ci.agent_directory.is_none() && ci.summary_file.is_none() {
        return Ok(());
    }
    let summary = summary::markdown(outcome, ci.files_url.as_deref());
    if let Some(directory) = &ci.agent_directory {
        let command = azure::upload_summary(directory, &summary);
        log.commands([command.map_err(|error| files::not_written(directory, &error))?]);
    }
    files::append(ci.summary_file.as_deref(), &summary)
}

/// Annotations and outputs, in the form that the CI takes from a step.
fn write_outputs(log: &mut Log<'_>, outcome: &RunOutcome, settings: &Settings) -> Result<(), Finding> {
    match settings.ci.system {
        System::GitHub => {
            log.folded("annotations", github::annotations(outcome));
            let outputs = github::outputs(outcome, json::result(outcome))?;
            files::append(settings.ci.output_file.as_deref(), &outputs)
        }
        System::Azure => {
            log.commands(azure::variables(outcome));
            Ok(())
        }
        System::GitLab | System::Plain => Ok(()),
    }
}
