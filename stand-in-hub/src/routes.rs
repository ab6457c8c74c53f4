//! The Hub's calls.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::handler::Handler;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use serde_json::{Value, json};

use crate::account::{Account, KeyKind};
use crate::answer;
use crate::fault::Route;
use crate::hub::{Hub, lock};
use crate::inject::{self, Injection};
use crate::refusal::{ErrorCode, Refusal};
use crate::shapes::Shapes;
use crate::store::Accepted;
use crate::submission::Submission;

type Answer = Result<(StatusCode, Value), Refusal>;

/// The router of all calls; everything else is 404, and a wrong method 405 with `Allow`.
pub(crate) fn router(hub: &Arc<Hub>) -> Router {
    let functions = "/api/community/functions";
    Router::new()
        .route(&format!("{functions}/ci/publish"), call(hub, Route::Publish, post(publish)))
        .route(&format!("{functions}/my"), call(hub, Route::My, get(my)))
        .route(&format!("{functions}/{{id}}"), call(hub, Route::ById, get(by_id)))
        .route(&format!("{functions}/{{username}}/{{slug}}"), call(hub, Route::Public, get(public)))
        .route(&format!("{functions}/{{username}}/{{slug}}/install"), call(hub, Route::Install, get(install)))
        .route("/api/v1/cli/validate", call(hub, Route::Validate, post(validate)))
        .fallback(not_found.layer(from_fn_with_state(Injection::on(hub, Route::Any), inject::misbehave)))
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(hub.clone(), inject::record))
        .with_state(hub.clone())
}

fn call(hub: &Arc<Hub>, route: Route, handlers: MethodRouter<Arc<Hub>>) -> MethodRouter<Arc<Hub>> {
    handlers.route_layer(from_fn_with_state(Injection::on(hub, route), inject::misbehave))
}

async fn publish(State(hub): State<Arc<Hub>>, headers: HeaderMap, body: Bytes) -> Response {
    let shapes = hub.shapes();
    respond(accept(&hub, &headers, &body, &shapes), &shapes)
}

fn accept(hub: &Hub, headers: &HeaderMap, body: &[u8], shapes: &Shapes) -> Answer {
    let account = account(hub, headers)?;
    if account.kind == KeyKind::Project {
        let message = "a project key cannot publish; an account key (prefix `ac_`) is needed";
        return Err(Refusal::new(ErrorCode::Unauthorized, message, "make a new account key"));
    }
    json_media_type(headers)?;
    let submission = Submission::parse(body)?;
    let (slug, mode) = (submission.slug.clone(), submission.mode);
    let (store, accepted) = hub.change(|store| store.submit(&account.username, submission))?;
    let status = match accepted {
        Accepted::Created => StatusCode::CREATED,
        Accepted::Updated => StatusCode::OK,
    };
    let view = store.at(&account.username, &slug).and_then(|function| function.after(mode));
    view.map(|view| (status, answer::published(view, shapes))).ok_or_else(Refusal::not_found)
}

async fn my(State(hub): State<Arc<Hub>>, headers: HeaderMap) -> Response {
    let shapes = hub.shapes();
    let answer = account(&hub, &headers).map(|account| {
        let store = lock(&hub.store);
        let views = store.of_account(&account.username).filter_map(|f| answer::owner_view(f, &shapes));
        (StatusCode::OK, answer::list(views.map(|view| answer::list_item(view, &shapes)), &shapes))
    });
    respond(answer, &shapes)
}

async fn by_id(
    State(hub): State<Arc<Hub>>,
    headers: HeaderMap,
    id: Result<Path<String>, PathRejection>,
) -> Response {
    let shapes = hub.shapes();
    respond(look_up(&hub, &headers, id, &shapes), &shapes)
}

fn look_up(
    hub: &Hub,
    headers: &HeaderMap,
    id: Result<Path<String>, PathRejection>,
    shapes: &Shapes,
) -> Answer {
    let reader = if headers.contains_key(KEY_HEADER) { Some(account(hub, headers)?) } else { None };
    let Path(id) = id.map_err(|_| Refusal::not_found())?;
    let store = lock(&hub.store);
    let function = store.by_id(&id).ok_or_else(Refusal::not_found)?;
    let view = match reader {
        Some(account) if account.username == function.username => answer::owner_view(function, shapes),
        _ => function.published(),
    };
    let view = view.ok_or_else(Refusal::not_found)?;
    Ok((StatusCode::OK, answer::function_by_id(view, shapes)))
}

async fn public(
    State(hub): State<Arc<Hub>>,
    address: Result<Path<(String, String)>, PathRejection>,
) -> Response {
    let shapes = hub.shapes();
    let store = lock(&hub.store);
    let view = address.ok().and_then(|Path((username, slug))| store.at(&username, &slug)?.published());
    let answer = view.ok_or_else(Refusal::not_found);
    respond(
        answer.map(|view| (StatusCode::OK, json!({ "function": answer::function(view, &shapes) }))),
        &shapes,
    )
}

async fn install(
    State(hub): State<Arc<Hub>>,
    address: Result<Path<(String, String)>, PathRejection>,
) -> Response {
    let store = lock(&hub.store);
    let view = address.ok().and_then(|Path((username, slug))| store.at(&username, &slug)?.published());
    let answer = view.ok_or_else(Refusal::not_found);
    respond(answer.map(|view| (StatusCode::OK, answer::install(view))), &hub.shapes())
}

async fn validate(State(hub): State<Arc<Hub>>, headers: HeaderMap) -> Response {
    let answer = account(&hub, &headers).map(|account| (StatusCode::OK, whose_key(account)));
    respond(answer, &hub.shapes())
}

fn whose_key(account: &Account) -> Value {
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
    respond(Err(Refusal::not_found()), &hub.shapes())
}

async fn method_not_allowed(State(hub): State<Arc<Hub>>) -> Response {
    let refusal =
        Refusal::new(ErrorCode::MethodNotAllowed, "this call has another method", "see the `Allow` header");
    respond(Err(refusal), &hub.shapes())
}

fn respond(answer: Answer, shapes: &Shapes) -> Response {
    match answer {
        Ok((status, value)) => answer::json_response(status, &value),
        Err(refusal) => answer::refused(&refusal, shapes),
    }
}

/// The header that carries the key (documentation; Go CLI).
const KEY_HEADER: &str = "x-api-key";

fn account<'a>(hub: &'a Hub, headers: &HeaderMap) -> Result<&'a Account, Refusal> {
    let key = headers.get(KEY_HEADER).and_then(|value| value.to_str().ok());
    key.and_then(|key| hub.accounts.of_key(key)).ok_or_else(Refusal::unauthorized)
}

fn json_media_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = given.split(';').next().unwrap_or_default().trim();
    if media_type.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    let message = format!("media type `{media_type}` is not `application/json`");
    Err(Refusal::new(ErrorCode::UnsupportedMediaType, message, "send `Content-Type: application/json`"))
}
