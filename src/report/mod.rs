//! The report: what became of every function, and what that means for the pipeline.

mod azure;
mod github;
mod gitlab;
mod json;
mod log;
mod summary;

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use semver::Version;

pub(crate) use self::log::Log;

use crate::finding::{Code, Finding, Owner};
use crate::function::load::Loaded;
use crate::release::history::{History, ReleaseType, release_type};
use crate::secret::Secrets;
use crate::settings::ci::{Ci, System};
use crate::settings::env::Env;
use crate::settings::inputs::Inputs;
use crate::source::{SourceFile, digest};
use crate::text;

/// How one output is called and what it means: what `--help` and the documentation say.
pub struct Output {
    /// As in a workflow's `steps.….outputs`.
    pub name: &'static str,
    /// One line for people.
    pub meaning: &'static str,
}

/// Every output, in the order users see them.
pub const OUTPUTS: [Output; 12] = [
    output("published", "`true` if this run published live, otherwise `false`"),
    output("status", "`published`, `draft`, `unchanged`, `skipped`, `dry-run`, `unconfirmed` or `failed`"),
    output("name", "the function's name"),
    output("slug", "the function's slug on the Hub"),
    output("version", "the version in the manifest"),
    output("previous-version", "the newest version published before this run"),
    output("release-type", "`first`, `major`, `minor`, `patch`, `prerelease` or `none`"),
    output("id", "the function's ID on the Hub"),
    output("url", "URL of the function's page on the Hub"),
    output("admin-url", "URL of the page where the function is edited"),
    output("digest", "`sha256:` digest of a `sha256sum`-style listing of the files sent"),
    output("result", "JSON: every function with the outputs above, its findings and the files sent"),
];

const fn output(name: &'static str, meaning: &'static str) -> Output {
    Output { name, meaning }
}

/// Longest message or hint, in characters: the Hub's own words (4,000 at most) and ours around them.
const LONGEST_TEXT: usize = 5_000;

/// Longest name, version, id or address, in characters: what is longer was meant to harm, or is a mistake.
const LONGEST_NAME: usize = 1_000;

/// Where every code is explained.
const DOCUMENTATION: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/findings.md");

/// What became of a function, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Status {
    Published,
    Draft,
    Unchanged,
    Skipped,
    DryRun,
    Unconfirmed,
    Failed,
}

impl Status {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Draft => "draft",
            Self::Unchanged => "unchanged",
            Self::Skipped => "skipped",
            Self::DryRun => "dry-run",
            Self::Unconfirmed => "unconfirmed",
            Self::Failed => "failed",
        }
    }

    /// Whether something was sent, may have been, or would have been.
    const fn is_sent(self) -> bool {
        match self {
            Self::Published | Self::Draft | Self::DryRun | Self::Unconfirmed => true,
            Self::Unchanged | Self::Skipped | Self::Failed => false,
        }
    }

    /// The mark before it in the log.
    const fn mark(self) -> char {
        match self {
            Self::Published | Self::Draft => '✓',
            Self::Unchanged => '=',
            Self::Skipped | Self::DryRun => '○',
            Self::Unconfirmed => '?',
            Self::Failed => '✗',
        }
    }
}

/// Every status, in the order in which people want to hear of it.
const WORST_FIRST: [Status; 7] = [
    Status::Failed,
    Status::Unconfirmed,
    Status::Published,
    Status::Draft,
    Status::DryRun,
    Status::Unchanged,
    Status::Skipped,
];

/// What became of one function.
#[derive(Debug, Clone)]
pub(crate) struct FunctionReport {
    pub(crate) directory: String,
    pub(crate) name: Option<String>,
    pub(crate) slug: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) previous_version: Option<String>,
    pub(crate) release_type: ReleaseType,
    pub(crate) status: Status,
    pub(crate) published: bool,
    pub(crate) id: Option<String>,
    pub(crate) url: Option<String>,
    pub(crate) admin_url: Option<String>,
    pub(crate) digest: Option<String>,
    pub(crate) files: Vec<FileReport>,
    pub(crate) findings: Vec<Finding>,
    /// What changes for users, and the least version that fits, in a few words.
    pub(crate) advice: Option<String>,
    /// The request of a dry run, as the log shows it.
    pub(crate) request: Option<String>,
}

/// One file that is sent.
#[derive(Debug, Clone, serde::Serialize)]
pub(crate) struct FileReport {
    pub(crate) path: String,
    pub(crate) bytes: usize,
    pub(crate) sha256: String,
}

impl FunctionReport {
    /// Of a function that was read and judged, before anything else happened to it.
    pub(crate) fn of(loaded: &Loaded) -> Self {
        let manifest = &loaded.manifest;
        let sent = loaded.function.as_ref().map(crate::function::load::Function::files);
        let file = |file: &&SourceFile| FileReport {
            path: file.path.clone(),
            bytes: file.text.len(),
            sha256: file.sha256(),
        };
        Self {
            directory: loaded.directory.clone(),
            name: manifest.name.clone(),
            slug: manifest.slug.as_ref().map(ToString::to_string),
            version: manifest.version.as_ref().map(ToString::to_string),
            previous_version: None,
            release_type: ReleaseType::None,
            status: Status::Skipped,
            published: false,
            id: None,
            url: None,
            admin_url: None,
            digest: sent.as_ref().map(|files| digest(files.iter().copied())),
            files: sent.iter().flatten().map(file).collect(),
            findings: loaded.findings.clone(),
            advice: None,
            request: None,
        }
    }

    /// With what its history says of the version.
    pub(crate) fn compare(&mut self, version: &Version, history: &History) {
        self.previous_version = history.newest().map(ToString::to_string);
        self.release_type = release_type(version, history);
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.findings.iter().any(Finding::is_error)
    }

    /// Name and version as people read them; the directory where there is no name.
    fn title(&self) -> String {
        let name = self.name.as_deref().unwrap_or(&self.directory);
        self.version.as_ref().map_or(name.to_owned(), |version| format!("{name} {version}"))
    }

    /// What happened, in words: `published (minor, after 1.0.0)`.
    fn outcome(&self) -> String {
        let word = match self.status {
            Status::Published => "published",
            Status::Draft => "landed as a draft",
            Status::Unchanged => "unchanged: this version is published already",
            Status::Skipped => "skipped",
            Status::DryRun => "dry run: nothing was sent",
            Status::Unconfirmed => "unconfirmed",
            Status::Failed => "failed",
        };
        match (self.status, self.release_type, &self.previous_version) {
            (Status::Published | Status::Draft | Status::DryRun, ReleaseType::First, _) => {
                format!("{word} (first release)")
            }
            (Status::Published | Status::Draft | Status::DryRun, kind, Some(previous))
                if kind != ReleaseType::None =>
            {
                format!("{word} ({}, after {previous})", kind.word())
            }
            _ => word.to_owned(),
        }
    }
}

/// What became of a run.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// Findings of the run itself.
    pub(crate) findings: Vec<Finding>,
    pub(crate) functions: Vec<FunctionReport>,
}

impl Report {
    /// Every finding, those of the run first, then by function.
    fn all_findings(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().chain(self.functions.iter().flat_map(|function| &function.findings))
    }

    pub(crate) fn published(&self) -> bool {
        self.functions.iter().any(|function| function.published)
    }

    /// The worst of all.
    pub(crate) fn status(&self) -> Status {
        if self.findings.iter().any(Finding::is_error) {
            return Status::Failed;
        }
        self.functions.iter().map(|function| function.status).max().unwrap_or(Status::Failed)
    }

    /// Who must act: of several, the first of pipeline's owner, author, Hub's operator, nobody.
    pub(crate) fn exit_code(&self) -> u8 {
        let errors = || self.all_findings().filter(|finding| finding.is_error());
        let must_act = |owner| errors().any(|finding| finding.code.owner() == owner);
        [Owner::Pipeline, Owner::Author, Owner::Hub, Owner::Nobody]
            .into_iter()
            .find(|owner| must_act(*owner))
            .map_or(0, Owner::exit_code)
    }

    /// The values of all outputs but `result`, by name; unset ones are empty, and so are all single ones of several functions.
    fn outputs(&self) -> Vec<(&'static str, String)> {
        let single = match self.functions.as_slice() {
            [function] => Some(function),
            _ => None,
        };
        let value = |name: &str| match (name, single) {
            ("published", _) => self.published().to_string(),
            ("status", _) => self.status().word().to_owned(),
            ("name", Some(function)) => function.name.clone().unwrap_or_default(),
            ("slug", Some(function)) => function.slug.clone().unwrap_or_default(),
            ("version", Some(function)) => function.version.clone().unwrap_or_default(),
            ("previous-version", Some(function)) => function.previous_version.clone().unwrap_or_default(),
            ("release-type", Some(function)) => function.release_type.word().to_owned(),
            ("id", Some(function)) => function.id.clone().unwrap_or_default(),
            ("url", Some(function)) => function.url.clone().unwrap_or_default(),
            ("admin-url", Some(function)) => function.admin_url.clone().unwrap_or_default(),
            ("digest", Some(function)) => function.digest.clone().unwrap_or_default(),
            _ => String::new(),
        };
        OUTPUTS
            .iter()
            .filter(|output| output.name != "result")
            .map(|output| (output.name, value(output.name)))
            .collect()
    }

    /// How many functions came to each end: `2 failed, 1 published`.
    fn tally(&self) -> String {
        let counted = WORST_FIRST.iter().filter_map(|status| {
            let number = self.functions.iter().filter(|function| function.status == *status).count();
            (number > 0).then(|| format!("{number} {}", status.word()))
        });
        counted.collect::<Vec<_>>().join(", ")
    }

    /// Makes every text fit for every sink: without secrets, then without what steers a log, then of bounded length.
    fn sanitize(&mut self, secrets: &Secrets) {
        let name = |text: &mut String| {
            secrets.redact(text);
            *text = text::shorten(&text::clean_line(text), LONGEST_NAME);
        };
        let prose = |text: &mut String| {
            secrets.redact(text);
            *text = text::shorten(&text::clean(text), LONGEST_TEXT);
        };
        for function in &mut self.functions {
            let names = [
                &mut function.name,
                &mut function.slug,
                &mut function.version,
                &mut function.previous_version,
            ];
            names.into_iter().flatten().for_each(name);
            for link in [&mut function.id, &mut function.url, &mut function.admin_url] {
                link.iter_mut().for_each(name);
                // A part of an address leads nowhere.
                *link = link.take().filter(|link| link.chars().count() <= LONGEST_NAME);
            }
            [&mut function.request, &mut function.advice]
                .into_iter()
                .flatten()
                .for_each(|text| secrets.redact(text));
            secrets.redact(&mut function.directory);
            function.files.iter_mut().for_each(|file| secrets.redact(&mut file.path));
        }
        let findings = self.functions.iter_mut().flat_map(|function| &mut function.findings);
        for finding in findings.chain(&mut self.findings) {
            prose(&mut finding.message);
            prose(&mut finding.hint);
            finding.place.iter_mut().for_each(|place| secrets.redact(&mut place.file));
        }
    }

    /// Tells every sink that this run has. A report that can't be written is the pipeline owner's to mend.
    pub(crate) fn emit(mut self, log: &mut Log<'_>, inputs: &Inputs, platform: &Ci, secrets: &Secrets) -> u8 {
        self.sanitize(secrets);
        log.report(&self);
        if platform.system == System::GitHub {
            log.commands(github::annotations(&self));
            let summary = summary::markdown(&self, platform.files_url.as_deref());
            self.tell(append(platform.output_file.as_deref(), &github::outputs(&self)), log);
            self.tell(append(platform.summary_file.as_deref(), &summary), log);
        }
        if platform.system == System::Azure {
            if let Some(folder) = &platform.agent_folder {
                let uploaded = azure::upload_summary(folder, &summary::markdown(&self, None));
                let uploaded = uploaded.map(|command| log.commands([command]));
                self.tell(uploaded.map_err(|cause| not_written(folder, &cause)), log);
            }
            log.commands(azure::commands(&self));
        }
        self.tell(write(inputs.dotenv.as_deref(), &gitlab::dotenv(&self)), log);
        self.tell(write(inputs.code_quality.as_deref(), &gitlab::code_quality(&self)), log);
        // Last, so that it also tells what became of the others.
        self.tell(write(inputs.report.as_deref(), &json::report(&self)), log);
        log.conclude(&self);
        self.exit_code()
    }

    /// A report that could not be written is a finding, told by the log and the reports that follow.
    fn tell(&mut self, written: Result<(), Finding>, log: &mut Log<'_>) {
        if let Err(finding) = written {
            log.finding(&finding);
            self.findings.push(finding);
        }
    }
}

/// Finds out before anything is sent whether every report can be written afterwards.
pub(crate) fn check_sinks(inputs: &Inputs, env: &Env) -> Vec<Finding> {
    let reports =
        [("report", &inputs.report), ("dotenv", &inputs.dotenv), ("code-quality", &inputs.code_quality)];
    let mut findings = Vec::new();
    for (name, path) in reports {
        let Some(path) = path else { continue };
        let opened = path
            .parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| OpenOptions::new().create(true).append(true).open(path).map(drop));
        if let Err(cause) = opened {
            let shown = path.strip_prefix(env.working_directory()).unwrap_or(path).display();
            let message = format!("input `{name}`: `{shown}` can't be written ({cause})");
            findings.push(
                Finding::new(Code::InvalidInput, message).with_hint("name a file that this job may write"),
            );
        }
    }
    findings
}

fn append(path: Option<&Path>, text: &str) -> Result<(), Finding> {
    put(path, text, OpenOptions::new().create(true).append(true))
}

fn write(path: Option<&Path>, text: &str) -> Result<(), Finding> {
    put(path, text, OpenOptions::new().create(true).write(true).truncate(true))
}

fn put(path: Option<&Path>, text: &str, how: &OpenOptions) -> Result<(), Finding> {
    let Some(path) = path else { return Ok(()) };
    how.open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|cause| not_written(path, &cause))
}

fn not_written(path: &Path, cause: &std::io::Error) -> Finding {
    let message = format!("`{}` could not be written ({cause})", path.display());
    Finding::new(Code::InvalidInput, message).with_hint("name a file that this job may write")
}
