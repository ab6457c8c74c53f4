//! The Hub's responses: records of functions, and lists of them. Pure.
//!
//! Their format is only partly documented, so parsing is tolerant: what is missing or of another type is `None`.

use std::collections::BTreeSet;

use semver::Version;
use serde_json::{Map, Value};

use super::body;
use crate::function::files::Texts;
use crate::function::manifest::fields::FIELDS;
use crate::function::manifest::slug::Slug;
use crate::release::comparison::Content;

/// Where a record may name its author, by user name.
const AUTHOR: [&str; 5] = ["/author_username", "/authorUsername", "/author/username", "/author", "/username"];

/// The status of a public function, or version.
pub(super) const PUBLISHED: &str = "published";

/// The status of a function, or version, that only its owner sees.
pub(super) const DRAFT: &str = "draft";

/// The statuses, or decisions, of a version that a person at the Hub has yet to review (Aerostack's own CI).
const IN_REVIEW: [&str; 3] = ["pending_review", "in_review", "under_review"];

/// A function as one response of the Hub describes it.
#[derive(Debug, Clone, Default)]
pub(crate) struct FunctionRecord {
    pub(crate) id: Option<String>,
    pub(crate) slug: Option<String>,
    pub(crate) author: Option<String>,
    /// `PUBLISHED`, `DRAFT`, `pending_review`, or an undocumented one as the Hub writes it.
    pub(crate) status: Option<String>,
    pub(crate) url: Option<String>,
    /// The current version; `None` also where it is not `SemVer`.
    pub(crate) version: Option<Version>,
    /// All published versions, where the response lists them.
    pub(crate) versions: Option<Vec<Version>>,
    pub(crate) content: Content,
}

impl FunctionRecord {
    pub(crate) fn parse(body: impl Into<Vec<u8>>) -> Option<Self> {
        Self::of(&mut body::into_value(body.into())?)
    }

    /// Reads a function at the top level, or inside `function` or `data`. Its texts may be large: they are taken from there.
    pub(super) fn of(value: &mut Value) -> Option<Self> {
        let inner =
            ["function", "data"].into_iter().find(|name| value.get(*name).is_some_and(Value::is_object));
        if let Some(inner) = inner {
            return Self::of(value.get_mut(inner)?);
        }
        let content = taken_content(value.as_object_mut()?);
        let value = &*value;
        let text = |pointer: &str| {
            let text = value.pointer(pointer).and_then(Value::as_str);
            text.filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let named = text("/slug").or_else(|| text("/name"));
        let (owner, slug) = named.as_deref().map_or((None, None), |named| match prefixed(named) {
            Some((owner, slug)) => (Some(owner.to_owned()), Some(slug)),
            None => (None, Some(named)),
        });
        Some(Self {
            id: text("/id").or_else(|| Some(value.get("id")?.as_number()?.to_string())),
            slug: slug
                .map(|slug| text("/slug").map_or_else(|| Slug::of(slug).to_string(), |_| slug.to_owned())),
            author: AUTHOR.into_iter().find_map(text).or(owner),
            status: status(value),
            url: text("/url"),
            version: value.get("version").and_then(version),
            versions: value.get("versions").and_then(Value::as_array).map(|list| published_versions(list)),
            content,
        })
    }

    /// This record, updated with another one of the same function: its fields replace ours, and so does all its content.
    pub(crate) fn updated_with(self, other: Self) -> Self {
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

    /// This record of a list, updated with the function's own record. Where that describes a draft of the next version,
    /// and this one a published version, only the fields that all versions share are taken from it.
    pub(super) fn with_details(mut self, mut details: Self) -> Self {
        if details.is_unpublished() && self.published_versions().is_some() {
            details =
                Self { status: None, version: None, content: std::mem::take(&mut self.content), ..details };
        }
        self.updated_with(details)
    }

    pub(crate) fn is_draft(&self) -> bool {
        self.status.as_deref() == Some(DRAFT)
    }

    /// Whether the record's version is not published before a person at the Hub has approved it.
    pub(crate) fn is_in_review(&self) -> bool {
        self.status.as_deref() == Some(IN_REVIEW[0])
    }

    /// Whether the record's version is not public, by its status: anything but `published`, such as `queued` or `rejected`.
    pub(super) fn is_unpublished(&self) -> bool {
        self.status.as_deref().is_some_and(|status| status != PUBLISHED)
    }

    /// Every published version in the record: those it lists, and the current one unless that is not public.
    pub(crate) fn published_versions(&self) -> Option<Vec<Version>> {
        let current = self.version.iter().filter(|_| !self.is_unpublished());
        let all: Vec<_> = self.versions.iter().flatten().chain(current).cloned().collect();
        (self.versions.is_some() || !all.is_empty()).then_some(all)
    }

    /// Whether the record's version is this one; build metadata does not count.
    pub(super) fn has_version(&self, version: &Version) -> bool {
        self.version.as_ref().is_some_and(|own| own.cmp_precedence(version).is_eq())
    }
}

/// The account's functions, as far as one response lists them.
#[derive(Debug, Clone)]
pub(crate) struct FunctionList {
    pub(crate) records: Vec<FunctionRecord>,
    /// Whether there is no function: no entry, and nothing that says that there are more.
    pub(crate) is_empty: bool,
}

impl FunctionList {
    pub(crate) fn parse(body: impl Into<Vec<u8>>) -> Option<Self> {
        let value = body::into_value(body.into())?;
        let has_more = has_more_pages(&value, 0);
        let mut list = list_in(value)?;
        let is_empty = list.is_empty() && !has_more;
        Some(Self { records: list.iter_mut().filter_map(FunctionRecord::of).collect(), is_empty })
    }

    /// The entry of a function; of several, that of this user.
    pub(crate) fn find(&self, slug: &Slug, username: Option<&str>) -> Option<&FunctionRecord> {
        let is_named = |record: &&FunctionRecord| {
            record.slug.as_deref().is_some_and(|named| named.eq_ignore_ascii_case(slug.as_str()))
        };
        let is_theirs = |record: &&FunctionRecord| {
            record
                .author
                .as_deref()
                .zip(username)
                .is_some_and(|(author, user)| author.eq_ignore_ascii_case(user))
        };
        let mut named = self.records.iter().filter(is_named);
        named.clone().find(is_theirs).or_else(|| named.next())
    }

    /// The users that the entries name as their authors, each once.
    pub(crate) fn authors(&self) -> Vec<&str> {
        let mut authors: Vec<_> = self.records.iter().filter_map(|record| record.author.as_deref()).collect();
        authors.retain(|author| is_username(author));
        let mut seen = BTreeSet::new();
        authors.retain(|author| seen.insert(*author));
        authors
    }
}

/// Whether an author's name can be a user name, and not one for people to read.
pub(super) fn is_username(author: &str) -> bool {
    author.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

/// User and slug of a slug that is written as `@user/slug` (Aerostack's own CI) or `user/slug`.
fn prefixed(slug: &str) -> Option<(&str, &str)> {
    slug.strip_prefix('@').unwrap_or(slug).split_once('/')
}

/// The status of a function, a version or a receipt; a known one in lower case.
fn status(value: &Value) -> Option<String> {
    if is_in_review(value) {
        return Some(IN_REVIEW[0].to_owned());
    }
    let named = ["status", "state"].iter().find_map(|name| value.get(name)?.as_str());
    let is_hidden = value.get("published") == Some(&Value::Bool(false));
    // Another word stays as it is: what is shown of it must not differ from what it may be redacted by.
    let known = |word: &str| match normalized(word) {
        lower if lower == PUBLISHED || lower == DRAFT => lower,
        _ => word.trim().to_owned(),
    };
    named.map(known).or_else(|| is_hidden.then(|| DRAFT.to_owned()))
}

fn normalized(word: &str) -> String {
    word.trim().to_lowercase().replace([' ', '-'], "_")
}

/// Whether a function's, or a receipt's, status or decision is that it waits for a review, at any usual depth.
pub(super) fn is_in_review(value: &Value) -> bool {
    has_word(value, &["status", "state", "decision"], &IN_REVIEW)
}

/// Whether a receipt says at any usual depth that the version was rejected.
pub(super) fn is_rejected(value: &Value) -> bool {
    has_word(value, &["status", "state", "decision"], &["rejected", "failed", "error"])
}

/// Whether one of these fields has one of these words: in an object, or in those inside it that describe the same version.
fn has_word(value: &Value, fields: &[&str], words: &[&str]) -> bool {
    let has = |word: &str| words.contains(&normalized(word).as_str());
    let inner = ["function", "data", "version", "review", "quality"];
    fields.iter().filter_map(|field| value.get(field)?.as_str()).any(has)
        || inner.iter().filter_map(|name| value.get(name)).any(|inner| has_word(inner, fields, words))
}

/// A list at the top level, or under one of the usual names.
fn list_in(value: Value) -> Option<Vec<Value>> {
    match value {
        Value::Array(list) => Some(list),
        Value::Object(mut object) => {
            let names = ["functions", "data", "items", "results"];
            names.into_iter().find_map(|name| list_in(object.get_mut(name)?.take()))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// Whether a response says, in one of the usual ways, that the list in it is not complete.
fn has_more_pages(value: &Value, listed: usize) -> bool {
    let says_so = |(name, value): (&String, &Value)| match name.as_str() {
        "has_more" | "hasMore" | "has_next" | "hasNext" => *value == true,
        "next" | "next_cursor" | "nextCursor" | "cursor" | "next_page" | "nextPage" => {
            value.is_string() || value.is_number()
        }
        "total" | "total_count" | "totalCount" => value.as_u64().is_some_and(|total| total > listed as u64),
        "functions" | "data" | "items" | "results" | "pagination" | "meta" => has_more_pages(value, listed),
        _ => false,
    };
    value.as_object().is_some_and(|object| object.iter().any(says_so))
}

fn version(value: &Value) -> Option<Version> {
    Version::parse(value.as_str()?).ok()
}

/// The published ones of a list of versions, which are strings, or objects with `version` and perhaps `status`.
fn published_versions(list: &[Value]) -> Vec<Version> {
    let published = list.iter().filter(|entry| status(entry).is_none_or(|status| status == PUBLISHED));
    published.filter_map(|entry| version(entry.get("version").unwrap_or(entry))).collect()
}

/// The content of a function, taken out of what describes it.
fn taken_content(object: &mut Map<String, Value>) -> Content {
    let mut text = |name: &str| object.get_mut(name).and_then(taken_text).filter(|text| !text.is_empty());
    let (code, readme) = (text("code").map(Into::into), text("readme").map(Into::into));
    let files = object.get_mut("files").and_then(taken_files);
    let is_documented = |name: &str| name != "version" && FIELDS.iter().any(|field| field.name == name);
    let fields = object.iter().filter(|(name, _)| is_documented(name));
    Content {
        code,
        readme,
        files,
        fields: fields.map(|(name, value)| (name.clone(), value.clone())).collect(),
    }
}

fn taken_text(value: &mut Value) -> Option<String> {
    if let Value::String(text) = value { Some(std::mem::take(text)) } else { None }
}

/// Files as an object of path to text, or as a list of objects with `path` and `content`. A path may begin with `./`, as
/// entrypoints may.
fn taken_files(value: &mut Value) -> Option<Texts> {
    let mut files = Texts::new();
    let mut add = |path: &str, text: &mut Value| {
        let path = path.trim_start_matches("./").to_owned();
        files.extend(taken_text(text).map(|text| (path, text.into())));
    };
    match value {
        Value::Object(by_path) => by_path.iter_mut().for_each(|(path, text)| add(path, text)),
        Value::Array(list) => {
            for file in list {
                let path = file.get_mut("path").and_then(taken_text);
                if let Some((path, text)) = path.zip(file.get_mut("content")) {
                    add(&path, text);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    Some(files).filter(|files| !files.is_empty())
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
            let record = FunctionRecord::parse(body.as_bytes()).unwrap();
            assert_eq!((record.id.as_deref(), record.slug.as_deref()), (Some("7"), Some("a")), "{body}");
        }
    }

    #[test]
    fn a_list_is_found_and_is_empty_only_where_nothing_says_that_there_is_more() {
        let read =
            |body: &str| FunctionList::parse(body.as_bytes()).map(|list| (list.records.len(), list.is_empty));
        assert_eq!(read(r#"[{"slug": "a"}]"#), Some((1, false)));
        assert_eq!(read(r#"{"functions": [{"slug": "a"}], "total": 1, "next": null}"#), Some((1, false)));
        assert_eq!(read(r#"{"functions": ["a"]}"#), Some((0, false)));
        assert_eq!(read(r#"{"functions": []}"#), Some((0, true)));
        assert_eq!(read(r#"{"data": {"functions": [], "total": 2}}"#), Some((0, false)));
        assert_eq!(read(r#"{"items": [], "pagination": {"has_more": true}}"#), Some((0, false)));
        assert_eq!(read(r#"{"data": {"items": []}, "meta": {"nextCursor": "b"}}"#), Some((0, false)));
        assert_eq!(read(r#"{"error": "no"}"#), None);
    }

    #[test]
    fn a_slug_may_have_its_user_before_it() {
        let read = |body: &str| {
            let record = FunctionRecord::parse(body.as_bytes()).unwrap();
            (record.slug, record.author)
        };
        let alice = |slug: &str| (Some(slug.to_owned()), Some("alice".to_owned()));
        assert_eq!(read(r#"{"slug": "@alice/a"}"#), alice("a"));
        assert_eq!(read(r#"{"name": "@alice/An A"}"#), alice("an-a"));
        assert_eq!(read(r#"{"slug": "@bob/a", "author": "alice"}"#), alice("a"));
        assert_eq!(read(r#"{"slug": "alice/a"}"#), alice("a"));
    }

    #[test]
    fn a_version_in_review_is_not_published() {
        for body in [
            r#"{"version": "1.0.0", "status": "pending_review"}"#,
            r#"{"version": "1.0.0", "status": "In Review"}"#,
            r#"{"version": "1.0.0", "status": "published", "decision": "under-review"}"#,
        ] {
            let record = FunctionRecord::parse(body.as_bytes()).unwrap();
            assert!(record.is_in_review(), "{body}");
            assert_eq!(record.published_versions(), None, "{body}");
        }
    }

    #[test]
    fn only_published_is_published() {
        let published =
            |body: &str| FunctionRecord::parse(body.as_bytes()).unwrap().published_versions().is_some();
        for body in [r#"{"version": "1.0.0"}"#, r#"{"version": "1.0.0", "status": "Published"}"#] {
            assert!(published(body), "{body}");
        }
        for status in ["DRAFT", "queued", "pending", "processing", "rejected", "archived", "unpublished"] {
            for field in ["status", "state"] {
                assert!(
                    !published(&format!(r#"{{"version": "1.0.0", "{field}": "{status}"}}"#)),
                    "{field} {status}"
                );
            }
        }
        assert!(!published(r#"{"version": "1.0.0", "published": false}"#));
    }

    #[test]
    fn a_list_is_searched_for_the_users_own_function() {
        let list = br#"[{"slug": "@bob/Greeter", "version": "2.0.0"}, {"slug": "@Alice/greeter", "version": "1.0.0"}]"#;
        let list = FunctionList::parse(list).unwrap();
        let version =
            |username| list.find(&Slug::of("greeter"), username).unwrap().version.clone().unwrap().major;
        assert_eq!((version(None), version(Some("alice")), version(Some("carol"))), (2, 1, 2));
        let list =
            FunctionList::parse(br#"[{"slug": "a", "author": "Alice Smith"}, {"slug": "@bob/b"}]"#).unwrap();
        assert_eq!(list.authors(), ["bob"]);
    }

    #[test]
    fn versions_are_strings_or_objects_and_only_published_ones_count() {
        let body = br#"{"versions": ["1.0.0", {"version": "1.1.0", "status": "Published"}, {"version": "2.0.0", "status": "Draft"},
            {"version": "2.1.0", "status": "pending_review"}, {"version": "2.2.0", "state": "rejected"}, 3]}"#;
        let versions = FunctionRecord::parse(body).unwrap().versions.unwrap();
        assert_eq!(versions, [Version::new(1, 0, 0), Version::new(1, 1, 0)]);
    }

    #[test]
    fn files_are_an_object_or_a_list() {
        let expected = Texts::from([("a.ts".to_owned(), "1".into()), ("b/c.ts".to_owned(), "2".into())]);
        for body in [
            r#"{"files": {"./a.ts": "1", "b/c.ts": "2", "d.ts": null}}"#,
            r#"{"files": [{"path": "a.ts", "content": "1"}, {"path": "b/c.ts", "content": "2"}, {"path": "d.ts"}, 3]}"#,
        ] {
            let record = FunctionRecord::parse(body.as_bytes()).unwrap();
            assert_eq!(record.content.files, Some(expected.clone()), "{body}");
        }
        for body in [r#"{"files": {}}"#, r#"{"files": []}"#, r#"{"files": "a.ts"}"#, "{}"] {
            assert_eq!(FunctionRecord::parse(body.as_bytes()).unwrap().content.files, None, "{body}");
        }
    }
}
