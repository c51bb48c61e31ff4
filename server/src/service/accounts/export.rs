//! Everything of a person as one JSON document, written while it is read: whatever somebody has, only a page of it is in
//! memory.
//!
//! The shape is in docs/export.md and has a version. Deliberately absent: secrets (password hashes, tokens of any kind)
//! and the operation log, which repeats every row as it was before and after each change and would be many times the
//! rest. Pages are read one after the other; what changes meanwhile may show in one list and not yet in another.

mod writer;

use super::{Accounts, AuditPlace, Event, devices};
use crate::{
    actor::{Actor, Scope},
    auth::client::Client,
    clock::rfc3339,
    service::{Error, Result},
    store::export::{FilterRow, ReminderRow},
};
use domain::{
    date::Due,
    id::{ConversationId, TaskId},
};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use writer::Writer;

/// The version of the document's shape. It grows when something that is there changes its meaning or goes.
pub const VERSION: u32 = 1;
/// Rows read at a time.
const PAGE: u32 = 200;
/// Pieces of text that may wait for a slow reader.
const AHEAD: usize = 4;

impl Accounts {
    /// The document, piece by piece. An error is the last piece; what came before it is then not a whole document.
    pub fn export(&self, actor: &Actor, client: &Client) -> mpsc::Receiver<Result<String>> {
        let (sender, receiver) = mpsc::channel(AHEAD);
        let (accounts, actor, client) = (self.clone(), actor.clone(), client.clone());
        tokio::spawn(async move {
            let mut out = Writer::new(sender);
            match accounts.write(&actor, &mut out).await {
                Ok(()) => accounts.remember(Event::Exported, Some(&actor.user), &client, "").await,
                Err(error) => out.fail(error).await,
            }
        });
        receiver
    }

    async fn write(&self, actor: &Actor, out: &mut Writer) -> Result<()> {
        // Conversations are in it.
        actor.require(Scope::Chat)?;
        let user = &actor.user;
        let person = self.store.read().await?.user(user).await?;
        let person = person.ok_or_else(|| Error::NotFound { what: "such account".into() })?;
        out.field("format", "todo-chatbot-export").await?;
        out.field("version", &VERSION).await?;
        out.field("exported_at", &rfc3339(self.clock.micros())).await?;
        out.field("profile", &person).await?;
        out.field("settings", &actor.settings).await?;
        {
            let mut conn = self.store.read().await?;
            out.field("projects", &conn.projects(user).await?).await?;
            out.field("labels", &conn.labels(user).await?).await?;
            out.field("filters", &list(conn.filters(user).await?, filter)).await?;
        }
        self.write_tasks(actor, out).await?;
        {
            let mut conn = self.store.read().await?;
            let reminders = conn.reminders(user).await?.into_iter().map(reminder).collect::<Result<Vec<_>>>()?;
            out.field("reminders", &reminders).await?;
        }
        self.write_conversations(actor, out).await?;
        {
            let mut conn = self.store.read().await?;
            let accounts = conn.accounts_of(user).await?;
            let accounts = list(
                accounts,
                |a| json!({ "provider": a.provider, "account": a.account, "scopes": a.scopes, "created_at": a.created_at }),
            );
            out.field("accounts", &accounts).await?;
        }
        out.field("api_tokens", &self.api_tokens(user).await?).await?;
        out.field("sessions", &self.devices(user, None).await?).await?;
        self.write_audit(actor, out).await?;
        out.end().await
    }

    async fn write_tasks(&self, actor: &Actor, out: &mut Writer) -> Result<()> {
        let mut after = TaskId(0);
        out.begin("tasks").await?;
        loop {
            let page = self.store.read().await?.every_task(&actor.user, after, PAGE.into()).await?;
            let Some(last) = page.last() else { return out.end_list() };
            after = last.task.id;
            for stored in &page {
                out.item(stored).await?;
            }
        }
    }

    async fn write_conversations(&self, actor: &Actor, out: &mut Writer) -> Result<()> {
        let mut after = 0;
        out.begin("conversations").await?;
        loop {
            let page = self.store.read().await?.every_conversation(&actor.user, after, PAGE.into()).await?;
            let Some(last) = page.last() else { return out.end_list() };
            after = last.id;
            for row in page {
                let id = ConversationId(row.id);
                let mut conn = self.store.read().await?;
                let messages = conn.messages(&actor.user, id, None).await?;
                let notes = conn.feedback_notes(&actor.user, row.id).await?;
                drop(conn);
                let mut messages = serde_json::to_value(messages)
                    .map_err(|e| Error::Internal(format!("a conversation as JSON: {e}")))?;
                for message in messages.as_array_mut().into_iter().flatten() {
                    if let Some((_, note)) = notes.iter().find(|(id, _)| message["id"] == *id) {
                        message["feedback_note"] = json!(note);
                    }
                }
                let conversation = json!({
                    "id": row.id,
                    "title": row.title,
                    "pinned": row.pinned != 0,
                    "shown": row.leaf_id,
                    "created_at": rfc3339(row.created_at),
                    "updated_at": rfc3339(row.updated_at),
                    "deleted_at": row.deleted_at.map(rfc3339),
                    "messages": messages,
                });
                out.item(&conversation).await?;
            }
        }
    }

    async fn write_audit(&self, actor: &Actor, out: &mut Writer) -> Result<()> {
        let mut place: Option<AuditPlace> = None;
        out.begin("audit").await?;
        loop {
            let (rows, next) = self.audit(&actor.user, place.as_ref(), devices::AUDIT_MAX).await?;
            for row in &rows {
                out.item(row).await?;
            }
            match next {
                Some(next) => place = Some(next),
                None => return out.end_list(),
            }
        }
    }
}

fn list<T>(rows: Vec<T>, wire: impl Fn(T) -> Value) -> Vec<Value> {
    rows.into_iter().map(wire).collect()
}

fn filter(row: FilterRow) -> Value {
    json!({
        "id": row.id, "name": row.name, "query": row.query, "colour": row.colour, "position": row.position,
        "created_at": rfc3339(row.created_at), "updated_at": rfc3339(row.updated_at),
    })
}

fn reminder(row: ReminderRow) -> Result<Value> {
    let at = match (&row.at_kind, &row.at_civil) {
        (Some(kind), Some(civil)) => {
            let due = Due::from_parts(kind, civil, row.at_zone.as_deref());
            Some(due.map_err(|e| Error::Internal(format!("reminder {} has a broken date: {e}", row.id)))?)
        }
        _ => None,
    };
    Ok(json!({
        "id": row.id, "task_id": row.task_id, "minutes_before": row.minutes_before, "at": at,
        "sent_at": row.sent_at.map(rfc3339),
    }))
}
