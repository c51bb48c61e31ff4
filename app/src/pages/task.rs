//! One task as a page of its own: what a link to a task leads to.

use crate::prelude::*;
use crate::{
    components::{detail::Detail, frame::Where},
    state::State,
};
use leptos_meta::Title;

/// See the module.
#[component]
pub fn TaskPage() -> impl IntoView {
    let (state, here) = (State::here(), Where::here());
    let title = move || {
        let id = here.task.get()?;
        state.tasks.with(|t| t.get(&id).map(|t| t.title.clone()))
    };
    view! {
        <Title text=move || title().unwrap_or_else(|| "Task".into()) />
        <h1 class="unseen">"Task"</h1>
        <div class="detail alone-detail">
            {move || here.task.get().map(|id| view! { <Detail id alone=true /> })}
        </div>
    }
    .into_any()
}
