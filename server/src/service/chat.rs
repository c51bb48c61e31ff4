//! Conversations and their turns: a message comes in, is stored, is answered by the built-in assistant or a model, and the
//! answer is stored with what was done.
//!
//! Everything between two requests is in the database, so any process can take the next turn. One turn at a time holds a
//! conversation (a row of `runs` with a lease that is renewed while the turn lives). A turn runs on its own: who asked
//! may leave, the answer is stored all the same.

mod answer;
mod decide;

use super::{Error, Result, Services};
use crate::{
    actor::{Actor, Door},
    agent::{Events, TurnEvent},
    ids,
    store::chat::{StoredCall, StoredConversation},
};
use domain::{
    chat::{
        Approval, ChatEvent, ChatReply, ChatRequest, Conversation, Decision, Message, MessageStatus, Role, ToolCall,
        ToolStatus,
    },
    id::{ConversationId, MessageId},
    text::{self, BadText, MESSAGE_MAX, NAME_MAX},
};
use std::time::Duration;
use tokio::sync::mpsc;

/// A turn that is not renewed for that long is taken to be dead.
const LEASE: i64 = 60 * 1_000_000;
const RENEW: Duration = Duration::from_secs(15);
/// How long a question for approval stands.
const EXPIRY: i64 = 24 * 3600 * 1_000_000;
/// Most conversations a list shows.
const LIST_MAX: i64 = 200;
/// Longest title made from a message, in characters.
const TITLE: usize = 60;

/// A turn that has begun: its conversation is taken and the person's message stored.
#[derive(Debug)]
pub struct Turn {
    /// Where it happens.
    pub conversation: ConversationId,
    run: String,
    work: Work,
}

#[derive(Debug)]
enum Work {
    Message(String),
    Decision(Box<StoredCall>, Approval),
}

/// What a turn came to.
#[derive(Debug, Default)]
struct Outcome {
    text: String,
    /// New calls, stored with the answer.
    calls: Vec<ToolCall>,
    /// Older calls that were decided in this turn.
    decided: Vec<ToolCall>,
    memory: crate::agent::built_in::scene::Memory,
    always: Vec<String>,
    tokens: (i64, i64),
    error: Option<String>,
}

fn no_conversation(id: ConversationId) -> Error {
    Error::NotFound { what: format!("conversation {id}") }
}

fn no_question() -> Error {
    Error::NotFound { what: "such question for approval".into() }
}

impl Services {
    /// The person's conversations, newest first; with `search` those that hold the text.
    pub async fn conversations(&self, actor: &Actor, search: Option<&str>) -> Result<Vec<Conversation>> {
        let search = search.map(str::trim).filter(|s| !s.is_empty());
        Ok(self.store.read().await?.conversations(&actor.user, search, LIST_MAX).await?)
    }

    /// One conversation with everything said in it.
    pub async fn conversation(&self, actor: &Actor, id: ConversationId) -> Result<(Conversation, Vec<Message>)> {
        let mut conn = self.store.read().await?;
        let stored = conn.conversation(&actor.user, id).await?.ok_or_else(|| no_conversation(id))?;
        let messages = conn.messages(&actor.user, id, None).await?;
        Ok((stored.conversation, messages))
    }

    /// One tool call of a conversation as it stands now.
    pub async fn tool_call(&self, actor: &Actor, conversation: ConversationId, id: &str) -> Result<ToolCall> {
        let mut conn = self.store.read().await?;
        conn.conversation(&actor.user, conversation).await?.ok_or_else(|| no_conversation(conversation))?;
        let stored = conn.tool_call(&actor.user, conversation, id).await?;
        stored.map(|s| s.call).ok_or_else(no_question)
    }

    /// Gives a conversation another title.
    pub async fn rename_conversation(&self, actor: &Actor, id: ConversationId, title: &str) -> Result<Conversation> {
        let title = text::line(title, NAME_MAX).map_err(|e| Error::text("title", &e))?;
        let mut conn = self.store.write().await?;
        if !conn.rename_conversation(&actor.user, id, &title).await? {
            return Err(no_conversation(id));
        }
        let stored = conn.conversation(&actor.user, id).await?.ok_or_else(|| no_conversation(id))?;
        conn.commit().await?;
        Ok(stored.conversation)
    }

    /// Puts a conversation away.
    pub async fn delete_conversation(&self, actor: &Actor, id: ConversationId) -> Result<()> {
        let mut conn = self.store.write().await?;
        if !conn.delete_conversation(&actor.user, id, self.clock.micros()).await? {
            return Err(no_conversation(id));
        }
        Ok(conn.commit().await?)
    }

    /// One whole turn, for doors that wait for its end.
    pub async fn chat(&self, actor: &Actor, request: ChatRequest) -> Result<ChatReply> {
        let turn = self.begin_chat(actor, request).await?;
        self.whole(actor, turn).await
    }

    /// Decides about a waiting call, for doors that wait for the end.
    pub async fn approve(
        &self,
        actor: &Actor,
        conversation: ConversationId,
        call: &str,
        approval: Approval,
    ) -> Result<ChatReply> {
        let turn = self.begin_approval(actor, conversation, call, approval).await?;
        self.whole(actor, turn).await
    }

    async fn whole(&self, actor: &Actor, turn: Turn) -> Result<ChatReply> {
        let mut events = self.run_turn(actor, turn);
        while let Some(event) = events.recv().await {
            if let ChatEvent::Done { reply } = event? {
                return Ok(reply);
            }
        }
        Err(Error::Internal("a turn ended without an answer".into()))
    }

    /// Checks and stores the message, and takes the conversation. Run the turn next.
    pub async fn begin_chat(&self, actor: &Actor, request: ChatRequest) -> Result<Turn> {
        let content = text::block(&request.message, MESSAGE_MAX).map_err(|e| Error::text("message", &e))?;
        if content.trim().is_empty() {
            return Err(Error::text("message", &BadText::Empty));
        }
        let (user, now, run) = (&actor.user, self.clock.micros(), ids::alphanumeric(24));
        let mut conn = self.store.write().await?;
        let new = i64::from(request.conversation_id.is_none());
        let (last_conversation, message) = conn.take_chat_numbers(user, new, 1).await?;
        let conversation = match request.conversation_id {
            Some(id) => {
                conn.conversation(user, id).await?.map(|c| c.conversation.id).ok_or_else(|| no_conversation(id))?
            }
            None => {
                let id = ConversationId(last_conversation);
                conn.new_conversation(user, id, &title_of(&content), now).await?;
                id
            }
        };
        let model = self.model.as_ref().map(|m| m.name());
        if !conn.claim_run(user, &run, conversation, model, now, now + LEASE).await? {
            return Err(running());
        }
        let said = Message {
            id: MessageId(message),
            role: Role::User,
            content: content.clone(),
            tool_calls: vec![],
            parent_id: None,
            versions: vec![],
            status: MessageStatus::Done,
            feedback: None,
            created_at: String::new(),
        };
        conn.new_message(user, conversation, &run, &said, now).await?;
        conn.commit().await?;
        Ok(Turn { conversation, run, work: Work::Message(content) })
    }

    /// Checks that the call waits for this person's decision, and takes the conversation. Run the turn next.
    pub async fn begin_approval(
        &self,
        actor: &Actor,
        conversation: ConversationId,
        call: &str,
        approval: Approval,
    ) -> Result<Turn> {
        let (user, now, run) = (&actor.user, self.clock.micros(), ids::alphanumeric(24));
        let mut conn = self.store.write().await?;
        conn.conversation(user, conversation).await?.ok_or_else(|| no_conversation(conversation))?;
        let stored = conn.tool_call(user, conversation, call).await?;
        let stored = stored.ok_or_else(no_question)?;
        waits(&stored)?;
        if let Some(arguments) = &approval.arguments {
            decide::check_arguments(&stored.call, arguments)?;
        }
        if !conn.claim_run(user, &run, conversation, None, now, now + LEASE).await? {
            return Err(running());
        }
        conn.commit().await?;
        Ok(Turn { conversation, run, work: Work::Decision(Box::new(stored), approval) })
    }

    /// Carries a turn out on its own and answers what happens in it. Dropping the receiver does not stop it.
    pub fn run_turn(&self, actor: &Actor, turn: Turn) -> mpsc::UnboundedReceiver<TurnEvent> {
        let (sender, receiver) = mpsc::unbounded_channel();
        let (services, actor, events) = (self.clone(), actor.through(Door::Chat), Events::new(sender));
        tokio::spawn(async move {
            events.send(ChatEvent::Started {
                conversation_id: turn.conversation,
                user_message_id: None,
                message_id: None,
            });
            let (conversation, run) = (turn.conversation, turn.run.clone());
            let work = services.turn(&actor, turn, &events);
            let ended = tokio::select! {
                ended = work => ended,
                () = services.keep(&actor, &run) => Err(Error::Internal("a turn's lease could not be kept".into())),
            };
            match ended {
                Ok(reply) => events.send(ChatEvent::Done { reply }),
                Err(error) => {
                    services.give_up(&actor, &run, &error).await;
                    // Here and not at the door, where nobody may be waiting any more.
                    tracing::warn!(conversation = conversation.0, error = ?error, "a chat turn failed");
                    events.fail(error);
                }
            }
        });
        receiver
    }

    /// Renews the lease for as long as it is polled.
    async fn keep(&self, actor: &Actor, run: &str) {
        loop {
            tokio::time::sleep(RENEW).await;
            let renewed = async {
                let mut conn = self.store.write().await?;
                conn.extend_run(&actor.user, run, self.clock.micros() + LEASE).await?;
                conn.commit().await
            };
            if let Err(error) = renewed.await {
                // The lease outlives a few of these.
                tracing::warn!(%error, "a turn's lease was not renewed; trying again");
            }
        }
    }

    async fn give_up(&self, actor: &Actor, run: &str, error: &Error) {
        let ended = async {
            let mut conn = self.store.write().await?;
            conn.finish_run(&actor.user, run, "failed", Some(&error.to_string()), self.clock.micros(), (0, 0)).await?;
            conn.commit().await
        };
        if let Err(error) = ended.await {
            tracing::warn!(%error, "a failed turn keeps its conversation until its lease ends");
        }
    }

    async fn turn(&self, actor: &Actor, turn: Turn, events: &Events) -> Result<ChatReply> {
        let mut conn = self.store.read().await?;
        let stored = conn
            .conversation(&actor.user, turn.conversation)
            .await?
            .ok_or_else(|| no_conversation(turn.conversation))?;
        drop(conn);
        let outcome = match turn.work {
            Work::Message(text) => self.answer_message(actor, &stored, &text, events).await?,
            Work::Decision(call, approval) => self.answer_decision(actor, &stored, *call, &approval, events).await?,
        };
        self.store_outcome(actor, &stored, &turn.run, &outcome).await?;
        let tool_calls = outcome.decided.into_iter().chain(outcome.calls).collect();
        Ok(ChatReply {
            conversation_id: turn.conversation,
            response: outcome.text,
            tool_calls,
            message_id: None,
            status: MessageStatus::Done,
        })
    }

    async fn store_outcome(
        &self,
        actor: &Actor,
        stored: &StoredConversation,
        run: &str,
        outcome: &Outcome,
    ) -> Result<()> {
        let json = |value: serde_json::Result<String>| {
            value.map_err(|e| Error::Internal(format!("a conversation's memory: {e}")))
        };
        let memory = json(serde_json::to_string(&outcome.memory))?;
        let always = json(serde_json::to_string(&outcome.always))?;
        let (user, id, now) = (&actor.user, stored.conversation.id, self.clock.micros());
        let mut conn = self.store.write().await?;
        let (_, number) = conn.take_chat_numbers(user, 0, 1).await?;
        let message = Message {
            id: MessageId(number),
            role: Role::Assistant,
            content: outcome.text.clone(),
            tool_calls: vec![],
            parent_id: None,
            versions: vec![],
            status: MessageStatus::Done,
            feedback: None,
            created_at: String::new(),
        };
        conn.new_message(user, id, run, &message, now).await?;
        for (ordinal, call) in (0..).zip(&outcome.calls) {
            let expires = (call.status == ToolStatus::Pending).then_some(now + EXPIRY);
            conn.new_tool_call(user, id, message.id, ordinal, call, now, expires).await?;
        }
        conn.remember(user, id, &memory, &always, now).await?;
        let status = if outcome.error.is_some() { "failed" } else { "done" };
        conn.finish_run(user, run, status, outcome.error.as_deref(), now, outcome.tokens).await?;
        Ok(conn.commit().await?)
    }
}

fn running() -> Error {
    Error::conflict(
        "turn_running",
        "The assistant is still answering in this conversation: wait until it has finished.",
    )
}

/// Refuses when a call does not wait any more, and says what became of it.
fn waits(stored: &StoredCall) -> Result<()> {
    let what = match (stored.call.status, stored.decided_at) {
        (ToolStatus::Pending, None) => return Ok(()),
        (ToolStatus::Pending, Some(_)) | (ToolStatus::Running, _) => "is being carried out",
        (ToolStatus::Done, _) => "was approved and carried out",
        (ToolStatus::Denied, _) => "was cancelled",
        (ToolStatus::Failed, _) => "was approved but could not be carried out",
    };
    Err(Error::conflict("already_decided", format!("This {what} already; nothing more was done.")))
}

/// A conversation's title from its first message.
pub(super) fn title_of(content: &str) -> String {
    let line = content.lines().map(str::trim).find(|l| !l.is_empty()).unwrap_or("Conversation");
    let line = text::line(line, MESSAGE_MAX).unwrap_or_else(|_| "Conversation".into());
    if line.chars().count() <= TITLE {
        return line;
    }
    let cut: String = line.chars().take(TITLE).collect();
    // Not in the middle of a word, when there is a blank not far back.
    let end = cut.rfind(' ').filter(|at| *at > TITLE / 2).unwrap_or(cut.len());
    format!("{}…", cut[..end].trim_end())
}

/// Whether the decision lets the call run.
fn allows(decision: Decision) -> bool {
    matches!(decision, Decision::Allow | Decision::Always)
}
