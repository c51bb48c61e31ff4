//! Shows the messages of [`crate::state::toasts`], in a polite live region that is always in the page.

use super::icons::*;
use crate::prelude::*;
use crate::{browser, state::State};

/// A message takes its buttons with it; the focus goes to the list it was about.
fn give_focus_back(state: State) {
    browser::soon(move || {
        let row = state.cursor.get_untracked().map(|id| format!("main [data-task=\"{id}\"] .row-main"));
        let row = row.filter(|row| browser::find(row).is_some());
        browser::focus(row.as_deref().unwrap_or("#main"));
    });
}

/// See the module.
#[component]
pub fn Toasts() -> impl IntoView {
    let state = State::here();
    view! {
        <div id="toasts" class="toasts" role="status" aria-live="polite">
            <For
                each=move || state.toasts.get()
                key=|t| t.id
                children=move |toast| {
                    let id = toast.id;
                    view! {
                        <div class="toast" class:bad=toast.bad>
                            <span class="toast-text" dir="auto">
                                {toast.text}
                            </span>
                            {toast
                                .undo
                                .map(|(seq, word)| {
                                    view! {
                                        <button
                                            class="toast-undo"
                                            on:click=move |_| {
                                                state.dismiss(id);
                                                state.undo(Some(seq));
                                                give_focus_back(state);
                                            }
                                        >
                                            {word}
                                        </button>
                                    }
                                })}
                            <button
                                class="icon-button"
                                aria-label="Dismiss"
                                on:click=move |_| {
                                    state.dismiss(id);
                                    give_focus_back(state);
                                }
                            >
                                <Icon of=CLOSE />
                            </button>
                        </div>
                    }
                }
            />
        </div>
        <p class="unseen" aria-live="polite">
            {move || state.spoken.get()}
        </p>
    }
    .into_any()
}
