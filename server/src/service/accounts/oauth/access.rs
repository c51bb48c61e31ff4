//! Who is behind an access token: its signature says what was granted, and one query that it still is.

use crate::{
    actor::{Actor, Door, Scopes},
    auth::{
        jwt::{Claims, Expect, Refusal, Unverified},
        oauth,
    },
    service::accounts::{Accounts, Denied, McpCaller, McpDenied},
};
use domain::{id::UserId, settings::Settings};

/// The use of a grant is noted at most once in that many microseconds.
const NOTED_EVERY: i64 = 60_000_000;

impl From<Refusal> for McpDenied {
    fn from(refusal: Refusal) -> Self {
        Self::Token(refusal.as_str())
    }
}

impl Accounts {
    pub(in crate::service::accounts) async fn by_access_token(&self, text: &str) -> Result<McpCaller, McpDenied> {
        let claims = self.access_claims(text).await.map_err(|denied| match denied {
            Denied::Bearer(why) => McpDenied::Token(why),
            Denied::Store(error) => McpDenied::Store(error),
            Denied::Nobody | Denied::NoKeys => McpDenied::Nobody,
        })?;
        let claim = |name: &str| claims.text(name).ok_or(Refusal::Claim);
        let (grant, client) = (claim("gid")?, claim("client_id")?);
        let said: Scopes = oauth::scopes(Some(claim("scope")?)).ok_or(Refusal::Claim)?;
        let user = UserId(claim("sub")?.to_owned());
        let now = self.clock.micros();
        let found = self.store.read().await?.oauth_holder(grant, &user, now).await?;
        let found = found.filter(|found| found.client == client && !found.person.disabled);
        let found = found.ok_or(McpDenied::Token("the access was taken back or has ended"))?;
        if found.last_used_at.is_none_or(|last| last <= now - NOTED_EVERY) {
            self.note_grant(grant.to_owned(), now);
        }
        let granted = oauth::scopes(Some(&found.scopes)).unwrap_or(Scopes::NONE);
        let both = oauth::GRANTABLE.iter().map(|(_, scope, _)| *scope);
        let settings = found.person.settings.unwrap_or_else(Settings::default);
        let mut actor = Actor::new(user, Door::Mcp, settings);
        actor.scopes = both.filter(|scope| said.has(*scope) && granted.has(*scope)).collect();
        Ok(McpCaller { actor, client: Some(found.client) })
    }

    /// The grant an access token is about, when it is one of ours that has not expired.
    pub(super) async fn grant_of_access(&self, text: &str) -> Option<String> {
        self.access_claims(text).await.ok()?.text("gid").map(str::to_owned)
    }

    /// The claims of a token that we issued for `/mcp`.
    async fn access_claims(&self, text: &str) -> Result<Claims, Denied> {
        let token = Unverified::parse(text)?;
        if token.claimed_issuer() != Some(self.public_url.as_str()) {
            return Err(Refusal::Issuer.into());
        }
        let millis = self.clock.millis();
        let kid = token.kid.clone().ok_or(Refusal::UnknownKey)?;
        let keys = self.keys_with(&kid, millis).await?;
        let key = keys.verifying(&kid, millis, self.grace()).ok_or(Refusal::UnknownKey)?;
        let resource = self.mcp_resource();
        let (issuer, audience) = ([self.public_url.as_str()], [resource.as_str()]);
        Ok(token.verify(key, millis.div_euclid(1000), Expect::OneOf(&issuer), Expect::OneOf(&audience))?)
    }

    /// Notes a use beside the request, which neither waits for it nor fails with it.
    fn note_grant(&self, id: String, now: i64) {
        let store = self.store.clone();
        tokio::spawn(async move {
            let noted = async {
                let mut conn = store.write().await?;
                conn.touch_oauth_grant(&id, now, now - NOTED_EVERY).await?;
                conn.commit().await
            };
            if let Err(error) = noted.await {
                tracing::warn!(error = %error, "the use of a connected program could not be noted");
            }
        });
    }
}
