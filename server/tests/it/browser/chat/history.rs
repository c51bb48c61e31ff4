//! What can be done with a conversation as a whole, and with an answer that was good or bad.

use super::{Desk, key, reads, rests, send};
use fantoccini::key::Key;
use serde_json::json;

/// Opens the menu of the shown conversation and chooses what fits.
async fn choose(desk: &Desk, what: &str) {
    desk.window.click("#chat-menu").await;
    desk.window.fill("#picker", what).await;
    desk.window.press(&key(Key::Enter)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn conversations_are_pinned_renamed_found_saved_and_deleted() {
    let desk = Desk::new().await;
    let window = &desk.window;
    desk.sign_up_and_go("/chat").await;
    send(window, "Add a task to buy groceries").await;
    window.see(".tool[data-status='done']").await;
    rests(window).await;
    window.click("#new-chat").await;
    window.until("location.pathname === '/chat' && !document.querySelector('.bubble')").await;
    send(window, "What is overdue?").await;
    window.see(".history-row[data-conversation='2'] [aria-current='page']").await;
    rests(window).await;

    let order = "[...document.querySelectorAll('.history-row')].map(r => r.dataset.conversation).join()";
    window.until(&format!("{order} === '2,1'")).await;
    window.click(".history-row[data-conversation='1'] a").await;
    reads(window, "groceries").await;
    choose(&desk, "Pin").await;
    window.see(".history-row[data-conversation='1'] .history-pin").await;
    window.until(&format!("{order} === '1,2'")).await;
    choose(&desk, "Rename").await;
    window.fill("#history-rename", "Shopping").await;
    window.press(&key(Key::Enter)).await;
    window.until("document.querySelector('.history-row .history-title').innerText === 'Shopping'").await;
    window.until("document.querySelector('.chat-title').innerText === 'Shopping'").await;
    window.fill("#history-search", "overdue").await;
    window.until(&format!("{order} === '2'")).await;
    window.fill("#history-search", " ").await;
    window.until(&format!("{order} === '1,2'")).await;

    for (format, has) in [("markdown", "groceries"), ("json", "tool_calls")] {
        let file = format!(
            "fetch('/api/me/conversations/1/export?format={format}').then(async r => done([r.headers.get('content-disposition').split(';')[0], (await r.text()).includes('{has}')]))"
        );
        assert_eq!(window.ask_later(&file).await, json!(["attachment", true]));
    }
    choose(&desk, "Delete").await;
    window.until("document.querySelector('#dialog').innerText.includes('Shopping')").await;
    window.press(&format!("{}{}", key(Key::Down), key(Key::Enter))).await;
    window.until(&format!("location.pathname === '/chat' && {order} === '2'")).await;
    window.assert_quiet().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_rated_with_a_note() {
    let desk = Desk::new().await;
    let window = &desk.window;
    desk.sign_up_and_go("/chat").await;
    send(window, "What is overdue?").await;
    rests(window).await;
    window.click("[data-act='down']").await;
    window.see("[data-act='down'][aria-pressed='true']").await;
    window.until("document.activeElement.id === 'chat-note'").await;
    window.press(&format!("It is not all{}", key(Key::Enter))).await;
    window.see_no("#chat-note").await;
    window.go("/chat/1").await;
    window.alive().await;
    window.see("[data-act='down'][aria-pressed='true']").await;
    window.see("[data-act='up'][aria-pressed='false']").await;
    window.assert_quiet().await;
}
