//! The loop around a language model: ask, carry out the calls it makes, tell it the results, until it answers in words.
//!
//! Calls that only look are carried out side by side, changes one after another in the order they were made; each is
//! answered before the model is asked again. Nothing a model sends can end the loop badly: unknown tools, broken arguments
//! and calls made over and over are told to it as results, rounds and calls are counted, and the last round has no tools.
//! A call that waits for the person ends the turn.

use super::{
    Events,
    hands::{Choice, Hands},
    listen::{Listener, Made},
    model::{Call, Cause, ChatModel, Ending, Failure, Part, Request, Said},
    prompt,
};
use crate::tools;
use domain::chat::ToolStatus;
use futures::future::BoxFuture;
use serde_json::{Value, json};
use std::{collections::HashMap, time::Duration};

/// How often a model may be asked in one turn.
const ROUNDS: usize = 8;
/// Most calls in one round.
const CALLS: usize = 16;
/// Most calls in one turn.
const CALLS_TURN: usize = 48;
/// How often the very same call may be made in one turn.
const REPEATS: usize = 2;
/// Rounds with unusable calls after which the tools are taken away.
const STRIKES: usize = 2;
/// The whole turn.
const DEADLINE: Duration = Duration::from_secs(600);
/// Said in the last round.
const ENOUGH: &str = "You have used up your tool calls for this answer. Say in words what is done and what is not.";

/// How a turn went.
#[derive(Debug, Default)]
pub struct Told {
    /// The answer's text.
    pub text: String,
    /// Tokens read and written.
    pub tokens: (i64, i64),
    /// Whether it ended because a call waits for the person.
    pub waits: bool,
    /// Why it ended before its end.
    pub failure: Option<Failure>,
}

/// Answers with a model. Failures are part of the answer: what was said and done until then stands.
pub fn answer<'a>(
    model: &'a dyn ChatModel,
    mut request: Request,
    hands: &'a mut Hands<'_>,
    events: &'a Events,
) -> BoxFuture<'a, Told> {
    // The turns that hold it are large enough without it.
    Box::pin(async move {
        let mut told = Told::default();
        let work = rounds(model, &mut request, hands, events, &mut told);
        if tokio::time::timeout(DEADLINE, work).await.is_err() {
            told.failure = Some(Failure::lasting("the model took too long"));
        }
        told
    })
}

async fn rounds(model: &dyn ChatModel, request: &mut Request, hands: &mut Hands<'_>, events: &Events, told: &mut Told) {
    let (mut strikes, mut made_before) = (0, HashMap::new());
    let mut listener = Listener::new(model, events);
    for round in 1..=ROUNDS {
        let calls: usize = made_before.values().sum();
        request.words_only = round == ROUNDS || strikes >= STRIKES || calls >= CALLS_TURN;
        if request.words_only {
            request.context = format!("{}\n\n{ENOUGH}", request.context);
        }
        let heard = match listener.listen(request, told).await {
            Ok(heard) => heard,
            Err(failure) => {
                told.failure = Some(failure);
                return;
            }
        };
        if !heard.calls() || request.words_only {
            finish(heard.ending, events, told);
            return;
        }
        let acted = act(heard.parts, round, &mut made_before, request, hands).await;
        if acted.waits {
            told.waits = true;
            return;
        }
        strikes += usize::from(acted.bad);
        if !told.text.is_empty() && !told.text.ends_with('\n') {
            told.text.push_str("\n\n");
            events.delta("\n\n");
        }
    }
}

/// Says why an answer ended where it did, when that is not because all was said.
fn finish(ending: Ending, events: &Events, told: &mut Told) {
    let said = match ending {
        Ending::Done if told.text.trim().is_empty() => {
            told.failure = Some(Failure::passing("the model gave an empty answer"));
            return;
        }
        Ending::Done => return,
        Ending::Length => "*The answer ends here because it reached the model’s limit. Ask to go on, or for less.*",
        Ending::Filtered if told.text.trim().is_empty() => {
            "The model’s provider does not answer this for reasons of its content rules."
        }
        Ending::Filtered => "*The answer ends here for reasons of the provider’s content rules.*",
    };
    let said = if told.text.trim().is_empty() { said.to_owned() } else { format!("\n\n{said}") };
    told.text.push_str(&said);
    events.delta(said);
}

/// What a refusal by the provider's rules is told as; it is an answer and no failure.
pub fn refusal(failure: &Failure) -> Option<String> {
    (failure.cause == Cause::Policy).then(|| {
        "The model’s provider does not answer this for reasons of its content rules. Other words may help.".to_owned()
    })
}

/// How a round of calls went.
#[derive(Default)]
struct Acted {
    /// One was unusable.
    bad: bool,
    /// One waits for the person.
    waits: bool,
}

/// A call that is understood, or why it is not.
type Read = Result<(String, Value), String>;

/// Carries out the calls of one round and adds them with their results to the conversation.
async fn act(
    parts: Vec<Part<Made>>,
    round: usize,
    before: &mut HashMap<String, usize>,
    request: &mut Request,
    hands: &mut Hands<'_>,
) -> Acted {
    let mut acted = Acted::default();
    let (mut said, mut ids, mut reads): (Vec<Part>, Vec<String>, Vec<(String, Read)>) = (vec![], vec![], vec![]);
    let mut fingerprints = Vec::new();
    for part in parts {
        let made = match part {
            Part::Text(text) => {
                said.push(Part::Text(text));
                continue;
            }
            Part::Opaque(item) => {
                said.push(Part::Opaque(item));
                continue;
            }
            Part::Call(made) => made,
        };
        let id = made
            .id
            .clone()
            .filter(|id| fits(id) && !ids.contains(id) && !answered(&request.said, id))
            .unwrap_or_else(|| format!("call_{round}_{}", ids.len()));
        let mut read = if ids.len() < CALLS {
            read(&made, hands)
        } else {
            Err(format!("not carried out: at most {CALLS} calls at once"))
        };
        let arguments = read.as_ref().map_or_else(|_| json!({}), |(_, arguments)| arguments.clone());
        let fingerprint = format!("{} {arguments}", made.name);
        if read.is_ok() && before.get(&fingerprint).is_some_and(|times| *times >= REPEATS) {
            read = Err("not carried out: you have made this very call before, and its result is above".into());
        }
        fingerprints.push(fingerprint);
        said.push(Part::Call(Call { id: id.clone(), name: made.name.clone(), arguments, extra: made.extra }));
        ids.push(id);
        reads.push((made.name, read));
    }
    for fingerprint in fingerprints {
        *before.entry(fingerprint).or_default() += 1;
    }
    for (_, read) in &reads {
        if let Ok((tool, arguments)) = read {
            hands.expect(tool, arguments).await;
        }
    }
    request.said.push(Said::Assistant(said));
    let mut calls = ids.into_iter().zip(reads).peekable();
    while let Some((id, (name, read))) = calls.next() {
        let (tool, arguments) = match read {
            Ok(read) => read,
            Err(why) => {
                acted.bad = true;
                request.said.push(Said::Result { id, name, content: json!({"error": why}).to_string(), failed: true });
                continue;
            }
        };
        if !looks(&tool) {
            let done = hands.call(&tool, arguments, Choice::Model).await;
            acted.waits |= done.status == ToolStatus::Pending;
            request.said.push(prompt::result(&done, id));
            continue;
        }
        // Neighbours that only look, too, need not wait for each other.
        let (mut group, mut names) = (vec![(tool, arguments)], vec![id]);
        while let Some((id, (_, Ok(read)))) =
            calls.next_if(|(_, (_, read))| read.as_ref().is_ok_and(|(tool, _)| looks(tool)))
        {
            group.push(read);
            names.push(id);
        }
        let done = hands.look(group).await;
        request.said.extend(names.into_iter().zip(&done).map(|(id, done)| prompt::result(done, id)));
    }
    acted
}

fn looks(tool: &str) -> bool {
    tools::find(tool).is_some_and(tools::Tool::read_only)
}

/// Whether a call of that name was answered before.
fn answered(said: &[Said], name: &str) -> bool {
    said.iter().any(|one| matches!(one, Said::Result { id, .. } if id == name))
}

/// Whether every provider takes this for a call's name.
fn fits(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// The tool and its arguments, or what is wrong with the call.
fn read(made: &Made, hands: &Hands<'_>) -> Read {
    let Some(tool) = hands.find(&made.name) else {
        return Err(format!("there is no tool of that name: the tools are {}", hands.names()));
    };
    let name = tool.name().to_owned();
    let text = made.arguments.trim();
    let parsed = if text.is_empty() { Ok(json!({})) } else { serde_json::from_str(text) };
    let parsed = match parsed {
        // Some pack the object into a text once more.
        Ok(Value::String(inner)) => serde_json::from_str(&inner),
        other => other,
    };
    match parsed {
        Ok(Value::Null) => Ok((name, json!({}))),
        Ok(arguments @ Value::Object(_)) => Ok((name, arguments)),
        Ok(_) => Err("the arguments are not a JSON object".into()),
        Err(error) => Err(format!("the arguments are not JSON: {error}")),
    }
}
