//! What a function's users build on, and which version its changes require.

use std::collections::{BTreeMap, BTreeSet};

use semver::Version;
use serde_json::{Map, Value};

use super::comparison::Content;
use crate::finding::{Code, Finding};
use crate::function::load::Function;
use crate::function::manifest::npm::split_npm_dependency;
use crate::function::manifest::slug::Slug;
use crate::release::history::next_versions;
use crate::text;

/// A part of what users build on: a set of names, under the field of the manifest that lists them.
struct Part {
    field: &'static str,
    what: &'static str,
    /// Whether users have to provide it. Then a new name breaks what works, else a name that is gone.
    is_required: bool,
}

const EXPORTS: &str = "exports";
const ENV_VARS: &str = "envVars";
const NPM_DEPENDENCIES: &str = "npmDependencies";

/// Every part. Single values are sets of one name; the Drizzle schema has no name of its own.
const PARTS: [Part; 6] = [
    Part { field: EXPORTS, what: "export", is_required: false },
    Part { field: ENV_VARS, what: "variable", is_required: true },
    Part { field: NPM_DEPENDENCIES, what: "package", is_required: true },
    Part { field: "routePath", what: "route", is_required: false },
    Part { field: "routeExport", what: "route export", is_required: false },
    Part { field: "drizzleSchema", what: "Drizzle schema", is_required: false },
];

/// What users of a version build on: the names of each part. A part that is not known is not there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PublicApi(BTreeMap<&'static str, BTreeSet<String>>);

/// Which part of a version a change raises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// Everything works as before, and nothing was added.
    Patch,
    /// Something was added.
    Minor,
    /// Something that worked before may not work any more.
    Major,
}

/// One change that users can notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiChange {
    pub(crate) level: Level,
    /// As it follows "this version" in a sentence: `removes the export x`.
    pub(crate) what: String,
    /// The name of the export that is gone, if it is one.
    pub(crate) removed_export: Option<String>,
}

impl ApiChange {
    /// The line of a user's code that no longer compiles, where the change is one that a compiler sees.
    pub(crate) fn broken_code(&self, slug: &Slug) -> Option<String> {
        let name = self.removed_export.as_deref()?;
        Some(match name {
            "default" => format!("import {} from \"{slug}\"", slug.as_str().replace('-', "_")),
            name => format!("import {{ {name} }} from \"{slug}\""),
        })
    }
}

impl PublicApi {
    /// What users of this function's version would build on: what its manifest does not name is absent.
    pub(crate) fn of_function(function: &Function) -> Self {
        Self::of_manifest(&function.manifest.fields, function.exports.clone())
    }

    fn of_manifest(fields: &Map<String, Value>, exports: Option<BTreeSet<String>>) -> Self {
        let mut api = Self::of_response(fields, exports);
        for part in PARTS.iter().filter(|part| part.field != EXPORTS) {
            api.0.entry(part.field).or_default();
        }
        api
    }

    /// What users of a published version build on. `ours` names the entrypoint where the Hub does not.
    pub(crate) fn of_content(content: &Content, ours: &Function) -> Self {
        let Some(code) = content.code_like(ours) else { return Self::of_response(&content.fields, None) };
        let mut api = Self::of_response(&content.fields, code.exports());
        // Code that is not complete does not show what it requires.
        if code.lacks_files() {
            api.0.retain(|field, _| !matches!(*field, ENV_VARS | NPM_DEPENDENCIES));
        }
        // A declaration that is added later only catches up with what users had to provide all along.
        api.extend_known(ENV_VARS, code.env_reads());
        api.extend_known(NPM_DEPENDENCIES, code.packages());
        api
    }

    /// Adds names to a part, unless it is not known.
    fn extend_known<'n>(&mut self, part: &str, names: impl Iterator<Item = &'n str>) {
        if let Some(known) = self.0.get_mut(part) {
            known.extend(names.map(str::to_owned));
        }
    }

    /// As the Hub describes a version: what it does not name is not known.
    fn of_response(fields: &Map<String, Value>, exports: Option<BTreeSet<String>>) -> Self {
        let known = PARTS.iter().filter_map(|part| Some((part.field, names(fields.get(part.field)?)?)));
        Self(known.chain(exports.map(|names| (EXPORTS, names))).collect())
    }

    /// What changes for users from this version to the next.
    pub(crate) fn changes_to(&self, next: &Self) -> Vec<ApiChange> {
        let mut changes = Vec::new();
        for part in &PARTS {
            let (Some(old), Some(new)) = (self.0.get(part.field), next.0.get(part.field)) else { continue };
            let (removed, added) = if part.is_required {
                (None, (Level::Major, "now requires"))
            } else {
                (Some((Level::Major, "removes")), (Level::Minor, "adds"))
            };
            let removed = old.difference(new).filter_map(|name| Some((removed?, name)));
            let all = removed.chain(new.difference(old).map(|name| (added, name)));
            changes.extend(all.map(|((level, verb), name)| {
                let is_removed_export = part.field == EXPORTS && level == Level::Major;
                let removed_export = is_removed_export.then(|| name.clone());
                let name = if name.is_empty() { String::new() } else { format!(" `{name}`") };
                ApiChange { level, what: format!("{verb} the {}{name}", part.what), removed_export }
            }));
        }
        changes
    }
}

/// The lowest version above `newest` that fits the changes. Below 1.0.0 each level counts one lower (`SemVer` 2.0.0, §4,
/// as npm's ranges read it).
pub(crate) fn lowest_version(newest: &Version, changes: &[ApiChange]) -> Version {
    let level = changes.iter().map(|change| change.level).max().unwrap_or(Level::Patch);
    let [patch, minor, major] = next_versions(newest);
    match (level, newest.major) {
        (Level::Patch, _) | (Level::Minor, 0) => patch,
        (Level::Minor, _) | (Level::Major, 0) => minor,
        (Level::Major, _) => major,
    }
}

/// The changes of the highest level in a few words, with the lowest version that fits: `this version adds the export x, and should be 1.3.0 or higher`.
pub(crate) fn advice(newest: &Version, changes: &[ApiChange]) -> Option<String> {
    let highest = changes.iter().map(|change| change.level).max()?;
    let all: Vec<_> =
        changes.iter().filter(|change| change.level == highest).map(|change| change.what.clone()).collect();
    let shown = text::first(&all, MAX_SHOWN_CHANGES);
    Some(format!("this version {shown}, and should be `{}` or higher", lowest_version(newest, changes)))
}

/// Most changes that one message lists.
const MAX_SHOWN_CHANGES: usize = 5;

/// The warning about a version that has a breaking change and no new major version.
pub(crate) fn breaking(function: &Function, newest: &Version, changes: &[ApiChange]) -> Option<Finding> {
    let version = &function.version;
    let is_breaking = changes.iter().any(|change| change.level == Level::Major);
    let lowest = lowest_version(newest, changes);
    let release = |version: &Version| (version.major, version.minor, version.patch);
    if !is_breaking || version.cmp_precedence(newest).is_le() || release(version) >= release(&lowest) {
        return None;
    }
    let what = advice(newest, changes)?;
    let message =
        format!("breaking change since `{newest}` without a new major version in `{version}`: {what}");
    let hint = format!("raise `version` to `{lowest}`, or undo the breaking change");
    Some(
        Finding::new(Code::BreakingWithoutMajor, message)
            .with_hint(hint)
            .at(function.manifest.location("version")),
    )
}

/// The names in a field's value. A range that follows a package's name does not count.
fn names(value: &Value) -> Option<BTreeSet<String>> {
    let name = |entry: &str| split_npm_dependency(entry).0.to_owned();
    match value {
        Value::Array(entries) => Some(entries.iter().filter_map(Value::as_str).map(name).collect()),
        Value::String(text) => Some(BTreeSet::from([text.clone()])),
        Value::Bool(is_there) => Some(is_there.then(String::new).into_iter().collect()),
        Value::Null | Value::Number(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api(fields: &str, exports: &[&str]) -> PublicApi {
        let exports = exports.iter().map(|name| (*name).to_owned()).collect();
        PublicApi::of_manifest(
            serde_json::from_str::<Value>(fields).unwrap().as_object().unwrap(),
            Some(exports),
        )
    }

    fn advice_from(old: &PublicApi, new: &PublicApi, newest: &str) -> Option<String> {
        advice(&Version::parse(newest).unwrap(), &old.changes_to(new))
    }

    #[test]
    fn each_change_has_a_level_and_words() {
        const MAJOR: &str = "2.0.0";
        const MINOR: &str = "1.3.0";
        let (two, one) = (&["x", "y"][..], &["x"][..]);
        for (old, old_exports, new, new_exports, expected) in [
            ("{}", two, "{}", one, Some(("removes the export `y`", MAJOR))),
            ("{}", one, "{}", two, Some(("adds the export `y`", MINOR))),
            ("{}", one, r#"{"envVars": ["KEY"]}"#, one, Some(("now requires the variable `KEY`", MAJOR))),
            (r#"{"envVars": ["KEY"]}"#, one, "{}", one, None),
            (
                r#"{"npmDependencies": ["a@1"]}"#,
                one,
                r#"{"npmDependencies": ["a@2", "@b/c@1"]}"#,
                one,
                Some(("now requires the package `@b/c`", MAJOR)),
            ),
            (r#"{"npmDependencies": ["a@1"]}"#, one, r#"{"npmDependencies": ["a@2"]}"#, one, None),
            (r#"{"npmDependencies": ["a@1"]}"#, one, "{}", one, None),
            (
                r#"{"routePath": "/a"}"#,
                one,
                r#"{"routePath": "/b"}"#,
                one,
                Some(("removes the route `/a`", MAJOR)),
            ),
            (r#"{"routePath": "/a"}"#, one, "{}", one, Some(("removes the route `/a`", MAJOR))),
            ("{}", one, r#"{"routePath": "/a"}"#, one, Some(("adds the route `/a`", MINOR))),
            (
                r#"{"routeExport": "x"}"#,
                two,
                r#"{"routeExport": "y"}"#,
                two,
                Some(("removes the route export `x`", MAJOR)),
            ),
            (r#"{"drizzleSchema": true}"#, one, "{}", one, Some(("removes the Drizzle schema", MAJOR))),
            ("{}", one, r#"{"drizzleSchema": true}"#, one, Some(("adds the Drizzle schema", MINOR))),
            ("{}", one, "{}", one, None),
        ] {
            let expected = expected
                .map(|(what, version)| format!("this version {what}, and should be `{version}` or higher"));
            let advice = advice_from(&api(old, old_exports), &api(new, new_exports), "1.2.3");
            assert_eq!(advice, expected, "{old} to {new}");
        }
    }

    #[test]
    fn the_advice_names_the_changes_of_the_highest_level_and_counts_those_beyond_five() {
        let old = api(r#"{"envVars": ["A"], "routePath": "/a"}"#, &["x", "y"]);
        let new =
            api(r#"{"envVars": ["A", "B"], "npmDependencies": ["zod"], "routePath": "/b"}"#, &["x", "z"]);
        assert_eq!(
            advice_from(&old, &new, "1.2.3").unwrap(),
            "this version removes the export `y`, now requires the variable `B`, now requires the package `zod`, \
             removes the route `/a`, and should be `2.0.0` or higher"
        );
        let many = api("{}", &["a", "b", "c", "d", "e", "f", "g"]);
        assert_eq!(
            advice_from(&many, &api("{}", &[]), "1.2.3").unwrap(),
            "this version removes the export `a`, removes the export `b`, removes the export `c`, removes the export `d`, \
             removes the export `e` and 2 more, and should be `2.0.0` or higher"
        );
    }

    #[test]
    fn below_1_0_0_each_level_counts_one_lower() {
        let [less, same, more] =
            [&["x"][..], &["x", "y"], &["x", "y", "z"]].map(|exports| api("{}", exports));
        for (next, newest, expected) in [
            (&less, "1.2.3", "2.0.0"),
            (&more, "1.2.3", "1.3.0"),
            (&same, "1.2.3", "1.2.4"),
            (&less, "0.2.3", "0.3.0"),
            (&more, "0.2.3", "0.2.4"),
            (&same, "0.2.3", "0.2.4"),
        ] {
            let newest = Version::parse(newest).unwrap();
            assert_eq!(lowest_version(&newest, &same.changes_to(next)).to_string(), expected, "{newest}");
        }
    }

    #[test]
    fn what_the_hub_does_not_show_is_no_change() {
        let old = PublicApi::of_response(&Map::new(), None);
        let new = api(r#"{"envVars": ["A"], "routePath": "/a", "drizzleSchema": true}"#, &["x"]);
        assert!(old.changes_to(&new).is_empty());
    }
}
