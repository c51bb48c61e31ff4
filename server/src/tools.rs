//! The one table of tools: what the assistant, a model and other programs can do with a person's tasks.
//!
//! A tool has a name, words for people and for models, JSON Schemas of its arguments and its answers, and what it does to
//! the world; [`run`] checks the arguments against the schema and calls the same service functions as every other door.
//! An empty text clears a field. [`Enabled`] says which tools there are here; the rows are in `table.rs`.
//!
//! Whose data a tool works on is decided by the [`Actor`] and never by an argument. An older client's `user_id` is
//! compared and refused when it differs. Titles and notes are data: nothing in them is ever read as a request.

mod arguments;
mod check;
mod enabled;
mod lean;
mod lists;
mod read;
mod results;
mod schema;
mod subject;
mod table;
mod write;

pub use enabled::Enabled;
pub use subject::{Subject, subject, within};
pub use table::TOOLS;

use crate::{
    actor::{Actor, Scope},
    service::{Error, Result, Services},
    telemetry::traces,
};
use domain::id::Seq;
use serde_json::{Map, Value, json};
use std::{collections::HashMap, sync::LazyLock};
use table::{OTHER_NAMES, TOGGLE};
use tracing::{Instrument as _, Span};

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
    /// For people: a few words.
    pub title: &'static str,
    /// For a model: what it does and when to use it.
    pub description: &'static str,
    /// What it does to the world.
    pub effect: Effect,
    /// Whether the same call once more changes nothing further.
    pub repeatable: bool,
    which: Which,
    arguments: fn() -> Value,
    results: fn() -> Value,
}

/// What a tool answers.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolResult {
    /// For the caller; lists of tasks are under `tasks` in their wire form, and the operation under `seq`.
    pub value: Value,
    /// The operation to undo, when something changed.
    pub operation: Option<Seq>,
}

impl ToolResult {
    fn looked(value: Value) -> Self {
        Self { value, operation: None }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    AddTask,
    AddTasks,
    QuickAdd,
    ListTasks,
    Search,
    GetTask,
    PlanDay,
    UpdateTask,
    CompleteTask,
    ReopenTask,
    Toggle,
    MoveTasks,
    DeleteTask,
    RestoreTask,
    ListProjects,
    CreateProject,
    UpdateProject,
    DeleteProject,
    ListLabels,
    CreateLabel,
    UpdateLabel,
    DeleteLabel,
    Undo,
}

type Arguments = Map<String, Value>;

impl Tool {
    /// The JSON Schema of the arguments.
    pub fn schema(&self) -> Value {
        (self.arguments)()
    }

    /// The same, built once: every call is checked against it, and every turn holds it.
    pub(crate) fn kept_schema(&self) -> &'static Value {
        static ALL: LazyLock<HashMap<&str, Value>> =
            LazyLock::new(|| TOOLS.iter().chain([&TOGGLE]).map(|tool| (tool.name, tool.schema())).collect());
        &ALL[self.name]
    }

    /// The JSON Schema of an answer that is no error.
    pub fn result_schema(&self) -> Value {
        (self.results)()
    }

    /// Whether it only looks.
    pub fn read_only(&self) -> bool {
        self.effect == Effect::Reads
    }

    /// Whether it can take something away.
    pub fn destructive(&self) -> bool {
        self.effect == Effect::Deletes
    }

    /// What it does to the world in the words of the Model Context Protocol.
    pub fn annotations(&self) -> Value {
        json!({
            "title": self.title,
            "readOnlyHint": self.read_only(),
            "destructiveHint": self.destructive(),
            "idempotentHint": self.repeatable,
            // It works on the person's own tasks and nothing else.
            "openWorldHint": false,
        })
    }
}

/// The tool of that name, switched on or not; older clients' names and any case are understood.
pub fn find(name: &str) -> Option<&'static Tool> {
    let low = name.trim().to_ascii_lowercase().replace('-', "_");
    let exact = |name: &str| TOOLS.iter().find(|t| t.name == name);
    if low == TOGGLE.name {
        return Some(&TOGGLE);
    }
    let other = || OTHER_NAMES.iter().find(|(other, _)| *other == low).and_then(|(_, name)| exact(name));
    exact(&low).or_else(other).or_else(|| low.strip_suffix("_tool").and_then(find))
}

/// Carries out a tool call.
pub async fn run(services: &Services, actor: &Actor, name: &str, arguments: Value) -> Result<ToolResult> {
    let tool = services.tools().get(name)?;
    let arguments = checked(tool, actor, arguments)?;
    let mut result = carried_out(services, actor, tool, arguments).instrument(trace(tool)).await?;
    if let Some(seq) = result.operation {
        result.value["seq"] = json!(seq);
    }
    drop_nulls(&mut result.value);
    Ok(result)
}

fn trace(tool: &Tool) -> Span {
    tracing::info_span!(
        target: traces::TARGET,
        "tool",
        otel.name = format!("execute_tool {}", tool.name),
        gen_ai.operation.name = "execute_tool",
        gen_ai.tool.name = tool.name,
    )
}

async fn carried_out(services: &Services, actor: &Actor, tool: &Tool, arguments: Arguments) -> Result<ToolResult> {
    match tool.which {
        Which::AddTask => write::add_task(services, actor, arguments).await,
        Which::AddTasks => write::add_tasks(services, actor, arguments).await,
        Which::QuickAdd => write::quick_add(services, actor, &arguments).await,
        Which::UpdateTask => write::update_task(services, actor, arguments).await,
        Which::CompleteTask => write::complete(services, actor, &arguments).await,
        Which::ReopenTask => write::reopen(services, actor, &arguments).await,
        Which::Toggle => write::toggle(services, actor, &arguments).await,
        Which::DeleteTask => write::delete(services, actor, &arguments).await,
        Which::RestoreTask => write::restore(services, actor, &arguments).await,
        Which::MoveTasks => write::move_tasks(services, actor, arguments).await,
        Which::Undo => write::undo(services, actor, &arguments).await,
        Which::ListTasks => {
            read::list_tasks(services, actor, &arguments).await.map(|list| ToolResult::looked(json!(list)))
        }
        Which::GetTask => read::get_task(services, actor, &arguments).await,
        Which::PlanDay => read::plan_day(services, actor, &arguments).await,
        Which::Search => read::search(services, actor, &arguments).await,
        Which::ListProjects => lists::projects(services, actor, &arguments).await,
        Which::CreateProject => lists::create_project(services, actor, &arguments).await,
        Which::UpdateProject => lists::update_project(services, actor, &arguments).await,
        Which::DeleteProject => lists::delete_project(services, actor, &arguments).await,
        Which::ListLabels => lists::labels(services, actor).await,
        Which::CreateLabel => lists::create_label(services, actor, &arguments).await,
        Which::UpdateLabel => lists::update_label(services, actor, &arguments).await,
        Which::DeleteLabel => lists::delete_label(services, actor, &arguments).await,
    }
}

/// The same for the tool that lists tasks, as JSON text. `None` for any other.
pub async fn run_written(services: &Services, actor: &Actor, name: &str, arguments: &Value) -> Result<Option<String>> {
    let tool = services.tools().get(name)?;
    if tool.which != Which::ListTasks {
        return Ok(None);
    }
    let arguments = checked(tool, actor, arguments.clone())?;
    let list = read::list_tasks(services, actor, &arguments).instrument(trace(tool)).await?;
    let written = serde_json::to_string(&list);
    written.map(Some).map_err(|_| Error::Internal("a list could not be written".into()))
}

/// Leaves out what has no value: half of a task's fields mostly, and schemas need no unions for them.
pub fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(drop_nulls);
        }
        Value::Array(list) => list.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

fn text<'a>(arguments: &'a Arguments, name: &str) -> Option<&'a str> {
    arguments.get(name).and_then(Value::as_str).map(str::trim).filter(|t| !t.is_empty())
}

/// Checks a call's arguments, names and values, without carrying it out.
pub fn check(services: &Services, actor: &Actor, name: &str, arguments: &Value) -> Result<()> {
    let Some(tool) = find(name) else { return Ok(()) };
    let arguments = checked(tool, actor, arguments.clone())?;
    match tool.which {
        Which::UpdateTask => write::read_update(services, actor, arguments).map(|_| ()),
        Which::MoveTasks => write::read_move(services, actor, arguments).map(|_| ()),
        Which::UpdateProject | Which::UpdateLabel => lists::name(&arguments).map(|_| ()),
        _ => Ok(()),
    }
}

/// The numbers of the tasks a call names, whatever they are.
pub fn task_ids(arguments: &Value) -> Vec<i64> {
    let one = arguments.get("task_id").and_then(check::whole_number);
    let many =
        arguments.get("task_ids").and_then(Value::as_array).into_iter().flatten().filter_map(check::whole_number);
    let mut ids: Vec<i64> = Vec::new();
    for id in one.into_iter().chain(many) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

/// The arguments, after the scope and every name and type was checked and `user_id` compared.
fn checked(tool: &Tool, actor: &Actor, arguments: Value) -> Result<Arguments> {
    actor.require(if tool.read_only() { Scope::Read } else { Scope::Write })?;
    let mut map = match arguments {
        Value::Object(map) => map,
        Value::Null => Map::new(),
        other => {
            return Err(Error::field(
                "arguments",
                "invalid_type",
                format!("arguments must be an object, and this is {}", check::kind(&other)),
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
    check::check(tool.kept_schema(), &mut map)?;
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
