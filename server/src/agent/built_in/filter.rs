//! Sets that are described: "my overdue tasks in Work tagged @home", "everything due this week".
//!
//! A description is read word by word, in any order, until nothing is left; what is left over is for the caller to
//! judge. The same description lists tasks (as arguments of `list_tasks`) and picks them (on the [`Scene`]).

use super::scene::{Scene, State, local_day, state};
use domain::{
    priority::Priority,
    task::{Task, View},
};
use jiff::civil::Date;
use serde_json::{Map, Value, json};

/// Days from and to, both included.
pub type Days = (Option<Date>, Option<Date>);

/// A description of a set of tasks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Said outright; otherwise the verb decides.
    pub state: Option<State>,
    /// Every state but the trash.
    pub any_state: bool,
    /// A view of the app.
    pub view: Option<View>,
    /// Due in these days; for completed ones: completed in these days.
    pub days: Option<Days>,
    /// Made in these days.
    pub made: Option<Days>,
    /// Without a date.
    pub undated: bool,
    /// Coming back.
    pub repeating: bool,
    /// With this priority.
    pub priority: Option<Priority>,
    /// With all of these labels.
    pub labels: Vec<String>,
    /// In this project, by its name as typed.
    pub project: Option<String>,
    /// With these words in the title or note.
    pub words: Option<String>,
    /// So many of them: "the two report tasks".
    pub count: Option<usize>,
    /// One was asked for, not several.
    pub one: bool,
}

mod describe;
pub use describe::describe;

/// A description with what the words looked like.
#[derive(Debug, Default)]
pub struct Described {
    /// The set.
    pub filter: Filter,
    /// Words that mean nothing here.
    pub left: Vec<String>,
    /// "all", "every", "everything" were said.
    pub all: bool,
    /// Of those, one that stands for tasks by itself: "everything", and not "every".
    pub whole: bool,
    /// "any", "anything" were said: asked about, and never meant by an act.
    pub any: bool,
    /// "tasks", "ones" … were said.
    pub plural: bool,
    /// "task" was said.
    pub singular: bool,
}

impl Filter {
    /// Whether nothing narrows the set (a state does not count).
    pub fn is_wide(&self) -> bool {
        Self { state: None, any_state: false, one: false, count: None, ..self.clone() } == Self::default()
    }

    /// Whether a task is in the set; `usual` is the state when none was said.
    pub fn fits(&self, task: &Task, scene: &Scene, usual: &[State]) -> bool {
        let now = state(task);
        let state_fits = match self.state {
            Some(wanted) => now == wanted,
            None if self.any_state => now != State::Trashed,
            None => usual.contains(&now),
        };
        let today = scene.today();
        let due = scene.due_day(task);
        let urgent = due.into_iter().chain(task.deadline.as_ref().map(|d| d.date_at(&scene.zone))).min();
        let view_fits = match self.view {
            None => true,
            Some(View::Inbox) => task.project.is_none(),
            Some(View::Today) => urgent.is_some_and(|d| d <= today),
            Some(View::Upcoming) => due.is_some_and(|d| d > today),
            Some(View::Overdue) => urgent.is_some_and(|d| d < today),
        };
        let day = if self.state == Some(State::Done) { local_day(task.completed_at.as_deref(), scene) } else { due };
        state_fits
            && view_fits
            && self.days.is_none_or(|days| day.is_some_and(|d| within(d, days)))
            && self.made.is_none_or(|days| local_day(Some(&task.created_at), scene).is_some_and(|d| within(d, days)))
            && (!self.undated || task.due.is_none())
            && (!self.repeating || task.repeat.is_some())
            && self.priority.is_none_or(|p| task.priority == p)
            && self.labels.iter().all(|l| task.labels.iter().any(|have| have.to_lowercase() == l.to_lowercase()))
            && self.project.as_ref().is_none_or(|name| {
                let wanted = scene.project(name).map(|p| p.id);
                wanted.is_some() && task.project.as_ref().map(|p| p.id) == wanted
            })
            && self.words.as_ref().is_none_or(|text| scene.like(text, |t| t.id == task.id).all.contains(&task.id.0))
    }

    /// The arguments of `list_tasks` that list the set.
    pub fn arguments(&self) -> Value {
        let mut out = Map::new();
        let status = match self.state {
            Some(State::Open) => "pending",
            Some(State::Done) => "completed",
            Some(State::Trashed) => "trash",
            None if self.any_state => "all",
            None => "pending",
        };
        out.insert("status".into(), json!(status));
        if let Some(view) = self.view {
            let word = match view {
                View::Inbox => "inbox",
                View::Today => "today",
                View::Upcoming => "upcoming",
                View::Overdue => "overdue",
            };
            out.insert("view".into(), json!(word));
        }
        let mut range = |prefix: &str, days: Option<Days>| {
            if let Some((from, to)) = days {
                for (end, day) in [("from", from), ("to", to)] {
                    if let Some(day) = day {
                        out.insert(format!("{prefix}_{end}"), json!(day.to_string()));
                    }
                }
            }
        };
        range(if self.state == Some(State::Done) { "completed" } else { "due" }, self.days);
        range("created", self.made);
        if self.undated {
            out.insert("no_date".into(), json!(true));
        }
        if self.repeating {
            out.insert("repeating".into(), json!(true));
        }
        if let Some(priority) = self.priority {
            out.insert("priority".into(), json!(priority.as_str()));
        }
        if !self.labels.is_empty() {
            out.insert("labels".into(), json!(self.labels));
        }
        if let Some(project) = &self.project {
            out.insert("project".into(), json!(project));
        }
        if let Some(words) = &self.words {
            out.insert("search".into(), json!(words));
        }
        Value::Object(out)
    }
}

fn within(day: Date, (from, to): Days) -> bool {
    from.is_none_or(|f| day >= f) && to.is_none_or(|t| day <= t)
}
