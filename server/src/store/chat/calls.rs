//! What the assistant did, or asks to do.

use crate::store::{Conn, Error, Result, on};
use domain::{
    chat::{ToolCall, ToolStatus},
    id::{ConversationId, MessageId, Seq, UserId},
};

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
struct Row {
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

impl TryFrom<Row> for StoredCall {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
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

// A call that is there already stays where it was made, and so does the question about it.
const PUT: &str = "INSERT INTO tool_calls
    (user_id, id, conversation_id, message_id, ordinal, tool, arguments, status, result, operation, created_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
    ON CONFLICT (user_id, conversation_id, id) DO UPDATE SET arguments = $7, status = $8, result = $9, operation = $10,
        expires_at = coalesce(tool_calls.expires_at, $12)";
const SINCE: &str = "SELECT id, message_id, tool, arguments, status, result, operation, expires_at, decided_at
    FROM tool_calls WHERE user_id = $1 AND conversation_id = $2 AND message_id >= $3 ORDER BY message_id, ordinal";
const ONE: &str = "SELECT id, message_id, tool, arguments, status, result, operation, expires_at, decided_at
    FROM tool_calls WHERE user_id = $1 AND conversation_id = $2 AND id = $3";
const WAITING: &str = "WITH RECURSIVE branch (id, parent_id) AS (
        SELECT m.id, m.parent_id FROM conversations c JOIN messages m ON m.user_id = c.user_id AND m.id = c.leaf_id
            WHERE c.user_id = $1 AND c.id = $2
        UNION ALL SELECT m.id, m.parent_id FROM branch b JOIN messages m ON m.user_id = $1 AND m.id = b.parent_id)
    SELECT id, message_id, tool, arguments, status, result, operation, expires_at, decided_at FROM tool_calls
    WHERE user_id = $1 AND conversation_id = $2 AND status = 'pending' AND decided_at IS NULL
        AND message_id = (SELECT max(t.message_id) FROM tool_calls t JOIN branch b ON b.id = t.message_id
            WHERE t.user_id = $1 AND t.conversation_id = $2 AND t.status = 'pending' AND t.decided_at IS NULL)
    ORDER BY ordinal";
const DECIDE: &str = "UPDATE tool_calls SET decided_at = $4, status = 'running'
    WHERE user_id = $1 AND conversation_id = $2 AND id = $3 AND status = 'pending' AND decided_at IS NULL";
const BREAK_OFF: &str = "UPDATE tool_calls SET status = 'failed', result = $3 WHERE user_id = $1 AND conversation_id = $2 AND status = 'running'";
const EXPIRE: &str =
    "UPDATE tool_calls SET status = 'denied', decided_at = $1 WHERE status = 'pending' AND expires_at < $1";

impl Conn {
    /// Stores a tool call of an answer, or what became of one that is stored.
    pub async fn put_tool_call(
        &mut self,
        user: &UserId,
        conversation: ConversationId,
        message: MessageId,
        ordinal: i64,
        call: &ToolCall,
        at: i64,
        expires_at: Option<i64>,
    ) -> Result<()> {
        on!(self, |c| sqlx::query(PUT)
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

    /// The calls of a message and of those after it, in order.
    pub async fn calls_since(
        &mut self,
        user: &UserId,
        conversation: ConversationId,
        message: MessageId,
    ) -> Result<Vec<StoredCall>> {
        let rows: Vec<Row> = on!(self, |c| sqlx::query_as(SINCE)
            .bind(user.as_str())
            .bind(conversation.0)
            .bind(message.0)
            .fetch_all(c)
            .await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// One tool call of a conversation.
    pub async fn tool_call(
        &mut self,
        user: &UserId,
        conversation: ConversationId,
        id: &str,
    ) -> Result<Option<StoredCall>> {
        let row: Option<Row> = on!(self, |c| sqlx::query_as(ONE)
            .bind(user.as_str())
            .bind(conversation.0)
            .bind(id)
            .fetch_optional(c)
            .await)?;
        row.map(TryInto::try_into).transpose()
    }

    /// The calls of the newest answer on the shown branch that still wait for a decision, in order.
    pub async fn waiting_calls(&mut self, user: &UserId, conversation: ConversationId) -> Result<Vec<StoredCall>> {
        let rows: Vec<Row> =
            on!(self, |c| sqlx::query_as(WAITING).bind(user.as_str()).bind(conversation.0).fetch_all(c).await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Notes that a waiting call is decided and now runs; false when somebody was faster.
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

    /// Gives up the calls of a conversation that were being carried out when their process ended.
    pub async fn break_off_calls(&mut self, user: &UserId, conversation: ConversationId, result: &str) -> Result<()> {
        on!(self, |c| sqlx::query(BREAK_OFF)
            .bind(user.as_str())
            .bind(conversation.0)
            .bind(result)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Drops every question that has expired; answers how many those were.
    pub async fn expire_calls(&mut self, now: i64) -> Result<u64> {
        Ok(on!(self, |c| sqlx::query(EXPIRE).bind(now).execute(c).await.map(|r| r.rows_affected()))?)
    }
}
