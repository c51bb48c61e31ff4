//! Listening to a run by its stored events, in whichever process it goes on: first what is stored, then what is added,
//! until its end. A listener is woken by news and looks by itself when none come.

use super::no_conversation;
use crate::{
    actor::Actor,
    agent::Numbered,
    live::{Live, News},
    problem,
    service::{Error, Result, Services},
    store::chat::StoredRun,
};
use domain::{
    chat::{ChatEvent, ChatReply, RunId},
    id::ConversationId,
};
use serde_json::Value;
use std::{collections::VecDeque, time::Duration};
use tokio::sync::{broadcast, mpsc};

/// How often a listener looks for more by itself: what another process stores is told to nobody.
const LOOK: Duration = Duration::from_millis(300);
/// Rows read at a time.
const ROWS: i64 = 50;

/// The last event somebody has seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// In which run.
    pub run: String,
    /// Its number.
    pub number: i64,
}

impl Seen {
    /// Reads `RUN.NUMBER`.
    pub fn parse(text: &str) -> Option<Self> {
        let (run, number) = text.rsplit_once('.')?;
        let sane = (1..=64).contains(&run.len()) && run.bytes().all(|b| b.is_ascii_alphanumeric());
        let number = number.parse().ok().filter(|n| *n >= 0)?;
        sane.then(|| Self { run: run.to_owned(), number })
    }
}

/// A listener of one run.
#[derive(Debug)]
pub struct Following {
    /// Names the run.
    pub run: RunId,
    services: Services,
    stored: StoredRun,
    /// The last number that was handed out.
    last: i64,
    waiting: VecDeque<Numbered>,
    over: bool,
    news: broadcast::Receiver<News>,
}

impl Services {
    /// Listens to the run of a conversation: to the one somebody has seen a part of when there is more of it, otherwise to
    /// the one that goes on now. Nothing when there is neither.
    pub async fn attach(&self, actor: &Actor, id: ConversationId, seen: Option<Seen>) -> Result<Option<Following>> {
        // Before the first look, so that nothing is missed between the two.
        let news = Live::subscribe(&self.live);
        let user = &actor.user;
        let mut conn = self.store.read().await?;
        conn.conversation(user, id).await?.ok_or_else(|| no_conversation(id))?;
        if let Some(seen) = seen
            && let Some(run) = conn.run(user, &seen.run).await?.filter(|run| run.conversation == id)
            && (run.running || !conn.events_after(user, &run.id, seen.number, 1).await?.is_empty())
        {
            return Ok(Some(self.following(run, seen.number, news)));
        }
        Ok(conn.running_run(user, id).await?.map(|run| self.following(run, 0, news)))
    }

    /// What a run that has begun before tells, from its first event on; when that is forgotten, how it ended.
    pub(super) fn told_again(&self, run: StoredRun) -> mpsc::UnboundedReceiver<Numbered> {
        let (sender, receiver) = mpsc::unbounded_channel();
        let services = self.clone();
        tokio::spawn(async move {
            let news = Live::subscribe(&services.live);
            let mut following = services.following(run.clone(), 0, news);
            while let Some(next) = following.next().await {
                if sender.send(next).is_err() {
                    return;
                }
            }
            if following.last == 0 {
                let event = match services.ended(&run).await {
                    Ok(reply) => ChatEvent::Done { reply },
                    Err(error) => ChatEvent::Failed { problem: problem::of(&error) },
                };
                // An error only means that nobody listens any more.
                let _ = sender.send(Numbered { number: 1, event });
            }
        });
        receiver
    }

    /// The answer a run has written.
    async fn ended(&self, run: &StoredRun) -> Result<ChatReply> {
        let (user, id) = (&run.user, run.conversation);
        let missing = || Error::Internal("a run without its answer".into());
        let answer = run.message.ok_or_else(missing)?;
        let mut conn = self.store.read().await?;
        let message = conn.message(user, id, answer).await?.ok_or_else(missing)?;
        let calls = conn.calls_since(user, id, answer).await?;
        Ok(ChatReply {
            conversation_id: id,
            response: message.content,
            tool_calls: calls.into_iter().filter(|c| c.message == answer).map(|c| c.call).collect(),
            message_id: Some(answer),
            status: message.status,
        })
    }

    fn following(&self, stored: StoredRun, last: i64, news: broadcast::Receiver<News>) -> Following {
        let run = RunId(stored.id.clone());
        Following { run, services: self.clone(), stored, last, waiting: VecDeque::new(), over: false, news }
    }
}

impl Following {
    /// The next event; nothing after the last one, or when this process ends.
    pub async fn next(&mut self) -> Option<Numbered> {
        loop {
            if let Some(next) = self.waiting.pop_front() {
                self.last = next.number;
                self.over = matches!(next.event, ChatEvent::Done { .. } | ChatEvent::Failed { .. });
                return Some(next);
            }
            if self.over {
                return None;
            }
            match self.look().await {
                Ok(true) => {}
                Ok(false) => self.wait().await?,
                Err(error) => {
                    // Whoever listens comes back with the last number.
                    tracing::warn!(%error, "the events of a run could not be read");
                    return None;
                }
            }
        }
    }

    /// Reads what is new; false when there is nothing yet.
    async fn look(&mut self) -> Result<bool> {
        let (user, now) = (&self.stored.user, self.services.clock.micros());
        let mut conn = self.services.store.read().await?;
        // The state first: events that are stored together with the end are then there too.
        let run = conn.run(user, &self.stored.id).await?;
        let rows = conn.events_after(user, &self.stored.id, self.last, ROWS).await?;
        drop(conn);
        let mut last = self.last;
        for (number, row) in &rows {
            let events = events_of(row)?;
            let first = number - i64::try_from(events.len()).unwrap_or(0) + 1;
            // A row that was written twice overlaps.
            let new = (first..).zip(events).filter(|(number, _)| *number > last);
            self.waiting.extend(new.map(|(number, event)| Numbered { number, event }));
            last = last.max(*number);
        }
        match run {
            _ if !rows.is_empty() => Ok(true),
            Some(run) if run.running && run.lease_until < now => self.services.bury_dead(&run).await,
            Some(run) if run.running => Ok(false),
            // It is over, and there is nothing more of it.
            _ => {
                self.over = true;
                Ok(true)
            }
        }
    }

    /// Ends when there may be more; nothing when this process ends.
    async fn wait(&mut self) -> Option<()> {
        let told = async {
            loop {
                match self.news.recv().await {
                    Ok(News::Run(user, id, _)) if user == self.stored.user && id == self.stored.conversation => return,
                    Ok(News::Changed(..) | News::Run(..)) => {}
                    Ok(News::Missed) | Err(_) => return,
                }
            }
        };
        tokio::select! {
            () = told => Some(()),
            () = tokio::time::sleep(LOOK) => Some(()),
            () = self.services.under_way.cut() => {
                // Our own turns end now too; their last words are still told.
                (self.services.under_way.count() > 0).then_some(())?;
                tokio::time::sleep(LOOK / 10).await;
                Some(())
            }
        }
    }
}

/// Events as one row: a piece of text is a string, everything else an object.
pub(super) fn row_of(events: &[ChatEvent]) -> Result<String> {
    let bad = |e: serde_json::Error| Error::Internal(format!("an event as JSON: {e}"));
    let values: serde_json::Result<Vec<Value>> = events
        .iter()
        .map(|event| match event {
            ChatEvent::Delta { text } => Ok(Value::String(text.clone())),
            other => serde_json::to_value(other),
        })
        .collect();
    serde_json::to_string(&values.map_err(bad)?).map_err(bad)
}

/// The events of a row.
pub(super) fn events_of(row: &str) -> Result<Vec<ChatEvent>> {
    let bad = |e: serde_json::Error| Error::Internal(format!("a stored event: {e}"));
    let values: Vec<Value> = serde_json::from_str(row).map_err(bad)?;
    values
        .into_iter()
        .map(|value| match value {
            Value::String(text) => Ok(ChatEvent::Delta { text }),
            other => serde_json::from_value(other).map_err(bad),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_and_nonsense_is_not() {
        assert_eq!(Seen::parse("aB3.12"), Some(Seen { run: "aB3".into(), number: 12 }));
        for bad in ["", ".", "a", "a.", ".1", "a.-1", "a.x", "a b.1", "a.1.", "a.99999999999999999999"] {
            assert_eq!(Seen::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn events_survive_their_row() {
        let events = vec![
            ChatEvent::Delta { text: "a \"b\"\n".into() },
            ChatEvent::Notice { text: "n".into() },
            ChatEvent::Delta { text: "🥛".into() },
        ];
        let row = row_of(&events).expect("writes");
        assert_eq!(events_of(&row).expect("reads"), events);
    }
}
