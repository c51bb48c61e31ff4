//! What programs call themselves: registration, tokens, giving them back. Errors are OAuth's own JSON.

use crate::{
    auth::client::Client,
    http::{Error, extract::Peer},
    service::{
        self,
        accounts::oauth::{Refused, TokenCaller},
    },
    state::AppState,
};
use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};
use url::form_urlencoded;

/// Registers a program.
pub async fn register(State(state): State<AppState>, Peer(peer): Peer, body: Bytes) -> Response {
    let Ok(map) = serde_json::from_slice::<Map<String, Value>>(&body) else {
        return refuse(Refused::Bad("invalid_client_metadata", "the body must be a JSON object"), false);
    };
    let registered = match state.accounts.register_oauth_client(&map, &peer).await {
        Ok(registered) => registered,
        Err(refused) => return refuse(refused, false),
    };
    let client = registered.client;
    let mut told = json!({
        "client_id": client.id,
        "client_id_issued_at": client.created_at.div_euclid(1_000_000),
        "client_name": client.name,
        "redirect_uris": client.redirects,
        "token_endpoint_auth_method": client.auth_method,
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "scope": super::guard::SCOPES,
        "application_type": registered.application_type,
    });
    if let Some(secret) = registered.secret {
        told["client_secret"] = secret.into();
        told["client_secret_expires_at"] = 0.into();
    }
    (StatusCode::CREATED, NO_STORE, Json(told)).into_response()
}

/// The token endpoint.
pub async fn token(State(state): State<AppState>, posted: Posted) -> Response {
    let issued = match posted.caller() {
        Ok(caller) => state.accounts.exchange(caller).await,
        Err(refused) => Err(refused),
    };
    match issued {
        Ok(issued) => {
            let told = json!({
                "access_token": issued.access,
                "token_type": "Bearer",
                "expires_in": issued.expires_in,
                "refresh_token": issued.refresh,
                "scope": issued.scope,
            });
            (NO_STORE, Json(told)).into_response()
        }
        Err(refused) => refuse(refused, posted.by_header),
    }
}

/// The revocation endpoint.
pub async fn revoke(State(state): State<AppState>, posted: Posted) -> Response {
    let done = match posted.caller() {
        Ok(caller) => state.accounts.give_back(caller).await,
        Err(refused) => Err(refused),
    };
    match done {
        Ok(()) => (StatusCode::OK, NO_STORE).into_response(),
        Err(refused) => refuse(refused, posted.by_header),
    }
}

const NO_STORE: [(header::HeaderName, HeaderValue); 2] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::PRAGMA, HeaderValue::from_static("no-cache")),
];

/// A form with what its `Authorization` header holds.
pub struct Posted {
    /// `None` for what is no form.
    pairs: Option<Vec<(String, String)>>,
    /// Whether the program proves itself by a header at all.
    by_header: bool,
    basic: Option<(String, String)>,
    peer: Client,
}

impl FromRequest<AppState> for Posted {
    type Rejection = Response;
    async fn from_request(request: Request, state: &AppState) -> Result<Self, Response> {
        let headers = request.headers().clone();
        let peer = crate::http::auth::client(&state.accounts, &headers, request.extensions());
        let body = Bytes::from_request(request, state).await.map_err(IntoResponse::into_response)?;
        let kind = headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
        let form = kind.get(..33).is_some_and(|kind| kind.eq_ignore_ascii_case(b"application/x-www-form-urlencoded"));
        let pairs = form.then(|| form_urlencoded::parse(&body).into_owned().collect());
        let by_header = headers.contains_key(header::AUTHORIZATION);
        Ok(Self { pairs, by_header, basic: basic(&headers), peer })
    }
}

impl Posted {
    fn caller(&self) -> Result<TokenCaller<'_>, Refused> {
        let form = Refused::Bad("invalid_request", "send a form as application/x-www-form-urlencoded");
        let pairs = self.pairs.as_deref().ok_or(form)?;
        if self.by_header && self.basic.is_none() {
            return Err(Refused::Client("the Authorization header is not Basic with an id and a secret"));
        }
        Ok(TokenCaller { pairs, basic: self.basic.as_ref(), peer: &self.peer })
    }
}

/// Id and secret of the header, each form-encoded before they were joined (RFC 6749 2.3.1).
fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let (scheme, text) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(text.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    let decoded = |text: &str| {
        let spaced = text.replace('+', " ");
        percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
    };
    Some((decoded(id), decoded(secret)))
}

/// The answer to a program that is refused.
fn refuse(refused: Refused, by_header: bool) -> Response {
    let (status, code, why) = match refused {
        Refused::Client(why) => (StatusCode::UNAUTHORIZED, "invalid_client", why.to_owned()),
        Refused::Bad(code, why) => (StatusCode::BAD_REQUEST, code, why.to_owned()),
        Refused::Closed => (
            StatusCode::FORBIDDEN,
            "access_denied",
            "programs cannot register here; ask whoever runs this server".into(),
        ),
        Refused::Ours(error) => return ours(error.into()),
    };
    let mut response = (status, NO_STORE, Json(json!({ "error": code, "error_description": why }))).into_response();
    if status == StatusCode::UNAUTHORIZED && by_header {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"oauth\""));
    }
    response
}

/// Too often, or a failure of ours: the status and the headers of any other door, in OAuth's form.
fn ours(error: service::Error) -> Response {
    let error = Error::Service(error);
    let problem = error.problem();
    let mut response = error.into_response();
    let code = if problem.status >= 500 { "server_error" } else { "temporarily_unavailable" };
    let told = Json(json!({ "error": code, "error_description": problem.detail })).into_response();
    let (parts, body) = told.into_parts();
    *response.body_mut() = body;
    response.headers_mut().remove(header::CONTENT_LENGTH);
    if let Some(kind) = parts.headers.get(header::CONTENT_TYPE) {
        response.headers_mut().insert(header::CONTENT_TYPE, kind.clone());
    }
    response
}
