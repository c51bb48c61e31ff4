//! Pages of other origins that may use the API: those of `CORS_ORIGINS` and `BETTER_AUTH_TRUSTED_ORIGINS`, and no others.
//!
//! Small enough to stand here, because the rules meet Better Auth's: a preflight from a trusted origin is answered before
//! anybody asks for a session, and every other OPTIONS goes on to answer what it always does. An origin we do not trust
//! gets no header at all; its browser keeps the answer from the page.

use crate::state::AppState;
use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE");
/// What our API reads of a request beyond what is always allowed.
const ASKED: HeaderValue =
    HeaderValue::from_static("Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-Id");
/// What a page may read of our answers.
const SHOWN: HeaderValue = HeaderValue::from_static(
    "set-auth-jwt, set-auth-token, Content-Disposition, ETag, Link, Location, Operation-Seq, Retry-After, \
     WWW-Authenticate, X-Request-Id, X-Retry-After",
);
/// How long a browser may remember a preflight, in seconds.
const REMEMBERED: HeaderValue = HeaderValue::from_static("600");
const YES: HeaderValue = HeaderValue::from_static("true");

/// Answers preflights of trusted origins and marks the answers they may read.
pub async fn layer(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if !request.uri().path().starts_with("/api/") {
        return next.run(request).await;
    }
    let headers = request.headers();
    let origin = headers.get(header::ORIGIN).filter(|_| state.accounts.trust.shares_with(headers)).cloned();
    let preflight =
        *request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = match &origin {
        Some(_) if preflight => (StatusCode::NO_CONTENT, preflight_headers()).into_response(),
        _ => next.run(request).await,
    };
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, YES);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, SHOWN);
    }
    response
}

fn preflight_headers() -> [(HeaderName, HeaderValue); 3] {
    [
        (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, ASKED),
        (header::ACCESS_CONTROL_MAX_AGE, REMEMBERED),
    ]
}
