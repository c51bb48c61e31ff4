//! Without a pointer.

use super::Desk;
use fantoccini::key::Key;

const FOCUSED_ROW: &str = "document.activeElement.closest('main [data-task]')?.dataset.task";

#[tokio::test(flavor = "multi_thread")]
async fn everything_has_a_key() {
    let desk = Desk::new().await;
    let window = &desk.window;
    desk.sign_up_and_go("/inbox").await;
    let (enter, escape) = (char::from(Key::Enter).to_string(), char::from(Key::Escape).to_string());
    let undo = format!("{}z{}", char::from(Key::Control), char::from(Key::Null));

    window.press("q").await;
    window.until("document.activeElement.id === 'quick-add'").await;
    for title in ["One", "Two", "Three"] {
        window.press(title).await;
        window.press(&enter).await;
    }
    window.lists(&["One", "Two", "Three"]).await;
    window.press(&escape).await;
    window.until("document.activeElement.id !== 'quick-add'").await;

    window.press("j").await;
    window.until(&format!("{FOCUSED_ROW} === '1'")).await;
    window.press("j").await;
    window.until(&format!("{FOCUSED_ROW} === '2'")).await;
    window.press("k").await;
    window.until(&format!("{FOCUSED_ROW} === '1'")).await;

    window.press("c").await;
    window.until("document.querySelector('#toasts .toast:last-child').innerText.includes('Completed')").await;
    window.until("document.querySelector(\"main [data-task='1']:not(.done)\") === null").await;
    // The focus has a place to be.
    window.until(&format!("{FOCUSED_ROW} !== undefined")).await;
    window.press(&undo).await;
    window.see("main [data-task='1']:not(.done)").await;
    window.lists(&["One", "Two", "Three"]).await;

    window.until(&format!("{FOCUSED_ROW} !== undefined")).await;
    let before = window.ask(FOCUSED_ROW).await;
    window.press("?").await;
    window.see("dialog#dialog[open]").await;
    window.press(&escape).await;
    window.see_no("dialog#dialog[open]").await;
    window.until(&format!("{FOCUSED_ROW} === {before}")).await;

    // Open, rename, close: the focus comes back to the row.
    window.press(&enter).await;
    window.see("#detail #task-title").await;
    window.press(&escape).await;
    window.see_no("#detail").await;
    window.until(&format!("{FOCUSED_ROW} === {before}")).await;

    window.press("gt").await;
    window.see(".view[data-place='/today']").await;
    window.press("/").await;
    window.until("document.activeElement.id === 'search'").await;
    window.press("Two").await;
    window.lists(&["Two"]).await;
    window.assert_quiet().await;
}
