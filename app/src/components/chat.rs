//! The conversation as the panel and the full page show it: what was said, what was done, and the box to write in.

mod acts;
mod bubble;
mod composer;
mod dictation;
mod offers;
mod start;
mod tool_card;

use super::{frame::Where, icons::*};
use crate::components::keyed::{keyed, present};
use crate::prelude::*;
use crate::{browser, state::State};
use bubble::bubble;
pub use composer::Composer;
use domain::id::ConversationId;
use leptos::html;
use start::start;

/// Closer to the end than this, in pixels, counts as reading along.
const NEAR_END: i32 = 80;

/// Everything said so far. Follows what streams in only while its end is in sight.
#[component]
pub fn Transcript() -> impl IntoView {
    let (state, here) = (State::here(), Where::here());
    let chat = state.chat;
    let scroller = NodeRef::<html::Div>::new();
    let follows = RwSignal::new(true);
    let keys = Memo::new(move |_| chat.entries.with(|e| e.iter().map(|e| e.key).collect::<Vec<_>>()));
    let to_end = move || {
        // Gone when the page has moved on meanwhile.
        if let Some(Some(element)) = scroller.try_get_untracked() {
            let begun = !keys.read_untracked().is_empty();
            element.set_scroll_top(if begun { element.scroll_height() } else { 0 });
        }
    };
    Effect::new(move |_| {
        chat.entries.with(|e| e.last().map(|e| e.message.track()));
        chat.failed.track();
        if follows.get_untracked() {
            browser::soon(to_end);
        }
    });
    // What the person says themselves always brings the end into sight, and so does another conversation.
    Effect::new(move |before: Option<Option<ConversationId>>| {
        let current = chat.current.get();
        let said = keys.read().last().is_some_and(|key| *key < 0);
        if said || before != Some(current) {
            follows.set(true);
            browser::soon(to_end);
        }
        current
    });
    let scrolled = move |_| {
        if let Some(element) = scroller.get_untracked() {
            let left = element.scroll_height() - element.scroll_top() - element.client_height();
            let near = left < NEAR_END;
            if follows.get_untracked() != near {
                follows.set(near);
            }
        }
    };
    view! {
        <div
            class="transcript"
            id="transcript"
            node_ref=scroller
            tabindex="0"
            role="log"
            aria-label="Conversation"
            aria-live="off"
            on:scroll=scrolled
            on:click=move |event| acts::clicked(state, here, &event)
            on:submit=move |event| acts::submitted(state, &event)
        >
            {move || chat.missing.get().map(|problem| {
                view! {
                    <div class="empty">
                        <p class="empty-title">"This conversation cannot be shown"</p>
                        <p class="empty-hint">{problem.to_string()}</p>
                        <a class="button" href="/chat" on:click=move |_| chat.clear()>
                            "Start a new one"
                        </a>
                    </div>
                }
                .into_any()
            })}
            {present(
                move || keys.read().is_empty() && chat.missing.read().is_none() && chat.current.read().is_none(),
                move || (move || start(state)).into_any(),
            )}
            {keyed(
                move || keys.get(),
                move |key| chat.entry(key).map(|entry| bubble(state, entry)).into_any(),
            )}
            {move || chat.notice.get().map(|text| view! { <p class="chat-notice">{text}</p> }.into_any())}
            {move || chat.broken().map(|problem| {
                let again = chat.unfinished().then(|| {
                    view! {
                        <button class="button small" id="chat-retry" on:click=move |_| state.chat_retry(None)>
                            "Try again"
                        </button>
                    }
                    .into_any()
                });
                view! {
                    <div class="chat-failed" role="alert">
                        <p>{problem.to_string()}</p>
                        {again}
                    </div>
                }
                .into_any()
            })}
        </div>
        <div class="transcript-foot">
            {present(move || !follows.get(), move || view! {
                <button
                    type="button"
                    class="button small newest"
                    id="chat-newest"
                    on:click=move |_| {
                        to_end();
                        browser::focus("#chat-input");
                    }
                >
                    <Icon of=BELOW />
                    "Jump to newest"
                </button>
            }.into_any())}
        </div>
        <p class="unseen" role="status">
            {move || chat.spoken.get()}
        </p>
    }
    .into_any()
}
