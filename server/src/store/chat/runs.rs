//! Runs: who writes which answer right now, by a lease, and what has happened in it so far.
//!
//! A row of `run_events` holds several events under the number of the last of them, so that few rows are written.

use crate::store::{Conn, Result, on};
use domain::id::{ConversationId, MessageId, UserId};

/// A run as it is stored.
#[derive(Clone, Debug)]
pub struct StoredRun {
    /// Names it.
    pub id: String,
    /// Whose answer it writes.
    pub user: UserId,
    /// Where.
    pub conversation: ConversationId,
    /// The answer.
    pub message: Option<MessageId>,
    /// Whether it goes on.
    pub running: bool,
    /// Until when it is taken to be alive, in microseconds.
    pub lease_until: i64,
}

/// A run that is to begin.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// Names it.
    pub run: &'a str,
    /// Where.
    pub conversation: ConversationId,
    /// The answer it will write.
    pub message: MessageId,
    /// The language model, when one answers.
    pub model: Option<&'a str>,
    /// The request's key.
    pub request_key: Option<&'a str>,
    /// Now, in microseconds.
    pub now: i64,
    /// Until when it is taken to be alive.
    pub until: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    user_id: String,
    id: String,
    conversation_id: i64,
    message_id: Option<i64>,
    status: String,
    lease_until: i64,
}

impl From<Row> for StoredRun {
    fn from(row: Row) -> Self {
        Self {
            running: row.status == "running",
            id: row.id,
            user: UserId(row.user_id),
            conversation: ConversationId(row.conversation_id),
            message: row.message_id.map(MessageId),
            lease_until: row.lease_until,
        }
    }
}

const CLAIM: &str = "INSERT INTO runs
    (user_id, id, conversation_id, status, lease_owner, lease_until, model, started_at, message_id, request_key)
    VALUES ($1, $2, $3, 'running', $2, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
const RUNNING: &str = "SELECT user_id, id, conversation_id, message_id, status, lease_until FROM runs
    WHERE user_id = $1 AND conversation_id = $2 AND status = 'running'";
const ONE: &str = "SELECT user_id, id, conversation_id, message_id, status, lease_until FROM runs
    WHERE user_id = $1 AND id = $2";
const BY_KEY: &str = "SELECT user_id, id, conversation_id, message_id, status, lease_until FROM runs
    WHERE user_id = $1 AND request_key = $2";
const FREE_KEY: &str = "UPDATE runs SET request_key = NULL WHERE user_id = $1 AND request_key = $2 AND started_at < $3";
const DEAD: &str = "SELECT user_id, id, conversation_id, message_id, status, lease_until FROM runs
    WHERE status = 'running' AND lease_until < $1 LIMIT $2";
const EXTEND: &str = "UPDATE runs SET lease_until = $3 WHERE user_id = $1 AND id = $2 AND status = 'running'
    RETURNING stop_requested_at";
const STOP: &str = "UPDATE runs SET stop_requested_at = coalesce(stop_requested_at, $3)
    WHERE user_id = $1 AND conversation_id = $2 AND status = 'running'";
const STOPPED: &str = "SELECT stop_requested_at FROM runs WHERE user_id = $1 AND id = $2 AND status = 'running'";
const FINISH: &str = "UPDATE runs SET status = $3, error = $4, finished_at = $5, input_tokens = $6, output_tokens = $7
    WHERE user_id = $1 AND id = $2 AND status = 'running'";
const BURY: &str = "UPDATE runs SET status = 'interrupted', finished_at = $3
    WHERE user_id = $1 AND id = $2 AND status = 'running' AND lease_until < $3";
const PUT_EVENTS: &str =
    "INSERT INTO run_events (user_id, run_id, seq, event) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
const EVENTS: &str = "SELECT seq, event FROM run_events WHERE user_id = $1 AND run_id = $2 AND seq > $3
    ORDER BY seq LIMIT $4";
const PURGE: &str = "DELETE FROM run_events WHERE EXISTS (SELECT 1 FROM runs
    WHERE runs.user_id = run_events.user_id AND runs.id = run_events.run_id AND runs.finished_at < $1)";

impl Conn {
    /// Takes a conversation for one run; false while another run holds it, or when the key was used before.
    pub async fn claim_run(&mut self, user: &UserId, claim: &Claim<'_>) -> Result<bool> {
        let rows = on!(self, |c| sqlx::query(CLAIM)
            .bind(user.as_str())
            .bind(claim.run)
            .bind(claim.conversation.0)
            .bind(claim.until)
            .bind(claim.model)
            .bind(claim.now)
            .bind(claim.message.0)
            .bind(claim.request_key)
            .execute(c)
            .await
            .map(|r| r.rows_affected()))?;
        Ok(rows == 1)
    }

    /// The run that holds a conversation, alive or not.
    pub async fn running_run(&mut self, user: &UserId, conversation: ConversationId) -> Result<Option<StoredRun>> {
        let row: Option<Row> =
            on!(self, |c| sqlx::query_as(RUNNING).bind(user.as_str()).bind(conversation.0).fetch_optional(c).await)?;
        Ok(row.map(Into::into))
    }

    /// One run.
    pub async fn run(&mut self, user: &UserId, id: &str) -> Result<Option<StoredRun>> {
        let row: Option<Row> = on!(self, |c| sqlx::query_as(ONE).bind(user.as_str()).bind(id).fetch_optional(c).await)?;
        Ok(row.map(Into::into))
    }

    /// The run a request with that key has begun since that moment (microseconds); an older one lets go of the key.
    pub async fn run_by_key(&mut self, user: &UserId, key: &str, since: i64) -> Result<Option<StoredRun>> {
        on!(self, |c| sqlx::query(FREE_KEY).bind(user.as_str()).bind(key).bind(since).execute(c).await.map(|_| ()))?;
        let row: Option<Row> =
            on!(self, |c| sqlx::query_as(BY_KEY).bind(user.as_str()).bind(key).fetch_optional(c).await)?;
        Ok(row.map(Into::into))
    }

    /// Runs of anybody whose lease is over, at most `limit`.
    pub async fn dead_runs(&mut self, now: i64, limit: i64) -> Result<Vec<StoredRun>> {
        let rows: Vec<Row> = on!(self, |c| sqlx::query_as(DEAD).bind(now).bind(limit).fetch_all(c).await)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Keeps a conversation a while longer: whether it is to stop, or nothing when the run is over.
    pub async fn extend_run(&mut self, user: &UserId, run: &str, until: i64) -> Result<Option<bool>> {
        let row: Option<Option<i64>> = on!(self, |c| sqlx::query_scalar(EXTEND)
            .bind(user.as_str())
            .bind(run)
            .bind(until)
            .fetch_optional(c)
            .await)?;
        Ok(row.map(|asked| asked.is_some()))
    }

    /// Whether a run is to stop, or nothing when it is over.
    pub async fn stop_requested(&mut self, user: &UserId, run: &str) -> Result<Option<bool>> {
        let row: Option<Option<i64>> =
            on!(self, |c| sqlx::query_scalar(STOPPED).bind(user.as_str()).bind(run).fetch_optional(c).await)?;
        Ok(row.map(|asked| asked.is_some()))
    }

    /// Asks whoever answers in a conversation to stop; false when nobody does.
    pub async fn request_stop(&mut self, user: &UserId, conversation: ConversationId, at: i64) -> Result<bool> {
        let rows = on!(self, |c| sqlx::query(STOP)
            .bind(user.as_str())
            .bind(conversation.0)
            .bind(at)
            .execute(c)
            .await
            .map(|r| r.rows_affected()))?;
        Ok(rows > 0)
    }

    /// Lets a conversation go; false when the run was over already.
    pub async fn finish_run(
        &mut self,
        user: &UserId,
        run: &str,
        status: &str,
        error: Option<&str>,
        at: i64,
        tokens: (i64, i64),
    ) -> Result<bool> {
        let rows = on!(self, |c| sqlx::query(FINISH)
            .bind(user.as_str())
            .bind(run)
            .bind(status)
            .bind(error)
            .bind(at)
            .bind(tokens.0)
            .bind(tokens.1)
            .execute(c)
            .await
            .map(|r| r.rows_affected()))?;
        Ok(rows == 1)
    }

    /// Marks a run interrupted whose lease is over; false when it lives, or when somebody was faster.
    pub async fn bury_run(&mut self, user: &UserId, run: &str, now: i64) -> Result<bool> {
        let rows = on!(self, |c| sqlx::query(BURY)
            .bind(user.as_str())
            .bind(run)
            .bind(now)
            .execute(c)
            .await
            .map(|r| r.rows_affected()))?;
        Ok(rows == 1)
    }

    /// Stores events of a run under the number of the last of them.
    pub async fn put_events(&mut self, user: &UserId, run: &str, last: i64, events: &str) -> Result<()> {
        on!(self, |c| sqlx::query(PUT_EVENTS)
            .bind(user.as_str())
            .bind(run)
            .bind(last)
            .bind(events)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// The rows of a run that hold events after that number: the number of each one's last event, and the events.
    pub async fn events_after(
        &mut self,
        user: &UserId,
        run: &str,
        after: i64,
        limit: i64,
    ) -> Result<Vec<(i64, String)>> {
        Ok(on!(self, |c| sqlx::query_as(EVENTS)
            .bind(user.as_str())
            .bind(run)
            .bind(after)
            .bind(limit)
            .fetch_all(c)
            .await)?)
    }

    /// Removes the events of runs that ended before that moment (microseconds); answers stay.
    pub async fn purge_run_events(&mut self, before: i64) -> Result<u64> {
        Ok(on!(self, |c| sqlx::query(PURGE).bind(before).execute(c).await.map(|r| r.rows_affected()))?)
    }
}
