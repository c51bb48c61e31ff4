//! What answers in the chat: the built-in assistant ([`built_in`]), or the loop around a language model ([`rounds`]).
//!
//! Both act only through [`hands`], which carries out tool calls, asks before harmful or bulk ones, and notes what was
//! done. [`model`] is what a language model looks like from here, [`openai`] the one way there is to reach one.

pub mod built_in;
pub mod hands;
pub mod model;
pub mod openai;
pub mod prompt;
pub mod rounds;
pub mod stream;

use crate::service;
use domain::chat::ChatEvent;
use tokio::sync::mpsc::UnboundedSender;

/// What happens in a turn, or why it failed; how that is told is the door's business.
pub type TurnEvent = service::Result<ChatEvent>;

/// Where a turn's events go. Nobody may be listening any more; the turn goes on all the same.
#[derive(Clone, Debug)]
pub struct Events(UnboundedSender<TurnEvent>);

impl Events {
    /// Sends to that channel.
    pub fn new(sender: UnboundedSender<TurnEvent>) -> Self {
        Self(sender)
    }

    /// Sends one event.
    pub fn send(&self, event: ChatEvent) {
        // An error only means that the listener has left.
        let _ = self.0.send(Ok(event));
    }

    /// Sends why the turn failed: the last that is heard of it.
    pub fn fail(&self, error: service::Error) {
        let _ = self.0.send(Err(error));
    }

    /// Sends a piece of the answer's text.
    pub fn delta(&self, text: impl Into<String>) {
        self.send(ChatEvent::Delta { text: text.into() });
    }
}
