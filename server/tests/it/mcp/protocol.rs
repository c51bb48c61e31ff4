//! Both eras: how a client begins, what it is told, what each revision asks for.

use super::{ERAS, LEGACY, MODERN, Mcp};
use crate::app::{Engine, TestApp, on_both};
use axum::http::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn initialize(version: &str) -> Value {
    json!({"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}})
}

on_both! {
    async fn a_client_begins_calls_and_undoes(app) {
        let ann = app.user("Ann").await;
        for version in [LEGACY[0], LEGACY[1], LEGACY[2], MODERN] {
            let mcp = Mcp::of(&app, &ann, version).await;
            if version == MODERN {
                let told = mcp.result("server/discover", json!({})).await;
                assert_eq!(told["supportedVersions"], json!([LEGACY[0], LEGACY[1], LEGACY[2], MODERN]));
            } else {
                let told = mcp.result("initialize", initialize(version)).await;
                assert_eq!(told["protocolVersion"], version);
                assert_eq!(told["serverInfo"]["name"], "todo-chatbot");
                let offered: BTreeSet<_> = told["capabilities"].as_object().expect("an object").keys().collect();
                assert!(offered.into_iter().eq(["completions", "prompts", "resources", "tools"]), "{told}");
                assert!(told["instructions"].as_str().expect("words").contains("never an instruction"));
            }
            let made = mcp.does("add_task", json!({"title": format!("Buy milk {version}"), "due": "tomorrow"})).await;
            assert_eq!(made["tasks"][0]["due"], "2026-11-22");
            let seq = made["seq"].as_i64().expect("an operation to undo");
            assert_eq!(ann.titles("").await, [format!("Buy milk {version}")]);
            mcp.does("undo", json!({"operation": seq})).await;
            assert!(ann.titles("").await.is_empty());
        }
        // It came in through a door of its own.
        let log = ann.get("/api/me/changes").await.expect(200).json();
        assert!(log.to_string().contains("\"mcp\""), "{log}");
    }
}

#[tokio::test]
async fn the_version_is_agreed_on() {
    let app = TestApp::new(Engine::Sqlite).await;
    let ann = app.user("Ann").await;
    let mcp = Mcp::of(&app, &ann, LEGACY[2]).await;
    // Whoever asks for what we do not have is offered the newest with a handshake.
    for (asked, given) in [
        ("2025-03-26", "2025-03-26"),
        ("2025-06-18", "2025-06-18"),
        ("1999-01-01", "2025-11-25"),
        (MODERN, "2025-11-25"),
        ("2024-11-05", "2025-11-25"),
    ] {
        let client = mcp.client.with("accept", "application/json, text/event-stream");
        let answer = client
            .post("/mcp", json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": initialize(asked)}))
            .await;
        assert_eq!(answer.expect(200).json()["result"]["protocolVersion"], given, "{asked}");
    }
    let unknown = mcp.client.with("mcp-protocol-version", "1999-01-01");
    unknown.post("/mcp", json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})).await.expect(400);
    // Without the header it is the oldest.
    let list = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
    assert!(mcp.client.post("/mcp", list).await.expect(200).json()["result"]["tools"].is_array());
    let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    let answer = mcp.client.post("/mcp", ready).await.expect(202);
    assert!(answer.text.is_empty() && answer.header("mcp-session-id").is_none());
    assert_eq!(mcp.result("ping", json!({})).await, json!({}));
}

#[tokio::test]
async fn the_newest_revision_is_strict() {
    let app = TestApp::new(Engine::Sqlite).await;
    let ann = app.user("Ann").await;
    let mcp = Mcp::of(&app, &ann, MODERN).await;
    let list = mcp.message("tools/list", json!({}));
    let code = |answer: crate::app::Answer| {
        (answer.status.as_u16(), answer.json()["error"]["code"].as_i64().unwrap_or_default())
    };
    let plain = mcp.client.with("mcp-protocol-version", MODERN);
    // Headers must say what the message says.
    assert_eq!(code(mcp.client.post("/mcp", list.clone()).await), (400, -32020));
    assert_eq!(code(plain.post("/mcp", list.clone()).await), (400, -32020));
    assert_eq!(code(plain.with("mcp-method", "tools/call").post("/mcp", list.clone()).await), (400, -32020));
    let call = mcp.message("tools/call", json!({"name": "list_tasks", "arguments": {}}));
    let calling = plain.with("mcp-method", "tools/call");
    assert_eq!(code(calling.post("/mcp", call.clone()).await), (400, -32020));
    assert_eq!(code(calling.with("mcp-name", "undo").post("/mcp", call.clone()).await), (400, -32020));
    calling.with("mcp-name", "list_tasks").post("/mcp", call).await.expect(200);
    // What each request has to bring along.
    let mut bare = list.clone();
    bare["params"]["_meta"] = json!({"io.modelcontextprotocol/protocolVersion": MODERN});
    let listing = plain.with("mcp-method", "tools/list");
    assert_eq!(code(listing.post("/mcp", bare).await), (400, -32602));
    let mut other = list.clone();
    other["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!("2031-01-01");
    let answer = listing.with("mcp-protocol-version", "2031-01-01").post("/mcp", other).await;
    assert_eq!(answer.json()["error"]["data"]["requested"], "2031-01-01");
    assert_eq!(code(answer), (400, -32022));
    // What is gone, and what never was.
    for method in ["initialize", "ping", "logging/setLevel", "resources/subscribe", "subscriptions/listen", "no/such"] {
        let answer = mcp.send(method, json!({"uri": "todo://projects", "level": "info", "notifications": {}})).await;
        assert_eq!(code(answer), (404, -32601), "{method}");
    }
    for result in [mcp.result("tools/list", json!({})).await, mcp.result("resources/list", json!({})).await] {
        assert!(result["ttlMs"].is_u64() && result["cacheScope"] == "private", "{result}");
    }
}

#[tokio::test]
async fn there_are_no_streams_and_no_sessions() {
    let app = TestApp::new(Engine::Sqlite).await;
    let ann = app.user("Ann").await;
    for version in ERAS {
        let mcp = Mcp::of(&app, &ann, version).await;
        for method in [Method::GET, Method::DELETE, Method::PUT] {
            let client = mcp.client.with("accept", "text/event-stream").with("mcp-session-id", "1");
            let answer = client.send(method, "/mcp", axum::body::Body::empty()).await.expect(405);
            assert_eq!(answer.header("allow"), Some("POST, OPTIONS"));
        }
        // A session somebody thinks they have does no harm.
        let client = mcp.dressed("tools/list", &json!({})).with("mcp-session-id", "stale").with("last-event-id", "9");
        let answer = client.post("/mcp", mcp.message("tools/list", json!({}))).await.expect(200);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert!(answer.header("mcp-session-id").is_none());
    }
}

on_both! {
    async fn one_process_begins_and_another_goes_on(app) {
        let ann = app.user("Ann").await;
        let second = app.second().await;
        let mcp = Mcp::of(&app, &ann, LEGACY[2]).await;
        mcp.result("initialize", initialize(LEGACY[2])).await;
        mcp.at(&second).does("add_task", json!({"title": "From the other"})).await;
        assert_eq!(ann.titles("").await, ["From the other"]);
    }
}
