//! What operators see: on a listener of their own, the names they know, and never more series than were foreseen.

use crate::{
    app::{Engine, TestApp},
    running::{Home, eventually},
};
use axum::body::Body;
use domain::chat::ToolStatus;
use reqwest::Method;
use serde_json::json;

/// The value of a series, by the beginning of its line.
fn value(text: &str, series: &str) -> Option<f64> {
    let line = text.lines().find(|line| line.strip_prefix(series).is_some_and(|rest| rest.starts_with(' ')))?;
    line.rsplit(' ').next()?.parse().ok()
}

/// How many lines are values.
fn series(text: &str) -> usize {
    text.lines().filter(|line| !line.starts_with('#')).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_see_them_on_their_own_listener() {
    let server = Home::new().set("METRICS_ADDR", "127.0.0.1:0").start().await;
    let operator = server.operator().await;
    let first = operator.get("/metrics").await.expect(200);
    assert!(first.header("content-type").is_some_and(|t| t.starts_with("application/openmetrics-text")));
    assert!(first.text.ends_with("# EOF\n"));
    for name in [
        "chatbot_messages_total",
        "chatbot_response_latency_seconds_count",
        "chatbot_tool_calls_total",
        "chatbot_active_conversations",
        "chatbot_tokens_used_total",
        "db_pool_connections",
        "process_resident_memory_bytes",
    ] {
        assert!(first.text.lines().any(|line| line.starts_with(name)), "{name} from the start: {}", first.text);
    }
    operator.get("/health").await.expect(200);
    operator.get("/ready").await.expect(200);
    // The people's address knows nothing of it, and the operators' nothing of people's data.
    server.anybody().get("/metrics").await.expect(404);
    operator.get("/api/me/tasks").await.expect(404);

    let ann = server.person("ann").await;
    ann.post("/api/me/chat", json!({ "message": "Add a task to buy Whisper" })).await.expect(200);
    ann.post("/api/me/chat", json!({ "message": "Delete task #1" })).await.expect(200);
    let text = eventually("the turns are counted", async || {
        let text = operator.get("/metrics").await.expect(200).text;
        let answered = value(&text, r#"chatbot_messages_total{assistant="built_in",outcome="done"}"#);
        (answered == Some(2.0)).then_some(text)
    })
    .await;
    for (series, expected) in [
        (r#"chatbot_response_latency_seconds_count{assistant="built_in"}"#, 2.0),
        (r#"chatbot_tool_calls_total{tool="add_task",outcome="done"}"#, 1.0),
        (r#"chatbot_tool_calls_total{tool="delete_task",outcome="pending"}"#, 1.0),
        ("chatbot_active_conversations", 0.0),
        (r#"chatbot_tokens_used_total{assistant="built_in",direction="input"}"#, 0.0),
        (r#"http_requests_total{method="POST",route="/api/{user_id}/chat",status="2xx"}"#, 2.0),
        (r#"http_request_duration_seconds_count{method="POST",route="/api/{user_id}/chat"}"#, 2.0),
    ] {
        assert_eq!(value(&text, series), Some(expected), "{series} in\n{text}");
    }
    assert!(value(&text, "process_resident_memory_bytes").is_some_and(|bytes| bytes > 1e6));
    assert!(value(&text, r#"db_pool_connections{state="idle"}"#).is_some_and(|open| open >= 1.0), "{text}");
    for secret in ["Whisper", "ann", &ann.token] {
        assert!(!text.contains(secret), "{secret} in the metrics");
    }
}

#[tokio::test]
async fn an_address_that_is_taken_stops_the_start() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let output = Home::new().set("METRICS_ADDR", &address).run(&[]).await;
    let line = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), line.trim_end().lines().count()), (Some(1), 1), "{line}");
    assert!(line.contains("METRICS_ADDR") && line.contains(&address), "{line}");
}

#[tokio::test]
async fn nothing_that_is_sent_makes_new_series() {
    let app = TestApp::new(Engine::Sqlite).await;
    let ann = app.user("ann").await;
    let metrics = app.state.services.metrics();
    let text = || metrics.text().expect("text");
    let ask = async |i: usize| {
        for path in [
            format!("/nowhere/{i}"),
            format!("/api/me/tasks/{i}"),
            format!("/api/user-{i}/tasks"),
            format!("/pkg/{i}/app.js"),
            format!("/.env{i}"),
        ] {
            ann.get(&path).await;
        }
        let verb = Method::from_bytes(format!("BREW{i}").as_bytes()).expect("a method");
        ann.send(verb, "/api/me/tasks", Body::empty()).await;
        metrics.tool_called(&format!("tool_{i}"), ToolStatus::Failed);
        metrics.tool_called(&format!("{i}\"}} 1\n# HELP evil"), ToolStatus::Done);
    };
    ask(0).await;
    metrics.tool_called("create_task", ToolStatus::Done);
    let before = text();
    for i in 1..30 {
        ask(i).await;
    }
    let after = text();
    assert_eq!(series(&before), series(&after), "{after}");
    assert!(!after.contains("evil") && !after.contains("BREW") && !after.contains("nowhere"), "{after}");
    assert_eq!(value(&after, r#"chatbot_tool_calls_total{tool="unknown",outcome="failed"}"#), Some(30.0));
    assert_eq!(value(&after, r#"chatbot_tool_calls_total{tool="add_task",outcome="done"}"#), Some(1.0));
}
