//! Messages at the bottom of the page: what was done, with a way back, and what went wrong.

use super::State;
use crate::prelude::*;
use crate::{browser, transport::OFFLINE};
use domain::{id::Seq, problem::Problem};

/// How long a message stays. Ctrl+Z works after that too.
const STAY_MS: u64 = 8_000;
/// More would cover the list.
const AT_ONCE: usize = 3;

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    /// Names it.
    pub id: i64,
    /// A sentence without its stop.
    pub text: String,
    /// What its button undoes, and what the button says.
    pub undo: Option<(Seq, &'static str)>,
    /// Something went wrong.
    pub bad: bool,
}

impl State {
    /// Says what was done; with `undo` there is a button that takes it back.
    pub fn say(self, text: impl Into<String>, undo: Option<Seq>) {
        self.toast(text.into(), undo.map(|seq| (seq, "Undo")), false);
    }

    /// Says what went wrong: `what` in our words, then the server's.
    pub fn fail(self, what: &str, problem: &Problem) {
        if problem.status == 401 {
            // The session has ended; the page behind it is no longer ours to show.
            let back = crate::api::encode(&browser::address());
            browser::leave_for(&format!("/sign-in?next={back}"));
            return;
        }
        self.notice_network(problem);
        let mut text = format!("{what}: {problem}");
        for error in &problem.errors {
            if !text.contains(&error.message) {
                text.push_str(&format!(" {}: {}.", error.field, error.message));
            }
        }
        self.toast(text, None, true);
    }

    pub(super) fn toast(self, text: String, undo: Option<(Seq, &'static str)>, bad: bool) {
        let id = self.draw();
        self.toasts.update(|toasts| {
            toasts.push(Toast { id, text, undo, bad });
            let extra = toasts.len().saturating_sub(AT_ONCE);
            toasts.drain(..extra);
        });
        browser::after(STAY_MS, move || self.dismiss(id));
    }

    /// Takes a message away.
    pub fn dismiss(self, id: i64) {
        // The page may have gone while the message was waiting to leave.
        let _ = self.toasts.try_update(|t| t.retain(|t| t.id != id));
    }

    /// Remembers whether the server can be reached.
    pub fn notice_network(self, problem: &Problem) {
        if problem.code == OFFLINE {
            self.offline.set(true);
        }
    }
}
