//! With everything on: what somebody does in the first minutes, and two windows at once.

use super::Desk;
use fantoccini::key::Key;

fn enter() -> String {
    char::from(Key::Enter).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn adds_completes_undoes_edits_and_finds() {
    let desk = Desk::new().await;
    let window = &desk.window;
    desk.sign_up_and_go("/inbox").await;
    window.see("main .empty").await;

    // What is understood shows before it is stored.
    window.fill("#quick-add", "Buy milk tomorrow p1 @shop").await;
    for kind in ["due", "priority", "label"] {
        window.see(&format!("#quick-add-understood .chip[data-kind='{kind}']")).await;
    }
    window.press(&enter()).await;
    window.lists(&["Buy milk"]).await;
    window.see("main [data-task='1'][data-priority='high'] .meta[data-kind='due']").await;
    window.see("main [data-task='1'] .meta[data-kind='label']").await;
    window.until("document.querySelector('#quick-add').value === ''").await;

    window.click("main [data-task='1'] .tick").await;
    window.see("main [data-task='1'].done, main .empty").await;
    window.until("document.querySelector('#toasts .toast:last-child').innerText.includes('Completed')").await;
    window.click("#toasts .toast:last-child .toast-undo").await;
    window.see("main [data-task='1']:not(.done) .tick[aria-checked='false']").await;

    window.click("main [data-task='1'] .row-main").await;
    window.fill("#task-title", "Buy oat milk").await;
    window.fill("#task-notes", "The blue one").await;
    window.click("#close-task").await;
    window.lists(&["Buy oat milk"]).await;
    window.see_no("#detail").await;

    window.fill("#quick-add", "Something else").await;
    window.press(&enter()).await;
    window.lists(&["Buy oat milk", "Something else"]).await;
    window.fill("#search", "blue").await;
    window.lists(&["Buy oat milk"]).await;
    assert_eq!(window.path().await, "/search");

    // All of it was stored, not only shown.
    window.go("/inbox").await;
    window.alive().await;
    window.lists(&["Buy oat milk", "Something else"]).await;
    window.hover("main [data-task='1'] .row-title").await;
    window.click("main [data-task='1'] .delete").await;
    window.lists(&["Something else"]).await;
    window.assert_quiet().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sees_what_another_window_does() {
    let desk = Desk::new().await;
    let window = &desk.window;
    desk.sign_up_and_go("/inbox").await;
    window.ask("window.notReloaded = true").await;
    let first = window.second().await;
    window.go("/inbox").await;
    window.alive().await;
    window.fill("#quick-add", "From the other window").await;
    window.press(&enter()).await;
    window.lists(&["From the other window"]).await;

    window.look_at(first).await;
    window.lists(&["From the other window"]).await;
    window.click("main [data-task='1'] .tick").await;
    window.see("main .empty").await;
    assert_eq!(window.ask("window.notReloaded === true").await, true);
    window.assert_quiet().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn is_told_when_the_server_refuses() {
    let desk = Desk::new().await;
    let window = &desk.window;
    desk.sign_up_and_go("/inbox").await;
    window.fill("#quick-add", &format!("{}!", "long ".repeat(110))).await;
    window.see("#quick-add-understood .form-error").await;
    window.assert_quiet().await;
    drop(desk.server);
    window.fill("#quick-add", "Not to be lost").await;
    window.press(&enter()).await;
    window.see("#toasts .toast.bad, .offline").await;
    // What could not be stored comes back into the box.
    window.until("document.querySelector('#quick-add').value === 'Not to be lost'").await;
    window.lists(&[]).await;
}
