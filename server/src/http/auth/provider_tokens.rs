//! `/get-access-token`, `/refresh-token`, `/account-info`: what a provider gave out for a person, for their programs.

use super::{
    Call,
    reply::{Failure, Reply},
};
use crate::{
    service::accounts::{Chosen, Error, Found, Stop},
    store::{better_auth::iso, sessions::SessionOwner},
};
use axum::http::StatusCode;
use serde_json::{Map, Value, json};

impl Call<'_> {
    pub(super) async fn get_access_token(&self) -> Result<Reply, Failure> {
        let chosen = self.chosen_in_body()?;
        let owner = self.silent_session().await?;
        let access = self.accounts.access_token(&owner.user.id, &chosen).await?;
        let mut value = json!({ "accessToken": access.token });
        put(&mut value, "accessTokenExpiresAt", access.expires_at.map(iso));
        value["scopes"] = access.scopes.into();
        put(&mut value, "idToken", access.id_token);
        Ok(Reply::new(value))
    }

    pub(super) async fn refresh_token(&self) -> Result<Reply, Failure> {
        let chosen = self.chosen_in_body()?;
        let owner = self.silent_session().await?;
        let fresh = self.accounts.refresh_token(&owner.user.id, &chosen).await?;
        let mut value = Value::Object(Map::new());
        put(&mut value, "accessToken", fresh.tokens.access);
        put(&mut value, "refreshToken", fresh.tokens.refresh);
        put(&mut value, "accessTokenExpiresAt", fresh.tokens.access_expires_at.map(iso));
        value["refreshTokenExpiresAt"] = fresh.tokens.refresh_expires_at.map(iso).into();
        value["scope"] = fresh.scope.into();
        put(&mut value, "idToken", fresh.tokens.id);
        value["providerId"] = fresh.provider.into();
        value["accountId"] = fresh.id.into();
        Ok(Reply::new(value))
    }

    pub(super) async fn account_info(&self) -> Result<Reply, Failure> {
        let chosen = Chosen { provider: self.query("providerId"), account: self.query("accountId") };
        if chosen.provider.is_none() && chosen.account.is_none() {
            return Err(Failure::missing_query("accountId"));
        }
        let owner = self.silent_session().await?;
        let info = self.accounts.account_info(&owner.user.id, &chosen).await.map_err(|error| match error {
            Error::Social(Stop::NoIdentity) => {
                Failure::new(StatusCode::UNAUTHORIZED, "FAILED_TO_GET_USER_INFO", "Failed to get user info")
            }
            other => other.into(),
        })?;
        let mut user = json!({ "emailVerified": info.identity.email_verified });
        put(&mut user, "name", Some(info.identity.name));
        put(&mut user, "email", info.identity.email);
        put(&mut user, "image", info.identity.image);
        let account = json!({ "id": info.id, "providerId": info.provider, "accountId": info.account });
        Ok(Reply::new(json!({ "user": user, "data": info.claims, "account": account })))
    }

    /// The guard of these three says nothing when it refuses.
    async fn silent_session(&self) -> Result<Box<SessionOwner>, Failure> {
        match self.look().await? {
            Found::Live { owner, .. } => Ok(owner),
            _ => Err(Failure::uncoded(StatusCode::UNAUTHORIZED, "")),
        }
    }

    fn chosen_in_body(&self) -> Result<Chosen<'_>, Failure> {
        let mut fields = self.body.fields();
        let provider = fields.optional_text("providerId");
        let account =
            if provider.is_some() { fields.optional_text("accountId") } else { Some(fields.text("accountId")) };
        fields.done()?;
        Ok(Chosen { provider, account })
    }
}

/// An absent value is left out, as JavaScript leaves `undefined` out.
fn put(object: &mut Value, name: &str, value: Option<String>) {
    if let Some(value) = value {
        object[name] = value.into();
    }
}
