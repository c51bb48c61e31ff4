//! ID tokens that lie. The signature counts, and every claim.

use super::provider::{Bent, By, CLIENT, NOW, Provider, Trip, session, target};
use crate::app::Engine;
use serde_json::json;

/// Every way in which an ID token must not be believed.
fn lies() -> Vec<Bent> {
    vec![
        Bent::claims(json!({"nonce": "another"})),
        Bent::claims(json!({"nonce": null})),
        Bent::claims(json!({"aud": "somebody else"})),
        Bent::claims(json!({"aud": ["somebody else"]})),
        Bent::claims(json!({"aud": [CLIENT, "somebody else"]})),
        Bent::claims(json!({"aud": [CLIENT, "somebody else"], "azp": "somebody else"})),
        Bent::claims(json!({"aud": null})),
        Bent::claims(json!({"iss": "https://evil.example"})),
        Bent::claims(json!({"iss": "https://accounts.google.com"})),
        Bent::claims(json!({"iss": null})),
        Bent::claims(json!({"exp": NOW - 60})),
        Bent::claims(json!({"exp": null})),
        Bent::claims(json!({"iat": NOW + 60})),
        Bent::claims(json!({"iat": NOW - 3700})),
        Bent::claims(json!({"iat": null})),
        Bent::claims(json!({"nbf": NOW + 60})),
        Bent::claims(json!({"sub": null})),
        Bent::claims(json!({"sub": ""})),
        Bent::by(By::Stranger, json!({})),
        Bent::by(By::Secret, json!({})),
        Bent::by(By::Nobody, json!({})),
        Bent::by(By::Nobody, json!({"alg": "None"})),
        Bent::by(By::Secret, json!({"alg": "EdDSA"})),
        Bent::by(By::Ed25519, json!({"alg": "ES256"})),
        Bent::by(By::P256, json!({"kid": "ed-1"})),
        Bent::by(By::Ed25519, json!({"kid": "unknown"})),
        Bent::by(By::Ed25519, json!({"crit": ["exp"], "exp": 1})),
        Bent::by(By::Stranger, json!({"jwk": {"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}})),
        Bent { absent: true, ..Bent::default() },
    ]
}

#[tokio::test]
async fn a_code_with_a_lie_brings_nobody_in() {
    let provider = Provider::start().await;
    let app = provider.app(Engine::Sqlite, &[]).await;
    for lie in lies() {
        provider.bend(lie.clone());
        let answer = Trip::whole(&provider, &app).await;
        assert_eq!(target(&answer), "/oops?error=unable_to_get_user_info", "{lie:?}");
        assert!(session(&app, &answer).is_none(), "{lie:?}");
    }
    let any = app.state.services.store().read().await.expect("a connection").any_user().await.expect("an answer");
    assert!(!any, "nobody was made up");
}

#[tokio::test]
async fn a_token_with_a_lie_signs_nobody_in() {
    let provider = Provider::start().await;
    let app = provider.app(Engine::Sqlite, &[]).await;
    let ann = app.user("Ann").await;
    for lie in lies().into_iter().filter(|lie| !lie.absent) {
        provider.bend(lie.clone());
        let token = provider.id_token("mine");
        let body = json!({"provider": "google", "idToken": {"token": token, "nonce": "mine"}});
        let answer = app.anonymous().post("/api/auth/sign-in/social", body.clone()).await.expect(401);
        assert_eq!(answer.json()["code"], "INVALID_TOKEN", "{lie:?}");
        assert!(answer.header("set-cookie").is_none());
        assert_eq!(ann.post("/api/auth/link-social", body).await.expect(401).json()["code"], "INVALID_TOKEN");
    }
}

#[tokio::test]
async fn honest_tokens_of_several_kinds_are_believed() {
    let provider = Provider::start().await;
    let app = provider.app(Engine::Sqlite, &[]).await;
    for honest in [
        Bent::default(),
        Bent::by(By::P256, json!({})),
        Bent::by(By::Ed25519, json!({"kid": null})),
        Bent::by(By::Ed25519, json!({"typ": null})),
        Bent::claims(json!({"aud": [CLIENT]})),
        Bent::claims(json!({"aud": [CLIENT, "somebody else"], "azp": CLIENT})),
        Bent::claims(json!({"iat": NOW + 20})),
        Bent::claims(json!({"email_verified": "true"})),
    ] {
        provider.bend(honest.clone());
        assert_eq!(target(&Trip::whole(&provider, &app).await), "/app", "{honest:?}");
    }
}

#[tokio::test]
async fn new_keys_are_noticed_but_not_asked_for_all_the_time() {
    let provider = Provider::start().await;
    let app = provider.app(Engine::Sqlite, &[]).await;
    assert_eq!(target(&Trip::whole(&provider, &app).await), "/app");
    assert_eq!(provider.key_fetches(), 1);
    app.clock.advance(60);
    provider.rotate();
    assert_eq!(target(&Trip::whole(&provider, &app).await), "/app");
    assert_eq!(provider.key_fetches(), 2);
    // Anybody can make up names of keys.
    provider.bend(Bent::by(By::Ed25519, json!({"kid": "made up"})));
    for _ in 0..5 {
        let body = json!({"provider": "google", "idToken": {"token": provider.id_token("n")}});
        app.anonymous().post("/api/auth/sign-in/social", body).await.expect(401);
    }
    assert_eq!(provider.key_fetches(), 2);
}

#[tokio::test]
async fn a_token_that_needs_no_redirect_signs_in_and_connects() {
    let provider = Provider::start().await;
    let app = provider.app(Engine::Sqlite, &[]).await;
    let token = provider.id_token("mine");
    let given = json!({"token": token, "nonce": "mine", "accessToken": "access-0"});
    let body = json!({"provider": "google", "idToken": given});
    let answer = app.anonymous().post("/api/auth/sign-in/social", body.clone()).await.expect(200);
    let signed = answer.json();
    assert_eq!((&signed["redirect"], &signed["user"]["email"]), (&json!(false), &json!("ann@example.org")));
    let ann = session(&app, &answer).expect("a session");
    let account = ann.get("/api/auth/list-accounts").await.expect(200).json();
    assert_eq!((&account[0]["providerId"], &account[0]["accountId"]), (&json!("google"), &json!("subject-1")));

    // Somebody else cannot have it too.
    let bob = app.user("Bob").await;
    let answer = bob.post("/api/auth/link-social", body.clone()).await;
    assert_eq!(answer.expect(401).json()["code"], "LINKING_DIFFERENT_EMAILS_NOT_ALLOWED");
    let again = ann.post("/api/auth/link-social", body).await.expect(200).json();
    assert_eq!(again, json!({"url": "", "status": true, "redirect": false}));

    provider.bend(Bent::claims(json!({"sub": "subject-2", "email": null})));
    let nameless = json!({"provider": "google", "idToken": {"token": provider.id_token("n")}});
    let answer = app.anonymous().post("/api/auth/sign-in/social", nameless).await.expect(401);
    assert_eq!(answer.json()["code"], "USER_EMAIL_NOT_FOUND");
    provider.bend(Bent::claims(json!({"sub": "subject-3", "email": "bob@example.org"})));
    let collides = json!({"provider": "google", "idToken": {"token": provider.id_token("n")}});
    let answer = app.anonymous().post("/api/auth/sign-in/social", collides).await.expect(401).json();
    assert_eq!(answer, json!({"message": "account not linked", "code": "OAUTH_LINK_ERROR"}));
}
