//! Language models over the wire: three protocols, one transport.
//!
//! [`chat`], [`responses`] and [`messages`] are pure: a body is made from a [`Request`], and a stream's events are read
//! into pieces. [`transport`] sends, [`provider`] decides which protocol to speak and tries again.

pub mod chat;
pub mod errors;
pub mod messages;
pub mod provider;
pub mod responses;
mod thinking;
pub mod transport;

use super::model::{Failure, Piece, Request};
use crate::config::Model;
use serde_json::{Value, json};

/// A protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// OpenAI's Chat Completions.
    Chat,
    /// OpenAI's Responses.
    Responses,
    /// Anthropic's Messages.
    Messages,
}

/// How a provider wants to be asked, as far as it has told by refusing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manner {
    /// The protocol.
    pub wire: Wire,
    /// The limit of an answer goes by its older name (Chat).
    pub older_limit: bool,
    /// It reports no use in streams (Chat).
    pub no_usage: bool,
    /// Its model has no reasoning to give back (Responses).
    pub no_reasoning: bool,
    /// Thinking goes by a budget of tokens (Messages).
    pub thinking_budget: bool,
    /// An effort is not known at all.
    pub no_effort: bool,
}

impl Manner {
    /// Nothing told yet.
    pub fn new(wire: Wire) -> Self {
        Self {
            wire,
            older_limit: false,
            no_usage: false,
            no_reasoning: false,
            thinking_budget: false,
            no_effort: false,
        }
    }
}

/// Reads the events of one answer.
pub trait Reader: Send {
    /// The pieces in an event.
    fn read(&mut self, event: &Value) -> Result<Vec<Piece>, Failure>;

    /// The pieces that are left at the stream's end; `done` says whether the stream said that it was whole. Empty when
    /// it was cut.
    fn end(&mut self, done: bool) -> Vec<Piece>;
}

impl Wire {
    /// Where it is spoken, below the provider's address.
    pub fn path(self) -> &'static str {
        match self {
            Self::Chat => "/chat/completions",
            Self::Responses => "/responses",
            Self::Messages => "/messages",
        }
    }

    /// A reader for one answer.
    pub fn reader(self) -> Box<dyn Reader> {
        match self {
            Self::Chat => Box::new(chat::Reader::default()),
            Self::Responses => Box::new(responses::Reader::default()),
            Self::Messages => Box::new(messages::Reader::default()),
        }
    }
}

/// The body of a request, with what the operator lays over it.
pub fn body(model: &Model, manner: Manner, request: &Request) -> Value {
    let mut body = match manner.wire {
        Wire::Chat => chat::body(model, manner, request),
        Wire::Responses => responses::body(model, manner, request),
        Wire::Messages => messages::body(model, manner, request),
    };
    if let Some(fields) = body.as_object_mut() {
        for (name, value) in &model.extra_body {
            if value.is_null() {
                fields.shift_remove(name);
            } else {
                fields.insert(name.clone(), value.clone());
            }
        }
    }
    body
}

/// The rules and the context as one text.
fn system(request: &Request) -> String {
    [request.rules.as_str(), request.context.as_str()]
        .into_iter()
        .filter(|t| !t.is_empty())
        .collect::<Vec<_>>()
        .join("\n\n")
}

/// Arguments as the text of a JSON object, whatever the provider sent.
fn arguments(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// A tool's schema for Gemini, which takes a part of OpenAPI's dialect and refuses the rest.
fn plain_schema(schema: &Value) -> Value {
    let Some(map) = schema.as_object() else { return schema.clone() };
    let mut out = serde_json::Map::new();
    for (name, value) in map {
        match (name.as_str(), value) {
            (
                "$schema"
                | "$id"
                | "$ref"
                | "$defs"
                | "definitions"
                | "additionalProperties"
                | "default"
                | "examples"
                | "title",
                _,
            ) => {}
            ("type", Value::Array(types)) => {
                let named = types.iter().find(|t| *t != "null").cloned();
                out.insert("type".into(), named.unwrap_or_else(|| json!("string")));
                if types.iter().any(|t| t == "null") {
                    out.insert("nullable".into(), json!(true));
                }
            }
            // The only format it takes for a text is that of a list of words.
            ("format", format)
                if !matches!(format.as_str(), Some("enum" | "date-time" | "int32" | "int64" | "float" | "double")) => {}
            ("properties", Value::Object(properties)) => {
                let plain = properties.iter().map(|(name, schema)| (name.clone(), plain_schema(schema))).collect();
                out.insert("properties".into(), Value::Object(plain));
            }
            ("items", items) => {
                out.insert("items".into(), plain_schema(items));
            }
            ("anyOf" | "oneOf" | "allOf", Value::Array(list)) => {
                out.insert("anyOf".into(), list.iter().map(plain_schema).collect());
            }
            _ => {
                out.insert(name.clone(), value.clone());
            }
        }
    }
    Value::Object(out)
}

#[cfg(test)]
mod tests;
