//! The box to write to the assistant in. Enter sends, Shift+Enter makes a line; while an answer streams in, the button
//! stops it.

use crate::prelude::*;
use crate::{
    components::icons::*,
    state::{State, stream},
};
use leptos::{
    ev::{KeyboardEvent, SubmitEvent},
    html,
};

/// See the module.
#[component]
pub fn Composer() -> impl IntoView {
    let state = State::here();
    let chat = state.chat;
    let field = NodeRef::<html::Textarea>::new();
    // What was being typed in the panel goes on in the page, and the other way round.
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            let draft = chat.draft.get();
            if field.value() != draft {
                if draft.is_empty()
                    && !field.value().is_empty()
                    && chat.entries.read_untracked().is_empty()
                    && !chat.busy.get_untracked()
                {
                    // Typed before the page came to life.
                    chat.draft.set(field.value());
                } else {
                    field.set_value(&draft);
                }
            }
        }
    });
    let send = move || {
        if !chat.busy.get_untracked() {
            let text = chat.draft.get_untracked();
            if !text.trim().is_empty() {
                if let Some(field) = field.get_untracked() {
                    field.set_value("");
                }
                chat.draft.set(String::new());
                state.chat_send(text);
            }
        }
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if chat.busy.get_untracked() {
            stream::stop();
        } else {
            send();
        }
    };
    let key = move |event: KeyboardEvent| {
        if event.key() == "Enter" && !event.shift_key() && !event.is_composing() {
            event.prevent_default();
            send();
        }
    };
    let conversation = move || chat.current.get().map(|id| id.0);
    view! {
        <form class="composer" method="post" action="/do/chat" on:submit=submit>
            <textarea
                id="chat-input"
                name="message"
                rows="1"
                required
                maxlength="20000"
                aria-label="Message to the assistant"
                placeholder="Ask or tell the assistant"
                autocomplete="off"
                dir="auto"
                node_ref=field
                on:input=move |e| chat.draft.set(event_target_value(&e))
                on:keydown=key
            ></textarea>
            <input
                type="hidden"
                name="conversation_id"
                value=conversation
                disabled=move || chat.current.read().is_none()
            />
            <button
                class="send"
                id="chat-send"
                formnovalidate=move || chat.busy.get()
                aria-label=move || if chat.busy.get() { "Stop" } else { "Send" }
                title=move || if chat.busy.get() { "Stop" } else { "Send" }
            >
                {move || {
                    if chat.busy.get() {
                        view! { <Icon of=STOP /> }
                    } else {
                        view! { <Icon of=SEND /> }
                    }
                }}
            </button>
        </form>
    }
    .into_any()
}
