//! What is kept of somebody between the way to a provider and the way back: a row of `verification`, as Better Auth
//! writes it, that is good for one return within ten minutes.

use super::{Accounts, Error, Return, Stop, Stopped};
use crate::{ids, store};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How long somebody may stay away, in milliseconds.
pub const LIFE: i64 = 600_000;
/// Longest state looked up.
const STATE_MAX: usize = 128;

/// The row's value.
#[derive(Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Flow {
    #[serde(rename = "callbackURL")]
    pub callback_url: String,
    pub code_verifier: String,
    #[serde(rename = "errorURL", skip_serializing_if = "Option::is_none")]
    pub error_url: Option<String>,
    #[serde(rename = "newUserURL", skip_serializing_if = "Option::is_none")]
    pub new_user_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<Link>,
    pub expires_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_sign_up: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_nonce: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oauth_state: Option<String>,
    /// Ours: whom they were sent to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
}

/// Whose account is to be connected.
#[derive(Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    pub email: String,
    pub user_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encrypted_session_token: Option<String>,
}

/// Names a client's own values may not have: with `link` among them it could connect accounts to strangers.
const RESERVED: [&str; 11] = [
    "callbackURL",
    "codeVerifier",
    "errorURL",
    "newUserURL",
    "link",
    "serverContext",
    "expiresAt",
    "requestSignUp",
    "idTokenNonce",
    "oauthState",
    "provider",
];

/// The row's text: the client's own values first.
fn text(flow: &Flow, mut data: Map<String, Value>) -> Option<String> {
    data.retain(|name, _| !RESERVED.contains(&name.as_str()));
    let Value::Object(own) = serde_json::to_value(flow).ok()? else {
        return None;
    };
    data.extend(own);
    Some(Value::Object(data).to_string())
}

fn identifier(state: &str) -> String {
    format!("auth-state:{state}")
}

impl Accounts {
    pub(super) async fn keep_flow(
        &self,
        state: &str,
        flow: Flow,
        data: Map<String, Value>,
        now: i64,
    ) -> Result<(), Error> {
        let value = text(&flow, data).ok_or(Stop::Internal)?;
        let mut conn = self.store.write().await?;
        let id = ids::alphanumeric(32);
        conn.insert_verification(&id, &identifier(state), &value, flow.expires_at, now).await?;
        conn.commit().await?;
        Ok(())
    }

    /// The flow somebody comes back to, used up. What another browser brings does not use it up, so nobody can spoil
    /// somebody else's sign-in.
    pub(super) async fn take_flow(&self, back: &Return<'_>) -> Result<Flow, Stopped> {
        let state = back.state.filter(|state| !state.is_empty()).ok_or(Stop::NoState)?;
        let letters = |c: u8| c.is_ascii_alphanumeric() || c == b'_' || c == b'-';
        if state.len() > STATE_MAX || !state.bytes().all(letters) {
            return Err(Stop::StateMismatch.into());
        }
        let identifier = identifier(state);
        // Whatever its age: one that is too old still knows where its failure should be told.
        let found = self.read_flow(&identifier).await.map_err(Error::from)?;
        let flow = found.ok_or(Stop::StateMismatch)?;
        let mismatch = |spent| Stopped { target: flow.error_url.clone(), spent, ..Stop::StateMismatch.into() };
        if flow.oauth_state.as_deref().is_some_and(|own| own != state) || back.cookie != Some(state) {
            return Err(mismatch(false));
        }
        if !self.use_up(&identifier).await.map_err(Error::from)? || flow.expires_at < self.clock.millis() {
            return Err(mismatch(true));
        }
        Ok(flow)
    }

    async fn read_flow(&self, identifier: &str) -> store::Result<Option<Flow>> {
        let value = self.store.read().await?.verification(identifier, i64::MIN).await?;
        Ok(value.and_then(|value| serde_json::from_str(&value).ok()))
    }

    /// Of two that come back with one state at the same moment, one is told `false`.
    async fn use_up(&self, identifier: &str) -> store::Result<bool> {
        let mut conn = self.store.write().await?;
        let taken = conn.take_verification(identifier, i64::MIN).await?;
        conn.commit().await?;
        Ok(taken.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn flow() -> Flow {
        Flow {
            callback_url: "/app".into(),
            code_verifier: "v".into(),
            error_url: None,
            new_user_url: None,
            link: None,
            expires_at: 7,
            request_sign_up: None,
            id_token_nonce: Some("n".into()),
            oauth_state: Some("s".into()),
            provider: Some("google".into()),
        }
    }

    #[test]
    fn the_row_is_better_auths_with_the_clients_values_first() {
        let data = json!({"plan": "pro", "callbackURL": "//evil", "link": {"userId": "victim"}, "expiresAt": 9e15});
        let data = data.as_object().cloned().expect("an object");
        assert_eq!(
            text(&flow(), data).expect("JSON"),
            r#"{"plan":"pro","callbackURL":"/app","codeVerifier":"v","expiresAt":7,"idTokenNonce":"n","oauthState":"s","provider":"google"}"#
        );
    }

    #[test]
    fn better_auths_own_rows_are_read() {
        let row = r#"{"plan":"pro","callbackURL":"http://localhost:3000","codeVerifier":"v","errorURL":"/oops",
            "link":{"userId":"u","email":"a@b.co","encryptedSessionToken":"00"},"expiresAt":1795232470000,"oauthState":"s"}"#;
        let flow: Flow = serde_json::from_str(row).expect("a flow");
        assert_eq!(flow.error_url.as_deref(), Some("/oops"));
        assert_eq!(flow.link.expect("a link").user_id, "u");
        assert_eq!(flow.provider, None);
    }
}
