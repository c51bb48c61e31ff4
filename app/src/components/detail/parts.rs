//! A task's subtasks, and a box to add one.

use crate::components::keyed::keyed;
use crate::prelude::*;
use crate::{components::row::Row, state::State};
use domain::id::TaskId;
use leptos::ev::SubmitEvent;

/// See the module.
#[component]
pub fn Parts(id: i64) -> impl IntoView {
    let state = State::here();
    let ids = Memo::new(move |_| state.part_ids(TaskId(id)));
    let progress = move || state.parts.with(|p| p.get(&id).map(|(done, all)| format!("{done} of {all} done")));
    let field = NodeRef::<leptos::html::Input>::new();
    let add = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(field) = field.get_untracked() {
            let title = field.value();
            if !title.trim().is_empty() {
                field.set_value("");
                state.add_part(TaskId(id), title);
            }
        }
    };
    view! {
        <section class="parts">
            <h2 class="field-label">"Subtasks " <small>{progress}</small></h2>
            <ul class="rows">
                {keyed(move || ids.get(), |id| view! { <Row id place=None /> }.into_any())}
            </ul>
            <form class="add-part needs-script" on:submit=add>
                <input
                    id="add-subtask"
                    aria-label="Add a subtask"
                    placeholder="Add a subtask"
                    autocomplete="off"
                    dir="auto"
                    node_ref=field
                />
            </form>
        </section>
    }
    .into_any()
}
