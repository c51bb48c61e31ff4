//! RFC 5545 recurrence rules: the part of the standard a to-do list needs, with its arithmetic.
//!
//! A [`Rule`] is checked when it is made and keeps its canonical text, so storing and comparing it is storing and comparing
//! text. The arithmetic works on days: the time of day belongs to the task's date. Deliberately absent: frequencies below a
//! day, `BYHOUR` and the like, and `BYWEEKNO` / `BYYEARDAY`, which nobody types and few programs write; they are refused
//! with a sentence rather than half understood.

use super::{describe, parts::Parts, walk};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A checked rule in its canonical text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Rule {
    text: String,
    parts: Parts,
}

/// Why a text is not a rule we can follow; a sentence fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRule(pub String);

impl fmt::Display for BadRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl std::error::Error for BadRule {}

impl Rule {
    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The first day after `after` on which the rule, counted from `start` (the standard's `DTSTART`), falls. `None` when
    /// it has ended, never falls on any day (30 February), or would pass the year 9999.
    ///
    /// `start` itself is an occurrence only when it fits the rule. Exceptions are left out, and count towards `COUNT`.
    pub fn next_after(&self, start: Date, after: Date, except: &[Date]) -> Option<Date> {
        walk::next(&self.parts, start, Some(after), except)
    }

    /// The first day on which the rule, counted from `start`, falls; `start` itself when it fits.
    pub fn first(&self, start: Date, except: &[Date]) -> Option<Date> {
        walk::next(&self.parts, start, None, except)
    }

    /// The rule after one occurrence has been used up: `COUNT` goes down by one; `None` when that was the last.
    pub fn used_once(&self) -> Option<Self> {
        match self.parts.count {
            None => Some(self.clone()),
            Some(0 | 1) => None,
            Some(n) => Some(Self::from(Parts { count: Some(n - 1), ..self.parts.clone() })),
        }
    }

    /// What it means in English, such as "every 2 weeks on Mon and Fri".
    pub fn describe(&self) -> String {
        describe::sentence(&self.parts)
    }
}

impl From<Parts> for Rule {
    fn from(parts: Parts) -> Self {
        Self { text: parts.to_string(), parts }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Rule {
    type Err = BadRule;
    fn from_str(text: &str) -> Result<Self, BadRule> {
        Parts::parse(text).map(Self::from)
    }
}

impl TryFrom<String> for Rule {
    type Error = BadRule;
    fn try_from(text: String) -> Result<Self, BadRule> {
        text.parse()
    }
}

impl From<Rule> for String {
    fn from(rule: Rule) -> Self {
        rule.text
    }
}
