//! What programs read before anything else: what `/mcp` takes (RFC 9728), and how this server gives it out (RFC 8414).

use super::guard;
use crate::{auth::oauth::GRANTABLE, state::AppState};
use axum::{
    Json,
    extract::State,
    http::{HeaderName, HeaderValue, header},
};
use serde_json::{Value, json};

/// An answer programs may keep for a while.
type Kept = ([(HeaderName, HeaderValue); 1], Json<Value>);

fn kept(value: Value) -> Kept {
    ([(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"))], Json(value))
}

/// About `/mcp`.
pub async fn resource(State(state): State<AppState>) -> Kept {
    kept(json!({
        "resource": state.accounts.mcp_resource(),
        "authorization_servers": [state.accounts.issuer()],
        "scopes_supported": GRANTABLE.map(|(word, ..)| word),
        "bearer_methods_supported": ["header"],
        "resource_name": "Todo Chatbot",
    }))
}

/// About the authorization server. Clients that look for an OpenID provider's document find the same; two members stand
/// there only because such a document must have them, and no ID token is ever made.
pub async fn server(State(state): State<AppState>) -> Kept {
    let issuer = state.accounts.issuer();
    let at = |path: &str| format!("{issuer}{path}");
    let mut scopes: Vec<&str> = guard::SCOPES.split(' ').collect();
    scopes.push("offline_access");
    let mut document = json!({
        "issuer": issuer,
        "authorization_endpoint": at("/oauth/authorize"),
        "token_endpoint": at("/oauth/token"),
        "revocation_endpoint": at("/oauth/revoke"),
        "jwks_uri": at("/api/auth/jwks"),
        "scopes_supported": scopes,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none", "client_secret_post", "client_secret_basic"],
        "revocation_endpoint_auth_methods_supported": ["none", "client_secret_post", "client_secret_basic"],
        "client_id_metadata_document_supported": true,
        "authorization_response_iss_parameter_supported": true,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
    });
    if state.accounts.oauth_registration() {
        document["registration_endpoint"] = at("/oauth/register").into();
    }
    kept(document)
}
