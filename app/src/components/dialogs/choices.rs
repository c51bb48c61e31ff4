//! The pickers that change tasks: their date, priority, labels and project.

use super::picker::{Choice, fits, picker};
use crate::prelude::*;
use crate::{
    api::Change,
    components::{detail::when, icons::*},
    dates::{Style, weekday},
    state::{State, bulk::count},
};
use domain::{date::Due, id::TaskId, priority::Priority};
use jiff::{ToSpan, civil::Weekday};
use std::sync::Arc;

/// "Buy milk" or "3 tasks".
fn subject(state: State, ids: &[TaskId]) -> String {
    match ids {
        [one] => state.task(*one).map_or_else(|| count(1), |t| format!("“{}”", t.title)),
        many => count(many.len()),
    }
}

/// When.
#[component]
pub fn DatePicker(ids: Vec<TaskId>) -> impl IntoView {
    let state = State::here();
    let title = format!("When: {}", subject(state, &ids));
    let style = state.overview.with_untracked(Style::of);
    let today = style.today;
    let ahead = move |days: i32| today.checked_add(days.days()).unwrap_or(today);
    let until = move |day: Weekday| {
        let gap = i32::from(today.weekday().until(day));
        ahead(if gap == 0 { 7 } else { gap })
    };
    let starts_sunday = state.overview.with_untracked(|o| o.settings.week_start == "sunday");
    let weekend =
        if matches!(today.weekday(), Weekday::Saturday | Weekday::Sunday) { today } else { until(Weekday::Saturday) };
    let week = until(if starts_sunday { Weekday::Sunday } else { Weekday::Monday });
    let quick = [
        ("Today", TODAY, today),
        ("Tomorrow", UPCOMING, ahead(1)),
        ("This weekend", UPCOMING, weekend),
        ("Next week", ARROW, week),
    ];
    let now = match ids.as_slice() {
        [one] => state.task(*one).and_then(|t| t.due),
        _ => None,
    };
    let choices = move |typed: &str| {
        let mut choices = Vec::new();
        if !typed.trim().is_empty()
            && let Some(change) = when::read(state, typed)
        {
            let words = when::words(state, &change);
            let ids = ids.clone();
            choices.push(Choice::new(CHECK, words.clone(), "", move || {
                let done = format!("{}: {words}", subject(state, &ids));
                state.change_all(&ids, change.clone(), done);
            }));
        }
        for (name, shape, day) in quick {
            let twice = name == "This weekend" && day == today;
            if twice || !fits(name, typed) {
                continue;
            }
            // One task keeps its time of day.
            let due = now.as_ref().map_or(Due::Day(day), |d| d.on(day));
            let (detail, checked) = (
                format!("{} {}", &weekday(day.weekday())[..3], style.date(day, false)),
                now.as_ref().is_some_and(|d| d.date() == day),
            );
            let ids = ids.clone();
            let act = move || {
                let done = format!("Moved {} to {}", subject(state, &ids), style.day(day));
                state.change_all(&ids, Change { due: Some(Some(due.clone())), ..Change::default() }, done);
            };
            choices.push(Choice::new(shape, name, detail, act).checked(checked));
        }
        if fits("No date", typed) {
            let ids = ids.clone();
            choices.push(Choice::new(CLOSE, "No date", "", move || {
                let done = format!("Took the date off {}", subject(state, &ids));
                state.change_all(&ids, Change { due: Some(None), ..Change::default() }, done);
            }));
        }
        choices
    };
    picker(title, "friday 5pm, in 3 days, every monday…", Arc::new(choices))
}

/// How much it matters.
#[component]
pub fn PriorityPicker(ids: Vec<TaskId>) -> impl IntoView {
    let state = State::here();
    let title = format!("Priority: {}", subject(state, &ids));
    let choices = move |typed: &str| {
        [Priority::High, Priority::Medium, Priority::Low, Priority::None]
            .into_iter()
            .map(|priority| {
                let name = crate::components::quick_add::understood::priority_word(priority.as_str());
                let colour = match priority {
                    Priority::High => "red",
                    Priority::Medium => "orange",
                    Priority::Low => "blue",
                    Priority::None => "grey",
                };
                let now = ids.iter().all(|id| state.task(*id).is_some_and(|t| t.priority == priority));
                let ids = ids.clone();
                let done = format!("{name}: {}", subject(state, &ids));
                Choice::new(FLAG, name, format!("p{}", priority.number()), move || {
                    state.change_all(&ids, Change { priority: Some(priority), ..Change::default() }, done.clone());
                })
                .dotted(Some(colour))
                .checked(now)
            })
            .filter(|c| fits(&format!("{} {}", c.label, c.detail), typed))
            .collect()
    };
    picker(title, "p1, high, none…", Arc::new(choices))
}

/// What is stuck on it.
#[component]
pub fn LabelPicker(ids: Vec<TaskId>) -> impl IntoView {
    let state = State::here();
    let title = format!("Labels: {}", subject(state, &ids));
    let choices = move |typed: &str| {
        let typed = typed.trim().trim_start_matches('@');
        let overview = state.overview.read();
        let mut choices: Vec<Choice> = overview
            .labels
            .iter()
            .filter(|l| fits(&l.name, typed))
            .map(|label| {
                let on = ids.iter().all(|id| state.task(*id).is_some_and(|t| t.labels.contains(&label.name)));
                let (ids, name) = (ids.clone(), label.name.clone());
                Choice::new(LABEL, name.clone(), "", move || toggle(state, &ids, &name, on))
                    .dotted(Some(&label.colour))
                    .checked(on)
            })
            .collect();
        let known = overview.labels.iter().any(|l| l.name.to_lowercase() == typed.to_lowercase());
        if !typed.is_empty() && !known {
            let (ids, name) = (ids.clone(), typed.to_owned());
            choices.push(Choice::new(PLUS, format!("New label “{typed}”"), "", move || {
                toggle(state, &ids, &name, false);
            }));
        }
        choices
    };
    picker(title, "Find or make a label", Arc::new(choices))
}

fn toggle(state: State, ids: &[TaskId], name: &str, on: bool) {
    let names = vec![name.to_owned()];
    let (change, verb) = if on {
        (Change { remove_labels: names, ..Change::default() }, "Took off")
    } else {
        (Change { add_labels: names, ..Change::default() }, "Labelled")
    };
    state.change_all(ids, change, format!("{verb} @{name}: {}", subject(state, ids)));
}

/// Which project it is in.
#[component]
pub fn MovePicker(ids: Vec<TaskId>) -> impl IntoView {
    let state = State::here();
    let title = format!("Move: {}", subject(state, &ids));
    let choices = move |typed: &str| {
        let overview = state.overview.read();
        let to = |id: Option<domain::id::ProjectId>, name: &str| {
            let ids = ids.clone();
            let done = format!("Moved {} to {name}", subject(state, &ids));
            move || state.change_all(&ids, Change { project: Some(id), ..Change::default() }, done.clone())
        };
        let within = |id| ids.iter().all(|t| state.task(*t).is_some_and(|t| t.project.map(|p| p.id) == id));
        let mut choices = Vec::new();
        if fits("Inbox", typed) {
            choices.push(Choice::new(INBOX, "Inbox", "", to(None, "the inbox")).checked(within(None)));
        }
        for project in overview.projects.iter().filter(|p| !p.archived && p.deleted_at.is_none()) {
            if fits(&project.name, typed) {
                choices.push(
                    Choice::new(INBOX, project.name.clone(), "", to(Some(project.id), &project.name))
                        .dotted(Some(&project.colour))
                        .checked(within(Some(project.id))),
                );
            }
        }
        choices
    };
    picker(title, "Find a project", Arc::new(choices))
}
