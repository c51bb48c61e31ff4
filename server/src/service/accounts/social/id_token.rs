//! Signing in and connecting an account with an ID token that a client got by itself, such as Google's button gives it.
//! No redirect, and so no state: the token alone must prove everything.

use super::{Accounts, Error, SignedIn, Stop};
use crate::{
    auth::{
        client::Client,
        oidc::{Identity, Oidc, Tokens},
    },
    store::sessions::SessionOwner,
};

/// An ID token and what came with it.
#[derive(Clone, Copy, Default)]
pub struct GivenToken<'a> {
    /// The ID token.
    pub token: &'a str,
    /// What the client asked it to carry.
    pub nonce: Option<&'a str>,
    /// To be kept with the account.
    pub access: Option<&'a str>,
    /// To be kept with the account.
    pub refresh: Option<&'a str>,
}

impl std::fmt::Debug for GivenToken<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("GivenToken")
    }
}

impl GivenToken<'_> {
    fn tokens(&self) -> Tokens {
        Tokens {
            access: self.access.map(str::to_owned),
            refresh: self.refresh.map(str::to_owned),
            id: Some(self.token.to_owned()),
            ..Tokens::default()
        }
    }
}

impl Accounts {
    /// Signs somebody in whom the token names.
    pub async fn sign_in_id_token(
        &self,
        provider: &str,
        given: &GivenToken<'_>,
        client: &Client,
    ) -> Result<SignedIn, Error> {
        let oidc = self.provider(provider)?;
        let identity = self.named(oidc, given).await?;
        let (signed, _) = self.enter(oidc, &identity, &given.tokens(), client).await?;
        Ok(signed)
    }

    /// Connects the account the token names.
    pub async fn link_id_token(
        &self,
        owner: &SessionOwner,
        provider: &str,
        given: &GivenToken<'_>,
        client: &Client,
    ) -> Result<(), Error> {
        let identity = self.named(self.provider(provider)?, given).await?;
        if identity.email.is_none() {
            return Err(Stop::NoEmail.into());
        }
        self.connect(owner, provider, &identity, &given.tokens(), client).await
    }

    async fn named(&self, oidc: &Oidc, given: &GivenToken<'_>) -> Result<Identity, Error> {
        let nonce = given.nonce.filter(|nonce| !nonce.is_empty());
        oidc.identity(given.token, nonce, self.clock.millis()).await.map_err(|error| {
            tracing::info!(provider = oidc.provider.id, %error, "an ID token was refused");
            Error::BadToken
        })
    }
}
