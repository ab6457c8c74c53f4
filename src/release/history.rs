//! What is published of a function: its versions, the next ones, and the kind of release a version is.

use semver::{Prerelease, Version};

/// What is known of a function's published versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum History {
    /// The Hub has no function of this slug.
    Unknown,
    /// The published versions in any order; empty if the Hub has only a draft.
    Known(Vec<Version>),
    /// Why it could not be read, in words.
    Unreadable(String),
    /// A dry run without a key or user name to ask with.
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

    /// Whether an unpublished version below the newest one looks like a backport, and not like a commit that was reverted: it
    /// continues an older line, of the same major, or major and minor version. Where only the newest version is known, it
    /// is a patch to an older line.
    pub(crate) fn is_backport(&self, version: &Version) -> bool {
        let continues = |is_same_line: fn(&Version, &Version) -> bool| {
            let mut line =
                self.versions().iter().filter(|published| is_same_line(published, version)).peekable();
            line.peek().is_some() && line.all(|published| published.cmp_precedence(version).is_lt())
        };
        let Some(newest) = self.newest() else { return false };
        if self.versions().iter().all(|published| published == newest) {
            return version.patch > 0 && (version.major, version.minor) < (newest.major, newest.minor);
        }
        continues(|a, b| a.major == b.major) || continues(|a, b| (a.major, a.minor) == (b.major, b.minor))
    }

    fn versions(&self) -> &[Version] {
        match self {
            Self::Known(versions) => versions,
            Self::Unknown | Self::Unreadable(_) | Self::NotCompared => &[],
        }
    }
}

/// What kind of release a version is, given what was published before.
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

/// The next patch, minor and major version. After a prerelease its own release comes first, as in npm.
pub(crate) fn next_versions(version: &Version) -> [Version; 3] {
    let Version { major, minor, patch, pre, .. } = version;
    let prerelease = *pre != Prerelease::EMPTY;
    let release = Version::new(*major, *minor, *patch);
    let next = |stays: bool, raised: Version| if prerelease && stays { release.clone() } else { raised };
    [
        next(true, Version::new(*major, *minor, patch.saturating_add(1))),
        next(*patch == 0, Version::new(*major, minor.saturating_add(1), 0)),
        next(*patch == 0 && *minor == 0, Version::new(major.saturating_add(1), 0, 0)),
    ]
}

/// The kind of release a version is, relative to the nearest published version below it.
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
    // From a prerelease to its own release, 1.0.0-rc.1 to 1.0.0, the shape of 1.0.0 decides.
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
    fn the_next_versions_are_those_of_npm() {
        let next = |text| next_versions(&version(text)).map(|version| version.to_string());
        assert_eq!(next("1.2.3"), ["1.2.4", "1.3.0", "2.0.0"]);
        assert_eq!(next("1.0.0-rc.1"), ["1.0.0", "1.0.0", "1.0.0"]);
        assert_eq!(next("1.2.0-rc.1"), ["1.2.0", "1.2.0", "2.0.0"]);
        assert_eq!(next("1.2.3-rc.1"), ["1.2.3", "1.3.0", "2.0.0"]);
    }

    #[test]
    fn build_metadata_does_not_count_and_prereleases_precede_their_release() {
        let history = known(&["1.0.0-rc.2", "1.0.0+b", "1.0.0-rc.10"]);
        assert_eq!(history.newest(), Some(&version("1.0.0+b")));
        assert!(history.holds(&version("1.0.0+a")));
        assert!(!history.holds(&version("1.0.0-rc.3")));
    }

    #[test]
    fn a_backport_continues_an_older_line() {
        for (text, history, expected) in [
            ("1.2.4", &["2.0.0"][..], true),
            ("1.2.4", &["2.0.0", "2.0.0"], true),
            ("1.2.4-rc.1", &["1.3.0"], true),
            ("1.2.0", &["2.0.0"], false),
            ("2.0.4", &["2.0.5"], false),
            ("2.0.0-rc.1", &["2.0.0"], false),
            ("1.2.4", &["1.2.3", "2.0.0-rc.1"], true),
            ("1.3.0-rc.1", &["1.2.3", "2.0.0"], true),
            ("1.3.0", &["1.2.3", "1.4.0", "2.0.0"], false),
            ("1.2.2", &["1.2.3", "2.0.0"], false),
            ("0.9.1", &["1.2.3", "2.0.0"], false),
        ] {
            assert_eq!(known(history).is_backport(&version(text)), expected, "{text} below {history:?}");
        }
    }

    #[test]
    fn a_release_type_is_relative_to_the_nearest_version_below() {
        let of = |text, history: &[&str]| release_type(&version(text), &known(history)).word();
        for (next, history, expected) in [
            ("1.0.0", &[][..], "first"),
            ("0.1.0-rc.1", &[], "first"),
            ("1.0.1", &["1.0.0", "2.0.0"], "patch"),
            ("1.2.4", &["2.0.0", "1.2.3"], "patch"),
            ("1.1.0", &["1.0.9"], "minor"),
            ("0.2.0", &["0.1.0"], "minor"),
            ("2.0.0", &["1.0.9"], "major"),
            ("2.0.0-rc.1", &["1.0.9"], "prerelease"),
            ("1.0.0", &["1.0.0-rc.1"], "major"),
            ("1.0.0", &["1.0.0-rc.2", "1.0.0-rc.10"], "major"),
            ("1.1.0", &["1.1.0-rc.1"], "minor"),
            ("1.1.1", &["1.1.1-rc.1"], "patch"),
            // Nothing is below it: named by its own shape.
            ("1.5.0", &["2.0.0"], "minor"),
            ("2.0.0", &["2.0.0"], "none"),
            ("2.0.0+a", &["2.0.0+b"], "none"),
        ] {
            assert_eq!(of(next, history), expected, "{next} after {history:?}");
        }
        let unreadable = History::Unreadable(String::new());
        for (history, expected) in
            [(History::Unknown, "first"), (unreadable, "none"), (History::NotCompared, "none")]
        {
            assert_eq!(release_type(&version("1.0.0"), &history).word(), expected, "{history:?}");
        }
    }
}
