//! Who calls the API: by a session's cookie, by a session's token, or by a JSON Web Token.
//!
//! A bearer token that is there decides alone, so that a bad one is refused and never falls back to a cookie. Our tokens
//! are known by their issuer and then by their key; those of the older apps by being signed with the shared secret. None
//! of them is a session: they open no door below `/api/auth`.

use super::{Accounts, sessions::Visitor};
use crate::{
    actor::{Actor, Door},
    auth::jwt::{Algorithm, Claims, Expect, Refusal, Unverified},
    store,
};
use domain::{id::UserId, settings::Settings};

/// Who calls.
#[derive(Clone, Debug)]
pub struct Caller {
    /// For whom everything is done, and what they may do.
    pub actor: Actor,
    /// The session they came by, when they did.
    pub session: Option<Visitor>,
}

/// Why nobody was let in.
#[derive(Debug)]
pub enum Denied {
    /// There was nothing to go by, or the session is over.
    Nobody,
    /// A bearer token was not accepted.
    Bearer(Refusal),
    /// The database failed.
    Store(store::Error),
}

impl<E: Into<store::Error>> From<E> for Denied {
    fn from(error: E) -> Self {
        Self::Store(error.into())
    }
}

impl From<Refusal> for Denied {
    fn from(refusal: Refusal) -> Self {
        Self::Bearer(refusal)
    }
}

impl Accounts {
    /// Whose call this is: the door of everything below `/api/{user_id}`. One query, whatever they came by.
    pub async fn identify(&self, cookie: Option<&str>, authorization: Option<&str>) -> Result<Caller, Denied> {
        let Some(bearer) = authorization.and_then(bearer) else {
            return self.by_session(cookie, None).await?.ok_or(Denied::Nobody);
        };
        // A session's token has no dot, or one before its signature.
        if bearer.matches('.').count() < 2 {
            return self.by_session(cookie, authorization).await?.ok_or(Denied::Bearer(Refusal::Subject));
        }
        let user = self.by_token(bearer).await?;
        let found = self.store.read().await?.person(&user).await?;
        let found = found.filter(|found| !found.disabled).ok_or(Refusal::Subject)?;
        let settings = found.settings.unwrap_or_else(Settings::default);
        Ok(Caller { actor: Actor::new(user, Door::Api, settings), session: None })
    }

    async fn by_session(
        &self,
        cookie: Option<&str>,
        authorization: Option<&str>,
    ) -> Result<Option<Caller>, store::Error> {
        if authorization.is_some_and(|text| self.cookies.bearer(text).is_none()) {
            return Ok(None);
        }
        let visitor = self.authenticate(cookie, authorization).await?;
        Ok(visitor.map(|visitor| Caller { actor: visitor.actor.clone(), session: Some(visitor) }))
    }

    /// The person a JSON Web Token is about.
    async fn by_token(&self, token: &str) -> Result<UserId, Denied> {
        let token = Unverified::parse(token)?;
        let millis = self.clock.millis();
        let now = millis.div_euclid(1000);
        if token.algorithm == Algorithm::Hs256 {
            return Ok(subject(&self.by_shared_secret(token, now)?));
        }
        let issuer = [self.jwt.issuer.as_str()];
        if token.claimed_issuer() != Some(issuer[0]) {
            return Err(Refusal::Issuer.into());
        }
        let kid = token.kid.clone().ok_or(Refusal::UnknownKey)?;
        let mut keys = self.keys().await?;
        if keys.verifying(&kid, millis, self.grace()).is_none() {
            // Another process may have made it since.
            keys = self.read_keys().await?;
        }
        let key = keys.verifying(&kid, millis, self.grace()).ok_or(Refusal::UnknownKey)?;
        let audience = [self.jwt.audience.as_str()];
        Ok(subject(&token.verify(key, now, Expect::OneOf(&issuer), Expect::OneOf(&audience))?))
    }

    /// The older apps' tokens: signed with the secret both sides were given, without a key's name, and mostly without an
    /// issuer.
    fn by_shared_secret(&self, token: Unverified<'_>, now: i64) -> Result<Claims, Refusal> {
        if token.kid.is_some() {
            return Err(Refusal::UnknownKey);
        }
        let key = token.signed_by(&self.shared)?;
        token.verify(key, now, Expect::IfThere(&self.jwt.issuer), Expect::IfThere(&self.jwt.audience))
    }
}

fn subject(claims: &Claims) -> UserId {
    UserId(claims.text("sub").unwrap_or_default().to_owned())
}

/// What comes after `Bearer `; `None` for another scheme.
fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, value) = authorization.trim().split_once(' ').unwrap_or((authorization.trim(), ""));
    scheme.eq_ignore_ascii_case("bearer").then(|| value.trim())
}
