//! Chunks of a Chat Completions stream, read leniently: providers leave out `index` and `id`, send arguments as objects,
//! content as lists of parts, and errors in the middle.

use super::model::{Failure, Piece};
use serde_json::Value;

/// What has been seen of one answer so far.
#[derive(Debug, Default)]
pub struct Reader {
    ids: Vec<Option<String>>,
    finished: bool,
}

impl Reader {
    /// Whether the provider said that the answer is whole.
    pub fn finished(&self) -> bool {
        self.finished
    }

    /// The pieces in a chunk.
    pub fn read(&mut self, chunk: &Value) -> Result<Vec<Piece>, Failure> {
        let chunk = chunk.as_array().and_then(|list| list.first()).unwrap_or(chunk);
        if let Some(error) = chunk.get("error").filter(|e| !e.is_null()) {
            return Err(failure(error, None));
        }
        let mut out = Vec::new();
        if let Some(usage) = chunk.get("usage").filter(|u| u.is_object()) {
            let count = |name: &str| usage[name].as_i64().unwrap_or(0);
            out.push(Piece::Usage { input: count("prompt_tokens"), output: count("completion_tokens") });
        }
        let Some(choice) = chunk["choices"].as_array().and_then(|c| c.first()) else { return Ok(out) };
        // A whole answer instead of a stream has a message where a chunk has a delta.
        let delta = choice.get("delta").or_else(|| choice.get("message")).unwrap_or(&Value::Null);
        let text = text(&delta["content"]).or_else(|| text(&delta["refusal"])).unwrap_or_default();
        if !text.is_empty() {
            out.push(Piece::Text(text));
        }
        for call in delta["tool_calls"].as_array().into_iter().flatten() {
            out.push(self.call(call));
        }
        if choice["finish_reason"].as_str().is_some_and(|r| !r.is_empty()) {
            self.finished = true;
        }
        Ok(out)
    }

    fn call(&mut self, call: &Value) -> Piece {
        let id = call["id"].as_str().filter(|i| !i.is_empty()).map(str::to_owned);
        let name = call["function"]["name"].as_str().filter(|n| !n.is_empty()).map(str::to_owned);
        let index = match call["index"].as_u64().and_then(|i| usize::try_from(i).ok()).filter(|i| *i < 64) {
            Some(index) => index,
            // Without an index: a known id goes on, a name begins a new call, anything else belongs to the last one.
            None => match self.ids.iter().position(|known| id.is_some() && *known == id) {
                Some(known) => known,
                None if name.is_some() => self.ids.len(),
                None => self.ids.len().saturating_sub(1),
            },
        };
        while self.ids.len() <= index {
            self.ids.push(None);
        }
        if id.is_some() {
            self.ids[index].clone_from(&id);
        }
        let arguments = match &call["function"]["arguments"] {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            object => object.to_string(),
        };
        Piece::Call { index, id, name, arguments, extra: call.get("extra_content").cloned() }
    }
}

fn text(content: &Value) -> Option<String> {
    match content {
        Value::String(text) => Some(text.clone()),
        Value::Array(parts) => Some(parts.iter().filter_map(|p| p["text"].as_str().or_else(|| p.as_str())).collect()),
        _ => None,
    }
}

/// The failure an error object stands for. The provider's words are kept short; they may quote the request.
pub fn failure(error: &Value, status: Option<u16>) -> Failure {
    let error = error.as_array().and_then(|l| l.first()).unwrap_or(error);
    let error = error.get("error").unwrap_or(error);
    let message = error["message"].as_str().or_else(|| error.as_str()).unwrap_or("no reason given");
    let message: String = message.chars().filter(|c| !c.is_control()).take(200).collect();
    let status = status.or_else(|| error["code"].as_u64().and_then(|c| u16::try_from(c).ok()));
    let detail = match status {
        Some(401 | 403) => "the model’s provider refused the key".to_owned(),
        Some(404) => format!("the model’s provider does not know the model or the address: {message}"),
        Some(429) => "the model’s provider is limiting us at the moment".to_owned(),
        Some(status) => format!("the model’s provider answered {status}: {message}"),
        None => format!("the model’s provider failed: {message}"),
    };
    Failure { detail, status }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(chunks: &[Value]) -> (Vec<Piece>, bool) {
        let mut reader = Reader::default();
        let pieces = chunks.iter().flat_map(|c| reader.read(c).expect("no error")).collect();
        (pieces, reader.finished())
    }

    #[test]
    fn calls_without_an_index_are_told_apart() {
        let call = |id: &str, name: &str| json!({"choices": [{"delta": {"tool_calls": [{"id": id, "function": {"name": name, "arguments": {"task_id": 1}}}]}}]});
        let (pieces, _) = read(&[call("", "complete_task"), call("", "delete_task")]);
        let indexes: Vec<usize> =
            pieces.iter().filter_map(|p| if let Piece::Call { index, .. } = p { Some(*index) } else { None }).collect();
        assert_eq!(indexes, [0, 1]);
        assert!(matches!(&pieces[0], Piece::Call { arguments, .. } if arguments == "{\"task_id\":1}"));
    }

    #[test]
    fn odd_chunks_do_no_harm() {
        let (pieces, finished) = read(&[
            json!({"choices": [], "prompt_filter_results": []}),
            json!({"type": "ping"}),
            json!({"choices": [{"delta": {"role": "assistant", "content": null}, "finish_reason": ""}]}),
            json!({"choices": [{"delta": {"content": [{"type": "text", "text": "Hi"}]}}]}),
            json!({"choices": [{"delta": {}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 3, "completion_tokens": 1}}),
        ]);
        assert_eq!(pieces, [Piece::Text("Hi".into()), Piece::Usage { input: 3, output: 1 }]);
        assert!(finished);
    }

    #[test]
    fn errors_in_the_middle_are_failures() {
        let mut reader = Reader::default();
        let failure = reader.read(&json!([{"error": {"code": 429, "message": "slow down"}}])).expect_err("an error");
        assert_eq!(failure.status, Some(429));
    }
}
