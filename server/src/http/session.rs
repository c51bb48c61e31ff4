//! Who asks: the session or the token behind every call to `/api/{user_id}/…`.

use super::{
    Error,
    extract::{Me, Session},
    headers::set_cookies,
};
use crate::{actor::Scope, auth::cookie, state::AppState};
use axum::{
    extract::{Request, State},
    http::{Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::sync::Arc;

/// Finds the person, refuses foreign pages and foreign ids, and passes the request on with [`Me`] in its extensions.
///
/// The order matters: without a session everything is 401, whatever the path; somebody else's id is 404, as if it did not
/// exist; then comes where a cookie's request was sent from.
pub async fn identify(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let headers = request.headers();
    let cookies = cookie::header(headers);
    let bearer = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
    let caller = match state.accounts.identify(cookies.as_deref(), bearer).await {
        Ok(caller) => caller,
        Err(denied) => return Error::from(denied).into_response(),
    };
    if !addressed_to(request.uri().path(), caller.actor.user.as_str()) {
        return Error::not_found().into_response();
    }
    if let Err(refusal) = state.accounts.trust.check(request.method(), headers) {
        let detail = format!("{}: this request comes from another site.", refusal.message());
        return Error::Door(StatusCode::FORBIDDEN, "foreign_origin", detail).into_response();
    }
    let mut actor = caller.actor;
    if let Some(scope) = scope_of(request.method(), request.uri().path())
        && let Err(missing) = actor.require(scope)
    {
        return Error::from(missing).into_response();
    }
    if *request.method() == Method::POST {
        actor.request_key = super::idempotency::key(request.headers());
    }
    request.extensions_mut().insert(Me(Arc::new(actor)));
    let extended = caller.session.as_ref().and_then(|session| state.accounts.renewed(session));
    if let Some(session) = caller.session {
        request.extensions_mut().insert(Session { id: session.id, token: session.token });
    }
    let mut response = next.run(request).await;
    set_cookies(response.headers_mut(), extended);
    response
}

/// What a token must be good for: the one place that says so for every address. What has no scope asks for a session
/// itself ([`Session`]).
fn scope_of(method: &Method, path: &str) -> Option<Scope> {
    let mut parts = path.split('/').skip(1);
    let (root, user, noun) = (parts.next(), parts.next(), parts.next().unwrap_or_default());
    let looks = matches!(*method, Method::GET | Method::HEAD);
    match (root, user, noun) {
        (Some("api"), Some("admin"), _) => Some(Scope::Admin),
        (Some("api"), _, "chat" | "conversations") => Some(Scope::Chat),
        (Some("api"), _, "sessions" | "tokens" | "connected-apps") if !looks => None,
        _ if looks => Some(Scope::Read),
        _ => Some(Scope::Write),
    }
}

/// Whether the `{user_id}` of `/api/{user_id}/…` is the person's own, or `me`. Paths without one are open to all who are
/// signed in.
fn addressed_to(path: &str, user: &str) -> bool {
    let Some(rest) = path.strip_prefix("/api/") else { return true };
    // The admins' addresses are about other people.
    let is_admins = |noun| rest.strip_prefix(noun).is_some_and(|rest: &str| rest.is_empty() || rest.starts_with('/'));
    if ["admin/users", "admin/chat-use"].into_iter().any(is_admins) {
        return true;
    }
    let id = rest.split('/').next().unwrap_or_default();
    id == "me" || percent_encoding::percent_decode_str(id).decode_utf8().is_ok_and(|id| id == user)
}
