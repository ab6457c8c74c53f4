//! The Hub's responses: what came of a publish, records of functions, and lists of them. Pure.
//!
//! Their format is only partly documented, so parsing is tolerant: what is missing or of another type is `None`.

use std::collections::BTreeMap;
use std::time::Duration;

use semver::Version;
use serde_json::Value;

use super::http::{HttpError, Response};
use super::refusal::{Refusal, documented_code};
use crate::function::manifest::slug::Slug;
use crate::release::comparison::Content;
use crate::text;

/// Fields of a record that belong to the version's public API (Go CLI, `install`).
const PUBLIC_API_FIELDS: [&str; 6] =
    ["entrypoint", "envVars", "npmDependencies", "routePath", "routeExport", "drizzleSchema"];

/// Where a record may name its author, by user name.
const AUTHOR: [&str; 5] = ["/author_username", "/authorUsername", "/author/username", "/author", "/username"];

/// The status of a public function, or version.
pub(super) const PUBLISHED: &str = "published";

/// The status of a function, or version, that only its owner sees.
pub(super) const DRAFT: &str = "draft";

/// The response to a publish, as far as there is one that can be understood.
#[derive(Debug, Clone)]
pub(crate) enum PublishResponse {
    /// A receipt: the function as the Hub stored it.
    Accepted(Box<FunctionRecord>),
    Refused(Refusal),
    Failed(Failure),
}

/// A failed attempt that may be repeated.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) reason: String,
    /// How long the Hub asks to wait.
    pub(crate) retry_after: Option<Duration>,
    /// Whether the request may have been carried out all the same.
    pub(crate) in_doubt: bool,
}

impl PublishResponse {
    /// Decides by the code first, then by the status.
    pub(crate) fn of(response: &Response) -> Self {
        if (200..300).contains(&response.status) {
            return Self::of_success(response);
        }
        let refusal = Refusal::of(response);
        match response.status {
            408 | 429 | 500.. if refusal.code.is_none() => Self::Failed(Failure {
                reason: refusal.reason(),
                retry_after: response.retry_after,
                in_doubt: response.status >= 500,
            }),
            _ => Self::Refused(refusal),
        }
    }

    /// A response with a 2xx status, which may hold an error all the same.
    fn of_success(response: &Response) -> Self {
        let value: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        let has_error = !matches!(value.get("error"), None | Some(Value::Null | Value::Bool(false)));
        // `code` may also be the function's source text, so only the documented codes count as errors.
        let has_code = value.get("code").and_then(Value::as_str).and_then(documented_code).is_some();
        if has_error || has_code || value.get("success") == Some(&Value::Bool(false)) {
            return Self::Refused(Refusal::of(response));
        }
        let Some(record) = FunctionRecord::of(&value) else {
            let reason = "the Hub's response to the publish can't be read".to_owned();
            return Self::Failed(Failure { reason, retry_after: None, in_doubt: true });
        };
        Self::Accepted(Box::new(record))
    }
}

impl From<HttpError> for PublishResponse {
    fn from(error: HttpError) -> Self {
        // What was never connected was never sent.
        let in_doubt = !matches!(&error, HttpError::NoResponse(error) if error.is_connect());
        Self::Failed(Failure { reason: text::with_causes(&error), retry_after: None, in_doubt })
    }
}

/// A function as one response of the Hub describes it.
#[derive(Debug, Clone, Default)]
pub(crate) struct FunctionRecord {
    pub(crate) id: Option<String>,
    pub(crate) slug: Option<String>,
    pub(crate) author: Option<String>,
    /// `PUBLISHED`, `DRAFT`, or an undocumented one.
    pub(crate) status: Option<String>,
    pub(crate) url: Option<String>,
    /// The current version; `None` also where it is not `SemVer`.
    pub(crate) version: Option<Version>,
    /// All published versions, where the response lists them.
    pub(crate) versions: Option<Vec<Version>>,
    pub(crate) content: Content,
}

impl FunctionRecord {
    pub(crate) fn parse(body: &[u8]) -> Option<Self> {
        Self::of(&serde_json::from_slice(body).ok()?)
    }

    /// Reads a function at the top level, or inside `function` or `data`.
    pub(super) fn of(value: &Value) -> Option<Self> {
        let object = value.as_object()?;
        let mut inner = ["function", "data"].iter().filter_map(|name| object.get(*name));
        if let Some(inner) = inner.find(|inner| inner.is_object()) {
            return Self::of(inner);
        }
        let text = |pointer: &str| {
            let text = value.pointer(pointer).and_then(Value::as_str);
            text.filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let public_api = object.iter().filter(|(name, _)| PUBLIC_API_FIELDS.contains(&name.as_str()));
        Some(Self {
            id: text("/id").or_else(|| Some(value.get("id")?.as_number()?.to_string())),
            slug: text("/slug").or_else(|| Some(Slug::of(&text("/name")?).to_string())),
            author: AUTHOR.into_iter().find_map(text),
            status: text("/status"),
            url: text("/url"),
            version: object.get("version").and_then(version),
            versions: object.get("versions").and_then(Value::as_array).map(|list| published_versions(list)),
            content: Content {
                code: text("/code"),
                readme: text("/readme"),
                files: object.get("files").and_then(files),
                fields: public_api.map(|(name, value)| (name.clone(), value.clone())).collect(),
            },
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
    pub(super) fn with_details(self, mut details: Self) -> Self {
        if details.is_draft() && self.published_versions().is_some() {
            details = Self { status: None, version: None, content: self.content.clone(), ..details };
        }
        self.updated_with(details)
    }

    /// Whether the response identified a function at all; an empty object is a record, too.
    pub(crate) fn identifies_function(&self) -> bool {
        self.id.is_some() || self.slug.is_some() || self.url.is_some() || self.status.is_some()
    }

    pub(crate) fn is_draft(&self) -> bool {
        self.status.as_deref() == Some(DRAFT)
    }

    /// Every published version in the record: those it lists, and the current one unless that is a draft.
    pub(crate) fn published_versions(&self) -> Option<Vec<Version>> {
        let current = self.version.iter().filter(|_| !self.is_draft());
        let all: Vec<_> = self.versions.iter().flatten().chain(current).cloned().collect();
        (self.versions.is_some() || !all.is_empty()).then_some(all)
    }

    /// Whether the record's version is this one; build metadata does not count.
    pub(super) fn has_version(&self, version: &Version) -> bool {
        self.version.as_ref().is_some_and(|own| own.cmp_precedence(version).is_eq())
    }
}

/// The account's functions.
#[derive(Debug, Clone)]
pub(crate) struct FunctionList {
    pub(crate) records: Vec<FunctionRecord>,
    /// Whether the response says that there are more functions than it lists.
    pub(crate) is_partial: bool,
}

impl FunctionList {
    pub(crate) fn parse(body: &[u8]) -> Option<Self> {
        let value = serde_json::from_slice(body).ok()?;
        let list = list_in(&value)?;
        let is_partial = has_more_pages(&value, list.len());
        Some(Self { records: list.iter().filter_map(FunctionRecord::of).collect(), is_partial })
    }
}

/// A list at the top level, or under one of the usual names.
fn list_in(value: &Value) -> Option<&Vec<Value>> {
    let names = ["functions", "data", "items", "results"];
    value.as_array().or_else(|| names.iter().filter_map(|name| value.get(name)).find_map(list_in))
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
    let is_draft = |entry: &&Value| entry.get("status").and_then(Value::as_str) == Some(DRAFT);
    let published = list.iter().filter(|entry| !is_draft(entry));
    published.filter_map(|entry| version(entry.get("version").unwrap_or(entry))).collect()
}

/// Files as an object of path to text, or as a list of objects with `path` and `content`. A path may begin with `./`, as
/// entrypoints may.
fn files(value: &Value) -> Option<BTreeMap<String, String>> {
    let by_path = value.as_object().into_iter().flatten();
    let by_path = by_path.filter_map(|(path, text)| Some((path.as_str(), text.as_str()?)));
    let listed = value.as_array().into_iter().flatten();
    let listed =
        listed.filter_map(|file| Some((file.get("path")?.as_str()?, file.get("content")?.as_str()?)));
    let owned = |(path, text): (&str, &str)| (path.trim_start_matches("./").to_owned(), text.to_owned());
    Some(by_path.chain(listed).map(owned).collect()).filter(|files: &BTreeMap<_, _>| !files.is_empty())
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
    fn a_list_is_found_and_known_to_be_partial_where_it_says_so() {
        let read = |body: &str| {
            FunctionList::parse(body.as_bytes()).map(|list| (list.records.len(), list.is_partial))
        };
        assert_eq!(read(r#"[{"slug": "a"}]"#), Some((1, false)));
        assert_eq!(read(r#"{"functions": [{"slug": "a"}], "total": 1, "next": null}"#), Some((1, false)));
        assert_eq!(read(r#"{"data": {"functions": [{"slug": "a"}], "total": 2}}"#), Some((1, true)));
        assert_eq!(read(r#"{"items": [], "pagination": {"has_more": true}}"#), Some((0, true)));
        assert_eq!(read(r#"{"data": {"items": []}, "meta": {"nextCursor": "b"}}"#), Some((0, true)));
        assert_eq!(read(r#"{"error": "no"}"#), None);
    }

    #[test]
    fn versions_are_strings_or_objects_and_drafts_do_not_count() {
        let body =
            br#"{"versions": ["1.0.0", {"version": "1.1.0"}, {"version": "2.0.0", "status": "draft"}, 3]}"#;
        let versions = FunctionRecord::parse(body).unwrap().versions.unwrap();
        assert_eq!(versions, [Version::new(1, 0, 0), Version::new(1, 1, 0)]);
    }

    #[test]
    fn files_are_an_object_or_a_list() {
        let expected =
            BTreeMap::from([("a.ts".to_owned(), "1".to_owned()), ("b/c.ts".to_owned(), "2".to_owned())]);
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

    /// The kind of a response, and its text or the id of what was stored.
    fn read(status: u16, body: &str) -> (&'static str, String) {
        let retry_after = Some(Duration::from_secs(7));
        let response = Response { status, body: body.into(), retry_after, location: None };
        match PublishResponse::of(&response) {
            PublishResponse::Accepted(record) => ("accepted", record.id.unwrap_or_default()),
            PublishResponse::Refused(refusal) => ("refused", refusal.reason()),
            PublishResponse::Failed(failure) if failure.in_doubt => ("unclear", failure.reason),
            PublishResponse::Failed(failure) => {
                assert_eq!(failure.retry_after, retry_after);
                ("not processed", failure.reason)
            }
        }
    }

    #[test]
    fn the_status_decides_where_there_is_no_code() {
        for (kind, statuses) in [
            (
                "refused",
                [300, 304, 307, 400, 401, 402, 403, 404, 405, 409, 410, 413, 415, 422, 451].as_slice(),
            ),
            ("not processed", &[408, 429]),
            ("unclear", &[500, 502, 503, 504, 520, 599]),
        ] {
            for status in statuses {
                for body in ["", "no", "<html>", r#"{"error":"no"}"#, r#"{"id":"1"}"#] {
                    assert_eq!(read(*status, body).0, kind, "{status} {body}");
                }
            }
        }
    }

    #[test]
    fn a_documented_code_is_a_refusal_under_every_status() {
        for status in [200, 201, 302, 400, 408, 409, 429, 500, 503] {
            assert_eq!(read(status, r#"{"error":{"code":"DUPLICATE_SLUG"}}"#).0, "refused", "{status}");
        }
    }

    #[test]
    fn a_receipt_is_any_object_without_an_error() {
        for body in [
            r#"{"id":"1"}"#,
            r#"{"function":{"id":"1"}}"#,
            r#"{"success":true,"error":null,"data":{"id":1}}"#,
            r#"{"id":"1","error":false,"code":"export const a = 1;"}"#,
        ] {
            assert_eq!(read(201, body), ("accepted", "1".to_owned()), "{body}");
        }
        assert_eq!(read(200, "{}").0, "accepted");
    }

    #[test]
    fn an_error_under_a_2xx_status_is_a_refusal() {
        for body in [
            r#"{"error":"no"}"#,
            r#"{"error":{"message":"no"}}"#,
            r#"{"error":true}"#,
            r#"{"success":false,"id":"1"}"#,
            r#"{"code":"empty_code","id":"1"}"#,
        ] {
            assert_eq!(read(200, body).0, "refused", "{body}");
        }
    }

    #[test]
    fn an_unreadable_body_under_a_2xx_status_is_unclear() {
        for body in ["", "created", "\"created\"", "<html>", "[]", "null", r#"{"id":"#] {
            assert_eq!(read(201, body).0, "unclear", "{body}");
        }
    }
}
