//! The loop around a language model: ask, carry out the calls it makes, tell it the results, until it answers in words.
//!
//! Calls are carried out one after another in the order they were made, each answered before the model is asked again.
//! Nothing a model sends can end the loop badly: unknown tools and broken arguments are told to it as results, the number
//! of rounds and calls is limited, and the last round has no tools.

use super::{
    Events,
    hands::{Choice, Hands},
    model::{ChatModel, Failure, Piece, Request},
    prompt,
};
use futures::StreamExt as _;
use serde_json::{Value, json};
use std::time::Duration;

/// How often a model may be asked in one turn.
const ROUNDS: usize = 8;
/// Most calls in one round.
const CALLS: usize = 16;
/// Most text of one answer, in bytes.
const TEXT_MAX: usize = 60_000;
/// The whole turn.
const DEADLINE: Duration = Duration::from_secs(300);

/// How a turn went.
#[derive(Debug, Default)]
pub struct Told {
    /// The answer's text.
    pub text: String,
    /// Tokens read and written.
    pub tokens: (i64, i64),
    /// Why it ended before its end.
    pub failure: Option<Failure>,
}

/// A call as its pieces arrive.
#[derive(Debug, Default)]
struct Made {
    id: Option<String>,
    name: String,
    arguments: String,
    extra: Option<Value>,
}

/// Answers with a model. Failures are part of the answer: what was said and done until then stands.
pub async fn answer(model: &dyn ChatModel, mut messages: Vec<Value>, hands: &mut Hands<'_>, events: &Events) -> Told {
    let mut told = Told::default();
    let work = rounds(model, &mut messages, hands, events, &mut told);
    if tokio::time::timeout(DEADLINE, work).await.is_err() {
        told.failure = Some(Failure::new("the model took too long"));
    }
    told
}

async fn rounds(
    model: &dyn ChatModel,
    messages: &mut Vec<Value>,
    hands: &mut Hands<'_>,
    events: &Events,
    told: &mut Told,
) {
    let mut strikes = 0;
    for round in 0..ROUNDS {
        let last = round + 1 == ROUNDS || strikes > 2;
        let tools = if last { vec![] } else { prompt::tools(hands.services()) };
        let mut text = String::new();
        let made = match listen(model, Request { messages: messages.clone(), tools }, events, &mut text, told).await {
            Ok(made) => made,
            Err(failure) => {
                told.failure = Some(failure);
                return;
            }
        };
        if made.is_empty() || last {
            if text.is_empty() && told.text.is_empty() {
                told.failure = Some(Failure::new("the model gave an empty answer"));
            }
            return;
        }
        strikes += usize::from(act(made, &text, messages, hands).await);
        if !told.text.is_empty() && !told.text.ends_with('\n') {
            told.text.push_str("\n\n");
            events.delta("\n\n");
        }
    }
}

/// Streams one answer: its text goes out as it comes, its calls are put together.
async fn listen(
    model: &dyn ChatModel,
    request: Request,
    events: &Events,
    text: &mut String,
    told: &mut Told,
) -> Result<Vec<Made>, Failure> {
    let mut made: Vec<Made> = Vec::new();
    let mut pieces = model.answer(request);
    let mut whole = false;
    while let Some(piece) = pieces.next().await {
        match piece? {
            Piece::Text(more) => {
                if told.text.len() + more.len() > TEXT_MAX {
                    return Err(Failure::new("the model’s answer is too long"));
                }
                text.push_str(&more);
                told.text.push_str(&more);
                events.delta(more);
            }
            Piece::Call { index, id, name, arguments, extra } => {
                if index >= CALLS {
                    continue;
                }
                while made.len() <= index {
                    made.push(Made::default());
                }
                let call = &mut made[index];
                call.id = call.id.take().or(id);
                call.extra = call.extra.take().or(extra);
                if let Some(name) = name.filter(|_| call.name.is_empty()) {
                    call.name = name;
                }
                call.arguments.push_str(&arguments);
            }
            Piece::Usage { input, output } => {
                told.tokens.0 += input;
                told.tokens.1 += output;
            }
            Piece::End => whole = true,
        }
    }
    if !whole {
        return Err(Failure::new("the model’s answer broke off"));
    }
    made.retain(|c| !c.name.is_empty());
    Ok(made)
}

/// Carries out the calls of one round and adds them with their results to the messages. True when one was unusable.
async fn act(made: Vec<Made>, text: &str, messages: &mut Vec<Value>, hands: &mut Hands<'_>) -> bool {
    let mut calls = Vec::new();
    let mut results = Vec::new();
    let mut bad = false;
    let parsed: Vec<(Made, Result<Value, String>)> = made
        .into_iter()
        .map(|call| {
            let text = if call.arguments.trim().is_empty() { "{}" } else { call.arguments.as_str() };
            let arguments = serde_json::from_str(text).map_err(|e| format!("the arguments are not JSON: {e}"));
            (call, arguments)
        })
        .collect();
    for (call, arguments) in &parsed {
        if let Ok(arguments) = arguments {
            hands.expect(&call.name, arguments).await;
        }
    }
    for (i, (call, arguments)) in parsed.into_iter().enumerate() {
        let known = hands.services().tools().find(&call.name).is_some();
        let id = call
            .id
            .clone()
            .filter(|id| calls.iter().all(|c: &Value| c["id"] != *id))
            .unwrap_or_else(|| format!("call_{}_{i}", messages.len()));
        match arguments {
            Ok(arguments) if known => {
                let done = hands.call(&call.name, arguments, Choice::Model).await;
                calls.push(prompt::call(&done, &id, call.extra.as_ref()));
                results.push(prompt::result(&done, &id));
            }
            other => {
                bad = true;
                let why = match other {
                    Ok(_) => {
                        format!("there is no tool of that name: the tools are {}", hands.services().tools().names())
                    }
                    Err(why) => why,
                };
                let mut sent =
                    json!({"id": id, "type": "function", "function": {"name": call.name, "arguments": "{}"}});
                if let Some(extra) = call.extra {
                    sent["extra_content"] = extra;
                }
                calls.push(sent);
                results.push(json!({"role": "tool", "tool_call_id": id, "content": json!({"error": why}).to_string()}));
            }
        }
    }
    let content = if text.is_empty() { Value::Null } else { json!(text) };
    messages.push(json!({"role": "assistant", "content": content, "tool_calls": calls}));
    messages.extend(results);
    bad
}
