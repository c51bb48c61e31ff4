//! The operation log, and the numbers counted per user.

use super::{Conn, Error, Result, on};
use crate::{actor::Actor, clock::rfc3339};
use domain::{
    id::{Seq, UserId},
    operation::{ChangedRow, Operation},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How many new numbers a change needs besides its place in the log.
#[derive(Clone, Copy, Debug, Default)]
pub struct Numbers {
    /// Tasks.
    pub tasks: i64,
    /// Projects.
    pub projects: i64,
    /// Labels.
    pub labels: i64,
}

/// The last of the numbers that were taken.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Taken {
    /// The change's place in the log.
    pub seq: i64,
    /// The newest task number.
    pub task: i64,
    /// The newest project number.
    pub project: i64,
    /// The newest label number.
    pub label: i64,
}

/// One row of an operation as the log keeps it: state before and after, `null` for a row that was not there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoggedRow {
    /// `task`, `project`, `label` or `filter`.
    pub target: String,
    /// Its number.
    pub id: i64,
    /// Its state.
    pub row: Option<Value>,
}

/// An operation as the log keeps it.
#[derive(Clone, Debug)]
pub struct LoggedOperation {
    /// Its place.
    pub seq: Seq,
    /// What it was: see [`Operation::kind`].
    pub kind: String,
    /// What it was about.
    pub target: String,
    /// The sentence for people.
    pub summary: String,
    /// The rows before it.
    pub before: Vec<LoggedRow>,
    /// The rows after it.
    pub after: Vec<LoggedRow>,
    /// What undid it.
    pub undone_by: Option<Seq>,
    /// Micros.
    pub at: i64,
    /// Through which door.
    pub door: String,
}

impl LoggedOperation {
    /// The wire form: the rows as they are after it.
    pub fn into_wire(self) -> Operation {
        let shown = |mut r: LoggedRow| {
            if let ("task", Some(Value::Object(fields))) = (r.target.as_str(), &mut r.row) {
                for name in super::tasks::UNSHOWN {
                    fields.shift_remove(name);
                }
            }
            ChangedRow { target: r.target, id: r.id, row: r.row }
        };
        let rows = self.after.into_iter().map(shown).collect();
        Operation {
            seq: self.seq,
            at: rfc3339(self.at),
            door: self.door,
            kind: self.kind,
            target: self.target,
            summary: self.summary,
            rows,
            undone_by: self.undone_by,
        }
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    seq: i64,
    at: i64,
    door: String,
    kind: String,
    target: String,
    summary: String,
    before: String,
    after: String,
    undone_by: Option<i64>,
}

impl TryFrom<Row> for LoggedOperation {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        let rows = |place, text: &str| {
            serde_json::from_str(text).map_err(|e| Error::Corrupt {
                place,
                row: format!("operation {}", row.seq),
                detail: e.to_string(),
            })
        };
        Ok(Self {
            before: rows("operations.before", &row.before)?,
            after: rows("operations.after", &row.after)?,
            seq: Seq(row.seq),
            kind: row.kind,
            target: row.target,
            summary: row.summary,
            undone_by: row.undone_by.map(Seq),
            at: row.at,
            door: row.door,
        })
    }
}

const TAKE: &str = "INSERT INTO counters (user_id, seq, task, project, label) VALUES ($1, 1, $2, $3, $4)
    ON CONFLICT (user_id) DO UPDATE SET seq = counters.seq + 1, task = counters.task + $2,
        project = counters.project + $3, label = counters.label + $4
    RETURNING seq, task, project, label";
const TAKE_MORE: &str = "UPDATE counters SET task = task + $2, project = project + $3, label = label + $4
    WHERE user_id = $1 RETURNING seq, task, project, label";
const NEWEST: &str = "SELECT seq FROM counters WHERE user_id = $1";
const INSERT: &str =
    "INSERT INTO operations (user_id, seq, at, actor, door, kind, target, summary, before, after, request_key)
    VALUES ($1, $2, $3, $1, $4, $5, $6, $7, $8, $9, $10)";
const SINCE: &str = "SELECT seq, at, door, kind, target, summary, before, after, undone_by FROM operations
    WHERE user_id = $1 AND seq > $2 ORDER BY seq LIMIT $3";
const ONE: &str = "SELECT seq, at, door, kind, target, summary, before, after, undone_by FROM operations
    WHERE user_id = $1 AND seq = $2";
const LAST_UNDOABLE: &str = "SELECT seq, at, door, kind, target, summary, before, after, undone_by FROM operations
    WHERE user_id = $1 AND undone_by IS NULL AND kind <> 'undo' ORDER BY seq DESC LIMIT 1";
const MARK_UNDONE: &str = "UPDATE operations SET undone_by = $3 WHERE user_id = $1 AND seq = $2 AND undone_by IS NULL";
const UNMARK: &str = "UPDATE operations SET undone_by = NULL WHERE user_id = $1 AND undone_by = $2";
const BY_REQUEST: &str = "SELECT seq FROM operations WHERE user_id = $1 AND request_key = $2 ORDER BY seq DESC LIMIT 1";

impl Conn {
    /// Takes the next place in the user's log and as many numbers as asked for, and so locks the user's changes until the
    /// transaction ends.
    pub async fn take_numbers(&mut self, user: &UserId, n: Numbers) -> Result<Taken> {
        Ok(on!(self, |c| sqlx::query_as(TAKE)
            .bind(user.as_str())
            .bind(n.tasks)
            .bind(n.projects)
            .bind(n.labels)
            .fetch_one(c)
            .await)?)
    }

    /// More numbers for the same change.
    pub async fn take_more(&mut self, user: &UserId, n: Numbers) -> Result<Taken> {
        Ok(on!(self, |c| sqlx::query_as(TAKE_MORE)
            .bind(user.as_str())
            .bind(n.tasks)
            .bind(n.projects)
            .bind(n.labels)
            .fetch_one(c)
            .await)?)
    }

    /// The newest place in the user's log; 0 when nothing ever changed.
    pub async fn newest_seq(&mut self, user: &UserId) -> Result<Seq> {
        let seq: Option<i64> = on!(self, |c| sqlx::query_scalar(NEWEST).bind(user.as_str()).fetch_optional(c).await)?;
        Ok(Seq(seq.unwrap_or(0)))
    }

    /// Writes an operation's row.
    pub async fn log(
        &mut self,
        actor: &Actor,
        seq: i64,
        at: i64,
        kind: &str,
        target: &str,
        summary: &str,
        before: &str,
        after: &str,
    ) -> Result<()> {
        on!(self, |c| sqlx::query(INSERT)
            .bind(actor.user.as_str())
            .bind(seq)
            .bind(at)
            .bind(actor.door.as_str())
            .bind(kind)
            .bind(target)
            .bind(summary)
            .bind(before)
            .bind(after)
            .bind(actor.request_key.as_deref())
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// What happened after `since`, oldest first.
    pub async fn operations_since(&mut self, user: &UserId, since: Seq, limit: i64) -> Result<Vec<LoggedOperation>> {
        let rows: Vec<Row> =
            on!(self, |c| sqlx::query_as(SINCE).bind(user.as_str()).bind(since.0).bind(limit).fetch_all(c).await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// One operation.
    pub async fn operation(&mut self, user: &UserId, seq: Seq) -> Result<Option<LoggedOperation>> {
        let row: Option<Row> =
            on!(self, |c| sqlx::query_as(ONE).bind(user.as_str()).bind(seq.0).fetch_optional(c).await)?;
        row.map(TryInto::try_into).transpose()
    }

    /// The newest operation that can still be undone and is not itself an undo.
    pub async fn last_undoable(&mut self, user: &UserId) -> Result<Option<LoggedOperation>> {
        let row: Option<Row> =
            on!(self, |c| sqlx::query_as(LAST_UNDOABLE).bind(user.as_str()).fetch_optional(c).await)?;
        row.map(TryInto::try_into).transpose()
    }

    /// Notes that `seq` was undone by `by`, and that what `seq` itself had undone counts again.
    pub async fn mark_undone(&mut self, user: &UserId, seq: Seq, by: i64) -> Result<()> {
        on!(self, |c| sqlx::query(MARK_UNDONE).bind(user.as_str()).bind(seq.0).bind(by).execute(c).await.map(|_| ()))?;
        on!(self, |c| sqlx::query(UNMARK).bind(user.as_str()).bind(seq.0).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// The operation a request with that `Idempotency-Key` has carried out.
    pub async fn operation_by_request(&mut self, user: &UserId, key: &str) -> Result<Option<Seq>> {
        let seq: Option<i64> =
            on!(self, |c| sqlx::query_scalar(BY_REQUEST).bind(user.as_str()).bind(key).fetch_optional(c).await)?;
        Ok(seq.map(Seq))
    }
}
