//! What became of a function, and of the run: built once, and serialised as it is for the JSON report.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::cancellation::Signal;
use crate::finding::{Code, Finding, Owner, Severity};
use crate::outputs::{OUTPUTS, RESULT, is_plain, is_plain_url};
use crate::release::decision::Decision;
use crate::release::history::ReleaseType;
use crate::release::plan::Target;
use crate::secret::Secrets;
use crate::shared_findings::SharedFindings;
use crate::source::{Location, SourceFile};
use crate::status::Status;
use crate::text;

/// Longest message or hint, in characters: the Hub's own words (4,000 at most) and ours around them.
const MAX_PROSE: usize = 5_000;

/// Longest name, version, id or address, in characters: a longer one is a mistake or an attack.
const MAX_NAME: usize = 1_000;

/// The version of the JSON report's shape; raised only with a major version.
pub(crate) const SCHEMA: u32 = 1;

/// One file of which something is sent, as it is on disk.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SentFile {
    pub(crate) path: String,
    pub(crate) bytes: usize,
    pub(crate) sha256: String,
}

impl From<&SourceFile> for SentFile {
    fn from(file: &SourceFile) -> Self {
        Self { path: file.path.clone(), bytes: file.size(), sha256: file.sha256() }
    }
}

/// What became of one function. Its fields are the JSON report's, in this order.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct FunctionOutcome {
    pub(crate) directory: String,
    /// As in the manifest; for people only.
    #[serde(skip)]
    pub(crate) written_name: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) slug: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) previous_version: Option<String>,
    pub(crate) release_type: ReleaseType,
    pub(crate) target: Target,
    /// `None` where it was not compared with what is published.
    pub(crate) decision: Option<Decision>,
    pub(crate) status: Status,
    pub(crate) published: bool,
    /// Whether exactly this content is live under this version, whoever sent it.
    pub(crate) live: bool,
    pub(crate) id: Option<String>,
    pub(crate) url: Option<String>,
    pub(crate) admin_url: Option<String>,
    pub(crate) digest: Option<String>,
    pub(crate) files: Vec<SentFile>,
    pub(crate) findings: Vec<Finding>,
    /// What changes for users and the lowest version that fits, in a few words; for people only.
    #[serde(skip)]
    pub(crate) advice: Option<String>,
    /// Lines of users' code that no longer compile; for people only.
    #[serde(skip)]
    pub(crate) broken_code: Vec<String>,
    /// The request of a dry run; for people only.
    #[serde(skip)]
    pub(crate) request: Option<String>,
    /// Why it was skipped, if it was; for people only.
    #[serde(skip)]
    pub(crate) skip_reason: &'static str,
    /// Whether it is no part of this run: it counts for none of the run's outputs.
    #[serde(skip)]
    pub(crate) is_left_out: bool,
}

impl FunctionOutcome {
    /// The status of a function that was never sent: what its findings make of it.
    pub(crate) fn status_of(findings: &[Finding]) -> Status {
        let errors: Vec<_> = findings.iter().filter(|finding| finding.is_error()).collect();
        if errors.is_empty() {
            Status::Skipped
        } else if errors.iter().all(|finding| finding.code == Code::Unconfirmed) {
            Status::Unconfirmed
        } else {
            Status::Failed
        }
    }

    /// Whether the Hub gave this run no access: it would give none to any other function either.
    pub(crate) fn is_denied(&self) -> bool {
        self.findings.iter().any(|finding| finding.is_error() && finding.owner == Owner::Pipeline)
    }

    /// Name and version as people read them; the directory where there is no name.
    pub(crate) fn title(&self) -> String {
        let name = self.written_name.as_deref().unwrap_or(&self.directory);
        self.version.as_ref().map_or(name.to_owned(), |version| format!("{name} {version}"))
    }

    /// What happened, in words: `published (minor, after 1.0.0)`.
    pub(crate) fn phrase(&self) -> String {
        let row = self.status.row();
        if self.status == Status::Skipped {
            return format!("{}: {}", row.phrase, self.skip_reason);
        }
        let is_release = row.is_sent && self.status != Status::Unconfirmed;
        match (self.release_type, &self.previous_version) {
            (ReleaseType::First, _) if is_release => format!("{} (first release)", row.phrase),
            (ReleaseType::None, _) => row.phrase.to_owned(),
            (kind, Some(previous)) if is_release => {
                format!("{} ({}, after {previous})", row.phrase, kind.word())
            }
            _ => row.phrase.to_owned(),
        }
    }

    /// The function's page on the Hub. A draft of a function that was never published has none.
    pub(crate) fn page(&self) -> Option<&str> {
        let is_there = self.status != Status::Draft || self.previous_version.is_some();
        self.url.as_deref().filter(|_| is_there)
    }

    /// Fit for every sink: without secrets, then without control characters, then of bounded length. Outputs are used in
    /// scripts: what is not plainly a name, a version, an ID or an address is not one of them.
    pub(crate) fn sanitized(self, secrets: &Secrets) -> Self {
        let redacted = |text: String| secrets.redacted(&text);
        let short = |text: String| text::shorten(&text::clean_line(&redacted(text)), MAX_NAME);
        let name = |text: Option<String>| text.map(short).filter(|text| is_plain(text));
        let link = |text: Option<String>| text.map(short).filter(|text| is_plain_url(text));
        let file = |file: SentFile| SentFile { path: redacted(file.path), ..file };
        Self {
            directory: redacted(self.directory),
            written_name: self.name.clone().map(short),
            name: name(self.name),
            slug: name(self.slug),
            version: name(self.version),
            previous_version: name(self.previous_version),
            id: name(self.id),
            url: link(self.url),
            admin_url: link(self.admin_url),
            files: self.files.into_iter().map(file).collect(),
            findings: sanitized_findings(self.findings, secrets),
            advice: self.advice.map(redacted),
            broken_code: self.broken_code.into_iter().map(redacted).collect(),
            request: self.request.map(redacted),
            ..self
        }
    }
}

/// What became of a run.
#[derive(Debug, Default)]
pub(crate) struct RunOutcome {
    /// Findings of the run itself.
    pub(crate) findings: Vec<Finding>,
    pub(crate) functions: Vec<FunctionOutcome>,
    /// Findings that several functions have in common, for people: each once.
    shared: SharedFindings,
    /// The signal that ended the run before it was done.
    pub(crate) cancelled: Option<Signal>,
}

impl RunOutcome {
    /// The outcome of the run, of functions that are sanitized already.
    pub(crate) fn new(
        findings: Vec<Finding>,
        functions: Vec<FunctionOutcome>,
        cancelled: Option<Signal>,
        secrets: &Secrets,
    ) -> Self {
        let of_functions =
            functions.iter().map(|function| (function.directory.as_str(), function.findings.as_slice()));
        let shared = SharedFindings::of(of_functions);
        Self { findings: sanitized_findings(findings, secrets), functions, shared, cancelled }
    }

    /// What is true of a run that never came to its end.
    pub(crate) fn unfinished() -> Self {
        let message = "this run did not end: it was killed, or is still going on";
        Self { findings: vec![Finding::new(Code::Unconfirmed, message)], ..Self::default() }
    }

    /// Adds a finding of the run.
    pub(crate) fn add(&mut self, finding: Finding, secrets: &Secrets) {
        self.findings.extend(sanitized_findings(vec![finding], secrets));
    }

    /// Every finding, those of the run first, then by function.
    fn all_findings(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().chain(self.functions.iter().flat_map(|function| &function.findings))
    }

    /// The findings that people read: those of the run, those that several functions have in common, then those of each.
    pub(crate) fn shown_findings(&self) -> impl Iterator<Item = &Finding> {
        let of_functions = self.functions.iter().flat_map(|function| self.own_findings(function));
        self.findings.iter().chain(self.shared_findings()).chain(of_functions)
    }

    /// Of these, the ones that several functions have in common.
    pub(crate) fn shared_findings(&self) -> impl Iterator<Item = &Finding> {
        self.shared.findings.iter()
    }

    /// Of these, the ones of one function.
    pub(crate) fn own_findings<'o>(
        &'o self,
        function: &'o FunctionOutcome,
    ) -> impl Iterator<Item = &'o Finding> {
        function.findings.iter().filter(|finding| !self.shared.holds(finding))
    }

    /// The findings of a severity to show where GitHub shows `max` entries per step, those at a line first, and a note about
    /// those that are left out: one entry is kept for it.
    pub(crate) fn most_relevant(&self, severity: Severity, max: usize) -> (Vec<&Finding>, Option<String>) {
        let mut findings: Vec<_> =
            self.shown_findings().filter(|finding| finding.severity == severity).collect();
        findings.sort_by_key(|finding| !finding.is_exact());
        let total = findings.len();
        if total > max {
            findings.truncate(max - 1);
        }
        let note = (total > max).then(|| {
            let more = text::count(total - findings.len(), &format!("more {}", severity.row().word));
            format!("{more}: GitHub shows {max} per step; the log and the summary show all")
        });
        (findings, note)
    }

    /// The functions that this run is about.
    fn functions_meant(&self) -> impl Iterator<Item = &FunctionOutcome> {
        self.functions.iter().filter(|function| !function.is_left_out)
    }

    /// The only one of them; `None` if there are several, or none.
    pub(crate) fn only_function(&self) -> Option<&FunctionOutcome> {
        let mut meant = self.functions_meant();
        meant.next().filter(|_| meant.next().is_none())
    }

    pub(crate) fn published(&self) -> bool {
        self.functions.iter().any(|function| function.published)
    }

    /// Whether every function that is meant is live with exactly this content and version.
    pub(crate) fn live(&self) -> bool {
        let mut meant = self.functions_meant().peekable();
        meant.peek().is_some() && meant.all(|function| function.live)
    }

    /// The worst status of all functions that are meant, and of what is wrong with the run itself.
    pub(crate) fn status(&self) -> Status {
        let has_error = self.findings.iter().any(Finding::is_error);
        let of_run = has_error.then(|| FunctionOutcome::status_of(&self.findings));
        let worst = self.functions_meant().map(|function| function.status).chain(of_run).max();
        worst.unwrap_or(if self.functions.is_empty() { Status::Failed } else { Status::Skipped })
    }

    /// The exit code: that of the signal which ended the run, 0 without errors, else that of the first owner who has one.
    pub(crate) fn exit_code(&self) -> u8 {
        if let Some(signal) = self.cancelled {
            return signal.exit_code();
        }
        let has_error =
            |owner: &Owner| self.all_findings().any(|finding| finding.is_error() && finding.owner == *owner);
        Owner::BY_PRECEDENCE.into_iter().find(has_error).map_or(0, |owner| owner as u8)
    }

    /// The values of all outputs but `result`, by name. Of several functions, those of a single one are empty.
    pub(crate) fn outputs(&self) -> Vec<(&'static str, String)> {
        let only = self.only_function().and_then(|function| serde_json::to_value(function).ok());
        let of_function = |name: &str| match only.as_ref()?.get(name.replace('-', "_"))? {
            Value::String(text) => Some(text.clone()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
        };
        let value = |name: &str| match name {
            "published" => self.published().to_string(),
            "live" => self.live().to_string(),
            "status" => self.status().row().word.to_owned(),
            name => of_function(name).unwrap_or_default(),
        };
        let names = OUTPUTS.iter().map(|output| output.name).filter(|name| *name != RESULT);
        names.map(|name| (name, value(name))).collect()
    }

    /// How many functions have each status: `2 failed, 1 published, 12 drafts`.
    pub(crate) fn tally(&self) -> String {
        let counted = Status::MOST_URGENT_FIRST.iter().filter_map(|status| {
            let number = self.functions.iter().filter(|function| function.status == *status).count();
            let [one, several] = status.row().counted;
            (number > 0).then(|| format!("{number} {}", if number == 1 { one } else { several }))
        });
        counted.collect::<Vec<_>>().join(", ")
    }
}

fn sanitized_findings(findings: Vec<Finding>, secrets: &Secrets) -> Vec<Finding> {
    let prose = |text: String| text::shorten(&text::clean(&secrets.redacted(&text)), MAX_PROSE);
    let location = |location: Location| {
        // Parts of a key are no secret of the file: only whole ones are found there.
        location.renamed(|file| secrets.redacted(&file)).with_line_if(|line| secrets.redacted(line) == line)
    };
    let sanitized = |finding: Finding| Finding {
        message: prose(finding.message),
        hint: prose(finding.hint),
        location: finding.location.map(location),
        ..finding
    };
    findings.into_iter().map(sanitized).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The outcome of one function with this status and errors of these codes.
    pub(crate) fn function(name: &str, status: Status, errors: &[Code]) -> FunctionOutcome {
        FunctionOutcome {
            directory: format!("functions/{name}"),
            written_name: Some(name.to_owned()),
            name: Some(name.to_owned()),
            slug: Some(name.to_owned()),
            version: Some("1.1.0".to_owned()),
            previous_version: Some("1.0.0".to_owned()),
            release_type: ReleaseType::Minor,
            target: Target::Live,
            decision: None,
            status,
            published: status == Status::Published,
            live: status == Status::Published,
            id: Some("fn_1".to_owned()),
            url: Some("https://hub.example/a".to_owned()),
            admin_url: None,
            digest: None,
            files: Vec::new(),
            findings: errors.iter().map(|code| error(*code)).collect(),
            advice: None,
            broken_code: Vec::new(),
            request: None,
            skip_reason: "the run has errors",
            is_left_out: false,
        }
    }

    fn error(code: Code) -> Finding {
        Finding::new(code, "wrong").with_severity(Severity::Error)
    }

    /// The outcome of a run with these.
    pub(crate) fn run(findings: Vec<Finding>, functions: Vec<FunctionOutcome>) -> RunOutcome {
        RunOutcome::new(findings, functions, None, &Secrets::default())
    }

    #[test]
    fn of_several_exit_codes_the_first_of_2_1_3_4_counts() {
        use Code::{HubRefused, HubUnreachable, InvalidTag, Unauthorized, Unconfirmed};
        for (codes, expected) in [
            (&[][..], 0),
            (&[Unauthorized], 2),
            (&[InvalidTag], 1),
            (&[HubRefused], 3),
            (&[HubUnreachable], 4),
            (&[Unconfirmed], 4),
            (&[InvalidTag, Unauthorized, HubRefused, HubUnreachable], 2),
            (&[HubUnreachable, HubRefused, InvalidTag], 1),
            (&[HubUnreachable, HubRefused], 3),
            (&[Unauthorized, HubUnreachable], 2),
        ] {
            let of_run = run(codes.iter().map(|code| error(*code)).collect(), Vec::new());
            assert_eq!(of_run.exit_code(), expected, "{codes:?}");
            let functions = codes.iter().map(|code| function("a", Status::Failed, &[*code])).collect();
            assert_eq!(run(Vec::new(), functions).exit_code(), expected, "{codes:?}");
        }
        let warning = Finding::new(Code::Unauthorized, "not serious").with_severity(Severity::Warning);
        assert_eq!(run(vec![warning], Vec::new()).exit_code(), 0);
    }

    #[test]
    fn the_status_of_a_run_is_the_worst_and_an_error_of_the_run_is_a_failure() {
        use Status::{Draft, DryRun, Failed, Published, Skipped, Unchanged, Unconfirmed};
        for (statuses, expected) in [
            (&[][..], Failed),
            (&[Published, Draft], Draft),
            (&[Published, Unchanged], Unchanged),
            (&[Unchanged, Skipped], Unchanged),
            (&[Published, Skipped], Published),
            (&[Skipped, Skipped], Skipped),
            (&[Skipped, DryRun], DryRun),
            (&[Unconfirmed, DryRun, Published], Unconfirmed),
            (&[Unconfirmed, Failed, Published], Failed),
        ] {
            let function = |status: &Status| FunctionOutcome {
                is_left_out: *status == Skipped,
                ..function("a", *status, &[])
            };
            let functions: Vec<_> = statuses.iter().map(function).collect();
            assert_eq!(run(Vec::new(), functions.clone()).status(), expected, "{statuses:?}");
            let is_published = statuses.contains(&Published);
            assert_eq!(run(Vec::new(), functions.clone()).published(), is_published, "{statuses:?}");
            assert_eq!(run(vec![error(Code::InvalidInput)], functions).status(), Failed, "{statuses:?}");
        }
    }

    #[test]
    fn a_function_that_was_not_sent_has_the_status_of_its_errors() {
        for (codes, expected) in [
            (&[][..], Status::Skipped),
            (&[Code::Unconfirmed], Status::Unconfirmed),
            (&[Code::Unconfirmed, Code::InvalidTag], Status::Failed),
            (&[Code::InvalidTag], Status::Failed),
        ] {
            let mut findings: Vec<_> = codes.iter().map(|code| error(*code)).collect();
            findings.push(Finding::new(Code::DuplicateTag, "a warning"));
            assert_eq!(FunctionOutcome::status_of(&findings), expected, "{codes:?}");
        }
    }

    #[test]
    fn the_phrase_names_the_release_if_there_is_one() {
        let phrase = |status, release_type, previous: Option<&str>| {
            let previous_version = previous.map(str::to_owned);
            FunctionOutcome { previous_version, release_type, ..function("a", status, &[]) }.phrase()
        };
        for (status, release_type, previous, expected) in [
            (Status::Published, ReleaseType::First, None, "published (first release)"),
            (Status::Published, ReleaseType::Minor, Some("1.0.0"), "published (minor, after 1.0.0)"),
            (Status::Draft, ReleaseType::Patch, Some("1.0.0"), "saved as a draft (patch, after 1.0.0)"),
            (
                Status::DryRun,
                ReleaseType::Major,
                Some("1.0.0"),
                "dry run: nothing was sent (major, after 1.0.0)",
            ),
            (Status::Published, ReleaseType::None, None, "published"),
            (Status::Unconfirmed, ReleaseType::Minor, Some("1.0.0"), "unconfirmed"),
            (Status::Failed, ReleaseType::First, None, "failed"),
            (Status::Skipped, ReleaseType::Minor, Some("1.0.0"), "skipped: the run has errors"),
        ] {
            assert_eq!(phrase(status, release_type, previous), expected);
        }
    }

    #[test]
    fn every_output_but_the_result_is_set_and_those_of_a_single_function_are_empty_for_several() {
        let outputs = |functions| {
            let outputs = run(Vec::new(), functions).outputs();
            assert!(
                outputs
                    .iter()
                    .map(|(name, _)| *name)
                    .eq(OUTPUTS.iter().map(|output| output.name).filter(|name| *name != RESULT))
            );
            let set = outputs.into_iter().filter(|(_, value)| !value.is_empty());
            set.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
        };
        let one = || function("a", Status::Published, &[]);
        assert_eq!(
            outputs(vec![one()]),
            "published=true live=true status=published name=a slug=a version=1.1.0 previous-version=1.0.0 \
             release-type=minor id=fn_1 url=https://hub.example/a"
        );
        assert_eq!(
            outputs(vec![one(), function("b", Status::Failed, &[])]),
            "published=true live=false status=failed"
        );
        assert_eq!(outputs(Vec::new()), "published=false live=false status=failed");
    }

    #[test]
    fn the_tally_counts_every_status_the_most_urgent_first() {
        use Status::{Failed, Published, Skipped};
        let functions = [Published, Skipped, Failed, Published].map(|status| function("a", status, &[]));
        assert_eq!(run(Vec::new(), functions.to_vec()).tally(), "1 failed, 2 published, 1 skipped");
    }

    #[test]
    fn the_findings_shown_first_are_those_at_a_line_and_the_rest_is_counted() {
        let findings = (0..12).map(|number| Finding::new(Code::InvalidTag, number.to_string()));
        let outcome = run(findings.collect(), Vec::new());
        let note = "3 more errors: GitHub shows 10 per step; the log and the summary show all";
        for (max, shown, expected) in [(10, 9, Some(note)), (12, 12, None), (13, 12, None)] {
            let (findings, note) = outcome.most_relevant(Severity::Error, max);
            assert_eq!((findings.len(), note.as_deref()), (shown, expected), "{max}");
        }
        assert_eq!(outcome.most_relevant(Severity::Warning, 10), (Vec::new(), None));
    }

    #[test]
    fn every_text_is_bounded_and_without_secrets_and_control_characters() {
        let secrets = Secrets::of(["ac_secret"]);
        let long = "x".repeat(MAX_PROSE + 1);
        let url = |length: usize| format!("{:u<length$}", "https://a/");
        let outcome = FunctionOutcome {
            name: Some("a\u{1b}[2J ac_secret".to_owned()),
            version: Some("1".repeat(MAX_NAME + 1)),
            id: Some("$(id)".to_owned()),
            url: Some(url(MAX_NAME + 1)),
            admin_url: Some(url(MAX_NAME)),
            findings: vec![Finding::new(Code::InvalidTag, long).with_hint("a\rb ac_secret")],
            advice: Some("ac_secret".to_owned()),
            request: Some("ac_secret".to_owned()),
            ..function("a", Status::Failed, &[])
        };
        let outcome = outcome.sanitized(&secrets);
        assert_eq!(outcome.written_name.as_deref(), Some("a[2J ***"));
        assert_eq!((outcome.name, outcome.version, outcome.id), (None, None, None));
        assert_eq!((outcome.url, outcome.admin_url.map(|url| url.len())), (None, Some(MAX_NAME)));
        assert_eq!(outcome.findings[0].message.chars().count(), MAX_PROSE + 1, "with `…`");
        assert_eq!(outcome.findings[0].hint, "a\nb ***");
        assert_eq!((outcome.advice.as_deref(), outcome.request.as_deref()), (Some("***"), Some("***")));
    }
}
