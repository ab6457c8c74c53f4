//! Exactly what is sent to the Hub, and what its answers are understood to say.
//!
//! The answers' shapes are only partly documented, so they are read tolerantly: what is missing is `None`.

use std::collections::BTreeMap;

use semver::Version;
use serde_json::{Map, Value};

use super::refusal::{Refusal, documented};
use crate::function::manifest::slug::Slug;
use crate::release::comparison::Content;

/// Fields of an answer that tell what users of a version build on (Go CLI, `install`).
const SURFACE_FIELDS: [&str; 6] =
    ["entrypoint", "envVars", "npmDependencies", "routePath", "routeExport", "drizzleSchema"];

/// Whether a function, or a version of it, is public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Status {
    Published,
    Draft,
    /// A word that is not documented.
    Other(String),
}

/// A function as one of the Hub's answers tells it.
#[derive(Debug, Clone, Default)]
pub(crate) struct FunctionRecord {
    pub(crate) id: Option<String>,
    pub(crate) slug: Option<String>,
    pub(crate) author: Option<String>,
    pub(crate) status: Option<Status>,
    pub(crate) url: Option<String>,
    /// The current version; `None` also where it is not `SemVer`.
    pub(crate) version: Option<Version>,
    /// All published versions, where the answer lists them.
    pub(crate) versions: Option<Vec<Version>>,
    pub(crate) content: Content,
}

impl FunctionRecord {
    /// Reads a function at the answer's top level, or inside `function` or `data`.
    pub(crate) fn of_answer(body: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(body).ok()?;
        unwrap(&value).map(Self::of)
    }

    fn of(object: &Map<String, Value>) -> Self {
        Self {
            id: text_or_number(object.get("id")),
            slug: text(object.get("slug"))
                .or_else(|| Some(Slug::of(object.get("name")?.as_str()?).to_string())),
            author: author(object),
            status: object.get("status").and_then(Value::as_str).map(Status::of),
            url: text(object.get("url")),
            version: object.get("version").and_then(version),
            versions: object.get("versions").and_then(Value::as_array).map(|list| published_versions(list)),
            content: Content {
                code: text(object.get("code")),
                readme: text(object.get("readme")),
                files: object.get("files").and_then(files),
                fields: SURFACE_FIELDS
                    .iter()
                    .filter_map(|name| Some(((*name).to_owned(), object.get(*name)?.clone())))
                    .collect(),
            },
        }
    }

    /// With what another answer tells of the same function; where both speak, the other one counts for the version, its
    /// status and content, since it is the more detailed.
    pub(crate) fn completed_by(self, other: Self) -> Self {
        Self {
            id: other.id.or(self.id),
            slug: other.slug.or(self.slug),
            author: other.author.or(self.author),
            status: other.status.or(self.status),
            url: other.url.or(self.url),
            version: other.version.or(self.version),
            versions: other.versions.or(self.versions),
            content: other.content,
        }
    }

    /// With what the function's own answer tells. Where that is about a draft on top of the published version which this
    /// record is about, only what both have in common counts.
    pub(crate) fn detailed_by(self, details: Self) -> Self {
        if !details.is_draft() || self.published_versions().is_none() {
            return self.completed_by(details);
        }
        Self {
            author: self.author.or(details.author),
            url: self.url.or(details.url),
            versions: self.versions.or(details.versions),
            ..self
        }
    }

    /// Whether the answer told anything of a function at all.
    pub(crate) fn tells_something(&self) -> bool {
        self.id.is_some() || self.slug.is_some() || self.url.is_some() || self.status.is_some()
    }

    pub(crate) fn is_draft(&self) -> bool {
        self.status == Some(Status::Draft)
    }

    /// Every published version the record tells of: those it lists, and the current one unless that is a draft.
    pub(crate) fn published_versions(&self) -> Option<Vec<Version>> {
        let current = self.version.iter().filter(|_| !self.is_draft());
        match &self.versions {
            Some(listed) => Some(listed.iter().chain(current).cloned().collect()),
            None => current.cloned().map(|version| vec![version]).next(),
        }
    }

    /// Whether the record's version is this one, by precedence.
    pub(crate) fn is_of(&self, version: &Version) -> bool {
        self.version.as_ref().is_some_and(|own| own.cmp_precedence(version).is_eq())
    }
}

impl Status {
    fn of(word: &str) -> Self {
        match word {
            "published" => Self::Published,
            "draft" => Self::Draft,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// The account's functions.
#[derive(Debug, Clone)]
pub(crate) struct FunctionList {
    pub(crate) records: Vec<FunctionRecord>,
    /// Whether the answer says that there are more functions than it lists.
    pub(crate) is_partial: bool,
}

impl FunctionList {
    /// Reads a list at the top level or under one of the usual names.
    pub(crate) fn of_answer(body: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(body).ok()?;
        let (list, around) = find_list(&value)?;
        let records: Vec<_> = list.iter().filter_map(Value::as_object).map(FunctionRecord::of).collect();
        let is_partial = around.is_some_and(|object| says_more(object, list.len()));
        Some(Self { records, is_partial })
    }

    pub(crate) fn find(&self, slug: &Slug) -> Option<&FunctionRecord> {
        self.records.iter().find(|record| record.slug.as_deref() == Some(slug.as_str()))
    }
}

/// A list, and the object around it.
type ListWithin<'v> = (&'v [Value], Option<&'v Map<String, Value>>);

fn find_list(value: &Value) -> Option<ListWithin<'_>> {
    if let Value::Array(list) = value {
        return Some((list.as_slice(), None));
    }
    let object = value.as_object()?;
    let names = ["functions", "data", "items", "results"];
    names.iter().filter_map(|name| object.get(*name)).find_map(|inner| match inner {
        Value::Array(list) => Some((list.as_slice(), Some(object))),
        Value::Object(_) => find_list(inner),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    })
}

/// The usual ways in which a page says that it is not the last.
fn says_more(object: &Map<String, Value>, listed: usize) -> bool {
    let number = |name: &str| object.get(name).and_then(Value::as_u64);
    let flags = ["has_more", "hasMore", "has_next", "hasNext"];
    let nexts = ["next", "next_cursor", "nextCursor", "cursor", "next_page", "nextPage"];
    flags.iter().any(|name| object.get(*name) == Some(&Value::Bool(true)))
        || nexts.iter().any(|name| object.get(*name).is_some_and(|next| next.is_string() || next.is_number()))
        || ["total", "total_count", "totalCount"]
            .iter()
            .any(|name| number(name).is_some_and(|total| total > listed as u64))
        || ["pagination", "meta"]
            .iter()
            .filter_map(|name| object.get(*name)?.as_object())
            .any(|inner| says_more(inner, listed))
}

/// What an answer of status 2xx to a publish says.
#[derive(Debug)]
pub(crate) enum Receipt {
    Accepted(Box<FunctionRecord>),
    /// A refusal in the clothes of a success.
    Refused(Refusal),
    Unreadable,
}

impl Receipt {
    pub(crate) fn of_answer(status: u16, body: &[u8]) -> Self {
        let Ok(value) = serde_json::from_slice::<Value>(body) else { return Self::Unreadable };
        let Some(object) = value.as_object() else { return Self::Unreadable };
        let says_error =
            object.get("error").is_some_and(|error| !error.is_null() && error != &Value::Bool(false));
        // `code` may also be the source text of the function: only the names that are documented are errors.
        let names_error = object.get("code").and_then(Value::as_str).and_then(documented).is_some();
        if says_error || names_error || object.get("success") == Some(&Value::Bool(false)) {
            return Self::Refused(Refusal::of_answer(status, body));
        }
        match unwrap(&value) {
            Some(object) => Self::Accepted(Box::new(FunctionRecord::of(object))),
            None => Self::Unreadable,
        }
    }
}

/// The innermost object that describes the function.
fn unwrap(value: &Value) -> Option<&Map<String, Value>> {
    let object = value.as_object()?;
    let inner =
        ["function", "data"].iter().filter_map(|name| object.get(*name)).find(|inner| inner.is_object());
    inner.map_or(Some(object), unwrap)
}

fn text(value: Option<&Value>) -> Option<String> {
    value?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

fn text_or_number(value: Option<&Value>) -> Option<String> {
    value?.as_number().map(ToString::to_string).or_else(|| text(value))
}

/// The author's user name: as text, or as an object with `username`.
fn author(object: &Map<String, Value>) -> Option<String> {
    let named = ["author_username", "authorUsername", "author", "username"];
    let found = named.iter().filter_map(|name| object.get(*name));
    found.map(|value| value.get("username").unwrap_or(value)).find_map(|value| text(Some(value)))
}

fn version(value: &Value) -> Option<Version> {
    Version::parse(value.as_str()?).ok()
}

/// A list of versions: strings, or objects with `version`; drafts among them are not published.
fn published_versions(list: &[Value]) -> Vec<Version> {
    let is_draft = |entry: &&Value| entry.get("status").and_then(Value::as_str) == Some("draft");
    let published = list.iter().filter(|entry| !is_draft(entry));
    published.filter_map(|entry| version(entry.get("version").unwrap_or(entry))).collect()
}

/// Files as an object of path to text, or as a list of objects with `path` and `content`.
fn files(value: &Value) -> Option<BTreeMap<String, String>> {
    match value {
        Value::Object(files) => {
            let text = |(path, text): (&String, &Value)| Some((plain(path), text.as_str()?.to_owned()));
            Some(files.iter().filter_map(text).collect())
        }
        Value::Array(files) => {
            let file = |file: &Value| {
                let field = |name| file.get(name).and_then(Value::as_str).map(str::to_owned);
                Some((plain(&field("path")?), field("content")?))
            };
            Some(files.iter().filter_map(file).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
    .filter(|files: &BTreeMap<_, _>| !files.is_empty())
}

/// A path without a leading `./`, which a manifest may have in its entrypoint's.
fn plain(path: &str) -> String {
    path.trim_start_matches("./").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_found_at_every_depth() {
        for body in [
            r#"{"id": 7, "slug": "a"}"#,
            r#"{"function": {"id": "7", "slug": "a"}}"#,
            r#"{"data": {"id": "7", "name": "A"}}"#,
            r#"{"success": true, "data": {"function": {"id": "7", "slug": "a"}}}"#,
        ] {
            let record = FunctionRecord::of_answer(body.as_bytes()).unwrap();
            assert_eq!((record.id.as_deref(), record.slug.as_deref()), (Some("7"), Some("a")), "{body}");
        }
    }

    #[test]
    fn a_list_is_found_and_a_page_that_is_not_the_last_is_known_as_such() {
        let read = |body: &str| {
            let listing = FunctionList::of_answer(body.as_bytes()).unwrap();
            (listing.records.len(), listing.is_partial)
        };
        assert_eq!(read(r#"[{"slug": "a"}]"#), (1, false));
        assert_eq!(read(r#"{"functions": [{"slug": "a"}], "total": 1, "next": null}"#), (1, false));
        assert_eq!(read(r#"{"data": {"functions": [{"slug": "a"}], "total": 2}}"#), (1, true));
        assert_eq!(read(r#"{"items": [], "pagination": {"has_more": true}}"#), (0, true));
        assert!(FunctionList::of_answer(b"{\"error\": \"no\"}").is_none());
    }

    #[test]
    fn versions_are_strings_or_objects_and_drafts_are_none() {
        let body =
            br#"{"versions": ["1.0.0", {"version": "1.1.0"}, {"version": "2.0.0", "status": "draft"}, 3]}"#;
        let versions = FunctionRecord::of_answer(body).unwrap().versions.unwrap();
        assert_eq!(versions, [Version::new(1, 0, 0), Version::new(1, 1, 0)]);
    }
}
