//! `/sign-up/email`, `/sign-in/email`, `/sign-out`.

use super::{
    Call,
    reply::{Failure, Reply},
};
use crate::{
    auth::{cookie, email},
    service::accounts::{NewAccount, SignedIn, SignedUp},
};
use axum::http::header;
use serde_json::json;

impl Call<'_> {
    pub(super) async fn sign_up(&self) -> Result<Reply, Failure> {
        let mut fields = self.body.fields();
        let new = NewAccount {
            name: fields.text("name"),
            email: fields.text("email"),
            password: fields.text("password"),
            image: fields.optional_text("image"),
            remember: fields.flag("rememberMe").unwrap_or(true),
        };
        let callback = fields.optional_text("callbackURL").filter(|target| !target.is_empty());
        if self.given("email") && !email::valid(new.email) {
            fields.wrong("email", "Invalid email address");
        }
        if self.given("password") && new.password.is_empty() {
            fields.wrong("password", "Too small: expected string to have >=1 characters");
        }
        fields.done()?;
        self.accounts.trust.check_sign_in(self.headers)?;
        Ok(match self.accounts.sign_up(&new, callback, &self.client).await? {
            SignedUp::In(done) => {
                let value = json!({ "token": done.token, "user": done.user });
                self.signed_in(Reply::new(value), &done)
            }
            SignedUp::Unproven(user) => Reply::new(json!({ "token": null, "user": user })),
        })
    }

    pub(super) async fn sign_in(&self) -> Result<Reply, Failure> {
        let mut fields = self.body.fields();
        let (email, password) = (fields.text("email"), fields.text("password"));
        let remember = fields.flag("rememberMe").unwrap_or(true);
        let target = fields.optional_text("callbackURL").filter(|target| !target.is_empty());
        fields.done()?;
        self.accounts.trust.check_sign_in(self.headers)?;
        let done = self.accounts.sign_in(email, password, remember, target, &self.client).await?;
        let mut value = json!({ "redirect": target.is_some(), "token": done.token, "user": done.user });
        if let Some(target) = target {
            value["url"] = target.into();
        }
        let reply = self.signed_in(Reply::new(value), &done);
        Ok(match target {
            Some(target) => reply.header(header::LOCATION, &cookie::encode_target(target)),
            None => reply,
        })
    }

    pub(super) async fn sign_out(&self) -> Result<Reply, Failure> {
        self.accounts.sign_out(&self.presented, &self.client).await?;
        Ok(Reply::new(json!({ "success": true })).cookies(self.accounts.cookies.clear()))
    }

    /// Hands out the session of somebody who has just signed in.
    pub(super) fn signed_in(&self, reply: Reply, done: &SignedIn) -> Reply {
        let cookies = &self.accounts.cookies;
        let lines = cookies.signed_in(&done.token, done.remembered, &self.presented);
        reply.session(cookies, &done.token, lines)
    }
}
