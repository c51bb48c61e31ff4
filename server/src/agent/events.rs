//! What happens in a turn, numbered in its order: told at once to whoever listens, and kept until it is stored.
//!
//! The turn only ever sends; storing is `service::chat`'s, from a copy, so that a turn never waits for it. Nobody may be
//! listening any more; the turn goes on all the same.

use domain::chat::{ChatEvent, ToolCall};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::{Notify, OwnedMutexGuard, mpsc};

/// How long text may wait to be stored.
const TEXT_WAITS: Duration = Duration::from_millis(250);
/// How long anything else may. A turn that ends before that is stored in one go.
const DEEDS_WAIT: Duration = Duration::from_millis(20);

/// An event with its number in its run, from 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Numbered {
    /// What `Last-Event-ID` counts.
    pub number: i64,
    /// What happened.
    pub event: ChatEvent,
}

/// What is not stored yet.
#[derive(Clone, Debug, Default)]
pub struct Unsaved {
    /// The number of the last event.
    pub last: i64,
    /// The events up to there, in order and without a gap.
    pub events: Vec<ChatEvent>,
    /// Calls that are new or have changed, with their place among the calls of the answer.
    pub calls: Vec<(i64, ToolCall)>,
}

/// Where a turn's events go.
#[derive(Clone, Debug)]
pub struct Events(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    listener: mpsc::UnboundedSender<Numbered>,
    log: Mutex<Log>,
    grown: Notify,
    acting: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Debug, Default)]
struct Log {
    last: i64,
    unsaved: Vec<ChatEvent>,
    /// Each call with the number of its newest event.
    calls: Vec<(i64, ToolCall)>,
    saved: i64,
    text: String,
    tokens: (i64, i64),
}

impl Log {
    fn push(&mut self, event: ChatEvent) -> Numbered {
        self.last += 1;
        match &event {
            ChatEvent::Delta { text } => self.text.push_str(text),
            ChatEvent::ToolCall { call } => match self.calls.iter_mut().find(|(_, known)| known.id == call.id) {
                Some(known) => *known = (self.last, call.clone()),
                None => self.calls.push((self.last, call.clone())),
            },
            _ => {}
        }
        self.unsaved.push(event.clone());
        Numbered { number: self.last, event }
    }
}

impl Events {
    /// The events of one turn, and where to hear them.
    pub fn new() -> (Self, mpsc::UnboundedReceiver<Numbered>) {
        let (listener, receiver) = mpsc::unbounded_channel();
        let inner = Inner { listener, log: Mutex::default(), grown: Notify::new(), acting: Arc::default() };
        (Self(Arc::new(inner)), receiver)
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.0.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends one event.
    pub fn send(&self, event: ChatEvent) {
        let numbered = self.log().push(event);
        self.tell(numbered);
        self.0.grown.notify_one();
    }

    /// Sends a piece of the answer's text.
    pub fn delta(&self, text: impl Into<String>) {
        self.send(ChatEvent::Delta { text: text.into() });
    }

    /// Notes tokens that a model has read and written, at once: a turn that is stopped has cost them too.
    pub fn spent(&self, input: i64, output: i64) {
        let mut log = self.log();
        log.tokens.0 += input;
        log.tokens.1 += output;
    }

    /// Held while something is done that must not be torn from what is told about it: a turn is not stopped meanwhile.
    pub async fn acting(&self) -> OwnedMutexGuard<()> {
        self.0.acting.clone().lock_owned().await
    }

    /// Numbers the last event, which is told with [`Events::tell`] when it is stored.
    pub fn end(&self, event: ChatEvent) -> Numbered {
        self.log().push(event)
    }

    /// Tells the listener only.
    pub fn tell(&self, numbered: Numbered) {
        // An error only means that the listener has left.
        let _ = self.0.listener.send(numbered);
    }

    /// The text so far.
    pub fn text(&self) -> String {
        self.log().text.clone()
    }

    /// The calls so far as they stand now, in the order in which they were made.
    pub fn calls(&self) -> Vec<ToolCall> {
        self.log().calls.iter().map(|(_, call)| call.clone()).collect()
    }

    /// The tokens noted so far, read and written.
    pub fn tokens(&self) -> (i64, i64) {
        self.log().tokens
    }

    /// A copy of what is not stored yet.
    pub fn unsaved(&self) -> Unsaved {
        let log = self.log();
        let changed = (0..).zip(&log.calls).filter(|(_, (number, _))| *number > log.saved);
        Unsaved {
            last: log.last,
            events: log.unsaved.clone(),
            calls: changed.map(|(place, (_, call))| (place, call.clone())).collect(),
        }
    }

    /// Forgets what is stored by now.
    pub fn saved(&self, last: i64) {
        let mut log = self.log();
        let gone = usize::try_from(last - log.saved).unwrap_or(0).min(log.unsaved.len());
        log.unsaved.drain(..gone);
        log.saved = log.saved.max(last);
    }

    /// Ends when it is time to store what is there.
    pub async fn due(&self) {
        while self.log().unsaved.is_empty() {
            self.0.grown.notified().await;
        }
        let deeds = async {
            while !self.log().unsaved.iter().any(|e| matches!(e, ChatEvent::ToolCall { .. })) {
                self.0.grown.notified().await;
            }
            tokio::time::sleep(DEEDS_WAIT).await;
        };
        // An error only means that text has waited long enough.
        let _ = tokio::time::timeout(TEXT_WAITS, deeds).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::chat::ToolStatus;

    fn call(id: &str, status: ToolStatus) -> ChatEvent {
        let call = ToolCall {
            id: id.into(),
            tool: "add_task".into(),
            name: "add_task".into(),
            arguments: serde_json::json!({}),
            status,
            success: status == ToolStatus::Done,
            result: None,
            operation: None,
        };
        ChatEvent::ToolCall { call }
    }

    #[test]
    fn what_comes_while_it_is_stored_stays_unsaved() {
        let (events, mut heard) = Events::new();
        events.send(call("a", ToolStatus::Running));
        events.delta("x");
        let first = events.unsaved();
        events.send(call("b", ToolStatus::Running));
        events.send(call("a", ToolStatus::Done));
        events.saved(first.last);
        assert_eq!((first.last, first.events.len(), first.calls.len()), (2, 2, 1));
        let second = events.unsaved();
        assert_eq!((second.last, second.events.len()), (4, 2));
        let places: Vec<(i64, &str)> = second.calls.iter().map(|(place, call)| (*place, call.id.as_str())).collect();
        assert_eq!(places, [(0, "a"), (1, "b")]);
        events.saved(second.last);
        events.saved(first.last);
        assert!(events.unsaved().events.is_empty() && events.unsaved().calls.is_empty());
        assert_eq!(events.text(), "x");
        let numbers: Vec<i64> = std::iter::from_fn(|| heard.try_recv().ok()).map(|n| n.number).collect();
        assert_eq!(numbers, [1, 2, 3, 4]);
    }
}
