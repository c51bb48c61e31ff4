//! The whole way, as a program and a person go it: metadata, registration, sign-in, consent, tokens, taking it back.

use super::{
    guard::knock,
    program::{CALLBACK, Program, Tokens, ada, answer, encoded, parameter, post, refused, sealed},
};
use crate::{
    accounts::{Browser, count},
    app::{Engine, TestApp, on_both},
    forge::part,
    forms::place,
};
use serde_json::{Value, json};

const HOUR: i64 = 3600;
const DAY: i64 = 86_400;

on_both! {
    async fn from_no_token_to_a_call(app) {
        // A stranger is told where to look, and finds everything from there.
        let answer = knock(&app, None, None).await.expect(401);
        let challenge = answer.header("www-authenticate").expect("a challenge").to_owned();
        assert!(challenge.contains("/.well-known/oauth-protected-resource/mcp\""), "{challenge}");
        let mut ada = ada(&app).await;
        let helper = Program::new(&app, CALLBACK).await;
        let page = ada.get(&helper.address(&[])).await.expect(200);
        for part in ["Allow “Helper”?", "ada@example.org", "127.0.0.1", "nobody has checked it", "id=\"warning\"",
            "See your tasks", "Add, change"] {
            assert!(page.text.contains(part), "{part}: {}", page.text);
        }
        let url = super::program::answer(&mut ada, &sealed(&page.text), "allow").await;
        assert!(url.starts_with(&format!("{CALLBACK}?code=")), "{url}");
        assert_eq!(parameter(&url, "state").as_deref(), Some("st&te ä"));
        assert_eq!(parameter(&url, "iss").as_deref(), Some("http://localhost:8080"));
        let answer = helper.exchange(&parameter(&url, "code").expect("a code"), &[]).await.expect(200);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        let told = answer.json();
        assert_eq!((&told["token_type"], &told["expires_in"], &told["scope"]),
            (&json!("Bearer"), &json!(3600), &json!("todo:read todo:write")));
        let tokens = Tokens::of(&answer);
        let claims = part(&tokens.access, 1);
        assert_eq!((&claims["iss"], &claims["aud"], &claims["client_id"]),
            (&json!("http://localhost:8080"), &json!("http://localhost:8080/mcp"), &json!(helper.id)));
        assert_eq!(part(&tokens.access, 0)["typ"], "at+jwt");
        let answer = knock(&app, Some(&format!("Bearer {}", tokens.access)), None).await.expect(200);
        assert_eq!(answer.text, format!("{} mcp read,write", claims["sub"].as_str().expect("a user")));
        // Nothing of it is kept in the open.
        assert_eq!(count(&app, format!("SELECT count(*) FROM oauth_refresh_tokens WHERE hash = '{}'", tokens.refresh)).await, 0);
    }

    async fn somebody_who_is_not_signed_in_comes_back(app) {
        ada(&app).await;
        let helper = Program::new(&app, CALLBACK).await;
        let mut browser = Browser::new(&app);
        let to = place(browser.get(&helper.address(&[])).await);
        let next = parameter(&format!("http://localhost:8080{to}"), "next").expect("a way back");
        assert!(to.starts_with("/sign-in?next=") && next == helper.address(&[]), "{to}");
        let body = encoded(&[("email", "ada@example.org"), ("password", crate::app::PASSWORD), ("next", &next)]);
        let back = place(browser.form("/sign-in", &body).await);
        browser.get(&back).await.expect(200);
        let code = helper.code(&mut browser).await;
        assert!(Tokens::of(&helper.exchange(&code, &[]).await).opens(&app).await);
    }

    async fn a_no_goes_back_as_one(app) {
        let mut ada = ada(&app).await;
        let helper = Program::new(&app, CALLBACK).await;
        let page = ada.get(&helper.address(&[])).await.expect(200);
        let url = answer(&mut ada, &sealed(&page.text), "deny").await;
        assert_eq!(parameter(&url, "error").as_deref(), Some("access_denied"));
        assert_eq!(parameter(&url, "state").as_deref(), Some("st&te ä"));
        assert_eq!(parameter(&url, "iss").as_deref(), Some("http://localhost:8080"));
        assert_eq!(parameter(&url, "code"), None);
    }

    async fn scopes_are_what_was_asked_for_and_never_more(app) {
        let mut ada = ada(&app).await;
        let helper = Program::new(&app, CALLBACK).await;
        let url = helper.allowed(&mut ada, &[("scope", Some("todo:read offline_access"))]).await;
        let tokens = Tokens::of(&helper.exchange(&parameter(&url, "code").expect("a code"), &[]).await);
        let answer = knock(&app, Some(&format!("Bearer {}", tokens.access)), None).await.expect(200);
        assert!(answer.text.ends_with(" mcp read"), "{}", answer.text);
        refused(&helper.refresh(&tokens.refresh, &[("scope", "todo:read todo:write")]).await, 400, "invalid_scope");
        let less = Program::new(&app, CALLBACK).await.tokens(&mut ada).await;
        assert!(less.opens(&app).await);
    }

    async fn refreshing_goes_on_for_as_long_as_it_is_used(app) {
        let mut ada = ada(&app).await;
        let helper = Program::new(&app, CALLBACK).await;
        let first = helper.tokens(&mut ada).await;
        app.clock.advance(HOUR - 1);
        assert!(first.opens(&app).await);
        app.clock.advance(1);
        assert!(!first.opens(&app).await);
        let answer = helper.refresh(&first.refresh, &[("resource", "http://localhost:8080/mcp/")]).await;
        let second = Tokens::of(&answer);
        assert!(second.opens(&app).await && second.refresh != first.refresh);
        app.clock.advance(29 * DAY);
        let third = Tokens::of(&helper.refresh(&second.refresh, &[]).await);
        app.clock.advance(30 * DAY);
        refused(&helper.refresh(&third.refresh, &[]).await, 400, "invalid_grant");
    }

    async fn its_owner_sees_it_and_shuts_it_out(app) {
        let mut ada = ada(&app).await;
        let helper = Program::new(&app, CALLBACK).await;
        let (one, two) = (helper.tokens(&mut ada).await, helper.tokens(&mut ada).await);
        let list = ada.get("/api/me/connected-apps").await.expect(200).json();
        assert_eq!((list.as_array().map(Vec::len), &list[0]["name"], &list[0]["scopes"], &list[0]["host"]),
            (Some(2), &json!("Helper"), &json!(["todo:read", "todo:write"]), &Value::Null));
        let page = ada.get("/settings").await.expect(200).text;
        assert!(page.contains("Connected apps") && page.contains("Shut out: Helper"));
        // Somebody else sees none of it and ends none of it.
        let bob = app.user("bob").await;
        assert_eq!(bob.get("/api/me/connected-apps").await.expect(200).json(), json!([]));
        let ids: Vec<&str> = list.as_array().expect("a list").iter().filter_map(|one| one["id"].as_str()).collect();
        bob.delete(&format!("/api/me/connected-apps/{}", ids[0])).await.expect(404);
        assert!(one.opens(&app).await && two.opens(&app).await);
        let mut here = ada.from("http://localhost:8080/settings");
        let body = encoded(&[("id", ids[0])]);
        assert_eq!(place(here.form("/do/app-revoke", &body).await), "/settings?done=app-revoke&at=app-revoke");
        assert!(place(here.form("/do/app-revoke", &body).await).starts_with("/settings?error="));
        assert_ne!(one.opens(&app).await, two.opens(&app).await);
        ada.form("/do/app-revoke", &encoded(&[("id", ids[1])])).await.expect(303);
        for tokens in [&one, &two] {
            assert!(!tokens.opens(&app).await);
            refused(&helper.refresh(&tokens.refresh, &[]).await, 400, "invalid_grant");
        }
        let kinds = ada.get("/api/me/audit").await.expect(200).text;
        assert!(kinds.contains("app_connected") && kinds.contains("app_revoked"), "{kinds}");
    }

    async fn a_program_gives_back_what_it_holds(app) {
        let mut ada = ada(&app).await;
        let (helper, other) = (Program::new(&app, CALLBACK).await, Program::new(&app, CALLBACK).await);
        for which in ["refresh", "access"] {
            let tokens = helper.tokens(&mut ada).await;
            let token = if which == "refresh" { &tokens.refresh } else { &tokens.access };
            let revoke = async |id: &str| post(&app, "/oauth/revoke", &encoded(&[("token", token), ("client_id", id)])).await;
            // Another program's word changes nothing and learns nothing.
            revoke(&other.id).await.expect(200);
            assert!(tokens.opens(&app).await, "{which}");
            revoke(&helper.id).await.expect(200);
            assert!(!tokens.opens(&app).await, "{which}");
            revoke(&helper.id).await.expect(200);
            refused(&revoke("nobody").await, 401, "invalid_client");
        }
        post(&app, "/oauth/revoke", &encoded(&[("token", "x"), ("client_id", &helper.id)])).await.expect(200);
        refused(&post(&app, "/oauth/revoke", &encoded(&[("client_id", &helper.id)])).await, 400, "invalid_request");
    }

    async fn it_goes_on_in_another_process(app) {
        let second = app.second().await;
        let mut ada = ada(&app).await;
        let here = Program::new(&app, CALLBACK).await;
        let there = Program { app: &second, ..here.clone() };
        // Registered and asked here, exchanged there; used here, refreshed there, brought again here.
        let code = here.code(&mut ada).await;
        let tokens = Tokens::of(&there.exchange(&code, &[]).await);
        assert!(tokens.opens(&app).await && tokens.opens(&second).await);
        let next = Tokens::of(&there.refresh(&tokens.refresh, &[]).await);
        refused(&here.refresh(&tokens.refresh, &[]).await, 400, "invalid_grant");
        assert!(!next.opens(&second).await);
    }

    async fn what_is_not_used_goes(app) {
        let mut ada = ada(&app).await;
        let (used, unused) = (Program::new(&app, CALLBACK).await, Program::new(&app, CALLBACK).await);
        used.tokens(&mut ada).await;
        app.clock.advance(DAY + 1);
        app.state.services.keep_house_once().await.expect("keeps house");
        let known = |program: &Program<'_>| {
            let address = program.address(&[]);
            let client = app.anonymous();
            async move { client.get(&address).await.status.as_u16() }
        };
        assert_eq!((known(&used).await, known(&unused).await), (303, 400));
        refused(&unused.exchange("x", &[]).await, 401, "invalid_client");
        app.clock.advance(100 * DAY);
        app.state.services.keep_house_once().await.expect("keeps house");
        app.state.services.keep_house_once().await.expect("keeps house");
        assert_eq!(known(&used).await, 400);
        for table in ["oauth_grants", "oauth_codes", "oauth_refresh_tokens", "oauth_clients"] {
            assert_eq!(count(&app, format!("SELECT count(*) FROM {table}")).await, 0, "{table}");
        }
    }
}

#[tokio::test]
async fn the_metadata_says_where_everything_is() {
    let app = TestApp::with(Engine::Sqlite, &[("BETTER_AUTH_URL", "https://todo.example.org")]).await;
    let get = async |path: &str| {
        let answer = app.anonymous().with("origin", "https://inspector.example").get(path).await.expect(200);
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{path}");
        assert_eq!(answer.header("content-type"), Some("application/json"), "{path}");
        answer.json()
    };
    let expected = json!({ "resource": "https://todo.example.org/mcp",
        "authorization_servers": ["https://todo.example.org"], "scopes_supported": ["todo:read", "todo:write"],
        "bearer_methods_supported": ["header"], "resource_name": "Todo Chatbot" });
    assert_eq!(get("/.well-known/oauth-protected-resource/mcp").await, expected);
    assert_eq!(get("/.well-known/oauth-protected-resource").await, expected);
    let server = get("/.well-known/oauth-authorization-server").await;
    assert_eq!(get("/.well-known/openid-configuration").await, server);
    for (member, value) in [
        ("issuer", json!("https://todo.example.org")),
        ("authorization_endpoint", json!("https://todo.example.org/oauth/authorize")),
        ("registration_endpoint", json!("https://todo.example.org/oauth/register")),
        ("jwks_uri", json!("https://todo.example.org/api/auth/jwks")),
        ("code_challenge_methods_supported", json!(["S256"])),
        ("response_types_supported", json!(["code"])),
        ("client_id_metadata_document_supported", json!(true)),
        ("authorization_response_iss_parameter_supported", json!(true)),
    ] {
        assert_eq!(server[member], value, "{member}");
    }
    let answer = app.anonymous().get("/.well-known/oauth-authorization-server/mcp").await.expect(404);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    let answer = app.anonymous().send(axum::http::Method::OPTIONS, "/oauth/token", axum::body::Body::empty()).await;
    assert_eq!(answer.expect(204).header("access-control-allow-origin"), Some("*"));
}
