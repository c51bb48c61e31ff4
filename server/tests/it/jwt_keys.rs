//! The keys of our tokens: in Better Auth's table, in Better Auth's form, shared by every process.

use crate::{
    accounts::count,
    app::{Client, Engine, TestApp, on_both},
    forge::part,
    jwt::{DAY, SECRET, bearer, jwks, seconds, token_of},
};
use domain::{account::User, id::UserId};
use serde_json::{Map, Value, json};
use server::{
    auth::{jwt, keyring},
    service::accounts::Accounts,
    state::AppState,
    store::jwks::StoredKey,
};
use std::sync::Arc;

/// What Better Auth 1.7.24 made with its fixture's secret.
fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../tests/fixtures/better-auth/vectors.json")).expect("JSON")
}

/// Another process on the same database.
async fn other_pod(app: &TestApp) -> AppState {
    let config = app.state.services.config().clone();
    server::serve::assemble(Arc::new(config), app.clock.clone(), app.stop.subscribe()).await.expect("starts")
}

async fn store_key(app: &TestApp, key: &StoredKey, curve: &str) {
    let mut conn = app.state.services.store().write().await.expect("a connection");
    conn.insert_key(key, curve).await.expect("stored");
    conn.commit().await.expect("stored");
}

async fn store_user(app: &TestApp, id: &str) {
    let date = "2026-11-21T03:41:04.378Z".to_owned();
    let user = User {
        name: "Ann".into(),
        email: format!("{}@example.com", id.to_lowercase()),
        email_verified: true,
        image: None,
        created_at: date.clone(),
        updated_at: date,
        id: UserId(id.into()),
    };
    let mut conn = app.state.services.store().write().await.expect("a connection");
    conn.insert_user(&user, 1_795_232_464_378).await.expect("stored");
    conn.commit().await.expect("stored");
}

fn kid(token: &str) -> String {
    part(token, 0)["kid"].as_str().expect("a kid").to_owned()
}

on_both! {
    async fn keys_are_kept_as_better_auth_keeps_them(app) {
        let ann = app.user("ann").await;
        let token = token_of(&ann).await;
        for _ in 0..3 {
            assert_eq!(kid(&token_of(&ann).await), kid(&token));
            assert_eq!(jwks(&app).await.len(), 1);
        }
        let rows = app.state.services.store().read().await.expect("a connection").jwks().await.expect("rows");
        let [row] = &rows[..] else { panic!("one key: {rows:?}") };
        assert_eq!((row.id.len(), row.alg.as_deref(), row.expires_at), (32, Some("EdDSA"), None));
        assert_eq!(row.created_at, seconds(&app) * 1000);
        let sealed: String = serde_json::from_str(&row.private_key).expect("a JSON text");
        assert!(sealed.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)), "{sealed}");
        let private: Map<String, Value> =
            serde_json::from_str(&keyring::open(SECRET, &sealed).expect("opens")).expect("JSON");
        assert_eq!(private.keys().collect::<Vec<_>>(), ["crv", "d", "x", "kty"]);
        let public: Map<String, Value> = serde_json::from_str(&row.public_key).expect("JSON");
        assert_eq!(public.keys().collect::<Vec<_>>(), ["crv", "x", "kty"]);
        assert_eq!(public["x"], private["x"]);
    }

    async fn two_processes_agree_on_one_key(app) {
        let ann = app.user("ann").await;
        let other = other_pod(&app).await;
        let (mut here, mut there) = (Vec::new(), Vec::new());
        for _ in 0..4 {
            here.push(app.state.accounts.published_keys());
            there.push(other.accounts.published_keys());
        }
        let (here, there) = tokio::join!(futures::future::join_all(here), futures::future::join_all(there));
        for keys in here.into_iter().chain(there) {
            assert_eq!(keys.expect("keys"), jwks(&app).await);
        }
        assert_eq!(count(&app, r#"SELECT count(*) FROM "jwks""#).await, 1);
        // A key the other one makes later is known here at once, though ours are remembered.
        let token = token_of(&ann).await;
        let (_, public, private) = jwt::SigningKey::new("from-the-other-pod", [3; 32]).expect("a key");
        let sealed = Value::String(keyring::seal(SECRET, &private, [5; 24]).expect("seals")).to_string();
        let key = StoredKey {
            id: "from-the-other-pod".into(),
            public_key: public,
            private_key: sealed,
            created_at: seconds(&app) * 1000 + 1,
            expires_at: None,
            alg: Some("EdDSA".into()),
        };
        store_key(&app, &key, "Ed25519").await;
        app.clock.advance(1);
        let theirs = on(&other.accounts, &ann).await;
        assert_eq!(kid(&theirs), kid(&token), "remembered for a moment");
        let fresh = other_pod(&app).await;
        let theirs = on(&fresh.accounts, &ann).await;
        assert_eq!(kid(&theirs), "from-the-other-pod");
        bearer(&app, &theirs).get("/api/me/tasks").await.expect(200);
        app.clock.advance(31);
        assert_eq!(kid(&token_of(&ann).await), "from-the-other-pod");
    }

    async fn a_key_that_cannot_be_opened_is_still_published(app) {
        let ann = app.user("ann").await;
        let (_, public, private) = jwt::SigningKey::new("older", [3; 32]).expect("a key");
        let sealed = keyring::seal("a secret nobody knows any more", &private, [5; 24]).expect("seals");
        let key = |id: &str, private_key: String| StoredKey {
            id: id.into(),
            public_key: public.clone(),
            private_key,
            created_at: 1_795_232_464_378,
            expires_at: None,
            alg: None,
        };
        store_key(&app, &key("older", Value::String(sealed).to_string()), "Ed25519").await;
        // Rows that say nothing sensible are left out and harm nobody.
        store_key(&app, &key("broken", "{".into()), "Ed25519").await;
        let odd = StoredKey { public_key: r#"{"kty":"oct","k":"c2VjcmV0"}"#.into(), ..key("odd", "{}".into()) };
        store_key(&app, &odd, "Ed25519").await;
        let token = token_of(&ann).await;
        assert_ne!(kid(&token), "older");
        let kids: Vec<_> = jwks(&app).await.iter().map(|k| k["kid"].as_str().expect("a kid").to_owned()).collect();
        assert_eq!(kids.len(), 3, "{kids:?}");
        assert!(kids.contains(&"older".into()) && kids.contains(&kid(&token)), "{kids:?}");
        let again = other_pod(&app).await;
        assert_eq!(kid(&on(&again.accounts, &ann).await), kid(&token), "one new key is enough");
        bearer(&app, &token).get("/api/me/tasks").await.expect(200);
    }

    async fn a_key_that_was_never_sealed_signs(app) {
        let ann = app.user("ann").await;
        let (_, public_key, private_key) = jwt::SigningKey::new("plain", [3; 32]).expect("a key");
        let key = StoredKey {
            id: "plain".into(),
            public_key,
            private_key,
            created_at: 1_795_232_464_378,
            expires_at: None,
            alg: None,
        };
        store_key(&app, &key, "Ed25519").await;
        let token = token_of(&ann).await;
        assert_eq!(kid(&token), "plain");
        assert_eq!(jwks(&app).await.len(), 1);
        bearer(&app, &token).get("/api/me/tasks").await.expect(200);
    }

    async fn keys_of_other_algorithms_are_published_and_verify(app) {
        store_user(&app, "ann").await;
        let all: Value = serde_json::from_str(include_str!("../../../tests/fixtures/jwt/algorithms.json")).expect("JSON");
        let vectors = all["keys"].as_array().expect("keys");
        for vector in vectors {
            // Version 1.2 kept the algorithm in the key itself, later ones in a column.
            let (mut jwk, alg) = (vector["jwk"].clone(), vector["alg"].as_str().expect("a name"));
            let old = alg == "ES256";
            if old {
                jwk["alg"] = alg.into();
            }
            let key = StoredKey {
                id: vector["kid"].as_str().expect("a kid").into(),
                public_key: jwk.to_string(),
                private_key: r#""00""#.into(),
                created_at: 1_795_232_464_378,
                expires_at: None,
                alg: (!old).then(|| alg.into()),
            };
            store_key(&app, &key, jwk["crv"].as_str().unwrap_or_default()).await;
        }
        let shown = jwks(&app).await;
        for vector in vectors {
            let kid = &vector["kid"];
            let key = shown.iter().find(|key| &key["kid"] == kid).expect("published");
            assert_eq!(key["alg"], vector["alg"]);
            let token = vector["token"].as_str().expect("a token");
            // ring has no P-521.
            let status = if vector["alg"] == "ES512" { 401 } else { 200 };
            bearer(&app, token).get("/api/ann/tasks").await.expect(status);
        }
        // What signs here is Ed25519, whatever was there before.
        let ann = app.user("eve").await;
        assert_eq!(part(&token_of(&ann).await, 0)["alg"], "EdDSA");
    }
}

/// A token as that process makes it.
async fn on(accounts: &Accounts, client: &Client) -> String {
    let presented = server::auth::cookie::Presented { token: Some(client.token.clone()), ..Default::default() };
    match accounts.session(&presented, false).await.expect("asks") {
        server::service::accounts::Found::Live { owner, .. } => accounts.token_of(&owner.user).await.expect("a token"),
        other => panic!("no session: {other:?}"),
    }
}

#[tokio::test]
async fn what_better_auth_left_goes_on() {
    let all = vectors();
    let secret = all["secret"].as_str().expect("a secret");
    let settings = [("BETTER_AUTH_SECRET", secret), ("BETTER_AUTH_URL", "http://localhost:3000")];
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let app = TestApp::with(engine, &settings).await;
        let shown = &all["jwks"]["keys"][0];
        let key = StoredKey {
            id: shown["kid"].as_str().expect("a kid").into(),
            public_key: json!({"crv": shown["crv"], "x": shown["x"], "kty": shown["kty"]}).to_string(),
            private_key: all["jwkPrivateKey"]["column"].as_str().expect("a text").into(),
            created_at: 1_795_232_465_416,
            expires_at: None,
            alg: Some("EdDSA".into()),
        };
        store_key(&app, &key, "Ed25519").await;
        assert_eq!(json!({"keys": jwks(&app).await}), all["jwks"]);
        // The token that is good until 2099, of a user who is here.
        let token = all["jwts"][2]["token"].as_str().expect("a token");
        let user = part(token, 1)["sub"].as_str().expect("a user").to_owned();
        bearer(&app, token).get(&format!("/api/{user}/tasks")).await.expect(401);
        store_user(&app, &user).await;
        bearer(&app, token).get(&format!("/api/{user}/tasks")).await.expect(200);
        let ann = app.user("ann").await;
        assert_eq!(kid(&token_of(&ann).await), key.id);
    }
}

#[tokio::test]
async fn keys_are_replaced_and_outlive_themselves() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let app = TestApp::with(engine, &[("JWT_ROTATION_DAYS", "10"), ("JWT_GRACE_DAYS", "5")]).await;
        app.user("ann").await;
        let first = token_of(&app.again("ann").await).await;
        app.clock.advance(10 * DAY - 60);
        let last = token_of(&app.again("ann").await).await;
        assert_eq!(kid(&last), kid(&first));
        app.clock.advance(60);
        let second = token_of(&app.again("ann").await).await;
        assert_ne!(kid(&second), kid(&first));
        bearer(&app, &last).get("/api/me/tasks").await.expect(200);
        assert_eq!(jwks(&app).await.len(), 2);
        app.clock.advance(5 * DAY);
        let kids: Vec<Value> = jwks(&app).await.iter().map(|key| key["kid"].clone()).collect();
        assert_eq!(kids, [json!(kid(&second))]);
        assert_eq!(count(&app, r#"SELECT count(*) FROM "jwks""#).await, 2);
    }
}

#[tokio::test]
async fn a_key_without_an_end_is_replaced_once_rotation_is_on() {
    let app = TestApp::with(Engine::Sqlite, &[("JWT_ROTATION_DAYS", "10")]).await;
    let (_, public_key, private_key) = jwt::SigningKey::new("endless", [3; 32]).expect("a key");
    let created_at = (seconds(&app) - 11 * DAY) * 1000;
    let key = StoredKey { id: "endless".into(), public_key, private_key, created_at, expires_at: None, alg: None };
    store_key(&app, &key, "Ed25519").await;
    let ann = app.user("ann").await;
    assert_ne!(kid(&token_of(&ann).await), "endless");
    assert_eq!(jwks(&app).await.len(), 2);
    app.clock.advance(31 * DAY);
    assert!(!jwks(&app).await.iter().any(|key| key["kid"] == "endless"));
}

#[tokio::test]
async fn secrets_have_versions() {
    const NEW: &str = "2:a-newer-secret-0123456789abcdef,1:a-secret-for-tests-0123456789abcdef";
    let app = TestApp::with(Engine::Sqlite, &[("BETTER_AUTH_SECRETS", NEW)]).await;
    let ann = app.user("ann").await;
    let token = token_of(&ann).await;
    bearer(&app, &token).get("/api/me/tasks").await.expect(200);
    let rows = app.state.services.store().read().await.expect("a connection").jwks().await.expect("rows");
    assert!(rows[0].private_key.starts_with("\"$ba$2$"), "{}", rows[0].private_key);
    // The first one signs cookies; those an older one signed are still good.
    let cookie = |secret: &str| {
        let cookies = server::auth::cookie::Cookies::new([secret], false, "better-auth");
        cookies.session(&ann.token, true).split(';').next().expect("a pair").to_owned()
    };
    let with = |secret: &str| app.anonymous().with("cookie", &cookie(secret));
    with("a-newer-secret-0123456789abcdef").get("/api/me/tasks").await.expect(200);
    with(SECRET).get("/api/me/tasks").await.expect(200);
    with("another-secret-0123456789abcdef").get("/api/me/tasks").await.expect(401);
}
