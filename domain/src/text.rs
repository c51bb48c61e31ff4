//! Checked pieces of text: what may be stored as a title, a note or a name.
//!
//! Lengths are counted in Unicode scalar values ("characters"). Letters of every script, emoji and right-to-left text
//! are welcome; control characters are not, since they break terminals, CSV files and PostgreSQL (NUL).

use serde::{Deserialize, Serialize};
use std::fmt;

/// Most characters in a task's title.
pub const TITLE_MAX: usize = 500;
/// Most characters in a task's description.
pub const DESCRIPTION_MAX: usize = 20_000;
/// Most characters in the name of a project, a label or a filter.
pub const NAME_MAX: usize = 100;
/// Most characters in one chat message.
pub const MESSAGE_MAX: usize = 20_000;

/// Why a text cannot be stored. `Display` is a sentence fragment that follows the field's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadText {
    /// Nothing is left after trimming.
    Empty,
    /// More than `max` characters.
    TooLong {
        /// The limit, in characters.
        max: usize,
        /// What was sent, in characters.
        got: usize,
    },
    /// A control character other than tab and line break.
    Control(char),
}

impl BadText {
    /// The stable code of a field error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong { .. } => "too_long",
            Self::Control(_) => "control_character",
        }
    }
}

impl fmt::Display for BadText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("must not be empty"),
            Self::TooLong { max, got } => {
                write!(f, "must be at most {max} characters, and this has {got}")
            }
            Self::Control(c) => write!(f, "must not hold control characters, and this has U+{:04X}", u32::from(*c)),
        }
    }
}

impl std::error::Error for BadText {}

/// Checks a single-line text: line breaks and tabs become blanks, the ends are trimmed.
pub fn line(text: &str, max: usize) -> Result<String, BadText> {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}' => out.push(' '),
            c if c.is_control() => return Err(BadText::Control(c)),
            c => out.push(c),
        }
    }
    let out = out.trim();
    if out.is_empty() {
        return Err(BadText::Empty);
    }
    within(out, max)?;
    Ok(out.to_owned())
}

/// Checks a text of many lines: line ends become `\n`; it may be empty.
pub fn block(text: &str, max: usize) -> Result<String, BadText> {
    let out = text.replace("\r\n", "\n").replace('\r', "\n");
    if let Some(c) = out.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        return Err(BadText::Control(c));
    }
    within(&out, max)?;
    Ok(out)
}

fn within(text: &str, max: usize) -> Result<(), BadText> {
    // Bytes bound characters from above, so most texts need no count.
    if text.len() <= max {
        return Ok(());
    }
    let got = text.chars().count();
    if got > max { Err(BadText::TooLong { max, got }) } else { Ok(()) }
}

/// A task's title: one line, 1 to 500 characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Title(String);

impl Title {
    /// Checks and trims.
    pub fn parse(text: &str) -> Result<Self, BadText> {
        line(text, TITLE_MAX).map(Self)
    }

    /// The title as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Title {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Title {
    type Error = BadText;
    fn try_from(text: String) -> Result<Self, BadText> {
        Self::parse(&text)
    }
}

impl From<Title> for String {
    fn from(title: Title) -> Self {
        title.0
    }
}

/// The name of a project, a label or a filter: one line, 1 to 100 characters. Compared without regard to case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

impl Name {
    /// Checks and trims.
    pub fn parse(text: &str) -> Result<Self, BadText> {
        line(text, NAME_MAX).map(Self)
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What two equal names share: lower case by Unicode's simple rules.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Name {
    type Error = BadText;
    fn try_from(text: String) -> Result<Self, BadText> {
        Self::parse(&text)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_have_one_line_and_a_limit() {
        assert_eq!(Title::parse("  a\tb\nc ").map(String::from), Ok("a b c".into()));
        assert_eq!(Title::parse(" \n "), Err(BadText::Empty));
        assert_eq!(Title::parse("a\u{0}"), Err(BadText::Control('\u{0}')));
        assert!(Title::parse(&"é".repeat(500)).is_ok());
        assert_eq!(Title::parse(&"é".repeat(501)), Err(BadText::TooLong { max: 500, got: 501 }));
        assert!(Title::parse("شراء الحليب 🥛").is_ok());
    }
}
