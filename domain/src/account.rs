//! Who somebody is, in Better Auth's words (camelCase on the wire).

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
