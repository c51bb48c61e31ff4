//! One task in a list: tick, title, what is known about it, and acts that show on hover and focus.
//!
//! Each act is a small form, so that the row works without script; with it the same buttons act at once.

use super::{frame::Where, icons::*};
use crate::prelude::*;
use crate::{
    browser,
    dates::{self, Style},
    place::{Place, day},
    state::{Dialog, State},
};
use domain::{id::TaskId, priority::Priority, task::Task};
use leptos::ev::{MouseEvent, SubmitEvent};

/// See the module.
#[component]
pub fn Row(
    /// The task's number.
    id: i64,
    /// Where the row is shown; a project's list does not name the project on every row.
    place: Option<Place>,
) -> impl IntoView {
    let (state, here) = (State::here(), Where::here());
    let task = Memo::new(move |_| state.tasks.with(|t| t.get(&id).cloned()));
    let get = move |f: fn(&Task) -> bool| task.with(|t| t.as_ref().is_some_and(f));
    let title = move || task.with(|t| t.as_ref().map(|t| t.title.clone()).unwrap_or_default());
    let done = move || get(|t| t.completed);
    let trashed = place == Some(Place::Trash);
    let chips = move || task.get().map(|t| chips(state, t, place.as_ref()));
    let href = move || here.beside(Some(id));
    let open = move |event: MouseEvent| {
        // Picks the row, as in every list; a new tab is a middle click away. With fingers, a long press picks the first
        // and taps pick the others.
        let more = !state.selected.read_untracked().is_empty() && browser::is_coarse();
        if event.shift_key() {
            event.prevent_default();
            event.stop_propagation();
            super::list::pick_range(state, id);
        } else if event.ctrl_key() || event.meta_key() || more {
            event.prevent_default();
            event.stop_propagation();
            state.pick(id);
        } else if id < 0 {
            event.prevent_default();
        }
    };
    // A range goes from where the focus was, so the focus must not move first.
    let ranged = move |event: MouseEvent| {
        if event.shift_key() {
            event.prevent_default();
        }
    };
    let held = move |event: MouseEvent| {
        if browser::is_coarse() && id > 0 {
            event.prevent_default();
            state.pick(id);
        }
    };
    let tick = move |event: SubmitEvent| {
        event.prevent_default();
        state.toggle(TaskId(id));
    };

    view! {
        <li
            class="row"
            class:done=done
            class:unsure=id < 0
            class:picked=move || state.selected.read().contains(&id)
            class:open=move || here.task.get() == Some(id)
            data-task=id
            data-priority=move || task.with(|t| t.as_ref().map(|t| t.priority.as_str()))
            on:focusin=move |_| state.cursor.set(Some(id))
        >
            {if trashed {
                None
            } else {
                Some(view! {
                    <form class="tick-form" method="post" action="/do/complete" on:submit=tick>
                        <input type="hidden" name="id" value=id />
                        <button
                            class="tick"
                            role="checkbox"
                            aria-checked=move || done().to_string()
                            aria-label=move || format!("Complete: {}", title())
                            disabled=id < 0
                        >
                            <span class="ring">
                                <Icon of=CHECK />
                            </span>
                        </button>
                    </form>
                })
            }}
            <a class="row-main" href=href data-noscroll="" on:mousedown=ranged on:click=open on:contextmenu=held>
                <span class="row-title" dir="auto">
                    {title}
                </span>
                {chips}
            </a>
            <div class="row-acts">
                {if trashed {
                    view! { <TrashActs id /> }.into_any()
                } else {
                    view! { <Acts id /> }.into_any()
                }}
            </div>
        </li>
    }
    .into_any()
}

#[component]
fn Acts(id: i64) -> impl IntoView {
    let state = State::here();
    let delete = move |event: SubmitEvent| {
        event.prevent_default();
        super::list::focus_neighbour(id);
        state.delete(TaskId(id));
    };
    view! {
        <button
            type="button"
            class="icon-button needs-script"
            aria-label="Reschedule"
            title="Reschedule (d)"
            on:click=move |_| state.dialog.set(Some(Dialog::Date(vec![TaskId(id)])))
        >
            <Icon of=UPCOMING />
        </button>
        <form method="post" action="/do/delete" on:submit=delete>
            <input type="hidden" name="id" value=id />
            <button class="icon-button delete" aria-label="Delete" title="Delete">
                <Icon of=TRASH />
            </button>
        </form>
    }
    .into_any()
}

#[component]
fn TrashActs(id: i64) -> impl IntoView {
    let state = State::here();
    let restore = move |event: SubmitEvent| {
        event.prevent_default();
        super::list::focus_neighbour(id);
        state.take_back(TaskId(id));
    };
    view! {
        <form method="post" action="/do/restore" on:submit=restore>
            <input type="hidden" name="id" value=id />
            <button class="button small restore">"Restore"</button>
        </form>
        <button
            type="button"
            class="button small danger needs-script"
            on:click=move |_| {
                super::list::focus_neighbour(id);
                state.delete_forever(TaskId(id));
            }
        >
            "Delete for good"
        </button>
    }
    .into_any()
}

/// What is known about a task, in one quiet line. A function and not a component, so that whoever draws it follows the
/// signals it reads.
fn chips(state: State, task: Task, place: Option<&Place>) -> AnyView {
    let style = state.overview.with(Style::of);
    let parts = state.parts.with(|p| p.get(&task.id.0).copied());
    let late = !task.completed && day(&task).is_some_and(|d| d < style.today);
    let shows_day =
        !(place == Some(&Place::Upcoming) || (place == Some(&Place::Today) && day(&task) == Some(style.today)));
    let due = task.due.as_ref().and_then(|due| {
        let text = if shows_day { style.due(due) } else { style.time(due.time()?) };
        Some((text, due.date() == style.today))
    });
    let deadline = task.deadline.as_ref().map(|d| format!("by {}", style.due(d)));
    let project = task.project.clone().filter(|p| place != Some(&Place::Project(p.id.0))).map(|p| {
        let colour = state.overview.with(|o| crate::place::project(o, p.id.0).map(|p| p.colour.clone()));
        view! {
            <span class="meta" data-kind="project">
                <span class="dot" data-colour=colour></span>
                <span dir="auto">{p.name}</span>
            </span>
        }
    });
    let labels = task
        .labels
        .iter()
        .map(|name| {
            let colour = state.overview.with(|o| o.labels.iter().find(|l| l.name == *name).map(|l| l.colour.clone()));
            view! {
                <span class="meta" data-kind="label" data-colour=colour dir="auto">
                    {name.clone()}
                </span>
            }
        })
        .collect_view();
    view! {
        <span class="row-meta">
            {due
                .map(|(text, today)| {
                    view! {
                        <span class="meta" data-kind="due" class:late=late class:today=today>
                            <Icon of=TODAY />
                            {late.then_some(view! { <span class="unseen">"Overdue: "</span> })}
                            {text}
                        </span>
                    }
                })}
            {deadline
                .map(|text| {
                    view! {
                        <span class="meta" data-kind="deadline" class:late=late>
                            <Icon of=FLAG />
                            {text}
                        </span>
                    }
                })}
            {task
                .repeat
                .as_ref()
                .map(|r| {
                    view! {
                        <span class="meta" data-kind="repeat">
                            <Icon of=REPEAT />
                            {dates::repeat(r)}
                        </span>
                    }
                })}
            {parts
                .map(|(done, all)| {
                    view! {
                        <span class="meta" data-kind="parts">
                            <Icon of=PARTS />
                            {if done > 0 { format!("{done}/{all}") } else { all.to_string() }}
                            <span class="unseen">" subtasks"</span>
                        </span>
                    }
                })}
            {task
                .description
                .as_ref()
                .is_some_and(|d| !d.trim().is_empty())
                .then(|| {
                    view! {
                        <span class="meta" data-kind="note">
                            <Icon of=NOTE />
                            <span class="unseen">"Has notes"</span>
                        </span>
                    }
                })}
            {project}
            {labels}
            {(task.priority != Priority::None)
                .then(|| {
                    view! { <span class="unseen">{format!("{} priority", task.priority)}</span> }
                })}
        </span>
    }
    .into_any()
}
