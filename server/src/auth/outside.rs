//! Another Better Auth whose tokens are taken: where its public keys are, and what its tokens must say.

use super::{
    fetch::Http,
    jwt::{Claims, Expect},
    remote_keys::{Bad, Demands, RemoteKeys},
};
use crate::config::Outside;

/// The other side.
#[derive(Debug)]
pub struct Elsewhere {
    settings: Outside,
    keys: RemoteKeys,
}

impl Elsewhere {
    /// `None` when there is no client to fetch its keys with.
    pub fn new(settings: Outside) -> Option<Self> {
        Some(Self { settings, keys: RemoteKeys::new(Http::new()?) })
    }

    /// Who its tokens say issued them.
    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// The claims of one of its tokens; `now` in milliseconds since 1970 UTC.
    pub async fn verify(&self, token: &str, now: i64) -> Result<Claims, Bad> {
        let issuer = [self.settings.issuer.as_str()];
        let audience = self.settings.audience.as_deref().map(|audience| [audience]);
        let audience = audience.as_ref().map_or(Expect::Anything, |audience| Expect::OneOf(audience));
        let demands = Demands { issuer: Expect::OneOf(&issuer), audience };
        self.keys.verify(&self.settings.jwks_url, token, now, demands).await
    }
}
