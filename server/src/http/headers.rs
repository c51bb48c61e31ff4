//! Headers every answer carries unless its handler has said otherwise, and the cookies some do.

use crate::state::AppState;
use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::Response,
};

/// What stands on everything we send: nothing is sniffed, framed or told to other sites. The page brings its own policy
/// for scripts; what is not a page has no business loading anything.
const ALWAYS: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
];

/// Adds `Set-Cookie` lines; one that cannot stand in a header is left out.
pub fn set_cookies(headers: &mut HeaderMap, lines: impl IntoIterator<Item = String>) {
    for line in lines {
        if let Ok(line) = HeaderValue::try_from(line) {
            headers.append(header::SET_COOKIE, line);
        }
    }
}

/// A year (RFC 6797). Other names of the same domain are not ours to speak for.
const ENCRYPTED_ONLY: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Adds what is missing.
pub async fn complete(State(state): State<AppState>, mut response: Response) -> Response {
    let headers = response.headers_mut();
    if state.services.config().is_encrypted() {
        headers.entry(header::STRICT_TRANSPORT_SECURITY).or_insert(ENCRYPTED_ONLY);
    }
    for (name, value) in ALWAYS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    // What is somebody's own is not for caches, unless a handler knows better (files of the page do).
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
