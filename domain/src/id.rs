//! Identifiers as types of their own, so that a task's number cannot be passed where a project's is meant.
//!
//! Numbers are counted per user ("#3" is what the person sees), so they mean something only together with a [`UserId`].

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number! {
    /// A task's number, counted per user from 1. Subtasks are tasks.
    TaskId
}
number! {
    /// A project's number, counted per user from 1.
    ProjectId
}
number! {
    /// A label's number, counted per user from 1.
    LabelId
}
number! {
    /// A saved filter's number, counted per user from 1.
    FilterId
}
number! {
    /// A conversation's number, counted per user from 1.
    ConversationId
}
number! {
    /// A message's number, counted per user from 1; later messages have greater numbers.
    MessageId
}
number! {
    /// An operation's place in its user's log, from 1, without gaps in commit order.
    Seq
}

/// A user's id: Better Auth's text id (32 letters and digits from us, anything non-empty from an adopted database).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct UserId(pub String);

impl UserId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
