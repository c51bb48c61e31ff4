//! Why an account call was refused, and the sentence that says so. Better Auth's codes for it are the door's business.

use super::social::{NoTokens, Stop};
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
    /// The address must be proven first; a letter is under way.
    Unverified,
    /// The session is older than a day, and this needs a younger one.
    NotFresh,
    /// The session is older than a day, and deleting the account then takes the password.
    Expired,
    /// They only ever came through another provider.
    NoPassword,
    /// Not the current password.
    WrongPassword,
    /// The only way to sign in that is left.
    LastAccount,
    /// No such way to sign in.
    NoAccount,
    /// No letters can be sent.
    MailOff(MailOff),
    /// A link's token that is unknown, used or not ours.
    BadToken,
    /// A link's token whose time is over.
    TokenExpired,
    /// The person is gone.
    NoUser,
    /// The link is another person's.
    OtherUser,
    /// The address stays the same.
    SameEmail,
    /// Not the address of the session's owner.
    OtherEmail,
    /// The address was proven already.
    AlreadyVerified,
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
    /// Nobody came in through another provider.
    Social(Stop),
    /// No such provider is configured.
    NoProvider,
    /// The provider does not answer as it should.
    ProviderUnavailable,
    /// A provider's tokens cannot be handed out.
    Tokens(NoTokens),
    /// The database failed.
    Store(store::Error),
}

/// What cannot be done because no letters can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailOff {
    /// Setting a forgotten password.
    Reset,
    /// Proving an address.
    Verify,
    /// Changing an address.
    Change,
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
            Self::Unverified => {
                f.write_str("Confirm your address first: we have sent you a letter with a link. Then sign in.")
            }
            Self::NotFresh | Self::Expired => {
                f.write_str("You signed in more than a day ago. Sign in again to do this.")
            }
            Self::NoPassword => f.write_str("This account has no password. Set one with \"forgot password\" first."),
            Self::WrongPassword => f.write_str("The current password is wrong."),
            Self::LastAccount => {
                f.write_str("This is the only way left to sign in. Add another one before you take it away.")
            }
            Self::NoAccount => f.write_str("There is no such connected account."),
            Self::MailOff(MailOff::Reset) => f.write_str(
                "This server sends no mail. Ask whoever runs it for a link to set a new password \
                (todo-chatbot user reset-link).",
            ),
            Self::MailOff(MailOff::Verify) => {
                f.write_str("This server sends no mail, so addresses cannot be confirmed.")
            }
            Self::MailOff(MailOff::Change) => {
                f.write_str("This server sends no mail, so the address cannot be changed.")
            }
            Self::BadToken => f.write_str("This link does not work, or not any more. Ask for a new one."),
            Self::TokenExpired => f.write_str("This link is too old. Ask for a new one."),
            Self::NoUser => f.write_str("That account is gone."),
            Self::OtherUser => f.write_str("This link belongs to another account than the one signed in here."),
            Self::SameEmail => f.write_str("That is your address already."),
            Self::OtherEmail => f.write_str("That is not your address."),
            Self::AlreadyVerified => f.write_str("Your address is confirmed already."),
            Self::NoFields => f.write_str("There was nothing to change."),
            Self::TooMany(seconds) => write!(f, "Too many tries. Wait {seconds} seconds and try again."),
            Self::Busy => f.write_str("Very many people are signing in right now. Try again in a few seconds."),
            Self::Token => f.write_str("A token could not be made."),
            Self::Hashing(error) => error.fmt(f),
            Self::Social(stop) => f.write_str(stop.sentence()),
            Self::NoProvider => f.write_str("This server does not offer that way to sign in."),
            Self::ProviderUnavailable => {
                f.write_str("That provider does not answer at the moment. Try again in a few seconds.")
            }
            Self::Tokens(why) => why.fmt(f),
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
            Error::WrongPassword => Self::field("current", "wrong", sentence),
            Error::SameEmail | Error::OtherEmail => Self::field("email", "invalid", sentence),
            Error::BadToken | Error::TokenExpired => Self::field("token", "invalid", sentence),
            Error::ProviderUnavailable => Self::TooMany { detail: sentence, retry_after: 5 },
            Error::Tokens(_) => Self::conflict("no_tokens", sentence),
            Error::NoProvider => Self::NotFound { what: "sign-in provider like that".into() },
            Error::NoAccount | Error::NoUser => Self::NotFound { what: "account like that".into() },
            Error::NoPassword => Self::conflict("no_password", sentence),
            Error::LastAccount => Self::conflict("last_account", sentence),
            Error::AlreadyVerified => Self::conflict("already_verified", sentence),
            Error::MailOff(_) => Self::conflict("mail_off", sentence),
            Error::SignUpClosed
            | Error::WrongCredentials
            | Error::Disabled
            | Error::Unverified
            | Error::NotFresh
            | Error::Expired
            | Error::Social(_)
            | Error::OtherUser => Self::Forbidden(sentence),
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
