//! The assistant by plain form.

use super::super::{Error, error::Result};
use super::{Done, form::Form};
use crate::{actor::Actor, state::AppState};
use domain::{
    chat::{Approval, ChatRequest, Decision},
    id::ConversationId,
};

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
    let approval = Approval { decision, arguments: None, reason: None };
    let reply = state.services.approve(actor, conversation, form.text("id"), approval).await?;
    Ok(shown(reply.conversation_id))
}

fn shown(id: ConversationId) -> Done {
    Done::To(format!("/chat/{id}"))
}
