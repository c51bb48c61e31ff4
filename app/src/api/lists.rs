//! Projects and labels.

use super::{json, write};
use crate::transport::Answer;
use domain::{
    id::{LabelId, ProjectId},
    label::Label,
    problem::Problem,
    project::Project,
};
use serde::Serialize;

/// What should change about a project or a label, or what a new one should be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ListChange {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// One of [`domain::project::COLOURS`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub colour: Option<String>,
    /// Projects only: hides it with its tasks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
}

/// Makes a project.
pub async fn create_project(new: &ListChange) -> Result<Answer<Project>, Problem> {
    write("POST", "/api/me/projects".into(), json(new)).await
}

/// Changes a project.
pub async fn save_project(id: ProjectId, change: &ListChange) -> Result<Answer<Project>, Problem> {
    write("PATCH", format!("/api/me/projects/{id}"), json(change)).await
}

/// Deletes a project; its open tasks go to the trash with it.
pub async fn delete_project(id: ProjectId) -> Result<Answer<serde::de::IgnoredAny>, Problem> {
    write("DELETE", format!("/api/me/projects/{id}"), None).await
}

/// Changes a label.
pub async fn save_label(id: LabelId, change: &ListChange) -> Result<Answer<Label>, Problem> {
    write("PATCH", format!("/api/me/labels/{id}"), json(change)).await
}

/// Takes a label off every task and deletes it.
pub async fn delete_label(id: LabelId) -> Result<Answer<serde::de::IgnoredAny>, Problem> {
    write("DELETE", format!("/api/me/labels/{id}"), None).await
}
