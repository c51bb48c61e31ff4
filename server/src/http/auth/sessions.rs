//! `/get-session` and what ends sessions.

use super::{
    Call,
    reply::{Failure, Reply, session_json},
};
use crate::service::accounts::Found;
use axum::http::header;
use serde_json::{Value, json};

impl Call<'_> {
    pub(super) async fn get_session(&self) -> Result<Reply, Failure> {
        // Any text that is not empty is true, "false" included: JavaScript's rule.
        let look_only = self.query.iter().any(|(name, value)| name == "disableRefresh" && !value.is_empty());
        let cookies = &self.accounts.cookies;
        let stale = self.presented.stale_cache.then(|| cookies.clear_cache());
        let reply = match self.accounts.session(&self.presented, !look_only).await? {
            Found::Nothing => Reply::new(Value::Null).cookies(stale),
            Found::Ended => Reply::new(Value::Null).cookies(cookies.clear()),
            Found::Live { owner, extended } => {
                let value = json!({ "session": session_json(&owner.session), "user": owner.user });
                let reply = self.with_token(Reply::new(value).cookies(stale), &owner.user).await;
                if extended {
                    let token = &owner.session.token;
                    reply.session(cookies, token, [cookies.session(token, true)])
                } else {
                    reply
                }
            }
        };
        Ok(reply.header(header::CACHE_CONTROL, "no-store").header(header::PRAGMA, "no-cache"))
    }

    pub(super) async fn revoke_others(&self) -> Result<Reply, Failure> {
        let owner = self.session().await?;
        self.accounts.revoke_others(&owner.user.id, &owner.session.token).await?;
        Ok(Reply::new(json!({ "status": true })))
    }
}
