//! A provider that limits, fails, cuts, garbles and falls silent, and then says what it thinks of who asked.

use super::{Peer, app, say};
use crate::clients;
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// Where `cargo xtask test` put it.
#[expect(clippy::disallowed_methods, reason = "the chores' cache is named by the environment")]
fn program() -> PathBuf {
    let cache = std::env::var_os("TODO_CHATBOT_CACHE").map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache/todo-chatbot"));
    let program = cache.or_else(home).unwrap_or_default().join("tools/llmock/bin/llmock");
    assert!(program.is_file(), "{} is needed: `cargo xtask test` installs it", program.display());
    program
}

/// What goes wrong, one message each.
fn faults() -> Vec<Value> {
    let stream = |kind: &str| json!({"type": "stream_fault", "kind": kind, "after_chunks": 2, "stall_seconds": 3});
    vec![
        json!({"type": "fail", "status": 429, "retry_after": 1, "times": 2}),
        json!({"type": "fail", "status": 503, "times": 2}),
        json!({"type": "fail", "status": 400}),
        json!({"type": "fail", "status": 401}),
        stream("truncate"),
        stream("disconnect"),
        stream("malformed"),
        stream("stall"),
        json!({"type": "tool_fault", "kind": "malformed_arguments"}),
        json!({"type": "tool_fault", "kind": "unknown_tool"}),
    ]
}

/// All of it in one protocol, below `path`; then the verdict.
async fn judged(path: &str, settings: impl Fn(&str) -> Vec<(&'static str, String)>) {
    let [port] = clients::ports();
    let mut command = Command::new(program());
    command.args(["serve", "-h", "127.0.0.1", "-p", &port.to_string(), "--response-style", "static"]);
    // Slow enough that it sees whether somebody has stopped listening.
    command.args(["--stream-chunk-delay-ms", "30"]);
    let peer = Peer::start(command, format!("http://127.0.0.1:{port}"), "startup complete").await;
    let mut settings = settings(&format!("{}{path}", peer.url));
    // Less than its silence, before the first word and after.
    settings.extend([("LLM_TIMEOUT_FIRST", "2".into()), ("LLM_TIMEOUT_IDLE", "1".into())]);
    let app = app(&settings).await;
    let ann = app.user("ann").await;
    say(&ann, "list all my tasks").await;
    for (number, fault) in faults().into_iter().enumerate() {
        let text = fault.to_string();
        let mut fault = fault;
        if fault["kind"] != "stall" {
            fault.as_object_mut().expect("an object").remove("stall_seconds");
        }
        peer.post("/_llmock/scenario", json!({"behaviors": [fault]})).await;
        // Each with words of its own: it takes the same question after a failure for another try.
        let reply = say(&ann, &format!("list all my tasks, {number}")).await;
        assert!(reply["response"].as_str().is_some_and(|said| !said.is_empty()), "{text}: {reply}");
    }
    let verdict = peer.get("/_llmock/verdict").await;
    let clean = verdict["errors"] == 0 && verdict["warnings"] == 0 && verdict["passed"] == true;
    assert!(clean && verdict["faults_injected"].as_i64().is_some_and(|n| n >= 10), "{verdict:#}");
}

#[tokio::test]
async fn chat_completions() {
    judged("/v1", |url| vec![("OPENAI_API_KEY", "k".into()), ("OPENAI_BASE_URL", url.into())]).await;
}

#[tokio::test]
async fn responses() {
    judged("/v1", |url| {
        vec![("OPENAI_API_KEY", "k".into()), ("OPENAI_BASE_URL", url.into()), ("LLM_API", "responses".into())]
    })
    .await;
}

#[tokio::test]
async fn messages() {
    judged("/anthropic", |url| vec![("ANTHROPIC_API_KEY", "k".into()), ("ANTHROPIC_BASE_URL", url.into())]).await;
}
