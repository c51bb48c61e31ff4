//! Tokens of another Better Auth, whose keys are fetched from a loopback server that counts how often it is asked.

use crate::{
    accounts::{count, sql},
    app::{Client, Engine, TestApp},
    forge::{ed25519, hs256, token},
};
use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use ring::signature::Ed25519KeyPair;
use serde_json::{Value, json};
use server::auth::jwt::SigningKey;
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

const ISSUER: &str = "https://auth.example.org";

#[derive(Clone, Default)]
struct Side {
    answer: Arc<Mutex<(u16, String)>>,
    asked: Arc<AtomicUsize>,
}

impl Side {
    /// Listens on loopback and answers its address.
    async fn start() -> (Self, String) {
        let side = Self::default();
        side.keys(&["one"]);
        let router = Router::new().route("/api/auth/jwks", get(answer)).with_state(side.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/api/auth/jwks", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        (side, url)
    }

    fn says(&self, status: u16, body: impl Into<String>) {
        *self.answer.lock().expect("a lock") = (status, body.into());
    }

    fn keys(&self, kids: &[&str]) {
        let keys: Vec<Value> = kids
            .iter()
            .map(|kid| {
                let (_, public, _) = SigningKey::new(kid, seed(kid)).expect("a key");
                let mut jwk: Value = serde_json::from_str(&public).expect("JSON");
                jwk["kid"] = (*kid).into();
                jwk["alg"] = "EdDSA".into();
                jwk
            })
            .collect();
        self.says(200, json!({ "keys": keys }).to_string());
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

async fn answer(State(side): State<Side>) -> Response {
    side.asked.fetch_add(1, Ordering::SeqCst);
    let (status, body) = side.answer.lock().expect("a lock").clone();
    if status == 302 {
        return Redirect::to(&body).into_response();
    }
    (StatusCode::from_u16(status).expect("a status"), body).into_response()
}

fn seed(kid: &str) -> [u8; 32] {
    let mut seed = [7; 32];
    seed[..kid.len()].copy_from_slice(kid.as_bytes());
    seed
}

fn claims(now: i64) -> Value {
    json!({
        "iat": now, "name": "Zoë", "email": "Zoe@Example.org", "emailVerified": true, "image": null,
        "id": "outside-zoe", "sub": "outside-zoe", "exp": now + 900, "iss": ISSUER, "aud": ISSUER,
    })
}

fn signed(kid: &str, claims: &Value) -> String {
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed(kid)).expect("a key");
    token(&json!({"alg": "EdDSA", "kid": kid}).to_string(), &claims.to_string(), ed25519(&pair))
}

fn seconds(app: &TestApp) -> i64 {
    use server::clock::Clock as _;
    app.clock.millis() / 1000
}

fn bearer(app: &TestApp, token: &str) -> Client {
    app.anonymous().with("authorization", &format!("Bearer {token}"))
}

async fn app(engine: Engine, url: &str, more: &[(&str, &str)]) -> TestApp {
    let mut settings = vec![("BETTER_AUTH_JWKS_URL", url), ("BETTER_AUTH_ISSUER", ISSUER)];
    settings.extend(more);
    TestApp::with(engine, &settings).await
}

#[tokio::test]
async fn its_people_come_in_and_are_made_once() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let (side, url) = Side::start().await;
        let app = app(engine, &url, &[]).await;
        let program = bearer(&app, &signed("one", &claims(seconds(&app))));
        let requests = (0..4).map(|_| program.get("/api/outside-zoe/tasks"));
        for answer in futures::future::join_all(requests).await {
            answer.expect(200);
        }
        program.post("/api/me/tasks", json!({"title": "from outside"})).await.expect(201);
        assert_eq!(side.asked(), 1);
        let made = r#"SELECT count(*) FROM "user" WHERE "id" = 'outside-zoe' AND "email" = 'zoe@example.org' AND "name" = 'Zoë'"#;
        assert_eq!(count(&app, made).await, 1);
        assert_eq!(count(&app, "SELECT count(*) FROM user_flags").await, 0, "and is no admin");
        // It is no session.
        assert_eq!(program.get("/api/auth/get-session").await.text, "null");
        program.get("/api/auth/token").await.expect(401);
        sql(&app, "INSERT INTO user_flags (user_id, disabled) VALUES ('outside-zoe', true)").await;
        program.get("/api/me/tasks").await.expect(401);
    }
}

#[tokio::test]
async fn an_address_that_is_somebodys_lets_nobody_in() {
    let (_side, url) = Side::start().await;
    let app = app(Engine::Sqlite, &url, &[]).await;
    let zoe = app.user("zoe").await;
    zoe.task("hers").await;
    let mut other = claims(seconds(&app));
    bearer(&app, &signed("one", &other)).get("/api/me/tasks").await.expect(401);
    // Ids that would mean something in an address, and people without a usable address.
    for (name, value) in [
        ("sub", json!("me")),
        ("sub", json!("auth")),
        ("sub", json!("a/b")),
        ("sub", json!("..")),
        ("sub", json!("x".repeat(200))),
        ("email", json!("no address")),
        ("email", json!(null)),
        ("email", json!(7)),
    ] {
        other = claims(seconds(&app));
        if name == "sub" {
            other["email"] = "other@example.org".into();
        }
        other[name] = value.clone();
        bearer(&app, &signed("one", &other)).get("/api/me/tasks").await.expect(401);
    }
    assert_eq!(count(&app, r#"SELECT count(*) FROM "user""#).await, 1);
}

#[tokio::test]
async fn what_is_refused() {
    let (_side, url) = Side::start().await;
    let app = app(Engine::Sqlite, &url, &[("BETTER_AUTH_AUDIENCE", "todo")]).await;
    let now = seconds(&app);
    let mut good = claims(now);
    good["aud"] = "todo".into();
    bearer(&app, &signed("one", &good)).get("/api/me/tasks").await.expect(200);
    for (name, value) in [
        ("aud", json!(ISSUER)),
        ("aud", json!(null)),
        ("iss", json!("https://evil.example")),
        // Ours, but not signed by a key of ours.
        ("iss", json!("http://localhost:8080")),
        ("exp", json!(now)),
        ("exp", json!("later")),
        ("nbf", json!(now + 31)),
        ("iat", json!(now + 31)),
        ("sub", json!("")),
    ] {
        let mut claims = good.clone();
        claims[name] = value;
        bearer(&app, &signed("one", &claims)).get("/api/me/tasks").await.expect(401);
    }
    // Another key of that name; its public half as a secret.
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed("two")).expect("a key");
    let header = json!({"alg": "EdDSA", "kid": "one"}).to_string();
    bearer(&app, &token(&header, &good.to_string(), ed25519(&pair))).get("/api/me/tasks").await.expect(401);
    let (_, public, _) = SigningKey::new("one", seed("one")).expect("a key");
    let x = serde_json::from_str::<Value>(&public).expect("JSON")["x"].as_str().expect("x").to_owned();
    for header in [json!({"alg": "HS256", "kid": "one"}), json!({"alg": "HS256"})] {
        let token = token(&header.to_string(), &good.to_string(), hs256(x.as_bytes()));
        bearer(&app, &token).get("/api/me/tasks").await.expect(401);
    }
}

#[tokio::test]
async fn an_unknown_key_is_asked_for_at_most_every_few_seconds() {
    let (side, url) = Side::start().await;
    let app = app(Engine::Sqlite, &url, &[]).await;
    let (one, two) = (signed("one", &claims(seconds(&app))), signed("two", &claims(seconds(&app))));
    bearer(&app, &one).get("/api/me/tasks").await.expect(200);
    assert_eq!(side.asked(), 1);
    for n in 0..20 {
        let made_up = signed(&format!("made-up-{n}"), &claims(seconds(&app)));
        bearer(&app, &made_up).get("/api/me/tasks").await.expect(401);
    }
    assert_eq!(side.asked(), 1, "just asked");
    side.keys(&["one", "two"]);
    app.clock.advance(6);
    bearer(&app, &two).get("/api/me/tasks").await.expect(200);
    bearer(&app, &one).get("/api/me/tasks").await.expect(200);
    assert_eq!(side.asked(), 2);
    // A key that is gone there is gone here after a while.
    side.keys(&["two"]);
    app.clock.advance(601);
    bearer(&app, &two).get("/api/me/tasks").await.expect(200);
    bearer(&app, &one).get("/api/me/tasks").await.expect(401);
    assert_eq!(side.asked(), 3);
}

#[tokio::test]
async fn when_it_is_down_the_last_keys_count_for_a_while() {
    let (side, url) = Side::start().await;
    let app = app(Engine::Sqlite, &url, &[]).await;
    let token = |app: &TestApp| bearer(app, &signed("one", &claims(seconds(app))));
    for (status, body) in [
        (500, "no".to_owned()),
        (200, "no JSON".into()),
        (200, r#"{"keys":7}"#.into()),
        (200, format!(r#"{{"keys":[],"x":"{}"}}"#, "x".repeat(600 * 1024))),
        (302, url.clone()),
    ] {
        side.says(status, body);
        app.clock.advance(6);
        let answer = token(&app).get("/api/me/tasks").await.expect(503);
        assert_eq!((answer.json()["code"].as_str(), answer.header("retry-after")), (Some("unavailable"), Some("2")));
    }
    side.keys(&["one"]);
    app.clock.advance(6);
    token(&app).get("/api/me/tasks").await.expect(200);
    side.says(500, "no");
    app.clock.advance(1800);
    token(&app).get("/api/me/tasks").await.expect(200);
    app.clock.advance(1801);
    token(&app).get("/api/me/tasks").await.expect(503);
    // Our own sessions never noticed.
    app.user("ann").await.get("/api/me/tasks").await.expect(200);
}
