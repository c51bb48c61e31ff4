//! Watching an answer that the server writes.
//!
//! The turn belongs to the server: what is watched here goes on when the page is closed, and a page that comes back finds
//! it where it is. A stream that breaks is taken up again after the last event that came, with growing pauses, for as long
//! as the conversation is shown; a turn that has ended meanwhile is read from what is stored.

use super::super::{State, stream};
use super::{Chat, Entry};
use crate::prelude::*;
use crate::{
    browser,
    transport::{Call, OFFLINE},
};
use domain::{
    chat::{ChatEvent, ChatReply, MessageStatus, ToolCall, ToolStatus},
    id::{ConversationId, MessageId},
};
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

const FIRST_PAUSE_MS: u64 = 400;
const LONGEST_PAUSE_MS: u64 = 8_000;

/// How far a turn has been followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    /// Nothing of it yet.
    Nothing,
    /// It has begun.
    Begun,
    /// It has ended.
    Ended,
}

fn follow(id: ConversationId, after: &str) -> Call {
    let after = if after.is_empty() { String::new() } else { format!("?after={}", crate::api::encode(after)) };
    Call { method: "GET", path: format!("/api/me/conversations/{id}/events{after}"), ..Call::default() }
}

async fn pause(milliseconds: u64) {
    let done = js_sys::Promise::new(&mut |resolve, _| {
        browser::after(milliseconds, move || {
            let _ = resolve.call0(&wasm_bindgen::JsValue::NULL);
        });
    });
    let _ = JsFuture::from(done).await;
}

impl Chat {
    /// Whether the turn of that number is still the one that is watched.
    fn is_at(self, turn: u64) -> bool {
        self.turn.try_get_value() == Some(turn)
    }

    /// Shows a tool call where its id was seen before, else with the answer that is being written.
    fn show_call(self, call: ToolCall) {
        if call.status == ToolStatus::Pending {
            self.spoken.set("The assistant asks for your approval.".into());
        }
        let entries = self.entries.get_untracked();
        let has = |e: &&Entry| e.message.with_untracked(|m| m.tool_calls.iter().any(|c| c.id == call.id));
        let entry = entries.iter().find(has).or(entries.last());
        if let Some(entry) = entry {
            entry.message.update(|m| match m.tool_calls.iter_mut().find(|c| c.id == call.id) {
                Some(known) => *known = call,
                None => m.tool_calls.push(call),
            });
        }
    }

    fn finish(self, reply: ChatReply) {
        for call in reply.tool_calls {
            self.show_call(call);
        }
        // The stored answer says it too.
        if self.notice.with_untracked(|n| n.as_ref().is_some_and(|n| reply.response.contains(n.as_str()))) {
            self.notice.set(None);
        }
        self.spoken.set(format!("The assistant says: {}", reply.response));
        self.answer(|m| {
            m.content = reply.response;
            m.status = reply.status;
        });
    }

    fn begin(self, question: Option<MessageId>, answer: Option<MessageId>) {
        let entries = self.entries.get_untracked();
        let mut newest = entries.iter().rev();
        if let (Some(last), Some(id)) = (newest.next(), answer) {
            last.message.update(|m| {
                m.id = id;
                // Events are told from the beginning, also to those who have seen some of them.
                m.content.clear();
            });
        }
        if let (Some(before), Some(id)) = (newest.next(), question) {
            before.message.update(|m| m.id = id);
        }
    }
}

impl State {
    /// Follows the answer that the transcript came with, if it is being written.
    pub(super) fn chat_watch(self) {
        if self.chat.unwatched.get_value()
            && let Some(id) = self.chat.current.get_untracked()
        {
            self.chat.unwatched.set_value(false);
            self.watch(follow(id, ""));
        }
    }

    /// Makes a call that is answered by a turn, and watches it to its end.
    pub(super) fn watch(self, call: Call) {
        let chat = self.chat;
        chat.leave();
        chat.busy.set(true);
        chat.failed.set(None);
        chat.deciding.set(None);
        chat.notice.set(None);
        let turn = chat.turn.get_value();
        spawn_local(async move {
            self.watch_to_the_end(call, turn).await;
            if chat.is_at(turn) {
                self.watched();
            }
        });
    }

    async fn watch_to_the_end(self, mut call: Call, turn: u64) {
        let chat = self.chat;
        let (mut seen, mut last, mut wait) = (Seen::Nothing, String::new(), FIRST_PAUSE_MS);
        loop {
            let mut silent = true;
            let outcome = stream::read(&call, &mut |id, event| {
                if chat.is_at(turn) {
                    silent = false;
                    id.clone_into(&mut last);
                    wait = FIRST_PAUSE_MS;
                    seen = match &event {
                        ChatEvent::Done { .. } | ChatEvent::Failed { .. } => Seen::Ended,
                        _ => Seen::Begun,
                    };
                    self.chat_event(event);
                }
            })
            .await;
            if !chat.is_at(turn) || seen == Seen::Ended {
                return;
            }
            let following = call.method == "GET";
            match (outcome, chat.current.get_untracked()) {
                // There is nothing left to follow.
                (Ok(()), _) if following && silent => return,
                (Err(problem), None) => return chat.failed.set(Some(problem)),
                (Err(problem), _) if problem.code != OFFLINE && problem.status < 500 => {
                    return chat.failed.set(Some(problem));
                }
                // Whether it arrived is not known; the person decides whether to say it again.
                (Err(problem), _) if seen == Seen::Nothing && !following => return chat.failed.set(Some(problem)),
                (Err(problem), _) => self.notice_network(&problem),
                (Ok(()), _) => {}
            }
            pause(wait).await;
            wait = (wait * 2).min(LONGEST_PAUSE_MS);
            let Some(id) = chat.current.try_get_untracked().flatten().filter(|_| chat.is_at(turn)) else {
                return;
            };
            call = follow(id, &last);
        }
    }

    /// A turn has ended, one way or another: what is stored is what counts.
    fn watched(self) {
        let chat = self.chat;
        chat.busy.set(false);
        chat.stopping.set(false);
        if let Some(problem) = chat.failed.get_untracked() {
            self.notice_network(&problem);
            let status = if problem.code == "interrupted" { MessageStatus::Interrupted } else { MessageStatus::Failed };
            chat.answer(|m| m.status = status);
            let nothing = |e: &Entry| e.message.with_untracked(|m| m.content.is_empty() && m.tool_calls.is_empty());
            chat.entries.update(|entries| {
                if entries.last().is_some_and(|e| !e.is_own() && e.id().is_none() && nothing(e)) {
                    entries.pop();
                }
            });
        }
        // What was never stored would be gone from the screen, and with it the words.
        let unsaid = chat.entries.with_untracked(|e| e.last().is_some_and(|e| e.is_own() && e.id().is_none()));
        if !unsaid {
            self.chat_refresh();
        }
        self.catch_up();
        self.refresh_soon();
        chat.load_history();
    }

    fn chat_event(self, event: ChatEvent) {
        let chat = self.chat;
        match event {
            ChatEvent::Started { conversation_id, user_message_id, message_id } => {
                self.offline.set(false);
                chat.current.set(Some(conversation_id));
                chat.begin(user_message_id, message_id);
                if chat.stopping.get_untracked() {
                    self.send_stop(conversation_id);
                }
            }
            ChatEvent::Delta { text } => chat.answer(|m| m.content.push_str(&text)),
            ChatEvent::ToolCall { call } => chat.show_call(call),
            ChatEvent::Notice { text } => chat.notice.set(Some(text)),
            ChatEvent::Done { reply } => chat.finish(reply),
            ChatEvent::Failed { problem } => chat.failed.set(Some(problem)),
        }
    }

    /// Somebody is back at the page, or the network is: a stream that may have died without saying so is taken up again.
    pub fn chat_wake(self) {
        if !self.chat.busy.get_untracked() {
            self.chat_refresh();
        } else if self.offline.get_untracked() {
            stream::let_go();
        }
    }
}
