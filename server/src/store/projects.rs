//! Projects and labels: both are names a person gives, unique without regard to case.

use super::{Conn, Error, Result, on};
use crate::clock::{micros_of, rfc3339};
use domain::{
    id::{LabelId, ProjectId, UserId},
    label::Label,
    project::Project,
};

#[derive(sqlx::FromRow)]
struct ProjectRow {
    id: i64,
    name: String,
    colour: String,
    parent_id: Option<i64>,
    position: String,
    archived: bool,
    created_at: i64,
    updated_at: i64,
    deleted_at: Option<i64>,
    version: i64,
}

impl From<ProjectRow> for Project {
    fn from(row: ProjectRow) -> Self {
        Self {
            id: ProjectId(row.id),
            name: row.name,
            colour: row.colour,
            parent_id: row.parent_id.map(ProjectId),
            position: row.position,
            archived: row.archived,
            created_at: rfc3339(row.created_at),
            updated_at: rfc3339(row.updated_at),
            deleted_at: row.deleted_at.map(rfc3339),
            version: row.version,
        }
    }
}

#[derive(sqlx::FromRow)]
struct LabelRow {
    id: i64,
    name: String,
    colour: String,
    created_at: i64,
    updated_at: i64,
    deleted_at: Option<i64>,
    version: i64,
}

/// A label with what the wire does not show.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct StoredLabel {
    /// The wire form.
    #[serde(flatten)]
    pub label: Label,
    /// When it was deleted, RFC 3339 UTC.
    #[serde(default)]
    pub deleted_at: Option<String>,
}

impl From<LabelRow> for StoredLabel {
    fn from(row: LabelRow) -> Self {
        Self {
            label: Label {
                id: LabelId(row.id),
                name: row.name,
                colour: row.colour,
                created_at: rfc3339(row.created_at),
                updated_at: rfc3339(row.updated_at),
                version: row.version,
            },
            deleted_at: row.deleted_at.map(rfc3339),
        }
    }
}

const PROJECTS: &str =
    "SELECT id, name, colour, parent_id, position, archived, created_at, updated_at, deleted_at, version
    FROM projects WHERE user_id = $1 AND deleted_at IS NULL ORDER BY position, id";
const PROJECT: &str =
    "SELECT id, name, colour, parent_id, position, archived, created_at, updated_at, deleted_at, version
    FROM projects WHERE user_id = $1 AND id = $2";
const PROJECT_NAMED: &str =
    "SELECT id, name, colour, parent_id, position, archived, created_at, updated_at, deleted_at, version
    FROM projects WHERE user_id = $1 AND name_key = $2 AND deleted_at IS NULL";
const PROJECT_LAST: &str =
    "SELECT position FROM projects WHERE user_id = $1 AND deleted_at IS NULL ORDER BY position DESC, id DESC LIMIT 1";
const PROJECT_INSERT: &str = "INSERT INTO projects
    (user_id, id, name, name_key, colour, parent_id, position, archived, created_at, updated_at, deleted_at, version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
const PROJECT_UPDATE: &str = "UPDATE projects SET name = $3, name_key = $4, colour = $5, parent_id = $6, position = $7,
    archived = $8, created_at = $9, updated_at = $10, deleted_at = $11, version = $12 WHERE user_id = $1 AND id = $2";
const LABELS: &str = "SELECT id, name, colour, created_at, updated_at, deleted_at, version
    FROM labels WHERE user_id = $1 AND deleted_at IS NULL ORDER BY name_key";
const LABEL: &str = "SELECT id, name, colour, created_at, updated_at, deleted_at, version
    FROM labels WHERE user_id = $1 AND id = $2";
const LABEL_NAMED: &str = "SELECT id, name, colour, created_at, updated_at, deleted_at, version
    FROM labels WHERE user_id = $1 AND name_key = $2 AND deleted_at IS NULL";
const LABEL_INSERT: &str =
    "INSERT INTO labels (user_id, id, name, name_key, colour, created_at, updated_at, deleted_at, version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const LABEL_UPDATE: &str = "UPDATE labels SET name = $3, name_key = $4, colour = $5, created_at = $6, updated_at = $7,
    deleted_at = $8, version = $9 WHERE user_id = $1 AND id = $2";

impl Conn {
    /// The user's projects in their order, archived ones too.
    pub async fn projects(&mut self, user: &UserId) -> Result<Vec<Project>> {
        let rows: Vec<ProjectRow> = on!(self, |c| sqlx::query_as(PROJECTS).bind(user.as_str()).fetch_all(c).await)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// One project, deleted or not.
    pub async fn project(&mut self, user: &UserId, id: ProjectId) -> Result<Option<Project>> {
        let row: Option<ProjectRow> =
            on!(self, |c| sqlx::query_as(PROJECT).bind(user.as_str()).bind(id.0).fetch_optional(c).await)?;
        Ok(row.map(Into::into))
    }

    /// The live project with that name; `key` is [`domain::text::Name::key`].
    pub async fn project_named(&mut self, user: &UserId, key: &str) -> Result<Option<Project>> {
        let row: Option<ProjectRow> =
            on!(self, |c| sqlx::query_as(PROJECT_NAMED).bind(user.as_str()).bind(key).fetch_optional(c).await)?;
        Ok(row.map(Into::into))
    }

    /// The position of the last project.
    pub async fn last_project_position(&mut self, user: &UserId) -> Result<Option<String>> {
        Ok(on!(self, |c| sqlx::query_scalar(PROJECT_LAST).bind(user.as_str()).fetch_optional(c).await)?)
    }

    /// Stores a new project, or (`new` false) every column of an existing one.
    pub async fn put_project(&mut self, user: &UserId, project: &Project, new: bool) -> Result<()> {
        let sql = if new { PROJECT_INSERT } else { PROJECT_UPDATE };
        on!(self, |c| sqlx::query(sql)
            .bind(user.as_str())
            .bind(project.id.0)
            .bind(&project.name)
            .bind(project.name.to_lowercase())
            .bind(&project.colour)
            .bind(project.parent_id.map(|p| p.0))
            .bind(&project.position)
            .bind(project.archived)
            .bind(micros_of(&project.created_at).unwrap_or(0))
            .bind(micros_of(&project.updated_at).unwrap_or(0))
            .bind(project.deleted_at.as_deref().and_then(micros_of))
            .bind(project.version)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// The user's labels by name.
    pub async fn labels(&mut self, user: &UserId) -> Result<Vec<Label>> {
        let rows: Vec<LabelRow> = on!(self, |c| sqlx::query_as(LABELS).bind(user.as_str()).fetch_all(c).await)?;
        Ok(rows.into_iter().map(|r| StoredLabel::from(r).label).collect())
    }

    /// One label, deleted or not.
    pub async fn label(&mut self, user: &UserId, id: LabelId) -> Result<Option<StoredLabel>> {
        let row: Option<LabelRow> =
            on!(self, |c| sqlx::query_as(LABEL).bind(user.as_str()).bind(id.0).fetch_optional(c).await)?;
        Ok(row.map(Into::into))
    }

    /// The live label with that name; `key` is [`domain::text::Name::key`].
    pub async fn label_named(&mut self, user: &UserId, key: &str) -> Result<Option<StoredLabel>> {
        let row: Option<LabelRow> =
            on!(self, |c| sqlx::query_as(LABEL_NAMED).bind(user.as_str()).bind(key).fetch_optional(c).await)?;
        Ok(row.map(Into::into))
    }

    /// Stores a new label, or (`new` false) every column of an existing one.
    pub async fn put_label(&mut self, user: &UserId, stored: &StoredLabel, new: bool) -> Result<()> {
        let sql = if new { LABEL_INSERT } else { LABEL_UPDATE };
        let label = &stored.label;
        on!(self, |c| sqlx::query(sql)
            .bind(user.as_str())
            .bind(label.id.0)
            .bind(&label.name)
            .bind(label.name.to_lowercase())
            .bind(&label.colour)
            .bind(micros_of(&label.created_at).unwrap_or(0))
            .bind(micros_of(&label.updated_at).unwrap_or(0))
            .bind(stored.deleted_at.as_deref().and_then(micros_of))
            .bind(label.version)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }
}

impl Error {
    /// Whether a unique constraint that names one of these columns or indexes was violated.
    pub fn is_conflict_on(&self, names: &[&str]) -> bool {
        matches!(self, Self::Conflict { constraint } if names.iter().any(|n| constraint.contains(n)))
    }
}
