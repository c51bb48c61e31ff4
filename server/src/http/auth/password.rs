//! `/change-password`, `/verify-password` and the way back for whoever forgot theirs.

use super::{
    Call,
    reply::{Failure, Reply},
};
use crate::auth::{email, target};
use serde_json::json;

/// The same for every address.
const ASKED: &str = "If this email exists in our system, check your email for the reset link";

impl Call<'_> {
    pub(super) async fn change_password(&self) -> Result<Reply, Failure> {
        let mut fields = self.body.fields();
        let (new, current) = (fields.text("newPassword"), fields.text("currentPassword"));
        let revoke = fields.flag("revokeOtherSessions").unwrap_or(false);
        fields.done()?;
        let owner = self.session().await?;
        let done = self.accounts.change_password(&owner, current, new, revoke, &self.client).await?;
        let token = done.as_ref().map(|done| done.token.as_str());
        let reply = Reply::new(json!({ "token": token, "user": owner.user }));
        Ok(match token {
            Some(token) => self.hand_out(reply, token),
            None => reply,
        })
    }

    pub(super) async fn verify_password(&self) -> Result<Reply, Failure> {
        let mut fields = self.body.fields();
        let password = fields.text("password");
        fields.done()?;
        let owner = self.session().await?;
        self.accounts.verify_password(&owner, password, &self.client).await?;
        Ok(Reply::new(json!({ "status": true })))
    }

    pub(super) async fn request_password_reset(&self) -> Result<Reply, Failure> {
        let mut fields = self.body.fields();
        let address = fields.text("email");
        let target = fields.optional_text("redirectTo").filter(|target| !target.is_empty());
        if self.given("email") && !email::valid(address) {
            fields.wrong("email", "Invalid email address");
        }
        fields.done()?;
        self.accounts.request_password_reset(address, target, &self.client).await?;
        Ok(Reply::new(json!({ "status": true, "message": ASKED })))
    }

    /// The link of the letter: on to the page where the new password is typed.
    pub(super) async fn reset_password_link(&self, token: &str) -> Result<Reply, Failure> {
        let Some(callback) = self.query("callbackURL") else {
            return Err(Failure::missing_query("callbackURL"));
        };
        self.check_callback()?;
        // An empty one leads nowhere, so the error page says it.
        let error_page = format!("{}/api/auth/error", self.accounts.public_url());
        let (to, name, value) = match callback {
            "" => (error_page.as_str(), "error", "INVALID_TOKEN"),
            _ if self.accounts.reset_token_lives(token).await? => (callback, "token", token),
            _ => (callback, "error", "INVALID_TOKEN"),
        };
        let place = target::absolute_with(self.accounts.public_url(), to, name, value);
        Ok(Reply::redirect(&place.unwrap_or(error_page)))
    }

    pub(super) async fn reset_password(&self) -> Result<Reply, Failure> {
        let mut fields = self.body.fields();
        let new = fields.text("newPassword");
        let token = fields.optional_text("token").filter(|token| !token.is_empty()).or_else(|| self.query("token"));
        fields.done()?;
        // Nothing is looked up without a token, so it is missed before anything else.
        let token = token.filter(|token| !token.is_empty()).ok_or(crate::service::accounts::Error::BadToken)?;
        self.accounts.reset_password(token, new, &self.client).await?;
        Ok(Reply::new(json!({ "status": true })))
    }
}
