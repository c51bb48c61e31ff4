//! `/token`, `/jwks`, and the token that comes with a session.

use super::{
    Call,
    reply::{Failure, Reply},
};
use axum::http::HeaderName;
use domain::account::User;
use serde_json::json;

impl Call<'_> {
    pub(super) async fn token(&self) -> Result<Reply, Failure> {
        let owner = self.session().await?;
        Ok(Reply::new(json!({ "token": self.accounts.token_of(&owner.user).await? })))
    }

    pub(super) async fn jwks(&self) -> Result<Reply, Failure> {
        Ok(Reply::new(json!({ "keys": self.accounts.published_keys().await? })))
    }

    /// Adds a token for the API. A session is worth having without it, so trouble with keys only goes to the log.
    pub(super) async fn with_token(&self, reply: Reply, user: &User) -> Reply {
        let name = HeaderName::from_static("set-auth-jwt");
        match self.accounts.token_of(user).await {
            Ok(token) => reply.header(name.clone(), &token).expose(&name),
            Err(error) => {
                tracing::warn!(error = %error, "a session is answered without a token");
                reply
            }
        }
    }
}
