//! Lists that come in pages: the place where the next one starts travels in a `Link` header.

use axum::{
    Json,
    http::{HeaderValue, Uri, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

/// A page of a list. `name` is the parameter that carries the next page's place.
pub fn page<T: Serialize>(items: &[T], uri: &Uri, name: &str, next: Option<String>) -> Response {
    let mut response = Json(items).into_response();
    if let Some(next) = next
        && let Ok(value) = HeaderValue::from_str(&format!("<{}>; rel=\"next\"", with(uri, name, &next)))
    {
        response.headers_mut().insert(header::LINK, value);
    }
    response
}

/// The same address with that parameter.
fn with(uri: &Uri, name: &str, value: &str) -> String {
    let other = |pair: &&str| !pair.is_empty() && pair.split('=').next() != Some(name);
    let mut query: Vec<&str> = uri.query().unwrap_or_default().split('&').filter(other).collect();
    let pair = format!("{name}={value}");
    query.push(&pair);
    format!("{}?{}", uri.path(), query.join("&"))
}
