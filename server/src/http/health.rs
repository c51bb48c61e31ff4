//! `/health` and `/ready`: for probes and load balancers. Both answer without a session and tell nothing else.

use crate::state::AppState;
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

/// The process is alive.
pub async fn health() -> Json<serde_json::Value> {
    Json(json!({ "status": "ok" }))
}

/// The database answers, migrations are done and the process is not about to stop; otherwise 503 and which of them fails.
pub async fn ready(State(state): State<AppState>) -> Response {
    if *state.stopping.borrow() {
        return not_ready("stopping", "the process is about to stop");
    }
    match state.services.store().ping().await {
        Ok(()) => Json(json!({ "status": "ready" })).into_response(),
        Err(error) => {
            tracing::warn!(error = %error, "not ready");
            not_ready("database", "the database does not answer")
        }
    }
}

/// 503 with the dependency that fails.
pub fn not_ready(what: &str, why: &str) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "status": "not ready", "failing": what, "detail": why })))
        .into_response()
}
