//! A task as callers write it, read liberally: the older apps' names and spellings are taken too.

use super::{error::Result, fields::Fields};
use domain::{
    date::{BadDate, Due},
    id::{ProjectId, TaskId},
    priority::Priority,
    repeat::{Repeat, RepeatFrom, Rule},
    task::{LABELS_MAX, NewTask, ParentChoice, Place, ProjectChoice, TaskPatch},
    text::{self, DESCRIPTION_MAX, Name, Title},
};
use jiff::civil::Date;
use serde_json::{Map, Value};

/// Reads the body of a PATCH: only what is there changes, null clears.
pub fn patch(map: Map<String, Value>) -> Result<TaskPatch> {
    let mut fields = Fields::new(map);
    let patch = read(&mut fields);
    fields.finish(patch)
}

/// Reads the body of a POST: a title is needed.
pub fn new_task(map: Map<String, Value>) -> Result<NewTask> {
    let mut fields = Fields::new(map);
    let patch = read(&mut fields);
    if patch.title.is_none() && !fields.failed("title") {
        fields.fail("title", "missing", "title is needed: a text of 1 to 500 characters");
    }
    let new = patch.title.clone().map(|title| NewTask {
        title,
        description: patch.description.flatten(),
        completed: patch.completed.unwrap_or(false),
        start: patch.start.flatten(),
        due: patch.due.flatten(),
        deadline: patch.deadline.flatten(),
        repeat: patch.repeat.flatten(),
        priority: patch.priority.unwrap_or_default(),
        labels: patch.labels.unwrap_or(patch.add_labels),
        project: patch.project.flatten(),
        parent: patch.parent.flatten().map(ParentChoice::Id),
    });
    fields.finish(()).and_then(|()| new.ok_or_else(super::Error::not_found))
}

/// Reads the body of a PUT: what is not there is cleared. Position and parent stay: they are moved, not replaced.
pub fn replacement(map: Map<String, Value>) -> Result<TaskPatch> {
    let new = new_task(map.clone())?;
    let given = patch(map)?;
    Ok(TaskPatch {
        title: Some(new.title),
        description: Some(new.description),
        completed: Some(new.completed),
        start: Some(new.start),
        due: Some(new.due),
        deadline: Some(new.deadline),
        repeat: Some(new.repeat),
        priority: Some(new.priority),
        labels: Some(new.labels),
        project: Some(new.project),
        parent: given.parent,
        place: given.place,
        ..TaskPatch::default()
    })
}

fn read(fields: &mut Fields) -> TaskPatch {
    TaskPatch {
        title: title(fields),
        description: description(fields),
        completed: fields.flag(&["completed", "is_completed", "isCompleted", "done"]),
        start: date(fields, &["start", "start_date", "startDate"]),
        due: date(fields, &["due", "due_date", "dueDate"]),
        deadline: date(fields, &["deadline"]),
        repeat: repeat(fields),
        priority: priority(fields),
        labels: names(fields, &["labels", "tags"]),
        add_labels: names(fields, &["add_labels"]).unwrap_or_default(),
        remove_labels: names(fields, &["remove_labels"]).unwrap_or_default(),
        project: project(fields),
        parent: fields.nullable_number(&["parent_id", "parentId", "parent"]).map(|id| id.map(TaskId)),
        place: place(fields),
    }
}

fn title(fields: &mut Fields) -> Option<Title> {
    match fields.nullable_text(&["title"])? {
        None => {
            fields.fail("title", "empty", "title must not be null");
            None
        }
        Some(text) => Title::parse(&text).map_err(|e| fields.fail("title", e.code(), format!("title {e}"))).ok(),
    }
}

fn description(fields: &mut Fields) -> Option<Option<String>> {
    let Some(text) = fields.nullable_text(&["description", "notes"])? else { return Some(None) };
    match text::block(&text, DESCRIPTION_MAX) {
        Ok(text) => Some(Some(text)),
        Err(e) => {
            fields.fail("description", e.code(), format!("description {e}"));
            None
        }
    }
}

fn date(fields: &mut Fields, names: &[&str]) -> Option<Option<Due>> {
    let field = names[0];
    let Some(text) = fields.nullable_text(names)? else { return Some(None) };
    if text.trim().is_empty() {
        return Some(None);
    }
    liberal_date(&text)
        .map(Some)
        .map_err(|e| fields.fail(field, "invalid_date", format!("{field} {text:?} is not a date: {e}")))
        .ok()
}

/// Our three forms, and the RFC 3339 instants older clients send: those become a time in UTC.
fn liberal_date(text: &str) -> Result<Due, BadDate> {
    if let Ok(due) = text.parse() {
        return Ok(due);
    }
    let instant: jiff::Timestamp = text.parse().map_err(|_| BadDate)?;
    let at = jiff::tz::TimeZone::UTC.to_datetime(instant);
    let at = at.with().subsec_nanosecond(0).build().map_err(|_| BadDate)?;
    Ok(Due::Zoned { at, zone: "UTC".into() })
}

fn priority(fields: &mut Fields) -> Option<Priority> {
    let text = match fields.take(&["priority"])? {
        Value::Null => return Some(Priority::None),
        Value::String(text) => text,
        // Numbers as the grammar counts them: 1 is high, 4 is none.
        Value::Number(n) => format!("p{n}"),
        other => {
            fields.wrong("priority", Priority::ALLOWED, &other);
            return None;
        }
    };
    text.parse()
        .map_err(|_| {
            fields.fail("priority", "unknown", format!("priority must be {}, and this is {text:?}", Priority::ALLOWED));
        })
        .ok()
}

fn names(fields: &mut Fields, keys: &[&str]) -> Option<Vec<Name>> {
    let texts = fields.texts(keys)?;
    let field = keys[0];
    if texts.len() > LABELS_MAX {
        fields.fail(field, "too_many", format!("{field} may hold at most {LABELS_MAX} names"));
        return None;
    }
    let mut names: Vec<Name> = Vec::with_capacity(texts.len());
    for (i, text) in texts.iter().enumerate() {
        match Name::parse(text) {
            Ok(name) if names.iter().any(|n| n.key() == name.key()) => {}
            Ok(name) => names.push(name),
            Err(e) => fields.fail(&format!("{field}[{i}]"), e.code(), format!("{field}[{i}] {e}")),
        }
    }
    Some(names)
}

fn project(fields: &mut Fields) -> Option<Option<ProjectChoice>> {
    let value = fields.take(&["project", "project_id", "projectId"])?;
    let by_name = |fields: &mut Fields, text: &str| {
        Name::parse(text)
            .map(|n| Some(ProjectChoice::Named(n)))
            .map_err(|e| fields.fail("project", e.code(), format!("project {e}")))
            .ok()
    };
    match &value {
        Value::Null => Some(None),
        Value::String(text) => by_name(fields, text),
        Value::Number(n) if n.as_i64().is_some() => Some(n.as_i64().map(|id| ProjectChoice::Id(ProjectId(id)))),
        Value::Object(o) => match (o.get("id").and_then(Value::as_i64), o.get("name").and_then(Value::as_str)) {
            (Some(id), _) => Some(Some(ProjectChoice::Id(ProjectId(id)))),
            (None, Some(name)) => by_name(fields, name),
            _ => {
                fields.wrong("project", "a number, a name or null", &value);
                None
            }
        },
        _ => {
            fields.wrong("project", "a number, a name or null", &value);
            None
        }
    }
}

fn place(fields: &mut Fields) -> Option<Place> {
    if let Some(id) = fields.number(&["before"]) {
        return Some(Place::Before(TaskId(id)));
    }
    if let Some(id) = fields.number(&["after"]) {
        return Some(Place::After(TaskId(id)));
    }
    // A position key of ours that comes back with a whole task asks for nothing.
    match fields.text(&["position"])?.as_str() {
        "first" => Some(Place::First),
        "last" => Some(Place::Last),
        _ => None,
    }
}

fn repeat(fields: &mut Fields) -> Option<Option<Repeat>> {
    let value = match fields.take(&["repeat", "rrule", "recurringRule", "recurrence_pattern"])? {
        Value::Null => return Some(None),
        Value::String(text) if text.trim().is_empty() => return Some(None),
        value => value,
    };
    let (rule, from, except) = match &value {
        Value::String(text) => (older_word(text), None, None),
        Value::Object(o) => (
            o.get("rule").and_then(Value::as_str).unwrap_or_default().to_owned(),
            o.get("from").cloned(),
            o.get("except").cloned(),
        ),
        other => {
            fields.wrong("repeat", "an object with a rule, or a rule as text", other);
            return None;
        }
    };
    let rule: Option<Rule> =
        rule.parse().map_err(|e| fields.fail("repeat.rule", "invalid", format!("repeat.rule {rule:?}: {e}"))).ok();
    let from = match from.as_ref().map(|f| f.as_str()) {
        None => Some(RepeatFrom::Due),
        Some(Some("due")) => Some(RepeatFrom::Due),
        Some(Some("completion")) => Some(RepeatFrom::Completion),
        Some(_) => {
            fields.fail("repeat.from", "unknown", "repeat.from must be due or completion");
            None
        }
    };
    let except: Option<Vec<Date>> = match except {
        None | Some(Value::Null) => Some(vec![]),
        Some(list) => serde_json::from_value(list)
            .map_err(|_| {
                fields.fail("repeat.except", "invalid_date", "repeat.except must be a list of days such as 2026-11-21");
            })
            .ok(),
    };
    Some(Some(Repeat { rule: rule?, from: from?, except: except? }))
}

/// The older apps' words for a rule.
fn older_word(text: &str) -> String {
    match text.trim().to_ascii_lowercase().as_str() {
        "daily" => "FREQ=DAILY".into(),
        "weekly" => "FREQ=WEEKLY".into(),
        "monthly" => "FREQ=MONTHLY".into(),
        "yearly" => "FREQ=YEARLY".into(),
        _ => text.to_owned(),
    }
}
