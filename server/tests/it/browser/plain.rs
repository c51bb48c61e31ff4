//! With scripting off: everything that matters goes by links and forms.

use super::{Desk, Kind};

#[tokio::test(flavor = "multi_thread")]
async fn works_without_scripting() {
    let desk = Desk::with(Kind::NoScript).await;
    let window = &desk.window;
    desk.sign_up().await;
    window.go("/inbox").await;
    window.fill("#quick-add", "Water the plants p2").await;
    window.click(".add-button").await;
    window.see("main [data-task='1'][data-priority='medium']").await;
    window.see_no("html[data-ready]").await;
    window.fill("#quick-add", "Feed the cat").await;
    window.click(".add-button").await;
    window.lists(&["Water the plants", "Feed the cat"]).await;

    window.click("main [data-task='1'] .tick").await;
    window.lists(&["Feed the cat"]).await;
    window.go("/completed").await;
    window.lists(&["Water the plants"]).await;

    window.go("/inbox").await;
    window.click("main [data-task='2'] .delete").await;
    window.lists(&[]).await;
    window.go("/trash").await;
    window.lists(&["Feed the cat"]).await;
    window.click("main [data-task='2'] .restore").await;
    window.lists(&[]).await;
    window.go("/inbox").await;
    window.lists(&["Feed the cat"]).await;

    window.click("main [data-task='2'] .row-main").await;
    window.fill("#task-title", "Feed both cats").await;
    window.click("#task-form button:not(.danger)").await;
    window.go("/search?q=cats").await;
    window.lists(&["Feed both cats"]).await;

    window.click("#sign-out").await;
    window.see("a[href^='/sign-in'], form[action='/sign-in']").await;
    window.go("/inbox").await;
    assert_eq!(window.path().await, "/sign-in");
    window.fill("#email", "ann@example.org").await;
    window.fill("#password", "correct hearse").await;
    window.click("form button.primary").await;
    let error = window.see("#form-error").await.text().await.expect("a text");
    assert!(!error.is_empty());
    window.fill("#email", "ann@example.org").await;
    window.fill("#password", "correct horse").await;
    window.click("form button.primary").await;
    // Back where the visitor wanted to go.
    window.see(".view[data-place='/inbox']").await;
    window.assert_quiet().await;
}
