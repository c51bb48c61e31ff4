//! What was said. Messages of a conversation form a tree: what follows a message names it as its parent, and an answer
//! tried again or a message edited has siblings, its versions.

use super::StoredCall;
use crate::{
    clock::rfc3339,
    store::{Conn, Error, Result, on},
};
use domain::{
    chat::{Feedback, Message, MessageStatus, Role, ToolCall},
    id::{ConversationId, MessageId, UserId},
};
use std::collections::HashMap;

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    role: String,
    content: String,
    parent_id: Option<i64>,
    status: String,
    feedback: Option<String>,
    created_at: i64,
}

/// Where a message stands in the tree of its conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The message.
    pub id: MessageId,
    /// The one it follows.
    pub parent: Option<MessageId>,
    /// Who said it.
    pub role: Role,
}

#[derive(sqlx::FromRow)]
struct PlaceRow {
    id: i64,
    parent_id: Option<i64>,
    role: String,
}

fn corrupt(place: &'static str, id: i64, word: &str) -> Error {
    Error::Corrupt { place, row: format!("message {id}"), detail: format!("unknown word {word}") }
}

fn role(id: i64, word: &str) -> Result<Role> {
    match word {
        "user" => Ok(Role::User),
        "assistant" => Ok(Role::Assistant),
        other => Err(corrupt("messages.role", id, other)),
    }
}

fn role_word(role: Role) -> &'static str {
    match role {
        Role::User => "user",
        Role::Assistant => "assistant",
    }
}

/// The word the store keeps.
pub fn status_word(status: MessageStatus) -> &'static str {
    match status {
        MessageStatus::Running => "running",
        MessageStatus::Done => "done",
        MessageStatus::Stopped => "stopped",
        MessageStatus::Interrupted => "interrupted",
        MessageStatus::Failed => "failed",
    }
}

impl Row {
    fn wire(self, tool_calls: Vec<ToolCall>) -> Result<Message> {
        Ok(Message {
            id: MessageId(self.id),
            role: role(self.id, &self.role)?,
            content: self.content,
            tool_calls,
            parent_id: self.parent_id.map(MessageId),
            versions: vec![],
            status: match self.status.as_str() {
                "running" => MessageStatus::Running,
                "done" => MessageStatus::Done,
                "stopped" => MessageStatus::Stopped,
                "interrupted" => MessageStatus::Interrupted,
                "failed" => MessageStatus::Failed,
                other => return Err(corrupt("messages.status", self.id, other)),
            },
            feedback: match self.feedback.as_deref() {
                None => None,
                Some("up") => Some(Feedback::Up),
                Some("down") => Some(Feedback::Down),
                Some(other) => return Err(corrupt("messages.feedback", self.id, other)),
            },
            created_at: rfc3339(self.created_at),
        })
    }
}

const NEW: &str = "INSERT INTO messages
    (user_id, id, conversation_id, run_id, role, content, created_at, parent_id, status)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const ALL: &str = "SELECT id, role, content, parent_id, status, feedback, created_at FROM messages
    WHERE user_id = $1 AND conversation_id = $2 ORDER BY id";
const ONE: &str = "SELECT id, role, content, parent_id, status, feedback, created_at FROM messages
    WHERE user_id = $1 AND conversation_id = $2 AND id = $3";
// The running answer is the leaf and has said nothing yet.
const LAST: &str = "WITH RECURSIVE branch (id, parent_id, depth) AS (
        SELECT m.id, m.parent_id, 1 FROM conversations c JOIN messages m ON m.user_id = c.user_id AND m.id = c.leaf_id
            WHERE c.user_id = $1 AND c.id = $2
        UNION ALL SELECT m.id, m.parent_id, b.depth + 1 FROM branch b JOIN messages m ON m.user_id = $1 AND m.id = b.parent_id
            WHERE b.depth <= $3)
    SELECT m.id, m.role, m.content, m.parent_id, m.status, m.feedback, m.created_at FROM branch b
        JOIN messages m ON m.user_id = $1 AND m.id = b.id WHERE m.status <> 'running' ORDER BY m.id";
const TREE: &str = "SELECT id, parent_id, role FROM messages WHERE user_id = $1 AND conversation_id = $2 ORDER BY id";
const MEMORY: &str = "WITH RECURSIVE branch (id, parent_id, memory, depth) AS (
        SELECT id, parent_id, memory, 1 FROM messages WHERE user_id = $1 AND id = $2
        UNION ALL SELECT m.id, m.parent_id, m.memory, b.depth + 1 FROM branch b JOIN messages m ON m.user_id = $1 AND m.id = b.parent_id
            WHERE b.memory IS NULL)
    SELECT memory FROM branch WHERE memory IS NOT NULL LIMIT 1";
const END: &str = "UPDATE messages SET content = $3, status = $4, memory = coalesce($5, memory)
    WHERE user_id = $1 AND id = $2 AND status = 'running'";
// The newest answer to a message that is on the shown branch; the newest of all when none is.
const ANSWER: &str = "WITH RECURSIVE branch (id, parent_id) AS (
        SELECT m.id, m.parent_id FROM conversations c JOIN messages m ON m.user_id = c.user_id AND m.id = c.leaf_id
            WHERE c.user_id = $1 AND c.id = $2
        UNION ALL SELECT m.id, m.parent_id FROM branch b JOIN messages m ON m.user_id = $1 AND m.id = b.parent_id)
    SELECT m.id FROM messages m LEFT JOIN branch b ON b.id = m.id
    WHERE m.user_id = $1 AND m.conversation_id = $2 AND m.parent_id = $3 AND m.role = 'assistant'
    ORDER BY CASE WHEN b.id IS NULL THEN 1 ELSE 0 END, m.id DESC LIMIT 1";
const RATE: &str = "UPDATE messages SET feedback = $4, feedback_note = $5
    WHERE user_id = $1 AND conversation_id = $2 AND id = $3 AND role = 'assistant'";

impl Conn {
    /// Stores a message.
    pub async fn new_message(
        &mut self,
        user: &UserId,
        conversation: ConversationId,
        run: &str,
        message: &Message,
        at: i64,
    ) -> Result<()> {
        on!(self, |c| sqlx::query(NEW)
            .bind(user.as_str())
            .bind(message.id.0)
            .bind(conversation.0)
            .bind(run)
            .bind(role_word(message.role))
            .bind(&message.content)
            .bind(at)
            .bind(message.parent_id.map(|p| p.0))
            .bind(status_word(message.status))
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// The messages of a conversation with their calls, oldest first: all of them, with their versions, or with `last` the
    /// newest that many of the branch that is shown, without an answer that is still written.
    pub async fn messages(
        &mut self,
        user: &UserId,
        conversation: ConversationId,
        last: Option<i64>,
    ) -> Result<Vec<Message>> {
        let rows: Vec<Row> = match last {
            None => on!(self, |c| sqlx::query_as(ALL).bind(user.as_str()).bind(conversation.0).fetch_all(c).await)?,
            Some(n) => {
                on!(self, |c| sqlx::query_as(LAST).bind(user.as_str()).bind(conversation.0).bind(n).fetch_all(c).await)?
            }
        };
        // One more was read, in case the leaf is an answer that is still written.
        let more = last.and_then(|n| usize::try_from(n).ok()).map_or(0, |n| rows.len().saturating_sub(n));
        let rows: Vec<Row> = rows.into_iter().skip(more).collect();
        let first = rows.first().map_or(0, |r| r.id);
        let mut by_message: HashMap<MessageId, Vec<ToolCall>> = HashMap::new();
        for StoredCall { call, message, .. } in self.calls_since(user, conversation, MessageId(first)).await? {
            by_message.entry(message).or_default().push(call);
        }
        let mut messages = Vec::with_capacity(rows.len());
        for row in rows {
            let calls = by_message.remove(&MessageId(row.id)).unwrap_or_default();
            messages.push(row.wire(calls)?);
        }
        if last.is_none() {
            let mut versions: HashMap<(Option<MessageId>, bool), Vec<MessageId>> = HashMap::new();
            let place = |m: &Message| (m.parent_id, m.role == Role::User);
            for message in &messages {
                versions.entry(place(message)).or_default().push(message.id);
            }
            for message in &mut messages {
                message.versions = versions.get(&place(message)).cloned().unwrap_or_default();
            }
        }
        Ok(messages)
    }

    /// One message, without its calls.
    pub async fn message(
        &mut self,
        user: &UserId,
        conversation: ConversationId,
        id: MessageId,
    ) -> Result<Option<Message>> {
        let row: Option<Row> = on!(self, |c| sqlx::query_as(ONE)
            .bind(user.as_str())
            .bind(conversation.0)
            .bind(id.0)
            .fetch_optional(c)
            .await)?;
        row.map(|row| row.wire(vec![])).transpose()
    }

    /// How the messages of a conversation hang together, oldest first.
    pub async fn message_tree(&mut self, user: &UserId, conversation: ConversationId) -> Result<Vec<Place>> {
        let rows: Vec<PlaceRow> =
            on!(self, |c| sqlx::query_as(TREE).bind(user.as_str()).bind(conversation.0).fetch_all(c).await)?;
        rows.into_iter()
            .map(|row| {
                Ok(Place {
                    id: MessageId(row.id),
                    parent: row.parent_id.map(MessageId),
                    role: role(row.id, &row.role)?,
                })
            })
            .collect()
    }

    /// The answer to a message: the one that is shown, or the newest.
    pub async fn answer_to(
        &mut self,
        user: &UserId,
        conversation: ConversationId,
        question: MessageId,
    ) -> Result<Option<MessageId>> {
        let id: Option<i64> = on!(self, |c| sqlx::query_scalar(ANSWER)
            .bind(user.as_str())
            .bind(conversation.0)
            .bind(question.0)
            .fetch_optional(c)
            .await)?;
        Ok(id.map(MessageId))
    }

    /// What the assistant remembered at a message: after the nearest answer at it or before it.
    pub async fn memory_at(&mut self, user: &UserId, message: MessageId) -> Result<Option<String>> {
        Ok(on!(self, |c| sqlx::query_scalar(MEMORY).bind(user.as_str()).bind(message.0).fetch_optional(c).await)?)
    }

    /// Ends an answer that was written; false when it had ended already.
    pub async fn end_message(
        &mut self,
        user: &UserId,
        id: MessageId,
        content: &str,
        status: MessageStatus,
        memory: Option<&str>,
    ) -> Result<bool> {
        let rows = on!(self, |c| sqlx::query(END)
            .bind(user.as_str())
            .bind(id.0)
            .bind(content)
            .bind(status_word(status))
            .bind(memory)
            .execute(c)
            .await
            .map(|r| r.rows_affected()))?;
        Ok(rows == 1)
    }

    /// Notes what the person thinks of an answer; false when there is no such answer.
    pub async fn rate_message(
        &mut self,
        user: &UserId,
        conversation: ConversationId,
        id: MessageId,
        feedback: Option<Feedback>,
        note: Option<&str>,
    ) -> Result<bool> {
        let word = feedback.map(|f| match f {
            Feedback::Up => "up",
            Feedback::Down => "down",
        });
        let rows = on!(self, |c| sqlx::query(RATE)
            .bind(user.as_str())
            .bind(conversation.0)
            .bind(id.0)
            .bind(word)
            .bind(note)
            .execute(c)
            .await
            .map(|r| r.rows_affected()))?;
        Ok(rows == 1)
    }
}
