//! Conversations: the list, one of them, its branches, ratings, and the file to take away.

use super::{
    super::{
        Error,
        error::Result,
        extract::{Body, Id, Me, Query},
        fields::Fields,
    },
    place,
};
use crate::{service::chat::Format, state::AppState};
use axum::{
    Json,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    chat::{Conversation, Feedback, Transcript},
    id::{ConversationId, MessageId},
    problem::Problem,
};

/// Your conversations: pinned ones first, then the newest.
#[utoipa::path(get, path = "/api/{user_id}/conversations", tag = "chat",
    params(("user_id" = String, Path, description = "Your id, or `me`"), ("search" = Option<String>, Query, description = "Only those whose title or messages hold this")),
    responses((status = 200, body = [Conversation])))]
pub async fn list(State(state): State<AppState>, Me(me): Me, Query(pairs): Query) -> Result<Json<Vec<Conversation>>> {
    let search = pairs.iter().find(|(name, _)| name == "search" || name == "q").map(|(_, value)| value.as_str());
    Ok(Json(state.services.conversations(&me, search).await?))
}

/// One conversation with the messages of the branch that is shown.
#[utoipa::path(get, path = "/api/{user_id}/conversations/{id}", tag = "chat",
    params(("user_id" = String, Path, description = "Your id, or `me`"), ("id" = i64, Path, description = "The conversation")),
    responses((status = 200, body = Transcript), (status = 404, body = Problem)))]
pub async fn read(State(state): State<AppState>, Me(me): Me, Id(id): Id) -> Result<Json<Transcript>> {
    Ok(Json(state.services.transcript(&me, ConversationId(id)).await?))
}

/// Gives a conversation another title (`title`), or puts it before the others (`pinned`).
#[utoipa::path(patch, path = "/api/{user_id}/conversations/{id}", tag = "chat", request_body = Value,
    params(("user_id" = String, Path, description = "Your id, or `me`"), ("id" = i64, Path, description = "The conversation")),
    responses((status = 200, body = Conversation), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn change(
    State(state): State<AppState>,
    Me(me): Me,
    Id(id): Id,
    Body(body): Body,
) -> Result<Json<Conversation>> {
    let mut fields = Fields::new(body);
    let (title, pinned) = (fields.text(&["title"]), fields.flag(&["pinned"]));
    if title.is_none() && pinned.is_none() && !fields.failed("title") && !fields.failed("pinned") {
        fields.fail("title", "missing", "title (1 to 100 characters) or pinned (true or false) is needed");
    }
    fields.finish(())?;
    let id = ConversationId(id);
    Ok(Json(state.services.change_conversation(&me, id, title.as_deref(), pinned).await?))
}

/// Puts a conversation away.
#[utoipa::path(delete, path = "/api/{user_id}/conversations/{id}", tag = "chat",
    params(("user_id" = String, Path, description = "Your id, or `me`"), ("id" = i64, Path, description = "The conversation")),
    responses((status = 204), (status = 404, body = Problem)))]
pub async fn delete(State(state): State<AppState>, Me(me): Me, Id(id): Id) -> Result<StatusCode> {
    state.services.delete_conversation(&me, ConversationId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Shows another version: the branch that holds the message `message_id`, down to its newest end.
#[utoipa::path(put, path = "/api/{user_id}/conversations/{id}/leaf", tag = "chat", request_body = Value,
    params(("user_id" = String, Path, description = "Your id, or `me`"), ("id" = i64, Path, description = "The conversation")),
    responses((status = 200, body = Transcript), (status = 404, body = Problem),
        (status = 409, description = "`turn_running`", body = Problem), (status = 422, body = Problem)))]
pub async fn show(State(state): State<AppState>, Me(me): Me, Id(id): Id, Body(body): Body) -> Result<Json<Transcript>> {
    let id = ConversationId(id);
    // What does not exist is said before what is wrong with the body.
    state.services.has_conversation(&me, id).await?;
    let mut fields = Fields::new(body);
    let message = fields.number(&["message_id"]);
    if message.is_none() && !fields.failed("message_id") {
        fields.fail("message_id", "missing", "message_id is needed: the number of a message in this conversation");
    }
    fields.finish(())?;
    Ok(Json(state.services.show_message(&me, id, MessageId(message.unwrap_or_default())).await?))
}

/// Notes what you think of an answer: `value` is `up`, `down` or null, `note` says why.
#[utoipa::path(put, path = "/api/{user_id}/conversations/{id}/messages/{message_id}/feedback", tag = "chat", request_body = Value,
    params(("user_id" = String, Path, description = "Your id, or `me`"), ("id" = i64, Path, description = "The conversation"), ("message_id" = i64, Path, description = "The answer")),
    responses((status = 204), (status = 404, body = Problem), (status = 409, description = "`not_an_answer`", body = Problem), (status = 422, body = Problem)))]
pub async fn rate(
    State(state): State<AppState>,
    Me(me): Me,
    path: Path<(String, String, String)>,
    Body(body): Body,
) -> Result<StatusCode> {
    let (id, message) = place(&path)?;
    state.services.has_message(&me, id, message).await?;
    let mut fields = Fields::new(body);
    let feedback = match fields.nullable_text(&["value"]) {
        Some(None) => None,
        Some(Some(word)) if word == "up" => Some(Feedback::Up),
        Some(Some(word)) if word == "down" => Some(Feedback::Down),
        _ if fields.failed("value") => None,
        _ => {
            fields.fail("value", "unknown", "value must be up, down or null");
            None
        }
    };
    let note = fields.text(&["note"]).filter(|n| !n.trim().is_empty());
    fields.finish(())?;
    state.services.rate_answer(&me, id, message, feedback, note.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A conversation as a file: `markdown` of the branch that is shown, or `json` of every branch.
#[utoipa::path(get, path = "/api/{user_id}/conversations/{id}/export", tag = "chat",
    params(("user_id" = String, Path, description = "Your id, or `me`"), ("id" = i64, Path, description = "The conversation"),
        ("format" = Option<String>, Query, description = "`markdown`, or `json`")),
    responses((status = 200, description = "The file", body = String), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn export(State(state): State<AppState>, Me(me): Me, Id(id): Id, Query(pairs): Query) -> Result<Response> {
    let id = ConversationId(id);
    state.services.has_conversation(&me, id).await?;
    let asked = pairs.iter().find(|(name, _)| name == "format").map_or("markdown", |(_, value)| value.as_str());
    let (format, kind, ending) = match asked {
        "markdown" | "md" => (Format::Markdown, "text/markdown; charset=utf-8", "md"),
        "json" => (Format::Json, "application/json", "json"),
        _ => return Err(Error::field("format", "unknown", "format must be markdown or json")),
    };
    let file = state.services.export_conversation(&me, id, format).await?;
    let name = format!("attachment; filename=\"conversation-{id}.{ending}\"");
    Ok(([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, name)], file).into_response())
}
