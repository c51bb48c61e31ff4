//! Lists that change and things that come and go: one of each for the whole page.
//!
//! Each use of Leptos's `For` and `Show` of its own compiles the whole comparison of lists, or the whole switch, once
//! more. These erase what differs, so that all uses share one, which keeps the first visit small.

use crate::prelude::*;
use std::sync::Arc;

type Draw<A> = Arc<dyn Fn(A) -> AnyView + Send + Sync>;

/// Draws a row for each number, keeps rows whose number stays, and moves them rather than drawing them again.
pub fn keyed(
    ids: impl Fn() -> Vec<i64> + Send + Sync + 'static,
    row: impl Fn(i64) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    fn list(ids: Signal<Vec<i64>>, row: Draw<i64>) -> AnyView {
        view! { <For each=move || ids.get() key=|id| *id children=move |id| row(id) /> }.into_any()
    }
    list(Signal::derive(ids), Arc::new(row))
}

/// Draws something while a condition holds; what is drawn stays as long as the condition does.
pub fn present(
    condition: impl Fn() -> bool + Send + Sync + 'static,
    draw: impl Fn() -> AnyView + Send + Sync + 'static,
) -> AnyView {
    fn switch(condition: Memo<bool>, draw: Draw<()>) -> AnyView {
        (move || condition.get().then(|| draw(()))).into_any()
    }
    switch(Memo::new(move |_| condition()), Arc::new(move |()| draw()))
}
