//! The decision: what to do with a version, given what is published. Pure: no file, no network.

use semver::Version;

use super::comparison::Comparison;
use super::history::{History, next_versions};
use crate::finding::{Code, Finding, Severity};
use crate::function::load::Function;
use crate::settings::inputs::{OnExisting, Strategy};

/// What the run wants of the Hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    Live,
    Draft,
}

/// The inputs that decide.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Policy {
    pub(crate) target: Target,
    pub(crate) on_existing: OnExisting,
    pub(crate) strategy: Strategy,
    pub(crate) allow_create: bool,
}

/// What to do with a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    Send,
    /// It is published already, just so.
    Unchanged,
    /// The findings say why not.
    Refuse,
}

/// Decides by the decision table of the documentation. `content` matters only where the version is published already.
pub(crate) fn decide(
    function: &Function,
    history: &History,
    content: &Comparison,
    policy: Policy,
) -> (Decision, Vec<Finding>) {
    let version = &function.version;
    let at_version = |finding: Finding| finding.at(function.manifest.location("version"));
    let live = policy.target == Target::Live;
    match history {
        History::Unknown if !policy.allow_create => {
            let message = format!("the Hub has no function `{}` in this account", function.slug);
            let finding = Finding::new(Code::UnknownFunction, message).at(function.manifest.location("name"));
            (Decision::Refuse, vec![finding])
        }
        History::Unknown => (Decision::Send, first_release(function, live)),
        History::Known(versions) if versions.is_empty() => (Decision::Send, first_release(function, live)),
        History::Known(_) if history.holds(version) => {
            let (decision, finding) = decide_existing(function, history, content, policy);
            (decision, finding.into_iter().map(at_version).collect())
        }
        History::Known(_) => {
            let (decision, findings) = decide_unpublished(version, history, policy);
            (decision, findings.into_iter().map(at_version).collect())
        }
        History::Unreadable(reason) if !policy.allow_create => {
            // Going on could create the second function that the input is there to prevent.
            let message = format!(
                "`allow-create` is `false`, and whether the Hub knows `{}` can't be read: {reason}",
                function.slug
            );
            let finding = Finding::new(Code::HistoryUnreadable, message).with_severity(Severity::Error);
            (Decision::Refuse, vec![finding.with_hint("run the job again, or give `username`")])
        }
        History::Unreadable(reason) => {
            let message = format!("what is published of `{}` can't be read: {reason}", function.slug);
            (Decision::Send, vec![Finding::new(Code::HistoryUnreadable, message)])
        }
        History::NotCompared => {
            let message = format!("`{}` {version} was not compared with what is published", function.slug);
            (Decision::Send, vec![Finding::new(Code::NotCompared, message)])
        }
    }
}

fn first_release(function: &Function, live: bool) -> Vec<Finding> {
    let message = format!("first release of `{}`", function.slug);
    live.then(|| Finding::new(Code::FirstRelease, message)).into_iter().collect()
}

fn decide_existing(
    function: &Function,
    history: &History,
    content: &Comparison,
    policy: Policy,
) -> (Decision, Option<Finding>) {
    let conflict = || conflict(function, history, content);
    match (policy.target, policy.on_existing, content) {
        (Target::Draft, _, Comparison::Equal) => (Decision::Unchanged, None),
        (Target::Draft, _, Comparison::Different(_) | Comparison::Unknown(_) | Comparison::Unread(_)) => {
            let finding = conflict().with_severity(Severity::Warning);
            let hint = format!("this version can't go live; {}", finding.hint);
            (Decision::Send, Some(finding.with_hint(hint)))
        }
        (Target::Live, OnExisting::Skip, _) | (Target::Live, OnExisting::Auto, Comparison::Equal) => {
            (Decision::Unchanged, None)
        }
        (Target::Live, OnExisting::Auto, Comparison::Unread(reason)) => {
            // Perhaps nothing changed: that the author should raise the version would be a guess.
            let message = format!(
                "`{}` is published already, and its content could not be read: {reason}",
                function.version
            );
            let finding = Finding::new(Code::Unconfirmed, message);
            (
                Decision::Refuse,
                Some(finding.with_hint("run the job again: if the content is the same, it succeeds")),
            )
        }
        (Target::Live, OnExisting::Auto, Comparison::Different(_) | Comparison::Unknown(_))
        | (Target::Live, OnExisting::Fail, _) => (Decision::Refuse, Some(conflict())),
    }
}

/// The finding for a version that is published already: what differs, and the versions that come next.
pub(crate) fn conflict(function: &Function, history: &History, content: &Comparison) -> Finding {
    let version = &function.version;
    let what = match content {
        Comparison::Equal => "with this very content".to_owned(),
        Comparison::Different(changes) => {
            let changes: Vec<_> = changes.iter().map(ToString::to_string).collect();
            format!("and a published version is permanent: {}", changes.join(", "))
        }
        Comparison::Unknown(reason) | Comparison::Unread(reason) => {
            format!("and whether its content is the same can't be told: {reason}")
        }
    };
    let newest = history.newest().unwrap_or(version);
    let [patch, minor, major] = next_versions(newest);
    Finding::new(Code::VersionConflict, format!("`{version}` is published already, {what}"))
        .at(function.manifest.location("version"))
        .with_hint(format!("raise `version` to `{patch}` (patch), `{minor}` (minor) or `{major}` (major)"))
}

fn decide_unpublished(version: &Version, history: &History, policy: Policy) -> (Decision, Vec<Finding>) {
    let Some(newest) = history.newest() else { return (Decision::Send, Vec::new()) };
    let mut findings = Vec::new();
    if version.cmp_precedence(newest).is_lt() && policy.strategy == Strategy::Upgrade {
        let [patch, minor, major] = next_versions(newest);
        let message = format!("`{version}` is not above `{newest}`, the newest published version");
        let finding = Finding::new(Code::VersionNotNewer, message).with_hint(format!(
            "raise `version` to `{patch}` (patch), `{minor}` (minor) or `{major}` (major); for a backport set `strategy: all`"
        ));
        match policy.target {
            Target::Live => return (Decision::Refuse, vec![finding]),
            Target::Draft => findings.push(finding.with_severity(Severity::Warning)),
        }
    }
    if policy.target == Target::Live && !version.pre.is_empty() && newest.pre.is_empty() {
        let message = format!("the prerelease `{version}` takes the place of the release `{newest}`");
        findings.push(Finding::new(Code::PrereleaseOverRelease, message));
    }
    (Decision::Send, findings)
}
