//! The ways a person can sign in: their password and other providers' accounts.

use super::{Accounts, Error, Event};
use crate::{
    auth::client::Client,
    store::{account_rows::LinkedAccount, sessions::SessionOwner},
};
use domain::id::UserId;

impl Accounts {
    /// Every way a person can sign in, oldest first.
    pub async fn list_accounts(&self, user: &UserId) -> Result<Vec<LinkedAccount>, Error> {
        Ok(self.store.read().await?.accounts_of(user).await?)
    }

    /// Takes the way to sign in that `is_it` names away, but never the last one. Needs a fresh session.
    pub async fn unlink_account(
        &self,
        owner: &SessionOwner,
        is_it: impl Fn(&LinkedAccount) -> bool + Send,
        client: &Client,
    ) -> Result<(), Error> {
        self.check_fresh(owner)?;
        let user = &owner.user.id;
        let mut conn = self.store.write().await?;
        conn.lock_user(user).await?;
        let accounts = conn.accounts_of(user).await?;
        if accounts.len() <= 1 {
            return Err(Error::LastAccount);
        }
        let account = accounts.iter().find(|account| is_it(account)).ok_or(Error::NoAccount)?;
        conn.delete_account(user, &account.id).await?;
        conn.commit().await?;
        self.remember(Event::AccountUnlinked, Some(user), client, &account.provider).await;
        Ok(())
    }
}
