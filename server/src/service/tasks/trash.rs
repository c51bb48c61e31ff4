//! Into the trash, out of it, and out of it for good.

use super::{check_version, names};
use crate::{
    actor::Actor,
    service::{Changed, Error, Result, Services, change::Kind},
    store::operations::Numbers,
};
use domain::{id::TaskId, task::Task};

impl Services {
    /// Puts tasks and their parts into the trash as one operation. What is there already stays as it is.
    pub async fn delete_tasks(
        &self,
        actor: &Actor,
        ids: &[TaskId],
        version: Option<i64>,
    ) -> Result<Changed<Vec<Task>>> {
        super::check_count(ids.len())?;
        let mut change = self.change(actor, Numbers::default()).await?;
        let befores = change.tasks(ids).await?;
        check_version(&befores, version)?;
        let parts = change.descendants(ids).await?;
        let (now, seq) = (change.now(), change.taken.seq);
        let mut afters = Vec::with_capacity(befores.len());
        for (i, before) in befores.iter().chain(&parts).enumerate() {
            let mut after = before.clone();
            if before.task.deleted_at.is_none() {
                after.task.deleted_at = Some(now.clone());
                after.deleted_seq = Some(seq);
                after = change.update_task(before, after).await?;
            }
            if i < befores.len() {
                afters.push(after.task);
            }
        }
        let summary = format!("Deleted {}", names(&afters));
        change.finish(Kind::Delete, "task", &summary, afters).await
    }

    /// Brings tasks back from the trash, with what went there together with them. A task whose parent or project is still
    /// gone comes back without it.
    pub async fn restore_tasks(&self, actor: &Actor, ids: &[TaskId]) -> Result<Changed<Vec<Task>>> {
        super::check_count(ids.len())?;
        let mut change = self.change(actor, Numbers::default()).await?;
        let befores = change.tasks(ids).await?;
        let parts = change.descendants(ids).await?;
        let mut afters = Vec::with_capacity(befores.len());
        for (i, before) in befores.iter().chain(&parts).enumerate() {
            let named = i < befores.len();
            let together = befores.iter().any(|b| b.deleted_seq.is_some() && b.deleted_seq == before.deleted_seq);
            let mut after = before.clone();
            if before.task.deleted_at.is_some() && (named || together) {
                after.task.deleted_at = None;
                after.deleted_seq = None;
                if named {
                    change.unhook(&mut after, ids).await?;
                }
                after = change.update_task(before, after).await?;
            }
            if named {
                afters.push(after.task);
            }
        }
        let summary = format!("Restored {}", names(&afters));
        change.finish(Kind::Restore, "task", &summary, afters).await
    }

    /// Removes a task in the trash, and its parts there, for good. The operation log still knows it.
    pub async fn purge_task(&self, actor: &Actor, id: TaskId) -> Result<Changed<()>> {
        let mut change = self.change(actor, Numbers::default()).await?;
        let before = change.tasks(&[id]).await?.remove(0);
        if before.task.deleted_at.is_none() {
            return Err(Error::conflict("not_in_trash", format!("Task #{id} is not in the trash: delete it first.")));
        }
        // Leaves first, so that no part is left without its parent.
        let mut parts = change.descendants(&[id]).await?;
        parts.reverse();
        for part in &parts {
            change.purge_task(part).await?;
        }
        change.purge_task(&before).await?;
        let summary = format!("Deleted “{}” for good", before.task.title);
        change.finish(Kind::Delete, "task", &summary, ()).await
    }
}

impl crate::service::change::Change<'_> {
    /// Takes a task off a parent or a project that is gone; parents `together` with it are on their way back.
    pub(in crate::service) async fn unhook(
        &mut self,
        task: &mut crate::store::tasks::StoredTask,
        together: &[TaskId],
    ) -> Result<()> {
        let user = &self.actor.user;
        if let Some(parent) = task.task.parent_id.filter(|p| !together.contains(p)) {
            let gone = self.conn.tasks_by_id(user, &[parent]).await?.pop().is_none_or(|p| p.task.deleted_at.is_some());
            if gone {
                task.task.parent_id = None;
            }
        }
        if let Some(project) = &task.task.project {
            let gone = self.conn.project(user, project.id).await?.is_none_or(|p| p.deleted_at.is_some());
            if gone {
                task.task.project = None;
            }
        }
        Ok(())
    }
}
