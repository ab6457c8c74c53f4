//! The decision: what to do with a version, given what is published. Pure, and the only place that knows what
//! `on-existing` means, before a publish and after one.

use semver::Version;

use super::comparison::Comparison;
use super::history::{History, next_versions};
use super::plan::{Plan, Target};
use crate::finding::{Code, Finding, Severity};
use crate::function::load::Function;
use crate::settings::values::{OnExisting, Strategy};

impl Plan {
    /// Whether a version that is published already is fine with any content.
    pub(crate) fn accepts_any_content(self) -> bool {
        self.target == Target::Live && self.on_existing == OnExisting::Skip
    }

    /// Whether a version that is published already is an error with any content.
    pub(crate) fn refuses_any_content(self) -> bool {
        self.target == Target::Live && self.on_existing == OnExisting::Fail
    }
}

/// What to do with a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Decision {
    Send,
    /// The same is published already.
    Unchanged,
    /// The findings say why not.
    Refuse,
}

impl Decision {
    /// As in the JSON report.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Unchanged => "unchanged",
            Self::Refuse => "refuse",
        }
    }
}

/// Decides by the table of the documentation, "Publishing rules". The comparison is that with the content of this very
/// version and counts only where it is published already; `advice` names the lowest version that fits the changes.
pub(crate) fn decide(
    function: &Function,
    history: &History,
    comparison: &Comparison,
    advice: Option<&str>,
    plan: Plan,
) -> (Decision, Vec<Finding>) {
    let (slug, version) = (&function.slug, &function.version);
    match history {
        History::Unknown if !plan.allow_create => {
            let message = format!("the Hub has no function `{slug}` in this account");
            let location = function.manifest.location("name");
            (Decision::Refuse, vec![Finding::new(Code::UnknownFunction, message).at(location)])
        }
        History::Unknown => (Decision::Send, first_release(function, plan.target)),
        History::Known(versions) if versions.is_empty() => {
            (Decision::Send, first_release(function, plan.target))
        }
        History::Known(_) if history.holds(version) => {
            decide_existing(function, history, comparison, advice, plan)
        }
        History::Known(_) => decide_unpublished(function, history, plan),
        // It could be the second function that `allow-create: false` is there to prevent, or other than what was approved.
        History::Unreadable(reason) if !plan.allow_create || plan.is_approved => {
            let message = if plan.allow_create {
                format!("whether `{slug}` is as it was approved could not be read: {reason}")
            } else {
                format!(
                    "`allow-create` is `false`, and whether the Hub has `{slug}` could not be read: {reason}"
                )
            };
            let finding = Finding::new(Code::HistoryUnreadable, message).with_severity(Severity::Error);
            (Decision::Refuse, vec![finding.with_hint("re-run the job, or set `username`")])
        }
        History::Unreadable(reason) => {
            let message = format!("the published versions could not be read: {reason}");
            let finding = Finding::new(Code::HistoryUnreadable, message);
            (Decision::Send, vec![finding.at(function.manifest.source.whole())])
        }
        History::NotCompared => {
            let finding =
                Finding::new(Code::NotCompared, "this version was not compared with what is published");
            (Decision::Send, vec![finding.at(function.manifest.source.whole())])
        }
    }
}

/// Decides again after a publish that found this version on the Hub, published by another run in the meantime.
pub(crate) fn decide_after_publish(
    function: &Function,
    history: &History,
    comparison: &Comparison,
    plan: Plan,
) -> (Decision, Vec<Finding>) {
    if is_unchanged(comparison, plan) {
        (Decision::Unchanged, Vec::new())
    } else {
        (Decision::Refuse, vec![conflict(function, history, comparison, None)])
    }
}

/// The warning about a version that another run published above this one in the meantime.
pub(crate) fn newer_published(
    function: &Function,
    known: &History,
    newest: Option<Version>,
) -> Option<Finding> {
    let newest = newest.filter(|newest| newest.cmp_precedence(&function.version).is_gt())?;
    let was_known = known.newest().is_some_and(|known| known.cmp_precedence(&newest).is_ge());
    let message = format!("another run published `{newest}` while this one published `{}`", function.version);
    (!was_known)
        .then(|| Finding::new(Code::NewerPublished, message).at(function.manifest.location("version")))
}

/// Whether a version that is published already needs no publish.
fn is_unchanged(comparison: &Comparison, plan: Plan) -> bool {
    match (plan.target, plan.on_existing) {
        (Target::Live, OnExisting::Skip) => true,
        (Target::Live, OnExisting::Fail) => false,
        (Target::Live, OnExisting::Auto) | (Target::Draft, _) => *comparison == Comparison::Equal,
    }
}

fn first_release(function: &Function, target: Target) -> Vec<Finding> {
    match target {
        Target::Live => {
            let finding =
                Finding::new(Code::FirstRelease, "the Hub does not have this function yet: first release");
            vec![finding.at(function.manifest.source.whole())]
        }
        Target::Draft => Vec::new(),
    }
}

fn decide_existing(
    function: &Function,
    history: &History,
    comparison: &Comparison,
    advice: Option<&str>,
    plan: Plan,
) -> (Decision, Vec<Finding>) {
    if is_unchanged(comparison, plan) {
        return (Decision::Unchanged, Vec::new());
    }
    let conflict = conflict(function, history, comparison, advice);
    match (plan.target, plan.on_existing, comparison) {
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
        Comparison::Equal => " with the same content".to_owned(),
        Comparison::Different(changes) => {
            format!(" with different content: {}", changes.join(", "))
        }
        Comparison::Unknown(reason) | Comparison::Unread(reason) => {
            format!(", and its content could not be compared: {reason}")
        }
    };
    let newest = history.newest().unwrap_or(version);
    let advice = advice.map(|advice| format!("; {advice}")).unwrap_or_default();
    Finding::new(Code::VersionConflict, format!("`{version}` is already published{what}"))
        .at(function.manifest.location("version"))
        .with_hint(format!("{}{advice}", raise_above(newest)))
}

fn raise_above(newest: &Version) -> String {
    let [patch, minor, major] = next_versions(newest);
    format!("raise `version` to `{patch}` (patch), `{minor}` (minor) or `{major}` (major)")
}

fn decide_unpublished(function: &Function, history: &History, plan: Plan) -> (Decision, Vec<Finding>) {
    let version = &function.version;
    let Some(newest) = history.newest() else { return (Decision::Send, Vec::new()) };
    let at_version =
        |code, message: String| Finding::new(code, message).at(function.manifest.location("version"));
    if version.cmp_precedence(newest).is_lt() && plan.strategy == Strategy::Upgrade {
        let message = format!("`{version}` is not above `{newest}`, the newest published version");
        let otherwise = if history.is_backport(version) {
            "for a backport set `strategy: all`"
        } else {
            "to go back to an older commit, publish its code under one of these"
        };
        let hint = format!("{}; {otherwise}", raise_above(newest));
        let finding = at_version(Code::VersionNotNewer, message).with_hint(hint);
        return match plan.target {
            Target::Live => (Decision::Refuse, vec![finding]),
            Target::Draft => (Decision::Send, vec![finding.with_severity(Severity::Warning)]),
        };
    }
    let is_prerelease_over_release = !version.pre.is_empty() && newest.pre.is_empty();
    if plan.target == Target::Live && is_prerelease_over_release {
        let message =
            format!("the prerelease `{version}` would replace release `{newest}` as the latest version");
        return (Decision::Send, vec![at_version(Code::PrereleaseOverRelease, message)]);
    }
    (Decision::Send, Vec::new())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::function::code::parser::Parser;
    use crate::function::load::load;
    use crate::secret::Secrets;
    use crate::source::Location;

    /// `greeter` at a version, without a README.
    fn greeter(version: &str) -> Arc<Function> {
        let folder = tempfile::tempdir().unwrap();
        let manifest = serde_json::json!({
            "name": "greeter",
            "version": version,
            "description": "Greets",
            "category": "utility",
            "language": "typescript",
            "runtime": "cloudflare-worker",
            "license": "MIT",
            "entrypoint": "index.ts",
        });
        std::fs::write(folder.path().join("aerostack.json"), format!("{manifest:#}")).unwrap();
        std::fs::write(folder.path().join("index.ts"), "export const greet = 1;\n").unwrap();
        let directory = folder.path().canonicalize().unwrap();
        load(&directory, &directory, &Secrets::default(), &Parser::in_thread()).function.unwrap()
    }

    fn known(versions: &[&str]) -> History {
        History::Known(versions.iter().map(|version| Version::parse(version).unwrap()).collect())
    }

    fn unreadable() -> History {
        History::Unreadable("it answered with 503".to_owned())
    }

    fn different() -> Comparison {
        Comparison::Different(vec![
            "`index.ts` changed".to_owned(),
            "`new.ts` was added".to_owned(),
            "`old.ts` was removed".to_owned(),
        ])
    }

    fn not_shown() -> Comparison {
        Comparison::Unknown("the Hub does not show it".to_owned())
    }

    fn unread() -> Comparison {
        Comparison::Unread("it answered with 503".to_owned())
    }

    const LIVE: Plan = Plan::LIVE;
    const DRAFT: Plan = Plan::DRAFT;

    /// What became of it: the decision, and each finding as `SEVERITY CODE`.
    fn shown((decision, findings): (Decision, Vec<Finding>)) -> String {
        let findings = findings
            .iter()
            .map(|finding| format!(", {} {}", finding.severity.row().word, finding.code.name()));
        format!("{decision:?}{}", findings.collect::<String>())
    }

    fn decided(version: &str, history: &History, comparison: &Comparison, plan: Plan) -> String {
        shown(decide(&greeter(version), history, comparison, None, plan))
    }

    #[test]
    fn a_function_that_is_not_published_is_created_only_if_allowed() {
        let no_creation = |plan| Plan { allow_create: false, ..plan };
        for (history, plan, expected) in [
            (History::Unknown, LIVE, "Send, notice FIRST_RELEASE"),
            (History::Unknown, DRAFT, "Send"),
            (History::Unknown, no_creation(LIVE), "Refuse, error UNKNOWN_FUNCTION"),
            (History::Unknown, no_creation(DRAFT), "Refuse, error UNKNOWN_FUNCTION"),
            // The Hub has a draft of it: nothing is created.
            (known(&[]), LIVE, "Send, notice FIRST_RELEASE"),
            (known(&[]), DRAFT, "Send"),
            (known(&[]), no_creation(LIVE), "Send, notice FIRST_RELEASE"),
            (known(&[]), no_creation(DRAFT), "Send"),
            (known(&["0.9.0"]), no_creation(LIVE), "Send"),
            (known(&["0.9.0"]), no_creation(DRAFT), "Send"),
        ] {
            assert_eq!(decided("1.0.0", &history, &not_shown(), plan), expected, "{history:?}, {plan:?}");
        }
    }

    #[test]
    fn a_history_that_is_not_known_leaves_the_decision_to_the_hub_if_nothing_can_be_created() {
        for plan in [LIVE, DRAFT] {
            let no_creation = Plan { allow_create: false, ..plan };
            for (history, plan, expected) in [
                (unreadable(), plan, "Send, warning HISTORY_UNREADABLE"),
                (unreadable(), no_creation, "Refuse, error HISTORY_UNREADABLE"),
                (History::NotCompared, plan, "Send, notice NOT_COMPARED"),
                (History::NotCompared, no_creation, "Send, notice NOT_COMPARED"),
            ] {
                let decided = decided("1.0.0", &history, &not_shown(), plan);
                assert_eq!(decided, expected, "{history:?}, {plan:?}");
            }
        }
    }

    /// What to do with a version that is published already: by the content's comparison, then for `auto`, `skip` and `fail`.
    fn existing() -> [(Plan, Comparison, [&'static str; 3]); 8] {
        const CONFLICT: &str = "Refuse, error VERSION_CONFLICT";
        const DRAFT_OF_IT: &str = "Send, warning VERSION_CONFLICT";
        const UNCONFIRMED: &str = "Refuse, error UNCONFIRMED";
        [
            (LIVE, Comparison::Equal, ["Unchanged", "Unchanged", CONFLICT]),
            (LIVE, different(), [CONFLICT, "Unchanged", CONFLICT]),
            (LIVE, not_shown(), [CONFLICT, "Unchanged", CONFLICT]),
            (LIVE, unread(), [UNCONFIRMED, "Unchanged", CONFLICT]),
            (DRAFT, Comparison::Equal, ["Unchanged"; 3]),
            (DRAFT, different(), [DRAFT_OF_IT; 3]),
            (DRAFT, not_shown(), [DRAFT_OF_IT; 3]),
            (DRAFT, unread(), [DRAFT_OF_IT; 3]),
        ]
    }

    const ON_EXISTING: [OnExisting; 3] = [OnExisting::Auto, OnExisting::Skip, OnExisting::Fail];

    #[test]
    fn a_published_version_is_decided_by_content_and_on_existing() {
        for (plan, comparison, expected) in existing() {
            for (on_existing, expected) in ON_EXISTING.into_iter().zip(expected) {
                for strategy in [Strategy::Upgrade, Strategy::All] {
                    let plan = Plan { on_existing, strategy, ..plan };
                    for (version, published) in [
                        ("1.0.0", vec!["1.0.0"]),
                        ("1.0.0+a", vec!["1.0.0+b"]),
                        ("1.0.0", vec!["2.0.0", "1.0.0"]),
                    ] {
                        let decided = decided(version, &known(&published), &comparison, plan);
                        assert_eq!(decided, expected, "{version}, {comparison:?}, {plan:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_version_that_appears_while_it_is_published_is_decided_the_same_way() {
        for (plan, comparison, expected) in existing() {
            // A draft that the Hub refused can't be sent again, and what can't be read is a conflict all the same.
            let is_sent = plan.target == Target::Live && comparison != unread();
            for (on_existing, expected) in ON_EXISTING.into_iter().zip(expected) {
                let expected = match expected {
                    "Unchanged" => "Unchanged",
                    expected if is_sent => expected,
                    _ => "Refuse, error VERSION_CONFLICT",
                };
                let plan = Plan { on_existing, ..plan };
                let decided =
                    shown(decide_after_publish(&greeter("1.0.0"), &known(&["1.0.0"]), &comparison, plan));
                assert_eq!(decided, expected, "{comparison:?}, {plan:?}");
            }
        }
    }

    #[test]
    fn only_a_live_skip_accepts_any_content_and_only_a_live_fail_refuses_any() {
        for on_existing in ON_EXISTING {
            let (live, draft) = (Plan { on_existing, ..LIVE }, Plan { on_existing, ..DRAFT });
            assert_eq!(live.accepts_any_content(), on_existing == OnExisting::Skip);
            assert_eq!(live.refuses_any_content(), on_existing == OnExisting::Fail);
            assert!(!draft.accepts_any_content() && !draft.refuses_any_content());
        }
    }

    #[test]
    fn a_newer_version_is_news_only_if_nothing_as_new_was_known_before() {
        for (before, newest, expected) in [
            (known(&["0.9.0"]), Some("1.0.1"), true),
            (known(&["0.9.0"]), Some("1.0.0"), false),
            (known(&["0.9.0"]), Some("1.0.0+build"), false),
            (known(&["0.9.0"]), None, false),
            (known(&["1.0.1"]), Some("1.0.1"), false),
            (known(&["1.0.2"]), Some("1.0.1"), false),
            (known(&["1.0.1"]), Some("1.0.2"), true),
            (History::Unknown, Some("1.0.1"), true),
        ] {
            let newest = newest.map(|version| Version::parse(version).unwrap());
            let finding = newer_published(&greeter("1.0.0"), &before, newest.clone());
            let shown = finding.map(|it| (it.code, it.message));
            let message = "another run published `VERSION` while this one published `1.0.0`";
            let expected = expected.then(|| {
                (Code::NewerPublished, message.replace("VERSION", &newest.clone().unwrap().to_string()))
            });
            assert_eq!(shown, expected, "{before:?}, {newest:?}");
        }
    }

    #[test]
    fn an_unpublished_version_is_decided_by_precedence_and_strategy() {
        const NOT_NEWER: &str = "Refuse, error VERSION_NOT_NEWER";
        const NOT_NEWER_DRAFT: &str = "Send, warning VERSION_NOT_NEWER";
        const PRERELEASE: &str = "Send, warning PRERELEASE_OVER_RELEASE";
        // For live with `upgrade` and `all`, then for a draft with `upgrade` and `all`.
        for (version, newest, expected) in [
            ("2.0.1", "2.0.0", ["Send", "Send", "Send", "Send"]),
            ("10.0.0", "9.9.9", ["Send", "Send", "Send", "Send"]),
            ("1.9.9", "2.0.0", [NOT_NEWER, "Send", NOT_NEWER_DRAFT, "Send"]),
            ("2.0.0-rc.1", "2.0.0", [NOT_NEWER, PRERELEASE, NOT_NEWER_DRAFT, "Send"]),
            ("2.1.0-rc.1", "2.0.0", [PRERELEASE, PRERELEASE, "Send", "Send"]),
            ("2.0.0-rc.2", "2.0.0-rc.10", [NOT_NEWER, "Send", NOT_NEWER_DRAFT, "Send"]),
            ("2.0.0-rc.10", "2.0.0-rc.2", ["Send", "Send", "Send", "Send"]),
            ("2.0.0", "2.0.0-rc.1", ["Send", "Send", "Send", "Send"]),
        ] {
            let policies = [LIVE, DRAFT].into_iter().flat_map(|plan| {
                [Strategy::Upgrade, Strategy::All].map(|strategy| Plan { strategy, ..plan })
            });
            for (plan, expected) in policies.zip(expected) {
                let decided = decided(version, &known(&["0.1.0", newest]), &not_shown(), plan);
                assert_eq!(decided, expected, "{version} after {newest}, {plan:?}");
            }
        }
    }

    /// The message, the hint and the line of the only finding.
    fn finding((_, findings): (Decision, Vec<Finding>)) -> (String, String, Option<usize>) {
        let [finding] = findings.as_slice() else { panic!("{findings:?}") };
        let line = finding.location.as_ref().and_then(Location::span).map(|span| span.line);
        (finding.message.clone(), finding.hint.clone(), line)
    }

    #[test]
    fn a_conflict_names_the_changed_files_and_the_next_versions_after_the_newest_one() {
        let (function, history) = (greeter("1.2.3"), known(&["1.4.7", "1.2.3"]));
        let conflict = |comparison: &Comparison, advice, plan| {
            finding(decide(&function, &history, comparison, advice, plan))
        };
        let raise = "raise `version` to `1.4.8` (patch), `1.5.0` (minor) or `2.0.0` (major)";
        let changed = "`1.2.3` is already published with different content: \
                       `index.ts` changed, `new.ts` was added, `old.ts` was removed";
        assert_eq!(conflict(&different(), None, LIVE), (changed.to_owned(), raise.to_owned(), Some(3)));
        assert_eq!(
            conflict(&different(), Some("it adds x: 1.5.0"), LIVE).1,
            format!("{raise}; it adds x: 1.5.0")
        );
        assert_eq!(conflict(&different(), None, DRAFT).1, format!("this version can't go live; {raise}"));
        for (comparison, message) in [
            (Comparison::Equal, "`1.2.3` is already published with the same content"),
            (
                not_shown(),
                "`1.2.3` is already published, and its content could not be compared: the Hub does not show it",
            ),
        ] {
            let plan = Plan { on_existing: OnExisting::Fail, ..LIVE };
            assert_eq!(conflict(&comparison, None, plan), (message.to_owned(), raise.to_owned(), Some(3)));
        }
    }

    #[test]
    fn content_that_could_not_be_read_asks_for_another_run() {
        let (message, hint, line) =
            finding(decide(&greeter("1.0.0"), &known(&["1.0.0"]), &unread(), None, LIVE));
        assert_eq!(
            message,
            "`1.0.0` is already published, and its content could not be read: it answered with 503"
        );
        assert_eq!(
            (hint.as_str(), line),
            ("re-run the job: it succeeds if the content is the same", Some(3))
        );
    }

    #[test]
    fn a_version_that_is_not_newer_names_the_next_ones_and_the_way_to_backport() {
        let (message, hint, line) =
            finding(decide(&greeter("1.9.9"), &known(&["2.0.0"]), &not_shown(), None, LIVE));
        assert_eq!(message, "`1.9.9` is not above `2.0.0`, the newest published version");
        let expected = "raise `version` to `2.0.1` (patch), `2.1.0` (minor) or `3.0.0` (major); \
                        for a backport set `strategy: all`";
        assert_eq!((hint.as_str(), line), (expected, Some(3)));
        // An older line has newer versions after it; a commit from before the newest version does not.
        let history = known(&["2.0.0", "1.9.8"]);
        let (_, hint, _) = finding(decide(&greeter("1.9.7"), &history, &not_shown(), None, LIVE));
        assert!(
            hint.ends_with("; to go back to an older commit, publish its code under one of these"),
            "{hint}"
        );
    }

    #[test]
    fn an_unknown_function_is_reported_at_its_name() {
        let plan = Plan { allow_create: false, ..LIVE };
        let (message, _, line) =
            finding(decide(&greeter("1.0.0"), &History::Unknown, &not_shown(), None, plan));
        assert_eq!((message.as_str(), line), ("the Hub has no function `greeter` in this account", Some(2)));
    }
}
