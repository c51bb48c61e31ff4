//! Messages meant to hurt: large, deep, many. Slow ones are with the door itself, where time can stand still.

use super::{ERAS, LEGACY, Mcp};
use crate::app::{Engine, TestApp};
use axum::body::Body;
use serde_json::{Value, json};
use std::time::Duration;

fn code(answer: &crate::app::Answer) -> (u16, i64) {
    (answer.status.as_u16(), answer.json()["error"]["code"].as_i64().expect("a code"))
}

#[tokio::test]
async fn what_is_too_large_too_deep_or_no_message_is_refused() {
    let app = TestApp::new(Engine::Sqlite).await;
    let ann = app.user("Ann").await;
    for version in ERAS {
        let mcp = Mcp::of(&app, &ann, version).await;
        let item = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "add_task", "arguments": {"title": "x"}}});
        let nested = |n: usize| {
            format!(
                r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"add_task","arguments":{{"title":{}1{}}}}}}}"#,
                "[".repeat(n),
                "]".repeat(n)
            )
        };
        for (body, expected) in [
            ("{".to_owned(), (400, -32700)),
            (String::new(), (400, -32700)),
            ("\u{0}".to_owned(), (400, -32700)),
            ("null".to_owned(), (400, -32600)),
            ("[]".to_owned(), (400, -32600)),
            (Value::Array(vec![item.clone(); 5_000]).to_string(), (400, -32600)),
            (json!({"jsonrpc": "1.0", "id": 1, "method": "ping"}).to_string(), (400, -32600)),
            (json!({"jsonrpc": "2.0", "id": {"a": 1}, "method": "ping"}).to_string(), (400, -32600)),
            (nested(60), (400, -32600)),
            (nested(100_000), (400, -32600)),
            ("[".repeat(1_000_000), (400, -32600)),
            (
                format!(r#"{{"jsonrpc":"2.0","id":1,"method":"ping","params":{{"x":"{}"}}}}"#, "y".repeat(1 << 20)),
                (413, -32600),
            ),
        ] {
            let answer = mcp.raw(body.clone()).await;
            assert_eq!(code(&answer), expected, "{}: {}", &body[..body.len().min(60)], answer.text);
        }
    }
    // Ten thousand in one message stay below the size, and are still one message too many.
    let mcp = Mcp::of(&app, &ann, LEGACY[0]).await;
    let many = vec![json!({"jsonrpc": "2.0", "id": 1, "method": "ping"}); 10_000];
    assert_eq!(code(&mcp.raw(Value::Array(many).to_string()).await), (400, -32600));
    let names = vec![json!("x"); 10_000];
    let sentence = mcp.fails("add_tasks", json!({"tasks": names})).await;
    assert!(sentence.contains("at most 500"), "{sentence}");
    let ids: Vec<i64> = (1..=10_000).collect();
    assert!(mcp.fails("complete_task", json!({"task_ids": ids, "confirm": true})).await.contains("at most 500"));
    assert!(ann.titles("").await.is_empty());
}

#[tokio::test]
async fn one_person_cannot_have_everything_under_way() {
    let app = TestApp::new(Engine::Sqlite).await;
    let (ann, bob) = (app.user("Ann").await, app.user("Bob").await);
    let (hers, his) = (Mcp::of(&app, &ann, LEGACY[2]).await, Mcp::of(&app, &bob, LEGACY[2]).await);
    // Bodies that wait hold their places; whoever finds none because we are looking tries again.
    let waiting: Vec<_> = (0..16)
        .map(|_| {
            let mcp = hers.clone();
            let body = || Body::from_stream(futures::stream::pending::<Result<&str, std::io::Error>>());
            tokio::spawn(async move { while mcp.raw(body()).await.status.as_u16() == 429 {} })
        })
        .collect();
    let list = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}).to_string();
    let refused = crate::running::eventually("the places are taken", async || {
        let answer = hers.raw(list.clone()).await;
        (answer.status.as_u16() == 429).then_some(answer)
    })
    .await;
    assert_eq!((code(&refused).1, refused.header("retry-after")), (-32000, Some("1")));
    his.raw(list.clone()).await.expect(200);
    // Clients that go away give theirs back.
    for one in &waiting {
        one.abort();
    }
    crate::running::eventually("the places come back", async || {
        (hers.raw(list.clone()).await.status.as_u16() == 200).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_client_that_goes_away_in_the_middle_takes_its_call_along() {
    let app = TestApp::new(Engine::Sqlite).await;
    let ann = app.user("Ann").await;
    for version in ERAS {
        let mcp = Mcp::of(&app, &ann, version).await;
        mcp.does("list_tasks", json!({})).await;
        // Somebody writes, so the call waits in its handler; then its client has no patience left.
        let busy = app.state.services.store().write().await.expect("a connection");
        let call = mcp.tool("add_task", json!({"title": "Nobody waits for this"}));
        tokio::time::timeout(Duration::from_millis(500), call).await.expect_err("the database is busy");
        drop(busy);
        // Writers wait in line, so that whatever stood before this one has been there.
        ann.task(version).await;
    }
    assert_eq!(ann.titles("").await, ERAS);
}
