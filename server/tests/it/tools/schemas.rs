//! The schemas themselves, and a small judge of values by them.

use serde_json::{Value, json};
use server::tools::{Effect, TOOLS};

/// What is wrong with a value by a schema of the kind the tools have.
pub fn wrong(schema: &Value, value: &Value, at: &str) -> Option<String> {
    let fits = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64(),
        Some("boolean") => value.is_boolean(),
        other => return Some(format!("{at}: a schema of type {other:?}")),
    };
    if !fits {
        return Some(format!("{at}: {value} is no {}", schema["type"]));
    }
    if schema["enum"].as_array().is_some_and(|words| !words.contains(value)) {
        return Some(format!("{at}: {value} is none of {}", schema["enum"]));
    }
    if let Some(items) = value.as_array() {
        return items.iter().enumerate().find_map(|(i, item)| wrong(&schema["items"], item, &format!("{at}[{i}]")));
    }
    let map = value.as_object()?;
    let missing = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    if let Some(name) = missing.into_iter().find(|name| !map.contains_key(*name)) {
        return Some(format!("{at}: {name} is missing"));
    }
    let properties = schema["properties"].as_object()?;
    map.iter().find_map(|(name, value)| match properties.get(name) {
        Some(property) => wrong(property, value, &format!("{at}.{name}")),
        None => Some(format!("{at}: {name} is not in the schema")),
    })
}

/// Every provider takes these keywords, and each in its plain form.
fn plain(schema: &Value, at: &str) {
    const WORDS: [&str; 7] = ["type", "description", "properties", "required", "additionalProperties", "items", "enum"];
    let map = schema.as_object().unwrap_or_else(|| panic!("{at}: a schema is an object"));
    for (word, value) in map {
        assert!(WORDS.contains(&word.as_str()), "{at}: not everybody knows {word:?}");
        match word.as_str() {
            "type" | "description" => assert!(value.is_string(), "{at}: {word} is {value}"),
            "additionalProperties" => assert_eq!(value, &json!(false), "{at}"),
            "items" => plain(value, &format!("{at}[]")),
            "properties" => {
                for (name, property) in value.as_object().expect("an object") {
                    plain(property, &format!("{at}.{name}"));
                }
            }
            "required" => {
                for name in value.as_array().expect("a list") {
                    let name = name.as_str().expect("a name");
                    assert!(!schema["properties"][name].is_null(), "{at}: {name} is required and unknown");
                }
            }
            _ => assert!(value.as_array().is_some_and(|v| v.iter().all(Value::is_string)), "{at}: {word} is {value}"),
        }
    }
}

#[test]
fn every_tool_can_be_shown_to_every_provider() {
    for tool in TOOLS {
        let (name, schema) = (tool.name, tool.schema());
        assert!(name.len() <= 64 && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{name}");
        assert_eq!((&schema["type"], &tool.result_schema()["type"]), (&json!("object"), &json!("object")), "{name}");
        plain(&schema, name);
        plain(&tool.result_schema(), name);
        assert!(schema["properties"].get("user_id").is_none(), "{name}: nobody chooses whose tasks these are");
        assert!(tool.description.len() < 1000, "{name}");
        let once = TOOLS.iter().filter(|t| t.name == name).count();
        assert_eq!(once, 1, "{name}");
    }
}

#[test]
fn every_tool_is_in_the_guide() {
    let guide = include_str!("../../../../docs/tools.md");
    for tool in TOOLS {
        assert!(guide.contains(&format!("`{}`", tool.name)), "{} is not in docs/tools.md", tool.name);
    }
}

#[test]
fn every_tool_says_what_it_does_to_the_world() {
    for tool in TOOLS {
        let hints = tool.annotations();
        assert!(hints["title"].as_str().is_some_and(|t| !t.is_empty()), "{}", tool.name);
        assert_eq!(hints["readOnlyHint"], tool.effect == Effect::Reads, "{}", tool.name);
        assert_eq!(hints["destructiveHint"], tool.name.starts_with("delete"), "{}", tool.name);
        assert_eq!(hints["openWorldHint"], false);
        assert!(hints["idempotentHint"].is_boolean());
        // What only looks can be asked again.
        assert!(!tool.read_only() || tool.repeatable, "{}", tool.name);
    }
}
