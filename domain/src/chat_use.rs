//! How much the assistant is used, for those who run the installation: numbers only, nothing that was said.

use crate::id::UserId;
use serde::{Deserialize, Serialize};

/// One person's use on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChatUse {
    /// The day, UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "2026-11-21"))]
    pub day: jiff::civil::Date,
    /// Whose.
    pub user: ChatUser,
    /// Messages that were answered.
    pub messages: i64,
    /// Tool calls that were made.
    pub tool_calls: i64,
    /// Tokens that language models have read.
    pub input_tokens: i64,
    /// Tokens that language models have written.
    pub output_tokens: i64,
}

/// Who used it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChatUser {
    /// Their id.
    pub id: UserId,
    /// What to call them; may be empty.
    pub name: String,
    /// Their address.
    pub email: String,
}
