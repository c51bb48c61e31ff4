//! What imports brought, and the rows only they write.

use super::{Conn, Result, on};
use domain::id::{TaskId, UserId};

/// A reminder, as the old database had it.
#[derive(Clone, Debug)]
pub struct Reminder {
    /// Of which task.
    pub task: TaskId,
    /// Wall-clock time.
    pub civil: String,
    /// In that zone.
    pub zone: String,
    /// The same, in microseconds.
    pub fire_at: i64,
    /// When it was shown, or when it would have been.
    pub sent_at: Option<i64>,
}

/// What became of a row.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Imported {
    /// What it is.
    pub kind: String,
    /// Its id there.
    pub source_id: String,
    /// Whose it is here.
    pub user_id: String,
    /// Its id here.
    pub our_id: String,
}

const KNOWN: &str = "SELECT kind, source_id, user_id, our_id FROM imports WHERE source = $1";
const REMEMBER: &str =
    "INSERT INTO imports (source, kind, source_id, user_id, our_id, at) VALUES ($1, $2, $3, $4, $5, $6)";
const ANY_ADMIN: &str = "SELECT count(*) FROM user_flags WHERE admin = true";
const REMINDER_NUMBER: &str = "UPDATE counters SET reminder = reminder + 1 WHERE user_id = $1 RETURNING reminder";
const INSERT_REMINDER: &str = "INSERT INTO reminders
    (user_id, id, task_id, at_kind, at_civil, at_zone, fire_at, sent_at) VALUES ($1, $2, $3, 'zoned', $4, $5, $6, $7)";
const TOUCH_CONVERSATION: &str = "UPDATE conversations SET updated_at = $3 WHERE user_id = $1 AND id = $2";

impl Conn {
    /// What earlier imports brought from a source.
    pub async fn imported(&mut self, source: &str) -> Result<Vec<Imported>> {
        Ok(on!(self, |c| sqlx::query_as(KNOWN).bind(source).fetch_all(c).await)?)
    }

    /// Remembers what became of a row.
    pub async fn remember_import(
        &mut self,
        source: &str,
        kind: &str,
        source_id: &str,
        user: &UserId,
        our_id: &str,
        at: i64,
    ) -> Result<()> {
        on!(self, |c| sqlx::query(REMEMBER)
            .bind(source)
            .bind(kind)
            .bind(source_id)
            .bind(user.as_str())
            .bind(our_id)
            .bind(at)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Whether anybody is an admin.
    pub async fn any_admin(&mut self) -> Result<bool> {
        let found: i64 = on!(self, |c| sqlx::query_scalar(ANY_ADMIN).fetch_one(c).await)?;
        Ok(found > 0)
    }

    /// Stores a reminder.
    pub async fn insert_reminder(&mut self, user: &UserId, reminder: &Reminder) -> Result<()> {
        let id: i64 = on!(self, |c| sqlx::query_scalar(REMINDER_NUMBER).bind(user.as_str()).fetch_one(c).await)?;
        on!(self, |c| sqlx::query(INSERT_REMINDER)
            .bind(user.as_str())
            .bind(id)
            .bind(reminder.task.0)
            .bind(&reminder.civil)
            .bind(&reminder.zone)
            .bind(reminder.fire_at)
            .bind(reminder.sent_at)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Sets when something was last said in a conversation.
    pub async fn touch_conversation(&mut self, user: &UserId, id: i64, at: i64) -> Result<()> {
        on!(self, |c| sqlx::query(TOUCH_CONVERSATION)
            .bind(user.as_str())
            .bind(id)
            .bind(at)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }
}
