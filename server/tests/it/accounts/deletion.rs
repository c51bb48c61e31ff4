//! Deleting one's account.

use super::{Browser, DAY, count, refused, set_cookies, sink::Sink, sql};
use crate::app::{Engine, PASSWORD, on_both};
use axum::{body::Body, http::Method};
use serde_json::{Value, json};

const PATH: &str = "/api/auth/delete-user";

on_both! {
    async fn with_the_password(app) {
        let mut ada = Browser::new(&app);
        ada.sign_up("ada@example.org").await;
        let bob = app.user("Bob").await;
        ada.post("/api/me/tasks", json!({ "title": "x", "project": "Home", "labels": ["a"] })).await.expect(201);
        ada.post("/api/me/chat", json!({ "message": "add milk" })).await.expect(200);
        bob.task("y").await;
        app.clock.advance(3 * DAY);
        refused(ada.post(PATH, json!({ "password": "wrong password" })).await, 400, "INVALID_PASSWORD");
        refused(ada.post(PATH, json!({ "password": "x".repeat(129) })).await, 400, "PASSWORD_TOO_LONG");
        refused(ada.post(PATH, json!({ "password": 7 })).await, 400, "VALIDATION_ERROR");
        refused(ada.post(PATH, json!({ "password": PASSWORD, "token": "x" })).await, 404, "INVALID_TOKEN");
        assert_eq!(count(&app, r#"SELECT count(*) FROM "user""#).await, 2);
        let answer = ada.post(PATH, json!({ "password": PASSWORD })).await.expect(200);
        assert_eq!(answer.json(), json!({ "success": true, "message": "User deleted" }));
        assert_eq!(set_cookies(&answer).len(), 3);
        assert!(ada.jar.is_empty());
        let body = json!({ "email": "ada@example.org", "password": PASSWORD });
        refused(ada.post("/api/auth/sign-in/email", body).await, 401, "INVALID_EMAIL_OR_PASSWORD");
        assert_eq!(count(&app, r#"SELECT count(*) FROM "user""#).await, 1);
        assert_eq!(count(&app, r#"SELECT count(*) FROM "account""#).await, 1);
        assert_eq!(count(&app, "SELECT count(*) FROM tasks").await, 1);
        bob.get("/api/me/tasks").await.expect(200);
        // The address is free again, and nothing is left behind it.
        ada.sign_up("ada@example.org").await;
        assert!(ada.get("/api/me/tasks").await.expect(200).json().as_array().is_some_and(Vec::is_empty));
    }

    async fn with_a_young_session(app) {
        let ada = app.user("Ada").await;
        app.clock.advance(DAY - 1);
        let young = app.user("Bob").await;
        app.clock.advance(1);
        let answer = ada.post(PATH, json!({})).await;
        assert_eq!(answer.json()["message"], "Session expired. Re-authenticate to perform this action.");
        refused(answer, 400, "SESSION_EXPIRED");
        refused(young.send(Method::POST, PATH, Body::empty()).await, 400, "VALIDATION_ERROR");
        young.post(PATH, json!({})).await.expect(200);
        // Without a password there is none to be right.
        sql(&app, r#"UPDATE "account" SET "password" = NULL"#).await;
        refused(ada.post(PATH, json!({ "password": PASSWORD })).await, 400, "CREDENTIAL_ACCOUNT_NOT_FOUND");
        refused(app.anonymous().post(PATH, json!({})).await, 401, "UNAUTHORIZED");
        refused(ada.post(PATH, json!([])).await, 400, "VALIDATION_ERROR");
        assert_eq!(count(&app, r#"SELECT count(*) FROM "user""#).await, 1);
    }
}

#[tokio::test]
async fn with_mail_the_address_is_asked() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let mut sink = Sink::start(0).await;
        let app = sink.app(engine, &[]).await;
        let (ada, bob) = (app.user("Ada").await, app.user("Bob").await);
        sink.next().await;
        sink.next().await;
        // However old the session is, and whether or not the password is given.
        app.clock.advance(2 * DAY);
        let answer = ada.post(PATH, json!({ "callbackURL": "/bye" })).await.expect(200);
        assert_eq!(answer.json(), json!({ "success": true, "message": "Verification email sent" }));
        assert!(set_cookies(&answer).iter().all(|line| !line.contains("Max-Age=0")));
        let letter = sink.next().await;
        assert_eq!((letter.to.as_str(), letter.subject()), ("ada@example.org", "Delete your Todo Chatbot account?"));
        let (begin, rest) = letter.path().split_once("?token=").expect("a token");
        let (token, end) = rest.split_once('&').expect("more");
        assert_eq!((begin, end), ("/api/auth/delete-user/callback", "callbackURL=%2Fbye"));
        assert!(token.len() == 32 && token.bytes().all(|c| c.is_ascii_digit() || c.is_ascii_lowercase()), "{token}");

        // Not without a session, nor in another's, and neither uses it up.
        refused(app.anonymous().get(letter.path()).await, 404, "FAILED_TO_GET_USER_INFO");
        refused(bob.get(letter.path()).await, 404, "INVALID_TOKEN");
        refused(bob.post(PATH, json!({ "token": token })).await, 404, "INVALID_TOKEN");
        refused(ada.get("/api/auth/delete-user/callback?token=nope").await, 404, "INVALID_TOKEN");
        refused(ada.get("/api/auth/delete-user/callback?token=%00").await, 404, "INVALID_TOKEN");
        refused(ada.get("/api/auth/delete-user/callback").await, 400, "VALIDATION_ERROR");
        refused(ada.get(&format!("{begin}?token={token}&callbackURL=//evil.com")).await, 403, "INVALID_CALLBACK_URL");
        let answer = ada.get(letter.path()).await.expect(302);
        assert_eq!(answer.header("location"), Some("/bye"));
        assert_eq!(set_cookies(&answer).len(), 3);
        assert_eq!(ada.get("/api/auth/get-session").await.json(), Value::Null);

        // By the token itself, within a day.
        bob.post(PATH, json!({ "password": PASSWORD })).await.expect(200);
        let late = sink.next().await;
        app.clock.advance(DAY);
        refused(bob.get(late.path()).await, 404, "INVALID_TOKEN");
        bob.post(PATH, json!({})).await.expect(200);
        let letter = sink.next().await;
        let token = letter.path().split(['=', '&']).nth(1).expect("a token");
        let answer = bob.post(PATH, json!({ "token": token })).await.expect(200);
        assert_eq!(answer.json(), json!({ "success": true, "message": "User deleted" }));
        assert_eq!(count(&app, r#"SELECT count(*) FROM "user""#).await, 0);
        assert_eq!(count(&app, r#"SELECT count(*) FROM "verification""#).await, 0);
    }
}
