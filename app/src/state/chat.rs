//! The conversation with the assistant, shared by the panel and the full page.
//!
//! One conversation is current and one turn runs at a time. A turn's text and tool calls are shown as they stream in;
//! what the assistant changes reaches the lists through the operation log like everybody else's changes.

use super::{State, stream};
use crate::prelude::*;
use crate::{api, transport::Call};
use domain::{
    chat::{Approval, ChatEvent, ChatReply, ChatRequest, Conversation, Decision, Role, ToolCall, Transcript},
    id::ConversationId,
    problem::Problem,
};
use leptos::task::spawn_local;

/// One message as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Names it on this page.
    pub key: i64,
    /// Who says it.
    pub role: Role,
    /// Markdown from the assistant, plain text from the person.
    pub text: String,
    /// What the assistant did meanwhile.
    pub calls: Vec<ToolCall>,
}

/// See the module.
#[derive(Clone, Copy)]
pub struct Chat {
    /// Whether the panel is shown.
    pub open: RwSignal<bool>,
    /// The current conversation; `None` before the first message.
    pub current: RwSignal<Option<ConversationId>>,
    /// What has been said.
    pub entries: RwSignal<Vec<Entry>>,
    /// Whether a turn is under way.
    pub busy: RwSignal<bool>,
    /// Something to know about this turn.
    pub notice: RwSignal<Option<String>>,
    /// Why the last turn failed.
    pub failed: RwSignal<Option<Problem>>,
    /// Why the conversation could not be shown.
    pub missing: RwSignal<Option<Problem>>,
    /// The history; `None` before it was asked for.
    pub history: RwSignal<Option<Vec<Conversation>>>,
    /// What is being typed; kept while the panel is closed.
    pub draft: RwSignal<String>,
    /// What a screen reader is told when an answer is whole.
    pub spoken: RwSignal<String>,
    keys: StoredValue<i64>,
}

impl Chat {
    pub(super) fn new(
        history: Option<Result<Vec<Conversation>, Problem>>,
        thread: Option<Result<Transcript, Problem>>,
    ) -> Self {
        let chat = Self {
            open: RwSignal::new(false),
            current: RwSignal::new(None),
            entries: RwSignal::default(),
            busy: RwSignal::new(false),
            notice: RwSignal::new(None),
            failed: RwSignal::new(None),
            missing: RwSignal::new(None),
            history: RwSignal::new(history.and_then(Result::ok)),
            draft: RwSignal::default(),
            spoken: RwSignal::default(),
            keys: StoredValue::new(0),
        };
        match thread {
            Some(Ok(thread)) => chat.show(thread),
            Some(Err(problem)) => chat.missing.set(Some(problem)),
            None => {}
        }
        chat
    }

    fn show(self, thread: Transcript) {
        self.current.set(Some(thread.conversation.id));
        self.missing.set(None);
        self.failed.set(None);
        self.notice.set(None);
        let entries = thread.messages.into_iter().map(|m| Entry {
            key: self.draw(),
            role: m.role,
            text: m.content,
            calls: m.tool_calls,
        });
        self.entries.set(entries.collect());
    }

    fn draw(self) -> i64 {
        self.keys.update_value(|k| *k += 1);
        self.keys.get_value()
    }

    /// Starts afresh.
    pub fn clear(self) {
        stream::stop();
        self.current.set(None);
        self.entries.set(Vec::new());
        self.notice.set(None);
        self.failed.set(None);
        self.missing.set(None);
    }

    /// Shows a conversation; does nothing when it is the current one.
    pub fn go_to(self, id: ConversationId) {
        if self.current.get_untracked() == Some(id) {
            return;
        }
        self.clear();
        self.current.set(Some(id));
        spawn_local(async move {
            match api::conversation(id).await {
                // Somebody may have gone elsewhere meanwhile.
                _ if self.current.try_get_untracked() != Some(Some(id)) => {}
                Ok(thread) => self.show(thread),
                Err(problem) => self.missing.set(Some(problem)),
            }
        });
    }

    /// Asks for the history.
    pub fn load_history(self, search: String) {
        spawn_local(async move {
            if let Ok(list) = api::conversations(&search).await {
                let _ = self.history.try_set(Some(list));
            }
        });
    }

    fn push(self, role: Role, text: String) {
        let key = self.draw();
        self.entries.update(|e| {
            e.push(Entry { key, role, text, calls: Vec::new() });
        });
    }

    /// Changes the answer that is being written.
    fn answer(self, change: impl FnOnce(&mut Entry)) {
        self.entries.update(|entries| {
            if let Some(last) = entries.last_mut().filter(|e| e.role == Role::Assistant) {
                change(last);
            }
        });
    }

    /// Shows a tool call where its id was seen before, else with the answer that is being written.
    fn show_call(self, call: ToolCall) {
        self.entries.update(|entries| {
            let known = entries.iter_mut().flat_map(|e| e.calls.iter_mut()).find(|c| c.id == call.id);
            match known {
                Some(known) => *known = call,
                None => {
                    if let Some(last) = entries.last_mut() {
                        last.calls.push(call);
                    }
                }
            }
        });
    }

    fn finish(self, reply: ChatReply) {
        self.current.set(Some(reply.conversation_id));
        for call in reply.tool_calls {
            self.show_call(call);
        }
        self.spoken.set(format!("The assistant says: {}", reply.response));
        self.answer(|e| e.text = reply.response);
    }
}

impl State {
    /// Says something to the assistant.
    pub fn chat_send(self, text: String) {
        let chat = self.chat;
        if text.trim().is_empty() || chat.busy.get_untracked() {
            return;
        }
        chat.push(Role::User, text.clone());
        self.chat_turn(text);
    }

    /// Says the last thing again after a failure.
    pub fn chat_retry(self) {
        let chat = self.chat;
        let last =
            chat.entries.with_untracked(|e| e.iter().rev().find(|e| e.role == Role::User).map(|e| e.text.clone()));
        if let Some(text) = last {
            // What was left of the failed answer goes; the question stays where it is.
            chat.entries.update(|entries| {
                while entries.last().is_some_and(|e| e.role == Role::Assistant) {
                    entries.pop();
                }
            });
            self.chat_turn(text);
        }
    }

    fn chat_turn(self, message: String) {
        let request = ChatRequest { conversation_id: self.chat.current.get_untracked(), message, edits: None };
        self.chat_call(Call {
            method: "POST",
            path: "/api/me/chat".into(),
            body: serde_json::to_string(&request).ok(),
            version: None,
        });
    }

    /// Answers a question the assistant has put before doing something harmful.
    pub fn chat_decide(self, call: &ToolCall, decision: Decision) {
        let Some(id) = self.chat.current.get_untracked() else {
            return;
        };
        if self.chat.busy.get_untracked() {
            return;
        }
        let approval = Approval { decision, arguments: None, reason: None };
        self.chat_call(Call {
            method: "POST",
            path: format!("/api/me/conversations/{id}/approvals/{}", api::encode(&call.id)),
            body: serde_json::to_string(&approval).ok(),
            version: None,
        });
    }

    fn chat_call(self, call: Call) {
        let chat = self.chat;
        chat.busy.set(true);
        chat.failed.set(None);
        chat.notice.set(None);
        chat.push(Role::Assistant, String::new());
        spawn_local(async move {
            let outcome = stream::run(call, |event| self.chat_event(event)).await;
            match outcome {
                Ok(true) => {}
                Ok(false) => chat.answer(|e| {
                    if e.text.is_empty() && e.calls.is_empty() {
                        e.text = "Stopped.".into();
                    }
                }),
                Err(problem) => chat.failed.set(Some(problem)),
            }
            if let Some(problem) = chat.failed.get_untracked() {
                self.notice_network(&problem);
                chat.entries.update(|entries| {
                    if entries
                        .last()
                        .is_some_and(|e| e.role == Role::Assistant && e.text.is_empty() && e.calls.is_empty())
                    {
                        entries.pop();
                    }
                });
            }
            chat.busy.set(false);
            self.catch_up();
            chat.load_history(String::new());
        });
    }

    fn chat_event(self, event: ChatEvent) {
        let chat = self.chat;
        match event {
            ChatEvent::Started { conversation_id, .. } => chat.current.set(Some(conversation_id)),
            ChatEvent::Delta { text } => chat.answer(|e| e.text.push_str(&text)),
            ChatEvent::ToolCall { call } => chat.show_call(call),
            ChatEvent::Notice { text } => chat.notice.set(Some(text)),
            ChatEvent::Done { reply } => chat.finish(reply),
            ChatEvent::Failed { problem } => chat.failed.set(Some(problem)),
        }
    }
}
