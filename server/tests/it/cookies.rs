//! What becomes of a session cookie in an attacker's hands: nothing.

use crate::app::{Client, Engine, TestApp};
use percent_encoding::percent_decode_str;
use server::auth::cookie::Cookies;

const NAME: &str = "better-auth.session_token";

/// The value of a token's cookie.
fn value(cookies: &Cookies, token: &str) -> String {
    let line = cookies.session(token, true);
    let pair = line.split(';').next().expect("a pair");
    pair.split_once('=').expect("a name and a value").1.to_owned()
}

async fn nobody(app: &TestApp, cookie: &[u8], why: &str) {
    let Ok(header) = axum::http::HeaderValue::from_bytes(cookie) else {
        // No server ever sees such a header.
        return;
    };
    for (path, status) in [("/api/me/tasks", 401), ("/api/auth/get-session", 200)] {
        let mut request = axum::http::Request::new(axum::body::Body::empty());
        *request.uri_mut() = path.parse().expect("a path");
        request.headers_mut().insert("cookie", header.clone());
        let response = tower::ServiceExt::oneshot(app.router.clone(), request).await.expect("infallible");
        let shown = String::from_utf8_lossy(cookie);
        assert_eq!(response.status().as_u16(), status, "{why}: {path}: {shown}");
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a body");
        assert!(status == 401 || &body[..] == b"null", "{why}: {shown}");
    }
}

async fn good(ann: &Client, cookie: &str) {
    ann.with("cookie", cookie).get("/api/me/tasks").await.expect(200);
}

#[tokio::test]
async fn every_bit_of_it_counts() {
    let app = TestApp::new(Engine::Sqlite).await;
    let ann = app.user("ann").await;
    let cookie = format!("{NAME}={}", value(&app.state.accounts.cookies, &ann.token));
    good(&ann, &cookie).await;
    let decoded = |bytes: &[u8]| percent_decode_str(&String::from_utf8_lossy(bytes)).collect::<Vec<u8>>();
    let mut tried = 0;
    for place in 0..cookie.len() {
        for bit in 0..8 {
            let mut bytes = cookie.clone().into_bytes();
            bytes[place] ^= 1 << bit;
            // `%2f` is `%2F`: written otherwise, and the same.
            if decoded(&bytes) != decoded(cookie.as_bytes()) {
                nobody(&app, &bytes, "a bit").await;
                tried += 1;
            }
        }
    }
    assert!(tried > 800, "{tried}");
    for length in 0..cookie.len() {
        nobody(&app, &cookie.as_bytes()[..length], "cut short").await;
    }
}

#[tokio::test]
async fn signatures_do_not_travel() {
    let app = TestApp::new(Engine::Sqlite).await;
    let (ann, bob) = (app.user("ann").await, app.user("bob").await);
    let ours = &app.state.accounts.cookies;
    let (hers, his) = (value(ours, &ann.token), value(ours, &bob.token));
    let signature = |value: &str| value.rsplit_once('.').expect("a signature").1.to_owned();
    let remember = ours.sign("true");
    let foreign = Cookies::new(["another-secret-0123456789abcdef"], false, "better-auth");
    for (why, cookie) in [
        ("his signature", format!("{NAME}={}.{}", ann.token, signature(&his))),
        ("the signature of another cookie", format!("{NAME}={}.{}", ann.token, signature(&remember))),
        ("another cookie's value", format!("{NAME}={remember}")),
        ("another secret", format!("{NAME}={}", value(&foreign, &ann.token))),
        ("an empty secret", format!("{NAME}={}", value(&Cookies::new([""], false, "better-auth"), &ann.token))),
        ("no signature", format!("{NAME}={}", ann.token)),
        ("an empty signature", format!("{NAME}={}.", ann.token)),
        ("two signatures", format!("{NAME}={hers}.{}", signature(&hers))),
        ("two tokens", format!("{NAME}={}.{hers}", ann.token)),
        ("a blank in it", format!("{NAME}={}", hers.replacen('.', " .", 1))),
        ("a NUL in it", format!("{NAME}={}", hers.replacen('.', "%00.", 1))),
        ("encoded twice", format!("{NAME}={}", hers.replace('%', "%25"))),
        ("the name in capitals", format!("{}={hers}", NAME.to_uppercase())),
        ("the name of https", format!("__Secure-{NAME}={hers}")),
        ("the name of a host", format!("__Host-{NAME}={hers}")),
        ("another prefix", format!("other.session_token={hers}")),
        ("a wrong one before", format!("{NAME}=x; {NAME}={hers}")),
        ("an empty one before", format!("{NAME}=; {NAME}={hers}")),
        ("hidden in another", format!("a=\"{NAME}={hers}\"")),
        ("very long", format!("{NAME}={}{hers}", "a".repeat(100_000))),
        ("very many", format!("{}{NAME}2={hers}", "a=b; ".repeat(5_000))),
    ] {
        nobody(&app, cookie.as_bytes(), why).await;
    }
    good(&ann, &format!("{NAME}={hers}")).await;
    // Of two good ones the first counts, as everywhere.
    let both = app.anonymous().with("cookie", &format!("{NAME}={hers}; {NAME}={his}"));
    both.get(&format!("/api/{}/tasks", ann.user)).await.expect(200);
    both.get(&format!("/api/{}/tasks", bob.user)).await.expect(404);
}

#[tokio::test]
async fn by_https_only_the_guarded_name_counts() {
    let app = TestApp::with(Engine::Sqlite, &[("BETTER_AUTH_URL", "https://todo.example.org")]).await;
    let ann = app.user("ann").await;
    let hers = value(&app.state.accounts.cookies, &ann.token);
    good(&ann, &format!("__Secure-{NAME}={hers}")).await;
    nobody(&app, format!("{NAME}={hers}").as_bytes(), "the name of http").await;
    nobody(&app, format!("{NAME}={hers}; __Secure-{NAME}=x").as_bytes(), "a wrong one under the guarded name").await;
    // One planted without the guard does not stand in the way.
    good(&ann, &format!("{NAME}=x; __Secure-{NAME}={hers}")).await;
}
