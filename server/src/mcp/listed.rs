//! The table of tools as clients see it.
//!
//! Names, schemas and hints are the table's. What is added belongs to the protocol: the two switches of calls that are
//! shown before they are done, and the two tools ChatGPT looks for ([`super::search`]).

use super::{confirm, search};
use crate::{
    actor::{Actor, Scope},
    tools::{Enabled, Tool},
};
use rmcp::model::{JsonObject, Tool as Listed, ToolAnnotations};
use serde_json::{Value, json};
use std::{borrow::Cow, sync::Arc};

/// What this person's token can use, in the table's order. A token that only reads is shown only what reads.
pub fn tools(enabled: &Enabled, actor: &Actor) -> Vec<Listed> {
    let usable = |tool: &&Tool| actor.scopes.has(if tool.read_only() { Scope::Read } else { Scope::Write });
    let mut all: Vec<Listed> = enabled.all().filter(usable).map(listed).collect();
    if enabled.find("get_task").is_some_and(|tool| usable(&tool)) {
        all.push(search::fetch_tool());
    }
    all
}

fn listed(tool: &Tool) -> Listed {
    let (mut arguments, mut results) = (tool.schema(), tool.result_schema());
    if tool.name == search::SEARCH {
        search::adapt(&mut arguments, &mut results);
    }
    let mut words = Cow::Borrowed(tool.description);
    if confirm::may_ask(tool) {
        confirm::adapt(&mut arguments, &mut results);
        words = confirm::described(tool).into();
    }
    described(tool.name, tool.title, words, arguments, results)
        .with_annotations(serde_json::from_value(tool.annotations()).unwrap_or_default())
}

/// A tool with its schemas.
pub fn described(
    name: &'static str,
    title: &'static str,
    description: impl Into<Cow<'static, str>>,
    arguments: Value,
    results: Value,
) -> Listed {
    Listed::new(name, description, object(arguments)).with_title(title).with_raw_output_schema(object(results))
}

/// The hints of a tool that only looks.
pub fn looks(title: &str) -> ToolAnnotations {
    let hints = json!({"title": title, "readOnlyHint": true, "destructiveHint": false, "idempotentHint": true, "openWorldHint": false});
    serde_json::from_value(hints).unwrap_or_default()
}

fn object(schema: Value) -> Arc<JsonObject> {
    match schema {
        Value::Object(map) => Arc::new(map),
        _ => Arc::default(),
    }
}
