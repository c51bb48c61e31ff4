//! The log and the errors of the real process while a model's provider misbehaves: it repeats what it was sent.

use crate::{
    provider::{Play, Provider, text},
    running::Home,
};
use serde_json::json;

/// What the person says; nobody who reads the log may learn it.
const SAID: &str = "Whisper-of-the-person";
/// A key of no known shape.
const KEY: &str = "hunter2.Zq81-secretsecret";

#[tokio::test(flavor = "multi_thread")]
async fn neither_words_nor_keys_get_out() {
    let echo = |status| {
        let message = format!("Incorrect API key provided: {KEY}. You sent: {SAID}");
        Play::Refuse(
            status,
            json!({"error": {"message": message, "type": "invalid_request_error", "param": SAID, "code": "bad"}}),
        )
    };
    let error = json!({"error": {"message": format!("{KEY} and {SAID}"), "code": 500}});
    let provider = Provider::start(vec![
        echo(401),
        echo(400),
        Play::Chunks(vec![error]),
        Play::Raw("data: {\"choices\": [{\"delta\": {\"content\": \"hunter2.Zq81-secretsecret Whisper\n\n"),
        text(&["Hello ", SAID]),
    ])
    .await;
    let mut home = Home::new();
    for (name, value) in provider.settings() {
        home = home.set(name, &value);
    }
    let server =
        home.set("OPENAI_API_KEY", KEY).set("LOG_LEVEL", "info").set("METRICS_ADDR", "127.0.0.1:0").start().await;
    let ann = server.person("ann").await;
    let mut answers = String::new();
    for _ in 0..5 {
        let answer = ann.post("/api/me/chat", json!({ "message": SAID })).await;
        answers.push_str(&answer.text);
    }
    let list = ann.get("/api/me/conversations").await.expect(200).json();
    for conversation in list.as_array().expect("a list") {
        let id = &conversation["id"];
        answers.push_str(&ann.get(&format!("/api/me/conversations/{id}")).await.expect(200).text);
    }
    assert!(answers.contains(SAID), "the person may read what they said");
    assert!(!answers.contains(KEY), "the key is in an answer: {answers}");
    assert!(!server.operator().await.get("/metrics").await.text.contains(SAID));
    server.terminate();
    let (_, lines) = server.exit().await;
    assert!(lines.len() > 1, "a log: {lines:?}");
    for line in &lines {
        for secret in [SAID, KEY, "hunter2", "Whisper"] {
            assert!(!line.contains(secret), "{secret:?} is in the log: {line}");
        }
    }
}
