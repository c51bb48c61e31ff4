//! What an operator sees beside the log: traces at a collector, and statements that were slow.

use crate::{
    postgres,
    running::{Home, PATIENCE},
};
use axum::{Router, body::Bytes, extract::State, http::HeaderMap, routing::post};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};
use std::time::Instant;
use tokio::sync::mpsc;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

type Sent = (HeaderMap, Bytes);

/// Takes in what is sent to it.
async fn collector() -> (String, mpsc::UnboundedReceiver<Sent>) {
    let (told, sent) = mpsc::unbounded_channel();
    let take = async |State(told): State<mpsc::UnboundedSender<Sent>>, headers: HeaderMap, body: Bytes| {
        let _ = told.send((headers, body));
    };
    let router = Router::new().route("/v1/traces", post(take)).with_state(told);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("listens");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(axum::serve(listener, router).into_future());
    (format!("http://{address}"), sent)
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callers_trace_goes_on_through_the_assistant_to_the_database() {
    let (endpoint, mut sent) = collector().await;
    let home = Home::new()
        .set("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint)
        .set("OTEL_EXPORTER_OTLP_HEADERS", "x-key=hunter2%20hunter2")
        .set("OTEL_SERVICE_NAME", "todo-under-test")
        .set("LOG_LEVEL", "info,server::http=debug");
    let server = home.start().await;
    let ann = server.person("secretive").await;
    let parent = format!("00-{TRACE}-00f067aa0ba902b7-01");
    let said = json!({ "message": "add a task to whisper quietly" });
    ann.ask_with(Method::POST, "/api/me/chat", Some(&said), &[("traceparent", &parent)])
        .await
        .expect("an answer")
        .expect(200);
    let line = server.log.wait(|line| line.contains(TRACE) && line.contains("answered")).await;
    let line: Value = serde_json::from_str(&line).expect("JSON");
    assert_eq!(line["span"]["trace_id"], TRACE);
    server.terminate();
    let (status, lines) = server.exit().await;
    assert!(status.success(), "{lines:?}");

    let mut all = Vec::new();
    while let Ok((headers, body)) = sent.try_recv() {
        assert_eq!(headers["x-key"], "hunter2 hunter2");
        assert_eq!(headers["content-type"], "application/x-protobuf");
        all.extend_from_slice(&body);
    }
    assert!(holds(&all, &hex::decode(TRACE).expect("hexadecimal")), "the caller’s trace is not among {}", all.len());
    for name in [
        "todo-under-test",
        "POST /api/{user_id}/chat",
        "invoke_agent",
        "execute_tool add_task",
        "transaction",
        "sqlite",
        "http.response.status_code",
    ] {
        assert!(holds(&all, name.as_bytes()), "{name} is not among them");
    }
    for secret in ["whisper", "secretive", "hunter2", &ann.token] {
        assert!(!holds(&all, secret.as_bytes()), "{secret} is in a trace");
        assert!(!lines.iter().any(|line| line.contains(secret)), "{secret} is in the log");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_away_keeps_nobody_waiting() {
    let server = Home::new().set("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1").start().await;
    let ann = server.person("ann").await;
    ann.post("/api/me/tasks", json!({ "title": "one" })).await.expect(201);
    let begun = Instant::now();
    server.terminate();
    let (status, lines) = server.exit().await;
    assert!(status.success() && begun.elapsed() < PATIENCE, "{lines:?}");
    assert!(lines.iter().any(|line| line.contains("the last traces could not be sent")), "{lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_statements_are_named_without_their_values() {
    let url = postgres::fresh().await;
    let server = Home::postgres(&url).set("SLOW_QUERY_MS", "200").start().await;
    let ann = server.person("ann").await;
    let mut other = PgConnection::connect(&url).await.expect("connects");
    let mut lock = other.begin().await.expect("begins");
    sqlx::raw_sql("LOCK TABLE tasks").execute(&mut *lock).await.expect("locks");
    let made = tokio::spawn(async move { ann.post("/api/me/tasks", json!({ "title": "Whisper" })).await });
    let waits = "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
        WHERE d.datname = current_database() AND NOT l.granted";
    while sqlx::query_scalar::<_, i64>(waits).fetch_one(&mut *lock).await.expect("counts") == 0 {}
    sqlx::raw_sql("SELECT pg_sleep(0.3)").execute(&mut *lock).await.expect("waits");
    lock.commit().await.expect("commits");
    made.await.expect("no panic").expect(201);
    let line = server.log.wait(|line| line.contains("slow statement")).await;
    let line: Value = serde_json::from_str(&line).expect("JSON");
    assert!(line["elapsed_secs"].as_f64().is_some_and(|seconds| seconds >= 0.2), "{line}");
    assert!(line["span"]["id"].is_string(), "the request is not named: {line}");
    assert!(!line.to_string().contains("Whisper"), "{line}");
}
