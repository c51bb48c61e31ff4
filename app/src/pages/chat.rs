//! The assistant as a page: the history beside the conversation.

use crate::components::keyed::{keyed, present};
use crate::prelude::*;
use crate::{
    api, browser,
    components::{
        chat::{Composer, Transcript},
        frame::Where,
        icons::*,
    },
    dates::Style,
    state::State,
};
use domain::{chat::Conversation, id::ConversationId};
use leptos::task::spawn_local;
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
    Effect::new(move |_| {
        if let Some(id) = id_of(&here.path.read()) {
            chat.go_to(id);
        }
        if chat.history.read_untracked().is_none() {
            chat.load_history(String::new());
        }
    });
    // And a conversation that has just begun gets its address.
    Effect::new(move |before: Option<Option<ConversationId>>| {
        let now = chat.current.get();
        let path = here.path.get_untracked();
        if before == Some(None)
            && path == "/chat"
            && let Some(id) = now
        {
            here.go(&format!("/chat/{id}"));
        }
        now
    });
    let title = move || {
        let id = chat.current.get()?;
        chat.history.with(|h| h.as_ref()?.iter().find(|c| c.id == id).map(|c| c.title.clone()))
    };
    view! {
        <Title text=move || title().unwrap_or_else(|| "Assistant".into()) />
        <div class="chat-page">
            <History />
            <section class="chat-main" aria-label="Conversation">
                <h1 class="chat-title" dir="auto">
                    {move || title().unwrap_or_else(|| "New conversation".into())}
                </h1>
                <Transcript />
                <Composer />
            </section>
        </div>
    }
    .into_any()
}

#[component]
fn History() -> impl IntoView {
    let chat = State::here().chat;
    let latest = StoredValue::new(String::new());
    let search = move |event: leptos::ev::Event| {
        let text = event_target_value(&event);
        latest.set_value(text.clone());
        browser::after(180, move || {
            if latest.try_get_value().as_ref() == Some(&text) {
                chat.load_history(text);
            }
        });
    };
    let list = Memo::new(move |_| chat.history.get().unwrap_or_default());
    view! {
        <nav class="history" aria-label="Conversations">
            <a class="button" href="/chat" id="new-chat" on:click=move |_| chat.clear()>
                <Icon of=PLUS />
                "New conversation"
            </a>
            <input
                type="search"
                class="needs-script"
                aria-label="Search conversations"
                placeholder="Search conversations"
                on:input=search
            />
            <ul>
                {keyed(
                    move || list.with(|l| l.iter().map(|c| c.id.0).collect()),
                    move |id| {
                        let found = Memo::new(move |_| list.with(|l| l.iter().find(|c| c.id.0 == id).cloned()));
                        (move || found.get().map(|c| view! { <HistoryRow conversation=c /> })).into_any()
                    },
                )}
            </ul>
            {present(move || chat.history.read().is_some() && list.read().is_empty(), move || view! {
                <p class="hint">"No conversations."</p>
            }.into_any())}
        </nav>
    }
    .into_any()
}

#[component]
fn HistoryRow(conversation: Conversation) -> impl IntoView {
    let (state, here) = (State::here(), Where::here());
    let chat = state.chat;
    let Conversation { id, title, updated_at, .. } = conversation;
    let renaming = RwSignal::new(false);
    let style = state.overview.with_untracked(Style::of);
    let day = style.instant_day(&updated_at).map(|d| style.day(d));
    let current = move || (chat.current.get() == Some(id)).then_some("page");
    let old = StoredValue::new(title.clone());
    let save = move |text: String| {
        renaming.set(false);
        if text.trim().is_empty() || text == old.get_value() {
            return;
        }
        spawn_local(async move {
            match api::rename_conversation(id, text.trim()).await {
                Ok(()) => chat.load_history(String::new()),
                Err(problem) => state.fail("It could not be renamed", &problem),
            }
        });
    };
    let delete = move |_| {
        spawn_local(async move {
            match api::delete_conversation(id).await {
                Ok(()) => {
                    if chat.current.get_untracked() == Some(id) {
                        chat.clear();
                        here.go("/chat");
                    }
                    chat.load_history(String::new());
                    state.say("Conversation deleted", None);
                }
                Err(problem) => state.fail("It could not be deleted", &problem),
            }
        });
    };
    let name = title.clone();
    let rename_id = format!("rename-{id}");
    let focus_id = format!("#{rename_id}");
    view! {
        <li class="history-row">
            {move || {
                let title = title.clone();
                if renaming.get() {
                    view! {
                        <input
                            id=rename_id.clone()
                            aria-label="New title"
                            value=title
                            on:blur=move |e| save(event_target_value(&e))
                            on:keydown=move |e| match e.key().as_str() {
                                "Enter" => save(event_target_value(&e)),
                                "Escape" => renaming.set(false),
                                _ => {}
                            }
                        />
                    }
                        .into_any()
                } else {
                    view! {
                        <a href=format!("/chat/{id}") aria-current=current>
                            <span class="history-title" dir="auto">
                                {title}
                            </span>
                            <span class="history-day">{day.clone()}</span>
                        </a>
                    }
                        .into_any()
                }
            }}
            <button
                type="button"
                class="icon-button needs-script"
                aria-label=format!("Rename {name}")
                title="Rename"
                on:click=move |_| {
                    renaming.set(true);
                    let focus = focus_id.clone();
                    browser::soon(move || browser::focus(&focus));
                }
            >
                <Icon of=EDIT />
            </button>
            <button
                type="button"
                class="icon-button delete needs-script"
                aria-label=format!("Delete {name}")
                title="Delete"
                on:click=delete
            >
                <Icon of=TRASH />
            </button>
        </li>
    }
    .into_any()
}
