//! What the frame around every page shows.

use super::{Error, Result, Services};
use crate::actor::Actor;
use domain::overview::{AssistantInfo, Overview};

impl Services {
    /// Everything the rail and the top bar need.
    pub async fn overview(&self, actor: &Actor) -> Result<Overview> {
        let now = self.clock.civil(&actor.zone);
        let quota = self.chat_quota(actor).await?;
        let mut conn = self.store.read().await?;
        let user = conn.user(&actor.user).await?.ok_or_else(|| Error::NotFound { what: "such account".into() })?;
        let model = self.config.model.as_ref();
        Ok(Overview {
            user,
            admin: conn.is_admin(&actor.user).await?,
            settings: actor.settings.clone(),
            today: now.date(),
            now,
            utc_offset: actor.zone.to_offset(self.clock.now()).seconds(),
            projects: conn.projects(&actor.user).await?,
            labels: conn.labels(&actor.user).await?,
            counts: conn.counts(&actor.user, now.date()).await?,
            seq: conn.newest_seq(&actor.user).await?,
            assistant: AssistantInfo {
                kind: if model.is_some() { "model" } else { "built-in" }.into(),
                model: model.map(|m| m.name.clone()),
                quota,
            },
        })
    }
}
