//! What happened to an account and from where: sign-ins, failures, changes of passwords, tokens and rights.
//!
//! Rows hold no secret: no password, no token, no address somebody else typed. They go with their user.

use super::{Conn, Result, on};
use domain::id::UserId;
use sqlx::FromRow;

const INSERT: &str = "INSERT INTO audit (id, user_id, at, kind, address, agent, detail)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const LIST: &str = "SELECT id, user_id, at, kind, address, agent, detail FROM audit
    WHERE user_id = $1 AND (at < $2 OR (at = $2 AND id < $3)) ORDER BY at DESC, id DESC LIMIT $4";
const PURGE: &str = "DELETE FROM audit WHERE at < $1";
const PURGE_NOBODYS: &str = "DELETE FROM audit WHERE user_id IS NULL AND at < $1";

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// The row's id.
    pub id: String,
    /// Whose account; absent when nobody has the address that was tried.
    pub user: Option<UserId>,
    /// Microseconds since 1970 UTC.
    pub at: i64,
    /// A word of [`crate::service::accounts::Event`].
    pub kind: String,
    /// Where from, empty when unknown.
    pub address: String,
    /// With which program, empty when unknown.
    pub agent: String,
    /// What exactly, for people; may be empty.
    pub detail: String,
}

#[derive(FromRow)]
struct Row {
    id: String,
    user_id: Option<String>,
    at: i64,
    kind: String,
    address: String,
    agent: String,
    detail: String,
}

impl From<Row> for AuditRow {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            user: row.user_id.map(UserId),
            at: row.at,
            kind: row.kind,
            address: row.address,
            agent: row.agent,
            detail: row.detail,
        }
    }
}

impl Conn {
    /// Keeps what happened.
    pub async fn insert_audit(&mut self, row: &AuditRow) -> Result<()> {
        on!(self, |c| sqlx::query(INSERT)
            .bind(&row.id)
            .bind(row.user.as_ref().map(UserId::as_str))
            .bind(row.at)
            .bind(&row.kind)
            .bind(&row.address)
            .bind(&row.agent)
            .bind(&row.detail)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// What happened to a person's account before the row `(at, id)`, newest first.
    pub async fn audit(&mut self, user: &UserId, before: (i64, &str), limit: u32) -> Result<Vec<AuditRow>> {
        let rows: Vec<Row> = on!(self, |c| sqlx::query_as(LIST)
            .bind(user.as_str())
            .bind(before.0)
            .bind(before.1)
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)?;
        Ok(rows.into_iter().map(AuditRow::from).collect())
    }

    /// Removes what happened before `before`, and what happened to nobody's account before `nobodys` (microseconds).
    pub async fn purge_audit(&mut self, before: i64, nobodys: i64) -> Result<u64> {
        let old = on!(self, |c| sqlx::query(PURGE).bind(before).execute(c).await.map(|done| done.rows_affected()))?;
        let tries =
            on!(self, |c| sqlx::query(PURGE_NOBODYS).bind(nobodys).execute(c).await.map(|done| done.rows_affected()))?;
        Ok(old + tries)
    }
}
