//! `/api/{user_id}/labels…`

use super::{
    changed,
    error::Result,
    extract::{Body, Id, Me},
    fields::Fields,
};
use crate::state::AppState;
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    id::LabelId,
    label::{Label, LabelPatch},
    problem::Problem,
    text::Name,
};
use serde_json::{Map, Value};

fn patch(map: Map<String, Value>) -> Result<LabelPatch> {
    let mut fields = Fields::new(map);
    let name = match fields.text(&["name"]) {
        None => None,
        Some(text) => fields.check("name", "invalid", Name::parse(&text)),
    };
    let patch = LabelPatch { name, colour: fields.text(&["colour", "color"]) };
    fields.finish(patch)
}

/// Lists labels by name.
#[utoipa::path(get, path = "/api/{user_id}/labels", tag = "labels",
    params(("user_id" = String, Path, description = "Your id, or `me`")), responses((status = 200, body = [Label])))]
pub async fn list(State(state): State<AppState>, Me(me): Me) -> Result<Json<Vec<Label>>> {
    Ok(Json(state.services.labels(&me).await?))
}

/// Makes a label.
#[utoipa::path(post, path = "/api/{user_id}/labels", tag = "labels", request_body = super::schema::LabelInput,
    params(("user_id" = String, Path, description = "Your id, or `me`")),
    responses((status = 201, body = Label), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn create(State(state): State<AppState>, Me(me): Me, Body(body): Body) -> Result<Response> {
    let made = state.services.create_label(&me, patch(body)?).await?;
    Ok((StatusCode::CREATED, changed(made)).into_response())
}

/// Reads a label.
#[utoipa::path(get, path = "/api/{user_id}/labels/{id}", tag = "labels",
    params(("user_id" = String, Path, description = "Your id, or `me`"), ("id" = i64, Path, description = "The label's number")),
    responses((status = 200, body = Label), (status = 404, body = Problem)))]
pub async fn read(State(state): State<AppState>, Me(me): Me, Id(id): Id) -> Result<Json<Label>> {
    Ok(Json(state.services.label(&me, LabelId(id)).await?))
}

/// Changes a label.
#[utoipa::path(patch, path = "/api/{user_id}/labels/{id}", tag = "labels", request_body = super::schema::LabelInput,
    params(("user_id" = String, Path, description = "Your id, or `me`"), ("id" = i64, Path, description = "The label's number")),
    responses((status = 200, body = Label), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn merge(State(state): State<AppState>, Me(me): Me, Id(id): Id, Body(body): Body) -> Result<Response> {
    Ok(changed(state.services.update_label(&me, LabelId(id), patch(body)?).await?))
}

/// Deletes a label; its tasks stay.
#[utoipa::path(delete, path = "/api/{user_id}/labels/{id}", tag = "labels",
    params(("user_id" = String, Path, description = "Your id, or `me`"), ("id" = i64, Path, description = "The label's number")),
    responses((status = 200, body = Label), (status = 404, body = Problem)))]
pub async fn delete(State(state): State<AppState>, Me(me): Me, Id(id): Id) -> Result<Response> {
    Ok(changed(state.services.delete_label(&me, LabelId(id)).await?))
}
