//! Every protocol and provider through the whole loop: no call, one, two side by side, three rounds, broken JSON, a tool
//! that does not exist, calls without end, a change the person refuses.

use super::{Peer, app, done, say};
use crate::clients;
use serde_json::{Value, json};
use std::process::Command;

fn call(id: &str, tool: &str, arguments: &str) -> Value {
    json!({"id": id, "name": tool, "arguments": arguments})
}

/// What is played; the first that fits.
fn fixtures() -> Value {
    let after = |id: &str, response: Value| json!({"match": {"toolCallId": id}, "response": response});
    let to = |message: &str, response: Value| json!({"match": {"userMessage": message, "hasToolResult": false}, "response": response});
    json!({"fixtures": [
        // A decision: what the person said about it is in the result.
        {"match": {"toolResultContains": "it is still needed"}, "response": {"content": "Kept it."}},
        after("call_one", json!({"content": "Added milk."})),
        after("call_two_b", json!({"content": "Added both."})),
        after("call_r1", json!({"toolCalls": [call("call_r2", "get_task", "{\"task_id\": 1}")]})),
        after("call_r2", json!({"toolCalls": [call("call_r3", "list_labels", "{}")]})),
        after("call_r3", json!({"content": "Three rounds."})),
        after("call_bad", json!({"content": "I see."})),
        after("call_fly", json!({"content": "I cannot fly."})),
        {"match": {"userMessage": "for ever"}, "response": {"content": "Again. ", "toolCalls": [call("call_loop", "list_tasks", "{}")]}},
        to("add milk", json!({"toolCalls": [call("call_one", "add_task", "{\"title\": \"Milk\"}")]})),
        to("add two", json!({"content": "Adding. ", "toolCalls": [
            call("call_two_a", "add_task", "{\"title\": \"Bread\"}"), call("call_two_b", "add_task", "{\"title\": \"Butter\"}")]})),
        to("three rounds", json!({"toolCalls": [call("call_r1", "list_tasks", "{\"limit\": 1}")]})),
        to("broken", json!({"toolCalls": [call("call_bad", "list_tasks", "{\"limit\": ")]})),
        to("fly", json!({"toolCalls": [call("call_fly", "fly_to_the_moon", "{}")]})),
        to("delete the milk", json!({"content": "Deleting.", "toolCalls": [call("call_gone", "delete_task", "{\"task_id\": 1}")]})),
        {"match": {}, "response": {"content": "Hello there."}},
    ]})
}

async fn start() -> (Peer, tempfile::TempDir) {
    let (modules, _) = clients::from_environment();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("fixtures.json");
    std::fs::write(&file, fixtures().to_string()).expect("written");
    let [port] = clients::ports();
    let mut command = Command::new("node");
    command.arg(modules.join("@copilotkit/aimock/dist/cli.js")).args(["-p", &port.to_string(), "-h", "127.0.0.1"]);
    command.arg("-f").arg(&file);
    (Peer::start(command, format!("http://127.0.0.1:{port}"), "listening on").await, folder)
}

/// The whole list of cases against one provider, whose requests arrive below `path`.
async fn plays(path: &str, settings: impl Fn(&str) -> Vec<(&'static str, String)>) {
    let (peer, _folder) = start().await;
    let app = app(&settings(&peer.url)).await;
    let ann = app.user("ann").await;
    let answer = |reply: &Value| reply["response"].as_str().expect("a text").to_owned();

    assert_eq!(answer(&say(&ann, "good morning to you").await), "Hello there.");
    let one = say(&ann, "please add milk").await;
    assert_eq!((answer(&one), done(&one)), ("Added milk.".into(), vec![("add_task", "done")]));
    let two = say(&ann, "please add two things").await;
    assert_eq!((answer(&two), done(&two).len()), ("Adding. \n\nAdded both.".into(), 2));
    assert_eq!(ann.titles("").await, ["Milk", "Bread", "Butter"]);
    let three = say(&ann, "take three rounds").await;
    assert_eq!(answer(&three), "Three rounds.");
    assert_eq!(done(&three), [("list_tasks", "done"), ("get_task", "done"), ("list_labels", "done")]);
    assert_eq!(answer(&say(&ann, "something broken").await), "I see.");
    let fly = say(&ann, "fly to the moon").await;
    assert_eq!((answer(&fly), done(&fly)), ("I cannot fly.".into(), vec![]));
    let endless = say(&ann, "go on for ever").await;
    assert!(answer(&endless).starts_with("Again.") && done(&endless).len() <= 8, "{endless}");

    let asked = say(&ann, "delete the milk").await;
    assert_eq!(done(&asked), [("delete_task", "pending")]);
    assert!(answer(&asked).starts_with("Deleting.") && answer(&asked).contains("Delete #1"), "{asked}");
    let (id, call) = (&asked["conversation_id"], asked["tool_calls"][0]["id"].as_str().expect("an id"));
    let denial = json!({"decision": "deny", "reason": "it is still needed"});
    let denied = ann.post(&format!("/api/me/conversations/{id}/approvals/{call}"), denial).await.expect(200).json();
    assert_eq!((answer(&denied), done(&denied)), ("Kept it.".into(), vec![("delete_task", "denied")]));
    assert_eq!(ann.titles("").await.len(), 3);

    let journal = peer.get("/__aimock/journal").await;
    let requests = journal.as_array().or_else(|| journal["entries"].as_array()).expect("a list");
    let paths: Vec<&str> = requests.iter().filter_map(|r| r["path"].as_str()).collect();
    // 1 + 2 + 2 + 4 + 2 + 2 answers, at most 8 without end, and 2 around the refusal.
    assert!((16..=23).contains(&paths.len()) && paths.iter().all(|p| p.starts_with(path)), "{paths:?}");
}

#[tokio::test]
async fn chat_completions_of_openai() {
    plays("/v1/chat/completions", |url| vec![("OPENAI_API_KEY", "k".into()), ("OPENAI_BASE_URL", format!("{url}/v1"))])
        .await;
}

#[tokio::test]
async fn responses_of_openai() {
    plays("/v1/responses", |url| {
        vec![("OPENAI_API_KEY", "k".into()), ("OPENAI_BASE_URL", format!("{url}/v1/")), ("LLM_API", "responses".into())]
    })
    .await;
}

#[tokio::test]
async fn messages_of_anthropic() {
    plays("/v1/messages", |url| vec![("ANTHROPIC_API_KEY", "k".into()), ("ANTHROPIC_BASE_URL", url.into())]).await;
}

fn azure(url: &str) -> Vec<(&'static str, String)> {
    vec![
        ("LLM_PROVIDER", "azure".into()),
        ("AZURE_OPENAI_API_KEY", "k".into()),
        ("AZURE_OPENAI_ENDPOINT", url.into()),
        ("AZURE_OPENAI_DEPLOYMENT", "mine".into()),
    ]
}

#[tokio::test]
async fn azure_without_a_version() {
    plays("/openai/v1/chat/completions", azure).await;
}

#[tokio::test]
async fn azure_with_a_version() {
    let path = "/openai/deployments/mine/chat/completions?api-version=2024-10-21";
    plays(path, |url| [azure(url), vec![("AZURE_OPENAI_API_VERSION", "2024-10-21".into())]].concat()).await;
}

#[tokio::test]
async fn gemini_as_openai() {
    plays("/v1beta/openai/chat/completions", |url| {
        vec![("GEMINI_API_KEY", "k".into()), ("GEMINI_BASE_URL", format!("{url}/v1beta/openai"))]
    })
    .await;
}

#[tokio::test]
async fn a_local_server() {
    plays("/v1/chat/completions", |url| vec![("LOCAL_LLM_URL", format!("{url}/v1")), ("LOCAL_LLM_MODEL", "m".into())])
        .await;
}
