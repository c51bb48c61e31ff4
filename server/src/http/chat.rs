//! `/api/{user_id}/chat` and `/api/{user_id}/conversations`: talking with the assistant.
//!
//! A turn is answered as one JSON object or, for `Accept: text/event-stream`, as events while it happens. A problem before
//! the turn has begun is an ordinary error answer; one after that is the event `failed`.

use super::{
    Error, OPERATION_SEQ,
    error::Result,
    extract::{Body, Id, Me, Query},
    fields::Fields,
};
use crate::{actor::Actor, agent::TurnEvent, service::chat::Turn, state::AppState};
use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use domain::{
    chat::{Approval, ChatEvent, ChatReply, ChatRequest, Conversation, Decision, Transcript},
    id::ConversationId,
    problem::Problem,
};
use futures::{StreamExt as _, stream};
use std::{convert::Infallible, time::Duration};
use tokio_stream::wrappers::UnboundedReceiverStream;

/// A proxy closes what is silent for a minute.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Says something to the assistant; without `conversation_id` a new conversation begins.
#[utoipa::path(post, path = "/api/{user_id}/chat", tag = "chat", request_body = ChatRequest,
    params(("user_id" = String, Path, description = "Your id, or `me`")),
    responses((status = 200, description = "The answer; with `Accept: text/event-stream` the events started, delta, tool_call, notice, done and failed", body = ChatReply),
        (status = 404, body = Problem), (status = 409, description = "`turn_running`", body = Problem), (status = 422, body = Problem)))]
pub async fn chat(State(state): State<AppState>, Me(me): Me, headers: HeaderMap, Body(body): Body) -> Result<Response> {
    let mut fields = Fields::new(body);
    let conversation_id = fields.number(&["conversation_id", "conversationId", "thread_id"]).map(ConversationId);
    let message = fields.text(&["message", "content", "text"]);
    if message.is_none() && !fields.failed("message") {
        fields.fail("message", "missing", "message is needed: 1 to 20000 characters");
    }
    fields.finish(())?;
    let request = ChatRequest { conversation_id, message: message.unwrap_or_default(), edits: None };
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
    let reason = fields.text(&["reason"]);
    let arguments = fields.take(&["arguments"]).filter(|a| !a.is_null());
    fields.finish(())?;
    let approval = Approval { decision, arguments, reason };
    let turn = state.services.begin_approval(&me, conversation, &call, approval).await?;
    answer(&state, &me, turn, &headers).await
}

async fn answer(state: &AppState, me: &Actor, turn: Turn, headers: &HeaderMap) -> Result<Response> {
    let mut events = state.services.run_turn(me, turn);
    let accepts = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if accepts.contains("text/event-stream") {
        return Ok(streamed(UnboundedReceiverStream::new(events)));
    }
    while let Some(event) = events.recv().await {
        match event {
            Ok(ChatEvent::Done { reply }) => return Ok(replied(reply)),
            Ok(_) => {}
            // The turn has put it into the log.
            Err(error) => return Err(Error::Told(Box::new(Error::problem_of(&error)))),
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

fn streamed(events: impl futures::Stream<Item = TurnEvent> + Send + 'static) -> Response {
    let told = |error| ChatEvent::Failed { problem: Error::problem_of(&error) };
    let events = events.flat_map(move |event| stream::iter(encode(&event.unwrap_or_else(told))));
    let mut response =
        Sse::new(events.map(Ok::<Event, Infallible>)).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response();
    // Proxies that collect answers are told not to.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// An event of the turn as one of the stream: its name is the tag, its data the JSON.
fn encode(event: &ChatEvent) -> Option<Event> {
    let data = serde_json::to_value(event).ok()?;
    let name = data["event"].as_str()?.to_owned();
    Some(Event::default().event(name).data(data.to_string()))
}

/// Your conversations, newest first.
#[utoipa::path(get, path = "/api/{user_id}/conversations", tag = "chat",
    params(("user_id" = String, Path, description = "Your id, or `me`"), ("search" = Option<String>, Query, description = "Only those whose title or messages hold this")),
    responses((status = 200, body = [Conversation])))]
pub async fn list(State(state): State<AppState>, Me(me): Me, Query(pairs): Query) -> Result<Json<Vec<Conversation>>> {
    let search = pairs.iter().find(|(name, _)| name == "search" || name == "q").map(|(_, value)| value.as_str());
    Ok(Json(state.services.conversations(&me, search).await?))
}

/// One conversation with its messages.
#[utoipa::path(get, path = "/api/{user_id}/conversations/{id}", tag = "chat",
    params(("user_id" = String, Path, description = "Your id, or `me`"), ("id" = i64, Path, description = "The conversation")),
    responses((status = 200, body = Transcript), (status = 404, body = Problem)))]
pub async fn read(State(state): State<AppState>, Me(me): Me, Id(id): Id) -> Result<Json<Transcript>> {
    let (conversation, messages) = state.services.conversation(&me, ConversationId(id)).await?;
    Ok(Json(Transcript { conversation, messages, run: None }))
}

/// Gives a conversation another title.
#[utoipa::path(patch, path = "/api/{user_id}/conversations/{id}", tag = "chat", request_body = Value,
    params(("user_id" = String, Path, description = "Your id, or `me`"), ("id" = i64, Path, description = "The conversation")),
    responses((status = 200, body = Conversation), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn rename(
    State(state): State<AppState>,
    Me(me): Me,
    Id(id): Id,
    Body(body): Body,
) -> Result<Json<Conversation>> {
    let mut fields = Fields::new(body);
    let title = fields.text(&["title"]);
    if title.is_none() && !fields.failed("title") {
        fields.fail("title", "missing", "title is needed: 1 to 100 characters");
    }
    fields.finish(())?;
    Ok(Json(state.services.rename_conversation(&me, ConversationId(id), &title.unwrap_or_default()).await?))
}

/// Puts a conversation away.
#[utoipa::path(delete, path = "/api/{user_id}/conversations/{id}", tag = "chat",
    params(("user_id" = String, Path, description = "Your id, or `me`"), ("id" = i64, Path, description = "The conversation")),
    responses((status = 204), (status = 404, body = Problem)))]
pub async fn delete(State(state): State<AppState>, Me(me): Me, Id(id): Id) -> Result<StatusCode> {
    state.services.delete_conversation(&me, ConversationId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
