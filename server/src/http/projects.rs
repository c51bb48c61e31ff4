//! `/api/{user_id}/projects…`

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
    id::ProjectId,
    problem::Problem,
    project::{Project, ProjectPatch},
    text::Name,
};
use serde_json::{Map, Value};

fn patch(map: Map<String, Value>) -> Result<ProjectPatch> {
    let mut fields = Fields::new(map);
    let name = match fields.text(&["name"]) {
        None => None,
        Some(text) => fields.check("name", "invalid", Name::parse(&text)),
    };
    let patch = ProjectPatch {
        name,
        colour: fields.text(&["colour", "color"]),
        parent: fields.nullable_number(&["parent_id"]).map(|p| p.map(ProjectId)),
        archived: fields.flag(&["archived"]),
    };
    fields.finish(patch)
}

/// Lists projects in their order, archived ones too.
#[utoipa::path(get, path = "/api/{user_id}/projects", tag = "projects",
    params(("user_id" = String, Path, description = "Your id, or `me`")), responses((status = 200, body = [Project])))]
pub async fn list(State(state): State<AppState>, Me(me): Me) -> Result<Json<Vec<Project>>> {
    Ok(Json(state.services.projects(&me).await?))
}

/// Makes a project.
#[utoipa::path(post, path = "/api/{user_id}/projects", tag = "projects", request_body = super::schema::ProjectInput,
    params(("user_id" = String, Path, description = "Your id, or `me`")),
    responses((status = 201, body = Project), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn create(State(state): State<AppState>, Me(me): Me, Body(body): Body) -> Result<Response> {
    let made = state.services.create_project(&me, patch(body)?).await?;
    Ok((StatusCode::CREATED, changed(made)).into_response())
}

/// Reads a project.
#[utoipa::path(get, path = "/api/{user_id}/projects/{id}", tag = "projects",
    params(("user_id" = String, Path, description = "Your id, or `me`"), ("id" = i64, Path, description = "The project's number")),
    responses((status = 200, body = Project), (status = 404, body = Problem)))]
pub async fn read(State(state): State<AppState>, Me(me): Me, Id(id): Id) -> Result<Json<Project>> {
    Ok(Json(state.services.project(&me, ProjectId(id)).await?))
}

/// Changes a project.
#[utoipa::path(patch, path = "/api/{user_id}/projects/{id}", tag = "projects", request_body = super::schema::ProjectInput,
    params(("user_id" = String, Path, description = "Your id, or `me`"), ("id" = i64, Path, description = "The project's number")),
    responses((status = 200, body = Project), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn merge(State(state): State<AppState>, Me(me): Me, Id(id): Id, Body(body): Body) -> Result<Response> {
    Ok(changed(state.services.update_project(&me, ProjectId(id), patch(body)?).await?))
}

/// Deletes a project and puts its tasks into the trash, with one undo.
#[utoipa::path(delete, path = "/api/{user_id}/projects/{id}", tag = "projects",
    params(("user_id" = String, Path, description = "Your id, or `me`"), ("id" = i64, Path, description = "The project's number")),
    responses((status = 200, body = Project), (status = 404, body = Problem)))]
pub async fn delete(State(state): State<AppState>, Me(me): Me, Id(id): Id) -> Result<Response> {
    Ok(changed(state.services.delete_project(&me, ProjectId(id)).await?))
}
