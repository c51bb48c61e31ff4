//! Changing a password, and the way back for whoever forgot theirs.

use super::{Browser, DAY, count, refused, set_cookies, sink::Sink, sql};
use crate::app::{Engine, PASSWORD, TestApp, on_both};
use serde_json::{Value, json};

const NEW: &str = "another horse";

async fn enters(app: &TestApp, password: &str) -> u16 {
    let body = json!({ "email": "ada@example.org", "password": password });
    Browser::new(app).post("/api/auth/sign-in/email", body).await.status.as_u16()
}

on_both! {
    async fn changing_it(app) {
        let path = "/api/auth/change-password";
        let body = |current: &str, new: &str| json!({ "currentPassword": current, "newPassword": new });
        refused(app.anonymous().post(path, body(PASSWORD, NEW)).await, 401, "UNAUTHORIZED");
        let mut ada = Browser::new(&app);
        ada.sign_up("ada@example.org").await;
        let there = app.again("ada").await;
        for (current, new, code) in [
            ("wrong password", NEW, "INVALID_PASSWORD"),
            ("", NEW, "INVALID_PASSWORD"),
            (PASSWORD, "1234567", "PASSWORD_TOO_SHORT"),
            (PASSWORD, &*"x".repeat(129), "PASSWORD_TOO_LONG"),
            (&*"x".repeat(129), NEW, "PASSWORD_TOO_LONG"),
        ] {
            refused(ada.post(path, body(current, new)).await, 400, code);
        }
        refused(ada.post(path, json!({ "newPassword": NEW })).await, 400, "VALIDATION_ERROR");
        refused(ada.post(path, json!({ "newPassword": NEW, "currentPassword": PASSWORD, "revokeOtherSessions": "yes" })).await,
            400, "VALIDATION_ERROR");
        assert_eq!(enters(&app, PASSWORD).await, 200);

        let answer = ada.post(path, body(PASSWORD, NEW)).await.expect(200);
        assert!(set_cookies(&answer).is_empty());
        assert_eq!((&answer.json()["token"], &answer.json()["user"]["email"]), (&Value::Null, &json!("ada@example.org")));
        assert_eq!((enters(&app, PASSWORD).await, enters(&app, NEW).await), (401, 200));
        there.get("/api/me/tasks").await.expect(200);

        // With all other sessions ended, this one gets a new token, and the old one is nobody's.
        let old = ada.client();
        let mut body = body(NEW, PASSWORD);
        body["revokeOtherSessions"] = true.into();
        let answer = ada.post(path, body).await.expect(200);
        let token = answer.json()["token"].as_str().expect("a token").to_owned();
        assert!(set_cookies(&answer)[0].starts_with(&format!("better-auth.session_token={token}.")));
        assert!(set_cookies(&answer)[0].contains("; Max-Age=604800; "));
        old.get("/api/me/tasks").await.expect(401);
        there.get("/api/me/tasks").await.expect(401);
        assert_eq!(ada.session().await["session"]["token"], token.as_str());
        assert_eq!(count(&app, r#"SELECT count(*) FROM "session""#).await, 1);
    }

    async fn checking_it(app) {
        let path = "/api/auth/verify-password";
        refused(app.anonymous().post(path, json!({ "password": PASSWORD })).await, 401, "UNAUTHORIZED");
        let mut ada = Browser::new(&app);
        ada.sign_up("ada@example.org").await;
        assert_eq!(ada.post(path, json!({ "password": PASSWORD })).await.expect(200).json(), json!({ "status": true }));
        refused(ada.post(path, json!({ "password": "wrong password" })).await, 400, "INVALID_PASSWORD");
        refused(ada.post(path, json!({})).await, 400, "VALIDATION_ERROR");
        // Somebody who only ever came through another provider has none.
        sql(&app, r#"UPDATE "account" SET "password" = NULL"#).await;
        refused(ada.post(path, json!({ "password": PASSWORD })).await, 400, "INVALID_PASSWORD");
        let body = json!({ "currentPassword": PASSWORD, "newPassword": NEW });
        refused(ada.post("/api/auth/change-password", body).await, 400, "CREDENTIAL_ACCOUNT_NOT_FOUND");
    }

    async fn without_mail_there_is_no_link(app) {
        for path in ["/api/auth/request-password-reset", "/api/auth/forget-password"] {
            let answer = app.anonymous().post(path, json!({ "email": "ada@example.org" })).await;
            assert_eq!(answer.json()["message"], "Reset password isn't enabled");
            refused(answer, 400, "RESET_PASSWORD_DISABLED");
        }
    }

    async fn tokens_that_are_none(app) {
        app.user("Ada").await;
        let path = "/api/auth/reset-password";
        for body in [json!({ "newPassword": NEW }), json!({ "newPassword": NEW, "token": "" }), json!({ "newPassword": NEW, "token": "x" }),
            json!({ "newPassword": NEW, "token": "\u{0}" }), json!({ "newPassword": NEW, "token": "%" }),
            json!({ "newPassword": NEW, "token": "x".repeat(5000) })] {
            refused(app.anonymous().post(path, body).await, 400, "INVALID_TOKEN");
        }
        refused(app.anonymous().post(path, json!({ "token": "x" })).await, 400, "VALIDATION_ERROR");
        refused(app.anonymous().post(path, json!({ "token": "x", "newPassword": "short" })).await, 400, "PASSWORD_TOO_SHORT");
        refused(app.anonymous().get("/api/auth/reset-password/x").await, 400, "VALIDATION_ERROR");
        app.anonymous().get("/api/auth/reset-password/").await.expect(404);
        app.anonymous().get("/api/auth/reset-password/a/b?callbackURL=/x").await.expect(404);
    }

    async fn an_operators_link_works_once_for_a_day(app) {
        let mut ada = Browser::new(&app);
        ada.sign_up("ada@example.org").await;
        assert_eq!(app.state.accounts.reset_link("nobody@example.org").await.expect("asks"), None);
        let link = async || app.state.accounts.reset_link(" Ada@Example.org").await.expect("asks").expect("a link");
        let (first, second) = (link().await, link().await);
        let token = |link: &str| link.strip_prefix("http://localhost:8080/reset-password?token=").expect("our page").to_owned();
        assert_eq!(token(&first).len(), 24);
        app.clock.advance(DAY - 1);
        let path = "/api/auth/reset-password";
        let body = json!({ "token": token(&first), "newPassword": NEW });
        assert_eq!(app.anonymous().post(path, body.clone()).await.expect(200).json(), json!({ "status": true }));
        assert_eq!((enters(&app, PASSWORD).await, enters(&app, NEW).await), (401, 200));
        // Sessions go on; links do not, be they used or not.
        assert_ne!(ada.session().await, Value::Null);
        refused(app.anonymous().post(path, body).await, 400, "INVALID_TOKEN");
        let body = json!({ "token": token(&second), "newPassword": PASSWORD });
        refused(app.anonymous().post(path, body).await, 400, "INVALID_TOKEN");
        let late = token(&link().await);
        app.clock.advance(DAY);
        refused(app.anonymous().post(&format!("{path}?token={late}"), json!({ "newPassword": PASSWORD })).await, 400, "INVALID_TOKEN");
        assert_eq!(enters(&app, NEW).await, 200);
    }

    async fn two_at_once_with_one_token(app) {
        app.user("Ada").await;
        let link = app.state.accounts.reset_link("ada@example.org").await.expect("asks").expect("a link");
        let (_, token) = link.split_once("token=").expect("a token");
        let pod = app.second().await;
        let tries = (0..6).map(|i| {
            let client = if i % 2 == 0 { app.anonymous() } else { pod.anonymous() };
            async move {
                let body = json!({ "token": token, "newPassword": format!("new password {i}") });
                client.post("/api/auth/reset-password", body).await.status.as_u16()
            }
        });
        let mut statuses = futures::future::join_all(tries).await;
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 400, 400, 400, 400, 400]);
        assert_eq!(count(&app, r#"SELECT count(*) FROM "verification""#).await, 0);
    }
}

#[tokio::test]
async fn a_forgotten_one_is_set_by_letter() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let mut sink = Sink::start(0).await;
        let app = sink.app(engine, &[]).await;
        app.user("Ada").await;
        sink.next().await;
        let path = "/api/auth/request-password-reset";
        let ask =
            async |email: &str| app.anonymous().post(path, json!({ "email": email, "redirectTo": "/reset?x=1" })).await;
        let (mut known, mut unknown) =
            (ask("Ada@example.org").await.expect(200), ask("nobody@example.org").await.expect(200));
        for answer in [&mut known, &mut unknown] {
            answer.headers.remove("x-request-id");
        }
        assert_eq!((known.text.as_str(), &known.headers), (unknown.text.as_str(), &unknown.headers));
        assert_eq!(
            known.json(),
            json!({ "status": true,
            "message": "If this email exists in our system, check your email for the reset link" })
        );
        refused(ask("nobody").await, 400, "VALIDATION_ERROR");

        let letter = sink.next().await;
        assert_eq!((letter.from.as_str(), letter.to.as_str()), ("todo@example.org", "ada@example.org"));
        assert_eq!(letter.subject(), "Set a new password for Todo Chatbot");
        let token = letter.path().strip_prefix("/api/auth/reset-password/").and_then(|rest| rest.split('?').next());
        let token = token.expect("a token").to_owned();
        assert!(letter.path().ends_with("?callbackURL=%2Freset%3Fx%3D1"), "{}", letter.path());

        // Looking does not use it up.
        for _ in 0..2 {
            let answer = app.anonymous().get(letter.path()).await.expect(302);
            assert_eq!(answer.header("location"), Some(&*format!("http://localhost:8080/reset?x=1&token={token}")));
            assert_eq!((answer.text.as_str(), answer.header("content-type")), ("", Some("application/json")));
        }
        let unknown = app.anonymous().get("/api/auth/reset-password/nope?callbackURL=/reset").await.expect(302);
        assert_eq!(unknown.header("location"), Some("http://localhost:8080/reset?error=INVALID_TOKEN"));
        let body = json!({ "token": token, "newPassword": NEW });
        app.anonymous().post("/api/auth/reset-password", body.clone()).await.expect(200);
        assert_eq!((enters(&app, PASSWORD).await, enters(&app, NEW).await), (401, 200));
        refused(app.anonymous().post("/api/auth/reset-password", body).await, 400, "INVALID_TOKEN");
        let used = app.anonymous().get(letter.path()).await.expect(302);
        assert_eq!(used.header("location"), Some("http://localhost:8080/reset?x=1&error=INVALID_TOKEN"));

        // An hour, under the older name too, and onto our own page when nobody says where.
        app.anonymous().post("/api/auth/forget-password", json!({ "email": "ada@example.org" })).await.expect(200);
        let letter = sink.next().await;
        assert!(letter.path().ends_with("?callbackURL=%2Freset-password"), "{}", letter.path());
        app.clock.advance(3600);
        let late = app.anonymous().get(letter.path()).await.expect(302);
        assert_eq!(late.header("location"), Some("http://localhost:8080/reset-password?error=INVALID_TOKEN"));
        sink.stays_empty().await;
    }
}

/// Somebody who only ever came through another provider gets a password this way, and nobody who is locked out a letter.
#[tokio::test]
async fn a_first_password_by_letter() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let mut sink = Sink::start(0).await;
        let app = sink.app(engine, &[]).await;
        app.user("Ada").await;
        sink.next().await;
        sql(&app, r#"DELETE FROM "account""#).await;
        assert_eq!(enters(&app, PASSWORD).await, 401);
        let ask = async || {
            let body = json!({ "email": "ada@example.org" });
            app.anonymous().post("/api/auth/request-password-reset", body).await.expect(200);
        };
        ask().await;
        let letter = sink.next().await;
        let token = letter.path().split(['/', '?']).nth(4).expect("a token");
        let body = json!({ "token": token, "newPassword": NEW });
        app.anonymous().post("/api/auth/reset-password", body).await.expect(200);
        assert_eq!(enters(&app, NEW).await, 200);
        sql(&app, "UPDATE user_flags SET disabled = true").await;
        ask().await;
        sink.stays_empty().await;
    }
}

/// A database that Better Auth 1.7.0 to 1.7.2 made has a further column that must not be empty.
#[tokio::test]
async fn the_issuer_is_written_where_it_is_asked_for() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let app = TestApp::new(engine).await;
        sql(&app, r#"ALTER TABLE "account" ADD COLUMN "issuer" text NOT NULL DEFAULT 'nobody'"#).await;
        Browser::new(&app).sign_up("ada@example.org").await;
        assert_eq!(count(&app, r#"SELECT count(*) FROM "account" WHERE "issuer" = 'local:credential'"#).await, 1);
    }
}
