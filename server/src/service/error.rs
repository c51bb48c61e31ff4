//! What can go wrong when a rule is applied.

use crate::{actor::Scope, store};
use domain::{
    id::Seq,
    problem::{FieldError, Problem},
    text::BadText,
};
use std::fmt;

/// The services' result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call did nothing. Nothing is half-done: the transaction was rolled back.
#[derive(Debug)]
pub enum Error {
    /// There is no such thing, or it is somebody else's, which looks the same.
    NotFound {
        /// What was looked for, such as "task #7".
        what: String,
    },
    /// Fields that cannot be used.
    Invalid(Vec<FieldError>),
    /// It does not fit what is there now; a sentence.
    Conflict {
        /// Stable and for programs.
        code: &'static str,
        /// What does not fit and what to do.
        detail: String,
    },
    /// Somebody else changed it first (`If-Match`).
    Version {
        /// The version that is there now.
        current: i64,
    },
    /// The request was already carried out under this `Idempotency-Key`, but its answer is gone.
    Repeated {
        /// The operation it did.
        seq: Seq,
    },
    /// Not for this person; a sentence.
    Forbidden(String),
    /// Their API token lacks that scope.
    Scope(Scope),
    /// Too much at a time; a sentence and the seconds to wait.
    TooMany {
        /// What is limited.
        detail: String,
        /// Seconds.
        retry_after: u64,
    },
    /// The process that answered ended before its answer did.
    Interrupted,
    /// Already told as a problem by something that ran on its own, and logged there.
    Told(Box<Problem>),
    /// The store failed.
    Store(store::Error),
    /// A mistake of ours; for the log.
    Internal(String),
}

impl Error {
    /// One field that cannot be used.
    pub fn field(field: impl Into<String>, code: &str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(field, code, message)])
    }

    /// The same error, with its fields being those of a part.
    #[must_use]
    pub fn within(self, part: &str) -> Self {
        match self {
            Self::Invalid(errors) => Self::Invalid(
                errors
                    .into_iter()
                    .map(|e| FieldError::new(format!("{part}.{}", e.field), &e.code, format!("{part}.{}", e.message)))
                    .collect(),
            ),
            other => other,
        }
    }

    /// A text that cannot be stored in that field.
    pub fn text(field: &str, bad: &BadText) -> Self {
        Self::field(field, bad.code(), format!("{field} {bad}"))
    }

    /// No task with that number.
    pub fn no_task(id: domain::id::TaskId) -> Self {
        Self::NotFound { what: format!("task #{id}") }
    }

    /// A conflict with a sentence.
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::Conflict { code, detail: detail.into() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound { what } => write!(f, "There is no {what}."),
            Self::Invalid(errors) => {
                for (i, e) in errors.iter().enumerate() {
                    write!(f, "{}{}", if i > 0 { "; " } else { "" }, e.message)?;
                }
                Ok(())
            }
            Self::Conflict { detail, .. } => f.write_str(detail),
            Self::Version { current } => {
                write!(
                    f,
                    "Somebody changed it first: it is at version {current} now. Read it again and repeat your change."
                )
            }
            Self::Repeated { seq } => {
                write!(f, "A request with this Idempotency-Key was already carried out as operation {seq}.")
            }
            Self::Forbidden(why) => f.write_str(why),
            Self::Scope(scope) => write!(
                f,
                "This API token lacks the scope “{scope}”, so nothing was changed. Use one that has it, or sign in."
            ),
            Self::TooMany { detail, .. } => f.write_str(detail),
            Self::Interrupted => f.write_str(
                "The server stopped while it was answering. What was said and done until then is kept; try again.",
            ),
            Self::Told(problem) => f.write_str(&problem.detail),
            Self::Store(store::Error::Unavailable(_)) => f.write_str(
                "The database does not answer at the moment. Nothing was changed; try again in a few seconds.",
            ),
            Self::Store(_) | Self::Internal(_) => f.write_str("Something went wrong on our side. Nothing was changed."),
        }
    }
}

impl std::error::Error for Error {}

impl From<Scope> for Error {
    fn from(missing: Scope) -> Self {
        Self::Scope(missing)
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}
