//! `/api/{user_id}/audit`: what happened to your account.

use super::{
    error::Result,
    extract::{Me, Query},
    fields::Fields,
    paging,
};
use crate::{
    service::accounts::{AUDIT_MAX, AuditPlace},
    state::AppState,
};
use axum::{extract::State, http::Uri, response::Response};
use domain::{account::AuditEntry, problem::Problem};

/// Lists what happened to your account, newest first: sign-ins, failures, passwords, tokens, rights.
#[utoipa::path(get, path = "/api/{user_id}/audit", tag = "account",
    params(("user_id" = String, Path, description = "Your id, or `me`"),
        ("limit" = Option<u32>, Query, description = "1 to 200, default 50"),
        ("before" = Option<String>, Query, description = "From the `Link` header of the page before")),
    responses((status = 200, body = [AuditEntry], description = "What happened; `Link: <…>; rel=\"next\"` when there is more"),
        (status = 422, body = Problem)))]
pub async fn list(State(state): State<AppState>, Me(me): Me, uri: Uri, Query(pairs): Query) -> Result<Response> {
    let mut fields = Fields::new(serde_json::Map::new());
    let (mut before, mut limit) = (None, 50);
    for (name, value) in pairs {
        match name.as_str() {
            _ if value.is_empty() => {}
            "before" => match AuditPlace::parse(&value) {
                Some(place) => before = Some(place),
                None => fields.fail("before", "invalid", "before must be one from the Link header of the page before"),
            },
            "limit" => limit = fields.limit(&value, AUDIT_MAX),
            _ => {}
        }
    }
    fields.finish(())?;
    let (items, next) = state.accounts.audit(&me.user, before.as_ref(), limit).await?;
    Ok(paging::page(&items, &uri, "before", next.map(|place| place.to_string())))
}
