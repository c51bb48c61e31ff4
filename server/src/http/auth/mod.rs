//! `/api/auth/*`: Better Auth's endpoints, so that its unmodified client works against us.
//!
//! One handler takes every request below the path, because the contract has its own rules for what is not there: an
//! unknown path, a wrong method, HEAD and OPTIONS all answer 404 with nothing in it. The order is Better Auth's: rate
//! limit, route, body, origin, fields, rule. The endpoints themselves are methods of [`Call`], a file a noun.

mod body;
mod jwt;
mod profile;
mod reply;
mod sessions;
mod sign;

use crate::{
    auth::{
        client::Client,
        cookie::{self, Presented},
    },
    service::accounts::{Accounts, Found},
    state::AppState,
    store::sessions::SessionOwner,
};
use axum::{
    Router,
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::any,
};
use body::Body;
use reply::{Failure, Reply};
use serde_json::{Value, json};
use std::net::SocketAddr;

/// Largest body taken, in bytes.
const BODY_MAX: usize = 64 * 1024;
/// Paths below which passwords can be guessed at or addresses tried out.
const GUARDED: [&str; 4] = ["/sign-in", "/sign-up", "/change-password", "/change-email"];
/// Fields that send a browser somewhere, with the code and the words of their refusal.
const TARGETS: [(&str, &str, &str); 4] = [
    ("callbackURL", "INVALID_CALLBACK_URL", "Invalid callbackURL"),
    ("redirectTo", "INVALID_REDIRECT_URL", "Invalid redirectURL"),
    ("errorCallbackURL", "INVALID_ERROR_CALLBACK_URL", "Invalid errorCallbackURL"),
    ("newUserCallbackURL", "INVALID_NEW_USER_CALLBACK_URL", "Invalid newUserCallbackURL"),
];

/// The routes; [`answer`] finds the endpoint itself.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/api/auth", any(handle))
        .route("/api/auth/", any(handle))
        .route("/api/auth/{*path}", any(handle))
}

async fn handle(State(app): State<AppState>, request: Request) -> Response {
    answer(&app, request).await.map_or_else(IntoResponse::into_response, IntoResponse::into_response)
}

/// What every endpoint looks at.
struct Call<'a> {
    accounts: &'a Accounts,
    headers: &'a HeaderMap,
    query: Vec<(String, String)>,
    presented: Presented,
    client: Client,
    body: Body,
}

async fn answer(app: &AppState, request: Request) -> Result<Reply, Failure> {
    let accounts = &app.accounts;
    let (parts, body) = request.into_parts();
    let client = client(&parts.headers, &parts.extensions);
    let path = parts.uri.path().strip_prefix("/api/auth").unwrap_or_default();
    if let Some(bucket) = GUARDED.iter().find(|guarded| path.starts_with(**guarded)) {
        // Made-up paths share a bucket, so that they cannot fill the table.
        let known = matches!(path, "/sign-in/email" | "/sign-up/email");
        accounts.count_try(if known { path } else { bucket }, &client).await?;
    }
    let endpoint = match (&parts.method, path) {
        (&Method::GET, "/ok") => return Ok(Reply::new(json!({ "ok": true }))),
        (&Method::GET | &Method::POST, "/get-session") => Endpoint::GetSession,
        (&Method::GET, "/token") => Endpoint::Token,
        (&Method::GET, "/jwks") => Endpoint::Jwks,
        (&Method::POST, "/sign-up/email") => Endpoint::SignUp,
        (&Method::POST, "/sign-in/email") => Endpoint::SignIn,
        (&Method::POST, "/sign-out") => Endpoint::SignOut,
        (&Method::POST, "/update-user") => Endpoint::UpdateUser,
        (&Method::POST, "/revoke-other-sessions") => Endpoint::RevokeOthers,
        _ => return Err(Failure::not_found()),
    };
    let forms = matches!(endpoint, Endpoint::SignUp | Endpoint::SignIn);
    let body = match endpoint {
        Endpoint::GetSession => Body::default(),
        _ => Body::read(&parts.headers, &whole(body).await?, forms)?,
    };
    accounts.trust.check(&parts.method, &parts.headers)?;
    let query: Vec<(String, String)> =
        url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    if parts.method != Method::GET {
        check_targets(accounts, &parts.headers, &query, &body)?;
    }
    let (presented, _) = accounts.presented(cookie::header(&parts.headers).as_deref(), authorization(&parts.headers));
    let call = Call { accounts, headers: &parts.headers, query, presented, client, body };
    match endpoint {
        Endpoint::GetSession if parts.method == Method::POST => Err(Failure::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "METHOD_NOT_ALLOWED_DEFER_SESSION_REQUIRED",
            "POST method requires deferSessionRefresh to be enabled in session config",
        )),
        Endpoint::GetSession => call.get_session().await,
        Endpoint::Token => call.token().await,
        Endpoint::Jwks => call.jwks().await,
        Endpoint::SignUp => call.sign_up().await,
        Endpoint::SignIn => call.sign_in().await,
        Endpoint::SignOut => call.sign_out().await,
        Endpoint::UpdateUser => call.update_user().await,
        Endpoint::RevokeOthers => call.revoke_others().await,
    }
}

#[derive(Clone, Copy)]
enum Endpoint {
    GetSession,
    Token,
    Jwks,
    SignUp,
    SignIn,
    SignOut,
    UpdateUser,
    RevokeOthers,
}

impl Call<'_> {
    /// The guard of endpoints that need a session.
    pub(super) async fn session(&self) -> Result<Box<SessionOwner>, Failure> {
        match self.accounts.session(&self.presented, true).await? {
            Found::Live { owner, .. } => Ok(owner),
            Found::Ended => Err(Failure::unauthorized().clearing(self.accounts.cookies.clear())),
            Found::Nothing => Err(Failure::unauthorized()),
        }
    }
}

async fn whole(body: axum::body::Body) -> Result<axum::body::Bytes, Failure> {
    axum::body::to_bytes(body, BODY_MAX).await.map_err(|_| {
        let message = format!("The body is too large: at most {BODY_MAX} bytes are taken");
        Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", message)
    })
}

fn check_targets(
    accounts: &Accounts,
    headers: &HeaderMap,
    query: &[(String, String)],
    body: &Body,
) -> Result<(), Failure> {
    for (name, code, message) in TARGETS {
        let in_body = match body.object().and_then(|map| map.get(name)) {
            None => None,
            Some(Value::String(target)) => Some(target.as_str()),
            Some(_) => {
                return Err(Failure::uncoded(StatusCode::BAD_REQUEST, format!("{message}: expected a string")));
            }
        };
        let in_query =
            query.iter().find(|(key, _)| name == "callbackURL" && key == name).map(|(_, target)| target.as_str());
        for target in in_body.into_iter().chain(in_query) {
            if !target.is_empty() && !accounts.trust.allows_target(target, headers) {
                return Err(Failure::new(StatusCode::FORBIDDEN, code, message));
            }
        }
    }
    Ok(())
}

/// The `Authorization` header as text.
pub fn authorization(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()
}

/// Who is at the other end.
pub fn client(headers: &HeaderMap, extensions: &axum::http::Extensions) -> Client {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    Client::of(headers, peer)
}
