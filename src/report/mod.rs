//! The report: calls each sink that this run has. A sink turns an outcome into text and knows no other sink.

mod azure;
mod files;
mod github;
mod gitlab;
mod headline;
mod issues;
mod json;
pub(crate) mod log;
mod markdown;
mod sarif;
mod snippet;
mod summary;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub(crate) use self::files::OwnFiles;

use self::files::{Appended, Targets, replace};
use self::log::Log;
use crate::finding::{Code, Finding};
use crate::outcome::RunOutcome;
use crate::release::plan::Plan;
use crate::secret::Secrets;
use crate::settings::Settings;
use crate::settings::ci::System;
use crate::text;

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

/// Makes the content of a report.
type Content = fn(&RunOutcome, &Settings) -> String;

/// A report that an input names.
struct Format {
    input: &'static str,
    path: fn(&Settings) -> Option<&PathBuf>,
    content: Content,
    /// Whether a text is such a report.
    is_report: fn(&str) -> bool,
}

impl Format {
    /// Writes the report of a run that has not ended.
    fn write_first(
        &self,
        path: &Path,
        targets: &mut Targets,
        unfinished: &RunOutcome,
        settings: &Settings,
    ) -> Result<(), Finding> {
        let written = targets.take(path, self.is_report).and_then(|()| {
            replace(path, &(self.content)(unfinished, settings))
                .map_err(|error| format!("can't be written ({})", text::of_io(&error)))
        });
        written.map_err(|reason| {
            let shown = shown(path.strip_prefix(&settings.working_directory).unwrap_or(path));
            unwritable(format!("input `{}`: `{shown}` {reason}", self.input))
        })
    }
}

/// The reports that inputs name. The JSON report is the last one, so that it has the findings about the others.
const FORMATS: [Format; 5] = [
    Format {
        input: "dotenv",
        path: |settings| settings.dotenv.as_ref(),
        content: |outcome, _| gitlab::dotenv(outcome),
        is_report: gitlab::is_dotenv,
    },
    Format {
        input: "code-quality",
        path: |settings| settings.code_quality.as_ref(),
        content: |outcome, _| gitlab::code_quality(outcome),
        is_report: gitlab::is_code_quality,
    },
    Format {
        input: "sarif",
        path: |settings| settings.sarif.as_ref(),
        content: |outcome, _| sarif::report(outcome),
        is_report: sarif::is_report,
    },
    Format {
        input: "summary",
        path: |settings| settings.summary.as_ref(),
        content: summary_of,
        is_report: summary::is_summary,
    },
    Format {
        input: "report",
        path: |settings| settings.report.as_ref(),
        content: |outcome, _| json::report(outcome),
        is_report: json::is_report,
    },
];

/// The files of this run that can be written. Until its end they say that it did not end.
#[derive(Default)]
pub(crate) struct Reports {
    files: Vec<(PathBuf, Content)>,
    outputs: Option<Appended>,
}

impl Reports {
    /// Takes every file that the settings name, and writes to it what is true if this process is killed.
    pub(crate) fn prepare(settings: &Settings, own: OwnFiles) -> (Self, Vec<Finding>) {
        let (ci, unfinished) = (&settings.ci, RunOutcome::unfinished());
        let (mut reports, mut findings) = (Self::default(), Vec::new());
        let wanted = FORMATS.iter().filter_map(|format| Some((format, (format.path)(settings)?)));
        let wanted: Vec<_> = wanted.collect();
        if !wanted.is_empty() {
            let of_ci = ci.output_file.iter().chain(&ci.summary_file).chain(&settings.plan).cloned();
            let mut targets = Targets::new([&ci.workspace, &settings.working_directory], own, of_ci);
            for (format, path) in wanted {
                match format.write_first(path, &mut targets, &unfinished, settings) {
                    Ok(()) => reports.files.push((path.clone(), format.content)),
                    Err(finding) => findings.push(finding),
                }
            }
        }
        if let Some(path) = &ci.output_file {
            match open_outputs(path, &unfinished) {
                Ok(outputs) => reports.outputs = Some(outputs),
                Err(error) => findings.push(outputs_not_written(path, &error)),
            }
        }
        (reports, findings)
    }
}

fn open_outputs(path: &Path, unfinished: &RunOutcome) -> io::Result<Appended> {
    let mut outputs = Appended::open(path)?;
    outputs.write(&github::outputs(unfinished, json::result(unfinished))?)?;
    Ok(outputs)
}

/// Writes to every sink, and returns the exit code. A report that can't be written is a finding, which the sinks after it
/// show too.
pub(crate) fn report(
    mut log: Log<'_>,
    mut outcome: RunOutcome,
    settings: &Settings,
    mut reports: Reports,
    secrets: &Secrets,
) -> u8 {
    log.outcome(&outcome);
    let add = |written: Result<(), Finding>, outcome: &mut RunOutcome, log: &mut Log<'_>| {
        if let Err(finding) = written {
            outcome.add(finding, secrets);
            outcome.findings.last().into_iter().for_each(|finding| log.finding(finding));
        }
    };
    let written = write_summary(&mut log, &outcome, settings);
    add(written, &mut outcome, &mut log);
    let written = write_outputs(&mut log, &outcome, settings, &mut reports);
    add(written, &mut outcome, &mut log);
    for (path, content) in &reports.files {
        let written = replace(path, &content(&outcome, settings)).map_err(|error| {
            unwritable(format!("`{}` could not be written ({})", shown(path), text::of_io(&error)))
        });
        add(written, &mut outcome, &mut log);
    }
    log.conclusion(&outcome);
    outcome.exit_code()
}

fn summary_of(outcome: &RunOutcome, settings: &Settings) -> String {
    let (plan, objections) = Plan::of(settings);
    // A run that may not do what it was to do is a dry run in name only.
    let is_dry_run = settings.dry_run || (plan.dry_run && objections.is_empty());
    summary::markdown(outcome, settings.ci.files_url.as_deref(), is_dry_run)
}

/// The summary is for people, and never fails a publish.
fn write_summary(log: &mut Log<'_>, outcome: &RunOutcome, settings: &Settings) -> Result<(), Finding> {
    let ci = &settings.ci;
    if ci.agent_directory.is_none() && ci.summary_file.is_none() {
        return Ok(());
    }
    let summary = summary_of(outcome, settings);
    let not_written = |path: &Path, error: &io::Error| {
        let (path, cause) = (shown(path), text::of_io(error));
        let message = format!("the summary could not be written to `{path}` ({cause})");
        Finding::new(Code::ReportNotWritten, message)
    };
    if let Some(directory) = &ci.agent_directory {
        let command = azure::upload_summary(directory, &summary);
        log.commands([command.map_err(|error| not_written(directory, &error))?]);
    }
    if let Some(path) = &ci.summary_file {
        let written = Appended::open(path).and_then(|mut file| file.write(&summary));
        written.map_err(|error| not_written(path, &error))?;
    }
    Ok(())
}

/// Annotations and outputs, in the form that the CI takes from a step.
fn write_outputs(
    log: &mut Log<'_>,
    outcome: &RunOutcome,
    settings: &Settings,
    reports: &mut Reports,
) -> Result<(), Finding> {
    match settings.ci.system {
        System::GitHub => {
            log.folded("annotations", github::annotations(outcome));
            let (Some(file), Some(path)) = (&mut reports.outputs, &settings.ci.output_file) else {
                return Ok(());
            };
            let outputs = github::outputs(outcome, json::result(outcome));
            outputs
                .and_then(|outputs| file.write(&outputs))
                .map_err(|error| outputs_not_written(path, &error))
        }
        System::Azure => {
            log.commands(azure::variables(outcome));
            Ok(())
        }
        System::GitLab | System::Plain => Ok(()),
    }
}

fn outputs_not_written(path: &Path, error: &io::Error) -> Finding {
    unwritable(format!("`GITHUB_OUTPUT`: `{}` can't be written ({})", shown(path), text::of_io(error)))
}

/// A path on one line.
fn shown(path: &Path) -> String {
    text::clean_line(&path.display().to_string())
}

/// The finding for a report that can't be written.
fn unwritable(message: String) -> Finding {
    Finding::new(Code::InvalidInput, message).with_hint("name a file that this job may write")
}

#[cfg(test)]
mod tests;
