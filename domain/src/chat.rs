//! The words of the chat's wire: conversations, messages, tool calls and what a stream sends.

use crate::id::{ConversationId, MessageId, Seq};
use serde::{Deserialize, Serialize};

/// A conversation in the history list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Conversation {
    /// Counted per user.
    pub id: ConversationId,
    /// Made from the first message; can be changed.
    pub title: String,
    /// Stands before the others in the list.
    #[serde(default)]
    pub pinned: bool,
    /// RFC 3339 UTC.
    pub created_at: String,
    /// RFC 3339 UTC.
    pub updated_at: String,
}

/// Who said a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The person.
    User,
    /// The assistant.
    Assistant,
}

/// One message of a conversation, with the tool calls made while answering.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Message {
    /// Counted per user.
    pub id: MessageId,
    /// Who said it.
    pub role: Role,
    /// Markdown.
    pub content: String,
    /// What the assistant did, in order.
    pub tool_calls: Vec<ToolCall>,
    /// The message this one follows; null for the first.
    #[serde(default)]
    pub parent_id: Option<MessageId>,
    /// Every version of this place, this one included, oldest first: an answer tried again or a message edited has several.
    #[serde(default)]
    pub versions: Vec<MessageId>,
    /// How far an answer has come; a person's message is done.
    #[serde(default)]
    pub status: MessageStatus,
    /// What the person thinks of an answer.
    #[serde(default)]
    pub feedback: Option<Feedback>,
    /// RFC 3339 UTC.
    pub created_at: String,
}

/// How far an answer has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum MessageStatus {
    /// It is being written.
    Running,
    /// It is whole.
    #[default]
    Done,
    /// The person stopped it; what was said and done until then stands.
    Stopped,
    /// The process that wrote it ended; what was said and done until then stands, and it can be tried again.
    Interrupted,
    /// It could not be finished; it can be tried again.
    Failed,
}

/// What a person thinks of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Feedback {
    /// It helped.
    Up,
    /// It did not.
    Down,
}

/// A conversation with the branch of it that is shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Transcript {
    /// The conversation.
    pub conversation: Conversation,
    /// Oldest first; the last one may still be written (`running`).
    pub messages: Vec<Message>,
    /// The run that writes it, when one does: its events are at `GET …/conversations/{id}/events`.
    #[serde(default)]
    pub run: Option<RunId>,
}

/// Names an answer in the making.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
#[serde(transparent)]
pub struct RunId(pub String);

/// How much of the day's tokens a person has used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Quota {
    /// Tokens read and written since midnight UTC.
    pub used: i64,
    /// At most so many a day.
    pub limit: i64,
}

/// How far a tool call has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum ToolStatus {
    /// It is being carried out.
    Running,
    /// It was carried out.
    Done,
    /// It waits for the person's approval.
    Pending,
    /// The person said no, or the question expired.
    Denied,
    /// It was tried and refused.
    Failed,
}

/// One tool call and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ToolCall {
    /// Names the call inside its conversation; what an approval refers to.
    pub id: String,
    /// The tool's name.
    pub tool: String,
    /// The tool's name again, for older clients.
    pub name: String,
    /// What the tool was asked.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub arguments: serde_json::Value,
    /// How far it has come.
    pub status: ToolStatus,
    /// Whether it was carried out.
    pub success: bool,
    /// What the tool answered; for a pending call `{"summary", "tasks": [Task]}`, the exact rows it would touch.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub result: Option<serde_json::Value>,
    /// The operation to undo, when something changed.
    pub operation: Option<Seq>,
}

/// The body of `POST /api/{user_id}/chat`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChatRequest {
    /// The conversation to go on with; absent starts a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<ConversationId>,
    /// 1 to 20,000 characters.
    pub message: String,
    /// An own message of the conversation that this one replaces: a new branch begins there. Without it the message
    /// follows the newest of the shown branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edits: Option<MessageId>,
}

/// The answer of a chat turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChatReply {
    /// Where to go on.
    pub conversation_id: ConversationId,
    /// Markdown.
    pub response: String,
    /// What was done, in order.
    pub tool_calls: Vec<ToolCall>,
    /// The answer's message.
    #[serde(default)]
    pub message_id: Option<MessageId>,
    /// How it ended.
    #[serde(default)]
    pub status: MessageStatus,
}

/// What the event stream of a chat turn sends; the SSE event's name is the tag, its id `RUN.NUMBER` for `Last-Event-ID`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum ChatEvent {
    /// The turn has begun and the person's message is stored.
    Started {
        /// Where the turn happens.
        conversation_id: ConversationId,
        /// The person's message; none when the turn decides about a call or tries an answer again.
        #[serde(default)]
        user_message_id: Option<MessageId>,
        /// The answer that is written.
        #[serde(default)]
        message_id: Option<MessageId>,
    },
    /// More text of the answer.
    Delta {
        /// To append.
        text: String,
    },
    /// A tool call began, ended or waits; the same `id` replaces what was shown before.
    ToolCall {
        /// Its state now.
        call: ToolCall,
    },
    /// Something the person should know about this turn, such as a fall-back to the built-in assistant.
    Notice {
        /// A sentence.
        text: String,
    },
    /// The turn has ended and is stored.
    Done {
        /// The whole answer.
        reply: ChatReply,
    },
    /// The turn has failed; what was streamed so far is stored.
    Failed {
        /// Why, and what to do.
        problem: crate::problem::Problem,
    },
}

/// The body of `POST /api/{user_id}/conversations/{conversation_id}/approvals/{id}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Approval {
    /// What the person decided.
    pub decision: Decision,
    /// Other arguments to run with instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub arguments: Option<serde_json::Value>,
    /// Why not, for the assistant to read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What the person decided about a pending call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Run it.
    Allow,
    /// Run it, and this tool without asking for the rest of the conversation.
    Always,
    /// Don't.
    Deny,
}
