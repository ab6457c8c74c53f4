//! The log: what a person reads while the job runs and after it.

use std::io::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use super::{DOCUMENTATION, FunctionReport, Report, Status, github};
use crate::env::Env;
use crate::finding::{Finding, Severity};
use crate::platform::{Platform, System};
use crate::secret::Secrets;
use crate::text;

/// Writes lines of which none can be taken for a command of the CI, unless it is meant as one.
pub(crate) struct Log<'o> {
    out: &'o mut dyn Write,
    system: System,
    colour: bool,
    secrets: Secrets,
}

#[derive(Clone, Copy)]
enum Colour {
    Red,
    Yellow,
    Green,
    Blue,
    Dim,
}

impl Colour {
    const fn code(self) -> &'static str {
        match self {
            Self::Red => "31",
            Self::Yellow => "33",
            Self::Green => "32",
            Self::Blue => "34",
            Self::Dim => "2",
        }
    }
}

impl<'o> Log<'o> {
    /// Starts the log. On GitHub its first lines make the runner mask the secrets.
    pub(crate) fn start(out: &'o mut dyn Write, platform: &Platform, env: &Env, secrets: &Secrets) -> Self {
        let forced = env.get("FORCE_COLOR").is_some_and(|value| value != "0");
        let shows = match platform.system {
            System::GitHub | System::GitLab => true,
            System::Plain => env.stdout_is_terminal(),
        };
        let colour = forced || (shows && env.get("NO_COLOR").is_none() && env.get("TERM") != Some("dumb"));
        let mut log = Self { out, system: platform.system, colour, secrets: secrets.clone() };
        if platform.system == System::GitHub {
            for command in github::mask_commands(secrets) {
                log.raw(&command);
            }
        }
        log
    }

    /// Writes a line of ours, which may hold foreign text.
    pub(crate) fn line(&mut self, line: &str) {
        let line = self.secrets.mask(&text::defuse(&text::clean_line(line)));
        // A blank would not keep a runner from taking the line for a command: it trims.
        let guard = if line.trim_start().starts_with("::") { "· " } else { "" };
        self.raw(&format!("{guard}{line}"));
    }

    /// A line a function as it ends: `[12/100] ✓ name 1.2.3 published`.
    pub(crate) fn progress(&mut self, done: usize, all: usize, function: &FunctionReport) {
        if all > 1 {
            let width = all.to_string().len();
            let head = head(function);
            self.line(&format!("[{done:>width$}/{all}] {head}"));
        }
    }

    /// Tells what became of every function, in order; of many that are well, a line each is enough.
    pub(super) fn report(&mut self, report: &Report) {
        for function in &report.functions {
            let is_quiet = function.findings.iter().all(|finding| finding.severity == Severity::Notice);
            if report.functions.len() == 1 || !is_quiet || function.request.is_some() || self.folds() {
                self.function(function);
            }
        }
        for finding in &report.findings {
            self.finding(finding);
        }
    }

    fn function(&mut self, function: &FunctionReport) {
        let colour = match function.status {
            Status::Published | Status::Draft => Colour::Green,
            Status::Unchanged | Status::Skipped | Status::DryRun => Colour::Blue,
            Status::Unconfirmed => Colour::Yellow,
            Status::Failed => Colour::Red,
        };
        let details = details(function);
        let folded = self.folds() && !details.is_empty();
        self.open(&head(function), colour, &function.directory, folded);
        for (name, value) in details {
            for (number, line) in value.lines().enumerate() {
                let label = if number == 0 { name } else { "" };
                self.indented(&format!("{label:<8}"), Colour::Dim, line);
            }
        }
        if folded {
            self.close(&function.directory);
        }
        for finding in &function.findings {
            self.finding(finding);
        }
    }

    fn finding(&mut self, finding: &Finding) {
        let colour = match finding.severity {
            Severity::Error => Colour::Red,
            Severity::Warning => Colour::Yellow,
            Severity::Notice => Colour::Blue,
        };
        let place = finding.place.as_ref().map(|place| match place.span {
            Some(span) => format!(" {}:{}:{}", place.file, span.line, span.column),
            None => format!(" {}", place.file),
        });
        let head = format!("{} {}", finding.severity.word(), finding.code.name());
        self.indented(&head, colour, &place.unwrap_or_default());
        for line in text::clean(&finding.message).lines() {
            self.indented("  │", Colour::Dim, line);
        }
        for line in text::clean(&finding.hint).lines() {
            self.indented("  └", Colour::Dim, line);
        }
    }

    /// GitHub's annotations, which the runner takes out of the log.
    pub(super) fn annotate(&mut self, report: &Report) {
        for command in github::annotations(report) {
            self.raw(&command);
        }
    }

    /// The last line: the sum, and who must act.
    pub(super) fn conclude(&mut self, report: &Report) {
        let (colour, act) = match report.exit_code() {
            0 => (Colour::Green, None),
            1 => (Colour::Red, Some("exit code 1: the function's author must act")),
            2 => (Colour::Red, Some("exit code 2: the pipeline's owner must act")),
            3 => (Colour::Red, Some("exit code 3: the Hub's operator must act")),
            _ => (Colour::Yellow, Some("exit code 4: nobody must act, run it again")),
        };
        let parts: Vec<_> = [Some(report.tally()), act.map(str::to_owned)].into_iter().flatten().collect();
        let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let line = self.paint(colour, &self.secrets.mask(&parts.join("; ")));
        if !line.is_empty() && (report.functions.len() > 1 || act.is_some()) {
            self.raw(&line);
        }
        if act.is_some() {
            self.line(&format!("every code is explained at {DOCUMENTATION}"));
        }
        let _ = self.out.flush();
    }

    fn folds(&self) -> bool {
        match self.system {
            System::GitHub | System::GitLab => true,
            System::Plain => false,
        }
    }

    /// A function's own line; where the CI can fold, what follows is folded under it.
    fn open(&mut self, title: &str, colour: Colour, directory: &str, folded: bool) {
        let title = self.secrets.mask(&text::defuse(&text::clean_line(title)));
        let painted = self.paint(colour, &title);
        match self.system {
            System::GitHub if folded => self.raw(&format!("::group::{title}")),
            System::GitLab if folded => {
                let start = format!("section_start:{}:{}[collapsed=true]", now(), section(directory));
                self.raw(&format!("\x1b[0K{start}\r\x1b[0K{painted}"));
            }
            System::GitHub | System::GitLab | System::Plain => self.raw(&painted),
        }
    }

    fn close(&mut self, directory: &str) {
        match self.system {
            System::GitHub => self.raw("::endgroup::"),
            System::GitLab => {
                self.raw(&format!("\x1b[0Ksection_end:{}:{}\r\x1b[0K", now(), section(directory)))
            }
            System::Plain => {}
        }
    }

    fn indented(&mut self, label: &str, colour: Colour, foreign: &str) {
        let foreign = self.secrets.mask(&text::defuse(&text::clean_line(foreign)));
        let label = self.paint(colour, label);
        self.raw(format!("  {label} {foreign}").trim_end());
    }

    fn paint(&self, colour: Colour, text: &str) -> String {
        if self.colour && !text.is_empty() {
            format!("\x1b[{}m{text}\x1b[0m", colour.code())
        } else {
            text.to_owned()
        }
    }

    /// A line as it is. Nobody is left to tell if the log itself can't be written.
    fn raw(&mut self, line: &str) {
        let _ = writeln!(self.out, "{line}");
    }
}

fn head(function: &FunctionReport) -> String {
    format!("{} {} {}", function.status.mark(), function.title(), function.outcome())
}

/// What is worth knowing of a function, each with its name.
fn details(function: &FunctionReport) -> Vec<(&'static str, String)> {
    let mut details = Vec::new();
    let links = [("page", &function.url), ("edit", &function.admin_url)];
    for (name, link) in links {
        details.extend(link.iter().map(|link| (name, link.clone())));
    }
    let is_sent = match function.status {
        Status::Published | Status::Draft | Status::DryRun | Status::Unconfirmed => true,
        Status::Unchanged | Status::Skipped | Status::Failed => false,
    };
    if is_sent {
        let files = function.files.iter().map(|file| {
            let hash = text::shorten(&file.sha256, 12);
            format!("{} ({}, {hash})", file.path, text::count(file.bytes, "byte"))
        });
        details.push(("files", files.collect::<Vec<_>>().join("\n")));
        details.extend(function.digest.iter().map(|digest| ("digest", digest.clone())));
    }
    details.extend(function.request.iter().map(|request| ("request", request.clone())));
    details
}

/// A section's name, of the characters that GitLab allows.
fn section(directory: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    format!("aerostack_{}", directory.chars().map(plain).collect::<String>())
}

/// Seconds since 1970, as GitLab counts a section's time.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}
