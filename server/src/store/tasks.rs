//! Tasks: rows in, rows out. Lists are in [`super::search`].

use super::{Arg, Builder, Conn, Error, Result, Sql, fetch_built, on};
use crate::clock::{micros_of, rfc3339};
use domain::{
    date::Due,
    id::{LabelId, ProjectId, TaskId, UserId},
    priority::Priority,
    repeat::{Repeat, RepeatFrom},
    task::{ProjectRef, Task},
};
use jiff::{civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// A task with what the wire does not show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredTask {
    /// The wire form.
    #[serde(flatten)]
    pub task: Task,
    /// The first day of a repeating task's series, from which its rule counts.
    #[serde(default)]
    pub repeat_start: Option<Date>,
    /// The delete that took it to the trash.
    #[serde(default)]
    pub deleted_seq: Option<i64>,
}

/// The fields of a [`StoredTask`] that are not part of the wire form.
pub(super) const UNSHOWN: [&str; 2] = ["repeat_start", "deleted_seq"];

/// The columns of [`Row`], with the project's name and the labels' names beside the task's own.
pub(super) const COLUMNS: Sql = Sql {
    sqlite: "SELECT t.user_id, t.id, t.title, t.description, t.completed_at,
        t.start_kind, t.start_civil, t.start_zone, t.due_kind, t.due_civil, t.due_zone, t.due_at,
        t.deadline_kind, t.deadline_civil, t.deadline_zone,
        t.repeat_rule, t.repeat_from, t.repeat_except, t.repeat_start, t.priority, t.project_id, p.name AS project_name,
        t.parent_id, t.position, t.created_at, t.updated_at, t.deleted_at, t.deleted_seq, t.version,
        (SELECT json_group_array(l.name ORDER BY l.name_key) FROM task_labels tl
            JOIN labels l ON l.user_id = tl.user_id AND l.id = tl.label_id
            WHERE tl.user_id = t.user_id AND tl.task_id = t.id AND l.deleted_at IS NULL) AS labels
        FROM tasks t LEFT JOIN projects p ON p.user_id = t.user_id AND p.id = t.project_id",
    postgres: "SELECT t.user_id, t.id, t.title, t.description, t.completed_at,
        t.start_kind, t.start_civil, t.start_zone, t.due_kind, t.due_civil, t.due_zone, t.due_at,
        t.deadline_kind, t.deadline_civil, t.deadline_zone,
        t.repeat_rule, t.repeat_from, t.repeat_except, t.repeat_start, t.priority, t.project_id, p.name AS project_name,
        t.parent_id, t.position, t.created_at, t.updated_at, t.deleted_at, t.deleted_seq, t.version,
        coalesce((SELECT json_agg(l.name ORDER BY l.name_key)::text FROM task_labels tl
            JOIN labels l ON l.user_id = tl.user_id AND l.id = tl.label_id
            WHERE tl.user_id = t.user_id AND tl.task_id = t.id AND l.deleted_at IS NULL), '[]') AS labels
        FROM tasks t LEFT JOIN projects p ON p.user_id = t.user_id AND p.id = t.project_id",
};

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    user_id: String,
    pub(super) id: i64,
    title: String,
    description: Option<String>,
    pub(super) completed_at: Option<i64>,
    start_kind: Option<String>,
    start_civil: Option<String>,
    start_zone: Option<String>,
    due_kind: Option<String>,
    due_civil: Option<String>,
    due_zone: Option<String>,
    pub(super) due_at: Option<i64>,
    deadline_kind: Option<String>,
    deadline_civil: Option<String>,
    deadline_zone: Option<String>,
    repeat_rule: Option<String>,
    repeat_from: Option<String>,
    repeat_except: Option<String>,
    repeat_start: Option<String>,
    pub(super) priority: i64,
    project_id: Option<i64>,
    project_name: Option<String>,
    parent_id: Option<i64>,
    pub(super) position: String,
    pub(super) created_at: i64,
    updated_at: i64,
    pub(super) deleted_at: Option<i64>,
    deleted_seq: Option<i64>,
    version: i64,
    labels: String,
}

impl TryFrom<Row> for StoredTask {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let name = format!("task {} of {}", row.id, row.user_id);
        let corrupt = |place, detail: String| Error::Corrupt { place, row: name.clone(), detail };
        let date = |place, kind: Option<String>, civil: Option<String>, zone: Option<String>| match (kind, civil) {
            (None, None) => Ok(None),
            (Some(kind), Some(civil)) => Due::from_parts(&kind, &civil, zone.as_deref())
                .map(Some)
                .map_err(|e| corrupt(place, format!("{kind} {civil}: {e}"))),
            _ => Err(corrupt(place, "half a date".into())),
        };
        let repeat = match row.repeat_rule {
            None => None,
            Some(rule) => Some(Repeat {
                rule: rule.parse().map_err(|e| corrupt("tasks.repeat_rule", format!("{rule}: {e}")))?,
                from: match row.repeat_from.as_deref() {
                    Some("completion") => RepeatFrom::Completion,
                    _ => RepeatFrom::Due,
                },
                except: serde_json::from_str(row.repeat_except.as_deref().unwrap_or("[]"))
                    .map_err(|e| corrupt("tasks.repeat_except", e.to_string()))?,
            }),
        };
        Ok(Self {
            repeat_start: row
                .repeat_start
                .map(|d| d.parse().map_err(|_| corrupt("tasks.repeat_start", d)))
                .transpose()?,
            deleted_seq: row.deleted_seq,
            task: Task {
                id: TaskId(row.id),
                title: row.title,
                description: row.description,
                completed: row.completed_at.is_some(),
                completed_at: row.completed_at.map(rfc3339),
                start: date("tasks.start_civil", row.start_kind, row.start_civil, row.start_zone)?,
                due: date("tasks.due_civil", row.due_kind, row.due_civil, row.due_zone)?,
                deadline: date("tasks.deadline_civil", row.deadline_kind, row.deadline_civil, row.deadline_zone)?,
                repeat,
                priority: Priority::from_rank(row.priority)
                    .ok_or_else(|| corrupt("tasks.priority", row.priority.to_string()))?,
                labels: serde_json::from_str(&row.labels).map_err(|e| corrupt("labels.name", e.to_string()))?,
                project: row
                    .project_id
                    .map(|id| ProjectRef { id: ProjectId(id), name: row.project_name.unwrap_or_default() }),
                parent_id: row.parent_id.map(TaskId),
                position: row.position,
                created_at: rfc3339(row.created_at),
                updated_at: rfc3339(row.updated_at),
                deleted_at: row.deleted_at.map(rfc3339),
                version: row.version,
                user_id: UserId(row.user_id),
            },
        })
    }
}

const INSERT: &str = "INSERT INTO tasks (user_id, id, title, description, completed_at,
        start_kind, start_civil, start_zone, start_day, due_kind, due_civil, due_zone, due_day, due_at,
        deadline_kind, deadline_civil, deadline_zone, deadline_day,
        repeat_rule, repeat_from, repeat_except, repeat_start, priority, project_id, parent_id, position,
        created_at, updated_at, deleted_at, deleted_seq, version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
        $24, $25, $26, $27, $28, $29, $30, $31)";
const UPDATE: &str = "UPDATE tasks SET title = $3, description = $4, completed_at = $5,
        start_kind = $6, start_civil = $7, start_zone = $8, start_day = $9,
        due_kind = $10, due_civil = $11, due_zone = $12, due_day = $13, due_at = $14,
        deadline_kind = $15, deadline_civil = $16, deadline_zone = $17, deadline_day = $18,
        repeat_rule = $19, repeat_from = $20, repeat_except = $21, repeat_start = $22, priority = $23,
        project_id = $24, parent_id = $25, position = $26, created_at = $27, updated_at = $28, deleted_at = $29,
        deleted_seq = $30, version = $31
    WHERE user_id = $1 AND id = $2";
const DELETE: &str = "DELETE FROM tasks WHERE user_id = $1 AND id = $2";
const LABELS_OFF: &str = "DELETE FROM task_labels WHERE user_id = $1 AND task_id = $2";
const LABEL_ON: &str = "INSERT INTO task_labels (user_id, task_id, label_id)
    SELECT user_id, $2, id FROM labels WHERE user_id = $1 AND name_key = $3 AND deleted_at IS NULL";
const LAST_POSITION: &str =
    "SELECT position FROM tasks WHERE user_id = $1 AND deleted_at IS NULL ORDER BY position DESC, id DESC LIMIT 1";
const NEXT_POSITION: &str = "SELECT position FROM tasks WHERE user_id = $1 AND deleted_at IS NULL AND position > $2
    ORDER BY position, id LIMIT 1";
const PREVIOUS_POSITION: &str = "SELECT position FROM tasks WHERE user_id = $1 AND deleted_at IS NULL AND position < $2
    ORDER BY position DESC, id DESC LIMIT 1";
const FIRST_POSITION: &str =
    "SELECT position FROM tasks WHERE user_id = $1 AND deleted_at IS NULL ORDER BY position, id LIMIT 1";

impl Conn {
    /// The tasks with those numbers that are the user's, in no particular order; trashed ones too.
    pub async fn tasks_by_id(&mut self, user: &UserId, ids: &[TaskId]) -> Result<Vec<StoredTask>> {
        self.tasks_where(user, " AND t.id IN ", ids).await
    }

    /// The direct parts of those tasks, trashed ones too.
    pub async fn tasks_by_parent(&mut self, user: &UserId, parents: &[TaskId]) -> Result<Vec<StoredTask>> {
        self.tasks_where(user, " AND t.parent_id IN ", parents).await
    }

    /// Every part of those tasks, parts of parts included, trashed ones too; each once, and none that is named itself.
    pub async fn tasks_below(&mut self, user: &UserId, ids: &[TaskId]) -> Result<Vec<StoredTask>> {
        let mut all = Vec::new();
        let mut level = ids.to_vec();
        let mut seen: HashSet<TaskId> = ids.iter().copied().collect();
        while !level.is_empty() {
            let mut parts = self.tasks_by_parent(user, &level).await?;
            parts.retain(|part| seen.insert(part.task.id));
            level = parts.iter().map(|s| s.task.id).collect();
            all.extend(parts);
        }
        Ok(all)
    }

    async fn tasks_where(&mut self, user: &UserId, condition: &'static str, ids: &[TaskId]) -> Result<Vec<StoredTask>> {
        let mut found = Vec::with_capacity(ids.len());
        // Engines limit the parameters of a query.
        for ids in ids.chunks(1000) {
            let mut query = Builder::default();
            query.push(self.pick(&COLUMNS)).push(" WHERE t.user_id = ").bind(Arg::Text(user.0.clone()));
            query.push(condition).list(ids.iter().map(|id| Arg::Int(id.0))).push(" ORDER BY t.position, t.id");
            for row in fetch_built!(self, Row, query)? {
                found.push(row.try_into()?);
            }
        }
        Ok(found)
    }

    /// The tasks of a project, trashed and completed ones too.
    pub async fn tasks_by_project(&mut self, user: &UserId, project: ProjectId) -> Result<Vec<StoredTask>> {
        let mut query = Builder::default();
        query.push(self.pick(&COLUMNS)).push(" WHERE t.user_id = ").bind(Arg::Text(user.0.clone()));
        query.push(" AND t.project_id = ").bind(Arg::Int(project.0));
        fetch_built!(self, Row, query)?.into_iter().map(TryInto::try_into).collect()
    }

    /// The tasks with a label, trashed and completed ones too.
    pub async fn tasks_by_label(&mut self, user: &UserId, label: LabelId) -> Result<Vec<StoredTask>> {
        let mut query = Builder::default();
        query.push(self.pick(&COLUMNS)).push(" WHERE t.user_id = ").bind(Arg::Text(user.0.clone()));
        query.push(" AND EXISTS (SELECT 1 FROM task_labels x WHERE x.user_id = t.user_id AND x.task_id = t.id AND x.label_id = ");
        query.bind(Arg::Int(label.0)).push(")");
        fetch_built!(self, Row, query)?.into_iter().map(TryInto::try_into).collect()
    }

    /// The tasks whose derived days or instants change when the person moves: all that are due, since even a day sorts by
    /// an instant, and those that start or end at a time of some zone.
    pub async fn tasks_dated(&mut self, user: &UserId) -> Result<Vec<StoredTask>> {
        let mut query = Builder::default();
        query.push(self.pick(&COLUMNS)).push(" WHERE t.user_id = ").bind(Arg::Text(user.0.clone()));
        query.push(" AND (t.due_kind IS NOT NULL OR t.start_kind = 'zoned' OR t.deadline_kind = 'zoned')");
        fetch_built!(self, Row, query)?.into_iter().map(TryInto::try_into).collect()
    }

    /// Stores a new task with its labels. `home` is the person's zone, for the derived days.
    pub async fn insert_task(&mut self, stored: &StoredTask, home: &TimeZone) -> Result<()> {
        self.put_task(INSERT, stored, home).await?;
        if stored.task.labels.is_empty() { Ok(()) } else { self.put_labels(&stored.task).await }
    }

    /// Stores every column of a task anew, and its labels when they differ from `before`.
    pub async fn update_task(&mut self, before: &Task, stored: &StoredTask, home: &TimeZone) -> Result<()> {
        self.put_task(UPDATE, stored, home).await?;
        if stored.task.labels == before.labels {
            return Ok(());
        }
        let (user, id) = (&stored.task.user_id, stored.task.id);
        on!(self, |c| sqlx::query(LABELS_OFF).bind(user.as_str()).bind(id.0).execute(c).await.map(|_| ()))?;
        self.put_labels(&stored.task).await
    }

    /// Removes a task for good, with its labels and reminders.
    pub async fn purge_task(&mut self, user: &UserId, id: TaskId) -> Result<()> {
        on!(self, |c| sqlx::query(DELETE).bind(user.as_str()).bind(id.0).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    async fn put_labels(&mut self, task: &Task) -> Result<()> {
        for label in &task.labels {
            on!(self, |c| sqlx::query(LABEL_ON)
                .bind(task.user_id.as_str())
                .bind(task.id.0)
                .bind(label.to_lowercase())
                .execute(c)
                .await
                .map(|_| ()))?;
        }
        Ok(())
    }

    async fn put_task(&mut self, sql: &'static str, stored: &StoredTask, home: &TimeZone) -> Result<()> {
        let task = &stored.task;
        let (start, due, deadline) = (Parts::of(&task.start), Parts::of(&task.due), Parts::of(&task.deadline));
        let day = |due: &Option<Due>| due.as_ref().map(|d| d.date_at(home).to_string());
        let repeat = task.repeat.as_ref();
        let except = repeat.map(|r| serde_json::to_string(&r.except).unwrap_or_else(|_| "[]".into()));
        let from = repeat.map(|r| match r.from {
            RepeatFrom::Due => "due",
            RepeatFrom::Completion => "completion",
        });
        on!(self, |c| sqlx::query(sql)
            .bind(task.user_id.as_str())
            .bind(task.id.0)
            .bind(&task.title)
            .bind(task.description.as_deref())
            .bind(task.completed_at.as_deref().and_then(micros_of))
            .bind(start.kind)
            .bind(start.civil)
            .bind(start.zone)
            .bind(day(&task.start))
            .bind(due.kind)
            .bind(due.civil)
            .bind(due.zone)
            .bind(day(&task.due))
            .bind(task.due.as_ref().and_then(|d| d.instant(home)).map(jiff::Timestamp::as_microsecond))
            .bind(deadline.kind)
            .bind(deadline.civil)
            .bind(deadline.zone)
            .bind(day(&task.deadline))
            .bind(repeat.map(|r| r.rule.to_string()))
            .bind(from)
            .bind(except)
            .bind(stored.repeat_start.map(|d| d.to_string()))
            .bind(task.priority.rank())
            .bind(task.project.as_ref().map(|p| p.id.0))
            .bind(task.parent_id.map(|p| p.0))
            .bind(&task.position)
            .bind(micros_of(&task.created_at).unwrap_or(0))
            .bind(micros_of(&task.updated_at).unwrap_or(0))
            .bind(task.deleted_at.as_deref().and_then(micros_of))
            .bind(stored.deleted_seq)
            .bind(task.version)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// The position of the user's last task.
    pub async fn last_position(&mut self, user: &UserId) -> Result<Option<String>> {
        Ok(on!(self, |c| sqlx::query_scalar(LAST_POSITION).bind(user.as_str()).fetch_optional(c).await)?)
    }

    /// The position of the user's first task.
    pub async fn first_position(&mut self, user: &UserId) -> Result<Option<String>> {
        Ok(on!(self, |c| sqlx::query_scalar(FIRST_POSITION).bind(user.as_str()).fetch_optional(c).await)?)
    }

    /// The nearest position after that one.
    pub async fn next_position(&mut self, user: &UserId, position: &str) -> Result<Option<String>> {
        Ok(on!(self, |c| sqlx::query_scalar(NEXT_POSITION).bind(user.as_str()).bind(position).fetch_optional(c).await)?)
    }

    /// The nearest position before that one.
    pub async fn previous_position(&mut self, user: &UserId, position: &str) -> Result<Option<String>> {
        Ok(on!(self, |c| sqlx::query_scalar(PREVIOUS_POSITION)
            .bind(user.as_str())
            .bind(position)
            .fetch_optional(c)
            .await)?)
    }
}

/// A date as its three columns.
#[derive(Clone)]
struct Parts {
    kind: Option<&'static str>,
    civil: Option<String>,
    zone: Option<String>,
}

impl Parts {
    fn of(due: &Option<Due>) -> Self {
        Self {
            kind: due.as_ref().map(Due::kind),
            civil: due.as_ref().map(Due::civil),
            zone: due.as_ref().and_then(Due::zone).map(str::to_owned),
        }
    }
}
