//! Shows the messages of [`crate::state::toasts`], in a polite live region that is always in the page.

use super::icons::*;
use crate::components::keyed::keyed;
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
            {keyed(
                move || state.toasts.with(|t| t.iter().map(|t| t.id).collect()),
                move |id| {
                    let Some(toast) = state.toasts.with_untracked(|t| t.iter().find(|t| t.id == id).cloned()) else {
                        return ().into_any();
                    };
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
                    .into_any()
                },
            )}
        </div>
        <p class="unseen" aria-live="polite">
            {move || state.spoken.get()}
        </p>
    }
    .into_any()
}
