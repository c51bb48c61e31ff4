//! A language model answers: it is given the conversation, and what it says and does becomes the outcome.

use super::{Outcome, answer::told};
use crate::{
    actor::Actor,
    agent::{
        Events,
        hands::Hands,
        model::{Cause, ChatModel, Failure, Offered, Request},
        prompt, rounds,
    },
    external::{self, Away},
    service::{Result, Services},
    store::chat::StoredConversation,
};
use domain::chat::{ChatEvent, Message, MessageStatus, ToolStatus};

/// What a model is told after a decision, beside the results.
const DECIDED: &str = "The person has just decided about the calls that were waiting; their results say how. Go on with what was asked, or say in a sentence what was done. Do not make the same calls again.";

impl Services {
    /// Answers with the model. False when it has neither said nor done anything, so that somebody else may; what the person
    /// has to know about that is in the outcome then.
    pub(super) async fn model_answers(
        &self,
        model: &dyn ChatModel,
        actor: &Actor,
        history: &[Message],
        hands: &mut Hands<'_>,
        events: &Events,
        outcome: &mut Outcome,
    ) -> Result<bool> {
        if let Some(quota) = self.chat_quota_used_up(actor).await? {
            let notice = format!(
                "You have used today’s {} tokens of the language model. The built-in assistant answers until midnight UTC.",
                quota.limit
            );
            events.send(ChatEvent::Notice { text: notice.clone() });
            outcome.text = format!("*{notice}*\n\n");
            return Ok(false);
        }
        let request = self.request(model, actor, history, false, hands, events).await;
        let went = rounds::answer(model, request, hands, events).await;
        went.text.trim().clone_into(&mut outcome.text);
        outcome.tokens = went.tokens;
        if went.waits {
            self.ask(actor, hands, events, outcome).await?;
        }
        let Some(failure) = went.failure else { return Ok(true) };
        report(model, &failure);
        if let Some(said) = rounds::refusal(&failure).filter(|_| outcome.text.is_empty() && !hands.has_acted()) {
            events.delta(said.clone());
            outcome.text = said;
            return Ok(true);
        }
        outcome.error = Some(failure.detail.clone());
        // What was done or said already must not be done or said again by somebody else.
        let answered = !outcome.text.is_empty() || hands.has_acted();
        outcome.status = if answered { MessageStatus::Failed } else { MessageStatus::Done };
        let notice = if answered {
            format!("The answer was interrupted ({failure}). What was done until then stands.")
        } else {
            format!("The language model cannot answer now ({failure}). The built-in assistant answers instead.")
        };
        events.send(ChatEvent::Notice { text: notice.clone() });
        let blank = if outcome.text.is_empty() { "" } else { "\n\n" };
        outcome.text.push_str(&format!("{blank}*{notice}*{}", if answered { "" } else { "\n\n" }));
        Ok(answered)
    }

    /// Goes on after a decision, when no call of that answer waits any more. False when the model has nothing to add.
    pub(super) async fn model_goes_on(
        &self,
        model: &dyn ChatModel,
        actor: &Actor,
        history: &[Message],
        hands: &mut Hands<'_>,
        events: &Events,
        outcome: &mut Outcome,
    ) -> Result<bool> {
        if self.chat_quota_used_up(actor).await?.is_some() {
            return Ok(false);
        }
        let request = self.request(model, actor, history, true, hands, events).await;
        let went = rounds::answer(model, request, hands, events).await;
        outcome.tokens = went.tokens;
        if let Some(failure) = &went.failure {
            report(model, failure);
        }
        if went.failure.is_some() && !hands.has_acted() {
            return Ok(false);
        }
        went.text.trim().clone_into(&mut outcome.text);
        if went.waits {
            self.ask(actor, hands, events, outcome).await?;
        }
        Ok(!outcome.text.is_empty())
    }

    /// What the model is asked, with the tools there are in this turn, ours and others'.
    async fn request(
        &self,
        model: &dyn ChatModel,
        actor: &Actor,
        history: &[Message],
        decided: bool,
        hands: &mut Hands<'_>,
        events: &Events,
    ) -> Request {
        hands.offer = self.external.offer().await;
        for (server, why) in &hands.offer.away {
            // Whoever is left alone has been told of before; the model knows.
            if !matches!(why, Away::Resting(_)) {
                events.send(ChatEvent::Notice { text: format!("{}.", external::said(server, *why)) });
            }
        }
        let mut context = prompt::context(self, actor);
        for further in [prompt::others(&hands.offer), if decided { DECIDED.to_owned() } else { String::new() }] {
            if !further.is_empty() {
                context.push_str("\n\n");
                context.push_str(&further);
            }
        }
        let theirs = hands.offer.tools.iter().map(Offered::from);
        Request {
            rules: prompt::RULES.to_owned(),
            context,
            said: prompt::history(history, model.context(), decided),
            tools: self.tools().all().map(Offered::from).chain(theirs).collect(),
            words_only: false,
        }
    }

    /// Asks the person about what waits, below what the model has said.
    async fn ask(&self, actor: &Actor, hands: &Hands<'_>, events: &Events, outcome: &mut Outcome) -> Result<()> {
        let scene = self.scene(actor, "", hands.memory.clone()).await?;
        for call in hands.calls.iter().filter(|call| call.status == ToolStatus::Pending) {
            let blank = if outcome.text.is_empty() { "" } else { "\n\n" };
            let piece = format!("{blank}{}", told(call, &scene));
            events.delta(piece.clone());
            outcome.text.push_str(&piece);
        }
        Ok(())
    }

    /// The messages a model is sent.
    pub(super) async fn recent(&self, actor: &Actor, stored: &StoredConversation) -> Result<Vec<Message>> {
        let limit = i64::from(self.config.max_conversation_messages);
        Ok(self.store.read().await?.messages(&actor.user, stored.conversation.id, Some(limit)).await?)
    }
}

/// Tells the operator. Never in the provider's words: they may hold the person's, or a part of the key.
fn report(model: &dyn ChatModel, failure: &Failure) {
    let (model, status, cause) = (model.name(), failure.status, failure.cause);
    if cause == Cause::Key {
        tracing::error!(
            model,
            status,
            "the model's provider refuses our key: check LLM_API_KEY or the provider's own name for it"
        );
    } else {
        tracing::warn!(model, status, ?cause, "the model did not answer");
    }
}
