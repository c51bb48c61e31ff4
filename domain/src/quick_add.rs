//! Quick add: what a typed line means. One grammar for the add box, the chat, REST, the command line and MCP.
//!
//! Pure: the clock, the zone and the locale come in with [`Context`], and the same input always gives the same result.

use crate::{
    date::Due,
    priority::Priority,
    repeat::Repeat,
    text::{Name, Title},
};
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

/// What a line is read against.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The wall-clock time where the person is.
    pub now: DateTime,
    /// A BCP 47 tag: decides how `3/4` is read (`en-US` month first, otherwise day first) and on which day weeks start.
    pub locale: &'a str,
    /// Whether weeks start on Sunday; Monday otherwise.
    pub week_starts_sunday: bool,
    /// Whether a word is the name of a time zone that exists.
    pub is_zone: fn(&str) -> bool,
    /// Adds elapsed seconds to `now` as the clock on the wall shows it, across clock changes. `None` adds civil time.
    pub elapsed: Option<&'a dyn Elapsed>,
}

/// Knows the person's zone, for `in 3 hours`.
pub trait Elapsed: std::fmt::Debug {
    /// The wall-clock time `seconds` after `now`.
    fn after(&self, now: DateTime, seconds: i64) -> DateTime;
}

/// What one line asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// What is left when everything understood is taken out.
    pub title: Title,
    /// From `//note`.
    pub description: Option<String>,
    /// From `[x]`.
    pub completed: bool,
    /// From `start …`.
    pub start: Option<Due>,
    /// From a date.
    pub due: Option<Due>,
    /// From `{…}`.
    pub deadline: Option<Due>,
    /// From `every …`.
    pub repeat: Option<Repeat>,
    /// From `p1`…; `None` when not said.
    pub priority: Option<Priority>,
    /// From `@label`.
    pub labels: Vec<Name>,
    /// From `#Project`.
    pub project: Option<Name>,
    /// Index of the draft it is indented under.
    pub parent: Option<usize>,
}

/// A piece of the text that was understood. Offsets are bytes into the whole text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Chip {
    /// `due`, `start`, `deadline`, `repeat`, `priority`, `label`, `project`, `note`, `done` or `section`.
    pub kind: String,
    /// The text as typed.
    pub text: String,
    /// Byte offset of its first byte.
    pub start: u32,
    /// Byte offset after its last byte.
    pub end: u32,
    /// What it means, in the wire's form of that field.
    pub value: String,
}

/// Everything a text asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    /// One for each line that is not blank; parents come before their subtasks.
    pub drafts: Vec<Draft>,
    /// What was understood, in the order of the text.
    pub chips: Vec<Chip>,
}

/// Why a text cannot become tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// Counted from 1; 0 when it is the text as a whole.
    pub line: usize,
    /// Stable and for programs: `empty`, `too_long`, `control_character`, `too_many`, `too_deep`.
    pub code: &'static str,
    /// A sentence fragment.
    pub message: String,
}

/// Reads a text of one or many lines.
pub fn parse(text: &str, _context: &Context<'_>) -> Result<Parsed, BadLine> {
    let mut drafts = Vec::new();
    for (i, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
        let title = Title::parse(line).map_err(|e| BadLine { line: i + 1, code: e.code(), message: e.to_string() })?;
        drafts.push(Draft {
            title,
            description: None,
            completed: false,
            start: None,
            due: None,
            deadline: None,
            repeat: None,
            priority: None,
            labels: vec![],
            project: None,
            parent: None,
        });
    }
    Ok(Parsed { drafts, chips: vec![] })
}
