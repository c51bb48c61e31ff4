//! Answers under way when their process is killed or told to stop.

use crate::{
    postgres,
    provider::{Play, Provider, chunks, text},
    running::Home,
};
use reqwest::Method;
use serde_json::{Value, json};

const PARTS: [&str; 4] = ["Hel", "lo ", "the", "re."];
const EVENTS: &str = "/api/me/conversations/1/events";

fn asking(home: Home, provider: &Provider) -> Home {
    provider.settings().iter().fold(home, |home, (name, value)| home.set(name, value))
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_goes_on_where_one_was_killed() {
    let provider = Provider::start(vec![Play::Held(chunks(&PARTS)), text(&["Whole."])]).await;
    let home = asking(Home::postgres(&postgres::fresh().await), &provider);
    let (mut first, second) = (home.start().await, home.start().await);
    let ann = first.person("ann").await;
    let there = ann.at(&second);
    let mut live = ann.listen("/api/me/chat", Some(&json!({"message": "hello"})), None).await;
    provider.release(2);
    live.until("delta").await;
    live.until("delta").await;
    // Somebody at the other process has heard half of it.
    let mut half = there.listen(EVENTS, None, None).await;
    assert_eq!(half.until("delta").await.data["text"], "Hel");
    let seen = half.until("delta").await.id;
    first.kill();
    while live.next().await.is_some() {}
    // Nobody else may answer while the dead one's lease lasts.
    let busy = there.ask(Method::POST, "/api/me/chat", Some(&json!({"conversation_id": 1, "message": "?"}))).await;
    assert_eq!(busy.expect("an answer").expect(409).json()["code"], "turn_running");
    let failed = there.listen(EVENTS, None, Some(&seen)).await.next().await.expect("an event");
    assert_eq!((failed.name.as_str(), &failed.data["problem"]["code"]), ("failed", &json!("interrupted")));
    assert_eq!(half.until("failed").await, failed);
    let whole = there.get("/api/me/conversations/1").await.expect(200).json();
    assert_eq!((&whole["messages"][1]["status"], &whole["run"]), (&json!("interrupted"), &Value::Null));
    assert_eq!(whole["messages"][1]["content"], "Hello ");
    let again = there.post("/api/me/conversations/1/messages/2/retry", json!({})).await.expect(200).json();
    assert_eq!(again["response"], "Whole.");
    let whole = there.get("/api/me/conversations/1").await.expect(200).json();
    assert_eq!(whole["messages"][1]["versions"], json!([2, 3]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_stopped_keeps_what_was_said() {
    let provider = Provider::start(vec![Play::Held(chunks(&PARTS))]).await;
    let home = asking(Home::new(), &provider);
    let server = home.start().await;
    let ann = server.person("ann").await;
    let mut live = ann.listen("/api/me/chat", Some(&json!({"message": "hello"})), None).await;
    provider.release(1);
    live.until("delta").await;
    let mut tab = ann.listen(EVENTS, None, None).await;
    tab.until("delta").await;
    server.terminate();
    for listener in [&mut live, &mut tab] {
        assert_eq!(listener.until("failed").await.data["problem"]["code"], "interrupted");
        assert_eq!(listener.next().await, None);
    }
    provider.left(1).await;
    let (status, log) = server.exit().await;
    assert_eq!(status.code(), Some(0), "{log:#?}");
    assert!(log.iter().all(|line| !line.contains("Hel")), "{log:#?}");
    let again = home.start().await;
    let whole = ann.at(&again).get("/api/me/conversations/1").await.expect(200).json();
    assert_eq!(
        (&whole["messages"][1]["status"], &whole["messages"][1]["content"]),
        (&json!("interrupted"), &json!("Hel"))
    );
}
