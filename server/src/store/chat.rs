//! Conversations, their messages and tool calls, and who is answering which one right now.

use super::{Conn, Error, Result, on};
use crate::clock::rfc3339;
use domain::{
    chat::{Conversation, Message, MessageStatus, Role, ToolCall, ToolStatus},
    id::{ConversationId, MessageId, Seq, UserId},
};
use std::collections::HashMap;

/// A conversation with what the wire does not show.
#[derive(Clone, Debug)]
pub struct StoredConversation {
    /// The wire form.
    pub conversation: Conversation,
    /// Tools that need no question here, as a JSON list.
    pub always_allow: String,
    /// What the assistant remembers, as a JSON object.
    pub memory: String,
}

/// A tool call with where it was made.
#[derive(Clone, Debug)]
pub struct StoredCall {
    /// The wire form.
    pub call: ToolCall,
    /// The answer it belongs to.
    pub message: MessageId,
    /// Until when it can be decided, in microseconds.
    pub expires_at: Option<i64>,
    /// When somebody decided.
    pub decided_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct ConversationRow {
    id: i64,
    title: String,
    always_allow: String,
    memory: String,
    created_at: i64,
    updated_at: i64,
}

impl From<ConversationRow> for StoredConversation {
    fn from(row: ConversationRow) -> Self {
        Self {
            conversation: Conversation {
                id: ConversationId(row.id),
                title: row.title,
                pinned: false,
                created_at: rfc3339(row.created_at),
                updated_at: rfc3339(row.updated_at),
            },
            always_allow: row.always_allow,
            memory: row.memory,
        }
    }
}

#[derive(sqlx::FromRow)]
struct MessageRow {
    id: i64,
    role: String,
    content: String,
    created_at: i64,
}

#[derive(sqlx::FromRow)]
struct CallRow {
    id: String,
    message_id: i64,
    tool: String,
    arguments: String,
    status: String,
    result: Option<String>,
    operation: Option<i64>,
    expires_at: Option<i64>,
    decided_at: Option<i64>,
}

impl TryFrom<CallRow> for StoredCall {
    type Error = Error;
    fn try_from(row: CallRow) -> Result<Self> {
        let corrupt = |place, detail: String| Error::Corrupt { place, row: format!("tool call {}", row.id), detail };
        let json = |place, text: &str| serde_json::from_str(text).map_err(|e| corrupt(place, e.to_string()));
        let status = match row.status.as_str() {
            "running" => ToolStatus::Running,
            "done" => ToolStatus::Done,
            "pending" => ToolStatus::Pending,
            "denied" => ToolStatus::Denied,
            "failed" => ToolStatus::Failed,
            other => return Err(corrupt("tool_calls.status", format!("unknown status {other}"))),
        };
        Ok(Self {
            call: ToolCall {
                arguments: json("tool_calls.arguments", &row.arguments)?,
                result: row.result.as_deref().map(|r| json("tool_calls.result", r)).transpose()?,
                name: row.tool.clone(),
                tool: row.tool,
                status,
                success: status == ToolStatus::Done,
                operation: row.operation.map(Seq),
                id: row.id,
            },
            message: MessageId(row.message_id),
            expires_at: row.expires_at,
            decided_at: row.decided_at,
        })
    }
}

/// The word the store keeps.
fn word(status: ToolStatus) -> &'static str {
    match status {
        ToolStatus::Running => "running",
        ToolStatus::Done => "done",
        ToolStatus::Pending => "pending",
        ToolStatus::Denied => "denied",
        ToolStatus::Failed => "failed",
    }
}

const TAKE: &str = "INSERT INTO counters (user_id, conversation, message) VALUES ($1, $2, $3)
    ON CONFLICT (user_id) DO UPDATE SET conversation = counters.conversation + $2, message = counters.message + $3
    RETURNING conversation, message";
const NEW: &str = "INSERT INTO conversations (user_id, id, title, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)";
const ONE: &str = "SELECT id, title, always_allow, memory, created_at, updated_at FROM conversations
    WHERE user_id = $1 AND id = $2 AND deleted_at IS NULL";
const LIST: &str = "SELECT id, title, always_allow, memory, created_at, updated_at FROM conversations
    WHERE user_id = $1 AND deleted_at IS NULL AND (cast($2 as text) IS NULL OR lower(title) LIKE $2 ESCAPE '!'
        OR EXISTS (SELECT 1 FROM messages m WHERE m.user_id = conversations.user_id
            AND m.conversation_id = conversations.id AND lower(m.content) LIKE $2 ESCAPE '!'))
    ORDER BY updated_at DESC, id DESC LIMIT $3";
const RENAME: &str = "UPDATE conversations SET title = $3 WHERE user_id = $1 AND id = $2 AND deleted_at IS NULL";
const DELETE: &str = "UPDATE conversations SET deleted_at = $3 WHERE user_id = $1 AND id = $2 AND deleted_at IS NULL";
const REMEMBER: &str =
    "UPDATE conversations SET memory = $3, always_allow = $4, updated_at = $5 WHERE user_id = $1 AND id = $2";
const NEW_MESSAGE: &str = "INSERT INTO messages (user_id, id, conversation_id, run_id, role, content, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const MESSAGES: &str = "SELECT id, role, content, created_at FROM messages
    WHERE user_id = $1 AND conversation_id = $2 AND id > $3 ORDER BY id";
const FIRST_OF_LAST: &str = "SELECT coalesce(min(id), 0) FROM
    (SELECT id FROM messages WHERE user_id = $1 AND conversation_id = $2 ORDER BY id DESC LIMIT $3) AS last";
const NEW_CALL: &str = "INSERT INTO tool_calls
    (user_id, id, conversation_id, message_id, ordinal, tool, arguments, status, result, operation, created_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
const CALLS: &str = "SELECT id, message_id, tool, arguments, status, result, operation, expires_at, decided_at
    FROM tool_calls WHERE user_id = $1 AND conversation_id = $2 AND message_id > $3 ORDER BY message_id, ordinal";
const CALL: &str = "SELECT id, message_id, tool, arguments, status, result, operation, expires_at, decided_at
    FROM tool_calls WHERE user_id = $1 AND conversation_id = $2 AND id = $3";
const WAITING: &str = "SELECT id, message_id, tool, arguments, status, result, operation, expires_at, decided_at
    FROM tool_calls WHERE user_id = $1 AND conversation_id = $2 AND status = 'pending' AND decided_at IS NULL
        AND message_id = (SELECT max(message_id) FROM tool_calls
            WHERE user_id = $1 AND conversation_id = $2 AND status = 'pending' AND decided_at IS NULL)
    ORDER BY ordinal";
const DECIDE: &str = "UPDATE tool_calls SET decided_at = $4
    WHERE user_id = $1 AND conversation_id = $2 AND id = $3 AND status = 'pending' AND decided_at IS NULL";
const SETTLE: &str = "UPDATE tool_calls SET status = $4, result = $5, operation = $6, arguments = $7
    WHERE user_id = $1 AND conversation_id = $2 AND id = $3";
const EXPIRE_RUN: &str = "UPDATE runs SET status = 'interrupted', finished_at = $3
    WHERE user_id = $1 AND conversation_id = $2 AND status = 'running' AND lease_until < $3";
const CLAIM_RUN: &str =
    "INSERT INTO runs (user_id, id, conversation_id, status, lease_owner, lease_until, model, started_at)
    VALUES ($1, $2, $3, 'running', $2, $4, $5, $6) ON CONFLICT DO NOTHING";
const EXTEND_RUN: &str = "UPDATE runs SET lease_until = $3 WHERE user_id = $1 AND id = $2 AND status = 'running'";
const FINISH_RUN: &str =
    "UPDATE runs SET status = $3, error = $4, finished_at = $5, input_tokens = $6, output_tokens = $7
    WHERE user_id = $1 AND id = $2 AND status = 'running'";

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
        let row: Option<ConversationRow> =
            on!(self, |c| sqlx::query_as(ONE).bind(user.as_str()).bind(id.0).fetch_optional(c).await)?;
        Ok(row.map(Into::into))
    }

    /// Conversations, newest first; with `search` only those whose title or messages hold the text.
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
        let rows: Vec<ConversationRow> =
            on!(self, |c| sqlx::query_as(LIST).bind(user.as_str()).bind(pattern).bind(limit).fetch_all(c).await)?;
        Ok(rows.into_iter().map(|r| StoredConversation::from(r).conversation).collect())
    }

    /// Gives a conversation another title; false when there is none.
    pub async fn rename_conversation(&mut self, user: &UserId, id: ConversationId, title: &str) -> Result<bool> {
        let rows = on!(self, |c| sqlx::query(RENAME)
            .bind(user.as_str())
            .bind(id.0)
            .bind(title)
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

    /// Stores a message.
    pub async fn new_message(
        &mut self,
        user: &UserId,
        conversation: ConversationId,
        run: &str,
        message: &Message,
        at: i64,
    ) -> Result<()> {
        let role = match message.role {
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        on!(self, |c| sqlx::query(NEW_MESSAGE)
            .bind(user.as_str())
            .bind(message.id.0)
            .bind(conversation.0)
            .bind(run)
            .bind(role)
            .bind(&message.content)
            .bind(at)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Stores a tool call of an answer.
    pub async fn new_tool_call(
        &mut self,
        user: &UserId,
        conversation: ConversationId,
        message: MessageId,
        ordinal: i64,
        call: &ToolCall,
        at: i64,
        expires_at: Option<i64>,
    ) -> Result<()> {
        on!(self, |c| sqlx::query(NEW_CALL)
            .bind(user.as_str())
            .bind(&call.id)
            .bind(conversation.0)
            .bind(message.0)
            .bind(ordinal)
            .bind(&call.tool)
            .bind(call.arguments.to_string())
            .bind(word(call.status))
            .bind(call.result.as_ref().map(ToString::to_string))
            .bind(call.operation.map(|o| o.0))
            .bind(at)
            .bind(expires_at)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// The messages of a conversation with their calls, oldest first; with `last` only the newest that many.
    pub async fn messages(
        &mut self,
        user: &UserId,
        conversation: ConversationId,
        last: Option<i64>,
    ) -> Result<Vec<Message>> {
        let after: i64 = match last {
            None => 0,
            Some(n) => {
                let first: i64 = on!(self, |c| sqlx::query_scalar(FIRST_OF_LAST)
                    .bind(user.as_str())
                    .bind(conversation.0)
                    .bind(n)
                    .fetch_one(c)
                    .await)?;
                first - 1
            }
        };
        let rows: Vec<MessageRow> = on!(self, |c| sqlx::query_as(MESSAGES)
            .bind(user.as_str())
            .bind(conversation.0)
            .bind(after)
            .fetch_all(c)
            .await)?;
        let calls: Vec<CallRow> = on!(self, |c| sqlx::query_as(CALLS)
            .bind(user.as_str())
            .bind(conversation.0)
            .bind(after)
            .fetch_all(c)
            .await)?;
        let mut by_message: HashMap<i64, Vec<ToolCall>> = HashMap::new();
        for row in calls {
            let stored = StoredCall::try_from(row)?;
            by_message.entry(stored.message.0).or_default().push(stored.call);
        }
        rows.into_iter()
            .map(|row| {
                let role = match row.role.as_str() {
                    "user" => Role::User,
                    "assistant" => Role::Assistant,
                    other => {
                        return Err(Error::Corrupt {
                            place: "messages.role",
                            row: format!("message {}", row.id),
                            detail: format!("unknown role {other}"),
                        });
                    }
                };
                Ok(Message {
                    id: MessageId(row.id),
                    role,
                    content: row.content,
                    tool_calls: by_message.remove(&row.id).unwrap_or_default(),
                    parent_id: None,
                    versions: vec![],
                    status: MessageStatus::Done,
                    feedback: None,
                    created_at: rfc3339(row.created_at),
                })
            })
            .collect()
    }

    /// One tool call of a conversation.
    pub async fn tool_call(
        &mut self,
        user: &UserId,
        conversation: ConversationId,
        id: &str,
    ) -> Result<Option<StoredCall>> {
        let row: Option<CallRow> = on!(self, |c| sqlx::query_as(CALL)
            .bind(user.as_str())
            .bind(conversation.0)
            .bind(id)
            .fetch_optional(c)
            .await)?;
        row.map(TryInto::try_into).transpose()
    }

    /// The calls of the newest answer that still wait for a decision, in order.
    pub async fn waiting_calls(&mut self, user: &UserId, conversation: ConversationId) -> Result<Vec<StoredCall>> {
        let rows: Vec<CallRow> =
            on!(self, |c| sqlx::query_as(WAITING).bind(user.as_str()).bind(conversation.0).fetch_all(c).await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Notes that a waiting call is decided; false when somebody was faster.
    pub async fn decide_call(
        &mut self,
        user: &UserId,
        conversation: ConversationId,
        id: &str,
        at: i64,
    ) -> Result<bool> {
        let rows = on!(self, |c| sqlx::query(DECIDE)
            .bind(user.as_str())
            .bind(conversation.0)
            .bind(id)
            .bind(at)
            .execute(c)
            .await
            .map(|r| r.rows_affected()))?;
        Ok(rows == 1)
    }

    /// Stores what became of a call.
    pub async fn settle_call(&mut self, user: &UserId, conversation: ConversationId, call: &ToolCall) -> Result<()> {
        on!(self, |c| sqlx::query(SETTLE)
            .bind(user.as_str())
            .bind(conversation.0)
            .bind(&call.id)
            .bind(word(call.status))
            .bind(call.result.as_ref().map(ToString::to_string))
            .bind(call.operation.map(|o| o.0))
            .bind(call.arguments.to_string())
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Takes a conversation for one turn; false while another turn holds it. A turn whose lease has ended is given up.
    pub async fn claim_run(
        &mut self,
        user: &UserId,
        run: &str,
        conversation: ConversationId,
        model: Option<&str>,
        now: i64,
        until: i64,
    ) -> Result<bool> {
        on!(self, |c| sqlx::query(EXPIRE_RUN)
            .bind(user.as_str())
            .bind(conversation.0)
            .bind(now)
            .execute(c)
            .await
            .map(|_| ()))?;
        let rows = on!(self, |c| sqlx::query(CLAIM_RUN)
            .bind(user.as_str())
            .bind(run)
            .bind(conversation.0)
            .bind(until)
            .bind(model)
            .bind(now)
            .execute(c)
            .await
            .map(|r| r.rows_affected()))?;
        Ok(rows == 1)
    }

    /// Keeps a conversation a while longer.
    pub async fn extend_run(&mut self, user: &UserId, run: &str, until: i64) -> Result<()> {
        on!(self, |c| sqlx::query(EXTEND_RUN).bind(user.as_str()).bind(run).bind(until).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Lets a conversation go.
    pub async fn finish_run(
        &mut self,
        user: &UserId,
        run: &str,
        status: &str,
        error: Option<&str>,
        at: i64,
        tokens: (i64, i64),
    ) -> Result<()> {
        on!(self, |c| sqlx::query(FINISH_RUN)
            .bind(user.as_str())
            .bind(run)
            .bind(status)
            .bind(error)
            .bind(at)
            .bind(tokens.0)
            .bind(tokens.1)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }
}
