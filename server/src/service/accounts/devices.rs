//! What a person sees of their own account: the sessions that live, and what happened. Nothing here shows a token.

use super::{Accounts, Error, Event};
use crate::{auth::client::Client, clock::rfc3339, store::audit::AuditRow};
use domain::{
    account::{AuditEntry, SessionInfo},
    id::UserId,
};

/// Most rows of the audit in one answer.
pub const AUDIT_MAX: u32 = 200;

/// A row of the audit, from which an older page continues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditPlace {
    at: i64,
    id: String,
}

impl AuditPlace {
    /// Reads a cursor; `None` when it is not one of ours.
    pub fn parse(cursor: &str) -> Option<Self> {
        let (at, id) = cursor.split_once('.')?;
        let sane = !id.is_empty() && id.len() <= 64 && id.bytes().all(|b| b.is_ascii_alphanumeric());
        Some(Self { at: at.parse().ok()?, id: id.to_owned() }).filter(|_| sane)
    }
}

impl std::fmt::Display for AuditPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.at, self.id)
    }
}

impl Accounts {
    /// A person's sessions, newest first; `current` is the row id of the one that asks, when a session asks.
    pub async fn devices(&self, user: &UserId, current: Option<&str>) -> Result<Vec<SessionInfo>, Error> {
        let sessions = self.store.read().await?.sessions_of(user, self.clock.millis()).await?;
        let instant = |millis: i64| rfc3339(millis.saturating_mul(1000));
        Ok(sessions
            .into_iter()
            .map(|session| SessionInfo {
                current: current == Some(session.id.as_str()),
                id: session.id,
                created_at: instant(session.created_at),
                updated_at: instant(session.updated_at),
                expires_at: instant(session.expires_at),
                address: session.address,
                agent: session.agent,
            })
            .collect())
    }

    /// Ends one of a person's sessions and answers whether there was such a one.
    pub async fn end_device(&self, user: &UserId, id: &str, client: &Client) -> Result<bool, Error> {
        let mut conn = self.store.write().await?;
        let ended = conn.delete_session_row(user, id).await?;
        conn.commit().await?;
        if ended {
            self.remember(Event::SessionsRevoked, Some(user), client, "one").await;
        }
        Ok(ended)
    }

    /// What happened to a person's account, newest first, and where the next page starts when there is one.
    pub async fn audit(
        &self,
        user: &UserId,
        before: Option<&AuditPlace>,
        limit: u32,
    ) -> Result<(Vec<AuditEntry>, Option<AuditPlace>), Error> {
        let limit = limit.clamp(1, AUDIT_MAX);
        let place = before.map_or((i64::MAX, ""), |place| (place.at, place.id.as_str()));
        let mut rows = self.store.read().await?.audit(user, place, limit + 1).await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = rows.last().filter(|_| more).map(|row| AuditPlace { at: row.at, id: row.id.clone() });
        Ok((rows.into_iter().map(entry).collect(), next))
    }
}

/// A row as its owner sees it.
pub(crate) fn entry(row: AuditRow) -> AuditEntry {
    AuditEntry {
        id: row.id,
        at: rfc3339(row.at),
        kind: row.kind,
        address: row.address,
        agent: row.agent,
        detail: row.detail,
    }
}
