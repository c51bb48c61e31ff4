//! `/api/auth/*`: Better Auth's endpoints, so that its unmodified client works against us.
//!
//! One handler takes every request below the path, because the contract has its own rules for what is not there: an
//! unknown path, a wrong method, HEAD and OPTIONS all answer 404 with nothing in it. The order is Better Auth's: rate
//! limit, route, body, origin, fields, rule. The endpoints themselves are methods of [`Call`], a file a noun.

mod body;
mod delete;
mod email;
mod error_page;
mod jwt;
mod linked;
mod password;
mod profile;
mod provider_tokens;
mod reply;
mod sessions;
mod sign;
mod social;
mod social_body;

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
use std::{net::SocketAddr, sync::OnceLock};

/// Largest body taken, in bytes.
const BODY_MAX: usize = 64 * 1024;
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
    /// The token of a session that was extended on the way.
    extended: OnceLock<String>,
}

async fn answer(app: &AppState, request: Request) -> Result<Reply, Failure> {
    let accounts = &app.accounts;
    let (parts, body) = request.into_parts();
    let client = client(accounts, &parts.headers, &parts.extensions);
    let path = parts.uri.path().strip_prefix("/api/auth").unwrap_or_default();
    let endpoint = Endpoint::at(&parts.method, path);
    accounts.count_request(endpoint.map(|_| path), path, &client).await?;
    let Some(endpoint) = endpoint else {
        return Err(Failure::not_found());
    };
    let forms = matches!(endpoint, Endpoint::SignUp | Endpoint::SignIn | Endpoint::PostCallback(_));
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
    let call = Call { accounts, headers: &parts.headers, query, presented, client, body, extended: OnceLock::new() };
    call.finish(call.run(endpoint).await)
}

#[derive(Clone, Copy)]
enum Endpoint<'a> {
    Ok,
    ErrorPage,
    GetSession,
    Token,
    Jwks,
    PostSession,
    ListSessions,
    RevokeSession,
    RevokeSessions,
    RevokeOthers,
    UpdateSession,
    SignUp,
    SignIn,
    SignOut,
    UpdateUser,
    ChangePassword,
    VerifyPassword,
    RequestPasswordReset,
    ResetPasswordLink(&'a str),
    ResetPassword,
    SendVerificationEmail,
    VerifyEmail,
    ChangeEmail,
    DeleteUser,
    DeleteUserLink,
    ListAccounts,
    UnlinkAccount,
    SignInSocial,
    LinkSocial,
    Callback(&'a str),
    PostCallback(&'a str),
    GetAccessToken,
    RefreshToken,
    AccountInfo,
}

impl<'a> Endpoint<'a> {
    /// The endpoint of that method and path below the base.
    fn at(method: &Method, path: &'a str) -> Option<Self> {
        Some(match (method, path) {
            (&Method::GET, "/ok") => Self::Ok,
            (&Method::GET, "/error") => Self::ErrorPage,
            (&Method::GET, "/get-session") => Self::GetSession,
            (&Method::POST, "/get-session") => Self::PostSession,
            (&Method::GET, "/token") => Self::Token,
            (&Method::GET, "/jwks") => Self::Jwks,
            (&Method::GET, "/list-sessions") => Self::ListSessions,
            (&Method::POST, "/revoke-session") => Self::RevokeSession,
            (&Method::POST, "/revoke-sessions") => Self::RevokeSessions,
            (&Method::POST, "/revoke-other-sessions") => Self::RevokeOthers,
            (&Method::POST, "/update-session") => Self::UpdateSession,
            (&Method::POST, "/sign-up/email") => Self::SignUp,
            (&Method::POST, "/sign-in/email") => Self::SignIn,
            (&Method::POST, "/sign-out") => Self::SignOut,
            (&Method::POST, "/update-user") => Self::UpdateUser,
            (&Method::POST, "/change-password") => Self::ChangePassword,
            (&Method::POST, "/verify-password") => Self::VerifyPassword,
            // The second name is that of Better Auth before 1.4.
            (&Method::POST, "/request-password-reset" | "/forget-password") => Self::RequestPasswordReset,
            (&Method::POST, "/reset-password") => Self::ResetPassword,
            (&Method::POST, "/send-verification-email") => Self::SendVerificationEmail,
            (&Method::GET, "/verify-email") => Self::VerifyEmail,
            (&Method::POST, "/change-email") => Self::ChangeEmail,
            (&Method::POST, "/delete-user") => Self::DeleteUser,
            (&Method::GET, "/delete-user/callback") => Self::DeleteUserLink,
            (&Method::GET, "/list-accounts") => Self::ListAccounts,
            (&Method::POST, "/unlink-account") => Self::UnlinkAccount,
            (&Method::POST, "/sign-in/social") => Self::SignInSocial,
            (&Method::POST, "/link-social") => Self::LinkSocial,
            (&Method::POST, "/get-access-token") => Self::GetAccessToken,
            (&Method::POST, "/refresh-token") => Self::RefreshToken,
            (&Method::GET, "/account-info") => Self::AccountInfo,
            _ => {
                let (name, rest) = path.strip_prefix('/')?.split_once('/')?;
                if rest.is_empty() || rest.contains('/') {
                    return None;
                }
                match (method, name) {
                    (&Method::GET, "reset-password") => Self::ResetPasswordLink(rest),
                    (&Method::GET, "callback") => Self::Callback(rest),
                    (&Method::POST, "callback") => Self::PostCallback(rest),
                    _ => return None,
                }
            }
        })
    }
}

impl Call<'_> {
    async fn run(&self, endpoint: Endpoint<'_>) -> Result<Reply, Failure> {
        match endpoint {
            Endpoint::Ok => Ok(Reply::new(json!({ "ok": true }))),
            Endpoint::ErrorPage => Ok(self.error_page()),
            Endpoint::PostSession => Err(Failure::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "METHOD_NOT_ALLOWED_DEFER_SESSION_REQUIRED",
                "POST method requires deferSessionRefresh to be enabled in session config",
            )),
            Endpoint::GetSession => self.get_session().await,
            Endpoint::Token => self.token().await,
            Endpoint::Jwks => self.jwks().await,
            Endpoint::ListSessions => self.list_sessions().await,
            Endpoint::RevokeSession => self.revoke_session().await,
            Endpoint::RevokeSessions => self.revoke_sessions().await,
            Endpoint::RevokeOthers => self.revoke_others().await,
            Endpoint::UpdateSession => self.update_session().await,
            Endpoint::SignUp => self.sign_up().await,
            Endpoint::SignIn => self.sign_in().await,
            Endpoint::SignOut => self.sign_out().await,
            Endpoint::UpdateUser => self.update_user().await,
            Endpoint::ChangePassword => self.change_password().await,
            Endpoint::VerifyPassword => self.verify_password().await,
            Endpoint::RequestPasswordReset => self.request_password_reset().await,
            Endpoint::ResetPasswordLink(token) => self.reset_password_link(token).await,
            Endpoint::ResetPassword => self.reset_password().await,
            Endpoint::SendVerificationEmail => self.send_verification_email().await,
            Endpoint::VerifyEmail => self.verify_email().await,
            Endpoint::ChangeEmail => self.change_email().await,
            Endpoint::DeleteUser => self.delete_user().await,
            Endpoint::DeleteUserLink => self.delete_user_link().await,
            Endpoint::ListAccounts => self.list_accounts().await,
            Endpoint::UnlinkAccount => self.unlink_account().await,
            Endpoint::SignInSocial => self.sign_in_social().await,
            Endpoint::LinkSocial => self.link_social().await,
            Endpoint::Callback(provider) => self.callback(provider).await,
            Endpoint::PostCallback(provider) => Ok(self.hand_on(provider)),
            Endpoint::GetAccessToken => self.get_access_token().await,
            Endpoint::RefreshToken => self.refresh_token().await,
            Endpoint::AccountInfo => self.account_info().await,
        }
    }

    /// Adds the cookie of a session that was extended on the way, unless the answer speaks of the session itself.
    fn finish(&self, outcome: Result<Reply, Failure>) -> Result<Reply, Failure> {
        let Some(token) = self.extended.get() else {
            return outcome;
        };
        let cookies = &self.accounts.cookies;
        match outcome {
            Ok(reply) if reply.sets_session(cookies) => Ok(reply),
            Ok(reply) => Ok(reply.session(cookies, token, [cookies.session(token, true)])),
            Err(failure) => Err(failure.cookies([cookies.session(token, true)])),
        }
    }

    /// The presented session, extended when it is time.
    async fn read_session(&self, extend: bool) -> Result<Found, Failure> {
        let found = self.accounts.session(&self.presented, extend).await?;
        if let Found::Live { owner, extended: true } = &found {
            self.extended.get_or_init(|| owner.session.token.clone());
        }
        Ok(found)
    }

    /// The session of an endpoint that does without one.
    pub(super) async fn look(&self) -> Result<Found, Failure> {
        self.read_session(true).await
    }

    /// The guard of endpoints that need a session. It is read from the database every time, so what Better Auth calls a
    /// sensitive endpoint needs nothing more.
    pub(super) async fn session(&self) -> Result<Box<SessionOwner>, Failure> {
        match self.read_session(true).await? {
            Found::Live { owner, .. } => Ok(owner),
            Found::Ended => Err(Failure::unauthorized().cookies(self.accounts.cookies.clear())),
            Found::Nothing => Err(Failure::unauthorized()),
        }
    }

    /// The guard of endpoints that need a session younger than a day.
    pub(super) async fn fresh_session(&self) -> Result<Box<SessionOwner>, Failure> {
        let owner = self.session().await?;
        self.accounts.check_fresh(&owner)?;
        Ok(owner)
    }

    /// The first parameter of that name.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether the body has a text of that name. Only such a text can be a wrong one; the rest has been said.
    pub(super) fn given(&self, name: &str) -> bool {
        self.body.object().is_some_and(|map| map.get(name).is_some_and(Value::is_string))
    }

    /// Refuses a link that would lead away from us.
    pub(super) fn check_callback(&self) -> Result<(), Failure> {
        let [(name, code, message), ..] = TARGETS;
        match self.query(name) {
            Some(target) if !target.is_empty() && !self.accounts.trust.allows_target(target, self.headers) => {
                Err(Failure::new(StatusCode::FORBIDDEN, code, message))
            }
            _ => Ok(()),
        }
    }

    /// Hands out the cookie of a session anew.
    pub(super) fn hand_out(&self, reply: Reply, token: &str) -> Reply {
        let cookies = &self.accounts.cookies;
        reply.session(cookies, token, [cookies.session(token, !self.presented.dont_remember)])
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
pub fn client(accounts: &Accounts, headers: &HeaderMap, extensions: &axum::http::Extensions) -> Client {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    Client::of(headers, peer, &accounts.proxies)
}
