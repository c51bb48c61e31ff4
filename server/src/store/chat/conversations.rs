//! Conversations as wholes: their titles, what the assistant remembers in them, and which branch is shown.

use crate::{
    clock::rfc3339,
    store::{Conn, Result, on},
};
use domain::{
    chat::Conversation,
    id::{ConversationId, MessageId, UserId},
};

/// A conversation with what the wire does not show.
#[derive(Clone, Debug)]
pub struct StoredConversation {
    /// The wire form.
    pub conversation: Conversation,
    /// The newest message of the branch that is shown.
    pub leaf: Option<MessageId>,
    /// Tools that need no question here, as a JSON list.
    pub always_allow: String,
    /// What the assistant remembers, as a JSON object.
    pub memory: String,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    title: String,
    pinned: i64,
    leaf_id: Option<i64>,
    always_allow: String,
    memory: String,
    created_at: i64,
    updated_at: i64,
}

impl From<Row> for StoredConversation {
    fn from(row: Row) -> Self {
        Self {
            conversation: Conversation {
                id: ConversationId(row.id),
                title: row.title,
                pinned: row.pinned != 0,
                created_at: rfc3339(row.created_at),
                updated_at: rfc3339(row.updated_at),
            },
            leaf: row.leaf_id.map(MessageId),
            always_allow: row.always_allow,
            memory: row.memory,
        }
    }
}

const TAKE: &str = "INSERT INTO counters (user_id, conversation, message) VALUES ($1, $2, $3)
    ON CONFLICT (user_id) DO UPDATE SET conversation = counters.conversation + $2, message = counters.message + $3
    RETURNING conversation, message";
const NEW: &str = "INSERT INTO conversations (user_id, id, title, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)";
const ONE: &str = "SELECT id, title, pinned, leaf_id, always_allow, memory, created_at, updated_at FROM conversations
    WHERE user_id = $1 AND id = $2 AND deleted_at IS NULL";
const LIST: &str = "SELECT id, title, pinned, leaf_id, always_allow, memory, created_at, updated_at FROM conversations
    WHERE user_id = $1 AND deleted_at IS NULL AND (cast($2 as text) IS NULL OR lower(title) LIKE $2 ESCAPE '!'
        OR EXISTS (SELECT 1 FROM messages m WHERE m.user_id = conversations.user_id
            AND m.conversation_id = conversations.id AND lower(m.content) LIKE $2 ESCAPE '!'))
    ORDER BY pinned DESC, updated_at DESC, id DESC LIMIT $3";
const CHANGE: &str = "UPDATE conversations SET title = coalesce($3, title), pinned = coalesce($4, pinned)
    WHERE user_id = $1 AND id = $2 AND deleted_at IS NULL";
const DELETE: &str = "UPDATE conversations SET deleted_at = $3 WHERE user_id = $1 AND id = $2 AND deleted_at IS NULL";
const REMEMBER: &str =
    "UPDATE conversations SET memory = $3, always_allow = $4, updated_at = $5 WHERE user_id = $1 AND id = $2";
const SHOW: &str =
    "UPDATE conversations SET leaf_id = $3, memory = coalesce($4, memory), updated_at = coalesce($5, updated_at)
    WHERE user_id = $1 AND id = $2";

impl Conn {
    /// Takes numbers for a new conversation (0 or 1) and new messages; answers the last of each.
    pub async fn take_chat_numbers(&mut self, user: &UserId, conversations: i64, messages: i64) -> Result<(i64, i64)> {
        Ok(on!(self, |c| sqlx::query_as(TAKE)
            .bind(user.as_str())
            .bind(conversations)
            .bind(messages)
            .fetch_one(c)
            .await)?)
    }

    /// Makes a conversation.
    pub async fn new_conversation(&mut self, user: &UserId, id: ConversationId, title: &str, at: i64) -> Result<()> {
        on!(self, |c| sqlx::query(NEW)
            .bind(user.as_str())
            .bind(id.0)
            .bind(title)
            .bind(at)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// One conversation that is not deleted.
    pub async fn conversation(&mut self, user: &UserId, id: ConversationId) -> Result<Option<StoredConversation>> {
        let row: Option<Row> =
            on!(self, |c| sqlx::query_as(ONE).bind(user.as_str()).bind(id.0).fetch_optional(c).await)?;
        Ok(row.map(Into::into))
    }

    /// Conversations, pinned ones first, then the newest; with `search` only those whose title or messages hold the text.
    pub async fn conversations(
        &mut self,
        user: &UserId,
        search: Option<&str>,
        limit: i64,
    ) -> Result<Vec<Conversation>> {
        let pattern = search.map(|text| {
            let mut pattern = String::from("%");
            for c in text.to_lowercase().chars() {
                if matches!(c, '%' | '_' | '!') {
                    pattern.push('!');
                }
                pattern.push(c);
            }
            pattern.push('%');
            pattern
        });
        let rows: Vec<Row> =
            on!(self, |c| sqlx::query_as(LIST).bind(user.as_str()).bind(pattern).bind(limit).fetch_all(c).await)?;
        Ok(rows.into_iter().map(|r| StoredConversation::from(r).conversation).collect())
    }

    /// Gives a conversation another title, pins it, or both; false when there is none.
    pub async fn change_conversation(
        &mut self,
        user: &UserId,
        id: ConversationId,
        title: Option<&str>,
        pinned: Option<bool>,
    ) -> Result<bool> {
        let rows = on!(self, |c| sqlx::query(CHANGE)
            .bind(user.as_str())
            .bind(id.0)
            .bind(title)
            .bind(pinned.map(i64::from))
            .execute(c)
            .await
            .map(|r| r.rows_affected()))?;
        Ok(rows == 1)
    }

    /// Puts a conversation away; false when there is none.
    pub async fn delete_conversation(&mut self, user: &UserId, id: ConversationId, at: i64) -> Result<bool> {
        let rows = on!(self, |c| sqlx::query(DELETE)
            .bind(user.as_str())
            .bind(id.0)
            .bind(at)
            .execute(c)
            .await
            .map(|r| r.rows_affected()))?;
        Ok(rows == 1)
    }

    /// Keeps what the assistant remembers and may do without asking.
    pub async fn remember(
        &mut self,
        user: &UserId,
        id: ConversationId,
        memory: &str,
        always_allow: &str,
        at: i64,
    ) -> Result<()> {
        on!(self, |c| sqlx::query(REMEMBER)
            .bind(user.as_str())
            .bind(id.0)
            .bind(memory)
            .bind(always_allow)
            .bind(at)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Shows the branch that ends with that message; `memory` replaces what the assistant remembers, `at` is set when
    /// something was said.
    pub async fn show_branch(
        &mut self,
        user: &UserId,
        id: ConversationId,
        leaf: MessageId,
        memory: Option<&str>,
        at: Option<i64>,
    ) -> Result<()> {
        on!(self, |c| sqlx::query(SHOW)
            .bind(user.as_str())
            .bind(id.0)
            .bind(leaf.0)
            .bind(memory)
            .bind(at)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }
}
