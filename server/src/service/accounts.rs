//! Accounts: signing up, in and out, and whose request this is.
//!
//! The rules are Better Auth's: a session lives a week from the last time it was extended, at most once a day; one that
//! is not to be remembered lives a day and is never extended. Who is registered shows neither in what a sign-in answers
//! nor in how long it takes. Absent so far, each with its place in Better Auth's contract: Google, JWT, listing and
//! revoking sessions, changing a password, verifying an address, deleting an account.

mod error;

pub use error::Error;

use crate::{
    actor::{Actor, Door},
    auth::{
        client::Client,
        cookie::{Cookies, FORGOTTEN_SECONDS, Presented, REMEMBERED_SECONDS},
        email,
        origin::Trust,
        password::{self, Passwords},
    },
    clock::Clock,
    config::{Config, SignUp},
    ids,
    store::{
        self, Store,
        accounts::{Session, SessionOwner, UserPatch, iso},
    },
};
use domain::{
    account::User,
    id::UserId,
    settings::Settings,
    text::{self, BadText},
};
use std::sync::Arc;

/// Most characters in a person's name.
pub const NAME_MAX: usize = 200;
/// Most characters in a picture's address; small pictures travel as `data:` addresses.
const IMAGE_MAX: usize = 16_384;
/// A session is extended at most once in that many milliseconds.
const EXTEND_EVERY: i64 = 86_400_000;

/// What somebody gave to sign up.
#[derive(Clone, Debug, Default)]
pub struct NewAccount<'a> {
    /// What to call them; may be empty.
    pub name: &'a str,
    /// Their address.
    pub email: &'a str,
    /// Their password.
    pub password: &'a str,
    /// A picture's address.
    pub image: Option<&'a str>,
    /// Whether the session outlives the browser.
    pub remember: bool,
}

/// Somebody who has just signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who.
    pub user: User,
    /// The new session's token.
    pub token: String,
    /// Whether the session outlives the browser.
    pub remembered: bool,
}

/// What is known about the sender of a request.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// For whom everything is done, and through which door they came.
    pub actor: Actor,
    /// The session's row id.
    pub session: String,
    /// The session's token.
    pub token: String,
    /// The session has just been extended: the answer should carry the cookie anew.
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

/// Signs people up, in and out.
#[derive(Clone, Debug)]
pub struct Accounts {
    store: Store,
    clock: Arc<dyn Clock>,
    /// How sessions travel.
    pub cookies: Cookies,
    /// Who may act with them.
    pub trust: Trust,
    passwords: Passwords,
    sign_up: SignUp,
    limited: bool,
}

impl Accounts {
    /// `secret` signs cookies: the configured one, or the one the installation made for itself.
    pub fn new(store: Store, clock: Arc<dyn Clock>, secret: &str, trust: Trust, config: &Config) -> Self {
        let secure = config.public_url.starts_with("https://");
        Self {
            store,
            clock,
            cookies: Cookies::new(secret.as_bytes(), secure, "better-auth"),
            trust,
            passwords: Passwords::default(),
            sign_up: config.sign_up,
            limited: config.rate_limit,
        }
    }

    /// Makes an account and signs it in. The first one of an installation is the admin's.
    pub async fn sign_up(&self, new: &NewAccount<'_>, client: &Client) -> Result<SignedIn, Error> {
        if self.sign_up == SignUp::Closed {
            return Err(Error::SignUpClosed);
        }
        let name = person_name(new.name)?;
        if !email::valid(new.email) {
            return Err(Error::Email);
        }
        let email = new.email.to_ascii_lowercase();
        let image = new.image.map(picture).transpose()?;
        password::check_new(new.password)?;
        {
            // Known before the expensive part; decided for good by the transaction below.
            let mut conn = self.store.read().await?;
            if self.sign_up == SignUp::First && conn.any_user().await? {
                return Err(Error::SignUpClosed);
            }
            if conn.email_taken(&email).await? {
                return Err(Error::Taken);
            }
        }
        let hash = self.passwords.hash(new.password, ids::bytes()).await?;
        let now = self.clock.millis();
        let user = User {
            name,
            email,
            email_verified: false,
            image,
            created_at: iso(now),
            updated_at: iso(now),
            id: UserId(ids::alphanumeric(32)),
        };
        let mut conn = self.store.write().await?;
        conn.lock_sign_up().await?;
        let first = !conn.any_user().await?;
        if self.sign_up == SignUp::First && !first {
            return Err(Error::SignUpClosed);
        }
        conn.insert_user(&user, now).await.map_err(taken)?;
        conn.insert_credential(&ids::alphanumeric(32), &user.id, &hash, now).await?;
        if first {
            conn.make_admin(&user.id).await?;
        }
        let session = new_session(&user.id, client, new.remember, now);
        conn.insert_session(&session).await?;
        conn.commit().await?;
        Ok(SignedIn { user, token: session.token, remembered: new.remember })
    }

    /// Starts a session for somebody who knows the password.
    pub async fn sign_in(
        &self,
        address: &str,
        given: &str,
        remember: bool,
        client: &Client,
    ) -> Result<SignedIn, Error> {
        if !email::valid(address) {
            return Err(Error::Email);
        }
        password::check_given(given)?;
        let found = {
            let mut conn = self.store.read().await?;
            conn.credentials(&address.to_ascii_lowercase()).await?
        };
        let hash = found.as_ref().and_then(|found| found.hash.clone());
        let proven = self.passwords.verify(given, hash).await?;
        let Some(found) = found.filter(|_| proven) else {
            return Err(Error::WrongCredentials);
        };
        if found.disabled {
            return Err(Error::Disabled);
        }
        let session = new_session(&found.user.id, client, remember, self.clock.millis());
        let mut conn = self.store.write().await?;
        conn.insert_session(&session).await.map_err(gone)?;
        conn.commit().await?;
        Ok(SignedIn { user: found.user, token: session.token, remembered: remember })
    }

    /// Ends the presented session, if there is one.
    pub async fn sign_out(&self, presented: &Presented) -> Result<(), Error> {
        match &presented.token {
            Some(token) => Ok(self.end(token).await?),
            None => Ok(()),
        }
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
        let (presented, door) = self.presented(cookie, authorization);
        let Some(token) = presented.token else {
            return Ok(None);
        };
        let found = self.store.read().await?.session_actor(&token).await?;
        let now = self.clock.millis();
        let Some(found) = found.filter(|found| found.expires_at > now && !found.disabled) else {
            return Ok(None);
        };
        let due = !presented.dont_remember && due(found.expires_at, now);
        let extended = due && self.extend(&token, now).await.is_some();
        let settings = found.settings.unwrap_or_else(Settings::default);
        Ok(Some(Visitor { actor: Actor::new(found.user, door, settings), session: found.id, token, extended }))
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

    /// Changes a person's name or picture.
    pub async fn update_user(&self, user: &UserId, patch: UserPatch) -> Result<(), Error> {
        let patch = UserPatch {
            name: patch.name.as_deref().map(person_name).transpose()?,
            image: match patch.image {
                Some(Some(image)) => Some(Some(picture(&image)?)),
                other => other,
            },
        };
        if patch == UserPatch::default() {
            return Err(Error::NoFields);
        }
        let mut conn = self.store.write().await?;
        conn.update_user(user, &patch, self.clock.millis()).await?;
        conn.commit().await?;
        Ok(())
    }

    /// Ends every session of a person but the one with that token.
    pub async fn revoke_others(&self, user: &UserId, kept: &str) -> Result<(), Error> {
        let mut conn = self.store.write().await?;
        conn.delete_other_sessions(user, kept).await?;
        conn.commit().await?;
        Ok(())
    }

    /// Counts a try at something that can be guessed at. `path` is below the auth base path, and two doors to the same
    /// thing share it.
    pub async fn count_try(&self, path: &str, client: &Client) -> Result<(), Error> {
        if !self.limited {
            return Ok(());
        }
        let from = if client.address.is_empty() { "no-trusted-ip" } else { &client.address };
        let mut conn = self.store.write().await?;
        let wait = conn.count_try(&format!("{from}|{path}"), 3, 10_000, self.clock.millis()).await?;
        conn.commit().await?;
        match wait {
            // Rounded up: a client that comes back after this many seconds is let in.
            Some(wait) => Err(Error::TooMany((wait + 999).div_euclid(1000).max(1))),
            None => Ok(()),
        }
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

fn new_session(user: &UserId, client: &Client, remember: bool, now: i64) -> Session {
    let seconds = if remember { REMEMBERED_SECONDS } else { FORGOTTEN_SECONDS };
    Session {
        id: ids::alphanumeric(32),
        token: ids::alphanumeric(32),
        user: user.clone(),
        expires_at: now + seconds * 1000,
        created_at: now,
        updated_at: now,
        address: client.address.clone(),
        agent: client.agent.clone(),
    }
}

/// A line of text that may also be empty.
fn line(field: &'static str, text: &str, max: usize) -> Result<String, Error> {
    match text::line(text, max) {
        Err(BadText::Empty) => Ok(String::new()),
        other => other.map_err(|why| Error::Field(field, why)),
    }
}

fn person_name(name: &str) -> Result<String, Error> {
    line("name", name, NAME_MAX)
}

fn picture(image: &str) -> Result<String, Error> {
    line("image", image, IMAGE_MAX)
}

/// Of two sign-ups with one address at the same moment, the unique index refuses one.
fn taken(error: store::Error) -> Error {
    match error {
        store::Error::Conflict { .. } => Error::Taken,
        other => Error::Store(other),
    }
}

/// Whoever was deleted while they signed in is nobody.
fn gone(error: store::Error) -> Error {
    match error {
        store::Error::Conflict { .. } => Error::WrongCredentials,
        other => Error::Store(other),
    }
}
