//! `/api/{user_id}/tokens…`: personal API tokens. Only a session makes and ends them, so that a leaked one stays alone.

use super::{
    Error,
    error::Result,
    extract::{Body, Me, Peer, RowId, Session},
    fields::Fields,
    idempotency::ShownOnce,
};
use crate::{
    actor::{Scope, Scopes},
    service::accounts::TokenWish,
    state::AppState,
};
use axum::{
    Extension, Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    account::{ApiToken, NewApiToken},
    problem::Problem,
    text::Name,
};
use serde_json::{Map, Value};

fn wish(map: Map<String, Value>) -> Result<TokenWish> {
    let mut fields = Fields::new(map);
    let name = match fields.text(&["name"]) {
        Some(text) => fields.check("name", "invalid", Name::parse(&text)),
        None => {
            if !fields.failed("name") {
                fields.fail("name", "missing", "name is needed");
            }
            None
        }
    };
    let words = fields.texts(&["scopes"]).unwrap_or_default();
    let unknown = words.iter().find(|word| Scope::named(word).is_none());
    if let Some(word) = unknown {
        let known = Scopes::ALL.words().join(", ");
        fields.fail("scopes", "unknown", format!("scopes holds {word:?}: allowed are {known}"));
    }
    let days = fields.number(&["expires_in_days"]);
    let scopes = words.iter().filter_map(|word| Scope::named(word)).collect();
    fields.finish(name)?.map(|name| TokenWish { name, scopes, days }).ok_or_else(Error::not_found)
}

/// Lists your API tokens, newest first.
#[utoipa::path(get, path = "/api/{user_id}/tokens", tag = "account",
    params(("user_id" = String, Path, description = "Your id, or `me`")), responses((status = 200, body = [ApiToken])))]
pub async fn list(State(state): State<AppState>, Me(me): Me) -> Result<Json<Vec<ApiToken>>> {
    Ok(Json(state.accounts.api_tokens(&me.user).await?))
}

/// Makes an API token and shows it, this once.
#[utoipa::path(post, path = "/api/{user_id}/tokens", tag = "account", request_body = super::schema::TokenInput,
    params(("user_id" = String, Path, description = "Your id, or `me`")),
    responses((status = 201, body = NewApiToken), (status = 403, description = "Only with a session", body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    State(state): State<AppState>,
    Me(me): Me,
    _: Session,
    Peer(client): Peer,
    Body(body): Body,
) -> Result<Response> {
    let made = state.accounts.make_api_token(&me.user, wish(body)?, &client).await?;
    Ok((StatusCode::CREATED, Extension(ShownOnce), Json(made)).into_response())
}

/// Takes an API token back; it opens nothing from then on.
#[utoipa::path(delete, path = "/api/{user_id}/tokens/{id}", tag = "account",
    params(("user_id" = String, Path, description = "Your id, or `me`"), ("id" = String, Path, description = "The token's id")),
    responses((status = 204), (status = 403, description = "Only with a session", body = Problem), (status = 404, body = Problem)))]
pub async fn revoke(
    State(state): State<AppState>,
    Me(me): Me,
    _: Session,
    Peer(client): Peer,
    RowId(id): RowId,
) -> Result<StatusCode> {
    state.accounts.revoke_api_token(&me.user, &id, &client).await?;
    Ok(StatusCode::NO_CONTENT)
}
