//! Signing in through somebody else, and connecting their accounts: the way there and the way back.
//!
//! On the way there a state is kept in the database and in a signed cookie ([`flow`]); whoever comes back must bring
//! both, and once only. Then the code is exchanged and the ID token checked (`auth::oidc`), and it is decided who that
//! is here ([`people`]). The order of the checks and the words for their failing are Better Auth's ([`stop`]).

mod flow;
mod id_token;
mod people;
mod stop;
mod tokens;

pub use id_token::GivenToken;
pub use stop::{Stop, Stopped};
pub use tokens::{Access, Chosen, Info, NoTokens, Refreshed};

use super::{Accounts, Error, SignedIn};
use crate::{
    auth::{
        client::Client,
        oidc::{BadIssuer, Oidc, Request, Tokens},
    },
    config::Provider,
    ids,
    store::sessions::SessionOwner,
};
use flow::{Flow, Link};
use serde_json::{Map, Value};

/// How long a verifier is: the longest PKCE allows.
const VERIFIER_LENGTH: usize = 128;
/// How long a state and a nonce are.
const STATE_LENGTH: usize = 32;

/// What somebody wants who sets out to a provider. Targets are checked by the door.
#[derive(Clone, Debug, Default)]
pub struct Start<'a> {
    /// Where they go in the end; the front page when absent.
    pub callback: Option<&'a str>,
    /// Where they go when it fails.
    pub error_callback: Option<&'a str>,
    /// Where they go when an account was made for them.
    pub new_user_callback: Option<&'a str>,
    /// What to ask for besides the usual.
    pub scopes: Vec<String>,
    /// Whom to suggest to the provider.
    pub login_hint: Option<&'a str>,
    /// Kept with the state; sign-up needs no special request here.
    pub request_sign_up: Option<bool>,
    /// Further parameters for the provider.
    pub more: Vec<(String, String)>,
    /// Further values kept with the state.
    pub data: Map<String, Value>,
}

/// Where to send somebody, and what they take along.
#[derive(Clone, Debug)]
pub struct Started {
    /// The provider's page.
    pub url: String,
    /// The `Set-Cookie` line that ties the way back to this browser.
    pub cookie: String,
}

/// What somebody came back with.
#[derive(Clone, Copy, Debug, Default)]
pub struct Return<'a> {
    /// The provider the address names.
    pub provider: &'a str,
    /// Becomes tokens.
    pub code: Option<&'a str>,
    /// What we sent them away with.
    pub state: Option<&'a str>,
    /// The state in this browser's cookie, signature checked.
    pub cookie: Option<&'a str>,
    /// Why the provider sent them back with nothing.
    pub error: Option<&'a str>,
    /// The same for people.
    pub error_description: Option<&'a str>,
    /// Who the provider says it is.
    pub issuer: Option<&'a str>,
}

/// Somebody who came back well.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// Where they go now.
    pub target: String,
    /// Their new session; absent when an account was connected to the one they have.
    pub session: Option<SignedIn>,
}

impl Accounts {
    /// Who can vouch for people here, in the order of the buttons.
    pub fn providers(&self) -> impl Iterator<Item = &Provider> {
        self.providers.iter().map(|oidc| &oidc.provider)
    }

    pub(super) fn provider(&self, id: &str) -> Result<&Oidc, Error> {
        self.providers.iter().find(|oidc| oidc.provider.id == id).ok_or(Error::NoProvider)
    }

    /// Sends somebody to a provider: to sign in, or to connect an account to the one they are signed in to.
    pub async fn start_social(
        &self,
        provider: &str,
        start: &Start<'_>,
        link: Option<&SessionOwner>,
    ) -> Result<Started, Error> {
        let oidc = self.provider(provider)?;
        let now = self.clock.millis();
        let (state, nonce) = (ids::alphanumeric(STATE_LENGTH), ids::alphanumeric(STATE_LENGTH));
        let verifier = ids::alphanumeric(VERIFIER_LENGTH);
        let request = Request {
            state: &state,
            verifier: &verifier,
            nonce: &nonce,
            scopes: &start.scopes,
            login_hint: start.login_hint,
            more: &start.more,
        };
        let url = oidc.authorization_url(&request, now).await.map_err(|error| {
            tracing::warn!(provider, %error, "a sign-in provider cannot be used");
            Error::ProviderUnavailable
        })?;
        let link = link.map(|owner| Link {
            email: owner.user.email.clone(),
            user_id: owner.user.id.to_string(),
            encrypted_session_token: self.link_keys.seal(&owner.session.token, ids::bytes()),
        });
        let flow = Flow {
            callback_url: start.callback.unwrap_or(&self.public_url).to_owned(),
            code_verifier: verifier,
            error_url: start.error_callback.map(str::to_owned),
            new_user_url: start.new_user_callback.map(str::to_owned),
            link,
            expires_at: now + flow::LIFE,
            request_sign_up: start.request_sign_up,
            id_token_nonce: Some(nonce),
            oauth_state: Some(state.clone()),
            provider: Some(provider.to_owned()),
        };
        self.keep_flow(&state, flow, start.data.clone(), now).await?;
        Ok(Started { url: url.into(), cookie: self.cookies.state(&state) })
    }

    /// Lets somebody in who came back from a provider, or connects the account they came back with.
    pub async fn finish_social(&self, back: &Return<'_>, client: &Client) -> Result<Arrived, Stopped> {
        let flow = self.take_flow(back).await?;
        let finished = self.finish(back, &flow, client).await;
        finished.map_err(|stopped| Stopped { target: flow.error_url.clone(), spent: true, ..stopped })
    }

    async fn finish(&self, back: &Return<'_>, flow: &Flow, client: &Client) -> Result<Arrived, Stopped> {
        if let Some(error) = back.error.filter(|error| !error.is_empty()) {
            return Err(Stopped::said(error, back.error_description));
        }
        let code = back.code.filter(|code| !code.is_empty()).ok_or(Stop::NoCode)?;
        let oidc = self.provider(back.provider).map_err(|_| Stop::NoProvider)?;
        // One provider must not bring home what another was asked for.
        if flow.provider.as_deref().is_some_and(|asked| asked != back.provider) {
            return Err(Stop::StateMismatch.into());
        }
        let now = self.clock.millis();
        oidc.check_issuer(back.issuer, now).await.map_err(|why| match why {
            BadIssuer::Missing => Stop::IssuerMissing,
            BadIssuer::Other => Stop::IssuerMismatch,
        })?;
        let tokens = oidc.exchange(code, &flow.code_verifier, now).await.map_err(|error| {
            tracing::warn!(provider = back.provider, %error, "a code was not exchanged");
            Stop::InvalidCode
        })?;
        let identity = oidc.identity_of(&tokens, flow.id_token_nonce.as_deref(), now).await.map_err(|error| {
            tracing::warn!(provider = back.provider, %error, "a person could not be identified");
            Stop::NoIdentity
        })?;
        if let Some(link) = &flow.link {
            let owner = self.link_owner(link).await?.ok_or(Stop::CannotLink)?;
            self.connect(&owner, back.provider, &identity, &tokens, client).await?;
            return Ok(Arrived { target: flow.callback_url.clone(), session: None });
        }
        let (session, new) = self.enter(oidc, &identity, &tokens, client).await?;
        let target = flow.new_user_url.as_ref().filter(|_| new).unwrap_or(&flow.callback_url);
        Ok(Arrived { target: target.clone(), session: Some(session) })
    }

    /// Whose session asked for an account to be connected, if it still lives.
    async fn link_owner(&self, link: &Link) -> Result<Option<SessionOwner>, Error> {
        let Some(token) = link.encrypted_session_token.as_deref().and_then(|sealed| self.link_keys.open(sealed)) else {
            return Ok(None);
        };
        let owner = self.store.read().await?.session(&token).await?;
        let now = self.clock.millis();
        Ok(owner.filter(|owner| {
            owner.session.expires_at > now && !owner.disabled && owner.user.id.as_str() == link.user_id
        }))
    }
}

/// What is stored of a scope list.
fn joined(tokens: &Tokens) -> String {
    tokens.scopes.join(",")
}
