//! Somebody else's public keys, fetched when a token needs them: a sign-in provider's, another Better Auth's.
//!
//! They are taken as they are for ten minutes. A key that is missing is asked for again, because everybody changes their
//! keys as they like, but at most every few seconds, however many tokens name it, and by one request at a time: anybody
//! can make up a name. When the other side is down, what it said last counts for an hour.

use super::{
    fetch::Http,
    jwks::KeySet,
    jwt::{Claims, Expect, Refusal},
};
use serde_json::Value;
use std::sync::{Arc, PoisonError, RwLock};

/// How long keys are taken as they are, in milliseconds.
const FRESH: i64 = 600_000;
/// How long they may be used when no newer ones are to be had.
const STALE: i64 = 3_600_000;
/// How long to wait between two tries.
const PAUSE: i64 = 5_000;

/// The other side's keys, as far as they are known.
#[derive(Debug)]
pub struct RemoteKeys {
    http: Http,
    held: RwLock<Held>,
    fetching: tokio::sync::Mutex<()>,
}

/// Why a token proves nothing.
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

/// Whose token it must be, and for whom.
#[derive(Clone, Copy, Debug)]
pub struct Demands<'a> {
    /// What `iss` must be.
    pub issuer: Expect<'a>,
    /// What `aud` must be.
    pub audience: Expect<'a>,
}

/// Instants are milliseconds since 1970 UTC.
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

    fn check(&self, token: &str, now: i64, demands: Demands<'_>) -> Result<Claims, Refusal> {
        self.keys.verify(token, now.div_euclid(1000), demands.issuer, demands.audience)
    }
}

impl RemoteKeys {
    /// Nothing is fetched yet.
    pub fn new(http: Http) -> Self {
        Self { http, held: RwLock::default(), fetching: tokio::sync::Mutex::default() }
    }

    /// The claims of a token that one of the keys at `url` signed; `now` in milliseconds since 1970 UTC.
    pub async fn verify(&self, url: &str, token: &str, now: i64, demands: Demands<'_>) -> Result<Claims, Bad> {
        let held = self.held();
        if held.younger_than(FRESH, now) {
            match held.check(token, now, demands) {
                Err(Refusal::UnknownKey) => {}
                other => return Ok(other?),
            }
        }
        let held = self.renewed(url, now).await;
        if held.younger_than(STALE, now) { Ok(held.check(token, now, demands)?) } else { Err(Bad::NoKeys) }
    }

    fn held(&self) -> Held {
        self.held.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The keys after one more try, unless there just was one.
    async fn renewed(&self, url: &str, now: i64) -> Held {
        let _one_at_a_time = self.fetching.lock().await;
        let mut held = self.held();
        if held.tried_at.is_some_and(|at| (0..PAUSE).contains(&(now - at))) {
            return held;
        }
        held.tried_at = Some(now);
        match self.fetch(url).await {
            Ok(keys) => {
                held.keys = Arc::new(keys);
                held.fetched_at = Some(now);
            }
            Err(why) => tracing::warn!(why, "somebody's public keys cannot be had"),
        }
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = held.clone();
        held
    }

    async fn fetch(&self, url: &str) -> Result<KeySet, String> {
        let document: Value = self.http.json(url, None).await.map_err(|error| error.to_string())?;
        KeySet::read(&document).ok_or_else(|| "the answer has no list of keys".to_owned())
    }
}
