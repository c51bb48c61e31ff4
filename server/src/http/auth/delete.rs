//! `/delete-user` and the link in the letter it sends.

use super::{
    Call,
    reply::{Failure, Reply},
};
use crate::service::accounts::{Deletion, Error, Found};
use axum::http::StatusCode;
use serde_json::json;

impl Call<'_> {
    pub(super) async fn delete_user(&self) -> Result<Reply, Failure> {
        let mut fields = self.body.fields();
        // An empty text counts as none.
        let mut text = |name| fields.optional_text(name).filter(|text| !text.is_empty());
        let (password, token, callback) = (text("password"), text("token"), text("callbackURL"));
        fields.done()?;
        let owner = self.session().await?;
        let done = match token {
            None => self.accounts.delete_user(&owner, password, callback, &self.client).await?,
            Some(token) => {
                if let Some(password) = password {
                    self.accounts.check_password(&owner, password, &self.client).await?;
                }
                self.accounts.confirm_deletion(&owner, token, &self.client).await.map_err(unknown_token)?;
                Deletion::Done
            }
        };
        let message = match done {
            Deletion::Done => "User deleted",
            Deletion::Asked => "Verification email sent",
        };
        let reply = Reply::new(json!({ "success": true, "message": message }));
        Ok(match done {
            Deletion::Done => reply.cookies(self.accounts.cookies.clear()),
            Deletion::Asked => reply,
        })
    }

    pub(super) async fn delete_user_link(&self) -> Result<Reply, Failure> {
        let Some(token) = self.query("token") else {
            return Err(Failure::missing_query("token"));
        };
        self.check_callback()?;
        let Found::Live { owner, .. } = self.look().await? else {
            return Err(Failure::new(StatusCode::NOT_FOUND, "FAILED_TO_GET_USER_INFO", "Failed to get user info"));
        };
        self.accounts.confirm_deletion(&owner, token, &self.client).await.map_err(unknown_token)?;
        let reply = match self.query("callbackURL").filter(|target| !target.is_empty()) {
            Some(callback) => Reply::redirect(callback),
            None => Reply::new(json!({ "success": true, "message": "User deleted" })),
        };
        Ok(reply.cookies(self.accounts.cookies.clear()))
    }
}

/// A token that is not there is "not found" here.
fn unknown_token(error: Error) -> Failure {
    let missing = matches!(error, Error::BadToken);
    let failure = Failure::from(error);
    if missing { failure.with_status(StatusCode::NOT_FOUND) } else { failure }
}
