//! Who somebody is: the person in Better Auth's words (camelCase on the wire), and around it what our own API says of
//! sessions, the audit and other people (snake_case).

use crate::id::UserId;
use serde::{Deserialize, Serialize};

/// Better Auth's User object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// What to call them; may be empty.
    pub name: String,
    /// Lower case.
    pub email: String,
    /// Whether the address was proven.
    pub email_verified: bool,
    /// A picture's address.
    pub image: Option<String>,
    /// As JavaScript's `toISOString`.
    pub created_at: String,
    /// As JavaScript's `toISOString`.
    pub updated_at: String,
    /// The id.
    pub id: UserId,
}

/// One of somebody's sessions: a device on which they are signed in. Never its token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionInfo {
    /// What to end it by.
    pub id: String,
    /// Whether the request that asks came with it.
    pub current: bool,
    /// When they signed in; RFC 3339 UTC, as the other instants.
    pub created_at: String,
    /// When it was last extended, at most once a day.
    pub updated_at: String,
    /// When it ends unless it is extended.
    pub expires_at: String,
    /// Where from, empty when unknown.
    pub address: String,
    /// With which program, empty when unknown.
    pub agent: String,
}

/// Something that happened to an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    /// The row's.
    pub id: String,
    /// When; RFC 3339 UTC.
    pub at: String,
    /// What, as a word such as `signed_in` or `password_changed`.
    #[cfg_attr(feature = "openapi", schema(example = "signed_in"))]
    pub kind: String,
    /// Where from, empty when unknown.
    pub address: String,
    /// With which program, empty when unknown.
    pub agent: String,
    /// What the word does not say, for people; may be empty.
    pub detail: String,
}

/// How one can come in here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignInOptions {
    /// Whether a new account can be made.
    pub sign_up: bool,
    /// Whether mail can be sent, so that a forgotten password can be set anew without the operator.
    pub mail: bool,
    /// Who else may vouch for a person.
    pub providers: Vec<ProviderInfo>,
}

/// Another way to sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProviderInfo {
    /// What to ask for it by.
    #[cfg_attr(feature = "openapi", schema(example = "google"))]
    pub id: String,
    /// What its button says.
    #[cfg_attr(feature = "openapi", schema(example = "Google"))]
    pub name: String,
}

/// An account as admins see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Person {
    /// The id.
    pub id: UserId,
    /// What to call them; may be empty.
    pub name: String,
    /// Lower case.
    pub email: String,
    /// Whether the address was proven.
    pub email_verified: bool,
    /// When they signed up; RFC 3339 UTC, as the other instant.
    pub created_at: String,
    /// Whether they may see this.
    pub admin: bool,
    /// Whether they are locked out.
    pub disabled: bool,
    /// When they were last seen, to the day; null when never.
    pub last_seen_at: Option<String>,
    /// How many tasks they have, the trash excepted.
    pub tasks: i64,
}

/// A personal API token as its owner sees it. The token itself is shown once, when it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiToken {
    /// The row's.
    pub id: String,
    /// What its owner calls it.
    #[cfg_attr(feature = "openapi", schema(example = "My script"))]
    pub name: String,
    /// What it may do: some of `read`, `write`, `chat` and `admin`.
    #[cfg_attr(feature = "openapi", schema(example = json!(["read", "write"])))]
    pub scopes: Vec<String>,
    /// When it was made; RFC 3339 UTC, as the other instants.
    pub created_at: String,
    /// When it ends; null when never.
    pub expires_at: Option<String>,
    /// When it was last used, to the minute; null when never.
    pub last_used_at: Option<String>,
}

/// A program of others that its owner let in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectedApp {
    /// What to revoke it by.
    pub id: String,
    /// What it calls itself.
    #[cfg_attr(feature = "openapi", schema(example = "Claude"))]
    pub name: String,
    /// The site it proved to be; null for a program that only says who it is.
    pub host: Option<String>,
    /// What it may do: some of `todo:read` and `todo:write`.
    #[cfg_attr(feature = "openapi", schema(example = json!(["todo:read", "todo:write"])))]
    pub scopes: Vec<String>,
    /// When it was let in; RFC 3339 UTC, as the other instants.
    pub created_at: String,
    /// When it is shut out unless it is used before.
    pub expires_at: String,
    /// When it was last used, to the minute; null when never.
    pub last_used_at: Option<String>,
}

/// A personal API token that has just been made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewApiToken {
    /// What will be seen of it later.
    #[serde(flatten)]
    pub shown: ApiToken,
    /// The token: send it as `Authorization: Bearer …`. It cannot be read again.
    #[cfg_attr(feature = "openapi", schema(example = "tdc_…"))]
    pub token: String,
}
