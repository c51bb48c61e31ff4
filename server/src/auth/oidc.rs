//! An OpenID Connect provider: where people are sent, what their code is exchanged for, and who the ID token says they
//! are.
//!
//! OAuth 2.0 is the `oauth2` crate's, over our own HTTP client ([`fetch`]). What the provider says of itself is read from
//! its discovery document at first use and kept for an hour ([`discovery`]); its keys are [`RemoteKeys`].
//! Deliberately absent: the database, and what follows from who somebody is; that is `service::accounts`.

mod discovery;
mod id_token;

use super::{
    fetch::{self, Http},
    jwt::Expect,
    remote_keys::{Bad, Demands, RemoteKeys},
};
use crate::config::{Provider, providers::GOOGLE_ISSUER};
use discovery::{Discovery, Endpoints};
use oauth2::{
    AuthType, AuthorizationCode, ClientId, ClientSecret, EndpointNotSet, EndpointSet, ExtraTokenFields,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, StandardRevocableToken,
    StandardTokenResponse, TokenResponse as _, TokenUrl,
    basic::{
        BasicErrorResponse, BasicErrorResponseType, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
        BasicTokenType,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{fmt, time::Duration};
use url::Url;

pub use id_token::Identity;

/// Parameters of the authorization request that are ours alone.
pub const RESERVED: [&str; 8] = [
    "state",
    "client_id",
    "redirect_uri",
    "response_type",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    "scope",
];

/// Why a provider could not be asked, or its answer not be believed. Nothing a provider sent stands in it but its error
/// codes.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// It does not answer, or not as it should.
    #[error("{0}")]
    Unavailable(String),
    /// It refused the code or the token.
    #[error("the provider refused: {0}")]
    Refused(String),
    /// Its ID token proves nothing.
    #[error("the ID token cannot be believed: {0}")]
    Unproven(String),
}

impl From<fetch::Failed> for Error {
    fn from(failed: fetch::Failed) -> Self {
        Self::Unavailable(failed.to_string())
    }
}

/// Why somebody was not sent back by the provider they were sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadIssuer {
    /// It should name itself and did not.
    Missing,
    /// It is another one.
    Other,
}

/// What somebody is sent to the provider with.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Comes back with them.
    pub state: &'a str,
    /// Proves later that whoever brings the code asked for it.
    pub verifier: &'a str,
    /// Comes back inside the ID token.
    pub nonce: &'a str,
    /// What to ask for besides the usual.
    pub scopes: &'a [String],
    /// Whom to suggest.
    pub login_hint: Option<&'a str>,
    /// Anything else the provider understands.
    pub more: &'a [(String, String)],
}

/// What a provider hands out. Times are milliseconds since 1970 UTC.
#[derive(Clone, Default)]
pub struct Tokens {
    /// To act there for the person.
    pub access: Option<String>,
    /// To get another access token.
    pub refresh: Option<String>,
    /// Who they are, signed.
    pub id: Option<String>,
    /// What was granted.
    pub scopes: Vec<String>,
    /// When the access token ends.
    pub access_expires_at: Option<i64>,
    /// When the refresh token ends.
    pub refresh_expires_at: Option<i64>,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tokens({})", self.scopes.join(" "))
    }
}

/// What OpenID Connect and Google add to OAuth's token answer.
#[derive(Clone, Default, Deserialize, Serialize)]
struct MoreTokens {
    id_token: Option<String>,
    refresh_token_expires_in: Option<u64>,
}

impl fmt::Debug for MoreTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MoreTokens")
    }
}

impl ExtraTokenFields for MoreTokens {}

type TokenAnswer = StandardTokenResponse<MoreTokens, BasicTokenType>;
type OAuth = oauth2::Client<
    BasicErrorResponse,
    TokenAnswer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// A provider as we use it.
#[derive(Debug)]
pub struct Oidc {
    /// Its settings.
    pub provider: Provider,
    redirect_uri: RedirectUrl,
    http: Http,
    discovery: Discovery,
    keys: RemoteKeys,
}

impl Oidc {
    /// `public_url` is where people reach us, without a trailing slash. `None` when it is no address or no HTTP client
    /// can be made.
    pub fn new(provider: Provider, public_url: &str) -> Option<Self> {
        let redirect_uri = RedirectUrl::new(format!("{public_url}/api/auth/callback/{}", provider.id)).ok()?;
        let http = Http::new()?;
        let keys = RemoteKeys::new(http.clone());
        Some(Self { provider, redirect_uri, http, discovery: Discovery::default(), keys })
    }

    /// Where to send somebody. The order of the parameters is Better Auth's.
    pub async fn authorization_url(&self, request: &Request<'_>, now: i64) -> Result<Url, Error> {
        let endpoints = self.endpoints(now).await?;
        let verifier = PkceCodeVerifier::new(request.verifier.to_owned());
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
        let mut scopes: Vec<&str> = self.provider.scopes.iter().map(String::as_str).collect();
        for scope in request.scopes {
            if !scopes.contains(&scope.as_str()) {
                scopes.push(scope);
            }
        }
        let mut pairs = vec![
            ("response_type", "code".to_owned()),
            ("client_id", self.provider.client_id.clone()),
            ("state", request.state.to_owned()),
            ("scope", scopes.join(" ")),
            ("redirect_uri", self.redirect_uri.to_string()),
        ];
        pairs.extend(request.login_hint.map(|hint| ("login_hint", hint.to_owned())));
        pairs.push(("nonce", request.nonce.to_owned()));
        pairs.push(("code_challenge_method", challenge.method().as_str().to_owned()));
        pairs.push(("code_challenge", challenge.as_str().to_owned()));
        if self.provider.is_google() {
            pairs.push(("include_granted_scopes", "true".to_owned()));
        }
        for (name, value) in request.more {
            if RESERVED.contains(&name.as_str()) {
                continue;
            }
            match pairs.iter_mut().find(|(known, _)| known == name) {
                Some((_, old)) => value.clone_into(old),
                None => pairs.push((name, value.clone())),
            }
        }
        let mut url = endpoints.authorization;
        url.query_pairs_mut().extend_pairs(pairs);
        Ok(url)
    }

    /// Exchanges the code somebody came back with.
    pub async fn exchange(&self, code: &str, verifier: &str, now: i64) -> Result<Tokens, Error> {
        let oauth = self.oauth(now).await?;
        let answer = oauth
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()))
            .request_async(&self.http)
            .await;
        answer.map(|answer| tokens(&answer, now)).map_err(refused)
    }

    /// Gets another access token.
    pub async fn refresh(&self, token: &str, now: i64) -> Result<Tokens, Error> {
        let oauth = self.oauth(now).await?;
        let answer = oauth.exchange_refresh_token(&RefreshToken::new(token.to_owned())).request_async(&self.http).await;
        answer.map(|answer| tokens(&answer, now)).map_err(refused)
    }

    /// Who an ID token says somebody is, once everything about it has been checked. `nonce` is what we asked it to
    /// carry, if we did.
    pub async fn identity(&self, token: &str, nonce: Option<&str>, now: i64) -> Result<Identity, Error> {
        let endpoints = self.endpoints(now).await?;
        // Google has written itself both ways.
        let issuers = [endpoints.issuer.as_str(), "accounts.google.com"];
        let google = endpoints.issuer == GOOGLE_ISSUER;
        let us = [self.provider.client_id.as_str()];
        let demands = Demands {
            issuer: Expect::OneOf(if google { &issuers } else { &issuers[..1] }),
            audience: Expect::OneOf(&us),
        };
        let claims = self.keys.verify(endpoints.keys.as_str(), token, now, demands).await;
        let claims = claims.map_err(|bad| match bad {
            Bad::Token(why) => Error::Unproven(why.to_string()),
            Bad::NoKeys => Error::Unavailable("its keys cannot be had".to_owned()),
        })?;
        let claims = claims.0;
        id_token::check(&claims, &self.provider.client_id, nonce, now / 1000)
            .map_err(|why| Error::Unproven(why.to_owned()))?;
        Identity::of(&claims).ok_or_else(|| Error::Unproven("it names nobody".to_owned()))
    }

    /// The same after a code was exchanged. Some providers keep the address out of the ID token; then it is asked for
    /// where the access token opens the door, and must be the same person's.
    pub async fn identity_of(&self, tokens: &Tokens, nonce: Option<&str>, now: i64) -> Result<Identity, Error> {
        let token = tokens.id.as_deref().ok_or_else(|| Error::Unproven("there is none".to_owned()))?;
        let mut identity = self.identity(token, nonce, now).await?;
        if identity.email.is_none()
            && let Some(access) = &tokens.access
            && let Some(url) = self.endpoints(now).await?.user_info
        {
            let claims: Map<String, Value> = self.http.json(url.as_str(), Some(access)).await?;
            identity.complete(&claims);
        }
        Ok(identity)
    }

    /// Whether the `iss` of a redirect back (RFC 9207) is right. A provider that says it sends one must send it.
    pub async fn check_issuer(&self, given: Option<&str>, now: i64) -> Result<(), BadIssuer> {
        let endpoints = self.endpoints(now).await.ok();
        let issuer = endpoints.as_ref().map_or(&self.provider.issuer, |endpoints| &endpoints.issuer);
        match given {
            Some(given) if given == issuer => Ok(()),
            Some(_) => Err(BadIssuer::Other),
            None if endpoints.is_some_and(|endpoints| endpoints.names_itself) => Err(BadIssuer::Missing),
            None => Ok(()),
        }
    }

    async fn endpoints(&self, now: i64) -> Result<Endpoints, Error> {
        self.discovery.endpoints(&self.http, &self.provider, now).await
    }

    async fn oauth(&self, now: i64) -> Result<OAuth, Error> {
        let endpoints = self.endpoints(now).await?;
        let auth_type = if endpoints.secret_in_header { AuthType::BasicAuth } else { AuthType::RequestBody };
        Ok(oauth2::Client::new(ClientId::new(self.provider.client_id.clone()))
            .set_client_secret(ClientSecret::new(self.provider.client_secret.expose().to_owned()))
            .set_auth_type(auth_type)
            .set_redirect_uri(self.redirect_uri.clone())
            .set_token_uri(TokenUrl::from_url(endpoints.token)))
    }
}

fn tokens(answer: &TokenAnswer, now: i64) -> Tokens {
    let millis = |after: Duration| now.saturating_add(i64::try_from(after.as_millis()).unwrap_or(i64::MAX));
    let more = answer.extra_fields();
    Tokens {
        access: Some(answer.access_token().secret().clone()),
        refresh: answer.refresh_token().map(|token| token.secret().clone()),
        id: more.id_token.clone(),
        scopes: answer.scopes().into_iter().flatten().map(|scope| scope.to_string()).collect(),
        access_expires_at: answer.expires_in().map(millis),
        refresh_expires_at: more.refresh_token_expires_in.map(|seconds| millis(Duration::from_secs(seconds))),
    }
}

/// Says what went wrong without repeating what was sent: it may hold tokens.
fn refused(error: RequestTokenError<fetch::Failed, BasicErrorResponse>) -> Error {
    match error {
        RequestTokenError::ServerResponse(answer) => Error::Refused(match answer.error() {
            BasicErrorResponseType::Extension(_) => "with a code of its own".to_owned(),
            known => known.as_ref().to_owned(),
        }),
        RequestTokenError::Request(error) => error.into(),
        RequestTokenError::Parse(..) => Error::Unavailable("the token answer is not what OAuth says".to_owned()),
        RequestTokenError::Other(_) => Error::Unavailable("the token answer is empty or no JSON".to_owned()),
    }
}
