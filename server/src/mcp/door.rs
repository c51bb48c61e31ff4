//! `/mcp`: what a request passes through before the protocol reads it, in this order.
//!
//! [`gate`]: to the right host, from a page that may. Then who asks ([`guard`]), which ends most attacks. Then [`prepare`]:
//! one JSON-RPC message of a size and depth we take, from somebody who has not too many under way.
//!
//! A page of another site has no cookie to borrow here. The host is looked at nevertheless, because a name that an
//! attacker's name server points at this machine is the way around a browser's rules (DNS rebinding).

use super::{Mcp, Who, message, places::Places, slot::Slot};
use crate::{
    http::{
        Error,
        extract::{BODY_MAX, Me},
        oauth::guard,
    },
    state::AppState,
};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use rmcp::{
    model::ErrorCode,
    transport::streamable_http_server::{
        StreamableHttpServerConfig, StreamableHttpService, session::never::NeverSessionManager,
    },
};
use std::{sync::Arc, time::Duration};

/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);
const BOTH: HeaderValue = HeaderValue::from_static("application/json, text/event-stream");
/// What the protocol's clients send beyond what is always allowed.
const ASKED: &str =
    "authorization, content-type, accept, mcp-protocol-version, mcp-method, mcp-name, mcp-session-id, last-event-id";
const SHOWN: HeaderValue = HeaderValue::from_static("WWW-Authenticate, Mcp-Session-Id, X-Request-Id, Retry-After");

/// The address with everything before it.
pub fn router(state: &AppState) -> Router {
    let mcp = Mcp::new(state.clone(), Who::Request);
    // Our own gate knows more about hosts and origins than a list could say.
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(BODY_MAX)
        .disable_allowed_hosts();
    let service = StreamableHttpService::new(move || Ok(mcp.clone()), Arc::new(NeverSessionManager::default()), config);
    Router::new()
        .route_service("/mcp", service.clone())
        .route_service("/mcp/", service)
        .layer(middleware::from_fn_with_state(Places::default(), prepare))
        .layer(middleware::from_fn_with_state(state.clone(), guard::layer))
        .layer(middleware::from_fn_with_state(state.clone(), gate))
}

/// Refuses foreign hosts and pages, and answers browsers that ask beforehand.
async fn gate(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let trust = &state.accounts.trust;
    if !trust.is_our_host(headers) {
        let detail = "This host name is not one of ours: name it in BETTER_AUTH_URL or BETTER_AUTH_TRUSTED_ORIGINS.";
        return Error::Door(StatusCode::FORBIDDEN, "foreign_host", detail.into()).into_response();
    }
    let origin = headers.get(header::ORIGIN).cloned();
    if origin.is_some() && !trust.allows_page(headers) {
        let detail = "This page may not use the server: name its origin in BETTER_AUTH_TRUSTED_ORIGINS.";
        return Error::Door(StatusCode::FORBIDDEN, "foreign_origin", detail.into()).into_response();
    }
    let mut response = if *request.method() == Method::OPTIONS { preflight(headers) } else { next.run(request).await };
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, SHOWN);
    }
    response
}

/// Parameters that a tool wants as headers have names of their own; a page that may call may send them.
fn preflight(headers: &HeaderMap) -> Response {
    let wanted = headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS).and_then(|value| value.to_str().ok());
    let mut allowed = ASKED.to_owned();
    for name in wanted.unwrap_or_default().split(',').map(str::trim) {
        if name.len() > 10 && name.to_ascii_lowercase().starts_with("mcp-param-") && HeaderName::try_from(name).is_ok()
        {
            allowed.push_str(", ");
            allowed.push_str(name);
        }
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    let answer = response.headers_mut();
    answer.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST, GET, DELETE, OPTIONS"));
    answer.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    answer.insert(header::ALLOW, HeaderValue::from_static("POST, OPTIONS"));
    if let Ok(allowed) = HeaderValue::try_from(allowed) {
        answer.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
    }
    response
}

/// Takes in the message and passes it on when it is one.
async fn prepare(State(places): State<Places>, Me(actor): Me, request: Request, next: Next) -> Response {
    if *request.method() != Method::POST {
        // There is no stream to open and no session to end.
        let mut response = message::refuse(
            StatusCode::METHOD_NOT_ALLOWED,
            None,
            ErrorCode::INVALID_REQUEST,
            "send messages with POST",
        );
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST, OPTIONS"));
        return response;
    }
    let Some(_place) = places.take(&actor.user) else {
        let why = "too many requests are under way at once: wait for an answer first";
        let mut response = message::refuse(StatusCode::TOO_MANY_REQUESTS, None, ErrorCode(-32000), why);
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        return response;
    };
    let (mut parts, body) = request.into_parts();
    let body = match arrived(body, PATIENCE).await {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    let id = match message::check(&body) {
        Ok(id) => id,
        Err((code, why)) => return message::refuse(StatusCode::BAD_REQUEST, None, code, why),
    };
    if takes_json(&parts.headers) {
        parts.headers.insert(header::ACCEPT, BOTH);
    }
    let slot = Slot::default();
    parts.extensions.insert(slot.clone());
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    message::tidy(slot.fill(response).await, id).await
}

/// The whole body, when it is not too large and comes in time.
async fn arrived(body: Body, patience: Duration) -> Result<Bytes, Response> {
    let refuse = |status, why: &str| Err(message::refuse(status, None, ErrorCode::INVALID_REQUEST, why));
    match tokio::time::timeout(patience, Limited::new(body, BODY_MAX).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            refuse(StatusCode::PAYLOAD_TOO_LARGE, &format!("a message may have at most {BODY_MAX} bytes"))
        }
        Ok(Err(_)) => refuse(StatusCode::BAD_REQUEST, "the message broke off"),
        Err(_) => refuse(StatusCode::REQUEST_TIMEOUT, "the message did not arrive in time"),
    }
}

/// Whether the client takes JSON, which is all we send; the protocol's own rule asks it to say more.
fn takes_json(headers: &HeaderMap) -> bool {
    let mut said = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).peekable();
    said.peek().is_none()
        || said
            .flat_map(|value| value.split(','))
            .map(|one| one.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
            .any(|one| matches!(one.as_str(), "*/*" | "application/*" | "application/json"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::StreamExt as _;

    #[tokio::test]
    async fn a_body_that_does_not_end_is_given_up() {
        let begun = futures::stream::iter([Ok::<_, std::io::Error>("{")]);
        let body = Body::from_stream(begun.chain(futures::stream::pending()));
        let refused = arrived(body, Duration::from_millis(20)).await.expect_err("refused");
        assert_eq!(refused.status(), StatusCode::REQUEST_TIMEOUT);
        assert_eq!(arrived(Body::from("{}"), PATIENCE).await.expect("in time"), "{}");
    }
}
