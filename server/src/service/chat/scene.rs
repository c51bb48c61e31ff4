//! What the built-in assistant sees of a person's tasks while it reads a message.
//!
//! A bounded part, in one query for each state: the newest open tasks, some completed ones and the trash. Whoever has more
//! than that still finds a task by its number, by words of its title, or because it was spoken of before. What is
//! answered without any task ("thanks", "undo that") loads none.

use crate::{
    actor::Actor,
    agent::built_in::{
        intent::{Intent, Talk},
        read,
        scene::{Asked, Memory, Scene},
        words::words,
    },
    service::{Result, Services},
};
use domain::{
    id::TaskId,
    task::{Sort, Status, Task, TaskQuery},
};

/// Open tasks the built-in assistant reads at most; others it finds by number or by words.
const OPEN_MAX: u32 = 2_000;
/// Completed tasks, and tasks of the trash.
const REST_MAX: u32 = 200;
/// Words of a message that are looked for among the tasks that were not read, and tasks that are taken for each.
const WORDS_MAX: usize = 6;
const FOUND_MAX: u32 = 50;
/// Tasks that are read because their numbers were said or remembered.
const NUMBERS_MAX: usize = 100;

impl Services {
    /// What the built-in assistant can see.
    pub(super) async fn scene(&self, actor: &Actor, text: &str, memory: Memory) -> Result<Scene> {
        let projects = self.projects(actor).await?;
        let labels = self.labels(actor).await?;
        let now = self.clock.civil(&actor.zone);
        let scene = |tasks: Vec<Task>| {
            let mut scene = Scene::new(tasks, projects.clone(), labels.clone(), now, actor.zone.clone());
            scene.locale.clone_from(&actor.settings.locale);
            scene.week_starts_sunday = actor.settings.week_start == "sunday";
            scene.memory = memory.clone();
            scene.hear(text);
            scene
        };
        let bare = scene(vec![]);
        if !text.is_empty() && memory.asked.is_none() && read::message(text, &bare).iter().all(needs_no_task) {
            return Ok(bare);
        }
        Ok(scene(self.seen(actor, text, &memory).await?))
    }

    /// The tasks that a message may be about.
    async fn seen(&self, actor: &Actor, text: &str, memory: &Memory) -> Result<Vec<Task>> {
        let today = self.clock.civil(&actor.zone).date();
        let mut store = self.store.read().await?;
        let mut tasks: Vec<Task> = Vec::new();
        let mut further: Vec<TaskQuery> = Vec::new();
        for (status, most) in [(Status::Open, OPEN_MAX), (Status::Completed, REST_MAX), (Status::Trash, REST_MAX)] {
            let mut query = TaskQuery { status, ..TaskQuery::default() };
            if status == Status::Open {
                (query.sort, query.descending) = (Sort::Created, true);
            }
            let Ok(page) = store.list_tasks(&actor.user, &query, today, most).await? else { continue };
            if page.next.is_some() {
                // There are more than these: the message's own words find the others.
                let mut said: Vec<String> =
                    words(text).into_iter().filter(|w| !w.is_mark() && w.low.len() > 3).map(|w| w.low).collect();
                said.sort_by_key(|w| std::cmp::Reverse(w.len()));
                said.truncate(WORDS_MAX);
                further.extend(said.into_iter().map(|w| TaskQuery { status, search: Some(w), ..TaskQuery::default() }));
            }
            tasks.extend(page.items.into_iter().map(|s| s.task));
        }
        for query in further {
            if let Ok(page) = store.list_tasks(&actor.user, &query, today, FOUND_MAX).await? {
                tasks.extend(page.items.into_iter().map(|s| s.task));
            }
        }
        let asked = match &memory.asked {
            Some(Asked::Which { options, .. } | Asked::Whom { options, .. }) => options.clone(),
            Some(Asked::When { tasks, .. }) => tasks.clone(),
            _ => vec![],
        };
        let said = words(text).into_iter().filter_map(|w| w.low.trim_start_matches('#').parse::<i64>().ok());
        let mut named: Vec<i64> =
            said.chain(memory.shown.iter().copied()).chain(memory.mentioned.iter().copied()).chain(asked).collect();
        named.sort_unstable();
        named.dedup();
        named.retain(|id| *id > 0 && !tasks.iter().any(|t| t.id.0 == *id));
        let named: Vec<TaskId> = named.into_iter().take(NUMBERS_MAX).map(TaskId).collect();
        if !named.is_empty() {
            tasks.extend(store.tasks_by_id(&actor.user, &named).await?.into_iter().map(|s| s.task));
        }
        Ok(tasks)
    }
}

/// Whether an intent is answered without looking at any task.
fn needs_no_task(intent: &Intent) -> bool {
    match intent {
        Intent::Talk(talk) => *talk != Talk::Hello,
        Intent::Undo(_) | Intent::Redo | Intent::Projects | Intent::Labels | Intent::Yes | Intent::No => true,
        _ => false,
    }
}
