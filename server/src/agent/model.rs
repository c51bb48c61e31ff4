//! A language model as the loop sees it: messages and tools go in, pieces of an answer come out.

use futures::stream::BoxStream;
use serde_json::Value;
use std::fmt;

/// What a model is asked. Messages and tools are in the shape of Chat Completions, which every provider takes.
#[derive(Clone, Debug)]
pub struct Request {
    /// `{"role", "content", …}` in order, the system message first.
    pub messages: Vec<Value>,
    /// `{"type": "function", "function": {…}}`; none when the model is to answer in words.
    pub tools: Vec<Value>,
}

/// A piece of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// More text.
    Text(String),
    /// A tool call begins, or goes on: arguments come in parts.
    Call {
        /// Which call of this answer.
        index: usize,
        /// The provider's id; with its first part.
        id: Option<String>,
        /// The tool; with its first part.
        name: Option<String>,
        /// More of the arguments' JSON text.
        arguments: String,
        /// Fields of the call that have to be sent back as they came (thought signatures).
        extra: Option<Value>,
    },
    /// How many tokens it took.
    Usage {
        /// Read.
        input: i64,
        /// Written.
        output: i64,
    },
    /// The answer is whole. A stream that ends without this was cut.
    End,
}

/// Why a model did not answer; a sentence without secrets or the person's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// For the person and the log.
    pub detail: String,
    /// The HTTP status, when there was one.
    pub status: Option<u16>,
}

impl Failure {
    /// A failure without a status.
    pub fn new(detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), status: None }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Failure {}

/// Something that answers.
pub trait ChatModel: fmt::Debug + Send + Sync {
    /// Its name, for the log and the run.
    fn name(&self) -> &str;

    /// Asks. Dropping the stream ends the answer at the provider too.
    fn answer(&self, request: Request) -> BoxStream<'static, Result<Piece, Failure>>;
}
