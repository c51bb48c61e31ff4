//! The public keys of another Better Auth, fetched when they are needed.
//!
//! They are kept for ten minutes; one that is missing is asked for again at most every few seconds, however many tokens
//! name it, and by one request at a time. When the other side is down, what it said last counts for an hour.

use super::jwt::Key;
use crate::config::Outside;
use serde_json::{Map, Value};
use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

/// The answer must be there by then.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Largest key set taken, in bytes.
const LARGEST: usize = 256 * 1024;
/// How long keys are taken as they are, in milliseconds.
const FRESH: i64 = 600_000;
/// How long they may be used when no newer ones are to be had.
const STALE: i64 = 3_600_000;
/// How long to wait between two tries.
const PAUSE: i64 = 5_000;

/// The other side's keys.
#[derive(Debug)]
pub struct OutsideKeys {
    /// Where they are, and whose.
    pub settings: Outside,
    client: reqwest::Client,
    held: RwLock<Held>,
    fetching: tokio::sync::Mutex<()>,
}

/// Why there is no such key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The other side has none of that name.
    One,
    /// The other side does not answer, and what it said before is too old.
    All,
}

/// Instants are milliseconds since 1970 UTC.
#[derive(Clone, Debug, Default)]
struct Held {
    keys: Arc<Vec<(String, Arc<Key>)>>,
    fetched_at: Option<i64>,
    tried_at: Option<i64>,
}

impl Held {
    fn find(&self, kid: &str) -> Option<Arc<Key>> {
        self.keys.iter().find(|(known, _)| known == kid).map(|(_, key)| Arc::clone(key))
    }

    fn younger_than(&self, age: i64, now: i64) -> bool {
        self.fetched_at.is_some_and(|at| (0..age).contains(&(now - at)))
    }
}

impl OutsideKeys {
    /// Nothing is fetched yet; `None` when there is no client to fetch with.
    pub fn new(settings: Outside) -> Option<Self> {
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(crate::tls::client())
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| tracing::error!(%error, "no HTTP client for BETTER_AUTH_JWKS_URL"))
            .ok()?;
        Some(Self { settings, client, held: RwLock::default(), fetching: tokio::sync::Mutex::default() })
    }

    /// The key of that name; `now` in milliseconds since 1970 UTC.
    pub async fn key(&self, kid: &str, now: i64) -> Result<Arc<Key>, Missing> {
        let held = self.held();
        if held.younger_than(FRESH, now)
            && let Some(key) = held.find(kid)
        {
            return Ok(key);
        }
        let held = self.renewed(now).await;
        if !held.younger_than(STALE, now) {
            return Err(Missing::All);
        }
        held.find(kid).ok_or(Missing::One)
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
            Err(why) => {
                tracing::warn!(url = self.settings.jwks_url, why, "the keys of BETTER_AUTH_JWKS_URL cannot be had");
            }
        }
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = held.clone();
        held
    }

    async fn fetch(&self) -> Result<Vec<(String, Arc<Key>)>, String> {
        // Without the address, which may carry a password.
        let words = |error: reqwest::Error| error.without_url().to_string();
        let mut response = self.client.get(&self.settings.jwks_url).send().await.map_err(words)?;
        if response.status() != reqwest::StatusCode::OK {
            return Err(format!("the answer is {}", response.status()));
        }
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(words)? {
            if body.len() + piece.len() > LARGEST {
                return Err(format!("the answer is larger than {LARGEST} bytes"));
            }
            body.extend_from_slice(&piece);
        }
        let set: Map<String, Value> =
            serde_json::from_slice(&body).map_err(|error| format!("the answer is no key set: {error}"))?;
        let list = set.get("keys").and_then(Value::as_array).ok_or("the answer has no list of keys")?;
        let key = |jwk: &Value| {
            let jwk = jwk.as_object()?;
            Some((jwk.get("kid")?.as_str()?.to_owned(), Arc::new(Key::public(jwk, None)?)))
        };
        Ok(list.iter().filter_map(key).collect())
    }
}
