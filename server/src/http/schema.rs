//! What request bodies may hold, for the OpenAPI document. The reading itself is in [`super::task_input`] and beside each
//! handler, which also take the older apps' names; these are the names to use.

use domain::{priority::Priority, quick_add::Chip, repeat::Repeat, task::Task};
use serde::Serialize;
use utoipa::ToSchema;

/// A task to make, or what should change about one. In a PATCH an absent field stays and null clears.
#[derive(Debug, Serialize, ToSchema)]
pub struct TaskInput {
    /// One line, 1 to 500 characters. Needed in POST and PUT.
    #[schema(example = "Buy milk")]
    pub title: Option<String>,
    /// Markdown, up to 20,000 characters.
    pub description: Option<String>,
    /// Whether it is done.
    pub completed: Option<bool>,
    /// A day, a time or a time in a zone.
    pub start: Option<String>,
    /// A day (`2026-11-21`), a time (`2026-11-21T09:00`) or a time in a zone (`2026-11-21T09:00[Europe/Paris]`).
    #[schema(example = "2026-11-21T09:00")]
    pub due: Option<String>,
    /// A day, a time or a time in a zone.
    pub deadline: Option<String>,
    /// How it comes back.
    pub repeat: Option<Repeat>,
    /// How much it matters.
    pub priority: Option<Priority>,
    /// The whole set of labels, by name; missing ones are made.
    pub labels: Option<Vec<String>>,
    /// Only in PATCH: labels to add.
    pub add_labels: Option<Vec<String>>,
    /// Only in PATCH: labels to take off.
    pub remove_labels: Option<Vec<String>>,
    /// A project's number, or its name, which is made when missing; null is the inbox.
    #[schema(value_type = Option<Object>)]
    pub project: Option<serde_json::Value>,
    /// The task it is a part of.
    pub parent_id: Option<i64>,
    /// Moves it right before that task.
    pub before: Option<i64>,
    /// Moves it right after that task.
    pub after: Option<i64>,
    /// `first` or `last` moves it there; anything else is ignored.
    pub position: Option<String>,
}

/// Many tasks and what to do with them: either `patch` or `action`.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkInput {
    /// At most 500 numbers.
    pub ids: Vec<i64>,
    /// The same change for all.
    pub patch: Option<TaskInput>,
    /// `complete`, `reopen`, `delete` or `restore`.
    pub action: Option<String>,
}

/// Changed tasks.
#[derive(Debug, Serialize, ToSchema)]
pub struct TaskList {
    /// In the order of the request.
    pub tasks: Vec<Task>,
}

/// A text to read by the quick-add grammar.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuickAddInput {
    /// One or many lines, each a task; indentation makes parts.
    #[schema(example = "Call mum tomorrow at 5pm p1 @family #Home")]
    pub text: String,
    /// IANA name; your own zone when absent.
    pub timezone: Option<String>,
    /// BCP 47 tag; your own when absent.
    pub locale: Option<String>,
    /// Civil time in `timezone`; the clock when absent.
    pub now: Option<String>,
    /// Stores nothing and answers with null ids.
    pub dry_run: Option<bool>,
    /// The project of lines that name none.
    pub project_id: Option<i64>,
}

/// What a text means.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuickAddReply {
    /// The tasks.
    pub tasks: Vec<Task>,
    /// The pieces that were understood, by byte offsets into the text.
    pub chips: Vec<Chip>,
}

/// Which operation to take back.
#[derive(Debug, Serialize, ToSchema)]
pub struct UndoInput {
    /// From an `Operation-Seq` header; the last operation when absent.
    pub seq: Option<i64>,
}

/// A project to make, or what should change about one.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProjectInput {
    /// One line, 1 to 100 characters, unique without regard to case. Needed in POST.
    pub name: Option<String>,
    /// grey, red, orange, yellow, green, teal, blue, indigo, purple or pink.
    pub colour: Option<String>,
    /// The project it is in; projects nest one level.
    pub parent_id: Option<i64>,
    /// Hides it with its tasks.
    pub archived: Option<bool>,
}

/// A label to make, or what should change about one.
#[derive(Debug, Serialize, ToSchema)]
pub struct LabelInput {
    /// One line, 1 to 100 characters, unique without regard to case. Needed in POST.
    pub name: Option<String>,
    /// grey, red, orange, yellow, green, teal, blue, indigo, purple or pink.
    pub colour: Option<String>,
}

/// Settings to change; absent ones stay.
#[derive(Debug, Serialize, ToSchema)]
pub struct SettingsInput {
    /// IANA name such as `Europe/Paris`.
    pub time_zone: Option<String>,
    /// `system`, `light` or `dark`.
    pub theme: Option<String>,
    /// BCP 47 tag.
    pub locale: Option<String>,
    /// `monday` or `sunday`.
    pub week_start: Option<String>,
}

/// What a person may do here; absent ones stay.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonInput {
    /// Locks them out, or in.
    pub disabled: Option<bool>,
    /// Makes them an admin, or not.
    pub admin: Option<bool>,
}

/// An API token to make.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenInput {
    /// One line, 1 to 100 characters, unique without regard to case.
    #[schema(example = "My script")]
    pub name: String,
    /// What it may do: `read` looks, `write` changes, `chat` talks to the assistant, `admin` is for admins.
    #[schema(example = json!(["read", "write"]))]
    pub scopes: Vec<String>,
    /// From 1 to 3650; null or absent for no end.
    pub expires_in_days: Option<i64>,
}
