//! The report: calls each sink that this run has. A sink turns an outcome into text and knows no other sink.

mod azure;
mod files;
mod github;
mod gitlab;
mod json;
mod log;
mod summary;

use std::io::Write;
use std::path::Path;

pub(crate) use self::files::check as check_files;

use self::log::{Folds, Log};
use crate::finding::Finding;
use crate::outcome::{FunctionOutcome, RunOutcome};
use crate::secret::Secrets;
use crate::settings::Settings;
use crate::settings::ci::{Ci, System};

/// Reports what happens while the run goes on, and all of it at the end.
pub(crate) struct Reporter<'o> {
    log: Log<'o>,
}

impl<'o> Reporter<'o> {
    /// Starts the log. Where the CI can mask secrets, its first lines do so.
    pub(crate) fn start(out: &'o mut dyn Write, settings: &Settings) -> Self {
        let (folds, masks) = match settings.ci.system {
            System::GitHub => (Folds::GitHub, github::mask_commands(&settings.secrets)),
            System::GitLab => (Folds::GitLab, Vec::new()),
            System::Azure => (Folds::No, azure::mask_commands(&settings.secrets)),
            System::Plain => (Folds::No, Vec::new()),
        };
        let mut log = Log::new(out, folds, settings.color);
        log.commands(masks);
        Self { log }
    }

    /// One line for a function that is done.
    pub(crate) fn progress(&mut self, done: usize, total: usize, function: &FunctionOutcome) {
        self.log.progress(done, total, function);
    }

    /// Writes to every sink. A report that can't be written is a finding, which the sinks after it show too.
    pub(crate) fn report(mut self, outcome: RunOutcome, settings: &Settings, secrets: &Secrets) -> u8 {
        let Settings { ci, .. } = settings;
        self.log.outcome(&outcome);
        let mut written = Written { outcome, secrets, log: &mut self.log };
        match ci.system {
            System::GitHub => written.github(ci),
            System::Azure => written.azure(ci),
            System::GitLab | System::Plain => {}
        }
        written.file(settings.dotenv.as_deref(), gitlab::dotenv);
        written.file(settings.code_quality.as_deref(), gitlab::code_quality);
        // The last one, so that it has the findings of the others.
        written.file(settings.report.as_deref(), json::report);
        let outcome = written.outcome;
        self.log.conclusion(&outcome);
        outcome.exit_code()
    }
}

/// The outcome while it is written: it gains a finding for each report that can't be.
struct Written<'w, 'o> {
    outcome: RunOutcome,
    secrets: &'w Secrets,
    log: &'w mut Log<'o>,
}

impl Written<'_, '_> {
    fn github(&mut self, ci: &Ci) {
        let annotations = github::annotations(&self.outcome);
        if !annotations.is_empty() {
            self.log.folded("annotations", annotations);
        }
        let summary = summary::markdown(&self.outcome, ci.files_url.as_deref());
        let outputs = github::outputs(&self.outcome, json::result(&self.outcome));
        self.keep(outputs.and_then(|outputs| files::append(ci.output_file.as_deref(), &outputs)));
        self.keep(files::append(ci.summary_file.as_deref(), &summary));
    }

    fn azure(&mut self, ci: &Ci) {
        if let Some(directory) = &ci.agent_directory {
            match azure::upload_summary(directory, &summary::markdown(&self.outcome, None)) {
                Ok(command) => self.log.commands([command]),
                Err(error) => self.keep(Err(files::not_written(directory, &error))),
            }
        }
        self.log.commands(azure::commands(&self.outcome));
    }

    fn file(&mut self, path: Option<&Path>, text: fn(&RunOutcome) -> String) {
        self.keep(files::write(path, &text(&self.outcome)));
    }

    fn keep(&mut self, written: Result<(), Finding>) {
        if let Err(finding) = written {
            let outcome = std::mem::take(&mut self.outcome).with(finding, self.secrets);
            outcome.findings.last().into_iter().for_each(|finding| self.log.finding(finding));
            self.outcome = outcome;
        }
    }
}
