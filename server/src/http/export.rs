//! `/api/{user_id}/export`: everything of yours, as a file.

use super::{
    Error,
    error::Result,
    extract::{Me, Peer},
};
use crate::state::AppState;
use axum::{
    body::Body,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use domain::problem::Problem;
use futures::{StreamExt as _, stream};
use std::io;
use tokio_stream::wrappers::ReceiverStream;

/// Everything of yours as one JSON document: profile, settings, tasks (done and trashed ones too), projects, labels,
/// filters, reminders, conversations, connected accounts, API tokens by name, sessions, and what happened to your account.
#[utoipa::path(get, path = "/api/{user_id}/export", tag = "account",
    params(("user_id" = String, Path, description = "Your id, or `me`")),
    responses((status = 200, body = Object, description = "The document; its shape has a `version`"), (status = 503, body = Problem)))]
pub async fn read(State(state): State<AppState>, Me(me): Me, Peer(client): Peer) -> Result<Response> {
    let mut pieces = state.accounts.export(&me, &client);
    // What goes wrong at the start is still an ordinary error.
    let ended = || crate::service::Error::Internal("an export ended before it began".into());
    let first = pieces.recv().await.unwrap_or_else(|| Err(ended()))?;
    let rest = ReceiverStream::new(pieces).map(|piece| {
        piece.map_err(|error| {
            Error::from(error).log();
            // The connection breaks off, so that nobody takes half of it for the whole.
            io::Error::other("the export broke off")
        })
    });
    let body = Body::from_stream(stream::once(std::future::ready(Ok(first))).chain(rest));
    let today = state.services.clock().civil(&me.zone).date();
    let name = format!("attachment; filename=\"todo-chatbot-export-{today}.json\"");
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}
