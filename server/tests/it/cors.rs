//! Which pages of other origins may use the API.

use crate::app::{Answer, Client, Engine, TestApp};
use axum::{body::Body, http::Method};
use serde_json::json;

const FRIEND: &str = "https://friend.example";

async fn app() -> TestApp {
    let settings = [
        ("CORS_ORIGINS", "https://friend.example,https://*.friends.example"),
        ("BETTER_AUTH_TRUSTED_ORIGINS", "http://localhost:3000"),
    ];
    TestApp::with(Engine::Sqlite, &settings).await
}

async fn preflight(client: &Client, origin: &str, path: &str) -> Answer {
    let asks = client.with("origin", origin).with("access-control-request-method", "PATCH");
    asks.send(Method::OPTIONS, path, Body::empty()).await
}

fn shared(answer: &Answer) -> bool {
    ["allow-origin", "allow-credentials", "allow-methods", "allow-headers"]
        .iter()
        .any(|name| answer.header(&format!("access-control-{name}")).is_some())
}

#[tokio::test]
async fn a_preflight_of_a_friend_is_answered_without_a_session() {
    let app = app().await;
    for path in
        ["/api/me/tasks", "/api/auth/get-session", "/api/auth/sign-in/email", "/api/openapi.json", "/api/nothing"]
    {
        for origin in [FRIEND, "http://localhost:3000", "https://a.friends.example"] {
            let answer = preflight(&app.anonymous(), origin, path).await.expect(204);
            assert_eq!(answer.header("access-control-allow-origin"), Some(origin), "{path}");
            assert_eq!(answer.header("access-control-allow-credentials"), Some("true"));
            let methods = answer.header("access-control-allow-methods").expect("methods");
            assert!(["GET", "POST", "PUT", "PATCH", "DELETE"].iter().all(|m| methods.contains(m)), "{methods}");
            let headers = answer.header("access-control-allow-headers").expect("headers").to_lowercase();
            for name in ["authorization", "content-type", "if-match", "idempotency-key"] {
                assert!(headers.contains(name), "{headers}");
            }
            assert_eq!((answer.header("vary"), answer.text.as_str()), (Some("Origin"), ""));
        }
    }
}

#[tokio::test]
async fn strangers_get_no_header() {
    let app = app().await;
    let ann = app.user("ann").await;
    for origin in [
        "https://evil.example",
        "https://friend.example.evil.example",
        "https://friend.example:8443",
        "http://friend.example",
        "https://evilfriends.example",
        "null",
        "*",
        "friend.example",
    ] {
        for path in ["/api/auth/get-session", "/api/auth/sign-in/email"] {
            let answer = preflight(&app.anonymous(), origin, path).await.expect(404);
            assert!(!shared(&answer) && answer.text.is_empty(), "{origin} {path}");
        }
        assert!(!shared(&preflight(&ann, origin, "/api/me/tasks").await), "{origin}");
        let answer = ann.with("origin", origin).get("/api/me/tasks").await.expect(200);
        assert!(!shared(&answer), "{origin}");
        assert_eq!(answer.header("access-control-expose-headers"), None);
        assert_eq!(answer.header("vary"), Some("Origin"));
    }
    // OPTIONS that is no preflight is what it always was.
    let answer =
        app.anonymous().with("origin", FRIEND).send(Method::OPTIONS, "/api/auth/get-session", Body::empty()).await;
    answer.expect(404);
}

#[tokio::test]
async fn a_friends_page_reads_answers_and_errors() {
    let app = app().await;
    let ann = app.user("ann").await;
    let page = ann.with("origin", FRIEND);
    let answer = page.post("/api/me/tasks", json!({"title": "from afar"})).await.expect(201);
    assert_eq!(answer.header("access-control-allow-origin"), Some(FRIEND));
    let exposed = answer.header("access-control-expose-headers").expect("a list").to_lowercase();
    for name in [
        "set-auth-jwt",
        "set-auth-token",
        "operation-seq",
        "link",
        "etag",
        "location",
        "x-request-id",
        "retry-after",
        "x-retry-after",
    ] {
        assert!(exposed.split(", ").any(|one| one == name), "{name} is not in {exposed}");
    }
    let answer = page.get("/api/auth/get-session").await.expect(200);
    assert!(answer.header("set-auth-jwt").is_some());
    assert_eq!(answer.headers.get_all("access-control-expose-headers").iter().count(), 1);
    for answer in [
        app.anonymous().with("origin", FRIEND).get("/api/me/tasks").await.expect(401),
        page.get("/api/me/tasks/99").await.expect(404),
        page.post("/api/me/tasks", json!({})).await.expect(422),
    ] {
        assert_eq!(answer.header("access-control-allow-origin"), Some(FRIEND));
    }
    // Pages, forms and files are for our own.
    assert!(!shared(&page.get("/today").await) && !shared(&page.get("/health").await));
}
