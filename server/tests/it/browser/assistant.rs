//! The assistant beside the list: the sentences people try first, what they change at once, and what waits for a click.

use super::{Desk, Window};
use fantoccini::key::Key;

/// Says something, waits for the whole answer and gives its text.
async fn say(window: &Window, text: &str) -> String {
    let before = window.ask("document.querySelectorAll('#transcript .bubble').length").await;
    window.fill("#chat-input", text).await;
    window.press(&char::from(Key::Enter).to_string()).await;
    window
        .until(&format!(
            "document.querySelectorAll('#transcript .bubble').length >= {before} + 2
                && document.querySelector('#chat-send').getAttribute('aria-label') === 'Send'"
        ))
        .await;
    let answer = window.ask("[...document.querySelectorAll('#transcript .bubble')].at(-1).innerText").await;
    answer.as_str().unwrap_or_default().to_owned()
}

/// Waits until the list shows rows whose titles, in any case, hold these words, and no others.
async fn shows(window: &Window, words: &[&str]) {
    let words = serde_json::to_string(words).expect("JSON");
    window
        .until(&format!(
            "(rows => rows.length === {words}.length && {words}.every(w => rows.some(r => r.includes(w))))(
                [...document.querySelectorAll('main [data-task]:not(.done) .row-title')].map(e => e.textContent.toLowerCase()))"
        ))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn does_what_the_examples_say() {
    let desk = Desk::new().await;
    let window = &desk.window;
    desk.sign_up_and_go("/inbox").await;
    window.click("#assistant-open").await;
    window.see("#chat-input").await;

    say(window, "Add a task to buy groceries").await;
    shows(window, &["groceries"]).await;
    say(window, "Every friday remind me to send the report").await;
    shows(window, &["groceries", "report"]).await;
    window.see("main [data-task='2'] .meta[data-kind='repeat']").await;
    say(window, "add walk the dog today, and add water the plants today").await;
    shows(window, &["groceries", "report", "dog", "plants"]).await;

    let all = say(window, "Show me all my tasks").await.to_lowercase();
    assert!(all.contains("groceries") && all.contains("report"), "{all}");
    say(window, "Rename task 3 to call mum").await;
    shows(window, &["groceries", "report", "call mum", "plants"]).await;
    say(window, "Mark task #1 as complete").await;
    shows(window, &["report", "call mum", "plants"]).await;

    // What would harm shows its rows first and happens on a click.
    say(window, "Delete task #2").await;
    window.see("#transcript .tool[data-status='pending']").await;
    shows(window, &["report", "call mum", "plants"]).await;
    window.click("#transcript .tool[data-status='pending'] .approve").await;
    window.see_no("#transcript .tool[data-status='pending']").await;
    shows(window, &["call mum", "plants"]).await;
    say(window, "Undo that").await;
    shows(window, &["report", "call mum", "plants"]).await;

    say(window, "Move everything due today to tomorrow").await;
    window.see("#transcript .tool[data-status='pending']").await;
    window.click("#transcript .tool[data-status='pending'] .approve").await;
    window.see_no("#transcript .tool[data-status='pending']").await;
    window.see_no("main [data-task='3'] .meta.today").await;
    let overdue = say(window, "What is overdue?").await.to_lowercase();
    assert!(!overdue.is_empty() && !overdue.contains("mum"), "{overdue}");
    let plain = say(window, "flurble the grommet").await;
    assert!(!plain.is_empty());

    // Everything said is still there on the page of the conversation.
    window.go("/chat/1").await;
    window.alive().await;
    window.until("document.querySelector('#transcript').innerText.includes('Rename task 3 to call mum')").await;
    window.see("#transcript .tool[data-status='done']").await;
    window.assert_quiet().await;
}
