//! One function on its way through the run: loaded, compared with what is published, published, and what became of it.

use std::cmp::Ordering;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::finding::{Code, Finding, Findings};
use crate::function::load::{Function, Loaded, load};
use crate::function::manifest::fields::Manifest;
use crate::hub::attempt::Ending;
use crate::hub::client::{Account, Hub, RemoteFunction};
use crate::hub::deadline::Deadline;
use crate::hub::response::FunctionRecord;
use crate::outcome::{FunctionOutcome, SentFile, Status};
use crate::release::comparison::{Comparison, Content, compare};
use crate::release::decision::{Decision, Target, decide, decide_after_publish};
use crate::release::history::{History, ReleaseType, release_type};
use crate::release::plan::Plan;
use crate::release::public_api::{ApiChange, PublicApi, advice, breaking};
use crate::secret::Secrets;
use crate::settings::Settings;
use crate::source::{SourceFile, digest};
use crate::text;

/// Longest wait for content that only makes an advice better.
const MAX_ADVICE_TIME: Duration = Duration::from_secs(5);

/// One function of the run.
pub(crate) struct Publication {
    loaded: Loaded,
    findings: Findings,
    /// Whether the tag, if there is one, is for this function.
    is_picked: bool,
    /// `None` until it was compared.
    compared: Option<Compared>,
    /// What is left of its time for the Hub.
    time_left: Duration,
}

/// What the comparison with the Hub came to.
struct Compared {
    remote: RemoteFunction,
    decision: Decision,
    advice: Option<String>,
    links: Links,
}

/// Where a function is on the Hub, as far as it is known.
#[derive(Default)]
struct Links {
    id: Option<String>,
    url: Option<String>,
    admin_url: Option<String>,
}

/// How the run ended for the function.
#[derive(Default)]
struct End {
    /// `None`: the run ended before it was the function's turn.
    status: Option<Status>,
    /// Newer links than the comparison's.
    links: Option<Links>,
    /// The request of a dry run.
    request: Option<String>,
}

impl Publication {
    /// Loads the function of a directory.
    pub(crate) fn load(directory: &Path, settings: &Settings) -> Self {
        let mut loaded = load(directory, &settings.ci.workspace, &settings.secrets);
        let mut findings = Findings::new(settings.strict);
        findings.extend(std::mem::take(&mut loaded.findings));
        Self { loaded, findings, is_picked: true, compared: None, time_left: settings.timeout }
    }

    /// The same, left out of this run: it is checked when it is its turn.
    pub(crate) fn skipped(self, settings: &Settings) -> Self {
        Self { is_picked: false, findings: Findings::new(settings.strict), ..self }
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

    /// Takes the time since `started` off this function's share.
    pub(crate) fn spend(&mut self, started: Instant) {
        self.time_left = self.time_left.saturating_sub(started.elapsed());
    }

    /// Compares the function with what is published, and decides what to do with it.
    pub(crate) async fn compare(&mut self, hub: &Hub, account: &Account, plan: Plan) {
        let Some(function) = self.loaded.function.clone().filter(|_| self.is_picked) else { return };
        let started = Instant::now();
        let deadline = Deadline::after(self.time_left);
        let remote = hub.history(account, &function.slug, deadline).await;
        let published = read_published(hub, &function, &remote, plan, deadline).await;
        let newest = remote.history.newest();
        let advice = newest.and_then(|newest| advice(newest, &published.changes));
        let (decision, findings) =
            decide(&function, &remote.history, &published.comparison, advice.as_deref(), plan.policy);
        self.findings.extend(findings);
        self.findings.extend(newest.and_then(|newest| breaking(&function, newest, &published.changes)));
        let links = newest.map(|_| Links::of(hub, &function, &remote.record)).unwrap_or_default();
        self.compared = Some(Compared { remote, decision, advice, links });
        self.spend(started);
    }

    /// Publishes the function, or does not, as was decided.
    pub(crate) async fn publish(mut self, hub: &Hub, plan: Plan, secrets: &Secrets) -> FunctionOutcome {
        let (Some(function), Some(compared)) = (self.loaded.function.clone(), &self.compared) else {
            return self.into_outcome(secrets);
        };
        let end = match compared.decision {
            Decision::Refuse => End::default(),
            Decision::Unchanged => End { status: Some(Status::Unchanged), ..End::default() },
            Decision::Send if plan.dry_run => End {
                status: Some(Status::DryRun),
                request: Some(hub.preview(&function, plan.policy.target)),
                ..End::default()
            },
            Decision::Send => {
                let record = compared.remote.record.clone();
                let deadline = Deadline::after(self.time_left);
                let ending = hub.publish(&function, plan.policy.target, deadline).await;
                self.record_ending(ending, hub, &function, plan, &record)
            }
        };
        self.ended(end, secrets)
    }

    fn record_ending(
        &mut self,
        ending: Ending,
        hub: &Hub,
        function: &Function,
        plan: Plan,
        known: &FunctionRecord,
    ) -> End {
        let policy = plan.policy;
        let ended = |status| End { status: Some(status), ..End::default() };
        let linked = |status, record: FunctionRecord| {
            let links = Links::of(hub, function, &known.clone().updated_with(record));
            End { links: Some(links), ..ended(status) }
        };
        match ending {
            Ending::Done(record) => {
                linked(if policy.target == Target::Live { Status::Published } else { Status::Draft }, *record)
            }
            Ending::Exists(comparison, remote) => {
                let (decision, findings) =
                    decide_after_publish(function, &remote.history, &comparison, policy);
                self.findings.extend(findings);
                match decision {
                    Decision::Unchanged => linked(Status::Unchanged, remote.record),
                    Decision::Send | Decision::Refuse => ended(Status::Failed),
                }
            }
            Ending::Refused(refusal)
                if refusal.code == Some(Code::VersionConflict) && policy.accepts_any_content() =>
            {
                ended(Status::Unchanged)
            }
            Ending::Refused(refusal) => {
                self.findings.push(refusal.finding(function));
                ended(Status::Failed)
            }
            Ending::Unreachable(reason) => {
                let message = format!("`{}` was not published: {reason}", function.slug);
                self.findings.push(Finding::new(Code::HubUnreachable, message));
                ended(Status::Failed)
            }
            Ending::Unconfirmed(reason) => {
                let message =
                    format!("could not confirm whether `{}` was published: {reason}", function.slug);
                self.findings.push(Finding::new(Code::Unconfirmed, message));
                ended(Status::Unconfirmed)
            }
        }
    }

    /// What became of the function, where the run ended before its turn.
    pub(crate) fn into_outcome(self, secrets: &Secrets) -> FunctionOutcome {
        self.ended(End::default(), secrets)
    }

    fn ended(self, end: End, secrets: &Secrets) -> FunctionOutcome {
        let findings = self.findings.into_vec();
        let status = end.status.unwrap_or_else(|| FunctionOutcome::status_of(&findings));
        let manifest = self.loaded.manifest.as_deref();
        let files = self.loaded.function.as_ref().map(|function| function.files()).unwrap_or_default();
        let history = self.compared.as_ref().map(|compared| &compared.remote.history);
        let version = manifest.and_then(|manifest| manifest.version.as_ref());
        let release_type = history.zip(version).map(|(history, version)| release_type(version, history));
        let previous_version = history.and_then(History::newest).map(ToString::to_string);
        let (old_links, advice) =
            self.compared.map(|compared| (compared.links, compared.advice)).unwrap_or_default();
        let links = end.links.unwrap_or(old_links);
        let outcome = FunctionOutcome {
            directory: self.loaded.directory,
            name: manifest.and_then(|manifest| manifest.text("name")).map(str::to_owned),
            slug: manifest.and_then(|manifest| manifest.slug.as_ref()).map(ToString::to_string),
            version: version.map(ToString::to_string),
            previous_version,
            release_type: release_type.unwrap_or(ReleaseType::None),
            status,
            published: status == Status::Published,
            id: links.id,
            url: links.url,
            admin_url: links.admin_url,
            digest: (!files.is_empty()).then(|| digest(files.iter().copied())),
            files: files.into_iter().map(sent_file).collect(),
            findings,
            advice,
            request: end.request,
        };
        outcome.sanitized(secrets)
    }
}

impl Links {
    fn of(hub: &Hub, function: &Function, record: &FunctionRecord) -> Self {
        let (url, admin_url) = hub.pages(&function.slug, record);
        Self { id: record.id.as_deref().map(text::clean_line), url, admin_url }
    }
}

fn sent_file(file: &SourceFile) -> SentFile {
    SentFile { path: file.path.clone(), bytes: file.text.len(), sha256: file.sha256() }
}

/// What is published, compared with what would be sent.
struct Published {
    /// The content of this very version.
    comparison: Comparison,
    /// What changes for users of the newest version.
    changes: Vec<ApiChange>,
}

/// Reads the content of this version where it is published already, else that of the newest one before it.
async fn read_published(
    hub: &Hub,
    function: &Arc<Function>,
    remote: &RemoteFunction,
    plan: Plan,
    deadline: Deadline,
) -> Published {
    let not_read = Comparison::Unknown("it was not read".to_owned());
    let unread = Published { comparison: not_read, changes: Vec::new() };
    let (version, history) = (&function.version, &remote.history);
    let Some(newest) = history.newest() else { return unread };
    match (history.holds(version), version.cmp_precedence(newest)) {
        (true, _) if plan.policy.accepts_any_content() => unread,
        (true, order) => match hub.content(function, version, remote, deadline).await {
            Ok(content) => {
                let changes = if order.is_eq() { changes(&content, function) } else { Vec::new() };
                Published { comparison: compare(function, &content), changes }
            }
            Err(error) => Published { comparison: error.into(), changes: Vec::new() },
        },
        // Users of the newest version will move to this one. What they build on only makes an advice better: no long wait.
        (false, Ordering::Greater) => {
            let deadline = Deadline::after(deadline.left().div_f64(4.0).min(MAX_ADVICE_TIME));
            let content = hub.content(function, newest, remote, deadline).await;
            let changes = content.map(|content| changes(&content, function)).unwrap_or_default();
            Published { changes, ..unread }
        }
        (false, Ordering::Less | Ordering::Equal) => unread,
    }
}

fn changes(published: &Content, function: &Function) -> Vec<ApiChange> {
    PublicApi::of_content(published, function).changes_to(&PublicApi::of_function(function))
}
