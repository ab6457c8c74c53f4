//! The log: what a person reads while the job runs and after it.

use std::io::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use super::{DOCUMENTATION, FunctionReport, Report, Status, azure, github};
use crate::finding::{Finding, Severity};
use crate::secret::Secrets;
use crate::settings::ci::{Ci, System};
use crate::settings::env::Env;
use crate::text;

/// Writes lines of which none can be taken for a command of the CI, unless it is meant as one.
pub(crate) struct Log<'o> {
    out: &'o mut dyn Write,
    system: System,
    colour: bool,
    secrets: Secrets,
    /// Sections opened so far: their number makes the next one's name unique.
    sections: usize,
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

    const fn of_status(status: Status) -> Self {
        match status {
            Status::Published | Status::Draft => Self::Green,
            Status::Unchanged | Status::Skipped | Status::DryRun => Self::Blue,
            Status::Unconfirmed => Self::Yellow,
            Status::Failed => Self::Red,
        }
    }

    const fn of_severity(severity: Severity) -> Self {
        match severity {
            Severity::Error => Self::Red,
            Severity::Warning => Self::Yellow,
            Severity::Notice => Self::Blue,
        }
    }
}

impl<'o> Log<'o> {
    /// Starts the log. Where the CI can mask secrets, its first lines tell it to.
    pub(crate) fn start(out: &'o mut dyn Write, platform: &Ci, env: &Env, secrets: &Secrets) -> Self {
        let forced = env.get("FORCE_COLOR").is_some_and(|value| value != "0");
        let shows = match platform.system {
            System::GitHub | System::GitLab | System::Azure => true,
            System::Plain => env.stdout_is_terminal(),
        };
        let colour = forced || (shows && env.get("NO_COLOR").is_none() && env.get("TERM") != Some("dumb"));
        let mut log = Self { out, system: platform.system, colour, secrets: secrets.clone(), sections: 0 };
        match platform.system {
            System::GitHub => log.commands(github::mask_commands(secrets)),
            System::Azure => log.commands(azure::mask_commands(secrets)),
            System::GitLab | System::Plain => {}
        }
        log
    }

    /// A line a function as it ends: `[12/100] ✓ name 1.2.3 published`. Where the CI can fold, the details are under it.
    pub(crate) fn progress(&mut self, done: usize, all: usize, function: &FunctionReport) {
        if all == 1 {
            return;
        }
        let width = all.to_string().len();
        let title = format!("[{done:>width$}/{all}] {}", head(function));
        let colour = Colour::of_status(function.status);
        if !self.folds() || !function.status.is_sent() {
            return self.text(colour, &title);
        }
        let section = self.open(&title, colour);
        self.details(details(function));
        self.close(&section);
    }

    /// Tells what became of the functions, in order; of many, only what is not told yet and worth a word.
    pub(super) fn report(&mut self, report: &Report) {
        let is_one = report.functions.len() == 1;
        for function in &report.functions {
            let is_quiet = function.findings.iter().all(|finding| finding.severity == Severity::Notice);
            let shows_request = function.request.is_some() && !self.folds();
            if is_one || !is_quiet || shows_request {
                self.text(Colour::of_status(function.status), &head(function));
                if is_one || !self.folds() {
                    self.details(details(function));
                }
                function.findings.iter().for_each(|finding| self.finding(finding));
            }
        }
        report.findings.iter().for_each(|finding| self.finding(finding));
    }

    /// One finding: what, where, and how to mend it.
    pub(super) fn finding(&mut self, finding: &Finding) {
        let colour = Colour::of_severity(finding.severity);
        let location = finding.location.as_ref().map_or(String::new(), ToString::to_string);
        self.labelled(&format!("{} {}", finding.severity.word(), finding.code.name()), colour, &location);
        for (mark, text) in [("  │", &finding.message), ("  └", &finding.hint)] {
            text::clean(text).lines().for_each(|line| self.labelled(mark, Colour::Dim, line));
        }
    }

    /// Lines that the CI is to take for commands.
    pub(super) fn commands(&mut self, commands: impl IntoIterator<Item = String>) {
        commands.into_iter().for_each(|command| self.command(&command));
    }

    /// The last lines: the sum, and who must act.
    pub(super) fn conclude(&mut self, report: &Report) {
        let code = report.exit_code();
        let (colour, act) = match code {
            0 => (Colour::Green, None),
            1 => (Colour::Red, Some("the function's author must act")),
            2 => (Colour::Red, Some("the pipeline's owner must act")),
            3 => (Colour::Red, Some("the Hub's operator must act")),
            _ => (Colour::Yellow, Some("nobody must act, run it again")),
        };
        let tally = Some(report.tally()).filter(|_| report.functions.len() > 1);
        let act = act.map(|act| format!("exit code {code}: {act}"));
        let is_failure = act.is_some();
        let sum: Vec<_> = [tally, act].into_iter().flatten().collect();
        if !sum.is_empty() {
            self.text(colour, &sum.join("; "));
        }
        if is_failure {
            self.text(Colour::Dim, &format!("every code is explained at {DOCUMENTATION}"));
        }
        let _ = self.out.flush();
    }

    fn details(&mut self, details: Vec<(&str, String)>) {
        for (name, value) in details {
            for (number, line) in value.lines().enumerate() {
                let label = if number == 0 { name } else { "" };
                self.labelled(&format!("{label:<7}"), Colour::Dim, line);
            }
        }
    }

    fn folds(&self) -> bool {
        match self.system {
            System::GitHub | System::GitLab => true,
            System::Azure | System::Plain => false,
        }
    }

    /// Opens a folded part of the log, and gives its name.
    fn open(&mut self, title: &str, colour: Colour) -> String {
        self.sections += 1;
        let section = format!("aerostack_{}", self.sections);
        let title = self.paint(colour, &self.harmless(title));
        match self.system {
            System::GitHub => self.command(&format!("::group::{}", github::escape_data(&title))),
            System::GitLab => {
                let start = format!("section_start:{}:{section}[collapsed=true]", now());
                self.command(&format!("\x1b[0K{start}\r\x1b[0K{title}"));
            }
            System::Azure | System::Plain => self.command(&title),
        }
        section
    }

    fn close(&mut self, section: &str) {
        match self.system {
            System::GitHub => self.command("::endgroup::"),
            System::GitLab => self.command(&format!("\x1b[0Ksection_end:{}:{section}\r\x1b[0K", now())),
            System::Azure | System::Plain => {}
        }
    }

    fn labelled(&mut self, label: &str, colour: Colour, text: &str) {
        let (label, text) = (self.paint(colour, label), self.harmless(text));
        self.guarded(&format!("  {label} {text}"));
    }

    fn text(&mut self, colour: Colour, text: &str) {
        let text = self.paint(colour, &self.harmless(text));
        self.guarded(&text);
    }

    /// Text that may be foreign, on one line, as it may be shown.
    fn harmless(&self, text: &str) -> String {
        text::defuse(&self.secrets.mask(&text::clean_line(text)))
    }

    fn paint(&self, colour: Colour, text: &str) -> String {
        if self.colour && !text.trim().is_empty() {
            format!("\x1b[{}m{text}\x1b[0m", colour.code())
        } else {
            text.to_owned()
        }
    }

    /// A line that is no command, whatever it holds. A blank would not keep a runner from taking it for one: it trims.
    fn guarded(&mut self, line: &str) {
        let guard = if line.trim_start().starts_with("::") { "· " } else { "" };
        self.command(&format!("{guard}{}", line.trim_end()));
    }

    /// A line as it is. Nobody is left to tell if the log itself can't be written.
    fn command(&mut self, line: &str) {
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
    if function.status.is_sent() {
        let files = function.files.iter().map(|file| {
            let hash = text::shorten(&file.sha256, 12);
            format!("{} ({}, {hash})", text::clean_line(&file.path), text::count(file.bytes, "byte"))
        });
        details.push(("files", files.collect::<Vec<_>>().join("\n")));
        details.extend(function.digest.iter().map(|digest| ("digest", digest.clone())));
    }
    let is_shown = function.status.is_sent();
    details.extend(function.advice.iter().filter(|_| is_shown).map(|advice| ("changes", advice.clone())));
    details.extend(function.request.iter().map(|request| ("request", request.clone())));
    details
}

/// Seconds since 1970, as GitLab counts a section's time.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_looks_like_a_command_is_none() {
        let env = Env::of("/", [("GITHUB_ACTIONS", "true"), ("NO_COLOR", "1")]);
        let mut out = Vec::new();
        let mut log = Log::start(&mut out, &Ci::of(&env), &env, &Secrets::default());
        log.details(vec![("files", "index.ts\n::error::pwned".to_owned())]);
        log.text(Colour::Red, "\u{a0}::error::pwned");
        let told = String::from_utf8(out).unwrap();
        let lines: Vec<_> = told.lines().collect();
        assert_eq!(lines[0], "  files   index.ts");
        assert!(lines[1..].iter().all(|line| line.starts_with("· ")), "{told}");
        assert_eq!(lines.len(), 3);
    }
}
