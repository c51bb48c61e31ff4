//! Seeing and ending sessions, and what the guards do on the way.

use super::{Browser, DAY, count, refused, set_cookies};
use crate::app::{Client, PASSWORD, TestApp, on_both};
use axum::{body::Body, http::Method};
use serde_json::{Value, json};

const LIST: &str = "/api/auth/list-sessions";
const ONE: &str = "/api/auth/revoke-session";
const ALL: &str = "/api/auth/revoke-sessions";

fn cleared() -> Vec<String> {
    ["session_token", "session_data", "dont_remember"]
        .map(|name| format!("better-auth.{name}=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"))
        .into()
}

/// Every endpoint behind a guard, with a body its fields are content with.
pub fn guarded() -> Vec<(Method, &'static str, Value)> {
    vec![
        (Method::GET, "list-sessions", Value::Null),
        (Method::POST, "revoke-session", json!({ "token": "x" })),
        (Method::POST, "revoke-sessions", json!({})),
        (Method::POST, "revoke-other-sessions", json!({})),
        (Method::POST, "update-session", json!({ "x": 1 })),
        (Method::POST, "update-user", json!({ "name": "x" })),
        (
            Method::POST,
            "change-password",
            json!({ "currentPassword": "wrong password", "newPassword": "another horse" }),
        ),
        (Method::POST, "verify-password", json!({ "password": PASSWORD })),
        (Method::POST, "change-email", json!({ "newEmail": "new@example.org" })),
        (Method::POST, "delete-user", json!({ "password": "wrong password" })),
        (Method::GET, "list-accounts", Value::Null),
        (Method::POST, "unlink-account", json!({ "accountId": "x" })),
    ]
}

async fn send(client: &Client, (method, name, body): &(Method, &str, Value)) -> crate::app::Answer {
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    client.send(method.clone(), &format!("/api/auth/{name}"), body).await
}

on_both! {
    async fn nobody_is_refused_everywhere(app) {
        for endpoint in guarded() {
            refused(send(&app.anonymous(), &endpoint).await, 401, "UNAUTHORIZED");
        }
        // An ended session is nobody's, and its cookies go.
        let ada = app.user("Ada").await;
        app.clock.advance(7 * DAY);
        for endpoint in guarded() {
            let answer = send(&ada, &endpoint).await;
            assert_eq!(set_cookies(&answer), cleared(), "{}", endpoint.1);
            refused(answer, 401, "UNAUTHORIZED");
        }
        // Fields are looked at first, as in Better Auth.
        refused(app.anonymous().post(ONE, json!({})).await, 400, "VALIDATION_ERROR");
    }

    async fn every_guard_extends_the_session(app) {
        for endpoint in guarded() {
            let ada = app.user(&format!("Ada {}", endpoint.1).replace(' ', "-")).await;
            app.clock.advance(DAY - 1);
            assert!(set_cookies(&send(&ada, &endpoint).await).iter().all(|line| endpoint.1 == "update-user" || !line.contains("604800")));
            let ada = app.user(&format!("Bob {}", endpoint.1).replace(' ', "-")).await;
            app.clock.advance(DAY);
            let answer = send(&ada, &endpoint).await;
            let lines: Vec<String> = set_cookies(&answer).into_iter().filter(|line| line.contains("session_token=")).collect();
            assert_eq!(lines.len(), 1, "{} {lines:?}", endpoint.1);
            // Whoever ends their own session is not handed it again.
            let expected = if endpoint.1 == "revoke-sessions" { "; Max-Age=0; " } else { "; Max-Age=604800; " };
            assert!(lines[0].contains(expected), "{} {lines:?}", endpoint.1);
        }
    }

    async fn what_cannot_hand_out_the_cookie_does_not_extend(app) {
        let ada = app.user("Ada").await;
        app.clock.advance(2 * DAY);
        // As the live socket asks, again and again.
        let bearer = format!("Bearer {}", ada.token);
        for _ in 0..2 {
            let caller = app.state.accounts.still(None, Some(&bearer)).await.expect("a caller");
            assert_eq!(caller.actor.user.as_str(), ada.user);
        }
        let lines = set_cookies(&ada.get("/api/me/tasks").await.expect(200));
        assert!(lines.iter().any(|line| line.contains("session_token=") && line.contains("Max-Age=604800")), "{lines:?}");
    }

    async fn not_remembered_is_never_extended(app) {
        let body = json!({ "name": "", "email": "ada@example.org", "password": PASSWORD, "rememberMe": false });
        let mut ada = Browser::new(&app);
        ada.post("/api/auth/sign-up/email", body).await.expect(200);
        app.clock.advance(DAY - 1);
        for endpoint in guarded() {
            if !endpoint.1.starts_with("revoke") {
                let lines = set_cookies(&send(&ada.client(), &endpoint).await);
                assert!(lines.iter().all(|line| !line.contains("604800")), "{} {lines:?}", endpoint.1);
            }
        }
        assert_eq!(ada.session().await["session"]["expiresAt"], "2026-11-22T10:00:00.000Z");
    }

    async fn listing_needs_a_young_session(app) {
        let mut ada = Browser::new(&app);
        ada.sign_up("ada@example.org").await;
        app.clock.advance(60);
        let there = app.again("ada").await;
        app.user("Bob").await;
        let list = ada.get(LIST).await.expect(200).json();
        let list = list.as_array().expect("a list");
        assert_eq!(list.len(), 2);
        assert_eq!((&list[0]["token"], &list[1]), (&json!(there.token), &ada.session().await["session"]));
        app.clock.advance(DAY - 61);
        ada.get(LIST).await.expect(200);
        app.clock.advance(1);
        for endpoint in [(Method::GET, "list-sessions", Value::Null), (Method::POST, "unlink-account", json!({ "accountId": "x" }))] {
            let answer = send(&ada.client(), &endpoint).await;
            assert_eq!(answer.json()["message"], "Session is not fresh");
            refused(answer, 403, "SESSION_NOT_FRESH");
        }
        // It was extended by that, and is no younger for it.
        ada.get("/api/auth/get-session").await.expect(200);
        refused(ada.get(LIST).await, 403, "SESSION_NOT_FRESH");
        // One that has ended is not listed.
        let list = app.again("ada").await.get(LIST).await.expect(200).json();
        assert_eq!(list.as_array().map(Vec::len), Some(3));
        app.clock.advance(7 * DAY - 1);
        let list = app.again("ada").await.get(LIST).await.expect(200).json();
        assert_eq!(list.as_array().map(Vec::len), Some(3));
        app.clock.advance(1);
        let list = app.again("ada").await.get(LIST).await.expect(200).json();
        assert_eq!(list.as_array().map(Vec::len), Some(2));
    }

    async fn ending_one(app) {
        let mut ada = Browser::new(&app);
        let own = ada.sign_up("ada@example.org").await["token"].clone();
        let (there, bob) = (app.again("ada").await, app.user("Bob").await);
        for token in ["no-such-token", "a\u{0}b", "", bob.token.as_str()] {
            let answer = ada.post(ONE, json!({ "token": token })).await.expect(200);
            assert_eq!((answer.json(), set_cookies(&answer).len()), (json!({ "status": true }), 0));
        }
        bob.get("/api/me/tasks").await.expect(200);
        there.get("/api/me/tasks").await.expect(200);
        let answer = ada.post(ONE, json!({ "token": there.token })).await.expect(200);
        assert!(set_cookies(&answer).is_empty());
        there.get("/api/me/tasks").await.expect(401);
        refused(ada.post(ONE, json!({ "token": 7 })).await, 400, "VALIDATION_ERROR");
        let answer = ada.post(ONE, json!({ "token": own })).await.expect(200);
        assert_eq!((answer.json(), set_cookies(&answer)), (json!({ "status": true }), cleared()));
        assert_eq!(ada.session().await, Value::Null);
    }

    async fn ending_all(app) {
        let mut ada = Browser::new(&app);
        ada.sign_up("ada@example.org").await;
        let (there, bob) = (app.again("ada").await, app.user("Bob").await);
        let before = ada.client();
        let answer = ada.client().send(Method::POST, ALL, Body::empty()).await.expect(200);
        assert_eq!((answer.json(), set_cookies(&answer)), (json!({ "status": true }), cleared()));
        before.get("/api/me/tasks").await.expect(401);
        there.get("/api/me/tasks").await.expect(401);
        bob.get("/api/me/tasks").await.expect(200);
        assert_eq!(count(&app, r#"SELECT count(*) FROM "session""#).await, 1);
    }

    async fn there_is_nothing_to_update(app) {
        let ada = app.user("Ada").await;
        let answer = ada.post("/api/auth/update-session", json!({ "theme": "dark" })).await.expect(400);
        assert_eq!(answer.json(), json!({ "message": "No fields to update" }));
        refused(ada.post("/api/auth/update-session", json!([])).await, 400, "VALIDATION_ERROR");
    }

    async fn errors_of_elsewhere_go_to_our_page(app) {
        for (query, place) in [
            ("", "/?error=UNKNOWN"),
            ("?error=account_not_linked", "/?error=account_not_linked"),
            ("?error=a'b-C_9&error_description=x%20%3Cb%3E%26", "/?error=a'b-C_9&error_description=x%20%3Cb%3E%26"),
            ("?error=%3Cscript%3E", "/?error=UNKNOWN"),
            ("?error=a%0d%0ab", "/?error=UNKNOWN"),
            ("?error=", "/?error=UNKNOWN"),
        ] {
            let answer = app.anonymous().get(&format!("/api/auth/error{query}")).await.expect(302);
            assert_eq!((answer.header("location"), answer.text.as_str()), (Some(place), ""), "{query}");
        }
    }

    // What was there before somebody signs in is not what they are afterwards.
    async fn a_planted_session_is_not_taken_over(app) {
        let mallory = app.user("Mallory").await;
        Browser::new(&app).sign_up("ada@example.org").await;
        let planted = mallory_cookie(&app, &mallory.token);
        for (path, body) in [
            ("/api/auth/sign-in/email", json!({ "email": "ada@example.org", "password": PASSWORD })),
            ("/api/auth/sign-up/email", json!({ "name": "", "email": "new@example.org", "password": PASSWORD })),
        ] {
            let victim = app.anonymous().with("origin", super::ORIGIN).with("cookie", &planted);
            let answer = victim.post(path, body).await.expect(200);
            let token = answer.json()["token"].as_str().expect("a token").to_owned();
            assert_ne!(token, mallory.token);
            assert!(set_cookies(&answer)[0].starts_with(&format!("better-auth.session_token={token}.")));
            // The planted one is still the attacker's own, and nobody else's.
            let found = app.anonymous().with("cookie", &planted).get("/api/auth/get-session").await.json();
            assert_eq!(found["user"]["email"], "mallory@example.org");
        }
        // A token nobody issued does not become one, however it is presented.
        let made_up = "A".repeat(32);
        let victim = app.anonymous().with("origin", super::ORIGIN).with("cookie", &mallory_cookie(&app, &made_up));
        let body = json!({ "email": "ada@example.org", "password": PASSWORD, "token": made_up, "id": made_up });
        assert_ne!(victim.post("/api/auth/sign-in/email", body).await.expect(200).json()["token"], made_up.as_str());
        let bearer = app.anonymous().with("authorization", &format!("Bearer {made_up}"));
        assert_eq!(bearer.get("/api/auth/get-session").await.json(), Value::Null);
        // After signing out the token is dead for good, also after signing in again.
        let mut ada = Browser::new(&app);
        let body = json!({ "email": "ada@example.org", "password": PASSWORD });
        ada.post("/api/auth/sign-in/email", body.clone()).await.expect(200);
        let before = ada.client();
        ada.post("/api/auth/sign-out", json!({})).await.expect(200);
        ada.post("/api/auth/sign-in/email", body).await.expect(200);
        before.get("/api/me/tasks").await.expect(401);
    }
}

/// The cookie an attacker can make who has that token; the signature is ours.
fn mallory_cookie(app: &TestApp, token: &str) -> String {
    let line = app.state.accounts.cookies.session(token, true);
    line.split(';').next().expect("a pair").to_owned()
}
