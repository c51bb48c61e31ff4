//! Who calls the API: by a session's cookie, a session's token, a personal API token, or a JSON Web Token.
//!
//! A bearer token that is there decides alone, so that a bad one is refused and never falls back to a cookie. Whose JSON
//! Web Token it is says its issuer, and then the keys of that issuer prove it; those of the older apps are signed with the
//! shared secret and mostly name nobody. None of them is a session: they open no door below `/api/auth`.

use super::{
    Accounts, api_tokens,
    sessions::{Held, Visitor},
};
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
    pub session: Option<Held>,
}

/// Why nobody was let in.
#[derive(Debug)]
pub enum Denied {
    /// There was nothing to go by, or the session is over.
    Nobody,
    /// A bearer token was not accepted; why, in words.
    Bearer(&'static str),
    /// The keys of the other Better Auth are not to be had now.
    NoKeys,
    /// The database failed.
    Store(store::Error),
}

impl From<store::Error> for Denied {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

impl From<Refusal> for Denied {
    fn from(refusal: Refusal) -> Self {
        Self::Bearer(refusal.as_str())
    }
}

impl Accounts {
    /// Whose call this is: the door of everything below `/api/{user_id}`. One query, whatever they came by; a JSON Web
    /// Token may need another one when its key has not been seen yet.
    pub async fn identify(&self, cookie: Option<&str>, authorization: Option<&str>) -> Result<Caller, Denied> {
        self.caller(cookie, authorization, true).await
    }

    /// The same for something that goes on after its answer: what it came by is only looked at. A session extended here
    /// would keep its old cookie, and end with that.
    pub async fn still(&self, cookie: Option<&str>, authorization: Option<&str>) -> Result<Caller, Denied> {
        self.caller(cookie, authorization, false).await
    }

    async fn caller(&self, cookie: Option<&str>, authorization: Option<&str>, extend: bool) -> Result<Caller, Denied> {
        let Some(bearer) = authorization.and_then(bearer) else {
            return self.by_session(cookie, None, extend).await?.ok_or(Denied::Nobody);
        };
        if bearer.starts_with(api_tokens::PREFIX) {
            let actor = self.by_api_token(bearer).await?;
            let actor = actor.ok_or(Denied::Bearer("the API token is unknown, was revoked or has expired"))?;
            return Ok(Caller { actor, session: None });
        }
        // A session's token has no dot, or one before its signature.
        if bearer.matches('.').count() < 2 {
            let found = self.by_session(cookie, authorization, extend).await?;
            return found.ok_or(Denied::Bearer("the session is unknown or over"));
        }
        let actor = self.by_jwt(bearer).await?;
        Ok(Caller { actor, session: None })
    }

    async fn by_session(
        &self,
        cookie: Option<&str>,
        authorization: Option<&str>,
        extend: bool,
    ) -> Result<Option<Caller>, store::Error> {
        if authorization.is_some_and(|text| self.cookies.bearer(text).is_none()) {
            return Ok(None);
        }
        let visitor = self.visitor(cookie, authorization, extend).await?;
        Ok(visitor.map(|Visitor { actor, session }| Caller { actor, session: Some(session) }))
    }

    /// The person a JSON Web Token is about.
    async fn by_jwt(&self, token: &str) -> Result<Actor, Denied> {
        let (claims, outside) = self.proven(token).await?;
        // What a program holds is for `/mcp`, whatever audience this installation gives its own tokens.
        if !outside && claims.0.contains_key("gid") {
            return Err(Refusal::Audience.into());
        }
        let user = UserId(claims.text("sub").unwrap_or_default().to_owned());
        let mut found = self.store.read().await?.person(&user).await?;
        if found.is_none() && outside {
            self.admit(&claims).await?;
            found = self.store.read().await?.person(&user).await?;
        }
        let found = found.filter(|found| !found.disabled).ok_or(Refusal::Subject)?;
        Ok(Actor::new(user, Door::Api, found.settings.unwrap_or_else(Settings::default)))
    }

    /// A token's claims once they are proven, and whether the other Better Auth made them.
    async fn proven(&self, text: &str) -> Result<(Claims, bool), Denied> {
        let token = Unverified::parse(text)?;
        let millis = self.clock.millis();
        let now = millis.div_euclid(1000);
        if token.algorithm == Algorithm::Hs256 {
            return Ok((self.by_shared_secret(token, now)?, false));
        }
        let issuer = token.claimed_issuer().unwrap_or_default();
        let ours = issuer == self.jwt.issuer;
        let outside = self.outside.as_ref().filter(|outside| outside.issuer() == issuer);
        if !ours && outside.is_none() {
            return Err(Refusal::Issuer.into());
        }
        // Nobody's key is taken just because it is the only one.
        let kid = token.kid.as_deref().ok_or(Refusal::UnknownKey)?;
        if ours {
            let keys = self.keys_with(kid, millis).await?;
            if let Some(key) = keys.verifying(kid, millis, self.grace()) {
                let (issuer, audience) = ([self.jwt.issuer.as_str()], [self.jwt.audience.as_str()]);
                return Ok((token.verify(key, now, Expect::OneOf(&issuer), Expect::OneOf(&audience))?, false));
            }
        }
        let outside = outside.ok_or(Refusal::UnknownKey)?;
        Ok((outside.verify(text, millis).await?, true))
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

/// What comes after `Bearer `; `None` for another scheme.
pub(super) fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, value) = authorization.trim().split_once(' ').unwrap_or((authorization.trim(), ""));
    scheme.eq_ignore_ascii_case("bearer").then(|| value.trim())
}
