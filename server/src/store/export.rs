//! What nothing but the export reads: kinds of rows whose own doors come later, and conversations that were put away.
//! Pages go by number, so that what is added meanwhile moves nothing.

use super::{Arg, Builder, Conn, Result, fetch_built, on, tasks};
use domain::id::{TaskId, UserId};
use sqlx::FromRow;

const CONVERSATIONS: &str = "SELECT id, title, pinned, leaf_id, created_at, updated_at, deleted_at FROM conversations
    WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3";
const NOTES: &str = "SELECT id, feedback_note FROM messages
    WHERE user_id = $1 AND conversation_id = $2 AND feedback_note IS NOT NULL";
const FILTERS: &str = "SELECT id, name, query, colour, position, created_at, updated_at FROM filters
    WHERE user_id = $1 AND deleted_at IS NULL ORDER BY id";
const REMINDERS: &str = "SELECT id, task_id, minutes_before, at_kind, at_civil, at_zone, sent_at FROM reminders
    WHERE user_id = $1 ORDER BY id";

/// A conversation; instants are microseconds since 1970 UTC, as in the other rows here.
#[derive(Clone, Debug, FromRow)]
pub struct ConversationRow {
    /// Counted per user.
    pub id: i64,
    /// Its title.
    pub title: String,
    /// Whether it stands before the others.
    pub pinned: i64,
    /// The newest message of the branch that is shown.
    pub leaf_id: Option<i64>,
    /// When it began.
    pub created_at: i64,
    /// When something was last said.
    pub updated_at: i64,
    /// When it was put away.
    pub deleted_at: Option<i64>,
}

/// A saved filter.
#[derive(Clone, Debug, FromRow)]
pub struct FilterRow {
    /// Counted per user.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// What it asks for.
    pub query: String,
    /// Its colour.
    pub colour: String,
    /// Its place in the list.
    pub position: String,
    /// When it was made.
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: i64,
}

/// A reminder: minutes before the task is due, or a moment of its own.
#[derive(Clone, Debug, FromRow)]
pub struct ReminderRow {
    /// Counted per user.
    pub id: i64,
    /// The task it is about.
    pub task_id: i64,
    /// How long before the task is due.
    pub minutes_before: Option<i64>,
    /// The three columns of a date.
    pub at_kind: Option<String>,
    /// See `at_kind`.
    pub at_civil: Option<String>,
    /// See `at_kind`.
    pub at_zone: Option<String>,
    /// When it was sent.
    pub sent_at: Option<i64>,
}

impl Conn {
    /// The next tasks after that number, in the order of their numbers; done and trashed ones too.
    pub async fn every_task(&mut self, user: &UserId, after: TaskId, limit: i64) -> Result<Vec<tasks::StoredTask>> {
        let mut query = Builder::default();
        query.push(self.pick(&tasks::COLUMNS)).push(" WHERE t.user_id = ").bind(Arg::Text(user.0.clone()));
        query.push(" AND t.id > ").bind(Arg::Int(after.0)).push(" ORDER BY t.id LIMIT ").bind(Arg::Int(limit));
        fetch_built!(self, tasks::Row, query)?.into_iter().map(TryInto::try_into).collect()
    }

    /// The next conversations after that number, in the order of their numbers; those put away too.
    pub async fn every_conversation(&mut self, user: &UserId, after: i64, limit: i64) -> Result<Vec<ConversationRow>> {
        Ok(on!(self, |c| sqlx::query_as(CONVERSATIONS).bind(user.as_str()).bind(after).bind(limit).fetch_all(c).await)?)
    }

    /// What was noted with the ratings of a conversation's answers: message and note.
    pub async fn feedback_notes(&mut self, user: &UserId, conversation: i64) -> Result<Vec<(i64, String)>> {
        Ok(on!(self, |c| sqlx::query_as(NOTES).bind(user.as_str()).bind(conversation).fetch_all(c).await)?)
    }

    /// A person's saved filters.
    pub async fn filters(&mut self, user: &UserId) -> Result<Vec<FilterRow>> {
        Ok(on!(self, |c| sqlx::query_as(FILTERS).bind(user.as_str()).fetch_all(c).await)?)
    }

    /// A person's reminders.
    pub async fn reminders(&mut self, user: &UserId) -> Result<Vec<ReminderRow>> {
        Ok(on!(self, |c| sqlx::query_as(REMINDERS).bind(user.as_str()).fetch_all(c).await)?)
    }
}
