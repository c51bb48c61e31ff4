//! The conversation in the browser: answers that stream in and outlive the page, what waits for approval, and what can be
//! done with a conversation.

mod history;
mod plain;
mod streams;
mod takeover;
mod waits;

use super::{Desk, Kind, Window};
use crate::{
    provider::{Play, Provider},
    running::Home,
};
use fantoccini::key::Key;

fn key(key: Key) -> String {
    char::from(key).to_string()
}

/// Types something and sends it, without waiting for the answer.
async fn send(window: &Window, text: &str) {
    window.fill("#chat-input", text).await;
    window.press(&key(Key::Enter)).await;
}

/// Waits until the conversation holds this text.
#[track_caller]
fn reads(window: &Window, text: &str) -> impl Future<Output = ()> {
    let expression = format!("document.querySelector('#transcript').innerText.includes({text:?})");
    async move { window.until(&expression).await }
}

/// Waits until no answer is being written.
async fn rests(window: &Window) {
    window.see("#chat-send[aria-label='Send']").await;
    window.see_no(".md.writing").await;
}

/// How many answers stand in the conversation.
async fn answers(window: &Window) -> Option<u64> {
    window.ask("document.querySelectorAll('#transcript .bubble:not(.mine)').length").await.as_u64()
}

/// With that model.
fn asking(home: Home, provider: &Provider) -> Home {
    provider.settings().iter().fold(home, |home, (name, value)| home.set(name, value))
}

/// Somebody at the page of an empty conversation, with a model that plays these answers.
async fn talking(plays: Vec<Play>) -> (Provider, Desk) {
    let provider = Provider::start(plays).await;
    let home = asking(Home::new(), &provider);
    let desk = Desk::at(home, Kind::Usual).await;
    desk.sign_up_and_go("/chat").await;
    (provider, desk)
}
