//! Deleting one's account, with everything in it.
//!
//! With mail, the address is asked first. Without, the password proves the person, or a session younger than a day.

use super::{Accounts, Error, Event, passwords::plausible};
use crate::{
    auth::{client::Client, cookie::encode_component},
    ids,
    mail::letter,
    store::{Conn, sessions::SessionOwner},
};

/// How long the link to delete an account works, in milliseconds.
const LINK: i64 = 86_400_000;

/// What became of the wish to delete an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Deletion {
    /// It is gone.
    Done,
    /// A letter with a link was sent.
    Asked,
}

impl Accounts {
    /// Deletes the account, or asks for it by letter. A password must be right when one is given; `callback` is where the
    /// letter's link leads in the end.
    pub async fn delete_user(
        &self,
        owner: &SessionOwner,
        password: Option<&str>,
        callback: Option<&str>,
        client: &Client,
    ) -> Result<Deletion, Error> {
        if let Some(password) = password {
            self.check_password(owner, password, client).await?;
        }
        if self.mailer.is_some() {
            // Digits and small letters, as Better Auth's.
            let token = ids::alphanumeric(32).to_lowercase();
            let now = self.clock.millis();
            let mut conn = self.store.write().await?;
            let (id, name) = (ids::alphanumeric(32), identifier(&token));
            conn.insert_verification(&id, &name, owner.user.id.as_str(), now + LINK, now).await?;
            conn.commit().await?;
            let target = encode_component(callback.unwrap_or("/"));
            let link = self.endpoint(&format!("/delete-user/callback?token={token}&callbackURL={target}"));
            self.post(letter::delete(&owner.user.email, &link));
            return Ok(Deletion::Asked);
        }
        if password.is_none() && !self.is_fresh(owner) {
            return Err(Error::Expired);
        }
        self.delete_for_good(self.store.write().await?, owner, client).await?;
        Ok(Deletion::Done)
    }

    /// Deletes the account with the token of a letter. The token must be the session owner's.
    pub async fn confirm_deletion(&self, owner: &SessionOwner, token: &str, client: &Client) -> Result<(), Error> {
        if !plausible(token) {
            return Err(Error::BadToken);
        }
        let mut conn = self.store.write().await?;
        let user = conn.take_verification(&identifier(token), self.clock.millis()).await?;
        // Somebody else's stays: the transaction is not kept.
        if user.as_deref() != Some(owner.user.id.as_str()) {
            return Err(Error::BadToken);
        }
        self.delete_for_good(conn, owner, client).await
    }

    async fn delete_for_good(&self, mut conn: Conn, owner: &SessionOwner, client: &Client) -> Result<(), Error> {
        conn.forget_links(&owner.user.id).await?;
        conn.delete_user(&owner.user.id).await?;
        conn.commit().await?;
        self.remember(Event::Deleted, None, client, "").await;
        Ok(())
    }
}

fn identifier(token: &str) -> String {
    format!("delete-account-{token}")
}
