//! Stands before `/mcp`: lets in who brings a token for it, and tells everybody else where to get one (RFC 6750 and 9728).
//!
//! What only looks is open to every token here; a tool that changes something asks for its scope when it is called.

use crate::{
    http::{Error, extract::Me},
    service::accounts::{Accounts, McpDenied},
    state::AppState,
};
use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::json;
use std::sync::Arc;

/// Everything a token may be good for at `/mcp`; asked for at once, so that nobody is sent through the consent twice.
pub const SCOPES: &str = "todo:read todo:write";

/// Where the metadata of `/mcp` is; absolute, because some clients ignore anything else.
pub fn metadata_url(accounts: &Accounts) -> String {
    format!("{}/.well-known/oauth-protected-resource/mcp", accounts.issuer())
}

/// Finds the person and passes the request on with [`Me`] in its extensions. Cookies are not looked at.
pub async fn layer(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let authorization = request.headers().get(header::AUTHORIZATION).map(|value| value.to_str().unwrap_or_default());
    match state.accounts.identify_mcp(authorization).await {
        Ok(caller) => {
            request.extensions_mut().insert(Me(Arc::new(caller.actor)));
            next.run(request).await
        }
        Err(denied) => refuse(&state.accounts, denied),
    }
}

/// The answer to somebody who was not let in.
pub fn refuse(accounts: &Accounts, denied: McpDenied) -> Response {
    let (error, why) = match denied {
        McpDenied::Nobody => (None, "send an access token or an API token as `Authorization: Bearer …`"),
        McpDenied::Token(why) => (Some("invalid_token"), why),
        McpDenied::Store(error) => return Error::from(error).into_response(),
    };
    challenge(accounts, StatusCode::UNAUTHORIZED, error, why)
}

/// The answer to a token that lacks a scope: all that are needed are named at once.
pub fn insufficient(accounts: &Accounts) -> Response {
    let why = "the token lacks a scope this needs";
    challenge(accounts, StatusCode::FORBIDDEN, Some("insufficient_scope"), why)
}

fn challenge(accounts: &Accounts, status: StatusCode, error: Option<&str>, why: &str) -> Response {
    let mut line = format!("Bearer resource_metadata=\"{}\", scope=\"{SCOPES}\"", metadata_url(accounts));
    if let Some(error) = error {
        line.push_str(&format!(", error=\"{error}\", error_description=\"{}\"", why.replace(['"', '\\'], "'")));
    }
    let body = Json(json!({ "error": error.unwrap_or("unauthorized"), "error_description": why }));
    let mut response = (status, body).into_response();
    if let Ok(line) = HeaderValue::try_from(line.replace('…', "...")) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, line);
    }
    response
}
