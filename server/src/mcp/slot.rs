//! Answers that go around the protocol's layer.
//!
//! `rmcp` takes an answer as a tree of values, once for programs and once as text for models. For a list of tasks that is
//! more work than the list. So at `/mcp` a list is written once, left beside its request, and put into the message that
//! comes back around an empty answer. Everything the protocol says about a message stays `rmcp`'s.

use axum::{
    body::{Body, to_bytes},
    http::header,
    response::Response,
};
use serde_json::{Map, Value};
use std::sync::{Arc, OnceLock};

/// Longest message around an empty answer: an id is the client's, and so as long as a request may be.
const AROUND_MAX: usize = 2 << 20;

/// Where the call of one request leaves its answer, as JSON text. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Slot(Arc<OnceLock<String>>);

impl Slot {
    /// Leaves an answer; there is one per request.
    pub fn leave(&self, answer: String) {
        // A second one would be a mistake of ours, and the first is as good.
        let _ = self.0.set(answer);
    }

    /// Puts what was left into the message.
    pub async fn fill(&self, response: Response) -> Response {
        let Some(answer) = self.0.get() else { return response };
        let (mut parts, body) = response.into_parts();
        let around = to_bytes(body, AROUND_MAX).await.unwrap_or_default();
        // A call that was cancelled has left its answer too, and is told so by an error.
        let filled = serde_json::from_slice(&around).ok().and_then(|message| filled(message, answer));
        parts.headers.remove(header::CONTENT_LENGTH);
        Response::from_parts(parts, filled.map_or_else(|| Body::from(around), Body::from))
    }
}

/// The message with the answer written into the end of its result. `None` when it has no result.
fn filled(mut message: Map<String, Value>, answer: &str) -> Option<Vec<u8>> {
    let mut result = message.shift_remove("result")?;
    let members = result.as_object_mut()?;
    members.shift_remove("content")?;
    members.shift_remove("structuredContent")?;
    if members.is_empty() {
        return None;
    }
    // Last, so that the text ends with its end.
    message.insert("result".into(), result);
    let mut written = Vec::with_capacity(2 * answer.len() + answer.len() / 2);
    serde_json::to_writer(&mut written, &message).ok()?;
    written.truncate(written.strip_suffix(b"}}")?.len());
    written.extend_from_slice(br#","content":[{"type":"text","text":"#);
    serde_json::to_writer(&mut written, answer).ok()?;
    written.extend_from_slice(br#"}],"structuredContent":"#);
    written.extend_from_slice(answer.as_bytes());
    written.extend_from_slice(b"}}");
    Some(written)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    async fn through(slot: &Slot, message: &Value) -> Value {
        let filled = slot.fill(Response::new(Body::from(message.to_string()))).await;
        serde_json::from_slice(&to_bytes(filled.into_body(), AROUND_MAX).await.expect("a body")).expect("JSON")
    }

    #[tokio::test]
    async fn only_a_result_is_filled_and_only_with_what_was_left() {
        let empty = json!({"jsonrpc": "2.0", "id": "structuredContent", "result": {"content": [{"type": "text", "text": "{}"}],
            "structuredContent": {}, "isError": false, "resultType": "complete"}});
        let failed =
            json!({"jsonrpc": "2.0", "id": 7, "error": {"code": -32600, "message": "The request was cancelled."}});
        let slot = Slot::default();
        assert_eq!(through(&slot, &empty).await, empty);
        let answer = json!({"tasks": [{"title": "a \"quoted\" one \u{1f980}\n"}]});
        slot.leave(answer.to_string());
        let filled = through(&slot, &empty).await;
        assert_eq!((&filled["id"], &filled["result"]["resultType"]), (&empty["id"], &json!("complete")));
        assert_eq!(filled["result"]["structuredContent"], answer);
        let text = filled["result"]["content"][0]["text"].as_str().expect("a text");
        assert_eq!(serde_json::from_str::<Value>(text).expect("JSON"), answer);
        assert_eq!(through(&slot, &failed).await, failed);
    }
}
