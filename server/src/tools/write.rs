//! Tools that change something. Each makes one service call and so one operation, which one undo takes back.

use super::{Arguments, ToolResult, subject::named};
use crate::{
    actor::Actor,
    http::task_input,
    service::{Changed, Error, Result, Services, quick_add::QuickAdd, tasks::Moves},
};
use domain::{
    date::Due,
    id::{Seq, TaskId},
    repeat::{Repeat, Rule},
    task::{NewTask, Task, TaskPatch},
};
use serde_json::{Value, json};

/// The old brief's three fields for one task, and the tasks themselves.
fn answer(changed: Changed<Vec<Task>>, status: &str) -> ToolResult {
    let mut value = json!({"status": status});
    let operation = changed.operation();
    if let [task] = &changed.value[..] {
        value["task_id"] = json!(task.id);
        value["title"] = json!(task.title);
    } else {
        value["task_ids"] = json!(changed.value.iter().map(|t| t.id).collect::<Vec<_>>());
    }
    value["tasks"] = json!(changed.value);
    ToolResult { value, operation }
}

/// Dates and rules in words become the wire's forms; what is no date stays for the usual error.
fn read_words(services: &Services, actor: &Actor, arguments: &mut Arguments) {
    let read = |text: &str| {
        let add = QuickAdd { text: format!("x {text}"), ..QuickAdd::default() };
        let draft = services.read_quick_add(actor, &add).ok()?.drafts.pop()?;
        (draft.title.as_str() == "x").then_some(draft)
    };
    for name in ["start", "due", "deadline"] {
        if let Some(Value::String(text)) = arguments.get(name)
            && !text.trim().is_empty()
            && text.parse::<Due>().is_err()
            && let Some(draft) = read(text)
            && let Some(due) = draft.due
        {
            if let (Some(repeat), "due", false) = (draft.repeat, name, arguments.contains_key("repeat")) {
                arguments.insert("repeat".into(), json!(repeat));
            }
            arguments.insert(name.into(), json!(due));
        }
    }
    if let Some(Value::String(text)) = arguments.get("repeat")
        && !text.trim().is_empty()
        && !text.contains("FREQ=")
        && let Some(repeat) =
            read(text).and_then(|d| d.repeat).or_else(|| read(&format!("every {text}")).and_then(|d| d.repeat))
    {
        arguments.insert("repeat".into(), json!(repeat));
    } else if let Some(Value::String(text)) = arguments.get("repeat")
        && let Some(rule) = text.trim().strip_prefix("RRULE:").and_then(|r| r.parse::<Rule>().ok())
    {
        arguments
            .insert("repeat".into(), json!(Repeat { rule, from: domain::repeat::RepeatFrom::Due, except: vec![] }));
    }
}

/// An empty text clears, as null does.
fn empty_clears(arguments: &mut Arguments) {
    for name in ["start", "due", "deadline", "repeat", "project", "description"] {
        if arguments.get(name).and_then(Value::as_str).is_some_and(|t| t.trim().is_empty()) {
            arguments.insert(name.into(), Value::Null);
        }
    }
    if arguments.get("parent_id").and_then(Value::as_i64) == Some(0) {
        arguments.insert("parent_id".into(), Value::Null);
    }
}

fn wire<T>(read: Result<T, crate::http::Error>) -> Result<T> {
    read.map_err(|error| match error {
        crate::http::Error::Service(error) => error,
        other => Error::field("arguments", "invalid", other.problem().detail),
    })
}

fn new_task(services: &Services, actor: &Actor, mut arguments: Arguments) -> Result<NewTask> {
    arguments.retain(|_, v| !v.is_null());
    empty_clears(&mut arguments);
    read_words(services, actor, &mut arguments);
    wire(task_input::new_task(arguments))
}

pub async fn add_task(services: &Services, actor: &Actor, arguments: Arguments) -> Result<ToolResult> {
    let new = new_task(services, actor, arguments)?;
    Ok(answer(services.create_tasks(actor, vec![new]).await?, "created"))
}

pub async fn add_tasks(services: &Services, actor: &Actor, mut arguments: Arguments) -> Result<ToolResult> {
    let list = arguments.remove("tasks").and_then(|mut t| t.as_array_mut().map(std::mem::take)).unwrap_or_default();
    let mut new = Vec::with_capacity(list.len());
    for (i, task) in list.into_iter().enumerate() {
        let Value::Object(task) = task else { continue };
        new.push(new_task(services, actor, task).map_err(|e| e.within(&format!("tasks[{i}]")))?);
    }
    if new.is_empty() {
        return Err(Error::field("tasks", "empty", "tasks must hold at least one task"));
    }
    Ok(answer(services.create_tasks(actor, new).await?, "created"))
}

pub async fn quick_add(services: &Services, actor: &Actor, arguments: &Arguments) -> Result<ToolResult> {
    let text = arguments.get("text").and_then(Value::as_str).unwrap_or_default().to_owned();
    let (made, chips) = services.quick_add(actor, QuickAdd { text, ..QuickAdd::default() }).await?;
    let mut out = answer(made, "created");
    out.value["chips"] = json!(chips);
    Ok(out)
}

/// Which tasks change, and how.
pub fn read_update(services: &Services, actor: &Actor, mut arguments: Arguments) -> Result<(Vec<TaskId>, TaskPatch)> {
    let ids = named(&arguments)?;
    arguments.remove("task_id");
    arguments.remove("task_ids");
    empty_clears(&mut arguments);
    read_words(services, actor, &mut arguments);
    for (name, missing) in [("title", "a new title"), ("priority", "one of none, low, medium, high")] {
        if arguments.get(name).is_some_and(Value::is_null) {
            return Err(Error::field(
                name,
                "empty",
                format!("{name} must not be null: send {missing}, or leave it out"),
            ));
        }
    }
    let patch = wire(task_input::patch(arguments))?;
    if patch.is_empty() {
        return Err(Error::field(
            "arguments",
            "missing",
            "nothing to change was given: say for example title, due or priority",
        ));
    }
    if patch.title.is_some() && ids.len() > 1 {
        return Err(Error::field("title", "invalid", "title can be changed for one task at a time"));
    }
    Ok((ids, patch))
}

pub async fn update_task(services: &Services, actor: &Actor, arguments: Arguments) -> Result<ToolResult> {
    let (ids, patch) = read_update(services, actor, arguments)?;
    Ok(answer(services.update_tasks(actor, &ids, patch, None).await?, "updated"))
}

pub async fn complete(services: &Services, actor: &Actor, arguments: &Arguments) -> Result<ToolResult> {
    Ok(answer(services.complete_tasks(actor, &named(arguments)?).await?, "completed"))
}

/// Completes an open task, reopens a completed one.
pub async fn toggle(services: &Services, actor: &Actor, arguments: &Arguments) -> Result<ToolResult> {
    let [id, ..] = named(arguments)?[..] else { return Err(Error::Internal("a named task got lost".into())) };
    let was = services.get_task(actor, id).await?;
    let changed = services.toggle_task(actor, id, None).await?;
    Ok(answer(changed.map(|task| vec![task]), if was.completed { "reopened" } else { "completed" }))
}

pub async fn reopen(services: &Services, actor: &Actor, arguments: &Arguments) -> Result<ToolResult> {
    Ok(answer(services.reopen_tasks(actor, &named(arguments)?).await?, "reopened"))
}

pub async fn delete(services: &Services, actor: &Actor, arguments: &Arguments) -> Result<ToolResult> {
    Ok(answer(services.delete_tasks(actor, &named(arguments)?, None).await?, "deleted"))
}

pub async fn restore(services: &Services, actor: &Actor, arguments: &Arguments) -> Result<ToolResult> {
    Ok(answer(services.restore_tasks(actor, &named(arguments)?).await?, "restored"))
}

/// Which tasks move, and where to.
pub fn read_move(services: &Services, actor: &Actor, mut arguments: Arguments) -> Result<(Vec<TaskId>, Moves)> {
    let ids = named(&arguments)?;
    empty_clears(&mut arguments);
    read_words(services, actor, &mut arguments);
    let shift = arguments.remove("shift").unwrap_or_default();
    let number = |name: &str| shift.get(name).and_then(Value::as_i64).unwrap_or(0);
    arguments.retain(|name, _| matches!(name.as_str(), "due" | "project"));
    let patch = wire(task_input::patch(arguments))?;
    let moves = Moves {
        due: patch.due,
        project: patch.project,
        days: number("days"),
        months: number("months"),
        minutes: number("minutes"),
    };
    if moves == Moves::default() {
        return Err(Error::field("arguments", "missing", "where to is needed: due, shift or project"));
    }
    Ok((ids, moves))
}

pub async fn move_tasks(services: &Services, actor: &Actor, arguments: Arguments) -> Result<ToolResult> {
    let (ids, moves) = read_move(services, actor, arguments)?;
    Ok(answer(services.move_tasks(actor, &ids, moves).await?, "moved"))
}

pub async fn undo(services: &Services, actor: &Actor, arguments: &Arguments) -> Result<ToolResult> {
    let seq = arguments.get("operation").and_then(Value::as_i64).map(Seq);
    let done = services.undo(actor, seq).await?;
    let operation = &done.value.operation;
    let summary = operation.summary.strip_prefix("Undid: ").unwrap_or(&operation.summary);
    let tasks: Vec<&Value> =
        operation.rows.iter().filter(|r| r.target == "task").filter_map(|r| r.row.as_ref()).collect();
    let value = json!({"status": "undone", "undone": done.value.undone, "summary": summary, "tasks": tasks});
    Ok(ToolResult { value, operation: done.operation() })
}
