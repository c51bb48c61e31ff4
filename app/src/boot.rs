//! What an address needs before its page can be drawn. The server gathers it, draws with it, and writes it into the
//! document; the browser reads it from there and draws the very same page without asking again.
//!
//! Everything after the first drawing comes through [`crate::state`].

use crate::{
    api::{self, TaskPage},
    place::Place,
};
use domain::{
    chat::{Conversation, Transcript},
    id::{ConversationId, TaskId},
    overview::Overview,
    problem::Problem,
    task::Task,
};
use serde::{Deserialize, Serialize};

/// The id of the element that carries it in the document.
pub const ELEMENT: &str = "boot";

/// What the server found for an address.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Boot {
    /// The frame; `None` for a visitor who is not signed in.
    pub overview: Option<Overview>,
    /// Why there is no frame although there should be one.
    pub trouble: Option<Problem>,
    /// The tasks of the place that is shown.
    pub list: Option<Result<TaskPage, Problem>>,
    /// The open task with its parts.
    pub task: Option<Result<Vec<Task>, Problem>>,
    /// The history of conversations.
    pub conversations: Option<Result<Vec<Conversation>, Problem>>,
    /// The conversation that is shown.
    pub thread: Option<Result<Transcript, Problem>>,
    /// What only the server draws with; no part of the document.
    #[cfg(feature = "ssr")]
    #[serde(skip)]
    pub served: Option<crate::served::data::Served>,
}

impl Boot {
    /// The status the document deserves.
    pub fn status(&self, path: &str) -> Option<u16> {
        let missing = match (Place::of(path, None), &self.overview) {
            (Some(place), Some(overview)) => place.name(overview).is_none(),
            _ => false,
        };
        let failed = [
            self.list.as_ref().and_then(|r| r.as_ref().err()),
            self.task.as_ref().and_then(|r| r.as_ref().err()),
            self.thread.as_ref().and_then(|r| r.as_ref().err()),
        ];
        let failed = failed.into_iter().flatten();
        #[cfg(feature = "ssr")]
        let failed = failed.chain(self.served.as_ref().and_then(crate::served::data::Served::refusal));
        let status = failed.map(|p| p.status).find(|s| *s != 0);
        if missing { Some(404) } else { status }
    }

    /// As the text of a JSON script element: `<` would end it early.
    pub fn to_script(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| "{}".into()).replace('<', "\\u003c")
    }

    /// What this document was drawn with.
    pub fn here() -> Self {
        #[cfg(feature = "ssr")]
        {
            leptos::prelude::use_context::<Self>().unwrap_or_default()
        }
        #[cfg(not(feature = "ssr"))]
        {
            let text = crate::browser::find("#boot").and_then(|e| e.text_content());
            text.and_then(|t| serde_json::from_str(&t).ok()).unwrap_or_default()
        }
    }
}

/// Gathers what the address `path` with the query parameters `parameter` needs.
pub async fn gather(path: &str, parameter: impl Fn(&str) -> Option<String>) -> Result<Boot, Problem> {
    let mut boot = Boot::default();
    #[cfg(feature = "ssr")]
    if crate::served::entrance::PATHS.contains(&path) {
        boot.overview = match api::overview().await {
            Err(problem) if problem.status == 401 => None,
            known => Some(known?),
        };
        boot.served = crate::served::data::gather(path, &parameter).await;
        return Ok(boot);
    }
    let overview = api::overview().await?;
    #[cfg(feature = "ssr")]
    {
        boot.served = crate::served::data::gather(path, &parameter).await;
    }
    let (first, second) = {
        let mut parts = path.trim_matches('/').split('/');
        (parts.next().unwrap_or_default(), parts.next())
    };
    if let Some(place) = Place::of(path, parameter("q").as_deref())
        && let Some(query) = place.query(&overview)
    {
        boot.list = Some(api::list_tasks(&query).await);
    }
    let task = match (first, second) {
        ("task", Some(id)) => Some(id.to_owned()),
        _ => parameter("task"),
    };
    if let Some(id) = task {
        boot.task = Some(match id.parse() {
            Ok(id) => task_with_parts(TaskId(id)).await,
            Err(_) => Err(not_found("There is no task with that number.")),
        });
    }
    if first == "chat" {
        boot.conversations = Some(api::conversations("").await);
        if let Some(id) = second {
            boot.thread = Some(match id.parse() {
                Ok(id) => api::conversation(ConversationId(id)).await,
                Err(_) => Err(not_found("There is no conversation with that number.")),
            });
        }
    }
    boot.overview = Some(overview);
    Ok(boot)
}

/// A task followed by its parts.
pub async fn task_with_parts(id: TaskId) -> Result<Vec<Task>, Problem> {
    let mut tasks = vec![api::task(id).await?];
    tasks.extend(api::subtasks(id).await?);
    Ok(tasks)
}

fn not_found(detail: &str) -> Problem {
    Problem { status: 404, ..crate::transport::problem("not_found", "Not found", detail) }
}
