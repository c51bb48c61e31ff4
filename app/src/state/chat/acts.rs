//! What a person does with a conversation: say, say again, decide, stop, rate, show another version.

use super::{super::State, Entry};
use crate::prelude::*;
use crate::{api, transport::Call};
use domain::{
    chat::{Approval, ChatRequest, Decision, Feedback, Role, ToolCall},
    id::{ConversationId, MessageId},
    problem::Problem,
};
use leptos::task::spawn_local;
use serde::Serialize;

fn post(path: String, body: &impl Serialize) -> Call {
    Call { method: "POST", path, body: serde_json::to_string(body).ok(), version: None }
}

/// The call's arguments as the person has changed them: for these of the tasks it is about, and with these texts.
fn changed(call: &ToolCall, tasks: Option<&[i64]>, texts: Vec<(String, String)>) -> Option<serde_json::Value> {
    if tasks.is_none() && texts.is_empty() {
        return None;
    }
    let mut arguments = call.arguments.as_object()?.clone();
    if let Some(tasks) = tasks {
        arguments.remove("task_id");
        arguments.insert("task_ids".into(), tasks.into());
    }
    arguments.extend(texts.into_iter().map(|(name, text)| (name, text.into())));
    Some(arguments.into())
}

impl State {
    /// Says something to the assistant, or says it in place of the message that is being edited.
    pub fn chat_send(self, text: String) {
        let chat = self.chat;
        if text.trim().is_empty() || chat.busy.get_untracked() {
            return;
        }
        let edited = chat.editing.get_untracked().and_then(|key| chat.entry(key));
        chat.editing.set(None);
        if let Some(edited) = &edited {
            chat.cut(edited.key);
        }
        let edits = edited.and_then(|e| e.id());
        let request = ChatRequest { conversation_id: chat.current.get_untracked(), message: text.clone(), edits };
        chat.push(Role::User, text);
        chat.push(Role::Assistant, String::new());
        self.watch(post("/api/me/chat".into(), &request));
    }

    /// Wants an answer again: the one with that key, or the answer to the last question.
    pub fn chat_retry(self, key: Option<i64>) {
        let chat = self.chat;
        let entries = chat.entries.get_untracked();
        let entry = match key {
            Some(key) => entries.into_iter().find(|e| e.key == key),
            None => entries.into_iter().rev().find(|e| e.is_own() || e.id().is_some()),
        };
        let (Some(entry), false) = (entry, chat.busy.get_untracked()) else {
            return;
        };
        if !entry.is_own() {
            chat.cut(entry.key);
        }
        match (chat.current.get_untracked(), entry.id()) {
            (Some(conversation), Some(id)) => {
                chat.push(Role::Assistant, String::new());
                let path = format!("/api/me/conversations/{conversation}/messages/{id}/retry");
                self.watch(Call { method: "POST", path, ..Call::default() });
            }
            // It never arrived, as far as we know, so it is said once more.
            (Some(conversation), None) => self.say_unless_said(conversation, &entry),
            (None, _) => self.say_again(&entry),
        }
    }

    fn say_again(self, entry: &Entry) {
        self.chat.cut(entry.key);
        self.chat_send(entry.message.with_untracked(|m| m.content.clone()));
    }

    /// Says what may have been said before the network went away.
    fn say_unless_said(self, conversation: ConversationId, entry: &Entry) {
        let (chat, entry) = (self.chat, entry.clone());
        let newest = chat.entries.with_untracked(|e| e.iter().filter_map(Entry::id).max_by_key(|id| id.0));
        spawn_local(async move {
            let thread = api::conversation(conversation).await;
            if chat.current.get_untracked() != Some(conversation) || chat.busy.get_untracked() {
                return;
            }
            let text = entry.message.with_untracked(|m| m.content.clone());
            match thread {
                Ok(thread)
                    if thread.messages.iter().any(|m| newest.is_none_or(|n| m.id.0 > n.0) && m.content == text) =>
                {
                    chat.failed.set(None);
                    chat.show(thread);
                    self.chat_watch();
                }
                Ok(_) => self.say_again(&entry),
                Err(problem) => chat.failed.set(Some(problem)),
            }
        });
    }

    /// Answers a question the assistant has put before doing something harmful. With `tasks`, what is allowed is allowed
    /// for these only; `texts` are arguments that were edited.
    pub fn chat_decide(
        self,
        call: &ToolCall,
        decision: Decision,
        tasks: Option<&[i64]>,
        texts: Vec<(String, String)>,
        reason: String,
    ) {
        let chat = self.chat;
        let (Some(id), false) = (chat.current.get_untracked(), chat.busy.get_untracked()) else {
            return;
        };
        let reason = Some(reason.trim().to_owned()).filter(|r| !r.is_empty() && decision == Decision::Deny);
        let arguments = if decision == Decision::Deny { None } else { changed(call, tasks, texts) };
        let approval = Approval { decision, arguments, reason };
        chat.push(Role::Assistant, String::new());
        self.watch(post(format!("/api/me/conversations/{id}/approvals/{}", api::encode(&call.id)), &approval));
        chat.deciding.set(Some(call.id.clone()));
    }

    /// Stops the answer that is being written, wherever it is written.
    pub fn chat_stop(self) {
        let chat = self.chat;
        if chat.busy.get_untracked() && !chat.stopping.get_untracked() {
            chat.stopping.set(true);
            let begun = chat.entries.with_untracked(|e| e.last().is_some_and(|e| e.id().is_some()));
            // One that has not begun is stopped when it does.
            if let (Some(id), true) = (chat.current.get_untracked(), begun) {
                self.send_stop(id);
            }
        }
    }

    pub(super) fn send_stop(self, id: ConversationId) {
        spawn_local(async move {
            if let Err(problem) = api::stop(id).await {
                self.chat.stopping.set(false);
                self.fail("It could not be stopped", &problem);
            }
        });
    }

    /// Shows another version of a message.
    pub fn chat_version(self, id: MessageId) {
        let chat = self.chat;
        let (Some(conversation), false) = (chat.current.get_untracked(), chat.busy.get_untracked()) else {
            return;
        };
        spawn_local(async move {
            match api::show_version(conversation, id).await {
                Ok(thread) if chat.current.get_untracked() == Some(conversation) => {
                    chat.failed.set(None);
                    chat.show(thread);
                }
                Ok(_) => {}
                Err(problem) => self.fail("That version cannot be shown", &problem),
            }
        });
    }

    /// Remembers what the person thinks of an answer; the same again takes it back.
    pub fn chat_rate(self, key: i64, feedback: Feedback) {
        let Some(entry) = self.chat.entry(key) else { return };
        let before = entry.message.with_untracked(|m| m.feedback);
        let value = Some(feedback).filter(|f| before != Some(*f));
        self.chat.noting.set(value.map(|_| key));
        self.rate(&entry, value, None);
    }

    /// Adds a note to what the person thinks of an answer.
    pub fn chat_note(self, key: i64, note: &str) {
        self.chat.noting.set(None);
        if let Some(entry) = self.chat.entry(key).filter(|_| !note.trim().is_empty()) {
            let value = entry.message.with_untracked(|m| m.feedback);
            self.rate(&entry, value, Some(note.trim().to_owned()));
            self.say("Thank you, the note is kept", None);
        }
    }

    fn rate(self, entry: &Entry, value: Option<Feedback>, note: Option<String>) {
        let (Some(conversation), Some(id)) = (self.chat.current.get_untracked(), entry.id()) else {
            return;
        };
        let message = entry.message.clone();
        let before = message.with_untracked(|m| m.feedback);
        message.update(|m| m.feedback = value);
        spawn_local(async move {
            if let Err(problem) = api::rate(conversation, id, value, note).await {
                message.update(|m| m.feedback = before);
                self.fail("It could not be kept", &problem);
            }
        });
    }

    /// Puts an own message into the box, to be said differently. Without a key it is the last one.
    pub fn chat_edit(self, key: Option<i64>) {
        let chat = self.chat;
        let entry = chat.entries.with_untracked(|entries| {
            let own = |e: &&Entry| e.is_own() && e.id().is_some();
            entries.iter().rev().filter(own).find(|e| key.is_none_or(|key| e.key == key)).cloned()
        });
        if let (Some(entry), false) = (entry, chat.busy.get_untracked()) {
            chat.draft.set(entry.message.with_untracked(|m| m.content.clone()));
            chat.editing.set(Some(entry.key));
            crate::browser::soon(|| crate::browser::focus_end("#chat-input"));
        }
    }

    /// Leaves the message as it is.
    pub fn chat_edit_no_more(self) {
        self.chat.editing.set(None);
        self.chat.draft.set(String::new());
    }

    /// Changes a conversation's title.
    pub fn chat_rename(self, id: ConversationId, title: String) {
        self.chat.renaming.set(None);
        if self.chat.current.get_untracked() == Some(id) {
            self.chat.title.set(Some(title.clone()));
        }
        self.chat_changed("It could not be renamed", async move { api::rename_conversation(id, &title).await });
    }

    /// Moves a conversation to the top of the history, or back among the others.
    pub fn chat_pin(self, id: ConversationId, pinned: bool) {
        self.chat_changed("It could not be pinned", async move { api::pin_conversation(id, pinned).await });
    }

    /// Takes a conversation out of the history.
    pub fn chat_delete(self, id: ConversationId) {
        if self.chat.current.get_untracked() == Some(id) {
            self.chat.clear();
        }
        self.chat_changed("It could not be deleted", async move { api::delete_conversation(id).await });
    }

    fn chat_changed(self, failed: &'static str, change: impl Future<Output = Result<(), Problem>> + 'static) {
        spawn_local(async move {
            if let Err(problem) = change.await {
                self.fail(failed, &problem);
            }
            self.chat.load_history();
        });
    }
}

#[cfg(test)]
mod tests {
    use super::{super::waiting, *};
    use serde_json::json;

    #[test]
    fn what_is_allowed_keeps_its_other_arguments() {
        let call = waiting(json!({"task_id": 3, "due": "2026-11-22"}));
        assert_eq!(changed(&call, None, vec![]), None);
        assert_eq!(changed(&call, Some(&[1, 2]), vec![]), Some(json!({"due": "2026-11-22", "task_ids": [1, 2]})));
        let due = vec![("due".to_owned(), "2026-11-30".to_owned())];
        assert_eq!(changed(&call, None, due), Some(json!({"due": "2026-11-30", "task_id": 3})));
    }
}
