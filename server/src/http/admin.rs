//! `/api/admin/…`: other people's accounts and how much they use the assistant, for admins.

use super::{
    error::Result,
    extract::{Body, Me, Peer, Query, RowId},
    fields::Fields,
    paging,
};
use crate::{
    service::accounts::{Authority, PEOPLE_MAX, PeopleQuery, Rights, USE_DAYS_MAX},
    state::AppState,
};
use axum::{Json, extract::State, http::Uri, response::Response};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{account::Person, chat_use::ChatUse, id::UserId, problem::Problem};

/// Lists people by address. Only for admins.
#[utoipa::path(get, path = "/api/admin/users", tag = "admin",
    params(("search" = Option<String>, Query, description = "A piece of the name or the address"),
        ("limit" = Option<u32>, Query, description = "1 to 200, default 50"),
        ("cursor" = Option<String>, Query, description = "From the `Link` header of the page before")),
    responses((status = 200, body = [Person], description = "People; `Link: <…>; rel=\"next\"` when there are more"),
        (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn list(
    State(state): State<AppState>,
    Me(me): Me,
    Peer(client): Peer,
    uri: Uri,
    Query(pairs): Query,
) -> Result<Response> {
    let mut fields = Fields::new(serde_json::Map::new());
    let mut query = PeopleQuery { limit: 50, ..PeopleQuery::default() };
    for (name, value) in pairs {
        match name.as_str() {
            _ if value.is_empty() => {}
            "search" if value.contains('\0') || value.chars().count() > 200 => {
                fields.fail("search", "invalid", "search must be at most 200 characters, none of them NUL");
            }
            "search" => query.search = value,
            "limit" => query.limit = fields.limit(&value, PEOPLE_MAX),
            "cursor" => match address(&value) {
                Some(after) => query.after = after,
                None => fields.fail("cursor", "invalid", "cursor must be one from the Link header of the page before"),
            },
            _ => {}
        }
    }
    fields.finish(())?;
    let (items, next) = state.accounts.people(Authority::Admin(&me, &client), &query).await?;
    Ok(paging::page(&items, &uri, "cursor", next.map(|address| URL_SAFE_NO_PAD.encode(address))))
}

/// The address a page begins after.
fn address(cursor: &str) -> Option<String> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    Some(text).filter(|text| !text.contains('\0'))
}

/// How much everybody used the assistant, by day and person, the newest days first. Only for admins.
#[utoipa::path(get, path = "/api/admin/chat-use", tag = "admin",
    params(("days" = Option<u32>, Query, description = "The last days, today included: 1 to 366, default 30")),
    responses((status = 200, body = [ChatUse]), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn chat_use(
    State(state): State<AppState>,
    Me(me): Me,
    Peer(client): Peer,
    Query(pairs): Query,
) -> Result<Json<Vec<ChatUse>>> {
    let mut fields = Fields::new(serde_json::Map::new());
    let mut days = 30;
    for (_, value) in pairs.into_iter().filter(|(name, value)| name == "days" && !value.is_empty()) {
        match value.parse() {
            Ok(n @ 1..=USE_DAYS_MAX) => days = n,
            _ => fields.fail("days", "out_of_range", format!("days must be a whole number from 1 to {USE_DAYS_MAX}")),
        }
    }
    fields.finish(())?;
    Ok(Json(state.accounts.chat_use(Authority::Admin(&me, &client), days).await?))
}

/// Locks somebody out or in, makes them an admin or not. Only for admins; one who can sign in always stays.
#[utoipa::path(patch, path = "/api/admin/users/{id}", tag = "admin", request_body = super::schema::PersonInput,
    params(("id" = String, Path, description = "The person's id")),
    responses((status = 200, body = Person), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "The last admin", body = Problem), (status = 422, body = Problem)))]
pub async fn merge(
    State(state): State<AppState>,
    Me(me): Me,
    Peer(client): Peer,
    RowId(id): RowId,
    Body(body): Body,
) -> Result<Json<Person>> {
    let mut fields = Fields::new(body);
    let rights = Rights { admin: fields.flag(&["admin"]), disabled: fields.flag(&["disabled"]) };
    let rights = fields.finish(rights)?;
    Ok(Json(state.accounts.set_rights(Authority::Admin(&me, &client), &UserId(id), rights).await?))
}
