//! The doors of our OAuth 2.1 authorization server, and the guard of what its tokens open.
//!
//! What programs call (metadata, registration, tokens) reads no cookie and so may be read from any page; what a person
//! sees ([`authorize`]) is like any other page of ours. Everything stands at the root of the origin a second time, because
//! some clients guess there instead of reading the metadata.

pub mod authorize;
pub mod guard;
pub mod metadata;
mod page;
pub mod programs;

use crate::{http::Error, state::AppState};
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};

/// Largest form or description taken, in bytes.
const BODY_MAX: usize = 64 * 1024;

/// Everything but the guard.
pub fn router() -> Router<AppState> {
    let programs = Router::new()
        .route("/.well-known/oauth-protected-resource", get(metadata::resource))
        .route("/.well-known/oauth-protected-resource/mcp", get(metadata::resource))
        .route("/.well-known/oauth-authorization-server", get(metadata::server))
        .route("/.well-known/openid-configuration", get(metadata::server))
        // A page with status 200 here would be taken for a broken document.
        .route("/.well-known/{*rest}", get(nothing))
        .route("/oauth/token", post(programs::token))
        .route("/token", post(programs::token))
        .route("/oauth/register", post(programs::register))
        .route("/register", post(programs::register))
        .route("/oauth/revoke", post(programs::revoke))
        // Inside the layer, which answers a browser that asks beforehand.
        .method_not_allowed_fallback(crate::http::method_not_allowed)
        .layer(middleware::from_fn(from_anywhere));
    Router::new()
        .route("/oauth/authorize", get(authorize::authorize))
        .route("/authorize", get(authorize::authorize))
        .route("/oauth/consent", post(authorize::consent))
        .merge(programs)
        .layer(DefaultBodyLimit::max(BODY_MAX))
}

async fn nothing() -> Error {
    Error::not_found()
}

/// Lets pages of any origin read the answer; no cookie counts here.
async fn from_anywhere(request: Request, next: Next) -> Response {
    const PREFLIGHT: [(HeaderName, HeaderValue); 3] = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST")),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static("Authorization, Content-Type, Accept, MCP-Protocol-Version"),
        ),
        (header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600")),
    ];
    let mut response = if *request.method() == Method::OPTIONS {
        (StatusCode::NO_CONTENT, PREFLIGHT).into_response()
    } else {
        next.run(request).await
    };
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}
