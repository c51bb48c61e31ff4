//! Conversations and their turns: a message comes in, is stored, is answered by the built-in assistant or a model, and the
//! answer is stored with what was done.
//!
//! Everything between two requests is in the database, so any process can take the next turn. [`begin`] takes the
//! conversation: one transaction stores what was said, makes the answer's message, empty and running, and writes the row
//! of `runs` that holds the conversation by a lease. [`turn`] carries the turn out on its own and looks after it: what
//! happens is stored in batches, the lease renewed, and a wish to stop heeded, whoever listens and wherever it was said.
//! [`attach`] listens to a run, here or in another process, by its stored events. [`interrupted`] ends a run whose process
//! has died. Deliberately absent: how events travel (`http::chat`).

mod answer;
mod attach;
mod begin;
mod conversations;
mod decide;
mod export;
mod interrupted;
mod model;
mod scene;
mod turn;
mod under_way;
mod usage;

pub use attach::{Following, Seen};
pub use begin::Turn;
pub use export::Format;
pub use under_way::UnderWay;

use super::{Error, Result, Services};
use crate::{actor::Actor, store::chat::StoredCall};
use domain::{
    chat::{Approval, ChatEvent, ChatReply, ChatRequest, Decision, MessageStatus, ToolCall, ToolStatus},
    id::{ConversationId, MessageId},
    text::{self, MESSAGE_MAX},
};

/// A turn that is not renewed for that long is taken to be dead.
const LEASE: i64 = 15 * 1_000_000;
/// How long a question for approval stands.
const EXPIRY: i64 = 24 * 3600 * 1_000_000;
/// Most conversations a list shows.
const LIST_MAX: i64 = 200;
/// Longest title made from a message, in characters.
const TITLE: usize = 60;

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
    /// `Failed` when the answer broke off and nobody else finished it.
    status: MessageStatus,
}

fn no_conversation(id: ConversationId) -> Error {
    Error::NotFound { what: format!("conversation {id}") }
}

fn no_question() -> Error {
    Error::NotFound { what: "such question for approval".into() }
}

fn running() -> Error {
    Error::conflict(
        "turn_running",
        "The assistant is still answering in this conversation: wait until it has finished, or stop it.",
    )
}

impl Services {
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

    /// Answers again, for doors that wait for the end.
    pub async fn retry_chat(&self, actor: &Actor, id: ConversationId, message: MessageId) -> Result<ChatReply> {
        let turn = self.begin_retry(actor, id, message).await?;
        self.whole(actor, turn).await
    }

    async fn whole(&self, actor: &Actor, turn: Turn) -> Result<ChatReply> {
        let mut events = self.run_turn(actor, turn);
        while let Some(numbered) = events.recv().await {
            match numbered.event {
                ChatEvent::Done { reply } => return Ok(reply),
                ChatEvent::Failed { problem } => return Err(Error::Told(Box::new(problem))),
                _ => {}
            }
        }
        Err(Error::Internal("a turn ended without an answer".into()))
    }
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
