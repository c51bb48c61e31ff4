//! Signing up, in and out, and who may.

use super::{Browser, count, refused, set_cookies, sql};
use crate::app::{Engine, PASSWORD, TestApp, on_both};
use axum::{body::Body, http::Method};
use serde_json::{Value, json};

on_both! {
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
