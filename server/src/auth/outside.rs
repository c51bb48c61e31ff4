//! Another Better Auth whose tokens are taken: its public keys, and what its tokens must say.
//!
//! Keys are kept for ten minutes; one that is missing is asked for again at most every few seconds, however many tokens
//! name it, and by one request at a time. When the other side is down, what it said last counts for an hour.

use super::{
    jwks::KeySet,
    jwt::{Claims, Expect, Refusal},
    oidc::fetch::Http,
};
use crate::config::Outside;
use serde_json::Value;
use std::sync::{Arc, PoisonError, RwLock};

/// How long keys are taken as they are, in milliseconds.
const FRESH: i64 = 600_000;
/// How long they may be used when no newer ones are to be had.
const STALE: i64 = 3_600_000;
/// How long to wait between two tries.
const PAUSE: i64 = 5_000;

/// The other side.
#[derive(Debug)]
pub struct Elsewhere {
    settings: Outside,
    http: Http,
    held: RwLock<Held>,
    fetching: tokio::sync::Mutex<()>,
}

/// Why one of its tokens proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bad {
    /// It is not accepted.
    Token(Refusal),
    /// The other side does not answer, and what it said before is too old.
    NoKeys,
}

impl From<Refusal> for Bad {
    fn from(refusal: Refusal) -> Self {
        Self::Token(refusal)
    }
}

/// What is known of its keys; instants are milliseconds since 1970 UTC.
#[derive(Clone, Debug, Default)]
struct Held {
    keys: Arc<KeySet>,
    fetched_at: Option<i64>,
    tried_at: Option<i64>,
}

impl Held {
    fn younger_than(&self, age: i64, now: i64) -> bool {
        self.fetched_at.is_some_and(|at| (0..age).contains(&(now - at)))
    }
}

impl Elsewhere {
    /// Nothing is fetched yet; `None` when there is no client to fetch with.
    pub fn new(settings: Outside) -> Option<Self> {
        Some(Self { settings, http: Http::new()?, held: RwLock::default(), fetching: tokio::sync::Mutex::default() })
    }

    /// Who its tokens say issued them.
    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// The claims of one of its tokens; `now` in milliseconds since 1970 UTC.
    pub async fn verify(&self, token: &str, now: i64) -> Result<Claims, Bad> {
        let held = self.held();
        if held.younger_than(FRESH, now) {
            match self.check(&held, token, now) {
                Err(Refusal::UnknownKey) => {}
                other => return Ok(other?),
            }
        }
        let held = self.renewed(now).await;
        if held.younger_than(STALE, now) { Ok(self.check(&held, token, now)?) } else { Err(Bad::NoKeys) }
    }

    fn check(&self, held: &Held, token: &str, now: i64) -> Result<Claims, Refusal> {
        let issuer = [self.settings.issuer.as_str()];
        let audience = self.settings.audience.as_deref().map(|audience| [audience]);
        let audience = audience.as_ref().map_or(Expect::Anything, |audience| Expect::OneOf(audience));
        held.keys.verify(token, now.div_euclid(1000), Expect::OneOf(&issuer), audience)
    }

    fn held(&self) -> Held {
        self.held.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The keys after one more try, unless there just was one.
    async fn renewed(&self, now: i64) -> Held {
        let _one_at_a_time = self.fetching.lock().await;
        let mut held = self.held();
        if held.tried_at.is_some_and(|at| (0..PAUSE).contains(&(now - at))) {
            return held;
        }
        held.tried_at = Some(now);
        match self.fetch().await {
            Ok(keys) => {
                held.keys = Arc::new(keys);
                held.fetched_at = Some(now);
            }
            Err(why) => tracing::warn!(why, "the keys of BETTER_AUTH_JWKS_URL cannot be had"),
        }
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = held.clone();
        held
    }

    async fn fetch(&self) -> Result<KeySet, String> {
        let document: Value = self.http.json(&self.settings.jwks_url, None).await.map_err(|error| error.to_string())?;
        KeySet::read(&document).ok_or_else(|| "the answer has no list of keys".to_owned())
    }
}
