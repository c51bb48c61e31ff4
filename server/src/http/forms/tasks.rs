//! Tasks by plain form.

use super::super::{Error, error::Result, task_input};
use super::{Done, form::Form};
use crate::{actor::Actor, service::quick_add::QuickAdd, state::AppState};
use domain::{
    id::{ProjectId, Seq},
    task::ProjectChoice,
    text::Name,
};
use serde_json::{Map, Value};

pub(super) async fn add(state: &AppState, actor: &Actor, form: &Form) -> Result<Done> {
    let add = QuickAdd {
        text: form.text("text").to_owned(),
        timezone: None,
        locale: None,
        now: None,
        project: project(form.text("project"))?,
    };
    state.services.quick_add(actor, add).await?;
    Ok(Done::Back)
}

pub(super) async fn complete(state: &AppState, actor: &Actor, form: &Form) -> Result<Done> {
    state.services.toggle_task(actor, form.task()?, None).await?;
    Ok(Done::Back)
}

pub(super) async fn delete(state: &AppState, actor: &Actor, form: &Form) -> Result<Done> {
    state.services.delete_tasks(actor, &[form.task()?], None).await?;
    Ok(Done::Back)
}

pub(super) async fn restore(state: &AppState, actor: &Actor, form: &Form) -> Result<Done> {
    state.services.restore_tasks(actor, &[form.task()?]).await?;
    Ok(Done::Back)
}

pub(super) async fn undo(state: &AppState, actor: &Actor, form: &Form) -> Result<Done> {
    let seq = match form.text("seq") {
        "" => None,
        _ => Some(Seq(form.number("seq")?)),
    };
    state.services.undo(actor, seq).await?;
    Ok(Done::Back)
}

/// The task's form: the fields it has are changed, an emptied one is cleared.
pub(super) async fn update(state: &AppState, actor: &Actor, form: &Form) -> Result<Done> {
    let version = match form.text("version") {
        "" => None,
        _ => Some(form.number("version")?),
    };
    let mut map = Map::new();
    for (name, text) in &form.fields {
        // A note may begin with blanks that mean something, as in a list.
        let text = if name == "description" { text.as_str() } else { text.trim() };
        let value = match name.as_str() {
            "id" | "version" | "next" => continue,
            "labels" => text.split(',').map(str::trim).filter(|label| !label.is_empty()).collect(),
            "project" | "parent_id" => match text.parse::<i64>() {
                Ok(id) => id.into(),
                Err(_) if text.is_empty() => Value::Null,
                Err(_) => text.into(),
            },
            "description" | "priority" if text.is_empty() => Value::Null,
            _ => text.into(),
        };
        map.insert(name.clone(), value);
    }
    state.services.update_tasks(actor, &[form.task()?], task_input::patch(map)?, version).await?;
    Ok(Done::Back)
}

/// A project by number or by name; nothing is the inbox.
fn project(text: &str) -> Result<Option<ProjectChoice>> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if let Ok(id) = text.parse() {
        return Ok(Some(ProjectChoice::Id(ProjectId(id))));
    }
    let name = Name::parse(text).map_err(|e| Error::field("project", e.code(), format!("project {e}")))?;
    Ok(Some(ProjectChoice::Named(name)))
}
