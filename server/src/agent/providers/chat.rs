//! Chat Completions, as OpenAI, Azure, Gemini, Ollama, llama.cpp and many others speak it.
//!
//! Read leniently: providers leave out `index` and `id` or repeat them, send arguments as objects, content as lists of
//! parts, thoughts between tags and errors in the middle.

use super::{Manner, arguments, errors, plain_schema, system, thinking::Thinking};
use crate::{
    agent::model::{Call, Ending, Failure, Part, Piece, Request, Said},
    config::{Model, model::Vendor},
};
use serde_json::{Map, Value, json};

/// What Gemini takes for the signature of a call it has not made itself.
const UNSIGNED: &str = "skip_thought_signature_validator";

/// The body of a request.
pub fn body(model: &Model, manner: Manner, request: &Request) -> Value {
    let mut messages = vec![json!({"role": "system", "content": system(request)})];
    for said in &request.said {
        match said {
            Said::User(text) => messages.push(json!({"role": "user", "content": text})),
            Said::Assistant(parts) => messages.extend(assistant(model.vendor, parts)),
            Said::Result { id, content, .. } => {
                messages.push(json!({"role": "tool", "tool_call_id": id, "content": content}));
            }
        }
    }
    // The library leaves it to us to ask for a stream.
    let mut body = json!({"model": model.name, "messages": messages, "stream": true});
    if !manner.no_usage {
        body["stream_options"] = json!({"include_usage": true});
    }
    if !request.tools.is_empty() && !request.words_only {
        let tools = request.tools.iter().map(|tool| {
            let plain = model.vendor == Vendor::Gemini;
            let schema = if plain { plain_schema(&tool.schema) } else { tool.schema.clone().into_owned() };
            let mut function = json!({"name": tool.name, "description": tool.description});
            // Gemini refuses an object without properties.
            let empty = schema["properties"].as_object().is_none_or(Map::is_empty);
            if !(model.vendor == Vendor::Gemini && empty) {
                function["parameters"] = schema;
            }
            json!({"type": "function", "function": function})
        });
        body["tools"] = tools.collect();
        // llama.cpp makes several calls at once only when it is asked to; elsewhere that is the default.
        if model.vendor == Vendor::Local {
            body["parallel_tool_calls"] = json!(true);
        }
    }
    if let Some(most) = model.max_output {
        let newer = matches!(model.vendor, Vendor::OpenAi | Vendor::Azure | Vendor::AzureDeployment);
        let name = if newer != manner.older_limit { "max_completion_tokens" } else { "max_tokens" };
        body[name] = json!(most);
    }
    if let Some(effort) = model.effort.as_ref().filter(|_| !manner.no_effort) {
        body["reasoning_effort"] = json!(effort);
    }
    body
}

fn assistant(vendor: Vendor, parts: &[Part]) -> Option<Value> {
    let mut text = String::new();
    let mut calls = Vec::new();
    for part in parts {
        match part {
            Part::Text(more) => text.push_str(more),
            Part::Call(call) => calls.push(call_out(vendor, call)),
            Part::Opaque(_) => {}
        }
    }
    if text.is_empty() && calls.is_empty() {
        return None;
    }
    let mut message = json!({"role": "assistant", "content": if text.is_empty() { Value::Null } else { json!(text) }});
    if !calls.is_empty() {
        message["tool_calls"] = json!(calls);
    }
    Some(message)
}

fn call_out(vendor: Vendor, call: &Call) -> Value {
    let mut out = json!({"id": call.id, "type": "function",
        "function": {"name": call.name, "arguments": call.arguments.to_string()}});
    match &call.extra {
        Some(Value::Object(extra)) => {
            for (name, value) in extra {
                out[name] = value.clone();
            }
        }
        _ if vendor == Vendor::Gemini => out["extra_content"] = json!({"google": {"thought_signature": UNSIGNED}}),
        _ => {}
    }
    out
}

/// What has been seen of one answer so far.
#[derive(Debug, Default)]
pub struct Reader {
    calls: Vec<Slot>,
    thinking: Thinking,
    seen: bool,
    ending: Option<Ending>,
}

/// A call under way, as its provider tells it from others.
#[derive(Debug, Default)]
struct Slot {
    index: Option<u64>,
    id: Option<String>,
    arguments: String,
}

impl Slot {
    /// Whether the arguments are all there, so that a further name begins another call.
    fn whole(&self) -> bool {
        self.arguments.trim_end().ends_with('}') && serde_json::from_str::<Map<String, Value>>(&self.arguments).is_ok()
    }
}

impl super::Reader for Reader {
    fn read(&mut self, chunk: &Value) -> Result<Vec<Piece>, Failure> {
        let chunk = chunk.as_array().and_then(|list| list.first()).unwrap_or(chunk);
        if chunk.get("error").is_some_and(|error| !error.is_null()) {
            return Err(errors::failure(chunk, None));
        }
        let mut out = Vec::new();
        if let Some(usage) = chunk.get("usage").filter(|usage| usage.is_object()) {
            let count = |name: &str| usage[name].as_i64().unwrap_or(0);
            out.push(Piece::Usage { input: count("prompt_tokens"), output: count("completion_tokens") });
        }
        let Some(choice) = chunk["choices"].as_array().and_then(|choices| choices.first()) else { return Ok(out) };
        // A whole answer instead of a stream has a message where a chunk has a delta.
        let delta = choice.get("delta").or_else(|| choice.get("message")).unwrap_or(&Value::Null);
        let mut text = text(&delta["content"]);
        text.push_str(delta["refusal"].as_str().unwrap_or_default());
        let shown = self.thinking.pass(&text);
        self.seen |= !text.is_empty();
        if !shown.is_empty() {
            out.push(Piece::Text(shown));
        }
        for call in delta["tool_calls"].as_array().into_iter().flatten() {
            out.push(self.call(call));
            self.seen = true;
        }
        match choice["finish_reason"].as_str().unwrap_or_default() {
            "" => {}
            "error" => return Err(Failure::passing("the model’s provider failed in the middle of the answer")),
            "length" | "max_tokens" => self.ending = Some(Ending::Length),
            "content_filter" | "safety" => self.ending = Some(Ending::Filtered),
            _ => self.ending = Some(Ending::Done),
        }
        Ok(out)
    }

    fn end(&mut self, done: bool) -> Vec<Piece> {
        // Some never give a reason, and only close the stream as agreed.
        let Some(ending) = self.ending.or((done && self.seen).then_some(Ending::Done)) else { return vec![] };
        let rest = self.thinking.end();
        let rest = (!rest.is_empty()).then_some(Piece::Text(rest));
        rest.into_iter().chain([Piece::End(ending)]).collect()
    }
}

impl Reader {
    fn call(&mut self, call: &Value) -> Piece {
        let function = &call["function"];
        let some = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let (index, id, name) = (call["index"].as_u64(), some(&call["id"]), some(&function["name"]));
        let at = self.slot(index, id.as_deref(), name.is_some());
        let more = arguments(&function["arguments"]);
        if let Some(slot) = self.calls.get_mut(at) {
            slot.arguments.push_str(&more);
        }
        const OURS: &[&str] = &["index", "id", "type", "function"];
        let extra: Map<String, Value> = call
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(name, value)| !OURS.contains(&name.as_str()) && !value.is_null())
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let extra = (!extra.is_empty()).then_some(Value::Object(extra));
        Piece::Call { index: at, id, name, arguments: more, extra }
    }

    /// Which call a delta belongs to: the one with its index, else the one with its id, else the last; a name where the
    /// call found is whole or has another id begins a new one.
    fn slot(&mut self, index: Option<u64>, id: Option<&str>, named: bool) -> usize {
        let found = match (index, id) {
            (Some(_), _) => self.calls.iter().rposition(|slot| slot.index == index),
            (None, Some(id)) => self.calls.iter().rposition(|slot| slot.id.as_deref() == Some(id)),
            (None, None) if named => None,
            (None, None) => self.calls.len().checked_sub(1),
        };
        let found = found.filter(|at| {
            self.calls.get(*at).is_some_and(|slot| {
                let other = id.is_some() && slot.id.is_some() && slot.id.as_deref() != id;
                !(named && (other || slot.whole()))
            })
        });
        found.unwrap_or_else(|| {
            self.calls.push(Slot { index, id: id.map(str::to_owned), arguments: String::new() });
            self.calls.len() - 1
        })
    }
}

fn text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            parts.iter().filter_map(|part| part["text"].as_str().or_else(|| part.as_str())).collect()
        }
        _ => String::new(),
    }
}
