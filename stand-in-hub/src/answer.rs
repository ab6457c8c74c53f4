//! From what the Hub holds to the bytes of an answer.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::refusal::{ErrorCode, Refusal};
use crate::shapes::{
    AnswerField, AnswerPlace, ErrorShape, ListPlace, OwnerView, Shapes, VersionsShape, Wrapping,
};
use crate::store::{Function, View};

/// A page as a proxy might show it.
pub(crate) const HTML_PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Bad gateway</title></head><body><h1>Bad gateway</h1></body></html>\n";

/// The fields of the manifest that function answers repeat, with what stands there when the manifest has none.
fn metadata() -> [(&'static str, Value); 12] {
    [
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
    ]
}

/// What an owner is shown of a function.
pub(crate) fn owner_view<'a>(function: &'a Function, shapes: &Shapes) -> Option<View<'a>> {
    let (draft, published) = (function.draft(), function.published());
    match shapes.owner_view {
        OwnerView::Draft => draft.or(published),
        OwnerView::Published => published.or(draft),
    }
}

/// The answer to an accepted publish.
pub(crate) fn published(view: View<'_>, shapes: &Shapes) -> Value {
    let View { function, status, .. } = view;
    let url = format!("https://hub.aerostack.dev/functions/{}/{}", function.username, function.slug);
    let fields = [
        (AnswerField::Id, function.id.as_str()),
        (AnswerField::Slug, &function.slug),
        (AnswerField::Author, &function.username),
        (AnswerField::Status, status.name()),
        (AnswerField::Url, &url),
    ];
    let answer: Map<String, Value> = fields
        .into_iter()
        .filter(|(field, _)| !shapes.left_out.contains(field))
        .map(|(field, text)| (field.name().to_owned(), text.into()))
        .collect();
    match shapes.answer {
        AnswerPlace::Top => answer.into(),
        AnswerPlace::Function => json!({ "function": answer }),
        AnswerPlace::Data => json!({ "data": answer }),
    }
}

/// A list of the account's own functions.
pub(crate) fn list(views: impl Iterator<Item = Value>, shapes: &Shapes) -> Value {
    let items: Vec<Value> = views.collect();
    match shapes.list {
        ListPlace::Functions => json!({ "functions": items }),
        ListPlace::Bare => items.into(),
        ListPlace::Data => json!({ "data": items }),
    }
}

/// One entry of the list of the account's own functions.
pub(crate) fn list_item(view: View<'_>, shapes: &Shapes) -> Value {
    let mut item = head(view, shapes);
    if shapes.list_with_code {
        item.insert("code".to_owned(), field(view, "code", Value::Null));
    }
    item.into()
}

/// A function in full, as `{username}/{slug}` answers it.
pub(crate) fn function(view: View<'_>, shapes: &Shapes) -> Map<String, Value> {
    let mut function = head(view, shapes);
    for name in ["code", "readme"] {
        function.insert(name.to_owned(), field(view, name, Value::Null));
    }
    if let Some(files) = view.body.get("files") {
        function.insert("files".to_owned(), files.clone());
    }
    function
}

/// A function in full, as `{id}` answers it.
pub(crate) fn function_by_id(view: View<'_>, shapes: &Shapes) -> Value {
    let function = function(view, shapes);
    match shapes.by_id {
        Wrapping::Wrapped => json!({ "function": function }),
        Wrapping::Bare => function.into(),
    }
}

/// What a consumer needs to install a function.
pub(crate) fn install(view: View<'_>) -> Value {
    let mut manifest = Map::from_iter([
        ("id".to_owned(), json!(view.function.id)),
        ("name".to_owned(), field(view, "name", Value::Null)),
        ("slug".to_owned(), json!(view.function.slug)),
        ("author".to_owned(), json!(view.function.username)),
        ("version".to_owned(), field(view, "version", Value::Null)),
    ]);
    manifest.extend(metadata().map(|(name, default)| (name.to_owned(), field(view, name, default))));
    let files: Vec<Value> = match view.body.get("files").and_then(Value::as_object) {
        Some(files) => files.iter().map(|(path, text)| json!({ "path": path, "content": text })).collect(),
        None => vec![json!({
            "path": field(view, "entrypoint", "index.ts".into()),
            "content": field(view, "code", "".into()),
        })],
    };
    manifest.insert("files".to_owned(), files.into());
    manifest.into()
}

fn head(view: View<'_>, shapes: &Shapes) -> Map<String, Value> {
    let View { function, status, .. } = view;
    let mut head = Map::from_iter([
        ("id".to_owned(), json!(function.id)),
        ("slug".to_owned(), json!(function.slug)),
        ("name".to_owned(), field(view, "name", Value::Null)),
        ("version".to_owned(), field(view, "version", Value::Null)),
        ("status".to_owned(), json!(status.name())),
        ("author_username".to_owned(), json!(function.username)),
    ]);
    head.extend(metadata().map(|(name, default)| (name.to_owned(), field(view, name, default))));
    match shapes.versions {
        VersionsShape::Absent => {}
        VersionsShape::Strings => {
            head.insert("versions".to_owned(), function.versions().collect());
        }
        VersionsShape::Objects => {
            head.insert(
                "versions".to_owned(),
                function.versions().map(|v| json!({ "version": v })).collect(),
            );
        }
    }
    head
}

fn field(view: View<'_>, name: &str, default: Value) -> Value {
    view.body.get(name).cloned().unwrap_or(default)
}

/// An answer of JSON.
pub(crate) fn json_response(status: StatusCode, value: &Value) -> Response {
    typed(status, "application/json", value.to_string())
}

/// An answer of a given media type.
pub(crate) fn typed(status: StatusCode, media_type: &'static str, body: impl Into<Body>) -> Response {
    let mut response = (status, body.into()).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

/// A refusal in the shape that is switched on.
pub(crate) fn refused(refusal: &Refusal, shapes: &Shapes) -> Response {
    let Refusal { code, message, details } = refusal;
    let status = match (code, shapes.error_status.map(StatusCode::from_u16)) {
        (ErrorCode::NotFound, _) | (_, None | Some(Err(_))) => code.status(),
        (_, Some(Ok(status))) => status,
    };
    let name = code.name();
    match shapes.errors {
        ErrorShape::Object => json_response(
            status,
            &json!({ "error": { "code": name, "message": message, "details": details } }),
        ),
        ErrorShape::CodeInText => json_response(status, &json!({ "error": format!("{name}: {message}") })),
        ErrorShape::Text => json_response(status, &json!({ "error": message })),
        ErrorShape::SuccessFalse => {
            json_response(status, &json!({ "success": false, "error": { "code": name, "message": message } }))
        }
        ErrorShape::Flat => json_response(status, &json!({ "code": name, "message": message })),
        ErrorShape::Plain => typed(status, "text/plain; charset=utf-8", message.clone()),
        ErrorShape::Html => typed(status, "text/html; charset=utf-8", HTML_PAGE),
        ErrorShape::Empty => status.into_response(),
    }
}
