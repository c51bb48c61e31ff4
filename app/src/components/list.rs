//! A list of rows, in groups where the place has them.

use super::{icons::*, row::Row};
use crate::components::keyed::keyed;
use crate::prelude::*;
use crate::{
    browser,
    dates::Style,
    place::{Place, day},
    state::{Dialog, State},
};
use domain::{id::TaskId, task::Task};
use jiff::civil::Date;

/// Some rows under one heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Names it among the groups of its list.
    pub key: GroupKey,
    /// The numbers of its tasks.
    pub ids: Vec<i64>,
}

/// What the rows of a group share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GroupKey {
    /// They are in the list.
    Plain,
    /// They should have been done before today.
    Overdue,
    /// They are for today, below overdue ones.
    Today,
    /// Their day.
    Day(Date),
}

impl GroupKey {
    /// A number of its own; a day's is how far it is from an arbitrary one.
    fn number(self) -> i64 {
        match self {
            Self::Plain => i64::MIN,
            Self::Overdue => i64::MIN + 1,
            Self::Today => i64::MIN + 2,
            Self::Day(day) => i64::from(crate::dates::days_between(Date::ZERO, day)),
        }
    }
}

/// Cuts a place's tasks into its groups.
pub fn groups(state: State, place: &Place) -> Vec<Group> {
    let ids = state.ids(place);
    let style = state.overview.with(Style::of);
    let today = style.today;
    let key = |task: &Task| match place {
        Place::Today if day(task).is_some_and(|d| d < today) => GroupKey::Overdue,
        Place::Today => GroupKey::Today,
        Place::Upcoming => day(task).map_or(GroupKey::Plain, GroupKey::Day),
        Place::Completed => task
            .completed_at
            .as_deref()
            .and_then(|at| style.instant_day(at))
            .map_or(GroupKey::Day(today), GroupKey::Day),
        _ => GroupKey::Plain,
    };
    let mut groups: Vec<Group> = Vec::new();
    state.tasks.with(|tasks| {
        for id in ids {
            let Some(task) = tasks.get(&id) else { continue };
            let key = key(task);
            match groups.last_mut().filter(|g| g.key == key) {
                Some(group) => group.ids.push(id),
                None => groups.push(Group { key, ids: vec![id] }),
            }
        }
    });
    // A heading that says what the page's own heading says is noise.
    if let [only] = groups.as_mut_slice()
        && only.key == GroupKey::Today
    {
        only.key = GroupKey::Plain;
    }
    groups
}

/// See the module.
#[component]
pub fn TaskList(place: Place) -> impl IntoView {
    let state = State::here();
    let groups = {
        let place = place.clone();
        Memo::new(move |_| groups(state, &place))
    };
    view! {
        {keyed(
            move || groups.with(|g| g.iter().map(|g| g.key.number()).collect()),
            move |number| {
                let Some(key) = groups.with_untracked(|g| g.iter().map(|g| g.key).find(|k| k.number() == number)) else {
                    return ().into_any();
                };
                let place = place.clone();
                let ids = Memo::new(move |_| {
                    groups
                        .with(|g| {
                            g.iter().find(|g| g.key == key).map(|g| g.ids.clone()).unwrap_or_default()
                        })
                });
                view! {
                    <section class="group">
                        <Heading key ids />
                        <ul class="rows">
                            {keyed(
                                move || ids.get(),
                                {
                                    let place = place.clone();
                                    move |id| view! { <Row id place=Some(place.clone()) /> }.into_any()
                                },
                            )}
                        </ul>
                    </section>
                }
                .into_any()
            },
        )}
    }
    .into_any()
}

#[component]
fn Heading(key: GroupKey, ids: Memo<Vec<i64>>) -> impl IntoView {
    let state = State::here();
    let (text, detail) = match key {
        GroupKey::Plain => return ().into_any(),
        GroupKey::Overdue => ("Overdue".to_owned(), String::new()),
        GroupKey::Today => ("Today".to_owned(), String::new()),
        GroupKey::Day(day) => state.overview.with_untracked(|o| Style::of(o).heading(day)),
    };
    let reschedule = (key == GroupKey::Overdue).then(|| {
        let open = move |_| {
            let ids = ids.get_untracked().into_iter().map(TaskId).collect();
            state.dialog.set(Some(Dialog::Date(ids)));
        };
        view! {
            <button type="button" id="reschedule" class="link needs-script" on:click=open>
                "Reschedule"
            </button>
        }
    });
    view! {
        <div class="group-head" class:late=key == GroupKey::Overdue>
            <h2>{text} {(!detail.is_empty()).then(|| view! { <small>{detail}</small> })}</h2>
            {reschedule}
        </div>
    }
    .into_any()
}

/// Bars in the shape of rows; CSS shows them only when the wait gets long.
#[component]
pub fn Skeleton() -> impl IntoView {
    view! {
        <div class="skeleton" aria-hidden="true">
            {(0..6).map(|_| view! { <div class="skeleton-row"></div> }).collect_view()}
        </div>
    }
    .into_any()
}

/// What stands in a place without tasks: what it is for and what to do next.
#[component]
pub fn Empty(place: Place) -> impl IntoView {
    let (shape, title, hint) = match &place {
        Place::Today => (TODAY, "Nothing due today", "Add something above, or look at what is coming up."),
        Place::Upcoming => (UPCOMING, "Nothing planned", "Give a task a date: type “dentist next tuesday 3pm” above."),
        Place::Inbox => (
            INBOX,
            "Your inbox is empty",
            "Write down whatever is on your mind; you can sort it later. Press q to start.",
        ),
        Place::Project(_) => (PLUS, "No open tasks here", "Tasks you add above go into this project."),
        Place::Label(_) => (LABEL, "No open tasks with this label", "Tasks you add above get it."),
        Place::Completed => (DONE, "Nothing completed yet", "Tick a task and it will be kept here."),
        Place::Trash => (TRASH, "The trash is empty", "Deleted tasks stay here for 30 days."),
        Place::Search(q) if q.is_empty() => {
            (SEARCH, "What are you looking for?", "Words from titles and notes; finished tasks are found too.")
        }
        Place::Search(_) => (SEARCH, "Nothing found", "Try fewer or other words."),
    };
    view! {
        <div class="empty">
            <span class="empty-mark">
                <Icon of=shape />
            </span>
            <p class="empty-title">{title}</p>
            <p class="empty-hint">{hint}</p>
        </div>
    }
    .into_any()
}

/// Picks every row from the one under the cursor to this one.
pub fn pick_range(state: State, to: i64) {
    let ids: Vec<i64> = browser::find_all("main [data-task]")
        .iter()
        .filter_map(|r| r.get_attribute("data-task")?.parse().ok())
        .collect();
    let place = |id: i64| ids.iter().position(|i| *i == id);
    let from = state.cursor.get_untracked().and_then(place);
    if let (Some(from), Some(to)) = (from, place(to)) {
        let range = &ids[from.min(to)..=from.max(to)];
        state.selected.update(|s| s.extend(range.iter().filter(|id| **id > 0)));
    }
}

/// Moves the focus off a row that is about to leave: to the next one, or the one before.
pub fn focus_neighbour(id: i64) {
    let rows = browser::find_all("main [data-task]");
    let number = id.to_string();
    let at = rows.iter().position(|r| r.get_attribute("data-task").as_deref() == Some(&number));
    let Some(at) = at else { return };
    let near = rows.get(at + 1).or_else(|| rows.get(at.checked_sub(1)?));
    match near.and_then(|r| r.get_attribute("data-task")) {
        Some(near) => browser::focus(&format!("[data-task=\"{near}\"] .row-main")),
        None => browser::focus("#main"),
    }
}
