//! What happened to an account and from where: sign-ins, failures, changes of passwords, tokens and rights.
//!
//! Rows hold no secret: no password, no token, no address somebody else typed. They go with their user.

use super::{Conn, Result, on};
use domain::id::UserId;

const INSERT: &str = "INSERT INTO audit (id, user_id, at, kind, address, agent, detail)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";

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
}
