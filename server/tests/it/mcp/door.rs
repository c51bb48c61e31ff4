//! Who is let in at `/mcp`, from which page and under which name.

use super::{ERAS, LEGACY, Mcp};
use crate::{
    api_tokens,
    app::{Answer, Client, Engine, TestApp},
    running::Home,
};
use axum::{body::Body, http::Method};
use serde_json::json;

async fn list(client: &Client) -> Answer {
    client.post("/mcp", json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})).await
}

#[tokio::test]
async fn nobody_comes_in_without_a_token_of_theirs() {
    let app = TestApp::new(Engine::Sqlite).await;
    let ann = app.user("Ann").await;
    let answer = list(&app.anonymous()).await.expect(401);
    let challenge = answer.header("www-authenticate").expect("a challenge").to_owned();
    let metadata = "resource_metadata=\"http://localhost:8080/.well-known/oauth-protected-resource/mcp\"";
    assert!(challenge.starts_with("Bearer ") && challenge.contains(metadata), "{challenge}");
    assert!(challenge.contains("scope=\"todo:read todo:write\"") && !challenge.contains("error="), "{challenge}");
    // Neither a session nor its cookie opens this door, and a token stands in no address.
    list(&ann).await.expect(401);
    list(&ann.bearer()).await.expect(401);
    let made = api_tokens::make(&ann, "one", &["read"]).await;
    let token = made["token"].as_str().expect("a token");
    app.anonymous().post(&format!("/mcp?access_token={token}"), json!({})).await.expect(401);
    for bad in
        [format!("Bearer {token}x"), format!("Basic {token}"), "Bearer".into(), "Bearer ".into(), token.to_owned()]
    {
        let answer = list(&app.anonymous().with("authorization", &bad)).await.expect(401);
        assert!(answer.header("www-authenticate").is_some(), "{bad}");
    }
    let bad = list(&app.anonymous().with("authorization", "Bearer tdc_nobody")).await.expect(401);
    assert!(bad.header("www-authenticate").expect("a challenge").contains("error=\"invalid_token\""));
    let good = api_tokens::with(&app, &made);
    list(&good).await.expect(200);
    good.post("/mcp/", json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})).await.expect(200);
    let id = made["id"].as_str().expect("an id");
    ann.delete(&format!("/api/me/tokens/{id}")).await.expect(204);
    list(&good).await.expect(401);
}

#[tokio::test]
async fn a_refused_client_keeps_its_connection() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let server = Home::new().start().await;
    let address = server.base.trim_start_matches("http://");
    let mut connection = tokio::net::TcpStream::connect(address).await.expect("connects");
    for _ in 0..2 {
        let head = format!("POST /mcp HTTP/1.1\r\nHost: {address}\r\nContent-Length: 2\r\n\r\n");
        connection.write_all(head.as_bytes()).await.expect("the head is taken");
        // Many clients send the message apart, when an answer could be on its way already.
        let _ = tokio::time::timeout(std::time::Duration::from_millis(100), connection.readable()).await;
        connection.write_all(b"{}").await.expect("the message is taken");
        let mut answer = Vec::new();
        while !answer.ends_with(b"}") {
            let read = connection.read_buf(&mut answer).await.expect("an answer");
            assert!(read > 0, "closed after {}", String::from_utf8_lossy(&answer));
        }
        assert!(answer.starts_with(b"HTTP/1.1 401"), "{}", String::from_utf8_lossy(&answer));
    }
}

#[tokio::test]
async fn only_pages_and_names_of_ours() {
    let app = TestApp::with(
        Engine::Sqlite,
        &[
            ("BETTER_AUTH_URL", "https://todo.example.org"),
            ("BETTER_AUTH_TRUSTED_ORIGINS", "https://ui.example.org,https://*.apps.example"),
        ],
    )
    .await;
    let ann = app.user("Ann").await.with("origin", "https://todo.example.org");
    let client = Mcp::of(&app, &ann, LEGACY[2]).await.client;
    for (host, origin, status) in [
        ("todo.example.org", None, 200),
        ("TODO.example.org:443", None, 200),
        ("ui.example.org", None, 200),
        ("localhost:8080", None, 200),
        ("127.0.0.1:9", None, 200),
        ("[::1]:8080", None, 200),
        ("todo.example.org", Some("https://todo.example.org"), 200),
        ("todo.example.org", Some("https://ui.example.org"), 200),
        ("todo.example.org", Some("https://one.apps.example"), 200),
        ("localhost:8080", Some("http://localhost:8080"), 200),
        ("todo.example.org", Some("https://evil.example"), 403),
        ("todo.example.org", Some("https://todo.example.org.evil.example"), 403),
        ("todo.example.org", Some("http://localhost:6274"), 403),
        ("todo.example.org", Some("null"), 403),
        ("todo.example.org", Some("file://"), 403),
        // A name that an attacker pointed here, and its page.
        ("evil.example", None, 403),
        ("evil.example:8080", Some("http://evil.example:8080"), 403),
        ("todo.example.org.evil.example", None, 403),
        ("10.0.0.7:8080", None, 403),
        ("todo.local", None, 403),
        ("todo.example.org@evil.example", None, 403),
        ("", None, 403),
    ] {
        let mut asked = client.with("host", host);
        if let Some(origin) = origin {
            asked = asked.with("origin", origin);
        }
        let answer = list(&asked).await;
        assert_eq!(answer.status.as_u16(), status, "{host} {origin:?}: {}", answer.text);
        let shared = answer.header("access-control-allow-origin");
        assert_eq!(shared, origin.filter(|_| status == 200), "{host} {origin:?}");
        assert!(answer.header("access-control-allow-credentials").is_none());
    }
}

#[tokio::test]
async fn a_fresh_install_answers_to_names_no_stranger_can_give_it() {
    let app = TestApp::with(Engine::Sqlite, &[("BETTER_AUTH_URL", "")]).await;
    let ann = app.user("Ann").await;
    let client = Mcp::of(&app, &ann, LEGACY[2]).await.client;
    for (host, status) in [
        ("localhost:8080", 200),
        ("192.168.1.4:8080", 200),
        ("[fd00::1]:8080", 200),
        ("todo", 200),
        ("todo.local", 200),
        ("todo.default.svc.cluster.local:8080", 200),
        ("evil.example", 403),
        ("local", 200),
        ("evil.local.example", 403),
    ] {
        let answer = list(&client.with("host", host)).await;
        assert_eq!(answer.status.as_u16(), status, "{host}: {}", answer.text);
    }
    let page = client.with("host", "todo.local").with("origin", "http://todo.local");
    list(&page).await.expect(200);
    list(&page.with("origin", "http://other.local")).await.expect(403);
}

#[tokio::test]
async fn browsers_that_ask_beforehand_are_answered_without_a_token() {
    let app = TestApp::with(Engine::Sqlite, &[("CORS_ORIGINS", "http://localhost:6274")]).await;
    let asks = app.anonymous().with("origin", "http://localhost:6274").with("access-control-request-method", "POST");
    let asks = asks.with("access-control-request-headers", "authorization,mcp-method,mcp-param-region,x-other");
    let answer = asks.send(Method::OPTIONS, "/mcp", Body::empty()).await.expect(204);
    assert_eq!(answer.header("access-control-allow-origin"), Some("http://localhost:6274"));
    let allowed = answer.header("access-control-allow-headers").expect("a list");
    for name in [
        "authorization",
        "content-type",
        "accept",
        "mcp-protocol-version",
        "mcp-method",
        "mcp-name",
        "mcp-session-id",
        "last-event-id",
        "mcp-param-region",
    ] {
        assert!(allowed.split(", ").any(|one| one == name), "{name} in {allowed}");
    }
    assert!(!allowed.contains("x-other"));
    asks.with("origin", "https://evil.example").send(Method::OPTIONS, "/mcp", Body::empty()).await.expect(403);
    // What was refused can be read by the page too, so that it can begin to sign in.
    let refused = list(&asks).await.expect(401);
    assert_eq!(refused.header("access-control-allow-origin"), Some("http://localhost:6274"));
    assert!(refused.header("access-control-expose-headers").expect("a list").contains("WWW-Authenticate"));
}

#[tokio::test]
async fn careless_clients_are_understood() {
    let app = TestApp::new(Engine::Sqlite).await;
    let ann = app.user("Ann").await;
    for version in ERAS {
        let mcp = Mcp::of(&app, &ann, version).await;
        for accept in
            ["*/*", "application/json", "application/*;q=0.8, */*;q=0.1", "text/event-stream, application/json"]
        {
            let client = mcp.dressed("tools/list", &json!({})).with("accept", accept);
            let answer = client.post("/mcp", mcp.message("tools/list", json!({}))).await.expect(200);
            assert_eq!(answer.header("content-type"), Some("application/json"), "{accept}");
        }
        let client = mcp.dressed("tools/list", &json!({}));
        let message = mcp.message("tools/list", json!({}));
        client.with("accept", "text/html").post("/mcp", message.clone()).await.expect(406);
        let odd = client.with("content-type", "text/plain").post("/mcp", message).await.expect(415);
        assert_eq!(odd.json()["error"]["code"], -32600);
    }
}
