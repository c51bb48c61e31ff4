//! A program that wants to be let in, and a person's browser that it sends around.

use super::guard::knock;
use crate::{
    accounts::Browser,
    app::{Answer, TestApp},
    forms::signed_up,
};
use axum::{body::Body, http::Method};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::{Url, form_urlencoded};

pub const CALLBACK: &str = "http://127.0.0.1:33418/callback";
pub const VERIFIER: &str = "a-verifier-of-the-right-length-0123456789-abcdef";

/// The S256 challenge of a verifier.
pub fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

/// Pairs as a form or a query.
pub fn encoded(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// A parameter of an address.
pub fn parameter(url: &str, name: &str) -> Option<String> {
    let url = Url::parse(url).expect("an address");
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// The value of the hidden field on the consent page.
pub fn sealed(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"request\" value=\"").expect("the request");
    rest.split('"').next().expect("its value").to_owned()
}

/// A program that registered.
#[derive(Clone)]
pub struct Program<'a> {
    pub app: &'a TestApp,
    pub id: String,
    pub redirect: String,
}

impl<'a> Program<'a> {
    /// Registers a public program with that redirect.
    pub async fn new(app: &'a TestApp, redirect: &str) -> Self {
        let told = register(
            app,
            json!({ "client_name": "Helper", "redirect_uris": [redirect],
            "token_endpoint_auth_method": "none", "application_type": "native" }),
        )
        .await
        .expect(201)
        .json();
        Self { app, id: told["client_id"].as_str().expect("an id").to_owned(), redirect: redirect.to_owned() }
    }

    /// The address it sends browsers to, with some parameters changed: `None` leaves one out.
    pub fn address(&self, changes: &[(&str, Option<&str>)]) -> String {
        let challenge = challenge(VERIFIER);
        let usual = [
            ("response_type", "code"),
            ("client_id", self.id.as_str()),
            ("redirect_uri", self.redirect.as_str()),
            ("state", "st&te ä"),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
            ("resource", "http://localhost:8080/mcp"),
        ];
        let kept = usual.into_iter().filter(|(name, _)| changes.iter().all(|(other, _)| other != name));
        let changed = changes.iter().filter_map(|(name, value)| Some((*name, (*value)?)));
        let pairs: Vec<_> = kept.chain(changed).collect();
        format!("/oauth/authorize?{}", encoded(&pairs))
    }

    /// A person who is signed in says yes: where their browser goes.
    pub async fn allowed(&self, person: &mut Browser, changes: &[(&str, Option<&str>)]) -> String {
        let page = person.get(&self.address(changes)).await.expect(200);
        answer(person, &sealed(&page.text), "allow").await
    }

    /// The code of a yes.
    pub async fn code(&self, person: &mut Browser) -> String {
        parameter(&self.allowed(person, &[]).await, "code").expect("a code")
    }

    /// Exchanges a code, with some fields changed.
    pub async fn exchange(&self, code: &str, changes: &[(&str, Option<&str>)]) -> Answer {
        let usual = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("client_id", self.id.as_str()),
            ("redirect_uri", self.redirect.as_str()),
            ("code_verifier", VERIFIER),
        ];
        let kept = usual.into_iter().filter(|(name, _)| changes.iter().all(|(other, _)| other != name));
        let changed = changes.iter().filter_map(|(name, value)| Some((*name, (*value)?)));
        let pairs: Vec<_> = kept.chain(changed).collect();
        post(self.app, "/oauth/token", &encoded(&pairs)).await
    }

    pub async fn refresh(&self, token: &str, more: &[(&str, &str)]) -> Answer {
        let usual = [("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", self.id.as_str())];
        let pairs: Vec<_> = usual.into_iter().chain(more.iter().copied()).collect();
        post(self.app, "/oauth/token", &encoded(&pairs)).await
    }

    /// From the question to the tokens.
    pub async fn tokens(&self, person: &mut Browser) -> Tokens {
        let code = self.code(person).await;
        Tokens::of(&self.exchange(&code, &[]).await)
    }
}

/// What a program holds.
#[derive(Clone)]
pub struct Tokens {
    pub access: String,
    pub refresh: String,
}

impl Tokens {
    #[track_caller]
    pub fn of(answer: &Answer) -> Self {
        assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
        let told: Value = answer.json();
        let text = |name: &str| told[name].as_str().expect("a token").to_owned();
        Self { access: text("access_token"), refresh: text("refresh_token") }
    }

    /// Whether the access token opens `/mcp`.
    pub async fn opens(&self, app: &TestApp) -> bool {
        let status = knock(app, Some(&format!("Bearer {}", self.access)), None).await.status.as_u16();
        assert!(matches!(status, 200 | 401), "{status}");
        status == 200
    }
}

/// Answers the question: where the browser goes.
pub async fn answer(person: &mut Browser, sealed: &str, decision: &str) -> String {
    let answer = person.form("/oauth/consent", &encoded(&[("request", sealed), ("decision", decision)])).await;
    let answer = answer.expect(303);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    answer.header("location").expect("a location").to_owned()
}

pub async fn register(app: &TestApp, description: Value) -> Answer {
    app.anonymous().post("/oauth/register", description).await
}

/// A form without cookies.
pub async fn post(app: &TestApp, path: &str, body: &str) -> Answer {
    let client = app.anonymous().with("content-type", "application/x-www-form-urlencoded");
    client.send(Method::POST, path, Body::from(body.to_owned())).await
}

/// Somebody who is signed in.
pub async fn ada(app: &TestApp) -> Browser {
    signed_up(app).await
}

#[track_caller]
pub fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text);
    assert_eq!(answer.json()["error"], code, "{}", answer.text);
    assert!(answer.json()["error_description"].is_string(), "{}", answer.text);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}
