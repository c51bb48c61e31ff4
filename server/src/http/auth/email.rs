//! `/send-verification-email`, `/verify-email`, `/change-email`.

use super::{
    Call,
    reply::{Failure, Reply},
};
use crate::{
    auth::{email, target},
    service::accounts::{Error, Found, Verified},
};
use axum::http::StatusCode;
use serde_json::json;

impl Call<'_> {
    pub(super) async fn send_verification_email(&self) -> Result<Reply, Failure> {
        let mut fields = self.body.fields();
        let address = fields.text("email");
        let callback = fields.optional_text("callbackURL").filter(|target| !target.is_empty());
        if self.given("email") && !email::valid(address) {
            fields.wrong("email", "Invalid email address");
        }
        fields.done()?;
        if self.accounts.mailer().is_none() {
            return Err(Error::MailOff(crate::service::accounts::MailOff::Verify).into());
        }
        let found = self.look().await?;
        let owner = match &found {
            Found::Live { owner, .. } => Some(&**owner),
            Found::Nothing | Found::Ended => None,
        };
        self.accounts.send_verification(owner, address, callback).await?;
        Ok(Reply::new(json!({ "status": true })))
    }

    pub(super) async fn verify_email(&self) -> Result<Reply, Failure> {
        let Some(token) = self.query("token") else {
            return Err(Failure::missing_query("token"));
        };
        self.check_callback()?;
        let callback = self.query("callbackURL").filter(|target| !target.is_empty());
        let found = self.look().await?;
        let verified = match self.accounts.verify_email(token, &found, &self.client).await {
            Ok(verified) => verified,
            Err(error) => {
                let failure = match error {
                    Error::BadToken | Error::TokenExpired | Error::NoUser | Error::OtherUser => {
                        Failure::from(error).with_status(StatusCode::UNAUTHORIZED)
                    }
                    other => other.into(),
                };
                return match (callback, failure.code()) {
                    (Some(callback), Some(code)) => {
                        Ok(Reply::redirect(&target::with_query(callback, [("error", code)])))
                    }
                    _ => Err(failure),
                };
            }
        };
        let reply = match (callback, &verified) {
            (Some(callback), _) => Reply::redirect(callback),
            (None, Verified::Proven) => Reply::new(json!({ "status": true, "user": null })),
            (None, Verified::Changed(user)) => Reply::new(json!({ "status": true, "user": user })),
        };
        // Better Auth also signs in whoever follows such a link without a session. We do not: the link reaches a mailbox
        // that somebody else may have named.
        Ok(match (&verified, &found) {
            (Verified::Changed(_), Found::Live { owner, .. }) => self.hand_out(reply, &owner.session.token),
            _ => reply,
        })
    }

    pub(super) async fn change_email(&self) -> Result<Reply, Failure> {
        let mut fields = self.body.fields();
        let address = fields.text("newEmail");
        let callback = fields.optional_text("callbackURL").filter(|target| !target.is_empty());
        if self.given("newEmail") && !email::valid(address) {
            fields.wrong("newEmail", "Invalid email address");
        }
        fields.done()?;
        let owner = self.session().await?;
        self.accounts.change_email(&owner, address, callback).await?;
        Ok(Reply::new(json!({ "status": true })))
    }
}
