//! What a database can answer besides rows.

use std::fmt;

/// The store's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a query gave no rows. The text is for the log, never for a client.
#[derive(Debug)]
pub enum Error {
    /// The database cannot be reached or cannot work now; trying again later may help.
    Unavailable(String),
    /// A unique constraint or foreign key forbids it.
    Conflict {
        /// The constraint's or the column's name, as the engine gives it.
        constraint: String,
    },
    /// A stored value is not what we store: table, column, row and what is wrong.
    Corrupt {
        /// `table.column`
        place: &'static str,
        /// Which row.
        row: String,
        /// What is wrong.
        detail: String,
    },
    /// The database is another program's and cannot be taken over: why, and what to do.
    Refused(String),
    /// A mistake of ours.
    Internal(sqlx::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(why) => write!(f, "database unavailable: {why}"),
            Self::Conflict { constraint } => write!(f, "constraint {constraint} violated"),
            Self::Corrupt { place, row, detail } => write!(f, "bad value in {place} of {row}: {detail}"),
            Self::Refused(why) => f.write_str(why),
            Self::Internal(e) => write!(f, "database: {e}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::error::ErrorKind;
        let db = match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => return Self::Unavailable(error.to_string()),
            sqlx::Error::Database(db) => db,
            _ => return Self::Internal(error),
        };
        if matches!(db.kind(), ErrorKind::UniqueViolation | ErrorKind::ForeignKeyViolation) {
            // SQLite names the columns in the message, PostgreSQL the constraint.
            return Self::Conflict { constraint: db.constraint().unwrap_or(db.message()).to_owned() };
        }
        let code = db.code().unwrap_or_default().into_owned();
        if transient(&code) { Self::Unavailable(format!("{code} {}", db.message())) } else { Self::Internal(error) }
    }
}

/// PostgreSQL: connection (08), resources (53), operator (57), system (58), rollback (40), read-only (25006), no such
/// database yet (3D). SQLite: busy 5, locked 6, read-only 8, I/O 10, full 13, cannot open 14, in the low byte.
fn transient(code: &str) -> bool {
    if code.len() == 5 && !code.bytes().all(|b| b.is_ascii_digit() && code.starts_with('0') && b == b'0') {
        return ["08", "53", "57", "58", "40", "3D"].iter().any(|class| code.starts_with(class)) || code == "25006";
    }
    code.parse::<u32>().is_ok_and(|n| matches!(n & 0xff, 5 | 6 | 8 | 10 | 13 | 14))
}
