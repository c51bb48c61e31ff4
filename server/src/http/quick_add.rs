//! `/api/{user_id}/quick-add`: a typed text becomes tasks, or (`dry_run`) says what it would become.

use super::{
    Error, OPERATION_SEQ,
    error::Result,
    extract::{Body, Me},
    fields::Fields,
};
use crate::{service::quick_add::QuickAdd, state::AppState};
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    id::ProjectId,
    problem::Problem,
    task::{ProjectChoice, Task},
};
use serde_json::{Value, json};

/// Fields that a task which is not stored does not have.
const NOT_YET: [&str; 6] = ["id", "position", "created_at", "updated_at", "deleted_at", "version"];

/// Reads `text` by the quick-add grammar and stores the tasks, all or none.
#[utoipa::path(post, path = "/api/{user_id}/quick-add", tag = "tasks", request_body = super::schema::QuickAddInput,
    params(("user_id" = String, Path, description = "Your id, or `me`")),
    responses((status = 201, body = super::schema::QuickAddReply),
        (status = 200, description = "The same for `dry_run`: ids are null", body = super::schema::QuickAddReply), (status = 422, body = Problem)))]
pub async fn quick_add(State(state): State<AppState>, Me(me): Me, Body(body): Body) -> Result<Response> {
    let mut fields = Fields::new(body);
    let text = fields.text(&["text"]);
    let timezone = fields.text(&["timezone", "time_zone"]);
    let locale = fields.text(&["locale"]);
    let dry_run = fields.flag(&["dry_run"]).unwrap_or(false);
    let project = fields.number(&["project_id"]).map(|id| ProjectChoice::Id(ProjectId(id)));
    let now = match fields.text(&["now"]) {
        None => None,
        Some(now) => fields.check("now", "invalid_date", civil(&now)),
    };
    if text.is_none() && !fields.failed("text") {
        fields.fail("text", "missing", "text is needed: one or many lines, each a task");
    }
    fields.finish(())?;
    let add = QuickAdd { text: text.unwrap_or_default(), timezone, locale, now, project };
    if dry_run {
        let read = state.services.read_quick_add(&me, &add)?;
        let tasks = preview(&state.services.preview(&me, &read))?;
        return Ok(Json(json!({ "tasks": tasks, "chips": read.chips })).into_response());
    }
    let (made, chips) = state.services.quick_add(&me, add).await?;
    let seq = made.seq.to_string();
    let body = Json(json!({ "tasks": made.value, "chips": chips }));
    Ok((StatusCode::CREATED, [(OPERATION_SEQ, seq)], body).into_response())
}

fn civil(text: &str) -> std::result::Result<jiff::civil::DateTime, &'static str> {
    text.trim().parse().map_err(|_| "must be civil time such as 2026-11-21T09:00, in the time zone of timezone")
}

fn preview(tasks: &[Task]) -> Result<Vec<Value>> {
    let mut values = Vec::with_capacity(tasks.len());
    for task in tasks {
        let mut value =
            serde_json::to_value(task).map_err(|e| Error::Service(crate::service::Error::Internal(e.to_string())))?;
        for name in NOT_YET {
            value[name] = Value::Null;
        }
        if let Some(id) = value.pointer_mut("/project/id") {
            *id = Value::Null;
        }
        values.push(value);
    }
    Ok(values)
}
