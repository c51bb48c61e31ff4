//! Conversations with the assistant. A turn itself is a stream and lives in [`crate::state::chat`].

use super::{encode, get, json, write};
use domain::{
    chat::{Conversation, Feedback, Transcript},
    id::{ConversationId, MessageId},
    problem::Problem,
};

/// The history, newest first.
pub async fn conversations(search: &str) -> Result<Vec<Conversation>, Problem> {
    let query = if search.is_empty() { String::new() } else { format!("?search={}", encode(search)) };
    get(format!("/api/me/conversations{query}")).await.map(|a| a.value)
}

/// One conversation.
pub async fn conversation(id: ConversationId) -> Result<Transcript, Problem> {
    get(format!("/api/me/conversations/{id}")).await.map(|a| a.value)
}

async fn change(method: &'static str, path: String, body: Option<String>) -> Result<(), Problem> {
    write::<serde::de::IgnoredAny>(method, format!("/api/me/conversations/{path}"), body).await.map(|_| ())
}

/// Gives a conversation another title.
pub async fn rename_conversation(id: ConversationId, title: &str) -> Result<(), Problem> {
    change("PATCH", id.to_string(), json(title).map(|title| format!("{{\"title\":{title}}}"))).await
}

/// Moves a conversation to the top of the history, or back among the others.
pub async fn pin_conversation(id: ConversationId, pinned: bool) -> Result<(), Problem> {
    change("PATCH", id.to_string(), Some(format!("{{\"pinned\":{pinned}}}"))).await
}

/// Takes a conversation out of the history.
pub async fn delete_conversation(id: ConversationId) -> Result<(), Problem> {
    change("DELETE", id.to_string(), None).await
}

/// Stops the answer that is being written.
pub async fn stop(id: ConversationId) -> Result<(), Problem> {
    change("POST", format!("{id}/stop"), None).await
}

/// Keeps what the person thinks of an answer.
pub async fn rate(
    id: ConversationId,
    message: MessageId,
    value: Option<Feedback>,
    note: Option<String>,
) -> Result<(), Problem> {
    let body = json(&value).zip(json(&note)).map(|(value, note)| format!("{{\"value\":{value},\"note\":{note}}}"));
    change("PUT", format!("{id}/messages/{message}/feedback"), body).await
}

/// Shows another version of a message, and answers what is shown then.
pub async fn show_version(id: ConversationId, message: MessageId) -> Result<Transcript, Problem> {
    let body = Some(format!("{{\"message_id\":{message}}}"));
    write("PUT", format!("/api/me/conversations/{id}/leaf"), body).await.map(|a| a.value)
}

/// Where a conversation can be had as a file.
pub fn export_address(id: ConversationId, format: &str) -> String {
    format!("/api/me/conversations/{id}/export?format={format}")
}
