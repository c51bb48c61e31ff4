//! Conversations with the assistant. A turn itself is a stream and lives in [`crate::state::chat`].

use super::{encode, get, json, write};
use domain::{
    chat::{Conversation, Transcript},
    id::ConversationId,
    problem::Problem,
};
use serde::Serialize;

/// The history, newest first.
pub async fn conversations(search: &str) -> Result<Vec<Conversation>, Problem> {
    let query = if search.is_empty() { String::new() } else { format!("?search={}", encode(search)) };
    get(format!("/api/me/conversations{query}")).await.map(|a| a.value)
}

/// One conversation.
pub async fn conversation(id: ConversationId) -> Result<Transcript, Problem> {
    get(format!("/api/me/conversations/{id}")).await.map(|a| a.value)
}

/// Gives a conversation another title.
pub async fn rename_conversation(id: ConversationId, title: &str) -> Result<(), Problem> {
    #[derive(Serialize)]
    struct Body<'a> {
        title: &'a str,
    }
    write::<serde::de::IgnoredAny>("PATCH", format!("/api/me/conversations/{id}"), json(&Body { title }))
        .await
        .map(|_| ())
}

/// Takes a conversation out of the history.
pub async fn delete_conversation(id: ConversationId) -> Result<(), Problem> {
    write::<serde::de::IgnoredAny>("DELETE", format!("/api/me/conversations/{id}"), None).await.map(|_| ())
}
