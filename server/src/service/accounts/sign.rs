//! Signing up and in: where sessions begin.

use super::{Accounts, Error, Event, person_name, picture};
use crate::{
    auth::{
        client::Client,
        cookie::{FORGOTTEN_SECONDS, REMEMBERED_SECONDS},
        email, password,
    },
    config::SignUp,
    ids,
    mail::letter,
    store::{self, better_auth::iso, sessions::Session},
};
use domain::{account::User, id::UserId};

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

/// Somebody who has just signed up.
#[derive(Clone, Debug)]
pub enum SignedUp {
    /// They are in.
    In(SignedIn),
    /// Their address must be proven first. When it is taken, this is nobody: the answer does not tell.
    Unproven(User),
}

impl Accounts {
    /// Makes an account and signs it in. The first one of an installation is the admin's. With mail, a letter asks for
    /// proof of the address; `callback` is where its link leads in the end.
    pub async fn sign_up(
        &self,
        new: &NewAccount<'_>,
        callback: Option<&str>,
        client: &Client,
    ) -> Result<SignedUp, Error> {
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
            if !self.require_verification && conn.email_taken(&email).await? {
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
        if self.require_verification && conn.email_taken(&user.email).await? {
            self.post(letter::known(&user.email, &format!("{}/sign-in", self.public_url)));
            return Ok(SignedUp::Unproven(user));
        }
        conn.insert_user(&user, now).await.map_err(taken)?;
        conn.insert_credential(&ids::alphanumeric(32), &user.id, &hash, now).await?;
        if first {
            conn.make_admin(&user.id).await?;
        }
        let session = new_session(&user.id, client, new.remember, now);
        if !self.require_verification {
            conn.insert_session(&session).await?;
        }
        conn.commit().await?;
        self.remember(Event::SignedUp, Some(&user.id), client, "password").await;
        self.write_verification(&user, callback);
        if self.require_verification {
            return Ok(SignedUp::Unproven(user));
        }
        Ok(SignedUp::In(SignedIn { user, token: session.token, remembered: new.remember }))
    }

    /// Starts a session for somebody who knows the password. Where addresses must be proven and theirs is not, they get
    /// another letter instead; `callback` is where its link leads in the end.
    pub async fn sign_in(
        &self,
        address: &str,
        given: &str,
        remember: bool,
        callback: Option<&str>,
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
        let checked = self.passwords.check(given, hash.clone(), ids::bytes()).await?;
        let Some(found) = found else {
            // Nobody's: the address that was typed is not kept.
            self.remember(Event::SignInFailed, None, client, "").await;
            return Err(Error::WrongCredentials);
        };
        if !checked.right {
            self.remember(Event::SignInFailed, Some(&found.user.id), client, "").await;
            return Err(Error::WrongCredentials);
        }
        if found.disabled {
            self.remember(Event::SignInFailed, Some(&found.user.id), client, "disabled").await;
            return Err(Error::Disabled);
        }
        if self.require_verification && !found.user.email_verified {
            self.write_verification(&found.user, callback);
            return Err(Error::Unverified);
        }
        let session = new_session(&found.user.id, client, remember, self.clock.millis());
        let mut conn = self.store.write().await?;
        conn.insert_session(&session).await.map_err(gone)?;
        conn.commit().await?;
        if let (Some(old), Some(new)) = (hash, checked.replacement) {
            self.rehash(&found.user.id, &old, &new).await;
        }
        self.remember(Event::SignedIn, Some(&found.user.id), client, "password").await;
        Ok(SignedIn { user: found.user, token: session.token, remembered: remember })
    }

    /// Keeps the same password in its newer form. In a transaction of its own and without an error, because they are signed
    /// in already; and only over the very hash that was checked, because they may have changed the password meanwhile.
    async fn rehash(&self, user: &UserId, old: &str, new: &str) {
        let kept = async {
            let mut conn = self.store.write().await?;
            conn.replace_password(user, old, new, self.clock.millis()).await?;
            conn.commit().await
        };
        if let Err(error) = kept.await {
            tracing::warn!(error = %error, "a password keeps its old form until the next sign-in");
        }
    }
}

pub(super) fn new_session(user: &UserId, client: &Client, remember: bool, now: i64) -> Session {
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
