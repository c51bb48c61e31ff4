//! What can be done with the picked tasks, at the bottom while any is picked.

use super::icons::*;
use crate::components::keyed::present;
use crate::prelude::*;
use crate::state::{Dialog, State, bulk::count};

/// See the module.
#[component]
pub fn BulkBar() -> impl IntoView {
    let state = State::here();
    let picked = Memo::new(move |_| state.selected.read().len());
    let any = Memo::new(move |_| picked.get() > 0);
    let open =
        move |dialog: fn(Vec<domain::id::TaskId>) -> Dialog| move |_| state.dialog.set(Some(dialog(state.chosen())));
    view! {
        <div role="status" class="unseen">
            {move || (picked.get() > 0).then(|| format!("{} picked", count(picked.get())))}
        </div>
        {present(move || any.get(), move || view! {
            <section class="bulk-bar" id="bulk" aria-label="Picked tasks">
                <span class="bulk-count">{move || picked.get()}<span class="unseen">" tasks picked"</span></span>
                <button class="button small" on:click=move |_| state.complete_all(&state.chosen())>
                    <Icon of=CHECK />
                    "Complete"
                </button>
                <button class="button small" on:click=open(Dialog::Date)>
                    <Icon of=UPCOMING />
                    "Date"
                </button>
                <button class="button small" on:click=open(Dialog::Move)>
                    <Icon of=INBOX />
                    "Move"
                </button>
                <button class="button small" on:click=open(Dialog::Labels)>
                    <Icon of=LABEL />
                    "Label"
                </button>
                <button class="button small danger" on:click=move |_| state.delete_all(&state.chosen())>
                    <Icon of=TRASH />
                    "Delete"
                </button>
                <button
                    class="icon-button"
                    aria-label="Let go"
                    title="Let go (Esc)"
                    on:click=move |_| state.selected.update(std::collections::BTreeSet::clear)
                >
                    <Icon of=CLOSE />
                </button>
            </section>
        }.into_any())}
    }
    .into_any()
}
