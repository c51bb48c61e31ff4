//! How much of the day's tokens a person has used.

use crate::{
    actor::Actor,
    clock::rfc3339,
    service::{Result, Services},
};
use domain::chat::Quota;

/// The day of a moment, UTC.
pub(super) fn day(at: i64) -> String {
    rfc3339(at).chars().take("2026-11-21".len()).collect()
}

impl Services {
    /// Tokens a person has used since midnight UTC.
    pub async fn chat_tokens_today(&self, actor: &Actor) -> Result<i64> {
        Ok(self.store.read().await?.chat_tokens(&actor.user, &day(self.clock.micros())).await?)
    }

    /// Today's use and its limit; `None` when there is no model or no limit.
    pub async fn chat_quota(&self, actor: &Actor) -> Result<Option<Quota>> {
        let limit = i64::try_from(self.config.llm_daily_tokens).unwrap_or(i64::MAX);
        if limit == 0 || self.model.is_none() {
            return Ok(None);
        }
        let used = self.chat_tokens_today(actor).await?;
        Ok(Some(Quota { used, limit }))
    }
    /// The same, when nothing of it is left.
    pub(super) async fn chat_quota_used_up(&self, actor: &Actor) -> Result<Option<Quota>> {
        Ok(self.chat_quota(actor).await?.filter(|quota| quota.used >= quota.limit))
    }
}
