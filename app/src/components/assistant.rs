//! The button in the corner of every page and the panel it opens.

use super::{
    chat::{Composer, Transcript},
    frame::{Where, press_on_space},
    icons::*,
};
use crate::components::keyed::present;
use crate::prelude::*;
use crate::{browser, state::State};
use leptos::ev::KeyboardEvent;

/// See the module.
#[component]
pub fn Assistant() -> impl IntoView {
    let (state, here) = (State::here(), Where::here());
    let chat = state.chat;
    // The full page is the same conversation.
    let on_page = Memo::new(move |_| here.path.read().starts_with("/chat"));
    let shown = Memo::new(move |_| chat.open.get() && !on_page.get());
    Effect::new(move |before: Option<bool>| {
        let now = shown.get();
        if now && before == Some(false) {
            browser::soon(|| browser::focus("#chat-input"));
        }
        now
    });
    let close = move || {
        chat.open.set(false);
        browser::soon(|| browser::focus("#assistant-open"));
    };
    let key = move |event: KeyboardEvent| {
        if event.key() == "Escape" && !event.is_composing() {
            event.prevent_default();
            event.stop_propagation();
            if chat.busy.get_untracked() { state.chat_stop() } else { close() }
        }
    };
    let whole = move || match chat.current.get() {
        Some(id) => format!("/chat/{id}"),
        None => "/chat".into(),
    };
    view! {
        <aside class="assistant-slot" aria-label="Assistant">
        {present(move || !on_page.get() && !shown.get(), move || view! {
            <a
                href="/chat"
                class="assistant-open"
                id="assistant-open"
                role="button"
                aria-label="Open the assistant"
                title="Assistant (a)"
                aria-expanded="false"
                on:keydown=press_on_space
                on:click=move |event| {
                    event.prevent_default();
                    event.stop_propagation();
                    chat.open.set(true);
                }
            >
                <Icon of=CHAT />
            </a>
        }.into_any())}
        {present(move || shown.get(), move || view! {
            <div class="assistant" id="assistant" on:keydown=key>
                <header class="assistant-head">
                    <h2>"Assistant"</h2>
                    <button
                        type="button"
                        class="icon-button"
                        aria-label="New conversation"
                        title="New conversation"
                        on:click=move |_| {
                            chat.clear();
                            browser::focus("#chat-input");
                        }
                    >
                        <Icon of=PLUS />
                    </button>
                    <a class="icon-button" href=whole aria-label="Open as a page" title="Open as a page">
                        <Icon of=GROW />
                    </a>
                    <button
                        type="button"
                        class="icon-button"
                        id="assistant-close"
                        aria-label="Close"
                        title="Close (Esc)"
                        on:click=move |_| close()
                    >
                        <Icon of=CLOSE />
                    </button>
                </header>
                <Transcript />
                <Composer />
            </div>
        }.into_any())}
        </aside>
    }
    .into_any()
}
