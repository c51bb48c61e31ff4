//! Proving an address and changing it, by the links of letters.

use super::{Browser, count, refused, set_cookies, sink::Sink, sql};
use crate::app::{Engine, PASSWORD, TestApp, on_both};
use serde_json::{Value, json};

const SEND: &str = "/api/auth/send-verification-email";
const CHANGE: &str = "/api/auth/change-email";

on_both! {
    async fn without_mail_nothing_is_proven(app) {
        let ada = app.user("Ada").await;
        refused(ada.post(SEND, json!({ "email": "ada@example.org" })).await, 400, "VERIFICATION_EMAIL_NOT_ENABLED");
        let answer = ada.post(CHANGE, json!({ "newEmail": "new@example.org" })).await.expect(400);
        assert_eq!(answer.json(), json!({ "message": "Verification email isn't enabled" }));
        let answer = ada.post(CHANGE, json!({ "newEmail": "ADA@example.org" })).await.expect(400);
        assert_eq!(answer.json(), json!({ "message": "Email is the same" }));
        refused(ada.post(CHANGE, json!({ "newEmail": "new" })).await, 400, "VALIDATION_ERROR");
        refused(app.anonymous().post(CHANGE, json!({ "newEmail": "new@example.org" })).await, 401, "UNAUTHORIZED");
    }

    async fn tokens_that_prove_nothing(app) {
        for token in ["", "x", "a.b.c", "%00", "eyJhbGciOiJub25lIn0.e30."] {
            let path = format!("/api/auth/verify-email?token={token}");
            refused(app.anonymous().get(&path).await, 401, "INVALID_TOKEN");
            let answer = app.anonymous().get(&format!("{path}&callbackURL=/x%3Fy=1%23z")).await.expect(302);
            assert_eq!(answer.header("location"), Some("/x?y=1&error=INVALID_TOKEN#z"));
        }
        refused(app.anonymous().get("/api/auth/verify-email").await, 400, "VALIDATION_ERROR");
        refused(app.anonymous().get("/api/auth/verify-email?token=x&callbackURL=//evil.com").await, 403, "INVALID_CALLBACK_URL");
    }
}

async fn proven(app: &TestApp) -> i64 {
    let text = match app.state.services.store() {
        server::store::Store::Sqlite { .. } => r#"SELECT count(*) FROM "user" WHERE "emailVerified" = 1"#,
        server::store::Store::Postgres(_) => r#"SELECT count(*) FROM "user" WHERE "emailVerified""#,
    };
    count(app, text).await
}

#[tokio::test]
async fn a_letter_comes_with_signing_up_and_proves_the_address() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let mut sink = Sink::start(0).await;
        let app = sink.app(engine, &[]).await;
        let mut ada = Browser::new(&app);
        let body = json!({ "name": "http://spam.example", "email": "ada@example.org", "password": PASSWORD, "callbackURL": "/in?x" });
        ada.post("/api/auth/sign-up/email", body).await.expect(200);
        let first = sink.next().await;
        assert_eq!((first.to.as_str(), first.subject()), ("ada@example.org", "Confirm your address for Todo Chatbot"));
        assert!(first.path().starts_with("/api/auth/verify-email?token=eyJhbGciOiJIUzI1NiJ9."), "{}", first.path());
        assert!(first.path().ends_with("&callbackURL=%2Fin%3Fx"), "{}", first.path());
        // Nothing in it was written by whoever signed up, so nobody can have us write to others.
        assert!(!first.whole.contains("spam"), "{}", first.whole);

        // Asked for again: with a session one learns why not, without one nothing.
        ada.post(SEND, json!({ "email": "ADA@example.org" })).await.expect(200);
        let second = sink.next().await;
        assert!(second.path().ends_with("&callbackURL=%2F"), "{}", second.path());
        refused(ada.post(SEND, json!({ "email": "other@example.org" })).await, 400, "EMAIL_MISMATCH");
        refused(ada.post(SEND, json!({ "email": "other" })).await, 400, "VALIDATION_ERROR");
        let anonymous = app.anonymous();
        for email in ["ada@example.org", "nobody@example.org"] {
            let answer = anonymous.post(SEND, json!({ "email": email })).await.expect(200);
            assert_eq!(answer.json(), json!({ "status": true }));
        }
        sink.next().await;
        sink.stays_empty().await;

        assert_eq!(proven(&app).await, 0);
        let answer = anonymous.get(first.path()).await.expect(302);
        assert_eq!((answer.header("location"), set_cookies(&answer).len()), (Some("/in?x"), 0));
        assert_eq!(proven(&app).await, 1);
        assert_eq!(ada.session().await["user"]["emailVerified"], true);
        let (token_only, _) = second.path().split_once("&callbackURL").expect("a callback");
        assert_eq!(anonymous.get(token_only).await.expect(200).json(), json!({ "status": true, "user": null }));
        refused(ada.post(SEND, json!({ "email": "ada@example.org" })).await, 400, "EMAIL_ALREADY_VERIFIED");
        anonymous.post(SEND, json!({ "email": "ada@example.org" })).await.expect(200);
        sink.stays_empty().await;

        app.clock.advance(3600);
        refused(anonymous.get(token_only).await, 401, "TOKEN_EXPIRED");
        let answer = anonymous.get(first.path()).await.expect(302);
        assert_eq!(answer.header("location"), Some("/in?x&error=TOKEN_EXPIRED"));
    }
}

#[tokio::test]
async fn a_proof_is_its_owners() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let mut sink = Sink::start(0).await;
        let app = sink.app(engine, &[]).await;
        app.user("Ada").await;
        let letter = sink.next().await;
        sql(&app, r#"DELETE FROM "session""#).await;
        sql(&app, r#"DELETE FROM "account""#).await;
        sql(&app, r#"DELETE FROM "user""#).await;
        let (path, _) = letter.path().split_once("&callbackURL").expect("a callback");
        refused(app.anonymous().get(path).await, 401, "USER_NOT_FOUND");
        // Somebody else has the address now.
        app.user("Ada").await;
        refused(app.anonymous().get(path).await, 401, "INVALID_USER");
        assert_eq!(proven(&app).await, 0);
    }
}

#[tokio::test]
async fn an_address_changes_when_the_new_one_answers() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let mut sink = Sink::start(0).await;
        let app = sink.app(engine, &[]).await;
        let mut ada = Browser::new(&app);
        ada.sign_up("ada@example.org").await;
        let mut bob = Browser::new(&app);
        bob.sign_up("bob@example.org").await;
        sink.next().await;
        sink.next().await;

        // Somebody else's address: the same answer, and no letter.
        for email in ["bob@example.org", "New@Example.org"] {
            let answer = ada.post(CHANGE, json!({ "newEmail": email, "callbackURL": "/ok" })).await.expect(200);
            assert_eq!((answer.json(), set_cookies(&answer).len()), (json!({ "status": true }), 0));
        }
        let letter = sink.next().await;
        sink.stays_empty().await;
        assert_eq!(
            (letter.to.as_str(), letter.subject()),
            ("new@example.org", "Confirm your new address for Todo Chatbot")
        );
        assert_eq!(ada.session().await["user"]["email"], "ada@example.org");
        // Not in somebody else's session.
        let answer = bob.get(letter.path()).await.expect(302);
        assert_eq!(answer.header("location"), Some("/ok?error=INVALID_USER"));

        let (path, _) = letter.path().split_once("&callbackURL").expect("a callback");
        let answer = ada.get(path).await.expect(200);
        assert!(set_cookies(&answer)[0].contains("; Max-Age=604800; "));
        let user = &answer.json()["user"];
        assert_eq!((&user["email"], &user["emailVerified"]), (&json!("new@example.org"), &json!(true)));
        assert_eq!(ada.session().await["user"]["email"], "new@example.org");
        // The old address is told, and its link is dead.
        let told = sink.next().await;
        assert_eq!(
            (told.to.as_str(), told.subject()),
            ("ada@example.org", "Your address for Todo Chatbot was changed")
        );
        refused(ada.get(path).await, 401, "USER_NOT_FOUND");
        let body = |email: &str| json!({ "email": email, "password": PASSWORD });
        app.anonymous().post("/api/auth/sign-in/email", body("new@example.org")).await.expect(200);
        app.anonymous().post("/api/auth/sign-in/email", body("ada@example.org")).await.expect(401);

        // Followed without a session it changes the address, and signs nobody in.
        ada.post(CHANGE, json!({ "newEmail": "third@example.org" })).await.expect(200);
        let letter = sink.next().await;
        let answer = app.anonymous().get(letter.path()).await.expect(302);
        assert_eq!((answer.header("location"), set_cookies(&answer).len()), (Some("/"), 0));
        assert_eq!(ada.session().await["user"]["email"], "third@example.org");
        sink.next().await;

        // Taken in the meantime.
        ada.post(CHANGE, json!({ "newEmail": "fourth@example.org" })).await.expect(200);
        let letter = sink.next().await;
        Browser::new(&app).sign_up("fourth@example.org").await;
        let answer = ada.get(letter.path()).await.expect(302);
        assert_eq!(answer.header("location"), Some("/?error=USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL"));
        assert_eq!(ada.session().await["user"]["email"], "third@example.org");
    }
}

#[tokio::test]
async fn where_addresses_must_be_proven() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let mut sink = Sink::start(0).await;
        let app = sink.app(engine, &[("REQUIRE_EMAIL_VERIFICATION", "on")]).await;
        let path = "/api/auth/sign-up/email";
        let body = json!({ "name": "Ada", "email": "Ada@example.org", "password": PASSWORD });
        let answer = app.anonymous().post(path, body.clone()).await.expect(200);
        assert_eq!((&answer.json()["token"], set_cookies(&answer).len()), (&Value::Null, 0));
        let first = sink.next().await;
        // The same again: the same answer for a made-up person, and its owner learns of it.
        let again = app.anonymous().post(path, body).await.expect(200);
        assert_eq!(set_cookies(&again).len(), 0);
        let (mut one, mut other) = (answer.json(), again.json());
        assert_ne!(one["user"]["id"].take(), other["user"]["id"].take());
        assert_eq!(one, other);
        assert_eq!(sink.next().await.subject(), "You have a Todo Chatbot account already");
        assert_eq!(count(&app, r#"SELECT count(*) FROM "user""#).await, 1);
        assert_eq!(count(&app, r#"SELECT count(*) FROM "session""#).await, 0);

        let enter = async |password: &str| {
            let body = json!({ "email": "ada@example.org", "password": password, "callbackURL": "/in" });
            app.anonymous().post("/api/auth/sign-in/email", body).await
        };
        // Only who knows the password learns that it was right, and gets another letter.
        refused(enter("wrong password").await, 401, "INVALID_EMAIL_OR_PASSWORD");
        sink.stays_empty().await;
        refused(enter(PASSWORD).await, 403, "EMAIL_NOT_VERIFIED");
        let second = sink.next().await;
        assert!(second.path().ends_with("&callbackURL=%2Fin"), "{}", second.path());
        let form = "name=Bo&email=bo%40example.org&password=correct+horse";
        let answer = Browser::new(&app).form("/sign-up", form).await.expect(303);
        assert_eq!(answer.header("location"), Some("/sign-in?done=verify"));
        sink.next().await;

        app.anonymous().get(first.path()).await.expect(302);
        assert!(enter(PASSWORD).await.expect(200).json()["token"].is_string());
    }
}

#[tokio::test]
async fn a_busy_mail_server_is_asked_again() {
    let mut sink = Sink::start(1).await;
    let app = sink.app(Engine::Sqlite, &[]).await;
    app.user("Ada").await;
    assert_eq!(sink.next().await.to, "ada@example.org");
}

/// Neither a letter nor a mail server that is gone holds an answer up.
#[tokio::test]
async fn a_mail_server_that_is_gone_stops_nobody() {
    let settings = [("SMTP_URL", "smtp://127.0.0.1:1"), ("SMTP_FROM", "todo@example.org")];
    let app = TestApp::with(Engine::Sqlite, &settings).await;
    app.user("Ada").await;
    let body = json!({ "email": "ada@example.org" });
    app.anonymous().post("/api/auth/request-password-reset", body).await.expect(200);
}

#[tokio::test]
async fn one_address_gets_few_letters() {
    let mut sink = Sink::start(0).await;
    let app = sink.app(Engine::Sqlite, &[("RATE_LIMIT", "on")]).await;
    app.user("Ada").await;
    sink.next().await;
    for i in 0..8 {
        // From everywhere at once.
        let client = app.anonymous().with("x-forwarded-for", &format!("203.0.113.{i}"));
        client.post("/api/auth/request-password-reset", json!({ "email": "ada@example.org" })).await.expect(200);
    }
    for _ in 0..4 {
        sink.next().await;
    }
    sink.stays_empty().await;
}
