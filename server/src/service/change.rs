//! One change in the making: a transaction with its place in the operation log.

use super::{Changed, Error, Result, Services};
use crate::{
    actor::{Actor, Scope},
    clock::rfc3339,
    store::{
        Conn,
        operations::{LoggedRow, Numbers, Taken},
        projects::StoredLabel,
        tasks::StoredTask,
    },
};
use domain::{
    id::{LabelId, ProjectId, Seq},
    label::Label,
    order,
    project::Project,
    task::{ProjectChoice, ProjectRef},
    text::Name,
};
use serde::Serialize;

/// What kind of change an operation is, as the log and the page word it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Something new.
    Create,
    /// Other values.
    Update,
    /// Tasks done.
    Complete,
    /// Tasks open again.
    Reopen,
    /// Into the trash.
    Delete,
    /// Out of the trash.
    Restore,
    /// An earlier change taken back.
    Undo,
}

impl Kind {
    /// The word in the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Complete => "complete",
            Self::Reopen => "reopen",
            Self::Delete => "delete",
            Self::Restore => "restore",
            Self::Undo => "undo",
        }
    }
}

/// A change that has begun. Dropping it without [`Change::finish`] undoes everything.
#[derive(Debug)]
pub struct Change<'a> {
    /// The transaction.
    pub conn: Conn,
    /// Who changes.
    pub actor: &'a Actor,
    /// The change's place in the log and the last numbers taken.
    pub taken: Taken,
    /// When, in microseconds.
    pub at: i64,
    services: &'a Services,
    before: Vec<LoggedRow>,
    after: Vec<LoggedRow>,
}

impl Services {
    /// Begins a change. Other changes of the same person wait until this one ends.
    pub async fn change<'a>(&'a self, actor: &'a Actor, numbers: Numbers) -> Result<Change<'a>> {
        actor.require(Scope::Write)?;
        let mut conn = self.store.write().await?;
        let taken = conn.take_numbers(&actor.user, numbers).await?;
        Ok(Change { conn, actor, taken, at: self.clock.micros(), services: self, before: vec![], after: vec![] })
    }
}

impl<'a> Change<'a> {
    /// The services the change belongs to.
    pub(super) fn services(&self) -> &'a Services {
        self.services
    }

    /// Now, as the wire says it.
    pub fn now(&self) -> String {
        rfc3339(self.at)
    }

    fn row<T: Serialize>(&mut self, target: &str, id: i64, before: Option<&T>, after: Option<&T>) -> Result<()> {
        let value = |t: Option<&T>| {
            t.map(serde_json::to_value).transpose().map_err(|e| Error::Internal(format!("a {target} as JSON: {e}")))
        };
        self.before.push(LoggedRow { target: target.into(), id, row: value(before)? });
        self.after.push(LoggedRow { target: target.into(), id, row: value(after)? });
        Ok(())
    }

    /// Stores a new task.
    pub async fn insert_task(&mut self, task: &StoredTask) -> Result<()> {
        self.conn.insert_task(task, &self.actor.zone).await?;
        self.row("task", task.task.id.0, None, Some(task))
    }

    /// Stores a task's new state; its version grows and its time of change is set. Nothing happens when nothing differs.
    pub async fn update_task(&mut self, before: &StoredTask, mut after: StoredTask) -> Result<StoredTask> {
        if *before == after {
            return Ok(after);
        }
        after.task.version = before.task.version + 1;
        after.task.updated_at = self.now();
        self.conn.update_task(&before.task, &after, &self.actor.zone).await?;
        self.row("task", after.task.id.0, Some(before), Some(&after))?;
        Ok(after)
    }

    /// Removes a task for good.
    pub async fn purge_task(&mut self, before: &StoredTask) -> Result<()> {
        self.conn.purge_task(&self.actor.user, before.task.id).await?;
        self.row("task", before.task.id.0, Some(before), None)
    }

    /// Stores a new project.
    pub async fn insert_project(&mut self, project: &Project) -> Result<()> {
        self.conn.put_project(&self.actor.user, project, true).await?;
        self.row("project", project.id.0, None, Some(project))
    }

    /// Stores a project's new state.
    pub async fn update_project(&mut self, before: &Project, mut after: Project) -> Result<Project> {
        if *before == after {
            return Ok(after);
        }
        after.version = before.version + 1;
        after.updated_at = self.now();
        self.conn.put_project(&self.actor.user, &after, false).await?;
        self.row("project", after.id.0, Some(before), Some(&after))?;
        Ok(after)
    }

    /// Stores a new label.
    pub async fn insert_label(&mut self, label: &StoredLabel) -> Result<()> {
        self.conn.put_label(&self.actor.user, label, true).await?;
        self.row("label", label.label.id.0, None, Some(label))
    }

    /// Stores a label's new state.
    pub async fn update_label(&mut self, before: &StoredLabel, mut after: StoredLabel) -> Result<StoredLabel> {
        if *before == after {
            return Ok(after);
        }
        after.label.version = before.label.version + 1;
        after.label.updated_at = self.now();
        self.conn.put_label(&self.actor.user, &after, false).await?;
        self.row("label", after.label.id.0, Some(before), Some(&after))?;
        Ok(after)
    }

    /// The project a caller points at; one that is named and does not exist is made.
    pub async fn project_of(&mut self, choice: &ProjectChoice) -> Result<ProjectRef> {
        let user = &self.actor.user;
        let found = match choice {
            ProjectChoice::Id(id) => self.conn.project(user, *id).await?.filter(|p| p.deleted_at.is_none()),
            ProjectChoice::Named(name) => self.conn.project_named(user, &name.key()).await?,
        };
        let project = match (found, choice) {
            (Some(project), _) => project,
            (None, ProjectChoice::Id(id)) => {
                return Err(Error::field(
                    "project",
                    "unknown",
                    format!("project must be one of yours, and there is no project {id}"),
                ));
            }
            (None, ProjectChoice::Named(name)) => self.new_project(name, None, None).await?,
        };
        Ok(ProjectRef { id: project.id, name: project.name })
    }

    /// Makes a project at the end of the list.
    pub async fn new_project(
        &mut self,
        name: &Name,
        colour: Option<String>,
        parent: Option<ProjectId>,
    ) -> Result<Project> {
        let user = &self.actor.user;
        let taken = self.conn.take_more(user, Numbers { projects: 1, ..Numbers::default() }).await?;
        let last = self.conn.last_project_position(user).await?;
        let now = self.now();
        let project = Project {
            id: ProjectId(taken.project),
            name: name.to_string(),
            // A new project gets the next colour, so that neighbours can be told apart.
            colour: colour
                .unwrap_or_else(|| domain::project::COLOURS[1 + taken.project.unsigned_abs() as usize % 9].to_owned()),
            parent_id: parent,
            position: order::between(last.as_deref(), None),
            archived: false,
            created_at: now.clone(),
            updated_at: now,
            deleted_at: None,
            version: 1,
        };
        self.insert_project(&project).await?;
        Ok(project)
    }

    /// The labels with those names as they are spelled; missing ones are made. Sorted as [`domain::task::Task::labels`] is.
    pub async fn labels_of(&mut self, names: &[Name]) -> Result<Vec<String>> {
        let mut spelled: Vec<String> = Vec::with_capacity(names.len());
        for name in names {
            let found = self.conn.label_named(&self.actor.user, &name.key()).await?;
            let label = match found {
                Some(stored) => stored.label.name,
                None => self.new_label(name, None).await?.label.name,
            };
            if !spelled.contains(&label) {
                spelled.push(label);
            }
        }
        spelled.sort_by_key(|l| l.to_lowercase());
        Ok(spelled)
    }

    /// Makes a label.
    pub async fn new_label(&mut self, name: &Name, colour: Option<String>) -> Result<StoredLabel> {
        let taken = self.conn.take_more(&self.actor.user, Numbers { labels: 1, ..Numbers::default() }).await?;
        let now = self.now();
        let stored = StoredLabel {
            label: Label {
                id: LabelId(taken.label),
                name: name.to_string(),
                colour: colour.unwrap_or_else(|| "grey".into()),
                created_at: now.clone(),
                updated_at: now,
                version: 1,
            },
            deleted_at: None,
        };
        self.insert_label(&stored).await?;
        Ok(stored)
    }

    /// Whether nothing has changed so far.
    pub fn is_empty(&self) -> bool {
        self.after.is_empty()
    }

    /// Writes the operation and commits. A change without a changed row leaves no operation behind and answers the newest.
    pub async fn finish<T>(mut self, kind: Kind, target: &str, summary: &str, value: T) -> Result<Changed<T>> {
        if self.is_empty() {
            return Ok(Changed { value, seq: Seq(self.taken.seq - 1), acted: false });
        }
        let json = |rows: &[LoggedRow]| {
            serde_json::to_string(rows).map_err(|e| Error::Internal(format!("an operation as JSON: {e}")))
        };
        let (before, after) = (json(&self.before)?, json(&self.after)?);
        self.conn.log(self.actor, self.taken.seq, self.at, kind.as_str(), target, summary, &before, &after).await?;
        let seq = Seq(self.taken.seq);
        self.services.live.announce(&mut self.conn, &self.actor.user, seq).await?;
        self.conn.commit().await?;
        self.services.live.publish(&self.actor.user, seq);
        Ok(Changed { value, seq, acted: true })
    }
}
