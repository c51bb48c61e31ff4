//! `/api/{user_id}/connected-apps…`: the programs of others that a person let in. Only a session takes one back.

use super::{
    error::Result,
    extract::{Me, Peer, RowId, Session},
};
use crate::state::AppState;
use axum::{Json, extract::State, http::StatusCode};
use domain::{account::ConnectedApp, problem::Problem};

/// Lists the programs you let in, newest first.
#[utoipa::path(get, path = "/api/{user_id}/connected-apps", tag = "account",
    params(("user_id" = String, Path, description = "Your id, or `me`")),
    responses((status = 200, body = [ConnectedApp])))]
pub async fn list(State(state): State<AppState>, Me(me): Me) -> Result<Json<Vec<ConnectedApp>>> {
    Ok(Json(state.accounts.connected_apps(&me.user).await?))
}

/// Shuts a program out; its tokens open nothing from then on.
#[utoipa::path(delete, path = "/api/{user_id}/connected-apps/{id}", tag = "account",
    params(("user_id" = String, Path, description = "Your id, or `me`"), ("id" = String, Path, description = "The app's id")),
    responses((status = 204), (status = 403, description = "Only with a session", body = Problem), (status = 404, body = Problem)))]
pub async fn revoke(
    State(state): State<AppState>,
    Me(me): Me,
    _: Session,
    Peer(client): Peer,
    RowId(id): RowId,
) -> Result<StatusCode> {
    state.accounts.revoke_app(&me.user, &id, &client).await?;
    Ok(StatusCode::NO_CONTENT)
}
