//! `/api/{user_id}/settings` and `/overview`.

use super::{
    error::Result,
    extract::{Body, Me},
    fields::Fields,
};
use crate::{service::settings::SettingsPatch, state::AppState};
use axum::{Json, extract::State};
use domain::{overview::Overview, problem::Problem, settings::Settings};

/// Everything the frame around a page shows.
#[utoipa::path(get, path = "/api/{user_id}/overview", tag = "settings",
    params(("user_id" = String, Path, description = "Your id, or `me`")), responses((status = 200, body = Overview)))]
pub async fn overview(State(state): State<AppState>, Me(me): Me) -> Result<Json<Overview>> {
    Ok(Json(state.services.overview(&me).await?))
}

/// What you have chosen.
#[utoipa::path(get, path = "/api/{user_id}/settings", tag = "settings",
    params(("user_id" = String, Path, description = "Your id, or `me`")), responses((status = 200, body = Settings)))]
pub async fn read(Me(me): Me) -> Json<Settings> {
    Json(me.settings.clone())
}

/// Changes what you have chosen.
#[utoipa::path(patch, path = "/api/{user_id}/settings", tag = "settings", request_body = super::schema::SettingsInput,
    params(("user_id" = String, Path, description = "Your id, or `me`")),
    responses((status = 200, body = Settings), (status = 422, body = Problem)))]
pub async fn merge(State(state): State<AppState>, Me(me): Me, Body(body): Body) -> Result<Json<Settings>> {
    let mut fields = Fields::new(body);
    let patch = SettingsPatch {
        name: None,
        time_zone: fields.text(&["time_zone", "timezone"]),
        theme: fields.text(&["theme"]),
        locale: fields.text(&["locale"]),
        week_start: fields.text(&["week_start"]),
    };
    let patch = fields.finish(patch)?;
    Ok(Json(state.services.update_settings(&me, patch).await?))
}
