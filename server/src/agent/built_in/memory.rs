//! What a conversation remembers between turns: what "it", "the second one" and "undo that" mean, and what was asked.

use domain::task::Task;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Changes of a conversation that "undo" goes back through.
const REMEMBERED: usize = 30;

/// What a conversation remembers between turns; kept with it in the database.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// The list last shown, in its order.
    pub shown: Vec<i64>,
    /// The tasks the last act or answer was about.
    pub mentioned: Vec<i64>,
    /// What the assistant asked and waits for.
    pub asked: Option<Asked>,
    /// The changes made in this conversation that can be undone, newest last.
    pub operations: Vec<i64>,
    /// The undos made in this conversation that can be undone in their turn, newest last.
    pub undone: Vec<i64>,
    /// The project last made: "add a task to it".
    pub new_project: Option<String>,
    /// The language last spoken.
    pub language: Option<String>,
    /// The message being answered, and the changes made for it.
    pub now: Heard,
    /// The message before it.
    pub before: Heard,
}

/// A message, and the changes made for it: what "no, I meant #4" takes back and does again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Heard {
    /// As typed.
    pub text: String,
    /// Changes, oldest first.
    pub operations: Vec<i64>,
    /// What the last act for it was on.
    pub tasks: Vec<i64>,
}

/// A question the assistant asked, with what it will do with the answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Asked {
    /// Which of these tasks? The call lacks its `task_id`.
    Which {
        /// In the order they were shown.
        options: Vec<i64>,
        /// The tool to call.
        tool: String,
        /// Its other arguments.
        arguments: Value,
    },
    /// Shall I? A yes makes the calls.
    Shall {
        /// Tools with arguments, in order.
        calls: Vec<(String, Value)>,
    },
    /// Which of these? The message is read again with the answer in the place of what was unclear.
    Whom {
        /// In the order they were shown.
        options: Vec<i64>,
        /// The message.
        text: String,
    },
    /// What? The answer goes after this verb.
    More {
        /// "delete".
        verb: String,
    },
    /// To when? A date completes the move.
    When {
        /// What is to move.
        tasks: Vec<i64>,
        /// Whether the tasks were described and not named.
        described: bool,
    },
}

impl Memory {
    /// Remembers what a call was about. `first` is the first change of a turn: what the calls of one turn touched is
    /// remembered together.
    pub fn note(&mut self, tool: &str, result: &Value, operation: Option<i64>, first: bool) {
        let ids: Vec<i64> = tasks_of(result).iter().map(|t| t.id.0).collect();
        match tool {
            "list_tasks" | "search" | "plan_day" => {
                self.shown.clone_from(&ids);
                self.mentioned = ids;
            }
            "create_project" => self.new_project = result["name"].as_str().map(str::to_owned),
            "list_projects" | "list_labels" | "update_project" | "delete_project" | "create_label" | "update_label"
            | "delete_label" => {}
            _ => {
                if first {
                    self.mentioned.clear();
                }
                self.mentioned.retain(|id| !ids.contains(id));
                self.mentioned.extend(&ids);
                self.now.tasks.clone_from(&ids);
                if matches!(tool, "add_task" | "add_tasks" | "quick_add") && !self.shown.is_empty() {
                    self.shown.extend(&ids);
                }
            }
        }
        let Some(seq) = operation else { return };
        if tool == "undo" {
            let undone = result["undone"].as_i64().unwrap_or_default();
            self.operations.retain(|s| *s != undone);
            if self.undone.contains(&undone) {
                self.undone.retain(|s| *s != undone);
                self.operations.push(seq);
            } else {
                self.undone.push(seq);
            }
        } else {
            self.operations.push(seq);
            self.now.operations.push(seq);
        }
        for list in [&mut self.operations, &mut self.undone] {
            let over = list.len().saturating_sub(REMEMBERED);
            list.drain(..over);
        }
    }
}

/// The tasks in a tool's result.
pub fn tasks_of(result: &Value) -> Vec<Task> {
    let tasks = result["tasks"].as_array().into_iter().flatten();
    tasks.filter_map(|t| serde_json::from_value(t.clone()).ok()).collect()
}
