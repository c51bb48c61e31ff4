//! Errors on the wire: RFC 9457 problem details with our extensions.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The body of every error answer of the API, `application/problem+json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// Always `about:blank`: the code says more than an address could.
    #[serde(rename = "type", default = "blank")]
    pub kind: String,
    /// The status's own phrase.
    #[serde(default)]
    pub title: String,
    /// The HTTP status.
    #[serde(default)]
    pub status: u16,
    /// A sentence a person can act on.
    #[serde(default)]
    pub detail: String,
    /// Stable and for programs: `not_found`, `validation_failed`, `version_conflict`, …
    #[serde(default)]
    pub code: String,
    /// One entry for each field that was wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Finds the request in the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

fn blank() -> String {
    "about:blank".into()
}

/// What was wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// The field's name on the wire, such as `title` or `tasks[2].due`.
    pub field: String,
    /// Stable and for programs: `empty`, `too_long`, `invalid`, `unknown`, …
    pub code: String,
    /// What was wrong and what is allowed.
    pub message: String,
}

impl FieldError {
    /// Puts one together.
    pub fn new(field: impl Into<String>, code: &str, message: impl Into<String>) -> Self {
        Self { field: field.into(), code: code.into(), message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.detail.is_empty() { &self.title } else { &self.detail })
    }
}

impl std::error::Error for Problem {}
