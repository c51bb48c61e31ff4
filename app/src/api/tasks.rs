//! Tasks: lists, single tasks, quick add, bulk acts, undo and what changed since.

use super::{encode, get, json, write};
use crate::transport::{Answer, Call, send};
use domain::{
    date::Due,
    id::{ProjectId, Seq, TaskId},
    operation::{Operation, Undone},
    overview::Overview,
    priority::Priority,
    problem::Problem,
    quick_add::Chip,
    repeat::Repeat,
    task::{ProjectRef, Task},
};
use serde::{Deserialize, Serialize};

/// What the detail panel, a key or a bulk act changes about tasks: the body of a PATCH.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Change {
    /// A new title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// New notes; `Some(None)` clears, here and below.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Option<String>>,
    /// From when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<Option<Due>>,
    /// Planned for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Option<Due>>,
    /// By when at the latest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Option<Due>>,
    /// How it comes back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeat: Option<Option<Repeat>>,
    /// How much it matters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// Labels to put on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub add_labels: Vec<String>,
    /// Labels to take off.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remove_labels: Vec<String>,
    /// The project; `Some(None)` is the inbox.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<Option<ProjectId>>,
    /// Goes right before that task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<TaskId>,
    /// Goes right after that task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<TaskId>,
}

impl Change {
    /// Shows the change on a task before the server has answered.
    pub fn apply(&self, task: &mut Task, overview: &Overview) {
        fn set<T: Clone>(field: &mut T, new: Option<&T>) {
            if let Some(new) = new {
                field.clone_from(new);
            }
        }
        set(&mut task.title, self.title.as_ref());
        set(&mut task.description, self.description.as_ref());
        set(&mut task.start, self.start.as_ref());
        set(&mut task.due, self.due.as_ref());
        set(&mut task.deadline, self.deadline.as_ref());
        set(&mut task.repeat, self.repeat.as_ref());
        set(&mut task.priority, self.priority.as_ref());
        for label in &self.add_labels {
            if !task.labels.contains(label) {
                task.labels.push(label.clone());
                task.labels.sort_by_key(|l| l.to_lowercase());
            }
        }
        task.labels.retain(|l| !self.remove_labels.contains(l));
        if let Some(project) = self.project {
            task.project = project.and_then(|id| {
                let found = overview.projects.iter().find(|p| p.id == id)?;
                Some(ProjectRef { id, name: found.name.clone() })
            });
        }
    }
}

/// A page of tasks and where the next one is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TaskPage {
    /// The tasks in the server's order.
    pub tasks: Vec<Task>,
    /// The address of the next page.
    pub next: Option<String>,
}

/// Lists tasks; `path` is a query such as `view=today` or the address of a next page.
pub async fn list_tasks(path: &str) -> Result<TaskPage, Problem> {
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/api/me/tasks?{path}") };
    let answer = get::<Vec<Task>>(path).await?;
    Ok(TaskPage { tasks: answer.value, next: answer.next })
}

/// One task, trashed ones included.
pub async fn task(id: TaskId) -> Result<Task, Problem> {
    get(format!("/api/me/tasks/{id}")).await.map(|a| a.value)
}

/// The parts of a task.
pub async fn subtasks(id: TaskId) -> Result<Vec<Task>, Problem> {
    get(format!("/api/me/tasks/{id}/subtasks")).await.map(|a| a.value)
}

/// Adds a part to a task.
pub async fn create_subtask(parent: TaskId, title: &str) -> Result<Answer<Task>, Problem> {
    #[derive(Serialize)]
    struct Body<'a> {
        title: &'a str,
        parent_id: TaskId,
    }
    let body = Body { title, parent_id: parent };
    write("POST", "/api/me/tasks".into(), json(&body)).await
}

/// Changes a task; with `version` the server refuses when somebody else was faster (412).
pub async fn change_task(id: TaskId, change: &Change, version: Option<i64>) -> Result<Answer<Task>, Problem> {
    let call = Call { method: "PATCH", path: format!("/api/me/tasks/{id}"), body: json(change), version };
    send(call).await?.decode()
}

/// Completes or reopens a task.
pub async fn set_completed(id: TaskId, completed: bool) -> Result<Answer<Task>, Problem> {
    let act = if completed { "complete" } else { "reopen" };
    write("POST", format!("/api/me/tasks/{id}/{act}"), None).await
}

/// Moves a task and its subtasks to the trash.
pub async fn delete_task(id: TaskId) -> Result<Answer<Task>, Problem> {
    write("DELETE", format!("/api/me/tasks/{id}"), None).await
}

/// Deletes a trashed task for good.
pub async fn delete_forever(id: TaskId) -> Result<Answer<()>, Problem> {
    write("DELETE", format!("/api/me/tasks/{id}?permanent=true"), None).await
}

/// Takes a task back out of the trash.
pub async fn restore_task(id: TaskId) -> Result<Answer<Task>, Problem> {
    write("POST", format!("/api/me/tasks/{id}/restore"), None).await
}

/// What a bulk act does to each of its tasks.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bulk {
    /// The same change for all.
    Patch(Box<Change>),
    /// `complete`, `reopen`, `delete` or `restore`.
    Action(&'static str),
}

/// The rows an act has touched.
#[derive(Clone, Debug, Deserialize)]
pub struct Rows {
    /// As they are now.
    pub tasks: Vec<Task>,
    /// What a quick add understood.
    #[serde(default)]
    pub chips: Vec<Chip>,
}

/// One act on many tasks: one operation, one undo.
pub async fn bulk(ids: &[TaskId], act: &Bulk) -> Result<Answer<Rows>, Problem> {
    #[derive(Serialize)]
    struct Body<'a> {
        ids: &'a [TaskId],
        #[serde(flatten)]
        act: &'a Bulk,
    }
    let body = Body { ids, act };
    write("POST", "/api/me/tasks/bulk".into(), json(&body)).await
}

/// Adds what a typed text asks for.
pub async fn quick_add(text: &str) -> Result<Answer<Rows>, Problem> {
    #[derive(Serialize)]
    struct Body<'a> {
        text: &'a str,
    }
    write("POST", "/api/me/quick-add".into(), json(&Body { text })).await
}

/// Undoes one operation, or the newest.
pub async fn undo(seq: Option<Seq>) -> Result<Answer<Undone>, Problem> {
    #[derive(Serialize)]
    struct Body {
        #[serde(skip_serializing_if = "Option::is_none")]
        seq: Option<Seq>,
    }
    write("POST", "/api/me/undo".into(), json(&Body { seq })).await
}

/// What happened after `since`, oldest first.
pub async fn changes(since: Seq) -> Result<Vec<Operation>, Problem> {
    get(format!("/api/me/changes?since={since}&limit=200")).await.map(|a| a.value)
}

/// The query that searches for `text`.
pub fn search_query(text: &str) -> String {
    format!("status=all&search={}&limit=100", encode(text))
}
