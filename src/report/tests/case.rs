//! A run with foreign texts, reported by the very code that reports one.

use std::path::Path;

use proptest::prelude::*;

use super::foreign::{self, KEY};
use crate::finding::{Finding, Severity};
use crate::outcome::{FunctionOutcome, RunOutcome};
use crate::report::{OwnFiles, Reports, report, start};
use crate::settings::Settings;
use crate::settings::ci::System;
use crate::settings::env::Env;

/// What a run is about.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) findings: Vec<Finding>,
    pub(super) functions: Vec<FunctionOutcome>,
    pub(super) key: String,
    pub(super) has_colors: bool,
}

pub(super) fn case() -> impl Strategy<Value = Case> {
    let functions = prop_oneof![2 => prop::collection::vec(foreign::outcome(), 1), 3 => prop::collection::vec(foreign::outcome(), 0..4)];
    (foreign::findings(), functions, foreign::key(), any::<bool>())
        .prop_map(|(findings, functions, key, has_colors)| Case { findings, functions, key, has_colors })
}

/// The files of a run.
const FILES: [&str; 7] =
    ["output", "summary", "dotenv", "quality.json", "report.json", "comment.md", "a.sarif"];

/// What a run wrote, and what it should have written.
pub(super) struct Written {
    pub(super) outcome: RunOutcome,
    pub(super) secrets: Vec<String>,
    pub(super) log: String,
    pub(super) output: String,
    pub(super) summary: String,
    pub(super) dotenv: String,
    pub(super) code_quality: String,
    pub(super) report: String,
    pub(super) comment: String,
    pub(super) sarif: String,
}

impl Case {
    /// Reports the run on this system, with the very code that reports one.
    pub(super) fn on(&self, system: System) -> Written {
        let directory = tempfile::tempdir().unwrap();
        let settings = self.settings(system, directory.path());
        let with_key = |text: &str| text.replace(KEY, &self.key);
        let finding = |finding: &Finding| Finding {
            message: with_key(&finding.message),
            hint: with_key(&finding.hint),
            location: finding.location.clone().map(|location| location.renamed(|file| with_key(&file))),
            ..finding.clone()
        };
        let of_run: Vec<_> = self.findings.iter().map(finding).collect();
        let function = |function: &FunctionOutcome| {
            let optional = |text: &Option<String>| text.as_deref().map(with_key);
            let outcome = FunctionOutcome {
                directory: with_key(&function.directory),
                name: optional(&function.name),
                version: optional(&function.version),
                id: optional(&function.id),
                url: optional(&function.url),
                request: optional(&function.request),
                findings: function.findings.iter().map(finding).collect(),
                ..function.clone()
            };
            outcome.sanitized(&settings.secrets)
        };
        let functions: Vec<_> = self.functions.iter().map(function).collect();
        let mut out = Vec::new();
        let mut log = start(&mut out, &settings);
        let (reports, refused) =
            Reports::prepare(&settings, OwnFiles { known: Vec::new(), directories: Vec::new() });
        assert_eq!(refused, []);
        for (number, function) in functions.iter().enumerate() {
            log.sending(&function.title());
            log.progress(number + 1, functions.len(), function);
        }
        let outcome = || RunOutcome::new(of_run.clone(), functions.clone(), None, &settings.secrets);
        let exit_code = report(log, outcome(), &settings, reports, &settings.secrets);
        assert_eq!(exit_code, outcome().exit_code());
        let [output, summary, dotenv, code_quality, report, comment, sarif] =
            FILES.map(|name| std::fs::read_to_string(directory.path().join(name)).unwrap_or_default());
        let log =
            String::from_utf8(out).unwrap().replace(&directory.path().display().to_string(), "DIRECTORY");
        let secrets = settings.secrets.masks();
        Written {
            outcome: outcome(),
            secrets,
            log,
            output,
            summary,
            dotenv,
            code_quality,
            report,
            comment,
            sarif,
        }
    }

    fn settings(&self, system: System, directory: &Path) -> Settings {
        let [output, summary, ..] = FILES.map(|name| directory.join(name).display().to_string());
        let directory_name = directory.display().to_string();
        let of_system: &[(&str, &str)] = match system {
            System::GitHub => &[
                ("GITHUB_ACTIONS", "true"),
                ("GITHUB_OUTPUT", &output),
                ("GITHUB_STEP_SUMMARY", &summary),
                ("GITHUB_SERVER_URL", "https://forge.example"),
                ("GITHUB_REPOSITORY", "a/b"),
                ("GITHUB_SHA", "0123"),
                ("GITHUB_WORKSPACE", &directory_name),
            ],
            System::GitLab => &[("GITLAB_CI", "true"), ("CI_PROJECT_DIR", &directory_name)],
            System::Azure => &[("TF_BUILD", "True"), ("AGENT_TEMPDIRECTORY", &directory_name)],
            System::Plain => &[],
        };
        let color = if self.has_colors { "FORCE_COLOR" } else { "NO_COLOR" };
        let inputs = [
            ("AEROSTACK_API_KEY", self.key.as_str()),
            ("AEROSTACK_DOTENV", "dotenv"),
            ("AEROSTACK_CODE_QUALITY", "quality.json"),
            ("AEROSTACK_REPORT", "report.json"),
            ("AEROSTACK_SUMMARY", "comment.md"),
            ("AEROSTACK_SARIF", "a.sarif"),
            (color, "1"),
        ];
        let env = Env::of(directory, of_system.iter().copied().chain(inputs));
        let (settings, _) = Settings::read(&env);
        assert_eq!(settings.ci.system, system);
        settings
    }
}

impl Written {
    /// The findings that people read, of a severity.
    pub(super) fn findings(&self, severity: Severity) -> Vec<&Finding> {
        self.outcome.shown_findings().filter(|finding| finding.severity == severity).collect()
    }

    /// The same in the order of the log: those that functions have in common are the last ones.
    pub(super) fn findings_in_the_log(&self) -> impl Iterator<Item = &Finding> {
        let outcome = &self.outcome;
        let own = outcome.functions.iter().flat_map(|function| outcome.own_findings(function));
        outcome.findings.iter().chain(own).chain(outcome.shared_findings())
    }

    /// How many functions are shown folded, if the system folds.
    pub(super) fn folded(&self) -> usize {
        let sent = self.outcome.functions.iter().filter(|function| function.status.row().is_sent).count();
        if self.outcome.functions.len() > 1 { sent } else { 0 }
    }
}
