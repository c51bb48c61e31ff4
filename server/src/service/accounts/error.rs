//! Why an account call was refused, and the sentence that says so. Better Auth's codes for it are the door's business.

use crate::{
    auth::password::{self, BadPassword},
    service, store,
};
use domain::text::BadText;
use std::fmt;

/// Why an account call was refused.
#[derive(Debug)]
pub enum Error {
    /// `SIGN_UP` does not allow it.
    SignUpClosed,
    /// A field's text cannot be stored: its name and why.
    Field(&'static str, BadText),
    /// Not the syntax of an address.
    Email,
    /// Too short or too long.
    Password(BadPassword),
    /// Somebody has that address.
    Taken,
    /// No such person, or another password: which of the two is nobody's business.
    WrongCredentials,
    /// An admin has locked them out.
    Disabled,
    /// Nothing to change was given.
    NoFields,
    /// Too many tries; the seconds to wait.
    TooMany(i64),
    /// So many are signing in that waiting makes no sense.
    Busy,
    /// A token could not be made: a mistake of ours.
    Token,
    /// Hashing failed.
    Hashing(password::Error),
    /// The database failed.
    Store(store::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SignUpClosed => f.write_str("Sign-up is closed here. Ask whoever runs this server for an account."),
            Self::Field(field, why) => write!(f, "The {field} {why}."),
            Self::Email => f.write_str("That is not an e-mail address."),
            Self::Password(BadPassword::TooShort) => {
                write!(f, "The password is too short: it needs at least {} characters.", password::MIN)
            }
            Self::Password(BadPassword::TooLong) => {
                write!(f, "The password is too long: it may have at most {} characters.", password::MAX)
            }
            Self::Taken => {
                f.write_str("There is an account with that address already. Sign in, or use another address.")
            }
            Self::WrongCredentials => f.write_str("Wrong e-mail address or password."),
            Self::Disabled => f.write_str("This account is disabled. Ask whoever runs this server."),
            Self::NoFields => f.write_str("There was nothing to change."),
            Self::TooMany(seconds) => write!(f, "Too many tries. Wait {seconds} seconds and try again."),
            Self::Busy => f.write_str("Very many people are signing in right now. Try again in a few seconds."),
            Self::Token => f.write_str("A token could not be made."),
            Self::Hashing(error) => error.fmt(f),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

impl From<Error> for service::Error {
    fn from(error: Error) -> Self {
        let sentence = error.to_string();
        match error {
            Error::Store(error) => Self::Store(error),
            Error::Hashing(error) => Self::Internal(error.to_string()),
            Error::Token => Self::Internal(sentence),
            Error::TooMany(seconds) => Self::TooMany { detail: sentence, retry_after: seconds.unsigned_abs() },
            Error::Busy => Self::TooMany { detail: sentence, retry_after: 2 },
            Error::Field(field, why) => Self::field(field, why.code(), sentence),
            Error::Email => Self::field("email", "invalid", sentence),
            Error::Password(_) => Self::field("password", "length", sentence),
            Error::NoFields => Self::field("name", "missing", sentence),
            Error::Taken => Self::conflict("email_taken", sentence),
            Error::SignUpClosed | Error::WrongCredentials | Error::Disabled => Self::Forbidden(sentence),
        }
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

impl From<password::Error> for Error {
    fn from(error: password::Error) -> Self {
        if matches!(error, password::Error::Busy) { Self::Busy } else { Self::Hashing(error) }
    }
}

impl From<BadPassword> for Error {
    fn from(error: BadPassword) -> Self {
        Self::Password(error)
    }
}
