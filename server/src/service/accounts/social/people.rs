//! Who somebody is here whom a provider vouches for.
//!
//! Known by the provider's own name for them first. An address counts only where both sides have proven it: otherwise
//! whoever signs up first with somebody's address, here or there, would come into what is theirs.

use super::{Accounts, Error, SignedIn, Stop, joined};
use crate::{
    auth::{
        client::Client,
        oidc::{Identity, Oidc, Tokens},
    },
    config::SignUp,
    ids,
    service::accounts::{Event, person_name, picture, sign::new_session},
    store::{
        self, Conn,
        account_rows::{NewAccountRow, TokenColumns},
        better_auth::iso,
        oauth_accounts::Holder,
        sessions::SessionOwner,
    },
};
use domain::{account::User, id::UserId};

/// How somebody came to be who they are here.
enum How {
    Known,
    Linked,
    New,
}

impl Accounts {
    /// Starts a session for them; says whether an account was made.
    pub(super) async fn enter(
        &self,
        oidc: &Oidc,
        identity: &Identity,
        tokens: &Tokens,
        client: &Client,
    ) -> Result<(SignedIn, bool), Error> {
        let email = identity.email.as_deref().ok_or(Stop::NoEmail)?;
        let provider = &oidc.provider;
        let now = self.clock.millis();
        let mut conn = self.store.write().await?;
        // One at a time, so that nobody's account is connected twice and only one can be the first.
        conn.lock_sign_up().await?;
        let (mut user, how) = match holder(&mut conn, &provider.id, &identity.subject).await? {
            Some(holder) => {
                if holder.disabled {
                    return self.refused(conn, &holder.user.id, &provider.id, Stop::Disabled, client).await;
                }
                conn.update_tokens(&holder.account, &columns(tokens, None), now).await?;
                (holder.user, How::Known)
            }
            None => match conn.credentials(email).await? {
                Some(found) if !identity.email_verified || !found.user.email_verified => {
                    return self.refused(conn, &found.user.id, &provider.id, Stop::NotLinked, client).await;
                }
                Some(found) if found.disabled => {
                    return self.refused(conn, &found.user.id, &provider.id, Stop::Disabled, client).await;
                }
                Some(found) => (found.user, How::Linked),
                None => (self.newcomer(&mut conn, identity, email, now).await?, How::New),
            },
        };
        if !matches!(how, How::Known) {
            let scope = joined(tokens);
            let row = NewAccountRow {
                id: &ids::alphanumeric(32),
                user: &user.id,
                provider: &provider.id,
                account: &identity.subject,
                issuer: &provider.issuer,
                password: None,
                tokens: columns(tokens, tokens.access.is_some().then_some(scope.as_str())),
            };
            conn.insert_account(&row, now).await?;
        }
        if identity.email_verified && !user.email_verified && user.email == email {
            conn.set_email(&user.id, email, true, now).await?;
            user.email_verified = true;
        }
        let unproven = self.require_verification && !user.email_verified;
        let session = new_session(&user.id, client, true, now);
        if !unproven {
            conn.insert_session(&session).await?;
        }
        conn.commit().await?;
        match how {
            How::Known => {}
            How::Linked => self.remember(Event::AccountLinked, Some(&user.id), client, &provider.id).await,
            How::New => self.remember(Event::SignedUp, Some(&user.id), client, &provider.id).await,
        }
        if unproven {
            self.write_verification(&user, None);
            return Err(Stop::Unverified.into());
        }
        if !matches!(how, How::New) {
            self.remember(Event::SignedIn, Some(&user.id), client, &provider.id).await;
        }
        Ok((SignedIn { user, token: session.token, remembered: true }, matches!(how, How::New)))
    }

    /// Remembers that somebody tried to come in as this person, and was refused.
    async fn refused<T>(
        &self,
        conn: Conn,
        user: &UserId,
        provider: &str,
        why: Stop,
        client: &Client,
    ) -> Result<T, Error> {
        // The audit row is written by a transaction of its own.
        drop(conn);
        let detail = if why == Stop::Disabled { "disabled" } else { provider };
        self.remember(Event::SignInFailed, Some(user), client, detail).await;
        Err(why.into())
    }

    /// Makes an account without a password. The first one of an installation is the admin's.
    async fn newcomer(&self, conn: &mut Conn, identity: &Identity, email: &str, now: i64) -> Result<User, Error> {
        let first = !conn.any_user().await?;
        if self.sign_up == SignUp::Closed || (self.sign_up == SignUp::First && !first) {
            return Err(Stop::SignUpDisabled.into());
        }
        let user = User {
            // A name nobody could type here is no reason to keep somebody out.
            name: person_name(&identity.name).unwrap_or_default(),
            email: email.to_owned(),
            email_verified: identity.email_verified,
            image: identity.image.as_deref().and_then(|image| picture(image).ok()),
            created_at: iso(now),
            updated_at: iso(now),
            id: UserId(ids::alphanumeric(32)),
        };
        conn.insert_user(&user, now).await.map_err(|error| match error {
            store::Error::Conflict { .. } => Stop::CannotCreate.into(),
            other => Error::Store(other),
        })?;
        if first {
            conn.make_admin(&user.id).await?;
        }
        Ok(user)
    }

    /// Connects a provider's account to the one of somebody who is signed in.
    pub(super) async fn connect(
        &self,
        owner: &SessionOwner,
        provider: &str,
        identity: &Identity,
        tokens: &Tokens,
        client: &Client,
    ) -> Result<(), Error> {
        if !identity.email_verified {
            return Err(Stop::CannotLink.into());
        }
        if identity.email.as_deref() != Some(&owner.user.email.to_ascii_lowercase()) {
            return Err(Stop::OtherEmail.into());
        }
        let now = self.clock.millis();
        let user = &owner.user.id;
        let mut conn = self.store.write().await?;
        conn.lock_sign_up().await?;
        match holder(&mut conn, provider, &identity.subject).await? {
            Some(holder) if holder.user.id != *user => return Err(Stop::Elsewhere.into()),
            Some(holder) => {
                let mut scopes: Vec<&str> = holder.scope.split(',').map(str::trim).filter(|s| !s.is_empty()).collect();
                for scope in &tokens.scopes {
                    if !scopes.contains(&scope.as_str()) {
                        scopes.push(scope);
                    }
                }
                let scope = scopes.join(",");
                let scope = (!scope.is_empty()).then_some(scope.as_str());
                conn.update_tokens(&holder.account, &columns(tokens, scope), now).await?;
            }
            None => {
                let scope = joined(tokens);
                let row = NewAccountRow {
                    id: &ids::alphanumeric(32),
                    user,
                    provider,
                    account: &identity.subject,
                    issuer: &self.provider(provider)?.provider.issuer,
                    password: None,
                    tokens: columns(tokens, tokens.access.is_some().then_some(scope.as_str())),
                };
                conn.insert_account(&row, now).await?;
            }
        }
        conn.commit().await?;
        self.remember(Event::AccountLinked, Some(user), client, provider).await;
        Ok(())
    }
}

/// Who holds a provider's account here. Two rows for one account say nothing, and nobody comes in by them.
async fn holder(conn: &mut Conn, provider: &str, subject: &str) -> Result<Option<Holder>, Error> {
    let mut holders = conn.holders(provider, subject).await?;
    match (holders.pop(), holders.is_empty()) {
        (Some(_), false) => Err(Stop::CannotLink.into()),
        (holder, _) => Ok(holder),
    }
}

fn columns<'a>(tokens: &'a Tokens, scope: Option<&'a str>) -> TokenColumns<'a> {
    TokenColumns {
        access: tokens.access.as_deref(),
        refresh: tokens.refresh.as_deref(),
        id: tokens.id.as_deref(),
        scope,
        access_expires_at: tokens.access_expires_at,
        refresh_expires_at: tokens.refresh_expires_at,
    }
}
