//! Completions: numbers of tasks and projects, names of lists, projects and labels, while somebody types.
//!
//! A number is found by its digits or by words of the title. What is unknown has no completions, which is no error: clients
//! ask while people type.

use super::{
    Answer, Mcp, failed,
    resources::{LISTS, SCHEME},
};
use crate::{actor::Actor, service::Result};
use domain::task::{Sort, Status, TaskQuery};
use rmcp::model::{CompleteRequestParams, CompleteResult, CompletionInfo, Reference};

/// Numbers offered when nothing was typed yet.
const OFFERED: u32 = 20;

impl Mcp {
    pub(super) async fn completions(&self, actor: &Actor, params: &CompleteRequestParams) -> Answer<CompleteResult> {
        let typed = params.argument.value.trim().to_lowercase();
        let asked = match &params.r#ref {
            Reference::Resource(template) => template.uri.strip_prefix(SCHEME).unwrap_or_default(),
            Reference::Prompt(prompt) => prompt.name.as_str(),
            _ => "",
        };
        let all = match (asked, params.argument.name.as_str()) {
            ("tasks/{id}", "id") => self.task_numbers(actor, &typed).await,
            ("projects/{id}", "id") => {
                self.projects_by(actor, &typed).await.map(|all| all.into_iter().map(|p| p.0).collect())
            }
            ("weekly_review", "project") => {
                self.projects_by(actor, &typed).await.map(|all| all.into_iter().map(|p| p.1).collect())
            }
            ("labels/{name}", "name") => self.label_names(actor, &typed).await,
            ("lists/{list}", "list") => {
                Ok(LISTS.iter().map(|(word, ..)| (*word).to_owned()).filter(|word| word.starts_with(&typed)).collect())
            }
            _ => Ok(vec![]),
        };
        let mut values: Vec<String> = all.map_err(failed)?;
        let found = values.len();
        values.truncate(CompletionInfo::MAX_VALUES);
        let info =
            CompletionInfo::with_pagination(values, u32::try_from(found).ok(), found > CompletionInfo::MAX_VALUES);
        Ok(CompleteResult::new(info.unwrap_or_default()))
    }

    /// Open tasks whose number begins so, or whose title or notes have these words.
    async fn task_numbers(&self, actor: &Actor, typed: &str) -> Result<Vec<String>> {
        let digits = typed.trim_start_matches('#');
        let by_number = digits.bytes().all(|byte| byte.is_ascii_digit());
        let query = TaskQuery { status: Status::Open, sort: Sort::Created, descending: false, ..TaskQuery::default() };
        let query = match by_number {
            true if digits.is_empty() => TaskQuery { limit: Some(OFFERED), ..query },
            true => TaskQuery { limit: Some(crate::service::tasks::LIMIT_MAX), ..query },
            false => TaskQuery { search: Some(typed.to_owned()), limit: Some(OFFERED), ..query },
        };
        let page = self.services().list_tasks(actor, &query).await?;
        let numbers = page.items.into_iter().map(|task| task.id.to_string());
        Ok(numbers.filter(|number| !by_number || number.starts_with(digits)).collect())
    }

    /// Projects whose number or name begins so: both.
    async fn projects_by(&self, actor: &Actor, typed: &str) -> Result<Vec<(String, String)>> {
        let all = self.services().projects(actor).await?;
        let all = all.into_iter().filter(|project| !project.archived);
        let all = all.map(|project| (project.id.to_string(), project.name));
        Ok(all.filter(|(number, name)| number.starts_with(typed) || name.to_lowercase().starts_with(typed)).collect())
    }

    async fn label_names(&self, actor: &Actor, typed: &str) -> Result<Vec<String>> {
        let all = self.services().labels(actor).await?.into_iter().map(|label| label.name);
        Ok(all.filter(|name| name.to_lowercase().starts_with(typed)).collect())
    }
}
