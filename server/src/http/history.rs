//! `/api/{user_id}/undo` and `/changes`: the operation log from outside.

use super::{
    changed,
    error::Result,
    extract::{Body, Me, Query},
    fields::Fields,
};
use crate::{service::undo::CHANGES_MAX, state::AppState};
use axum::{Json, extract::State, response::Response};
use domain::{
    id::Seq,
    operation::{Operation, Undone},
    problem::Problem,
};

/// Takes back the operation `seq`, or the last one.
#[utoipa::path(post, path = "/api/{user_id}/undo", tag = "history", request_body = super::schema::UndoInput,
    params(("user_id" = String, Path, description = "Your id, or `me`")),
    responses((status = 200, body = Undone), (status = 404, body = Problem), (status = 409, description = "Undone already, or changed again since", body = Problem)))]
pub async fn undo(State(state): State<AppState>, Me(me): Me, Body(body): Body) -> Result<Response> {
    let mut fields = Fields::new(body);
    let seq = fields.number(&["seq"]).map(Seq);
    fields.finish(())?;
    Ok(changed(state.services.undo(&me, seq).await?))
}

/// What happened after `since`, oldest first.
#[utoipa::path(get, path = "/api/{user_id}/changes", tag = "history",
    params(("user_id" = String, Path, description = "Your id, or `me`"), ("since" = Option<i64>, Query, description = "The newest operation you know, default 0"), ("limit" = Option<u32>, Query, description = "1 to 500, default 500")),
    responses((status = 200, body = [Operation]), (status = 422, body = Problem)))]
pub async fn changes(State(state): State<AppState>, Me(me): Me, Query(pairs): Query) -> Result<Json<Vec<Operation>>> {
    let mut fields = Fields::new(serde_json::Map::new());
    let (mut since, mut limit) = (0, CHANGES_MAX);
    for (name, value) in pairs {
        match name.as_str() {
            "since" => match value.parse::<i64>() {
                Ok(n) if n >= 0 => since = n,
                _ => fields.fail("since", "invalid", "since must be a whole number from 0"),
            },
            "limit" => match value.parse::<u32>() {
                Ok(n) if (1..=CHANGES_MAX).contains(&n) => limit = n,
                _ => fields.fail("limit", "out_of_range", format!("limit must be from 1 to {CHANGES_MAX}")),
            },
            _ => {}
        }
    }
    fields.finish(())?;
    Ok(Json(state.services.changes(&me, Seq(since), limit).await?))
}
