//! Proving an address, and changing it, by links in letters.
//!
//! Nothing is stored for it: the link's token says what it is for, and is signed. Nothing changes before the link is
//! followed.

use super::{Accounts, Error, Event, Found, MailOff};
use crate::{
    auth::{
        client::Client,
        cookie::encode_component,
        email,
        mail_token::{self, Bad, CHANGE, Claims, LIFETIME},
    },
    mail::letter,
    store::{self, sessions::SessionOwner},
};
use domain::account::User;

/// What a followed link did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verified {
    /// The address is proven, now or earlier.
    Proven,
    /// The address was changed to one that is proven by it.
    Changed(Box<User>),
}

impl Accounts {
    /// Sends the letter that proves an address. Somebody signed in learns why not; anybody else gets the same answer for
    /// every address.
    pub async fn send_verification(
        &self,
        owner: Option<&SessionOwner>,
        address: &str,
        callback: Option<&str>,
    ) -> Result<(), Error> {
        if self.mailer.is_none() {
            return Err(Error::MailOff(MailOff::Verify));
        }
        if !email::valid(address) {
            return Err(Error::Email);
        }
        let address = address.to_ascii_lowercase();
        if let Some(owner) = owner {
            if owner.user.email != address {
                return Err(Error::OtherEmail);
            }
            if owner.user.email_verified {
                return Err(Error::AlreadyVerified);
            }
            self.write_verification(&owner.user, callback);
            return Ok(());
        }
        let found = self.store.read().await?.credentials(&address).await?;
        if let Some(found) = found.filter(|found| !found.user.email_verified && !found.disabled) {
            self.write_verification(&found.user, callback);
        }
        Ok(())
    }

    /// Writes to somebody whose address is not proven yet.
    pub(super) fn write_verification(&self, user: &User, callback: Option<&str>) {
        if let Some(link) = self.verification_link(user, None, callback) {
            self.post(letter::verify(&user.email, &link));
        }
    }

    /// Asks the new address whether it belongs to the person. An address somebody has already gets no letter, and the
    /// answer does not tell.
    pub async fn change_email(&self, owner: &SessionOwner, new: &str, callback: Option<&str>) -> Result<(), Error> {
        if !email::valid(new) {
            return Err(Error::Email);
        }
        let new = new.to_ascii_lowercase();
        if new == owner.user.email {
            return Err(Error::SameEmail);
        }
        if self.mailer.is_none() {
            return Err(Error::MailOff(MailOff::Change));
        }
        if self.store.read().await?.email_taken(&new).await? {
            return Ok(());
        }
        if let Some(link) = self.verification_link(&owner.user, Some(&new), callback) {
            self.post(letter::change(&new, &link));
        }
        Ok(())
    }

    fn verification_link(&self, user: &User, update_to: Option<&str>, callback: Option<&str>) -> Option<String> {
        let now = self.clock.millis().div_euclid(1000);
        let claims = Claims {
            email: user.email.clone(),
            user_id: user.id.to_string(),
            update_to: update_to.map(str::to_owned),
            request_type: update_to.map(|_| CHANGE.to_owned()),
            iat: now,
            exp: now + LIFETIME,
        };
        let token = mail_token::sign(&self.keyring, &claims)
            .inspect_err(|error| tracing::error!(error = %error, "a verification token could not be written"))
            .ok()?;
        let target = encode_component(callback.unwrap_or("/"));
        Some(self.endpoint(&format!("/verify-email?token={token}&callbackURL={target}")))
    }

    /// Follows a link: proves the address, or changes it.
    pub async fn verify_email(&self, token: &str, session: &Found, client: &Client) -> Result<Verified, Error> {
        let now = self.clock.millis();
        let claims = mail_token::verify(&self.keyring, token, now.div_euclid(1000)).map_err(|bad| match bad {
            Bad::Invalid => Error::BadToken,
            Bad::Expired => Error::TokenExpired,
        })?;
        let found = self.store.read().await?.credentials(&claims.email).await?;
        let mut user = found.filter(|found| !found.disabled).ok_or(Error::NoUser)?.user;
        // An address can have gone over to somebody else since.
        if user.id.as_str() != claims.user_id {
            return Err(Error::OtherUser);
        }
        let Some(new) = claims.update_to else {
            if !user.email_verified {
                let mut conn = self.store.write().await?;
                conn.set_email(&user.id, &user.email, true, now).await?;
                conn.commit().await?;
                self.remember(Event::EmailVerified, Some(&user.id), client, "").await;
            }
            return Ok(Verified::Proven);
        };
        if claims.request_type.as_deref() != Some(CHANGE) {
            return Err(Error::BadToken);
        }
        if matches!(session, Found::Live { owner, .. } if owner.user.id != user.id) {
            return Err(Error::OtherUser);
        }
        let mut conn = self.store.write().await?;
        conn.set_email(&user.id, &new, true, now).await.map_err(|error| match error {
            store::Error::Conflict { .. } => Error::Taken,
            other => Error::Store(other),
        })?;
        // They were mailed to the old address.
        conn.forget_links(&user.id).await?;
        conn.commit().await?;
        self.remember(Event::EmailChanged, Some(&user.id), client, "").await;
        self.post(letter::changed(&user.email, &self.public_url));
        user.email = new;
        user.email_verified = true;
        user.updated_at = store::better_auth::iso(now);
        Ok(Verified::Changed(Box::new(user)))
    }
}
