//! Whose request this is, and when a session ends.
//!
//! A session lives a week from the last time it was extended, at most once a day; one that is not to be remembered lives
//! a day and is never extended.

use super::{Accounts, Error, Event};
use crate::{
    actor::{Actor, Door},
    auth::{
        client::Client,
        cookie::{Presented, REMEMBERED_SECONDS},
    },
    store::{
        self,
        sessions::{Session, SessionOwner},
    },
};
use domain::{id::UserId, settings::Settings};

/// How long after signing in the most delicate things can be done, in milliseconds.
const FRESH_FOR: i64 = 86_400_000;
/// A session is extended at most once in that many milliseconds.
const EXTEND_EVERY: i64 = 86_400_000;

/// What is known about the sender of a request.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// For whom everything is done, and through which door they came.
    pub actor: Actor,
    /// The session they came by.
    pub session: Held,
}

/// A session that was presented and lives.
#[derive(Clone, Debug)]
pub struct Held {
    /// The row's id.
    pub id: String,
    /// What the cookie carries.
    pub token: String,
    /// It has just been extended: the answer should carry the cookie anew, see [`Accounts::renewed`].
    pub extended: bool,
}

/// What `get-session` found.
#[derive(Clone, Debug)]
pub enum Found {
    /// Nobody presented a session.
    Nothing,
    /// The session has ended: the cookies should go.
    Ended,
    /// It lives.
    Live {
        /// The session and its owner.
        owner: Box<SessionOwner>,
        /// It has just been extended: the answer should carry the cookie anew.
        extended: bool,
    },
}

impl Accounts {
    /// Ends the presented session, if there is one.
    pub async fn sign_out(&self, presented: &Presented, client: &Client) -> Result<(), Error> {
        let Some(token) = &presented.token else {
            return Ok(());
        };
        let found = self.store.read().await?.session_actor(token).await?;
        if let Some(found) = found {
            self.end(token).await?;
            self.remember(Event::SignedOut, Some(&found.user), client, "").await;
        }
        Ok(())
    }

    /// What a request presents: a bearer token takes the place of the session cookie.
    pub fn presented(&self, cookie: Option<&str>, authorization: Option<&str>) -> (Presented, Door) {
        let mut presented = cookie.map(|text| self.cookies.read(text)).unwrap_or_default();
        match authorization.and_then(|text| self.cookies.bearer(text)) {
            Some(token) => {
                presented.token = Some(token);
                (presented, Door::Api)
            }
            None => (presented, Door::Web),
        }
    }

    /// Whose request this is: the door of every signed-in call. One query, and once a day a second one that extends the
    /// session.
    pub async fn authenticate(
        &self,
        cookie: Option<&str>,
        authorization: Option<&str>,
    ) -> Result<Option<Visitor>, store::Error> {
        self.visitor(cookie, authorization, true).await
    }

    /// [`Self::authenticate`]; with `extend` false the session is only looked at, for whoever cannot hand out its cookie.
    pub(super) async fn visitor(
        &self,
        cookie: Option<&str>,
        authorization: Option<&str>,
        extend: bool,
    ) -> Result<Option<Visitor>, store::Error> {
        let (presented, door) = self.presented(cookie, authorization);
        let Some(token) = presented.token else {
            return Ok(None);
        };
        let found = self.store.read().await?.session_actor(&token).await?;
        let now = self.clock.millis();
        let Some(found) = found.filter(|found| found.expires_at > now && !found.disabled) else {
            return Ok(None);
        };
        let due = extend && !presented.dont_remember && due(found.expires_at, now);
        let extended = due && self.extend(&token, now).await.is_some();
        let settings = found.settings.unwrap_or_else(Settings::default);
        let session = Held { id: found.id, token, extended };
        Ok(Some(Visitor { actor: Actor::new(found.user, door, settings), session }))
    }

    /// The cookie of a session that has just been extended.
    pub fn renewed(&self, session: &Held) -> Option<String> {
        session.extended.then(|| self.cookies.session(&session.token, true))
    }

    /// The whole session, for `get-session`. With `extend` false it is only looked at.
    pub async fn session(&self, presented: &Presented, extend: bool) -> Result<Found, Error> {
        let Some(token) = &presented.token else {
            return Ok(Found::Nothing);
        };
        let found = self.store.read().await?.session(token).await?;
        let now = self.clock.millis();
        let mut owner = match found {
            Some(owner) if owner.session.expires_at > now && !owner.disabled => owner,
            Some(_) => {
                if let Err(error) = self.end(token).await {
                    tracing::warn!(error = %error, "an ended session could not be removed");
                }
                return Ok(Found::Ended);
            }
            None => return Ok(Found::Ended),
        };
        let due = extend && !presented.dont_remember && due(owner.session.expires_at, now);
        let extended = if due { self.extend(token, now).await } else { None };
        if let Some(expires_at) = extended {
            owner.session.expires_at = expires_at;
            owner.session.updated_at = now;
        }
        Ok(Found::Live { owner: Box::new(owner), extended: extended.is_some() })
    }

    /// Refuses when the session began a day ago or earlier. Extending it does not make it younger.
    pub fn check_fresh(&self, owner: &SessionOwner) -> Result<(), Error> {
        if self.is_fresh(owner) { Ok(()) } else { Err(Error::NotFresh) }
    }

    pub(super) fn is_fresh(&self, owner: &SessionOwner) -> bool {
        self.clock.millis() - owner.session.created_at < FRESH_FOR
    }

    /// A person's living sessions, newest first.
    pub async fn list_sessions(&self, user: &UserId) -> Result<Vec<Session>, Error> {
        Ok(self.store.read().await?.sessions_of(user, self.clock.millis()).await?)
    }

    /// Ends the session of that token when it is this person's; any other token changes nothing.
    pub async fn revoke_session(&self, owner: &SessionOwner, token: &str, client: &Client) -> Result<(), Error> {
        if token.contains('\0') {
            return Ok(());
        }
        let mut conn = self.store.write().await?;
        let ended = conn.delete_own_session(&owner.user.id, token).await?;
        conn.commit().await?;
        if ended {
            self.remember(Event::SessionsRevoked, Some(&owner.user.id), client, "one").await;
        }
        Ok(())
    }

    /// Ends every session of a person, this one included.
    pub async fn revoke_sessions(&self, owner: &SessionOwner, client: &Client) -> Result<(), Error> {
        let mut conn = self.store.write().await?;
        conn.delete_sessions(&owner.user.id).await?;
        conn.commit().await?;
        self.remember(Event::SessionsRevoked, Some(&owner.user.id), client, "all").await;
        Ok(())
    }

    /// Ends every session of a person but the one with that token.
    pub async fn revoke_others(&self, user: &UserId, kept: &str, client: &Client) -> Result<(), Error> {
        let mut conn = self.store.write().await?;
        conn.delete_other_sessions(user, kept).await?;
        conn.commit().await?;
        self.remember(Event::SessionsRevoked, Some(user), client, "others").await;
        Ok(())
    }

    async fn end(&self, token: &str) -> Result<(), store::Error> {
        let mut conn = self.store.write().await?;
        conn.delete_session(token).await?;
        conn.commit().await
    }

    /// Extends a session and answers its new end. Reading must work while writing does not (a full disk, a database that
    /// only reads), so a failure waits for the next request.
    async fn extend(&self, token: &str, now: i64) -> Option<i64> {
        let expires_at = now + REMEMBERED_SECONDS * 1000;
        let done = async {
            let mut conn = self.store.write().await?;
            conn.extend_session(token, expires_at, now).await?;
            conn.commit().await
        };
        match done.await {
            Ok(()) => Some(expires_at),
            Err(error) => {
                tracing::warn!(error = %error, "a session could not be extended");
                None
            }
        }
    }
}

/// Whether a session that ends then has not been extended for a day.
fn due(expires_at: i64, now: i64) -> bool {
    expires_at - REMEMBERED_SECONDS * 1000 + EXTEND_EVERY <= now
}
