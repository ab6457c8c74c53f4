//! The tag check: which functions a tag names, and whether it names their versions. Pure.

use semver::Version;

use crate::finding::{Code, Finding};
use crate::function::manifest::slug::Slug;
use crate::settings::ci::Trigger;
use crate::settings::values::TagCheck;

/// Whether a tag is for a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pick {
    /// It is, or there is no tag to check, or too little of the manifest could be read to know.
    Picked,
    /// The tag is for another function.
    Skipped,
    /// The tag names this function at another version: this one.
    Mismatch(Version),
}

/// What is known of a function, as far as it could be read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Identity<'f> {
    pub(crate) name: Option<&'f str>,
    pub(crate) version: Option<&'f Version>,
    /// The path of its directory, as reports show it.
    pub(crate) directory: &'f str,
}

/// How well a tag names a function: by how many parts of a path, whether by the function's own name, and whether by the whole path
/// of its directory.
type Closeness = (usize, bool, bool);

impl Identity<'_> {
    /// Whether what a tag has before the version names this function: by its name or slug, or by the end of its directory's path.
    /// More directories may come before it. A slug counts because a tag can't hold every name that it can be made of.
    fn closeness(&self, named: &str) -> Option<Closeness> {
        let is_named = |name: &str| {
            let before = named.strip_suffix(name).filter(|_| !name.is_empty());
            before.is_some_and(|before| before.is_empty() || before.ends_with('/'))
        };
        let by_name = self.name.is_some_and(|name| [name, Slug::of(name).as_str()].into_iter().any(is_named));
        let pairs = named.rsplit('/').zip(self.directory.rsplit('/'));
        let by_directory = pairs.take_while(|(tagged, own)| tagged == own).count();
        let parts = by_directory.max(usize::from(by_name));
        let by_whole_path = by_directory == self.directory.split('/').count();
        (parts > 0).then_some((parts, by_name, by_whole_path))
    }
}

/// A version in a tag, and what the tag has before it.
struct Tagged<'t> {
    named: Option<&'t str>,
    version: Version,
}

/// The forms of tags that are checked.
const FORMS: &str = "`1.2.3`, `v1.2.3`, and with the function's name or directory in front `name@1.2.3`, `name-v1.2.3`, \
     `name/v1.2.3` or `functions/name/v1.2.3`";

/// Longest tag that is read, in bytes: Git keeps a tag in a file of this path, and no system has longer ones.
const MAX_TAG_BYTES: usize = 4096;

/// Checks the tag against the functions: one pick for each, in their order, and a finding if nothing may be published.
pub(crate) fn check(
    mode: TagCheck,
    trigger: &Trigger,
    functions: &[Identity<'_>],
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
    match read(tag, functions) {
        // There is a finding for that already.
        _ if functions.is_empty() => all_with(None),
        Some(tagged) => {
            let picks = pick(&tagged, functions);
            let finding =
                picks.iter().all(|pick| *pick == Pick::Skipped).then(|| nothing_picked(tag, functions));
            if finding.is_some() { all_with(finding) } else { (picks, None) }
        }
        None if mode == TagCheck::Require => {
            let message =
                format!("`tag-check` is `require`, and the tag `{tag}` does not look like a version");
            refused(message, "use a tag such as `v1.2.3` or `name@1.2.3`")
        }
        None if tag.contains(|c: char| c.is_ascii_digit()) => all_with(Some(not_checked(tag))),
        None => all_with(None),
    }
}

/// Whoever wrote a number into a tag may expect it to be compared.
fn not_checked(tag: &str) -> Finding {
    let message =
        format!("no version was compared with the tag `{tag}`: it has none of the forms that are checked");
    let hint = format!("the forms are {FORMS}; to leave tags unchecked, set `tag-check: off`");
    Finding::new(Code::TagNotChecked, message).with_hint(hint)
}

fn nothing_picked(tag: &str, functions: &[Identity<'_>]) -> Finding {
    let known = functions.iter().filter_map(|it| Some(format!("`{}` {}", it.name?, it.version?)));
    let known: Vec<_> = known.take(5).collect();
    let message = format!("the tag `{tag}` matches no function and version in this run");
    let hint = format!("this run has {}: {}", known.join(", "), Code::TagMismatch.fix());
    Finding::new(Code::TagMismatch, message).with_optional_hint((!known.is_empty()).then_some(hint))
}

/// One pick for each function. If several are named, those that are named best count: a path is for the function in that directory,
/// and not for one elsewhere that is called like its last part.
fn pick(tagged: &Tagged<'_>, functions: &[Identity<'_>]) -> Vec<Pick> {
    let closeness = |function: &Identity<'_>| function.closeness(tagged.named?);
    let best = functions.iter().filter_map(closeness).max();
    let pick = |function: &Identity<'_>| {
        let otherwise = match (tagged.named, best) {
            (None, _) => Pick::Skipped,
            (Some(_), _) if function.name.is_none() => return Pick::Picked,
            (Some(_), Some(best)) if closeness(function) == Some(best) => {
                Pick::Mismatch(tagged.version.clone())
            }
            (Some(_), _) => return Pick::Skipped,
        };
        let fits = function.version.is_none_or(|version| version.cmp_precedence(&tagged.version).is_eq());
        if fits { Pick::Picked } else { otherwise }
    };
    functions.iter().map(pick).collect()
}

/// The version that the tag looks like: `1.2.3`, `v1.2.3`; after a name or directory, `name@1.2.3`, `name-v1.2.3`, `name/v1.2.3`.
fn read<'t>(tag: &'t str, functions: &[Identity<'_>]) -> Option<Tagged<'t>> {
    if tag.len() > MAX_TAG_BYTES {
        return None;
    }
    let version = |text: &str| Version::parse(text.strip_prefix('v').unwrap_or(text)).ok();
    if let Some(version) = version(tag) {
        return Some(Tagged { named: None, version });
    }
    let splits = || {
        let split = |(at, separator): (usize, &'t str)| {
            let (named, rest) = (tag.get(..at)?, tag.get(at + 1..)?);
            let tagged = Tagged { named: Some(named), version: version(rest)? };
            (!named.is_empty()).then_some((tagged, separator == "@" || rest.starts_with('v')))
        };
        tag.match_indices(['@', '-', '/']).filter_map(split)
    };
    let closeness = |tagged: &Tagged<'_>| {
        let closest = functions.iter().filter_map(|function| function.closeness(tagged.named?)).max()?;
        Some((closest, tagged.named.map(str::len)))
    };
    // What names a function of this run is preferred to any other way to split the tag.
    let named = splits().filter_map(|(tagged, _)| Some((closeness(&tagged)?, tagged)));
    let named = named.max_by_key(|(closeness, _)| *closeness).map(|(_, tagged)| tagged);
    // After any other name, a dash or slash alone does not start a version: `release-1.0.0`, `release/1.0.0`.
    named.or_else(|| splits().find(|(_, is_clear)| *is_clear).map(|(tagged, _)| tagged))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::ci::Branch;

    /// A function in the root of the repository.
    fn function<'f>(name: &'f str, version: &'f Version) -> Identity<'f> {
        Identity { name: Some(name), version: Some(version), directory: "." }
    }

    fn tag_version(tag: &str) -> Option<(Option<String>, String)> {
        let version = Version::new(1, 0, 0);
        let tagged = read(tag, &[function("a", &version), function("a-v2", &version)])?;
        Some((tagged.named.map(str::to_owned), tagged.version.to_string()))
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
        assert_eq!(tag_version("x/y/a-1.2.3"), named("x/y/a", "1.2.3"));
        assert_eq!(tag_version("x/y/a-v2-1.2.3"), named("x/y/a-v2", "1.2.3"));
        assert_eq!(tag_version("@scope/a@1.2.3"), named("@scope/a", "1.2.3"));
        assert_eq!(tag_version("a-1.0.0-1.0.0"), named("a", "1.0.0-1.0.0"));
        assert_eq!(tag_version("x/other/v1.2.3"), named("x/other", "1.2.3"));
        for none in [
            "release-1.0.0",
            "release/1.0.0",
            "xa-1.0.0",
            "x-a-1.0.0",
            "V1.0.0",
            "a_v1.0.0",
            "a-V1.0.0",
            "v1",
            "latest",
            "release-2",
            "@1.2.3",
            "1.2",
        ] {
            assert_eq!(tag_version(none), None, "{none}");
        }
        let longest = "x".repeat(MAX_TAG_BYTES - "@1.0.0".len()) + "@1.0.0";
        assert!(tag_version(&longest).is_some() && tag_version(&format!("x{longest}")).is_none());
    }

    /// The check of `alpha` and `gamma` at 1.0.0, and `beta` at 2.0.0.
    fn picked(mode: TagCheck, trigger: &Trigger) -> (Vec<Pick>, Option<Finding>) {
        let [one, two] = [Version::new(1, 0, 0), Version::new(2, 0, 0)];
        let functions = [function("alpha", &one), function("beta", &two), function("gamma", &one)];
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
        use Pick::{Picked, Skipped};
        let mismatch = |tagged: &str| Pick::Mismatch(tagged.parse().unwrap());
        for (name, picks) in [
            ("1.0.0", [Picked, Skipped, Picked]),
            ("v1.0.0", [Picked, Skipped, Picked]),
            ("v1.0.0+build.5", [Picked, Skipped, Picked]),
            ("v2.0.0", [Skipped, Picked, Skipped]),
            ("alpha@1.0.0", [Picked, Skipped, Skipped]),
            ("alpha@v1.0.0", [Picked, Skipped, Skipped]),
            ("alpha-v1.0.0", [Picked, Skipped, Skipped]),
            ("alpha/v1.0.0", [Picked, Skipped, Skipped]),
            ("beta@2.0.1", [Skipped, mismatch("2.0.1"), Skipped]),
            ("beta/v1.0.0", [Skipped, mismatch("1.0.0"), Skipped]),
            ("functions/alpha/v1.0.0", [Picked, Skipped, Skipped]),
            ("functions/alpha/1.0.0", [Picked, Skipped, Skipped]),
            ("functions/alpha@1.0.0", [Picked, Skipped, Skipped]),
            ("functions/alpha-1.0.0", [Picked, Skipped, Skipped]),
            ("a/b/c/beta-v2.0.0", [Skipped, Picked, Skipped]),
            ("functions/beta/v1.0.0", [Skipped, mismatch("1.0.0"), Skipped]),
        ] {
            for mode in [TagCheck::Auto, TagCheck::Require] {
                assert_eq!(picked(mode, &tag(name)), (picks.to_vec(), None), "{name}");
            }
            assert_eq!(picked(TagCheck::Off, &tag(name)), not_checked(), "{name}");
        }
    }

    #[test]
    fn a_tag_that_picks_nothing_names_what_there_is() {
        for name in [
            "v3.0.0",
            "delta@1.0.0",
            "v1.0.0-rc.1",
            "alph-v1.0.0",
            "functions/delta/v1.0.0",
            "x/alph/v1.0.0",
            "xalpha@1.0.0",
        ] {
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
    fn a_tag_may_name_the_directory_and_the_closest_function_counts() {
        use Pick::{Mismatch, Picked, Skipped};
        let two = || Version::new(2, 0, 0);
        let version = Version::new(1, 0, 0);
        let identity = |(name, directory)| Identity { name: Some(name), version: Some(&version), directory };
        let functions = [
            ("resizer", "functions/img"),
            ("mailer", "tools/img"),
            ("img-2", "functions/other"),
            ("mail", "functions/resizer"),
        ];
        for (name, picks) in [
            ("functions/img/v1.0.0", [Picked, Skipped, Skipped, Skipped]),
            ("functions/img@1.0.0", [Picked, Skipped, Skipped, Skipped]),
            ("functions/img-1.0.0", [Picked, Skipped, Skipped, Skipped]),
            ("release/tools/img/v1.0.0", [Skipped, Picked, Skipped, Skipped]),
            ("other-v1.0.0", [Skipped, Skipped, Picked, Skipped]),
            ("other/v2.0.0", [Skipped, Skipped, Mismatch(two()), Skipped]),
            // The last part of two directories.
            ("img@1.0.0", [Picked, Picked, Skipped, Skipped]),
            // The name of one, and the last part of another one's directory; then its whole path.
            ("resizer@1.0.0", [Picked, Skipped, Skipped, Skipped]),
            ("functions/resizer@1.0.0", [Skipped, Skipped, Skipped, Picked]),
        ] {
            let functions = functions.map(identity);
            assert_eq!(check(TagCheck::Auto, &tag(name), &functions), (picks.to_vec(), None), "{name}");
        }
    }

    #[test]
    fn the_whole_path_of_a_directory_counts_more_than_its_last_part() {
        use Pick::{Picked, Skipped};
        let [one, other] = [Version::new(1, 0, 0), Version::new(0, 9, 0)];
        let functions = [
            Identity { name: Some("mailer"), version: Some(&one), directory: "alpha" },
            Identity { name: Some("sender"), version: Some(&other), directory: "legacy/alpha" },
        ];
        for (name, picks) in [
            ("alpha/v1.0.0", [Picked, Skipped]),
            ("alpha@1.0.0", [Picked, Skipped]),
            ("release/alpha/v1.0.0", [Picked, Skipped]),
            ("alpha/v0.9.0", [Pick::Mismatch(other.clone()), Skipped]),
            ("legacy/alpha/v0.9.0", [Skipped, Picked]),
            ("sender/v0.9.0", [Skipped, Picked]),
        ] {
            assert_eq!(check(TagCheck::Auto, &tag(name), &functions), (picks.to_vec(), None), "{name}");
        }
    }

    #[test]
    fn a_number_in_a_tag_that_is_not_checked_is_a_notice() {
        for name in [
            "V2.0.0",
            "v2.0",
            "2.0",
            "v1",
            "release/2.0.0",
            "release-1.0.0",
            "alpha_v1.0.0",
            "alpha-V1.0.0",
            "alpha@1.0",
            "v1.0.0.0",
            "v01.0.0",
            "1.0.0 ",
            "nightly-2026-11-25",
            &format!("alpha@1.0.0-{}", "1".repeat(MAX_TAG_BYTES)),
        ] {
            let (picks, finding) = picked(TagCheck::Auto, &tag(name));
            assert_eq!(picks, not_checked().0, "{name}");
            let Some(finding) = finding else { panic!("{name}") };
            assert_eq!(finding.code, Code::TagNotChecked, "{name}");
            assert!(
                finding.message.contains(&format!("`{name}`")) && finding.hint.contains(FORMS),
                "{finding:?}"
            );
            assert_eq!(picked(TagCheck::Off, &tag(name)), not_checked(), "{name}");
            let required = picked(TagCheck::Require, &tag(name)).1;
            assert_eq!(required.map(|finding| finding.code), Some(Code::TagMismatch), "{name}");
        }
        assert_eq!(check(TagCheck::Auto, &tag("v1"), &[]), (Vec::new(), None));
    }

    #[test]
    fn a_tag_that_is_not_a_version_is_checked_only_if_one_is_required() {
        for name in ["nightly", "latest", "alpha", "latest/alpha"] {
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
            let two = Version::new(2, 0, 0);
            let unread = Identity { name: functions.0, version: functions.1, directory: "." };
            let (picks, refused) = check(TagCheck::Auto, &tag(name), &[unread, function("beta", &two)]);
            assert_eq!((&picks[0], refused), (&expected, None), "{name}, {functions:?}");
        }
        assert_eq!(check(TagCheck::Auto, &tag("v1.0.0"), &[]), (Vec::new(), None));
    }
}
