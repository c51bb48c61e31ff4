//! How much a task matters.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Four steps. In the grammar `p1` is high, `p2` medium, `p3` low and `p4` none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// Nothing said.
    #[default]
    None,
    /// `p3`
    Low,
    /// `p2`
    Medium,
    /// `p1`
    High,
}

impl Priority {
    /// Every value, least first; the words are what an error names as allowed.
    pub const ALL: [Self; 4] = [Self::None, Self::Low, Self::Medium, Self::High];
    /// The allowed words, for error messages.
    pub const ALLOWED: &'static str = "none, low, medium or high";

    /// The wire's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// 0 for none to 3 for high: what the store keeps and sorts by.
    pub fn rank(self) -> i64 {
        self as i64
    }

    /// The inverse of [`Priority::rank`].
    pub fn from_rank(rank: i64) -> Option<Self> {
        Self::ALL.get(usize::try_from(rank).ok()?).copied()
    }

    /// The grammar's number: 1 for high to 4 for none.
    pub fn number(self) -> i64 {
        4 - self.rank()
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is none of the allowed words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownPriority;

impl FromStr for Priority {
    type Err = UnknownPriority;

    /// Reads the wire's words in any case, the grammar's `p1`–`p4`, and the older apps' `normal` and `urgent`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text.trim().to_lowercase().as_str() {
            "none" | "p4" => Self::None,
            "low" | "p3" => Self::Low,
            "medium" | "normal" | "p2" => Self::Medium,
            "high" | "urgent" | "p1" => Self::High,
            _ => return Err(UnknownPriority),
        })
    }
}
