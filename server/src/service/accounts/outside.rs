//! People another Better Auth sends.

use super::{Accounts, Denied, Event};
use crate::{
    auth::{
        client::Client,
        email,
        jwt::{Claims, Refusal},
        remote_keys::Bad,
    },
    store::{self, better_auth::iso},
};
use domain::{account::User, id::UserId};
use serde_json::Value;

impl From<Bad> for Denied {
    fn from(bad: Bad) -> Self {
        match bad {
            Bad::Token(refusal) => refusal.into(),
            Bad::NoKeys => Self::NoKeys,
        }
    }
}

impl Accounts {
    /// Makes the person the other side speaks of, when their address is free here. Nobody becomes an admin this way, and
    /// `SIGN_UP` does not matter: whoever runs this server has said that the other side signs people up.
    pub(super) async fn admit(&self, claims: &Claims) -> Result<(), Denied> {
        let id = claims.text("sub").filter(|id| usable(id)).ok_or(Refusal::Subject)?;
        let address = claims.text("email").filter(|address| email::valid(address)).ok_or(Refusal::Subject)?;
        let now = self.clock.millis();
        let user = User {
            name: super::person_name(claims.text("name").unwrap_or_default()).unwrap_or_default(),
            email: address.to_ascii_lowercase(),
            email_verified: claims.0.get("emailVerified").and_then(Value::as_bool).unwrap_or(false),
            image: claims.text("image").and_then(|image| super::picture(image).ok()).filter(|image| !image.is_empty()),
            created_at: iso(now),
            updated_at: iso(now),
            id: UserId(id.to_owned()),
        };
        let mut conn = self.store.write().await?;
        match conn.insert_user(&user, now).await {
            Ok(()) => {}
            Err(store::Error::Conflict { .. }) => {
                // Either two of their requests came at once, and one of them has won; or the address is somebody's.
                drop(conn);
                let there = self.store.read().await?.person(&user.id).await?;
                return there.map(drop).ok_or(Refusal::Subject.into());
            }
            Err(error) => return Err(error.into()),
        }
        conn.commit().await?;
        self.remember(Event::SignedUp, Some(&user.id), &Client::default(), "token").await;
        Ok(())
    }
}

/// Whether an id can stand in addresses without meaning something else there.
fn usable(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'|' | b':' | b'@' | b'.');
    (1..=128).contains(&id.len())
        && id.bytes().all(plain)
        && id.bytes().any(|byte| byte.is_ascii_alphanumeric())
        && !matches!(id, "me" | "auth" | "admin" | "health")
}
