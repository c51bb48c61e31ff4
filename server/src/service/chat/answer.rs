//! Answering a message: who answers, and the built-in assistant at work.

use super::Outcome;
use crate::{
    actor::Actor,
    agent::{
        Events,
        built_in::{
            intent::Intent,
            plan::{self, Step},
            read, reply,
            scene::{Asked, Memory, Scene},
            words::words,
        },
        hands::{Choice, Hands},
    },
    service::{Result, Services, tasks::LIMIT_MAX},
    store::chat::StoredConversation,
};
use domain::{
    chat::{Approval, Decision, ToolCall, ToolStatus},
    id::TaskId,
    task::{Sort, Status, Task, TaskQuery},
};
use std::collections::VecDeque;

/// Open tasks the built-in assistant reads at most; others it knows by their numbers only.
const OPEN_MAX: usize = 2_000;
/// Requests it follows in one message.
const STEPS_MAX: usize = 60;

impl Services {
    pub(super) async fn answer_message(
        &self,
        actor: &Actor,
        stored: &StoredConversation,
        text: &str,
        events: &Events,
    ) -> Result<Outcome> {
        let memory: Memory = serde_json::from_str(&stored.memory).unwrap_or_default();
        let always: Vec<String> = serde_json::from_str(&stored.always_allow).unwrap_or_default();
        let mut hands = Hands::new(self, actor, events, text, &always, memory);
        let mut outcome = Outcome::default();
        let decision = yes_or_no(text);
        let waiting = match decision {
            Some(_) if hands.memory.asked.is_none() => {
                self.store.read().await?.waiting_calls(&actor.user, stored.conversation.id).await?
            }
            _ => vec![],
        };
        if let (Some(yes), false) = (decision, waiting.is_empty()) {
            let decision = if yes { Decision::Allow } else { Decision::Deny };
            let approval = Approval { decision, arguments: None, reason: None };
            return self.decide_all(actor, stored, waiting, &approval, events).await;
        }
        let answered = match &self.model {
            Some(model) => {
                let history = self.recent(actor, stored).await?;
                self.model_answers(&**model, actor, &history, &mut hands, events, &mut outcome).await?
            }
            None => false,
        };
        if !answered {
            let said = self.built_in(&mut hands, actor, text, events).await?;
            outcome.text.push_str(&said);
        }
        outcome.calls = hands.calls;
        outcome.memory = hands.memory;
        outcome.always = always;
        Ok(outcome)
    }

    /// The built-in assistant: reads the message, does what it asks for step by step, and says what it did.
    async fn built_in(&self, hands: &mut Hands<'_>, actor: &Actor, text: &str, events: &Events) -> Result<String> {
        let mut scene = self.scene(actor, text, hands.memory.clone()).await?;
        let mut said: Vec<String> = Vec::new();
        let mut say = |piece: String| {
            events.delta(if said.is_empty() { piece.clone() } else { format!("\n\n{piece}") });
            said.push(piece);
        };
        let answered = plan::answer(text, &scene);
        scene.memory.asked = None;
        let mut intents: VecDeque<Intent> = VecDeque::new();
        let mut steps: VecDeque<Step> = VecDeque::new();
        match answered {
            Some(answer) => steps.extend(answer),
            None => intents.extend(read::message(text, &scene)),
        }
        let mut done = 0;
        loop {
            if steps.is_empty() {
                // Each request is planned when its turn comes: "it" may be what the one before has made.
                let Some(intent) = intents.pop_front() else { break };
                steps.extend(plan::steps(intent, &scene));
                continue;
            }
            let Some(step) = steps.pop_front() else { continue };
            done += 1;
            if done > STEPS_MAX {
                say(format!(
                    "That is a lot at once: I stopped after {STEPS_MAX} steps. Send me the rest in another message."
                ));
                break;
            }
            match step {
                Step::Say(text) => say(text),
                Step::Ask(text, asked) => {
                    scene.memory.asked = Some(asked);
                    say(text);
                }
                Step::Decide(yes) => say(if yes {
                    "There is nothing waiting for a yes."
                } else {
                    "All right. There was nothing waiting."
                }
                .into()),
                Step::Call { tool, arguments, described } => {
                    let asked = scene.memory.asked.take();
                    hands.memory = scene.memory.clone();
                    let call =
                        hands.call(tool, arguments, if described { Choice::Described } else { Choice::Named }).await;
                    scene.memory = hands.memory.clone();
                    scene.memory.asked = asked;
                    if let Some(result) = &call.result {
                        scene.learn(crate::agent::built_in::scene::tasks_of(result));
                    }
                    say(told(&call, &scene));
                }
            }
        }
        hands.memory = scene.memory;
        Ok(said.join("\n\n"))
    }

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
            Some(Asked::Which { options, .. }) => options.clone(),
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

/// What a call came to, in words.
pub(super) fn told(call: &ToolCall, scene: &Scene) -> String {
    let result = call.result.clone().unwrap_or_default();
    match call.status {
        ToolStatus::Done => reply::told(&call.tool, &call.arguments, &result, scene),
        ToolStatus::Pending => {
            let tasks = crate::agent::built_in::scene::tasks_of(&result);
            let summary = result["summary"].as_str().unwrap_or("This change");
            let rows = if tasks.len() > 1 { format!("\n\n{}", reply::lines(&tasks, scene)) } else { String::new() };
            format!(
                "{}? Nothing is changed yet: press Approve or answer “yes” to go ahead, or “no” to leave it.{rows}",
                reply::plain(summary)
            )
        }
        ToolStatus::Denied => "All right, I left it as it was.".into(),
        ToolStatus::Running | ToolStatus::Failed => {
            format!("That did not work: {}", reply::plain(result["error"].as_str().unwrap_or("something went wrong.")))
        }
    }
}

/// Whether a message is nothing but a yes or a no.
pub(super) fn yes_or_no(text: &str) -> Option<bool> {
    use crate::agent::built_in::{lexicon, words::same};
    if text.len() > 80 {
        return None;
    }
    let found = words(text);
    let is = |list: &[&str]| list.iter().any(|one| same(&found, one));
    if is(lexicon::YES) {
        Some(true)
    } else if is(lexicon::NO) {
        Some(false)
    } else {
        None
    }
}
