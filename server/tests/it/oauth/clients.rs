//! Who may ask: programs that register, and programs whose id is the address of a document about them.

use super::program::{CALLBACK, Program, Tokens, VERIFIER, ada, encoded, post, refused, register};
use crate::{
    accounts::count,
    app::{Engine, TestApp, on_both},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

const DOCUMENT: &str = "https://app.example/oauth/client.json";

on_both! {
    async fn programs_register(app) {
        for redirect in [
            "https://claude.ai/api/mcp/auth_callback",
            "https://chatgpt.com/connector/oauth/abc",
            "http://127.0.0.1:33418/",
            "http://localhost:51234/callback",
            "cursor://anysphere.cursor-mcp/oauth/callback",
        ] {
            let answer = register(&app, json!({ "redirect_uris": [redirect], "client_name": "App",
                "token_endpoint_auth_method": "none", "grant_types": ["authorization_code", "refresh_token"],
                "response_types": ["code"], "application_type": "native", "software_id": "x" })).await.expect(201);
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            let told = answer.json();
            assert_eq!((&told["redirect_uris"], &told["application_type"], &told["client_secret"]),
                (&json!([redirect]), &json!("native"), &Value::Null));
        }
    }

    async fn a_program_with_a_secret_proves_itself(app) {
        let mut ada = ada(&app).await;
        for method in ["client_secret_basic", "client_secret_post"] {
            let told = register(&app, json!({ "redirect_uris": [CALLBACK], "token_endpoint_auth_method": method }))
                .await.expect(201).json();
            let (id, secret) = (told["client_id"].as_str().expect("an id"), told["client_secret"].as_str().expect("one"));
            assert_eq!((&told["token_endpoint_auth_method"], &told["client_secret_expires_at"]), (&json!(method), &json!(0)));
            assert_eq!(count(&app, format!("SELECT count(*) FROM oauth_clients WHERE secret_hash = '{secret}'")).await, 0);
            let helper = Program { app: &app, id: id.into(), redirect: CALLBACK.into() };
            let code = helper.code(&mut ada).await;
            refused(&helper.exchange(&code, &[]).await, 401, "invalid_client");
            refused(&helper.exchange(&code, &[("client_secret", Some("wrong"))]).await, 401, "invalid_client");
            let form = encoded(&[("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", CALLBACK),
                ("code_verifier", VERIFIER)]);
            let by_header = async |header: &str, form: &str| {
                let client = app.anonymous().with("content-type", "application/x-www-form-urlencoded")
                    .with("authorization", header);
                client.send(axum::http::Method::POST, "/oauth/token", form.to_owned().into()).await
            };
            let basic = |text: String| format!("Basic {}", STANDARD.encode(text));
            for wrong in [basic(format!("{id}:wrong")), basic(id.to_owned()), "Basic %%%".into(), "Bearer x".into()] {
                let answer = by_header(&wrong, &form).await;
                refused(&answer, 401, "invalid_client");
                assert_eq!(answer.header("www-authenticate"), Some("Basic realm=\"oauth\""));
            }
            let both = format!("{form}&client_secret={secret}");
            refused(&by_header(&basic(format!("{id}:{secret}")), &both).await, 400, "invalid_request");
            Tokens::of(&by_header(&basic(format!("{id}:{secret}")), &form).await);
        }
    }

    async fn a_document_is_enough(app) {
        let mut ada = ada(&app).await;
        // As if it had been read a moment ago: there is no address out there that a test could ask.
        let mut conn = app.state.services.store().write().await.expect("a connection");
        let until = 4_000_000_000_000_000;
        let redirects = ["http://127.0.0.1/callback".to_owned()];
        conn.keep_oauth_document(DOCUMENT, "Editor", &redirects, until).await.expect("kept");
        conn.commit().await.expect("kept");
        let editor = Program { app: &app, id: DOCUMENT.into(), redirect: "http://127.0.0.1:49152/callback".into() };
        let page = ada.get(&editor.address(&[])).await.expect(200).text;
        assert!(page.contains("described at <strong>app.example</strong>") && page.contains("id=\"warning\""), "{page}");
        let tokens = editor.tokens(&mut ada).await;
        assert!(tokens.opens(&app).await);
        Tokens::of(&editor.refresh(&tokens.refresh, &[]).await);
        assert_eq!(ada.get("/api/me/connected-apps").await.expect(200).json()[0]["host"], "app.example");
        let foreign = Program { redirect: "https://evil.example/".into(), ..editor.clone() };
        ada.get(&foreign.address(&[])).await.expect(400);
        let code = editor.code(&mut ada).await;
        refused(&editor.exchange(&code, &[("client_secret", Some("x"))]).await, 401, "invalid_client");
        let other = Program { id: "https://app.example/oauth/other.json".into(), ..editor.clone() };
        refused(&other.exchange(&code, &[]).await, 400, "invalid_grant");
    }
}

#[tokio::test]
async fn descriptions_that_are_not_taken() {
    let app = TestApp::new(Engine::Sqlite).await;
    for (description, error) in [
        (json!({}), "invalid_redirect_uri"),
        (json!({ "redirect_uris": [] }), "invalid_redirect_uri"),
        (json!({ "redirect_uris": CALLBACK }), "invalid_redirect_uri"),
        (json!({ "redirect_uris": [CALLBACK, "javascript:alert(1)"] }), "invalid_redirect_uri"),
        (json!({ "redirect_uris": ["http://evil.example/"] }), "invalid_redirect_uri"),
        (json!({ "redirect_uris": ["https://a.example/#x"] }), "invalid_redirect_uri"),
        (json!({ "redirect_uris": ["https://u:p@a.example/"] }), "invalid_redirect_uri"),
        (json!({ "redirect_uris": vec![CALLBACK; 21] }), "invalid_redirect_uri"),
        (
            json!({ "redirect_uris": [CALLBACK], "token_endpoint_auth_method": "private_key_jwt" }),
            "invalid_client_metadata",
        ),
        (json!({ "redirect_uris": [CALLBACK], "token_endpoint_auth_method": 7 }), "invalid_client_metadata"),
        (json!({ "redirect_uris": [CALLBACK], "application_type": "other" }), "invalid_client_metadata"),
        (json!({ "redirect_uris": [CALLBACK], "grant_types": ["password"] }), "invalid_client_metadata"),
        (json!({ "redirect_uris": [CALLBACK], "response_types": ["token"] }), "invalid_client_metadata"),
        (json!([CALLBACK]), "invalid_client_metadata"),
    ] {
        refused(&register(&app, description.clone()).await, 400, error);
    }
    let large = json!({ "redirect_uris": [CALLBACK], "client_name": "x".repeat(70_000) });
    register(&app, large).await.expect(413);
    let deep = format!("{}{}", "[".repeat(30_000), "]".repeat(30_000));
    let client = app.anonymous();
    refused(
        &client.send(axum::http::Method::POST, "/oauth/register", deep.into()).await,
        400,
        "invalid_client_metadata",
    );
    assert_eq!(count(&app, "SELECT count(*) FROM oauth_clients").await, 0);
}

#[tokio::test]
async fn registration_can_be_turned_off_and_is_counted() {
    let off = TestApp::with(Engine::Sqlite, &[("OAUTH_REGISTRATION", "off")]).await;
    refused(&register(&off, json!({ "redirect_uris": [CALLBACK] })).await, 403, "access_denied");
    let told = off.anonymous().get("/.well-known/oauth-authorization-server").await.expect(200).json();
    assert_eq!(told["registration_endpoint"], Value::Null);

    let on = TestApp::with(Engine::Sqlite, &[("RATE_LIMIT", "on")]).await;
    for _ in 0..10 {
        register(&on, json!({ "redirect_uris": [CALLBACK] })).await.expect(201);
    }
    let answer = register(&on, json!({ "redirect_uris": [CALLBACK] })).await.expect(429);
    assert_eq!(answer.json()["error"], "temporarily_unavailable");
    assert!(answer.header("retry-after").is_some());
    on.clock.advance(60);
    register(&on, json!({ "redirect_uris": [CALLBACK] })).await.expect(201);
}

#[tokio::test]
async fn nothing_inside_our_network_is_asked() {
    let app = TestApp::new(Engine::Sqlite).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let mut ada = ada(&app).await;
    for id in [
        format!("https://127.0.0.1:{port}/client.json"),
        format!("https://localhost:{port}/client.json"),
        // Names that lead home by everybody's rules.
        format!("https://app.localhost:{port}/client.json"),
        format!("https://2130706433:{port}/client.json"),
        format!("https://[::1]:{port}/client.json"),
        format!("https://[::ffff:127.0.0.1]:{port}/client.json"),
        "https://169.254.169.254/latest/meta-data".into(),
        format!("http://127.0.0.1:{port}/client.json"),
        format!("https://user@127.0.0.1:{port}/client.json"),
        "file:///etc/passwd".into(),
    ] {
        let program = Program { app: &app, id: id.clone(), redirect: CALLBACK.into() };
        let answer = ada.get(&program.address(&[])).await.expect(400);
        assert!(answer.header("location").is_none(), "{id}");
    }
    let met = tokio::time::timeout(std::time::Duration::from_millis(50), listener.accept()).await;
    assert!(met.is_err(), "somebody was asked inside");
    // Strangers cannot have anything fetched at all.
    let program = Program { app: &app, id: DOCUMENT.into(), redirect: CALLBACK.into() };
    let to = app.anonymous().get(&program.address(&[])).await.expect(303);
    assert!(to.header("location").expect("a location").starts_with("/sign-in?next="));
    let none = encoded(&[("grant_type", "refresh_token"), ("refresh_token", "x"), ("client_id", DOCUMENT)]);
    refused(&post(&app, "/oauth/token", &none).await, 400, "invalid_grant");
}
