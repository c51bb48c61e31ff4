//! How much the assistant was used, per person and day.

use crate::store::{Conn, Result, on};
use domain::id::UserId;

/// What one turn adds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Use {
    /// Tool calls that were made.
    pub tool_calls: i64,
    /// Tokens a model has read.
    pub input_tokens: i64,
    /// Tokens a model has written.
    pub output_tokens: i64,
}

const ADD: &str = "INSERT INTO chat_use (user_id, day, messages, tool_calls, input_tokens, output_tokens)
    VALUES ($1, $2, 1, $3, $4, $5)
    ON CONFLICT (user_id, day) DO UPDATE SET messages = chat_use.messages + 1, tool_calls = chat_use.tool_calls + $3,
        input_tokens = chat_use.input_tokens + $4, output_tokens = chat_use.output_tokens + $5";
const TOKENS: &str = "SELECT input_tokens + output_tokens FROM chat_use WHERE user_id = $1 AND day = $2";

impl Conn {
    /// Counts a turn on a day (`2026-11-21`, UTC).
    pub async fn add_chat_use(&mut self, user: &UserId, day: &str, more: Use) -> Result<()> {
        on!(self, |c| sqlx::query(ADD)
            .bind(user.as_str())
            .bind(day)
            .bind(more.tool_calls)
            .bind(more.input_tokens)
            .bind(more.output_tokens)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// The tokens of a person on a day.
    pub async fn chat_tokens(&mut self, user: &UserId, day: &str) -> Result<i64> {
        let row: Option<i64> =
            on!(self, |c| sqlx::query_scalar(TOKENS).bind(user.as_str()).bind(day).fetch_optional(c).await)?;
        Ok(row.unwrap_or(0))
    }
}
