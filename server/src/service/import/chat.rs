//! Conversations and what was said in them.

use super::{Fields, Import, Person, Result, people::clipped};
use crate::{clock::rfc3339, service::chat::title_of};
use domain::{
    chat::{Message, MessageStatus, Role},
    id::{ConversationId, MessageId},
    text::{MESSAGE_MAX, NAME_MAX},
};
use std::collections::HashMap;

/// What stands where a run would be named.
const RUN: &str = "import";

impl Import<'_> {
    /// Copies every conversation that has messages.
    pub(super) async fn conversations(&mut self, people: &HashMap<String, Person>, say: &dyn Fn(&str)) -> Result<()> {
        let mut said: HashMap<String, Vec<Fields>> = HashMap::new();
        for message in self.rows("messages") {
            let of = message.text(&["conversationid", "threadid", "sessionid"]).unwrap_or_default();
            said.entry(of).or_default().push(message);
        }
        let rows = self.rows("conversations");
        for row in &rows {
            let id = row.id();
            let mut messages = said.remove(&id).unwrap_or_default();
            messages.sort_by_key(|m| (self.moment(m, &["createdat", "timestamp"]), m.number(&["id"])));
            if let Some(person) = self.person(people, "conversations", row) {
                self.conversation(person, row, &id, &messages).await?;
            }
        }
        for message in said.into_values().flatten() {
            self.report.left("messages", &message.id(), "its conversation is not there");
        }
        say(&format!("{} conversations", rows.len()));
        Ok(())
    }

    async fn conversation(&mut self, person: &Person, row: &Fields, id: &str, all: &[Fields]) -> Result<()> {
        let user = &person.actor.user;
        let mut messages = Vec::with_capacity(all.len());
        for row in all {
            if self.knows("message", &row.id()).is_some() {
                self.report.there("messages");
            } else if let Some(message) = self.message(row) {
                messages.push((row.id(), message));
            }
        }
        let known: Option<i64> = self.knows("conversation", id).and_then(|(_, ours)| ours.parse().ok());
        if known.is_some() {
            self.report.there("conversations");
        }
        let Some((_, (first, _))) = messages.first() else {
            if known.is_none() {
                self.report.left("conversations", id, "nothing was said in it");
            }
            return Ok(());
        };
        let count = messages.len() as i64;
        let (newest, last) = self.conn.take_chat_numbers(user, i64::from(known.is_none()), count).await?;
        let number = ConversationId(known.unwrap_or(newest));
        if known.is_none() {
            let title = row.text(&["title", "name"]).map(|title| clipped(&title, NAME_MAX)).filter(|t| !t.is_empty());
            let title = title.unwrap_or_else(|| title_of(&first.content));
            self.conn.new_conversation(user, number, &title, self.moment(row, &["createdat"])).await?;
            self.remember("conversation", id, user, &number.0.to_string()).await?;
            self.report.copied("conversations");
        }
        let mut newest = self.moment(row, &["updatedat", "createdat"]);
        // What an earlier import brought, and what was said here since, comes before.
        let mut parent_id = self.conn.conversation(user, number).await?.and_then(|c| c.leaf);
        for (ours, (old, (message, at))) in (last - count + 1..).zip(messages) {
            let message = Message { id: MessageId(ours), parent_id, ..message };
            parent_id = Some(message.id);
            self.conn.new_message(user, number, RUN, &message, at).await?;
            self.remember("message", &old, user, &ours.to_string()).await?;
            self.report.copied("messages");
            newest = newest.max(at);
        }
        if let Some(leaf) = parent_id {
            self.conn.show_branch(user, number, leaf, None, None).await?;
        }
        self.conn.touch_conversation(user, number.0, newest).await.map_err(Into::into)
    }

    /// What was said, by whom, and when.
    fn message(&mut self, row: &Fields) -> Option<(Message, i64)> {
        let id = row.id();
        let role = match row.text(&["role", "sender"]).unwrap_or_default().to_lowercase().as_str() {
            "user" | "human" => Role::User,
            "assistant" | "ai" | "bot" | "agent" => Role::Assistant,
            _ => {
                self.report.left("messages", &id, "neither the person nor the assistant said it");
                return None;
            }
        };
        let said = row.text(&["content", "message", "text"]).unwrap_or_default().replace("\r\n", "\n");
        let shown: String = said.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
        if shown.trim().is_empty() {
            self.report.left("messages", &id, "it is empty");
            return None;
        }
        if shown.chars().count() > MESSAGE_MAX {
            self.report.left("messages", &id, "it is longer than 20000 characters: the rest is missing");
        }
        let at = self.moment(row, &["createdat", "timestamp"]);
        let content = shown.chars().take(MESSAGE_MAX).collect();
        Some((
            Message {
                id: MessageId(0),
                role,
                content,
                tool_calls: vec![],
                parent_id: None,
                versions: vec![],
                status: MessageStatus::Done,
                feedback: None,
                created_at: rfc3339(at),
            },
            at,
        ))
    }
}
