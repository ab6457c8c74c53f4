//! The Hub's endpoints.

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::{Value, json};

use crate::account::{Account, KeyKind};
use crate::error::{ApiError, ErrorCode};
use crate::hub::{Hub, lock};
use crate::inject::inject;
use crate::middleware::{limit_rate, record};
use crate::page::Page;
use crate::response;
use crate::review::Review;
use crate::shapes::{Shapes, Wrapping};
use crate::store::{Store, Upsert, View};
use crate::submission::{Mode, Submission};

type ApiResult = Result<(StatusCode, Value), ApiError>;

/// `{username}/{slug}` in a path.
type FunctionPath = Result<Path<(String, String)>, PathRejection>;

/// The router of all endpoints; other paths are 404, other methods 405 with `Allow`.
pub(crate) fn router(hub: &Arc<Hub>) -> Router {
    let functions = "/api/community/functions";
    Router::new()
        .route(&format!("{functions}/ci/publish"), post(publish))
        .route(&format!("{functions}/my"), get(my))
        .route(&format!("{functions}/{{id}}"), get(by_id))
        .route(&format!("{functions}/{{username}}/{{slug}}"), get(public))
        .route(&format!("{functions}/{{username}}/{{slug}}/install"), get(install))
        .route("/api/v1/cli/validate", post(validate))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(hub.clone(), inject))
        .layer(from_fn_with_state(hub.clone(), limit_rate))
        .layer(from_fn_with_state(hub.clone(), record))
        .with_state(hub.clone())
}

async fn publish(State(hub): State<Arc<Hub>>, headers: HeaderMap, body: Bytes) -> Response {
    let shapes = hub.shapes();
    submit(&hub, &headers, &body, &shapes).unwrap_or_else(|error| response::error(&error, &shapes))
}

fn submit(hub: &Hub, headers: &HeaderMap, body: &[u8], shapes: &Shapes) -> Result<Response, ApiError> {
    let account = authenticate(hub, headers)?;
    if account.kind == KeyKind::Project {
        let message = "a project key cannot publish; an account key (prefix `ac_`) is needed";
        return Err(ApiError::new(ErrorCode::Unauthorized, message, "make a new account key"));
    }
    check_media_type(headers)?;
    let submission = Submission::parse(body)?;
    let (slug, mode) = (submission.slug.clone(), submission.mode);
    if let (Mode::Live, Some(body)) = (mode, shapes.rejection.body()) {
        return Ok(response::rejection(&body));
    }
    let terms = hub.terms(mode == Mode::Live && shapes.review != Review::Off);
    let (store, upsert) = hub.update(|store| store.submit(&account.username, submission, terms))?;
    let status = match upsert {
        Upsert::Created => StatusCode::CREATED,
        Upsert::Updated => StatusCode::OK,
    };
    let function = store.get(&account.username, &slug);
    let view = function.and_then(|function| function.latest(mode, Instant::now()));
    view.map(|view| response::publication(status, view, shapes)).ok_or_else(ApiError::not_found)
}

async fn my(State(hub): State<Arc<Hub>>, headers: HeaderMap, uri: Uri) -> Response {
    let shapes = hub.shapes();
    let page = authenticate(&hub, &headers).and_then(|account| Ok((account, Page::parse(uri.query())?)));
    let list = page.map(|(account, page)| {
        let store = lock(&hub.store);
        let views = store
            .by_account(&account.username)
            .filter_map(|f| response::owner_view(f, &shapes, Instant::now()));
        (StatusCode::OK, response::list(views, page, &shapes))
    });
    respond(list, &shapes)
}

async fn by_id(
    State(hub): State<Arc<Hub>>,
    headers: HeaderMap,
    id: Result<Path<String>, PathRejection>,
) -> Response {
    let shapes = hub.shapes();
    respond(find_by_id(&hub, &headers, id, &shapes), &shapes)
}

fn find_by_id(
    hub: &Hub,
    headers: &HeaderMap,
    id: Result<Path<String>, PathRejection>,
    shapes: &Shapes,
) -> ApiResult {
    let reader =
        headers.contains_key(response::KEY_HEADER).then(|| authenticate(hub, headers)).transpose()?;
    let Path(id) = id.map_err(|_| ApiError::not_found())?;
    let store = lock(&hub.store);
    let function = store.by_id(&id).filter(|function| !shapes.hides(&function.slug));
    let function = function.ok_or_else(ApiError::not_found)?;
    let view = match reader {
        Some(account) if account.username == function.username => {
            response::owner_view(function, shapes, Instant::now())
        }
        _ => function.published(Instant::now()),
    };
    let view = view.ok_or_else(ApiError::not_found)?;
    Ok((StatusCode::OK, response::function(view, shapes, shapes.by_id)))
}

async fn public(State(hub): State<Arc<Hub>>, path: FunctionPath) -> Response {
    let shapes = hub.shapes();
    let view = |view: View<'_>| response::function(view, &shapes, Wrapping::Wrapped);
    respond(published(&lock(&hub.store), path, &shapes, view), &shapes)
}

async fn install(State(hub): State<Arc<Hub>>, path: FunctionPath) -> Response {
    let shapes = hub.shapes();
    respond(published(&lock(&hub.store), path, &shapes, response::installation), &shapes)
}

fn published(
    store: &Store,
    path: FunctionPath,
    shapes: &Shapes,
    show: impl FnOnce(View<'_>) -> Value,
) -> ApiResult {
    let path = path.ok().filter(|Path((_, slug))| !shapes.omits_public(slug));
    let view = path.and_then(|Path((username, slug))| store.get(&username, &slug)?.published(Instant::now()));
    view.map(|view| (StatusCode::OK, show(view))).ok_or_else(ApiError::not_found)
}

async fn validate(State(hub): State<Arc<Hub>>, headers: HeaderMap) -> Response {
    let owner = authenticate(&hub, &headers).map(|account| (StatusCode::OK, key_owner(account)));
    respond(owner, &hub.shapes())
}

fn key_owner(account: &Account) -> Value {
    let username = &account.username;
    match account.kind {
        KeyKind::Account => json!({
            "keyType": "account",
            "userId": format!("user_{username}"),
            "email": format!("{username}@example.com"),
            "name": username,
            "message": "account key is valid",
        }),
        KeyKind::Project => json!({
            "keyType": "project",
            "projectId": format!("project_{username}"),
            "projectName": format!("{username}'s project"),
            "message": "project key is valid",
        }),
    }
}

async fn not_found(State(hub): State<Arc<Hub>>) -> Response {
    respond(Err(ApiError::not_found()), &hub.shapes())
}

async fn method_not_allowed(State(hub): State<Arc<Hub>>) -> Response {
    let details = "see the `Allow` header";
    let error = ApiError::new(ErrorCode::MethodNotAllowed, "method not allowed for this path", details);
    respond(Err(error), &hub.shapes())
}

fn respond(result: ApiResult, shapes: &Shapes) -> Response {
    match result {
        Ok((status, value)) => response::json(status, &value),
        Err(error) => response::error(&error, shapes),
    }
}

fn authenticate<'a>(hub: &'a Hub, headers: &HeaderMap) -> Result<&'a Account, ApiError> {
    let key = headers.get(response::KEY_HEADER).and_then(|value| value.to_str().ok());
    key.and_then(|key| hub.accounts.by_key(key)).ok_or_else(ApiError::unauthorized)
}

fn check_media_type(headers: &HeaderMap) -> Result<(), ApiError> {
    let header = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = header.split(';').next().unwrap_or_default().trim();
    if media_type.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    let message = format!("media type `{media_type}` is not `application/json`");
    Err(ApiError::new(ErrorCode::UnsupportedMediaType, message, "send `Content-Type: application/json`"))
}
