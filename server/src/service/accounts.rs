//! Accounts: who is who, and what each may do with their own account.
//!
//! The rules are Better Auth's; where it is silent, those of the best products. A file a noun: [`sign`] makes sessions,
//! [`sessions`] reads and ends them, [`devices`] shows them to their owner, [`passwords`], [`email`], [`linked`] and
//! [`delete`] change what proves a person, [`oauth`] lets programs of others in, [`people`] is the admins', [`export`] takes everything along. Who is
//! registered shows neither in what a sign-in answers nor in how long it takes.

mod api_tokens;
mod audit;
mod bearer;
mod chat_use;
mod delete;
mod devices;
mod email;
mod error;
mod export;
mod letters;
mod limits;
mod linked;
mod mcp_bearer;
pub mod oauth;
mod outside;
mod passwords;
mod people;
mod sessions;
mod sign;
mod social;
mod tokens;

pub use api_tokens::{DAYS_MAX, TokenWish};
pub use audit::Event;
pub use bearer::{Caller, Denied};
pub use chat_use::USE_DAYS_MAX;
pub use delete::Deletion;
pub use devices::{AUDIT_MAX, AuditPlace};
pub use email::Verified;
pub use error::{Error, MailOff};
pub use mcp_bearer::{McpCaller, McpDenied};
pub use people::{Authority, PEOPLE_MAX, PeopleQuery, Rights};
pub use sessions::{Found, Held, Visitor};
pub use sign::{NewAccount, SignedIn, SignedUp};
pub use social::{
    Access, Arrived, Chosen, GivenToken, Info, NoTokens, Refreshed, Return, Start, Started, Stop, Stopped,
};

use crate::{
    auth::{
        cookie::Cookies, guarded::Guarded, jwt, keyring::Keyring, network::Network, oidc::Oidc, origin::Trust,
        outside::Elsewhere, password::Passwords,
    },
    clock::Clock,
    config::{Config, Jwt, SignUp},
    mail::Mailer,
    store::{Store, accounts::UserPatch},
};
use domain::{
    id::UserId,
    text::{self, BadText},
};
use limits::Limits;
use std::sync::Arc;

/// Most characters in a person's name.
pub const NAME_MAX: usize = 200;
/// Most characters in a picture's address; small pictures travel as `data:` addresses.
const IMAGE_MAX: usize = 16_384;

/// Signs people up, in and out.
#[derive(Clone, Debug)]
pub struct Accounts {
    store: Store,
    clock: Arc<dyn Clock>,
    /// How sessions travel.
    pub cookies: Cookies,
    /// Who may act with them.
    pub trust: Trust,
    /// Whose word about a client's address is believed.
    pub proxies: Arc<[Network]>,
    passwords: Passwords,
    mailer: Option<Mailer>,
    /// Where people reach us, without a trailing slash: what links begin with.
    public_url: String,
    sign_up: SignUp,
    require_verification: bool,
    limits: Limits,
    /// What is sealed, and what opens it.
    pub(crate) keyring: Keyring,
    /// Seals session tokens that travel with a sign-in elsewhere.
    link_keys: Keyring,
    /// Who else vouches for people.
    providers: Arc<[Oidc]>,
    jwt: Jwt,
    key_memory: tokens::KeyMemory,
    /// The configured secrets: the older apps sign tokens with them. A secret that was made here is nobody else's.
    shared: Arc<[jwt::Key]>,
    outside: Option<Arc<Elsewhere>>,
    /// Seals what a person is asked to allow a program.
    consent_keys: Keyring,
    /// Asks programs about themselves.
    guarded: Guarded,
    oauth_registration: bool,
}

impl Accounts {
    /// Puts everything together. The keyring's current secret signs cookies: the configured one, or the one the
    /// installation made for itself. Without a `mailer` there are no letters.
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        keyring: Keyring,
        trust: Trust,
        mailer: Option<Mailer>,
        config: &Config,
    ) -> Self {
        let given = config.auth_secret.iter().chain(config.secrets.first().map(|current| &current.secret));
        let secure = config.is_encrypted();
        Self {
            store,
            clock,
            cookies: Cookies::new(keyring.all(), secure, &config.cookie_prefix),
            trust,
            proxies: config.trusted_proxies.clone().into(),
            passwords: Passwords::new(config.password_hash),
            mailer,
            public_url: config.public_url.clone(),
            sign_up: config.sign_up,
            require_verification: config.require_verification,
            limits: Limits::new(config.rate_limit),
            link_keys: keyring.for_purpose("oauth-link-session-token"),
            consent_keys: keyring.for_purpose("oauth-consent"),
            providers: config.providers.iter().filter_map(|one| Oidc::new(one.clone(), &config.public_url)).collect(),
            keyring,
            jwt: config.jwt.clone(),
            key_memory: tokens::KeyMemory::default(),
            shared: given.map(|secret| jwt::Key::secret(secret.expose().as_bytes())).collect(),
            guarded: Guarded::new(),
            oauth_registration: config.oauth_registration,
            outside: config.jwt.outside.clone().and_then(Elsewhere::new).map(Arc::new),
        }
    }

    /// Looks which forms of password hashes there are, so that every refused sign-in can take the same time.
    pub async fn learn_password_forms(&self) -> Result<(), Error> {
        for sample in self.store.read().await?.password_samples().await? {
            self.passwords.learn(&sample);
        }
        Ok(())
    }

    /// Changes a person's name or picture.
    pub async fn update_user(&self, user: &UserId, patch: UserPatch) -> Result<(), Error> {
        let patch = UserPatch {
            name: patch.name.as_deref().map(person_name).transpose()?,
            image: match patch.image {
                Some(Some(image)) => Some(Some(picture(&image)?)),
                other => other,
            },
        };
        if patch == UserPatch::default() {
            return Err(Error::NoFields);
        }
        let mut conn = self.store.write().await?;
        conn.update_user(user, &patch, self.clock.millis()).await?;
        conn.commit().await?;
        Ok(())
    }
}

/// A line of text that may also be empty.
fn line(field: &'static str, text: &str, max: usize) -> Result<String, Error> {
    match text::line(text, max) {
        Err(BadText::Empty) => Ok(String::new()),
        other => other.map_err(|why| Error::Field(field, why)),
    }
}

/// What a person can be called.
pub(super) fn person_name(name: &str) -> Result<String, Error> {
    line("name", name, NAME_MAX)
}

fn picture(image: &str) -> Result<String, Error> {
    line("image", image, IMAGE_MAX)
}
