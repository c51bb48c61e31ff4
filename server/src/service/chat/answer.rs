//! Answering a message: who answers, and the built-in assistant at work.

use super::Outcome;
use crate::{
    actor::Actor,
    agent::{
        Events,
        built_in::{
            intent::Intent,
            lexicon::{Say, yes_or_no},
            plan::{self, Step},
            read, reply,
            scene::{Memory, Scene},
        },
        hands::{Choice, Hands},
    },
    external,
    service::{Result, Services},
    store::chat::{StoredCall, StoredConversation},
};
use domain::chat::{Approval, Decision, Message, MessageStatus, Role, ToolCall, ToolStatus};
use std::collections::VecDeque;

/// Messages among which the last answer is: it, the person's, and the one that is being written.
const NEWEST: i64 = 4;
/// Requests it follows in one message.
const STEPS_MAX: usize = 60;
/// Characters of another server's answer that are told when no model does.
const FOREIGN_MAX: usize = 2_000;

impl Services {
    pub(super) async fn answer_message(
        &self,
        actor: &Actor,
        stored: &StoredConversation,
        text: &str,
        events: &Events,
    ) -> Result<Outcome> {
        let memory: Memory = serde_json::from_str(&stored.memory).unwrap_or_default();
        let always: Vec<String> = serde_json::from_str(&stored.always_allow).unwrap_or_default();
        let mut hands = Hands::new(self, actor, events, text, &always, memory);
        let mut outcome = Outcome::default();
        let decision = yes_or_no(text);
        let waiting = match decision {
            Some(_) if hands.memory.asked.is_none() => {
                self.store.read().await?.waiting_calls(&actor.user, stored.conversation.id).await?
            }
            _ => vec![],
        };
        if let Some(questions) = self.asked_before(actor, stored, &waiting, &hands.memory).await? {
            // They have talked of something else since: what is agreed to is shown first.
            events.delta(questions.clone());
            (outcome.text, outcome.memory, outcome.always) = (questions, hands.memory, always);
            return Ok(outcome);
        }
        if let (Some(yes), false) = (decision, waiting.is_empty()) {
            let decision = if yes { Decision::Allow } else { Decision::Deny };
            let approval = Approval { decision, arguments: None, reason: None };
            return self.decide_all(actor, stored, waiting, &approval, events).await;
        }
        let answered = match &self.model {
            Some(model) => {
                let history = self.recent(actor, stored).await?;
                self.model_answers(&**model, actor, &history, &mut hands, events, &mut outcome).await?
            }
            None => false,
        };
        if !answered {
            let said = self.built_in(&mut hands, actor, text, events).await?;
            outcome.text.push_str(&said);
        }
        outcome.calls = hands.calls;
        outcome.memory = hands.memory;
        outcome.always = always;
        Ok(outcome)
    }

    /// The questions about these calls, when the last answer neither asked them nor repeated them.
    async fn asked_before(
        &self,
        actor: &Actor,
        stored: &StoredConversation,
        waiting: &[StoredCall],
        memory: &Memory,
    ) -> Result<Option<String>> {
        if waiting.is_empty() {
            return Ok(None);
        }
        let newest = self.store.read().await?.messages(&actor.user, stored.conversation.id, Some(NEWEST)).await?;
        let said = |m: &&Message| m.role == Role::Assistant && m.status != MessageStatus::Running;
        let last = newest.iter().rev().find(said);
        if last.is_some_and(|last| waiting.iter().any(|call| call.message == last.id)) {
            return Ok(None);
        }
        // In the language of the conversation, which is how they were repeated.
        let scene = self.scene(actor, "", memory.clone()).await?;
        let questions: Vec<String> = waiting.iter().map(|call| told(&call.call, &scene)).collect();
        let repeated = last.is_some_and(|last| questions.iter().all(|question| last.content.contains(question)));
        Ok((!repeated).then(|| questions.join("\n\n")))
    }

    /// The built-in assistant: reads the message, does what it asks for step by step, and says what it did.
    async fn built_in(&self, hands: &mut Hands<'_>, actor: &Actor, text: &str, events: &Events) -> Result<String> {
        let mut scene = self.scene(actor, text, hands.memory.clone()).await?;
        let mut said: Vec<String> = Vec::new();
        let mut say = |piece: String| {
            events.delta(if said.is_empty() { piece.clone() } else { format!("\n\n{piece}") });
            said.push(piece);
        };
        let answered = plan::answer(text, &scene);
        scene.memory.asked = None;
        let mut intents: VecDeque<Intent> = VecDeque::new();
        let mut steps: VecDeque<Step> = VecDeque::new();
        match answered {
            Some(answer) => steps.extend(answer),
            None => intents.extend(read::message(text, &scene)),
        }
        let mut done = 0;
        loop {
            if steps.is_empty() {
                // Each request is planned when its turn comes: "it" may be what the one before has made.
                let Some(intent) = intents.pop_front() else { break };
                steps.extend(plan::steps(intent, &scene));
                continue;
            }
            let Some(step) = steps.pop_front() else { continue };
            done += 1;
            if done > STEPS_MAX {
                say(scene.language.tell(Say::many_steps, &[("n", &STEPS_MAX.to_string())]));
                break;
            }
            match step {
                Step::Say(text) => say(text),
                Step::Ask(text, asked) => {
                    scene.memory.asked = Some(asked);
                    say(text);
                }
                Step::Decide(yes) => {
                    let nothing = if yes { Say::nothing_waiting } else { Say::nothing_waiting_no };
                    say(scene.language.say(nothing).to_owned());
                }
                Step::Call { tool, arguments, described } => {
                    let asked = scene.memory.asked.take();
                    hands.memory = scene.memory.clone();
                    let call =
                        hands.call(tool, arguments, if described { Choice::Described } else { Choice::Named }).await;
                    scene.memory = hands.memory.clone();
                    scene.memory.asked = asked;
                    if let Some(result) = &call.result {
                        scene.learn(crate::agent::built_in::scene::tasks_of(result));
                    }
                    say(told(&call, &scene));
                }
            }
        }
        hands.memory = scene.memory;
        Ok(said.join("\n\n"))
    }
}

/// What a call came to, in words.
pub(super) fn told(call: &ToolCall, scene: &Scene) -> String {
    let result = call.result.clone().unwrap_or_default();
    match call.status {
        ToolStatus::Done if external::is_foreign(&call.tool) => {
            let said = |name: &str| {
                let text: String = result[name].as_str().unwrap_or_default().chars().take(FOREIGN_MAX).collect();
                reply::plain(&text)
            };
            format!("**{}: {}**\n\n{}", said("server"), said("title"), said("text"))
        }
        ToolStatus::Done => reply::told(&call.tool, &call.arguments, &result, scene),
        ToolStatus::Pending => reply::asks(&call.tool, &result, scene),
        ToolStatus::Denied => reply::denied(scene),
        ToolStatus::Running | ToolStatus::Failed => reply::went_wrong(&result, scene),
    }
}
