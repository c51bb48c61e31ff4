//! The rules of tasks: reading, creating, changing. Completing is in [`complete`], the trash in [`trash`].

mod complete;
mod moves;
mod patch;
mod trash;

pub use moves::Moves;

use super::{
    Changed, Error, Result, Services,
    change::{Change, Kind},
};
use crate::{
    actor::Actor,
    store::{operations::Numbers, tasks::StoredTask},
};
use domain::{
    date::Due,
    id::TaskId,
    order,
    problem::FieldError,
    task::{BULK_MAX, DEPTH_MAX, NewTask, ParentChoice, Task, TaskPatch, TaskQuery},
};
use std::collections::HashMap;

/// Rows in a list when the caller does not say.
pub const LIMIT_DEFAULT: u32 = 50;
/// Most rows in one page.
pub const LIMIT_MAX: u32 = 200;

/// One page of tasks.
#[derive(Clone, Debug)]
pub struct Page {
    /// In order.
    pub items: Vec<Task>,
    /// The cursor of the next page.
    pub next: Option<String>,
}

impl Services {
    /// A page of the person's tasks.
    pub async fn list_tasks(&self, actor: &Actor, query: &TaskQuery) -> Result<Page> {
        let limit = query.limit.unwrap_or(LIMIT_DEFAULT);
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(Error::field("limit", "out_of_range", format!("limit must be from 1 to {LIMIT_MAX}")));
        }
        let today = self.clock.civil(&actor.zone).date();
        let page = self.store.read().await?.list_tasks(&actor.user, query, today, limit).await?;
        let page = page.map_err(|_| {
            Error::field(
                "cursor",
                "invalid",
                "cursor must be one from the Link header of the page before, with the same sort",
            )
        })?;
        Ok(Page { items: page.items.into_iter().map(|s| s.task).collect(), next: page.next })
    }

    /// One task, also from the trash.
    pub async fn get_task(&self, actor: &Actor, id: TaskId) -> Result<Task> {
        let found = self.store.read().await?.tasks_by_id(&actor.user, &[id]).await?;
        found.into_iter().next().map(|s| s.task).ok_or_else(|| Error::no_task(id))
    }

    /// The tasks with those numbers, in that order; every one has to be there.
    pub async fn get_tasks(&self, actor: &Actor, ids: &[TaskId]) -> Result<Vec<Task>> {
        let found = self.store.read().await?.tasks_by_id(&actor.user, ids).await?;
        in_order(found, ids).map(|tasks| tasks.into_iter().map(|s| s.task).collect())
    }

    /// Every part of those tasks, parts of parts included, but what is named itself or in the trash.
    pub async fn parts_of(&self, actor: &Actor, ids: &[TaskId]) -> Result<Vec<Task>> {
        let below = self.store.read().await?.tasks_below(&actor.user, ids).await?;
        Ok(below.into_iter().map(|s| s.task).filter(|part| part.deleted_at.is_none()).collect())
    }

    /// Makes tasks, all or none, as one operation.
    pub async fn create_tasks(&self, actor: &Actor, new: Vec<NewTask>) -> Result<Changed<Vec<Task>>> {
        check_count(new.len())?;
        let mut change = self.change(actor, Numbers { tasks: new.len() as i64, ..Numbers::default() }).await?;
        let first = change.taken.task - new.len() as i64 + 1;
        let mut last = change.conn.last_position(&actor.user).await?;
        let mut made: Vec<StoredTask> = Vec::with_capacity(new.len());
        for (i, new) in new.into_iter().enumerate() {
            let position = order::between(last.as_deref(), None);
            let stored = change.build(new, TaskId(first + i as i64), position.clone(), &made).await?;
            change.insert_task(&stored).await?;
            last = Some(position);
            made.push(stored);
        }
        let tasks: Vec<Task> = made.into_iter().map(|s| s.task).collect();
        let summary = format!("Added {}", names(&tasks));
        change.finish(Kind::Create, "task", &summary, tasks).await
    }

    /// Changes tasks the same way, all or none, as one operation. With `version` the (single) task must still be at it.
    pub async fn update_tasks(
        &self,
        actor: &Actor,
        ids: &[TaskId],
        patch: TaskPatch,
        version: Option<i64>,
    ) -> Result<Changed<Vec<Task>>> {
        check_count(ids.len())?;
        let mut change = self.change(actor, Numbers::default()).await?;
        let befores = change.tasks(ids).await?;
        check_version(&befores, version)?;
        let completed = patch.completed;
        let patch = change.resolve(patch).await?;
        let mut afters = Vec::with_capacity(befores.len());
        let many = befores.len() > 1;
        for before in befores {
            // With many tasks an earlier one may have moved this one along as its part.
            let before = if many { change.tasks(&[before.task.id]).await?.remove(0) } else { before };
            let after = change.patched(&before, &patch).await?;
            afters.push(change.update_task(&before, after).await?);
        }
        if let Some(done) = completed {
            afters = change.set_completed(afters, done).await?;
        }
        let tasks: Vec<Task> = afters.into_iter().map(|s| s.task).collect();
        let summary = format!("Changed {}", names(&tasks));
        change.finish(Kind::Update, "task", &summary, tasks).await
    }
}

impl Change<'_> {
    /// The tasks with those numbers, in that order; every one has to be there.
    pub(super) async fn tasks(&mut self, ids: &[TaskId]) -> Result<Vec<StoredTask>> {
        let found = self.conn.tasks_by_id(&self.actor.user, ids).await?;
        in_order(found, ids)
    }

    async fn build(&mut self, new: NewTask, id: TaskId, position: String, made: &[StoredTask]) -> Result<StoredTask> {
        check_zones(&[("start", &new.start), ("due", &new.due), ("deadline", &new.deadline)])?;
        let parent = match new.parent {
            None => None,
            Some(ParentChoice::Earlier(index)) => made.get(index).cloned(),
            Some(ParentChoice::Id(id)) => Some(self.parent(id, None, 1).await?),
        };
        let project = match &new.project {
            Some(choice) => Some(self.project_of(choice).await?),
            None => parent.as_ref().and_then(|p| p.task.project.clone()),
        };
        let labels = if new.labels.is_empty() { vec![] } else { self.labels_of(&new.labels).await? };
        let today = self.services().clock.civil(&self.actor.zone).date();
        let now = self.now();
        // A rule without a date is due at its first occurrence from today on.
        let due = match (new.due, &new.repeat) {
            (None, Some(repeat)) => first_due(repeat, today).map(Due::Day),
            (due, _) => due,
        };
        let repeat_start = new.repeat.as_ref().map(|_| due.as_ref().map_or(today, Due::date));
        Ok(StoredTask {
            task: Task {
                id,
                user_id: self.actor.user.clone(),
                title: new.title.into(),
                description: new.description.filter(|d| !d.is_empty()),
                completed: new.completed,
                completed_at: new.completed.then(|| now.clone()),
                start: new.start,
                due,
                deadline: new.deadline,
                repeat: new.repeat,
                priority: new.priority,
                labels,
                project,
                parent_id: parent.map(|p| p.task.id),
                position,
                created_at: now.clone(),
                updated_at: now,
                deleted_at: None,
                version: 1,
            },
            repeat_start,
            deleted_seq: None,
        })
    }

    /// The task `id` as a parent for a task whose own parts go `below` levels deep. `child` must not be above it.
    pub(super) async fn parent(&mut self, id: TaskId, child: Option<TaskId>, below: usize) -> Result<StoredTask> {
        let unknown = || {
            Error::field(
                "parent_id",
                "unknown",
                format!("parent_id must be one of your tasks, and there is no task #{id}"),
            )
        };
        let parent = self.tasks(&[id]).await.map_err(|_| unknown())?.remove(0);
        if parent.task.deleted_at.is_some() {
            return Err(unknown());
        }
        let mut level = 1;
        let mut above = Some(parent.task.clone());
        while let Some(task) = above {
            if Some(task.id) == child {
                let message = "parent_id must not be the task itself or one of its own parts";
                return Err(Error::field("parent_id", "cycle", message));
            }
            level += 1;
            above = match task.parent_id {
                Some(up) => self.conn.tasks_by_id(&self.actor.user, &[up]).await?.pop().map(|s| s.task),
                None => None,
            };
        }
        if level + below - 1 > DEPTH_MAX {
            let message = format!("parent_id would nest tasks deeper than {DEPTH_MAX} levels");
            return Err(Error::field("parent_id", "too_deep", message));
        }
        Ok(parent)
    }
}

/// The first day from `today` on which the rule falls.
fn first_due(repeat: &domain::repeat::Repeat, today: jiff::civil::Date) -> Option<jiff::civil::Date> {
    let yesterday = today.yesterday().unwrap_or(today);
    repeat.rule.next_after(today, yesterday, &repeat.except)
}

fn in_order(found: Vec<StoredTask>, ids: &[TaskId]) -> Result<Vec<StoredTask>> {
    let mut by_id: HashMap<TaskId, StoredTask> = found.into_iter().map(|s| (s.task.id, s)).collect();
    let mut out = Vec::with_capacity(ids.len());
    for id in ids {
        // A number named twice counts once.
        if out.iter().any(|s: &StoredTask| s.task.id == *id) {
            continue;
        }
        out.push(by_id.remove(id).ok_or_else(|| Error::no_task(*id))?);
    }
    Ok(out)
}

fn check_count(count: usize) -> Result<()> {
    match count {
        0 => Err(Error::field("ids", "empty", "ids must name at least one task")),
        n if n > BULK_MAX => {
            Err(Error::field("ids", "too_many", format!("ids may name at most {BULK_MAX} tasks, and this names {n}")))
        }
        _ => Ok(()),
    }
}

pub(super) fn check_version(befores: &[StoredTask], version: Option<i64>) -> Result<()> {
    match (version, befores.first()) {
        (Some(version), Some(before)) if before.task.version != version => {
            Err(Error::Version { current: before.task.version })
        }
        _ => Ok(()),
    }
}

/// Zones are checked for shape when they are read; whether they exist is checked here.
pub(super) fn check_zones(dates: &[(&str, &Option<Due>)]) -> Result<()> {
    let errors: Vec<FieldError> = dates
        .iter()
        .filter_map(|(field, due)| {
            let zone = due.as_ref()?.zone()?;
            jiff::tz::TimeZone::get(zone).err()?;
            Some(FieldError::new(
                *field,
                "unknown_zone",
                format!(
                    "{field} names the time zone {zone:?}, which does not exist: use an IANA name such as Europe/Paris"
                ),
            ))
        })
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(Error::Invalid(errors)) }
}

/// What an operation's sentence calls its tasks.
pub(super) fn names(tasks: &[Task]) -> String {
    match tasks {
        [one] => format!("“{}”", one.title),
        many => format!("{} tasks", many.len()),
    }
}
