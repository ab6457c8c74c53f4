//! What the receipt of a draft looks like, by name.

use serde_json::{Map, Value};

use crate::exchange::{Body, Response};
use crate::recording::Draft;

/// The documented fields of a receipt.
const FIELDS: [&str; 5] = ["id", "slug", "author", "status", "url"];

/// The fields of a receipt, and the names of the fields they are in: `["data", "function"]`.
pub(crate) fn fields(value: &Value) -> Option<(Vec<&'static str>, &Map<String, Value>)> {
    let (mut place, mut object) = (Vec::new(), value.as_object()?);
    while let Some((name, inner)) =
        ["data", "function"].into_iter().find_map(|name| Some((name, object.get(name)?.as_object()?)))
    {
        place.push(name);
        object = inner;
    }
    Some((place, object))
}

/// Where the fields are: `top`, `function`, `data` or `data.function`.
pub(crate) fn place(value: &Value) -> Option<String> {
    let (place, fields) = fields(value)?;
    let has_any = FIELDS.iter().any(|name| fields.contains_key(*name));
    has_any.then(|| if place.is_empty() { "top".to_owned() } else { place.join(".") })
}

/// The documented fields that a receipt lacks.
pub(crate) fn lacking(value: &Value) -> Option<Vec<&'static str>> {
    let (_, fields) = fields(value)?;
    Some(FIELDS.into_iter().filter(|name| !fields.contains_key(*name)).collect())
}

/// Everything in which a receipt differs from the one that clients know, by name; `full` if nothing.
pub(crate) fn names(response: &Response, draft: &Draft) -> Vec<String> {
    let single = |name: &str| vec![name.to_owned()];
    match &response.body {
        Body::Empty if response.status == 204 => return single("no-content"),
        Body::Empty => return single("empty-body"),
        Body::Text(text) if text.starts_with('<') => return single("html"),
        Body::Text(text) if text.starts_with(['{', '[']) => return single("garbage"),
        Body::Text(_) => return single("text"),
        Body::Json(Value::Null) => return single("null"),
        Body::Json(Value::String(_)) => return single("json-string"),
        Body::Json(Value::Array(entries)) if entries.is_empty() => return single("empty-array"),
        Body::Json(Value::Array(_)) => return single("array"),
        Body::Json(Value::Bool(_) | Value::Number(_)) => return single("json-scalar"),
        Body::Json(Value::Object(_)) => {}
    }
    let Some(value) = response.json() else { return Vec::new() };
    match value.get("error") {
        Some(Value::Object(_)) => return single("error-object"),
        Some(Value::String(_)) => return single("error-text"),
        _ => {}
    }
    let Some((place, fields)) = fields(value) else { return Vec::new() };
    let success = value.get("success").and_then(Value::as_bool);
    let has_documented = FIELDS.iter().any(|name| fields.contains_key(*name));
    if !has_documented {
        return single(if success == Some(false) { "success-false" } else { "empty-object" });
    }
    if fields.values().all(Value::is_null) {
        return single("null-fields");
    }
    let place = match (place.as_slice(), success) {
        ([], None) => None,
        (_, Some(_)) => Some("with-success"),
        (["function"], None) => Some("in-function"),
        (["data"], None) => Some("in-data"),
        (["data", "function"], None) => Some("in-data-function"),
        (_, None) => Some("nested"),
    };
    let mut names: Vec<_> = place.map(str::to_owned).into_iter().collect();
    names.extend(of_fields(response.status, fields, draft));
    if names.is_empty() { single("full") } else { names }
}

/// The differences of the fields, wherever they are.
fn of_fields(status: u16, fields: &Map<String, Value>, draft: &Draft) -> Vec<String> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let lacking: Vec<_> = FIELDS.into_iter().filter(|name| !fields.contains_key(*name)).collect();
    let mut names = Vec::new();
    let mut add = |is_so: bool, name: &str| {
        if is_so {
            names.push(name.to_owned());
        }
    };
    let only: Vec<_> = FIELDS.into_iter().filter(|name| fields.contains_key(*name)).collect();
    if let [only] = only.as_slice() {
        add(true, &format!("{only}-only"));
    } else {
        for name in lacking {
            add(true, &format!("without-{name}"));
        }
    }
    add(fields.contains_key("decision"), "with-decision");
    add(fields.get("id").is_some_and(Value::is_number), "numeric-id");
    let slug = text("slug");
    let bare = slug.map(|slug| slug.rsplit('/').next().unwrap_or_default());
    add(slug.is_some_and(|slug| slug.starts_with('@')), "prefixed-slug");
    add(bare.is_some_and(|slug| slug != draft.slug), "other-slug");
    let is_other = |author: &str| draft.author.as_deref().is_some_and(|ours| ours != author);
    add(text("author").is_some_and(is_other), "other-author");
    let version = fields.get("version");
    add(version.is_some_and(|version| *version == draft.version), "with-version");
    add(version.is_some_and(|version| *version != draft.version), "other-version");
    add(text("url").is_some_and(|url| url.starts_with('/')), "path-url");
    let is_foreign = |url: &str| !url.starts_with('/') && !url.starts_with("https://hub.aerostack.dev/");
    add(text("url").is_some_and(is_foreign), "foreign-url");
    add(status == 202, "accepted");
    match text("status") {
        Some("draft") | None => {}
        Some("queued") => add(status != 202, "queued"),
        Some(other) => add(true, &format!("status-{other}")),
    }
    names
}
