//! Projects: named lists, nested one level deep.

use crate::{id::ProjectId, text::Name};
use serde::{Deserialize, Serialize};

/// The wire form of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Project {
    /// Counted per user.
    pub id: ProjectId,
    /// One line, 1 to 100 characters, unique per user without regard to case.
    pub name: String,
    /// One of [`COLOURS`].
    pub colour: String,
    /// The project it is in; projects nest one level.
    pub parent_id: Option<ProjectId>,
    /// Its place among the projects: compare as bytes.
    pub position: String,
    /// Archived projects are hidden with their tasks.
    pub archived: bool,
    /// RFC 3339 UTC.
    pub created_at: String,
    /// RFC 3339 UTC.
    pub updated_at: String,
    /// When it was deleted, RFC 3339 UTC.
    pub deleted_at: Option<String>,
    /// Grows with every change.
    pub version: i64,
}

/// The colours projects and labels can have, by name; the page gives each a light and a dark value.
pub const COLOURS: [&str; 10] =
    ["grey", "red", "orange", "yellow", "green", "teal", "blue", "indigo", "purple", "pink"];

/// What should change about a project, or what a new one should be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProjectPatch {
    /// See [`Project::name`]; needed for a new one.
    pub name: Option<Name>,
    /// See [`Project::colour`].
    pub colour: Option<String>,
    /// See [`Project::parent_id`].
    pub parent: Option<Option<ProjectId>>,
    /// See [`Project::archived`].
    pub archived: Option<bool>,
}
