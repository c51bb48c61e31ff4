//! What a code and a refresh token are exchanged for, and how a program gives them back.
//!
//! Each is good once. Brought a second time, somebody else may have it too, and nobody can tell who came first: the whole
//! grant ends, with every token that came of it. A code that is brought wrongly is used up as well.

use super::{REFRESH_PREFIX, Refused, hash, once, secret};
use crate::{
    actor::Scopes,
    auth::{client::Client, oauth},
    ids,
    service::accounts::{Accounts, Event, tokens::Keys},
    store::oauth_grants::Grant,
};
use domain::id::UserId;
use serde_json::{Map, Value};

/// How long an access token lives, in seconds.
const ACCESS_LIFE: i64 = 3600;
/// How long a grant lives that is not used, in microseconds: 30 days.
const GRANT_LIFE: i64 = 30 * 86_400 * 1_000_000;

const GRANT: &str = "invalid_grant";
const GONE: Refused = Refused::Bad(GRANT, "the code or token is unknown, was used or has expired");

/// A program at the token endpoint: its form, and what its `Authorization` header held.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    /// The form.
    pub pairs: &'a [(String, String)],
    /// Name and password of the header.
    pub basic: Option<&'a (String, String)>,
    /// Who is at the other end.
    pub peer: &'a Client,
}

/// What a program gets.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The access token.
    pub access: String,
    /// How long it lives, in seconds.
    pub expires_in: i64,
    /// The next refresh token.
    pub refresh: String,
    /// What the access token may do.
    pub scope: String,
}

/// What an access token is about.
struct About<'a> {
    grant: &'a str,
    user: &'a str,
    client: &'a str,
    scopes: Scopes,
}

impl Accounts {
    /// The token endpoint.
    pub async fn exchange(&self, caller: Caller<'_>) -> Result<Issued, Refused> {
        let kind = once(caller.pairs, "grant_type")?;
        let client = self.proven_oauth_client(caller.pairs, caller.basic).await?;
        let ours = self.mcp_resource();
        let mut resources = caller.pairs.iter().filter(|(name, _)| name == "resource").map(|(_, value)| value);
        if !resources.all(|resource| oauth::same_resource(resource, &ours)) {
            return Err(Refused::Bad("invalid_target", "resource is none that this server has"));
        }
        match kind {
            Some("authorization_code") => self.exchange_code(&client, caller).await,
            Some("refresh_token") => self.exchange_refresh(&client, caller).await,
            Some(_) => {
                Err(Refused::Bad("unsupported_grant_type", "grant_type must be authorization_code or refresh_token"))
            }
            None => Err(Refused::Bad("invalid_request", "grant_type is missing")),
        }
    }

    async fn exchange_code(&self, client: &str, caller: Caller<'_>) -> Result<Issued, Refused> {
        let missing = |why| Refused::Bad("invalid_request", why);
        let code = once(caller.pairs, "code")?.ok_or(missing("code is missing"))?;
        let redirect = once(caller.pairs, "redirect_uri")?;
        let verifier = once(caller.pairs, "code_verifier")?;
        // Before the transaction: making a key takes one of its own.
        let keys = self.signing_keys().await?;
        let (now, code) = (self.clock.micros(), hash(code));
        let mut conn = self.store.write().await?;
        let found = conn.oauth_code(&code).await?.ok_or(GONE)?;
        if found.used_at.is_some() {
            let ended = match &found.grant_id {
                Some(grant) => conn.end_oauth_grant(grant, &found.client_id).await?,
                None => None,
            };
            conn.commit().await?;
            if let Some((user, name)) = ended {
                self.remember(Event::AppShutOut, Some(&UserId(user)), caller.peer, &name).await;
            }
            return Err(GONE);
        }
        let wrong = if found.expires_at <= now {
            Some(GONE)
        } else if found.client_id != client {
            Some(Refused::Bad(GRANT, "the code is another client's"))
        } else if redirect.is_some_and(|redirect| redirect != found.redirect_uri) {
            Some(Refused::Bad(GRANT, "redirect_uri is not the one the code was sent to"))
        } else if !verifier.is_some_and(|verifier| oauth::proves(verifier, &found.challenge)) {
            Some(Refused::Bad(GRANT, "code_verifier does not fit the code"))
        } else {
            let person = conn.person(&UserId(found.user_id.clone())).await?;
            person.is_none_or(|person| person.disabled).then_some(GONE)
        };
        if let Some(wrong) = wrong {
            conn.use_oauth_code(&code, now, None).await?;
            conn.commit().await?;
            return Err(wrong);
        }
        let grant = Grant {
            id: ids::alphanumeric(32),
            client_id: found.client_id,
            client_name: found.client_name,
            scopes: found.scopes,
            created_at: now,
            expires_at: now + GRANT_LIFE,
            last_used_at: Some(now),
        };
        let refresh = secret(REFRESH_PREFIX);
        conn.insert_oauth_grant(&found.user_id, &grant).await?;
        conn.insert_oauth_refresh(&hash(&refresh), &grant.id, now, grant.expires_at).await?;
        conn.use_oauth_code(&code, now, Some(&grant.id)).await?;
        conn.oauth_client_used(client, now).await?;
        let scopes = oauth::scopes(Some(&grant.scopes)).unwrap_or(Scopes::NONE);
        let about = About { grant: &grant.id, user: &found.user_id, client, scopes };
        let issued = self.issue(&keys, &about, refresh)?;
        conn.commit().await?;
        let user = UserId(found.user_id);
        self.remember(Event::AppConnected, Some(&user), caller.peer, &grant.client_name).await;
        Ok(issued)
    }

    async fn exchange_refresh(&self, client: &str, caller: Caller<'_>) -> Result<Issued, Refused> {
        let token = once(caller.pairs, "refresh_token")?;
        let token = token.ok_or(Refused::Bad("invalid_request", "refresh_token is missing"))?;
        let asked = once(caller.pairs, "scope")?;
        let keys = self.signing_keys().await?;
        let (now, token) = (self.clock.micros(), hash(token));
        let mut conn = self.store.write().await?;
        let found = conn.oauth_refresh(&token).await?.ok_or(GONE)?;
        if found.client_id != client {
            return Err(Refused::Bad(GRANT, "the token is another client's"));
        }
        if found.used_at.is_some() {
            let ended = conn.end_oauth_grant(&found.grant_id, client).await?;
            conn.commit().await?;
            if let Some((user, name)) = ended {
                self.remember(Event::AppShutOut, Some(&UserId(user)), caller.peer, &name).await;
            }
            return Err(GONE);
        }
        let user = UserId(found.user_id.clone());
        let person = conn.person(&user).await?;
        if found.expires_at <= now || person.is_none_or(|person| person.disabled) {
            return Err(GONE);
        }
        let granted = oauth::scopes(Some(&found.scopes)).unwrap_or(Scopes::NONE);
        let scopes = match asked {
            None => granted,
            Some(_) => oauth::scopes(asked)
                .filter(|asked| oauth::GRANTABLE.iter().all(|(_, scope, _)| !asked.has(*scope) || granted.has(*scope)))
                .ok_or(Refused::Bad("invalid_scope", "scope asks for more than was granted"))?,
        };
        let refresh = secret(REFRESH_PREFIX);
        let until = now + GRANT_LIFE;
        conn.use_oauth_refresh(&token, &found.grant_id, now, until).await?;
        conn.insert_oauth_refresh(&hash(&refresh), &found.grant_id, now, until).await?;
        conn.oauth_client_used(client, now).await?;
        let about = About { grant: &found.grant_id, user: &found.user_id, client, scopes };
        let issued = self.issue(&keys, &about, refresh)?;
        conn.commit().await?;
        Ok(issued)
    }

    fn issue(&self, keys: &Keys, about: &About<'_>, refresh: String) -> Result<Issued, Refused> {
        let now = self.clock.millis().div_euclid(1000);
        let scope = oauth::words(about.scopes);
        let mut claims = Map::new();
        let texts = [
            ("iss", self.public_url.clone()),
            ("sub", about.user.to_owned()),
            ("aud", self.mcp_resource()),
            ("client_id", about.client.to_owned()),
            ("scope", scope.clone()),
            ("jti", ids::alphanumeric(32)),
            ("gid", about.grant.to_owned()),
        ];
        claims.extend(texts.map(|(name, value)| (name.to_owned(), Value::from(value))));
        claims.insert("iat".into(), now.into());
        claims.insert("exp".into(), (now + ACCESS_LIFE).into());
        Ok(Issued { access: self.sign_access(keys, &claims)?, expires_in: ACCESS_LIFE, refresh, scope })
    }

    /// The revocation endpoint (RFC 7009): either token ends the whole grant. What is no token of this program's changes
    /// nothing, and is no error.
    pub async fn give_back(&self, caller: Caller<'_>) -> Result<(), Refused> {
        let client = self.proven_oauth_client(caller.pairs, caller.basic).await?;
        let token = once(caller.pairs, "token")?.ok_or(Refused::Bad("invalid_request", "token is missing"))?;
        let grant = if token.starts_with(REFRESH_PREFIX) {
            let mut conn = self.store.read().await?;
            conn.oauth_refresh_grant(&hash(token)).await?
        } else {
            self.grant_of_access(token).await
        };
        let Some(grant) = grant else { return Ok(()) };
        let mut conn = self.store.write().await?;
        let ended = conn.end_oauth_grant(&grant, &client).await?;
        conn.commit().await?;
        if let Some((user, name)) = ended {
            self.remember(Event::AppRevoked, Some(&UserId(user)), caller.peer, &name).await;
        }
        Ok(())
    }
}
