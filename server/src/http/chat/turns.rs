//! Turns: a message, a decision, another try, and stop.

use super::{
    super::{
        Error, OPERATION_SEQ,
        error::Result,
        extract::{Body, Id, Me},
        fields::Fields,
    },
    events, place,
};
use crate::{actor::Actor, service::chat::Turn, state::AppState};
use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    chat::{Approval, ChatEvent, ChatReply, ChatRequest, Decision},
    id::{ConversationId, MessageId},
    problem::Problem,
};
use futures::StreamExt as _;
use tokio_stream::wrappers::UnboundedReceiverStream;

/// Whether a POST to that path begins a turn. A turn knows the `Idempotency-Key` it was begun with, so that the request sent
/// again hears the same turn, also while it goes on.
pub fn know_their_keys(path: &str) -> bool {
    let mut parts = path.split('/').skip(3);
    match (parts.next(), parts.nth(1)) {
        (Some("chat"), _) => true,
        (Some("conversations"), Some("approvals")) => true,
        (Some("conversations"), Some("messages")) => path.ends_with("/retry"),
        _ => false,
    }
}

/// Says something to the assistant; without `conversation_id` a new conversation begins, with `edits` a new branch.
#[utoipa::path(post, path = "/api/{user_id}/chat", tag = "chat", request_body = ChatRequest,
    params(("user_id" = String, Path, description = "Your id, or `me`")),
    responses((status = 200, description = "The answer; with `Accept: text/event-stream` the events started, delta, tool_call, notice, done and failed", body = ChatReply),
        (status = 404, body = Problem), (status = 409, description = "`turn_running`", body = Problem), (status = 422, body = Problem)))]
pub async fn chat(State(state): State<AppState>, Me(me): Me, headers: HeaderMap, Body(body): Body) -> Result<Response> {
    let mut fields = Fields::new(body);
    let conversation_id = fields.number(&["conversation_id", "conversationId", "thread_id"]).map(ConversationId);
    let edits = fields.number(&["edits"]).map(MessageId);
    let message = fields.text(&["message", "content", "text"]);
    if message.is_none() && !fields.failed("message") {
        fields.fail("message", "missing", "message is needed: 1 to 20000 characters");
    }
    if edits.is_some() && conversation_id.is_none() && !fields.failed("conversation_id") {
        fields.fail("conversation_id", "missing", "conversation_id is needed to know whose message edits names");
    }
    fields.finish(())?;
    let request = ChatRequest { conversation_id, message: message.unwrap_or_default(), edits };
    let turn = state.services.begin_chat(&me, request).await?;
    answer(&state, &me, turn, &headers).await
}

/// Approves (`allow`, or `always` for the rest of the conversation) or cancels (`deny`) what the assistant has asked about.
#[utoipa::path(post, path = "/api/{user_id}/conversations/{conversation_id}/approvals/{id}", tag = "chat", request_body = Approval,
    params(("user_id" = String, Path, description = "Your id, or `me`"), ("conversation_id" = i64, Path, description = "The conversation"), ("id" = String, Path, description = "The tool call’s id")),
    responses((status = 200, description = "As a chat turn answers", body = ChatReply), (status = 404, body = Problem),
        (status = 409, description = "`already_decided`, `expired` or `turn_running`", body = Problem), (status = 422, body = Problem)))]
pub async fn approve(
    State(state): State<AppState>,
    Me(me): Me,
    path: Path<(String, String, String)>,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response> {
    let (_, conversation, call) = path.0;
    let conversation = conversation.parse().map(ConversationId).map_err(|_| Error::not_found())?;
    // What does not exist is said before what is wrong with the body.
    state.services.tool_call(&me, conversation, &call).await?;
    let mut fields = Fields::new(body);
    let decision = match fields.text(&["decision"]).as_deref() {
        Some("allow" | "approve" | "yes") => Decision::Allow,
        Some("always") => Decision::Always,
        Some("deny" | "cancel" | "no") => Decision::Deny,
        other => {
            let got =
                other.map_or_else(|| "missing".to_owned(), |o| format!("{:?}", o.chars().take(40).collect::<String>()));
            fields.fail("decision", "unknown", format!("decision must be allow, always or deny, and this is {got}"));
            Decision::Deny
        }
    };
    let reason = fields.text(&["reason"]).filter(|r| !r.trim().is_empty());
    let arguments = fields.take(&["arguments"]).filter(|a| !a.is_null());
    fields.finish(())?;
    let approval = Approval { decision, arguments, reason };
    let turn = state.services.begin_approval(&me, conversation, &call, approval).await?;
    answer(&state, &me, turn, &headers).await
}

/// Answers again: a new version of that answer, or of the answer to that message of yours.
#[utoipa::path(post, path = "/api/{user_id}/conversations/{id}/messages/{message_id}/retry", tag = "chat",
    params(("user_id" = String, Path, description = "Your id, or `me`"), ("id" = i64, Path, description = "The conversation"), ("message_id" = i64, Path, description = "The answer, or the message it answers")),
    responses((status = 200, description = "As a chat turn answers", body = ChatReply), (status = 404, body = Problem),
        (status = 409, description = "`turn_running` or `no_question`", body = Problem)))]
pub async fn retry(
    State(state): State<AppState>,
    Me(me): Me,
    path: Path<(String, String, String)>,
    headers: HeaderMap,
) -> Result<Response> {
    let (conversation, message) = place(&path)?;
    let turn = state.services.begin_retry(&me, conversation, message).await?;
    answer(&state, &me, turn, &headers).await
}

/// Ends the answer that is being written, wherever that is; what was said and done until then stands. Whoever listens is
/// told by the event `done` with the status `stopped`. Nothing happens when nobody answers.
#[utoipa::path(post, path = "/api/{user_id}/conversations/{id}/stop", tag = "chat",
    params(("user_id" = String, Path, description = "Your id, or `me`"), ("id" = i64, Path, description = "The conversation")),
    responses((status = 204), (status = 404, body = Problem)))]
pub async fn stop(State(state): State<AppState>, Me(me): Me, Id(id): Id) -> Result<StatusCode> {
    state.services.stop_chat(&me, ConversationId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn answer(state: &AppState, me: &Actor, turn: Turn, headers: &HeaderMap) -> Result<Response> {
    let run = turn.run.clone();
    let mut heard = state.services.run_turn(me, turn);
    let accepts = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if accepts.contains("text/event-stream") {
        return Ok(events::streamed(UnboundedReceiverStream::new(heard).map(move |event| (run.clone(), event))));
    }
    while let Some(numbered) = heard.recv().await {
        match numbered.event {
            ChatEvent::Done { reply } => return Ok(replied(reply)),
            ChatEvent::Failed { problem } => return Err(crate::service::Error::Told(Box::new(problem)).into()),
            _ => {}
        }
    }
    Err(crate::service::Error::Internal("a turn ended without an answer".into()).into())
}

fn replied(reply: ChatReply) -> Response {
    let seq = reply.tool_calls.iter().filter_map(|c| c.operation).max();
    let mut response = Json(reply).into_response();
    if let Some(value) = seq.and_then(|s| HeaderValue::from_str(&s.to_string()).ok()) {
        response.headers_mut().insert(OPERATION_SEQ, value);
    }
    response
}
