//! Conversations as the person sees them: the list, one with the branch that is shown, and what can be done with them.

use super::{
    LIST_MAX,
    begin::{expired, memory_at},
    no_conversation, no_question, running,
};
use crate::{
    actor::Actor,
    live::RunNews,
    service::{Error, Result, Services},
    store::chat::{Place, StoredConversation},
};
use domain::{
    chat::{Conversation, Feedback, Message, RunId, ToolCall, ToolStatus, Transcript},
    id::{ConversationId, MessageId},
    text::{self, NAME_MAX},
};
use serde_json::json;
use std::collections::{HashMap, HashSet};

/// Longest note to a rating, in characters.
const NOTE_MAX: usize = 2_000;

impl Services {
    /// The person's conversations, pinned ones first, then the newest; with `search` those that hold the text.
    pub async fn conversations(&self, actor: &Actor, search: Option<&str>) -> Result<Vec<Conversation>> {
        let search = search.map(str::trim).filter(|s| !s.is_empty());
        Ok(self.store.read().await?.conversations(&actor.user, search, LIST_MAX).await?)
    }

    /// One conversation with the branch that is shown, and the run that writes in it.
    pub async fn transcript(&self, actor: &Actor, id: ConversationId) -> Result<Transcript> {
        let (user, now) = (&actor.user, self.clock.micros());
        let mut conn = self.store.read().await?;
        conn.conversation(user, id).await?.ok_or_else(|| no_conversation(id))?;
        let mut run = conn.running_run(user, id).await?;
        if let Some(dead) = run.take_if(|run| run.lease_until < now) {
            drop(conn);
            self.bury_dead(&dead).await?;
            conn = self.store.read().await?;
            run = conn.running_run(user, id).await?;
        }
        let stored = conn.conversation(user, id).await?.ok_or_else(|| no_conversation(id))?;
        let mut all = conn.messages(user, id, None).await?;
        if all.iter().flat_map(|m| &m.tool_calls).any(|call| call.status == ToolStatus::Pending) {
            let calls = conn.calls_since(user, id, MessageId(0)).await?;
            let late: HashSet<&str> =
                calls.iter().filter(|call| expired(call, now)).map(|call| call.call.id.as_str()).collect();
            for call in all.iter_mut().flat_map(|m| &mut m.tool_calls) {
                if call.status == ToolStatus::Pending && late.contains(call.id.as_str()) {
                    deny_late(call);
                }
            }
        }
        let messages = branch(all, stored.leaf);
        Ok(Transcript { conversation: stored.conversation, messages, run: run.map(|run| RunId(run.id)) })
    }

    /// One tool call of a conversation as it stands now.
    pub async fn tool_call(&self, actor: &Actor, conversation: ConversationId, id: &str) -> Result<ToolCall> {
        let mut conn = self.store.read().await?;
        conn.conversation(&actor.user, conversation).await?.ok_or_else(|| no_conversation(conversation))?;
        let stored = conn.tool_call(&actor.user, conversation, id).await?;
        stored.map(|s| s.call).ok_or_else(no_question)
    }

    /// Whether there is such a conversation, so that what does not exist is said before what is wrong.
    pub async fn has_conversation(&self, actor: &Actor, id: ConversationId) -> Result<()> {
        let found = self.store.read().await?.conversation(&actor.user, id).await?;
        found.map(|_| ()).ok_or_else(|| no_conversation(id))
    }

    /// Whether there is such a message, so that what does not exist is said before what is wrong.
    pub async fn has_message(&self, actor: &Actor, id: ConversationId, message: MessageId) -> Result<()> {
        let mut conn = self.store.read().await?;
        conn.conversation(&actor.user, id).await?.ok_or_else(|| no_conversation(id))?;
        conn.message(&actor.user, id, message).await?.map(|_| ()).ok_or_else(|| no_message(message))
    }

    /// Gives a conversation another title, pins it, or both.
    pub async fn change_conversation(
        &self,
        actor: &Actor,
        id: ConversationId,
        title: Option<&str>,
        pinned: Option<bool>,
    ) -> Result<Conversation> {
        let title = title.map(|t| text::line(t, NAME_MAX)).transpose().map_err(|e| Error::text("title", &e))?;
        let mut conn = self.store.write().await?;
        if !conn.change_conversation(&actor.user, id, title.as_deref(), pinned).await? {
            return Err(no_conversation(id));
        }
        let stored = conn.conversation(&actor.user, id).await?.ok_or_else(|| no_conversation(id))?;
        conn.commit().await?;
        Ok(stored.conversation)
    }

    /// Puts a conversation away; who answers in it stops.
    pub async fn delete_conversation(&self, actor: &Actor, id: ConversationId) -> Result<()> {
        let now = self.clock.micros();
        let mut conn = self.store.write().await?;
        if !conn.delete_conversation(&actor.user, id, now).await? {
            return Err(no_conversation(id));
        }
        let stops = conn.request_stop(&actor.user, id, now).await?;
        if stops {
            self.live.announce_run(&mut conn, &actor.user, id, RunNews::Stop).await?;
        }
        conn.commit().await?;
        if stops {
            self.live.publish_run(&actor.user, id, RunNews::Stop);
        }
        Ok(())
    }

    /// Asks whoever answers in a conversation to stop, in whichever process.
    pub async fn stop_chat(&self, actor: &Actor, id: ConversationId) -> Result<()> {
        let (user, now) = (&actor.user, self.clock.micros());
        let mut conn = self.store.write().await?;
        conn.conversation(user, id).await?.ok_or_else(|| no_conversation(id))?;
        let Some(run) = conn.running_run(user, id).await? else { return Ok(()) };
        let news = if self.bury(&mut conn, &run, now).await? {
            RunNews::Ended
        } else {
            conn.request_stop(user, id, now).await?;
            self.live.announce_run(&mut conn, user, id, RunNews::Stop).await?;
            RunNews::Stop
        };
        conn.commit().await?;
        self.live.publish_run(user, id, news);
        Ok(())
    }

    /// Shows the branch that holds that message, down to its newest end.
    pub async fn show_message(&self, actor: &Actor, id: ConversationId, message: MessageId) -> Result<Transcript> {
        let (user, now) = (&actor.user, self.clock.micros());
        let mut conn = self.store.write().await?;
        conn.conversation(user, id).await?.ok_or_else(|| no_conversation(id))?;
        let tree = conn.message_tree(user, id).await?;
        if !tree.iter().any(|place| place.id == message) {
            return Err(Error::field(
                "message_id",
                "unknown",
                "message_id must be the number of a message in this conversation",
            ));
        }
        if let Some(run) = conn.running_run(user, id).await?
            && !self.bury(&mut conn, &run, now).await?
        {
            return Err(running());
        }
        let leaf = newest_below(&tree, message);
        let memory = memory_at(&mut conn, actor, Some(leaf)).await?;
        conn.show_branch(user, id, leaf, Some(&memory), None).await?;
        conn.commit().await?;
        self.transcript(actor, id).await
    }

    /// Notes what the person thinks of an answer, and why.
    pub async fn rate_answer(
        &self,
        actor: &Actor,
        id: ConversationId,
        message: MessageId,
        feedback: Option<Feedback>,
        note: Option<&str>,
    ) -> Result<()> {
        let note = note.map(|n| text::block(n, NOTE_MAX)).transpose().map_err(|e| Error::text("note", &e))?;
        let mut conn = self.store.write().await?;
        conn.conversation(&actor.user, id).await?.ok_or_else(|| no_conversation(id))?;
        let note = note.filter(|_| feedback.is_some());
        if !conn.rate_message(&actor.user, id, message, feedback, note.as_deref()).await? {
            return Err(match conn.message(&actor.user, id, message).await? {
                Some(_) => Error::conflict("not_an_answer", "Only the assistant’s answers can be rated."),
                None => no_message(message),
            });
        }
        Ok(conn.commit().await?)
    }

    /// A conversation with every message of every branch.
    pub(super) async fn whole_conversation(
        &self,
        actor: &Actor,
        id: ConversationId,
    ) -> Result<(StoredConversation, Vec<Message>)> {
        let mut conn = self.store.read().await?;
        let stored = conn.conversation(&actor.user, id).await?.ok_or_else(|| no_conversation(id))?;
        let messages = conn.messages(&actor.user, id, None).await?;
        Ok((stored, messages))
    }
}

fn no_message(id: MessageId) -> Error {
    Error::NotFound { what: format!("message {id}") }
}

/// A question that has expired is a no, also before somebody has tidied up.
fn deny_late(call: &mut ToolCall) {
    call.status = ToolStatus::Denied;
    let mut result = call.result.take().unwrap_or_default();
    result["reason"] = json!("the question had expired");
    call.result = Some(result);
}

/// The messages from the first to the leaf.
pub(super) fn branch(all: Vec<Message>, leaf: Option<MessageId>) -> Vec<Message> {
    let mut shown = HashSet::new();
    let mut next = leaf;
    // Parents are older than their children, so one way back over the list meets each.
    for message in all.iter().rev() {
        if Some(message.id) == next {
            shown.insert(message.id);
            next = message.parent_id;
        }
    }
    all.into_iter().filter(|m| shown.contains(&m.id)).collect()
}

/// The newest end of the branch below a message.
fn newest_below(tree: &[Place], message: MessageId) -> MessageId {
    // Oldest first, so a newer child takes an older one's place.
    let newest: HashMap<MessageId, MessageId> =
        tree.iter().filter_map(|place| Some((place.parent?, place.id))).collect();
    let mut leaf = message;
    while let Some(child) = newest.get(&leaf) {
        leaf = *child;
    }
    leaf
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::chat::Role;

    #[test]
    fn the_newest_end_is_found() {
        let place = |id: i64, parent: Option<i64>| Place {
            id: MessageId(id),
            parent: parent.map(MessageId),
            role: if id % 2 == 1 { Role::User } else { Role::Assistant },
        };
        let tree = [place(1, None), place(2, Some(1)), place(4, Some(1)), place(5, Some(2)), place(6, Some(5))];
        assert_eq!(newest_below(&tree, MessageId(1)), MessageId(4));
        assert_eq!(newest_below(&tree, MessageId(2)), MessageId(6));
        assert_eq!(newest_below(&tree, MessageId(6)), MessageId(6));
    }
}
