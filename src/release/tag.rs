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
        for none in ["release-1.0.0", "v1", "latest", "release-2", "@1.2.3", "1.2"] {
            assert_eq!(tag_version(none), None, "{none}");
        }
    }

    #[test]
    fn a_bare_tag_picks_every_function_of_its_version() {
        let [one, two] = [Version::new(1, 0, 0), Version::new(2, 0, 0)];
        let functions = [(Some("a"), Some(&one)), (Some("b"), Some(&two)), (None, None)];
        let picks = |tag: &str| check(TagCheck::Auto, &Trigger::Tag(tag.to_owned()), &functions);
        assert_eq!(picks("v2.0.0"), TagCheckResult::Picks(vec![Pick::Skipped, Pick::Picked, Pick::Unclear]));
        assert_eq!(
            picks("a@2.0.0"),
            TagCheckResult::Picks(vec![Pick::Mismatch, Pick::Skipped, Pick::Unclear])
        );
        let none = check(TagCheck::Auto, &Trigger::Tag("v3.0.0".to_owned()), &functions[..2]);
        assert!(matches!(none, TagCheckResult::Refused(_)));
        assert_eq!(picks("nightly"), TagCheckResult::NotChecked);
    }
}
