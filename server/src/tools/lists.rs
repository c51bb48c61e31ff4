//! Tools for projects and labels.

use super::{Arguments, ToolResult, text};
use crate::{
    actor::Actor,
    service::{Changed, Error, Result, Services},
};
use domain::{
    id::ProjectId,
    label::{Label, LabelPatch},
    project::{Project, ProjectPatch},
    text::Name,
};
use serde_json::{Value, json};

/// The project an argument names, by its name or its number.
pub async fn project(services: &Services, actor: &Actor, arguments: &Arguments, field: &str) -> Result<Project> {
    let projects = services.projects(actor).await?;
    pick(&projects, "project", field, &said(arguments, field)?, |p| (&p.name, p.id.0))
}

/// The label an argument names, by its name or its number.
pub async fn label(services: &Services, actor: &Actor, arguments: &Arguments) -> Result<Label> {
    let labels = services.labels(actor).await?;
    pick(&labels, "label", "label", &said(arguments, "label")?, |l| (&l.name, l.id.0))
}

fn said(arguments: &Arguments, field: &str) -> Result<String> {
    let said = match arguments.get(field) {
        Some(Value::Number(n)) => Some(n.to_string()),
        _ => text(arguments, field).map(|t| t.trim_start_matches(['#', '@']).to_owned()),
    };
    said.filter(|s| !s.is_empty())
        .ok_or_else(|| Error::field(field, "empty", format!("{field} must not be empty: a name or a number")))
}

/// A name comes before a number, as a project may be called 2027.
fn pick<T: Clone>(all: &[T], noun: &str, field: &str, said: &str, key: impl Fn(&T) -> (&str, i64)) -> Result<T> {
    const SHOWN: usize = 30;
    let low = said.to_lowercase();
    let named = all.iter().find(|one| key(one).0.to_lowercase() == low);
    let found = named.or_else(|| {
        let id: i64 = said.parse().ok()?;
        all.iter().find(|one| key(one).1 == id)
    });
    found.cloned().ok_or_else(|| {
        let names: Vec<&str> = all.iter().take(SHOWN).map(|one| key(one).0).collect();
        let more = if all.len() > SHOWN { " and more" } else { "" };
        let have = if names.is_empty() {
            "there are none yet".into()
        } else {
            format!("there are {}{more}", names.join(", "))
        };
        let said: String = said.chars().take(100).collect();
        Error::field(field, "unknown", format!("there is no {noun} {said:?}: {have}"))
    })
}

/// The new name of a project or a label.
pub fn name(arguments: &Arguments) -> Result<Option<Name>> {
    let given = arguments.get("name").and_then(Value::as_str);
    given.map(|n| Name::parse(n).map_err(|e| Error::text("name", &e))).transpose()
}

fn colour(arguments: &Arguments) -> Option<String> {
    text(arguments, "colour").map(str::to_owned)
}

/// `Some(None)` takes it out of its parent.
async fn parent(services: &Services, actor: &Actor, arguments: &Arguments) -> Result<Option<Option<ProjectId>>> {
    match arguments.get("parent") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(t)) if t.trim().is_empty() => Ok(Some(None)),
        Some(_) => Ok(Some(Some(project(services, actor, arguments, "parent").await?.id))),
    }
}

fn nothing() -> Error {
    Error::field("arguments", "missing", "nothing to change was given: say for example a new name or a colour")
}

fn project_answer(changed: Changed<Project>, status: &str) -> ToolResult {
    let project = &changed.value;
    let value = json!({"status": status, "project_id": project.id, "name": project.name, "project": project});
    ToolResult { value, operation: changed.operation() }
}

fn label_answer(changed: Changed<Label>, status: &str) -> ToolResult {
    let label = &changed.value;
    let value = json!({"status": status, "label_id": label.id, "name": label.name, "label": label});
    ToolResult { value, operation: changed.operation() }
}

pub async fn projects(services: &Services, actor: &Actor, arguments: &Arguments) -> Result<ToolResult> {
    let archived = arguments.get("archived").and_then(Value::as_bool).unwrap_or(false);
    let all = services.projects(actor).await?;
    let shown: Vec<_> = all.into_iter().filter(|p| archived || !p.archived).collect();
    Ok(ToolResult::looked(json!({"projects": shown})))
}

pub async fn labels(services: &Services, actor: &Actor) -> Result<ToolResult> {
    Ok(ToolResult::looked(json!({"labels": services.labels(actor).await?})))
}

pub async fn create_project(services: &Services, actor: &Actor, arguments: &Arguments) -> Result<ToolResult> {
    let parent = parent(services, actor, arguments).await?;
    let patch = ProjectPatch { name: name(arguments)?, colour: colour(arguments), parent, archived: None };
    Ok(project_answer(services.create_project(actor, patch).await?, "created"))
}

pub async fn update_project(services: &Services, actor: &Actor, arguments: &Arguments) -> Result<ToolResult> {
    let id = project(services, actor, arguments, "project").await?.id;
    let patch = ProjectPatch {
        name: name(arguments)?,
        colour: colour(arguments),
        parent: parent(services, actor, arguments).await?,
        archived: arguments.get("archived").and_then(Value::as_bool),
    };
    if patch == ProjectPatch::default() {
        return Err(nothing());
    }
    Ok(project_answer(services.update_project(actor, id, patch).await?, "updated"))
}

pub async fn delete_project(services: &Services, actor: &Actor, arguments: &Arguments) -> Result<ToolResult> {
    let id = project(services, actor, arguments, "project").await?.id;
    Ok(project_answer(services.delete_project(actor, id).await?, "deleted"))
}

pub async fn create_label(services: &Services, actor: &Actor, arguments: &Arguments) -> Result<ToolResult> {
    let patch = LabelPatch { name: name(arguments)?, colour: colour(arguments) };
    Ok(label_answer(services.create_label(actor, patch).await?, "created"))
}

pub async fn update_label(services: &Services, actor: &Actor, arguments: &Arguments) -> Result<ToolResult> {
    let id = label(services, actor, arguments).await?.id;
    let patch = LabelPatch { name: name(arguments)?, colour: colour(arguments) };
    if patch == LabelPatch::default() {
        return Err(nothing());
    }
    Ok(label_answer(services.update_label(actor, id, patch).await?, "updated"))
}

pub async fn delete_label(services: &Services, actor: &Actor, arguments: &Arguments) -> Result<ToolResult> {
    let id = label(services, actor, arguments).await?.id;
    Ok(label_answer(services.delete_label(actor, id).await?, "deleted"))
}
