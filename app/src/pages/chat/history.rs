//! The list of conversations: found by their words, pinned ones first.

use crate::components::{
    icons::*,
    keyed::{keyed, present},
};
use crate::prelude::*;
use crate::{
    browser,
    dates::Style,
    state::{Dialog, State},
};
use domain::{chat::Conversation, id::ConversationId};
use leptos::ev::{Event, FocusEvent, KeyboardEvent};

/// How long typing rests before the server is asked.
const REST_MS: u64 = 180;

/// See the module.
pub fn history(state: State) -> AnyView {
    let chat = state.chat;
    // On a phone the list is folded away until somebody asks for it.
    let unfolded = chat.unfolded;
    Effect::new(move |before: Option<Option<ConversationId>>| {
        let current = chat.current.get();
        if before.is_some_and(|before| before != current) {
            unfolded.set(false);
        }
        current
    });
    let search = move |event: Event| {
        let text = event_target_value(&event);
        chat.search.set(text.clone());
        browser::after(REST_MS, move || {
            if chat.search.try_get_untracked().as_ref() == Some(&text) {
                chat.load_history();
            }
        });
    };
    let list = Memo::new(move |_| chat.history.get().unwrap_or_default());
    let none = move || chat.history.read().is_some() && list.read().is_empty();
    let nothing = move || {
        if chat.search.read().trim().is_empty() { "No conversations yet." } else { "Nothing found. Try other words." }
    };
    view! {
        <nav class="history" class:unfolded=unfolded aria-label="Conversations">
            <div class="history-head">
                <a class="button" href="/chat" id="new-chat" on:click=move |_| chat.clear()>
                    <Icon of=PLUS />
                    "New conversation"
                </a>
                <button
                    type="button"
                    class="button fold needs-script"
                    aria-expanded=move || unfolded.get().to_string()
                    on:click=move |_| unfolded.update(|u| *u = !*u)
                >
                    "History"
                </button>
            </div>
            <input
                type="search"
                id="history-search"
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
                        (move || found.get().map(|c| row(state, c))).into_any()
                    },
                )}
            </ul>
            {present(none, move || view! { <p class="hint">{nothing}</p> }.into_any())}
        </nav>
    }
    .into_any()
}

fn row(state: State, conversation: Conversation) -> AnyView {
    let chat = state.chat;
    let Conversation { id, title, updated_at, pinned, .. } = conversation;
    if chat.renaming.get() == Some(id) {
        return rename(state, id, title);
    }
    let style = state.overview.with_untracked(Style::of);
    let day = style.instant_day(&updated_at).map(|d| style.day(d));
    let current = move || (chat.current.get() == Some(id)).then_some("page");
    let about = format!("More about {title}");
    let pin = pinned.then(|| {
        view! {
            <span class="history-pin" title="Pinned">
                <Icon of=PIN />
                <span class="unseen">"Pinned"</span>
            </span>
        }
        .into_any()
    });
    view! {
        <li class="history-row" data-conversation=id.0>
            <a href=format!("/chat/{id}") aria-current=current>
                <span class="history-title" dir="auto">
                    {title}
                </span>
                <span class="history-day">{day}</span>
            </a>
            {pin}
            <button
                type="button"
                class="icon-button needs-script"
                aria-label=about
                title="More"
                on:click=move |_| state.dialog.set(Some(Dialog::Conversation(id)))
            >
                <Icon of=MORE />
            </button>
        </li>
    }
    .into_any()
}

fn rename(state: State, id: ConversationId, title: String) -> AnyView {
    let old = title.clone();
    browser::soon(|| browser::focus("#history-rename"));
    let save = StoredValue::new(move |text: String| {
        let text = text.trim();
        // The field is left once more when it goes away.
        if state.chat.renaming.get_untracked() != Some(id) {
            return;
        }
        if text.is_empty() || text == old {
            state.chat.renaming.set(None);
        } else {
            state.chat_rename(id, text.to_owned());
        }
    });
    // Taken out of the page the field is left too, when there is nothing to save any more.
    let left = move |e: FocusEvent| {
        save.try_with_value(|save| save(event_target_value(&e)));
    };
    let key = move |e: KeyboardEvent| match e.key().as_str() {
        "Enter" if !e.is_composing() => save.with_value(|save| save(event_target_value(&e))),
        "Escape" => {
            e.stop_propagation();
            state.chat.renaming.set(None);
        }
        _ => {}
    };
    view! {
        <li class="history-row">
            <input
                id="history-rename"
                aria-label="New title"
                maxlength="100"
                value=title
                on:blur=left
                on:keydown=key
            />
        </li>
    }
    .into_any()
}
