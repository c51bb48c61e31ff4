//! What makes a task come back.
//!
//! A [`Repeat`] is the wire form; [`Rule`] is the checked RFC 5545 recurrence rule inside it, with the arithmetic.

mod describe;
mod parts;
mod rule;
mod walk;

pub use rule::{BadRule, Rule};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A task's repetition as the wire and the store carry it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Repeat {
    /// An RFC 5545 section 3.3.10 rule without the `RRULE:` prefix, such as `FREQ=WEEKLY;BYDAY=FR`.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "FREQ=WEEKLY;BYDAY=FR"))]
    pub rule: Rule,
    /// Whether the next date counts from the due date or from the day of completion.
    #[serde(default)]
    pub from: RepeatFrom,
    /// Days that are left out.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub except: Vec<Date>,
}

/// Where the next date is counted from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum RepeatFrom {
    /// From the due date (`every`).
    #[default]
    Due,
    /// From the day it was completed (`every!`).
    Completion,
}
