//! A provider's public keys: fetched at first use, kept for an hour, and fetched anew when a token names a key that is
//! not among them, because providers change their keys as they like. Not for every such token, though: anybody can make
//! up a name.

use super::{Error, fetch::Http};
use crate::auth::{
    jwks::KeySet,
    jwt::{Claims, Expect, Refusal},
};
use serde_json::Value;
use std::sync::Arc;
use tokio::sync::Mutex;

/// How long keys are believed, in milliseconds.
const KEPT: i64 = 3_600_000;
/// How long an unknown name waits after keys were fetched, in milliseconds.
const PAUSE: i64 = 5_000;

/// The keys, and when they were fetched.
#[derive(Debug, Default)]
pub struct Keys(Mutex<Option<(Arc<KeySet>, i64)>>);

impl Keys {
    /// The claims of a token that one of the keys at `url` signed; `now` in milliseconds.
    pub async fn verify(
        &self,
        http: &Http,
        url: &str,
        token: &str,
        now: i64,
        issuer: Expect<'_>,
        audience: Expect<'_>,
    ) -> Result<Claims, Error> {
        let first = self.get(http, url, now, KEPT).await?.verify(token, now / 1000, issuer, audience);
        let claims = match first {
            Err(Refusal::UnknownKey) => {
                self.get(http, url, now, PAUSE).await?.verify(token, now / 1000, issuer, audience)
            }
            other => other,
        };
        claims.map_err(|why| Error::Unproven(why.to_string()))
    }

    /// Keys that are not older than `age`. Who comes while they are fetched waits for the same ones.
    async fn get(&self, http: &Http, url: &str, now: i64, age: i64) -> Result<Arc<KeySet>, Error> {
        let mut kept = self.0.lock().await;
        if let Some((keys, fetched)) = kept.as_ref()
            && now.abs_diff(*fetched) < age.unsigned_abs()
        {
            return Ok(keys.clone());
        }
        let document: Value = http.json(url, None).await?;
        let keys = KeySet::read(&document).ok_or_else(|| Error::Unavailable(format!("{url} is not a set of keys")))?;
        let keys = Arc::new(keys);
        *kept = Some((keys.clone(), now));
        Ok(keys)
    }
}
