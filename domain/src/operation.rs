//! The operation log on the wire: what changed, through which door, and whether it was undone.

use crate::id::{ConversationId, Seq};
use serde::{Deserialize, Serialize};

/// One change, of one or many rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Operation {
    /// Its place in the user's log.
    pub seq: Seq,
    /// RFC 3339 UTC.
    pub at: String,
    /// `web`, `api`, `chat`, `mcp`, `cli`, `import` or `system`.
    pub door: String,
    /// `create`, `update`, `complete`, `reopen`, `delete`, `restore`, `undo`.
    pub kind: String,
    /// `task`, `project`, `label` or `filter`.
    pub target: String,
    /// A sentence for people, such as "Completed “Buy milk”".
    pub summary: String,
    /// The rows as they are after the change, in their wire form; `null` is a row that is gone.
    pub rows: Vec<ChangedRow>,
    /// The operation that undid this one.
    pub undone_by: Option<Seq>,
}

/// One row of an operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangedRow {
    /// `task`, `project`, `label` or `filter`.
    pub target: String,
    /// Its number.
    pub id: i64,
    /// Its state after the change, or null.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub row: Option<serde_json::Value>,
}

/// What an undo answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Undone {
    /// The operation that was undone.
    pub undone: Seq,
    /// The operation that did it; undo this one to redo.
    pub operation: Operation,
}

/// What a live socket sends: something up to `seq` has changed, ask `changes` for what; or an answer in `conversation` has
/// begun or ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveEvent {
    /// The newest operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<Seq>,
    /// The conversation in which an answer has begun or ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<ConversationId>,
}
