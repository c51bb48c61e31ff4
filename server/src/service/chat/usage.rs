//! How much of the day's tokens a person has used.

use crate::{
    actor::Actor,
    clock::rfc3339,
    service::{Result, Services},
};

/// The day of a moment, UTC.
pub(super) fn day(at: i64) -> String {
    rfc3339(at).chars().take("2026-11-21".len()).collect()
}

impl Services {
    /// Tokens a person has used since midnight UTC.
    pub async fn chat_tokens_today(&self, actor: &Actor) -> Result<i64> {
        Ok(self.store.read().await?.chat_tokens(&actor.user, &day(self.clock.micros())).await?)
    }
}
