//! A turn under way: who answers, and the watch over it.
//!
//! The turn's work and its watch are polled side by side. The watch stores what has happened from copies, renews the lease,
//! and ends the work when the person wants it stopped, when the process ends, or when somebody else has ended the run. Work
//! is only ever dropped between two deeds, never amid one.

use super::{
    LEASE, Outcome,
    begin::{Turn, Work, expires},
    usage::day,
};
use crate::{
    actor::{Actor, Door},
    agent::{Events, Numbered, events::Unsaved},
    clock::Stopwatch,
    live::{News, RunNews},
    problem,
    service::{Error, Result, Services},
    store::{self, Conn, chat::usage::Use},
    telemetry::traces,
};
use domain::{
    chat::{ChatEvent, ChatReply, MessageStatus, ToolStatus},
    id::Seq,
};
use futures::FutureExt as _;
use std::{panic::AssertUnwindSafe, time::Duration};
use tokio::sync::mpsc;
use tracing::Instrument as _;

/// How often a turn looks whether it is to stop, should nobody tell it.
const LOOK: Duration = Duration::from_secs(1);
/// Every so many looks the lease is renewed.
const RENEW: u32 = 4;
/// How often storing an answer is tried while the database does not answer.
const TRIES: u32 = 8;
const BETWEEN_TRIES: Duration = Duration::from_millis(500);

/// Why a turn ended before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    /// The person wanted it.
    Stopped,
    /// The process ends.
    Interrupted,
    /// Somebody else has ended the run: the lease was lost.
    Lost,
}

/// How a turn is stored.
struct End {
    status: MessageStatus,
    text: String,
    /// What is remembered from now on, and the tools that need no question.
    kept: Option<(String, String)>,
    tokens: (i64, i64),
    error: Option<String>,
    event: ChatEvent,
}

impl Services {
    /// Carries a turn out on its own and answers what happens in it. Dropping the receiver does not stop it.
    pub fn run_turn(&self, actor: &Actor, turn: Turn) -> mpsc::UnboundedReceiver<Numbered> {
        if let Work::Again(run) = turn.work {
            return self.told_again(*run);
        }
        let (events, receiver) = Events::new();
        let (services, actor, counted) = (self.clone(), actor.through(Door::Chat), self.under_way.begin());
        let trace = tracing::info_span!(
            target: traces::TARGET,
            "turn",
            otel.name = "invoke_agent",
            gen_ai.operation.name = "invoke_agent",
        );
        let work = async move {
            let active = services.metrics.turn_begins();
            services.carry(&actor, &turn, &events).await;
            drop((counted, active));
        };
        tokio::spawn(work.instrument(trace));
        receiver
    }

    async fn carry(&self, actor: &Actor, turn: &Turn, events: &Events) {
        let watch = Stopwatch::start();
        events.send(ChatEvent::Started {
            conversation_id: turn.conversation,
            user_message_id: turn.question,
            message_id: Some(turn.answer),
        });
        let work = AssertUnwindSafe(self.work(actor, turn, events)).catch_unwind();
        let ended = tokio::select! {
            ended = work => Ok(ended.unwrap_or_else(|_| Err(Error::Internal("a turn panicked".into())))),
            cut = self.watch(actor, turn, events) => Err(cut),
        };
        if let Ok(Err(error)) = &ended {
            // Here and not at the door, where nobody may be waiting any more.
            tracing::warn!(conversation = turn.conversation.0, error = ?error, "a chat turn failed");
        }
        let end = match ended {
            Err(Cut::Lost) => return lost(events),
            Ok(Ok(outcome)) => self.ending(turn, events, outcome),
            Ok(Err(error)) => Ok(broken(events, MessageStatus::Failed, &error)),
            Err(Cut::Interrupted) => Ok(broken(events, MessageStatus::Interrupted, &Error::Interrupted)),
            Err(Cut::Stopped) => Ok(stopped(turn, events)),
        };
        let end = end.unwrap_or_else(|error| broken(events, MessageStatus::Failed, &error));
        let last = events.end(end.event.clone());
        for tried in 1.. {
            match self.store_end(actor, turn, events, &end).await {
                Ok(true) => {
                    let seconds = watch.millis() / 1000.0;
                    self.metrics.turn_ended(end.status, seconds, &events.calls(), end.tokens);
                    return events.tell(last);
                }
                Ok(false) => return lost(events),
                Err(error) if tried < TRIES && matches!(error, Error::Store(store::Error::Unavailable(_))) => {
                    tokio::time::sleep(BETWEEN_TRIES).await;
                }
                Err(error) => {
                    tracing::error!(conversation = turn.conversation.0, error = ?error, "an answer could not be stored");
                    let problem = problem::of(&error);
                    return events.tell(Numbered { event: ChatEvent::Failed { problem }, ..last });
                }
            }
        }
    }

    async fn work(&self, actor: &Actor, turn: &Turn, events: &Events) -> Result<Outcome> {
        let stored = self.store.read().await?.conversation(&actor.user, turn.conversation).await?;
        let stored = stored.ok_or_else(|| super::no_conversation(turn.conversation))?;
        self.take_back(actor, &turn.taken_back, events).await?;
        match &turn.work {
            Work::Message(text) => self.answer_message(actor, &stored, text, events).await,
            Work::Decision(call, approval) => {
                self.answer_decision(actor, &stored, (**call).clone(), approval, events).await
            }
            // It was told before it came here.
            Work::Again(_) => Err(Error::Internal("a run that is there already was begun again".into())),
        }
    }

    /// Takes back what the answer that is replaced has changed, so that nothing is done twice.
    async fn take_back(&self, actor: &Actor, changes: &[Seq], events: &Events) -> Result<()> {
        let (mut undone, mut kept) = (0, 0);
        for seq in changes {
            let _acting = events.acting().await;
            match self.undo(actor, Some(*seq)).await {
                Ok(_) => undone += 1,
                // The person was faster.
                Err(Error::Conflict { code: "already_undone", .. } | Error::NotFound { .. }) => {}
                Err(Error::Conflict { .. } | Error::Scope(_)) => kept += 1,
                Err(error) => return Err(error),
            }
        }
        let text = match (undone, kept) {
            (0, 0) => return Ok(()),
            (_, 0) => "What the earlier answer had changed was taken back first.",
            (0, _) => {
                "What the earlier answer had changed could not be taken back, because it was changed again since."
            }
            _ => {
                "Only a part of what the earlier answer had changed could be taken back: the rest was changed again since."
            }
        };
        events.send(ChatEvent::Notice { text: text.into() });
        Ok(())
    }

    /// Looks after a turn for as long as it is polled; ends when the turn has to.
    async fn watch(&self, actor: &Actor, turn: &Turn, events: &Events) -> Cut {
        let mut news = self.live.subscribe();
        let mut looks = tokio::time::interval_at(tokio::time::Instant::now() + LOOK, LOOK);
        let mut looked = 0;
        loop {
            let told = tokio::select! {
                () = events.due() => self.save(actor, turn, events).await,
                _ = looks.tick() => {
                    looked += 1;
                    if looked % RENEW == 0 { self.save(actor, turn, events).await } else { self.look(actor, turn).await }
                }
                heard = news.recv() => match heard {
                    Ok(News::Run(user, id, RunNews::Stop)) if user == actor.user && id == turn.conversation => {
                        self.look(actor, turn).await
                    }
                    _ => continue,
                },
                () = self.under_way.cut() => {
                    let _between_deeds = events.acting().await;
                    return Cut::Interrupted;
                }
            };
            match told {
                Ok(Some(false)) => {}
                Ok(Some(true)) => {
                    let _between_deeds = events.acting().await;
                    return Cut::Stopped;
                }
                Ok(None) => return Cut::Lost,
                Err(error) => {
                    // The lease outlives a few of these.
                    tracing::warn!(%error, "a turn could not be stored so far; trying again");
                    tokio::time::sleep(LOOK).await;
                }
            }
        }
    }

    /// Whether a turn is to stop, or nothing when it is over.
    async fn look(&self, actor: &Actor, turn: &Turn) -> Result<Option<bool>> {
        Ok(self.store.read().await?.stop_requested(&actor.user, &turn.run.0).await?)
    }

    /// Stores what is new and renews the lease; answers as [`Services::look`] does.
    async fn save(&self, actor: &Actor, turn: &Turn, events: &Events) -> Result<Option<bool>> {
        let unsaved = events.unsaved();
        let now = self.clock.micros();
        let mut conn = self.store.write().await?;
        let Some(stop) = conn.extend_run(&actor.user, &turn.run.0, now + LEASE).await? else { return Ok(None) };
        put(&mut conn, actor, turn, &unsaved, now).await?;
        conn.commit().await?;
        events.saved(unsaved.last);
        if !unsaved.events.is_empty() {
            self.live.publish_run(&actor.user, turn.conversation, RunNews::More);
        }
        Ok(Some(stop))
    }

    fn ending(&self, turn: &Turn, events: &Events, outcome: Outcome) -> Result<End> {
        let json = |value: serde_json::Result<String>| {
            value.map_err(|e| Error::Internal(format!("a conversation's memory: {e}")))
        };
        let kept = (json(serde_json::to_string(&outcome.memory))?, json(serde_json::to_string(&outcome.always))?);
        let noted = events.tokens();
        let reply = ChatReply {
            conversation_id: turn.conversation,
            response: outcome.text.clone(),
            tool_calls: events.calls(),
            message_id: Some(turn.answer),
            status: outcome.status,
        };
        Ok(End {
            status: outcome.status,
            text: outcome.text,
            kept: Some(kept),
            tokens: (outcome.tokens.0.max(noted.0), outcome.tokens.1.max(noted.1)),
            error: outcome.error,
            event: ChatEvent::Done { reply },
        })
    }

    /// Stores everything that is not stored yet and lets the conversation go; false when somebody else has ended the run.
    async fn store_end(&self, actor: &Actor, turn: &Turn, events: &Events, end: &End) -> Result<bool> {
        let (user, id, now) = (&actor.user, turn.conversation, self.clock.micros());
        let unsaved = events.unsaved();
        let mut conn = self.store.write().await?;
        let status = match end.status {
            MessageStatus::Running | MessageStatus::Done => "done",
            MessageStatus::Stopped => "stopped",
            MessageStatus::Interrupted => "interrupted",
            MessageStatus::Failed => "failed",
        };
        if !conn.finish_run(user, &turn.run.0, status, end.error.as_deref(), now, end.tokens).await? {
            return Ok(false);
        }
        put(&mut conn, actor, turn, &unsaved, now).await?;
        if !matches!(end.status, MessageStatus::Done | MessageStatus::Running) {
            // One that was approved, and then not begun or not finished: nobody else will say what became of it.
            conn.break_off_calls(user, id, &super::interrupted::uncertain()).await?;
        }
        let memory = end.kept.as_ref().map(|(memory, _)| memory.as_str());
        conn.end_message(user, turn.answer, &end.text, end.status, memory).await?;
        if let Some((memory, always)) = &end.kept {
            conn.remember(user, id, memory, always, now).await?;
        }
        let more = Use {
            tool_calls: i64::try_from(events.calls().len()).unwrap_or(i64::MAX),
            input_tokens: end.tokens.0,
            output_tokens: end.tokens.1,
        };
        conn.add_chat_use(user, &day(now), more).await?;
        self.live.announce_run(&mut conn, user, id, RunNews::Ended).await?;
        conn.commit().await?;
        events.saved(unsaved.last);
        self.live.publish_run(user, id, RunNews::Ended);
        Ok(true)
    }
}

/// Stores events and calls.
async fn put(conn: &mut Conn, actor: &Actor, turn: &Turn, unsaved: &Unsaved, now: i64) -> Result<()> {
    if !unsaved.events.is_empty() {
        let row = super::attach::row_of(&unsaved.events)?;
        conn.put_events(&actor.user, &turn.run.0, unsaved.last, &row).await?;
    }
    for (place, call) in &unsaved.calls {
        let expires = (call.status == ToolStatus::Pending).then(|| expires(now));
        conn.put_tool_call(&actor.user, turn.conversation, turn.answer, *place, call, now, expires).await?;
    }
    Ok(())
}

/// A turn that did not come to its end: what was said until then stands.
fn broken(events: &Events, status: MessageStatus, error: &Error) -> End {
    End {
        status,
        text: events.text(),
        kept: None,
        tokens: events.tokens(),
        error: Some(error.to_string()),
        event: ChatEvent::Failed { problem: problem::of(error) },
    }
}

fn stopped(turn: &Turn, events: &Events) -> End {
    let mut calls = events.calls();
    // Another server was at work; the same is stored.
    for call in calls.iter_mut().filter(|call| call.status == ToolStatus::Running) {
        call.status = ToolStatus::Failed;
        call.result = serde_json::from_str(&super::interrupted::uncertain()).ok();
    }
    let reply = ChatReply {
        conversation_id: turn.conversation,
        response: events.text(),
        tool_calls: calls,
        message_id: Some(turn.answer),
        status: MessageStatus::Stopped,
    };
    End {
        status: MessageStatus::Stopped,
        text: reply.response.clone(),
        kept: None,
        tokens: events.tokens(),
        error: None,
        event: ChatEvent::Done { reply },
    }
}

/// Whoever ended the run has stored how.
fn lost(events: &Events) {
    let last = events.end(ChatEvent::Failed { problem: problem::of(&Error::Interrupted) });
    events.tell(last);
}
