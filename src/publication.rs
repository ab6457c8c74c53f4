//! One function on its way through the run: loaded, compared with what is published, published, and what became of it.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::approval::{Approval, Planned};
use crate::cancellation::Signal;
use crate::ending::{Ended, ended};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::function::code::parser::Parser;
use crate::function::directories::Found;
use crate::function::load::{Loaded, README, load};
use crate::function::manifest::fields::{FILE_NAME, Manifest};
use crate::hub::client::{Account, Hub, RemoteFunction};
use crate::hub::pages::Links;
use crate::outcome::{FunctionOutcome, SentFile};
use crate::published::{Published, read_published};
use crate::release::comparison::Comparison;
use crate::release::decision::{Decision, decide, newer_published};
use crate::release::history::{History, ReleaseType, release_type};
use crate::release::plan::{Plan, Target};
use crate::release::public_api::{advice, breaking};
use crate::release::review::decide_in_review;
use crate::secret::Secrets;
use crate::settings::Settings;
use crate::source::digest;
use crate::status::Status;

/// Why a function is skipped after the Hub denied access to another one.
const DENIED: &str = "the Hub denied access";

/// One function of the run.
pub(crate) struct Publication {
    loaded: Loaded,
    path: PathBuf,
    plan: Plan,
    /// Whether the directory holds a function, as far as can be told.
    is_function: bool,
    findings: Findings,
    /// Whether it is part of this run.
    is_picked: bool,
    /// Why it is skipped, if it is.
    skip_reason: &'static str,
    /// `None` until it was compared.
    compared: Option<Compared>,
    links: Links,
    /// What became of it, unless its findings say so.
    status: Option<Status>,
    /// The request of a dry run.
    request: Option<String>,
    /// Whether exactly this content is live under this version.
    is_live: bool,
    /// What is left of its time for the Hub.
    time_left: Duration,
    /// Whether a publish request has begun.
    has_begun: Cell<bool>,
}

/// What the comparison with the Hub came to.
struct Compared {
    remote: RemoteFunction,
    read_at: Instant,
    decision: Decision,
    advice: Option<String>,
    broken_code: Vec<String>,
}

impl Publication {
    /// Loads the function of a directory.
    pub(crate) fn load(directory: &Found, settings: &Settings, plan: Plan, parser: &Parser) -> Self {
        let mut loaded = load(&directory.path, &settings.ci.workspace, &settings.secrets, parser);
        let mut findings = Findings::new(settings.strict);
        findings.extend(std::mem::take(&mut loaded.findings));
        let other = loaded.other.take();
        let is_function = other.is_none();
        // A glob is for the functions among what it matches.
        let severity = if directory.is_named { Severity::Error } else { Severity::Notice };
        findings.extend(other.map(|finding| finding.with_severity(severity)));
        if findings.has_errors() {
            // It will not be sent, and the texts of many functions together may be large.
            findings.forget_texts();
            loaded.function = loaded.function.map(|function| Arc::new(function.without_texts()));
        }
        Self {
            loaded,
            path: directory.path.clone(),
            plan,
            is_function,
            findings,
            is_picked: is_function || directory.is_named,
            skip_reason: if is_function { "this run has errors" } else { "not a function of the Hub" },
            compared: None,
            links: Links::default(),
            status: None,
            request: None,
            is_live: false,
            time_left: settings.timeout,
            has_begun: Cell::new(false),
        }
    }

    /// The same, left out of this run because the tag is for another function: it is checked when it is its turn.
    pub(crate) fn skipped(self, settings: &Settings) -> Self {
        let skip_reason = "the tag is for another function or version";
        Self { is_picked: false, skip_reason, findings: Findings::new(settings.strict), ..self }
    }

    pub(crate) fn is_function(&self) -> bool {
        self.is_function
    }

    pub(crate) fn is_picked(&self) -> bool {
        self.is_picked
    }

    pub(crate) fn directory(&self) -> &str {
        &self.loaded.directory
    }

    pub(crate) fn manifest(&self) -> Option<&Manifest> {
        self.loaded.manifest.as_deref()
    }

    /// The paths of the files that belong to it. Where it has errors, not all are known.
    pub(crate) fn own_files(&self) -> impl Iterator<Item = PathBuf> {
        let entrypoint = self.manifest().and_then(|manifest| manifest.text("entrypoint"));
        let sources = self.loaded.function.iter().flat_map(|function| function.sources());
        let sources = sources.map(|source| source.path.as_str());
        [FILE_NAME, README].into_iter().chain(entrypoint).chain(sources).map(|path| self.path.join(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The secrets that were found in its files.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        self.loaded.secrets.iter().map(String::as_str)
    }

    pub(crate) fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.findings.has_errors()
    }

    /// Leaves this function at most so much time for the Hub.
    pub(crate) fn limit_time(&mut self, left: Duration) {
        self.time_left = self.time_left.min(left);
    }

    /// Compares the function with what is published, and decides what to do with it.
    pub(crate) async fn compare(&mut self, hub: &Hub, account: &Account) {
        let plan = self.plan;
        let Some(function) = self.loaded.function.clone().filter(|_| self.is_picked) else { return };
        let deadline = hub.deadline(self.time_left);
        let mut remote = hub.history(account, &function.slug, &deadline).await;
        let read_at = Instant::now();
        // It is only compared, and those of all functions may not fit into memory.
        let shown = std::mem::take(&mut remote.record.content);
        let Published { comparison, changes, metadata } =
            read_published(hub, &function, &remote, shown, &deadline).await;
        if hub.obstacle(account).is_some() {
            // The run ends here, and says why once.
            return;
        }
        let newest = remote.history.newest();
        let advice = newest.and_then(|newest| advice(newest, &changes));
        let is_in_review = plan.target == Target::Live && remote.waits_for_review(&function.version);
        let (decision, findings) = if is_in_review {
            decide_in_review(&function, &comparison)
        } else {
            decide(&function, &remote.history, &comparison, advice.as_deref(), plan)
        };
        self.status = (is_in_review && decision == Decision::Unchanged).then_some(Status::InReview);
        self.findings.extend(findings);
        self.findings.extend(newest.and_then(|newest| breaking(&function, newest, &changes)));
        self.findings.extend(metadata.filter(|_| decision == Decision::Unchanged));
        self.findings.extend(hub.key_in_request(&function, plan.target, decision));
        let is_shown = newest.is_some() || remote.in_review.is_some();
        self.links = if is_shown { hub.links(&function.slug, &remote.record) } else { Links::default() };
        self.is_live = comparison == Comparison::Equal && remote.history.holds(&function.version);
        let broken_code = changes.iter().filter_map(|change| change.broken_code(&function.slug)).collect();
        self.compared = Some(Compared { remote, read_at, decision, advice, broken_code });
        self.time_left = deadline.left();
    }

    /// What this run would do with it, and with what content.
    pub(crate) fn planned(&self) -> Planned {
        let (manifest, compared) = (self.manifest(), self.compared.as_ref());
        let files = self.loaded.function.as_ref().map(|function| function.sources()).unwrap_or_default();
        let files: Vec<_> = files.into_iter().map(SentFile::from).collect();
        let sums = files.iter().map(|file| (file.sha256.as_str(), file.path.as_str()));
        let newest = compared.and_then(|compared| compared.remote.history.newest());
        Planned {
            directory: self.loaded.directory.clone(),
            slug: manifest.and_then(|manifest| manifest.slug.as_ref()).map(ToString::to_string),
            version: manifest.and_then(|manifest| manifest.version.as_ref()).map(ToString::to_string),
            previous_version: newest.map(ToString::to_string),
            target: self.plan.target,
            decision: compared.map(|compared| compared.decision),
            digest: (!files.is_empty()).then(|| digest(sums)),
            files,
        }
    }

    /// Reports how it differs from what was approved.
    pub(crate) fn compare_with_approval(&mut self, approval: &Approval, now: &Planned) {
        // What could not be read is an error of its own.
        let is_read = |compared: &Compared| !matches!(compared.remote.history, History::Unreadable(_));
        if self.compared.as_ref().is_some_and(is_read) {
            let location = self.manifest().map(|manifest| manifest.source.whole());
            self.findings.extend(approval.objection(now).map(|finding| Finding { location, ..finding }));
        }
    }

    /// Publishes the function, or does not, as was decided. `begin` is called with its name and version before each request,
    /// and says whether it may be sent.
    pub(crate) async fn publish(&mut self, hub: &Hub, begin: &dyn Fn(&str) -> bool) {
        let plan = self.plan;
        if self.ends_unchanged() {
            return;
        }
        let (Some(mut function), Some(compared)) = (self.loaded.function.clone(), &self.compared) else {
            return;
        };
        match compared.decision {
            Decision::Refuse | Decision::Unchanged => {}
            Decision::Send if plan.dry_run => {
                self.status = Some(Status::DryRun);
                self.request = Some(hub.preview(&function, plan.target));
            }
            Decision::Send => {
                let (known, read_at) = (compared.remote.clone(), compared.read_at);
                let deadline = hub.deadline(self.time_left);
                let title = function.title();
                let begin = || {
                    let may_begin = begin(&title);
                    self.has_begun.set(self.has_begun.get() || may_begin);
                    may_begin
                };
                let ending = hub.publish(&function, plan, &known, read_at, &deadline, &begin).await;
                let Ended { status, is_live, record, findings } = ended(ending, &function, plan);
                self.findings.extend(findings);
                // What was sent is not needed again, and a response may be as large.
                self.findings.forget_texts();
                function = Arc::new(function.without_texts());
                self.loaded.function = Some(Arc::clone(&function));
                (self.status, self.is_live) = (status, self.is_live || is_live);
                let record = record.map(|record| known.record.updated_with(record));
                if let Some(record) = &record {
                    self.links = hub.links(&function.slug, record);
                }
                if let (Some(Status::Published), Some(record)) = (status, &record) {
                    let newest = hub.newest(record, &function.slug, &deadline).await;
                    self.findings.extend(newer_published(&function, &known.history, newest));
                }
            }
        }
    }

    /// Leaves it unpublished, because the Hub gives this run no access.
    pub(crate) fn hold_back(&mut self) {
        if !self.ends_unchanged() {
            self.skip_reason = DENIED;
        }
    }

    /// Records that a signal ended the run before this function's turn was over.
    pub(crate) fn cancel(&mut self, signal: Signal) {
        if !self.is_picked || self.has_errors() || self.ends_unchanged() || self.status.is_some() {
            return;
        }
        let signal = signal.name();
        let finding = if self.has_begun.get() {
            let message = format!("the run was cancelled ({signal}) while this function was being published");
            Finding::new(Code::Unconfirmed, message)
        } else {
            let message = format!("the run was cancelled ({signal}) before this function was sent");
            Finding::new(Code::Cancelled, message)
        };
        let location = self.manifest().map(|manifest| manifest.source.whole());
        self.findings.push(Finding { location, ..finding });
    }

    /// Whether nothing is to be done with it, which then is its status.
    fn ends_unchanged(&mut self) -> bool {
        let decision = self.compared.as_ref().map(|compared| compared.decision);
        let is_unchanged = decision == Some(Decision::Unchanged);
        if is_unchanged {
            self.status = self.status.or(Some(Status::Unchanged));
        }
        is_unchanged
    }

    /// What became of the function; if the run ended before its turn, its findings say it.
    pub(crate) fn into_outcome(self, secrets: &Secrets) -> FunctionOutcome {
        let planned = self.planned();
        let mut findings = self.findings.into_vec();
        // What kept this function from the Hub has kept its history from being read as well.
        let is_kept_away = |finding: &Finding| finding.is_error() && finding.is_about_access();
        if self.skip_reason == DENIED || findings.iter().any(is_kept_away) {
            findings.retain(|finding| finding.is_error() || finding.code != Code::HistoryUnreadable);
        }
        let status = self.status.unwrap_or_else(|| FunctionOutcome::status_of(&findings));
        let manifest = self.loaded.manifest.as_deref();
        let history = self.compared.as_ref().map(|compared| &compared.remote.history);
        let version = manifest.and_then(|manifest| manifest.version.as_ref());
        let release_type = history.zip(version).map(|(history, version)| release_type(version, history));
        let (advice, broken_code) =
            self.compared.map(|compared| (compared.advice, compared.broken_code)).unwrap_or_default();
        let outcome = FunctionOutcome {
            directory: planned.directory,
            name: manifest.and_then(|manifest| manifest.text("name")).map(str::to_owned),
            slug: planned.slug,
            version: planned.version,
            previous_version: planned.previous_version,
            release_type: release_type.unwrap_or(ReleaseType::None),
            target: planned.target,
            decision: planned.decision,
            status,
            published: status == Status::Published,
            live: self.is_live,
            id: self.links.id,
            url: self.links.url,
            admin_url: self.links.admin_url,
            digest: planned.digest,
            files: planned.files,
            findings,
            advice,
            broken_code,
            request: self.request,
            written_name: None,
            skip_reason: self.skip_reason,
            is_left_out: !self.is_picked,
        };
        outcome.sanitized(secrets)
    }
}
