//! `/api/{user_id}/chat` and `/api/{user_id}/conversations`: talking with the assistant ([`turns`]), what it says while it
//! does ([`events`]), and what was said ([`conversations`]).
//!
//! A turn is answered as one JSON object or, for `Accept: text/event-stream`, as events while it happens. A problem before
//! the turn has begun is an ordinary error answer; one after that is the event `failed`. Who loses the stream goes on at
//! `…/conversations/{id}/events` with the id of the last event seen.

pub mod conversations;
pub mod events;
pub mod turns;

use super::{Error, error::Result};
use axum::extract::Path;
use domain::id::{ConversationId, MessageId};

/// The conversation and the message of a path. What is no number names nothing.
fn place(path: &Path<(String, String, String)>) -> Result<(ConversationId, MessageId)> {
    let number = |text: &str| text.parse().ok().filter(|n: &i64| *n > 0).ok_or_else(Error::not_found);
    let (_, conversation, message) = &path.0;
    Ok((ConversationId(number(conversation)?), MessageId(number(message)?)))
}
