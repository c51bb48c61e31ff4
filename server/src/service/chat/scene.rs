//! What the built-in assistant sees of a person's tasks while it reads a message.
//!
//! A bounded part: the newest open tasks, the last completed ones and the trash, and whatever was named by its number or
//! spoken of before, however old.

use crate::{
    actor::Actor,
    agent::built_in::{
        scene::{Asked, Memory, Scene},
        words::words,
    },
    service::{Result, Services, tasks::LIMIT_MAX},
};
use domain::{
    id::TaskId,
    task::{Sort, Status, Task, TaskQuery},
};

/// Open tasks the built-in assistant reads at most; others it knows by their numbers only.
const OPEN_MAX: usize = 2_000;

impl Services {
    /// What the built-in assistant can see.
    pub(super) async fn scene(&self, actor: &Actor, text: &str, memory: Memory) -> Result<Scene> {
        let now = self.clock.civil(&actor.zone);
        let mut tasks: Vec<Task> = Vec::new();
        for (status, most) in [(Status::Open, OPEN_MAX), (Status::Completed, 200), (Status::Trash, 200)] {
            let mut query = TaskQuery { status, limit: Some(LIMIT_MAX), ..TaskQuery::default() };
            if most == OPEN_MAX {
                (query.sort, query.descending) = (Sort::Created, true);
            }
            let mut seen = 0;
            loop {
                let page = self.list_tasks(actor, &query).await?;
                seen += page.items.len();
                tasks.extend(page.items);
                query.cursor = page.next;
                if query.cursor.is_none() || seen >= most {
                    break;
                }
            }
        }
        // Numbers that were said or remembered may be of older tasks.
        let asked = match &memory.asked {
            Some(Asked::Which { options, .. } | Asked::Whom { options, .. }) => options.clone(),
            Some(Asked::When { tasks, .. }) => tasks.clone(),
            _ => vec![],
        };
        let said = words(text).into_iter().filter_map(|w| w.low.trim_start_matches('#').parse::<i64>().ok());
        let mut further: Vec<i64> =
            said.chain(memory.shown.iter().copied()).chain(memory.mentioned.iter().copied()).chain(asked).collect();
        further.sort_unstable();
        further.dedup();
        further.retain(|id| *id > 0 && !tasks.iter().any(|t| t.id.0 == *id));
        for id in further.into_iter().take(100) {
            if let Ok(task) = self.get_task(actor, TaskId(id)).await {
                tasks.push(task);
            }
        }
        let projects = self.projects(actor).await?;
        let labels = self.labels(actor).await?;
        let mut scene = Scene::new(tasks, projects, labels, now, actor.zone.clone());
        scene.locale.clone_from(&actor.settings.locale);
        scene.week_starts_sunday = actor.settings.week_start == "sunday";
        scene.memory = memory;
        scene.hear(text);
        Ok(scene)
    }
}
