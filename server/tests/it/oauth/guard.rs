//! What opens `/mcp`, and what somebody is told who brings something else.

use crate::{
    api_tokens,
    app::{Answer, Client, TestApp, on_both},
};
use axum::{
    body::{Body, to_bytes},
    http::{Request, header},
    middleware,
    routing::post,
};
use server::http::{extract::Me, oauth::guard};
use tower::ServiceExt as _;

/// A call to a door behind the guard, which answers who came through it and what they may do.
pub async fn knock(app: &TestApp, authorization: Option<&str>, cookie: Option<&str>) -> Answer {
    let who = |Me(me): Me| async move {
        format!("{} {} {}", me.user.as_str(), me.door.as_str(), me.scopes.words().join(","))
    };
    let router = axum::Router::new()
        .route("/mcp", post(who))
        .layer(middleware::from_fn_with_state(app.state.clone(), guard::layer))
        .with_state(app.state.clone());
    let mut request = Request::post("/mcp");
    if let Some(value) = authorization {
        request = request.header(header::AUTHORIZATION, value);
    }
    if let Some(value) = cookie {
        request = request.header(header::COOKIE, value);
    }
    let response = router.oneshot(request.body(Body::empty()).expect("a request")).await.expect("infallible");
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.expect("a body");
    Answer { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
}

async fn token(who: &Client, name: &str, scopes: &[&str]) -> String {
    let made = api_tokens::make(who, name, scopes).await;
    format!("Bearer {}", made["token"].as_str().expect("a token"))
}

on_both! {
    async fn an_api_token_opens_it_with_its_scopes(app) {
        let ann = app.user("ann").await;
        for scopes in [&["read"][..], &["read", "write"]] {
            let token = token(&ann, &scopes.join(" "), scopes).await;
            let answer = knock(&app, Some(&token), None).await.expect(200);
            assert_eq!(answer.text, format!("{} mcp {}", ann.user, scopes.join(",")));
        }
    }

    async fn nothing_else_opens_it(app) {
        let ann = app.user("ann").await;
        let jwt = ann.get("/api/auth/token").await.expect(200).json()["token"].as_str().expect("a token").to_owned();
        let cookie = app.state.accounts.cookies.session(&ann.token, true);
        let cookie = cookie.split(';').next();
        let answer = knock(&app, None, cookie).await.expect(401);
        assert_eq!(answer.header("www-authenticate"), Some(
            "Bearer resource_metadata=\"http://localhost:8080/.well-known/oauth-protected-resource/mcp\", \
             scope=\"todo:read todo:write\""));
        for bad in [ann.token.as_str(), &jwt, "tdc_x", "x.y.z"] {
            let answer = knock(&app, Some(&format!("Bearer {bad}")), cookie).await.expect(401);
            let challenge = answer.header("www-authenticate").expect("a challenge");
            assert!(challenge.contains("error=\"invalid_token\"") && challenge.contains("resource_metadata="), "{bad}");
        }
        for nothing in ["", "Bearer", "Bearer ", "Bearer …", "Basic eDp5"] {
            let answer = knock(&app, Some(nothing), cookie).await.expect(401);
            assert!(!answer.header("www-authenticate").expect("a challenge").contains("error="), "{nothing}");
        }
    }

    async fn a_token_taken_back_opens_nothing(app) {
        let ann = app.user("ann").await;
        let made = api_tokens::make(&ann, "t", &["read"]).await;
        let token = format!("Bearer {}", made["token"].as_str().expect("a token"));
        knock(&app, Some(&token), None).await.expect(200);
        ann.delete(&format!("/api/me/tokens/{}", made["id"].as_str().expect("an id"))).await.expect(204);
        knock(&app, Some(&token), None).await.expect(401);
    }
}
