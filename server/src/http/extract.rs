//! What handlers take in: who asks, a checked body, a checked number from the path.

use super::{Error, error::Result};
use crate::{actor::Actor, auth::client::Client, listener::TooSlow, state::AppState};
use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, OptionalFromRequestParts, RawPathParams, Request},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use serde_json::{Map, Value};
use std::sync::Arc;

/// Largest JSON body of an ordinary call, in bytes.
pub const BODY_MAX: usize = 1 << 20;

/// The person a request is made for; put there by [`super::session::identify`].
#[derive(Clone, Debug)]
pub struct Me(pub Arc<Actor>);

impl<S: Send + Sync> FromRequestParts<S> for Me {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Error::unauthorized)
    }
}

/// The session behind the request; put there by [`super::session::identify`] when it is one. What ends sessions or hands
/// out keys to the account asks for it, so that a leaked key cannot make others.
#[derive(Clone, Debug)]
pub struct Session {
    /// The row's id.
    pub id: String,
    /// What the cookie carries.
    pub token: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Session {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| {
            let detail = "This needs a session: sign in and do it there, not with a token.";
            Error::Door(StatusCode::FORBIDDEN, "session_required", detail.into())
        })
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Session {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Self::Rejection> {
        Ok(parts.extensions.get::<Self>().cloned())
    }
}

/// Who is at the other end of the line.
#[derive(Clone, Debug)]
pub struct Peer(pub Client);

impl FromRequestParts<AppState> for Peer {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        Ok(Self(super::auth::client(&state.accounts, &parts.headers, &parts.extensions)))
    }
}

/// A number of the path, such as the task's in `/tasks/{id}`. What is no number names nothing: 404.
#[derive(Clone, Copy, Debug)]
pub struct Id(pub i64);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| Error::not_found())?;
        let id = params.iter().find(|(name, _)| *name == "id").and_then(|(_, value)| value.parse().ok());
        id.filter(|n| *n > 0).map(Self).ok_or_else(Error::not_found)
    }
}

/// A row's id of the path, such as the session's in `/sessions/{id}`: a text that says nothing.
#[derive(Clone, Debug)]
pub struct RowId(pub String);

impl<S: Send + Sync> FromRequestParts<S> for RowId {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| Error::not_found())?;
        let id = params.iter().find(|(name, _)| *name == "id").map(|(_, value)| value.to_owned());
        // A database refuses NUL in a text.
        id.filter(|id| !id.contains('\0')).map(Self).ok_or_else(Error::not_found)
    }
}

/// A JSON object as the body. Absent or empty is an empty object.
#[derive(Clone, Debug)]
pub struct Body(pub Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Error;
    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let headers = request.headers().clone();
        let bytes = Bytes::from_request(request, state).await.map_err(|e| too_large_or(&e))?;
        object(&headers, &bytes).map(Self)
    }
}

/// What to say to a body that could not be read.
pub fn too_large_or(rejection: &axum::extract::rejection::BytesRejection) -> Error {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let detail = format!("The body is too large: at most {BODY_MAX} bytes are taken.");
        return Error::Door(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail);
    }
    if TooSlow::caused(rejection) {
        let detail = "The body did not arrive in time: send it faster, or in smaller requests.".into();
        return Error::Door(StatusCode::REQUEST_TIMEOUT, "request_timeout", detail);
    }
    Error::Door(StatusCode::BAD_REQUEST, "broken_body", "The body could not be read to its end.".into())
}

fn object(headers: &HeaderMap, bytes: &[u8]) -> Result<Map<String, Value>> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("application/json");
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind != "application/json" && !(kind.starts_with("application/") && kind.ends_with("+json")) {
        let detail = format!("The body is {kind}: send application/json.");
        return Err(Error::Door(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail));
    }
    let bad = |detail: String| Error::Door(StatusCode::BAD_REQUEST, "invalid_json", detail);
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(bad("The body must be a JSON object.".into())),
        Err(e) => Err(bad(format!("The body is not JSON: {e}."))),
    }
}

/// The version an `If-Match` header asks for: `"7"`, `W/"7"` or `7`. `*` and absent ask for nothing.
pub fn if_match(headers: &HeaderMap) -> Result<Option<i64>> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let number = text.strip_prefix("W/").unwrap_or(text).trim_matches('"');
    number
        .parse()
        .map(Some)
        .map_err(|_| Error::field("If-Match", "invalid", "If-Match must be the ETag of the task, such as \"3\""))
}

/// Decoded pairs of a query string, repeated names kept.
#[derive(Clone, Debug, Default)]
pub struct Query(pub Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        Ok(Self(pairs(parts.uri.query().unwrap_or_default())))
    }
}

/// Decodes `a=1&b=2`; broken percent signs stay as they are.
pub fn pairs(text: &str) -> Vec<(String, String)> {
    let decode =
        |part: &str| percent_encoding::percent_decode_str(&part.replace('+', " ")).decode_utf8_lossy().into_owned();
    text.split('&')
        .filter(|p| !p.is_empty())
        .map(|p| p.split_once('=').unwrap_or((p, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}
