//! What a call would touch, for those who ask the person first: the exact rows.

use super::{Arguments, Which, checked, lists, task_ids};
use crate::{
    actor::Actor,
    service::{Error, Result, Services, tasks::LIMIT_MAX},
};
use domain::{
    id::TaskId,
    task::{Task, TaskQuery},
    text::Name,
};
use serde_json::Value;

/// Tasks shown of a project or a label at most.
const SHOWN: usize = 1_000;

/// What a call would touch.
#[derive(Debug)]
pub struct Subject {
    /// A project or a label, in words; `None` when it is the tasks themselves.
    pub whole: Option<String>,
    /// The tasks.
    pub tasks: Vec<Task>,
    /// Their subtasks that go along.
    pub subtasks: Vec<Task>,
}

/// Checks a call and finds what it would touch.
pub async fn subject(services: &Services, actor: &Actor, name: &str, arguments: &Value) -> Result<Subject> {
    let tool = services.tools().get(name)?;
    let arguments = checked(tool, actor, arguments.clone())?;
    match tool.which {
        Which::DeleteProject => {
            let project = lists::project(services, actor, &arguments, "project").await?;
            let query = TaskQuery { project: Some(project.id), ..TaskQuery::default() };
            let tasks = all(services, actor, query).await?;
            let whole = format!("the project “{}”{}", project.name, and(&tasks, "and its", "task"));
            Ok(Subject { whole: Some(whole), tasks, subtasks: Vec::new() })
        }
        Which::DeleteLabel => {
            let label = lists::label(services, actor, &arguments).await?;
            let name = Name::parse(&label.name).map_err(|e| Error::text("label", &e))?;
            let tasks = all(services, actor, TaskQuery { labels: vec![name], ..TaskQuery::default() }).await?;
            let whole = format!("the label “{}”{}", label.name, and(&tasks, "of", "task"));
            Ok(Subject { whole: Some(whole), tasks, subtasks: Vec::new() })
        }
        _ => {
            let ids = named(&arguments)?;
            let tasks = services.get_tasks(actor, &ids).await?;
            // Into the trash and into another project a task takes its parts along; done with it are the open ones. Its
            // other fields are its own.
            let all = tool.which == Which::DeleteTask || arguments.contains_key("project");
            let open = tool.which == Which::CompleteTask || arguments.get("completed") == Some(&Value::Bool(true));
            let mut subtasks = if all || open { services.parts_of(actor, &ids).await? } else { Vec::new() };
            if !all {
                subtasks.retain(|part| !part.completed);
            }
            Ok(Subject { whole: None, tasks, subtasks })
        }
    }
}

impl Subject {
    /// All of it, in words.
    pub fn words(&self) -> String {
        match (&self.whole, &self.tasks[..]) {
            (Some(whole), _) => whole.clone(),
            (None, [one]) => format!("#{} “{}”{}", one.id, one.title, and(&self.subtasks, "and its", "subtask")),
            (None, many) => format!("{} tasks{}", many.len(), and(&self.subtasks, "and their", "subtask")),
        }
    }

    /// Every row, those that only go along last.
    pub fn rows(&self) -> impl Iterator<Item = &Task> {
        self.tasks.iter().chain(&self.subtasks)
    }
}

/// Whether other arguments of a call stay within what was shown for it.
pub fn within(name: &str, shown: &Value, wanted: &Value) -> bool {
    let (before, after) = (task_ids(shown), task_ids(wanted));
    let Some(tool) = super::find(name) else { return false };
    let same = |key: &str| shown.get(key) == wanted.get(key);
    wanted.is_object()
        && match tool.which {
            Which::DeleteProject => same("project"),
            Which::DeleteLabel => same("label"),
            _ => !after.is_empty() && after.iter().all(|id| before.contains(id)),
        }
}

/// The tasks a call names; at least one.
pub fn named(arguments: &Arguments) -> Result<Vec<TaskId>> {
    let ids = task_ids(&Value::Object(arguments.clone()));
    if ids.is_empty() {
        return Err(Error::field("task_id", "missing", "task_id is needed: the task’s number, or several as task_ids"));
    }
    Ok(ids.into_iter().map(TaskId).collect())
}

fn and(tasks: &[Task], joint: &str, noun: &str) -> String {
    match tasks.len() {
        0 => String::new(),
        1 => format!(" {joint} 1 {noun}"),
        n if n >= SHOWN => format!(" {joint} {n} {noun}s or more"),
        n => format!(" {joint} {n} {noun}s"),
    }
}

async fn all(services: &Services, actor: &Actor, query: TaskQuery) -> Result<Vec<Task>> {
    let mut query = TaskQuery { limit: Some(LIMIT_MAX), ..query };
    let mut out = Vec::new();
    loop {
        let page = services.list_tasks(actor, &query).await?;
        out.extend(page.items);
        query.cursor = page.next;
        if query.cursor.is_none() || out.len() >= SHOWN {
            out.truncate(SHOWN);
            return Ok(out);
        }
    }
}
