//! `/get-session` and what ends sessions.

use super::{
    Call,
    reply::{Failure, Reply, session_json},
};
use crate::service::accounts::Found;
use axum::http::{StatusCode, header};
use serde_json::{Value, json};

impl Call<'_> {
    pub(super) async fn get_session(&self) -> Result<Reply, Failure> {
        // Any text that is not empty is true, "false" included: JavaScript's rule.
        let look_only = self.query("disableRefresh").is_some_and(|value| !value.is_empty());
        let cookies = &self.accounts.cookies;
        let stale = self.presented.stale_cache.then(|| cookies.clear_cache());
        let reply = match self.read_session(!look_only).await? {
            Found::Nothing => Reply::new(Value::Null).cookies(stale),
            Found::Ended => Reply::new(Value::Null).cookies(cookies.clear()),
            Found::Live { owner, .. } => {
                let value = json!({ "session": session_json(&owner.session), "user": owner.user });
                self.with_token(Reply::new(value).cookies(stale), &owner.user).await
            }
        };
        Ok(reply.header(header::CACHE_CONTROL, "no-store").header(header::PRAGMA, "no-cache"))
    }

    pub(super) async fn list_sessions(&self) -> Result<Reply, Failure> {
        let owner = self.fresh_session().await?;
        let sessions = self.accounts.list_sessions(&owner.user.id).await?;
        Ok(Reply::new(sessions.iter().map(session_json).collect()))
    }

    pub(super) async fn revoke_session(&self) -> Result<Reply, Failure> {
        let mut fields = self.body.fields();
        let token = fields.text("token");
        fields.done()?;
        let owner = self.session().await?;
        self.accounts.revoke_session(&owner, token, &self.client).await?;
        let reply = Reply::new(json!({ "status": true }));
        let own = token == owner.session.token;
        Ok(if own { reply.cookies(self.accounts.cookies.clear()) } else { reply })
    }

    pub(super) async fn revoke_sessions(&self) -> Result<Reply, Failure> {
        let owner = self.session().await?;
        self.accounts.revoke_sessions(&owner, &self.client).await?;
        Ok(Reply::new(json!({ "status": true })).cookies(self.accounts.cookies.clear()))
    }

    pub(super) async fn revoke_others(&self) -> Result<Reply, Failure> {
        let owner = self.session().await?;
        self.accounts.revoke_others(&owner.user.id, &owner.session.token, &self.client).await?;
        Ok(Reply::new(json!({ "status": true })))
    }

    /// Sessions have no further fields here, so there is never anything to update.
    pub(super) async fn update_session(&self) -> Result<Reply, Failure> {
        self.body.fields().done()?;
        self.session().await?;
        Err(Failure::uncoded(StatusCode::BAD_REQUEST, "No fields to update"))
    }
}
