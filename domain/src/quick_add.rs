//! Quick add: what a typed line means. One grammar for the add box, the chat, REST, the command line and MCP.
//!
//! A text is cut into [`lines`], a line into [`items`] (words, markers, literal text); the [`reader`] finds phrases among
//! them ([`moment`]: dates and times, [`every`] and [`clause`]: repetitions), [`resolve`] decides which of them count, and
//! [`title`] is what is left. All words are in [`lexicon`].
//!
//! Deliberately absent: guessing. A word is a date only where the grammar says so, everything taken out of the title is
//! listed as a [`Chip`], and a backslash or quotes turn any of it back into text. Languages other than English are absent too.
//!
//! Pure: the clock, the zone and the locale come in with [`Context`], and the same input always gives the same result.

mod calendar;
mod clause;
mod clock;
mod date;
mod days;
mod every;
mod items;
mod length;
mod lexicon;
mod lines;
mod moment;
mod month_day;
mod reader;
mod resolve;
mod settle;
mod title;

use crate::{
    date::Due,
    id::{TaskId, UserId},
    priority::Priority,
    repeat::Repeat,
    task::{ProjectRef, Task},
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

    /// What the clock shows in another zone at `now`, for "9am Europe/Paris". `None` when the zone is unknown.
    fn now_in(&self, _now: DateTime, _zone: &str) -> Option<DateTime> {
        None
    }
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

impl Draft {
    /// The task as it can be shown before it is stored. What only storing gives is empty: its place, its instants, its
    /// parent and its version.
    pub fn preview(&self, id: TaskId, user_id: UserId, project: Option<ProjectRef>) -> Task {
        Task {
            id,
            user_id,
            title: self.title.to_string(),
            description: self.description.clone(),
            completed: self.completed,
            completed_at: None,
            start: self.start.clone(),
            due: self.due.clone(),
            deadline: self.deadline.clone(),
            repeat: self.repeat.clone(),
            priority: self.priority.unwrap_or_default(),
            labels: self.labels.iter().map(ToString::to_string).collect(),
            project,
            parent_id: None,
            position: String::new(),
            created_at: String::new(),
            updated_at: String::new(),
            deleted_at: None,
            version: 0,
        }
    }
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

impl Chip {
    fn new(text: &str, kind: &str, start: usize, end: usize, value: String) -> Self {
        // A text beyond 4 GB never gets here: the callers bound it far below.
        let offset = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self { kind: kind.to_owned(), text: text[start..end].to_owned(), start: offset(start), end: offset(end), value }
    }
}

/// Reads a text of one or many lines.
///
/// The first line that cannot become a task makes the whole text one that cannot; nothing is ever half read.
pub fn parse(text: &str, context: &Context<'_>) -> Result<Parsed, BadLine> {
    let lines = lines::lines(text)?;
    if lines.is_empty() {
        return Err(BadLine { line: 0, code: "empty", message: "must not be empty".into() });
    }
    let mut parsed = Parsed { drafts: Vec::with_capacity(lines.len()), chips: Vec::new() };
    for line in &lines {
        let read = resolve::read(text, line, context);
        parsed.drafts.push(read.draft?);
        parsed.chips.extend(read.chips);
    }
    Ok(parsed)
}

/// What is understood so far of a text that is still being typed, and may not be a task yet ("tomorrow").
///
/// Putting a backslash at a chip's start dismisses it: the text stays literal.
pub fn chips(text: &str, context: &Context<'_>) -> Vec<Chip> {
    lines::lines(text).map_or_else(
        |_| Vec::new(),
        |lines| lines.iter().flat_map(|line| resolve::read(text, line, context).chips).collect(),
    )
}
