//! The conversation with scripting off, and what a person is told about who answers.

use super::{Desk, Kind, asking, key, reads, rests, send};
use crate::{
    provider::{Provider, text},
    running::Home,
};
use fantoccini::key::Key;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_goes_by_forms() {
    let desk = Desk::with(Kind::NoScript).await;
    let window = &desk.window;
    desk.sign_up().await;
    for title in ["Pay rent today", "Call mum today", "Buy milk today"] {
        window.go("/inbox").await;
        window.fill("#quick-add", title).await;
        window.click(".add-button").await;
        window.until(&format!("document.body.innerText.includes('{}')", title.trim_end_matches(" today"))).await;
    }
    window.go("/chat").await;
    window.click(".suggestion[value='What should I do today?']").await;
    reads(window, "Pay rent").await;
    assert_eq!(window.path().await, "/chat/1");

    window.fill("#chat-input", "Move everything due today to tomorrow").await;
    window.click("#chat-send").await;
    window.click(".tool[data-status='pending'] input[value='2']").await;
    window.click(".tool[data-status='pending'] .approve").await;
    window.see(".tool[data-status='done']").await;
    window.see_no(".tool[data-status='pending']").await;
    window.go("/today").await;
    window.lists(&["Call mum"]).await;

    window.go("/chat/1").await;
    window.fill("#chat-input", "Delete task #1").await;
    window.click("#chat-send").await;
    window.fill(".tool[data-status='pending'] .reason", "not before friday").await;
    window.press(&key(Key::Enter)).await;
    window.see(".tool[data-status='denied']").await;
    reads(window, "not before friday").await;
    // Nothing is offered that needs a script, and what replaces it is.
    let shown = "[...document.querySelectorAll('.needs-script')].every(e => e.getClientRects().length === 0)";
    assert_eq!(window.ask(shown).await, true);
    window.see("a[href='/api/me/conversations/1/export?format=markdown']").await;
    window.click(".history-row[data-conversation='1'] a").await;
    reads(window, "not before friday").await;
    window.see_no("html[data-ready]").await;
    window.assert_quiet().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_answers_is_said() {
    let desk = Desk::new().await;
    let window = &desk.window;
    desk.sign_up_and_go("/chat").await;
    reads(window, "This is the built-in assistant").await;
    // Whoever runs the server is told how there could be another.
    reads(window, "LLM_PROVIDER").await;
    window.see_no("#chat-quota").await;
    window.assert_quiet().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_day_s_tokens_are_told() {
    let provider = Provider::start(vec![text(&["Hello."])]).await;
    let desk = Desk::at(asking(Home::new(), &provider).set("LLM_DAILY_TOKENS", "12"), Kind::Usual).await;
    let window = &desk.window;
    desk.sign_up_and_go("/chat").await;
    window.see_no("#chat-quota").await;
    send(window, "Hello").await;
    reads(window, "Hello.").await;
    rests(window).await;
    window.until("document.querySelector('#chat-quota')?.innerText.includes('used up')").await;
    send(window, "Add a task to buy groceries").await;
    window.see(".tool[data-status='done']").await;
    rests(window).await;
    // Said once, in the answer that is not the model's.
    let told =
        "document.querySelector('#transcript').innerText.split('The built-in assistant answers until').length - 1";
    assert_eq!((window.ask(told).await, provider.asked().len()), (json!(1), 1));
    window.assert_quiet().await;
}
