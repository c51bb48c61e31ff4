//! What a session is carried by and how long it lasts, and which pages may use it.

use super::{Browser, DAY, count, refused, set_cookies, sql};
use crate::app::{Engine, NOW, PASSWORD, TestApp, on_both};
use serde_json::{Value, json};
use server::store::Store;

on_both! {
    async fn other_devices_can_be_signed_out(app) {
        let here = app.user("ann").await;
        let (there, bob) = (app.again("ann").await, app.user("bob").await);
        there.get("/api/me/tasks").await.expect(200);
        assert_eq!(here.post("/api/auth/revoke-other-sessions", json!({})).await.expect(200).json(), json!({ "status": true }));
        there.get("/api/me/tasks").await.expect(401);
        here.get("/api/me/tasks").await.expect(200);
        bob.get("/api/me/tasks").await.expect(200);
        app.anonymous().post("/api/auth/revoke-other-sessions", json!({})).await.expect(401);
    }

    async fn a_session_slides(app) {
        let mut ada = Browser::new(&app);
        ada.sign_up("ada@example.org").await;
        // 6.1 days left: nothing happens.
        app.clock.advance(DAY * 9 / 10);
        let answer = ada.get("/api/auth/get-session").await;
        assert!(set_cookies(&answer).is_empty());
        assert_eq!(answer.json()["session"]["expiresAt"], "2026-11-28T10:00:00.000Z");
        // 5.9 days left, and asked not to: still nothing. Any text is a yes.
        app.clock.advance(DAY / 5);
        let answer = ada.get("/api/auth/get-session?disableRefresh=false").await;
        assert!(set_cookies(&answer).is_empty());
        assert_eq!(answer.json()["session"]["updatedAt"], "2026-11-21T10:00:00.000Z");
        // Otherwise a week from now.
        let answer = ada.get("/api/auth/get-session?disableRefresh=").await;
        assert!(set_cookies(&answer)[0].contains("; Max-Age=604800; "), "{:?}", set_cookies(&answer));
        assert!(answer.header("set-auth-token").is_some());
        let session = &answer.json()["session"];
        assert_eq!(session["expiresAt"], "2026-11-29T12:24:00.000Z");
        assert_eq!(session["updatedAt"], "2026-11-22T12:24:00.000Z");
        assert_eq!(session["createdAt"], "2026-11-21T10:00:00.000Z");
        assert_eq!(ada.session().await["session"]["expiresAt"], "2026-11-29T12:24:00.000Z");
        // Exactly six days left is enough, and our own API extends as well.
        app.clock.advance(DAY);
        let answer = ada.get("/api/me/settings").await.expect(200);
        assert!(set_cookies(&answer)[0].contains("; Max-Age=604800; "));
        assert!(set_cookies(&ada.get("/api/me/settings").await).is_empty());
        assert_eq!(ada.session().await["session"]["expiresAt"], "2026-11-30T12:24:00.000Z");
        // Seven days away from the keyboard are too many, to the millisecond.
        app.clock.advance(7 * DAY - 1);
        assert_ne!(ada.client().get("/api/auth/get-session?disableRefresh=1").await.json(), Value::Null);
        app.clock.advance(1);
        ada.get("/api/me/settings").await.expect(401);
        assert_eq!(count(&app, r#"SELECT count(*) FROM "session""#).await, 1);
        let answer = ada.get("/api/auth/get-session").await.expect(200);
        assert_eq!((answer.json(), set_cookies(&answer).len()), (Value::Null, 3));
        assert_eq!(count(&app, r#"SELECT count(*) FROM "session""#).await, 0);
    }

    async fn not_remembered(app) {
        let mut ada = Browser::new(&app);
        ada.sign_up("ada@example.org").await;
        let mut ada = Browser::new(&app);
        let body = json!({ "email": "ada@example.org", "password": PASSWORD, "rememberMe": false });
        let lines = set_cookies(&ada.post("/api/auth/sign-in/email", body).await.expect(200));
        assert!(lines[0].ends_with("%3D; Path=/; HttpOnly; SameSite=Lax"), "{lines:?}");
        assert!(lines[1].starts_with("better-auth.dont_remember=true."), "{lines:?}");
        assert!(!lines[1].contains("Max-Age"));
        assert_eq!(ada.session().await["session"]["expiresAt"], "2026-11-22T10:00:00.000Z");
        // Never extended, by no door.
        app.clock.advance(DAY - 1);
        assert!(set_cookies(&ada.get("/api/auth/get-session").await).is_empty());
        assert!(set_cookies(&ada.get("/api/me/settings").await.expect(200)).is_empty());
        let lines = set_cookies(&ada.post("/api/auth/update-user", json!({ "name": "A" })).await.expect(200));
        assert!(!lines[0].contains("Max-Age"), "{lines:?}");
        app.clock.advance(1);
        ada.client().get("/api/me/settings").await.expect(401);
        // A remembered sign-in takes the flag back.
        let body = json!({ "email": "ada@example.org", "password": PASSWORD });
        let lines = set_cookies(&ada.post("/api/auth/sign-in/email", body).await.expect(200));
        assert!(lines[0].contains("Max-Age=604800"));
        assert_eq!(lines[1], "better-auth.dont_remember=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax");
    }

    async fn broken_cookies_are_no_cookies(app) {
        let mut ada = Browser::new(&app);
        ada.sign_up("ada@example.org").await;
        let good = ada.jar["better-auth.session_token"].clone();
        let (token, signature) = good.split_once('.').expect("signed");
        let forged = app.anonymous();
        for value in [
            "", "x", ".", "%", "%00", token, &format!("{token}."), &format!(".{signature}"), &format!("x{good}"),
            &format!("{}.{signature}", token.to_lowercase()), &format!("{good}%3D"), &good.replace("%3D", ""),
            &format!("{token}.{}", "A".repeat(43) + "%3D"), &"x".repeat(5000),
        ] {
            let client = forged.with("cookie", &format!("better-auth.session_token={value}"));
            let answer = client.get("/api/auth/get-session").await.expect(200);
            assert_eq!((answer.json(), set_cookies(&answer).len()), (Value::Null, 0), "{value}");
            client.get("/api/me/settings").await.expect(401);
        }
        let stale = format!("better-auth.session_data=whatever; better-auth.session_token={good}; other=\"x\"");
        let answer = forged.with("cookie", &stale).get("/api/auth/get-session").await.expect(200);
        assert_eq!(answer.json()["user"]["email"], "ada@example.org");
        assert_eq!(set_cookies(&answer), ["better-auth.session_data=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"]);
    }

    async fn bearer_tokens(app) {
        let answer = app.anonymous().post("/api/auth/sign-up/email",
            json!({ "name": "Ada", "email": "ada@example.org", "password": PASSWORD })).await.expect(200);
        let token = answer.json()["token"].as_str().expect("a token").to_owned();
        let signed = answer.header("set-auth-token").expect("the signed token").to_owned();
        let encoded = signed.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        let bearer = |value: &str| app.anonymous().with("authorization", value);
        for good in [format!("Bearer {token}"), format!("bearer {signed}"), format!("BEARER {encoded}")] {
            let client = bearer(&good);
            assert_eq!(client.get("/api/auth/get-session").await.json()["user"]["email"], "ada@example.org");
            // Nothing a foreign page could borrow, so no origin is asked for.
            let answer = client.post("/api/auth/update-user", json!({ "name": "Via bearer" })).await.expect(200);
            assert_eq!(answer.header("set-auth-token"), Some(signed.as_str()));
            client.post("/api/me/tasks", json!({ "title": "x" })).await.expect(201);
        }
        for bad in [format!("Bearer {token}.AAAA"), "Bearer x".into(), "Bearer".into(), format!("Basic {token}"), format!("Bearer {token}x")] {
            assert_eq!(bearer(&bad).get("/api/auth/get-session").await.expect(200).json(), Value::Null, "{bad}");
            bearer(&bad).get("/api/me/settings").await.expect(401);
        }
        // It takes the place of the cookie; one with a bad signature is not there.
        let mut bob = Browser::new(&app);
        bob.sign_up("bob@example.org").await;
        let both = bob.client().with("authorization", &format!("Bearer {token}"));
        assert_eq!(both.get("/api/auth/get-session").await.json()["user"]["email"], "ada@example.org");
        let broken = bob.client().with("authorization", &format!("Bearer {token}.AAAA"));
        assert_eq!(broken.get("/api/auth/get-session").await.json()["user"]["email"], "bob@example.org");
        // With any cookie along, the origin counts.
        let foreign = both.with("origin", "https://evil.example");
        foreign.post("/api/me/tasks", json!({ "title": "x" })).await.expect(403);
        refused(foreign.post("/api/auth/update-user", json!({ "name": "x" })).await, 403, "INVALID_ORIGIN");
    }

    async fn foreign_pages(app) {
        let mut ada = Browser::new(&app);
        ada.sign_up("ada@example.org").await;
        let (up, credentials) = ("/api/auth/sign-up/email", json!({ "email": "ada@example.org", "password": PASSWORD }));
        for (origin, code) in [("https://evil.example", "INVALID_ORIGIN"), ("null", "MISSING_OR_NULL_ORIGIN"), ("", "MISSING_OR_NULL_ORIGIN"),
            ("http://localhost:8080.evil.example", "INVALID_ORIGIN"), ("http://localhost", "INVALID_ORIGIN")] {
            let client = ada.client().with("origin", origin);
            for path in ["/api/auth/sign-out", "/api/auth/update-user", "/api/auth/sign-in/email"] {
                refused(client.post(path, credentials.clone()).await, 403, code);
            }
            client.post("/api/me/tasks", json!({ "title": "x" })).await.expect(403);
            client.delete("/api/me/tasks/1").await.expect(403);
            client.get("/api/me/tasks").await.expect(200);
        }
        assert_ne!(ada.session().await, Value::Null);
        // Signing somebody in to the attacker's account needs no cookie of theirs.
        let anonymous = app.anonymous();
        for path in [up, "/api/auth/sign-in/email"] {
            let body = json!({ "name": "", "email": "ada@example.org", "password": PASSWORD });
            refused(anonymous.with("origin", "https://evil.example").post(path, body.clone()).await, 403, "INVALID_ORIGIN");
            refused(anonymous.with("referer", "https://evil.example/x").post(path, body.clone()).await, 403, "INVALID_ORIGIN");
            refused(anonymous.with("sec-fetch-mode", "cors").post(path, body.clone()).await, 403, "MISSING_OR_NULL_ORIGIN");
            let form = anonymous.with("sec-fetch-site", "cross-site").with("sec-fetch-mode", "navigate");
            refused(form.post(path, body).await, 403, "CROSS_SITE_NAVIGATION_LOGIN_BLOCKED");
        }
        anonymous.post("/api/auth/sign-in/email", credentials.clone()).await.expect(200);
        for (name, code) in [("callbackURL", "INVALID_CALLBACK_URL"), ("redirectTo", "INVALID_REDIRECT_URL"),
            ("errorCallbackURL", "INVALID_ERROR_CALLBACK_URL"), ("newUserCallbackURL", "INVALID_NEW_USER_CALLBACK_URL")] {
            for target in ["//evil.com", "https://evil.example", "javascript:alert(1)", "/\\evil.com", "/%2Fevil.com", "relative",
                "http://localhost:8080@evil.com/", "/a\r\nSet-Cookie: a=b"] {
                let mut body = credentials.clone();
                body[name] = target.into();
                refused(anonymous.post("/api/auth/sign-in/email", body).await, 403, code);
            }
            let mut body = credentials.clone();
            body[name] = 7.into();
            let answer = anonymous.post("/api/auth/sign-in/email", body).await.expect(400);
            assert_eq!(answer.json().get("code"), None);
        }
        refused(anonymous.post("/api/auth/sign-out?callbackURL=//evil.com", json!({})).await, 403, "INVALID_CALLBACK_URL");
        let mut body = credentials.clone();
        body["callbackURL"] = "".into();
        assert_eq!(anonymous.post("/api/auth/sign-in/email", body).await.expect(200).json()["redirect"], false);
    }

    async fn every_millisecond_survives(app) {
        let ada = app.user("Ada").await;
        let store = app.state.services.store();
        let start = NOW.parse::<jiff::Timestamp>().expect("an instant").as_millisecond();
        // Odd steps, so that every last digit and many days come up.
        for i in 0..400 {
            let at = start + i * 86_399_873;
            let mut conn = store.write().await.expect("a connection");
            conn.extend_session(&ada.token, at, at).await.expect("extends");
            let found = conn.session(&ada.token).await.expect("reads").expect("is there");
            assert_eq!((found.session.expires_at, found.session.updated_at), (at, at));
            conn.commit().await.expect("commits");
        }
    }
}

#[tokio::test]
async fn reading_goes_on_while_writing_cannot() {
    let app = TestApp::new(Engine::Sqlite).await;
    let mut ada = Browser::new(&app);
    ada.sign_up("ada@example.org").await;
    sql(&app, "PRAGMA query_only = 1").await;
    app.clock.advance(2 * DAY);
    let answer = ada.get("/api/me/settings").await.expect(200);
    assert!(set_cookies(&answer).is_empty());
    assert_eq!(ada.session().await["session"]["expiresAt"], "2026-11-28T10:00:00.000Z");
    let body = json!({ "email": "ada@example.org", "password": PASSWORD });
    let answer = ada.post("/api/auth/sign-in/email", body).await;
    assert_eq!(answer.header("retry-after"), Some("2"));
    refused(answer, 503, "SERVICE_UNAVAILABLE");
    refused(ada.post("/api/auth/sign-out", json!({})).await, 503, "SERVICE_UNAVAILABLE");
    app.clock.advance(7 * DAY);
    assert_eq!(ada.client().get("/api/auth/get-session").await.expect(200).json(), Value::Null);
    sql(&app, "PRAGMA query_only = 0").await;
    assert_eq!(ada.session().await, Value::Null);
}

#[tokio::test]
async fn dates_are_better_auths_text() {
    let app = TestApp::new(Engine::Sqlite).await;
    app.clock.set("2026-11-21T03:29:04.061Z".parse().expect("an instant"));
    app.user("Ada").await;
    let Store::Sqlite { read, .. } = app.state.services.store() else { panic!("SQLite") };
    let text = r#"SELECT u."createdAt" || u."updatedAt" || s."createdAt" || a."updatedAt" || s."expiresAt" || typeof(u."emailVerified")
        FROM "user" u, "session" s, "account" a"#;
    let found: String = sqlx::query_scalar(text).fetch_one(read).await.expect("a row");
    assert_eq!(found, format!("{}2026-11-28T03:29:04.061Zinteger", "2026-11-21T03:29:04.061Z".repeat(4)));
}

#[tokio::test]
async fn an_https_address_makes_secure_cookies() {
    let settings =
        [("BETTER_AUTH_URL", "https://todo.example/"), ("BETTER_AUTH_TRUSTED_ORIGINS", "https://*.todo.example")];
    let app = TestApp::with(Engine::Sqlite, &settings).await;
    let body = json!({ "name": "Ada", "email": "ada@example.org", "password": PASSWORD, "rememberMe": false });
    let answer = app.anonymous().with("origin", "https://todo.example").post("/api/auth/sign-up/email", body).await;
    let lines = set_cookies(&answer.expect(200));
    assert!(lines[0].starts_with("__Secure-better-auth.session_token="), "{lines:?}");
    assert!(lines[1].starts_with("__Secure-better-auth.dont_remember=true."), "{lines:?}");
    assert!(lines.iter().all(|line| line.ends_with("; Path=/; HttpOnly; Secure; SameSite=Lax")), "{lines:?}");
    let pair = lines[0].split(';').next().expect("a pair");
    for (origin, status) in [
        ("https://todo.example", 200),
        ("https://a.todo.example", 200),
        ("http://todo.example", 403),
        ("http://localhost:8080", 403),
        ("https://eviltodo.example", 403),
    ] {
        let client = app.anonymous().with("cookie", pair).with("origin", origin);
        client.post("/api/auth/update-user", json!({ "name": "x" })).await.expect(status);
    }
    // The plain name is somebody else's cookie.
    let plain = app.anonymous().with("cookie", pair.trim_start_matches("__Secure-"));
    assert_eq!(plain.get("/api/auth/get-session").await.json(), Value::Null);
}

#[tokio::test]
async fn without_an_address_our_own_host_is_ours() {
    let app = TestApp::with(Engine::Sqlite, &[("BETTER_AUTH_URL", "")]).await;
    let ada = app.user("Ada").await.with("host", "192.168.1.7:8080");
    ada.with("origin", "http://192.168.1.7:8080").post("/api/me/tasks", json!({ "title": "x" })).await.expect(201);
    ada.with("origin", "http://192.168.1.7:8081").post("/api/me/tasks", json!({ "title": "x" })).await.expect(403);
    ada.with("origin", "http://evil.example").post("/api/me/tasks", json!({ "title": "x" })).await.expect(403);
}

#[tokio::test]
async fn sockets_are_for_our_own_pages() {
    let app = TestApp::new(Engine::Sqlite).await;
    let socket = app.user("Ada").await.with("upgrade", "websocket").with("connection", "upgrade");
    socket.with("origin", "https://evil.example").get("/ws").await.expect(403);
}
