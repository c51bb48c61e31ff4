//! Changes somebody makes to tasks: shown at once, sent, and taken back with a message when the server refuses.

use super::State;
use crate::prelude::*;
use crate::{
    api::{self, Change},
    browser,
    dates::Style,
    transport::Answer,
};
use domain::{
    id::{Seq, TaskId},
    problem::Problem,
    quick_add::Draft,
    task::{ProjectRef, Task},
};
use leptos::task::spawn_local;
use std::{future::Future, pin::Pin};

/// How long a completed task stays in its list: the tick is seen, and a slip can be taken back on the spot.
const LINGER_MS: u64 = 900;

type Rows = Pin<Box<dyn Future<Output = Result<Answer<Vec<Task>>, Problem>>>>;

/// An answer with one task, as one with many.
pub(super) fn one(call: impl Future<Output = Result<Answer<Task>, Problem>> + 'static) -> Rows {
    Box::pin(async move {
        let answer = call.await?;
        Ok(Answer { value: vec![answer.value], operation: answer.operation, next: None })
    })
}

impl State {
    /// Shows `local` on the tasks, makes the call, and settles: the server's rows on success, the old ones and a
    /// message that starts with `failed` otherwise. `done` words the success; `None` says nothing.
    pub(super) fn act(
        self,
        ids: &[TaskId],
        local: &dyn Fn(&mut Task),
        call: Rows,
        done: Box<dyn FnOnce(&[Task]) -> Option<String>>,
        failed: &'static str,
    ) {
        let before: Vec<Task> = ids.iter().filter_map(|id| self.task(*id)).collect();
        self.tasks.update(|tasks| {
            for id in ids {
                if let Some(task) = tasks.get_mut(&id.0) {
                    local(task);
                }
            }
        });
        let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
        self.begin(&ids);
        spawn_local(async move {
            let result = call.await;
            self.end(&ids);
            match result {
                Ok(answer) => {
                    let text = done(&answer.value);
                    self.merge(answer.value);
                    self.release();
                    self.note(answer.operation);
                    if let Some(text) = text {
                        self.say(text, answer.operation);
                    }
                }
                Err(problem) => {
                    self.restore(before);
                    self.release();
                    self.fail(failed, &problem);
                }
            }
            self.refresh_soon();
        });
    }

    fn begin(self, ids: &[i64]) {
        self.pending.update_value(|p| {
            for id in ids {
                *p.entry(*id).or_default() += 1;
            }
        });
    }

    fn end(self, ids: &[i64]) {
        self.pending.update_value(|p| {
            for id in ids {
                if let Some(n) = p.get_mut(id) {
                    *n -= 1;
                    if *n == 0 {
                        p.remove(id);
                    }
                }
            }
        });
    }

    /// Takes in what waited for an answer. What still waits is held again by `merge`.
    fn release(self) {
        let held = self.held.try_update_value(std::mem::take).unwrap_or_default();
        self.merge(held);
    }

    /// Puts rows back as they were, except those with another write under way, whose answer decides.
    fn restore(self, before: Vec<Task>) {
        let busy = self.pending.get_value();
        self.tasks.update(|tasks| {
            for task in before {
                if !busy.contains_key(&task.id.0) {
                    tasks.insert(task.id.0, task);
                }
            }
        });
    }

    /// Remembers our own operation as seen when nothing of anybody else's lies between.
    pub(super) fn note(self, operation: Option<Seq>) {
        if let Some(seq) = operation
            && seq.0 == self.seq.get_value().0 + 1
        {
            self.seq.set_value(seq);
        }
    }

    /// Ticks or unticks.
    pub fn toggle(self, id: TaskId) {
        let Some(task) = self.task(id).filter(|t| t.id.0 > 0) else {
            return;
        };
        let completed = !task.completed;
        if completed {
            self.linger(&[id]);
        }
        let style = self.overview.with_untracked(Style::of);
        self.act(
            &[id],
            &|t| t.completed = completed,
            one(api::set_completed(id, completed)),
            Box::new(move |rows| {
                let now = rows.first()?;
                Some(match (&now.due, completed, now.completed) {
                    // A repeating task has moved on instead.
                    (Some(due), true, false) => {
                        format!("Done. “{}” comes back {}", now.title, style.due(due))
                    }
                    (_, true, _) => format!("Completed “{}”", now.title),
                    (_, false, _) => format!("Reopened “{}”", now.title),
                })
            }),
            if completed { "It could not be completed" } else { "It could not be reopened" },
        );
    }

    /// Keeps completed tasks in sight for a moment.
    pub(super) fn linger(self, ids: &[TaskId]) {
        let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
        self.lingering.update(|l| l.extend(&ids));
        browser::after(LINGER_MS, move || {
            // The focus must not leave with the row.
            let inside = browser::focused()
                .and_then(|e| e.closest("main [data-task]").ok().flatten())
                .and_then(|row| row.get_attribute("data-task")?.parse::<i64>().ok())
                .filter(|id| ids.contains(id));
            if let Some(id) = inside {
                crate::components::list::focus_neighbour(id);
            }
            let _ = self.lingering.try_update(|l| l.retain(|id| !ids.contains(id)));
        });
    }

    /// Changes one task, field by field: when somebody else was faster, their other fields stay and ours are kept.
    pub fn change(self, id: TaskId, change: Change) {
        let Some(task) = self.task(id) else { return };
        let overview = self.overview.get_untracked();
        let local = change.clone();
        let call = async move {
            match api::change_task(id, &change, Some(task.version)).await {
                Err(problem) if problem.status == 412 => {
                    let answer = api::change_task(id, &change, None).await?;
                    self.say(
                        "This task was changed elsewhere meanwhile; your edit was kept and the other fields were updated",
                        answer.operation,
                    );
                    Ok(answer)
                }
                other => other,
            }
        };
        self.act(&[id], &move |t| local.apply(t, &overview), one(call), Box::new(|_| None), "It could not be saved");
    }

    /// Moves a task right before or after another of its list, whose order is `ids`.
    pub fn reorder(self, id: TaskId, neighbour: TaskId, before: bool, ids: &[i64]) {
        let beyond = ids.iter().position(|i| *i == neighbour.0).and_then(|at| {
            let at = if before { at.checked_sub(1)? } else { at + 1 };
            self.task(TaskId(*ids.get(at)?))
        });
        let Some(next_to) = self.task(neighbour) else { return };
        let beyond = beyond.map(|t| t.position);
        let (low, high) = if before {
            (beyond.as_deref(), Some(next_to.position.as_str()))
        } else {
            (Some(next_to.position.as_str()), beyond.as_deref())
        };
        let position = domain::order::between(low, high);
        let change = if before {
            Change { before: Some(neighbour), ..Change::default() }
        } else {
            Change { after: Some(neighbour), ..Change::default() }
        };
        self.act(
            &[id],
            &move |t| t.position.clone_from(&position),
            one(async move { api::change_task(id, &change, None).await }),
            Box::new(|_| None),
            "It could not be moved",
        );
        let name = self.task(id).map(|t| t.title).unwrap_or_default();
        self.spoken.set(format!("{name} moved {}", if before { "up" } else { "down" }));
    }

    /// Moves a task to the trash.
    pub fn delete(self, id: TaskId) {
        let stamp = self.overview.with_untracked(|o| format!("{}Z", o.now));
        self.act(
            &[id],
            &move |t| t.deleted_at = Some(stamp.clone()),
            one(api::delete_task(id)),
            Box::new(|rows| Some(format!("Moved “{}” to the trash", rows.first()?.title))),
            "It could not be deleted",
        );
    }

    /// Takes a task out of the trash.
    pub fn take_back(self, id: TaskId) {
        self.act(
            &[id],
            &|t| t.deleted_at = None,
            one(api::restore_task(id)),
            Box::new(|rows| Some(format!("Restored “{}”", rows.first()?.title))),
            "It could not be restored",
        );
    }

    /// Deletes a trashed task for good; there is no way back, so nothing is shown before the server has agreed.
    pub fn delete_forever(self, id: TaskId) {
        spawn_local(async move {
            match api::delete_forever(id).await {
                Ok(_) => {
                    self.forget(&[id.0]);
                    self.say("Deleted for good", None);
                }
                Err(problem) => self.fail("It could not be deleted", &problem),
            }
        });
    }

    /// Adds what a text asks for. The drafts are shown until the server's rows arrive; `refused` gets the text back.
    pub fn add(self, text: String, drafts: &[Draft], refused: impl FnOnce(String) + 'static) {
        let shown = self.show_drafts(drafts);
        spawn_local(async move {
            let result = api::quick_add(&text).await;
            self.forget(&shown);
            match result {
                Ok(answer) => {
                    self.note(answer.operation);
                    let text = match answer.value.tasks.as_slice() {
                        [task] => format!("Added “{}”", task.title),
                        tasks => format!("Added {} tasks", tasks.len()),
                    };
                    self.merge(answer.value.tasks);
                    self.say(text, answer.operation);
                }
                Err(problem) => {
                    self.fail("It could not be added", &problem);
                    refused(text);
                }
            }
            self.refresh_soon();
        });
    }

    fn show_drafts(self, drafts: &[Draft]) -> Vec<i64> {
        let overview = self.overview.get_untracked();
        let rows: Vec<Task> = drafts
            .iter()
            .filter(|d| d.parent.is_none())
            .map(|draft| {
                let project = draft.project.as_ref().and_then(|name| {
                    let key = name.key();
                    let found = overview.projects.iter().find(|p| p.name.to_lowercase() == key)?;
                    Some(ProjectRef { id: found.id, name: found.name.clone() })
                });
                let shown = draft.preview(TaskId(-self.draw()), overview.user.id.clone(), project);
                // Sorts behind every key the server makes.
                Task { position: "~".into(), ..shown }
            })
            .collect();
        let ids = rows.iter().map(|t| t.id.0).collect();
        self.merge(rows);
        ids
    }

    /// Adds a part to a task.
    pub fn add_part(self, parent: TaskId, title: String) {
        spawn_local(async move {
            match api::create_subtask(parent, &title).await {
                Ok(answer) => {
                    self.note(answer.operation);
                    self.merge(vec![answer.value]);
                }
                Err(problem) => self.fail("The subtask could not be added", &problem),
            }
            self.refresh_soon();
        });
    }

    /// Undoes one operation, or the newest. Undoing an undo redoes.
    pub fn undo(self, seq: Option<Seq>) {
        spawn_local(async move {
            match api::undo(seq).await {
                Ok(answer) => {
                    let operation = answer.value.operation;
                    let summary = operation.summary.clone();
                    if let Some(seq) = seq {
                        self.chat.undone.update(|u| {
                            u.insert(seq.0);
                        });
                    }
                    self.note(Some(operation.seq));
                    self.take_operation(&operation);
                    self.toast(summary, Some((operation.seq, "Redo")), false);
                }
                Err(problem) if problem.status == 404 => self.say("There is nothing to undo", None),
                Err(problem) => self.fail("It could not be undone", &problem),
            }
            self.refresh_soon();
        });
    }
}
