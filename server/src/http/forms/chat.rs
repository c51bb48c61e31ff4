//! The assistant by plain form.

use super::super::{Error, error::Result};
use super::{Done, form::Form};
use crate::{actor::Actor, state::AppState};
use domain::{
    chat::{Approval, ChatRequest, Decision},
    id::{ConversationId, MessageId},
};
use serde_json::{Value, json};

/// One whole turn: without script there is nothing to stream to.
pub(super) async fn chat(state: &AppState, actor: &Actor, form: &Form) -> Result<Done> {
    let conversation_id = match form.text("conversation_id") {
        "" => None,
        _ => Some(ConversationId(form.number("conversation_id")?)),
    };
    let request = ChatRequest { conversation_id, message: form.text("message").to_owned(), edits: None };
    Ok(shown(state.services.chat(actor, request).await?.conversation_id))
}

pub(super) async fn approve(state: &AppState, actor: &Actor, form: &Form) -> Result<Done> {
    let conversation = ConversationId(form.number("conversation_id")?);
    let decision = match form.text("decision") {
        "allow" => Decision::Allow,
        "always" => Decision::Always,
        "deny" => Decision::Deny,
        _ => return Err(Error::field("decision", "unknown", "decision must be allow, always or deny")),
    };
    let id = form.text("id");
    let arguments = ticked(state.services.tool_call(actor, conversation, id).await?.arguments, form);
    let reason = form.given("reason").map(str::trim).filter(|r| !r.is_empty()).map(str::to_owned);
    let approval = Approval { decision, arguments, reason };
    let reply = state.services.approve(actor, conversation, id, approval).await?;
    Ok(shown(reply.conversation_id))
}

/// The call's arguments with the tasks whose boxes are ticked; `None` when it has no boxes, or all are.
fn ticked(mut arguments: Value, form: &Form) -> Option<Value> {
    let boxes = form.fields.iter().filter(|(name, _)| name == "task_ids");
    let ids: Vec<i64> = boxes.filter_map(|(_, id)| id.parse().ok()).collect();
    let some = arguments.get("task_ids")?.as_array()?.len() != ids.len() && !ids.is_empty();
    arguments["task_ids"] = json!(ids);
    some.then_some(arguments)
}

/// Stops the answer that is being written.
pub(super) async fn stop(state: &AppState, actor: &Actor, form: &Form) -> Result<Done> {
    let conversation = ConversationId(form.number("conversation_id")?);
    state.services.stop_chat(actor, conversation).await?;
    Ok(shown(conversation))
}

/// Answers again.
pub(super) async fn retry(state: &AppState, actor: &Actor, form: &Form) -> Result<Done> {
    let conversation = ConversationId(form.number("conversation_id")?);
    let reply = state.services.retry_chat(actor, conversation, MessageId(form.number("id")?)).await?;
    Ok(shown(reply.conversation_id))
}

fn shown(id: ConversationId) -> Done {
    Done::To(format!("/chat/{id}"))
}
