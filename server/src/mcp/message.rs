//! A JSON-RPC message before the protocol reads it, and errors that have its form.

use axum::{
    body::to_bytes,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use rmcp::model::ErrorCode;
use serde_json::{Value, json};

/// Deepest nesting that is read. The deepest arguments of ours have five levels.
const DEPTH: usize = 32;
/// Longest error text of the layer below.
const ERROR_MAX: usize = 64 * 1024;

/// The message's id, when it is one message that can be read; otherwise what is wrong with it.
pub fn check(body: &[u8]) -> Result<Option<Value>, (ErrorCode, &'static str)> {
    if depth(body) > DEPTH {
        return Err((ErrorCode::INVALID_REQUEST, "the message is nested too deeply: at most 32 levels are read"));
    }
    let message: Value = serde_json::from_slice(body).map_err(|_| (ErrorCode::PARSE_ERROR, "the body is not JSON"))?;
    let Value::Object(message) = message else {
        return Err((
            ErrorCode::INVALID_REQUEST,
            "send one message at a time, as a JSON object; batches are not taken",
        ));
    };
    if message.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
        return Err((ErrorCode::INVALID_REQUEST, "the message needs \"jsonrpc\": \"2.0\""));
    }
    if !message.contains_key("method") && !message.contains_key("result") && !message.contains_key("error") {
        return Err((ErrorCode::INVALID_REQUEST, "the message needs a method"));
    }
    match message.get("id") {
        Some(id) if !id.is_string() && !id.is_i64() && !id.is_u64() => {
            Err((ErrorCode::INVALID_REQUEST, "the id of a message is a text or a whole number"))
        }
        id => Ok(id.cloned()),
    }
}

/// How deep brackets nest, without reading what they hold.
fn depth(body: &[u8]) -> usize {
    let (mut now, mut most, mut text, mut escaped) = (0_usize, 0, false, false);
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if text => escaped = true,
            b'"' => text = !text,
            b'{' | b'[' if !text => {
                now += 1;
                most = most.max(now);
            }
            b'}' | b']' if !text => now = now.saturating_sub(1),
            _ => {}
        }
    }
    most
}

/// An error of the protocol with an HTTP status.
pub fn refuse(status: StatusCode, id: Option<Value>, code: ErrorCode, why: &str) -> Response {
    let body = json!({"jsonrpc": "2.0", "id": id, "error": {"code": code.0, "message": why}});
    let mut response = (status, body.to_string()).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// Gives an error that is only text the form clients read. What cannot be read is their mistake in form (400) and not a
/// kind of content we do not know (415).
pub async fn tidy(response: Response, id: Option<Value>) -> Response {
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE);
    let json = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if json || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let (_, body) = response.into_parts();
    let text = to_bytes(body, ERROR_MAX).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    if status.is_server_error() {
        tracing::error!(error = %text, "an MCP request failed");
        return refuse(status, id, ErrorCode::INTERNAL_ERROR, "Something went wrong on our side.");
    }
    if text.starts_with("fail to deserialize") {
        return refuse(
            StatusCode::BAD_REQUEST,
            id,
            ErrorCode::INVALID_REQUEST,
            "this is not a message of the protocol",
        );
    }
    refuse(status, id, ErrorCode::INVALID_REQUEST, text.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_brackets_outside_of_texts() {
        assert_eq!(depth(br#"{"a": [[1], {"b": "[[[["}]}"#), 3);
        assert_eq!(depth(br#"{"a": "\"[[[["}"#), 1);
        assert_eq!(depth(&[b'['; 100_000]), 100_000);
        assert_eq!(depth(b"]]]]["), 1);
    }

    #[test]
    fn what_is_no_single_message_is_named() {
        let code = |body: &[u8]| check(body).map_err(|(code, _)| code.0);
        assert_eq!(code(br#"{"jsonrpc": "2.0", "id": 7, "method": "ping"}"#), Ok(Some(json!(7))));
        assert_eq!(code(br#"{"jsonrpc": "2.0", "method": "notifications/initialized"}"#), Ok(None));
        assert_eq!(code(b"{"), Err(-32700));
        assert_eq!(code(b""), Err(-32700));
        for bad in [
            &b"[]"[..],
            b"[{}]",
            b"7",
            br#"{"method": "ping"}"#,
            br#"{"jsonrpc": "2.0"}"#,
            br#"{"jsonrpc": "2.0", "id": {}, "method": "ping"}"#,
        ] {
            assert_eq!(code(bad), Err(-32600));
        }
        assert_eq!(code(&[b'['; 40]), Err(-32600));
    }
}
