//! A language model as the loop sees it: what was said and the tools go in, pieces of an answer come out.
//!
//! Nothing here is in any provider's shape; [`super::providers`] turns it into one and back.

use crate::{external, tools::Tool};
use futures::stream::BoxStream;
use serde_json::Value;
use std::{borrow::Cow, fmt, sync::Arc, time::Duration};

/// What a model is asked.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// What never changes, so that providers can keep it at hand.
    pub rules: String,
    /// What changes from turn to turn: the date, the zone.
    pub context: String,
    /// The conversation, oldest first.
    pub said: Vec<Said>,
    /// What it may call.
    pub tools: Arc<[Offered]>,
    /// It is to answer in words now, without a call.
    pub words_only: bool,
}

/// A tool as a model is told of it. A turn holds these as long as it lasts, so ours are borrowed.
#[derive(Clone, Debug, PartialEq)]
pub struct Offered {
    /// What to call it by.
    pub name: Cow<'static, str>,
    /// What it does.
    pub description: Cow<'static, str>,
    /// The JSON Schema of its arguments.
    pub schema: Cow<'static, Value>,
}

impl From<&'static Tool> for Offered {
    fn from(tool: &'static Tool) -> Self {
        Self {
            name: Cow::Borrowed(tool.name),
            description: Cow::Borrowed(tool.description),
            schema: Cow::Borrowed(tool.kept_schema()),
        }
    }
}

impl From<&external::Tool> for Offered {
    fn from(tool: &external::Tool) -> Self {
        Self {
            name: Cow::Owned(tool.name.clone()),
            description: Cow::Owned(tool.description.clone()),
            schema: Cow::Owned(tool.schema.clone()),
        }
    }
}

/// Something in a conversation.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// The person's words.
    User(String),
    /// The assistant's, in the order they came.
    Assistant(Vec<Part>),
    /// What became of a call.
    Result {
        /// The call.
        id: String,
        /// The tool's name.
        name: String,
        /// For the model to read.
        content: String,
        /// Whether it went wrong.
        failed: bool,
    },
}

/// A part of what the assistant said; the calls of an answer that is still heard are of another type.
#[derive(Clone, Debug, PartialEq)]
pub enum Part<C = Call> {
    /// Words.
    Text(String),
    /// A tool call.
    Call(C),
    /// Something only its provider understands and wants back unchanged, such as its reasoning.
    Opaque(Value),
}

/// A tool call.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Ties the result to it.
    pub id: String,
    /// The tool's name.
    pub name: String,
    /// An object.
    pub arguments: Value,
    /// What its provider wants back with the call, such as a signature.
    pub extra: Option<Value>,
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
        /// What has to be sent back with the call.
        extra: Option<Value>,
    },
    /// See [`Part::Opaque`].
    Opaque(Value),
    /// How many tokens it took so far.
    Usage {
        /// Read.
        input: i64,
        /// Written.
        output: i64,
    },
    /// The answer is whole. A stream that ends without this was cut.
    End(Ending),
}

/// Why an answer ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ending {
    /// All is said, or the calls are made.
    #[default]
    Done,
    /// No more tokens were allowed.
    Length,
    /// The provider's rules forbid to say more.
    Filtered,
}

/// What a failure means for who asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// May pass: another try can help.
    Passing,
    /// Stays: another try is the same.
    Lasting,
    /// The key or its rights; the operator's business.
    Key,
    /// More than the model can read at once.
    TooLong,
    /// The provider's rules forbid it.
    Policy,
}

/// Why a model did not answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// For the person: a sentence without secrets. It may hold the provider's words, and so the person's: never for a log.
    pub detail: String,
    /// The HTTP status, when there was one.
    pub status: Option<u16>,
    /// What it means.
    pub cause: Cause,
    /// How long the provider wants to be left alone.
    pub wait: Option<Duration>,
}

impl Failure {
    /// A failure that may pass, without a status.
    pub fn passing(detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), status: None, cause: Cause::Passing, wait: None }
    }

    /// A failure that stays, without a status.
    pub fn lasting(detail: impl Into<String>) -> Self {
        Self { cause: Cause::Lasting, ..Self::passing(detail) }
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

    /// Most tokens of earlier messages it is sent.
    fn context(&self) -> u64;

    /// Asks. Dropping the stream ends the answer at the provider too.
    fn answer(&self, request: Request) -> BoxStream<'static, Result<Piece, Failure>>;
}
