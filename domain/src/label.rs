//! Labels: names that cut across projects.

use crate::{id::LabelId, text::Name};
use serde::{Deserialize, Serialize};

/// The wire form of a label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Label {
    /// Counted per user.
    pub id: LabelId,
    /// One line, 1 to 100 characters, unique per user without regard to case.
    pub name: String,
    /// One of [`crate::project::COLOURS`].
    pub colour: String,
    /// RFC 3339 UTC.
    pub created_at: String,
    /// RFC 3339 UTC.
    pub updated_at: String,
    /// Grows with every change.
    pub version: i64,
}

/// What should change about a label, or what a new one should be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelPatch {
    /// See [`Label::name`]; needed for a new one.
    pub name: Option<Name>,
    /// See [`Label::colour`].
    pub colour: Option<String>,
}
