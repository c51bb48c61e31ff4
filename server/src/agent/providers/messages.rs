//! Anthropic's Messages: roles take turns, the results of one round stand first in ONE message of the person, and thinking
//! goes back as it came.

use super::{Manner, arguments, errors};
use crate::{
    agent::model::{Ending, Failure, Part, Piece, Request, Said},
    config::Model,
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// A limit has to be given.
const OUTPUT: u32 = 8_192;

/// The body of a request.
pub fn body(model: &Model, manner: Manner, request: &Request) -> Value {
    let mut messages = turns(&request.said);
    let mut most = model.max_output.unwrap_or(OUTPUT);
    // Two of the four marks there may be: what never changes, and the conversation up to here.
    let mut system = vec![json!({"type": "text", "text": request.rules, "cache_control": {"type": "ephemeral"}})];
    if !request.context.is_empty() {
        system.push(json!({"type": "text", "text": request.context}));
    }
    if let Some(block) = messages.last_mut().and_then(|m| m["content"].as_array_mut()).and_then(|list| list.last_mut())
    {
        block["cache_control"] = json!({"type": "ephemeral"});
    }
    let mut body = json!({"model": model.name, "system": system, "messages": messages, "stream": true});
    if !request.tools.is_empty() {
        let tools = request
            .tools
            .iter()
            .map(|tool| json!({"name": tool.name, "description": tool.description, "input_schema": tool.schema}));
        body["tools"] = tools.collect();
        // Without the tools, earlier calls of theirs would be refused.
        if request.words_only {
            body["tool_choice"] = json!({"type": "none"});
        }
    }
    if let Some(effort) = model.effort.as_deref().filter(|effort| *effort != "none" && !manner.no_effort)
        && may_think(&request.said)
    {
        if manner.thinking_budget {
            let budget = match effort {
                "minimal" | "low" => 1_024,
                "medium" => 4_096,
                _ => 16_384,
            };
            most = most.max(budget + 1_024);
            body["thinking"] = json!({"type": "enabled", "budget_tokens": budget});
        } else {
            let effort = if effort == "minimal" { "low" } else { effort };
            body["thinking"] = json!({"type": "adaptive"});
            body["output_config"] = json!({"effort": effort});
        }
    }
    body["max_tokens"] = json!(most);
    body
}

/// Calls that wait for their results must have been thought about, or thinking is refused: those of an older turn have
/// lost their thoughts.
fn may_think(said: &[Said]) -> bool {
    let since = said.iter().rposition(|one| matches!(one, Said::User(_))).map_or(0, |at| at + 1);
    said.iter().skip(since).all(|one| match one {
        Said::Assistant(parts) => {
            !parts.iter().any(|part| matches!(part, Part::Call(_))) || matches!(parts.first(), Some(Part::Opaque(_)))
        }
        _ => true,
    })
}

/// Messages with roles in turns, the person's first.
fn turns(said: &[Said]) -> Vec<Value> {
    let mut turns: Vec<(&'static str, Vec<Value>)> = Vec::new();
    for one in said {
        let (role, blocks) = match one {
            Said::User(text) => ("user", vec![json!({"type": "text", "text": text})]),
            Said::Assistant(parts) => ("assistant", parts.iter().filter_map(block).collect()),
            Said::Result { id, content, failed, .. } => {
                let mut block = json!({"type": "tool_result", "tool_use_id": id, "content": content});
                if *failed {
                    block["is_error"] = json!(true);
                }
                ("user", vec![block])
            }
        };
        match turns.last_mut() {
            Some((last, list)) if *last == role => list.extend(blocks),
            None if role == "assistant" => {}
            _ => turns.push((role, blocks)),
        }
    }
    turns.retain(|(_, blocks)| !blocks.is_empty());
    turns.into_iter().map(|(role, content)| json!({"role": role, "content": content})).collect()
}

fn block(part: &Part) -> Option<Value> {
    match part {
        // An empty or blank text is refused.
        Part::Text(text) if text.trim().is_empty() => None,
        Part::Text(text) => Some(json!({"type": "text", "text": text.trim_end()})),
        Part::Opaque(block) => Some(block.clone()),
        Part::Call(call) => {
            let input = if call.arguments.is_object() { call.arguments.clone() } else { json!({}) };
            Some(json!({"type": "tool_use", "id": call.id, "name": call.name, "input": input}))
        }
    }
}

/// What has been seen of one answer so far.
#[derive(Debug, Default)]
pub struct Reader {
    blocks: BTreeMap<u64, Block>,
    input: i64,
    ending: Option<Ending>,
    stopped: bool,
}

#[derive(Debug)]
enum Block {
    Text,
    /// With what stood in its head; used when no parts follow.
    Call {
        whole: Value,
        parts: bool,
    },
    /// Put together and passed on at its end.
    Opaque(Map<String, Value>),
}

impl super::Reader for Reader {
    fn read(&mut self, event: &Value) -> Result<Vec<Piece>, Failure> {
        let place = event["index"].as_u64().unwrap_or(0);
        let mut out = Vec::new();
        match event["type"].as_str().unwrap_or_default() {
            "message_start" => self.usage(&event["message"]["usage"], &mut out),
            "content_block_start" => out.extend(self.start(place, &event["content_block"])),
            "content_block_delta" => out.extend(self.delta(place, &event["delta"])),
            "content_block_stop" => out.extend(self.stop(place)),
            "message_delta" => {
                match event["delta"]["stop_reason"].as_str() {
                    None => {}
                    Some("max_tokens" | "model_context_window_exceeded") => self.ending = Some(Ending::Length),
                    Some("refusal") => self.ending = Some(Ending::Filtered),
                    Some(_) => self.ending = Some(Ending::Done),
                }
                self.usage(&event["usage"], &mut out);
            }
            "message_stop" => self.stopped = true,
            "error" => return Err(errors::failure(event, None)),
            // A whole message where a stream was asked for.
            "message" => {
                for (place, block) in (0..).zip(event["content"].as_array().into_iter().flatten()) {
                    out.extend(self.start(place, block));
                    out.extend(self.stop(place));
                }
                self.usage(&event["usage"], &mut out);
                (self.ending, self.stopped) = (Some(Ending::Done), true);
            }
            "" if event.get("error").is_some_and(|error| !error.is_null()) => return Err(errors::failure(event, None)),
            _ => {}
        }
        Ok(out)
    }

    fn end(&mut self, _done: bool) -> Vec<Piece> {
        let ending = self.stopped.then(|| self.ending.unwrap_or_default());
        ending.map(Piece::End).into_iter().collect()
    }
}

impl Reader {
    fn usage(&mut self, usage: &Value, out: &mut Vec<Piece>) {
        let count = |name: &str| usage[name].as_i64().unwrap_or(0);
        let read = count("input_tokens") + count("cache_read_input_tokens") + count("cache_creation_input_tokens");
        self.input = self.input.max(read);
        if usage.is_object() {
            out.push(Piece::Usage { input: self.input, output: count("output_tokens") });
        }
    }

    fn start(&mut self, place: u64, block: &Value) -> Option<Piece> {
        let text = |name: &str| block[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        match block["type"].as_str().unwrap_or_default() {
            "text" => {
                self.blocks.insert(place, Block::Text);
                text("text").map(Piece::Text)
            }
            "tool_use" => {
                self.blocks.insert(place, Block::Call { whole: block["input"].clone(), parts: false });
                Some(Piece::Call {
                    index: index(place),
                    id: text("id"),
                    name: text("name"),
                    arguments: String::new(),
                    extra: None,
                })
            }
            _ => {
                self.blocks.insert(place, Block::Opaque(block.as_object().cloned().unwrap_or_default()));
                None
            }
        }
    }

    fn delta(&mut self, place: u64, delta: &Value) -> Option<Piece> {
        let (field, more) = match delta["type"].as_str().unwrap_or_default() {
            "text_delta" => ("text", &delta["text"]),
            "input_json_delta" => ("input", &delta["partial_json"]),
            "thinking_delta" => ("thinking", &delta["thinking"]),
            "signature_delta" => ("signature", &delta["signature"]),
            _ => return None,
        };
        let more = more.as_str().unwrap_or_default();
        match (self.blocks.get_mut(&place), field) {
            (Some(Block::Opaque(block)), "thinking" | "signature") => {
                let so_far = block.get(field).and_then(Value::as_str).unwrap_or_default();
                block.insert(field.to_owned(), json!(format!("{so_far}{more}")));
                None
            }
            (Some(Block::Call { parts, .. }), "input") if !more.is_empty() => {
                *parts = true;
                Some(Piece::Call { index: index(place), id: None, name: None, arguments: more.to_owned(), extra: None })
            }
            (Some(Block::Text) | None, "text") if !more.is_empty() => Some(Piece::Text(more.to_owned())),
            _ => None,
        }
    }

    fn stop(&mut self, place: u64) -> Option<Piece> {
        match self.blocks.remove(&place)? {
            Block::Opaque(block) if block.contains_key("type") => Some(Piece::Opaque(Value::Object(block))),
            Block::Call { whole, parts: false } => Some(Piece::Call {
                index: index(place),
                id: None,
                name: None,
                arguments: arguments(&whole),
                extra: None,
            }),
            _ => None,
        }
    }
}

fn index(place: u64) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}
