//! Better Auth's contract as its client sees it, and what people try against it.

use crate::app::{Answer, Client, Engine, NOW, PASSWORD, TestApp, on_both};
use axum::{body::Body, http::Method};
use serde_json::{Value, json};
use server::store::Store;
use std::collections::BTreeMap;

mod deletion;
mod doors;
mod letters;
mod limits;
mod linked;
mod passwords;
mod races;
mod sessions;
mod sink;

const ORIGIN: &str = "http://localhost:8080";
const DAY: i64 = 86_400;

/// A browser: it keeps cookies and says where its requests come from.
pub struct Browser {
    client: Client,
    pub jar: BTreeMap<String, String>,
}

impl Browser {
    pub fn new(app: &TestApp) -> Self {
        Self { client: app.anonymous().with("origin", ORIGIN), jar: BTreeMap::new() }
    }

    /// On the page at that address.
    pub fn from(&self, referer: &str) -> Self {
        Self { client: self.client.with("referer", referer), jar: self.jar.clone() }
    }

    fn client(&self) -> Client {
        let pairs: Vec<String> = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if pairs.is_empty() { self.client.clone() } else { self.client.with("cookie", &pairs.join("; ")) }
    }

    fn take(&mut self, answer: Answer) -> Answer {
        for line in set_cookies(&answer) {
            let (name, value) = line.split(';').next().and_then(|pair| pair.split_once('=')).expect("a cookie");
            if line.contains("Max-Age=0") {
                self.jar.remove(name);
            } else {
                self.jar.insert(name.into(), value.into());
            }
        }
        answer
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        let answer = self.client().get(path).await;
        self.take(answer)
    }

    pub async fn post(&mut self, path: &str, body: Value) -> Answer {
        let answer = self.client().post(path, body).await;
        self.take(answer)
    }

    pub async fn form(&mut self, path: &str, body: &str) -> Answer {
        let client = self.client().with("content-type", "application/x-www-form-urlencoded");
        let answer = client.send(Method::POST, path, Body::from(body.to_owned())).await;
        self.take(answer)
    }

    async fn sign_up(&mut self, email: &str) -> Value {
        let body = json!({ "name": "Ada", "email": email, "password": PASSWORD });
        self.post("/api/auth/sign-up/email", body).await.expect(200).json()
    }

    async fn session(&mut self) -> Value {
        self.get("/api/auth/get-session").await.expect(200).json()
    }
}

pub fn set_cookies(answer: &Answer) -> Vec<String> {
    answer.headers.get_all("set-cookie").iter().map(|line| line.to_str().expect("text").to_owned()).collect()
}

#[track_caller]
fn refused(answer: Answer, status: u16, code: &str) {
    let answer = answer.expect(status);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let json = answer.json();
    assert_eq!(json["code"], code, "{json}");
    assert!(json["message"].is_string(), "{json}");
}

/// Runs SQL that no door offers.
pub async fn sql(app: &TestApp, text: &'static str) {
    match app.state.services.store() {
        Store::Sqlite { write, .. } => drop(sqlx::query(text).execute(write).await.expect(text)),
        Store::Postgres(pool) => drop(sqlx::query(text).execute(pool).await.expect(text)),
    }
}

/// One number out of the database.
pub async fn count(app: &TestApp, text: impl Into<String>) -> i64 {
    let text = sqlx::AssertSqlSafe(text.into());
    match app.state.services.store() {
        Store::Sqlite { read, .. } => sqlx::query_scalar(text).fetch_one(read).await.expect("a number"),
        Store::Postgres(pool) => sqlx::query_scalar(text).fetch_one(pool).await.expect("a number"),
    }
}

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

    async fn from_sign_up_to_sign_out(app) {
        let mut ada = Browser::new(&app);
        assert_eq!(ada.get("/api/auth/ok").await.expect(200).json(), json!({ "ok": true }));
        assert_eq!(ada.session().await, Value::Null);

        let body = json!({ "name": "Ada", "email": "Ada@Example.ORG", "password": PASSWORD, "emailVerified": true });
        let answer = ada.post("/api/auth/sign-up/email", body).await.expect(200);
        let [line] = &set_cookies(&answer)[..] else { panic!("one cookie") };
        let (pair, attributes) = line.split_once("; ").expect("attributes");
        assert_eq!(attributes, "Max-Age=604800; Path=/; HttpOnly; SameSite=Lax");
        let signed = pair.strip_prefix("better-auth.session_token=").expect("its name");
        let up = answer.json();
        let token = up["token"].as_str().expect("a token");
        assert!(token.len() == 32 && token.bytes().all(|c| c.is_ascii_alphanumeric()));
        assert!(signed.starts_with(&format!("{token}.")) && signed.ends_with("%3D"));
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("access-control-expose-headers"), Some("set-auth-token"));
        let mut user = up["user"].clone();
        let id = user["id"].take();
        assert_eq!(id.as_str().map(str::len), Some(32));
        let now = "2026-11-21T10:00:00.000Z";
        assert_eq!(user, json!({ "name": "Ada", "email": "ada@example.org", "emailVerified": false, "image": null,
            "createdAt": now, "updatedAt": now, "id": null }));

        let answer = ada.get("/api/auth/get-session").await.expect(200);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("pragma"), Some("no-cache"));
        assert!(set_cookies(&answer).is_empty());
        let mut found = answer.json();
        assert_eq!(found["session"]["id"].take().as_str().map(str::len), Some(32));
        assert_eq!(found["session"], json!({ "expiresAt": "2026-11-28T10:00:00.000Z", "token": token, "createdAt": now,
            "updatedAt": now, "ipAddress": "", "userAgent": "", "userId": id, "id": null }));
        assert_eq!(found["user"], up["user"]);
        ada.get("/api/me/overview").await.expect(200);

        let before = ada.jar.clone();
        let answer = ada.post("/api/auth/sign-out", json!({})).await.expect(200);
        assert_eq!(answer.json(), json!({ "success": true }));
        let cleared = ["session_token", "session_data", "dont_remember"]
            .map(|name| format!("better-auth.{name}=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"));
        assert_eq!(set_cookies(&answer), cleared);
        assert!(ada.jar.is_empty());
        assert_eq!(ada.session().await, Value::Null);
        ada.get("/api/me/overview").await.expect(401);
        // A copy of the cookie is worth nothing now, and is taken back.
        ada.jar = before;
        ada.get("/api/me/overview").await.expect(401);
        let answer = ada.get("/api/auth/get-session").await.expect(200);
        assert_eq!((answer.json(), set_cookies(&answer)), (Value::Null, cleared.to_vec()));
        // Signing out without a session is fine.
        assert_eq!(ada.post("/api/auth/sign-out", json!({})).await.expect(200).json(), json!({ "success": true }));
    }

    async fn signing_in(app) {
        Browser::new(&app).sign_up("ada@example.org").await;
        let mut ada = Browser::new(&app);
        let path = "/api/auth/sign-in/email";
        for (email, password, status, code) in [
            ("ada@example.org", "wrong password", 401, "INVALID_EMAIL_OR_PASSWORD"),
            ("ada@example.org", "", 401, "INVALID_EMAIL_OR_PASSWORD"),
            ("nobody@example.org", PASSWORD, 401, "INVALID_EMAIL_OR_PASSWORD"),
            ("ada", PASSWORD, 400, "INVALID_EMAIL"),
            ("ada@example.org\0", PASSWORD, 400, "INVALID_EMAIL"),
            ("", PASSWORD, 400, "INVALID_EMAIL"),
        ] {
            let answer = ada.post(path, json!({ "email": email, "password": password })).await;
            assert!(set_cookies(&answer).is_empty());
            refused(answer, status, code);
        }
        let long = "x".repeat(129);
        refused(ada.post(path, json!({ "email": "ada@example.org", "password": long })).await, 400, "PASSWORD_TOO_LONG");
        refused(ada.post(path, json!({ "email": "ada@example.org" })).await, 400, "VALIDATION_ERROR");
        refused(ada.post(path, json!({ "email": 7, "password": null })).await, 400, "VALIDATION_ERROR");

        let body = json!({ "email": "ADA@example.org", "password": PASSWORD });
        let answer = ada.post(path, body).await.expect(200);
        assert_eq!(answer.json()["redirect"], false);
        assert!(answer.json().get("url").is_none() && answer.header("location").is_none());
        assert_eq!(answer.json()["user"]["email"], "ada@example.org");
        assert_eq!(ada.session().await["user"]["name"], "Ada");

        let body = json!({ "email": "ada@example.org", "password": PASSWORD, "callbackURL": "/app?x=é" });
        let answer = Browser::new(&app).post(path, body).await.expect(200);
        assert_eq!(answer.json()["redirect"], true);
        assert_eq!(answer.json()["url"], "/app?x=é");
        assert_eq!(answer.header("location"), Some("/app?x=%C3%A9"));

        // The form kind of body, as a plain page would send it.
        let answer = Browser::new(&app).form(path, "email=ada%40example.org&password=correct+horse&rememberMe=false").await;
        assert!(set_cookies(&answer.expect(200))[0].starts_with("better-auth.session_token="));
    }

    async fn what_cannot_sign_up(app) {
        let path = "/api/auth/sign-up/email";
        let mut ada = Browser::new(&app);
        ada.sign_up("ada@example.org").await;
        let taken = json!({ "name": "", "email": "ADA@EXAMPLE.ORG", "password": PASSWORD });
        refused(ada.post(path, taken).await, 422, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL");
        let mut bob = Browser::new(&app);
        for (name, email, password, code) in [
            (json!("Bob"), json!("bob@example.org"), json!("1234567"), "PASSWORD_TOO_SHORT"),
            (json!("Bob"), json!("bob@example.org"), json!("x".repeat(129)), "PASSWORD_TOO_LONG"),
            (json!("Bob"), json!("bob@example.org"), json!("x".repeat(10_000)), "PASSWORD_TOO_LONG"),
            (json!("Bob"), json!("bob@example.org"), json!(""), "VALIDATION_ERROR"),
            (json!("Bob"), json!("bob"), json!(PASSWORD), "VALIDATION_ERROR"),
            (json!("Bob"), json!("b\u{0}b@example.org"), json!(PASSWORD), "VALIDATION_ERROR"),
            (json!("Bob"), json!(format!("{}@example.org", "b".repeat(3000))), json!(PASSWORD), "VALIDATION_ERROR"),
            (json!("B\u{0}b"), json!("bob@example.org"), json!(PASSWORD), "VALIDATION_ERROR"),
            (json!("B".repeat(201)), json!("bob@example.org"), json!(PASSWORD), "VALIDATION_ERROR"),
            (json!(null), json!("bob@example.org"), json!(PASSWORD), "VALIDATION_ERROR"),
            (json!("Bob"), json!(["bob@example.org"]), json!(PASSWORD), "VALIDATION_ERROR"),
        ] {
            let body = json!({ "name": name, "email": email, "password": password });
            refused(bob.post(path, body).await, 400, code);
        }
        let answer = bob.post(path, json!({ "email": "bob", "rememberMe": "yes" })).await;
        assert_eq!(answer.json()["message"], "[body.name] Invalid input: expected string, received undefined; \
            [body.password] Invalid input: expected string, received undefined; \
            [body.rememberMe] Invalid input: expected boolean, received string; [body.email] Invalid email address");
        refused(answer, 400, "VALIDATION_ERROR");
        assert_eq!(count(&app, r#"SELECT count(*) FROM "user""#).await, 1);
        assert!(bob.jar.is_empty());

        // Whatever can be written down can be somebody's name and password.
        let body = json!({ "name": "ゆき\u{202e}🥛 ", "email": "yuki@example.org", "password": "pass\u{0}word ﬁ🥛" });
        assert_eq!(bob.post(path, body).await.expect(200).json()["user"]["name"], "ゆき\u{202e}🥛");
        for (password, status) in [("pass\u{0}word fi🥛", 200), ("pass", 401), ("pass\u{0}word ﬁ", 401)] {
            let body = json!({ "email": "yuki@example.org", "password": password });
            Browser::new(&app).post("/api/auth/sign-in/email", body).await.expect(status);
        }
    }

    async fn bodies(app) {
        let path = "/api/auth/sign-in/email";
        let client = app.anonymous();
        let send = async |kind: &str, body: &str| {
            client.with("content-type", kind).send(Method::POST, path, Body::from(body.to_owned())).await
        };
        refused(send("application/json", "{").await, 400, "BAD_REQUEST");
        refused(send("application/json", r#"{"email":"\ud800"}"#).await, 400, "BAD_REQUEST");
        refused(send("application/json; charset=utf-8", "[]").await, 400, "VALIDATION_ERROR");
        refused(send("Application/JSON", "null").await, 400, "VALIDATION_ERROR");
        refused(send("application/json", "").await, 400, "VALIDATION_ERROR");
        refused(send("application/json", &"[".repeat(60_000)).await, 400, "BAD_REQUEST");
        refused(send("application/x-www-form-urlencoded", "%%%=&&&").await, 400, "VALIDATION_ERROR");
        refused(send("multipart/form-data", "x").await, 415, "UNSUPPORTED_MEDIA_TYPE");
        let answer = send("text/plain", "x").await;
        assert_eq!(answer.json(), json!({ "message": "Content-Type \"text/plain\" is not allowed. Allowed types: \
            application/x-www-form-urlencoded, application/json", "code": "UNSUPPORTED_MEDIA_TYPE" }));
        refused(send("application/json", &format!("\"{}\"", "x".repeat(70_000))).await, 413, "PAYLOAD_TOO_LARGE");
        // Without a body, whatever the header says, a POST is legal.
        for kind in ["application/json", "text/plain", "garbage"] {
            client.with("content-type", kind).send(Method::POST, "/api/auth/sign-out", Body::empty()).await.expect(200);
        }
        let form = client.with("content-type", "application/x-www-form-urlencoded");
        refused(form.send(Method::POST, "/api/auth/update-user", Body::from("name=x")).await, 415, "UNSUPPORTED_MEDIA_TYPE");
    }

    async fn nothing_there(app) {
        let client = app.user("Ada").await;
        for (method, path) in [
            (Method::GET, "/api/auth"), (Method::GET, "/api/auth/"), (Method::GET, "/api/auth/nope"),
            (Method::POST, "/api/auth/nope"), (Method::POST, "/api/auth/ok"), (Method::HEAD, "/api/auth/ok"),
            (Method::OPTIONS, "/api/auth/ok"), (Method::GET, "/api/auth/ok/"), (Method::GET, "/api/auth//ok"),
            (Method::GET, "/api/auth/sign-out"), (Method::GET, "/api/auth/sign-in/email"),
            (Method::PUT, "/api/auth/sign-in/email"), (Method::DELETE, "/api/auth/get-session"),
            (Method::GET, "/api/auth/update-user"), (Method::GET, "/api/auth/%6Fk"), (Method::GET, "/api/auth/OK"),
        ] {
            let answer = client.send(method.clone(), path, Body::empty()).await.expect(404);
            assert_eq!((answer.text.as_str(), answer.header("content-type")), ("", None), "{method} {path}");
        }
        let answer = client.post("/api/auth/get-session", json!({})).await;
        refused(answer, 405, "METHOD_NOT_ALLOWED_DEFER_SESSION_REQUIRED");
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

    async fn updating_oneself(app) {
        let path = "/api/auth/update-user";
        refused(app.anonymous().post(path, json!({ "name": "x" })).await, 401, "UNAUTHORIZED");
        let mut ada = Browser::new(&app);
        ada.sign_up("ada@example.org").await;
        app.clock.advance(60);
        let answer = ada.post(path, json!({ "name": " Ada Lovelace ", "image": "https://example.org/a.png", "emailVerified": true })).await;
        assert!(set_cookies(&answer)[0].contains("Max-Age=604800"));
        assert_eq!(answer.expect(200).json(), json!({ "status": true }));
        let user = ada.session().await["user"].clone();
        assert_eq!((&user["name"], &user["image"]), (&json!("Ada Lovelace"), &json!("https://example.org/a.png")));
        assert_eq!((&user["emailVerified"], &user["updatedAt"]), (&json!(false), &json!("2026-11-21T10:01:00.000Z")));
        ada.post(path, json!({ "image": null })).await.expect(200);
        let user = ada.session().await["user"].clone();
        assert_eq!((&user["name"], &user["image"]), (&json!("Ada Lovelace"), &Value::Null));
        refused(ada.post(path, json!({ "email": "x@example.org", "name": "x" })).await, 400, "EMAIL_CAN_NOT_BE_UPDATED");
        refused(ada.post(path, json!(["x"])).await, 400, "VALIDATION_ERROR");
        refused(ada.post(path, json!({ "name": 7 })).await, 400, "VALIDATION_ERROR");
        refused(ada.post(path, json!({ "name": "a\u{0}b" })).await, 400, "VALIDATION_ERROR");
        for body in [json!({}), json!({ "emailVerified": true })] {
            let answer = ada.post(path, body).await.expect(400);
            assert_eq!(answer.json(), json!({ "message": "No fields to update" }));
        }
        assert_eq!(ada.session().await["user"]["name"], "Ada Lovelace");
    }

    async fn two_at_once_with_one_address(app) {
        let tries = (0..6).map(|_| {
            let client = app.anonymous();
            async move {
                let body = json!({ "name": "", "email": "ada@example.org", "password": PASSWORD });
                client.post("/api/auth/sign-up/email", body).await.status.as_u16()
            }
        });
        let mut statuses = futures::future::join_all(tries).await;
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 422, 422, 422, 422, 422]);
        assert_eq!(count(&app, r#"SELECT count(*) FROM "user""#).await, 1);
        assert_eq!(count(&app, r#"SELECT count(*) FROM "account""#).await, 1);
        assert_eq!(count(&app, r#"SELECT count(*) FROM "session""#).await, 1);
    }

    async fn the_first_is_the_admin(app) {
        let tries = (0..4).map(|i| {
            let client = app.anonymous();
            async move {
                let body = json!({ "name": "", "email": format!("u{i}@example.org"), "password": PASSWORD });
                client.post("/api/auth/sign-up/email", body).await.expect(200);
            }
        });
        futures::future::join_all(tries).await;
        assert_eq!(count(&app, "SELECT count(*) FROM user_flags WHERE admin").await, 1);
    }

    async fn locked_out(app) {
        let mut ada = Browser::new(&app);
        ada.sign_up("ada@example.org").await;
        sql(&app, "UPDATE user_flags SET disabled = true").await;
        ada.get("/api/me/settings").await.expect(401);
        let body = json!({ "email": "ada@example.org", "password": PASSWORD });
        refused(ada.post("/api/auth/sign-in/email", body).await, 403, "BANNED_USER");
        let body = json!({ "email": "ada@example.org", "password": "wrong password" });
        refused(ada.post("/api/auth/sign-in/email", body).await, 401, "INVALID_EMAIL_OR_PASSWORD");
        assert_eq!(ada.session().await, Value::Null);
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

/// Better Auth compares these texts as texts, so they must have exactly its form.
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

/// A fresh install works under every name it is reached by.
#[tokio::test]
async fn without_an_address_our_own_host_is_ours() {
    let app = TestApp::with(Engine::Sqlite, &[("BETTER_AUTH_URL", "")]).await;
    let ada = app.user("Ada").await.with("host", "192.168.1.7:8080");
    ada.with("origin", "http://192.168.1.7:8080").post("/api/me/tasks", json!({ "title": "x" })).await.expect(201);
    ada.with("origin", "http://192.168.1.7:8081").post("/api/me/tasks", json!({ "title": "x" })).await.expect(403);
    ada.with("origin", "http://evil.example").post("/api/me/tasks", json!({ "title": "x" })).await.expect(403);
}

/// A page of another site cannot listen in.
#[tokio::test]
async fn sockets_are_for_our_own_pages() {
    let app = TestApp::new(Engine::Sqlite).await;
    let socket = app.user("Ada").await.with("upgrade", "websocket").with("connection", "upgrade");
    socket.with("origin", "https://evil.example").get("/ws").await.expect(403);
}

#[tokio::test]
async fn sign_up_can_be_closed() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let body = |email: &str| json!({ "name": "", "email": email, "password": PASSWORD });
        let path = "/api/auth/sign-up/email";
        let app = TestApp::with(engine, &[("SIGN_UP", "closed")]).await;
        refused(app.anonymous().post(path, body("a@example.org")).await, 400, "EMAIL_PASSWORD_SIGN_UP_DISABLED");

        let app = TestApp::with(engine, &[("SIGN_UP", "first")]).await;
        let tries = (0..4).map(|i| {
            let client = app.anonymous();
            async move { client.post(path, body(&format!("u{i}@example.org"))).await.status.as_u16() }
        });
        let mut statuses = futures::future::join_all(tries).await;
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 400, 400, 400]);
        refused(app.anonymous().post(path, body("b@example.org")).await, 400, "EMAIL_PASSWORD_SIGN_UP_DISABLED");
    }
}

#[tokio::test]
async fn guessing_is_slow() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let app = TestApp::with(engine, &[("RATE_LIMIT", "on")]).await;
        app.user("Ada").await;
        let from = |address: &str| app.anonymous().with("x-forwarded-for", address);
        let (path, wrong) =
            ("/api/auth/sign-in/email", json!({ "email": "ada@example.org", "password": "wrong password" }));
        let tries = (0..8).map(|_| from("203.0.113.7"));
        let tries = tries.map(|client| {
            let wrong = wrong.clone();
            async move { client.post(path, wrong).await.status.as_u16() }
        });
        let mut statuses = futures::future::join_all(tries).await;
        statuses.sort_unstable();
        assert_eq!(statuses, [401, 401, 401, 429, 429, 429, 429, 429]);
        app.clock.advance(4);
        let answer = from("203.0.113.7").post(path, wrong.clone()).await.expect(429);
        assert_eq!(answer.header("x-retry-after"), Some("6"));
        assert_eq!(answer.json(), json!({ "message": "Too many requests. Please try again later." }));
        // Somebody else, another path, or ten quiet seconds later.
        from("203.0.113.8").post(path, wrong.clone()).await.expect(401);
        from("203.0.113.7").post("/api/auth/sign-up/email", json!({})).await.expect(400);
        app.clock.advance(6);
        from("203.0.113.7").post(path, wrong.clone()).await.expect(401);
        // Names that do not exist share one count.
        for status in [404, 404, 404, 429] {
            from("203.0.113.9").get(&format!("/api/auth/sign-in/{status}")).await.expect(status);
        }
        // The rest is not slowed down.
        for _ in 0..20 {
            from("203.0.113.7").get("/api/auth/get-session").await.expect(200);
        }
        app.clock.advance(3601);
        from("203.0.113.1").post(path, wrong.clone()).await.expect(401);
        assert_eq!(count(&app, "SELECT count(*) FROM rate_limits").await, 1);
    }
}
