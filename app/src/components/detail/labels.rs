//! A task's labels: what is on it, each with a way off, and a box to put on another, known or new.

use crate::prelude::*;
use crate::{api::Change, components::icons::*, state::State};
use domain::{id::TaskId, task::Task};

/// See the module.
#[component]
pub fn Labels(id: i64, task: Memo<Option<Task>>) -> impl IntoView {
    let state = State::here();
    let now = Memo::new(move |_| task.with(|t| t.as_ref().map(|t| t.labels.clone()).unwrap_or_default()));
    let others = move || {
        state.overview.with(|o| {
            now.with(|now| {
                o.labels
                    .iter()
                    .filter(|l| !now.contains(&l.name))
                    .map(|l| view! { <option value=l.name.clone()></option> })
                    .collect_view()
            })
        })
    };
    let add = move |text: String| {
        let name = text.trim().trim_start_matches('@').trim().to_owned();
        if name.is_empty() {
            return;
        }
        // A label that is already known keeps its spelling.
        let key = name.to_lowercase();
        let known = state
            .overview
            .with_untracked(|o| o.labels.iter().find(|l| l.name.to_lowercase() == key).map(|l| l.name.clone()));
        let add_labels = vec![known.unwrap_or(name)];
        state.change(TaskId(id), Change { add_labels, ..Change::default() });
    };
    let field = NodeRef::<leptos::html::Input>::new();
    let take = move || {
        if let Some(field) = field.get_untracked() {
            add(field.value());
            field.set_value("");
        }
    };
    view! {
        <div class="field">
            <label for="task-label" class="field-label">
                "Labels"
            </label>
            <ul class="label-chips">
                {move || {
                    now.get()
                        .into_iter()
                        .map(|name| {
                        let off = name.clone();
                        view! {
                            <li>
                                <button
                                    type="button"
                                    class="chip"
                                    aria-label=format!("Take off {name}")
                                    on:click=move |_| {
                                        let remove_labels = vec![off.clone()];
                                        state.change(TaskId(id), Change { remove_labels, ..Change::default() });
                                    }
                                >
                                    <span dir="auto">{format!("@{name}")}</span>
                                    <Icon of=CLOSE />
                                </button>
                            </li>
                        }
                        })
                        .collect_view()
                }}
            </ul>
            // Without script the box holds them all, separated by commas.
            <input
                class="without-script"
                name="labels"
                aria-label="Labels, separated by commas"
                value=now.get_untracked().join(", ")
            />
            <input
                id="task-label"
                class="needs-script"
                list="task-label-names"
                placeholder="Add a label"
                autocomplete="off"
                node_ref=field
                on:change=move |_| take()
                on:keydown=move |event| {
                    if event.key() == "Enter" {
                        event.prevent_default();
                        take();
                    }
                }
            />
            <datalist id="task-label-names">{others}</datalist>
        </div>
    }
    .into_any()
}
