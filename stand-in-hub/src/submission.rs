//! The body of a publish request, checked.

use serde_json::{Map, Value};

use crate::refusal::{ErrorCode, Refusal};
use crate::slug;

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

/// Most tags a function may carry (documentation, "Field reference": `tags`, max 10).
const MAX_TAGS: usize = 10;

/// A publish request's JSON object, every field as it was sent.
pub(crate) type Body = Map<String, Value>;

/// Whether a submission goes live or waits (documentation: `publish` is `true` or `false`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Live,
    Draft,
}

/// A publish request that can be stored.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Submission {
    pub(crate) slug: String,
    pub(crate) version: String,
    pub(crate) mode: Mode,
    pub(crate) body: Body,
}

impl Submission {
    /// Parses and checks a request's body.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
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
        let slug = slug::of_name(name);
        if slug.is_empty() {
            return Err(invalid("`name` gives no slug: it has neither a letter a-z nor a digit"));
        }
        check_category(&body)?;
        check_entrypoint(&body)?;
        if code.trim().is_empty() {
            return Err(Refusal::new(
                ErrorCode::EmptyCode,
                "the entrypoint file is empty",
                "add at least one exported function",
            ));
        }
        Ok(Self { slug, version: version.to_owned(), mode, body })
    }

    /// Takes a body as it stands; only its name and version must be there.
    pub(crate) fn unchecked(body: Value, mode: Mode) -> Result<Self, Refusal> {
        let Value::Object(body) = body else { return Err(invalid("the body is not a JSON object")) };
        let slug = slug::of_name(text(&body, "name")?);
        let version = text(&body, "version")?.to_owned();
        Ok(Self { slug, version, mode, body })
    }
}

fn check_category(body: &Body) -> Result<(), Refusal> {
    let category = body.get("category").and_then(Value::as_str).unwrap_or_default();
    if CATEGORIES.contains(&category) {
        return Ok(());
    }
    Err(Refusal::new(
        ErrorCode::InvalidCategory,
        format!("category `{category}` is not in the allowed list: {}", CATEGORIES.join(", ")),
        "check spelling, use lowercase",
    ))
}

fn check_entrypoint(body: &Body) -> Result<(), Refusal> {
    let entrypoint = body.get("entrypoint").and_then(Value::as_str).unwrap_or_default();
    let among_files =
        body.get("files").and_then(Value::as_object).is_none_or(|files| files.contains_key(entrypoint));
    if !entrypoint.trim().is_empty() && among_files {
        return Ok(());
    }
    Err(Refusal::new(
        ErrorCode::MissingEntrypoint,
        format!("entrypoint file `{entrypoint}` not found"),
        "verify the path is relative to the function directory",
    ))
}

/// The types of the manifest's fields (documentation, "Field reference"); fields it does not name may be anything.
fn check_metadata(body: &Body) -> Result<(), Refusal> {
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
        if body.get(field).is_some_and(|value| !value.is_string()) {
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
        return Err(invalid("`files` must be an object of path and text"));
    }
    Ok(())
}

fn text<'a>(body: &'a Body, field: &str) -> Result<&'a str, Refusal> {
    match required_string(body, field)? {
        blank if blank.trim().is_empty() => Err(invalid(format!("`{field}` is blank"))),
        text => Ok(text),
    }
}

fn required_string<'a>(body: &'a Body, field: &str) -> Result<&'a str, Refusal> {
    match body.get(field) {
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(invalid(format!("`{field}` must be a string"))),
        None => Err(invalid(format!("`{field}` is missing"))),
    }
}

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new(ErrorCode::InvalidRequest, message, "see the Hub's documentation, \"Field reference\"")
}
