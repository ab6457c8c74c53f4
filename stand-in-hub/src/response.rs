//! Responses, in the configured shapes.

use std::time::Instant;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::error::{ApiError, ErrorCode};
use crate::page::Page;
use crate::receipt::{Receipt, ReceiptBody};
use crate::shapes::{
    ErrorShape, ListPlace, ListSlugs, OwnerView, PageInfo, ResponseField, ResponsePlace, Shapes,
    VersionsShape, Wrapping,
};
use crate::store::{Function, Status, View};

/// The header that carries the key (documentation; Go CLI).
pub(crate) const KEY_HEADER: &str = "x-api-key";

/// An error page, as from a proxy.
pub(crate) const HTML_PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Bad gateway</title></head><body><h1>Bad gateway</h1></body></html>\n";

/// The version of a function that its owner sees.
pub(crate) fn owner_view<'a>(function: &'a Function, shapes: &Shapes, now: Instant) -> Option<View<'a>> {
    let (draft, published) = (function.draft(now), function.published(now));
    let in_review = function.in_review(now).filter(|_| shapes.shows_reviews);
    in_review.or(match shapes.owner_view {
        OwnerView::Draft => draft.or(published),
        OwnerView::Published => published.or(draft),
    })
}

/// The receipt of a publish.
pub(crate) fn publication(status: StatusCode, view: View<'_>, shapes: &Shapes) -> Response {
    let status = shapes.receipt.status().and_then(|code| StatusCode::from_u16(code).ok()).unwrap_or(status);
    match shapes.receipt.body(receipt_fields(view, shapes), &field(view, "version", Value::Null)) {
        ReceiptBody::Json(receipt) if shapes.receipt == Receipt::Full => match shapes.response {
            ResponsePlace::Top => json(status, &receipt),
            ResponsePlace::Function => json(status, &json!({ "function": receipt })),
            ResponsePlace::Data => json(status, &json!({ "data": receipt })),
        },
        ReceiptBody::Json(receipt) => json(status, &receipt),
        ReceiptBody::Garbage => with_media_type(status, "application/json", "{\"slug\": published"),
        ReceiptBody::Text => with_media_type(status, "text/plain; charset=utf-8", "OK"),
        ReceiptBody::Html => with_media_type(status, "text/html; charset=utf-8", HTML_PAGE),
        ReceiptBody::Empty => status.into_response(),
    }
}

fn receipt_fields(view: View<'_>, shapes: &Shapes) -> Map<String, Value> {
    let View { function, status, .. } = view;
    let url = format!("https://hub.aerostack.dev/functions/{}/{}", function.username, function.slug);
    let fields = [
        (ResponseField::Id, function.id.as_str()),
        (ResponseField::Slug, &function.slug),
        (ResponseField::Author, &function.username),
        (ResponseField::Status, status.name()),
        (ResponseField::Url, &url),
    ];
    let mut receipt: Map<String, Value> = fields
        .into_iter()
        .filter(|(field, _)| !shapes.left_out.contains(field))
        .map(|(field, text)| (field.name().to_owned(), text.into()))
        .collect();
    if status == Status::InReview {
        shapes.review.mark(&mut receipt);
    }
    receipt
}

/// The list of an account's functions, or a page of it.
pub(crate) fn list<'a>(views: impl Iterator<Item = View<'a>>, page: Page, shapes: &Shapes) -> Value {
    let listed = views.filter(|view| !shapes.omits_from_list(&view.function.slug));
    let mut items: Vec<Value> = listed.map(|view| list_item(view, shapes)).collect();
    let total = items.len();
    let size = shapes.page_size.unwrap_or(usize::MAX);
    let has_more = shapes.page_size.is_some() && page.has_more(total, size);
    if shapes.page_size.is_some() {
        items = page.of(items, size);
    }
    let name = match shapes.list {
        ListPlace::Functions => "functions",
        ListPlace::Bare => return items.into(),
        ListPlace::Data => "data",
    };
    match shapes.page_info {
        PageInfo::Absent => json!({ name: items }),
        PageInfo::HasMore => json!({ name: items, "hasMore": has_more }),
        PageInfo::Total => json!({ name: items, "total": total }),
        PageInfo::Pagination => json!({ name: items, "pagination": { "total": total } }),
    }
}

fn list_item(view: View<'_>, shapes: &Shapes) -> Value {
    let mut item = summary(view, shapes);
    if shapes.list_with_code {
        item.insert("code".to_owned(), field(view, "code", Value::Null));
    }
    if shapes.list_slugs == ListSlugs::Prefixed {
        let slug = format!("@{}/{}", view.function.username, view.function.slug);
        item.insert("slug".to_owned(), slug.into());
    }
    if shapes.list_without_authors {
        item.shift_remove("author_username");
    }
    item.into()
}

/// The refusal of the quality gate.
pub(crate) fn rejection(body: &Value) -> Response {
    json(StatusCode::UNPROCESSABLE_ENTITY, body)
}

/// A function with its source.
pub(crate) fn function(view: View<'_>, shapes: &Shapes, wrapping: Wrapping) -> Value {
    let mut function = summary(view, shapes);
    for name in ["code", "readme"] {
        function.insert(name.to_owned(), field(view, name, Value::Null));
    }
    if let Some(files) = view.body.get("files") {
        function.insert("files".to_owned(), files.clone());
    }
    match wrapping {
        Wrapping::Wrapped => json!({ "function": function }),
        Wrapping::Bare => function.into(),
    }
}

/// The data needed to install a function.
pub(crate) fn installation(view: View<'_>) -> Value {
    let files: Vec<Value> = match view.body.get("files").and_then(Value::as_object) {
        Some(files) => files.iter().map(|(path, text)| json!({ "path": path, "content": text })).collect(),
        None => vec![json!({
            "path": field(view, "entrypoint", "index.ts".into()),
            "content": field(view, "code", "".into()),
        })],
    };
    let mut installation = Map::from_iter([
        ("id".to_owned(), json!(view.function.id)),
        ("name".to_owned(), field(view, "name", Value::Null)),
        ("slug".to_owned(), json!(view.function.slug)),
        ("author".to_owned(), json!(view.function.username)),
        ("version".to_owned(), field(view, "version", Value::Null)),
    ]);
    installation.extend(metadata(view));
    installation.insert("files".to_owned(), files.into());
    installation.into()
}

/// A function without its source.
fn summary(view: View<'_>, shapes: &Shapes) -> Map<String, Value> {
    let View { function, status, .. } = view;
    let mut summary = Map::from_iter([
        ("id".to_owned(), json!(function.id)),
        ("slug".to_owned(), json!(function.slug)),
        ("name".to_owned(), field(view, "name", Value::Null)),
        ("version".to_owned(), field(view, "version", Value::Null)),
        ("status".to_owned(), json!(status.name())),
        ("author_username".to_owned(), json!(function.username)),
    ]);
    summary.extend(metadata(view));
    let versions: Option<Value> = match shapes.versions {
        VersionsShape::Absent => None,
        VersionsShape::Strings => Some(view.versions().collect()),
        VersionsShape::Objects => Some(view.versions().map(|v| json!({ "version": v })).collect()),
    };
    summary.extend(versions.map(|versions| ("versions".to_owned(), versions)));
    summary
}

/// The manifest fields in function responses, with defaults for missing ones.
fn metadata(view: View<'_>) -> impl Iterator<Item = (String, Value)> {
    let fields = [
        ("description", Value::Null),
        ("category", Value::Null),
        ("language", Value::Null),
        ("runtime", Value::Null),
        ("license", Value::Null),
        ("tags", json!([])),
        ("entrypoint", Value::Null),
        ("routePath", Value::Null),
        ("routeExport", Value::Null),
        ("npmDependencies", json!([])),
        ("envVars", json!([])),
        ("drizzleSchema", json!(false)),
    ];
    fields.into_iter().map(move |(name, default)| (name.to_owned(), field(view, name, default)))
}

fn field(view: View<'_>, name: &str, default: Value) -> Value {
    view.body.get(name).filter(|value| !value.is_null()).cloned().unwrap_or(default)
}

/// A JSON response.
pub(crate) fn json(status: StatusCode, value: &Value) -> Response {
    with_media_type(status, "application/json", value.to_string())
}

/// A response with a `content-type`.
pub(crate) fn with_media_type(
    status: StatusCode,
    media_type: &'static str,
    body: impl Into<Body>,
) -> Response {
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static(media_type))], body.into()).into_response()
}

/// An error response.
pub(crate) fn error(error: &ApiError, shapes: &Shapes) -> Response {
    let ApiError { code, message, details } = error;
    let status = match (code, shapes.error_status.map(StatusCode::from_u16)) {
        (ErrorCode::NotFound, _) | (_, None | Some(Err(_))) => code.status(),
        (_, Some(Ok(status))) => status,
    };
    let code = code.name();
    let body = match shapes.errors {
        ErrorShape::Object => json!({ "error": { "code": code, "message": message, "details": details } }),
        ErrorShape::CodeInText => json!({ "error": format!("{code}: {message}") }),
        ErrorShape::Text => json!({ "error": message }),
        ErrorShape::SuccessFalse => {
            json!({ "success": false, "error": { "code": code, "message": message } })
        }
        ErrorShape::Flat => json!({ "code": code, "message": message }),
        ErrorShape::Plain => return with_media_type(status, "text/plain; charset=utf-8", message.clone()),
        ErrorShape::Html => return with_media_type(status, "text/html; charset=utf-8", HTML_PAGE),
        ErrorShape::Empty => return status.into_response(),
    };
    json(status, &body)
}
