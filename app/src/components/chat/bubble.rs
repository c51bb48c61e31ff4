//! One message: what was said, what was done for it, and what can be done with it.
//!
//! Nothing here listens. Buttons and links say by `data-act` and `data-of` what they are for, forms by `data-form`, and
//! [`super::acts`] listens once for the whole transcript.

use super::tool_card::tool_card;
use crate::components::{icons::*, markdown::markdown};
use crate::prelude::*;
use crate::state::{State, chat::Entry};
use domain::chat::{Feedback, Message, MessageStatus, Role};

/// See the module.
pub fn bubble(state: State, entry: Entry) -> AnyView {
    let (key, own) = (entry.key, entry.is_own());
    let said_by = if own { "You said" } else { "The assistant said" };
    let editing = move || state.chat.editing.get() == Some(key);
    view! {
        <article class="bubble" class:mine=own class:editing=editing data-key=key>
            <h2 class="unseen">{said_by}</h2>
            {move || entry.message.with(|m| if m.role == Role::User { said(key, m) } else { answer(state, key, m) })}
        </article>
    }
    .into_any()
}

fn said(key: i64, message: &Message) -> AnyView {
    let acts = (message.id.0 != 0).then(|| {
        view! {
            <div class="acts">
                {versions(message)}
                {button("copy", key, "Copy", COPY, None)}
                {button("edit", key, "Edit and ask again", EDIT, None)}
            </div>
        }
        .into_any()
    });
    view! {
        <p class="said" dir="auto">
            {message.content.clone()}
        </p>
        {acts}
    }
    .into_any()
}

fn answer(state: State, key: i64, message: &Message) -> AnyView {
    let running = message.status == MessageStatus::Running;
    let calls = message.tool_calls.iter().map(|call| tool_card(state, call)).collect_view();
    let text = message.content.as_str();
    view! {
        {calls}
        <div class="md" class:writing=running dir="auto">
            {markdown(text)}
        </div>
        {(running && text.is_empty()).then(thinking)}
        {running.then(|| form(state, "/do/chat-stop", key, message, "without-script", "Stop"))}
        {ended_early(state, message.status).map(|text| {
            view! {
                <p class="ended">{text}</p>
                {form(state, "/do/chat-retry", key, message, "", "Try again")}
            }
            .into_any()
        })}
        {(!running).then(|| acts(state, key, message))}
    }
    .into_any()
}

/// A form with one button, which works without script too.
fn form(
    state: State,
    action: &'static str,
    key: i64,
    message: &Message,
    class: &'static str,
    text: &'static str,
) -> AnyView {
    let conversation = state.chat.current.get_untracked().map(|id| id.0);
    view! {
        <form class=class method="post" action=action data-form=action data-of=key>
            <input type="hidden" name="conversation_id" value=conversation />
            <input type="hidden" name="id" value=message.id.0 />
            <button class="button small">{text}</button>
        </form>
    }
    .into_any()
}

fn acts(state: State, key: i64, message: &Message) -> AnyView {
    let (up, down) = (message.feedback == Some(Feedback::Up), message.feedback == Some(Feedback::Down));
    let copy = (!message.content.is_empty()).then(|| button("copy", key, "Copy", COPY, None));
    let stored = (message.id.0 != 0).then(|| {
        view! {
            {button("retry", key, "Answer again", RETRY, None)}
            {button("up", key, "Good answer", UP, Some(up))}
            {button("down", key, "Bad answer", DOWN, Some(down))}
        }
        .into_any()
    });
    let note = (state.chat.noting.get() == Some(key)).then(|| note(key));
    view! {
        <div class="acts">
            {versions(message)}
            {copy}
            {stored}
        </div>
        {note}
    }
    .into_any()
}

/// Says in a word more what was good or bad.
fn note(key: i64) -> AnyView {
    view! {
        <form class="note" data-form="note" data-of=key>
            <input
                id="chat-note"
                name="note"
                maxlength="1000"
                autocomplete="off"
                placeholder="What about it? (optional)"
                aria-label="Note on this answer"
                dir="auto"
            />
            <button class="button small">"Send"</button>
        </form>
    }
    .into_any()
}

/// Goes back and forth between what was said or answered in this place.
fn versions(message: &Message) -> Option<AnyView> {
    let all = &message.versions;
    let at = all.iter().position(|id| *id == message.id).filter(|_| all.len() > 1)?;
    let step = |to: Option<usize>, label: &'static str, shape: Shape| {
        let to = to.and_then(|to| all.get(to));
        view! {
            <button
                type="button"
                class="icon-button needs-script"
                data-act="version"
                data-of=to.map(|id| id.0)
                disabled=to.is_none()
                aria-label=label
                title=label
            >
                <Icon of=shape />
            </button>
        }
        .into_any()
    };
    let count = format!("{}/{}", at + 1, all.len());
    let name = format!("Version {count}");
    let view = view! {
        <span class="versions" role="group" aria-label=name>
            {step(at.checked_sub(1), "Earlier version", BACK)}
            <span>{count}</span>
            {step(Some(at + 1), "Later version", ARROW)}
        </span>
    };
    Some(view.into_any())
}

fn button(act: &'static str, of: i64, label: &'static str, shape: Shape, pressed: Option<bool>) -> AnyView {
    view! {
        <button
            type="button"
            class="icon-button needs-script"
            data-act=act
            data-of=of
            aria-label=label
            title=label
            aria-pressed=pressed.map(|p| if p { "true" } else { "false" })
        >
            <Icon of=shape />
        </button>
    }
    .into_any()
}

fn thinking() -> AnyView {
    view! {
        <p class="thinking">
            <span class="unseen">"The assistant is working"</span>
            <i></i>
            <i></i>
            <i></i>
        </p>
    }
    .into_any()
}

/// Why an answer is not whole; while the reason is shown at the end of the transcript, nothing is said twice.
fn ended_early(state: State, status: MessageStatus) -> Option<&'static str> {
    match status {
        MessageStatus::Stopped => Some("You stopped this answer."),
        MessageStatus::Running | MessageStatus::Done => None,
        _ if state.chat.failed.read().is_some() => None,
        MessageStatus::Interrupted => Some("This answer was interrupted. What was done until then stands."),
        MessageStatus::Failed => Some("This answer could not be finished. What was done until then stands."),
    }
}
