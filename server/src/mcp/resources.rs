//! A person's tasks as things to read: `todo://lists/today`, `todo://projects/2`, `todo://tasks/3`, `todo://labels/home`.

use super::{Answer, Mcp, broken, failed};
use crate::{
    actor::Actor,
    service::{Error, Result, tasks::LIMIT_MAX},
    tools,
};
use domain::{
    id::{ProjectId, TaskId},
    task::{Sort, Status, TaskQuery, View},
    text::Name,
};
use rmcp::{
    ErrorData,
    model::{CacheScope, ErrorCode, ReadResourceResult, Resource, ResourceContents, ResourceTemplate},
};
use serde_json::{Value, json};

/// What every address begins with.
pub const SCHEME: &str = "todo://";
const JSON: &str = "application/json";

/// The lists: their words in an address, and what they show.
pub const LISTS: &[(&str, &str, &str)] = &[
    ("today", "Today", "Open tasks due today or earlier."),
    ("inbox", "Inbox", "Open tasks without a project."),
    ("upcoming", "Upcoming", "Open tasks with a date ahead."),
    ("overdue", "Overdue", "Open tasks due before today."),
    ("open", "Open tasks", "Every open task."),
];

/// The addresses with a place to fill in.
pub fn templates() -> Vec<ResourceTemplate> {
    let template = |uri: &str, name: &str, title: &str, what: &str| {
        ResourceTemplate::new(format!("{SCHEME}{uri}"), name)
            .with_title(title)
            .with_description(what)
            .with_mime_type(JSON)
    };
    vec![
        template("tasks/{id}", "task", "A task", "One task with its parts, by its number."),
        template("lists/{list}", "list", "A list", "today, inbox, upcoming, overdue or open."),
        template("projects/{id}", "project", "A project", "A project with its open tasks, by its number."),
        template("labels/{name}", "label", "A label", "Open tasks with a label, by its name."),
    ]
}

/// A list's resource.
pub fn list(word: &str, title: &str, what: &str) -> Resource {
    let uri = format!("{SCHEME}lists/{word}");
    Resource::new(uri, word).with_title(title).with_description(what).with_mime_type(JSON)
}

impl Mcp {
    /// What can be read without filling anything in.
    pub(super) async fn resources(&self, actor: &Actor) -> Answer<Vec<Resource>> {
        let mut all: Vec<Resource> = LISTS.iter().map(|(word, title, what)| list(word, title, what)).collect();
        let projects = Resource::new(format!("{SCHEME}projects"), "projects");
        all.push(
            projects.with_title("Projects").with_description("The projects by name and number.").with_mime_type(JSON),
        );
        let projects = self.services().projects(actor).await.map_err(failed)?;
        all.extend(projects.into_iter().filter(|project| !project.archived).map(|project| {
            Resource::new(format!("{SCHEME}projects/{}", project.id), format!("project-{}", project.id))
                .with_title(project.name)
                .with_description("A project with its open tasks.")
                .with_mime_type(JSON)
        }));
        Ok(all)
    }

    /// What is at an address.
    pub(super) async fn read(&self, actor: &Actor, uri: &str) -> Answer<ReadResourceResult> {
        let text = self.contents(actor, uri).await.map_err(|error| match error.code {
            ErrorCode::RESOURCE_NOT_FOUND => ErrorData { data: Some(json!({"uri": uri})), ..error },
            _ => error,
        })?;
        let contents = ResourceContents::text(text, uri).with_mime_type(JSON);
        Ok(ReadResourceResult::new(vec![contents]).with_ttl_ms(0).with_cache_scope(CacheScope::Private))
    }

    /// The same as JSON in a text.
    pub(super) async fn contents(&self, actor: &Actor, uri: &str) -> Answer<String> {
        let mut value = self.value(actor, uri).await.map_err(failed)?;
        tools::drop_nulls(&mut value);
        serde_json::to_string_pretty(&value).map_err(|e| broken(&format!("a resource as JSON: {e}")))
    }

    async fn value(&self, actor: &Actor, uri: &str) -> Result<Value> {
        let nothing = || Error::NotFound {
            what: "such resource: resources/list and resources/templates/list say what there is".into(),
        };
        let rest = uri.strip_prefix(SCHEME).ok_or_else(nothing)?;
        let (kind, key) = rest.split_once('/').unwrap_or((rest, ""));
        let number = || key.parse::<i64>().ok().filter(|n| *n > 0).ok_or_else(nothing);
        match (kind, key) {
            ("tasks", _) => {
                let id = TaskId(number()?);
                let task = self.services().get_task(actor, id).await?;
                let parts = TaskQuery { parent: Some(id), limit: Some(LIMIT_MAX), ..TaskQuery::default() };
                let parts = self.services().list_tasks(actor, &parts).await?.items;
                Ok(json!({"task": task, "subtasks": parts}))
            }
            ("lists", word) => {
                let (view, title) = match LISTS.iter().find(|(known, ..)| *known == word) {
                    Some((word, title, _)) => (view(word), title),
                    None => return Err(nothing()),
                };
                let query = TaskQuery { view, ..TaskQuery::default() };
                self.open(actor, query, json!({"list": title})).await
            }
            ("projects", "") => Ok(json!({"projects": self.services().projects(actor).await?})),
            ("projects", _) => {
                let project = self.services().project(actor, ProjectId(number()?)).await?;
                let query = TaskQuery { project: Some(project.id), ..TaskQuery::default() };
                self.open(actor, query, json!({"project": project})).await
            }
            ("labels", name) if !name.is_empty() => {
                let name = percent_encoding::percent_decode_str(name).decode_utf8().map_err(|_| nothing())?;
                let name = Name::parse(&name).map_err(|_| nothing())?;
                let known = self.services().labels(actor).await?;
                let label =
                    known.into_iter().find(|label| label.name.to_lowercase() == name.key()).ok_or_else(nothing)?;
                let query = TaskQuery { labels: vec![name], ..TaskQuery::default() };
                self.open(actor, query, json!({"label": label})).await
            }
            _ => Err(nothing()),
        }
    }

    /// Open tasks by their date, with what they are of; as many as one page holds.
    async fn open(&self, actor: &Actor, query: TaskQuery, mut of: Value) -> Result<Value> {
        let query = TaskQuery { status: Status::Open, sort: Sort::Due, limit: Some(LIMIT_MAX), ..query };
        let page = self.services().list_tasks(actor, &query).await?;
        of["tasks"] = json!(page.items);
        of["more"] = json!(page.next.is_some());
        Ok(of)
    }
}

fn view(word: &str) -> Option<View> {
    match word {
        "today" => Some(View::Today),
        "inbox" => Some(View::Inbox),
        "upcoming" => Some(View::Upcoming),
        "overdue" => Some(View::Overdue),
        _ => None,
    }
}
