//! Which tools there are on this installation: all of them, or those `ENABLED_TOOLS` names.

use super::{
    Tool, find,
    table::{TOGGLE, TOGGLE_HALVES, TOOLS},
};
use crate::service::{Error, Result};
use serde_json::Value;
use std::collections::BTreeSet;

/// The tools that are switched on. Everybody who shows or runs tools asks here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Enabled(Option<BTreeSet<&'static str>>);

impl Enabled {
    /// Reads a list of names, separated by commas or blanks, or its older form in JSON: `["add_task"]`,
    /// `{"add_task": true}` or `[{"name": "add_task", "enabled": true}]`. Says what cannot be used.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (on, off) = if text.starts_with(['[', '{', '"']) {
            let value = serde_json::from_str(text).map_err(|e| format!("it is not JSON: {e}"))?;
            from_json(&value)?
        } else {
            (
                text.split([',', ' ', '\n', '\t'])
                    .map(str::trim)
                    .filter(|n| !n.is_empty())
                    .map(str::to_owned)
                    .collect(),
                vec![],
            )
        };
        let (named, off) = (known(&on)?, known(&off)?);
        let set: BTreeSet<&'static str> = if on.is_empty() && !off.is_empty() {
            TOOLS.iter().map(|t| t.name).filter(|n| !off.contains(n)).collect()
        } else {
            named
        };
        if set.is_empty() { Err("it names no tool".into()) } else { Ok(Self(Some(set))) }
    }

    /// The tools, in the order of the table.
    pub fn all(&self) -> impl Iterator<Item = &'static Tool> + '_ {
        TOOLS.iter().filter(|tool| self.has(tool))
    }

    /// Whether a tool is switched on.
    pub fn has(&self, tool: &Tool) -> bool {
        let Some(set) = &self.0 else { return true };
        if tool.name == TOGGLE.name {
            TOGGLE_HALVES.iter().all(|half| set.contains(half))
        } else {
            set.contains(tool.name)
        }
    }

    /// The tool of that name or other name, when it is switched on.
    pub fn find(&self, name: &str) -> Option<&'static Tool> {
        find(name).filter(|tool| self.has(tool))
    }

    /// The same, or why there is none.
    pub fn get(&self, name: &str) -> Result<&'static Tool> {
        match find(name) {
            Some(tool) if self.has(tool) => Ok(tool),
            Some(tool) => Err(Error::Forbidden(format!("“{}” is switched off on this server.", tool.title))),
            None => {
                let name: String = name.chars().take(60).collect();
                Err(Error::field(
                    "tool",
                    "unknown",
                    format!("there is no tool {name:?}: the tools are {}", self.names()),
                ))
            }
        }
    }

    /// The names, for a sentence.
    pub fn names(&self) -> String {
        self.all().map(|t| t.name).collect::<Vec<_>>().join(", ")
    }
}

type Names = Vec<String>;

/// The names of an older list in JSON that are on, and those that are off.
fn from_json(value: &Value) -> Result<(Names, Names), String> {
    const SHAPE: &str = "its JSON must be a list of names, or an object of names and true or false";
    let mut named: Vec<(String, bool)> = Vec::new();
    let switch = |value: &Value| value.as_bool().or_else(|| value.get("enabled").and_then(Value::as_bool));
    match value {
        Value::String(name) => named.push((name.clone(), true)),
        Value::Array(list) => {
            for item in list {
                match (item.as_str(), item.get("name").and_then(Value::as_str)) {
                    (Some(name), _) => named.push((name.to_owned(), true)),
                    (None, Some(name)) => named.push((name.to_owned(), switch(item).unwrap_or(true))),
                    (None, None) => return Err(SHAPE.into()),
                }
            }
        }
        Value::Object(map) => {
            for (name, value) in map {
                named.push((name.clone(), switch(value).ok_or(SHAPE)?));
            }
        }
        _ => return Err(SHAPE.into()),
    }
    let (on, off): (Vec<_>, Vec<_>) = named.into_iter().partition(|(_, on)| *on);
    let names = |list: Vec<(String, bool)>| list.into_iter().map(|(name, _)| name).collect();
    Ok((names(on), names(off)))
}

/// The table's names for those; the first that is none is the error.
fn known(names: &[String]) -> Result<BTreeSet<&'static str>, String> {
    let mut out = BTreeSet::new();
    for name in names {
        let tool = find(name).ok_or_else(|| format!("there is no tool {name:?}"))?;
        if tool.name == TOGGLE.name {
            out.extend(TOGGLE_HALVES);
        } else {
            out.insert(tool.name);
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Result<Vec<&'static str>, String> {
        Enabled::parse(text).map(|e| e.all().map(|t| t.name).collect())
    }

    #[test]
    fn a_list_narrows_the_table_in_either_form() {
        let two = Ok(vec!["add_task", "list_tasks"]);
        for text in [
            "add_task,list_tasks",
            " list_tasks , add_task ",
            "create_task list_tasks_tool",
            r#"["list_tasks","add_task"]"#,
            r#"{"add_task": true, "list_tasks": true, "delete_task": false}"#,
            r#"[{"name": "add_task"}, {"name": "list_tasks", "enabled": true}, {"name": "undo", "enabled": false}]"#,
        ] {
            assert_eq!(names(text), two, "{text}");
        }
        assert_eq!(names("toggle_complete"), Ok(vec!["complete_task", "reopen_task"]));
        let without = names(r#"{"delete_task": false}"#).unwrap_or_default();
        assert_eq!(without.len(), TOOLS.len() - 1);
        assert!(!without.contains(&"delete_task"));
    }

    #[test]
    fn what_names_no_tool_is_refused_and_named() {
        for (text, why) in [
            ("add_task,fly", "\"fly\""),
            (r#"["add_task", "fly"]"#, "\"fly\""),
            (r#"{"fly": false}"#, "\"fly\""),
            ("[]", "names no tool"),
            (",", "names no tool"),
            ("[1]", "list of names"),
            (r#"{"add_task": "yes"}"#, "true or false"),
            ("[\"add_task\"", "not JSON"),
        ] {
            let said = Enabled::parse(text).expect_err(text);
            assert!(said.contains(why), "{text}: {said}");
        }
    }

    #[test]
    fn what_is_off_is_not_found_under_any_name() {
        let some = Enabled::parse("add_task, complete_task").expect("two tools");
        assert!(some.find("create_task").is_some() && some.find("ADD-TASK").is_some());
        assert!(some.find("delete_tasks").is_none() && some.find("toggle_complete").is_none());
        let off = some.get("delete_task").expect_err("off").to_string();
        assert_eq!(off, "“Delete tasks” is switched off on this server.");
        let unknown = some.get("fly").expect_err("unknown").to_string();
        assert!(unknown.contains("the tools are add_task, complete_task"), "{unknown}");
        assert!(Enabled::default().find("toggle_complete").is_some());
    }
}
