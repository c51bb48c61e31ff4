//! Personal API tokens: for scripts and other programs that act for a person, within the scopes they were given.
//!
//! `tdc_` and 40 random letters and digits. The prefix lets scanners of leaked secrets know one; the rest says nothing.

use super::{Accounts, Event};
use crate::{
    actor::{Actor, Door, Scope, Scopes},
    auth::client::Client,
    clock::rfc3339,
    ids,
    service::{Error, Result},
    store::{
        self,
        api_tokens::{StoredToken, TokenActor},
    },
};
use domain::{
    account::{ApiToken, NewApiToken},
    id::UserId,
    settings::Settings,
    text::Name,
};
use sha2::{Digest, Sha256};

/// What every token begins with.
pub(super) const PREFIX: &str = "tdc_";
/// Letters and digits after that.
const LENGTH: usize = 40;
/// Most tokens of one person.
const MOST: usize = 50;
/// Longest life that can be asked for, in days.
pub const DAYS_MAX: i64 = 3650;
const DAY: i64 = 86_400_000_000;
/// The use of a token is noted at most once in that many microseconds.
const NOTED_EVERY: i64 = 60_000_000;

/// A token to be made.
#[derive(Clone, Debug)]
pub struct TokenWish {
    /// What to call it; unique among a person's tokens without regard to case.
    pub name: Name,
    /// What it may do.
    pub scopes: Scopes,
    /// How long it lives; for ever when absent.
    pub days: Option<i64>,
}

impl Accounts {
    /// Makes a token. It is in the answer and nowhere else.
    pub async fn make_api_token(&self, user: &UserId, wish: TokenWish, client: &Client) -> Result<NewApiToken> {
        if wish.scopes == Scopes::NONE {
            let words = Scopes::ALL.words().join(", ");
            return Err(Error::field("scopes", "empty", format!("scopes must name at least one of {words}")));
        }
        if wish.days.is_some_and(|days| !(1..=DAYS_MAX).contains(&days)) {
            let why = format!("expires_in_days must be a whole number from 1 to {DAYS_MAX}, or null for no end");
            return Err(Error::field("expires_in_days", "out_of_range", why));
        }
        let token = format!("{PREFIX}{}", ids::alphanumeric(LENGTH));
        let now = self.clock.micros();
        let row = StoredToken {
            id: ids::alphanumeric(32),
            name: wish.name.to_string(),
            scopes: wish.scopes.words().join(","),
            created_at: now,
            expires_at: wish.days.map(|days| now + days * DAY),
            last_used_at: None,
        };
        let mut conn = self.store.write().await?;
        conn.lock_api_tokens(user).await?;
        let others = conn.api_tokens(user).await?;
        if others.len() >= MOST {
            let why = format!("You have {MOST} tokens, which is the most: revoke one that is no longer in use first.");
            return Err(Error::conflict("too_many_tokens", why));
        }
        if others.iter().any(|other| other.name.to_lowercase() == wish.name.key()) {
            return Err(Error::conflict("name_taken", format!("There is a token called “{}” already.", wish.name)));
        }
        conn.insert_api_token(user, &row, &hash(&token)).await?;
        conn.commit().await?;
        self.remember(Event::TokenCreated, Some(user), client, &row.name).await;
        Ok(NewApiToken { shown: shown(row), token })
    }

    /// A person's tokens, the newest first.
    pub async fn api_tokens(&self, user: &UserId) -> Result<Vec<ApiToken>> {
        let rows = self.store.read().await?.api_tokens(user).await?;
        Ok(rows.into_iter().map(shown).collect())
    }

    /// Takes a token back.
    pub async fn revoke_api_token(&self, user: &UserId, id: &str, client: &Client) -> Result<()> {
        let mut conn = self.store.write().await?;
        let gone = conn.delete_api_token(user, id).await?;
        conn.commit().await?;
        let name = gone.ok_or_else(|| Error::NotFound { what: "such token".into() })?;
        self.remember(Event::TokenRevoked, Some(user), client, &name).await;
        Ok(())
    }

    /// Who holds a token; `None` when it is unknown, was revoked, has expired, or its owner may not come in.
    pub(super) async fn by_api_token(&self, token: &str) -> Result<Option<Actor>, store::Error> {
        let rest = token.strip_prefix(PREFIX).unwrap_or_default();
        if rest.len() != LENGTH || !rest.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Ok(None);
        }
        let found = self.store.read().await?.token_actor(&hash(token)).await?;
        let now = self.clock.micros();
        let alive = |found: &TokenActor| found.expires_at.is_none_or(|end| end > now) && !found.person.disabled;
        let Some(found) = found.filter(alive) else { return Ok(None) };
        if found.last_used_at.is_none_or(|last| last <= now - NOTED_EVERY) {
            self.note_use(found.id, now);
        }
        let settings = found.person.settings.unwrap_or_else(Settings::default);
        let mut actor = Actor::new(found.user, Door::Api, settings);
        actor.scopes = found.scopes.split(',').filter_map(Scope::named).collect();
        Ok(Some(actor))
    }

    /// Notes a use beside the request, which neither waits for it nor fails with it.
    fn note_use(&self, id: String, now: i64) {
        let store = self.store.clone();
        tokio::spawn(async move {
            let noted = async {
                let mut conn = store.write().await?;
                conn.touch_api_token(&id, now, now - NOTED_EVERY).await?;
                conn.commit().await
            };
            if let Err(error) = noted.await {
                tracing::warn!(error = %error, "the use of an API token could not be noted");
            }
        });
    }
}

fn hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

fn shown(row: StoredToken) -> ApiToken {
    ApiToken {
        id: row.id,
        name: row.name,
        scopes: row.scopes.split(',').map(str::to_owned).collect(),
        created_at: rfc3339(row.created_at),
        expires_at: row.expires_at.map(rfc3339),
        last_used_at: row.last_used_at.map(rfc3339),
    }
}
