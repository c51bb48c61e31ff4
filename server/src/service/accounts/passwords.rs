//! Changing a password, and setting a forgotten one by a link that works once.

use super::{Accounts, Error, Event, MailOff, SignedIn, sign::new_session};
use crate::{
    auth::{client::Client, cookie::encode_component, email, password},
    ids,
    mail::letter,
    store::sessions::SessionOwner,
};
use domain::id::UserId;

/// How long a link that was mailed works, in milliseconds.
const MAILED_LINK: i64 = 3_600_000;
/// How long a link that an operator made works, in milliseconds.
const OPERATORS_LINK: i64 = 86_400_000;
/// The page where a new password is typed.
const RESET_PAGE: &str = "/reset-password";
/// Longest token looked up; ours have 24 characters.
const TOKEN_MAX: usize = 200;

impl Accounts {
    /// Changes the password of somebody who knows the current one. With `revoke_others` every session ends and a new one
    /// begins, which is answered.
    pub async fn change_password(
        &self,
        owner: &SessionOwner,
        current: &str,
        new: &str,
        revoke_others: bool,
        client: &Client,
    ) -> Result<Option<SignedIn>, Error> {
        password::check_new(new)?;
        let user = &owner.user.id;
        self.check_password(owner, current, client).await?;
        let hash = self.passwords.hash(new, ids::bytes()).await?;
        let now = self.clock.millis();
        let mut conn = self.store.write().await?;
        conn.set_password_hash(user, &hash, now).await?;
        conn.forget_links(user).await?;
        let mut signed_in = None;
        if revoke_others {
            conn.delete_sessions(user).await?;
            let session = new_session(user, client, true, now);
            conn.insert_session(&session).await?;
            signed_in = Some(SignedIn { user: owner.user.clone(), token: session.token, remembered: true });
        }
        conn.commit().await?;
        self.remember(Event::PasswordChanged, Some(user), client, "").await;
        Ok(signed_in)
    }

    /// Whether it is the session owner's password; anything else is an error. Without any password there is nothing to
    /// compare with, which a client may not tell from a wrong one.
    pub async fn verify_password(&self, owner: &SessionOwner, given: &str, client: &Client) -> Result<(), Error> {
        match self.check_password(owner, given, client).await {
            Err(Error::NoPassword) => Err(Error::WrongPassword),
            other => other,
        }
    }

    /// Refuses unless `given` is the session owner's password.
    pub async fn check_password(&self, owner: &SessionOwner, given: &str, client: &Client) -> Result<(), Error> {
        password::check_given(given)?;
        self.count_proof(&owner.user.id).await?;
        let hash = self.store.read().await?.password_hash(&owner.user.id).await?.ok_or(Error::NoPassword)?;
        if self.passwords.verify(given, Some(hash)).await? {
            return Ok(());
        }
        self.remember(Event::PasswordWrong, Some(&owner.user.id), client, "").await;
        Err(Error::WrongPassword)
    }

    /// Mails a link to set a new password, if somebody has that address. The answer is the same for every address and
    /// comes after the same work; the rest happens behind it.
    pub async fn request_password_reset(
        &self,
        address: &str,
        redirect_to: Option<&str>,
        client: &Client,
    ) -> Result<(), Error> {
        if self.mailer.is_none() {
            return Err(Error::MailOff(MailOff::Reset));
        }
        if !email::valid(address) {
            return Err(Error::Email);
        }
        let found = self.store.read().await?.credentials(&address.to_ascii_lowercase()).await?;
        let Some(found) = found.filter(|found| !found.disabled) else {
            return Ok(());
        };
        let (accounts, client) = (self.clone(), client.clone());
        let target = encode_component(redirect_to.unwrap_or(RESET_PAGE));
        tokio::spawn(async move {
            match accounts.new_reset_token(&found.user.id, MAILED_LINK).await {
                Ok(token) => {
                    let link = accounts.endpoint(&format!("/reset-password/{token}?callbackURL={target}"));
                    accounts.post(letter::reset(&found.user.email, &link));
                    accounts.remember(Event::ResetRequested, Some(&found.user.id), &client, "").await;
                }
                Err(error) => tracing::warn!(error = %error, "a reset link could not be made"),
            }
        });
        Ok(())
    }

    /// A link to set a new password, for an operator to hand over. `None` when nobody has that address.
    pub async fn reset_link(&self, address: &str) -> Result<Option<String>, Error> {
        let found = self.store.read().await?.credentials(&address.trim().to_ascii_lowercase()).await?;
        let Some(found) = found else {
            return Ok(None);
        };
        let token = self.new_reset_token(&found.user.id, OPERATORS_LINK).await?;
        self.remember(Event::ResetRequested, Some(&found.user.id), &Client::default(), "by the operator").await;
        Ok(Some(format!("{}{RESET_PAGE}?token={token}", self.public_url)))
    }

    /// Sets somebody's password on an operator's word. Whoever is signed in as them is signed out: the operator is asked
    /// for this also when somebody else got in.
    pub async fn set_password(&self, user: &UserId, new: &str) -> Result<(), Error> {
        password::check_new(new)?;
        let hash = self.passwords.hash(new, ids::bytes()).await?;
        let now = self.clock.millis();
        let mut conn = self.store.write().await?;
        if !conn.set_password_hash(user, &hash, now).await? {
            conn.insert_credential(&ids::alphanumeric(32), user, &hash, now).await?;
        }
        conn.forget_links(user).await?;
        conn.delete_sessions(user).await?;
        conn.commit().await?;
        self.remember(Event::PasswordReset, Some(user), &Client::default(), "by the operator").await;
        Ok(())
    }

    async fn new_reset_token(&self, user: &UserId, lifetime: i64) -> Result<String, Error> {
        let token = ids::alphanumeric(24);
        let now = self.clock.millis();
        let mut conn = self.store.write().await?;
        conn.insert_verification(&ids::alphanumeric(32), &identifier(&token), user.as_str(), now + lifetime, now)
            .await?;
        conn.commit().await?;
        Ok(token)
    }

    /// Whether a new password can be set with that token. Does not use it up.
    pub async fn reset_token_lives(&self, token: &str) -> Result<bool, Error> {
        if !plausible(token) {
            return Ok(false);
        }
        let mut conn = self.store.read().await?;
        Ok(conn.verification(&identifier(token), self.clock.millis()).await?.is_some())
    }

    /// Sets a new password with a token that works once. The person's other links die with it; sessions go on.
    pub async fn reset_password(&self, token: &str, new: &str, client: &Client) -> Result<(), Error> {
        password::check_new(new)?;
        // Known before the expensive part; decided for good by the transaction below.
        if !self.reset_token_lives(token).await? {
            return Err(Error::BadToken);
        }
        let hash = self.passwords.hash(new, ids::bytes()).await?;
        let now = self.clock.millis();
        let mut conn = self.store.write().await?;
        let user = UserId(conn.take_verification(&identifier(token), now).await?.ok_or(Error::BadToken)?);
        if conn.user(&user).await?.is_none() {
            return Err(Error::NoUser);
        }
        if !conn.set_password_hash(&user, &hash, now).await? {
            conn.insert_credential(&ids::alphanumeric(32), &user, &hash, now).await?;
        }
        conn.forget_links(&user).await?;
        conn.commit().await?;
        self.remember(Event::PasswordReset, Some(&user), client, "").await;
        Ok(())
    }
}

fn identifier(token: &str) -> String {
    format!("reset-password:{token}")
}

/// Whether it is worth looking up.
pub(super) fn plausible(token: &str) -> bool {
    !token.is_empty()
        && token.len() <= TOKEN_MAX
        && token.bytes().all(|c| c.is_ascii_alphanumeric() || b"-_".contains(&c))
}
