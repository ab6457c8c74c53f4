//! The decision: what to do with a version, given what is published. Pure: no file, no network.

use semver::{Prerelease, Version};

use crate::content::Comparison;
use crate::finding::{Code, Finding, Severity};
use crate::function::Function;
use crate::inputs::{OnExisting, Strategy};

/// What the run wants of the Hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    Live,
    Draft,
}

/// What was found out of a function's published versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum History {
    /// The Hub does not know the slug.
    Unknown,
    /// The published versions in any order; none, if the Hub has only a draft.
    Known(Vec<Version>),
    /// Why the Hub's answer says nothing, in words.
    Unreadable(String),
    /// A dry run that has no means to ask.
    NotCompared,
}

impl History {
    /// The newest published version, by `SemVer` precedence.
    pub(crate) fn newest(&self) -> Option<&Version> {
        self.versions().iter().max_by(|a, b| a.cmp_precedence(b))
    }

    /// Whether the version is published; build metadata does not count (`SemVer` 2.0.0, §10).
    pub(crate) fn holds(&self, version: &Version) -> bool {
        self.versions().iter().any(|published| published.cmp_precedence(version).is_eq())
    }

    fn versions(&self) -> &[Version] {
        match self {
            Self::Known(versions) => versions,
            Self::Unknown | Self::Unreadable(_) | Self::NotCompared => &[],
        }
    }
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

/// How a version stands to what was published before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ReleaseType {
    First,
    Major,
    Minor,
    Patch,
    Prerelease,
    /// No release, or nothing known to compare with.
    None,
}

impl ReleaseType {
    /// The word for it, in lower case.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Major => "major",
            Self::Minor => "minor",
            Self::Patch => "patch",
            Self::Prerelease => "prerelease",
            Self::None => "none",
        }
    }
}

/// Decides by the decision table of the documentation. `content` matters only where the version is published already.
pub(crate) fn decide(
    function: &Function,
    history: &History,
    content: &Comparison,
    policy: Policy,
) -> (Decision, Vec<Finding>) {
    let version = &function.version;
    let at_version = |finding: Finding| finding.at(function.manifest.place("version"));
    let live = policy.target == Target::Live;
    match history {
        History::Unknown if !policy.allow_create => {
            let message = format!("the Hub has no function `{}` in this account", function.slug);
            let finding = Finding::new(Code::UnknownFunction, message).at(function.manifest.place("name"));
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
            let finding = Finding::new(Code::HistoryUnreadable, message).weigh(Severity::Error);
            (Decision::Refuse, vec![finding.hint("run the job again, or give `username`")])
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
            let finding = conflict().weigh(Severity::Warning);
            let hint = format!("this version can't go live; {}", finding.hint);
            (Decision::Send, Some(finding.hint(hint)))
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
                Some(finding.hint("run the job again: if the content is the same, it succeeds")),
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
        .at(function.manifest.place("version"))
        .hint(format!("raise `version` to `{patch}` (patch), `{minor}` (minor) or `{major}` (major)"))
}

fn decide_unpublished(version: &Version, history: &History, policy: Policy) -> (Decision, Vec<Finding>) {
    let Some(newest) = history.newest() else { return (Decision::Send, Vec::new()) };
    let mut findings = Vec::new();
    if version.cmp_precedence(newest).is_lt() && policy.strategy == Strategy::Upgrade {
        let [patch, minor, major] = next_versions(newest);
        let message = format!("`{version}` is not above `{newest}`, the newest published version");
        let finding = Finding::new(Code::VersionNotNewer, message).hint(format!(
            "raise `version` to `{patch}` (patch), `{minor}` (minor) or `{major}` (major); for a backport set `strategy: all`"
        ));
        match policy.target {
            Target::Live => return (Decision::Refuse, vec![finding]),
            Target::Draft => findings.push(finding.weigh(Severity::Warning)),
        }
    }
    if policy.target == Target::Live && !version.pre.is_empty() && newest.pre.is_empty() {
        let message = format!("the prerelease `{version}` takes the place of the release `{newest}`");
        findings.push(Finding::new(Code::PrereleaseOverRelease, message));
    }
    (Decision::Send, findings)
}

/// The next patch, minor and major version. What a prerelease leads up to comes before them, as npm counts.
pub(crate) fn next_versions(version: &Version) -> [Version; 3] {
    let plain = |major: u64, minor: u64, patch: u64| Version::new(major, minor, patch);
    let Version { major, minor, patch, pre, .. } = version;
    let prerelease = *pre != Prerelease::EMPTY;
    let release = plain(*major, *minor, *patch);
    let next = |stays: bool, raised: Version| if prerelease && stays { release.clone() } else { raised };
    [
        next(true, plain(*major, *minor, patch.saturating_add(1))),
        next(*patch == 0, plain(*major, minor.saturating_add(1), 0)),
        next(*patch == 0 && *minor == 0, plain(major.saturating_add(1), 0, 0)),
    ]
}

/// What kind of release a version is, seen from the nearest published one below it.
pub(crate) fn release_type(version: &Version, history: &History) -> ReleaseType {
    match history {
        History::Unreadable(_) | History::NotCompared => return ReleaseType::None,
        History::Unknown | History::Known(_) => {}
    }
    if history.versions().is_empty() {
        return ReleaseType::First;
    }
    if history.holds(version) {
        return ReleaseType::None;
    }
    if !version.pre.is_empty() {
        return ReleaseType::Prerelease;
    }
    let lower = history.versions().iter().filter(|published| published.cmp_precedence(version).is_lt());
    let base = lower.max_by(|a, b| a.cmp_precedence(b));
    let raised = |of: fn(&Version) -> u64| base.map_or(of(version) != 0, |base| of(base) != of(version));
    // A prerelease leads up to its release: 1.0.0-rc.1 to 1.0.0 is what 1.0.0 itself is.
    let by_shape = base.is_some_and(|base| {
        (base.major, base.minor, base.patch) == (version.major, version.minor, version.patch)
    });
    match (by_shape, base) {
        (false, Some(_)) if raised(|version| version.major) => ReleaseType::Major,
        (false, Some(_)) if raised(|version| version.minor) => ReleaseType::Minor,
        (false, Some(_)) => ReleaseType::Patch,
        _ if version.patch != 0 => ReleaseType::Patch,
        _ if version.minor != 0 => ReleaseType::Minor,
        _ => ReleaseType::Major,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    fn known(versions: &[&str]) -> History {
        History::Known(versions.iter().map(|text| version(text)).collect())
    }

    #[test]
    fn the_next_versions_are_those_npm_would_name() {
        let next = |text| next_versions(&version(text)).map(|version| version.to_string());
        assert_eq!(next("1.2.3"), ["1.2.4", "1.3.0", "2.0.0"]);
        assert_eq!(next("1.0.0-rc.1"), ["1.0.0", "1.0.0", "1.0.0"]);
        assert_eq!(next("1.2.0-rc.1"), ["1.2.0", "1.2.0", "2.0.0"]);
        assert_eq!(next("1.2.3-rc.1"), ["1.2.3", "1.3.0", "2.0.0"]);
    }

    #[test]
    fn build_metadata_does_not_count_and_prereleases_come_first() {
        let history = known(&["1.0.0-rc.2", "1.0.0+b", "1.0.0-rc.10"]);
        assert_eq!(history.newest(), Some(&version("1.0.0+b")));
        assert!(history.holds(&version("1.0.0+a")));
        assert!(!history.holds(&version("1.0.0-rc.3")));
    }

    #[test]
    fn a_release_is_named_after_the_nearest_version_below() {
        let of = |text, history: &[&str]| release_type(&version(text), &known(history));
        assert_eq!(of("1.0.0", &[]), ReleaseType::First);
        assert_eq!(of("1.0.1", &["1.0.0", "2.0.0"]), ReleaseType::Patch);
        assert_eq!(of("1.1.0", &["1.0.9"]), ReleaseType::Minor);
        assert_eq!(of("2.0.0", &["1.0.9"]), ReleaseType::Major);
        assert_eq!(of("2.0.0-rc.1", &["1.0.9"]), ReleaseType::Prerelease);
        assert_eq!(of("1.0.0", &["1.0.0-rc.1"]), ReleaseType::Major);
        assert_eq!(of("1.5.0", &["2.0.0"]), ReleaseType::Minor);
        assert_eq!(of("2.0.0", &["2.0.0"]), ReleaseType::None);
    }
}
