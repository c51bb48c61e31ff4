//! The rules of projects.

use super::{
    Changed, Error, Result, Services,
    change::{Change, Kind},
};
use crate::{actor::Actor, store::operations::Numbers};
use domain::{
    id::ProjectId,
    project::{COLOURS, Project, ProjectPatch},
    text::Name,
};

impl Services {
    /// The person's projects in their order, archived ones too.
    pub async fn projects(&self, actor: &Actor) -> Result<Vec<Project>> {
        Ok(self.store.read().await?.projects(&actor.user).await?)
    }

    /// One project.
    pub async fn project(&self, actor: &Actor, id: ProjectId) -> Result<Project> {
        let found = self.store.read().await?.project(&actor.user, id).await?;
        found.filter(|p| p.deleted_at.is_none()).ok_or_else(|| no_project(id))
    }

    /// The project with that name, compared without regard to case.
    pub async fn project_named(&self, actor: &Actor, name: &Name) -> Result<Option<Project>> {
        Ok(self.store.read().await?.project_named(&actor.user, &name.key()).await?)
    }

    /// Makes a project; `patch.name` is needed.
    pub async fn create_project(&self, actor: &Actor, patch: ProjectPatch) -> Result<Changed<Project>> {
        let name = patch.name.ok_or_else(|| Error::field("name", "missing", "name is needed"))?;
        check_colour(patch.colour.as_deref())?;
        let mut change = self.change(actor, Numbers::default()).await?;
        if change.conn.project_named(&actor.user, &name.key()).await?.is_some() {
            return Err(taken(&name));
        }
        let parent = patch.parent.flatten();
        change.check_parent(parent, None).await?;
        let project = change.new_project(&name, patch.colour, parent).await?;
        let summary = format!("Added project “{name}”");
        change.finish(Kind::Create, "project", &summary, project).await
    }

    /// Changes a project.
    pub async fn update_project(&self, actor: &Actor, id: ProjectId, patch: ProjectPatch) -> Result<Changed<Project>> {
        check_colour(patch.colour.as_deref())?;
        let mut change = self.change(actor, Numbers::default()).await?;
        let before = change.live_project(id).await?;
        let mut after = before.clone();
        if let Some(name) = patch.name {
            let other = change.conn.project_named(&actor.user, &name.key()).await?;
            if other.is_some_and(|o| o.id != id) {
                return Err(taken(&name));
            }
            after.name = name.to_string();
        }
        if let Some(colour) = patch.colour {
            after.colour = colour;
        }
        if let Some(parent) = patch.parent {
            change.check_parent(parent, Some(id)).await?;
            after.parent_id = parent;
        }
        if let Some(archived) = patch.archived {
            after.archived = archived;
        }
        let after = change.update_project(&before, after).await?;
        let summary = format!("Changed project “{}”", after.name);
        change.finish(Kind::Update, "project", &summary, after).await
    }

    /// Deletes a project and puts its tasks into the trash, as one operation. Projects inside it move up.
    pub async fn delete_project(&self, actor: &Actor, id: ProjectId) -> Result<Changed<Project>> {
        let mut change = self.change(actor, Numbers::default()).await?;
        let before = change.live_project(id).await?;
        let (now, seq) = (change.now(), change.taken.seq);
        for task in change.conn.tasks_by_project(&actor.user, id).await? {
            if task.task.deleted_at.is_none() {
                let mut gone = task.clone();
                gone.task.deleted_at = Some(now.clone());
                gone.deleted_seq = Some(seq);
                change.update_task(&task, gone).await?;
            }
        }
        for inner in change.conn.projects(&actor.user).await?.into_iter().filter(|p| p.parent_id == Some(id)) {
            let up = Project { parent_id: None, ..inner.clone() };
            change.update_project(&inner, up).await?;
        }
        let after = Project { deleted_at: Some(now), ..before.clone() };
        let after = change.update_project(&before, after).await?;
        let summary = format!("Deleted project “{}”", after.name);
        change.finish(Kind::Delete, "project", &summary, after).await
    }
}

impl Change<'_> {
    async fn live_project(&mut self, id: ProjectId) -> Result<Project> {
        let found = self.conn.project(&self.actor.user, id).await?;
        found.filter(|p| p.deleted_at.is_none()).ok_or_else(|| no_project(id))
    }

    /// Projects nest one level: a parent has no parent, and a project with children gets none.
    async fn check_parent(&mut self, parent: Option<ProjectId>, child: Option<ProjectId>) -> Result<()> {
        let Some(parent) = parent else { return Ok(()) };
        let refuse = |why: &str| Err(Error::field("parent_id", "invalid", format!("parent_id {why}")));
        if Some(parent) == child {
            return refuse("must not be the project itself");
        }
        let projects = self.conn.projects(&self.actor.user).await?;
        match projects.iter().find(|p| p.id == parent) {
            None => refuse("must be one of your projects"),
            Some(p) if p.parent_id.is_some() => {
                refuse("must be a project that is not inside another one: projects nest one level")
            }
            Some(_) if child.is_some() && projects.iter().any(|p| p.parent_id == child) => {
                refuse("cannot be set, because this project has projects inside it: projects nest one level")
            }
            Some(_) => Ok(()),
        }
    }
}

fn no_project(id: ProjectId) -> Error {
    Error::NotFound { what: format!("project {id}") }
}

fn taken(name: &Name) -> Error {
    Error::conflict("name_taken", format!("There is a project called “{name}” already."))
}

/// Colours come from a list, so that each looks right in light and dark.
pub(super) fn check_colour(colour: Option<&str>) -> Result<()> {
    match colour {
        Some(c) if !COLOURS.contains(&c) => {
            Err(Error::field("colour", "unknown", format!("colour must be one of {}", COLOURS.join(", "))))
        }
        _ => Ok(()),
    }
}
