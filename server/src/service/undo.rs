//! Taking a change back, and what has changed since.
//!
//! An undo puts back, field by field, what the operation changed. A field that somebody changed again since is not
//! overwritten: the undo is refused and says so. A task that was created goes to the trash, not away; undoing the undo
//! brings it back. An undo is an operation like any other.

use super::{
    Changed, Error, Result, Services,
    change::{Change, Kind},
};
use crate::{
    actor::Actor,
    store::{
        operations::{LoggedOperation, LoggedRow, Numbers},
        projects::StoredLabel,
        tasks::StoredTask,
    },
};
use domain::{
    id::{LabelId, ProjectId, Seq, TaskId},
    operation::{Operation, Undone},
    project::Project,
    text::Name,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

/// Most operations one answer of `changes` holds.
pub const CHANGES_MAX: u32 = 500;

/// Fields that every change touches and that say nothing about what the person wants.
const BOOKKEEPING: [&str; 2] = ["version", "updated_at"];

impl Services {
    /// What happened after `since`, oldest first, at most `limit` (1 to [`CHANGES_MAX`]).
    pub async fn changes(&self, actor: &Actor, since: Seq, limit: u32) -> Result<Vec<Operation>> {
        let limit = i64::from(limit.clamp(1, CHANGES_MAX));
        let logged = self.store.read().await?.operations_since(&actor.user, since, limit).await?;
        Ok(logged.into_iter().map(LoggedOperation::into_wire).collect())
    }

    /// Takes back that operation, or the last one that was neither undone nor an undo.
    pub async fn undo(&self, actor: &Actor, seq: Option<Seq>) -> Result<Changed<Undone>> {
        let mut change = self.change(actor, Numbers::default()).await?;
        let found = match seq {
            Some(seq) => change.conn.operation(&actor.user, seq).await?,
            None => change.conn.last_undoable(&actor.user).await?,
        };
        let Some(operation) = found else {
            let what = seq.map_or("change to undo".into(), |s| format!("operation {s}"));
            return Err(Error::NotFound { what });
        };
        if operation.undone_by.is_some() {
            return Err(Error::conflict("already_undone", format!("“{}” was already undone.", operation.summary)));
        }
        // The last row first, as the change is played backwards.
        for (before, after) in operation.before.iter().zip(&operation.after).rev() {
            change.put_back(before, after).await?;
        }
        change.mend(&operation.after).await?;
        let undone = operation.seq;
        change.conn.mark_undone(&actor.user, undone, change.taken.seq).await?;
        let summary = format!("Undid: {}", operation.summary);
        let changed = change.finish(Kind::Undo, &operation.target, &summary, ()).await?;
        let mut done = self.store.read().await?.operation(&actor.user, changed.seq).await?;
        let operation = done.take().ok_or_else(|| Error::Internal("an undo left no operation".into()))?.into_wire();
        Ok(Changed { value: Undone { undone, operation }, seq: changed.seq, acted: changed.acted })
    }
}

impl Change<'_> {
    async fn put_back(&mut self, before: &LoggedRow, after: &LoggedRow) -> Result<()> {
        match after.target.as_str() {
            "task" => self.put_back_task(before, after).await,
            "project" => self.put_back_project(before, after).await,
            "label" => self.put_back_label(before, after).await,
            other => Err(Error::Internal(format!("operation row of unknown target {other}"))),
        }
    }

    async fn put_back_task(&mut self, before: &LoggedRow, after: &LoggedRow) -> Result<()> {
        let id = TaskId(after.id);
        let now = self.conn.tasks_by_id(&self.actor.user, &[id]).await?.pop();
        match (&before.row, now) {
            // It was purged: bring it back as it was.
            (Some(row), None) => {
                let mut task: StoredTask = parse(row)?;
                if let Some(parent) = task.task.parent_id
                    && self.conn.tasks_by_id(&self.actor.user, &[parent]).await?.is_empty()
                {
                    task.task.parent_id = None;
                }
                task.task.labels = self.labels_named(&task.task.labels).await?;
                self.insert_task(&task).await
            }
            // It was made: to the trash with it.
            (None, Some(now)) => {
                let mut gone = now.clone();
                gone.task.deleted_at.get_or_insert(self.now());
                gone.deleted_seq.get_or_insert(self.taken.seq);
                self.update_task(&now, gone).await.map(|_| ())
            }
            (Some(row), Some(now)) => {
                let name = format!("task #{id}");
                let mut back: StoredTask = merge(&now, row, after.row.as_ref(), &name)?;
                back.task.labels = self.labels_named(&back.task.labels).await?;
                self.update_task(&now, back).await.map(|_| ())
            }
            (None, None) => Ok(()),
        }
    }

    /// A label that is gone or has another name by now is made again, so that no task loses one unseen.
    async fn labels_named(&mut self, names: &[String]) -> Result<Vec<String>> {
        let names: Vec<Name> = names.iter().filter_map(|name| Name::parse(name).ok()).collect();
        self.labels_of(&names).await
    }

    /// What was put back does not hang where nobody sees it: a task outside the trash leaves a project or a parent that is
    /// gone by now.
    async fn mend(&mut self, rows: &[LoggedRow]) -> Result<()> {
        let ids: Vec<TaskId> = rows.iter().filter(|r| r.target == "task").map(|r| TaskId(r.id)).collect();
        for now in self.conn.tasks_by_id(&self.actor.user, &ids).await? {
            let mut mended = now.clone();
            if now.task.deleted_at.is_none() {
                self.unhook(&mut mended, &[]).await?;
            }
            self.update_task(&now, mended).await?;
        }
        Ok(())
    }

    async fn put_back_project(&mut self, before: &LoggedRow, after: &LoggedRow) -> Result<()> {
        let Some(now) = self.conn.project(&self.actor.user, ProjectId(after.id)).await? else { return Ok(()) };
        let back: Project = match &before.row {
            Some(row) => merge(&now, row, after.row.as_ref(), &format!("project “{}”", now.name))?,
            // It was made: it goes only when nothing uses it any more, otherwise it stays, empty-handed undo or not.
            None => {
                let used = self
                    .conn
                    .tasks_by_project(&self.actor.user, now.id)
                    .await?
                    .iter()
                    .any(|t| t.task.deleted_at.is_none());
                if used {
                    return Ok(());
                }
                Project { deleted_at: Some(self.now()), ..now.clone() }
            }
        };
        self.update_project(&now, back).await.map(|_| ())
    }

    async fn put_back_label(&mut self, before: &LoggedRow, after: &LoggedRow) -> Result<()> {
        let Some(now) = self.conn.label(&self.actor.user, LabelId(after.id)).await? else { return Ok(()) };
        let back: StoredLabel = match &before.row {
            Some(row) => merge(&now, row, after.row.as_ref(), &format!("label “{}”", now.label.name))?,
            None => StoredLabel { deleted_at: Some(self.now()), ..now.clone() },
        };
        self.update_label(&now, back).await.map(|_| ())
    }
}

fn parse<T: DeserializeOwned>(row: &Value) -> Result<T> {
    serde_json::from_value(row.clone()).map_err(|e| Error::Internal(format!("a logged row does not parse: {e}")))
}

/// `now` with every field that the operation changed put back to what it was `before`.
fn merge<T: Serialize + DeserializeOwned>(now: &T, before: &Value, after: Option<&Value>, name: &str) -> Result<T> {
    let object = |v: &Value| v.as_object().cloned().unwrap_or_default();
    let now = serde_json::to_value(now).map_err(|e| Error::Internal(format!("a row as JSON: {e}")))?;
    let (mut merged, before, after) = (object(&now), object(before), after.map(object).unwrap_or_default());
    for (field, was) in &before {
        if BOOKKEEPING.contains(&field.as_str()) || same(&after, field, was) {
            continue;
        }
        if !same(&merged, field, after.get(field).unwrap_or(&Value::Null)) {
            return Err(Error::conflict(
                "changed_since",
                format!(
                    "The {field} of {name} was changed again since, so this cannot be undone on its own. Undo the later change first."
                ),
            ));
        }
        merged.insert(field.clone(), was.clone());
    }
    parse(&Value::Object(merged))
}

fn same(map: &Map<String, Value>, field: &str, value: &Value) -> bool {
    let there = map.get(field).unwrap_or(&Value::Null);
    // A project is the same when its number is, whatever it is called by now.
    match (there.get("id"), value.get("id")) {
        (Some(a), Some(b)) => a == b,
        _ => there == value,
    }
}
