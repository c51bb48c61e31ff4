//! Our own JSON Web Tokens: the keys, who signs with which, and what a token says.
//!
//! Keys live in Better Auth's table in Better Auth's form, so that either program goes on with the other's. The newest
//! Ed25519 key that has not expired and that we can open signs; every key is published until its grace is over. A key
//! that cannot be opened (the secret was changed) is said once in the log, stays published, and a new one is made.

use super::{Accounts, Error};
use crate::{
    auth::{
        jwt::{self, Key, SigningKey},
        keyring::Keyring,
    },
    ids,
    store::{self, jwks::StoredKey},
};
use domain::account::User;
use serde_json::{Map, Value};
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

/// How long a token lives, in seconds: Better Auth's quarter of an hour.
const LIFE: i64 = 900;
/// How long keys are remembered before they are read again. A key that is not among them is looked for at once.
const REMEMBERED: i64 = 30_000;
const DAY: i64 = 86_400_000;

/// One key, as far as it can be used.
#[derive(Debug)]
struct Known {
    kid: String,
    /// As `/jwks` shows it.
    shown: Value,
    /// Absent for algorithms we cannot verify.
    verifies: Option<Key>,
    /// Absent for other algorithms, and for what our secrets do not open.
    signs: Option<SigningKey>,
    created_at: i64,
    expires_at: Option<i64>,
}

/// The keys as they were at a moment.
#[derive(Debug)]
pub(super) struct Keys {
    known: Vec<Known>,
    read_at: i64,
}

/// The keys that were read last, shared by all requests.
#[derive(Clone, Debug, Default)]
pub(super) struct KeyMemory {
    keys: Arc<RwLock<Option<Arc<Keys>>>>,
    /// Keys whose trouble has been logged.
    said: Arc<Mutex<HashSet<String>>>,
}

impl Keys {
    /// The key a token names, while it is published.
    pub(super) fn verifying(&self, kid: &str, now: i64, grace: i64) -> Option<&Key> {
        let known = self.known.iter().find(|known| known.kid == kid && known.published(now, grace))?;
        known.verifies.as_ref()
    }

    /// The key to sign with. With a rotation, a key without an end is due when it is older than that.
    pub(super) fn signing(&self, now: i64, rotation: Option<i64>) -> Option<&SigningKey> {
        let due = |known: &Known| known.expires_at.or(rotation.map(|life| known.created_at + life));
        self.known.iter().filter(|known| due(known).is_none_or(|end| end > now)).find_map(|known| known.signs.as_ref())
    }
}

impl Known {
    fn published(&self, now: i64, grace: i64) -> bool {
        self.expires_at.is_none_or(|end| end + grace > now)
    }
}

impl Accounts {
    /// The public keys, as `/jwks` shows them. The first one is made when there is none.
    pub async fn published_keys(&self) -> Result<Vec<Value>, Error> {
        let now = self.clock.millis();
        let mut keys = self.read_keys().await?;
        if keys.signing(now, self.rotation()).is_none() {
            keys = self.make_key().await?;
        }
        Ok(keys.known.iter().filter(|known| known.published(now, self.grace())).map(|k| k.shown.clone()).collect())
    }

    /// A token that says who somebody is, good for a quarter of an hour.
    pub async fn token_of(&self, user: &User) -> Result<String, Error> {
        let now = self.clock.millis();
        let keys = self.signing_keys().await?;
        let key = keys.signing(now, self.rotation()).ok_or(Error::Token)?;
        Ok(key.sign(&self.claims(user, now.div_euclid(1000))?))
    }

    /// An access token with these claims, by a key of [`Self::signing_keys`].
    pub(super) fn sign_access(&self, keys: &Keys, claims: &Map<String, Value>) -> Result<String, Error> {
        let key = keys.signing(self.clock.millis(), self.rotation()).ok_or(Error::Token)?;
        Ok(key.sign_as(Some("at+jwt"), claims))
    }

    /// The keys with one among them that signs now.
    pub(super) async fn signing_keys(&self) -> Result<Arc<Keys>, Error> {
        let keys = self.keys().await?;
        if keys.signing(self.clock.millis(), self.rotation()).is_some() {
            return Ok(keys);
        }
        self.make_key().await
    }

    /// Better Auth's claims in Better Auth's order.
    fn claims(&self, user: &User, now: i64) -> Result<Map<String, Value>, Error> {
        let Ok(Value::Object(fields)) = serde_json::to_value(user) else { return Err(Error::Token) };
        let mut claims = Map::new();
        claims.insert("iat".into(), now.into());
        claims.extend(fields);
        claims.insert("sub".into(), user.id.as_str().into());
        claims.insert("exp".into(), (now + LIFE).into());
        claims.insert("iss".into(), self.jwt.issuer.as_str().into());
        claims.insert("aud".into(), self.jwt.audience.as_str().into());
        Ok(claims)
    }

    /// The keys with that one among them, when there is such a key: another process may have made it since.
    pub(super) async fn keys_with(&self, kid: &str, now: i64) -> Result<Arc<Keys>, store::Error> {
        let keys = self.keys().await?;
        if keys.verifying(kid, now, self.grace()).is_some() { Ok(keys) } else { self.read_keys().await }
    }

    /// The keys, as they were a moment ago.
    pub(super) async fn keys(&self) -> Result<Arc<Keys>, store::Error> {
        let held = self.key_memory.keys.read().unwrap_or_else(PoisonError::into_inner).clone();
        match held {
            Some(keys) if (0..REMEMBERED).contains(&(self.clock.millis() - keys.read_at)) => Ok(keys),
            _ => self.read_keys().await,
        }
    }

    /// The keys as they are.
    pub(super) async fn read_keys(&self) -> Result<Arc<Keys>, store::Error> {
        let rows = self.store.read().await?.jwks().await?;
        Ok(self.hold(&rows))
    }

    /// Makes a key unless somebody else just has.
    async fn make_key(&self) -> Result<Arc<Keys>, Error> {
        let now = self.clock.millis();
        let mut conn = self.store.write().await?;
        conn.lock_jwks().await?;
        let rows = conn.jwks().await?;
        let keys = self.hold(&rows);
        if keys.signing(now, self.rotation()).is_some() {
            return Ok(keys);
        }
        let kid = ids::alphanumeric(32);
        let (_, public, private) = SigningKey::new(&kid, ids::bytes()).ok_or(Error::Token)?;
        let sealed = self.keyring.seal(&private, ids::bytes()).ok_or(Error::Token)?;
        if self.rotation().is_some() {
            conn.retire_keys(now).await?;
        }
        let key = StoredKey {
            id: kid,
            public_key: public,
            // The column holds JSON: a text in its quotes.
            private_key: Value::String(sealed).to_string(),
            created_at: now,
            expires_at: self.rotation().map(|life| now + life),
            alg: Some(jwt::Algorithm::EdDsa.as_str().to_owned()),
        };
        conn.insert_key(&key, "Ed25519").await?;
        let rows = conn.jwks().await?;
        conn.commit().await?;
        tracing::info!(kid = key.id, "made a new key for tokens");
        Ok(self.hold(&rows))
    }

    fn hold(&self, rows: &[StoredKey]) -> Arc<Keys> {
        let known = rows.iter().filter_map(|row| self.known(row)).collect();
        let keys = Arc::new(Keys { known, read_at: self.clock.millis() });
        *self.key_memory.keys.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&keys));
        keys
    }

    fn known(&self, row: &StoredKey) -> Option<Known> {
        let public: Option<Map<String, Value>> = serde_json::from_str(&row.public_key).ok();
        let Some((public, shown)) = public.and_then(|public| {
            Some((jwt::published(&row.id, &public, row.alg.as_deref())?, public)).map(|(s, p)| (p, s))
        }) else {
            self.say(&row.id, "is no public key and is left out");
            return None;
        };
        let ours = jwt::algorithm_of(&public, row.alg.as_deref()) == Some(jwt::Algorithm::EdDsa);
        let signs = if ours {
            private(&self.keyring, row).and_then(|p| SigningKey::stored(&row.id, &p, &public))
        } else {
            None
        };
        if ours && signs.is_none() {
            self.say(&row.id, "cannot be opened with our secrets: it is published, but another one signs");
        }
        Some(Known {
            kid: row.id.clone(),
            shown,
            verifies: Key::public(&public, row.alg.as_deref()),
            signs,
            created_at: row.created_at,
            expires_at: row.expires_at,
        })
    }

    fn say(&self, kid: &str, what: &str) {
        let mut said = self.key_memory.said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.insert(kid.to_owned()) {
            tracing::warn!(kid, "a key for tokens {what}");
        }
    }

    fn rotation(&self) -> Option<i64> {
        self.jwt.rotation_days.map(|days| days * DAY)
    }

    pub(super) fn grace(&self) -> i64 {
        self.jwt.grace_days * DAY
    }
}

/// The private half: sealed in a JSON text, or a plain JSON object where sealing was turned off.
fn private(keyring: &Keyring, row: &StoredKey) -> Option<Map<String, Value>> {
    match serde_json::from_str(&row.private_key).ok()? {
        Value::Object(plain) => Some(plain),
        Value::String(sealed) => serde_json::from_str(&keyring.open(&sealed)?).ok(),
        _ => None,
    }
}
