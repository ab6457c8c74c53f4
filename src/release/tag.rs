//! The tag check: which functions a tag names, and whether it names their versions. Pure.

use semver::Version;

use crate::finding::{Code, Finding};
use crate::settings::ci::Trigger;
use crate::settings::inputs::TagCheck;

/// What a tag says of one function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pick {
    Picked,
    /// The tag is for another function.
    Skipped,
    /// The tag names this function at another version.
    Mismatch,
    /// The manifest does not tell enough to say whether the tag is for this function.
    Unclear,
}

/// What the tag check says of a run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum TagVerdict {
    /// Nothing to check: every function goes on.
    Unchecked,
    /// One pick a function, in their order.
    Picks(Vec<Pick>),
    /// Why there is no run at all.
    Refused(Finding),
}

/// A tag that looks like a version.
#[derive(Debug, PartialEq, Eq)]
enum Reading {
    /// `1.2.3`, `v1.2.3`.
    Bare(Version),
    /// With a name before it: `name@1.2.3`, `name-v1.2.3`, `name/v1.2.3`.
    Named(String, Version),
}

/// Checks the tag against the functions' names and versions; `None` stands for what a broken manifest does not tell.
pub(crate) fn check(
    mode: TagCheck,
    trigger: &Trigger,
    functions: &[(Option<&str>, Option<&Version>)],
) -> TagVerdict {
    let tag = match (mode, trigger) {
        (TagCheck::Off, _) => return TagVerdict::Unchecked,
        (TagCheck::Auto | TagCheck::Require, Trigger::Tag(tag)) => tag,
        (TagCheck::Auto, Trigger::Branch(_) | Trigger::PullRequest | Trigger::Unknown) => {
            return TagVerdict::Unchecked;
        }
        (TagCheck::Require, Trigger::Branch(_) | Trigger::PullRequest | Trigger::Unknown) => {
            let finding =
                Finding::new(Code::TagMismatch, "`tag-check` is `require`, and this run is not for a tag");
            return TagVerdict::Refused(
                finding.with_hint("push a tag such as `v1.2.3`, or set `tag-check: auto`"),
            );
        }
    };
    if functions.is_empty() {
        // That there is none is a finding of its own.
        return TagVerdict::Unchecked;
    }
    let names = functions.iter().filter_map(|(name, _)| *name);
    let Some(reading) = read(tag, names) else {
        if mode == TagCheck::Auto {
            return TagVerdict::Unchecked;
        }
        let message = format!("`tag-check` is `require`, and the tag `{tag}` does not look like a version");
        let finding = Finding::new(Code::TagMismatch, message);
        return TagVerdict::Refused(finding.with_hint("use a tag such as `v1.2.3` or `name@1.2.3`"));
    };
    let picks: Vec<_> = functions.iter().map(|(name, version)| pick(&reading, *name, *version)).collect();
    if picks.iter().all(|pick| *pick == Pick::Skipped) {
        return TagVerdict::Refused(nothing_picked(tag, functions));
    }
    TagVerdict::Picks(picks)
}

fn nothing_picked(tag: &str, functions: &[(Option<&str>, Option<&Version>)]) -> Finding {
    let known: Vec<_> = functions
        .iter()
        .filter_map(|(name, version)| Some(format!("`{}` {}", (*name)?, (*version)?)))
        .take(5)
        .collect();
    let finding =
        Finding::new(Code::TagMismatch, format!("the tag `{tag}` names no function and version here"));
    if known.is_empty() {
        finding
    } else {
        finding.with_hint(format!("here is {}: {}", known.join(", "), Code::TagMismatch.fix()))
    }
}

fn pick(reading: &Reading, name: Option<&str>, version: Option<&Version>) -> Pick {
    let (tagged, otherwise) = match (reading, name) {
        (Reading::Bare(tagged), _) => (tagged, Pick::Skipped),
        (Reading::Named(..), None) => return Pick::Unclear,
        (Reading::Named(tagged, _), Some(name)) if tagged != name => return Pick::Skipped,
        (Reading::Named(_, tagged), Some(_)) => (tagged, Pick::Mismatch),
    };
    match version {
        Some(version) if version.cmp_precedence(tagged).is_eq() => Pick::Picked,
        Some(_) => otherwise,
        None => Pick::Unclear,
    }
}

fn read<'n>(tag: &str, names: impl Iterator<Item = &'n str>) -> Option<Reading> {
    let version = |text: &str| Version::parse(text.strip_prefix('v').unwrap_or(text)).ok();
    if let Some(version) = version(tag) {
        return Some(Reading::Bare(version));
    }
    let cut_behind = |name: &str| {
        let rest = tag.strip_prefix(name)?.strip_prefix(['@', '-', '/'])?;
        Some(Reading::Named(name.to_owned(), version(rest)?))
    };
    // A name that is known here wins over every other way to cut the tag in two.
    let mut names: Vec<_> = names.collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    names.into_iter().find_map(cut_behind).or_else(|| {
        // Behind a name that is not known here, a dash alone does not yet make a version: `release-1.0.0`.
        let cuts = tag.char_indices().filter(|(at, c)| {
            let with_v = tag.get(at + 1..).is_some_and(|rest| rest.starts_with('v'));
            *c == '@' || (matches!(c, '-' | '/') && with_v)
        });
        cuts.filter_map(|(at, _)| tag.get(..at)).filter(|name| !name.is_empty()).find_map(cut_behind)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(tag: &str) -> Option<(Option<String>, String)> {
        read(tag, ["a", "a-v2"].into_iter()).map(|reading| match reading {
            Reading::Bare(version) => (None, version.to_string()),
            Reading::Named(name, version) => (Some(name), version.to_string()),
        })
    }

    #[test]
    fn a_tag_is_a_version_with_or_without_a_name() {
        let named = |name: &str, version: &str| Some((Some(name.to_owned()), version.to_owned()));
        assert_eq!(reading("1.2.3"), Some((None, "1.2.3".to_owned())));
        assert_eq!(reading("v1.2.3-rc.1"), Some((None, "1.2.3-rc.1".to_owned())));
        assert_eq!(reading("a@1.2.3"), named("a", "1.2.3"));
        assert_eq!(reading("a-v1.2.3"), named("a", "1.2.3"));
        assert_eq!(reading("a/v1.2.3"), named("a", "1.2.3"));
        assert_eq!(reading("a-v2-1.0.0-rc.1"), named("a-v2", "1.0.0-rc.1"));
        assert_eq!(reading("other-thing@2.0.0"), named("other-thing", "2.0.0"));
        assert_eq!(reading("other-thing-v2.0.0-rc.1"), named("other-thing", "2.0.0-rc.1"));
        for none in ["release-1.0.0", "v1", "latest", "release-2", "@1.2.3", "1.2"] {
            assert_eq!(reading(none), None, "{none}");
        }
    }

    #[test]
    fn a_bare_tag_picks_every_function_of_its_version() {
        let [one, two] = [Version::new(1, 0, 0), Version::new(2, 0, 0)];
        let functions = [(Some("a"), Some(&one)), (Some("b"), Some(&two)), (None, None)];
        let picks = |tag: &str| check(TagCheck::Auto, &Trigger::Tag(tag.to_owned()), &functions);
        assert_eq!(picks("v2.0.0"), TagVerdict::Picks(vec![Pick::Skipped, Pick::Picked, Pick::Unclear]));
        assert_eq!(picks("a@2.0.0"), TagVerdict::Picks(vec![Pick::Mismatch, Pick::Skipped, Pick::Unclear]));
        let none = check(TagCheck::Auto, &Trigger::Tag("v3.0.0".to_owned()), &functions[..2]);
        assert!(matches!(none, TagVerdict::Refused(_)));
        assert_eq!(picks("nightly"), TagVerdict::Unchecked);
    }
}
