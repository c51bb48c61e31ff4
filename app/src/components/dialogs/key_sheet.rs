//! The sheet of keys.

use crate::prelude::*;
use crate::{components::icons::*, state::State};

const KEYS: [(&str, &[(&str, &str)]); 4] = [
    (
        "Anywhere",
        &[
            ("q", "Add a task"),
            ("/", "Search"),
            ("Ctrl K", "Go to, find or do"),
            ("g then t, u, i", "Today, Upcoming, Inbox"),
            ("a", "The assistant"),
            ("Ctrl Z", "Undo"),
            ("Esc", "Close, or let go of what is picked"),
            ("?", "These keys"),
        ],
    ),
    (
        "In a list",
        &[
            ("j k", "Next, previous task"),
            ("e or Enter", "Open"),
            ("c", "Complete"),
            ("x", "Pick for a bulk act"),
            ("Alt ↑ ↓", "Move up or down"),
        ],
    ),
    (
        "For the task or all picked ones",
        &[("d", "Date"), ("p", "Priority"), ("l", "Labels"), ("m", "Move to a project"), ("Del", "To the trash")],
    ),
    (
        "With the assistant",
        &[
            ("Enter", "Say it"),
            ("Shift Enter", "A new line"),
            ("/", "A command"),
            ("@", "A task by its name"),
            ("↑", "Change the last message, in an empty box"),
            ("Esc", "Stop the answer; otherwise close"),
        ],
    ),
];

/// See the module.
#[component]
pub fn KeySheet() -> impl IntoView {
    let state = State::here();
    view! {
        <div class="sheet">
            <div class="sheet-head">
                <h2>"Keys"</h2>
                <button
                    class="icon-button"
                    aria-label="Close"
                    on:click=move |_| state.dialog.set(None)
                >
                    <Icon of=CLOSE />
                </button>
            </div>
            {KEYS
                .map(|(heading, keys)| {
                    view! {
                        <h3 class="field-label">{heading}</h3>
                        <dl class="keys">
                            {keys
                                .iter()
                                .map(|(key, what)| {
                                    view! {
                                        <div>
                                            <dt>
                                                <kbd>{*key}</kbd>
                                            </dt>
                                            <dd>{*what}</dd>
                                        </div>
                                    }
                                })
                                .collect_view()}
                        </dl>
                    }
                })
                .collect_view()}
        </div>
    }
    .into_any()
}
