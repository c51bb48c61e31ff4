//! `todo-chatbot mcp` as a process: nothing but the protocol on its output, and only the named person's tasks.

use super::{LEGACY, MODERN};
use crate::running::Home;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn legacy(calls: &[Value]) -> Vec<Value> {
    let hello =
        json!({"protocolVersion": LEGACY[2], "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}});
    let mut all = vec![
        json!({"jsonrpc": "2.0", "id": "hello", "method": "initialize", "params": hello}),
        json!({"jsonrpc": "2.0", "method": "notifications/initialized"}),
    ];
    all.extend(calls.iter().cloned());
    all
}

fn modern(calls: &[Value]) -> Vec<Value> {
    let meta =
        json!({"io.modelcontextprotocol/protocolVersion": MODERN, "io.modelcontextprotocol/clientCapabilities": {}});
    let mut all = vec![json!({"jsonrpc": "2.0", "id": "hello", "method": "server/discover", "params": {}})];
    all.extend(calls.iter().cloned());
    for message in &mut all {
        message["params"]["_meta"] = meta.clone();
    }
    all
}

fn call(id: i64, name: &str, arguments: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": name, "arguments": arguments}})
}

/// Sends the messages, closes the input, and answers what came back by its id.
async fn talk(home: &Home, args: &[&str], messages: &[Value]) -> BTreeMap<String, Value> {
    let lines: String = messages.iter().map(|message| format!("{message}\n")).collect();
    let output = home.run_with(args, &lines).await;
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    said.lines()
        .map(|line| {
            let message: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
            assert!(message.get("error").is_none(), "{message}");
            (message["id"].to_string(), message["result"].clone())
        })
        .collect()
}

#[tokio::test]
async fn a_local_person_in_both_eras() {
    let home = Home::new();
    let server = home.start().await;
    let (ann, bob) = (server.person("ann").await, server.person("bob").await);
    bob.post("/api/me/tasks", json!({"title": "Not hers"})).await.expect(201);
    let args = ["mcp", "--user", "Ann@example.org"];
    let begins: [(fn(&[Value]) -> Vec<Value>, &str); 2] = [(legacy, "By handshake"), (modern, "Without one")];
    for (begin, title) in begins {
        let answers = talk(&home, &args, &begin(&[call(1, "add_task", json!({"title": title}))])).await;
        assert_eq!(answers["1"]["structuredContent"]["title"], title);
        let listed = talk(&home, &args, &begin(&[call(2, "list_tasks", json!({}))])).await;
        assert!(listed["2"].to_string().contains(title) && !listed["2"].to_string().contains("Not hers"));
    }
    assert_eq!(ann.tasks().await.len(), 2);
    // The person's API token does the same, for what it may.
    let made = ann.post("/api/me/tokens", json!({"name": "reads", "scopes": ["read"]})).await.expect(201).json();
    let with_token = home.set("TODO_CHATBOT_TOKEN", made["token"].as_str().expect("a token"));
    let answers = talk(
        &with_token,
        &["mcp"],
        &legacy(&[call(1, "list_tasks", json!({})), call(2, "add_task", json!({"title": "No"}))]),
    )
    .await;
    assert_eq!(answers["1"]["structuredContent"]["count"], 2);
    assert_eq!(answers["2"]["isError"], true);
}

#[tokio::test]
async fn who_it_is_for_is_said_before_anything() {
    let home = Home::new();
    let server = home.start().await;
    server.person("ann").await;
    for (args, part) in [
        (&["mcp"][..], "Name a person with --user ADDRESS, or set TODO_CHATBOT_TOKEN"),
        (&["mcp", "--user", "nobody@example.org"], "nobody@example.org"),
    ] {
        let output = home.run_with(args, "").await;
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && output.stdout.is_empty() && said.contains(part), "{said}");
    }
    // A client that goes away before it says anything is no failure.
    let output = home.run_with(&["mcp", "--user", "ann@example.org"], "").await;
    assert!(output.status.success() && output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}
