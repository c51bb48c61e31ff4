//! OpenAI's Responses, without state at the provider: everything is sent each time, its reasoning included.

use super::{Manner, arguments, errors, system};
use crate::{
    agent::model::{Ending, Failure, Part, Piece, Request, Said},
    config::Model,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The body of a request.
pub fn body(model: &Model, manner: Manner, request: &Request) -> Value {
    let mut input = Vec::new();
    for said in &request.said {
        match said {
            Said::User(text) => input.push(json!({"role": "user", "content": text})),
            Said::Assistant(parts) => input.extend(parts.iter().map(item)),
            Said::Result { id, content, .. } => {
                input.push(json!({"type": "function_call_output", "call_id": id, "output": content}));
            }
        }
    }
    let mut body =
        json!({"model": model.name, "instructions": system(request), "input": input, "stream": true, "store": false});
    if !manner.no_reasoning {
        body["include"] = json!(["reasoning.encrypted_content"]);
    }
    if !request.tools.is_empty() {
        let tools = request.tools.iter().map(|tool| {
            json!({"type": "function", "name": tool.name, "description": tool.description, "parameters": tool.schema, "strict": false})
        });
        body["tools"] = tools.collect();
        if request.words_only {
            body["tool_choice"] = json!("none");
        }
    }
    if let Some(most) = model.max_output {
        body["max_output_tokens"] = json!(most);
    }
    if let Some(effort) = model.effort.as_ref().filter(|_| !manner.no_effort) {
        body["reasoning"] = json!({"effort": effort});
    }
    body
}

fn item(part: &Part) -> Value {
    match part {
        Part::Text(text) => json!({"role": "assistant", "content": text}),
        Part::Opaque(item) => item.clone(),
        Part::Call(call) => {
            let mut item = json!({"type": "function_call", "call_id": call.id, "name": call.name, "arguments": call.arguments.to_string()});
            // Reasoning is tied to the item that follows it by that item's own id.
            if let Some(id) = call.extra.as_ref().and_then(|extra| extra.get("id")) {
                item["id"] = id.clone();
            }
            item
        }
    }
}

/// What has been seen of one answer so far.
#[derive(Debug, Default)]
pub struct Reader {
    /// By their place in the output: whether something of the item has been passed on.
    items: BTreeMap<u64, bool>,
    ending: Option<Ending>,
}

impl super::Reader for Reader {
    fn read(&mut self, event: &Value) -> Result<Vec<Piece>, Failure> {
        let place = event["output_index"].as_u64().unwrap_or(0);
        let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
        let mut out = Vec::new();
        match event["type"].as_str().unwrap_or_default() {
            "response.output_text.delta" | "response.refusal.delta" => {
                self.items.insert(place, true);
                out.push(Piece::Text(text("delta")));
            }
            "response.output_item.added" if event["item"]["type"] == "function_call" => {
                self.items.insert(place, false);
                out.push(head(place, &event["item"]));
            }
            "response.function_call_arguments.delta" => {
                let more = text("delta");
                if !more.is_empty() {
                    self.items.insert(place, true);
                    out.push(more_of(place, more));
                }
            }
            "response.function_call_arguments.done" if self.items.get(&place) == Some(&false) => {
                self.items.insert(place, true);
                out.push(more_of(place, arguments(&event["arguments"])));
            }
            "response.output_item.done" => out.extend(self.item(place, &event["item"])),
            "response.completed" | "response.incomplete" => self.end_of(&event["response"], &mut out),
            "response.failed" => return Err(errors::failure(&event["response"], None)),
            "error" => return Err(errors::failure(event, None)),
            // Without a type: an error, or a whole answer where a stream was asked for.
            "" if event.get("error").is_some_and(|error| !error.is_null()) => return Err(errors::failure(event, None)),
            "" if event["output"].is_array() => self.end_of(event, &mut out),
            _ => {}
        }
        out.retain(|piece| !matches!(piece, Piece::Text(text) if text.is_empty()));
        Ok(out)
    }

    fn end(&mut self, _done: bool) -> Vec<Piece> {
        self.ending.map(Piece::End).into_iter().collect()
    }
}

impl Reader {
    /// An item that is whole: what has not come in parts comes now.
    fn item(&mut self, place: u64, item: &Value) -> Vec<Piece> {
        let told = self.items.insert(place, true);
        match item["type"].as_str().unwrap_or_default() {
            "reasoning" if told.is_none() => vec![Piece::Opaque(item.clone())],
            "function_call" if told != Some(true) => {
                let head = told.is_none().then(|| head(place, item));
                head.into_iter().chain([more_of(place, arguments(&item["arguments"]))]).collect()
            }
            "message" if told.is_none() => {
                let parts = item["content"].as_array().into_iter().flatten();
                let text: String =
                    parts.filter_map(|part| part["text"].as_str().or_else(|| part["refusal"].as_str())).collect();
                vec![Piece::Text(text)]
            }
            _ => vec![],
        }
    }

    fn end_of(&mut self, response: &Value, out: &mut Vec<Piece>) {
        for (place, item) in (0..).zip(response["output"].as_array().into_iter().flatten()) {
            if self.items.get(&place) != Some(&true) {
                out.extend(self.item(place, item));
            }
        }
        let count = |name: &str| response["usage"][name].as_i64().unwrap_or(0);
        if response["usage"].is_object() {
            out.push(Piece::Usage { input: count("input_tokens"), output: count("output_tokens") });
        }
        let reason = response["incomplete_details"]["reason"].as_str();
        self.ending = Some(match (response["status"].as_str(), reason) {
            (Some("incomplete"), Some("content_filter")) => Ending::Filtered,
            (Some("incomplete"), _) => Ending::Length,
            _ => Ending::Done,
        });
    }
}

fn index(place: u64) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}

fn head(place: u64, item: &Value) -> Piece {
    let some = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let extra = some(&item["id"]).map(|id| json!({"id": id}));
    Piece::Call {
        index: index(place),
        id: some(&item["call_id"]),
        name: some(&item["name"]),
        arguments: String::new(),
        extra,
    }
}

fn more_of(place: u64, arguments: String) -> Piece {
    Piece::Call { index: index(place), id: None, name: None, arguments, extra: None }
}
