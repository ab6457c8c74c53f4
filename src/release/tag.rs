//! The tag check: which functions a tag names, and whether it names their versions. Pure.

use semver::Version;

use crate::finding::{Code, Finding};
use crate::settings::ci::Trigger;
use crate::settings::values::TagCheck;

/// Whether a tag is for a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pick {
    Picked,
    /// The tag is for another function.
    Skipped,
    /// The tag names this function at another version.
    Mismatch,
    /// Too little of the manifest could be read to know.
    Unclear,
}

/// What the tag check came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum TagCheckResult {
    /// Nothing to check: every function goes on.
    NotChecked,
    /// One per function, in their order.
    Picks(Vec<Pick>),
    /// Nothing may be published.
    Refused(Finding),
}

/// A tag that looks like a version.
#[derive(Debug, PartialEq, Eq)]
enum TagVersion {
    /// `1.2.3`, `v1.2.3`.
    Bare(Version),
    /// With a name before it: `name@1.2.3`, `name-v1.2.3`, `name/v1.2.3`.
    Named(String, Version),
}

/// Checks the tag against the functions' names and versions; `None` is for what could not be read of a manifest.
pub(crate) fn check(
    mode: TagCheck,
    trigger: &Trigger,
    functions: &[(Option<&str>, Option<&Version>)],
) -> TagCheckResult {
    let tag = match (mode, trigger) {
        (TagCheck::Off, _) => return TagCheckResult::NotChecked,
        (TagCheck::Auto | TagCheck::Require, Trigger::Tag(tag)) => tag,
        (TagCheck::Auto, Trigger::Branch(_) | Trigger::PullRequest | Trigger::Unknown) => {
            return TagCheckResult::NotChecked;
        }
        (TagCheck::Require, Trigger::Branch(_) | Trigger::PullRequest | Trigger::Unknown) => {
            let finding =
                Finding::new(Code::TagMismatch, "`tag-check` is `require`, but this run is not for a tag");
            return TagCheckResult::Refused(
                finding.with_hint("push a tag such as `v1.2.3`, or set `tag-check: auto`"),
            );
        }
    };
    if functions.is_empty() {
        // There is a finding for that already.
        return TagCheckResult::NotChecked;
    }
    let names = functions.iter().filter_map(|(name, _)| *name);
    let Some(tag_version) = read(tag, names) else {
        if mode == TagCheck::Auto {
            return TagCheckResult::NotChecked;
        }
        let message = format!("`tag-check` is `require`, and the tag `{tag}` does not look like a version");
        let finding = Finding::new(Code::TagMismatch, message);
        return TagCheckResult::Refused(finding.with_hint("use a tag such as `v1.2.3` or `name@1.2.3`"));
    };
    let picks: Vec<_> = functions.iter().map(|(name, version)| pick(&tag_version, *name, *version)).collect();
    if picks.iter().all(|pick| *pick == Pick::Skipped) {
        return TagCheckResult::Refused(nothing_picked(tag, functions));
    }
    TagCheckResult::Picks(picks)
}

fn nothing_picked(tag: &str, functions: &[(Option<&str>, Option<&Version>)]) -> Finding {
    let known: Vec<_> = functions
        .iter()
        .filter_map(|(name, version)| Some(format!("`{}` {}", (*name)?, (*version)?)))
        .take(5)
        .collect();
    let finding = Finding::new(
        Code::TagMismatch,
        format!("the tag `{tag}` matches no function and version in this run"),
    );
    if known.is_empty() {
        finding
    } else {
        finding.with_hint(format!("this run has {}: {}", known.join(", "), Code::TagMismatch.fix()))
    }
}

fn pick(tag_version: &TagVersion, name: Option<&str>, version: Option<&Version>) -> Pick {
    let (tagged, otherwise) = match (tag_version, name) {
        (TagVersion::Bare(tagged), _) => (tagged, Pick::Skipped),
        (TagVersion::Named(..), None) => return Pick::Unclear,
        (TagVersion::Named(tagged, _), Some(name)) if tagged != name => return Pick::Skipped,
        (TagVersion::Named(_, tagged), Some(_)) => (tagged, Pick::Mismatch),
    };
    match version {
        Some(version) if version.cmp_precedence(tagged).is_eq() => Pick::Picked,
        Some(_) => otherwise,
        None => Pick::Unclear,
    }
}

fn read<'n>(tag: &str, names: impl Iterator<Item = &'n str>) -> Option<TagVersion> {
    let version = |text: &str| Version::parse(text.strip_prefix('v').unwrap_or(text)).ok();
    if let Some(version) = version(tag) {
        return Some(TagVersion::Bare(version));
    }
    let split_after = |name: &str| {
        let rest = tag.strip_prefix(name)?.strip_prefix(['@', '-', '/'])?;
        Some(TagVersion::Named(name.to_owned(), version(rest)?))
    };
    // The name of a function of this run is preferred to any other way to split the tag.
    let mut names: Vec<_> = names.collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    names.into_iter().find_map(split_after).or_else(|| {
        // After any other name, a dash alone does not start a version: `release-1.0.0`.
        let splits = tag.char_indices().filter(|(at, c)| {
            let with_v = tag.get(at + 1..).is_some_and(|rest| rest.starts_with('v'));
            *c == '@' || (matches!(c, '-' | '/') && with_v)
        });
        splits.filter_map(|(at, _)| tag.get(..at)).filter(|name| !name.is_empty()).find_map(split_after)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::ci::Branch;

    fn tag_version(tag: &str) -> Option<(Option<String>, String)> {
        read(tag, ["a", "a-v2"].into_iter()).map(|tag_version| match tag_version {
            TagVersion::Bare(version) => (None, version.to_string()),
            TagVersion::Named(name, version) => (Some(name), version.to_string()),
        })
    }

    #[test]
    fn a_tag_is_a_version_with_or_without_a_name() {
        let named = |name: &str, version: &str| Some((Some(name.to_owned()), version.to_owned()));
        assert_eq!(tag_version("1.2.3"), Some((None, "1.2.3".to_owned())));
        assert_eq!(tag_version("v1.2.3-rc.1"), Some((None, "1.2.3-rc.1".to_owned())));
        assert_eq!(tag_version("a@1.2.3"), named("a", "1.2.3"));
        assert_eq!(tag_version("a-v1.2.3"), named("a", "1.2.3"));
        assert_eq!(tag_version("a/v1.2.3"), named("a", "1.2.3"));
        assert_eq!(tag_version("a-v2-1.0.0-rc.1"), named("a-v2", "1.0.0-rc.1"));
        assert_eq!(tag_version("other-thing@2.0.0"), named("other-thing", "2.0.0"));
        assert_eq!(tag_version("other-thing-v2.0.0-rc.1"), named("other-thing", "2.0.0-rc.1"));
        assert_eq!(tag_version("a-v2-v1.0.0"), named("a-v2", "1.0.0"));
        assert_eq!(tag_version("a-v2@1.0.0-rc.1"), named("a-v2", "1.0.0-rc.1"));
        assert_eq!(tag_version("v1/v1.2.3"), named("v1", "1.2.3"));
        for none in ["release-1.0.0", "v1", "latest", "release-2", "@1.2.3", "1.2"] {
            assert_eq!(tag_version(none), None, "{none}");
        }
    }

    /// The check of `alpha` and `gamma` at 1.0.0, and `beta` at 2.0.0.
    fn picked(mode: TagCheck, trigger: &Trigger) -> TagCheckResult {
        let [one, two] = [Version::new(1, 0, 0), Version::new(2, 0, 0)];
        let functions =
            [(Some("alpha"), Some(&one)), (Some("beta"), Some(&two)), (Some("gamma"), Some(&one))];
        check(mode, trigger, &functions)
    }

    fn tag(name: &str) -> Trigger {
        Trigger::Tag(name.to_owned())
    }

    #[test]
    fn a_tag_picks_the_functions_that_it_names() {
        use Pick::{Mismatch, Picked, Skipped};
        for (name, picks) in [
            ("1.0.0", [Picked, Skipped, Picked]),
            ("v1.0.0", [Picked, Skipped, Picked]),
            ("v1.0.0+build.5", [Picked, Skipped, Picked]),
            ("v2.0.0", [Skipped, Picked, Skipped]),
            ("alpha@1.0.0", [Picked, Skipped, Skipped]),
            ("alpha@v1.0.0", [Picked, Skipped, Skipped]),
            ("alpha-v1.0.0", [Picked, Skipped, Skipped]),
            ("alpha/v1.0.0", [Picked, Skipped, Skipped]),
            ("beta@2.0.1", [Skipped, Mismatch, Skipped]),
            ("beta/v1.0.0", [Skipped, Mismatch, Skipped]),
        ] {
            for mode in [TagCheck::Auto, TagCheck::Require] {
                assert_eq!(picked(mode, &tag(name)), TagCheckResult::Picks(picks.to_vec()), "{name}");
            }
            assert_eq!(picked(TagCheck::Off, &tag(name)), TagCheckResult::NotChecked, "{name}");
        }
    }

    #[test]
    fn a_tag_that_picks_nothing_names_what_there_is() {
        for name in ["v3.0.0", "delta@1.0.0", "v1.0.0-rc.1", "alph-v1.0.0"] {
            let TagCheckResult::Refused(finding) = picked(TagCheck::Auto, &tag(name)) else {
                panic!("{name}")
            };
            assert_eq!(
                finding.message,
                format!("the tag `{name}` matches no function and version in this run")
            );
            let there_is = "this run has `alpha` 1.0.0, `beta` 2.0.0, `gamma` 1.0.0: ";
            assert!(finding.hint.starts_with(there_is), "{}", finding.hint);
        }
    }

    #[test]
    fn a_tag_that_is_not_a_version_is_checked_only_if_one_is_required() {
        for name in ["nightly", "v1", "release-2026-11", "v1.0", "latest/alpha"] {
            assert_eq!(picked(TagCheck::Auto, &tag(name)), TagCheckResult::NotChecked, "{name}");
            let required = picked(TagCheck::Require, &tag(name));
            assert!(matches!(required, TagCheckResult::Refused(_)), "{name}");
        }
        let triggers = [
            Trigger::Branch(Branch::Default),
            Trigger::Branch(Branch::Other),
            Trigger::PullRequest,
            Trigger::Unknown,
        ];
        for trigger in triggers {
            assert_eq!(picked(TagCheck::Auto, &trigger), TagCheckResult::NotChecked, "{trigger:?}");
            assert_eq!(picked(TagCheck::Off, &trigger), TagCheckResult::NotChecked, "{trigger:?}");
            let required = picked(TagCheck::Require, &trigger);
            assert!(matches!(required, TagCheckResult::Refused(_)), "{trigger:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_of_a_manifest_may_be_what_the_tag_names() {
        let version = Version::new(1, 0, 0);
        for (name, functions, expected) in [
            ("v2.0.0", (Some("beta"), None), Pick::Unclear),
            ("beta@2.0.0", (Some("beta"), None), Pick::Unclear),
            ("beta@2.0.0", (None, None), Pick::Unclear),
            ("beta@2.0.0", (None, Some(&version)), Pick::Unclear),
            ("beta@2.0.0", (Some("alpha"), None), Pick::Skipped),
        ] {
            let functions = [functions, (Some("beta"), Some(&Version::new(2, 0, 0)))];
            let TagCheckResult::Picks(picks) = check(TagCheck::Auto, &tag(name), &functions) else {
                panic!("{name}")
            };
            assert_eq!(picks[0], expected, "{name}, {functions:?}");
        }
        assert_eq!(check(TagCheck::Auto, &tag("v1.0.0"), &[]), TagCheckResult::NotChecked);
    }
}
