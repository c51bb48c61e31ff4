//! `Idempotency-Key` on POST: the same key with the same request gets the first answer again and does nothing.
//!
//! A key lives 24 hours, belongs to one user and stands for one request (method, path and body). An answer that failed for
//! reasons that may pass (5xx) is not kept. The operation log holds the key too, in the change's own transaction, so that
//! a crash between the change and the keeping of its answer does not let the change happen twice.

use super::{
    Error,
    error::Result,
    extract::{BODY_MAX, Me},
};
use crate::{service, state::AppState, store::idempotency::KeptAnswer};
use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::id::UserId;
use sha2::{Digest, Sha256};

const HEADER: HeaderName = HeaderName::from_static("idempotency-key");
const LIFETIME: i64 = 24 * 3600 * 1_000_000;
/// After that long a first request that never answered is taken to be dead.
const PATIENCE: i64 = 120 * 1_000_000;
/// Headers of an answer that are part of it.
const KEPT: [HeaderName; 4] = [header::CONTENT_TYPE, header::LOCATION, header::ETAG, super::OPERATION_SEQ];

/// Marks an answer that holds a secret: it is not kept, so its key only keeps a second request from starting meanwhile.
#[derive(Clone, Copy, Debug)]
pub struct ShownOnce;

/// The request's key, when it has a usable one.
pub fn key(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(&HEADER)?.to_str().ok()?;
    (1..=255).contains(&text.len()).then(|| text.to_owned())
}

/// Answers a repeated POST from memory; passes everything else on.
pub async fn layer(
    State(state): State<AppState>,
    me: Option<axum::Extension<Me>>,
    request: Request,
    next: Next,
) -> Response {
    let (Some(axum::Extension(me)), true) =
        (me, *request.method() == Method::POST && request.headers().contains_key(&HEADER))
    else {
        return next.run(request).await;
    };
    match once(&state, &me.0.user, request, next).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    }
}

async fn once(state: &AppState, user: &UserId, request: Request, next: Next) -> Result<Response> {
    let key = key(request.headers()).ok_or_else(|| {
        Error::field("Idempotency-Key", "invalid", "Idempotency-Key must be 1 to 255 printable characters")
    })?;
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, BODY_MAX).await.map_err(|_| {
        Error::Door(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            format!("The body is too large: at most {BODY_MAX} bytes are taken."),
        )
    })?;
    let fingerprint = fingerprint(parts.method.as_str(), parts.uri.path(), &bytes);
    let store = &state.services.store;
    let now = state.services.clock.micros();
    let mut conn = store.write().await?;
    let claimed = conn.claim_key(user, &key, &fingerprint, now, now - LIFETIME).await?;
    if !claimed {
        let first = conn.kept_answer(user, &key).await?;
        let Some(first) = first else { return Err(Error::not_found()) };
        if first.fingerprint != fingerprint {
            let detail = "This Idempotency-Key was used for another request: take a new key for a new request.";
            return Err(Error::Door(StatusCode::UNPROCESSABLE_ENTITY, "key_reused", detail.into()));
        }
        if let Some(answer) = replay(&first) {
            return Ok(answer);
        }
        if super::chat::turns::know_their_keys(parts.uri.path()) {
            // The turn that was begun goes on, or has ended: it is told again.
            conn.commit().await?;
            return Ok(next.run(Request::from_parts(parts, Body::from(bytes))).await);
        }
        if let Some(seq) = conn.operation_by_request(user, &key).await? {
            return Err(service::Error::Repeated { seq }.into());
        }
        if first.created_at > now - PATIENCE {
            let detail = "The first request with this Idempotency-Key is still being answered: try again in a moment.";
            return Err(Error::Door(StatusCode::CONFLICT, "in_progress", detail.into()));
        }
        conn.reclaim_key(user, &key, now).await?;
    }
    conn.commit().await?;

    let response = next.run(Request::from_parts(parts, Body::from(bytes))).await;
    let (parts, body) = response.into_parts();
    // An event stream cannot be kept; what it tells is, by its turn.
    let streamed =
        parts.headers.get(header::CONTENT_TYPE).is_some_and(|v| v.as_bytes().starts_with(b"text/event-stream"));
    if streamed {
        return Ok(Response::from_parts(parts, body));
    }
    if parts.status.is_server_error() || parts.extensions.get::<ShownOnce>().is_some() {
        let mut conn = store.write().await?;
        conn.forget_key(user, &key).await?;
        conn.commit().await?;
        return Ok(Response::from_parts(parts, body));
    }
    let bytes =
        to_bytes(body, usize::MAX).await.map_err(|e| service::Error::Internal(format!("an answer's body: {e}")))?;
    let headers: Vec<(String, String)> = KEPT
        .iter()
        .filter_map(|name| Some((name.to_string(), parts.headers.get(name)?.to_str().ok()?.to_owned())))
        .collect();
    let headers = serde_json::to_string(&headers).map_err(|e| service::Error::Internal(e.to_string()))?;
    let mut conn = store.write().await?;
    conn.keep_answer(user, &key, i64::from(parts.status.as_u16()), &headers, &String::from_utf8_lossy(&bytes)).await?;
    conn.commit().await?;
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

fn fingerprint(method: &str, path: &str, body: &Bytes) -> String {
    let mut hash = Sha256::new();
    for part in [method.as_bytes(), b"\0", path.as_bytes(), b"\0", body] {
        hash.update(part);
    }
    hex::encode(hash.finalize())
}

/// The first answer as a response.
fn replay(kept: &KeptAnswer) -> Option<Response> {
    let status = StatusCode::from_u16(u16::try_from(kept.status?).ok()?).ok()?;
    let mut response = (status, kept.body.clone()?).into_response();
    let headers: Vec<(String, String)> = serde_json::from_str(kept.headers.as_deref()?).ok()?;
    for (name, value) in headers {
        response.headers_mut().insert(HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?);
    }
    Some(response)
}
