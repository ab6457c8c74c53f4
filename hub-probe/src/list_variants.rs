//! What the account's list and a function's record look like, by name.

use serde_json::{Map, Value};

/// Where a list may be.
const PLACES: [&str; 4] = ["functions", "data", "items", "results"];

/// Where an entry may name its author.
const AUTHORS: [&str; 5] = ["author_username", "authorUsername", "author", "username", "owner"];

/// The name of the field with the list, and its entries; `bare` for the array itself.
pub(crate) fn place(value: &Value) -> Option<(&str, &Vec<Value>)> {
    if let Value::Array(entries) = value {
        return Some(("bare", entries));
    }
    let fields = value.as_object()?;
    let known = PLACES.into_iter().find_map(|name| Some((name, fields.get(name)?.as_array()?)));
    let other = || fields.iter().find_map(|(name, value)| Some((name.as_str(), value.as_array()?)));
    let nested = || {
        let inner = PLACES.into_iter().find_map(|name| fields.get(name));
        place(inner?).map(|(_, entries)| ("nested", entries))
    };
    known.or_else(nested).or_else(other)
}

/// How a list says that there are further pages.
pub(crate) fn page_info(value: &Value) -> String {
    let has = |names: &[&str]| names.iter().any(|name| value.get(*name).is_some());
    let info = if has(&["hasMore", "has_more", "hasNext", "has_next"]) {
        "has-more"
    } else if has(&["pagination", "meta"]) {
        "pagination"
    } else if has(&["total", "totalCount", "total_count"]) {
        "total"
    } else if has(&["next", "nextCursor", "next_cursor", "cursor", "nextPage"]) {
        "next"
    } else {
        "none"
    };
    info.to_owned()
}

/// How slugs are written.
pub(crate) fn slugs(entries: &[Value]) -> Option<String> {
    let of = |entry: &Value| match entry.get("slug").and_then(Value::as_str) {
        Some(slug) if slug.starts_with('@') => "prefixed",
        Some(_) => "plain",
        None => "absent",
    };
    all(entries.iter().map(of))
}

/// Whether entries name their author, and in which field.
pub(crate) fn authors(entries: &[Value]) -> Option<String> {
    let of = |entry: &Value| {
        AUTHORS.into_iter().find(|name| entry.get(*name).is_some()).unwrap_or("without-authors")
    };
    all(entries.iter().map(of))
}

/// Whether entries have their code.
pub(crate) fn code(entries: &[Value]) -> Option<String> {
    let has_code =
        |entry: &Value| entry.get("code").is_some_and(Value::is_string) || entry.get("files").is_some();
    all(entries.iter().map(|entry| if has_code(entry) { "with-code" } else { "without-code" }))
}

/// The statuses of the entries.
pub(crate) fn statuses(entries: &[Value]) -> Option<String> {
    all(entries.iter().map(|entry| entry.get("status").and_then(Value::as_str).unwrap_or("absent")))
}

/// How a function lists its versions.
pub(crate) fn versions(function: &Value) -> &'static str {
    match function.get("versions") {
        None | Some(Value::Null) => "none",
        Some(Value::Array(versions)) if versions.is_empty() => "empty",
        Some(Value::Array(versions)) if versions.iter().all(Value::is_string) => "strings",
        Some(Value::Array(versions)) if versions.iter().all(Value::is_object) => "objects",
        Some(_) => "other",
    }
}

/// How a version that waits for its review is marked, if one is.
pub(crate) fn review(function: &Value) -> Option<&'static str> {
    let is = |field: &str, word: &str| function.get(field).and_then(Value::as_str) == Some(word);
    if is("decision", "pending_review") {
        return Some("decision");
    }
    let words = [("pending_review", "pending"), ("in_review", "in-review"), ("under_review", "under-review")];
    words.into_iter().find(|(word, _)| is("status", word)).map(|(_, name)| name)
}

/// A function, and how it is wrapped.
pub(crate) fn unwrapped(value: &Value) -> (&'static str, &Value) {
    let wrappers = [("function", "wrapped"), ("data", "data")];
    let inner = wrappers.into_iter().find_map(|(name, how)| Some((how, value.get(name)?)));
    inner.filter(|(_, inner)| inner.is_object()).unwrap_or(("bare", value))
}

/// What names an entry: its ID, or its slug.
pub(crate) fn identity(entry: &Value) -> Option<&Value> {
    entry.get("id").or_else(|| entry.get("slug"))
}

/// Whether an entry is of this slug, with or without its user.
pub(crate) fn has_slug(entry: &Value, slug: &str) -> bool {
    let named = entry.get("slug").or_else(|| entry.get("name")).and_then(Value::as_str);
    named.is_some_and(|named| named.rsplit('/').next() == Some(slug))
}

/// How the files of what is needed to install a function are given.
pub(crate) fn files(value: &Value) -> String {
    let (_, function) = unwrapped(value);
    let files = match function.get("files") {
        Some(Value::Array(_)) => "files-list",
        Some(Value::Object(_)) => "files-object",
        Some(_) => "files-other",
        None => "without-files",
    };
    files.to_owned()
}

/// The documented and usual fields of an object, in one text.
pub(crate) fn field_names(fields: &Map<String, Value>) -> String {
    fields.keys().map(String::as_str).collect::<Vec<_>>().join(" ")
}

/// The one word of all entries, or every word once.
fn all<'t>(words: impl Iterator<Item = &'t str>) -> Option<String> {
    let mut words: Vec<_> = words.collect();
    words.sort_unstable();
    words.dedup();
    (!words.is_empty()).then(|| words.join(" "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The stand-in Hub's list has one of these words only.
    #[test]
    fn every_mark_of_a_review_has_a_name() {
        for (function, name) in [
            (json!({ "status": "pending_review" }), Some("pending")),
            (json!({ "status": "in_review" }), Some("in-review")),
            (json!({ "status": "under_review" }), Some("under-review")),
            (json!({ "status": "published", "decision": "pending_review" }), Some("decision")),
            (json!({ "status": "published", "decision": "auto_publish" }), None),
            (json!({}), None),
        ] {
            assert_eq!(review(&function), name, "{function}");
        }
    }

    #[test]
    fn a_list_is_found_in_fields_that_no_source_names() {
        for (value, found) in [
            (json!({ "data": { "items": [1] } }), "nested"),
            (json!({ "results": [1] }), "results"),
            (json!({ "page": 1, "entries": [1] }), "entries"),
        ] {
            assert_eq!(
                place(&value).map(|(name, entries)| (name, entries.len())),
                Some((found, 1)),
                "{value}"
            );
        }
        assert_eq!(place(&json!({ "error": "no" })), None);
    }

    #[test]
    fn the_marks_of_further_pages_have_names() {
        for (value, name) in [
            (json!({ "nextCursor": "a" }), "next"),
            (json!({ "meta": {} }), "pagination"),
            (json!({ "has_more": false, "total": 1 }), "has-more"),
        ] {
            assert_eq!(page_info(&value), name, "{value}");
        }
    }
}
