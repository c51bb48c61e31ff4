//! What a patch makes of a task.

use super::{check_zones, first_due};
use crate::{
    service::{Error, Result, change::Change},
    store::tasks::StoredTask,
};
use domain::{
    date::Due,
    id::TaskId,
    order,
    task::{LABELS_MAX, Place, ProjectRef, TaskPatch},
};

/// A patch whose names have become rows.
pub(super) struct Resolved {
    patch: TaskPatch,
    project: Option<Option<ProjectRef>>,
    labels: Option<Vec<String>>,
    add_labels: Vec<String>,
    remove_labels: Vec<String>,
}

impl Change<'_> {
    /// Looks up (and makes) the projects and labels a patch names, once for all its tasks.
    pub(super) async fn resolve(&mut self, patch: TaskPatch) -> Result<Resolved> {
        check_zones(&[
            ("start", &patch.start.clone().flatten()),
            ("due", &patch.due.clone().flatten()),
            ("deadline", &patch.deadline.clone().flatten()),
        ])?;
        let project = match &patch.project {
            None => None,
            Some(None) => Some(None),
            Some(Some(choice)) => Some(Some(self.project_of(choice).await?)),
        };
        let labels = match &patch.labels {
            None => None,
            Some(names) => Some(self.labels_of(names).await?),
        };
        let add_labels = self.labels_of(&patch.add_labels).await?;
        let remove_labels = patch.remove_labels.iter().map(domain::text::Name::key).collect();
        Ok(Resolved { patch, project, labels, add_labels, remove_labels })
    }

    /// The task as the patch wants it. Completion is not touched here.
    pub(super) async fn patched(&mut self, before: &StoredTask, resolved: &Resolved) -> Result<StoredTask> {
        let mut after = before.clone();
        let task = &mut after.task;
        let patch = &resolved.patch;
        if let Some(title) = &patch.title {
            task.title = title.to_string();
        }
        if let Some(description) = &patch.description {
            task.description = description.clone().filter(|d| !d.is_empty());
        }
        if let Some(priority) = patch.priority {
            task.priority = priority;
        }
        if let Some(start) = &patch.start {
            task.start.clone_from(start);
        }
        if let Some(deadline) = &patch.deadline {
            task.deadline.clone_from(deadline);
        }
        if let Some(due) = &patch.due {
            task.due.clone_from(due);
        }
        if let Some(repeat) = &patch.repeat {
            task.repeat.clone_from(repeat);
        }
        if let Some(project) = &resolved.project {
            task.project.clone_from(project);
        }
        if let Some(labels) = &resolved.labels {
            task.labels.clone_from(labels);
        }
        task.labels.retain(|l| !resolved.remove_labels.contains(&l.to_lowercase()));
        for label in &resolved.add_labels {
            if !task.labels.contains(label) {
                task.labels.push(label.clone());
            }
        }
        task.labels.sort_by_key(|l| l.to_lowercase());
        if task.labels.len() > LABELS_MAX {
            return Err(Error::field("labels", "too_many", format!("labels may hold at most {LABELS_MAX} names")));
        }
        let today = self.services().clock.civil(&self.actor.zone).date();
        if let Some(repeat) = &task.repeat {
            // A repeating task always has a date to move on from.
            if task.due.is_none() {
                task.due = first_due(repeat, today).map(Due::Day);
            }
            if task.due != before.task.due || task.repeat != before.task.repeat {
                after.repeat_start = task.due.as_ref().map(Due::date);
            }
        } else {
            after.repeat_start = None;
        }
        if let Some(parent) = patch.parent {
            self.reparent(&mut after, parent).await?;
        }
        if let Some(place) = patch.place {
            after.task.position = self.position_at(place, after.task.id).await?;
        }
        // The parts of a task go with it into another project.
        if after.task.project != before.task.project {
            self.move_parts(after.task.id, &after.task.project).await?;
        }
        Ok(after)
    }

    async fn reparent(&mut self, task: &mut StoredTask, parent: Option<TaskId>) -> Result<()> {
        task.task.parent_id = parent;
        if let Some(parent) = parent {
            let below = self.height(task.task.id).await?;
            let parent = self.parent(parent, Some(task.task.id), below).await?;
            task.task.project = parent.task.project;
        }
        Ok(())
    }

    /// How many levels a task and its parts take up.
    async fn height(&mut self, id: TaskId) -> Result<usize> {
        let mut level = vec![id];
        let mut height = 0;
        while !level.is_empty() && height <= domain::task::DEPTH_MAX {
            height += 1;
            let parts = self.conn.tasks_by_parent(&self.actor.user, &level).await?;
            level = parts.into_iter().map(|s| s.task.id).collect();
        }
        Ok(height)
    }

    async fn move_parts(&mut self, id: TaskId, project: &Option<ProjectRef>) -> Result<()> {
        for before in self.descendants(&[id]).await? {
            let mut after = before.clone();
            after.task.project.clone_from(project);
            self.update_task(&before, after).await?;
        }
        Ok(())
    }

    /// Every part of those tasks, parts of parts included, but those that are named themselves.
    pub(super) async fn descendants(&mut self, ids: &[TaskId]) -> Result<Vec<StoredTask>> {
        Ok(self.conn.tasks_below(&self.actor.user, ids).await?)
    }

    async fn position_at(&mut self, place: Place, moved: TaskId) -> Result<String> {
        let user = &self.actor.user;
        let (low, high) = match place {
            Place::First => (None, self.conn.first_position(user).await?),
            Place::Last => (self.conn.last_position(user).await?, None),
            Place::Before(other) | Place::After(other) => {
                let field = if matches!(place, Place::Before(_)) { "before" } else { "after" };
                let unknown = |_| {
                    Error::field(
                        field,
                        "unknown",
                        format!("{field} must be one of your tasks, and there is no task #{other}"),
                    )
                };
                if other == moved {
                    return Err(Error::field(
                        field,
                        "invalid",
                        format!("{field} must be another task than the one that moves"),
                    ));
                }
                let at = self.tasks(&[other]).await.map_err(unknown)?.remove(0).task.position;
                if matches!(place, Place::Before(_)) {
                    (self.conn.previous_position(user, &at).await?, Some(at))
                } else {
                    let next = self.conn.next_position(user, &at).await?;
                    (Some(at), next)
                }
            }
        };
        Ok(order::between(low.as_deref(), high.as_deref()))
    }
}
