//! The tag check: which functions a tag names, and whether it names their versions. Pure.

use semver::Version;

use crate::finding::{Code, Finding};
use crate::function::manifest::slug::Slug;
use crate::settings::ci::Trigger;
use crate::settings::values::TagCheck;

/// Whether a tag is for a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pick {
    /// It is, or there is no tag to check, or too little of the manifest could be read to know.
    Picked,
    /// The tag is for another function.
    Skipped,
    /// The tag names this function at another version.
    Mismatch,
}

/// What is known of a function: its name and version, as far as they could be read.
type NameAndVersion<'f> = (Option<&'f str>, Option<&'f Version>);

/// Checks the tag against the functions: one pick for each, in their order, and a finding if nothing may be published.
pub(crate) fn check(
    mode: TagCheck,
    trigger: &Trigger,
    functions: &[NameAndVersion<'_>],
) -> (Vec<Pick>, Option<Finding>) {
    let all_with = |finding| (vec![Pick::Picked; functions.len()], finding);
    let refused =
        |message: String, hint| all_with(Some(Finding::new(Code::TagMismatch, message).with_hint(hint)));
    let tag = match (mode, trigger) {
        (TagCheck::Auto | TagCheck::Require, Trigger::Tag(tag)) => tag,
        (TagCheck::Require, Trigger::Branch(_) | Trigger::PullRequest | Trigger::Unknown) => {
            let message = "`tag-check` is `require`, but this run is not for a tag".to_owned();
            return refused(message, "push a tag such as `v1.2.3`, or set `tag-check: auto`");
        }
        (TagCheck::Off, _)
        | (TagCheck::Auto, Trigger::Branch(_) | Trigger::PullRequest | Trigger::Unknown) => {
            return all_with(None);
        }
    };
    // A tag can't hold every name that a slug can be made of.
    let names = functions.iter().filter_map(|(name, _)| *name);
    let slugs: Vec<_> = names.clone().map(Slug::of).collect();
    let tagged = read(tag, names.chain(slugs.iter().map(Slug::as_str)));
    match tagged {
        // There is a finding for that already.
        _ if functions.is_empty() => all_with(None),
        Some((tagged_name, tagged)) => {
            let tagged_name = tagged_name.as_deref();
            let picks = functions.iter().map(|function| pick(tagged_name, &tagged, *function));
            let picks: Vec<_> = picks.collect();
            if picks.iter().all(|pick| *pick == Pick::Skipped) {
                all_with(Some(nothing_picked(tag, functions)))
            } else {
                (picks, None)
            }
        }
        None if mode == TagCheck::Require => {
            let message =
                format!("`tag-check` is `require`, and the tag `{tag}` does not look like a version");
            refused(message, "use a tag such as `v1.2.3` or `name@1.2.3`")
        }
        None => all_with(None),
    }
}

fn nothing_picked(tag: &str, functions: &[NameAndVersion<'_>]) -> Finding {
    let known =
        functions.iter().filter_map(|(name, version)| Some(format!("`{}` {}", (*name)?, (*version)?)));
    let known: Vec<_> = known.take(5).collect();
    let message = format!("the tag `{tag}` matches no function and version in this run");
    let hint = format!("this run has {}: {}", known.join(", "), Code::TagMismatch.fix());
    Finding::new(Code::TagMismatch, message).with_optional_hint((!known.is_empty()).then_some(hint))
}

fn pick(tagged_name: Option<&str>, tagged: &Version, (name, version): NameAndVersion<'_>) -> Pick {
    let otherwise = match (tagged_name, name) {
        (None, _) => Pick::Skipped,
        (Some(_), None) => return Pick::Picked,
        (Some(tagged_name), Some(name)) if ![name, Slug::of(name).as_str()].contains(&tagged_name) => {
            return Pick::Skipped;
        }
        (Some(_), Some(_)) => Pick::Mismatch,
    };
    let fits = version.is_none_or(|version| version.cmp_precedence(tagged).is_eq());
    if fits { Pick::Picked } else { otherwise }
}

/// The version that the tag looks like: `1.2.3`, `v1.2.3`; with a name before it, `name@1.2.3`, `name-v1.2.3`, `name/v1.2.3`.
fn read<'n>(tag: &str, names: impl Iterator<Item = &'n str>) -> Option<(Option<String>, Version)> {
    let version = |text: &str| Version::parse(text.strip_prefix('v').unwrap_or(text)).ok();
    if let Some(version) = version(tag) {
        return Some((None, version));
    }
    let split_after = |name: &str| {
        let rest = tag.strip_prefix(name)?.strip_prefix(['@', '-', '/'])?;
        Some((Some(name.to_owned()), version(rest)?))
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
        read(tag, ["a", "a-v2"].into_iter()).map(|(name, version)| (name, version.to_string()))
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
    fn picked(mode: TagCheck, trigger: &Trigger) -> (Vec<Pick>, Option<Finding>) {
        let [one, two] = [Version::new(1, 0, 0), Version::new(2, 0, 0)];
        let functions =
            [(Some("alpha"), Some(&one)), (Some("beta"), Some(&two)), (Some("gamma"), Some(&one))];
        check(mode, trigger, &functions)
    }

    /// Nothing was checked: every function goes on.
    fn not_checked() -> (Vec<Pick>, Option<Finding>) {
        (vec![Pick::Picked; 3], None)
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
                assert_eq!(picked(mode, &tag(name)), (picks.to_vec(), None), "{name}");
            }
            assert_eq!(picked(TagCheck::Off, &tag(name)), not_checked(), "{name}");
        }
    }

    #[test]
    fn a_tag_that_picks_nothing_names_what_there_is() {
        for name in ["v3.0.0", "delta@1.0.0", "v1.0.0-rc.1", "alph-v1.0.0"] {
            let (_, Some(finding)) = picked(TagCheck::Auto, &tag(name)) else { panic!("{name}") };
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
            assert_eq!(picked(TagCheck::Auto, &tag(name)), not_checked(), "{name}");
            let required = picked(TagCheck::Require, &tag(name));
            assert!(required.1.is_some(), "{name}");
        }
        let triggers = [
            Trigger::Branch(Branch::Default),
            Trigger::Branch(Branch::Other),
            Trigger::PullRequest,
            Trigger::Unknown,
        ];
        for trigger in triggers {
            assert_eq!(picked(TagCheck::Auto, &trigger), not_checked(), "{trigger:?}");
            assert_eq!(picked(TagCheck::Off, &trigger), not_checked(), "{trigger:?}");
            let required = picked(TagCheck::Require, &trigger);
            assert!(required.1.is_some(), "{trigger:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_of_a_manifest_may_be_what_the_tag_names() {
        let version = Version::new(1, 0, 0);
        for (name, functions, expected) in [
            ("v2.0.0", (Some("beta"), None), Pick::Picked),
            ("beta@2.0.0", (Some("beta"), None), Pick::Picked),
            ("beta@2.0.0", (None, None), Pick::Picked),
            ("beta@2.0.0", (None, Some(&version)), Pick::Picked),
            ("beta@2.0.0", (Some("alpha"), None), Pick::Skipped),
        ] {
            let functions = [functions, (Some("beta"), Some(&Version::new(2, 0, 0)))];
            let (picks, refused) = check(TagCheck::Auto, &tag(name), &functions);
            assert_eq!((picks[0], refused), (expected, None), "{name}, {functions:?}");
        }
        assert_eq!(check(TagCheck::Auto, &tag("v1.0.0"), &[]), (Vec::new(), None));
    }
}
