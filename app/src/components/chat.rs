//! The conversation as the panel and the full page show it: what was said, what was done, and the box to write in.

mod composer;
mod tool_card;

use super::{icons::*, markdown::markdown};
use crate::components::keyed::{keyed, present};
use crate::prelude::*;
use crate::{
    browser,
    state::{State, chat::Entry},
};
pub use composer::Composer;
use domain::chat::{Role, ToolStatus};
use leptos::html;
use tool_card::ToolCard;

/// What can be asked first.
const SUGGESTIONS: [&str; 4] = [
    "What should I do today?",
    "What is overdue?",
    "Move everything due today to tomorrow",
    "Add a task to buy groceries",
];

/// Closer to the end than this, in pixels, counts as reading along.
const NEAR_END: i32 = 80;

/// Everything said so far. Follows what streams in only while its end is in sight.
#[component]
pub fn Transcript() -> impl IntoView {
    let state = State::here();
    let chat = state.chat;
    let scroller = NodeRef::<html::Div>::new();
    let follows = StoredValue::new(true);
    let keys = Memo::new(move |_| chat.entries.with(|e| e.iter().map(|e| e.key).collect::<Vec<_>>()));
    let to_end = move || {
        if let Some(element) = scroller.get_untracked() {
            element.set_scroll_top(element.scroll_height());
        }
    };
    Effect::new(move |_| {
        chat.entries.track();
        chat.failed.track();
        chat.busy.track();
        if follows.get_value() {
            browser::soon(to_end);
        }
    });
    // What the person says themselves always brings the end into sight.
    Effect::new(move |_| {
        let own = keys.with(|_| chat.entries.with_untracked(|e| e.last().is_some_and(|e| e.role == Role::User)));
        if own {
            follows.set_value(true);
            browser::soon(to_end);
        }
    });
    let scrolled = move |_| {
        if let Some(element) = scroller.get_untracked() {
            let left = element.scroll_height() - element.scroll_top() - element.client_height();
            follows.set_value(left < NEAR_END);
        }
    };
    view! {
        <div class="transcript" id="transcript" node_ref=scroller on:scroll=scrolled tabindex="0" role="log" aria-label="Conversation" aria-live="off">
            {move || {
                chat.missing
                    .get()
                    .map(|problem| {
                        view! {
                            <div class="empty">
                                <p class="empty-title">"This conversation cannot be shown"</p>
                                <p class="empty-hint">{problem.to_string()}</p>
                                <a class="button" href="/chat" on:click=move |_| chat.clear()>
                                    "Start a new one"
                                </a>
                            </div>
                        }
                    })
            }}
            {present(move || keys.read().is_empty() && chat.missing.read().is_none(), move || view! {
                <Start />
            }.into_any())}
            {keyed(
                move || keys.get(),
                move |key| {
                    let entry = Memo::new(move |_| {
                        chat.entries.with(|e| e.iter().find(|e| e.key == key).cloned())
                    });
                    view! { <Bubble entry /> }.into_any()
                },
            )}
            {move || chat.notice.get().map(|text| view! { <p class="chat-notice">{text}</p> })}
            {move || {
                chat.failed
                    .get()
                    .map(|problem| {
                        view! {
                            <div class="chat-failed" role="alert">
                                <p>{problem.to_string()}</p>
                                <button class="button small" id="chat-retry" on:click=move |_| state.chat_retry()>
                                    "Try again"
                                </button>
                            </div>
                        }
                    })
            }}
        </div>
        <p class="unseen" role="status">
            {move || chat.spoken.get()}
        </p>
    }
    .into_any()
}

/// What stands in an empty conversation.
#[component]
fn Start() -> impl IntoView {
    let state = State::here();
    let built_in = move || state.overview.with(|o| o.assistant.kind == "built-in");
    let model = move || state.overview.with(|o| o.assistant.model.clone());
    view! {
        <div class="chat-start">
            <p class="empty-title">"What can I do for you?"</p>
            <p class="empty-hint">
                {move || {
                    if built_in() {
                        "This is the built-in assistant. It is no language model: it understands plain sentences about your tasks, and says so when it does not."
                            .to_owned()
                    } else {
                        format!("Answers come from {}. It can read and change your tasks; harmful changes are shown to you first.", model().unwrap_or_else(|| "a language model".into()))
                    }
                }}
            </p>
            <ul class="suggestions">
                {SUGGESTIONS
                    .map(|text| {
                        view! {
                            <li>
                                <button
                                    type="button"
                                    class="suggestion needs-script"
                                    on:click=move |_| {
                                        state.chat_send(text.into());
                                        browser::focus("#chat-input");
                                    }
                                >
                                    {text}
                                </button>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </div>
    }
    .into_any()
}

/// One message with what was done for it.
#[component]
fn Bubble(entry: Memo<Option<Entry>>) -> impl IntoView {
    let chat = State::here().chat;
    let mine = entry.with_untracked(|e| e.as_ref().is_some_and(|e| e.role == Role::User));
    let text = Memo::new(move |_| entry.with(|e| e.as_ref().map(|e| e.text.clone()).unwrap_or_default()));
    // Calls are only ever added or changed, so their places name them.
    let calls =
        Memo::new(move |_| entry.with(|e| e.as_ref().map_or(0, |e| i64::try_from(e.calls.len()).unwrap_or(i64::MAX))));
    let last = Memo::new(move |_| {
        let key = entry.with(|e| e.as_ref().map(|e| e.key));
        chat.entries.with(|e| e.last().map(|e| e.key)) == key
    });
    let writing = move || last.get() && chat.busy.get();
    let waiting = Memo::new(move |_| {
        entry.with(|e| e.as_ref().is_some_and(|e| e.calls.iter().any(|c| c.status == ToolStatus::Pending)))
    });
    let said_by = if mine { "You said" } else { "The assistant said" };
    if mine {
        return view! {
            <article class="bubble mine">
                <h2 class="unseen">{said_by}</h2>
                <p class="said" dir="auto">
                    {text}
                </p>
            </article>
        }
        .into_any();
    }
    view! {
        <article class="bubble" class:writing=writing>
            <h2 class="unseen">{said_by}</h2>
            {keyed(
                move || (0..calls.get()).collect(),
                move |at| {
                    let call = Memo::new(move |_| {
                        entry.with(|e| e.as_ref().and_then(|e| e.calls.get(usize::try_from(at).ok()?).cloned()))
                    });
                    view! { <ToolCard call /> }.into_any()
                },
            )}
            <div class="md" dir="auto">
                {move || markdown(&text.read())}
            </div>
            {present(move || writing() && text.read().is_empty() && !waiting.get(), move || view! {
                <p class="thinking">
                    <span class="unseen">"The assistant is working"</span>
                    <i></i>
                    <i></i>
                    <i></i>
                </p>
            }.into_any())}
            {present(move || !writing() && !text.read().is_empty(), move || view! {
                <button
                    type="button"
                    class="icon-button copy needs-script"
                    aria-label="Copy the answer"
                    title="Copy"
                    on:click=move |_| browser::copy(&text.get_untracked())
                >
                    <Icon of=COPY />
                </button>
            }.into_any())}
        </article>
    }
    .into_any()
}
