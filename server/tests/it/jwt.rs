//! JSON Web Tokens, ours and those of the older apps: what they open and what is refused.

use crate::{
    accounts::sql,
    app::{Client, Engine, TestApp, on_both},
    forge::{hs256, nobody, part, token},
};
use axum::http::{Method, header};
use serde_json::{Value, json};
use server::auth::jwt;

/// What every app under test signs with.
pub const SECRET: &str = "a-secret-for-tests-0123456789abcdef";
const ORIGIN: &str = "http://localhost:8080";
/// In seconds.
pub const DAY: i64 = 86_400;

pub async fn token_of(client: &Client) -> String {
    let answer = client.get("/api/auth/token").await.expect(200).json();
    answer["token"].as_str().expect("a token").to_owned()
}

pub async fn jwks(app: &TestApp) -> Vec<Value> {
    app.anonymous().get("/api/auth/jwks").await.expect(200).json()["keys"].as_array().expect("keys").clone()
}

pub fn bearer(app: &TestApp, token: &str) -> Client {
    app.anonymous().with("authorization", &format!("Bearer {token}"))
}

pub fn seconds(app: &TestApp) -> i64 {
    use server::clock::Clock as _;
    app.clock.millis() / 1000
}

fn public_key(shown: &Value) -> jwt::Key {
    jwt::Key::public(shown.as_object().expect("a key"), None).expect("a key")
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
