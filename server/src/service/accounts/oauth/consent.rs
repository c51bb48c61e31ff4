//! From a program's wish to a person's yes: what it asks for, sealed while the person looks at it, and the code.
//!
//! What the page holds is sealed for this person, this session and ten minutes, and makes one code: a page of somebody
//! else's request, or one that was sent twice, allows nothing. The address a browser goes back to was checked before the
//! page was drawn and is inside the seal.

use super::{OauthClient, Refused, hash, once, secret};
use crate::{
    actor::Scopes,
    auth::{
        oauth::{self, redirect},
        target,
    },
    ids,
    service::accounts::{Accounts, Error},
    store::{self, oauth_grants::NewCode},
};
use domain::id::UserId;
use serde::{Deserialize, Serialize};

/// How long a person may look at the page, in milliseconds.
const LOOKING: i64 = 600_000;
/// How long a code lives, in microseconds.
const CODE_LIFE: i64 = 60_000_000;
/// Longest `state` carried, in bytes.
const STATE_MAX: usize = 4096;

/// What a program asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Where the browser goes back to: one of the program's own addresses.
    pub redirect: String,
    /// What the program may do then.
    pub scopes: Scopes,
    state: Option<String>,
    challenge: String,
}

/// Why a request ends before anybody was asked. It is said to the person and never sent to the program: anybody can
/// register one, and an address of ours that forwards at once to wherever they like helps only attackers (RFC 9700,
/// 4.11.2).
#[derive(Debug)]
pub struct Stopped(pub &'static str);

/// What came of a person's answer.
#[derive(Debug)]
pub enum Consented {
    /// On to the program, at this address.
    To(String),
    /// The page was too old, used already or somebody else's.
    Stale,
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    /// Makes one code.
    once: String,
    user: String,
    session: String,
    client: String,
    name: String,
    redirect: String,
    scopes: String,
    challenge: String,
    state: Option<String>,
    /// Milliseconds since 1970 UTC.
    until: i64,
}

impl Accounts {
    /// Reads the program's request.
    pub fn read_ask(&self, pairs: &[(String, String)], client: &OauthClient) -> Result<Ask, Stopped> {
        let get = |name: &'static str| once(pairs, name);
        let redirect = get("redirect_uri")?.ok_or(Stopped("redirect_uri is missing"))?;
        if !redirect::allowed(&client.redirects, redirect) {
            return Err(Stopped("redirect_uri is none of the addresses this program registered"));
        }
        let state = get("state")?;
        if state.is_some_and(|state| state.len() > STATE_MAX) {
            return Err(Stopped("state is too long"));
        }
        if get("request")?.or(get("request_uri")?).is_some() {
            return Err(Stopped("request objects are not taken"));
        }
        match get("response_type")? {
            Some("code") => {}
            Some(_) => return Err(Stopped("response_type must be code")),
            None => return Err(Stopped("response_type is missing")),
        }
        if !matches!(get("response_mode")?, None | Some("query")) {
            return Err(Stopped("response_mode must be query"));
        }
        if get("code_challenge_method")? != Some("S256") {
            return Err(Stopped("code_challenge_method must be S256"));
        }
        let challenge = get("code_challenge")?.filter(|text| oauth::is_challenge(text));
        let challenge = challenge.ok_or(Stopped("code_challenge must be a SHA-256 in Base64url"))?;
        let ours = self.mcp_resource();
        let mut resources = pairs.iter().filter(|(name, _)| name == "resource").map(|(_, value)| value.as_str());
        if !resources.all(|resource| oauth::same_resource(resource, &ours)) {
            return Err(Stopped("resource is none that this server has"));
        }
        let scopes = oauth::scopes(get("scope")?).ok_or(Stopped("scope names nothing there is here"))?;
        // The person is always asked, so there is no answer without a page.
        if get("prompt")?.is_some_and(|prompt| prompt.split(' ').any(|word| word == "none")) {
            return Err(Stopped("prompt must not be none, because you have to be asked"));
        }
        Ok(Ask {
            redirect: redirect.to_owned(),
            scopes,
            state: state.map(str::to_owned),
            challenge: challenge.to_owned(),
        })
    }

    /// Seals a request for the person who looks at it. `None` when it cannot be sealed: a mistake of ours.
    pub fn seal_ask(&self, ask: &Ask, client: &OauthClient, user: &UserId, session: &str) -> Option<String> {
        let sealed = Sealed {
            once: ids::alphanumeric(32),
            user: user.to_string(),
            session: session.to_owned(),
            client: client.id.clone(),
            name: client.name.clone(),
            redirect: ask.redirect.clone(),
            scopes: oauth::words(ask.scopes),
            challenge: ask.challenge.clone(),
            state: ask.state.clone(),
            until: self.clock.millis() + LOOKING,
        };
        self.consent_keys.seal(&serde_json::to_string(&sealed).ok()?, ids::bytes())
    }

    /// A person's answer to what was sealed for them: where their browser goes.
    pub async fn consent(&self, sealed: &str, user: &UserId, session: &str, allow: bool) -> Result<Consented, Error> {
        let opened = self.consent_keys.open(sealed).and_then(|text| serde_json::from_str::<Sealed>(&text).ok());
        let theirs =
            |ask: &Sealed| ask.user == user.as_str() && ask.session == session && ask.until > self.clock.millis();
        let Some(ask) = opened.filter(theirs) else { return Ok(Consented::Stale) };
        let state = ask.state.as_deref();
        if !allow {
            let said = [("error", "access_denied"), ("error_description", "the person said no")];
            return Ok(Consented::To(self.back(&ask.redirect, &said, state)));
        }
        let code = secret("");
        let row = NewCode {
            hash: &hash(&code),
            request: &ask.once,
            user,
            client: &ask.client,
            client_name: &ask.name,
            scopes: &ask.scopes,
            redirect: &ask.redirect,
            challenge: &ask.challenge,
            expires_at: self.clock.micros() + CODE_LIFE,
        };
        let mut conn = self.store.write().await?;
        match conn.insert_oauth_code(&row).await {
            Ok(()) => {}
            Err(store::Error::Conflict { .. }) => return Ok(Consented::Stale),
            Err(error) => return Err(error.into()),
        }
        conn.commit().await?;
        Ok(Consented::To(self.back(&ask.redirect, &[("code", &code)], state)))
    }

    /// The program's address with what it is told, its own `state`, and who says so: a program that talks to several
    /// servers could be made to take one for the other (RFC 9207).
    fn back(&self, redirect: &str, said: &[(&str, &str)], state: Option<&str>) -> String {
        let rest = state.map(|state| ("state", state)).into_iter().chain([("iss", self.public_url.as_str())]);
        target::with_query(redirect, said.iter().copied().chain(rest))
    }
}

impl From<Refused> for Stopped {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Client(why) | Refused::Bad(_, why) => Self(why),
            Refused::Closed => Self("programs cannot register here"),
            Refused::Ours(Error::TooMany(_)) => Self("too many programs were asked about; wait a minute"),
            Refused::Ours(error) => {
                tracing::error!(%error, "a program's request could not be looked at");
                Self("something went wrong on our side; try again in a moment")
            }
        }
    }
}
