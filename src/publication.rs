//! One function on its way through the run: loaded, compared with what is published, published, and what became of it.

use std::time::Duration;

use tokio::time::Instant;

use crate::finding::{Code, Finding, Findings, Severity};
use crate::function::directories::Found;
use crate::function::load::{Function, Loaded, load};
use crate::function::manifest::fields::Manifest;
use crate::hub::attempt::Ending;
use crate::hub::client::{Account, Hub, MAX_EXTRA_TIME, RemoteFunction};
use crate::hub::deadline::Deadline;
use crate::hub::response::FunctionRecord;
use crate::outcome::{FunctionOutcome, SentFile, Status};
use crate::release::comparison::{Comparison, Content, compare};
use crate::release::decision::{Decision, decide, decide_after_publish, newer_published};
use crate::release::history::{History, ReleaseType, release_type};
use crate::release::metadata::metadata_differs;
use crate::release::plan::{Plan, Target};
use crate::release::public_api::{ApiChange, PublicApi, advice, breaking};
use crate::release::review::{decide_in_review, in_review, other_in_review};
use crate::secret::Secrets;
use crate::settings::Settings;
use crate::source::{SourceFile, digest};
use crate::text;

/// One function of the run.
pub(crate) struct Publication {
    loaded: Loaded,
    /// Whether the directory holds a function, as far as can be told.
    is_function: bool,
    findings: Findings,
    /// Whether the tag, if there is one, is for this function.
    is_picked: bool,
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
}

/// What the comparison with the Hub came to.
struct Compared {
    remote: RemoteFunction,
    read_at: Instant,
    decision: Decision,
    advice: Option<String>,
}

/// Where a function is on the Hub, as far as it is known.
#[derive(Default)]
struct Links {
    id: Option<String>,
    url: Option<String>,
    admin_url: Option<String>,
}

impl Publication {
    /// Loads the function of a directory.
    pub(crate) fn load(directory: &Found, settings: &Settings) -> Self {
        let mut loaded = load(&directory.path, &settings.ci.workspace, &settings.secrets);
        let mut findings = Findings::new(settings.strict);
        findings.extend(std::mem::take(&mut loaded.findings));
        let other = loaded.other.take();
        let is_function = other.is_none();
        // A glob is for the functions among what it matches.
        let severity = if directory.is_named { Severity::Error } else { Severity::Notice };
        findings.extend(other.map(|finding| finding.with_severity(severity)));
        Self {
            loaded,
            is_function,
            findings,
            is_picked: true,
            compared: None,
            links: Links::default(),
            status: None,
            request: None,
            is_live: false,
            time_left: settings.timeout,
        }
    }

    /// The same, left out of this run: it is checked when it is its turn.
    pub(crate) fn skipped(self, settings: &Settings) -> Self {
        Self { is_picked: false, findings: Findings::new(settings.strict), ..self }
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
    pub(crate) async fn compare(&mut self, hub: &Hub, account: &Account, plan: Plan) {
        let Some(function) = self.loaded.function.clone().filter(|_| self.is_picked) else { return };
        let deadline = hub.deadline(self.time_left);
        let remote = hub.history(account, &function.slug, &deadline).await;
        let read_at = Instant::now();
        let Published { comparison, changes, metadata } =
            read_published(hub, &function, &remote, &deadline).await;
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
        let is_shown = newest.is_some() || remote.in_review.is_some();
        self.links = if is_shown { Links::of(hub, &function, &remote.record) } else { Links::default() };
        self.is_live = comparison == Comparison::Equal && remote.history.holds(&function.version);
        self.compared = Some(Compared { remote, read_at, decision, advice });
        self.time_left = deadline.left();
    }

    /// Publishes the function, or does not, as was decided.
    pub(crate) async fn publish(mut self, hub: &Hub, plan: Plan, secrets: &Secrets) -> FunctionOutcome {
        if let (Some(function), Some(compared)) = (self.loaded.function.clone(), &self.compared) {
            match compared.decision {
                Decision::Refuse => {}
                Decision::Unchanged => self.status = self.status.or(Some(Status::Unchanged)),
                Decision::Send if plan.dry_run => {
                    self.status = Some(Status::DryRun);
                    self.request = Some(hub.preview(&function, plan.target));
                }
                Decision::Send => {
                    let (known, read_at) = (compared.remote.clone(), compared.read_at);
                    let deadline = hub.deadline(self.time_left);
                    let ending = hub.publish(&function, plan, &known.record, read_at, &deadline).await;
                    let (status, record) = self.record_ending(ending, &function, plan);
                    self.status = status;
                    let record = record.map(|record| known.record.updated_with(record));
                    if let Some(record) = &record {
                        self.links = Links::of(hub, &function, record);
                    }
                    if let (Some(Status::Published), Some(record)) = (status, &record) {
                        let newest = hub.newest(record, &function.slug, &deadline).await;
                        self.findings.extend(newer_published(&function, &known.history, newest));
                    }
                }
            }
        }
        self.into_outcome(secrets)
    }

    /// The status, unless it is that of the finding, and where the Hub says that the function is.
    fn record_ending(
        &mut self,
        ending: Ending,
        function: &Function,
        plan: Plan,
    ) -> (Option<Status>, Option<FunctionRecord>) {
        let is_live_target = plan.target == Target::Live;
        let finding = match ending {
            Ending::Done(record) => {
                self.is_live = is_live_target;
                let status = if is_live_target { Status::Published } else { Status::Draft };
                return (Some(status), Some(*record));
            }
            Ending::InReview(record) => {
                self.findings.push(in_review(function));
                return (Some(Status::InReview), Some(*record));
            }
            Ending::Exists(Comparison::Different(changes), remote)
                if remote.waits_for_review(&function.version) =>
            {
                other_in_review(function, &changes)
            }
            Ending::Exists(comparison, remote) => {
                self.is_live = is_live_target && comparison == Comparison::Equal;
                let (decision, findings) = decide_after_publish(function, &remote.history, &comparison, plan);
                self.findings.extend(findings);
                let is_unchanged = decision == Decision::Unchanged;
                return (is_unchanged.then_some(Status::Unchanged), is_unchanged.then_some(remote.record));
            }
            Ending::Overtaken(remote) => {
                let not_read = Comparison::Unknown("it was not read".to_owned());
                let (_, findings) = decide(function, &remote.history, &not_read, None, plan);
                self.findings.extend(findings);
                return (None, None);
            }
            Ending::Refused(refusal) => refusal.finding(function),
            Ending::Unreachable(reason) => {
                let message = format!("`{}` was not published: {reason}", function.slug);
                Finding::new(Code::HubUnreachable, message)
            }
            Ending::Blocked(obstacle) => {
                obstacle.finding(&format!("`{}` was not published: ", function.slug))
            }
            Ending::Unconfirmed(reason) => {
                let message =
                    format!("could not confirm whether `{}` was published: {reason}", function.slug);
                Finding::new(Code::Unconfirmed, message)
            }
        };
        self.findings.push(finding);
        (None, None)
    }

    /// What became of the function; if the run ended before its turn, its findings say it.
    pub(crate) fn into_outcome(self, secrets: &Secrets) -> FunctionOutcome {
        let findings = self.findings.into_vec();
        let status = self.status.unwrap_or_else(|| FunctionOutcome::status_of(&findings));
        let manifest = self.loaded.manifest.as_deref();
        let files = self.loaded.function.as_ref().map(|function| function.sources()).unwrap_or_default();
        let files: Vec<_> = files.into_iter().map(sent_file).collect();
        let sums = files.iter().map(|file| (file.sha256.as_str(), file.path.as_str()));
        let history = self.compared.as_ref().map(|compared| &compared.remote.history);
        let version = manifest.and_then(|manifest| manifest.version.as_ref());
        let release_type = history.zip(version).map(|(history, version)| release_type(version, history));
        let outcome = FunctionOutcome {
            directory: self.loaded.directory,
            name: manifest.and_then(|manifest| manifest.text("name")).map(str::to_owned),
            slug: manifest.and_then(|manifest| manifest.slug.as_ref()).map(ToString::to_string),
            version: version.map(ToString::to_string),
            previous_version: history.and_then(History::newest).map(ToString::to_string),
            release_type: release_type.unwrap_or(ReleaseType::None),
            status,
            published: status == Status::Published,
            live: self.is_live,
            id: self.links.id,
            url: self.links.url,
            admin_url: self.links.admin_url,
            digest: (!files.is_empty()).then(|| digest(sums)),
            files,
            findings,
            advice: self.compared.and_then(|compared| compared.advice),
            request: self.request,
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
    SentFile { path: file.path.clone(), bytes: file.size(), sha256: file.sha256() }
}

/// What is published, compared with what would be sent.
struct Published {
    /// The content of this very version.
    comparison: Comparison,
    /// What changes for users of the newest version.
    changes: Vec<ApiChange>,
    /// What the Hub shows otherwise of the manifest of this very version.
    metadata: Option<Finding>,
}

impl From<Comparison> for Published {
    fn from(comparison: Comparison) -> Self {
        Self { comparison, changes: Vec::new(), metadata: None }
    }
}

/// Compares with what is published. Reads the content of this version where it is published already, else that of the newest
/// one before it.
async fn read_published(
    hub: &Hub,
    function: &Function,
    remote: &RemoteFunction,
    deadline: &Deadline,
) -> Published {
    let not_read = Comparison::Unknown("it was not read".to_owned());
    let (version, history) = (&function.version, &remote.history);
    if remote.waits_for_review(version) {
        return compare(function, &remote.record.content).into();
    }
    let Some(newest) = history.newest() else { return not_read.into() };
    let order = version.cmp_precedence(newest);
    let changes = |content: &Content| {
        PublicApi::of_content(content, function).changes_to(&PublicApi::of_function(function))
    };
    if history.holds(version) {
        return match hub.content(function, version, remote, deadline).await {
            Ok(content) => Published {
                comparison: compare(function, &content),
                changes: if order.is_eq() { changes(&content) } else { Vec::new() },
                metadata: metadata_differs(function, &content),
            },
            Err(error) => Comparison::from(error).into(),
        };
    }
    if order.is_le() {
        return not_read.into();
    }
    // Users of the newest version will move to this one. What they build on only makes an advice better: no long wait.
    let deadline = deadline.within(deadline.left().div_f64(4.0).min(MAX_EXTRA_TIME));
    let content = hub.content(function, newest, remote, &deadline).await;
    let changes = content.map(|content| changes(&content)).unwrap_or_default();
    Published { changes, ..not_read.into() }
}
