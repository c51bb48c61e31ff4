//! A conversation as a file: Markdown of the branch that is shown, to read, or JSON of every branch, to keep.

use super::conversations::branch;
use crate::{
    actor::Actor,
    service::{Error, Result, Services},
};
use domain::{
    chat::{Message, MessageStatus, Role, ToolCall, ToolStatus},
    id::ConversationId,
};
use serde_json::json;

/// What a file of a conversation looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// To read.
    Markdown,
    /// To keep.
    Json,
}

impl Services {
    /// A conversation as a file.
    pub async fn export_conversation(&self, actor: &Actor, id: ConversationId, format: Format) -> Result<String> {
        let (stored, messages) = self.whole_conversation(actor, id).await?;
        match format {
            Format::Markdown => Ok(markdown(
                &stored.conversation.title,
                &stored.conversation.created_at,
                &branch(messages, stored.leaf),
            )),
            Format::Json => {
                let all = json!({
                    "format": "todo-chatbot-conversation",
                    "version": 1,
                    "conversation": stored.conversation,
                    "shown": stored.leaf,
                    "messages": messages,
                });
                serde_json::to_string_pretty(&all).map_err(|e| Error::Internal(format!("a conversation as JSON: {e}")))
            }
        }
    }
}

fn markdown(title: &str, began: &str, messages: &[Message]) -> String {
    let mut out = format!("# {title}\n\n*{began}*\n");
    for message in messages {
        let who = match message.role {
            Role::User => "You",
            Role::Assistant => "Assistant",
        };
        out.push_str(&format!("\n## {who}\n\n"));
        for call in &message.tool_calls {
            out.push_str(&format!("- {}\n", deed(call)));
        }
        if !message.tool_calls.is_empty() {
            out.push('\n');
        }
        out.push_str(message.content.trim_end());
        out.push('\n');
        let end = match message.status {
            MessageStatus::Done => None,
            MessageStatus::Running => Some("still being written"),
            MessageStatus::Stopped => Some("stopped"),
            MessageStatus::Interrupted => Some("interrupted"),
            MessageStatus::Failed => Some("could not be finished"),
        };
        if let Some(end) = end {
            out.push_str(&format!("\n*({end})*\n"));
        }
    }
    out
}

/// A call in one line.
fn deed(call: &ToolCall) -> String {
    let state = match call.status {
        ToolStatus::Running => "under way",
        ToolStatus::Done => "done",
        ToolStatus::Pending => "waits for approval",
        ToolStatus::Denied => "not done: denied",
        ToolStatus::Failed => "not done: failed",
    };
    format!("`{}` {} – {state}", call.tool, call.arguments)
}
