//! `/metrics`, and the probes beside it: for operators only, so on a listener of its own (`METRICS_ADDR`).

use super::{error::Result, health};
use crate::state::AppState;
use axum::{
    Router,
    extract::State,
    http::{HeaderName, header},
    routing::get,
};

/// What the operator's listener answers.
pub fn router(state: AppState) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/health", get(health::health))
        .route("/ready", get(health::ready))
        .with_state(state)
}

async fn metrics(State(state): State<AppState>) -> Result<([(HeaderName, &'static str); 1], String)> {
    const TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, TYPE)], state.services.metrics().text()?))
}
