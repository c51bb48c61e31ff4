//! Programs of others that act for a person, by OAuth 2.1: who they are, what they were let in for, and the tokens that
//! came of it.
//!
//! Everything is a row, so any process answers for any other: [`clients`] knows programs, [`consent`] turns a person's
//! yes into a code, [`exchange`] the code into tokens, [`access`] a token into a caller, [`apps`] shows a person what
//! they allowed and takes it back. Deliberately absent: the implicit and password grants, ID tokens, and anything a
//! program could do without a person.

mod access;
mod apps;
mod clients;
mod consent;
mod exchange;

pub use clients::{OauthClient, Registered};
pub use consent::{Ask, Consented, Stopped};
pub use exchange::{Caller as TokenCaller, Issued};

use super::Error;
use crate::{ids, store};
use sha2::{Digest, Sha256};

/// What every refresh token begins with, so that scanners of leaked secrets know one.
const REFRESH_PREFIX: &str = "tdr_";
/// Random letters and digits of a code or token.
const RANDOM: usize = 43;

/// Why a program's request was refused, in OAuth's words.
#[derive(Debug)]
pub enum Refused {
    /// The program is unknown or did not prove who it is.
    Client(&'static str),
    /// Something else: OAuth's code and a sentence.
    Bad(&'static str, &'static str),
    /// `OAUTH_REGISTRATION` is off.
    Closed,
    /// Too often, or something of ours failed.
    Ours(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}

impl From<store::Error> for Refused {
    fn from(error: store::Error) -> Self {
        Self::Ours(error.into())
    }
}

/// The parameter of that name. Given twice, two readers could take different ones, so it is refused.
fn once<'a>(pairs: &'a [(String, String)], name: &'static str) -> Result<Option<&'a str>, Refused> {
    let mut found = pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let first = found.next();
    if found.next().is_some() {
        return Err(Refused::Bad("invalid_request", "a parameter is there twice"));
    }
    Ok(first.filter(|value| !value.is_empty()))
}

fn secret(prefix: &str) -> String {
    format!("{prefix}{}", ids::alphanumeric(RANDOM))
}

fn hash(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}
