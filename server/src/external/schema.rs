//! A foreign tool's schema in the part of JSON Schema that every language model's provider takes.
//!
//! A provider that does not like one tool's schema refuses the whole request, and with it the chat. So only known words
//! are kept; what is left out makes the schema say less, and the server itself refuses arguments that do not fit.

use super::text::clean;
use serde_json::{Map, Value, json};

/// Deepest nesting kept.
const DEPTH: usize = 8;
/// Most properties of one object, and most values of an enumeration.
const PROPERTIES: usize = 64;
const VALUES: usize = 64;
/// Longest description of a property, in characters.
const DESCRIPTION: usize = 500;
/// Largest schema, in bytes.
const SIZE: usize = 12 * 1024;
/// Most values described in it: references can make much of little.
const PARTS: usize = 500;

/// The schema of a tool's arguments; nothing when there is no way to say it in few words.
pub fn portable(schema: &Map<String, Value>) -> Option<Value> {
    if schema.get("type").is_some_and(|kind| kind != "object") {
        return None;
    }
    let root = Value::Object(schema.clone());
    let mut out = Map::new();
    out.insert("type".into(), json!("object"));
    let mut left = PARTS;
    object(&root, &Place { root: &root, depth: 0 }, &mut left, &mut out);
    let out = Value::Object(out);
    (left > 0 && out.to_string().len() <= SIZE).then_some(out)
}

/// Where in a schema a part is.
#[derive(Clone, Copy)]
struct Place<'a> {
    root: &'a Value,
    depth: usize,
}

impl Place<'_> {
    fn deeper(self) -> Self {
        Self { depth: self.depth + 1, ..self }
    }
}

fn object(schema: &Value, place: &Place<'_>, left: &mut usize, out: &mut Map<String, Value>) {
    let named = |name: &&String| {
        (1..=64).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
    };
    let properties: Map<String, Value> = schema["properties"]
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, _)| named(name))
        .take(PROPERTIES)
        .map(|(name, value)| (name.clone(), part(value, place.deeper(), left)))
        .collect();
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let mut required: Vec<&str> = required.filter(|name| properties.contains_key(*name)).collect();
    required.dedup();
    if !required.is_empty() {
        out.insert("required".into(), json!(required));
    }
    if let Some(closed @ Value::Bool(_)) = schema.get("additionalProperties") {
        out.insert("additionalProperties".into(), closed.clone());
    }
    out.insert("properties".into(), Value::Object(properties));
}

/// One value's schema; an empty one allows everything.
fn part(schema: &Value, place: Place<'_>, left: &mut usize) -> Value {
    let mut out = Map::new();
    *left = left.saturating_sub(1);
    if place.depth > DEPTH || *left == 0 {
        return Value::Object(out);
    }
    if let Some(pointer) = schema["$ref"].as_str() {
        // Within the schema only, and one step deeper, so that a circle ends.
        let at = pointer.strip_prefix('#').and_then(|pointer| place.root.pointer(pointer));
        return at.map_or(json!({}), |at| part(at, place.deeper(), left));
    }
    if let Some(text) = schema["description"].as_str().or_else(|| schema["title"].as_str()) {
        out.insert("description".into(), json!(clean(text, DESCRIPTION)));
    }
    let choices = ["anyOf", "oneOf"].iter().find_map(|word| schema[*word].as_array());
    if let Some(choices) = choices {
        let choices: Vec<&Value> = choices.iter().filter(|one| one["type"] != "null").take(8).collect();
        match choices[..] {
            [one] => {
                if let Value::Object(inner) = part(one, place.deeper(), left) {
                    for (name, value) in inner {
                        out.entry(name).or_insert(value);
                    }
                }
            }
            [] => {}
            _ => {
                let choices: Vec<Value> = choices.into_iter().map(|one| part(one, place.deeper(), left)).collect();
                out.insert("anyOf".into(), json!(choices));
            }
        }
        return Value::Object(out);
    }
    const KINDS: [&str; 6] = ["string", "number", "integer", "boolean", "object", "array"];
    let kinds = schema["type"].as_array().map_or(std::slice::from_ref(&schema["type"]), Vec::as_slice);
    let kind = kinds.iter().filter_map(Value::as_str).find(|kind| KINDS.contains(kind));
    let Some(kind) = kind else { return Value::Object(out) };
    out.insert("type".into(), json!(kind));
    match kind {
        "object" => object(schema, &place, left, &mut out),
        "array" => drop(out.insert("items".into(), part(&schema["items"], place.deeper(), left))),
        "string" => {
            let one = schema.get("const").map(std::slice::from_ref);
            let values = schema["enum"].as_array().map(Vec::as_slice).or(one).unwrap_or_default();
            let values: Vec<String> = values.iter().filter_map(Value::as_str).map(|text| clean(text, 100)).collect();
            if (1..=VALUES).contains(&values.len()) {
                out.insert("enum".into(), json!(values));
            }
        }
        "number" | "integer" => {
            for word in ["minimum", "maximum"] {
                if let Some(bound @ Value::Number(_)) = schema.get(word) {
                    out.insert(word.into(), bound.clone());
                }
            }
        }
        _ => {}
    }
    Value::Object(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(schema: Value) -> Option<Value> {
        portable(schema.as_object().expect("an object"))
    }

    #[test]
    fn known_words_stay_and_others_go() {
        let schema = json!({
            "$schema": "http://json-schema.org/draft-07/schema#",
            "type": "object",
            "properties": {
                "city": {"type": "string", "description": "Where\u{1b}[2J", "pattern": "^(a+)+$", "format": "x"},
                "unit": {"anyOf": [{"$ref": "#/$defs/Unit"}, {"type": "null"}], "default": null},
                "days": {"type": ["integer", "null"], "minimum": 1, "multipleOf": 0.1},
                "at": {"type": "array", "items": {"oneOf": [{"type": "string"}, {"type": "number"}]}},
                "bad name!": {"type": "string"},
                "any": true,
            },
            "required": ["city", "gone", 7],
            "additionalProperties": false,
            "allOf": [{"not": {}}],
            "$defs": {"Unit": {"type": "string", "enum": ["c", "f"]}},
        });
        let expected = json!({
            "type": "object",
            "required": ["city"],
            "additionalProperties": false,
            "properties": {
                "city": {"type": "string", "description": "Where [2J"},
                "unit": {"type": "string", "enum": ["c", "f"]},
                "days": {"type": "integer", "minimum": 1},
                "at": {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "number"}]}},
                "any": {},
            },
        });
        assert_eq!(of(schema), Some(expected));
        assert_eq!(of(json!({})), Some(json!({"type": "object", "properties": {}})));
    }

    #[test]
    fn circles_heaps_and_other_shapes_end() {
        let circle = json!({"type": "object", "properties": {"a": {"$ref": "#"}, "b": {"$ref": "#/properties/b"}, "c": {"$ref": "http://x/"}}});
        assert!(of(circle).expect("ends").to_string().len() < SIZE);
        assert_eq!(of(json!({"type": "array"})), None);
        let wide: Map<String, Value> =
            (0..64).map(|i| (format!("p{i}"), json!({"type": "string", "description": "x".repeat(400)}))).collect();
        assert_eq!(of(json!({"type": "object", "properties": wide})), None);
        let mut deep = json!({"type": "string"});
        for _ in 0..60 {
            deep = json!({"type": "object", "properties": {"a": deep}});
        }
        assert!(of(deep).expect("cut").to_string().matches("properties").count() <= DEPTH + 1);
        let heap = json!({"anyOf": (0..8).map(|_| json!({"$ref": "#/$defs/h"})).collect::<Vec<_>>()});
        let heap = json!({"type": "object", "properties": {"h": {"$ref": "#/$defs/h"}}, "$defs": {"h": heap}});
        assert_eq!(of(heap), None);
    }
}
