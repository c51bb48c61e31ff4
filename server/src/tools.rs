//! The one table of tools: what the assistant, a model and other programs can do with a person's tasks.
//!
//! A tool has a name, a description, a JSON Schema of its arguments and what it does to the world; [`run`] checks the
//! arguments against the schema and calls the same service functions as every other door. The schemas keep to the
//! part every provider takes: no references, no unions, no type lists; an empty text clears a field.
//!
//! Whose data a tool works on is decided by the [`Actor`] and never by an argument. An older client's `user_id` is
//! compared and refused when it differs. Titles and notes are data: nothing in them is ever read as a request.

mod arguments;
mod read;
mod write;

use crate::{
    actor::{Actor, Scope},
    service::{Error, Result, Services},
};
use domain::id::Seq;
use serde_json::{Map, Value, json};

/// What a tool does to the world, for those who decide whether to ask first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Only looks.
    Reads,
    /// Makes something new.
    Adds,
    /// Changes what is there.
    Changes,
    /// Puts something away.
    Deletes,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Tool {
    /// What callers call it.
    pub name: &'static str,
    /// For a model: what it does and when to use it.
    pub description: &'static str,
    /// What it does to the world.
    pub effect: Effect,
    schema: fn() -> Value,
    which: Which,
}

/// What a tool answers.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolResult {
    /// For the caller; lists of tasks are under `tasks` in their wire form.
    pub value: Value,
    /// The operation to undo, when something changed.
    pub operation: Option<Seq>,
}

#[derive(Clone, Copy, Debug)]
enum Which {
    AddTask,
    QuickAdd,
    ListTasks,
    GetTask,
    UpdateTask,
    CompleteTask,
    ReopenTask,
    DeleteTask,
    RestoreTask,
    MoveTasks,
    PlanDay,
    ListProjects,
    CreateProject,
    ListLabels,
    Undo,
    Search,
}

/// Every tool.
pub const TOOLS: &[Tool] = &[
    Tool {
        name: "add_task",
        effect: Effect::Adds,
        which: Which::AddTask,
        schema: arguments::add_task,
        description: "Adds one task. Put dates, priority, labels and project into their own arguments and not into the title.",
    },
    Tool {
        name: "quick_add",
        effect: Effect::Adds,
        which: Which::QuickAdd,
        schema: arguments::quick_add,
        description: "Adds one task per line of a text in the quick-add notation: dates in words, #Project, @label, p1 to p4, “every friday”. Good for several tasks at once.",
    },
    Tool {
        name: "list_tasks",
        effect: Effect::Reads,
        which: Which::ListTasks,
        schema: arguments::list_tasks,
        description: "Lists tasks. Every condition that is given must hold. Without conditions: all open and completed tasks.",
    },
    Tool {
        name: "get_task",
        effect: Effect::Reads,
        which: Which::GetTask,
        schema: arguments::get_task,
        description: "Shows one task with its description and its subtasks, also from the trash.",
    },
    Tool {
        name: "update_task",
        effect: Effect::Changes,
        which: Which::UpdateTask,
        schema: arguments::update_task,
        description: "Changes fields of one task (task_id) or gives several tasks (task_ids) the same values. Only what is given changes; an empty text clears a field.",
    },
    Tool {
        name: "complete_task",
        effect: Effect::Changes,
        which: Which::CompleteTask,
        schema: arguments::tasks,
        description: "Marks one task (task_id) or several (task_ids) as done. A repeating task moves on to its next date.",
    },
    Tool {
        name: "reopen_task",
        effect: Effect::Changes,
        which: Which::ReopenTask,
        schema: arguments::tasks,
        description: "Marks completed tasks as not done.",
    },
    Tool {
        name: "delete_task",
        effect: Effect::Deletes,
        which: Which::DeleteTask,
        schema: arguments::tasks,
        description: "Puts tasks into the trash, from where they can be restored for 30 days. The person is asked first.",
    },
    Tool {
        name: "restore_task",
        effect: Effect::Changes,
        which: Which::RestoreTask,
        schema: arguments::tasks,
        description: "Brings tasks back from the trash.",
    },
    Tool {
        name: "move_tasks",
        effect: Effect::Changes,
        which: Which::MoveTasks,
        schema: arguments::move_tasks,
        description: "Moves tasks to another day (each keeps its time of day), by a number of days, or to a project. One operation, however many tasks.",
    },
    Tool {
        name: "plan_day",
        effect: Effect::Reads,
        which: Which::PlanDay,
        schema: arguments::plan_day,
        description: "What to do on a day: overdue tasks and those due then, the most important first. Without a date: today.",
    },
    Tool {
        name: "list_projects",
        effect: Effect::Reads,
        which: Which::ListProjects,
        schema: arguments::none,
        description: "Lists the projects.",
    },
    Tool {
        name: "create_project",
        effect: Effect::Adds,
        which: Which::CreateProject,
        schema: arguments::create_project,
        description: "Makes a project.",
    },
    Tool {
        name: "list_labels",
        effect: Effect::Reads,
        which: Which::ListLabels,
        schema: arguments::none,
        description: "Lists the labels.",
    },
    Tool {
        name: "undo",
        effect: Effect::Changes,
        which: Which::Undo,
        schema: arguments::undo,
        description: "Takes back a change: the operation given, or the last one. Undoing an undo does it again.",
    },
    Tool {
        name: "search",
        effect: Effect::Reads,
        which: Which::Search,
        schema: arguments::search,
        description: "Finds open and completed tasks by words of their titles and descriptions.",
    },
];

impl Tool {
    /// The JSON Schema of the arguments.
    pub fn schema(&self) -> Value {
        (self.schema)()
    }

    /// Whether it only looks.
    pub fn read_only(&self) -> bool {
        self.effect == Effect::Reads
    }

    /// Whether it can take something away.
    pub fn destructive(&self) -> bool {
        self.effect == Effect::Deletes
    }
}

/// The tool of that name; older clients' names and any case are understood.
pub fn find(name: &str) -> Option<&'static Tool> {
    let low = name.trim().to_ascii_lowercase().replace('-', "_");
    let exact = |name: &str| TOOLS.iter().find(|t| t.name == name);
    exact(&low).or_else(|| match low.as_str() {
        "create_task" => exact("add_task"),
        "move_task" => exact("move_tasks"),
        "complete_tasks" | "toggle_complete" => exact("complete_task"),
        "delete_tasks" => exact("delete_task"),
        "reopen_tasks" => exact("reopen_task"),
        "restore_tasks" => exact("restore_task"),
        "update_tasks" => exact("update_task"),
        other => other.strip_suffix("_tool").and_then(find),
    })
}

/// Carries out a tool call.
pub async fn run(services: &Services, actor: &Actor, name: &str, arguments: Value) -> Result<ToolResult> {
    let tool = find(name).ok_or_else(|| {
        let names: Vec<&str> = TOOLS.iter().map(|t| t.name).collect();
        Error::field("tool", "unknown", format!("there is no tool {name:?}: the tools are {}", names.join(", ")))
    })?;
    let arguments = checked(tool, actor, arguments)?;
    match tool.which {
        Which::AddTask => write::add_task(services, actor, arguments).await,
        Which::QuickAdd => write::quick_add(services, actor, &arguments).await,
        Which::UpdateTask => write::update_task(services, actor, arguments).await,
        Which::CompleteTask => write::complete(services, actor, &arguments).await,
        Which::ReopenTask => write::reopen(services, actor, &arguments).await,
        Which::DeleteTask => write::delete(services, actor, &arguments).await,
        Which::RestoreTask => write::restore(services, actor, &arguments).await,
        Which::MoveTasks => write::move_tasks(services, actor, arguments).await,
        Which::CreateProject => write::create_project(services, actor, &arguments).await,
        Which::Undo => write::undo(services, actor, &arguments).await,
        Which::ListTasks => read::list_tasks(services, actor, &arguments).await,
        Which::GetTask => read::get_task(services, actor, &arguments).await,
        Which::PlanDay => read::plan_day(services, actor, &arguments).await,
        Which::ListProjects => read::projects(services, actor).await,
        Which::ListLabels => read::labels(services, actor).await,
        Which::Search => read::search(services, actor, &arguments).await,
    }
}

/// Checks a call's arguments without carrying it out.
pub fn check(actor: &Actor, name: &str, arguments: &Value) -> Result<()> {
    find(name).map_or(Ok(()), |tool| checked(tool, actor, arguments.clone()).map(|_| ()))
}

/// The numbers of the tasks a call names, whatever they are.
pub fn task_ids(arguments: &Value) -> Vec<i64> {
    let one = arguments.get("task_id").and_then(arguments::whole_number);
    let many =
        arguments.get("task_ids").and_then(Value::as_array).into_iter().flatten().filter_map(arguments::whole_number);
    let mut ids: Vec<i64> = Vec::new();
    for id in one.into_iter().chain(many) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

/// The arguments, after the scope and every name and type was checked and `user_id` compared.
fn checked(tool: &Tool, actor: &Actor, arguments: Value) -> Result<Map<String, Value>> {
    actor.require(if tool.read_only() { Scope::Read } else { Scope::Write })?;
    let mut map = match arguments {
        Value::Object(map) => map,
        Value::Null => Map::new(),
        other => {
            return Err(Error::field(
                "arguments",
                "invalid_type",
                format!("arguments must be an object, and this is {}", arguments::kind(&other)),
            ));
        }
    };
    if let Some(user) = map.remove("user_id")
        && !user.is_null()
        && user.as_str().is_none_or(|u| u != actor.user.as_str() && u != "me")
    {
        return Err(Error::Forbidden(
            "user_id is not yours: leave it out, you only ever work on your own tasks.".into(),
        ));
    }
    arguments::check(&tool.schema(), &mut map)?;
    Ok(map)
}

/// An error as a caller reads it in a result.
pub fn failure(error: &Error) -> Value {
    let problem = crate::http::error::Error::problem_of(error);
    let mut out = json!({"error": problem.detail, "code": problem.code});
    if !problem.errors.is_empty() {
        out["errors"] = json!(problem.errors);
    }
    out
}
