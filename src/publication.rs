//! A publication: one function on its way through the run, and what is known of it so far.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use semver::Version;
use serde_json::{Map, Value};
use tokio::time::Instant;

use crate::finding::{Code, Finding};
use crate::function::load::{Function, Loaded, load};
use crate::hub::attempt::Ending;
use crate::hub::client::{Account, Hub, RemoteFunction};
use crate::hub::deadline::Deadline;
use crate::hub::request;
use crate::hub::response::FunctionRecord;
use crate::release::comparison::{Comparison, Content, compare};
use crate::release::decision::{Decision, Target, conflict, decide};
use crate::release::history::History;
use crate::release::plan::Plan;
use crate::release::public_api::{Change, advice, breaking};
use crate::release::tag::{Pick, TagVerdict, check};
use crate::report::{FunctionReport, Status};
use crate::secret::Secrets;
use crate::settings::ci::Ci;
use crate::settings::inputs::{Inputs, OnExisting};
use crate::text;

/// Longest piece of a text that the request of a dry run shows, in characters.
const SHOWN_TEXT: usize = 160;

/// Longest wait for what only makes an advice better.
const ADVICE_TIME: Duration = Duration::from_secs(5);

/// One function on its way.
pub(crate) struct Publication {
    pub(crate) loaded: Loaded,
    pub(crate) report: FunctionReport,
    /// What the comparison came to; nothing before it.
    compared: Option<Compared>,
    /// Whether the tag, if there is one, is for this function.
    picked: bool,
    /// What is left of the time for talking with the Hub.
    time_left: Duration,
}

struct Compared {
    known: RemoteFunction,
    decision: Decision,
}

impl Publication {
    /// Reads and judges what the directory holds.
    pub(crate) fn read(directory: &Path, platform: &Ci, inputs: &Inputs, secrets: &Secrets) -> Self {
        let loaded = load(directory, platform, secrets);
        let report = FunctionReport::of(&loaded);
        Self { loaded, report, compared: None, picked: true, time_left: inputs.timeout }
    }

    /// The secrets that were found in its files.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        self.loaded.secrets.iter().map(String::as_str)
    }

    fn find(&mut self, findings: impl IntoIterator<Item = Finding>, strict: bool) {
        self.report.findings.extend(findings.into_iter().map(|finding| finding.strictly(strict)));
    }

    /// Compares the function with what is published, and decides what to do with it.
    pub(crate) async fn compare(&mut self, hub: &Hub, account: &Account, plan: Plan, strict: bool) {
        let Some(function) = self.loaded.function.clone().filter(|_| self.picked) else { return };
        let started = Instant::now();
        let deadline = Deadline::after(self.time_left);
        let known = hub.history(account, &function.slug, deadline).await;
        let published = published_before(hub, &function, &known, plan, deadline).await;
        let (decision, mut findings) = decide(&function, &known.history, &published.comparison, plan.policy);
        if let Some(newest) = known.history.newest() {
            self.report.advice = advice(newest, &published.changes);
            findings.extend(breaking(&function.manifest, &function.version, newest, &published.changes));
        }
        if let Some(advice) = &self.report.advice {
            let conflicts = findings.iter_mut().filter(|finding| finding.code == Code::VersionConflict);
            conflicts.for_each(|finding| finding.hint = format!("{}; {advice}", finding.hint));
        }
        self.find(findings, strict);
        self.report.compare(&function.version, &known.history);
        if known.history.newest().is_some() {
            self.link(hub, &function, &known.record);
        }
        self.compared = Some(Compared { known, decision });
        self.spend(started);
    }

    /// Publishes the function, or does not, as was decided; the report says what became of it.
    pub(crate) async fn settle(&mut self, hub: &Hub, plan: Plan, has_key: bool) {
        let (Some(function), Some(compared)) = (self.loaded.function.clone(), &self.compared) else { return };
        match compared.decision {
            Decision::Refuse => self.report.status = Status::Failed,
            Decision::Unchanged => self.report.status = Status::Unchanged,
            Decision::Send if plan.dry_run => {
                self.report.status = Status::DryRun;
                self.report.request = Some(show_request(hub, &function, plan.policy.target, has_key));
            }
            Decision::Send => {
                let known = compared.known.record.clone();
                let deadline = Deadline::after(self.time_left);
                let ending = hub.publish(&function, plan.policy.target, deadline).await;
                self.conclude(ending, hub, &function, plan, known);
            }
        }
    }

    fn conclude(
        &mut self,
        ending: Ending,
        hub: &Hub,
        function: &Function,
        plan: Plan,
        known: FunctionRecord,
    ) {
        let on_existing = plan.policy.on_existing;
        let live = plan.policy.target == Target::Live;
        let only_this = || History::Known(vec![function.version.clone()]);
        let (status, finding) = match ending {
            Ending::Done(record) => {
                self.link(hub, function, &known.updated_with(*record));
                (if live { Status::Published } else { Status::Draft }, None)
            }
            Ending::Unchanged(_) if live && on_existing == OnExisting::Fail => {
                (Status::Failed, Some(conflict(function, &only_this(), &Comparison::Equal)))
            }
            Ending::Unchanged(record) => {
                self.link(hub, function, &known.updated_with(*record));
                (Status::Unchanged, None)
            }
            Ending::Conflict { .. } if live && on_existing == OnExisting::Skip => (Status::Unchanged, None),
            Ending::Refused(refusal)
                if live && on_existing == OnExisting::Skip && refusal.code == Some(Code::VersionConflict) =>
            {
                (Status::Unchanged, None)
            }
            Ending::Conflict { comparison, history } => {
                (Status::Failed, Some(conflict(function, &history, &comparison)))
            }
            Ending::Refused(refusal) => (Status::Failed, Some(refusal.finding(function))),
            Ending::Unreachable(reason) => {
                let message = format!("`{}` was not published: {reason}", function.slug);
                (Status::Failed, Some(Finding::new(Code::HubUnreachable, message)))
            }
            Ending::Unconfirmed(reason) => {
                let message = format!("whether `{}` was published is not confirmed: {reason}", function.slug);
                (Status::Unconfirmed, Some(Finding::new(Code::Unconfirmed, message)))
            }
        };
        self.report.status = status;
        self.report.published = status == Status::Published;
        self.report.findings.extend(finding);
    }

    fn link(&mut self, hub: &Hub, function: &Function, record: &FunctionRecord) {
        let (url, admin_url) = hub.pages(&function.slug, record);
        self.report.id = record.id.as_deref().map(text::clean_line);
        self.report.url = url;
        self.report.admin_url = admin_url;
    }

    /// Takes the time since `started` off this function's share.
    pub(crate) fn spend(&mut self, started: Instant) {
        self.time_left = self.time_left.saturating_sub(started.elapsed());
    }
}

/// What is published, beside what would be sent.
struct Published {
    /// With this very version.
    comparison: Comparison,
    /// What changes for users of the newest version.
    changes: Vec<Change>,
}

/// Reads the content of this version where it is published already, else that of the newest one before it.
async fn published_before(
    hub: &Hub,
    function: &Function,
    known: &RemoteFunction,
    plan: Plan,
    deadline: Deadline,
) -> Published {
    let not_asked = Comparison::Unknown("it was not asked for".to_owned());
    let unasked = Published { comparison: not_asked, changes: Vec::new() };
    let (version, history) = (&function.version, &known.history);
    let Some(newest) = history.newest() else { return unasked };
    let is_skipped = plan.policy.target == Target::Live && plan.policy.on_existing == OnExisting::Skip;
    match (history.holds(version), version.cmp_precedence(newest)) {
        (true, _) if is_skipped => unasked,
        (true, order) => match hub.content(function, version, known, deadline).await {
            Ok(content) => {
                let changes = if order.is_eq() { changes(&content, function) } else { Vec::new() };
                Published { comparison: compare(function, &content), changes }
            }
            Err(error) => Published { comparison: error.into(), changes: Vec::new() },
        },
        // A version that users of the newest one will come to; what they build on is worth a look, not a long wait.
        (false, Ordering::Greater) => {
            let deadline = Deadline::after(deadline.left().div_f64(4.0).min(ADVICE_TIME));
            let content = hub.content(function, newest, known, deadline).await;
            let changes = content.map(|content| changes(&content, function)).unwrap_or_default();
            Published { changes, ..unasked }
        }
        (false, Ordering::Less | Ordering::Equal) => unasked,
    }
}

fn changes(published: &Content, function: &Function) -> Vec<Change> {
    published.surface(function).changes_to(&function.surface())
}

/// Leaves only those functions in the run that the tag names.
pub(crate) fn pick_by_tag(publications: &mut [Publication], inputs: &Inputs, platform: &Ci) -> Vec<Finding> {
    let functions: Vec<(Option<&str>, Option<&Version>)> = publications
        .iter()
        .map(|publication| {
            (publication.loaded.manifest.name.as_deref(), publication.loaded.manifest.version.as_ref())
        })
        .collect();
    let picks = match check(inputs.tag_check, &platform.trigger, &functions) {
        TagVerdict::Unchecked => return Vec::new(),
        TagVerdict::Refused(finding) => {
            let at_only_version = match publications {
                [only] if only.loaded.has_manifest() => finding.at(only.loaded.manifest.place("version")),
                _ => finding,
            };
            return vec![at_only_version];
        }
        TagVerdict::Picks(picks) => picks,
    };
    for (publication, pick) in publications.iter_mut().zip(picks) {
        let manifest = &publication.loaded.manifest;
        match pick {
            // What can't be read may be what the tag means: its findings stay.
            Pick::Picked | Pick::Unclear => {}
            Pick::Mismatch => {
                let version = manifest.version.as_ref().map(ToString::to_string).unwrap_or_default();
                let name = manifest.name.as_deref().unwrap_or_default();
                let message = format!("the tag names `{name}`, whose version is {version}");
                let place = manifest.place("version");
                publication.report.findings.push(Finding::new(Code::TagMismatch, message).at(place));
            }
            // It is judged when its own turn comes.
            Pick::Skipped => {
                publication.picked = false;
                publication.report.findings.clear();
            }
        }
    }
    Vec::new()
}

/// Two directories with one slug would overwrite each other.
pub(crate) fn refuse_duplicates(publications: &mut [Publication]) {
    let mut first: HashMap<String, String> = HashMap::new();
    for publication in publications.iter_mut().filter(|publication| publication.picked) {
        let Some(slug) = publication.report.slug.clone() else { continue };
        if let Some(other) = first.get(&slug) {
            let message = format!("`{slug}` is also the slug of `{other}`");
            let place = publication.loaded.manifest.place("name");
            publication.report.findings.push(Finding::new(Code::DuplicateFunction, message).at(place));
        } else {
            first.insert(slug, publication.report.directory.clone());
        }
    }
}

/// The request as it would be sent, with long texts shortened and without the key.
fn show_request(hub: &Hub, function: &Function, target: Target, has_key: bool) -> String {
    let body = shortened(request::publish_body(function, target));
    let body = serde_json::to_string_pretty(&body).unwrap_or_default();
    let key = if has_key { "***" } else { "(no key is given)" };
    format!("POST {}\nContent-Type: application/json\nX-API-Key: {key}\n\n{body}", hub.publish_url())
}

fn shortened(mut body: Map<String, Value>) -> Map<String, Value> {
    let sources = ["code", "readme", "files"];
    for (_, value) in body.iter_mut().filter(|(name, _)| sources.contains(&name.as_str())) {
        shorten_texts(value);
    }
    body
}

fn shorten_texts(value: &mut Value) {
    if let Value::String(text) = value {
        let shown = text::shorten(text, SHOWN_TEXT);
        if shown != *text {
            *text = format!("{shown} ({} in all)", text::count(text.len(), "byte"));
        }
    } else if let Value::Object(files) = value {
        files.values_mut().for_each(shorten_texts);
    }
}
