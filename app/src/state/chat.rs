//! The conversation with the assistant, shared by the panel and the full page.
//!
//! One conversation is current. Its answers are the server's: the page watches the one that is being written
//! ([`turn`]), asks for what the person wants ([`acts`]), and after each turn shows what is stored. What the assistant
//! changes reaches the lists through the operation log like everybody else's changes.

mod acts;
mod turn;

use super::{State, stream};
use crate::prelude::*;
use crate::{api, browser};
use domain::{
    chat::{Conversation, Message, MessageStatus, Role, Transcript},
    id::{ConversationId, MessageId},
    problem::Problem,
};
use leptos::task::spawn_local;
use std::collections::BTreeSet;

/// What the panel remembers over a reload of the page: the conversation, with a mark when it was open.
const REMEMBERED: &str = "chat";
/// The status of an answer that names fields.
const UNPROCESSABLE: u16 = 422;

/// One message as it is shown. Each is a signal of its own, so that an answer that streams in redraws itself only.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Names it on this page, for as long as it is shown.
    pub key: i64,
    /// The message; its id is 0 until the server has said it.
    pub message: ArcRwSignal<Message>,
}

impl Entry {
    /// Whether it is the person's.
    pub fn is_own(&self) -> bool {
        self.message.with_untracked(|m| m.role == Role::User)
    }

    /// Its number, once the server has said it.
    pub fn id(&self) -> Option<MessageId> {
        Some(self.message.with_untracked(|m| m.id)).filter(|id| id.0 != 0)
    }
}

/// See the module.
#[derive(Clone, Copy)]
pub struct Chat {
    /// Whether the panel is shown.
    pub open: RwSignal<bool>,
    /// The current conversation; `None` before the first message.
    pub current: RwSignal<Option<ConversationId>>,
    /// Its title, once it is known.
    pub title: RwSignal<Option<String>>,
    /// What has been said, on the branch that is shown.
    pub entries: RwSignal<Vec<Entry>>,
    /// Whether an answer is being written.
    pub busy: RwSignal<bool>,
    /// Whether it has been asked to stop.
    pub stopping: RwSignal<bool>,
    /// Something to know about this turn.
    pub notice: RwSignal<Option<String>>,
    /// Why the last turn failed.
    pub failed: RwSignal<Option<Problem>>,
    /// The call that the last turn decided about.
    deciding: RwSignal<Option<String>>,
    /// Why the conversation could not be shown.
    pub missing: RwSignal<Option<Problem>>,
    /// The history; `None` before it was asked for.
    pub history: RwSignal<Option<Vec<Conversation>>>,
    /// What is searched for in it.
    pub search: RwSignal<String>,
    /// Whether the history is unfolded where there is little room.
    pub unfolded: RwSignal<bool>,
    /// The conversation that is being renamed.
    pub renaming: RwSignal<Option<ConversationId>>,
    /// What is being typed; kept while the panel is closed.
    pub draft: RwSignal<String>,
    /// The own message that the draft will replace, by its key.
    pub editing: RwSignal<Option<i64>>,
    /// The answer that a note is being written about, by its key.
    pub noting: RwSignal<Option<i64>>,
    /// Operations that were undone from their cards.
    pub undone: RwSignal<BTreeSet<i64>>,
    /// What a screen reader is told when an answer is whole.
    pub spoken: RwSignal<String>,
    /// Counts the turns that were watched; whoever finds another number has been left.
    turn: StoredValue<u64>,
    /// Draws keys for what the server has not seen.
    local: StoredValue<i64>,
    /// Whether the transcript came with an answer in the making.
    unwatched: StoredValue<bool>,
    /// Counts wishes to read the transcript again, so that only the last of a burst is granted.
    refreshes: StoredValue<u64>,
}

impl Chat {
    pub(super) fn new(
        history: Option<Result<Vec<Conversation>, Problem>>,
        thread: Option<Result<Transcript, Problem>>,
    ) -> Self {
        let chat = Self {
            open: RwSignal::new(false),
            current: RwSignal::new(None),
            title: RwSignal::new(None),
            entries: RwSignal::default(),
            busy: RwSignal::new(false),
            stopping: RwSignal::new(false),
            notice: RwSignal::new(None),
            failed: RwSignal::new(None),
            deciding: RwSignal::new(None),
            missing: RwSignal::new(None),
            history: RwSignal::new(history.and_then(Result::ok)),
            search: RwSignal::default(),
            unfolded: RwSignal::new(false),
            renaming: RwSignal::new(None),
            draft: RwSignal::default(),
            editing: RwSignal::new(None),
            noting: RwSignal::new(None),
            undone: RwSignal::default(),
            spoken: RwSignal::default(),
            turn: StoredValue::new(0),
            local: StoredValue::new(0),
            unwatched: StoredValue::new(false),
            refreshes: StoredValue::new(0),
        };
        match thread {
            Some(Ok(thread)) => chat.show(thread),
            Some(Err(problem)) => chat.missing.set(Some(problem)),
            None => {}
        }
        chat
    }

    /// Shows what is stored. Messages that are shown already keep their keys, and so their place on the screen.
    fn show(self, thread: Transcript) {
        self.unwatched.set_value(thread.run.is_some());
        self.current.set(Some(thread.conversation.id));
        self.title.set(Some(thread.conversation.title));
        self.missing.set(None);
        let old = self.entries.get_untracked();
        let entry = |message: Message| match old.iter().find(|e| e.id() == Some(message.id)) {
            Some(entry) => {
                if entry.message.with_untracked(|m| *m != message) {
                    entry.message.set(message);
                }
                entry.clone()
            }
            None => Entry { key: message.id.0, message: ArcRwSignal::new(message) },
        };
        self.entries.set(thread.messages.into_iter().map(entry).collect());
    }

    /// Starts afresh. An answer that is being written goes on without being watched.
    pub fn clear(self) {
        self.leave();
        self.current.set(None);
        self.title.set(None);
        self.entries.set(Vec::new());
        self.notice.set(None);
        self.failed.set(None);
        self.missing.set(None);
        self.editing.set(None);
    }

    /// Stops watching.
    fn leave(self) {
        self.turn.update_value(|t| *t += 1);
        stream::let_go();
        self.busy.set(false);
        self.stopping.set(false);
    }

    /// Asks for the history as it is searched for.
    pub fn load_history(self) {
        let search = self.search.get_untracked();
        spawn_local(async move {
            if let Ok(list) = api::conversations(&search).await
                && self.search.try_get_untracked().as_ref() == Some(&search)
            {
                self.history.set(Some(list));
            }
        });
    }

    /// Whether the last thing said has no whole answer, so that it can be asked for again.
    pub fn unfinished(self) -> bool {
        let whole = |m: &Message| m.role == Role::Assistant && m.status == MessageStatus::Done;
        self.entries.with(|e| e.last().is_some_and(|e| !e.message.with(whole)))
    }

    /// Why that call still waits: what its arguments were changed to cannot be done.
    pub fn refused(self, call: &str) -> Option<Problem> {
        let about = self.deciding.read().as_deref() == Some(call);
        self.failed.get().filter(|problem| about && problem.status == UNPROCESSABLE)
    }

    /// Why the last turn failed, when that is not said at a call.
    pub fn broken(self) -> Option<Problem> {
        self.failed.get().filter(|problem| self.deciding.read().is_none() || problem.status != UNPROCESSABLE)
    }

    /// A message with that key.
    pub fn entry(self, key: i64) -> Option<Entry> {
        self.entries.with_untracked(|e| e.iter().find(|e| e.key == key).cloned())
    }

    fn push(self, role: Role, text: String) {
        self.local.update_value(|k| *k -= 1);
        let status = if role == Role::User { MessageStatus::Done } else { MessageStatus::Running };
        let message = Message {
            id: MessageId(0),
            role,
            content: text,
            tool_calls: Vec::new(),
            parent_id: None,
            versions: Vec::new(),
            status,
            feedback: None,
            created_at: String::new(),
        };
        let entry = Entry { key: self.local.get_value(), message: ArcRwSignal::new(message) };
        self.entries.update(|e| e.push(entry));
    }

    /// Takes away everything from there on; shows it again when the server knows better.
    fn cut(self, key: i64) {
        self.entries.update(|entries| {
            if let Some(at) = entries.iter().position(|e| e.key == key) {
                entries.truncate(at);
            }
        });
    }

    /// Changes the answer that is being written.
    fn answer(self, change: impl FnOnce(&mut Message)) {
        let last = self.entries.with_untracked(|e| e.last().cloned());
        if let Some(last) = last.filter(|e| !e.is_own()) {
            last.message.update(change);
        }
    }
}

impl State {
    /// Shows a conversation; does nothing when it is the current one.
    pub fn chat_go(self, id: ConversationId) {
        let chat = self.chat;
        if chat.current.get_untracked() != Some(id) {
            chat.clear();
            chat.current.set(Some(id));
            self.chat_read();
        }
    }

    /// Reads the current conversation again and watches the answer that is being written, if there is one.
    fn chat_read(self) {
        let chat = self.chat;
        let (Some(id), turn) = (chat.current.get_untracked(), chat.turn.get_value()) else {
            return;
        };
        spawn_local(async move {
            let thread = api::conversation(id).await;
            // Somebody may have gone elsewhere or said something meanwhile.
            if chat.turn.try_get_value() != Some(turn) || chat.busy.get_untracked() {
                return;
            }
            match thread {
                Ok(thread) => {
                    chat.show(thread);
                    self.chat_watch();
                }
                Err(problem) if chat.entries.read_untracked().is_empty() => chat.missing.set(Some(problem)),
                Err(problem) => self.notice_network(&problem),
            }
        });
    }

    /// Reads the current conversation again shortly, unless it is being watched anyway.
    pub fn chat_refresh(self) {
        let chat = self.chat;
        chat.refreshes.update_value(|n| *n += 1);
        let wish = chat.refreshes.get_value();
        browser::after(150, move || {
            if chat.refreshes.try_get_value() == Some(wish) && !chat.busy.get_untracked() {
                self.chat_read();
            }
        });
    }

    /// Something has begun or ended in a conversation, here or in another window.
    pub fn chat_heard(self, id: ConversationId) {
        if self.chat.current.get_untracked() == Some(id) {
            self.chat_refresh();
        }
        if self.chat.history.read_untracked().is_some() {
            self.chat.load_history();
        }
    }

    /// Takes up where the page was before it was loaded again. Called once, in the browser.
    pub fn chat_resume(self, on_page: bool) {
        let chat = self.chat;
        if chat.current.get_untracked().is_none() && !on_page {
            let text = browser::recall(REMEMBERED).unwrap_or_default();
            let (open, id) = text.strip_prefix('+').map_or((false, text.as_str()), |id| (true, id));
            if let Ok(id) = id.parse() {
                self.chat_go(ConversationId(id));
            }
            chat.open.set(open);
        }
        self.chat_watch();
        Effect::new(move |_| {
            let mark = if chat.open.get() { "+" } else { "" };
            let id = chat.current.get().map(|id| id.to_string()).unwrap_or_default();
            browser::remember(REMEMBERED, &format!("{mark}{id}"));
        });
    }
}

/// A call that waits for the person, with these arguments.
#[cfg(test)]
pub fn waiting(arguments: serde_json::Value) -> domain::chat::ToolCall {
    domain::chat::ToolCall {
        id: "c".into(),
        tool: "move_tasks".into(),
        name: "move_tasks".into(),
        arguments,
        status: domain::chat::ToolStatus::Pending,
        success: false,
        result: None,
        operation: None,
    }
}
