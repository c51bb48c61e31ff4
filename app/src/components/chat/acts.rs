//! What clicks and forms in the transcript mean. One listener of each kind for all messages keeps the page small, and
//! what it reads is what the forms would send without script.

use super::tool_card::texts;
use crate::components::frame::Where;
use crate::prelude::*;
use crate::{browser, state::State};
use domain::{
    chat::{Decision, Feedback, ToolCall},
    id::{MessageId, Seq},
};
use leptos::ev::{MouseEvent, SubmitEvent};
use wasm_bindgen::JsCast;
use web_sys::{Element, FormData, HtmlFormElement};

/// A click somewhere in the transcript.
pub fn clicked(state: State, here: Where, event: &MouseEvent) {
    let chat = state.chat;
    let element = event.target().and_then(|t| t.dyn_into::<Element>().ok());
    let Some(element) = element.and_then(|e| e.closest("[data-act]").ok().flatten()) else {
        return;
    };
    let of = element.get_attribute("data-of").and_then(|of| of.parse::<i64>().ok()).unwrap_or_default();
    match element.get_attribute("data-act").unwrap_or_default().as_str() {
        // With a modifier it is the browser's, which opens a tab.
        "open" if event.ctrl_key() || event.meta_key() || event.shift_key() => {}
        "open" => {
            event.prevent_default();
            event.stop_propagation();
            here.open(of);
        }
        "copy" => {
            if let Some(entry) = chat.entry(of) {
                entry.message.with_untracked(|m| browser::copy(&m.content));
                chat.spoken.set("Copied.".into());
            }
        }
        "edit" => state.chat_edit(Some(of)),
        "retry" => {
            state.chat_retry(Some(of));
            browser::focus("#chat-input");
        }
        "version" => state.chat_version(MessageId(of)),
        "undo" => {
            state.undo(Some(Seq(of)));
            // The button goes away with what it offers.
            browser::focus("#transcript");
        }
        rating @ ("up" | "down") => {
            state.chat_rate(of, if rating == "up" { Feedback::Up } else { Feedback::Down });
            browser::soon(|| browser::focus("#chat-note"));
        }
        _ => {}
    }
}

/// A form somewhere in the transcript.
pub fn submitted(state: State, event: &SubmitEvent) {
    let form = event.target().and_then(|t| t.dyn_into::<HtmlFormElement>().ok());
    let Some((form, data)) = form.and_then(|f| FormData::new_with_form(&f).ok().map(|d| (f, d))) else {
        return;
    };
    event.prevent_default();
    let value = |name: &str| data.get(name).as_string().unwrap_or_default();
    let pressed = event.submitter().and_then(|b| b.get_attribute("value")).unwrap_or_default();
    let of = form.get_attribute("data-of").and_then(|of| of.parse::<i64>().ok()).unwrap_or_default();
    match form.get_attribute("data-form").unwrap_or_default().as_str() {
        "say" => state.chat_send(pressed),
        "note" => state.chat_note(of, &value("note")),
        "/do/chat-retry" => state.chat_retry(Some(of)),
        "decide" => {
            let id = value("id");
            if let Some(call) = call(state, &id) {
                let decision = match pressed.as_str() {
                    "allow" => Decision::Allow,
                    "always" => Decision::Always,
                    _ => Decision::Deny,
                };
                let boxes = form.query_selector_all("[name=task_ids]").map_or(0, |all| all.length());
                let ticked: Vec<i64> =
                    data.get_all("task_ids").iter().filter_map(|id| id.as_string()?.parse().ok()).collect();
                if boxes > 0 && ticked.is_empty() && decision != Decision::Deny {
                    state.say("Tick at least one task, or deny", None);
                    return;
                }
                let some = Some(ticked.as_slice()).filter(|t| t.len() < boxes as usize);
                let edited = |(name, old): (String, String)| {
                    let new = data.get(&format!("edit.{name}")).as_string().filter(|new| *new != old);
                    new.map(|new| (name, new))
                };
                let texts = texts(&call).into_iter().filter_map(edited).collect();
                state.chat_decide(&call, decision, some, texts, value("reason"));
            }
        }
        _ => return,
    }
    browser::focus("#chat-input");
}

fn call(state: State, id: &str) -> Option<ToolCall> {
    let entries = state.chat.entries.get_untracked();
    entries.iter().find_map(|e| e.message.with_untracked(|m| m.tool_calls.iter().find(|c| c.id == id).cloned()))
}
