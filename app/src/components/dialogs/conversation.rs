//! What can be done with a whole conversation.

use super::picker::{Choice, fits, picker};
use crate::prelude::*;
use crate::{
    api, browser,
    components::{frame::Where, icons::*},
    state::{Dialog, State},
};
use domain::{chat::Conversation, id::ConversationId};
use std::sync::Arc;

/// As the history or the shown conversation knows it.
fn known(state: State, id: ConversationId) -> (String, bool) {
    let history = state.chat.history.get_untracked().unwrap_or_default();
    match history.into_iter().find(|c| c.id == id) {
        Some(Conversation { title, pinned, .. }) => (title, pinned),
        None => (state.chat.title.get_untracked().unwrap_or_default(), false),
    }
}

/// See the module.
pub fn conversation(id: ConversationId) -> AnyView {
    let (state, here) = (State::here(), Where::here());
    let (title, pinned) = known(state, id);
    let choices = move |typed: &str| {
        let save = |format: &'static str| move || browser::leave_for(&api::export_address(id, format));
        let pin = if pinned { "Take the pin off" } else { "Pin to the top" };
        let rename = move || {
            state.chat.renaming.set(Some(id));
            if !here.path.read_untracked().starts_with("/chat") {
                here.go(&format!("/chat/{id}"));
            }
        };
        let delete = move || state.dialog.set(Some(Dialog::ForgetConversation(id)));
        let mut all = vec![
            Choice::new(PIN, pin, "", move || state.chat_pin(id, !pinned)),
            Choice::new(EDIT, "Rename", "", rename),
            Choice::new(NOTE, "Save as Markdown", "", save("markdown")),
            Choice::new(NOTE, "Save as JSON", "every version", save("json")),
            Choice::new(TRASH, "Delete…", "", delete),
        ];
        all.retain(|c| fits(&c.label, typed));
        all
    };
    picker(title, "Find what to do", Arc::new(choices))
}

/// Asks once more, because nothing brings a conversation back.
pub fn forget(id: ConversationId) -> AnyView {
    let state = State::here();
    let (title, _) = known(state, id);
    let choices = move |_: &str| {
        vec![
            Choice::new(CLOSE, "Keep it", "", || {}),
            Choice::new(TRASH, "Delete it", "the tasks it changed stay as they are", move || state.chat_delete(id)),
        ]
    };
    picker(format!("Delete “{title}”?"), "Keep it, or delete it", Arc::new(choices))
}
