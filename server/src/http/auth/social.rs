//! `/sign-in/social`, `/link-social`, `/callback/:provider`.

use super::{
    Call,
    reply::{Failure, Reply},
    social_body::Asked,
};
use crate::{
    auth::target,
    service::accounts::{Error, Return, Started, Stop, Stopped},
};
use axum::http::{StatusCode, header};
use serde_json::json;

/// What a provider may send back, in the order in which a form's fields are handed on.
const RETURNED: [&str; 7] = ["code", "error", "device_id", "error_description", "state", "user", "iss"];

impl Call<'_> {
    pub(super) async fn sign_in_social(&self) -> Result<Reply, Failure> {
        let asked = Asked::read(&self.body)?;
        if let Some(given) = &asked.token {
            let done = self.accounts.sign_in_id_token(asked.provider, given, &self.client).await;
            let done = done.map_err(sign_in_failure)?;
            let value = json!({ "redirect": false, "token": done.token, "user": done.user });
            return Ok(self.signed_in(Reply::new(value), &done));
        }
        let started = self.accounts.start_social(asked.provider, &asked.start, None).await?;
        Ok(sent(&started, asked.redirect))
    }

    pub(super) async fn link_social(&self) -> Result<Reply, Failure> {
        let owner = self.session().await?;
        let asked = Asked::read(&self.body)?;
        if let Some(given) = &asked.token {
            let linked = self.accounts.link_id_token(&owner, asked.provider, given, &self.client).await;
            linked.map_err(link_failure)?;
            return Ok(Reply::new(json!({ "url": "", "status": true, "redirect": false })));
        }
        let started = self.accounts.start_social(asked.provider, &asked.start, Some(&owner)).await?;
        Ok(sent(&started, asked.redirect))
    }

    /// Always a redirect.
    pub(super) async fn callback(&self, provider: &str) -> Result<Reply, Failure> {
        let back = Return {
            provider,
            code: self.query("code"),
            state: self.query("state"),
            cookie: self.presented.state.as_deref(),
            error: self.query("error"),
            error_description: self.query("error_description"),
            issuer: self.query("iss"),
        };
        match self.accounts.finish_social(&back, &self.client).await {
            Ok(arrived) => {
                let reply = Reply::redirect(&arrived.target).cookies([self.accounts.cookies.clear_state()]);
                Ok(match &arrived.session {
                    Some(done) => self.signed_in(reply, done),
                    None => reply,
                })
            }
            Err(stopped) => Ok(self.stopped(&stopped)),
        }
    }

    /// A form is handed on as a query: it came across sites, so the cookie that belongs to it did not come along.
    pub(super) fn hand_on(&self, provider: &str) -> Reply {
        let body = self.body.object();
        let given = |name: &'static str| {
            let text = self.query(name).or_else(|| body?.get(name)?.as_str())?;
            Some((name, text))
        };
        let base = format!("{}/api/auth/callback/{provider}", self.accounts.public_url());
        Reply::redirect(&target::with_query(&base, RETURNED.into_iter().filter_map(given)))
    }

    fn stopped(&self, stopped: &Stopped) -> Reply {
        let own = format!("{}/api/auth/error", self.accounts.public_url());
        let page = stopped.target.as_deref().unwrap_or(&own);
        let description = stopped.description.as_deref().map(|text| ("error_description", text));
        let pairs = [("error", stopped.code.as_ref())].into_iter().chain(description);
        let reply = Reply::redirect(&target::with_query(page, pairs));
        if stopped.spent { reply.cookies([self.accounts.cookies.clear_state()]) } else { reply }
    }
}

/// The provider's page, for a client that goes there by itself.
fn sent(started: &Started, redirect: bool) -> Reply {
    let reply = Reply::new(json!({ "url": started.url, "redirect": redirect })).cookies([started.cookie.clone()]);
    if redirect { reply.header(header::LOCATION, &started.url) } else { reply }
}

/// What was said of an ID token, by Better Auth's codes for signing in.
fn sign_in_failure(error: Error) -> Failure {
    let unauthorized = StatusCode::UNAUTHORIZED;
    match error {
        Error::Social(Stop::NoEmail) => Failure::new(unauthorized, "USER_EMAIL_NOT_FOUND", "User email not found"),
        Error::Social(Stop::Unverified) => Error::Unverified.into(),
        Error::Social(Stop::Disabled) => Error::Disabled.into(),
        Error::Social(stop) => Failure::new(unauthorized, "OAUTH_LINK_ERROR", stop.code().replace('_', " ")),
        Error::BadToken => Failure::new(unauthorized, "INVALID_TOKEN", "Invalid token"),
        other => other.into(),
    }
}

/// The same for connecting an account.
fn link_failure(error: Error) -> Failure {
    let unauthorized = StatusCode::UNAUTHORIZED;
    match error {
        Error::Social(Stop::Elsewhere) => {
            Failure::new(StatusCode::CONFLICT, "SOCIAL_ACCOUNT_ALREADY_LINKED", "Social account already linked")
        }
        Error::Social(Stop::CannotLink) => {
            Failure::new(unauthorized, "LINKING_NOT_ALLOWED", "Account not linked - linking not allowed")
        }
        Error::Social(Stop::OtherEmail) => Failure::new(
            unauthorized,
            "LINKING_DIFFERENT_EMAILS_NOT_ALLOWED",
            "Account not linked - different emails not allowed",
        ),
        other => sign_in_failure(other),
    }
}
