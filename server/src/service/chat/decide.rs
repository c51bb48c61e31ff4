//! Approvals: what was shown is carried out, once, or dropped.

use super::{Outcome, allows, answer::told, waits};
use crate::{
    actor::Actor,
    agent::{Events, built_in::scene::Memory, hands::carry_out},
    service::{Error, Result, Services},
    store::chat::{StoredCall, StoredConversation},
    tools,
};
use domain::chat::{Approval, ChatEvent, Decision, ToolCall, ToolStatus};
use serde_json::{Value, json};

/// Other arguments may change what is done, but not to which tasks: those were shown.
pub(super) fn check_arguments(call: &ToolCall, arguments: &Value) -> Result<()> {
    if !tools::within(&call.tool, &call.arguments, arguments) {
        return Err(Error::field("arguments", "invalid", "arguments may only name what was shown for approval"));
    }
    Ok(())
}

impl Services {
    pub(super) async fn answer_decision(
        &self,
        actor: &Actor,
        stored: &StoredConversation,
        call: StoredCall,
        approval: &Approval,
        events: &Events,
    ) -> Result<Outcome> {
        self.decide_all(actor, stored, vec![call], approval, events).await
    }

    /// Decides about waiting calls, in their order.
    pub(super) async fn decide_all(
        &self,
        actor: &Actor,
        stored: &StoredConversation,
        waiting: Vec<StoredCall>,
        approval: &Approval,
        events: &Events,
    ) -> Result<Outcome> {
        let memory: Memory = serde_json::from_str(&stored.memory).unwrap_or_default();
        let mut outcome = Outcome { memory, ..Outcome::default() };
        outcome.always = serde_json::from_str(&stored.always_allow).unwrap_or_default();
        let mut said = Vec::new();
        for waiting in waiting {
            let call = self.decide(actor, stored, waiting, approval).await?;
            if approval.decision == Decision::Always && !outcome.always.contains(&call.tool) {
                outcome.always.push(call.tool.clone());
            }
            if let (true, Some(result)) = (call.success, &call.result) {
                outcome.memory.note(&call.tool, result, call.operation.map(|o| o.0), outcome.decided.is_empty());
            }
            events.send(ChatEvent::ToolCall { call: call.clone() });
            let scene = self.scene(actor, "", outcome.memory.clone()).await?;
            let text = told(&call, &scene);
            // Two calls that were cancelled need one sentence.
            if said.last() != Some(&text) {
                events.delta(if said.is_empty() { text.clone() } else { format!("\n\n{text}") });
                said.push(text);
            }
            outcome.decided.push(call);
        }
        outcome.text = said.join("\n\n");
        Ok(outcome)
    }

    async fn decide(
        &self,
        actor: &Actor,
        stored: &StoredConversation,
        waiting: StoredCall,
        approval: &Approval,
    ) -> Result<ToolCall> {
        waits(&waiting)?;
        let (user, conversation, now) = (&actor.user, stored.conversation.id, self.clock.micros());
        let expired = waiting.expires_at.is_some_and(|until| until < now);
        let mut call = waiting.call;
        let mut conn = self.store.write().await?;
        if !conn.decide_call(user, conversation, &call.id, now).await? {
            return Err(Error::conflict("already_decided", "Somebody else has decided about this already."));
        }
        conn.commit().await?;
        let shown = call.result.take().unwrap_or_default();
        if allows(approval.decision) && !expired {
            if let Some(arguments) = &approval.arguments {
                call.arguments = arguments.clone();
            }
            carry_out(self, actor, &mut call).await;
        } else {
            call.status = ToolStatus::Denied;
            let mut result = shown;
            let reason = if expired { Some("the question had expired") } else { approval.reason.as_deref() };
            if let Some(reason) = reason {
                result["reason"] = json!(reason);
            }
            call.result = Some(result);
        }
        let mut conn = self.store.write().await?;
        conn.settle_call(user, conversation, &call).await?;
        conn.commit().await?;
        if expired {
            return Err(Error::conflict(
                "expired",
                "This question was asked more than a day ago and has expired. Ask again.",
            ));
        }
        Ok(call)
    }
}
