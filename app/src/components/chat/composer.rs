//! The box to write to the assistant in. Enter sends, Shift+Enter makes a line, ↑ in an empty box takes the last message
//! up again; `/` and `@` offer commands and tasks. While an answer streams in, the button stops it.

use super::{dictation, offers};
use crate::components::{
    dialogs::picker::{list_box, move_to},
    frame::Where,
    icons::*,
    keyed::present,
};
use crate::prelude::*;
use crate::{browser, place::Place, state::State};
use domain::chat::Quota;
use leptos::{
    ev::{KeyboardEvent, SubmitEvent},
    html,
};
use std::sync::Arc;

/// How long typing rests before the server is asked for tasks to mention.
const REST_MS: u64 = 200;
/// From this many per cent of the day's tokens on, the person is told.
const NEARLY: i64 = 80;

/// See the module.
#[component]
pub fn Composer() -> impl IntoView {
    let (state, here) = (State::here(), Where::here());
    let chat = state.chat;
    let field = NodeRef::<html::Textarea>::new();
    // What stands before the caret, when there may be something to offer.
    let before = RwSignal::new(String::new());
    let active = RwSignal::new(0_usize);
    let offered = Signal::derive(move || offers::offers(state, here, &before.read()));
    let offering = Memo::new(move |_| offered.with(|o| !o.is_empty()));
    // What was being typed in the panel goes on in the page, and the other way round.
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            let draft = chat.draft.get();
            if field.value() != draft {
                let untouched = chat.entries.read_untracked().is_empty() && !chat.busy.get_untracked();
                if draft.is_empty() && !field.value().is_empty() && untouched {
                    // Typed before the page came to life.
                    chat.draft.set(field.value());
                } else {
                    field.set_value(&draft);
                }
            }
        }
    });
    let send = move || {
        let text = chat.draft.get_untracked();
        if !chat.busy.get_untracked() && !text.trim().is_empty() {
            if let Some(field) = field.get_untracked() {
                field.set_value("");
            }
            chat.draft.set(String::new());
            state.chat_send(text);
        }
    };
    let choose = move |index: usize| {
        let choice = offered.with_untracked(|o| o.get(index).cloned());
        before.set(String::new());
        if let Some(choice) = choice {
            (choice.act)();
        }
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if chat.busy.get_untracked() { state.chat_stop() } else { send() }
    };
    let typed = move |_| {
        let Some(field) = field.get_untracked() else { return };
        let text = field.value();
        let caret = field.selection_start().ok().flatten().unwrap_or(0) as usize;
        let units: Vec<u16> = text.encode_utf16().take(caret).collect();
        let text_before = String::from_utf16_lossy(&units);
        chat.draft.set(text);
        active.set(0);
        if let Some((_, mention)) = offers::mention(&text_before) {
            let (mention, at_rest) = (mention.to_owned(), text_before.clone());
            browser::after(REST_MS, move || {
                if before.try_get_untracked().as_ref() == Some(&at_rest) && mention.trim().len() > 1 {
                    state.ensure(Place::Search(mention));
                }
            });
        }
        before.set(text_before);
    };
    let key = move |event: KeyboardEvent| {
        let (key, plain) = (event.key(), !event.shift_key() && !event.is_composing());
        let count = offered.with_untracked(Vec::len);
        let at = active.get_untracked();
        match key.as_str() {
            "ArrowDown" if count > 0 => move_to("offers", active, (at + 1) % count),
            "ArrowUp" if count > 0 => move_to("offers", active, (at + count - 1) % count),
            "Enter" | "Tab" if count > 0 && plain => choose(at),
            "Escape" if count > 0 => before.set(String::new()),
            "Escape" if chat.busy.get_untracked() => state.chat_stop(),
            "Escape" if chat.editing.get_untracked().is_some() => state.chat_edit_no_more(),
            "ArrowUp" if plain && chat.draft.read_untracked().is_empty() => state.chat_edit(None),
            "Enter" if plain => send(),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let conversation = move || chat.current.get().map(|id| id.0);
    let button = move || if chat.busy.get() { "Stop" } else { "Send" };
    view! {
        <div class="composer-slot">
            {present(move || chat.editing.get().is_some(), move || view! {
                <p class="composer-note">
                    "This replaces your earlier message, and what followed. "
                    <button type="button" class="link" id="chat-edit-cancel" on:click=move |_| state.chat_edit_no_more()>
                        "Cancel"
                    </button>
                </p>
            }.into_any())}
            {move || quota(state)}
            {present(move || offering.get(), move || list_box("offers", offered, active, Arc::new(choose)))}
            <form class="composer" method="post" action="/do/chat" on:submit=submit>
                <textarea
                    id="chat-input"
                    name="message"
                    rows="1"
                    required
                    maxlength="20000"
                    aria-label="Message to the assistant"
                    aria-autocomplete="list"
                    aria-controls=move || offering.get().then_some("offers")
                    aria-activedescendant=move || offering.get().then(|| format!("offers-{}", active.get()))
                    placeholder="Ask or tell the assistant"
                    autocomplete="off"
                    dir="auto"
                    node_ref=field
                    on:input=typed
                    on:keydown=key
                    on:blur=move |_| before.set(String::new())
                ></textarea>
                <input
                    type="hidden"
                    name="conversation_id"
                    value=conversation
                    disabled=move || chat.current.read().is_none()
                />
                {microphone(state)}
                <button
                    class="send"
                    id="chat-send"
                    formnovalidate=move || chat.busy.get()
                    disabled=move || chat.stopping.get()
                    aria-label=button
                    title=button
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
        </div>
    }
    .into_any()
}

/// How much of the day's tokens is left, once that is worth knowing.
fn quota(state: State) -> Option<AnyView> {
    let quota = state.overview.read().assistant.quota?;
    let text = quota_text(quota)?;
    Some(view! { <p class="composer-note" id="chat-quota">{text}</p> }.into_any())
}

fn quota_text(quota: Quota) -> Option<String> {
    let percent = quota.used.saturating_mul(100).checked_div(quota.limit)?;
    match percent {
        ..NEARLY => None,
        NEARLY..100 => Some(format!("{percent} % of today’s tokens of the language model are used.")),
        _ => Some(
            "Today’s tokens of the language model are used up. The built-in assistant answers until midnight UTC."
                .into(),
        ),
    }
}

/// Speaks instead, where the browser can.
fn microphone(state: State) -> AnyView {
    let (can, listening) = (RwSignal::new(false), RwSignal::new(false));
    Effect::new(move |_| can.set(dictation::available()));
    present(
        move || can.get(),
        move || {
            view! {
                <button
                    type="button"
                    class="icon-button dictate"
                    id="chat-dictate"
                    aria-label="Dictate"
                    title="Dictate"
                    aria-pressed=move || listening.get().to_string()
                    on:click=move |_| dictation::toggle(state, listening)
                >
                    <Icon of=MICROPHONE />
                </button>
            }
            .into_any()
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_s_tokens_are_told_when_they_run_out() {
        let text = |used, limit| quota_text(Quota { used, limit });
        assert_eq!(text(0, 100), None);
        assert_eq!(text(79, 100), None);
        assert!(text(80, 100).is_some_and(|t| t.starts_with("80 %")));
        assert!(text(i64::MAX, 100).is_some_and(|t| t.contains("used up")));
        assert_eq!(text(5, 0), None);
    }
}
