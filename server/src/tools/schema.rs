//! The pieces schemas are written with. They keep to the part of JSON Schema that every provider takes: no references, no
//! unions, no lists of types, no defaults.

use domain::project::COLOURS;
use serde_json::{Map, Value, json};

/// An object with those properties and no others.
pub fn object(properties: Value, required: &[&str]) -> Value {
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

/// The properties of both.
pub fn with(properties: Value, more: Value) -> Value {
    let map = |value: Value| match value {
        Value::Object(map) => map,
        _ => Map::new(),
    };
    let mut all = map(properties);
    all.extend(map(more));
    Value::Object(all)
}

pub fn text(description: &str) -> Value {
    json!({"type": "string", "description": description})
}

pub fn number(description: &str) -> Value {
    json!({"type": "integer", "description": description})
}

pub fn flag(description: &str) -> Value {
    json!({"type": "boolean", "description": description})
}

pub fn one_of(words: &[&str], description: &str) -> Value {
    json!({"type": "string", "enum": words, "description": description})
}

pub fn list(items: Value, description: &str) -> Value {
    json!({"type": "array", "items": items, "description": description})
}

pub fn words(description: &str) -> Value {
    list(json!({"type": "string"}), description)
}

pub fn numbers(description: &str) -> Value {
    list(json!({"type": "integer"}), description)
}

pub fn priority() -> Value {
    one_of(&["none", "low", "medium", "high"], "How much it matters.")
}

pub fn colour() -> Value {
    one_of(&COLOURS, "Its colour.")
}
