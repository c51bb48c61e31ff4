//! What would harm waits for the person: all of it, a part of it, always, or not at all.

use super::{Desk, reads, rests, send};
use serde_json::json;

/// Somebody with three tasks due today, in an empty conversation.
async fn busy_day() -> Desk {
    let desk = Desk::new().await;
    let ann = desk.server.person("ann").await;
    for title in ["Pay rent", "Call mum", "Buy milk"] {
        ann.post("/api/me/quick-add", json!({ "text": format!("{title} today") })).await.expect(201);
    }
    desk.sign_in_and_go("/chat").await;
    desk
}

#[tokio::test(flavor = "multi_thread")]
async fn some_of_the_rows_are_approved_and_undone() {
    let desk = busy_day().await;
    let window = &desk.window;
    send(window, "Move everything due today to tomorrow").await;
    window.see(".tool[data-status='pending'] .approve:enabled").await;
    window.until("document.querySelectorAll('.tool[data-status=pending] input[type=checkbox]').length === 3").await;
    window.click(".tool[data-status='pending'] input[value='2']").await;
    window.click(".tool[data-status='pending'] .approve").await;
    window.see(".tool[data-status='done']").await;
    rests(window).await;
    let due = "fetch('/api/me/tasks').then(r => r.json()).then(t => done(t.filter(t => t.due > window.day).map(t => t.id).sort()))";
    window.ask("window.day = new Date().toISOString().slice(0, 10)").await;
    assert_eq!(window.ask_later(due).await, json!([1, 3]));

    window.click(".tool[data-status='done'] .tool-undo").await;
    window.see(".tool[data-status='undone']").await;
    assert_eq!(window.ask_later(due).await, json!([]));
    // A task's chip leads to the task.
    window.click(".tool[data-status='undone'] .task-chip[data-of='1']").await;
    window.until("location.pathname === '/task/1'").await;
    window.assert_quiet().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_approved_can_be_edited_first() {
    let desk = busy_day().await;
    let window = &desk.window;
    send(window, "Move everything due today to tomorrow").await;
    window.see(".tool[data-status='pending'] .approve:enabled").await;
    rests(window).await;
    window.click(".tool[data-status='pending'] .approval-edit summary").await;
    window.see(".approval-edit [name='edit.due'][type='date']").await;
    // A day is typed as the browser's own language writes it.
    window.ask("document.querySelector('.approval-edit [name=\"edit.due\"]').value = '2031-05-01'").await;
    window.click(".tool[data-status='pending'] .approve").await;
    window.see(".tool[data-status='done']").await;
    rests(window).await;
    let due = "fetch('/api/me/tasks').then(r => r.json()).then(t => done(t.map(t => t.due)))";
    assert_eq!(window.ask_later(due).await, json!(["2031-05-01", "2031-05-01", "2031-05-01"]));
    window.assert_quiet().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_is_said_where_it_was_edited() {
    let desk = busy_day().await;
    let window = &desk.window;
    send(window, "Move everything due today to tomorrow").await;
    window.see(".tool[data-status='pending'] .approve:enabled").await;
    rests(window).await;
    window.click(".tool[data-status='pending'] .approval-edit summary").await;
    let write = |text: &str| {
        let made = format!("{{ type: 'text', value: '{text}' }}");
        format!("Object.assign(document.querySelector('[name=\"edit.due\"]'), {made}).value")
    };
    window.ask(&write("some day perhaps")).await;
    window.click(".tool[data-status='pending'] .approve").await;
    window.until("document.querySelector('.approval .field-error')?.textContent.includes('due')").await;
    rests(window).await;
    window.until("document.querySelector('[name=\"edit.due\"]').value === 'some day perhaps'").await;
    window.until("!document.querySelector('.chat-failed')").await;
    window.ask(&write("2031-05-01")).await;
    window.click(".tool[data-status='pending'] .approve:enabled").await;
    window.see(".tool[data-status='done']").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_with_a_reason_and_always() {
    let desk = busy_day().await;
    let window = &desk.window;
    send(window, "Delete task #1").await;
    window.see(".tool[data-status='pending'] .deny:enabled").await;
    window.fill(".tool[data-status='pending'] .reason", "not before friday").await;
    window.click(".tool[data-status='pending'] .deny").await;
    window.see(".tool[data-status='denied']").await;
    reads(window, "not before friday").await;
    rests(window).await;

    send(window, "Delete task #2").await;
    window.click(".tool[data-status='pending'] .always:enabled").await;
    window.see(".tool[data-status='done']").await;
    rests(window).await;
    send(window, "Delete task #3").await;
    window.until("document.querySelectorAll('.tool[data-status=done]').length === 2").await;
    let left = window.ask_later("fetch('/api/me/tasks').then(r => r.json()).then(t => done(t.map(t => t.id)))").await;
    assert_eq!(left, json!([1]));
    window.assert_quiet().await;
}
