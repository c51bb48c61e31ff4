//! `/api/{user_id}/sessions…`: the devices somebody is signed in on. No token of a session is shown.

use super::{
    Error,
    error::Result,
    extract::{Me, Peer, RowId, Session},
    headers::set_cookies,
};
use crate::state::AppState;
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{account::SessionInfo, problem::Problem};

/// Lists your sessions, newest first.
#[utoipa::path(get, path = "/api/{user_id}/sessions", tag = "account",
    params(("user_id" = String, Path, description = "Your id, or `me`")), responses((status = 200, body = [SessionInfo])))]
pub async fn list(
    State(state): State<AppState>,
    Me(me): Me,
    session: Option<Session>,
) -> Result<Json<Vec<SessionInfo>>> {
    let current = session.map(|session| session.id);
    Ok(Json(state.accounts.devices(&me.user, current.as_deref()).await?))
}

/// Ends all your sessions but the one that asks.
#[utoipa::path(delete, path = "/api/{user_id}/sessions", tag = "account",
    params(("user_id" = String, Path, description = "Your id, or `me`")),
    responses((status = 204), (status = 403, description = "Only with a session", body = Problem)))]
pub async fn end_others(
    State(state): State<AppState>,
    Me(me): Me,
    session: Session,
    Peer(client): Peer,
) -> Result<StatusCode> {
    state.accounts.revoke_others(&me.user, &session.token, &client).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends one of your sessions; ending the one that asks signs you out.
#[utoipa::path(delete, path = "/api/{user_id}/sessions/{id}", tag = "account",
    params(("user_id" = String, Path, description = "Your id, or `me`"), ("id" = String, Path, description = "The session's id")),
    responses((status = 204), (status = 403, description = "Only with a session", body = Problem), (status = 404, body = Problem)))]
pub async fn end(
    State(state): State<AppState>,
    Me(me): Me,
    session: Session,
    Peer(client): Peer,
    RowId(id): RowId,
) -> Result<Response> {
    if !state.accounts.end_device(&me.user, &id, &client).await? {
        return Err(Error::not_found());
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    if id == session.id {
        set_cookies(response.headers_mut(), state.accounts.cookies.clear());
    }
    Ok(response)
}
