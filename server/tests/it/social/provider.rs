//! An OpenID Connect provider that does what a test tells it to, lies included. What a well-behaved one makes of us is
//! tested with a real one, in `clients`.

use crate::app::{Answer, Client, Engine, TestApp};
use axum::{
    Form, Json, Router,
    body::Body,
    extract::State,
    http::{Method, StatusCode},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    digest, hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _},
};
use serde_json::{Map, Value, json};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};
use tokio::net::TcpListener;
use url::Url;

/// Our name at the provider, and what proves it.
pub const CLIENT: &str = "us";
pub const SECRET: &str = "the secret between us and the provider";
/// [`crate::app::NOW`] in seconds.
pub const NOW: i64 = 1_795_255_200;

/// Who signs an ID token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    #[default]
    Ed25519,
    P256,
    /// Somebody else's Ed25519 key.
    Stranger,
    /// HMAC with the client's secret.
    Secret,
    Nobody,
}

/// How an ID token differs from a good one.
#[derive(Clone, Debug, Default)]
pub struct Bent {
    pub by: By,
    /// Replaces members of the header; `null` takes one away.
    pub header: Value,
    /// The same for claims.
    pub claims: Value,
    /// There is none at all.
    pub absent: bool,
}

impl Bent {
    pub fn claims(claims: Value) -> Self {
        Self { claims, ..Self::default() }
    }

    pub fn by(by: By, header: Value) -> Self {
        Self { by, header, ..Self::default() }
    }
}

/// What the discovery document and the token answer may do wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trick {
    None,
    /// It says that it is somebody else.
    OtherIssuer,
    /// It says that it names itself on the way back, and does not.
    Nameless,
    /// It sends the code on to another place.
    Redirects,
    /// It talks without end.
    Floods,
}

struct Inner {
    issuer: String,
    ed: Ed25519KeyPair,
    ed_kid: String,
    ec: EcdsaKeyPair,
    codes: HashMap<String, (String, String)>,
    bent: Bent,
    trick: Trick,
    key_fetches: usize,
    forms: Vec<HashMap<String, String>>,
}

#[derive(Clone)]
pub struct Provider(Arc<Mutex<Inner>>);

fn ed25519() -> Ed25519KeyPair {
    let key = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("a key");
    Ed25519KeyPair::from_pkcs8(key.as_ref()).expect("a key")
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Provider {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let issuer = format!("http://{}", listener.local_addr().expect("an address"));
        let rng = SystemRandom::new();
        let ec = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &rng).expect("a key");
        let ec = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, ec.as_ref(), &rng).expect("a key");
        let provider = Self(Arc::new(Mutex::new(Inner {
            issuer,
            ed: ed25519(),
            ed_kid: "ed-1".into(),
            ec,
            codes: HashMap::new(),
            bent: Bent::default(),
            trick: Trick::None,
            key_fetches: 0,
            forms: Vec::new(),
        })));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        provider
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().expect("unpoisoned")
    }

    /// An app for which this provider is Google, and the operator's own one too.
    pub async fn app(&self, engine: Engine, more: &[(&str, &str)]) -> TestApp {
        let issuer = self.inner().issuer.clone();
        let mut settings = vec![
            ("GOOGLE_ISSUER", issuer.as_str()),
            ("GOOGLE_CLIENT_ID", CLIENT),
            ("GOOGLE_CLIENT_SECRET", SECRET),
            ("OIDC_ISSUER", issuer.as_str()),
            ("OIDC_CLIENT_ID", CLIENT),
            ("OIDC_CLIENT_SECRET", SECRET),
        ];
        settings.extend(more);
        TestApp::with(engine, &settings).await
    }

    pub fn bend(&self, bent: Bent) {
        self.inner().bent = bent;
    }

    pub fn play(&self, trick: Trick) {
        self.inner().trick = trick;
    }

    /// From now on another key of another name signs.
    pub fn rotate(&self) {
        let mut inner = self.inner();
        inner.ed = ed25519();
        inner.ed_kid.push('+');
    }

    pub fn key_fetches(&self) -> usize {
        self.inner().key_fetches
    }

    /// The forms the token endpoint was sent.
    pub fn forms(&self) -> Vec<HashMap<String, String>> {
        self.inner().forms.clone()
    }

    /// Lets somebody in who was sent here, and answers the code they take back.
    pub fn admit(&self, trip: &Trip) -> String {
        let mut inner = self.inner();
        let code = format!("code {}", inner.codes.len() + inner.forms.len());
        inner.codes.insert(code.clone(), (trip.query("code_challenge"), trip.query("nonce")));
        code
    }

    /// An ID token as it is handed out now.
    pub fn id_token(&self, nonce: &str) -> String {
        self.inner().id_token(nonce)
    }
}

impl Inner {
    fn id_token(&self, nonce: &str) -> String {
        let bent = &self.bent;
        let (alg, kid) = match bent.by {
            By::P256 => ("ES256", "ec"),
            By::Secret => ("HS256", self.ed_kid.as_str()),
            By::Nobody => ("none", self.ed_kid.as_str()),
            By::Ed25519 | By::Stranger => ("EdDSA", self.ed_kid.as_str()),
        };
        let header = changed(json!({"alg": alg, "kid": kid, "typ": "JWT"}), &bent.header);
        let claims = changed(
            json!({
                "iss": self.issuer, "aud": CLIENT, "sub": "subject-1", "iat": NOW, "exp": NOW + 600, "nonce": nonce,
                "email": "Ann@Example.org", "email_verified": true, "name": "Ann", "picture": "https://example.org/p.png",
            }),
            &bent.claims,
        );
        let signed = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
        let message = signed.as_bytes();
        let signature = match bent.by {
            By::Ed25519 => self.ed.sign(message).as_ref().to_vec(),
            By::Stranger => ed25519().sign(message).as_ref().to_vec(),
            By::P256 => self.ec.sign(&SystemRandom::new(), message).expect("signs").as_ref().to_vec(),
            By::Secret => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
                hmac::sign(&key, message).as_ref().to_vec()
            }
            By::Nobody => Vec::new(),
        };
        format!("{signed}.{}", encode(signature))
    }
}

fn changed(mut good: Value, changes: &Value) -> Value {
    let map: &mut Map<String, Value> = good.as_object_mut().expect("an object");
    for (name, value) in changes.as_object().into_iter().flatten() {
        if value.is_null() {
            map.remove(name);
        } else {
            map.insert(name.clone(), value.clone());
        }
    }
    good
}

async fn discovery(State(provider): State<Provider>) -> Json<Value> {
    let inner = provider.inner();
    let (issuer, trick) = (&inner.issuer, inner.trick);
    Json(json!({
        "issuer": if trick == Trick::OtherIssuer { "https://accounts.google.com" } else { issuer },
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
        "authorization_response_iss_parameter_supported": trick == Trick::Nameless,
    }))
}

async fn keys(State(provider): State<Provider>) -> Json<Value> {
    let mut inner = provider.inner();
    inner.key_fetches += 1;
    let point = inner.ec.public_key().as_ref();
    Json(json!({"keys": [
        {"kty": "OKP", "crv": "Ed25519", "kid": inner.ed_kid, "use": "sig", "x": encode(inner.ed.public_key())},
        {"kty": "EC", "crv": "P-256", "kid": "ec", "alg": "ES256", "x": encode(&point[1..33]), "y": encode(&point[33..])},
    ]}))
}

/// Checks what a provider must check: the client, the code, that it is used once, and who asked for it.
async fn token(State(provider): State<Provider>, Form(form): Form<HashMap<String, String>>) -> Response {
    let mut inner = provider.inner();
    inner.forms.push(form.clone());
    let refuse = |error: &str| (StatusCode::BAD_REQUEST, Json(json!({"error": error}))).into_response();
    let field = |name: &str| form.get(name).cloned().unwrap_or_default();
    match inner.trick {
        Trick::Redirects => return Redirect::temporary("/elsewhere").into_response(),
        Trick::Floods => return Json(json!({"access_token": "x".repeat(3_000_000)})).into_response(),
        _ => {}
    }
    if (field("client_id"), field("client_secret")) != (CLIENT.to_owned(), SECRET.to_owned()) {
        return refuse("invalid_client");
    }
    if field("grant_type") == "refresh_token" {
        return Json(json!({"access_token": "access-2", "token_type": "Bearer", "expires_in": 600})).into_response();
    }
    let Some((challenge, nonce)) = inner.codes.remove(&field("code")) else {
        return refuse("invalid_grant");
    };
    if encode(digest::digest(&digest::SHA256, field("code_verifier").as_bytes())) != challenge {
        return refuse("invalid_grant");
    }
    let mut answer = json!({
        "access_token": "access-1", "refresh_token": "refresh-1", "token_type": "Bearer", "expires_in": 600,
        "scope": "openid email profile",
    });
    if !inner.bent.absent {
        answer["id_token"] = inner.id_token(&nonce).into();
    }
    Json(answer).into_response()
}

/// Somebody on the way: where they were sent, and the cookies they took along.
#[derive(Clone, Debug)]
pub struct Trip {
    pub url: Url,
    pub cookie: String,
}

impl Trip {
    /// Sends somebody off. With a session, `client` brings it along.
    pub async fn start(client: &Client, path: &str, body: Value) -> Self {
        let answer = client.post(&format!("/api/auth{path}"), body).await.expect(200);
        let url = Url::parse(answer.json()["url"].as_str().expect("an address")).expect("an address");
        let line = answer.header("set-cookie").expect("a cookie");
        Self { url, cookie: line.split(';').next().expect("a pair").to_owned() }
    }

    /// To sign in, with a page for failures.
    pub async fn sign_in(app: &TestApp, provider: &str) -> Self {
        let body = json!({"provider": provider, "callbackURL": "/app", "errorCallbackURL": "/oops"});
        Self::start(&app.anonymous(), "/sign-in/social", body).await
    }

    /// What the provider was told under that name.
    pub fn query(&self, name: &str) -> String {
        let found = self.url.query_pairs().find(|(key, _)| key == name);
        found.map(|(_, value)| value.into_owned()).unwrap_or_default()
    }

    /// Comes back to `/callback/{provider}` with these parameters and the state.
    pub async fn back(&self, app: &TestApp, provider: &str, more: &[(&str, &str)]) -> Answer {
        let state = self.query("state");
        let pairs = more.iter().copied().chain([("state", state.as_str())]);
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let client = app.anonymous().with("cookie", &self.cookie);
        client.send(Method::GET, &format!("/api/auth/callback/{provider}?{query}"), Body::empty()).await.expect(302)
    }

    /// All the way: there, in, and back.
    pub async fn whole(provider: &Provider, app: &TestApp) -> Answer {
        let trip = Self::sign_in(app, "google").await;
        let code = provider.admit(&trip);
        trip.back(app, "google", &[("code", &code)]).await
    }
}

/// Where an answer leads.
pub fn target(answer: &Answer) -> &str {
    answer.header("location").expect("a target")
}

/// The session an answer hands out, as a client of its own.
pub fn session(app: &TestApp, answer: &Answer) -> Option<Client> {
    let lines = answer.headers.get_all("set-cookie").iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.filter_map(|line| line.split(';').next());
    let pair = pairs.find(|pair| pair.contains("session_token=") && !pair.ends_with('='))?;
    Some(app.anonymous().with("cookie", pair).with("origin", "http://localhost:8080"))
}
