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
    let shown_arguments = state.services.tool_call(actor, conversation, id).await?.arguments;
    let arguments = if decision == Decision::Deny { None } else { changed(&shown_arguments, form)? };
    let reason = form.given("reason").map(str::trim).filter(|r| !r.is_empty()).map(str::to_owned);
    let approval = Approval { decision, arguments, reason };
    let reply = state.services.approve(actor, conversation, id, approval).await?;
    Ok(shown(reply.conversation_id))
}

/// The call's arguments for the tasks whose boxes are ticked, and with the texts as they were edited; `None` when that
/// changes nothing.
fn changed(shown: &Value, form: &Form) -> Result<Option<Value>> {
    let mut arguments = shown.clone();
    let boxes = form.fields.iter().filter(|(name, _)| name == "task_ids");
    let ids: Vec<i64> = boxes.filter_map(|(_, id)| id.parse().ok()).collect();
    // A single task has no box.
    if shown.get("task_ids").and_then(Value::as_array).is_some_and(|all| all.len() > 1) {
        if ids.is_empty() {
            return Err(Error::field("task_ids", "missing", "tick at least one task, or deny"));
        }
        arguments["task_ids"] = json!(ids);
    }
    for (name, value) in arguments.as_object_mut().into_iter().flatten() {
        if let Some(text) = form.given(&format!("edit.{name}")).filter(|_| value.is_string()) {
            *value = json!(text);
        }
    }
    Ok((arguments != *shown).then_some(arguments))
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
