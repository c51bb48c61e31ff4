//! Two sweeps over the OpenAPI document that never tire: every operation is closed to strangers and to other users.

use crate::app::{Engine, TestApp};
use axum::{body::Body, http::Method};
use serde_json::Value;

/// Every operation of the document, as method and path.
fn operations() -> Vec<(Method, String)> {
    let document = serde_json::to_value(server::http::openapi()).expect("JSON");
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        if !path.contains("{user_id}") {
            // Nobody's: these have tests of their own.
            continue;
        }
        for method in methods.as_object().expect("methods").keys() {
            found.push((method.to_uppercase().parse().expect("a method"), path.clone()));
        }
    }
    assert!(found.len() >= 28, "the document has lost operations: {found:?}");
    found
}

fn fill(path: &str, user: &str) -> String {
    let path = path.replace("{user_id}", user);
    path.split('/').map(|p| if p.starts_with('{') { "1" } else { p }).collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn nobody_gets_in_without_a_session() {
    let app = TestApp::new(Engine::Sqlite).await;
    let ann = app.user("ann").await;
    for (method, path) in operations() {
        for user in ["me", &ann.user, "nobody"] {
            let answer = app.anonymous().send(method.clone(), &fill(&path, user), Body::from("{}")).await;
            assert_eq!(answer.status.as_u16(), 401, "{method} {path}: {}", answer.text);
            assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn another_users_things_do_not_exist() {
    let app = TestApp::new(Engine::Sqlite).await;
    let (ann, bob) = (app.user("ann").await, app.user("bob").await);
    for n in 0..3 {
        ann.post(
            "/api/me/tasks",
            serde_json::json!({"title": format!("secret {n}"), "project": "Secret", "labels": ["secret"]}),
        )
        .await
        .expect(201);
    }
    for (method, path) in operations() {
        let answer = bob.send(method.clone(), &fill(&path, &ann.user), Body::from("{}")).await;
        assert_eq!(answer.status.as_u16(), 404, "{method} {path}: {}", answer.text);
        assert!(!answer.text.contains("secret"), "{method} {path}: {}", answer.text);
        // With his own id, ann's numbers mean nothing.
        if path.contains("{id}") {
            let answer =
                bob.send(method.clone(), &fill(&path, "me"), Body::from(r#"{"title": "x", "name": "x"}"#)).await;
            assert_eq!(answer.status.as_u16(), 404, "{method} {path}: {}", answer.text);
        }
    }
    let mine: Value = ann.get("/api/me/tasks").await.json();
    assert_eq!(mine.as_array().map(Vec::len), Some(3));
}

#[tokio::test]
async fn a_foreign_page_cannot_act_with_the_cookie() {
    let app = TestApp::new(Engine::Sqlite).await;
    let ann = app.user("ann").await;
    let foreign = ann.with("origin", "https://evil.example");
    assert_eq!(
        foreign.post("/api/me/tasks", serde_json::json!({"title": "x"})).await.expect(403).json()["code"],
        "foreign_origin"
    );
    foreign.get("/api/me/tasks").await.expect(200);
    ann.bearer().post("/api/me/tasks", serde_json::json!({"title": "x"})).await.expect(201);
}

#[tokio::test]
async fn the_document_is_reviewed() {
    let document = serde_json::to_value(server::http::openapi()).expect("JSON");
    insta::assert_json_snapshot!("openapi", document);
}

#[tokio::test]
async fn unknown_addresses_answer_problems_with_an_id() {
    let app = TestApp::new(Engine::Sqlite).await;
    let answer = app.anonymous().with("x-request-id", "abc-123").get("/api/me/tasks").await.expect(401);
    assert_eq!(answer.header("x-request-id"), Some("abc-123"));
    assert_eq!(answer.json()["request_id"], "abc-123");
}

#[tokio::test]
async fn every_answer_carries_its_guards() {
    let app = TestApp::new(Engine::Sqlite).await;
    let ann = app.user("ann").await;
    for path in ["/health", "/ready", "/api/me/tasks", "/api/me/nothing", "/api/openapi.json", "/api/auth/ok", "/today"]
    {
        let answer = ann.get(path).await;
        for name in [
            "x-content-type-options",
            "x-frame-options",
            "referrer-policy",
            "content-security-policy",
            "cache-control",
            "x-request-id",
        ] {
            assert!(answer.header(name).is_some(), "{path} has no {name}");
        }
    }
    assert_eq!(ann.get("/api/me/nothing").await.expect(404).json()["code"], "not_found");
}
