//! Who somebody is here whom a provider vouches for, on both databases.

use super::provider::{Bent, Provider, Trip, session, target};
use crate::app::{Client, Engine, TestApp};
use serde_json::{Value, json};

/// Runs a test on both databases with a provider: `with_provider! { async fn name(provider, app) { … } }`.
macro_rules! with_provider {
    ($(async fn $name:ident($provider:ident, $app:ident $(, $setting:expr)*) $body:block)+) => {
        $(async fn $name($provider: Provider, $app: TestApp) $body

        mod $name {
            use super::*;

            #[tokio::test]
            async fn sqlite() {
                let provider = Provider::start().await;
                let app = provider.app(Engine::Sqlite, &[$($setting),*]).await;
                super::$name(provider, app).await;
            }

            #[tokio::test]
            async fn postgres() {
                let provider = Provider::start().await;
                let app = provider.app(Engine::Postgres, &[$($setting),*]).await;
                super::$name(provider, app).await;
            }
        })+
    };
}

async fn accounts(client: &Client) -> Vec<Value> {
    client.get("/api/auth/list-accounts").await.expect(200).json().as_array().cloned().expect("a list")
}

async fn me(client: &Client) -> Value {
    client.get("/api/auth/get-session").await.expect(200).json()["user"].clone()
}

/// What happened to somebody, in the order of the alphabet: the clock stands still.
async fn kinds(client: &Client) -> Vec<String> {
    let rows = client.get("/api/me/audit").await.expect(200).json();
    let rows = rows.as_array().expect("a list").iter();
    let mut kinds: Vec<String> = rows.map(|row| row["kind"].as_str().expect("a word").to_owned()).collect();
    kinds.sort();
    kinds
}

/// Connects an account to the one of somebody signed in, and answers where that led.
async fn connect(provider: &Provider, app: &TestApp, client: &Client) -> String {
    let body = json!({"provider": "google", "callbackURL": "/settings", "errorCallbackURL": "/oops"});
    let trip = Trip::start(client, "/link-social", body).await;
    let code = provider.admit(&trip);
    let answer = trip.back(app, "google", &[("code", &code)]).await;
    assert!(session(app, &answer).is_none(), "connecting starts no session");
    target(&answer).to_owned()
}

with_provider! {
    async fn somebody_new_is_made_and_known_again(provider, app) {
        let answer = Trip::whole(&provider, &app).await;
        assert_eq!(target(&answer), "/app");
        assert!(answer.header("set-auth-token").is_some());
        let ann = session(&app, &answer).expect("a session");
        let user = me(&ann).await;
        assert_eq!(
            (&user["email"], &user["name"], &user["emailVerified"], &user["image"]),
            (&json!("ann@example.org"), &json!("Ann"), &json!(true), &json!("https://example.org/p.png"))
        );
        // The first one of an installation is the admin's.
        assert_eq!(ann.get("/api/me/overview").await.expect(200).json()["admin"], true);

        // Another name and picture there change nothing here; another address neither.
        provider.bend(Bent::claims(json!({"name": "Other", "picture": "https://example.org/q.png", "email": "new@example.org"})));
        let again = session(&app, &Trip::whole(&provider, &app).await).expect("a session");
        assert_eq!(me(&again).await, user);
        assert_eq!(kinds(&again).await, ["signed_in", "signed_up"]);

        let account = accounts(&again).await[0]["id"].clone();
        let access = again.post("/api/auth/get-access-token", json!({"accountId": account})).await.expect(200).json();
        assert_eq!(
            (&access["accessToken"], &access["scopes"], &access["accessTokenExpiresAt"]),
            (&json!("access-1"), &json!(["openid", "email", "profile"]), &json!("2026-11-21T10:10:00.000Z"))
        );
        // Nearly over, it is renewed first.
        app.clock.advance(596);
        let access = again.post("/api/auth/get-access-token", json!({"accountId": account})).await.expect(200).json();
        assert_eq!(access["accessToken"], "access-2");
        let fresh = again.post("/api/auth/refresh-token", json!({"providerId": "google"})).await.expect(200).json();
        assert_eq!((&fresh["refreshToken"], &fresh["scope"]), (&json!("refresh-1"), &json!("openid,email,profile")));
        let info = again.get("/api/auth/account-info?providerId=google").await.expect(200).json();
        assert_eq!(info["account"]["accountId"], "subject-1");
        let nobody = app.anonymous().post("/api/auth/get-access-token", json!({"accountId": account})).await.expect(401);
        assert_eq!(nobody.text, "");
    }

    async fn a_new_user_may_be_led_elsewhere(provider, app) {
        let body = json!({"provider": "oidc", "callbackURL": "/app", "newUserCallbackURL": "/welcome"});
        for expected in ["/welcome", "/app"] {
            let trip = Trip::start(&app.anonymous(), "/sign-in/social", body.clone()).await;
            let code = provider.admit(&trip);
            assert_eq!(target(&trip.back(&app, "oidc", &[("code", &code)]).await), expected);
        }
    }

    async fn an_address_joins_only_where_both_sides_have_proven_it(provider, app) {
        let ann = app.user("Ann").await;
        let refused = "/oops?error=account_not_linked";
        // Hers here is not proven: whoever signed up with it may be somebody else.
        assert_eq!(target(&Trip::whole(&provider, &app).await), refused);
        let mut conn = app.state.services.store().write().await.expect("a connection");
        let id = domain::id::UserId(ann.user.clone());
        conn.set_email(&id, "ann@example.org", true, 0).await.expect("stored");
        conn.commit().await.expect("kept");
        // The provider's is not proven: whoever is there may be somebody else.
        for unproven in [json!(false), json!("false"), json!(null), json!("yes"), json!(1)] {
            provider.bend(Bent::claims(json!({"email_verified": unproven})));
            assert_eq!(target(&Trip::whole(&provider, &app).await), refused, "{unproven}");
        }
        assert_eq!(accounts(&ann).await.len(), 1);
        provider.bend(Bent::default());
        let answer = Trip::whole(&provider, &app).await;
        let joined = session(&app, &answer).expect("a session");
        assert_eq!(me(&joined).await["id"], ann.user);
        assert_eq!(accounts(&ann).await.len(), 2);
        let kinds = kinds(&ann).await;
        assert_eq!(kinds.iter().filter(|kind| *kind == "sign_in_failed").count(), 6, "each try shows");
        assert_eq!(kinds.iter().filter(|kind| *kind != "sign_in_failed").count(), 3, "{kinds:?}");
    }

    async fn an_address_is_needed(provider, app) {
        for odd in [json!(null), json!(""), json!("no address"), json!("\u{212a}im@example.org")] {
            provider.bend(Bent::claims(json!({"email": odd})));
            assert_eq!(target(&Trip::whole(&provider, &app).await), "/oops?error=email_not_found", "{odd}");
        }
    }

    async fn an_account_is_connected_by_its_owner_only(provider, app) {
        let (ann, bob) = (app.user("Ann").await, app.user("Bob").await);
        assert_eq!(connect(&provider, &app, &bob).await, "/oops?error=email_does_not_match");
        provider.bend(Bent::claims(json!({"email_verified": false})));
        assert_eq!(connect(&provider, &app, &ann).await, "/oops?error=unable_to_link_account");
        provider.bend(Bent::default());
        assert_eq!(connect(&provider, &app, &ann).await, "/settings");
        assert_eq!(accounts(&ann).await.len(), 2);
        // Once more is no harm.
        assert_eq!(connect(&provider, &app, &ann).await, "/settings");
        assert_eq!(accounts(&ann).await.len(), 2);
        // Hers, whatever address the provider now says it has.
        provider.bend(Bent::claims(json!({"email": "bob@example.org"})));
        assert_eq!(connect(&provider, &app, &bob).await, "/oops?error=account_already_linked_to_different_user");
        assert_eq!(accounts(&bob).await.len(), 1);
        let inside = session(&app, &Trip::whole(&provider, &app).await).expect("a session");
        assert_eq!(me(&inside).await["id"], ann.user);
    }

    async fn a_session_that_ended_connects_nothing(provider, app) {
        let ann = app.user("Ann").await;
        let trip = Trip::start(&ann, "/link-social", json!({"provider": "google", "errorCallbackURL": "/oops"})).await;
        let code = provider.admit(&trip);
        let elsewhere = app.again("Ann").await;
        ann.post("/api/auth/sign-out", json!({})).await.expect(200);
        assert_eq!(target(&trip.back(&app, "google", &[("code", &code)]).await), "/oops?error=unable_to_link_account");
        assert_eq!(accounts(&elsewhere).await.len(), 1);
    }

    async fn a_disabled_person_stays_out(provider, app) {
        let ann = session(&app, &Trip::whole(&provider, &app).await).expect("a session");
        let admin = app.user("Root").await;
        let id = me(&ann).await["id"].as_str().expect("an id").to_owned();
        let mut conn = app.state.services.store().write().await.expect("a connection");
        conn.make_admin(&domain::id::UserId(admin.user.clone())).await.expect("stored");
        conn.commit().await.expect("kept");
        let path = format!("/api/admin/users/{id}");
        admin.patch(&path, json!({"disabled": true})).await.expect(200);
        let answer = Trip::whole(&provider, &app).await;
        assert_eq!(target(&answer), "/oops?error=banned");
        assert!(session(&app, &answer).is_none());
        let body = json!({"provider": "google", "idToken": {"token": provider.id_token("n")}});
        app.anonymous().post("/api/auth/sign-in/social", body).await.expect(403);
    }

    async fn closed_means_closed(provider, app, ("SIGN_UP", "closed")) {
        assert_eq!(target(&Trip::whole(&provider, &app).await), "/oops?error=signup_disabled");
    }

    async fn first_means_one(provider, app, ("SIGN_UP", "first")) {
        assert_eq!(target(&Trip::whole(&provider, &app).await), "/app");
        provider.bend(Bent::claims(json!({"sub": "subject-2", "email": "bob@example.org"})));
        assert_eq!(target(&Trip::whole(&provider, &app).await), "/oops?error=signup_disabled");
        provider.bend(Bent::default());
        assert_eq!(target(&Trip::whole(&provider, &app).await), "/app");
    }

    async fn where_addresses_must_be_proven_the_provider_may_do_it(
        provider,
        app,
        ("REQUIRE_EMAIL_VERIFICATION", "on"),
        ("SMTP_URL", "smtp://127.0.0.1:9"),
        ("SMTP_FROM", "todo@example.org")
    ) {
        provider.bend(Bent::claims(json!({"email_verified": false})));
        let answer = Trip::whole(&provider, &app).await;
        assert_eq!(target(&answer), "/oops?error=email_not_verified");
        assert!(session(&app, &answer).is_none());
        // The account is there, and the provider proves its address later.
        provider.bend(Bent::default());
        let answer = Trip::whole(&provider, &app).await;
        let ann = session(&app, &answer).expect("a session");
        assert_eq!(me(&ann).await["emailVerified"], true);
        assert_eq!(kinds(&ann).await, ["signed_in", "signed_up"]);
    }
}
