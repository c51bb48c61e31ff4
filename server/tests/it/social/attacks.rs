//! The way there and back under attack: what is replayed, swapped, forged or led astray brings nobody in.

use super::provider::{Provider, Trick, Trip, session, target};
use crate::app::{Engine, TestApp};
use axum::{body::Body, http::Method};
use serde_json::{Value, json};

async fn users(app: &TestApp) -> bool {
    let mut conn = app.state.services.store().read().await.expect("a connection");
    conn.any_user().await.expect("an answer")
}

async fn a_state_is_good_once(engine: Engine) {
    let provider = Provider::start().await;
    let app = provider.app(engine, &[]).await;
    let trip = Trip::sign_in(&app, "google").await;
    let code = provider.admit(&trip);
    let first = trip.back(&app, "google", &[("code", &code)]).await;
    assert_eq!(target(&first), "/app");
    assert!(session(&app, &first).is_some());
    // With the old code and with a new one.
    for code in [code, provider.admit(&trip)] {
        let again = trip.back(&app, "google", &[("code", &code)]).await;
        assert_eq!(target(&again), "http://localhost:8080/api/auth/error?error=state_mismatch");
        assert!(session(&app, &again).is_none());
    }
}

#[tokio::test]
async fn a_state_is_good_once_on_sqlite() {
    a_state_is_good_once(Engine::Sqlite).await;
}

#[tokio::test]
async fn a_state_is_good_once_on_postgres() {
    a_state_is_good_once(Engine::Postgres).await;
}

#[tokio::test]
async fn of_two_returns_at_the_same_moment_one_is_let_in() {
    let provider = Provider::start().await;
    let app = provider.app(Engine::Postgres, &[]).await;
    for _ in 0..5 {
        let trip = Trip::sign_in(&app, "google").await;
        let (one, two) = (provider.admit(&trip), provider.admit(&trip));
        let (one, two) = ([("code", one.as_str())], [("code", two.as_str())]);
        let (one, two) = tokio::join!(trip.back(&app, "google", &one), trip.back(&app, "google", &two));
        let came_in = [&one, &two].into_iter().filter(|answer| session(&app, answer).is_some()).count();
        assert_eq!(came_in, 1, "{} {}", target(&one), target(&two));
    }
}

#[tokio::test]
async fn another_browser_neither_comes_in_nor_spoils_it() {
    let provider = Provider::start().await;
    let app = provider.app(Engine::Sqlite, &[]).await;
    let mine = Trip::sign_in(&app, "google").await;
    let code = provider.admit(&mine);
    let other = Trip::sign_in(&app, "google").await;
    for cookie in ["a=b".to_owned(), other.cookie.clone(), mine.cookie.replace("state=", "state=x")] {
        let stolen = Trip { cookie, ..mine.clone() };
        let answer = stolen.back(&app, "google", &[("code", &code)]).await;
        assert_eq!(target(&answer), "/oops?error=state_mismatch");
        assert!(session(&app, &answer).is_none() && answer.header("set-cookie").is_none());
    }
    // Nor does one who brings an error in the name of another.
    let denied = Trip { cookie: "a=b".into(), ..mine.clone() }.back(&app, "google", &[("error", "x")]).await;
    assert_eq!(target(&denied), "/oops?error=state_mismatch");
    assert_eq!(target(&mine.back(&app, "google", &[("code", &code)]).await), "/app");
}

#[tokio::test]
async fn a_code_is_good_once_and_for_who_asked() {
    let provider = Provider::start().await;
    let app = provider.app(Engine::Sqlite, &[]).await;
    let first = Trip::sign_in(&app, "google").await;
    let code = provider.admit(&first);
    assert_eq!(target(&first.back(&app, "google", &[("code", &code)]).await), "/app");
    let second = Trip::sign_in(&app, "google").await;
    assert_eq!(target(&second.back(&app, "google", &[("code", &code)]).await), "/oops?error=invalid_code");

    // A fresh code, but somebody else's: the verifier does not fit.
    let (victim, thief) = (Trip::sign_in(&app, "google").await, Trip::sign_in(&app, "google").await);
    let code = provider.admit(&victim);
    let answer = thief.back(&app, "google", &[("code", &code)]).await;
    assert_eq!(target(&answer), "/oops?error=invalid_code");
    assert!(session(&app, &answer).is_none());
}

#[tokio::test]
async fn the_proof_of_who_asked_cannot_be_weakened() {
    let provider = Provider::start().await;
    let app = provider.app(Engine::Sqlite, &[]).await;
    for name in [
        "state",
        "client_id",
        "redirect_uri",
        "response_type",
        "code_challenge",
        "code_challenge_method",
        "nonce",
        "scope",
    ] {
        let body = json!({"provider": "google", "additionalParams": {name: "plain"}});
        let answer = app.anonymous().post("/api/auth/sign-in/social", body).await.expect(400).json();
        assert_eq!(answer["code"], "VALIDATION_ERROR", "{name}");
    }
    let body =
        json!({"provider": "google", "additionalParams": {"prompt": "consent", "include_granted_scopes": "false"}});
    let trip = Trip::start(&app.anonymous(), "/sign-in/social", body).await;
    assert_eq!(trip.query("code_challenge_method"), "S256");
    assert_eq!((trip.query("prompt"), trip.query("include_granted_scopes")), ("consent".into(), "false".into()));
    let code = provider.admit(&trip);
    trip.back(&app, "google", &[("code", &code)]).await;
    let forms = provider.forms();
    let form = forms.last().expect("a form");
    assert_eq!(form["code_verifier"].len(), 128);
    assert_eq!(form["redirect_uri"], "http://localhost:8080/api/auth/callback/google");
    assert_ne!(form["code_verifier"], trip.query("code_challenge"));
}

#[tokio::test]
async fn one_provider_does_not_bring_home_what_another_was_asked_for() {
    let provider = Provider::start().await;
    let app = provider.app(Engine::Sqlite, &[]).await;
    let trip = Trip::sign_in(&app, "google").await;
    let code = provider.admit(&trip);
    assert_eq!(target(&trip.back(&app, "oidc", &[("code", &code)]).await), "/oops?error=state_mismatch");
    let trip = Trip::sign_in(&app, "google").await;
    let code = provider.admit(&trip);
    assert_eq!(target(&trip.back(&app, "made-up", &[("code", &code)]).await), "/oops?error=oauth_provider_not_found");
    let trip = Trip::sign_in(&app, "google").await;
    let code = provider.admit(&trip);
    let answer = trip.back(&app, "google", &[("code", &code), ("iss", "https://evil.example")]).await;
    assert_eq!(target(&answer), "/oops?error=issuer_mismatch");
    assert!(provider.forms().is_empty(), "no code left the house");
    assert!(!users(&app).await);
}

#[tokio::test]
async fn a_provider_that_says_it_names_itself_must() {
    let provider = Provider::start().await;
    provider.play(Trick::Nameless);
    let app = provider.app(Engine::Sqlite, &[]).await;
    let trip = Trip::sign_in(&app, "oidc").await;
    let code = provider.admit(&trip);
    assert_eq!(target(&trip.back(&app, "oidc", &[("code", &code)]).await), "/oops?error=issuer_missing");
}

#[tokio::test]
async fn a_provider_that_is_somebody_else_is_not_used() {
    let provider = Provider::start().await;
    provider.play(Trick::OtherIssuer);
    let app = provider.app(Engine::Sqlite, &[]).await;
    let asked = async || app.anonymous().post("/api/auth/sign-in/social", json!({"provider": "oidc"})).await;
    assert_eq!(asked().await.expect(503).json()["code"], "PROVIDER_UNAVAILABLE");
    // It is left alone for a moment, and asked again then.
    provider.play(Trick::None);
    assert_eq!(asked().await.expect(503).json()["code"], "PROVIDER_UNAVAILABLE");
    app.clock.advance(3);
    asked().await.expect(200);
}

#[tokio::test]
async fn a_code_goes_nowhere_else_and_answers_have_an_end() {
    let provider = Provider::start().await;
    let app = provider.app(Engine::Sqlite, &[]).await;
    for trick in [Trick::Redirects, Trick::Floods] {
        provider.play(trick);
        let answer = Trip::whole(&provider, &app).await;
        assert_eq!(target(&answer), "/oops?error=invalid_code", "{trick:?}");
    }
    assert!(!users(&app).await);
}

#[tokio::test]
async fn what_came_too_late_is_told_where_it_began() {
    let provider = Provider::start().await;
    let app = provider.app(Engine::Sqlite, &[]).await;
    let trip = Trip::sign_in(&app, "google").await;
    app.clock.advance(601);
    let code = provider.admit(&trip);
    assert_eq!(target(&trip.back(&app, "google", &[("code", &code)]).await), "/oops?error=state_mismatch");
    let get = async |query: &str| {
        let path = format!("/api/auth/callback/google?{query}");
        app.anonymous().send(Method::GET, &path, Body::empty()).await.expect(302)
    };
    let own = "http://localhost:8080/api/auth/error?error=";
    assert_eq!(target(&get("code=x").await), format!("{own}state_not_found"));
    assert_eq!(target(&get("state=&code=x").await), format!("{own}state_not_found"));
    for odd in ["nobody-knows-it", "%00", "a%20b", "%27%20OR%201=1", &"x".repeat(5000)] {
        assert_eq!(target(&get(&format!("state={odd}&code=x")).await), format!("{own}state_mismatch"), "{odd}");
    }
}

#[tokio::test]
async fn an_error_is_passed_on_and_uses_the_state_up() {
    let provider = Provider::start().await;
    let app = provider.app(Engine::Sqlite, &[]).await;
    let trip = Trip::sign_in(&app, "google").await;
    let said = [("error", "access_denied\r\nSet-Cookie: a=b"), ("error_description", "no & no")];
    let answer = trip.back(&app, "google", &said).await;
    assert_eq!(target(&answer), "/oops?error=access_denied%0D%0ASet-Cookie%3A%20a%3Db&error_description=no%20%26%20no");
    assert!(answer.header("set-cookie").is_some_and(|line| line.starts_with("better-auth.state=; Max-Age=0;")));
    let code = provider.admit(&trip);
    let again = trip.back(&app, "google", &[("code", &code)]).await;
    assert!(target(&again).ends_with("error=state_mismatch"));
    let nothing = Trip::sign_in(&app, "google").await;
    assert_eq!(target(&nothing.back(&app, "google", &[]).await), "/oops?error=no_code");
}

#[tokio::test]
async fn no_target_leads_away() {
    let provider = Provider::start().await;
    let app = provider.app(Engine::Sqlite, &[]).await;
    let ann = app.user("Ann").await;
    let fields = [
        ("callbackURL", "INVALID_CALLBACK_URL"),
        ("errorCallbackURL", "INVALID_ERROR_CALLBACK_URL"),
        ("newUserCallbackURL", "INVALID_NEW_USER_CALLBACK_URL"),
    ];
    for (field, code) in fields {
        for evil in [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "javascript:alert(1)",
            "/%2Fevil.example",
            "http://localhost:8080@evil.example/",
        ] {
            for path in ["/api/auth/sign-in/social", "/api/auth/link-social"] {
                let answer = ann.post(path, json!({"provider": "google", field: evil})).await.expect(403);
                assert_eq!(answer.json()["code"], code, "{path} {evil}");
            }
        }
    }
    let odd = ann.post("/api/auth/sign-in/social", json!({"provider": "google", "errorCallbackURL": ["/x"]})).await;
    odd.expect(400);
}

#[tokio::test]
async fn a_client_cannot_write_the_state_for_us() {
    let provider = Provider::start().await;
    let app = provider.app(Engine::Sqlite, &[]).await;
    let victim = app.user("Ann").await;
    let body = json!({
        "provider": "google", "callbackURL": "/app",
        "additionalData": {"link": {"userId": victim.user, "email": "ann@example.org"}, "callbackURL": "//evil", "plan": "pro"},
    });
    let trip = Trip::start(&app.anonymous(), "/sign-in/social", body).await;
    let code = provider.admit(&trip);
    let answer = trip.back(&app, "google", &[("code", &code)]).await;
    // An ordinary sign-in, which the unproven address of a stranger stops.
    assert_eq!(target(&answer), "http://localhost:8080/api/auth/error?error=account_not_linked");
    let accounts = victim.get("/api/auth/list-accounts").await.expect(200).json();
    assert_eq!(accounts.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn behind_an_ingress_the_public_address_counts() {
    let provider = Provider::start().await;
    let app = provider.app(Engine::Sqlite, &[("BETTER_AUTH_URL", "https://todo.example.org")]).await;
    let inside = app.anonymous().with("host", "10.0.0.7:8080");
    let trip = Trip::start(&inside, "/sign-in/social", json!({"provider": "google"})).await;
    assert_eq!(trip.query("redirect_uri"), "https://todo.example.org/api/auth/callback/google");
    assert!(trip.cookie.starts_with("__Secure-better-auth.state="));
    let code = provider.admit(&trip);
    let answer = trip.back(&app, "google", &[("code", &code)]).await;
    assert_eq!(target(&answer), "https://todo.example.org");
    let lines: Vec<&str> = answer.headers.get_all("set-cookie").iter().filter_map(|line| line.to_str().ok()).collect();
    assert!(
        lines.len() == 2 && lines.iter().all(|line| line.starts_with("__Secure-") && line.contains("; Secure;")),
        "{lines:?}"
    );
}

#[tokio::test]
async fn fields_that_are_wrong_are_named() {
    let provider = Provider::start().await;
    let app = provider.app(Engine::Sqlite, &[]).await;
    let ask = async |body: Value| app.anonymous().post("/api/auth/sign-in/social", body).await;
    assert_eq!(ask(json!({"provider": "nobody"})).await.expect(404).json()["code"], "PROVIDER_NOT_FOUND");
    for (body, part) in [
        (json!({}), "[body.provider] Invalid input"),
        (json!({"provider": 7}), "[body.provider] Invalid input"),
        (json!({"provider": "google", "scopes": "email"}), "[body.scopes]"),
        (json!({"provider": "google", "scopes": [1]}), "[body.scopes]"),
        (json!({"provider": "google", "additionalParams": {"a": 1}}), "[body.additionalParams.a]"),
        (json!({"provider": "google", "additionalData": []}), "[body.additionalData]"),
        (json!({"provider": "google", "idToken": {}}), "[body.idToken.token]"),
        (json!({"provider": "google", "idToken": "a.b.c"}), "[body.idToken]"),
        (json!({"provider": "google", "disableRedirect": "yes"}), "[body.disableRedirect]"),
        (json!([]), "[body]"),
    ] {
        let answer = ask(body.clone()).await.expect(400).json();
        assert_eq!(answer["code"], "VALIDATION_ERROR", "{body}");
        assert!(answer["message"].as_str().is_some_and(|text| text.contains(part)), "{body}: {answer}");
    }
    // Nobody signed in connects nothing.
    app.anonymous().post("/api/auth/link-social", json!({"provider": "google"})).await.expect(401);
}
