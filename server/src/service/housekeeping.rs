//! What grows old goes: the trash after 30 days, ended sessions, links and sign-ins elsewhere
//! that were not finished, kept answers, the audit after 400 days, the events of answers after an hour, and questions for
//! approval that nobody has answered in a day. Answers whose process has died are ended.
//!
//! Every process does it, and doing it twice does nothing, so no process has to be chosen. The operation log keeps what
//! the trash loses.

use super::{Result, Services};
use std::time::Duration;

/// How long the trash keeps things: 30 days, in microseconds.
const TRASH_LIFETIME: i64 = 30 * 24 * 3600 * 1_000_000;
/// How long the first answer to an `Idempotency-Key` is kept, in microseconds.
const ANSWER_LIFETIME: i64 = 24 * 3600 * 1_000_000;
/// How long it is known what happened to an account: a year and a month, in microseconds.
const AUDIT_LIFETIME: i64 = 400 * 24 * 3600 * 1_000_000;
/// How long tries at addresses that nobody has are known: anybody can make these rows, so they go sooner.
const TRIES_LIFETIME: i64 = 30 * 24 * 3600 * 1_000_000;
/// How long what was streamed can be replayed, in microseconds; the answer itself stays.
const EVENTS_LIFETIME: i64 = 3600 * 1_000_000;
/// How long ended codes and tokens are still known, so that one brought again is noticed: a day, in microseconds.
const OAUTH_LIFETIME: i64 = 24 * 3600 * 1_000_000;
/// How long a program that registered may wait until somebody lets it in: a day, in microseconds.
const UNUSED_CLIENT_LIFETIME: i64 = 24 * 3600 * 1_000_000;
/// How long a program is known that nobody lets in any more: 90 days, in microseconds.
const CLIENT_LIFETIME: i64 = 90 * 24 * 3600 * 1_000_000;
const EVERY: Duration = Duration::from_secs(3600);

impl Services {
    /// Keeps house for as long as the process lives.
    pub async fn keep_house(self) {
        let mut hours = tokio::time::interval(EVERY);
        loop {
            hours.tick().await;
            match self.keep_house_once().await {
                Ok(0) => {}
                Ok(gone) => tracing::info!(gone, "removed what had grown old"),
                Err(error) => tracing::warn!(error = %error, "housekeeping failed; trying again in an hour"),
            }
        }
    }

    /// Removes what has grown old and answers how many rows that were.
    pub async fn keep_house_once(&self) -> Result<u64> {
        let now = self.clock.micros();
        let mut conn = self.store.write().await?;
        let mut gone = conn.purge_trash(now - TRASH_LIFETIME).await?;
        gone += conn.purge_answers(now - ANSWER_LIFETIME).await?;
        gone += conn.purge_sessions(self.clock.millis()).await?;
        gone += conn.purge_verifications(self.clock.millis()).await?;
        gone += conn.purge_oauth_grants(now - OAUTH_LIFETIME).await?;
        gone += conn.purge_oauth_clients(now - UNUSED_CLIENT_LIFETIME, now - CLIENT_LIFETIME).await?;
        gone += conn.purge_oauth_documents(now).await?;
        gone += conn.purge_audit(now - AUDIT_LIFETIME, now - TRIES_LIFETIME).await?;
        gone += conn.purge_run_events(now - EVENTS_LIFETIME).await?;
        conn.expire_calls(now).await?;
        conn.commit().await?;
        self.bury_all_dead().await?;
        Ok(gone)
    }
}
