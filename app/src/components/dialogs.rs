//! What opens over the page, one at a time, in the browser's own modal dialog: it keeps the focus inside, closes on
//! Escape and gives the focus back to where it was.

mod choices;
mod conversation;
mod key_sheet;
mod list_form;
mod palette;
pub mod picker;

use crate::prelude::*;
use crate::{
    browser,
    state::{Dialog, State},
};
use choices::{DatePicker, LabelPicker, MovePicker, PriorityPicker};
use key_sheet::KeySheet;
use leptos::{ev::MouseEvent, html};
use list_form::ListForm;
use palette::Palette;

/// See the module.
#[component]
pub fn Dialogs() -> impl IntoView {
    let state = State::here();
    let element = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let wanted = state.dialog.read().is_some();
        let Some(dialog) = element.get() else { return };
        if wanted && !dialog.open() {
            // Once its content is drawn, so that the first field gets the focus.
            browser::soon(move || {
                if !dialog.open() {
                    let _ = dialog.show_modal();
                }
            });
        } else if !wanted && dialog.open() {
            dialog.close();
        }
    });
    let name = move || {
        state.dialog.with(|dialog| match dialog.as_ref()? {
            Dialog::Date(_) => Some("Date"),
            Dialog::Priority(_) => Some("Priority"),
            Dialog::Labels(_) => Some("Labels"),
            Dialog::Move(_) => Some("Move to a project"),
            Dialog::Palette => Some("Go to, find or do"),
            Dialog::Conversation(_) | Dialog::ForgetConversation(_) => Some("Conversation"),
            Dialog::Keys => Some("Keys"),
            Dialog::Project(_) => Some("Project"),
            Dialog::Label(_) => Some("Label"),
        })
    };
    // A click on the dialog itself is a click beside its content.
    let beside = move |event: MouseEvent| {
        if event.target() == element.get_untracked().map(Into::into) {
            state.dialog.set(None);
        }
    };
    view! {
        <dialog
            class="dialog"
            id="dialog"
            aria-label=name
            node_ref=element
            on:close=move |_| state.dialog.set(None)
            on:click=beside
        >
            {move || {
                state
                    .dialog
                    .get()
                    .map(|dialog| match dialog {
                        Dialog::Date(ids) => view! { <DatePicker ids /> }.into_any(),
                        Dialog::Priority(ids) => view! { <PriorityPicker ids /> }.into_any(),
                        Dialog::Labels(ids) => view! { <LabelPicker ids /> }.into_any(),
                        Dialog::Move(ids) => view! { <MovePicker ids /> }.into_any(),
                        Dialog::Palette => view! { <Palette /> }.into_any(),
                        Dialog::Conversation(id) => conversation::conversation(id),
                        Dialog::ForgetConversation(id) => conversation::forget(id),
                        Dialog::Keys => view! { <KeySheet /> }.into_any(),
                        Dialog::Project(id) => view! { <ListForm project=true id /> }.into_any(),
                        Dialog::Label(id) => view! { <ListForm project=false id=Some(id) /> }.into_any(),
                    })
            }}
        </dialog>
    }
    .into_any()
}
