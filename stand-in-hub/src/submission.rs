//! Publish requests: parsing and validation.

use serde_json::{Map, Value};

use crate::error::{ApiError, ErrorCode};
use crate::slug::slugify;

/// The categories a function may have (documentation, "Field reference"; case-sensitive).
const CATEGORIES: [&str; 10] = [
    "auth",
    "payments",
    "media",
    "email",
    "ai",
    "database",
    "utility",
    "analytics",
    "notifications",
    "storage",
];

/// The maximum number of tags (documentation, "Field reference": `tags`, max 10).
const MAX_TAGS: usize = 10;

/// The JSON object of a publish request, with all fields as sent.
pub(crate) type Body = Map<String, Value>;

/// The entrypoint where none is named (documentation, "Publishing via GitHub Actions": `.entrypoint // "index.ts"`, which takes
/// `null` for missing).
const DEFAULT_ENTRYPOINT: &str = "index.ts";

/// Fields that the documented pipelines do without; `null` counts as missing.
const DEFAULTED: [&str; 2] = ["entrypoint", "runtime"];

/// Whether a submission is published or saved as a draft (documentation: `publish` is `true` or `false`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Live,
    Draft,
}

/// A valid publish request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Submission {
    pub(crate) slug: String,
    pub(crate) version: String,
    pub(crate) mode: Mode,
    pub(crate) body: Body,
}

impl Submission {
    /// Parses and validates a request's body.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, ApiError> {
        let body: Body = serde_json::from_slice(bytes)
            .map_err(|cause| invalid(format!("the body is not a JSON object: {cause}")))?;
        let name = text(&body, "name")?;
        let version = text(&body, "version")?;
        let code = required_string(&body, "code")?;
        let mode = match body.get("publish") {
            Some(Value::Bool(true)) => Mode::Live,
            Some(Value::Bool(false)) => Mode::Draft,
            _ => return Err(invalid("`publish` must be `true` or `false`")),
        };
        check_metadata(&body)?;
        let slug = slugify(name);
        if slug.is_empty() {
            return Err(invalid("`name` has an empty slug: it needs a letter a-z or a digit"));
        }
        check_category(&body)?;
        check_entrypoint(&body)?;
        if code.trim().is_empty() {
            return Err(ApiError::new(
                ErrorCode::EmptyCode,
                "the entrypoint file is empty",
                "add at least one exported function",
            ));
        }
        Ok(Self { slug, version: version.to_owned(), mode, body })
    }

    /// Accepts any body with a name and a version.
    pub(crate) fn unchecked(body: Value, mode: Mode) -> Result<Self, ApiError> {
        let Value::Object(body) = body else { return Err(invalid("the body is not a JSON object")) };
        let slug = slugify(text(&body, "name")?);
        let version = text(&body, "version")?.to_owned();
        Ok(Self { slug, version, mode, body })
    }
}

fn check_category(body: &Body) -> Result<(), ApiError> {
    let category = body.get("category").and_then(Value::as_str).unwrap_or_default();
    if CATEGORIES.contains(&category) {
        return Ok(());
    }
    Err(ApiError::new(
        ErrorCode::InvalidCategory,
        format!("category `{category}` is not in the allowed list: {}", CATEGORIES.join(", ")),
        "check spelling, use lowercase",
    ))
}

fn check_entrypoint(body: &Body) -> Result<(), ApiError> {
    let entrypoint = body.get("entrypoint").and_then(Value::as_str).unwrap_or(DEFAULT_ENTRYPOINT);
    let among_files =
        body.get("files").and_then(Value::as_object).is_none_or(|files| files.contains_key(entrypoint));
    if !entrypoint.trim().is_empty() && among_files {
        return Ok(());
    }
    Err(ApiError::new(
        ErrorCode::MissingEntrypoint,
        format!("entrypoint file `{entrypoint}` not found"),
        "verify the path is relative to the function directory",
    ))
}

/// The types of the documented manifest fields (documentation, "Field reference"); other fields may have any type.
fn check_metadata(body: &Body) -> Result<(), ApiError> {
    for field in [
        "description",
        "category",
        "language",
        "runtime",
        "license",
        "entrypoint",
        "routePath",
        "routeExport",
        "readme",
    ] {
        let is_missing = |value: &Value| value.is_null() && DEFAULTED.contains(&field);
        if body.get(field).is_some_and(|value| !value.is_string() && !is_missing(value)) {
            return Err(invalid(format!("`{field}` must be a string")));
        }
    }
    for field in ["tags", "npmDependencies", "envVars"] {
        let strings = |value: &Value| value.as_array().is_some_and(|list| list.iter().all(Value::is_string));
        if body.get(field).is_some_and(|value| !strings(value)) {
            return Err(invalid(format!("`{field}` must be an array of strings")));
        }
    }
    if body.get("tags").and_then(Value::as_array).is_some_and(|tags| tags.len() > MAX_TAGS) {
        return Err(invalid(format!("`tags` has more than {MAX_TAGS} entries")));
    }
    if body.get("drizzleSchema").is_some_and(|value| !value.is_boolean()) {
        return Err(invalid("`drizzleSchema` must be `true` or `false`"));
    }
    let texts = |value: &Value| value.as_object().is_some_and(|files| files.values().all(Value::is_string));
    if body.get("files").is_some_and(|files| !texts(files)) {
        return Err(invalid("`files` must be an object with string values"));
    }
    Ok(())
}

fn text<'a>(body: &'a Body, field: &str) -> Result<&'a str, ApiError> {
    match required_string(body, field)? {
        empty if empty.trim().is_empty() => Err(invalid(format!("`{field}` is empty"))),
        text => Ok(text),
    }
}

fn required_string<'a>(body: &'a Body, field: &str) -> Result<&'a str, ApiError> {
    match body.get(field) {
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(invalid(format!("`{field}` must be a string"))),
        None => Err(invalid(format!("`{field}` is missing"))),
    }
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new(ErrorCode::InvalidRequest, message, "see the Hub's documentation, \"Field reference\"")
}
