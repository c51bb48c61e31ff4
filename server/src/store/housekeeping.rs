//! Deleting what has grown old, over all users.

use super::{Conn, Result, Sql, on};

// Parts are in the trash whenever their parent is, and both engines check foreign keys at the statement's end.
const TRASH: &str = "DELETE FROM tasks WHERE deleted_at < $1";
const ANSWERS: &str = "DELETE FROM idempotency_keys WHERE created_at < $1";
const SESSIONS: Sql = Sql {
    sqlite: r#"DELETE FROM "session" WHERE "expiresAt" < strftime('%Y-%m-%dT%H:%M:%fZ', $1 / 1000.0, 'unixepoch')"#,
    postgres: r#"DELETE FROM "session" WHERE "expiresAt" < to_timestamp($1::double precision / 1000.0)"#,
};

impl Conn {
    /// Removes tasks that went to the trash before that moment (microseconds).
    pub async fn purge_trash(&mut self, before: i64) -> Result<u64> {
        Ok(on!(self, |c| sqlx::query(TRASH).bind(before).execute(c).await.map(|done| done.rows_affected()))?)
    }

    /// Removes answers kept since before that moment (microseconds).
    pub async fn purge_answers(&mut self, before: i64) -> Result<u64> {
        Ok(on!(self, |c| sqlx::query(ANSWERS).bind(before).execute(c).await.map(|done| done.rows_affected()))?)
    }

    /// Removes sessions that ended before that moment (milliseconds).
    pub async fn purge_sessions(&mut self, before: i64) -> Result<u64> {
        let sql = self.pick(&SESSIONS);
        Ok(on!(self, |c| sqlx::query(sql).bind(before).execute(c).await.map(|done| done.rows_affected()))?)
    }
}
