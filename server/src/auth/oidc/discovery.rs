//! What a provider says of itself below its issuer (OpenID Connect Discovery), as far as the settings do not.

use super::Error;
use crate::{auth::fetch::Http, config::Provider};
use serde::Deserialize;
use tokio::sync::Mutex;
use url::Url;

/// How long a document is believed, in milliseconds.
const KEPT: i64 = 3_600_000;
/// How long a provider that did not answer is left alone, so that people do not wait for it one after the other.
const LEFT_ALONE: i64 = 2_000;

/// Where a provider's doors are.
#[derive(Clone, Debug)]
pub struct Endpoints {
    /// Who signs ID tokens, letter by letter.
    pub issuer: String,
    /// Where people are sent.
    pub authorization: Url,
    /// Where codes become tokens.
    pub token: Url,
    /// Where its public keys are.
    pub keys: Url,
    /// Where it tells more about a person.
    pub user_info: Option<Url>,
    /// Our secret goes into a header and not into the form.
    pub secret_in_header: bool,
    /// It names itself when it sends somebody back.
    pub names_itself: bool,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    jwks_uri: Option<String>,
    userinfo_endpoint: Option<String>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// What the provider said last, and when it was asked.
#[derive(Debug, Default)]
pub struct Discovery(Mutex<Option<(Result<Endpoints, Error>, i64)>>);

impl Discovery {
    /// The endpoints; asks the provider when the settings leave some out. Who comes while it is asked waits for the same
    /// answer.
    pub async fn endpoints(&self, http: &Http, provider: &Provider, now: i64) -> Result<Endpoints, Error> {
        let mut said = self.0.lock().await;
        if let Some((answer, asked)) = said.as_ref() {
            let kept = if answer.is_ok() { KEPT } else { LEFT_ALONE };
            if now.abs_diff(*asked) < kept.unsigned_abs() {
                return answer.clone();
            }
        }
        let answer = match set(provider) {
            Ok(Some(endpoints)) => Ok(endpoints),
            Ok(None) => discovered(http, provider).await,
            Err(error) => Err(error),
        };
        *said = Some((answer.clone(), now));
        answer
    }
}

/// The endpoints when the settings name them all.
fn set(provider: &Provider) -> Result<Option<Endpoints>, Error> {
    let (Some(authorization), Some(token), Some(keys)) =
        (&provider.authorization_url, &provider.token_url, &provider.jwks_url)
    else {
        return Ok(None);
    };
    Ok(Some(Endpoints {
        issuer: provider.issuer.clone(),
        authorization: address(authorization)?,
        token: address(token)?,
        keys: address(keys)?,
        user_info: None,
        secret_in_header: false,
        names_itself: false,
    }))
}

async fn discovered(http: &Http, provider: &Provider) -> Result<Endpoints, Error> {
    let url = format!("{}/.well-known/openid-configuration", provider.issuer.trim_end_matches('/'));
    let document: Document = http.json(&url, None).await?;
    // Or one provider could pass another's tokens off as its own. Whether there is a slash at the end is the provider's to
    // say; people leave it out.
    if document.issuer.trim_end_matches('/') != provider.issuer.trim_end_matches('/') {
        return Err(Error::Unavailable(format!(
            "{url} says the issuer is {}, and the setting {}: they must be the same",
            document.issuer, provider.issuer
        )));
    }
    let place = |set: &Option<String>, found: Option<String>, name: &str| {
        let text = set.clone().or(found).ok_or_else(|| Error::Unavailable(format!("{url} names no {name}")))?;
        address(&text)
    };
    // What is absent means the header, says the specification.
    let methods = document.token_endpoint_auth_methods_supported;
    Ok(Endpoints {
        issuer: document.issuer,
        authorization: place(&provider.authorization_url, document.authorization_endpoint, "authorization_endpoint")?,
        token: place(&provider.token_url, document.token_endpoint, "token_endpoint")?,
        keys: place(&provider.jwks_url, document.jwks_uri, "jwks_uri")?,
        user_info: document.userinfo_endpoint.as_deref().map(address).transpose()?,
        secret_in_header: !methods.is_some_and(|all| all.iter().any(|method| method == "client_secret_post")),
        names_itself: document.authorization_response_iss_parameter_supported,
    })
}

fn address(text: &str) -> Result<Url, Error> {
    Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .ok_or_else(|| Error::Unavailable(format!("{text:?} is no web address")))
}
