//! JSON Web Tokens: ours, with Better Auth's keys in Better Auth's table, and those of the older apps.

use crate::{
    accounts::{count, sql},
    app::{Client, Engine, TestApp, on_both},
    forge::{hs256, nobody, part, token},
};
use axum::http::{Method, header};
use domain::{account::User, id::UserId};
use serde_json::{Map, Value, json};
use server::{
    auth::{jwt, keyring},
    service::accounts::Accounts,
    state::AppState,
    store::jwks::StoredKey,
};
use std::sync::Arc;

const SECRET: &str = "a-secret-for-tests-0123456789abcdef";
const ORIGIN: &str = "http://localhost:8080";
const DAY: i64 = 86_400;

/// What Better Auth 1.7.24 made with its fixture's secret.
fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../tests/fixtures/better-auth/vectors.json")).expect("JSON")
}

async fn token_of(client: &Client) -> String {
    let answer = client.get("/api/auth/token").await.expect(200).json();
    answer["token"].as_str().expect("a token").to_owned()
}

async fn jwks(app: &TestApp) -> Vec<Value> {
    app.anonymous().get("/api/auth/jwks").await.expect(200).json()["keys"].as_array().expect("keys").clone()
}

fn bearer(app: &TestApp, token: &str) -> Client {
    app.anonymous().with("authorization", &format!("Bearer {token}"))
}

fn seconds(app: &TestApp) -> i64 {
    use server::clock::Clock as _;
    app.clock.millis() / 1000
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

fn public_key(shown: &Value) -> jwt::Key {
    jwt::Key::public(shown.as_object().expect("a key"), None).expect("a key")
}

fn kid(token: &str) -> String {
    part(token, 0)["kid"].as_str().expect("a kid").to_owned()
}

on_both! {
    async fn a_token_says_who_somebody_is(app) {
        let ann = app.user("ann").await;
        let token = token_of(&ann).await;
        let keys = jwks(&app).await;
        assert_eq!(keys.len(), 1);
        assert_eq!(keys[0].as_object().expect("a key").keys().collect::<Vec<_>>(), ["alg", "crv", "x", "kty", "kid"]);
        assert_eq!(part(&token, 0).to_string(), format!(r#"{{"alg":"EdDSA","kid":{}}}"#, keys[0]["kid"]));
        let claims = part(&token, 1);
        let names: Vec<&String> = claims.as_object().expect("claims").keys().collect();
        assert_eq!(
            names,
            ["iat", "name", "email", "emailVerified", "image", "createdAt", "updatedAt", "id", "sub", "exp", "iss", "aud"]
        );
        let now = seconds(&app);
        assert_eq!((claims["iat"].as_i64(), claims["exp"].as_i64()), (Some(now), Some(now + 900)));
        assert_eq!((&claims["iss"], &claims["aud"]), (&json!(ORIGIN), &json!(ORIGIN)));
        assert_eq!((&claims["sub"], &claims["id"]), (&json!(ann.user), &json!(ann.user)));
        assert_eq!(claims["createdAt"], "2026-11-21T10:00:00.000Z");
        let read = jwt::Unverified::parse(&token).expect("a token");
        let only = [ORIGIN];
        let one = jwt::Expect::OneOf(&only);
        read.verify(&public_key(&keys[0]), now, one, one).expect("verifies");

        // It opens the API, until it is over; and it is nobody else's.
        let program = bearer(&app, &token);
        program.post("/api/me/tasks", json!({"title": "by token"})).await.expect(201);
        program.get(&format!("/api/{}/tasks", ann.user)).await.expect(200);
        program.get("/api/somebody-else/tasks").await.expect(404);
        assert_eq!(ann.titles("").await, ["by token"]);
        app.clock.advance(899);
        program.get("/api/me/tasks").await.expect(200);
        app.clock.advance(1);
        let answer = program.get("/api/me/tasks").await.expect(401);
        assert_eq!(answer.json()["code"], "invalid_token");
        assert_eq!(
            answer.header("www-authenticate"),
            Some(r#"Bearer error="invalid_token", error_description="the token has expired""#)
        );
    }

    async fn a_session_comes_with_a_token(app) {
        let ann = app.user("ann").await;
        let answer = ann.get("/api/auth/get-session").await.expect(200);
        let token = answer.header("set-auth-jwt").expect("a token").to_owned();
        assert_eq!(answer.header("access-control-expose-headers"), Some("set-auth-jwt"));
        bearer(&app, &token).get("/api/me/tasks").await.expect(200);
        // With both headers there is still one line that names them.
        app.clock.advance(2 * DAY);
        let answer = ann.get("/api/auth/get-session").await.expect(200);
        let lines: Vec<_> = answer.headers.get_all("access-control-expose-headers").iter().collect();
        assert_eq!(lines, ["set-auth-jwt, set-auth-token"]);
        let nobody = app.anonymous().get("/api/auth/get-session").await.expect(200);
        assert_eq!((nobody.text.as_str(), nobody.header("set-auth-jwt")), ("null", None));
    }

    async fn a_token_is_no_session(app) {
        let ann = app.user("ann").await;
        let token = token_of(&ann).await;
        let shared = crate::forge::token(
            r#"{"alg":"HS256"}"#,
            &json!({"sub": ann.user, "exp": seconds(&app) + 60}).to_string(),
            hs256(SECRET.as_bytes()),
        );
        for token in [&token, &shared] {
            let program = bearer(&app, token);
            program.get("/api/me/tasks").await.expect(200);
            assert_eq!(program.get("/api/auth/get-session").await.expect(200).text, "null");
            for path in ["/api/auth/token", "/api/auth/list-sessions"] {
                assert_ne!(program.get(path).await.status.as_u16(), 200, "{path}");
            }
            for path in ["/api/auth/update-user", "/api/auth/revoke-other-sessions"] {
                program.post(path, json!({"name": "Eve"})).await.expect(401);
            }
            // Nor does it make or end what outlives it.
            let wish = json!({"name": "x", "scopes": ["read"]});
            assert_eq!(program.post("/api/me/tokens", wish).await.expect(403).json()["code"], "session_required");
            assert_eq!(program.delete("/api/me/sessions").await.expect(403).json()["code"], "session_required");
        }
        app.anonymous().get("/api/auth/token").await.expect(401);
        app.anonymous().post("/api/auth/token", json!({})).await.expect(404);
        app.anonymous().post("/api/auth/jwks", json!({})).await.expect(404);
    }

    async fn whoever_is_locked_out_or_gone_stays_out(app) {
        let (ann, bob) = (app.user("ann").await, app.user("bob").await);
        let (hers, his) = (token_of(&ann).await, token_of(&bob).await);
        sql(&app, "UPDATE user_flags SET disabled = true").await;
        bearer(&app, &hers).get("/api/me/tasks").await.expect(401);
        bearer(&app, &his).get("/api/me/tasks").await.expect(200);
        sql(&app, r#"DELETE FROM "user""#).await;
        bearer(&app, &his).get("/api/me/tasks").await.expect(401);
    }

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
        let router = server::http::router(other.clone());
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
        drop(router);
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

    async fn tokens_of_the_older_apps(app) {
        let ann = app.user("ann").await;
        let now = seconds(&app);
        let claims = json!({"sub": ann.user, "email": "ann@example.org", "name": "ann", "iat": now, "exp": now + 3600});
        let make = |header: Value, claims: &Value| token(&header.to_string(), &claims.to_string(), hs256(SECRET.as_bytes()));
        for header in [json!({"alg": "HS256"}), json!({"alg": "HS256", "typ": "JWT"})] {
            bearer(&app, &make(header, &claims)).get(&format!("/api/{}/tasks", ann.user)).await.expect(200);
        }
        let refuse = async |why: &str, token: String| {
            let answer = bearer(&app, &token).get("/api/me/tasks").await;
            assert_eq!(answer.status.as_u16(), 401, "{why}: {}", answer.text);
            assert!(answer.header("www-authenticate").expect("a challenge").starts_with("Bearer error="), "{why}");
        };
        let with = |name: &str, value: Value| {
            let mut claims = claims.clone();
            claims[name] = value;
            make(json!({"alg": "HS256"}), &claims)
        };
        for (name, value) in [
            ("sub", json!("nobody")),
            ("sub", json!(null)),
            ("exp", json!(now)),
            ("exp", json!("9999999999")),
            ("nbf", json!(now + 31)),
            ("iat", json!(now + 31)),
            ("iss", json!("https://evil.example")),
            ("aud", json!("https://evil.example")),
        ] {
            refuse(name, with(name, value)).await;
        }
        refuse("kid", make(json!({"alg": "HS256", "kid": "x"}), &claims)).await;
        refuse("another secret", token(r#"{"alg":"HS256"}"#, &claims.to_string(), hs256(b"another"))).await;
        refuse("an empty secret", token(r#"{"alg":"HS256"}"#, &claims.to_string(), hs256(b""))).await;
        for alg in ["none", "None", "NONE", "nOnE", "HS384", "HS512"] {
            let header = json!({"alg": alg}).to_string();
            refuse(alg, token(&header, &claims.to_string(), nobody)).await;
            refuse(alg, token(&header, &claims.to_string(), hs256(SECRET.as_bytes()))).await;
        }
        // The links in our mails are signed with the same secret, and are not for this.
        let mail = json!({"email": "ann@example.org", "userId": ann.user, "iat": now, "exp": now + 3600});
        refuse("a mail's", make(json!({"alg": "HS256"}), &mail)).await;
    }

    async fn confusion(app) {
        let ann = app.user("ann").await;
        let good = token_of(&ann).await;
        let keys = jwks(&app).await;
        let (x, kid) = (keys[0]["x"].as_str().expect("x"), keys[0]["kid"].as_str().expect("kid"));
        let parts: Vec<&str> = good.split('.').collect();
        let claims = part(&good, 1).to_string();
        let raw = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, x).expect("bytes");
        let mut bad: Vec<(&str, String)> = Vec::new();
        // The public key as a secret, in the forms somebody may hold it.
        for secret in [x.as_bytes().to_vec(), raw, keys[0].to_string().into_bytes(), b"".to_vec()] {
            for header in [json!({"alg": "HS256", "kid": kid}), json!({"alg": "HS256"}), json!({"alg": "EdDSA", "kid": kid})] {
                bad.push(("public key as secret", token(&header.to_string(), &claims, hs256(&secret))));
            }
        }
        for alg in ["none", "None", "RS256", "ES256", "HS256", "PS256", "eddsa", "Ed25519", ""] {
            let header = json!({"alg": alg, "kid": kid}).to_string();
            bad.push(("another algorithm", token(&header, &claims, nobody)));
            let header = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, header);
            bad.push(("another algorithm, same signature", format!("{header}.{}.{}", parts[1], parts[2])));
        }
        // A key of the attacker's own, brought along.
        let (signing, public, _) = jwt::SigningKey::new(kid, [1; 32]).expect("a key");
        let own: Value = serde_json::from_str(&public).expect("JSON");
        let pair = ring::signature::Ed25519KeyPair::from_seed_unchecked(&[1; 32]).expect("a key");
        bad.push(("another key under the same kid", signing.sign(part(&good, 1).as_object().expect("claims"))));
        for (name, value) in [
            ("jwk", own),
            ("jku", json!("http://127.0.0.1:1/jwks")),
            ("x5u", json!("http://127.0.0.1:1/cert")),
            ("crit", json!(["exp"])),
            ("b64", json!(false)),
        ] {
            let header = json!({"alg": "EdDSA", "kid": kid, name: value}).to_string();
            bad.push((name, token(&header, &claims, crate::forge::ed25519(&pair))));
        }
        for kid in ["", "x", "../../dev/null", "' OR 1=1 --", "\u{0}"] {
            let header = json!({"alg": "EdDSA", "kid": kid}).to_string();
            bad.push(("unknown kid", token(&header, &claims, crate::forge::ed25519(&pair))));
        }
        bad.push(("no kid", token(r#"{"alg":"EdDSA"}"#, &claims, crate::forge::ed25519(&pair))));
        bad.push(("no signature", format!("{}.{}.", parts[0], parts[1])));
        bad.push(("four parts", format!("{good}.x")));
        bad.push(("five parts", format!("{good}.x.y")));
        bad.push(("a dot before", format!(".{good}")));
        bad.push(("padded", format!("{good}=")));
        bad.push(("not Base64url", good.replace('.', ".*")));
        bad.push(("huge", format!("{}.{}.{}", parts[0], "A".repeat(60_000), parts[2])));
        bad.push(("only dots", "..".into()));
        bad.push(("a member twice", token(&format!(r#"{{"alg":"EdDSA","alg":"none","kid":"{kid}"}}"#), &claims, nobody)));
        for (why, token) in bad {
            let answer = bearer(&app, &token).get("/api/me/tasks").await;
            assert_eq!(answer.status.as_u16(), 401, "{why}: {token}");
            // A cookie beside it does not help: the token was meant.
            let both = ann.with("authorization", &format!("Bearer {token}")).get("/api/me/tasks").await;
            assert_eq!(both.status.as_u16(), 401, "{why}: {token}");
        }
        bearer(&app, &good).get("/api/me/tasks").await.expect(200);
        // Another scheme is none of ours, so the cookie counts; a header of odd bytes is not read.
        ann.with("authorization", "Basic YTpi").get("/api/me/tasks").await.expect(200);
        let mut request = axum::http::Request::new(axum::body::Body::empty());
        *request.method_mut() = Method::GET;
        *request.uri_mut() = "/api/me/tasks".parse().expect("a path");
        let odd = header::HeaderValue::from_bytes(b"Bearer \xff\xfe").expect("a header");
        request.headers_mut().insert(header::AUTHORIZATION, odd);
        let response = tower::ServiceExt::oneshot(app.router.clone(), request).await.expect("infallible");
        assert_eq!(response.status().as_u16(), 401);
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
async fn issuer_and_audience_are_settings() {
    let settings = [("JWT_ISSUER", "urn:todo"), ("JWT_AUDIENCE", "programs")];
    let app = TestApp::with(Engine::Sqlite, &settings).await;
    let ann = app.user("ann").await;
    let token = token_of(&ann).await;
    let claims = part(&token, 1);
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!("urn:todo"), &json!("programs")));
    bearer(&app, &token).get("/api/me/tasks").await.expect(200);
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

#[tokio::test]
async fn a_secret_that_was_made_here_is_shared_with_nobody() {
    let app = TestApp::with(Engine::Sqlite, &[("BETTER_AUTH_SECRET", "")]).await;
    let ann = app.user("ann").await;
    let mut conn = app.state.services.store().read().await.expect("a connection");
    let made = conn.instance_value("auth_secret").await.expect("reads").expect("made");
    drop(conn);
    let claims = json!({"sub": ann.user, "exp": seconds(&app) + 60}).to_string();
    let token = token(r#"{"alg":"HS256"}"#, &claims, hs256(made.as_bytes()));
    bearer(&app, &token).get("/api/me/tasks").await.expect(401);
    bearer(&app, &token_of(&ann).await).get("/api/me/tasks").await.expect(200);
}
