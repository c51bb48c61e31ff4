//! Done and open again; what comes back moves on.

use super::{check_version, names};
use crate::{
    actor::Actor,
    service::{
        Changed, Result, Services,
        change::{Change, Kind},
    },
    store::{operations::Numbers, tasks::StoredTask},
};
use domain::{date::Due, id::TaskId, repeat::RepeatFrom, task::Task};

impl Services {
    /// Completes tasks as one operation. Open parts are completed with their parent; a repeating task moves on to its next
    /// date instead, leaves a completed task as the record, and its parts are open again.
    pub async fn complete_tasks(&self, actor: &Actor, ids: &[TaskId]) -> Result<Changed<Vec<Task>>> {
        self.set_tasks_completed(actor, ids, |_| true, None).await
    }

    /// Opens completed tasks again as one operation.
    pub async fn reopen_tasks(&self, actor: &Actor, ids: &[TaskId]) -> Result<Changed<Vec<Task>>> {
        self.set_tasks_completed(actor, ids, |_| false, None).await
    }

    /// Completes an open task, opens a completed one.
    pub async fn toggle_task(&self, actor: &Actor, id: TaskId, version: Option<i64>) -> Result<Changed<Task>> {
        let changed = self.set_tasks_completed(actor, &[id], |task| !task.completed, version).await?;
        Ok(changed.map(|mut tasks| tasks.remove(0)))
    }

    async fn set_tasks_completed(
        &self,
        actor: &Actor,
        ids: &[TaskId],
        done: impl Fn(&Task) -> bool,
        version: Option<i64>,
    ) -> Result<Changed<Vec<Task>>> {
        super::check_count(ids.len())?;
        let mut change = self.change(actor, Numbers::default()).await?;
        let befores = change.tasks(ids).await?;
        check_version(&befores, version)?;
        let done = befores.first().is_none_or(|b| done(&b.task));
        let afters = change.set_completed(befores, done).await?;
        let tasks: Vec<Task> = afters.into_iter().map(|s| s.task).collect();
        let (kind, word) = if done { (Kind::Complete, "Completed") } else { (Kind::Reopen, "Reopened") };
        let summary = format!("{word} {}", names(&tasks));
        change.finish(kind, "task", &summary, tasks).await
    }
}

impl Change<'_> {
    /// Completes or reopens the tasks that are not so yet, and answers all of them as they are then.
    pub(super) async fn set_completed(&mut self, tasks: Vec<StoredTask>, done: bool) -> Result<Vec<StoredTask>> {
        let mut out = Vec::with_capacity(tasks.len());
        let many = tasks.len() > 1;
        for before in tasks {
            // With many tasks an earlier one may have taken this one along as its part.
            let before = if many { self.tasks(&[before.task.id]).await?.remove(0) } else { before };
            let after = if before.task.completed == done {
                before
            } else if done {
                self.complete(&before).await?
            } else {
                let mut after = before.clone();
                after.task.completed = false;
                after.task.completed_at = None;
                self.update_task(&before, after).await?
            };
            out.push(after);
        }
        Ok(out)
    }

    async fn complete(&mut self, before: &StoredTask) -> Result<StoredTask> {
        let parts = self.descendants(&[before.task.id]).await?;
        if let Some(next) = self.next_date(before) {
            self.record_done(before).await?;
            for part in parts.iter().filter(|p| p.task.completed && p.task.deleted_at.is_none()) {
                let mut open = part.clone();
                open.task.completed = false;
                open.task.completed_at = None;
                self.update_task(part, open).await?;
            }
            return self.update_task(before, next).await;
        }
        for part in parts.iter().filter(|p| !p.task.completed && p.task.deleted_at.is_none()) {
            let done = self.done(part);
            self.update_task(part, done).await?;
        }
        let done = self.done(before);
        self.update_task(before, done).await
    }

    fn done(&self, task: &StoredTask) -> StoredTask {
        let mut after = task.clone();
        after.task.completed = true;
        after.task.completed_at = Some(self.now());
        after
    }

    /// A repeating task at its next date; `None` when it does not repeat, or for the last time.
    fn next_date(&self, before: &StoredTask) -> Option<StoredTask> {
        let repeat = before.task.repeat.as_ref()?;
        let today = self.services().clock.civil(&self.actor.zone).date();
        let due = before.task.due.clone().unwrap_or(Due::Day(today));
        let rule = repeat.rule.used_once()?;
        let next = match repeat.from {
            // What is overdue goes on after today, not through every date that was missed.
            RepeatFrom::Due => {
                let start = before.repeat_start.unwrap_or_else(|| due.date());
                repeat.rule.next_after(start, due.date().max(today), &repeat.except)?
            }
            RepeatFrom::Completion => repeat.rule.next_after(today, today, &repeat.except)?,
        };
        let days = due.date().until(next).ok()?;
        let mut after = before.clone();
        after.task.due = Some(due.on(next));
        // Start and deadline keep their distance from the due date.
        let shifted =
            |date: &Option<Due>| date.as_ref().map(|d| d.date().checked_add(days).map_or(d.clone(), |day| d.on(day)));
        after.task.start = shifted(&before.task.start);
        after.task.deadline = shifted(&before.task.deadline);
        after.task.repeat = Some(domain::repeat::Repeat { rule, ..repeat.clone() });
        // The rule counts on from here with one occurrence less; its weeks and months stay in step, as this is one of them.
        after.repeat_start = Some(next);
        Some(after)
    }

    /// Keeps what was done as a completed task of its own.
    async fn record_done(&mut self, before: &StoredTask) -> Result<()> {
        let taken = self.conn.take_more(&self.actor.user, Numbers { tasks: 1, ..Numbers::default() }).await?;
        let mut record = self.done(before);
        record.task.id = TaskId(taken.task);
        record.task.repeat = None;
        record.repeat_start = None;
        record.task.updated_at = self.now();
        record.task.version = 1;
        self.insert_task(&record).await
    }
}
