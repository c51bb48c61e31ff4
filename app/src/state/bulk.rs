//! Acts on many tasks at once: one operation, one undo.

use super::State;
use crate::prelude::*;
use crate::{
    api::{self, Bulk, Change},
    transport::Answer,
};
use domain::{id::TaskId, task::Task};

/// "3 tasks", "1 task".
pub fn count(n: usize) -> String {
    if n == 1 { "1 task".into() } else { format!("{n} tasks") }
}

impl State {
    /// The picked tasks, or the one under the cursor when none is picked.
    pub fn chosen(self) -> Vec<TaskId> {
        let picked: Vec<TaskId> = self.selected.with_untracked(|s| s.iter().map(|id| TaskId(*id)).collect());
        if picked.is_empty() {
            self.cursor.get_untracked().filter(|id| *id > 0).map(TaskId).into_iter().collect()
        } else {
            picked
        }
    }

    /// Picks a task or lets go of it.
    pub fn pick(self, id: i64) {
        self.selected.update(|s| {
            if !s.remove(&id) {
                s.insert(id);
            }
        });
    }

    /// The same change for one or many tasks, with a message that says so and an undo.
    pub fn change_all(self, ids: &[TaskId], change: Change, done: String) {
        let overview = self.overview.get_untracked();
        let local = change.clone();
        let act = Bulk::Patch(Box::new(change));
        self.bulk(ids, &move |t| local.apply(t, &overview), act, done, "It could not be changed");
    }

    /// Completes many tasks.
    pub fn complete_all(self, ids: &[TaskId]) {
        self.linger(ids);
        self.bulk(
            ids,
            &|t| t.completed = true,
            Bulk::Action("complete"),
            format!("Completed {}", count(ids.len())),
            "They could not be completed",
        );
    }

    /// Moves many tasks to the trash.
    pub fn delete_all(self, ids: &[TaskId]) {
        let stamp = self.overview.with_untracked(|o| format!("{}Z", o.now));
        self.bulk(
            ids,
            &move |t| t.deleted_at = Some(stamp.clone()),
            Bulk::Action("delete"),
            format!("Moved {} to the trash", count(ids.len())),
            "They could not be deleted",
        );
    }

    fn bulk(self, ids: &[TaskId], local: &dyn Fn(&mut Task), act: Bulk, done: String, failed: &'static str) {
        if ids.is_empty() {
            return;
        }
        self.selected.update(std::collections::BTreeSet::clear);
        let many = ids.to_vec();
        let call = Box::pin(async move {
            let answer = api::bulk(&many, &act).await?;
            Ok(Answer { value: answer.value.tasks, operation: answer.operation, next: None })
        });
        self.act(ids, local, call, Box::new(move |_| Some(done)), failed);
    }
}
