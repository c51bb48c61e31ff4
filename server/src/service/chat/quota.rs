//! How much of the day's tokens a person has used.

use crate::{
    actor::Actor,
    service::{Result, Services},
};
use domain::chat::Quota;

impl Services {
    /// Today's use and its limit; `None` when there is no model or no limit.
    pub async fn chat_quota(&self, actor: &Actor) -> Result<Option<Quota>> {
        let limit = i64::try_from(self.config.llm_daily_tokens).unwrap_or(i64::MAX);
        if limit == 0 || self.model.is_none() {
            return Ok(None);
        }
        let used = self.chat_tokens_today(actor).await?;
        Ok(Some(Quota { used, limit }))
    }
}
