//! The assistant's hands: tool calls are carried out here, or laid before the person when they are harmful or many.
//!
//! The rule: every deletion waits for approval; so does every change to a set of two or more tasks that was described
//! ("all", "everything due today") and not named; and so does whatever brings the tasks changed in one turn above five.
//! Adding tasks takes nothing away and is never asked about. A model does not say how it came to its tasks, so for it
//! a task counts as named when the person's message holds its number or words of its title.
//!
//! Another server's tool is asked about as its server's settings say, by default unless it only reads.

use super::{
    Events,
    built_in::{
        scene::Memory,
        words::{stem, words},
    },
    reach::{self, Reach, carry_out},
};
use crate::{
    actor::Actor,
    external::{self, Offer},
    ids,
    service::{Result, Services},
    tools::{self, Effect, Subject, Tool},
};
use domain::{
    chat::{ChatEvent, ToolCall, ToolStatus},
    id::TaskId,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Tasks that may be changed in one turn without asking.
const FREE: usize = 5;
/// Words that describe a set.
const SETS: &[&str] = &[
    "all",
    "every",
    "everything",
    "each",
    "any",
    "overdue",
    "completed",
    "both",
    "them",
    "those",
    "these",
    "rest",
    "tasks",
];

/// Who decided which tasks a call works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The person named each of them.
    Named,
    /// The person described a set.
    Described,
    /// A model chose them; its person's message is looked at.
    Model,
}

/// What one turn does.
#[derive(Debug)]
pub struct Hands<'a> {
    services: &'a Services,
    actor: &'a Actor,
    events: &'a Events,
    message: &'a str,
    always: &'a [String],
    /// Other servers' tools in this turn. Only a model is told of them.
    pub offer: Offer,
    /// What is remembered for the next turns.
    pub memory: Memory,
    /// Every call so far, in order.
    pub calls: Vec<ToolCall>,
    touched: BTreeSet<i64>,
    unnamed: BTreeSet<i64>,
}

impl<'a> Hands<'a> {
    /// The hands of one turn. `always` are tools the person has allowed for this conversation.
    pub fn new(
        services: &'a Services,
        actor: &'a Actor,
        events: &'a Events,
        message: &'a str,
        always: &'a [String],
        memory: Memory,
    ) -> Self {
        Self {
            services,
            actor,
            events,
            message,
            always,
            offer: Offer::default(),
            memory,
            calls: vec![],
            touched: BTreeSet::new(),
            unnamed: BTreeSet::new(),
        }
    }

    /// The services they work through.
    pub fn services(&self) -> &'a Services {
        self.services
    }

    /// Takes up a turn that waited: what was decided about in it is counted with what comes now.
    pub fn take_up(&mut self, decided: &[ToolCall]) {
        let ids: Vec<i64> = decided.iter().flat_map(|call| tools::task_ids(&call.arguments)).collect();
        self.touched.extend(&ids);
        self.unnamed.extend(&ids);
    }

    /// Whether something was changed in this turn, or may have been where we cannot see it.
    pub fn has_acted(&self) -> bool {
        let acted = |c: &ToolCall| c.operation.is_some() || c.status == ToolStatus::Pending;
        self.calls.iter().any(|c| acted(c) || external::is_foreign(&c.tool))
    }

    /// What a name leads to, in this turn.
    pub fn find(&self, name: &str) -> Option<Reach> {
        let ours = self.services.tools().find(name).map(Reach::Ours);
        ours.or_else(|| self.offer.find(name.trim()).cloned().map(Reach::Theirs))
    }

    /// The names of what can be called, for a sentence.
    pub fn names(&self) -> String {
        let theirs = self.offer.tools.iter().map(|tool| tool.name.as_str());
        self.services.tools().all().map(|tool| tool.name).chain(theirs).collect::<Vec<_>>().join(", ")
    }

    /// Makes known which tasks a model's calls are about to change, so that calls made side by side count together.
    pub async fn expect(&mut self, tool: &str, arguments: &Value) {
        if tools::find(tool).is_some_and(|t| t.effect == Effect::Changes) {
            let ids = tools::task_ids(arguments);
            let named = self.named(&ids).await;
            self.unnamed.extend(ids.into_iter().filter(|id| !named.contains(id)));
        }
    }

    /// Carries a call out, or keeps it for approval, and answers what became of it.
    pub async fn call(&mut self, name: &str, arguments: Value, choice: Choice) -> ToolCall {
        let first = !self.calls.iter().any(|c| c.operation.is_some());
        let reach = self.find(name);
        let mut call = self.begun(name, arguments);
        // From here to the end it is told what became of it, whoever wants to stop the turn.
        let acting = self.events.acting().await;
        let waits = match &reach {
            Some(Reach::Ours(tool)) => self.must_ask(tool, &call.arguments, choice).await,
            Some(Reach::Theirs(tool)) => tool.asks && !self.always.contains(&tool.name),
            None => false,
        };
        if waits {
            let shown = match &reach {
                Some(Reach::Theirs(tool)) => Ok(reach::shown(tool, &call.arguments)),
                _ => self.shown(&call).await,
            };
            match shown {
                Ok(shown) => {
                    call.status = ToolStatus::Pending;
                    call.result = Some(shown);
                }
                Err(error) => {
                    call.status = ToolStatus::Failed;
                    call.result = Some(tools::failure(&error));
                }
            }
        } else {
            self.events.send(ChatEvent::ToolCall { call: call.clone() });
            // What another server does is not torn by stopping: it is told as uncertain then.
            let acting = if matches!(reach, Some(Reach::Theirs(_))) {
                drop(acting);
                None
            } else {
                Some(acting)
            };
            carry_out(self.services, self.actor, &mut call).await;
            drop(acting);
            if let (true, Some(Reach::Ours(tool))) = (call.success, &reach) {
                if tool.effect == Effect::Changes {
                    self.touched.extend(tools::task_ids(&call.arguments));
                }
                let result = call.result.clone().unwrap_or_default();
                self.memory.note(&call.tool, &result, call.operation.map(|o| o.0), first);
            }
        }
        self.events.send(ChatEvent::ToolCall { call: call.clone() });
        self.calls.push(call.clone());
        call
    }

    /// Carries out calls that only look, side by side; the answers are in their order.
    pub async fn look(&mut self, wanted: Vec<(String, Value)>) -> Vec<ToolCall> {
        let (services, actor) = (self.services, self.actor);
        let _acting = self.events.acting().await;
        let begun: Vec<ToolCall> = wanted.into_iter().map(|(name, arguments)| self.begun(&name, arguments)).collect();
        for call in &begun {
            self.events.send(ChatEvent::ToolCall { call: call.clone() });
        }
        let looking = begun.into_iter().map(|mut call| async move {
            carry_out(services, actor, &mut call).await;
            call
        });
        let calls = futures::future::join_all(looking).await;
        for call in &calls {
            if let (true, Some(result)) = (call.success, &call.result) {
                self.memory.note(&call.tool, result, None, false);
            }
            self.events.send(ChatEvent::ToolCall { call: call.clone() });
        }
        self.calls.extend_from_slice(&calls);
        calls
    }

    /// A call that is about to be carried out.
    fn begun(&self, name: &str, arguments: Value) -> ToolCall {
        let name = self.find(name).map_or_else(|| name.to_owned(), |reach| reach.name().to_owned());
        ToolCall {
            id: format!("call_{}", ids::alphanumeric(16)),
            tool: name.clone(),
            name,
            arguments,
            status: ToolStatus::Running,
            success: false,
            result: None,
            operation: None,
        }
    }

    async fn must_ask(&mut self, tool: &Tool, arguments: &Value, choice: Choice) -> bool {
        let ids = tools::task_ids(arguments);
        if self.always.iter().any(|t| t == tool.name) {
            return false;
        }
        match tool.effect {
            Effect::Reads | Effect::Adds => false,
            Effect::Deletes => true,
            Effect::Changes => {
                let many = self.touched.union(&ids.iter().copied().collect()).count() > FREE;
                let described = match choice {
                    Choice::Named => false,
                    Choice::Described => ids.len() > 1,
                    Choice::Model => {
                        let named = self.named(&ids).await;
                        let chosen: Vec<i64> = ids.iter().copied().filter(|id| !named.contains(id)).collect();
                        self.unnamed.extend(&chosen);
                        !chosen.is_empty() && self.unnamed.len() > 1
                    }
                };
                !ids.is_empty() && (many || described)
            }
        }
    }

    /// Which of the tasks the person's message names.
    async fn named(&self, ids: &[i64]) -> BTreeSet<i64> {
        let said = words(self.message);
        let numbers: BTreeSet<i64> = said.iter().filter_map(|w| w.low.trim_start_matches('#').parse().ok()).collect();
        let mut named: BTreeSet<i64> = ids.iter().copied().filter(|id| numbers.contains(id)).collect();
        if said.iter().any(|w| SETS.contains(&w.low.as_str())) {
            return named;
        }
        let stems: BTreeSet<String> = said.iter().filter(|w| w.low.chars().count() > 2).map(|w| stem(&w.low)).collect();
        let ids: Vec<TaskId> = ids.iter().copied().map(TaskId).collect();
        let tasks = self.services.get_tasks(self.actor, &ids).await.unwrap_or_default();
        named.extend(
            tasks.iter().filter(|t| words(&t.title).iter().any(|w| stems.contains(&stem(&w.low)))).map(|t| t.id.0),
        );
        // The one thing just spoken of may be called "it".
        if let [one] = self.memory.mentioned[..] {
            named.insert(one);
        }
        named
    }

    /// What the person is shown before they decide: a sentence and the exact rows.
    async fn shown(&self, call: &ToolCall) -> Result<Value> {
        let subject = tools::subject(self.services, self.actor, &call.tool, &call.arguments).await?;
        let summary = summary(&call.tool, &call.arguments, &subject);
        Ok(json!({"summary": summary, "tasks": subject.tasks, "subtasks": subject.subtasks}))
    }
}

/// A call in a sentence: "Move 2 tasks to 2026-11-22".
pub fn summary(tool: &str, arguments: &Value, subject: &Subject) -> String {
    let what = subject.words();
    let argument = |name: &str| arguments.get(name);
    let text = |name: &str| argument(name).and_then(Value::as_str);
    let to = match (text("due"), argument("project").map(|p| p.as_str().unwrap_or("the inbox"))) {
        (Some(due), _) => format!(" to {due}"),
        (None, Some(project)) => format!(" to {project}"),
        (None, None) => String::new(),
    };
    match tool {
        "delete_task" | "delete_project" | "delete_label" => format!("Delete {what}"),
        "complete_task" => format!("Complete {what}"),
        "reopen_task" => format!("Reopen {what}"),
        "restore_task" => format!("Restore {what}"),
        "move_tasks" => format!("Move {what}{to}"),
        _ => {
            let fields: Vec<String> = arguments
                .as_object()
                .into_iter()
                .flatten()
                .filter(|(name, _)| !matches!(name.as_str(), "task_id" | "task_ids"))
                .map(|(name, value)| {
                    format!(
                        "{} to {}",
                        name.replace('_', " "),
                        value.as_str().map_or_else(|| value.to_string(), str::to_owned)
                    )
                })
                .collect();
            format!("Change {what}: {}", fields.join(", "))
        }
    }
}
