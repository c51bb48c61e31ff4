//! How often somebody has tried something lately: one row per address and path, shared by all pods.

use super::{Conn, Result, on};

/// Counts a try in one statement, so that two at the same moment cannot both be the last one allowed. A window starts
/// anew with every allowed try; a refused one changes nothing but the mark that it was refused (`count` one above the
/// limit).
const COUNT: &str = "INSERT INTO rate_limits (key, count, last_request) VALUES ($1, 1, $2)
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN $2 - rate_limits.last_request >= $3 THEN 1
            WHEN rate_limits.count >= $4 THEN $4 + 1
            ELSE rate_limits.count + 1 END,
        last_request = CASE WHEN $2 - rate_limits.last_request < $3 AND rate_limits.count >= $4
            THEN rate_limits.last_request ELSE $2 END
    RETURNING count, last_request";
const SWEEP: &str = "DELETE FROM rate_limits WHERE last_request < $1";

impl Conn {
    /// Counts one try under `key`, of which `max` are allowed per `window`; times are milliseconds. Answers how long to
    /// wait when this one is too many.
    pub async fn count_try(&mut self, key: &str, max: i64, window: i64, now: i64) -> Result<Option<i64>> {
        let (count, last): (i64, i64) =
            on!(self, |c| sqlx::query_as(COUNT).bind(key).bind(now).bind(window).bind(max).fetch_one(c).await)?;
        if count == 1 {
            // Somebody new: a good moment to forget those who have not been here for an hour.
            on!(self, |c| sqlx::query(SWEEP).bind(now - 3_600_000).execute(c).await.map(|_| ()))?;
        }
        Ok((count > max).then(|| last + window - now))
    }
}
