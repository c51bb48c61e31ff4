//! The tokens a provider gave out for a person, for that person's own programs.

use super::{Accounts, Error, Stop};
use crate::{
    auth::{
        jwks,
        oidc::{Identity, Oidc, Tokens},
    },
    store::{
        account_rows::{CREDENTIAL, TokenColumns},
        oauth_accounts::StoredTokens,
    },
};
use domain::id::UserId;
use serde_json::{Map, Value};

/// An access token that ends within so many milliseconds is refreshed first.
const SOON: i64 = 5_000;

/// Which of a person's accounts: since Better Auth 1.7 the row's id, before that the provider and perhaps its name for
/// the person. Both are understood.
#[derive(Clone, Copy, Debug, Default)]
pub struct Chosen<'a> {
    /// The provider.
    pub provider: Option<&'a str>,
    /// The row's id, or the provider's name for the person.
    pub account: Option<&'a str>,
}

impl Chosen<'_> {
    fn is(&self, row: &StoredTokens) -> bool {
        self.provider.is_none_or(|provider| row.provider == provider)
            && self.account.is_none_or(|account| row.id == account || row.account == account)
            && (self.provider.is_some() || self.account.is_some())
    }
}

/// Why a provider's tokens cannot be handed out; the words are Better Auth's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoTokens {
    /// The account is not a configured provider's; whose it is.
    #[error("Provider {0} is not supported.")]
    NotSupported(String),
    /// The same, where Better Auth has other words for it.
    #[error("Account is not associated with a configured social provider.")]
    NotConfigured,
    /// There is no access token.
    #[error("Access token not found")]
    NoAccess,
    /// There is no refresh token.
    #[error("Refresh token not found")]
    NoRefresh,
    /// The provider gave no new one when a living one was asked for.
    #[error("Failed to get a valid access token")]
    NoneValid,
    /// The provider gave no new one.
    #[error("Failed to refresh access token")]
    NoneNew,
}

impl NoTokens {
    /// Better Auth's code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotSupported(_) => "PROVIDER_NOT_SUPPORTED",
            Self::NotConfigured => "PROVIDER_NOT_CONFIGURED",
            Self::NoAccess => "ACCESS_TOKEN_NOT_FOUND",
            Self::NoRefresh => "REFRESH_TOKEN_NOT_FOUND",
            Self::NoneValid => "FAILED_TO_GET_ACCESS_TOKEN",
            Self::NoneNew => "FAILED_TO_REFRESH_ACCESS_TOKEN",
        }
    }
}

impl From<NoTokens> for Error {
    fn from(why: NoTokens) -> Self {
        Self::Tokens(why)
    }
}

/// What `get-access-token` answers.
#[derive(Clone, Default)]
pub struct Access {
    /// The token.
    pub token: String,
    /// When it ends, in milliseconds.
    pub expires_at: Option<i64>,
    /// What was granted.
    pub scopes: Vec<String>,
    /// Who they are, signed.
    pub id_token: Option<String>,
}

/// What `refresh-token` answers.
#[derive(Clone)]
pub struct Refreshed {
    /// What the provider gave, completed by what was kept.
    pub tokens: Tokens,
    /// What was granted, comma-joined, as it is stored.
    pub scope: Option<String>,
    /// The provider.
    pub provider: String,
    /// The row's id.
    pub id: String,
}

/// What `account-info` answers.
#[derive(Clone, Debug)]
pub struct Info {
    /// The person as the provider's claims describe them.
    pub identity: Identity,
    /// The claims.
    pub claims: Map<String, Value>,
    /// The row's id.
    pub id: String,
    /// The provider.
    pub provider: String,
    /// The provider's name for the person.
    pub account: String,
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Access")
    }
}

impl std::fmt::Debug for Refreshed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Refreshed")
    }
}

impl Accounts {
    /// An access token that still lives, refreshed when it is time.
    pub async fn access_token(&self, user: &UserId, chosen: &Chosen<'_>) -> Result<Access, Error> {
        let (row, oidc) = self.chosen(user, chosen).await?;
        self.access(oidc, row).await
    }

    async fn access(&self, oidc: &Oidc, mut row: StoredTokens) -> Result<Access, Error> {
        let now = self.clock.millis();
        let ends = row.access_expires_at.is_some_and(|end| end - now < SOON);
        if let Some(token) = row.refresh.clone().filter(|_| ends) {
            let fresh = self.refreshed(oidc, &row, &token).await.map_err(|error| match error {
                Error::Tokens(_) => NoTokens::NoneValid.into(),
                other => other,
            })?;
            row.access = fresh.access;
            row.access_expires_at = fresh.access_expires_at.or(row.access_expires_at);
            row.id_token = fresh.id.or(row.id_token);
        }
        Ok(Access {
            token: row.access.map(|token| self.readable(token)).unwrap_or_default(),
            expires_at: row.access_expires_at,
            scopes: scopes(row.scope.as_deref()),
            id_token: row.id_token,
        })
    }

    /// Another access token, whether it is time or not.
    pub async fn refresh_token(&self, user: &UserId, chosen: &Chosen<'_>) -> Result<Refreshed, Error> {
        let (row, oidc) = self.chosen(user, chosen).await?;
        let kept = row.refresh.clone().filter(|token| !token.is_empty()).ok_or(NoTokens::NoRefresh)?;
        let mut tokens = self.refreshed(oidc, &row, &kept).await?;
        tokens.refresh = tokens.refresh.or_else(|| Some(self.readable(kept)));
        tokens.refresh_expires_at = tokens.refresh_expires_at.or(row.refresh_expires_at);
        tokens.id = tokens.id.or(row.id_token);
        Ok(Refreshed { tokens, scope: row.scope, provider: row.provider, id: row.id })
    }

    /// What the provider said about the person when they last came through it.
    pub async fn account_info(&self, user: &UserId, chosen: &Chosen<'_>) -> Result<Info, Error> {
        let (row, oidc) = self.chosen(user, chosen).await.map_err(|error| match error {
            Error::Tokens(_) => NoTokens::NotConfigured.into(),
            other => other,
        })?;
        let (id, provider, account) = (row.id.clone(), row.provider.clone(), row.account.clone());
        let access = self.access(oidc, row).await?;
        if access.token.is_empty() {
            return Err(NoTokens::NoAccess.into());
        }
        // It was checked before it was stored.
        let claims = access.id_token.as_deref().and_then(jwks::claims_unchecked);
        let claims = claims.ok_or(Stop::NoIdentity)?;
        let identity = Identity::of(&claims).ok_or(Stop::NoIdentity)?;
        Ok(Info { identity, claims, id, provider, account })
    }

    async fn chosen(&self, user: &UserId, chosen: &Chosen<'_>) -> Result<(StoredTokens, &Oidc), Error> {
        let rows = self.store.read().await?.stored_tokens(user).await?;
        let row = rows.into_iter().find(|row| chosen.is(row)).ok_or(Error::NoAccount)?;
        let oidc = self.provider(&row.provider).ok().filter(|_| row.provider != CREDENTIAL);
        match oidc {
            Some(oidc) => Ok((row, oidc)),
            None => Err(NoTokens::NotSupported(row.provider).into()),
        }
    }

    /// Asks the provider and keeps what it answers. The scope stays: what is refreshed may be narrower.
    async fn refreshed(&self, oidc: &Oidc, row: &StoredTokens, token: &str) -> Result<Tokens, Error> {
        let now = self.clock.millis();
        let tokens = oidc.refresh(&self.readable(token.to_owned()), now).await.map_err(|error| {
            tracing::warn!(provider = row.provider, %error, "a provider's token was not refreshed");
            NoTokens::NoneNew
        })?;
        // An ID token nobody has checked is not kept: what is stored is believed later.
        let id = match &tokens.id {
            Some(id) => oidc.identity(id, None, now).await.ok().filter(|who| who.subject == row.account).map(|_| id),
            None => None,
        };
        let columns = TokenColumns {
            access: tokens.access.as_deref(),
            refresh: tokens.refresh.as_deref(),
            id: id.map(String::as_str),
            scope: None,
            access_expires_at: tokens.access_expires_at,
            refresh_expires_at: tokens.refresh_expires_at,
        };
        let mut conn = self.store.write().await?;
        conn.update_tokens(&row.id, &columns, now).await?;
        conn.commit().await?;
        Ok(Tokens { id: id.cloned(), ..tokens })
    }

    /// Better Auth can keep tokens encrypted; ours are not, but one that is gets opened.
    fn readable(&self, token: String) -> String {
        let sealed = token.starts_with("$ba$")
            || (token.len().is_multiple_of(2) && token.bytes().all(|c| c.is_ascii_hexdigit()));
        if sealed { self.keyring.open(&token).unwrap_or(token) } else { token }
    }
}

fn scopes(stored: Option<&str>) -> Vec<String> {
    let stored = stored.unwrap_or_default();
    stored.split(',').map(str::trim).filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
}
