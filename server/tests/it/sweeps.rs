//! Sweeps over the OpenAPI document that never tire: every operation is closed to strangers, to other users, and to every
//! session and token that is over, tampered with, or not meant for it.

use crate::{
    accounts::sql,
    api_tokens,
    app::{Client, Engine, TestApp},
};
use axum::{body::Body, http::Method};
use serde_json::{Value, json};

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

/// The admins' operations too.
fn guarded() -> Vec<(Method, String)> {
    let document = serde_json::to_value(server::http::openapi()).expect("JSON");
    let paths = document["paths"].as_object().expect("paths");
    let admins = paths.iter().filter(|(path, _)| path.starts_with("/api/admin/")).flat_map(|(path, methods)| {
        let methods = methods.as_object().expect("methods").keys();
        methods.map(|method| (method.to_uppercase().parse().expect("a method"), path.clone())).collect::<Vec<_>>()
    });
    let all: Vec<_> = operations().into_iter().chain(admins).collect();
    assert!(all.len() > operations().len(), "the admins have lost their operations");
    all
}

/// Nobody gets in: not anywhere, and not by halves.
async fn closed(who: &Client, why: &str) {
    for (method, path) in guarded() {
        let answer = who.send(method.clone(), &fill(&path, "me"), Body::from(r#"{"title": "x", "name": "x"}"#)).await;
        assert_eq!(answer.status.as_u16(), 401, "{why}: {method} {path}: {}", answer.text);
        assert!(answer.header("www-authenticate").is_some_and(|c| c.starts_with("Bearer")), "{why}: {method} {path}");
    }
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
async fn a_session_that_is_over_opens_nothing() {
    let app = TestApp::new(Engine::Sqlite).await;
    let (ann, bob) = (app.user("ann").await, app.user("bob").await);
    bob.post("/api/auth/sign-out", json!({})).await.expect(200);
    closed(&bob, "signed out").await;
    closed(&bob.bearer(), "signed out, as a bearer token").await;
    app.clock.advance(7 * 86_400);
    closed(&ann, "expired").await;
    closed(&ann.bearer(), "expired, as a bearer token").await;
}

#[tokio::test]
async fn a_cookie_that_was_touched_opens_nothing() {
    let app = TestApp::new(Engine::Sqlite).await;
    let ann = app.user("ann").await;
    let cookie = app.state.accounts.cookies.session(&ann.token, true).split(';').next().expect("a pair").to_owned();
    let other = server::auth::cookie::Cookies::new(["another secret"], false, "better-auth");
    let forged = other.session(&ann.token, true).split(';').next().expect("a pair").to_owned();
    for (why, cookie) in [
        ("another secret", forged),
        ("unsigned", format!("better-auth.session_token={}", ann.token)),
        ("one letter less", cookie[..cookie.len() - 1].to_owned()),
        ("another token", cookie.replace(&ann.token, &"x".repeat(32))),
    ] {
        closed(&ann.with("cookie", &cookie), why).await;
    }
}

#[tokio::test]
async fn whoever_is_locked_out_has_nothing_that_opens() {
    let app = TestApp::new(Engine::Sqlite).await;
    let ann = app.user("ann").await;
    let token = api_tokens::with(&app, &api_tokens::make(&ann, "t", &["read", "write", "chat", "admin"]).await);
    let jwt = ann.get("/api/auth/token").await.expect(200).json()["token"].as_str().expect("a token").to_owned();
    let jwt = app.anonymous().with("authorization", &format!("Bearer {jwt}"));
    sql(&app, "UPDATE user_flags SET disabled = true").await;
    for (why, who) in [("session", &ann), ("bearer", &ann.bearer()), ("API token", &token), ("JSON Web Token", &jwt)] {
        closed(who, why).await;
    }
}

#[tokio::test]
async fn a_token_that_is_over_opens_nothing() {
    let app = TestApp::new(Engine::Sqlite).await;
    let ann = app.user("ann").await;
    let revoked = api_tokens::make(&ann, "revoked", &["read", "write", "chat", "admin"]).await;
    ann.delete(&format!("/api/me/tokens/{}", revoked["id"].as_str().expect("an id"))).await.expect(204);
    closed(&api_tokens::with(&app, &revoked), "revoked").await;
    let wish = json!({"name": "day", "scopes": ["read", "write", "chat", "admin"], "expires_in_days": 1});
    let expired = ann.post("/api/me/tokens", wish).await.expect(201).json();
    app.clock.advance(86_400);
    closed(&api_tokens::with(&app, &expired), "expired").await;
}

#[tokio::test]
async fn a_token_that_only_reads_changes_nothing() {
    let app = TestApp::new(Engine::Sqlite).await;
    let ann = app.user("ann").await;
    for n in 0..3 {
        ann.post("/api/me/tasks", json!({"title": format!("task {n}"), "project": "P", "labels": ["l"]}))
            .await
            .expect(201);
    }
    ann.post("/api/me/chat", json!({"message": "list my tasks"})).await.expect(200);
    let token = api_tokens::with(&app, &api_tokens::make(&ann, "read", &["read"]).await);
    let before = ann.get("/api/me/tasks").await.text;
    for (method, path) in guarded() {
        let body = Body::from(r#"{"title": "x", "name": "x", "message": "delete all", "disabled": true}"#);
        let answer = token.send(method.clone(), &fill(&path, "me"), body).await;
        // An export holds the conversations.
        let talks = path.contains("/chat") || path.contains("/conversations") || path.ends_with("/export");
        if method == Method::GET && !talks && !path.starts_with("/api/admin/") {
            assert!(matches!(answer.status.as_u16(), 200 | 404), "{method} {path}: {}", answer.text);
            continue;
        }
        assert_eq!(answer.status.as_u16(), 403, "{method} {path}: {}", answer.text);
        let code = if ["/tokens", "/sessions", "/connected-apps"].iter().any(|noun| path.contains(noun)) {
            "session_required"
        } else {
            "insufficient_scope"
        };
        assert_eq!(answer.json()["code"], code, "{method} {path}");
    }
    assert_eq!(ann.get("/api/me/tasks").await.text, before);
}

#[tokio::test]
async fn a_token_without_its_scope_opens_nothing_else() {
    let app = TestApp::new(Engine::Sqlite).await;
    let ann = app.user("ann").await;
    ann.task("x").await;
    let token = api_tokens::with(&app, &api_tokens::make(&ann, "none but admin", &["admin"]).await);
    for (method, path) in operations() {
        let answer = token.send(method.clone(), &fill(&path, "me"), Body::from("{}")).await;
        assert_eq!(answer.status.as_u16(), 403, "{method} {path}: {}", answer.text);
    }
    token.get("/api/admin/users").await.expect(200);
    // The scope is not enough: its owner must be an admin too.
    let bob = app.user("bob").await;
    let his = api_tokens::with(&app, &api_tokens::make(&bob, "wishful", &["admin"]).await);
    his.get("/api/admin/users").await.expect(403);
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
        assert_eq!(answer.header("strict-transport-security"), None, "{path} is reached by http");
    }
    let encrypted = TestApp::with(Engine::Sqlite, &[("BETTER_AUTH_URL", "https://todo.example.org")]).await;
    let answer = encrypted.anonymous().get("/health").await.expect(200);
    assert_eq!(answer.header("strict-transport-security"), Some("max-age=31536000"));
    assert_eq!(ann.get("/api/me/nothing").await.expect(404).json()["code"], "not_found");
}
