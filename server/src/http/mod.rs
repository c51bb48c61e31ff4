//! The HTTP door: every route, and the order of what each request passes through.
//!
//! Handlers decode, call one service function and encode; an `if` about the business belongs into `service`.

pub mod admin;
pub mod assets;
pub mod audit;
pub mod auth;
pub mod chat;
pub mod connected_apps;
pub mod cors;
pub mod error;
pub mod export;
pub mod extract;
pub mod fields;
pub mod forms;
pub mod headers;
pub mod health;
pub mod history;
pub mod idempotency;
pub mod labels;
pub mod leftover;
pub mod live;
pub mod metrics;
pub mod oauth;
pub mod options;
pub mod paging;
pub mod projects;
pub mod quick_add;
pub mod request_id;
pub mod schema;
pub mod session;
pub mod sessions;
pub mod settings;
pub mod task_input;
pub mod tasks;
pub mod tokens;
pub mod ui;

pub use error::Error;

use crate::{parts::Parts, service::Changed, state::AppState};
use axum::{
    Json, Router,
    body::Bytes,
    extract::DefaultBodyLimit,
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Serialize;
use std::sync::LazyLock;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The operation a write did: what `POST …/undo` takes as `seq`.
pub const OPERATION_SEQ: HeaderName = HeaderName::from_static("operation-seq");

#[derive(OpenApi)]
#[openapi(
    info(title = "Todo Chatbot", description = "A to-do list with an assistant. Errors are RFC 9457 problems."),
    components(schemas(domain::problem::Problem, domain::quick_add::Chip))
)]
struct Document;

/// The signed-in API with its document.
fn documented() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(settings::overview))
        .routes(routes!(settings::read, settings::merge))
        .routes(routes!(tasks::list, tasks::create))
        .routes(routes!(tasks::read, tasks::replace, tasks::merge, tasks::delete))
        .routes(routes!(tasks::toggle, tasks::complete))
        .routes(routes!(tasks::reopen))
        .routes(routes!(tasks::restore))
        .routes(routes!(tasks::subtasks))
        .routes(routes!(tasks::bulk))
        .routes(routes!(quick_add::quick_add))
        .routes(routes!(history::undo))
        .routes(routes!(history::changes))
        .routes(routes!(chat::turns::chat))
        .routes(routes!(chat::turns::approve))
        .routes(routes!(chat::turns::retry))
        .routes(routes!(chat::turns::stop))
        .routes(routes!(chat::events::attach))
        .routes(routes!(chat::conversations::list))
        .routes(routes!(chat::conversations::read, chat::conversations::change, chat::conversations::delete))
        .routes(routes!(chat::conversations::show))
        .routes(routes!(chat::conversations::rate))
        .routes(routes!(chat::conversations::export))
        .routes(routes!(projects::list, projects::create))
        .routes(routes!(projects::read, projects::merge, projects::delete))
        .routes(routes!(labels::list, labels::create))
        .routes(routes!(labels::read, labels::merge, labels::delete))
        .routes(routes!(sessions::list, sessions::end_others))
        .routes(routes!(sessions::end))
        .routes(routes!(audit::list))
        .routes(routes!(export::read))
        .routes(routes!(admin::list))
        .routes(routes!(admin::merge))
        .routes(routes!(admin::chat_use))
        .routes(routes!(tokens::list, tokens::create))
        .routes(routes!(tokens::revoke))
        .routes(routes!(connected_apps::list))
        .routes(routes!(connected_apps::revoke))
}

/// What needs no session.
fn open() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(options::read))
}

/// The OpenAPI document.
pub fn openapi() -> utoipa::openapi::OpenApi {
    documented().merge(open()).split_for_parts().1
}

/// The document as text. Made when it is first asked for: it is large, and few ask.
async fn document() -> Response {
    static TEXT: LazyLock<Bytes> = LazyLock::new(|| serde_json::to_vec(&openapi()).unwrap_or_default().into());
    ([(header::CONTENT_TYPE, "application/json")], TEXT.clone()).into_response()
}

/// The API alone: what the page calls in process while it is rendered.
fn api(state: &AppState) -> Router {
    let (signed_in, _) = documented().split_for_parts();
    let (open, _) = open().split_for_parts();
    let signed_in = signed_in
        .route("/ws", get(live::socket))
        // Inside the session, so that a key belongs to a user.
        .layer(middleware::from_fn_with_state(state.clone(), idempotency::layer))
        .layer(middleware::from_fn_with_state(state.clone(), session::identify));
    Router::new()
        .route("/api/openapi.json", get(document))
        .merge(open)
        .merge(signed_in)
        .with_state(state.clone())
        .layer(DefaultBodyLimit::max(extract::BODY_MAX))
}

/// The parts a process has, and in every process whether it is well.
pub fn router(state: AppState, parts: Parts) -> Router {
    let api = api(&state).merge(auth::router().with_state(state.clone()));
    let mut router = Router::new()
        .route("/health", get(health::health))
        .route("/api/health", get(health::health))
        .route("/ready", get(health::ready))
        .with_state(state.clone());
    if parts.api {
        router = router.merge(api.clone());
    }
    if parts.mcp {
        router = router.merge(crate::mcp::door::router(&state)).merge(oauth::router().with_state(state.clone()));
    }
    router = if parts.web {
        // The page is drawn with the API in process, whoever else serves it.
        router.merge(forms::router().with_state(state.clone())).merge(assets::router()).merge(ui::router(api))
    } else {
        router.fallback(|| std::future::ready(Error::not_found()))
    };
    router
        .method_not_allowed_fallback(method_not_allowed)
        .layer(CatchPanicLayer::custom(|_| {
            Error::Service(crate::service::Error::Internal("a handler panicked".into())).into_response()
        }))
        .layer(middleware::from_fn_with_state(state.clone(), cors::layer))
        .layer(middleware::map_response_with_state(state.clone(), headers::complete))
        .layer(middleware::from_fn_with_state(state, crate::metrics::layer))
        .layer(middleware::from_fn(leftover::layer))
        // Outermost, so that everything that happens inside has the request's id.
        .layer(middleware::from_fn(request_id::layer))
}

async fn method_not_allowed() -> Error {
    Error::Door(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "This address does not take that method.".into())
}

/// A changed thing with the operation to undo.
pub fn changed<T: Serialize>(done: Changed<T>) -> Response {
    let mut response = Json(done.value).into_response();
    if let Ok(value) = HeaderValue::from_str(&done.seq.to_string()) {
        response.headers_mut().insert(OPERATION_SEQ, value);
    }
    response
}
