//! The palette: go anywhere, find a task, do something, all by typing.

use super::picker::{Choice, fits, picker};
use crate::prelude::*;
use crate::{
    browser,
    components::{frame::Where, icons::*},
    place::Place,
    state::{Dialog, State},
};
use std::sync::Arc;

/// Most tasks shown while typing; the search page shows all.
const TASKS: usize = 8;

/// See the module.
#[component]
pub fn Palette() -> impl IntoView {
    let (state, here) = (State::here(), Where::here());
    let choices = move |typed: &str| {
        let mut all = Vec::new();
        let go = |path: String| move || here.go(&path);
        for (place, shape, key) in [
            (Place::Today, TODAY, "g t"),
            (Place::Upcoming, UPCOMING, "g u"),
            (Place::Inbox, INBOX, "g i"),
            (Place::Completed, DONE, ""),
            (Place::Trash, TRASH, ""),
        ] {
            if let Some(name) = state.overview.with(|o| place.name(o)) {
                all.push(Choice::new(shape, name, key, go(place.path())));
            }
        }
        let overview = state.overview.read();
        for project in overview.projects.iter().filter(|p| !p.archived && p.deleted_at.is_none()) {
            let path = Place::Project(project.id.0).path();
            all.push(Choice::new(INBOX, project.name.clone(), "Project", go(path)).dotted(Some(&project.colour)));
        }
        for label in &overview.labels {
            let path = Place::Label(label.id.0).path();
            all.push(Choice::new(LABEL, format!("@{}", label.name), "Label", go(path)).dotted(Some(&label.colour)));
        }
        all.push(Choice::new(PLUS, "Add a task", "q", || browser::focus("#quick-add")));
        all.push(Choice::new(PLUS, "Add a project", "", move || state.dialog.set(Some(Dialog::Project(None)))));
        all.push(Choice::new(CHAT, "Ask the assistant", "a", move || state.chat.open.set(true)));
        all.push(Choice::new(CHAT, "Conversations", "", go("/chat".into())));
        all.push(Choice::new(UNDO, "Undo the last change", "Ctrl Z", move || state.undo(None)));
        all.push(Choice::new(GEAR, "Settings", "", go("/settings".into())));
        all.push(Choice::new(KEYS, "Keys", "?", move || state.dialog.set(Some(Dialog::Keys))));
        all.retain(|c| fits(&c.label, typed));

        let typed = typed.trim();
        if !typed.is_empty() {
            state.tasks.with(|tasks| {
                let found =
                    tasks.values().rev().filter(|t| t.id.0 > 0 && t.deleted_at.is_none() && fits(&t.title, typed));
                for task in found.take(TASKS) {
                    let id = task.id.0;
                    let shape = if task.completed { DONE } else { CHECK };
                    all.push(Choice::new(shape, task.title.clone(), format!("#{id}"), move || here.open(id)));
                }
            });
            let path = Place::Search(typed.to_owned()).path();
            all.push(Choice::new(SEARCH, format!("Search for “{typed}”"), "", go(path)));
        }
        all
    };
    picker("Go to, find or do".into(), "Type a place, a task or a command", Arc::new(choices))
}
