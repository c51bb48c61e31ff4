//! What was handed out to be brought back once, in Better Auth's table `verification`: reset tokens, deletion tokens,
//! the state of a sign-in at another provider.
//!
//! An identifier is not unique in this table, so the newest row counts, and taking one takes its namesakes along.

use super::{Conn, Result, Sql, better_auth::sql, on};
use domain::id::UserId;
use sqlx::FromRow;

const INSERT: Sql = sql!(
    r#"INSERT INTO "verification" ("id", "identifier", "value", "expiresAt", "createdAt", "updatedAt")
    VALUES ($1, $2, $3, "# at(4) ", " at(5) ", " at(5) ")"
);
const READ: Sql = sql!(
    r#"SELECT "value", "# millis(r#""expiresAt""#) " AS expires_at, " millis(r#""createdAt""#) r#" AS created_at
    FROM "verification" WHERE "identifier" = $1"#
);
const TAKE: Sql = sql!(
    r#"DELETE FROM "verification" WHERE "identifier" = $1
    RETURNING "value", "# millis(r#""expiresAt""#) " AS expires_at, " millis(r#""createdAt""#) " AS created_at"
);
const PURGE: Sql = sql!(r#"DELETE FROM "verification" WHERE "expiresAt" < "# at(1));
const FORGET: &str = r#"DELETE FROM "verification" WHERE "value" = $1
    AND ("identifier" LIKE 'reset-password:%' OR "identifier" LIKE 'delete-account-%')"#;

#[derive(FromRow)]
struct Row {
    value: String,
    expires_at: i64,
    /// Better Auth up to 1.2 could leave it out.
    created_at: Option<i64>,
}

/// The newest row's value, when it has not expired.
fn newest(rows: Vec<Row>, now: i64) -> Option<String> {
    let row = rows.into_iter().max_by_key(|row| row.created_at)?;
    (row.expires_at > now).then_some(row.value)
}

impl Conn {
    /// Keeps something until `expires_at`; times are milliseconds.
    pub async fn insert_verification(
        &mut self,
        id: &str,
        identifier: &str,
        value: &str,
        expires_at: i64,
        now: i64,
    ) -> Result<()> {
        let sql = self.pick(&INSERT);
        on!(self, |c| sqlx::query(sql)
            .bind(id)
            .bind(identifier)
            .bind(value)
            .bind(expires_at)
            .bind(now)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// What was kept, without using it up.
    pub async fn verification(&mut self, identifier: &str, now: i64) -> Result<Option<String>> {
        let sql = self.pick(&READ);
        let rows: Vec<Row> = on!(self, |c| sqlx::query_as(sql).bind(identifier).fetch_all(c).await)?;
        Ok(newest(rows, now))
    }

    /// What was kept, gone from now on: of two that take it at the same moment, one gets nothing.
    pub async fn take_verification(&mut self, identifier: &str, now: i64) -> Result<Option<String>> {
        let sql = self.pick(&TAKE);
        let rows: Vec<Row> = on!(self, |c| sqlx::query_as(sql).bind(identifier).fetch_all(c).await)?;
        Ok(newest(rows, now))
    }

    /// Removes what nobody brought back before that moment.
    pub async fn purge_verifications(&mut self, before: i64) -> Result<u64> {
        let sql = self.pick(&PURGE);
        Ok(on!(self, |c| sqlx::query(sql).bind(before).execute(c).await.map(|done| done.rows_affected()))?)
    }

    /// Makes a person's outstanding links to reset the password or delete the account useless.
    pub async fn forget_links(&mut self, user: &UserId) -> Result<()> {
        on!(self, |c| sqlx::query(FORGET).bind(user.as_str()).execute(c).await.map(|_| ()))?;
        Ok(())
    }
}
