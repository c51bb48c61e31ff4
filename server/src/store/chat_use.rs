//! How much everybody used the assistant. Like [`super::people`], a query without an owner in it, for admins.

use super::{Conn, Error, Result, on};
use domain::{
    chat_use::{ChatUse, ChatUser},
    id::UserId,
};
use jiff::civil::Date;

const SINCE: &str = r#"SELECT c.day, u."id", u."name", u."email", c.messages, c.tool_calls, c.input_tokens, c.output_tokens
    FROM chat_use c JOIN "user" u ON u."id" = c.user_id WHERE c.day >= $1
    ORDER BY c.day DESC, c.messages DESC, u."email" LIMIT $2"#;

type Row = (String, String, String, String, i64, i64, i64, i64);

impl Conn {
    /// Everybody's use since a day, that day included; the newest days first, at most `limit` rows.
    pub async fn chat_use_since(&mut self, day: Date, limit: i64) -> Result<Vec<ChatUse>> {
        let rows: Vec<Row> = on!(self, |c| sqlx::query_as(SINCE).bind(day.to_string()).bind(limit).fetch_all(c).await)?;
        let wire = |(day, id, name, email, messages, tool_calls, input_tokens, output_tokens): Row| {
            let corrupt =
                |_| Error::Corrupt { place: "chat_use.day", row: format!("chat_use of {id}"), detail: day.clone() };
            Ok(ChatUse {
                day: day.parse().map_err(corrupt)?,
                user: ChatUser { id: UserId(id), name, email },
                messages,
                tool_calls,
                input_tokens,
                output_tokens,
            })
        };
        rows.into_iter().map(wire).collect()
    }
}
