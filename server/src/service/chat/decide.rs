//! Approvals: what was shown is carried out, once, or dropped.

use super::{Outcome, allows, answer::told, begin::expired, waits};
use crate::{
    actor::Actor,
    agent::{
        Events,
        built_in::{lexicon::yes_or_no, scene::Memory},
        hands::Hands,
        reach::carry_out,
    },
    external,
    service::{Error, Result, Services},
    store::chat::{StoredCall, StoredConversation},
    tools,
};
use domain::{
    chat::{Approval, ChatEvent, Decision, Message, Role, ToolCall, ToolStatus},
    id::MessageId,
};
use serde_json::{Value, json};

/// What is said to a yes that comes too late.
const EXPIRED: &str = "That question was asked more than a day ago and has expired, so nothing was changed. Ask again.";

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
        let message = waiting.first().map(|waiting| waiting.message);
        for waiting in waiting {
            let late = expired(&waiting, self.clock.micros());
            let call = self.decide(actor, stored, waiting, approval, events).await?;
            if approval.decision == Decision::Always && !outcome.always.contains(&call.tool) {
                outcome.always.push(call.tool.clone());
            }
            if let (true, Some(result), false) = (call.success, &call.result, external::is_foreign(&call.tool)) {
                outcome.memory.note(&call.tool, result, call.operation.map(|o| o.0), outcome.decided.is_empty());
            }
            let scene = self.scene(actor, "", outcome.memory.clone()).await?;
            let text = if late { EXPIRED.into() } else { told(&call, &scene) };
            // Two calls that were cancelled need one sentence.
            if said.last() != Some(&text) {
                said.push(text);
            }
            outcome.decided.push(call);
        }
        if !self.goes_on(actor, stored, message, events, &mut outcome).await? {
            outcome.text = said.join("\n\n");
            events.delta(outcome.text.clone());
        }
        Ok(outcome)
    }

    /// Lets the model whose calls were decided about go on, once none of them waits any more. False when it does not.
    async fn goes_on(
        &self,
        actor: &Actor,
        stored: &StoredConversation,
        message: Option<MessageId>,
        events: &Events,
        outcome: &mut Outcome,
    ) -> Result<bool> {
        let (Some(model), Some(message)) = (&self.model, message) else { return Ok(false) };
        let mut history = self.recent(actor, stored).await?;
        // What was just decided is stored a little later.
        for call in history.iter_mut().flat_map(|m| &mut m.tool_calls) {
            if let Some(decided) = outcome.decided.iter().find(|decided| decided.id == call.id) {
                call.clone_from(decided);
            }
        }
        let calls = history.iter().find(|m| m.id == message).map_or(&[][..], |m| &m.tool_calls);
        if calls.is_empty() || calls.iter().any(|call| call.status == ToolStatus::Pending) {
            return Ok(false);
        }
        // When they have talked of something else since, a decision is only carried out.
        let further =
            |m: &Message| !m.tool_calls.is_empty() || (m.role == Role::User && yes_or_no(&m.content).is_none());
        if history.iter().any(|m| m.id > message && further(m)) {
            return Ok(false);
        }
        let asked = history.iter().rev().filter(|m| m.role == Role::User && m.id < message).map(|m| m.content.as_str());
        let asked = asked.into_iter().find(|text| yes_or_no(text).is_none()).unwrap_or_default().to_owned();
        let mut hands = Hands::new(self, actor, events, &asked, &outcome.always, outcome.memory.clone());
        hands.take_up(&outcome.decided);
        let mut more = Outcome::default();
        let answered = self.model_goes_on(&**model, actor, &history, &mut hands, events, &mut more).await?;
        (outcome.calls, outcome.memory) = (hands.calls, hands.memory);
        (outcome.tokens, outcome.text) = (more.tokens, more.text);
        Ok(answered)
    }

    /// Carries out what was shown, or drops it. A decision that came by a button was noted when the turn began.
    async fn decide(
        &self,
        actor: &Actor,
        stored: &StoredConversation,
        waiting: StoredCall,
        approval: &Approval,
        events: &Events,
    ) -> Result<ToolCall> {
        let mut acting = Some(events.acting().await);
        let late = expired(&waiting, self.clock.micros());
        if waiting.decided_at.is_none() {
            waits(&waiting)?;
            let mut conn = self.store.write().await?;
            let (user, id) = (&actor.user, stored.conversation.id);
            if !conn.decide_call(user, id, &waiting.call.id, self.clock.micros()).await? {
                return Err(Error::conflict("already_decided", "Somebody else has decided about this already."));
            }
            conn.commit().await?;
        }
        let mut call = waiting.call;
        if allows(approval.decision) && !late {
            if let Some(arguments) = &approval.arguments {
                call.arguments = arguments.clone();
            }
            call.status = ToolStatus::Running;
            events.send(ChatEvent::ToolCall { call: call.clone() });
            // See `agent::reach`: what another server does can be stopped.
            acting = acting.filter(|_| !external::is_foreign(&call.tool));
            carry_out(self, actor, &mut call).await;
        } else {
            call.status = ToolStatus::Denied;
            let mut result = call.result.take().unwrap_or_default();
            let reason = if late { Some("the question had expired") } else { approval.reason.as_deref() };
            if let Some(reason) = reason {
                result["reason"] = json!(reason);
            }
            call.result = Some(result);
        }
        events.send(ChatEvent::ToolCall { call: call.clone() });
        drop(acting);
        Ok(call)
    }
}
