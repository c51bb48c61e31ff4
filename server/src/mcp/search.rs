//! `search` and `fetch` in the form ChatGPT's research asks for: words give ids with titles and addresses, an id gives the
//! whole text. `search` is the table's, whose answer also has the tasks themselves.

use super::{Mcp, listed};
use crate::{
    actor::Actor,
    service::{Error, Result},
    tools,
};
use domain::task::Task;
use rmcp::model::Tool as Listed;
use serde_json::{Map, Value, json};

/// The table's tool that finds.
pub const SEARCH: &str = "search";
/// Ours that reads what was found.
pub const FETCH: &str = "fetch";

/// Puts ChatGPT's names into the schemas of `search`.
pub fn adapt(arguments: &mut Value, results: &mut Value) {
    if let Some(properties) = arguments["properties"].as_object_mut()
        && let Some(words) = properties.shift_remove("text")
    {
        properties.insert("query".into(), words);
    }
    arguments["required"] = json!(["query"]);
    results["properties"]["results"] = json!({
        "type": "array",
        "description": "The same tasks, for fetch.",
        "items": {
            "type": "object",
            "properties": {
                "id": {"type": "string", "description": "For fetch."},
                "title": {"type": "string", "description": "The task's title."},
                "url": {"type": "string", "description": "Where the person sees it."},
            },
            "required": ["id", "title", "url"],
            "additionalProperties": false,
        },
    });
    if let Some(required) = results["required"].as_array_mut() {
        required.push(json!("results"));
    }
}

/// `fetch`, which the table does not have.
pub fn fetch_tool() -> Listed {
    let text = |what: &str| json!({"type": "string", "description": what});
    let arguments = json!({
        "type": "object",
        "properties": {"id": text("An id that search gave; a task's number.")},
        "required": ["id"],
        "additionalProperties": false,
    });
    let results = json!({
        "type": "object",
        "properties": {
            "id": text("The task's number."), "title": text("Its title."), "text": text("Everything about it, as Markdown."),
            "url": text("Where the person sees it."),
            "metadata": {
                "type": "object",
                "description": "Its fields in words; those it has.",
                "properties": {
                    "status": text("open or done."), "start": text("From when."), "due": text("For when."),
                    "deadline": text("By when."), "project": text("Its project."), "labels": text("Its labels."),
                    "priority": text("How much it matters."), "trash": text("Whether it is in the trash."),
                },
                "additionalProperties": false,
            },
        },
        "required": ["id", "title", "text", "url", "metadata"],
        "additionalProperties": false,
    });
    let what = "Reads one task in full by an id that search gave. For what there is to change use get_task.";
    listed::described(FETCH, "Read a task", what, arguments, results).with_annotations(listed::looks("Read a task"))
}

impl Mcp {
    /// Adds what ChatGPT reads to an answer of `search`.
    pub(super) fn with_results(&self, answer: &mut Value) {
        let results: Vec<Value> = answer["tasks"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|task| {
                let id = task["id"].to_string();
                json!({"url": self.url(&format!("/task/{id}")), "title": task["title"], "id": id})
            })
            .collect();
        answer["results"] = json!(results);
    }

    /// One task as a document.
    pub(super) async fn fetch(&self, actor: &Actor, mut arguments: Map<String, Value>) -> Result<Value> {
        let Some(id) = arguments.shift_remove("id") else {
            return Err(Error::field("id", "missing", "id is needed: one that search gave"));
        };
        arguments.insert("task_id".into(), id);
        let found = tools::run(self.services(), actor, "get_task", Value::Object(arguments)).await?.value;
        let read = |value: &Value| serde_json::from_value::<Vec<Task>>(value.clone()).unwrap_or_default();
        let (tasks, parts) = (read(&found["tasks"]), read(&found["subtasks"]));
        let task = tasks.first().ok_or_else(|| Error::Internal("get_task answered no task".into()))?;
        let fields = fields(task);
        let mut text = format!("# {}\n", task.title);
        for (name, value) in &fields {
            text.push_str(&format!("- {name}: {value}\n"));
        }
        if let Some(notes) = task.description.as_deref().filter(|notes| !notes.is_empty()) {
            text.push_str(&format!("\n{notes}\n"));
        }
        if !parts.is_empty() {
            text.push_str("\n## Parts\n");
            for part in &parts {
                text.push_str(&format!("- [{}] #{} {}\n", if part.completed { 'x' } else { ' ' }, part.id, part.title));
            }
        }
        let metadata: Map<String, Value> =
            fields.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        let number = task.id.to_string();
        Ok(
            json!({"url": self.url(&format!("/task/{number}")), "id": number, "title": task.title, "text": text, "metadata": metadata}),
        )
    }
}

/// What a task has, in words.
fn fields(task: &Task) -> Vec<(&'static str, String)> {
    let mut all = vec![("status", if task.completed { "done" } else { "open" }.to_owned())];
    let dates = [("start", &task.start), ("due", &task.due), ("deadline", &task.deadline)];
    all.extend(dates.into_iter().filter_map(|(name, date)| Some((name, date.as_ref()?.to_string()))));
    if let Some(project) = &task.project {
        all.push(("project", project.name.clone()));
    }
    if !task.labels.is_empty() {
        all.push(("labels", task.labels.join(", ")));
    }
    if task.priority.as_str() != "none" {
        all.push(("priority", task.priority.as_str().to_owned()));
    }
    if task.deleted_at.is_some() {
        all.push(("trash", "yes".to_owned()));
    }
    all
}
