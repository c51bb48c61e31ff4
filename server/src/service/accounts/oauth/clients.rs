//! Programs: those that registered here (RFC 7591), and those whose id is the address of a document about them.

use super::{Refused, hash, once, secret};
use crate::{
    auth::{
        client::Client,
        oauth::{
            document::{self, Described},
            redirect,
        },
    },
    ids,
    service::accounts::Accounts,
    store::oauth_clients::StoredClient,
};
use serde_json::{Map, Value};
use subtle::ConstantTimeEq as _;

const SECOND: i64 = 1_000_000;
/// How long a document counts when it does not say, and the most it can say, in seconds.
const DOCUMENT_LIFE: i64 = 3600;
const DOCUMENT_LIFE_MAX: i64 = 86_400;
/// How a program may prove who it is.
const METHODS: [&str; 3] = ["none", "client_secret_post", "client_secret_basic"];

/// A program that asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OauthClient {
    /// Its `client_id`.
    pub id: String,
    /// What it calls itself; anybody can call themselves anything.
    pub name: String,
    /// Where it may be sent.
    pub redirects: Vec<String>,
}

/// A program that has just registered.
#[derive(Clone, Debug)]
pub struct Registered {
    /// As it is stored.
    pub client: StoredClient,
    /// Its secret, this once, when it has one.
    pub secret: Option<String>,
    /// `native` or `web`, as it said.
    pub application_type: String,
}

impl Accounts {
    /// Whether programs may register themselves.
    pub fn oauth_registration(&self) -> bool {
        self.oauth_registration
    }

    /// Registers a program from its own description.
    pub async fn register_oauth_client(&self, map: &Map<String, Value>, peer: &Client) -> Result<Registered, Refused> {
        if !self.oauth_registration {
            return Err(Refused::Closed);
        }
        self.count_registration(peer).await?;
        let bad = |why| Refused::Bad("invalid_client_metadata", why);
        let redirects = document::redirects(map).map_err(|why| Refused::Bad("invalid_redirect_uri", why))?;
        let text = |name: &str, default: &'static str| match map.get(name) {
            None | Some(Value::Null) => Ok(default.to_owned()),
            Some(Value::String(text)) => Ok(text.clone()),
            Some(_) => Err(bad("a member has the wrong type")),
        };
        let auth_method = text("token_endpoint_auth_method", "client_secret_basic")?;
        if !METHODS.contains(&auth_method.as_str()) {
            return Err(bad("token_endpoint_auth_method must be none, client_secret_post or client_secret_basic"));
        }
        let application_type = text("application_type", "web")?;
        if !matches!(application_type.as_str(), "native" | "web") {
            return Err(bad("application_type must be native or web"));
        }
        for (member, needed, why) in [
            ("grant_types", "authorization_code", "grant_types must hold authorization_code"),
            ("response_types", "code", "response_types must hold code"),
        ] {
            let given = map.get(member).filter(|value| !value.is_null());
            if given.is_some_and(|list| !list.as_array().is_some_and(|list| list.iter().any(|one| one == needed))) {
                return Err(bad(why));
            }
        }
        let secret = (auth_method != "none").then(|| secret("tds_"));
        let client = StoredClient {
            id: ids::alphanumeric(32),
            name: document::name(map).or_else(|| redirects.first().map(|uri| redirect::shown(uri))).unwrap_or_default(),
            redirects,
            auth_method,
            secret_hash: secret.as_deref().map(hash),
            created_at: self.clock.micros(),
        };
        let mut conn = self.store.write().await?;
        conn.insert_oauth_client(&client).await?;
        conn.commit().await?;
        Ok(Registered { client, secret, application_type })
    }

    /// A program that is known here without asking anybody: registered, or described lately.
    pub async fn known_oauth_client(&self, id: &str) -> Result<Option<OauthClient>, Refused> {
        if !plain(id) {
            return Ok(None);
        }
        let mut conn = self.store.read().await?;
        if document::address(id).is_some() {
            let found = conn.oauth_document(id, self.clock.micros()).await?;
            return Ok(found.map(|(name, redirects)| OauthClient { id: id.to_owned(), name, redirects }));
        }
        let found = conn.oauth_client(id).await?;
        Ok(found.map(|found| OauthClient { id: found.id, name: found.name, redirects: found.redirects }))
    }

    /// Whether a program that is not known may be asked about at the address its id is.
    pub fn describes_itself(&self, id: &str) -> bool {
        document::address(id).is_some()
    }

    /// Asks a program about itself, for somebody who is signed in: strangers cannot have us fetch things.
    pub async fn fetch_oauth_client(&self, id: &str, peer: &Client) -> Result<OauthClient, Refused> {
        const UNKNOWN: Refused = Refused::Client("the client is unknown");
        let url = document::address(id).ok_or(UNKNOWN)?;
        self.count_registration(peer).await?;
        let answer = self.guarded.get(&url).await.map_err(|why| {
            tracing::info!(
                host = url.host_str().unwrap_or_default(),
                why,
                "a client's metadata document is not to be had"
            );
            Refused::Client("the client's metadata document cannot be fetched")
        })?;
        let Described { name, redirects } = document::read(id, &answer.body).map_err(Refused::Client)?;
        let until = self.clock.micros() + lifetime(&answer.cache_control) * SECOND;
        let mut conn = self.store.write().await?;
        conn.keep_oauth_document(id, &name, &redirects, until).await?;
        conn.commit().await?;
        Ok(OauthClient { id: id.to_owned(), name, redirects })
    }

    /// Which program sends this form, and that it is the one it says: the id. `basic` is what the `Authorization` header
    /// held.
    pub(super) async fn proven_oauth_client(
        &self,
        pairs: &[(String, String)],
        basic: Option<&(String, String)>,
    ) -> Result<String, Refused> {
        let (id, given) = (once(pairs, "client_id")?, once(pairs, "client_secret")?);
        if basic.is_some() && given.is_some() {
            return Err(Refused::Bad("invalid_request", "the client proves itself in two ways at once"));
        }
        if let (Some((known, _)), Some(id)) = (basic, id)
            && known != id
        {
            return Err(Refused::Client("the header and the form name two clients"));
        }
        let id = basic.map(|(id, _)| id.as_str()).or(id).ok_or(Refused::Client("client_id is missing"))?;
        let given = basic.map(|(_, secret)| secret.as_str()).or(given).filter(|secret| !secret.is_empty());
        if !plain(id) {
            return Err(Refused::Client("the client is unknown"));
        }
        if document::address(id).is_some() {
            // It has nothing to prove itself with; what binds its codes is their verifier.
            return if given.is_none() { Ok(id.to_owned()) } else { Err(Refused::Client("the client has no secret")) };
        }
        let found = self.store.read().await?.oauth_client(id).await?.ok_or(Refused::Client("the client is unknown"))?;
        match (&found.secret_hash, given) {
            (None, None) => Ok(found.id),
            (Some(kept), Some(given)) if bool::from(hash(given).as_bytes().ct_eq(kept.as_bytes())) => Ok(found.id),
            (None, Some(_)) => Err(Refused::Client("the client has no secret")),
            (Some(_), None) => Err(Refused::Client("the client's secret is missing")),
            (Some(_), Some(_)) => Err(Refused::Client("the client's secret is wrong")),
        }
    }
}

/// What can be an id at all.
fn plain(id: &str) -> bool {
    !id.is_empty() && id.len() <= redirect::LONGEST && id.bytes().all(|byte| byte.is_ascii_graphic())
}

/// How many seconds a document counts, by its `Cache-Control`.
fn lifetime(control: &str) -> i64 {
    let words = || control.split(',').map(|word| word.trim().to_ascii_lowercase());
    if words().any(|word| word == "no-store" || word == "no-cache") {
        return 0;
    }
    let age = words().find_map(|word| word.strip_prefix("max-age=")?.parse::<i64>().ok());
    age.unwrap_or(DOCUMENT_LIFE).clamp(0, DOCUMENT_LIFE_MAX)
}

#[cfg(test)]
mod tests {
    use super::lifetime;

    #[test]
    fn documents_count_as_long_as_they_say() {
        for (control, seconds) in [
            ("", 3600),
            ("public, max-age=60", 60),
            ("Max-Age=99999999", 86_400),
            ("max-age=-5", 0),
            ("max-age=x", 3600),
            ("no-store", 0),
            ("max-age=60, no-cache", 0),
        ] {
            assert_eq!(lifetime(control), seconds, "{control}");
        }
    }
}
