//! The check of a call's arguments against its tool's schema. Small slips of models and older clients are put right here:
//! numbers written as text, one value where a list is expected, an older name of an argument.

use crate::service::{Error, Result};
use domain::{priority::Priority, problem::FieldError, task::BULK_MAX};
use serde_json::{Map, Value, json};

/// What older clients call an argument, and what it is called here.
const OLDER: &[(&str, &str)] = &[
    ("id", "task_id"),
    ("taskId", "task_id"),
    ("tags", "labels"),
    ("due_date", "due"),
    ("dueDate", "due"),
    ("recurrence_pattern", "repeat"),
    ("recurringRule", "repeat"),
    ("is_completed", "completed"),
    ("due_date_from", "due_from"),
    ("due_date_to", "due_to"),
    ("sort_by", "sort"),
    ("sort_order", "order"),
    ("search_query", "search"),
    ("query", "search"),
    ("query", "text"),
    ("seq", "operation"),
    ("color", "colour"),
];

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
    for (older, name) in OLDER {
        if properties.contains_key(*name)
            && !properties.contains_key(*older)
            && !map.contains_key(*name)
            && let Some(value) = map.shift_remove(*older)
        {
            map.insert((*name).to_owned(), value);
        }
    }
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
            if list.len() > BULK_MAX {
                let message = format!("{name} may hold at most {BULK_MAX}, and this holds {}", list.len());
                return errors.push(FieldError::new(name, "too_many", message));
            }
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
            // A rule may come as the object that a task shows, a project or a label by its number.
            let leaf = name.rsplit('.').next().unwrap_or(name);
            if (leaf == "repeat" && value.is_object())
                || (matches!(leaf, "project" | "label" | "parent") && value.as_i64().is_some())
            {
                return;
            }
            let Some(text) = value.as_str() else { return errors.push(wrong("a text", value)) };
            let Some(list) = property["enum"].as_array() else { return };
            let low = text.trim().to_lowercase();
            let known = |t: &str| list.iter().any(|v| v.as_str() == Some(t));
            let meant = match leaf {
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
