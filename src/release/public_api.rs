//! What a function's users build on, and what a change of it asks of the next version. Pure.

use std::collections::{BTreeMap, BTreeSet};

use semver::Version;
use serde_json::{Map, Value};

use super::comparison::Content;
use crate::finding::{Code, Finding};
use crate::function::code::published::exported_names;
use crate::function::load::Function;
use crate::function::manifest::fields::Manifest;
use crate::release::history::next_versions;
use crate::source::SourceFile;

/// What users of a version build on; `None` for what can't be told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PublicApi {
    /// Names that the entrypoint exports.
    pub(crate) exports: Option<BTreeSet<String>>,
    env_vars: Option<BTreeSet<String>>,
    /// npm packages, without version ranges.
    packages: Option<BTreeSet<String>>,
    route_path: Named,
    route_export: Named,
    drizzle_schema: Option<bool>,
}

/// Something that a version may have under a name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Named {
    #[default]
    NotTold,
    Absent,
    As(String),
}

impl Named {
    /// What is not told is not there: so a manifest is read.
    fn or_absent(self) -> Self {
        if self == Self::NotTold { Self::Absent } else { self }
    }
}

/// How much of a version a change raises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// What worked before works on, and there is nothing more.
    Patch,
    /// There is more than before.
    Minor,
    /// What worked before may not work any more.
    Major,
}

/// One change that users can notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) level: Level,
    /// In words that follow "it": `removes the export x`.
    pub(crate) what: String,
}

impl PublicApi {
    /// What users of this function's version would build on.
    pub(crate) fn of_function(function: &Function) -> Self {
        Self::of_manifest(&function.manifest.fields, function.exports.clone())
    }

    /// What users of a published version build on. `ours` names the entrypoint where the Hub does not.
    pub(crate) fn of_content(content: &Content, ours: &Function) -> Self {
        let path = content.fields.get("entrypoint").and_then(Value::as_str).unwrap_or(&ours.entrypoint.path);
        let exports = content.entrypoint(path).and_then(|text| {
            let files = content.files.as_ref();
            exported_names(SourceFile::published(path, text), files.unwrap_or(&BTreeMap::new()))
        });
        Self::of_answer(&content.fields, exports)
    }

    /// What a manifest promises: what it does not name, it does not have.
    pub(crate) fn of_manifest(fields: &Map<String, Value>, exports: Option<BTreeSet<String>>) -> Self {
        let told = Self::of_answer(fields, exports);
        Self {
            env_vars: Some(told.env_vars.unwrap_or_default()),
            packages: Some(told.packages.unwrap_or_default()),
            route_path: told.route_path.or_absent(),
            route_export: told.route_export.or_absent(),
            drizzle_schema: Some(told.drizzle_schema.unwrap_or_default()),
            ..told
        }
    }

    /// What the Hub tells of a version: what it does not name, is not known.
    pub(crate) fn of_answer(fields: &Map<String, Value>, exports: Option<BTreeSet<String>>) -> Self {
        let text = |name| fields.get(name).and_then(Value::as_str);
        let named = |name| text(name).map_or(Named::NotTold, |text| Named::As(text.to_owned()));
        Self {
            exports,
            env_vars: fields.get("envVars").and_then(names),
            packages: fields.get("npmDependencies").and_then(names).as_ref().map(without_ranges),
            route_path: named("routePath"),
            route_export: named("routeExport"),
            drizzle_schema: fields.get("drizzleSchema").and_then(Value::as_bool),
        }
    }

    /// What changes for users from this version to the next.
    pub(crate) fn changes_to(&self, next: &Self) -> Vec<Change> {
        let mut changes = Vec::new();
        let mut change = |level, what: String| changes.push(Change { level, what });
        for (old, new) in self.exports.iter().zip(&next.exports) {
            old.difference(new).for_each(|name| change(Level::Major, format!("removes the export `{name}`")));
            new.difference(old).for_each(|name| change(Level::Minor, format!("adds the export `{name}`")));
        }
        for (old, new) in self.env_vars.iter().zip(&next.env_vars) {
            new.difference(old)
                .for_each(|name| change(Level::Major, format!("newly needs the variable `{name}`")));
        }
        for (old, new) in self.packages.iter().zip(&next.packages) {
            new.difference(old)
                .for_each(|name| change(Level::Major, format!("newly needs the package `{name}`")));
        }
        let routes = [
            ("route", &self.route_path, &next.route_path),
            ("route's export", &self.route_export, &next.route_export),
        ];
        for (what, old, new) in routes {
            match (old, new) {
                (Named::As(old), Named::As(new)) if old != new => {
                    change(Level::Major, format!("moves the {what} from `{old}` to `{new}`"));
                }
                (Named::As(old), Named::Absent) => change(Level::Major, format!("drops the {what} `{old}`")),
                (Named::Absent, Named::As(new)) => change(Level::Minor, format!("adds the {what} `{new}`")),
                (Named::NotTold | Named::Absent | Named::As(_), _) => {}
            }
        }
        match (self.drizzle_schema, next.drizzle_schema) {
            (Some(true), Some(false)) => change(Level::Major, "drops its Drizzle schema".to_owned()),
            (Some(false), Some(true)) => change(Level::Minor, "brings a Drizzle schema".to_owned()),
            (None | Some(_), None | Some(_)) => {}
        }
        changes
    }
}

/// The least version above `newest` that the changes fit. Below 1.0.0 each level counts one lower (`SemVer` 2.0.0, §4,
/// as npm's ranges read it).
pub(crate) fn least_version(newest: &Version, changes: &[Change]) -> Version {
    let level = changes.iter().map(|change| change.level).max().unwrap_or(Level::Patch);
    let [patch, minor, major] = next_versions(newest);
    match (level, newest.major) {
        (Level::Patch, _) | (Level::Minor, 0) => patch,
        (Level::Minor, _) | (Level::Major, 0) => minor,
        (Level::Major, _) => major,
    }
}

/// The changes of the highest level in a few words, with the version they ask for: `adds the export x: 1.3.0`.
pub(crate) fn advice(newest: &Version, changes: &[Change]) -> Option<String> {
    let highest = changes.iter().map(|change| change.level).max()?;
    let all: Vec<_> =
        changes.iter().filter(|change| change.level == highest).map(|change| change.what.as_str()).collect();
    let (shown, rest) = all.split_at(all.len().min(SHOWN_CHANGES));
    let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
    Some(format!("it {}{more}: {}", shown.join(", "), least_version(newest, changes)))
}

/// Most changes that one message lists.
const SHOWN_CHANGES: usize = 5;

/// The warning where a version does not say that it breaks what users build on.
pub(crate) fn breaking(
    manifest: &Manifest,
    version: &Version,
    newest: &Version,
    changes: &[Change],
) -> Option<Finding> {
    let is_breaking = changes.iter().any(|change| change.level == Level::Major);
    let least = least_version(newest, changes);
    let release = |version: &Version| (version.major, version.minor, version.patch);
    if !is_breaking || version.cmp_precedence(newest).is_le() || release(version) >= release(&least) {
        return None;
    }
    let what = advice(newest, changes)?;
    let message =
        format!("`{version}` does not tell users of `{newest}` that it breaks what they build on: {what}");
    let hint = format!("raise `version` to `{least}`, or keep what was there");
    Some(Finding::new(Code::BreakingWithoutMajor, message).with_hint(hint).at(manifest.location("version")))
}

fn names(value: &Value) -> Option<BTreeSet<String>> {
    Some(value.as_array()?.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

fn without_ranges(packages: &BTreeSet<String>) -> BTreeSet<String> {
    let name = |entry: &String| {
        let end = entry.char_indices().skip(1).find(|(_, c)| *c == '@').map_or(entry.len(), |(at, _)| at);
        entry.get(..end).unwrap_or_default().to_owned()
    };
    packages.iter().map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surface(fields: &str, exports: &[&str]) -> PublicApi {
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
    fn a_removal_or_a_new_need_asks_for_a_major_version_and_an_addition_for_a_minor_one() {
        let old =
            surface(r#"{"envVars": ["A"], "npmDependencies": ["hono@^4"], "routePath": "/a"}"#, &["x", "y"]);
        let same =
            surface(r#"{"envVars": [], "npmDependencies": ["hono@^5"], "routePath": "/a"}"#, &["x", "y"]);
        assert_eq!(advice_from(&old, &same, "1.2.3"), None);
        let more = surface(r#"{"envVars": ["A"], "routePath": "/a"}"#, &["x", "y", "z"]);
        assert_eq!(advice_from(&old, &more, "1.2.3").unwrap(), "it adds the export `z`: 1.3.0");
        let less =
            surface(r#"{"envVars": ["A", "B"], "npmDependencies": ["zod"], "routePath": "/b"}"#, &["x", "z"]);
        assert_eq!(
            advice_from(&old, &less, "1.2.3").unwrap(),
            "it removes the export `y`, newly needs the variable `B`, newly needs the package `zod`, \
             moves the route from `/a` to `/b`: 2.0.0"
        );
        assert_eq!(
            advice_from(&old, &surface(r#"{"routePath": "/a"}"#, &["x"]), "0.2.3").unwrap(),
            "it removes the export `y`: 0.3.0"
        );
    }

    #[test]
    fn what_the_hub_does_not_tell_is_no_change() {
        let old = PublicApi::of_answer(&Map::new(), None);
        assert!(
            old.changes_to(&surface(
                r#"{"envVars": ["A"], "routePath": "/a", "drizzleSchema": true}"#,
                &["x"]
            ))
            .is_empty()
        );
    }
}
