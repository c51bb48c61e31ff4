//! `/api/sign-in-options`: how one can come in here. For everybody, because nobody is signed in yet who asks.

use super::error::Result;
use crate::state::AppState;
use axum::{Json, extract::State};
use domain::account::SignInOptions;

/// How one can sign in here.
#[utoipa::path(get, path = "/api/sign-in-options", tag = "account", security(()), responses((status = 200, body = SignInOptions)))]
pub async fn read(State(state): State<AppState>) -> Result<Json<SignInOptions>> {
    Ok(Json(state.services.sign_in_options().await?))
}
