//! Which tools there are on this installation: all of them, or those `ENABLED_TOOLS` names.
//!
//! Tools of other servers are named as they are called here, `server__tool`, and with `*` for any text.

use super::{
    Tool, find,
    table::{TOGGLE, TOGGLE_HALVES, TOOLS},
};
use crate::{
    external,
    service::{Error, Result},
};
use serde_json::Value;
use std::collections::BTreeSet;

/// The tools that are switched on. Everybody who shows or runs tools asks here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Enabled(Option<Named>);

/// What a list names.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Named {
    ours: BTreeSet<&'static str>,
    foreign: Foreign,
}

/// Patterns of other servers' tools.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Foreign {
    Only(Vec<String>),
    AllBut(Vec<String>),
}

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
        let all_but = on.is_empty() && !off.is_empty();
        let foreign = |names: Names| names.into_iter().partition::<Names, _>(|name| external::is_foreign(name));
        let ((foreign_on, on), (foreign_off, off)) = (foreign(on), foreign(off));
        let (named, off) = (known(&on)?, known(&off)?);
        let named = if all_but {
            let ours = TOOLS.iter().map(|t| t.name).filter(|n| !off.contains(n)).collect();
            Named { ours, foreign: Foreign::AllBut(foreign_off) }
        } else {
            Named { ours: named, foreign: Foreign::Only(foreign_on) }
        };
        let nothing = named.ours.is_empty() && matches!(&named.foreign, Foreign::Only(only) if only.is_empty());
        if nothing { Err("it names no tool".into()) } else { Ok(Self(Some(named))) }
    }

    /// The tools, in the order of the table.
    pub fn all(&self) -> impl Iterator<Item = &'static Tool> + '_ {
        TOOLS.iter().filter(|tool| self.has(tool))
    }

    /// Whether a tool is switched on.
    pub fn has(&self, tool: &Tool) -> bool {
        let Some(Named { ours: set, .. }) = &self.0 else { return true };
        if tool.name == TOGGLE.name {
            TOGGLE_HALVES.iter().all(|half| set.contains(half))
        } else {
            set.contains(tool.name)
        }
    }

    /// Whether another server's tool of that name is switched on.
    pub fn has_foreign(&self, name: &str) -> bool {
        let any = |patterns: &[String]| patterns.iter().any(|pattern| external::matches(pattern, name));
        match self.0.as_ref().map(|named| &named.foreign) {
            None => true,
            Some(Foreign::Only(patterns)) => any(patterns),
            Some(Foreign::AllBut(patterns)) => !any(patterns),
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
    fn other_servers_tools_are_named_by_patterns() {
        let has = |text: &str, name: &str| Enabled::parse(text).expect(text).has_foreign(name);
        assert!(Enabled::default().has_foreign("a__b"));
        assert!(!has("add_task", "a__b"));
        assert!(has("add_task,a__*", "a__b") && !has("add_task,a__*", "b__a"));
        assert!(has(r#"["add_task", "*__get_*"]"#, "a__get_b"));
        assert!(has(r#"{"delete_task": false}"#, "a__b") && !has(r#"{"a__*": false}"#, "a__b"));
        assert_eq!(names("a__*"), Ok(vec![]));
        assert_eq!(names(r#"{"a__*": false}"#).map(|ours| ours.len()), Ok(TOOLS.len()));
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
