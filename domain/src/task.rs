//! A task, as everybody sees it, and the two ways to say what one should be.

use crate::{
    date::Due,
    id::{ProjectId, TaskId, UserId},
    priority::Priority,
    repeat::Repeat,
    text::{Name, Title},
};
use serde::{Deserialize, Serialize};

/// Deepest level of subtasks; a task without a parent is level 1.
pub const DEPTH_MAX: usize = 8;
/// Most labels on one task.
pub const LABELS_MAX: usize = 50;
/// Most tasks one call may name (bulk acts, many lines of quick add).
pub const BULK_MAX: usize = 500;

/// The wire form of a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Task {
    /// The number the person sees, counted per user.
    pub id: TaskId,
    /// Whose it is.
    pub user_id: UserId,
    /// One line, 1 to 500 characters.
    pub title: String,
    /// Markdown, up to 20,000 characters.
    pub description: Option<String>,
    /// Whether it is done.
    pub completed: bool,
    /// When it was done, RFC 3339 UTC.
    pub completed_at: Option<String>,
    /// From when it can be worked on.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub start: Option<Due>,
    /// When it is planned for.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "2026-11-21T09:00"))]
    pub due: Option<Due>,
    /// By when it has to be done.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub deadline: Option<Due>,
    /// How it comes back.
    pub repeat: Option<Repeat>,
    /// How much it matters.
    pub priority: Priority,
    /// Names of its labels, in alphabetical order.
    pub labels: Vec<String>,
    /// The project it is in; `null` is the inbox.
    pub project: Option<ProjectRef>,
    /// The task it is a part of.
    pub parent_id: Option<TaskId>,
    /// Its place among its siblings: compare as bytes.
    pub position: String,
    /// RFC 3339 UTC.
    pub created_at: String,
    /// RFC 3339 UTC.
    pub updated_at: String,
    /// When it went to the trash, RFC 3339 UTC.
    pub deleted_at: Option<String>,
    /// Grows with every change; the `ETag` is this number in quotes.
    pub version: i64,
}

/// A project as a task names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProjectRef {
    /// The project's number.
    pub id: ProjectId,
    /// The project's name.
    pub name: String,
}

/// How a caller points at a project: by number, or by name, which is made when it does not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProjectChoice {
    /// An existing project.
    Id(ProjectId),
    /// A project by name, compared without regard to case, made when missing.
    Named(Name),
}

/// Where a moved task goes among its siblings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Before everything else.
    First,
    /// After everything else.
    Last,
    /// Right before that task.
    Before(TaskId),
    /// Right after that task.
    After(TaskId),
}

/// What a new task should be. Every value is already checked.
#[derive(Clone, Debug, PartialEq)]
pub struct NewTask {
    /// See [`Task::title`].
    pub title: Title,
    /// See [`Task::description`].
    pub description: Option<String>,
    /// See [`Task::completed`].
    pub completed: bool,
    /// See [`Task::start`].
    pub start: Option<Due>,
    /// See [`Task::due`].
    pub due: Option<Due>,
    /// See [`Task::deadline`].
    pub deadline: Option<Due>,
    /// See [`Task::repeat`].
    pub repeat: Option<Repeat>,
    /// See [`Task::priority`].
    pub priority: Priority,
    /// Labels by name; missing ones are made.
    pub labels: Vec<Name>,
    /// The project; `None` is the inbox, or the parent's project when there is a parent.
    pub project: Option<ProjectChoice>,
    /// The task it becomes a part of.
    pub parent: Option<ParentChoice>,
}

/// What a new task hangs under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParentChoice {
    /// An existing task.
    Id(TaskId),
    /// An earlier task of the same batch, by its index there.
    Earlier(usize),
}

impl NewTask {
    /// A task with a title and nothing else.
    pub fn titled(title: Title) -> Self {
        Self {
            title,
            description: None,
            completed: false,
            start: None,
            due: None,
            deadline: None,
            repeat: None,
            priority: Priority::None,
            labels: Vec::new(),
            project: None,
            parent: None,
        }
    }
}

/// What should change. `None` leaves a field as it is; `Some(None)` clears it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TaskPatch {
    /// See [`Task::title`].
    pub title: Option<Title>,
    /// See [`Task::description`].
    pub description: Option<Option<String>>,
    /// See [`Task::completed`].
    pub completed: Option<bool>,
    /// See [`Task::start`].
    pub start: Option<Option<Due>>,
    /// See [`Task::due`].
    pub due: Option<Option<Due>>,
    /// See [`Task::deadline`].
    pub deadline: Option<Option<Due>>,
    /// See [`Task::repeat`].
    pub repeat: Option<Option<Repeat>>,
    /// See [`Task::priority`].
    pub priority: Option<Priority>,
    /// The whole new set of labels, by name.
    pub labels: Option<Vec<Name>>,
    /// Labels to add to what is there, by name.
    pub add_labels: Vec<Name>,
    /// Labels to take off, by name.
    pub remove_labels: Vec<Name>,
    /// The project; `Some(None)` moves to the inbox.
    pub project: Option<Option<ProjectChoice>>,
    /// The parent; `Some(None)` makes it a task of its own.
    pub parent: Option<Option<TaskId>>,
    /// Where it goes among its siblings.
    pub place: Option<Place>,
}

impl TaskPatch {
    /// Whether nothing would change.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Which tasks a list holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// Open and completed.
    #[default]
    All,
    /// Not done.
    Open,
    /// Done, newest first.
    Completed,
    /// In the trash, newest first.
    Trash,
}

/// A place in the app that is a list of tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Open, without a project.
    Inbox,
    /// Open and due (or to be done by) today or earlier.
    Today,
    /// Open and due after today, soonest first.
    Upcoming,
    /// Open and due before today.
    Overdue,
}

/// How a list is ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// As the person arranged it.
    #[default]
    Position,
    /// Soonest first; without a date last.
    Due,
    /// Most important first.
    Priority,
    /// Newest first.
    Created,
    /// Alphabetical.
    Title,
}

/// What a caller wants listed. Every set condition must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TaskQuery {
    /// Open, completed, both, or the trash.
    pub status: Status,
    /// A view of the app; it brings its own order.
    pub view: Option<View>,
    /// Only this project.
    pub project: Option<ProjectId>,
    /// Only with all of these labels.
    pub labels: Vec<Name>,
    /// Only with this priority.
    pub priority: Option<Priority>,
    /// Only parts of this task.
    pub parent: Option<TaskId>,
    /// Full text over titles and notes.
    pub search: Option<String>,
    /// Only due on or after this day.
    pub due_from: Option<jiff::civil::Date>,
    /// Only due on or before this day.
    pub due_to: Option<jiff::civil::Date>,
    /// Only with a deadline from the one day to the other.
    pub deadline: (Option<jiff::civil::Date>, Option<jiff::civil::Date>),
    /// Only starting from the one day to the other.
    pub start: (Option<jiff::civil::Date>, Option<jiff::civil::Date>),
    /// The order.
    pub sort: Sort,
    /// Turns the order around.
    pub descending: bool,
    /// At most this many; 1 to 200, and 50 when absent.
    pub limit: Option<u32>,
    /// Where an earlier page ended; opaque.
    pub cursor: Option<String>,
}
