//! The first answers to requests with an `Idempotency-Key`.

use super::{Conn, Result, on};
use domain::id::UserId;

/// What is kept under a key.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct KeptAnswer {
    /// Which request it was.
    pub fingerprint: String,
    /// When it came, in microseconds.
    pub created_at: i64,
    /// The answer's status; absent while there is none.
    pub status: Option<i64>,
    /// The answer's headers as a JSON list of pairs.
    pub headers: Option<String>,
    /// The answer's body.
    pub body: Option<String>,
}

const SWEEP: &str = "DELETE FROM idempotency_keys WHERE user_id = $1 AND created_at < $2";
const CLAIM: &str = "INSERT INTO idempotency_keys (user_id, key, fingerprint, created_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (user_id, key) DO NOTHING";
const GET: &str =
    "SELECT fingerprint, created_at, status, headers, body FROM idempotency_keys WHERE user_id = $1 AND key = $2";
const RECLAIM: &str = "UPDATE idempotency_keys SET created_at = $3 WHERE user_id = $1 AND key = $2";
const KEEP: &str = "UPDATE idempotency_keys SET status = $3, headers = $4, body = $5 WHERE user_id = $1 AND key = $2";
const FORGET: &str = "DELETE FROM idempotency_keys WHERE user_id = $1 AND key = $2";

impl Conn {
    /// Takes a key for a request; false when it is taken. The user's keys from before `oldest` are swept.
    pub async fn claim_key(
        &mut self,
        user: &UserId,
        key: &str,
        fingerprint: &str,
        now: i64,
        oldest: i64,
    ) -> Result<bool> {
        on!(self, |c| sqlx::query(SWEEP).bind(user.as_str()).bind(oldest).execute(c).await.map(|_| ()))?;
        let made = on!(self, |c| sqlx::query(CLAIM)
            .bind(user.as_str())
            .bind(key)
            .bind(fingerprint)
            .bind(now)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(made == 1)
    }

    /// What is kept under a key.
    pub async fn kept_answer(&mut self, user: &UserId, key: &str) -> Result<Option<KeptAnswer>> {
        Ok(on!(self, |c| sqlx::query_as(GET).bind(user.as_str()).bind(key).fetch_optional(c).await)?)
    }

    /// Lets a request begin anew under a key whose first request died.
    pub async fn reclaim_key(&mut self, user: &UserId, key: &str, now: i64) -> Result<()> {
        on!(self, |c| sqlx::query(RECLAIM).bind(user.as_str()).bind(key).bind(now).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Keeps the answer.
    pub async fn keep_answer(
        &mut self,
        user: &UserId,
        key: &str,
        status: i64,
        headers: &str,
        body: &str,
    ) -> Result<()> {
        on!(self, |c| sqlx::query(KEEP)
            .bind(user.as_str())
            .bind(key)
            .bind(status)
            .bind(headers)
            .bind(body)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Frees a key whose request did not work out.
    pub async fn forget_key(&mut self, user: &UserId, key: &str) -> Result<()> {
        on!(self, |c| sqlx::query(FORGET).bind(user.as_str()).bind(key).execute(c).await.map(|_| ()))?;
        Ok(())
    }
}
