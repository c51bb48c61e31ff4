//! Foreign pages at every door, and every place an answer could send a browser to.

use super::{Browser, ORIGIN, count, refused};
use crate::app::{Client, PASSWORD, on_both};
use axum::{body::Body, http::Method};
use serde_json::{Value, json};

/// Everything that changes something, with a body that would do it.
fn doors() -> Vec<(&'static str, Value)> {
    let credentials = json!({ "name": "", "email": "new@example.org", "password": PASSWORD });
    let mut all = vec![
        ("sign-up/email", credentials.clone()),
        ("sign-in/email", credentials),
        ("sign-out", json!({})),
        ("request-password-reset", json!({ "email": "ada@example.org" })),
        ("forget-password", json!({ "email": "ada@example.org" })),
        ("reset-password", json!({ "token": "x", "newPassword": "another horse" })),
        ("send-verification-email", json!({ "email": "ada@example.org" })),
    ];
    let guarded = super::sessions::guarded().into_iter().filter(|(method, ..)| *method == Method::POST);
    all.extend(guarded.map(|(_, name, body)| (name, body)));
    all
}

/// Where nobody may be sent.
const NASTY: [&str; 22] = [
    "//evil.com",
    "///evil.com",
    "/\\evil.com",
    "\\\\evil.com",
    "/%2Fevil.com",
    "/%5Cevil.com",
    "/%2f%2fevil.com",
    "https://evil.example",
    "HTTPS://EVIL.EXAMPLE",
    "https:evil.example",
    "http:///evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "http://localhost:8080@evil.com/",
    "http://localhost:8080.evil.com/",
    "http://localhost:80800/",
    "http://localhost:8080\\@evil.com",
    "/a\r\nSet-Cookie: a=b",
    "/\t/evil.com",
    "/..//evil.com",
    " https://evil.example",
    "relative",
];

on_both! {
    async fn foreign_pages_open_no_door(app) {
        let mut ada = Browser::new(&app);
        ada.sign_up("ada@example.org").await;
        let signed_in = ada.client();
        for (name, body) in doors() {
            let path = format!("/api/auth/{name}");
            for (origin, code) in [
                ("https://evil.example", "INVALID_ORIGIN"),
                ("http://localhost:8080.evil.example", "INVALID_ORIGIN"),
                ("http://localhost:8081", "INVALID_ORIGIN"),
                ("https://localhost:8080", "INVALID_ORIGIN"),
                ("null", "MISSING_OR_NULL_ORIGIN"),
                ("", "MISSING_OR_NULL_ORIGIN"),
            ] {
                refused(signed_in.with("origin", origin).post(&path, body.clone()).await, 403, code);
            }
            // As a form could send it: JSON in a field's name. Only two endpoints take forms at all, and both ask for the
            // origin as well.
            let form = signed_in.with("origin", "https://evil.example").with("content-type", "application/x-www-form-urlencoded");
            let status = form.send(Method::POST, &path, Body::from("{\"a\":\"=\"}")).await.status.as_u16();
            assert_eq!(status, if name.starts_with("sign-in") || name.starts_with("sign-up") { 403 } else { 415 }, "{name}");
            let plain = signed_in.with("origin", "https://evil.example").with("content-type", "text/plain");
            plain.send(Method::POST, &path, Body::from(body.to_string())).await.expect(415);
            let empty = signed_in.with("origin", "https://evil.example").send(Method::POST, &path, Body::empty()).await;
            refused(empty, 403, "INVALID_ORIGIN");
            // Neither by a GET.
            signed_in.with("origin", "https://evil.example").get(&path).await.expect(404);
        }
        let user = ada.session().await["user"].clone();
        assert_eq!((&user["name"], &user["email"]), (&json!("Ada"), &json!("ada@example.org")));
        assert_eq!(count(&app, r#"SELECT count(*) FROM "user""#).await, 1);
        assert_eq!(count(&app, r#"SELECT count(*) FROM "session""#).await, 1);
    }

    async fn nobody_is_sent_away_by_a_body(app) {
        let ada = app.user("Ada").await;
        for (name, body) in doors() {
            for (field, code) in [
                ("callbackURL", "INVALID_CALLBACK_URL"),
                ("redirectTo", "INVALID_REDIRECT_URL"),
                ("errorCallbackURL", "INVALID_ERROR_CALLBACK_URL"),
                ("newUserCallbackURL", "INVALID_NEW_USER_CALLBACK_URL"),
            ] {
                for target in NASTY {
                    let mut body = body.clone();
                    body[field] = target.into();
                    for client in [&ada, &app.anonymous()] {
                        refused(client.post(&format!("/api/auth/{name}"), body.clone()).await, 403, code);
                    }
                }
                for odd in [json!(7), json!(["/a"]), json!({ "a": 1 })] {
                    let mut body = body.clone();
                    body[field] = odd;
                    let answer = ada.post(&format!("/api/auth/{name}"), body).await.expect(400);
                    assert_eq!(answer.json().get("code"), None, "{name} {field}");
                }
            }
            let query = format!("/api/auth/{name}?callbackURL=https%3A%2F%2Fevil.example");
            refused(ada.post(&query, body).await, 403, "INVALID_CALLBACK_URL");
        }
        assert_eq!(count(&app, r#"SELECT count(*) FROM "user""#).await, 1);
    }

    async fn nobody_is_sent_away_by_a_link(app) {
        let ada = app.user("Ada").await;
        for path in ["verify-email?token=x", "reset-password/x?", "delete-user/callback?token=x"] {
            for target in NASTY {
                let target = server::auth::cookie::encode_component(target);
                for client in [&ada, &app.anonymous()] {
                    let one = format!("/api/auth/{path}&callbackURL={target}");
                    refused(client.get(&one).await, 403, "INVALID_CALLBACK_URL");
                    // The first one counts, and it is the first one that is checked.
                    let two = format!("/api/auth/{path}&callbackURL=%2Fok&callbackURL={target}");
                    leads_home(client, &two).await;
                    refused(client.get(&format!("{one}&callbackURL=%2Fok")).await, 403, "INVALID_CALLBACK_URL");
                }
            }
            for good in ["/ok", "/a/../b", "/ok?x=1#h", "/a b", "/%2e%2e/x", "http://LOCALHOST:8080/x", "/?a=//evil.com", "/é\"<>"] {
                let target = server::auth::cookie::encode_component(good);
                leads_home(&ada, &format!("/api/auth/{path}&callbackURL={target}")).await;
            }
        }
        for target in NASTY {
            let target = server::auth::cookie::encode_component(target);
            leads_home(&ada, &format!("/api/auth/error?error={target}&error_description={target}")).await;
        }
    }
}

/// If the answer sends a browser anywhere, it is to us.
async fn leads_home(client: &Client, path: &str) {
    let answer = client.get(path).await;
    let Some(location) = answer.header("location") else {
        assert_ne!(answer.status.as_u16(), 302, "{path}");
        return;
    };
    let page = url::Url::parse(&format!("{ORIGIN}/api/auth/deep/page")).expect("an address");
    let there = page.join(location).expect("a target");
    assert_eq!(there.origin(), page.origin(), "{path} -> {location}");
    assert!(!there.path().starts_with("//"), "{path} -> {location}");
}
