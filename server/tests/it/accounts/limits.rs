//! How often one may knock, and who is one.

use super::{count, sql};
use crate::app::{Client, Engine, PASSWORD, TestApp};
use serde_json::{Value, json};

async fn limited(engine: Engine) -> TestApp {
    TestApp::with(engine, &[("RATE_LIMIT", "on")]).await
}

fn from(app: &TestApp, address: &str) -> Client {
    app.anonymous().with("x-forwarded-for", address)
}

async fn statuses(client: &Client, path: &str, body: &Value, times: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..times {
        statuses.push(client.post(path, body.clone()).await.status.as_u16());
    }
    statuses
}

/// One attacker, one password, every address there is: the count is the attacker's, not the addresses'.
#[tokio::test]
async fn spraying_is_slow_from_one_place_whatever_the_pod() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let app = limited(engine).await;
        let pod = app.second().await;
        let mut refused = 0;
        for i in 0..40 {
            let app = if i % 2 == 0 { &app } else { &pod };
            // One household has all addresses of its network, and what a client claims about itself does not count.
            let address = format!("2001:db8:1:2::{i:x}");
            let claimed = format!("198.51.100.{i}, {address}");
            let body = json!({ "email": format!("user{i}@example.org"), "password": PASSWORD });
            let answer = from(app, &claimed).post("/api/auth/sign-in/email", body).await;
            refused += i32::from(answer.status.as_u16() == 429);
        }
        assert_eq!(refused, 37);
        assert_eq!(count(&app, "SELECT count(*) FROM rate_limits").await, 1);
        // By form it is the same count.
        let form = from(&app, "2001:db8:1:2::ffff").with("content-type", "application/x-www-form-urlencoded");
        let body = axum::body::Body::from("email=ada%40example.org&password=correct+horse");
        let answer = form.send(axum::http::Method::POST, "/sign-in", body).await.expect(303);
        assert!(
            answer.header("location").is_some_and(|place| place.contains("Too%20many")),
            "{:?}",
            answer.header("location")
        );
    }
}

#[tokio::test]
async fn every_rule_of_the_contract() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let app = limited(engine).await;
        let client = from(&app, "203.0.113.7");
        for (path, wait) in [
            ("/sign-in/email", 10),
            ("/sign-up/email", 10),
            ("/sign-in/made-up", 10),
            ("/change-password", 10),
            ("/change-password-too", 10),
            ("/change-email", 10),
            ("/request-password-reset", 60),
            ("/send-verification-email", 60),
            ("/forget-password", 60),
        ] {
            let full = format!("/api/auth{path}");
            let first = statuses(&client, &full, &json!({}), 3).await;
            assert!(!first.contains(&429), "{path} {first:?}");
            let answer = client.post(&full, json!({})).await.expect(429);
            assert_eq!(answer.header("x-retry-after"), Some(wait.to_string().as_str()), "{path}");
            assert_eq!(answer.json(), json!({ "message": "Too many requests. Please try again later." }));
            from(&app, "203.0.113.8").post(&full, json!({})).await;
            app.clock.advance(wait - 1);
            client.post(&full, json!({})).await.expect(429);
            app.clock.advance(1);
            assert_ne!(client.post(&full, json!({})).await.status.as_u16(), 429, "{path}");
            app.clock.advance(60);
        }
    }
}

#[tokio::test]
async fn a_flood_is_kept_out_without_writing_a_row() {
    let app = limited(Engine::Sqlite).await;
    // Not even while nothing can be written.
    sql(&app, "PRAGMA query_only = 1").await;
    let client = from(&app, "203.0.113.7");
    for path in ["/get-session", "/ok", "/reset-password/{}?callbackURL=/x", "/made-up/{}"] {
        let at = |i: usize| format!("/api/auth{}", path.replace("{}", &format!("t{i}")));
        for i in 0..100 {
            assert_ne!(client.get(&at(i)).await.status.as_u16(), 429, "{path} {i}");
        }
        let answer = client.get(&at(100)).await.expect(429);
        assert_eq!(answer.header("x-retry-after"), Some("10"), "{path}");
        assert_ne!(from(&app, "203.0.113.8").get(&at(100)).await.status.as_u16(), 429, "{path}");
        app.clock.advance(10);
        assert_ne!(client.get(&at(0)).await.status.as_u16(), 429, "{path}");
    }
    assert_eq!(count(&app, "SELECT count(*) FROM rate_limits").await, 0);
}

/// A thief of a session does not find the password out, wherever the tries come from.
#[tokio::test]
async fn passwords_within_a_session_are_counted_by_account() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let app = limited(engine).await;
        let (ada, bob) = (app.user("Ada").await, app.user("Bob").await);
        let wrong = json!({ "password": "wrong password" });
        let mut statuses = Vec::new();
        for i in 0..12 {
            let thief = ada.with("x-forwarded-for", &format!("203.0.113.{i}"));
            let path = if i % 2 == 0 { "/api/auth/verify-password" } else { "/api/auth/delete-user" };
            statuses.push(thief.post(path, wrong.clone()).await.status.as_u16());
        }
        assert_eq!(statuses, [400, 400, 400, 400, 400, 400, 400, 400, 400, 400, 429, 429]);
        ada.post("/api/auth/verify-password", json!({ "password": PASSWORD })).await.expect(429);
        bob.post("/api/auth/verify-password", json!({ "password": PASSWORD })).await.expect(200);
        // Its owner can still sign in.
        let body = json!({ "email": "ada@example.org", "password": PASSWORD });
        app.anonymous().post("/api/auth/sign-in/email", body).await.expect(200);
        app.clock.advance(60);
        ada.post("/api/auth/verify-password", json!({ "password": PASSWORD })).await.expect(200);
    }
}

#[tokio::test]
async fn nothing_is_counted_when_it_is_off() {
    let app = TestApp::new(Engine::Sqlite).await;
    let client = from(&app, "203.0.113.7");
    for _ in 0..120 {
        client.get("/api/auth/get-session").await.expect(200);
    }
    let body = json!({ "email": "ada@example.org", "password": PASSWORD });
    assert_eq!(statuses(&client, "/api/auth/sign-in/email", &body, 6).await, [401; 6]);
    assert_eq!(count(&app, "SELECT count(*) FROM rate_limits").await, 0);
}

#[tokio::test]
async fn proxies_are_those_that_are_named() {
    let app = TestApp::with(Engine::Sqlite, &[("RATE_LIMIT", "on"), ("TRUSTED_PROXIES", "10.0.0.0/8")]).await;
    app.user("Ada").await;
    let client = from(&app, "6.6.6.6, 192.168.1.7, 10.0.0.1");
    let body = json!({ "email": "ada@example.org", "password": PASSWORD });
    let token = client.post("/api/auth/sign-in/email", body).await.expect(200).json()["token"].clone();
    let bearer = app.anonymous().with("authorization", &format!("Bearer {}", token.as_str().expect("a token")));
    let found = bearer.get("/api/auth/get-session").await.json();
    assert_eq!(found["session"]["ipAddress"], "192.168.1.7");
}

#[tokio::test]
async fn the_prefix_of_an_adopted_app() {
    let app = TestApp::with(Engine::Sqlite, &[("COOKIE_PREFIX", "my-app")]).await;
    let body = json!({ "name": "", "email": "ada@example.org", "password": PASSWORD });
    let answer = app.anonymous().post("/api/auth/sign-up/email", body).await.expect(200);
    let line = &super::set_cookies(&answer)[0];
    assert!(line.starts_with("my-app.session_token="), "{line}");
    let pair = line.split(';').next().expect("a pair");
    let found = app.anonymous().with("cookie", pair).get("/api/auth/get-session").await.json();
    assert_eq!(found["user"]["email"], "ada@example.org");
    let other = app.anonymous().with("cookie", &pair.replace("my-app", "better-auth"));
    assert_eq!(other.get("/api/auth/get-session").await.json(), Value::Null);
}
