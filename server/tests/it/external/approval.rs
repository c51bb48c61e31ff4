//! What of other servers' tools is asked about, and that the answer counts wherever it is given.

use super::{
    peer::{Peer, reading, tool},
    say, start,
};
use crate::{
    app::{Client, TestApp},
    provider::{Provider, calls, text},
};
use serde_json::{Value, json};

fn statuses(reply: &Value) -> Vec<&str> {
    reply["tool_calls"].as_array().expect("a list").iter().filter_map(|call| call["status"].as_str()).collect()
}

async fn decide(client: &Client, reply: &Value, decision: Value) -> Value {
    let (id, call) = (&reply["conversation_id"], reply["tool_calls"][0]["id"].as_str().expect("an id"));
    client.post(&format!("/api/me/conversations/{id}/approvals/{call}"), decision).await.expect(200).json()
}

/// A server with a tool that writes, a model that calls it, and who asked for that; with the reply.
async fn asked() -> (Peer, Provider, TestApp, Client, Value) {
    let peer = Peer::start(vec![tool("file_issue", json!({}))]).await;
    let call = || calls(&[("far__file_issue", json!({"city": "Rome", "note": "100% <sure>"}))]);
    let plays = vec![call(), text(&["Filed."]), call(), text(&["Filed again."])];
    let (provider, app) = start(plays, &[("MCP_SERVERS", &peer.settings(json!({})))]).await;
    let ann = app.user("ann").await;
    let reply = say(&ann, None, "file it").await;
    (peer, provider, app, ann, reply)
}

#[tokio::test]
async fn only_what_is_marked_as_reading_goes_unasked() {
    let hints = [
        ("reads", json!({"readOnlyHint": true})),
        ("writes", json!({"readOnlyHint": false, "destructiveHint": false, "idempotentHint": true})),
        ("unmarked", json!({})),
    ];
    for (confirm, expected) in [
        ("destructive", ["done", "pending", "pending"]),
        ("always", ["pending", "pending", "pending"]),
        ("never", ["done", "done", "done"]),
    ] {
        let peer = Peer::start(hints.iter().map(|(name, hints)| tool(name, hints.clone())).collect()).await;
        let made: Vec<(String, Value)> = hints.iter().map(|(name, _)| (format!("far__{name}"), json!({}))).collect();
        let made: Vec<(&str, Value)> =
            made.iter().map(|(name, arguments)| (name.as_str(), arguments.clone())).collect();
        let servers = peer.settings(json!({"confirm": confirm}));
        let (_provider, app) = start(vec![calls(&made), text(&["Done."])], &[("MCP_SERVERS", &servers)]).await;
        let reply = say(&app.user("ann").await, None, "do all of it").await;
        assert_eq!(statuses(&reply), expected, "{confirm}");
        assert_eq!(peer.asked("tools/call").len(), expected.iter().filter(|status| **status == "done").count());
    }
}

#[tokio::test]
async fn what_is_asked_about_is_shown_and_done_once_wherever_it_is_approved() {
    let (peer, provider, app, ann, reply) = asked().await;
    assert_eq!(statuses(&reply), ["pending"]);
    let (call, said) = (&reply["tool_calls"][0], reply["response"].as_str().expect("a text"));
    assert_eq!(call["arguments"], json!({"city": "Rome", "note": "100% <sure>"}));
    assert_eq!((&call["result"]["server"], &call["result"]["title"]), (&json!("far"), &json!("Forecast")));
    assert!(said.contains("Forecast") && said.contains("far") && said.contains("Rome"), "{said}");
    assert_eq!((peer.asked("tools/call").len(), provider.asked().len()), (0, 1));
    // The page shows whose tool it is and the exact arguments, also without script.
    let page = ann.get(&format!("/chat/{}", reply["conversation_id"])).await.expect(200).text;
    assert!(page.contains("far: Forecast") && page.contains("100% &lt;sure&gt;"), "{page}");
    // Other arguments than those that were shown are refused.
    let path =
        format!("/api/me/conversations/{}/approvals/{}", reply["conversation_id"], call["id"].as_str().expect("an id"));
    ann.post(&path, json!({"decision": "allow", "arguments": {"city": "Ostia"}})).await.expect(422);
    // Another process, that has never spoken to the server.
    let second = app.second().await;
    let elsewhere = ann.at(&second);
    let done = decide(&elsewhere, &reply, json!({"decision": "allow"})).await;
    assert_eq!((statuses(&done), &done["response"]), (vec!["done"], &json!("Filed.")));
    assert_eq!(peer.asked("tools/call")[0]["params"]["arguments"], json!({"city": "Rome", "note": "100% <sure>"}));
    ann.post(&path, json!({"decision": "allow"})).await.expect(409);
    assert_eq!(peer.asked("tools/call").len(), 1);
    let id = &reply["conversation_id"];
    let history = ann.get(&format!("/api/me/conversations/{id}")).await.expect(200).json().to_string();
    assert!(history.contains("far__file_issue") && history.contains("\"fine\""), "{history}");
    let file = ann.get(&format!("/api/me/conversations/{id}/export")).await.expect(200);
    assert!(file.text.contains("`far__file_issue` {\"city\":\"Rome\""), "{}", file.text);
}

#[tokio::test]
async fn a_no_is_told_and_nothing_is_called() {
    let (peer, provider, _app, ann, reply) = asked().await;
    let denied = decide(&ann, &reply, json!({"decision": "deny", "reason": "too early"})).await;
    assert_eq!((statuses(&denied), &denied["response"]), (vec!["denied"], &json!("Filed.")));
    assert!(super::results(&provider.asked()[1])[0].contains("too early"));
    assert_eq!(peer.asked("tools/call").len(), 0);
}

#[tokio::test]
async fn always_is_for_that_tool_in_that_conversation() {
    let (peer, _provider, _app, ann, reply) = asked().await;
    decide(&ann, &reply, json!({"decision": "always"})).await;
    let again = say(&ann, reply["conversation_id"].as_i64(), "once more").await;
    assert_eq!((statuses(&again), &again["response"]), (vec!["done"], &json!("Filed again.")));
    assert_eq!(peer.asked("tools/call").len(), 2);
}

#[tokio::test]
async fn a_typed_yes_counts_and_a_server_that_is_gone_is_said() {
    let (peer, provider, _app, ann, reply) = asked().await;
    peer.troubles("tools/call", super::peer::Trouble::Says(500, "text/plain", "secret words".into()));
    let reply = say(&ann, reply["conversation_id"].as_i64(), "yes").await;
    assert_eq!(statuses(&reply), ["failed"]);
    let told = super::results(&provider.asked()[1])[0].to_owned();
    assert!(told.contains("“far”") && told.contains("not known whether this was done"), "{told}");
    assert!(!told.contains("secret words"), "{told}");
}

#[tokio::test]
async fn a_token_that_only_reads_calls_no_other_server() {
    let peer = Peer::start(vec![reading("forecast")]).await;
    let plays = vec![calls(&[("far__forecast", json!({"city": "Rome"}))]), text(&["No."])];
    let (_provider, app) = start(plays, &[("MCP_SERVERS", &peer.settings(json!({})))]).await;
    let ann = app.user("ann").await;
    let token = ann.post("/api/me/tokens", json!({"name": "reader", "scopes": ["read", "chat"]})).await;
    let token = token.expect(201).json()["token"].as_str().expect("a token").to_owned();
    let reader = app.anonymous().with("authorization", &format!("Bearer {token}"));
    let reply = say(&reader, None, "what is the weather?").await;
    assert_eq!((statuses(&reply), peer.asked("tools/call").len()), (vec!["failed"], 0));
}
