//! The assistant as a page: the history beside the conversation.

mod history;

use crate::components::{
    chat::{Composer, Transcript},
    frame::Where,
    icons::*,
};
use crate::prelude::*;
use crate::{
    api,
    state::{Dialog, State},
};
use domain::id::ConversationId;
use history::history;
use leptos_meta::Title;

fn id_of(path: &str) -> Option<ConversationId> {
    path.strip_prefix("/chat/").and_then(|id| id.parse().ok()).map(ConversationId)
}

/// See the module.
#[component]
pub fn ChatPage() -> impl IntoView {
    let (state, here) = (State::here(), Where::here());
    let chat = state.chat;
    // The address leads: going to a conversation shows it.
    Effect::new(move |before: Option<()>| {
        let told = before.is_none() && chat.missing.read_untracked().is_some();
        if let Some(id) = id_of(&here.path.read()).filter(|_| !told) {
            state.chat_go(id);
        }
        if chat.history.read_untracked().is_none() {
            chat.load_history();
        }
    });
    // And a conversation that has just begun gets its address.
    Effect::new(move |before: Option<Option<ConversationId>>| {
        let now = chat.current.get();
        let path = here.path.get_untracked();
        match (before, now) {
            (Some(None), Some(id)) if path == "/chat" => here.go(&format!("/chat/{id}")),
            (Some(Some(_)), None) if path.starts_with("/chat/") => here.go("/chat"),
            _ => {}
        }
        now
    });
    let title = move || chat.title.get();
    view! {
        <Title text=move || title().unwrap_or_else(|| "Assistant".into()) />
        <div class="chat-page" class:begun=move || chat.current.read().is_some()>
            {history(state)}
            <section class="chat-main" aria-label="Conversation">
                <div class="chat-head">
                    <h1 class="chat-title" dir="auto">
                        {move || title().unwrap_or_else(|| "New conversation".into())}
                    </h1>
                    {move || chat.current.get().map(|id| head(state, id))}
                </div>
                <Transcript />
                <Composer />
            </section>
        </div>
    }
    .into_any()
}

/// What can be done with the whole conversation.
fn head(state: State, id: ConversationId) -> AnyView {
    let file = |format: &'static str, name: &'static str| {
        view! {
            <a class="without-script" rel="external" href=api::export_address(id, format)>
                {name}
            </a>
        }
        .into_any()
    };
    view! {
        {file("markdown", "Save as Markdown")}
        {file("json", "Save as JSON")}
        <button
            type="button"
            class="icon-button needs-script"
            id="chat-menu"
            aria-label="More about this conversation"
            title="More"
            on:click=move |_| state.dialog.set(Some(Dialog::Conversation(id)))
        >
            <Icon of=MORE />
        </button>
    }
    .into_any()
}
