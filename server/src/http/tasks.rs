//! `/api/{user_id}/tasks…`: decode, call one service function, encode.

use super::{
    Error, OPERATION_SEQ, changed,
    error::Result,
    extract::{Body, Id, Me, Query, if_match},
    fields::Fields,
    paging, task_input,
};
use crate::{service::Changed, state::AppState};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use domain::{
    id::{ProjectId, TaskId},
    problem::Problem,
    task::{Sort, Status, Task, TaskPatch, TaskQuery, View},
    text::Name,
};
use serde_json::{Value, json};

/// Lists tasks.
#[utoipa::path(get, path = "/api/{user_id}/tasks", tag = "tasks",
    params(("user_id" = String, Path, description = "Your id, or `me`"),
        ("status" = Option<String>, Query, description = "all (default), open, completed or trash"),
        ("view" = Option<String>, Query, description = "inbox, today, upcoming or overdue: open tasks of that view"),
        ("project" = Option<String>, Query, description = "A project's number or name"),
        ("label" = Option<Vec<String>>, Query, description = "Label names; all must match"),
        ("priority" = Option<String>, Query, description = "none, low, medium or high"),
        ("parent" = Option<i64>, Query, description = "Only the parts of that task"),
        ("search" = Option<String>, Query, description = "Full text over titles and descriptions, best first; not paged"),
        ("due_from" = Option<String>, Query, description = "A day"), ("due_to" = Option<String>, Query, description = "A day"),
        ("sort_by" = Option<String>, Query, description = "position (default), due, priority, created or title"),
        ("order" = Option<String>, Query, description = "asc (default) or desc"),
        ("limit" = Option<u32>, Query, description = "1 to 200, default 50"),
        ("cursor" = Option<String>, Query, description = "From the `Link` header of the page before")),
    responses((status = 200, body = [Task], description = "The tasks; `Link: <…>; rel=\"next\"` when there are more"),
        (status = 422, body = Problem)))]
pub async fn list(State(state): State<AppState>, Me(me): Me, uri: Uri, Query(pairs): Query) -> Result<Response> {
    let query = query(&state, &me, pairs).await?;
    let page = state.services.list_tasks(&me, &query).await?;
    Ok(paging::page(&page.items, &uri, "cursor", page.next))
}

async fn query(state: &AppState, me: &crate::actor::Actor, pairs: Vec<(String, String)>) -> Result<TaskQuery> {
    let mut fields = Fields::new(serde_json::Map::new());
    let mut query = TaskQuery::default();
    for (name, value) in pairs {
        if value.is_empty() {
            continue;
        }
        let day = |fields: &mut Fields| {
            fields.check(&name, "invalid_date", value.parse::<domain::date::Due>()).map(|d| d.date())
        };
        match name.as_str() {
            "status" => match value.to_lowercase().as_str() {
                "all" => query.status = Status::All,
                "open" | "pending" | "active" => query.status = Status::Open,
                "completed" | "done" => query.status = Status::Completed,
                "trash" | "deleted" => query.status = Status::Trash,
                _ => fields.fail("status", "unknown", "status must be all, open, completed or trash"),
            },
            "completed" | "is_completed" => match value.as_str() {
                "true" => query.status = Status::Completed,
                "false" => query.status = Status::Open,
                _ => fields.fail("completed", "unknown", "completed must be true or false"),
            },
            "view" => match value.as_str() {
                "inbox" => query.view = Some(View::Inbox),
                "today" => query.view = Some(View::Today),
                "upcoming" => query.view = Some(View::Upcoming),
                "overdue" => query.view = Some(View::Overdue),
                _ => fields.fail("view", "unknown", "view must be inbox, today, upcoming or overdue"),
            },
            "project" | "project_id" => match value.parse() {
                Ok(id) => query.project = Some(ProjectId(id)),
                Err(_) => {
                    if let Some(name) = fields.check("project", "invalid", Name::parse(&value)) {
                        match state.services.project_named(me, &name).await? {
                            Some(project) => query.project = Some(project.id),
                            None => fields.fail(
                                "project",
                                "unknown",
                                format!("project must be one of yours, and there is none called {value:?}"),
                            ),
                        }
                    }
                }
            },
            "label" | "labels" | "tag" | "tags" => {
                if let Some(name) = fields.check("label", "invalid", Name::parse(&value)) {
                    query.labels.push(name);
                }
            }
            "priority" => match value.parse() {
                Ok(priority) => query.priority = Some(priority),
                Err(_) => fields.fail(
                    "priority",
                    "unknown",
                    format!("priority must be {}", domain::priority::Priority::ALLOWED),
                ),
            },
            "parent" | "parent_id" => match value.parse() {
                Ok(id) => query.parent = Some(TaskId(id)),
                Err(_) => fields.fail("parent", "invalid", "parent must be a task's number"),
            },
            "search" | "q" => query.search = Some(value.chars().take(200).collect()),
            "due_from" => query.due_from = day(&mut fields),
            "due_to" => query.due_to = day(&mut fields),
            "sort_by" | "sort" => match value.to_lowercase().as_str() {
                "position" => query.sort = Sort::Position,
                "due" | "due_date" | "duedate" => query.sort = Sort::Due,
                "priority" => query.sort = Sort::Priority,
                "created" | "created_at" | "createdat" => query.sort = Sort::Created,
                "title" => query.sort = Sort::Title,
                _ => fields.fail("sort_by", "unknown", "sort_by must be position, due, priority, created or title"),
            },
            "order" | "sort_order" => match value.to_lowercase().as_str() {
                "asc" => query.descending = false,
                "desc" => query.descending = true,
                _ => fields.fail("order", "unknown", "order must be asc or desc"),
            },
            "limit" => match value.parse() {
                Ok(limit) => query.limit = Some(limit),
                Err(_) => fields.fail("limit", "invalid", "limit must be a whole number from 1 to 200"),
            },
            "cursor" => query.cursor = Some(value),
            _ => {}
        }
    }
    fields.finish(query)
}

/// Makes a task.
#[utoipa::path(post, path = "/api/{user_id}/tasks", tag = "tasks", request_body = super::schema::TaskInput,
    params(("user_id" = String, Path, description = "Your id, or `me`"), ("Idempotency-Key" = Option<String>, Header, description = "Makes a repeated request harmless")),
    responses((status = 201, body = Task), (status = 422, body = Problem)))]
pub async fn create(State(state): State<AppState>, Me(me): Me, Body(body): Body) -> Result<Response> {
    let new = task_input::new_task(body)?;
    let made = state.services.create_tasks(&me, vec![new]).await?.map(|mut tasks| tasks.remove(0));
    let location = format!("/api/{}/tasks/{}", me.user, made.value.id);
    let mut response = (StatusCode::CREATED, one(made)).into_response();
    if let Ok(value) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    Ok(response)
}

/// Reads a task, also one in the trash.
#[utoipa::path(get, path = "/api/{user_id}/tasks/{id}", tag = "tasks",
    params(("user_id" = String, Path, description = "Your id, or `me`"), ("id" = i64, Path, description = "The task's number")),
    responses((status = 200, body = Task), (status = 404, body = Problem)))]
pub async fn read(State(state): State<AppState>, Me(me): Me, Id(id): Id) -> Result<Response> {
    let task = state.services.get_task(&me, TaskId(id)).await?;
    let tag = etag(&task);
    Ok(([(header::ETAG, tag)], Json(task)).into_response())
}

/// Replaces a task: what the body does not name is cleared.
#[utoipa::path(put, path = "/api/{user_id}/tasks/{id}", tag = "tasks", request_body = super::schema::TaskInput,
    params(("user_id" = String, Path, description = "Your id, or `me`"), ("id" = i64, Path, description = "The task's number"), ("If-Match" = Option<String>, Header, description = "The ETag it must still have")),
    responses((status = 200, body = Task), (status = 404, body = Problem), (status = 412, body = Problem), (status = 422, body = Problem)))]
pub async fn replace(
    State(state): State<AppState>,
    Me(me): Me,
    Id(id): Id,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response> {
    update(&state, &me, id, &headers, task_input::replacement(body)?).await
}

/// Changes a task: only what the body names; null clears.
#[utoipa::path(patch, path = "/api/{user_id}/tasks/{id}", tag = "tasks", request_body = super::schema::TaskInput,
    params(("user_id" = String, Path, description = "Your id, or `me`"), ("id" = i64, Path, description = "The task's number"), ("If-Match" = Option<String>, Header, description = "The ETag it must still have")),
    responses((status = 200, body = Task), (status = 404, body = Problem), (status = 412, body = Problem), (status = 422, body = Problem)))]
pub async fn merge(
    State(state): State<AppState>,
    Me(me): Me,
    Id(id): Id,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response> {
    update(&state, &me, id, &headers, task_input::patch(body)?).await
}

async fn update(
    state: &AppState,
    me: &crate::actor::Actor,
    id: i64,
    headers: &HeaderMap,
    patch: TaskPatch,
) -> Result<Response> {
    let version = if_match(headers)?;
    let done = state.services.update_tasks(me, &[TaskId(id)], patch, version).await?;
    Ok(one(done.map(|mut tasks| tasks.remove(0))))
}

/// Puts a task and its parts into the trash; with `permanent=true` removes it from there for good.
#[utoipa::path(delete, path = "/api/{user_id}/tasks/{id}", tag = "tasks",
    params(("user_id" = String, Path, description = "Your id, or `me`"), ("id" = i64, Path, description = "The task's number"), ("permanent" = Option<bool>, Query, description = "Remove it from the trash for good")),
    responses((status = 200, body = Task), (status = 204, description = "Removed for good"), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn delete(
    State(state): State<AppState>,
    Me(me): Me,
    Id(id): Id,
    headers: HeaderMap,
    Query(pairs): Query,
) -> Result<Response> {
    if pairs.iter().any(|(name, value)| name == "permanent" && value == "true") {
        let done = state.services.purge_task(&me, TaskId(id)).await?;
        return Ok((StatusCode::NO_CONTENT, [(OPERATION_SEQ, done.seq.to_string())]).into_response());
    }
    let version = if_match(&headers)?;
    let done = state.services.delete_tasks(&me, &[TaskId(id)], version).await?;
    Ok(one(done.map(|mut tasks| tasks.remove(0))))
}

/// Brings a task back from the trash.
#[utoipa::path(post, path = "/api/{user_id}/tasks/{id}/restore", tag = "tasks",
    params(("user_id" = String, Path, description = "Your id, or `me`"), ("id" = i64, Path, description = "The task's number")),
    responses((status = 200, body = Task), (status = 404, body = Problem)))]
pub async fn restore(State(state): State<AppState>, Me(me): Me, Id(id): Id) -> Result<Response> {
    let done = state.services.restore_tasks(&me, &[TaskId(id)]).await?;
    Ok(one(done.map(|mut tasks| tasks.remove(0))))
}

/// Completes an open task and opens a completed one. A repeating task moves on to its next date.
#[utoipa::path(patch, path = "/api/{user_id}/tasks/{id}/complete", tag = "tasks",
    params(("user_id" = String, Path, description = "Your id, or `me`"), ("id" = i64, Path, description = "The task's number"), ("If-Match" = Option<String>, Header, description = "The ETag it must still have")),
    responses((status = 200, body = Task), (status = 404, body = Problem), (status = 412, body = Problem)))]
pub async fn toggle(State(state): State<AppState>, Me(me): Me, Id(id): Id, headers: HeaderMap) -> Result<Response> {
    let version = if_match(&headers)?;
    Ok(one(state.services.toggle_task(&me, TaskId(id), version).await?))
}

/// Completes a task.
#[utoipa::path(post, path = "/api/{user_id}/tasks/{id}/complete", tag = "tasks",
    params(("user_id" = String, Path, description = "Your id, or `me`"), ("id" = i64, Path, description = "The task's number")),
    responses((status = 200, body = Task), (status = 404, body = Problem)))]
pub async fn complete(State(state): State<AppState>, Me(me): Me, Id(id): Id) -> Result<Response> {
    let done = state.services.complete_tasks(&me, &[TaskId(id)]).await?;
    Ok(one(done.map(|mut tasks| tasks.remove(0))))
}

/// Opens a completed task again.
#[utoipa::path(post, path = "/api/{user_id}/tasks/{id}/reopen", tag = "tasks",
    params(("user_id" = String, Path, description = "Your id, or `me`"), ("id" = i64, Path, description = "The task's number")),
    responses((status = 200, body = Task), (status = 404, body = Problem)))]
pub async fn reopen(State(state): State<AppState>, Me(me): Me, Id(id): Id) -> Result<Response> {
    let done = state.services.reopen_tasks(&me, &[TaskId(id)]).await?;
    Ok(one(done.map(|mut tasks| tasks.remove(0))))
}

/// Lists the parts of a task.
#[utoipa::path(get, path = "/api/{user_id}/tasks/{id}/subtasks", tag = "tasks",
    params(("user_id" = String, Path, description = "Your id, or `me`"), ("id" = i64, Path, description = "The task's number")),
    responses((status = 200, body = [Task]), (status = 404, body = Problem)))]
pub async fn subtasks(State(state): State<AppState>, Me(me): Me, Id(id): Id) -> Result<Json<Vec<Task>>> {
    state.services.get_task(&me, TaskId(id)).await?;
    let query = TaskQuery { parent: Some(TaskId(id)), limit: Some(200), ..TaskQuery::default() };
    Ok(Json(state.services.list_tasks(&me, &query).await?.items))
}

/// Changes many tasks as one operation, with one undo.
#[utoipa::path(post, path = "/api/{user_id}/tasks/bulk", tag = "tasks", request_body = super::schema::BulkInput,
    params(("user_id" = String, Path, description = "Your id, or `me`")),
    responses((status = 200, body = super::schema::TaskList), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn bulk(State(state): State<AppState>, Me(me): Me, Body(body): Body) -> Result<Response> {
    let mut fields = Fields::new(body);
    let ids: Vec<TaskId> = fields.numbers(&["ids"]).unwrap_or_default().into_iter().map(TaskId).collect();
    let action = fields.text(&["action"]);
    let patch = fields.take(&["patch"]);
    fields.finish(())?;
    let services = &state.services;
    let done = match (action.as_deref(), patch) {
        (None, Some(Value::Object(patch))) => services.update_tasks(&me, &ids, task_input::patch(patch)?, None).await?,
        (Some("complete"), None) => services.complete_tasks(&me, &ids).await?,
        (Some("reopen"), None) => services.reopen_tasks(&me, &ids).await?,
        (Some("delete"), None) => services.delete_tasks(&me, &ids, None).await?,
        (Some("restore"), None) => services.restore_tasks(&me, &ids).await?,
        _ => {
            let allowed = "either patch (an object) or action (complete, reopen, delete or restore) is needed";
            return Err(Error::field("action", "unknown", allowed));
        }
    };
    Ok(changed(done.map(|tasks| json!({ "tasks": tasks }))))
}

fn etag(task: &Task) -> String {
    format!("\"{}\"", task.version)
}

/// A changed task with its ETag and the operation to undo.
pub fn one(done: Changed<Task>) -> Response {
    let tag = etag(&done.value);
    let mut response = changed(done);
    if let Ok(value) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, value);
    }
    response
}
