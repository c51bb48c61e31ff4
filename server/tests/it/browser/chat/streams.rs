//! An answer belongs to the server: the page may be loaded again, looked at twice, or stop it.

use super::{Desk, answers, key, reads, rests, send, talking};
use crate::provider::{Play, chunks, text};
use fantoccini::key::Key;

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_outlives_the_page() {
    let (provider, desk) = talking(vec![Play::Held(chunks(&["One ", "two ", "three."]))]).await;
    let window = &desk.window;
    send(window, "Count to three").await;
    provider.release(1);
    reads(window, "One").await;
    window.until("location.pathname === '/chat/1'").await;

    window.go("/chat/1").await;
    window.alive().await;
    reads(window, "One").await;
    window.see("#chat-send[aria-label='Stop']").await;
    provider.release(1);
    reads(window, "One two").await;
    provider.release(8);
    reads(window, "One two three.").await;
    rests(window).await;
    assert_eq!((answers(window).await, provider.asked().len()), (Some(1), 1));

    // In the panel it is the same.
    window.go("/today").await;
    window.alive().await;
    window.click("#assistant-open").await;
    window.see("#chat-input").await;
    window.go("/inbox").await;
    window.alive().await;
    window.see("#assistant #chat-input").await;
    window.assert_quiet().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_window_watches_and_stops() {
    let (provider, desk) =
        talking(vec![text(&["Hello."]), Play::Held(chunks(&["A long ", "story ", "without an end"]))]).await;
    let window = &desk.window;
    send(window, "Hello").await;
    reads(window, "Hello.").await;
    rests(window).await;
    let first = window.second().await;
    window.go("/chat/1").await;
    window.alive().await;
    reads(window, "Hello.").await;
    let second = window.look_back(first).await;

    send(window, "Tell me a story").await;
    provider.release(2);
    reads(window, "A long story").await;
    let first = window.look_back(second).await;
    reads(window, "Tell me a story").await;
    reads(window, "A long story").await;
    window.click("#chat-send[aria-label='Stop']").await;
    // Whoever pays for the model pays no longer.
    provider.left(1).await;
    reads(window, "You stopped this answer.").await;
    window.look_back(first).await;
    reads(window, "You stopped this answer.").await;
    reads(window, "A long story").await;
    rests(window).await;
    window.assert_quiet().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_answer_is_another_version() {
    let (provider, desk) = talking(vec![Play::Held(chunks(&["Half of ", "it"])), text(&["Something better."])]).await;
    let window = &desk.window;
    send(window, "Tell me something").await;
    provider.release(1);
    reads(window, "Half of").await;
    window.press(&key(Key::Escape)).await;
    reads(window, "You stopped this answer.").await;
    rests(window).await;
    window.click(".bubble:not(.mine) [data-act='retry']").await;
    reads(window, "Something better.").await;
    reads(window, "2/2").await;
    assert_eq!(answers(window).await, Some(1));

    window.click(".bubble:not(.mine) [aria-label='Earlier version']").await;
    reads(window, "Half of").await;
    reads(window, "1/2").await;
    window.click(".bubble:not(.mine) [aria-label='Later version']").await;
    reads(window, "Something better.").await;
    window.assert_quiet().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_said_differently() {
    let (provider, desk) = talking(vec![text(&["First answer."]), text(&["Second answer."])]).await;
    let window = &desk.window;
    send(window, "First question").await;
    reads(window, "First answer.").await;
    rests(window).await;
    // By keys alone: up takes the last message, Escape leaves it.
    window.press(&key(Key::Up)).await;
    window.until("document.querySelector('#chat-input').value === 'First question'").await;
    window.press(&key(Key::Escape)).await;
    window.until("document.querySelector('#chat-input').value === ''").await;
    window.press(&key(Key::Up)).await;
    window.see(".bubble.mine.editing").await;
    send(window, "Second question").await;
    reads(window, "Second answer.").await;
    reads(window, "2/2").await;
    window.until("!document.querySelector('#transcript').innerText.includes('First')").await;
    let asked = provider.asked();
    assert!(!asked[1]["messages"].to_string().contains("First question"), "{asked:?}");

    window.click(".bubble.mine [aria-label='Earlier version']").await;
    reads(window, "First answer.").await;
    window.until("!document.querySelector('#transcript').innerText.includes('Second')").await;
    window.assert_quiet().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_and_mentions_by_keys_only() {
    let desk = Desk::new().await;
    let window = &desk.window;
    desk.sign_up_and_go("/inbox").await;
    window.fill("#quick-add", "Water the \"old\" plants").await;
    window.press(&key(Key::Enter)).await;
    window.see("main [data-task='1']").await;
    window.press(&key(Key::Escape)).await;
    window.press("a").await;
    window.until("document.activeElement.id === 'chat-input'").await;

    window.press("/").await;
    window.until("document.querySelectorAll('#offers .choice').length > 5").await;
    window.press("ove").await;
    window.until("document.querySelector('#offers').innerText.includes('/overdue')").await;
    window.press(&key(Key::Enter)).await;
    reads(window, "What is overdue?").await;
    rests(window).await;

    window.press("Complete @plan").await;
    window.until("document.querySelector('#offers').innerText.includes('plants')").await;
    window.press(&key(Key::Tab)).await;
    window.until("document.querySelector('#chat-input').value.startsWith('Complete #1 \"')").await;
    window.press(&key(Key::Escape)).await;
    window.see_no("#assistant").await;
    window.assert_quiet().await;
}
