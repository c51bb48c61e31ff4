//! The rules of labels.

use super::{
    Changed, Error, Result, Services,
    change::{Change, Kind},
    projects::check_colour,
};
use crate::{
    actor::Actor,
    store::{operations::Numbers, projects::StoredLabel},
};
use domain::{
    id::LabelId,
    label::{Label, LabelPatch},
    text::Name,
};

impl Services {
    /// The person's labels by name.
    pub async fn labels(&self, actor: &Actor) -> Result<Vec<Label>> {
        Ok(self.store.read().await?.labels(&actor.user).await?)
    }

    /// One label.
    pub async fn label(&self, actor: &Actor, id: LabelId) -> Result<Label> {
        let found = self.store.read().await?.label(&actor.user, id).await?;
        found.filter(|l| l.deleted_at.is_none()).map(|l| l.label).ok_or_else(|| no_label(id))
    }

    /// Makes a label; `patch.name` is needed.
    pub async fn create_label(&self, actor: &Actor, patch: LabelPatch) -> Result<Changed<Label>> {
        let name = patch.name.ok_or_else(|| Error::field("name", "missing", "name is needed"))?;
        check_colour(patch.colour.as_deref())?;
        let mut change = self.change(actor, Numbers::default()).await?;
        if change.conn.label_named(&actor.user, &name.key()).await?.is_some() {
            return Err(taken(&name));
        }
        let label = change.new_label(&name, patch.colour).await?.label;
        let summary = format!("Added label “{name}”");
        change.finish(Kind::Create, "label", &summary, label).await
    }

    /// Changes a label; its tasks show it under the new name at once.
    pub async fn update_label(&self, actor: &Actor, id: LabelId, patch: LabelPatch) -> Result<Changed<Label>> {
        check_colour(patch.colour.as_deref())?;
        let mut change = self.change(actor, Numbers::default()).await?;
        let before = change.live_label(id).await?;
        let mut after = before.clone();
        if let Some(name) = patch.name {
            let other = change.conn.label_named(&actor.user, &name.key()).await?;
            if other.is_some_and(|o| o.label.id != id) {
                return Err(taken(&name));
            }
            after.label.name = name.to_string();
        }
        if let Some(colour) = patch.colour {
            after.label.colour = colour;
        }
        let after = change.update_label(&before, after).await?;
        let summary = format!("Changed label “{}”", after.label.name);
        change.finish(Kind::Update, "label", &summary, after.label).await
    }

    /// Deletes a label and takes it off its tasks, as one operation.
    pub async fn delete_label(&self, actor: &Actor, id: LabelId) -> Result<Changed<Label>> {
        let mut change = self.change(actor, Numbers::default()).await?;
        let before = change.live_label(id).await?;
        for task in change.conn.tasks_by_label(&actor.user, id).await? {
            let mut without = task.clone();
            without.task.labels.retain(|name| *name != before.label.name);
            change.update_task(&task, without).await?;
        }
        let after = StoredLabel { deleted_at: Some(change.now()), ..before.clone() };
        let after = change.update_label(&before, after).await?;
        let summary = format!("Deleted label “{}”", after.label.name);
        change.finish(Kind::Delete, "label", &summary, after.label).await
    }
}

impl Change<'_> {
    async fn live_label(&mut self, id: LabelId) -> Result<StoredLabel> {
        let found = self.conn.label(&self.actor.user, id).await?;
        found.filter(|l| l.deleted_at.is_none()).ok_or_else(|| no_label(id))
    }
}

fn no_label(id: LabelId) -> Error {
    Error::NotFound { what: format!("label {id}") }
}

fn taken(name: &Name) -> Error {
    Error::conflict("name_taken", format!("There is a label called “{name}” already."))
}
