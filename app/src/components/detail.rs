//! Everything about one task: beside its list on wide screens, a sheet on phones, a page of its own at `/task/{id}`.
//!
//! Each field saves itself when it is left. Without script the same fields are one plain form with a Save button.

mod labels;
mod parts;
pub mod when;

use super::{frame::Where, icons::*};
use crate::components::keyed::present;
use crate::prelude::*;
use crate::{api::Change, boot::task_with_parts, browser, dates::Style, place, state::State, transport::set_status};
use domain::{
    id::{ProjectId, TaskId},
    priority::Priority,
    task::Task,
};
use labels::Labels;
use leptos::{ev::SubmitEvent, task::spawn_local};
use parts::Parts;
use when::When;

/// See the module.
#[component]
pub fn Detail(
    /// The task's number.
    id: i64,
    /// Whether it is a page of its own and not beside a list.
    #[prop(default = false)]
    alone: bool,
) -> impl IntoView {
    let (state, here) = (State::here(), Where::here());
    let task = Memo::new(move |_| state.tasks.with(|t| t.get(&id).cloned()));
    let known = Memo::new(move |_| task.read().is_some());
    let trouble = Memo::new(move |_| state.troubles.with(|t| t.get(&id).cloned()));
    // What the list knew is shown at once; the parts and what is newer follow.
    Effect::new(move |_| {
        if state.take_fresh(id) {
            return;
        }
        spawn_local(async move {
            match task_with_parts(TaskId(id)).await {
                Ok(tasks) => state.merge(tasks),
                Err(problem) => {
                    let _ = state.troubles.try_update(|t| t.insert(id, problem));
                }
            }
        });
    });
    let close = move || {
        (!alone).then(|| {
            view! {
                <a
                    class="icon-button"
                    id="close-task"
                    href=here.beside(None)
                    data-noscroll=""
                    aria-label="Close"
                    title="Close (Esc)"
                    on:click=move |event| {
                        event.prevent_default();
                        event.stop_propagation();
                        here.close_task();
                    }
                >
                    <Icon of=CLOSE />
                </a>
            }
        })
    };
    view! {
        {move || {
            if known.get() {
                view! { <Body id task close=close().into_any() /> }.into_any()
            } else if let Some(problem) = trouble.get() {
                set_status(problem.status);
                view! {
                    <div class="detail-head">{close()}</div>
                    <div class="empty">
                        <p class="empty-title">{format!("There is no task #{id}")}</p>
                        <p class="empty-hint">{problem.to_string()}</p>
                        <a class="button" href="/today">
                            "Go to Today"
                        </a>
                    </div>
                }
                    .into_any()
            } else {
                view! { <super::list::Skeleton /> }.into_any()
            }
        }}
    }
    .into_any()
}

#[component]
fn Body(id: i64, task: Memo<Option<Task>>, close: AnyView) -> impl IntoView {
    let (state, here) = (State::here(), Where::here());
    let save = move |change: Change| state.change(TaskId(id), change);
    let of = move |f: fn(&Task) -> String| Signal::derive(move || task.with(|t| t.as_ref().map(f).unwrap_or_default()));
    let (title, notes) = (of(|t| t.title.clone()), of(|t| t.description.clone().unwrap_or_default()));
    let done = move || task.with(|t| t.as_ref().is_some_and(|t| t.completed));
    let trashed = move || task.with(|t| t.as_ref().is_some_and(|t| t.deleted_at.is_some()));
    let parent = Memo::new(move |_| {
        let parent = task.with(|t| t.as_ref().and_then(|t| t.parent_id))?;
        let name = state.tasks.with(|t| t.get(&parent.0).map(|p| p.title.clone()));
        Some((parent, name.unwrap_or_else(|| format!("Task #{parent}"))))
    });
    let tick = move |event: SubmitEvent| {
        event.prevent_default();
        state.toggle(TaskId(id));
    };
    let delete = move |event: SubmitEvent| {
        event.prevent_default();
        here.close_task();
        state.delete(TaskId(id));
    };
    let restore = move |event: SubmitEvent| {
        event.prevent_default();
        state.take_back(TaskId(id));
    };
    let stamps = move || {
        task.with(|t| {
            let t = t.as_ref()?;
            let style = state.overview.with(Style::of);
            let day = |at: &str| style.instant_day(at).map(|d| style.day(d)).unwrap_or_default();
            Some(format!("#{id} · created {} · changed {}", day(&t.created_at), day(&t.updated_at)))
        })
    };

    view! {
        <div class="detail-head">
            <form class="tick-form row" class:done=done method="post" action="/do/complete" on:submit=tick>
                <input type="hidden" name="id" value=id />
                <button
                    class="tick"
                    role="checkbox"
                    aria-checked=move || done().to_string()
                    aria-label=move || format!("Complete: {}", title.get())
                >
                    <span class="ring">
                        <Icon of=CHECK />
                    </span>
                </button>
            </form>
            <p class="crumb" dir="auto">
                {move || {
                    parent
                        .get()
                        .map(|(id, name)| view! { "Part of " <a href=here.beside(Some(id.0))>{name}</a> })
                }}
            </p>
            {close}
        </div>
        {present(trashed, move || view! {
            <form class="in-trash" method="post" action="/do/restore" on:submit=restore>
                <input type="hidden" name="id" value=id />
                "This task is in the trash. "
                <button class="button small">"Restore"</button>
            </form>
        }.into_any())}
        <form class="detail-form" id="task-form" method="post" action="/do/update" on:submit=|e| e.prevent_default()>
            <input type="hidden" name="id" value=id />
            <Text
                id="task-title"
                name="title"
                label="Title"
                value=title
                save=move |text: String| {
                    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
                    if !text.is_empty() {
                        save(Change { title: Some(text), ..Change::default() });
                    }
                }
                one_line=true
            />
            <Text
                id="task-notes"
                name="description"
                label="Notes"
                value=notes
                save=move |text: String| {
                    let text = Some(text).filter(|t| !t.trim().is_empty());
                    save(Change { description: Some(text), ..Change::default() });
                }
            />
            <When id task />
            <PriorityField id task />
            <ProjectField id task />
            <Labels id task />
            <button class="button primary without-script">"Save"</button>
        </form>
        <Parts id />
        <div class="detail-foot">
            <p class="hint">{stamps}</p>
            <form method="post" action="/do/delete" on:submit=delete>
                <input type="hidden" name="id" value=id />
                <button class="button small danger" id="delete-task" disabled=trashed>
                    <Icon of=TRASH />
                    "Delete"
                </button>
            </form>
        </div>
    }
    .into_any()
}

/// A text that saves itself when it is left. What comes in from elsewhere never overwrites what is being typed.
#[component]
fn Text(
    id: &'static str,
    name: &'static str,
    label: &'static str,
    value: Signal<String>,
    save: impl Fn(String) + 'static,
    #[prop(default = false)] one_line: bool,
) -> impl IntoView {
    let field = NodeRef::<leptos::html::Textarea>::new();
    Effect::new(move |_| {
        let value = value.get();
        if let Some(field) = field.get()
            && browser::focused().is_none_or(|f| f.id() != id)
        {
            field.set_value(&value);
        }
    });
    let leave = move |_| {
        if let Some(field) = field.get_untracked() {
            let typed = field.value();
            if typed != value.get_untracked() {
                if one_line && typed.trim().is_empty() {
                    // A task cannot be without a title; what it was is still there.
                    field.set_value(&value.get_untracked());
                } else {
                    save(typed);
                }
            }
        }
    };
    let key = move |event: leptos::ev::KeyboardEvent| {
        let ends = one_line || event.ctrl_key() || event.meta_key();
        if event.key() == "Enter" && ends && !event.is_composing() {
            event.prevent_default();
            if let Some(field) = field.get_untracked() {
                let _ = field.blur();
            }
        }
    };
    let start = value.get_untracked();
    view! {
        <div class="field">
            <label for=id class="unseen">
                {label}
            </label>
            <textarea
                id=id
                name=name
                class=id
                rows=if one_line { "1" } else { "3" }
                placeholder=label
                dir="auto"
                node_ref=field
                on:blur=leave
                on:keydown=key
            >
                {start}
            </textarea>
        </div>
    }
}

#[component]
fn PriorityField(id: i64, task: Memo<Option<Task>>) -> impl IntoView {
    let state = State::here();
    let now = Memo::new(move |_| task.with(|t| t.as_ref().map(|t| t.priority).unwrap_or_default()));
    let option = move |priority: Priority| {
        let word = match priority {
            Priority::None => "None",
            Priority::Low => "Low",
            Priority::Medium => "Medium",
            Priority::High => "High",
        };
        view! {
            <label class="segment" data-priority=priority.as_str()>
                <input
                    type="radio"
                    name="priority"
                    value=priority.as_str()
                    checked=now.get_untracked() == priority
                    prop:checked=move || now.get() == priority
                    on:change=move |_| {
                        state.change(TaskId(id), Change { priority: Some(priority), ..Change::default() });
                    }
                />
                <span>{word}</span>
            </label>
        }
    };
    view! {
        <fieldset class="field segments">
            <legend class="field-label">"Priority"</legend>
            <div class="segment-row">{Priority::ALL.map(option).collect_view()}</div>
        </fieldset>
    }
}

#[component]
fn ProjectField(id: i64, task: Memo<Option<Task>>) -> impl IntoView {
    let state = State::here();
    let now = Memo::new(move |_| task.with(|t| t.as_ref().and_then(|t| t.project.as_ref().map(|p| p.id))));
    let options = move || {
        state.overview.with(|o| {
            o.projects
                .iter()
                .filter(|p| !p.archived && p.deleted_at.is_none())
                .map(|p| {
                    let pid = p.id;
                    view! {
                        <option value=pid.0 selected=move || now.get() == Some(pid)>
                            {p.name.clone()}
                        </option>
                    }
                })
                .collect_view()
        })
    };
    let choose = move |event: leptos::ev::Event| {
        let chosen = event_target_value(&event).parse().ok().map(ProjectId);
        let known = chosen.is_none_or(|c| state.overview.with_untracked(|o| place::project(o, c.0).is_some()));
        if known {
            state.change(TaskId(id), Change { project: Some(chosen), ..Change::default() });
        }
    };
    view! {
        <div class="field pair">
            <label for="task-project" class="field-label">
                "Project"
            </label>
            <select id="task-project" name="project" on:change=choose>
                <option value="" selected=move || now.get().is_none()>
                    "Inbox"
                </option>
                {options}
            </select>
        </div>
    }
}
