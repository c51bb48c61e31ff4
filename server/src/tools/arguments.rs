//! The schemas of the tools' arguments, and the check against them.

use crate::service::{Error, Result};
use domain::{priority::Priority, problem::FieldError};
use serde_json::{Map, Value, json};

const DATE: &str = "A day (2026-11-21), a time (2026-11-21T09:00), a time in a zone (2026-11-21T09:00[Europe/Paris]) or words such as “next friday at 5pm”. An empty text clears it.";
const REPEAT: &str =
    "An RFC 5545 rule such as FREQ=WEEKLY;BYDAY=FR, or words such as “every friday”. An empty text stops it.";

fn object(properties: Value, required: &[&str]) -> Value {
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

fn text(description: &str) -> Value {
    json!({"type": "string", "description": description})
}

fn words(description: &str) -> Value {
    json!({"type": "array", "items": {"type": "string"}, "description": description})
}

fn priority() -> Value {
    json!({"type": "string", "enum": ["none", "low", "medium", "high"], "description": "How much it matters."})
}

fn task_id() -> Value {
    json!({"type": "integer", "description": "The task's number, as in #3."})
}

fn task_ids() -> Value {
    json!({"type": "array", "items": {"type": "integer"}, "description": "Several tasks by their numbers; instead of task_id."})
}

pub fn none() -> Value {
    object(json!({}), &[])
}

pub fn add_task() -> Value {
    object(
        json!({
            "title": text("What is to be done, in one line of at most 500 characters."),
            "description": text("Notes in Markdown."),
            "start": text(DATE), "due": text(DATE), "deadline": text(DATE), "repeat": text(REPEAT),
            "priority": priority(),
            "labels": words("Labels by name; missing ones are made."),
            "project": text("The project by name; made when it does not exist. Left out: the inbox."),
            "parent_id": json!({"type": "integer", "description": "The task it becomes a part of."}),
        }),
        &["title"],
    )
}

pub fn quick_add() -> Value {
    object(json!({"text": text("One task a line, for example “Call mum tomorrow 5pm #Family @phone p1”.")}), &["text"])
}

pub fn list_tasks() -> Value {
    let day = |what: &str| text(&format!("{what} (2026-11-21)."));
    object(
        json!({
            "status": {"type": "string", "enum": ["all", "pending", "completed", "trash"], "description": "Default all (without the trash)."},
            "view": {"type": "string", "enum": ["inbox", "today", "upcoming", "overdue"], "description": "A place of the app: inbox is without a project, today is due today or earlier."},
            "search": text("Words of the title or the description."),
            "project": text("Only in this project, by name."),
            "labels": words("Only with all of these labels."),
            "priority": priority(),
            "due_from": day("Due on this day or later"), "due_to": day("Due on this day or earlier"),
            "completed_from": day("Completed on this day or later"), "completed_to": day("Completed on this day or earlier"),
            "created_from": day("Added on this day or later"), "created_to": day("Added on this day or earlier"),
            "no_date": {"type": "boolean", "description": "Only without a due date."},
            "repeating": {"type": "boolean", "description": "Only repeating ones."},
            "count_only": {"type": "boolean", "description": "Answer how many, without the tasks."},
            "limit": {"type": "integer", "description": "At most this many, 1 to 200; default 50."},
        }),
        &[],
    )
}

pub fn get_task() -> Value {
    object(json!({"task_id": task_id()}), &["task_id"])
}

pub fn tasks() -> Value {
    object(json!({"task_id": task_id(), "task_ids": task_ids()}), &[])
}

pub fn update_task() -> Value {
    object(
        json!({
            "task_id": task_id(), "task_ids": task_ids(),
            "title": text("A new title."),
            "description": text("New notes in Markdown; replaces the old ones."),
            "start": text(DATE), "due": text(DATE), "deadline": text(DATE), "repeat": text(REPEAT),
            "priority": priority(),
            "labels": words("The whole new set of labels."),
            "add_labels": words("Labels to add."), "remove_labels": words("Labels to take off."),
            "project": text("The project by name; an empty text moves to the inbox."),
            "parent_id": json!({"type": "integer", "description": "The task it becomes a part of."}),
        }),
        &[],
    )
}

pub fn move_tasks() -> Value {
    object(
        json!({
            "task_id": task_id(), "task_ids": task_ids(),
            "due": text("The new day (2026-11-21; a time of day stays), or a new day and time. An empty text takes the date away."),
            "shift": {"type": "object", "description": "Moves the due dates by this much; negative is earlier.", "properties": {
                "days": {"type": "integer"}, "months": {"type": "integer"}, "minutes": {"type": "integer"}}, "additionalProperties": false},
            "project": text("The project by name, made when it does not exist; an empty text moves to the inbox."),
        }),
        &[],
    )
}

pub fn plan_day() -> Value {
    object(json!({"date": text("The day (2026-11-21); default today.")}), &[])
}

pub fn create_project() -> Value {
    object(json!({"name": text("Its name, at most 100 characters.")}), &["name"])
}

pub fn undo() -> Value {
    object(
        json!({"operation": {"type": "integer", "description": "The operation to take back; left out: the last change."}}),
        &[],
    )
}

pub fn search() -> Value {
    object(json!({"text": text("What to look for.")}), &["text"])
}

/// A whole number, also as digits in a text and with the `#` people write.
pub fn whole_number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(n) => {
            n.as_i64().or_else(|| n.as_f64().filter(|f| f.fract() == 0.0 && f.abs() < 1e15).map(|f| f as i64))
        }
        Value::String(t) => t.trim().trim_start_matches('#').parse().ok(),
        _ => None,
    }
}

/// What a value is, for people.
pub fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Checks names and types, and puts numbers written as text right. Everything wrong is named in one error.
pub fn check(schema: &Value, map: &mut Map<String, Value>) -> Result<()> {
    let mut errors = Vec::new();
    let Some(properties) = schema["properties"].as_object() else { return Ok(()) };
    let allowed: Vec<&str> = properties.keys().map(String::as_str).collect();
    for (name, value) in map.iter_mut() {
        match properties.get(name) {
            None if allowed.is_empty() => {
                errors.push(FieldError::new(name, "unknown", format!("{name} is not known: no arguments are allowed")));
            }
            None => errors.push(FieldError::new(
                name,
                "unknown",
                format!("{name} is not known: allowed are {}", allowed.join(", ")),
            )),
            Some(_) if value.is_null() => {}
            Some(property) => check_value(name, property, value, &mut errors),
        }
    }
    for needed in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if map.get(needed).is_none_or(Value::is_null) {
            errors.push(FieldError::new(needed, "missing", format!("{needed} is needed")));
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Error::Invalid(errors)) }
}

fn check_value(name: &str, property: &Value, value: &mut Value, errors: &mut Vec<FieldError>) {
    let wrong = |expected: &str, got: &Value| {
        FieldError::new(name, "invalid_type", format!("{name} must be {expected}, and this is {}", kind(got)))
    };
    match property["type"].as_str().unwrap_or_default() {
        "integer" => match whole_number(value) {
            Some(n) => *value = json!(n),
            None => errors.push(wrong("a whole number", value)),
        },
        "boolean" => match value.as_str() {
            Some("true") => *value = json!(true),
            Some("false") => *value = json!(false),
            _ if value.is_boolean() => {}
            _ => errors.push(wrong("true or false", value)),
        },
        "array" => {
            // One where several are allowed.
            if !value.is_array() && !value.is_object() {
                *value = json!([value.clone()]);
            }
            let Some(list) = value.as_array_mut() else { return errors.push(wrong("a list", value)) };
            for (i, item) in list.iter_mut().enumerate() {
                check_value(&format!("{name}[{i}]"), &property["items"], item, errors);
            }
        }
        "object" => {
            let Some(map) = value.as_object_mut() else { return errors.push(wrong("an object", value)) };
            if let Err(Error::Invalid(inner)) = check(property, map) {
                errors.extend(
                    inner.into_iter().map(|e| {
                        FieldError::new(format!("{name}.{}", e.field), &e.code, format!("{name}.{}", e.message))
                    }),
                );
            }
        }
        _ => {
            // A rule may come as the object that a task shows.
            if name == "repeat" && value.is_object() {
                return;
            }
            let Some(text) = value.as_str() else { return errors.push(wrong("a text", value)) };
            let Some(list) = property["enum"].as_array() else { return };
            let low = text.trim().to_lowercase();
            let known = |t: &str| list.iter().any(|v| v.as_str() == Some(t));
            let meant = match name {
                "priority" => low.parse::<Priority>().map(Priority::as_str).unwrap_or_default().to_owned(),
                "status" if matches!(low.as_str(), "open" | "todo" | "active") => "pending".to_owned(),
                "status" if matches!(low.as_str(), "done" | "complete" | "finished") => "completed".to_owned(),
                _ => low,
            };
            if known(&meant) {
                *value = json!(meant);
            } else {
                let allowed: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
                let got: String = text.chars().take(40).collect();
                errors.push(FieldError::new(
                    name,
                    "unknown",
                    format!("{name} must be one of {}, and this is {got:?}", allowed.join(", ")),
                ));
            }
        }
    }
}
