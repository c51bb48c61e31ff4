//! The programs a person let in, for that person.

use crate::{
    auth::{
        client::Client,
        oauth::{document, redirect},
    },
    clock::rfc3339,
    service::{
        Error, Result,
        accounts::{Accounts, Event},
    },
    store::oauth_grants::Grant,
};
use domain::{account::ConnectedApp, id::UserId};

impl Accounts {
    /// The programs a person let in, the newest first.
    pub async fn connected_apps(&self, user: &UserId) -> Result<Vec<ConnectedApp>> {
        let grants = self.store.read().await?.oauth_grants(user, self.clock.micros()).await?;
        Ok(grants.into_iter().map(shown).collect())
    }

    /// Takes back what a program was let in for; its tokens open nothing from then on.
    pub async fn revoke_app(&self, user: &UserId, id: &str, client: &Client) -> Result<()> {
        let mut conn = self.store.write().await?;
        let gone = conn.delete_oauth_grant(user, id).await?;
        conn.commit().await?;
        let name = gone.ok_or_else(|| Error::NotFound { what: "such connected app".into() })?;
        self.remember(Event::AppRevoked, Some(user), client, &name).await;
        Ok(())
    }
}

fn shown(grant: Grant) -> ConnectedApp {
    ConnectedApp {
        id: grant.id,
        name: grant.client_name,
        // Proven for programs that describe themselves: only they can answer there.
        host: document::address(&grant.client_id).map(|_| redirect::shown(&grant.client_id)),
        scopes: grant.scopes.split_whitespace().map(str::to_owned).collect(),
        created_at: rfc3339(grant.created_at),
        expires_at: rfc3339(grant.expires_at),
        last_used_at: grant.last_used_at.map(rfc3339),
    }
}
