//! The log: what a person reads while the job runs and after it.

use std::collections::HashSet;
use std::io::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::finding::{EXIT_CODES, Finding};
use crate::outcome::{FunctionOutcome, RunOutcome};
use crate::report::snippet::Snippet;
use crate::settings::ci::System;
use crate::status::Status;
use crate::text::{self, Color};

/// How many bytes of lines are written together: to write each on its own takes longer than to make it.
const CHUNK: usize = 16 << 10;

/// Writes lines of which a CI takes none for a command, unless it is meant as one.
pub(crate) struct Log<'o> {
    out: &'o mut dyn Write,
    /// Lines that are not yet written.
    waiting: String,
    system: System,
    color: bool,
    /// The command by which this CI prints a finding itself, where it does.
    issue: fn(&Finding) -> Option<String>,
    /// Sections opened so far: the number makes the name of the next one unique.
    sections: usize,
    /// The directories of the functions whose end was shown.
    ended: HashSet<String>,
}

impl<'o> Log<'o> {
    pub(super) fn new(
        out: &'o mut dyn Write,
        system: System,
        color: bool,
        issue: fn(&Finding) -> Option<String>,
    ) -> Self {
        Self { out, waiting: String::new(), system, color, issue, sections: 0, ended: HashSet::new() }
    }

    /// One line per function as it ends: `[12/100] ✓ name 1.2.3 published`, with the details folded under it where the CI
    /// can fold. Of a single function, all is shown at the end.
    pub(crate) fn progress(&mut self, done: usize, total: usize, function: &FunctionOutcome) {
        if total == 1 {
            return;
        }
        self.ended.insert(function.directory.clone());
        let width = total.to_string().len();
        let title = format!("[{done:>width$}/{total}] {}", heading(function));
        let row = function.status.row();
        if self.folds() && row.is_sent {
            let section = self.open(&title, row.color);
            self.details(details(function));
            self.close(&section);
        } else {
            self.line(row.color, &title);
        }
        self.write();
    }

    /// A publish request that begins.
    pub(crate) fn sending(&mut self, title: &str) {
        self.line(Color::Dim, &format!("sending {title} …"));
        self.write();
        let _ = self.out.flush();
    }

    /// The findings of the run, then the functions in order, each with its own; of several functions, only those that were
    /// not shown completely before. Then what several functions have in common.
    pub(super) fn outcome(&mut self, outcome: &RunOutcome) {
        outcome.findings.iter().for_each(|finding| self.finding(finding));
        let is_single = outcome.functions.len() == 1;
        let folds = self.folds();
        for function in &outcome.functions {
            let is_quiet = outcome.own_findings(function).next().is_none();
            let shows_request = function.request.is_some() && !folds;
            // What was sent, and ended only with the run: after a signal.
            let is_new = function.status.row().is_sent && !self.ended.contains(&function.directory);
            if is_single || !is_quiet || shows_request || is_new {
                self.line(function.status.row().color, &heading(function));
                if is_single || !folds || is_new {
                    self.details(details(function));
                }
                outcome.own_findings(function).for_each(|finding| self.finding(finding));
            }
        }
        outcome.shared_findings().for_each(|finding| self.finding(finding));
        self.write();
    }

    /// One finding: what, where, and how to fix it.
    pub(super) fn finding(&mut self, finding: &Finding) {
        let severity = finding.severity.row();
        let location = finding.location.as_ref().map_or(String::new(), ToString::to_string);
        self.labeled(&format!("{} {}", severity.word, finding.code.name()), severity.color, &location);
        let issue = (self.issue)(finding);
        let message = if issue.is_some() { String::new() } else { text::clean(&finding.message) };
        let mut message = message.lines();
        let snippet = Snippet::of(finding);
        let margin = snippet.as_ref().map_or(1, |snippet| snippet.number.to_string().len());
        if let Some(Snippet { number, line, indent, width }) = snippet {
            self.labeled(&format!("{number} │"), Color::Dim, &line);
            let carets = self.paint(severity.color, &"^".repeat(width));
            let text = format!("{:indent$}{carets} {}", "", harmless(message.next().unwrap_or_default()));
            let bar = self.paint(Color::Dim, &format!("{:margin$} │", ""));
            self.raw(format!("  {bar} {text}").trim_end());
        }
        if let Some(issue) = issue {
            return self.raw(&issue);
        }
        message.for_each(|line| self.labeled(&format!("{:margin$} │", ""), Color::Dim, line));
        let hint = text::clean(&finding.hint);
        hint.lines().for_each(|line| self.labeled(&format!("{:margin$} └", ""), Color::Dim, line));
    }

    /// Lines that the CI is to take for commands.
    pub(super) fn commands(&mut self, commands: impl IntoIterator<Item = String>) {
        commands.into_iter().for_each(|command| self.raw(&command));
        self.write();
    }

    /// Commands that the CI also prints, folded away.
    pub(super) fn folded(&mut self, title: &str, commands: Vec<String>) {
        if !commands.is_empty() {
            let section = self.open(title, Color::Dim);
            self.commands(commands);
            self.close(&section);
        }
    }

    /// The last lines: the counts, and what to do.
    pub(super) fn conclusion(&mut self, outcome: &RunOutcome) {
        let code = outcome.exit_code();
        let color = match code {
            0 => Color::Green,
            4 => Color::Yellow,
            _ => Color::Red,
        };
        let tally = Some(outcome.tally()).filter(|_| outcome.functions.len() > 1);
        let failure = EXIT_CODES.iter().find(|row| row.code == code && code != 0);
        let action = failure.map(|row| format!("exit code {code}: {}", row.action));
        let parts: Vec<_> = [tally, action].into_iter().flatten().collect();
        if !parts.is_empty() {
            self.line(color, &parts.join("; "));
        }
        if let Some(error) = outcome.shown_findings().find(|finding| finding.is_error()) {
            self.line(Color::Dim, &format!("documentation: {}", error.code.url()));
        }
        if outcome.cancelled.is_some() {
            self.line(color, &format!("cancelled; {}", after_cancelling(outcome)));
        }
        self.write();
        let _ = self.out.flush();
    }

    fn details(&mut self, details: Vec<(&str, String)>) {
        for (name, value) in details {
            for (number, line) in value.lines().enumerate() {
                let label = if number == 0 { name } else { "" };
                self.labeled(&format!("{label:<7}"), Color::Dim, line);
            }
        }
    }

    /// Whether this CI shows parts of a log folded.
    fn folds(&self) -> bool {
        self.system.folds()
    }

    /// Opens a folded part of the log, and returns its name.
    fn open(&mut self, title: &str, color: Color) -> String {
        self.sections += 1;
        let section = format!("aerostack_{}", self.sections);
        let title = self.paint(color, &harmless(title));
        match self.system {
            // GitHub documentation, "Workflow commands".
            System::GitHub => self.raw(&format!("::group::{}", title.replace('%', "%25"))),
            // GitLab documentation, "Custom collapsible sections".
            System::GitLab => {
                let start = format!("section_start:{}:{section}[collapsed=true]", unix_time());
                self.raw(&format!("\x1b[0K{start}\r\x1b[0K{title}"));
            }
            System::Azure | System::Plain => self.raw(&title),
        }
        section
    }

    fn close(&mut self, section: &str) {
        match self.system {
            System::GitHub => self.raw("::endgroup::"),
            System::GitLab => self.raw(&format!("\x1b[0Ksection_end:{}:{section}\r\x1b[0K", unix_time())),
            System::Azure | System::Plain => {}
        }
    }

    /// A line after a label. Without one, the text is the start of the line.
    fn labeled(&mut self, label: &str, color: Color, text: &str) {
        let text = harmless(text);
        let text = if label.trim().is_empty() { text::defuse_start(&text) } else { text };
        let label = self.paint(color, label);
        self.raw(format!("  {label} {text}").trim_end());
    }

    fn line(&mut self, color: Color, text: &str) {
        let text = self.paint(color, &text::defuse_start(&harmless(text)));
        self.raw(text.trim_end());
    }

    fn paint(&self, color: Color, text: &str) -> String {
        if self.color && !text.trim().is_empty() { color.paint(text) } else { text.to_owned() }
    }

    /// A line as it is.
    fn raw(&mut self, line: &str) {
        self.waiting.push_str(line);
        self.waiting.push('\n');
        if self.waiting.len() > CHUNK {
            self.write();
        }
    }

    /// Writes the lines that wait. If the log itself can't be written, there is no one left to report it to.
    fn write(&mut self) {
        let _ = self.out.write_all(self.waiting.as_bytes());
        self.waiting.clear();
    }
}

impl Drop for Log<'_> {
    fn drop(&mut self) {
        self.write();
    }
}

/// Text that may be foreign, on one line, without the marks of commands.
fn harmless(text: &str) -> String {
    text::defuse(&text::clean_line(text))
}

/// What to know after a run that was cancelled.
fn after_cancelling(outcome: &RunOutcome) -> String {
    let is_open = |function: &&FunctionOutcome| function.status == Status::Unconfirmed;
    let open: Vec<_> = outcome.functions.iter().filter(is_open).map(FunctionOutcome::title).collect();
    match open.as_slice() {
        [] if outcome.status() == Status::Failed => "nothing more was sent: run again".to_owned(),
        [] => "everything was done before".to_owned(),
        [only] => format!("{only} may be published: run again, it reads first"),
        [first, others @ ..] => {
            let others = text::count(others.len(), "more function");
            format!("{first} and {others} may be published: run again, it reads first")
        }
    }
}

fn heading(function: &FunctionOutcome) -> String {
    format!("{} {} {}", function.status.row().mark, function.title(), function.phrase())
}

/// The facts about a function, each with its name.
fn details(function: &FunctionOutcome) -> Vec<(&'static str, String)> {
    let mut details = Vec::new();
    details.extend(function.page().map(|url| ("page", url.to_owned())));
    details.extend(function.admin_url.iter().map(|url| ("edit", url.clone())));
    if function.status.row().is_sent {
        let files = function.files.iter().map(|file| {
            let hash = text::shorten(&file.sha256, 12);
            format!("{} ({}, {hash})", text::clean_line(&file.path), text::count(file.bytes, "byte"))
        });
        details.push(("files", files.collect::<Vec<_>>().join("\n")));
        details.extend(function.digest.iter().map(|digest| ("digest", digest.clone())));
        details.extend(function.advice.iter().map(|advice| ("changes", advice.clone())));
    }
    details.extend(function.request.iter().map(|request| ("request", request.clone())));
    details
}

fn unix_time() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_looks_like_a_command_is_not_one() {
        let mut out = Vec::new();
        let mut log = Log::new(&mut out, System::GitHub, false, |_| None);
        log.details(vec![("files", "index.ts\n::error::pwned".to_owned())]);
        log.line(Color::Red, "\u{a0}::error::pwned");
        drop(log);
        let written = String::from_utf8(out).unwrap();
        let lines: Vec<_> = written.lines().collect();
        assert_eq!(lines[0], "  files   index.ts");
        assert!(lines[1..].iter().all(|line| line.trim_start().starts_with("· ")), "{written}");
        assert_eq!(lines.len(), 3);
    }
}
