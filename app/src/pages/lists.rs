//! Every place that is a list of tasks: Today, Upcoming, Inbox, projects, labels, Completed, Trash and search.

use crate::prelude::*;
use crate::{
    components::{
        frame::Where,
        icons::*,
        list::{Empty, Skeleton, TaskList},
    },
    dates::{Style, weekday},
    place::Place,
    state::{Dialog, Load, State},
    transport::set_status,
};
use domain::problem::Problem;
use leptos_meta::Title;

/// What the middle of a list page shows.
#[derive(Clone, Debug, PartialEq)]
enum Shown {
    Missing,
    Waiting,
    Failed(Problem),
    Empty(Place),
    Rows(Place),
}

/// See the module.
#[component]
pub fn ListPage() -> impl IntoView {
    let (state, here) = (State::here(), Where::here());
    Effect::new(move |_| {
        if let Some(place) = here.place.get() {
            // A place may have become known with the frame, so both are watched.
            state.overview.track();
            state.ensure(place);
        }
    });
    Effect::new(move |_| {
        here.place.track();
        state.selected.update(std::collections::BTreeSet::clear);
        state.cursor.set(None);
    });
    let name = Memo::new(move |_| {
        let place = here.place.get()?;
        state.overview.with(|o| place.name(o))
    });
    let shown = Memo::new(move |_| {
        let Some(place) = here.place.get() else {
            return Shown::Waiting;
        };
        if name.read().is_none() {
            return Shown::Missing;
        }
        if !state.ids(&place).is_empty() {
            return Shown::Rows(place);
        }
        match state.loads.with(|l| l.get(&place).cloned()) {
            Some(Load::Failed(problem)) => Shown::Failed(problem),
            Some(Load::Ready { .. }) => Shown::Empty(place),
            _ if matches!(&place, Place::Search(q) if q.is_empty()) => Shown::Empty(place),
            _ => Shown::Waiting,
        }
    });
    let more = move || {
        let place = here.place.get()?;
        let next = state.loads.with(|l| matches!(l.get(&place), Some(Load::Ready { next: Some(_), .. })));
        next.then(|| {
            view! {
                <button class="button more" on:click=move |_| state.load_more(place.clone())>
                    "Show more"
                </button>
            }
        })
    };

    view! {
        <Title text=move || name.get().unwrap_or_else(|| "Not found".into()) />
        <div class="view" data-place=move || here.place.get().map(|p| p.path())>
            <ViewHead name />
            {move || match shown.get() {
                Shown::Missing => {
                    set_status(404);
                    view! {
                        <div class="empty">
                            <p class="empty-title">"There is nothing here"</p>
                            <p class="empty-hint">"It may have been deleted."</p>
                            <a class="button" href="/today">
                                "Go to Today"
                            </a>
                        </div>
                    }
                        .into_any()
                }
                Shown::Waiting => view! { <Skeleton /> }.into_any(),
                Shown::Failed(problem) => {
                    let again = move || {
                        if let Some(place) = here.place.get_untracked() {
                            state.load(place);
                        }
                    };
                    view! { <Trouble what="The tasks could not be loaded" problem again /> }.into_any()
                }
                Shown::Empty(place) => view! { <Empty place /> }.into_any(),
                Shown::Rows(place) => view! { <TaskList place /> }.into_any(),
            }}
            {more}
        </div>
    }
    .into_any()
}

#[component]
fn ViewHead(name: Memo<Option<String>>) -> impl IntoView {
    let (state, here) = (State::here(), Where::here());
    let detail = move || match here.place.get()? {
        Place::Today => {
            let style = state.overview.with(Style::of);
            let day = style.today;
            Some(format!("{} {}", weekday(day.weekday()), style.date(day, false)))
        }
        Place::Search(q) if !q.is_empty() => Some("Search results".into()),
        Place::Trash => Some("Kept for 30 days".into()),
        _ => None,
    };
    let mark = move || {
        let place = here.place.get()?;
        state.overview.with(|o| match place {
            Place::Project(id) => crate::place::project(o, id).map(|p| p.colour.clone()),
            Place::Label(id) => crate::place::label(o, id).map(|l| l.colour.clone()),
            _ => None,
        })
    };
    let edit = move || {
        let dialog = match here.place.get()? {
            Place::Project(id) => Dialog::Project(Some(id)),
            Place::Label(id) => Dialog::Label(id),
            _ => return None,
        };
        name.read().is_some().then(|| {
            view! {
                <button
                    type="button"
                    id="edit-place"
                    class="icon-button needs-script"
                    aria-label="Edit"
                    title="Edit"
                    on:click=move |_| state.dialog.set(Some(dialog.clone()))
                >
                    <Icon of=EDIT />
                </button>
            }
        })
    };
    view! {
        <div class="view-head">
            <h1 dir="auto">
                {move || mark().map(|c| view! { <span class="dot large" data-colour=c></span> })}
                {move || name.get().unwrap_or_else(|| "Not found".into())}
            </h1>
            {edit}
            {move || detail().map(|d| view! { <p class="view-detail">{d}</p> })}
        </div>
    }
    .into_any()
}

/// Something could not be loaded: what, why, and a way to try again.
#[component]
pub fn Trouble(
    /// What failed, in our words.
    what: &'static str,
    /// What the server said.
    problem: Problem,
    /// Tries again.
    again: impl Fn() + 'static,
) -> impl IntoView {
    view! {
        <div class="trouble" role="alert">
            <p class="empty-title">{what}</p>
            <p class="empty-hint">{problem.to_string()}</p>
            <button class="button" on:click=move |_| again()>
                "Try again"
            </button>
        </div>
    }
    .into_any()
}
