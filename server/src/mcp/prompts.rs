//! Prompts: things people start again and again, with the tasks they are about.

use super::{Answer, Mcp, failed, resources::SCHEME};
use crate::actor::Actor;
use rmcp::{
    ErrorData,
    model::{GetPromptResult, Prompt, PromptArgument, PromptMessage, Role},
};
use serde_json::{Map, Value};

const PLAN: &str = "plan_my_day";
const REVIEW: &str = "weekly_review";
const CLEAR: &str = "clear_my_inbox";

/// What there is.
pub fn all() -> Vec<Prompt> {
    let hours = PromptArgument::new("hours").with_title("Hours").with_description("How many hours there are for it.");
    let project = PromptArgument::new("project").with_title("Project").with_description("Only this project, by name.");
    vec![
        Prompt::new(PLAN, Some("Chooses what to do today and in which order."), Some(vec![hours]))
            .with_title("Plan my day"),
        Prompt::new(REVIEW, Some("Goes through what is late, open and ahead."), Some(vec![project]))
            .with_title("Weekly review"),
        Prompt::new(CLEAR, Some("Gives every task of the inbox a date or a project, or lets it go."), None::<Vec<_>>)
            .with_title("Clear my inbox"),
    ]
}

impl Mcp {
    /// A prompt with the tasks it is about.
    pub(super) async fn prompt(
        &self,
        actor: &Actor,
        name: &str,
        arguments: &Map<String, Value>,
    ) -> Answer<GetPromptResult> {
        let known = all().into_iter().find(|prompt| prompt.name == name).ok_or_else(|| {
            let why = format!("there is no such prompt: there are {PLAN}, {REVIEW} and {CLEAR}");
            ErrorData::invalid_params(why, None)
        })?;
        let allowed: Vec<&str> = known.arguments.iter().flatten().map(|argument| argument.name.as_str()).collect();
        if let Some(other) = arguments.keys().find(|name| !allowed.contains(&name.as_str())) {
            return Err(ErrorData::invalid_params(format!("{name} has no argument {other:?}"), None));
        }
        let given =
            |name: &str| arguments.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
        let (task, about) = match name {
            PLAN => {
                let hours = match given("hours").map(str::parse::<f64>) {
                    None => String::new(),
                    Some(Ok(hours)) if hours > 0.0 && hours <= 24.0 => format!(" I have {hours} hours."),
                    Some(_) => return Err(ErrorData::invalid_params("hours must be a number from 0 to 24", None)),
                };
                let text = format!(
                    "Help me plan my day.{hours} Below are my tasks that are due or late. Choose what fits, most important \
                     first, say in a few words why, and name what can wait. Change nothing before I agree; then use \
                     move_tasks for what waits."
                );
                (text, format!("{SCHEME}lists/today"))
            }
            REVIEW => {
                let (of, about) = match given("project") {
                    None => (String::new(), format!("{SCHEME}lists/open")),
                    Some(wanted) => {
                        let projects = self.services().projects(actor).await.map_err(failed)?;
                        let found =
                            projects.into_iter().find(|project| project.name.to_lowercase() == wanted.to_lowercase());
                        let found = found.ok_or_else(|| {
                            ErrorData::invalid_params(format!("there is no project {wanted:?}"), None)
                        })?;
                        (format!(" of the project “{}”", found.name), format!("{SCHEME}projects/{}", found.id))
                    }
                };
                let text = format!(
                    "Let us do my weekly review{of}. Below are the open tasks. First what is late: new date, or let it go? \
                     Then what has had no date for long. Then what comes next week. Ask me in small groups, and use \
                     list_tasks with completed_from for what I finished. Change nothing before I agree."
                );
                (text, about)
            }
            _ => {
                let text = "Help me clear my inbox. Below are the tasks that are in no project. For each propose a project of \
                            mine (list_projects names them), a date, or that it goes. Ask me in groups of five at most, and use \
                            update_task, move_tasks and delete_task for what I agree to.";
                (text.to_owned(), format!("{SCHEME}lists/inbox"))
            }
        };
        let text = self.contents(actor, &about).await?;
        let rows = PromptMessage::new_resource(
            Role::User,
            about,
            Some("application/json".into()),
            Some(text),
            None,
            None,
            None,
        );
        let messages = vec![PromptMessage::new_text(Role::User, task), rows];
        let result = GetPromptResult::new(messages);
        Ok(match known.description {
            Some(what) => result.with_description(what),
            None => result,
        })
    }
}
