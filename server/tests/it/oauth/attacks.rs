//! What others try: with a code, a token, a page or a person that is not theirs.

use super::{
    guard::knock,
    program::{CALLBACK, Program, Tokens, VERIFIER, ada, answer, challenge, encoded, parameter, post, refused, sealed},
};
use crate::{
    accounts::{Browser, sql},
    app::{Engine, TestApp, on_both},
    forge,
};
use ring::signature::Ed25519KeyPair;
use serde_json::json;

const FORM: &str = "application/x-www-form-urlencoded";

on_both! {
    async fn only_the_verifier_of_the_request_fits(app) {
        let mut ada = ada(&app).await;
        let helper = Program::new(&app, CALLBACK).await;
        let plain = challenge(VERIFIER);
        let long = "a".repeat(129);
        for wrong in [None, Some(""), Some("short"), Some(plain.as_str()), Some(long.as_str()),
            Some("another-verifier-of-the-right-length-0123456789")] {
            let code = helper.code(&mut ada).await;
            refused(&helper.exchange(&code, &[("code_verifier", wrong)]).await, 400, "invalid_grant");
            // The try has used it up.
            refused(&helper.exchange(&code, &[]).await, 400, "invalid_grant");
        }
        // Neither `plain` nor no challenge at all is ever agreed to.
        for changes in [
            &[("code_challenge_method", None)][..],
            &[("code_challenge_method", Some("plain"))],
            &[("code_challenge_method", Some("s256"))],
            &[("code_challenge", None)],
            &[("code_challenge", Some(""))],
            &[("code_challenge", Some(VERIFIER))],
            &[("code_challenge", None), ("code_challenge_method", None)],
        ] {
            let answer = ada.get(&helper.address(changes)).await;
            assert!(answer.header("location").is_none(), "{changes:?}");
            assert!(answer.expect(400).text.contains("code_challenge"), "{changes:?}");
        }
    }

    async fn a_code_is_good_once(app) {
        let mut ada = ada(&app).await;
        let helper = Program::new(&app, CALLBACK).await;
        let code = helper.code(&mut ada).await;
        let tokens = Tokens::of(&helper.exchange(&code, &[]).await);
        assert!(tokens.opens(&app).await);
        refused(&helper.exchange(&code, &[]).await, 400, "invalid_grant");
        // Somebody else had it too, so what came of it ends.
        assert!(!tokens.opens(&app).await);
        refused(&helper.refresh(&tokens.refresh, &[]).await, 400, "invalid_grant");
        assert!(ada.get("/api/me/audit").await.expect(200).text.contains("app_shut_out"));
        // And it is good for a minute.
        let code = helper.code(&mut ada).await;
        app.clock.advance(60);
        refused(&helper.exchange(&code, &[]).await, 400, "invalid_grant");
        for nonsense in ["x", "\0", &"x".repeat(10_000)] {
            refused(&helper.exchange(nonsense, &[]).await, 400, "invalid_grant");
        }
    }

    async fn of_two_at_once_one_gets_in(app) {
        let mut ada = ada(&app).await;
        let helper = Program::new(&app, CALLBACK).await;
        let code = helper.code(&mut ada).await;
        let answers = futures::future::join_all((0..5).map(|_| helper.exchange(&code, &[]))).await;
        assert_eq!(answers.iter().filter(|a| a.status.as_u16() == 200).count(), 1);
        let tokens = helper.tokens(&mut ada).await;
        let answers = futures::future::join_all((0..5).map(|_| helper.refresh(&tokens.refresh, &[]))).await;
        let good: Vec<_> = answers.iter().filter(|a| a.status.as_u16() == 200).map(Tokens::of).collect();
        assert_eq!(good.len(), 1);
        assert!(!good[0].opens(&app).await && !tokens.opens(&app).await);
    }

    async fn a_refresh_token_brought_twice_ends_the_family(app) {
        let mut ada = ada(&app).await;
        let helper = Program::new(&app, CALLBACK).await;
        let (first, bystander) = (helper.tokens(&mut ada).await, helper.tokens(&mut ada).await);
        let second = Tokens::of(&helper.refresh(&first.refresh, &[]).await);
        let third = Tokens::of(&helper.refresh(&second.refresh, &[]).await);
        assert!(third.opens(&app).await);
        refused(&helper.refresh(&first.refresh, &[]).await, 400, "invalid_grant");
        for tokens in [&first, &second, &third] {
            assert!(!tokens.opens(&app).await);
            refused(&helper.refresh(&tokens.refresh, &[]).await, 400, "invalid_grant");
        }
        assert!(bystander.opens(&app).await);
    }

    async fn a_code_is_nothing_to_another_client(app) {
        let mut ada = ada(&app).await;
        let (helper, thief) = (Program::new(&app, CALLBACK).await, Program::new(&app, CALLBACK).await);
        let code = helper.code(&mut ada).await;
        refused(&thief.exchange(&code, &[]).await, 400, "invalid_grant");
        let tokens = helper.tokens(&mut ada).await;
        refused(&thief.refresh(&tokens.refresh, &[]).await, 400, "invalid_grant");
        assert!(tokens.opens(&app).await);
        // A code of the attacker's own sign-in, injected into the victim's program, does not fit its verifier.
        let mut eve = Browser::new(&app);
        eve.form("/sign-up", "name=Eve&email=eve%40example.org&password=correct+horse").await.expect(303);
        let hers = helper.allowed(&mut eve, &[("code_challenge", Some(&challenge(&"e".repeat(43))))]).await;
        let code = parameter(&hers, "code").expect("a code");
        refused(&helper.exchange(&code, &[]).await, 400, "invalid_grant");
        // Nor does one that was sent somewhere else.
        let code = helper.code(&mut ada).await;
        let elsewhere = [("redirect_uri", Some("http://127.0.0.1:33419/callback"))];
        refused(&helper.exchange(&code, &elsewhere).await, 400, "invalid_grant");
    }

    async fn only_our_own_resource_is_given_out(app) {
        let mut ada = ada(&app).await;
        let helper = Program::new(&app, CALLBACK).await;
        for foreign in ["https://other.example/mcp", "http://localhost:8080", "http://localhost:8080/api", "x"] {
            let answer = ada.get(&helper.address(&[("resource", Some(foreign))])).await;
            assert!(answer.header("location").is_none(), "{foreign}");
            assert!(answer.expect(400).text.contains("resource"), "{foreign}");
            let code = helper.code(&mut ada).await;
            refused(&helper.exchange(&code, &[("resource", Some(foreign))]).await, 400, "invalid_target");
        }
        for same in [None, Some("http://localhost:8080/mcp/"), Some("HTTP://LOCALHOST:8080/mcp")] {
            let url = helper.allowed(&mut ada, &[("resource", same)]).await;
            assert!(parameter(&url, "code").is_some(), "{same:?}");
        }
    }

    async fn only_our_own_tokens_open_it(app) {
        let mut ada = ada(&app).await;
        let helper = Program::new(&app, CALLBACK).await;
        let tokens = helper.tokens(&mut ada).await;
        let (header, claims) = (forge::part(&tokens.access, 0), forge::part(&tokens.access, 1));
        let other = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a key");
        let denied = async |token: String, why: &str| {
            let answer = knock(&app, Some(&format!("Bearer {token}")), None).await.expect(401);
            assert!(answer.header("www-authenticate").expect("a challenge").contains("invalid_token"), "{why}");
        };
        let signed = forge::token(&header.to_string(), &claims.to_string(), forge::ed25519(&other));
        denied(signed, "another server's key").await;
        for (name, value) in [("iss", json!("https://other.example")), ("aud", json!("https://other.example/mcp"))] {
            let mut claims = claims.clone();
            claims[name] = value;
            denied(forge::token(&header.to_string(), &claims.to_string(), forge::ed25519(&other)), name).await;
        }
        denied(forge::token(r#"{"alg":"none"}"#, &claims.to_string(), forge::nobody), "none").await;
        let secret = forge::hs256(b"a-secret-for-tests-0123456789abcdef");
        denied(forge::token(r#"{"alg":"HS256"}"#, &claims.to_string(), secret), "the shared secret").await;
        denied(tokens.access.replace('.', ".x"), "touched").await;
        denied(tokens.refresh.clone(), "a refresh token").await;
        // Our own token for the API is not one for programs, nor the other way round.
        let jwt = ada.get("/api/auth/token").await.expect(200).json()["token"].as_str().expect("a token").to_owned();
        denied(jwt, "a token of the session").await;
        let api = app.anonymous().with("authorization", &format!("Bearer {}", tokens.access));
        api.get("/api/me/tasks").await.expect(401);
        api.get("/api/me/connected-apps").await.expect(401);
        assert_eq!(api.get("/api/auth/get-session").await.text, "null");
        assert!(tokens.opens(&app).await);
        // Who may not come in does not come in by a program either.
        sql(&app, "INSERT INTO user_flags (user_id, admin, disabled) SELECT \"id\", false, true FROM \"user\" WHERE true
            ON CONFLICT (user_id) DO UPDATE SET disabled = true").await;
        assert!(!tokens.opens(&app).await);
        refused(&helper.refresh(&tokens.refresh, &[]).await, 400, "invalid_grant");
        sql(&app, r#"DELETE FROM "user""#).await;
        assert!(!tokens.opens(&app).await);
    }

    async fn a_yes_is_the_persons_own(app) {
        let mut ada = ada(&app).await;
        let helper = Program::new(&app, CALLBACK).await;
        let page = sealed(&ada.get(&helper.address(&[])).await.expect(200).text);
        let body = encoded(&[("request", &page), ("decision", "allow")]);
        // A page of another site, with the person's cookie.
        let cookie = app.again("ada").await;
        for origin in ["https://evil.example", "null"] {
            let foreign = cookie.with("origin", origin).with("content-type", FORM);
            foreign.send(axum::http::Method::POST, "/oauth/consent", body.clone().into()).await.expect(403);
        }
        // Somebody else's page, another session's page, a page that was touched or made up.
        let mut eve = Browser::new(&app);
        eve.form("/sign-up", "name=Eve&email=eve%40example.org&password=correct+horse").await.expect(303);
        eve.form("/oauth/consent", &body).await.expect(400);
        let mut again = Browser::new(&app);
        again.form("/sign-in", "email=ada%40example.org&password=correct+horse").await.expect(303);
        again.form("/oauth/consent", &body).await.expect(400);
        Browser::new(&app).form("/oauth/consent", &body).await.expect(400);
        for bad in [format!("{page}0"), page.replacen('0', "1", 1), "x".into(), String::new()] {
            ada.form("/oauth/consent", &encoded(&[("request", &bad), ("decision", "allow")])).await.expect(400);
        }
        // Once is enough, and ten minutes are.
        assert!(parameter(&answer(&mut ada, &page, "allow").await, "code").is_some());
        ada.form("/oauth/consent", &body).await.expect(400);
        let late = sealed(&ada.get(&helper.address(&[])).await.expect(200).text);
        app.clock.advance(600);
        ada.form("/oauth/consent", &encoded(&[("request", &late), ("decision", "allow")])).await.expect(400);
        // Only the word itself is a yes.
        let other = sealed(&ada.get(&helper.address(&[])).await.expect(200).text);
        assert_eq!(parameter(&answer(&mut ada, &other, "perhaps").await, "error").as_deref(), Some("access_denied"));
    }
}

#[tokio::test]
async fn nobody_draws_our_question_inside_their_page() {
    let app = TestApp::new(Engine::Sqlite).await;
    let mut ada = ada(&app).await;
    for (redirect, source) in [
        (CALLBACK, "http://127.0.0.1:33418"),
        ("https://claude.ai/api/mcp/auth_callback", "https://claude.ai"),
        ("cursor://anysphere.cursor-mcp/oauth/callback", "cursor:"),
    ] {
        let page = ada.get(&Program::new(&app, redirect).await.address(&[])).await.expect(200);
        assert_eq!(page.header("x-frame-options"), Some("DENY"));
        let policy = page.header("content-security-policy").expect("a policy");
        assert_eq!(
            policy,
            format!(
                "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; \
            form-action 'self' {source}; frame-ancestors 'none'"
            )
        );
        assert!(!page.text.contains("<script"));
        assert_eq!(page.header("cache-control"), Some("no-store"));
        assert_eq!(page.text.contains("id=\"warning\""), redirect == CALLBACK, "{redirect}");
    }
}

#[tokio::test]
async fn a_name_is_only_text() {
    let app = TestApp::new(Engine::Sqlite).await;
    let mut ada = ada(&app).await;
    let told = super::program::register(
        &app,
        json!({ "client_name": "<script>alert(1)</script>\"'&\u{202e}",
        "redirect_uris": [CALLBACK], "token_endpoint_auth_method": "none" }),
    )
    .await
    .expect(201)
    .json();
    let helper =
        Program { app: &app, id: told["client_id"].as_str().expect("an id").into(), redirect: CALLBACK.into() };
    let page = ada.get(&helper.address(&[])).await.expect(200).text;
    assert!(!page.contains("<script") && !page.contains('\u{202e}') && page.contains("&lt;script"), "{page}");
    helper.tokens(&mut ada).await;
    assert!(!ada.get("/settings").await.expect(200).text.contains("<script>alert"));
}

#[tokio::test]
async fn what_is_no_proper_request_is_refused() {
    let app = TestApp::new(Engine::Sqlite).await;
    let mut ada = ada(&app).await;
    let helper = Program::new(&app, CALLBACK).await;
    let code = helper.code(&mut ada).await;
    let usual = encoded(&[
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("client_id", &helper.id),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ]);
    refused(&post(&app, "/oauth/token", &format!("{usual}&code={code}")).await, 400, "invalid_request");
    refused(&post(&app, "/oauth/token", &format!("{usual}&client_secret=x")).await, 401, "invalid_client");
    refused(&app.anonymous().post("/oauth/token", json!({ "code": code })).await, 400, "invalid_request");
    for (kind, error) in [
        ("password", "unsupported_grant_type"),
        ("client_credentials", "unsupported_grant_type"),
        ("", "invalid_request"),
    ] {
        refused(&helper.exchange(&code, &[("grant_type", Some(kind))]).await, 400, error);
    }
    for id in [None, Some("nobody"), Some("\0"), Some("https://127.0.0.1/x")] {
        refused(&helper.exchange(&code, &[("client_id", id)]).await, 401, "invalid_client");
    }
    post(&app, "/oauth/token", &"x".repeat(70_000)).await.expect(413);
    app.anonymous().get("/oauth/token").await.expect(405);
    // None of it has used the code up, and the other address takes it.
    Tokens::of(&post(&app, "/token", &usual).await);
}
