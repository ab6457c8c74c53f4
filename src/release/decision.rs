//! The decision: what to do with a version, given what is published. Pure, and the only place that knows what
//! `on-existing` means, before a publish and after one.

use semver::Version;

use super::comparison::Comparison;
use super::history::{History, next_versions};
use crate::finding::{Code, Finding, Severity};
use crate::function::load::Function;
use crate::settings::values::{OnExisting, Strategy};

/// Where a publish goes.
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

impl Policy {
    /// Whether a version that is published already is fine with any content, so that nobody needs to read it.
    pub(crate) fn accepts_any_content(self) -> bool {
        self.target == Target::Live && self.on_existing == OnExisting::Skip
    }
}

/// What to do with a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    Send,
    /// The same is published already.
    Unchanged,
    /// The findings say why not.
    Refuse,
}

/// Decides by the table of the documentation, "Publishing rules". The comparison is that with the content of this very
/// version and counts only where it is published already; `advice` names the lowest version that fits the changes.
pub(crate) fn decide(
    function: &Function,
    history: &History,
    comparison: &Comparison,
    advice: Option<&str>,
    policy: Policy,
) -> (Decision, Vec<Finding>) {
    let (slug, version) = (&function.slug, &function.version);
    match history {
        History::Unknown if !policy.allow_create => {
            let message = format!("the Hub has no function `{slug}` in this account");
            let location = function.manifest.location("name");
            (Decision::Refuse, vec![Finding::new(Code::UnknownFunction, message).at(location)])
        }
        History::Unknown => (Decision::Send, first_release(function, policy.target)),
        History::Known(versions) if versions.is_empty() => {
            (Decision::Send, first_release(function, policy.target))
        }
        History::Known(_) if history.holds(version) => {
            decide_existing(function, history, comparison, advice, policy)
        }
        History::Known(_) => decide_unpublished(function, history, policy),
        History::Unreadable(reason) if !policy.allow_create => {
            // Publishing could create the second function that `allow-create: false` is there to prevent.
            let message = format!(
                "`allow-create` is `false`, and whether the Hub has `{slug}` could not be read: {reason}"
            );
            let finding = Finding::new(Code::HistoryUnreadable, message).with_severity(Severity::Error);
            (Decision::Refuse, vec![finding.with_hint("re-run the job, or set `username`")])
        }
        History::Unreadable(reason) => {
            let message = format!("the published versions of `{slug}` could not be read: {reason}");
            (Decision::Send, vec![Finding::new(Code::HistoryUnreadable, message)])
        }
        History::NotCompared => {
            let message = format!("`{slug}` {version} was not compared with what is published");
            (Decision::Send, vec![Finding::new(Code::NotCompared, message)])
        }
    }
}

/// Decides again after a publish that found this version on the Hub, published by another run in the meantime.
pub(crate) fn decide_after_publish(
    function: &Function,
    history: &History,
    comparison: &Comparison,
    policy: Policy,
) -> (Decision, Vec<Finding>) {
    if is_unchanged(comparison, policy) {
        (Decision::Unchanged, Vec::new())
    } else {
        (Decision::Refuse, vec![conflict(function, history, comparison, None)])
    }
}

/// Whether a version that is published already needs no publish.
fn is_unchanged(comparison: &Comparison, policy: Policy) -> bool {
    match (policy.target, policy.on_existing) {
        (Target::Live, OnExisting::Skip) => true,
        (Target::Live, OnExisting::Fail) => false,
        (Target::Live, OnExisting::Auto) | (Target::Draft, _) => *comparison == Comparison::Equal,
    }
}

fn first_release(function: &Function, target: Target) -> Vec<Finding> {
    match target {
        Target::Live => {
            let message = format!("first release of `{}`", function.slug);
            vec![Finding::new(Code::FirstRelease, message)]
        }
        Target::Draft => Vec::new(),
    }
}

fn decide_existing(
    function: &Function,
    history: &History,
    comparison: &Comparison,
    advice: Option<&str>,
    policy: Policy,
) -> (Decision, Vec<Finding>) {
    if is_unchanged(comparison, policy) {
        return (Decision::Unchanged, Vec::new());
    }
    let conflict = conflict(function, history, comparison, advice);
    match (policy.target, policy.on_existing, comparison) {
        (Target::Draft, ..) => {
            let hint = format!("this version can't go live; {}", conflict.hint);
            (Decision::Send, vec![conflict.with_severity(Severity::Warning).with_hint(hint)])
        }
        (Target::Live, OnExisting::Auto | OnExisting::Skip, Comparison::Unread(reason)) => {
            // Perhaps nothing changed: asking the author for a new version would be a guess.
            let message = format!(
                "`{}` is already published, and its content could not be read: {reason}",
                function.version
            );
            let finding = Finding::new(Code::Unconfirmed, message).at(function.manifest.location("version"));
            (
                Decision::Refuse,
                vec![finding.with_hint("re-run the job: it succeeds if the content is the same")],
            )
        }
        (Target::Live, ..) => (Decision::Refuse, vec![conflict]),
    }
}

/// The finding for a version that is published already: what differs, and the versions that come next.
fn conflict(
    function: &Function,
    history: &History,
    comparison: &Comparison,
    advice: Option<&str>,
) -> Finding {
    let version = &function.version;
    let what = match comparison {
        Comparison::Equal => "with the same content".to_owned(),
        Comparison::Different(changes) => {
            let changes: Vec<_> = changes.iter().map(ToString::to_string).collect();
            format!("and a published version is permanent: {}", changes.join(", "))
        }
        Comparison::Unknown(reason) | Comparison::Unread(reason) => {
            format!("and its content could not be compared: {reason}")
        }
    };
    let newest = history.newest().unwrap_or(version);
    let advice = advice.map(|advice| format!("; {advice}")).unwrap_or_default();
    Finding::new(Code::VersionConflict, format!("`{version}` is already published, {what}"))
        .at(function.manifest.location("version"))
        .with_hint(format!("{}{advice}", raise_above(newest)))
}

fn raise_above(newest: &Version) -> String {
    let [patch, minor, major] = next_versions(newest);
    format!("raise `version` to `{patch}` (patch), `{minor}` (minor) or `{major}` (major)")
}

fn decide_unpublished(function: &Function, history: &History, policy: Policy) -> (Decision, Vec<Finding>) {
    let version = &function.version;
    let Some(newest) = history.newest() else { return (Decision::Send, Vec::new()) };
    let at_version =
        |code, message: String| Finding::new(code, message).at(function.manifest.location("version"));
    if version.cmp_precedence(newest).is_lt() && policy.strategy == Strategy::Upgrade {
        let message = format!("`{version}` is not above `{newest}`, the newest published version");
        let hint = format!("{}; for a backport set `strategy: all`", raise_above(newest));
        let finding = at_version(Code::VersionNotNewer, message).with_hint(hint);
        return match policy.target {
            Target::Live => (Decision::Refuse, vec![finding]),
            Target::Draft => (Decision::Send, vec![finding.with_severity(Severity::Warning)]),
        };
    }
    let is_prerelease_over_release = !version.pre.is_empty() && newest.pre.is_empty();
    if policy.target == Target::Live && is_prerelease_over_release {
        let message =
            format!("the prerelease `{version}` would replace release `{newest}` as the latest version");
        return (Decision::Send, vec![at_version(Code::PrereleaseOverRelease, message)]);
    }
    (Decision::Send, Vec::new())
}
