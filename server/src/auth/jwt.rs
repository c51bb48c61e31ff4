//! JSON Web Tokens: signed ones are written with Ed25519, and read strictly.
//!
//! A small verifier over `ring` rather than a library's. The library at hand has its cryptography behind a provider
//! installed for the whole process, with traits to implement for each algorithm, and would still leave to us what matters
//! here: refusing repeated members, headers that bring their own key, and an algorithm other than the key's. What is
//! refused is listed in [`Refusal`]; whose keys count is for the caller to say, and so is who must have issued a token
//! ([`Expect`]), so that neither can be forgotten. Deliberately absent: encryption, and P-521, which `ring` lacks.

mod key;
mod members;

pub use key::{Algorithm, Key, SigningKey, algorithm_of, published};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};
use std::fmt;

/// Longest token looked at, in bytes.
pub const LONGEST: usize = 8 * 1024;
/// How far another machine's clock may be ahead of ours, in seconds.
const LEEWAY: f64 = 30.0;

/// Why a token is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Longer than anybody's.
    TooLong,
    /// Not three parts of Base64url with two JSON objects, each member once.
    Malformed,
    /// The header asks for something it may not: a key of its own, an extension that must be understood.
    Header,
    /// `none`, one we do not know, or not the key's.
    Algorithm,
    /// No such key.
    UnknownKey,
    /// The signature is not the key's.
    Signature,
    /// A claim is missing or of the wrong type.
    Claim,
    /// Its time is over.
    Expired,
    /// Its time has not come.
    NotYet,
    /// From somebody else.
    Issuer,
    /// For somebody else.
    Audience,
    /// Nobody here is meant, or nobody who may come in.
    Subject,
}

impl Refusal {
    /// Why, in words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TooLong => "the token is too long",
            Self::Malformed => "the token is malformed",
            Self::Header => "the token's header is not accepted",
            Self::Algorithm => "the token's algorithm is not accepted",
            Self::UnknownKey => "the token's key is unknown",
            Self::Signature => "the token's signature is wrong",
            Self::Claim => "a claim of the token is missing or has the wrong type",
            Self::Expired => "the token has expired",
            Self::NotYet => "the token is not valid yet",
            Self::Issuer => "the token has another issuer",
            Self::Audience => "the token is for another audience",
            Self::Subject => "the token's subject is nobody here",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::error::Error for Refusal {}

/// What `iss` or `aud` must be.
#[derive(Clone, Copy, Debug)]
pub enum Expect<'a> {
    /// One of these.
    OneOf(&'a [&'a str]),
    /// That, or not there at all.
    IfThere(&'a str),
    /// Anything.
    Anything,
}

/// A token that was taken apart; nothing in it is true yet.
#[derive(Debug)]
pub struct Unverified<'a> {
    /// What the header says the signature is.
    pub algorithm: Algorithm,
    /// Which key the header names.
    pub kid: Option<String>,
    claims: Claims,
    signed: &'a str,
    signature: Vec<u8>,
}

/// A token's claims.
#[derive(Clone, Debug, PartialEq)]
pub struct Claims(pub Map<String, Value>);

impl<'a> Unverified<'a> {
    /// Takes a token apart.
    pub fn parse(token: &'a str) -> Result<Self, Refusal> {
        if token.len() > LONGEST {
            return Err(Refusal::TooLong);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(Refusal::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(Refusal::Malformed)?;
        let header = object(header)?;
        let claims = Claims(object(claims)?);
        let signature = decode(signature)?;
        // `jwk`, `jku`, `x5u`, `x5c` bring their own key, `crit` what must be understood, `b64` another encoding.
        if header.keys().any(|name| !matches!(name.as_str(), "alg" | "kid" | "typ" | "x5t" | "x5t#S256")) {
            return Err(Refusal::Header);
        }
        if let Some(kind) = header.get("typ") {
            let kind = kind.as_str().ok_or(Refusal::Header)?.to_ascii_lowercase();
            if !matches!(kind.as_str(), "jwt" | "at+jwt") {
                return Err(Refusal::Header);
            }
        }
        let algorithm = header.get("alg").and_then(Value::as_str).and_then(Algorithm::named);
        let kid = match header.get("kid") {
            None => None,
            Some(Value::String(kid)) => Some(kid.clone()),
            Some(_) => return Err(Refusal::Header),
        };
        Ok(Self { algorithm: algorithm.ok_or(Refusal::Algorithm)?, kid, claims, signed, signature })
    }

    /// Who the token says issued it: good for choosing keys and nothing else.
    pub fn claimed_issuer(&self) -> Option<&str> {
        self.claims.text("iss")
    }

    /// Which of these keys made the signature.
    pub fn signed_by<'k>(&self, keys: &'k [Key]) -> Result<&'k Key, Refusal> {
        if keys.is_empty() {
            return Err(Refusal::UnknownKey);
        }
        let made =
            |key: &&Key| key.algorithm() == self.algorithm && key.verifies(self.signed.as_bytes(), &self.signature);
        keys.iter().find(made).ok_or(Refusal::Signature)
    }

    /// The claims, when that key made the signature, the time is right (`now` in seconds), and it is from and for whom it
    /// should be.
    pub fn verify(self, key: &Key, now: i64, issuer: Expect<'_>, audience: Expect<'_>) -> Result<Claims, Refusal> {
        if key.algorithm() != self.algorithm {
            return Err(Refusal::Algorithm);
        }
        if !key.verifies(self.signed.as_bytes(), &self.signature) {
            return Err(Refusal::Signature);
        }
        let claims = self.claims;
        let now = now as f64;
        if claims.time("exp")?.ok_or(Refusal::Claim)? <= now {
            return Err(Refusal::Expired);
        }
        for name in ["nbf", "iat"] {
            if claims.time(name)?.is_some_and(|time| time > now + LEEWAY) {
                return Err(Refusal::NotYet);
            }
        }
        if claims.text("sub").is_none_or(str::is_empty) {
            return Err(Refusal::Claim);
        }
        let issued = match claims.0.get("iss") {
            None => Some(Vec::new()),
            Some(Value::String(issuer)) => Some(vec![issuer.as_str()]),
            Some(_) => None,
        };
        check(issued, issuer, Refusal::Issuer)?;
        let meant = match claims.0.get("aud") {
            None => Some(Vec::new()),
            Some(Value::String(one)) => Some(vec![one.as_str()]),
            Some(Value::Array(many)) => many.iter().map(Value::as_str).collect(),
            Some(_) => None,
        };
        check(meant, audience, Refusal::Audience)?;
        Ok(claims)
    }
}

fn check(found: Option<Vec<&str>>, expected: Expect<'_>, refusal: Refusal) -> Result<(), Refusal> {
    let found = found.ok_or(refusal)?;
    let good = match expected {
        Expect::OneOf(allowed) => found.iter().any(|one| allowed.contains(one)),
        Expect::IfThere(allowed) => found.is_empty() || found.contains(&allowed),
        Expect::Anything => true,
    };
    if good { Ok(()) } else { Err(refusal) }
}

impl Claims {
    /// A claim that is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// A claim that is a time in seconds; anything but a number is refused.
    fn time(&self, name: &str) -> Result<Option<f64>, Refusal> {
        match self.0.get(name) {
            None => Ok(None),
            Some(value) => value.as_f64().map(Some).ok_or(Refusal::Claim),
        }
    }
}

fn object(part: &str) -> Result<Map<String, Value>, Refusal> {
    members::read(&decode(part)?).ok_or(Refusal::Malformed)
}

/// Strict: no padding, no other alphabet, no stray bits at the end.
fn decode(part: &str) -> Result<Vec<u8>, Refusal> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Refusal::Malformed)
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests;
