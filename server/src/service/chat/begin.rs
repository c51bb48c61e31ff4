//! How a turn begins: what was asked is checked, then one transaction takes the conversation, stores the message and makes
//! the answer that will be written.

use super::{EXPIRY, LEASE, allows, decide, no_conversation, no_question, running, title_of, waits};
use crate::{
    actor::Actor,
    agent::built_in::lexicon::yes_or_no,
    ids,
    live::RunNews,
    service::{Error, Result, Services},
    store::{
        Conn,
        chat::{Claim, StoredCall, StoredConversation, StoredRun},
    },
    tools,
};
use domain::{
    chat::{Approval, ChatRequest, Message, MessageStatus, Role, RunId},
    id::{ConversationId, MessageId, Seq},
    text::{self, BadText, MESSAGE_MAX},
};
use std::collections::BTreeSet;

/// How long an `Idempotency-Key` leads back to its run, in microseconds: as long as answers are kept.
const KEY_LIFETIME: i64 = 24 * 3600 * 1_000_000;
/// Longest reason for a no, in characters.
const REASON_MAX: usize = 1_000;

/// A turn that has begun: its conversation is taken and the person's message stored.
#[derive(Debug)]
pub struct Turn {
    /// Where it happens.
    pub conversation: ConversationId,
    /// Names the run.
    pub run: RunId,
    /// What the person said, when they said something.
    pub(super) question: Option<MessageId>,
    /// What is written.
    pub(super) answer: MessageId,
    /// What the answer that is replaced has changed, to be taken back first.
    pub(super) taken_back: Vec<Seq>,
    pub(super) work: Work,
}

#[derive(Debug)]
pub(super) enum Work {
    Message(String),
    Decision(Box<StoredCall>, Approval),
    /// The request was sent before: this run is its answer.
    Again(Box<StoredRun>),
}

/// Where the answer of a new turn goes.
struct Start<'a> {
    conversation: ConversationId,
    answer: MessageId,
    /// The message it follows.
    parent: Option<MessageId>,
    /// What the assistant remembers there, when another branch begins.
    memory: Option<&'a str>,
}

impl Services {
    /// Checks and stores the message, and takes the conversation. Run the turn next.
    pub async fn begin_chat(&self, actor: &Actor, request: ChatRequest) -> Result<Turn> {
        let content = text::block(&request.message, MESSAGE_MAX).map_err(|e| Error::text("message", &e))?;
        if content.trim().is_empty() {
            return Err(Error::text("message", &BadText::Empty));
        }
        let (user, now) = (&actor.user, self.clock.micros());
        let mut conn = self.store.write().await?;
        if let Some(turn) = self.again(&mut conn, actor, now).await? {
            return Ok(turn);
        }
        let new = i64::from(request.conversation_id.is_none());
        let (last_conversation, answer) = conn.take_chat_numbers(user, new, 2).await?;
        let (id, leaf) = match request.conversation_id {
            Some(id) => (id, conn.conversation(user, id).await?.ok_or_else(|| no_conversation(id))?.leaf),
            None => {
                let id = ConversationId(last_conversation);
                conn.new_conversation(user, id, &title_of(&content), now).await?;
                (id, None)
            }
        };
        let mut taken_back = vec![];
        let (parent, memory) = match request.edits {
            None => (leaf, None),
            Some(edited) => {
                let old = conn.message(user, id, edited).await?.filter(|m| m.role == Role::User);
                let old = old.ok_or_else(|| {
                    Error::field(
                        "edits",
                        "unknown",
                        "edits must be the number of a message of yours in this conversation",
                    )
                })?;
                if let Some(replaced) = conn.answer_to(user, id, edited).await? {
                    taken_back = changes_of(&mut conn, actor, id, replaced).await?;
                }
                (old.parent_id, Some(memory_at(&mut conn, actor, old.parent_id).await?))
            }
        };
        let (question, answer) = (MessageId(answer - 1), MessageId(answer));
        let start = Start { conversation: id, answer, parent: Some(question), memory: memory.as_deref() };
        let run = self.claim(&mut conn, actor, &start, now).await?;
        let said = new_message(question, Role::User, content.clone(), parent);
        conn.new_message(user, id, &run.0, &said, now).await?;
        self.start(conn, actor, &run, &start, now).await?;
        Ok(Turn { conversation: id, run, question: Some(question), answer, taken_back, work: Work::Message(content) })
    }

    /// Begins another version of an answer; `message` is the answer or the question.
    pub async fn begin_retry(&self, actor: &Actor, id: ConversationId, message: MessageId) -> Result<Turn> {
        let (user, now) = (&actor.user, self.clock.micros());
        let mut conn = self.store.write().await?;
        if let Some(turn) = self.again(&mut conn, actor, now).await? {
            return Ok(turn);
        }
        conn.conversation(user, id).await?.ok_or_else(|| no_conversation(id))?;
        let no_message = || Error::NotFound { what: format!("message {message}") };
        let named = conn.message(user, id, message).await?.ok_or_else(no_message)?;
        let replaced = match named.role {
            Role::Assistant => Some(message),
            Role::User => conn.answer_to(user, id, message).await?,
        };
        let question = match (named.role, named.parent_id) {
            (Role::User, _) => Some(named),
            (Role::Assistant, Some(parent)) => conn.message(user, id, parent).await?.filter(|m| m.role == Role::User),
            (Role::Assistant, None) => None,
        };
        let question = question.ok_or_else(|| {
            Error::conflict(
                "no_question",
                "This answer follows a decision about a change, not a message, so there is nothing to ask again. Say what you want instead.",
            )
        })?;
        let taken_back = match replaced {
            Some(replaced) => changes_of(&mut conn, actor, id, replaced).await?,
            None => vec![],
        };
        let (_, answer) = conn.take_chat_numbers(user, 0, 1).await?;
        let answer = MessageId(answer);
        let memory = memory_at(&mut conn, actor, question.parent_id).await?;
        let start = Start { conversation: id, answer, parent: Some(question.id), memory: Some(&memory) };
        let run = self.claim(&mut conn, actor, &start, now).await?;
        self.start(conn, actor, &run, &start, now).await?;
        let work = Work::Message(question.content);
        Ok(Turn { conversation: id, run, question: Some(question.id), answer, taken_back, work })
    }

    /// Checks that the call waits for this person's decision, notes the decision and takes the conversation. Run the turn
    /// next.
    pub async fn begin_approval(
        &self,
        actor: &Actor,
        id: ConversationId,
        call: &str,
        approval: Approval,
    ) -> Result<Turn> {
        let (user, now) = (&actor.user, self.clock.micros());
        let mut conn = self.store.write().await?;
        if let Some(turn) = self.again(&mut conn, actor, now).await? {
            return Ok(turn);
        }
        let StoredConversation { leaf, .. } = conn.conversation(user, id).await?.ok_or_else(|| no_conversation(id))?;
        let mut stored = conn.tool_call(user, id, call).await?.ok_or_else(no_question)?;
        waits(&stored)?;
        if expired(&stored, now) {
            return Err(Error::conflict(
                "expired",
                "This question was asked more than a day ago and has expired. Ask again.",
            ));
        }
        if let Some(reason) = &approval.reason {
            text::block(reason, REASON_MAX).map_err(|e| Error::text("reason", &e))?;
        }
        if let Some(arguments) = &approval.arguments {
            decide::check_arguments(&stored.call, arguments)?;
        }
        if allows(approval.decision) {
            // What cannot work is said now, while the question still stands.
            let arguments = approval.arguments.as_ref().unwrap_or(&stored.call.arguments);
            tools::check(self, actor, &stored.call.tool, arguments)?;
        }
        let (_, answer) = conn.take_chat_numbers(user, 0, 1).await?;
        let answer = MessageId(answer);
        let start = Start { conversation: id, answer, parent: leaf, memory: None };
        let run = self.claim(&mut conn, actor, &start, now).await?;
        if !conn.decide_call(user, id, call, now).await? {
            return Err(Error::conflict("already_decided", "Somebody else has decided about this already."));
        }
        stored.decided_at = Some(now);
        self.start(conn, actor, &run, &start, now).await?;
        let work = Work::Decision(Box::new(stored), approval);
        Ok(Turn { conversation: id, run, question: None, answer, taken_back: vec![], work })
    }

    /// The turn that a request with the same `Idempotency-Key` has begun already.
    async fn again(&self, conn: &mut Conn, actor: &Actor, now: i64) -> Result<Option<Turn>> {
        let Some(key) = &actor.request_key else { return Ok(None) };
        let found = conn.run_by_key(&actor.user, key, now - KEY_LIFETIME).await?;
        Ok(found.and_then(|run| {
            Some(Turn {
                conversation: run.conversation,
                run: RunId(run.id.clone()),
                question: None,
                answer: run.message?,
                taken_back: vec![],
                work: Work::Again(Box::new(run)),
            })
        }))
    }

    /// Takes the conversation. A run that has died in it is ended first.
    async fn claim(&self, conn: &mut Conn, actor: &Actor, start: &Start<'_>, now: i64) -> Result<RunId> {
        let (user, run) = (&actor.user, ids::alphanumeric(24));
        let claim = Claim {
            run: &run,
            conversation: start.conversation,
            message: start.answer,
            model: self.model.as_ref().map(|m| m.name()),
            request_key: actor.request_key.as_deref(),
            now,
            until: now + LEASE,
        };
        if !conn.claim_run(user, &claim).await? {
            let other = conn.running_run(user, start.conversation).await?.ok_or_else(running)?;
            if !self.bury(conn, &other, now).await? || !conn.claim_run(user, &claim).await? {
                return Err(running());
            }
        }
        Ok(RunId(run))
    }

    /// Stores the empty answer, shows it, and tells everybody.
    async fn start(&self, mut conn: Conn, actor: &Actor, run: &RunId, start: &Start<'_>, now: i64) -> Result<()> {
        let (user, id) = (&actor.user, start.conversation);
        let answer = Message {
            status: MessageStatus::Running,
            ..new_message(start.answer, Role::Assistant, String::new(), start.parent)
        };
        conn.new_message(user, id, &run.0, &answer, now).await?;
        conn.show_branch(user, id, start.answer, start.memory, Some(now)).await?;
        self.live.announce_run(&mut conn, user, id, RunNews::Begun).await?;
        conn.commit().await?;
        self.live.publish_run(user, id, RunNews::Begun);
        Ok(())
    }
}

/// What an answer has changed, the newest first: in its own calls, and in the answers to the person's decisions about them,
/// up to the next thing they said.
async fn changes_of(conn: &mut Conn, actor: &Actor, id: ConversationId, answer: MessageId) -> Result<Vec<Seq>> {
    let mut belong = BTreeSet::from([answer]);
    let mut changes = BTreeSet::new();
    // Oldest first, so that what a message follows has been seen.
    for message in conn.messages(&actor.user, id, None).await? {
        let decides = message.role == Role::Assistant || yes_or_no(&message.content).is_some();
        if decides && message.parent_id.is_some_and(|parent| belong.contains(&parent)) {
            belong.insert(message.id);
        }
        if belong.contains(&message.id) {
            changes.extend(message.tool_calls.iter().filter_map(|call| call.operation));
        }
    }
    Ok(changes.into_iter().rev().collect())
}

/// Whether a question was asked too long ago.
pub(super) fn expired(stored: &StoredCall, now: i64) -> bool {
    stored.expires_at.is_some_and(|until| until < now)
}

/// Until when a question asked now stands.
pub(super) fn expires(now: i64) -> i64 {
    now + EXPIRY
}

/// What the assistant remembers after that message.
pub(super) async fn memory_at(conn: &mut Conn, actor: &Actor, message: Option<MessageId>) -> Result<String> {
    let known = match message {
        Some(message) => conn.memory_at(&actor.user, message).await?,
        None => None,
    };
    Ok(known.unwrap_or_else(|| "{}".into()))
}

fn new_message(id: MessageId, role: Role, content: String, parent_id: Option<MessageId>) -> Message {
    Message {
        id,
        role,
        content,
        tool_calls: vec![],
        parent_id,
        versions: vec![],
        status: MessageStatus::Done,
        feedback: None,
        created_at: String::new(),
    }
}
