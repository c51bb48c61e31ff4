//! Live updates: a socket says that something happened, the operation log says what.
//!
//! The socket says only that or where something happened, so a message that was missed costs nothing: whoever connects
//! again asks for everything since the last operation it knows.

use super::State;
use crate::prelude::*;
use crate::{api, browser};
use domain::{
    operation::{LiveEvent, Operation},
    task::Task,
};
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{MessageEvent, WebSocket};

const FIRST_WAIT_MS: u64 = 1_000;
const LONGEST_WAIT_MS: u64 = 30_000;
/// What one `changes` request brings at most.
const PAGE: usize = 200;

impl State {
    /// Connects, and connects again for as long as the page lives. Called once, in the browser.
    pub fn go_live(self) {
        self.connect(FIRST_WAIT_MS);
        // Browsers suspend hidden pages; whoever comes back wants to see what is now.
        let wake = Closure::<dyn FnMut()>::new(move || {
            self.chat_wake();
            self.catch_up();
        });
        for event in ["online", "focus"] {
            if let Some(window) = web_sys::window() {
                let _ = window.add_event_listener_with_callback(event, wake.as_ref().unchecked_ref());
            }
        }
        wake.forget();
        let gone = Closure::<dyn FnMut()>::new(move || self.offline.set(true));
        if let Some(window) = web_sys::window() {
            let _ = window.add_event_listener_with_callback("offline", gone.as_ref().unchecked_ref());
        }
        gone.forget();
    }

    fn connect(self, wait: u64) {
        let Some(address) = socket_address() else {
            return;
        };
        let again = move |wait: u64| browser::after(wait, move || self.connect((wait * 2).min(LONGEST_WAIT_MS)));
        let Ok(socket) = WebSocket::new(&address) else {
            again(wait);
            return;
        };
        let opened = RwSignal::new(false);
        let open = Closure::once_into_js(move || {
            opened.set(true);
            self.chat_wake();
            self.catch_up();
        });
        let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let live = event.data().as_string().and_then(|t| serde_json::from_str::<LiveEvent>(&t).ok());
            let live = live.unwrap_or_default();
            if live.seq.is_some_and(|seq| seq > self.seq.get_value()) {
                self.catch_up();
            }
            if let Some(conversation) = live.conversation {
                self.chat_heard(conversation);
            }
        });
        let close = Closure::once_into_js(move || {
            again(if opened.get_untracked() { FIRST_WAIT_MS } else { wait });
        });
        socket.set_onopen(Some(open.unchecked_ref()));
        socket.set_onmessage(Some(message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(close.unchecked_ref()));
        // The socket lives as long as the page, and its listeners with it; each reconnection leaks a few bytes.
        message.forget();
    }

    /// Asks what happened since the last known operation and takes it in.
    pub fn catch_up(self) {
        spawn_local(async move {
            loop {
                let since = self.seq.get_value();
                let operations = match api::changes(since).await {
                    Ok(operations) => operations,
                    Err(problem) => {
                        self.notice_network(&problem);
                        return;
                    }
                };
                self.offline.set(false);
                for operation in &operations {
                    self.take_operation(operation);
                }
                if let Some(last) = operations.last()
                    && last.seq > self.seq.get_value()
                {
                    self.seq.set_value(last.seq);
                }
                if operations.is_empty() {
                    return;
                }
                self.refresh_soon();
                if operations.len() < PAGE {
                    return;
                }
            }
        });
    }

    /// Takes in the rows of one operation.
    pub fn take_operation(self, operation: &Operation) {
        let (mut rows, mut gone) = (Vec::new(), Vec::new());
        for change in operation.rows.iter().filter(|r| r.target == "task") {
            match &change.row {
                Some(row) => rows.extend(task_of(row)),
                None => gone.push(change.id),
            }
        }
        if !gone.is_empty() {
            self.forget(&gone);
        }
        self.merge(rows);
    }
}

/// A row as a task. By way of its text, because that shares all code with the other answers: reading tasks out of
/// `Value` as well would cost a first visit some ten kilobytes.
fn task_of(row: &serde_json::Value) -> Option<Task> {
    serde_json::from_str(&row.to_string()).ok()
}

fn socket_address() -> Option<String> {
    let location = web_sys::window()?.location();
    let scheme = if location.protocol().ok()? == "https:" { "wss" } else { "ws" };
    Some(format!("{scheme}://{}/ws", location.host().ok()?))
}
