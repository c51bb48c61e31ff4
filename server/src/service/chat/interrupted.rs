//! Runs whose process has died: whoever notices ends them. What was said until then becomes the answer, what was being
//! done is said to be uncertain, and whoever listens is told.

use super::attach::{events_of, row_of};
use crate::{
    live::RunNews,
    problem,
    service::{Error, Result, Services},
    store::{Conn, chat::StoredRun},
};
use domain::chat::{ChatEvent, MessageStatus};
use serde_json::json;

/// Dead runs ended at a time.
const AT_ONCE: i64 = 200;
/// Rows of events of one run: more than the longest answer has.
const ROWS: i64 = 100_000;

/// What a call answers whose end nobody saw.
pub(super) fn uncertain() -> String {
    let why = "This was cut off while it was being carried out. Look whether it was done.";
    json!({ "error": why, "code": "interrupted" }).to_string()
}

impl Services {
    /// Ends a run whose lease is over, in the caller's transaction; false while it lives, or when somebody was faster.
    pub(super) async fn bury(&self, conn: &mut Conn, run: &StoredRun, now: i64) -> Result<bool> {
        if !conn.bury_run(&run.user, &run.id, now).await? {
            return Ok(false);
        }
        let (mut text, mut last) = (String::new(), 0);
        for (number, row) in conn.events_after(&run.user, &run.id, 0, ROWS).await? {
            let events = events_of(&row)?;
            // A row that was written twice overlaps.
            let known = usize::try_from(last - (number - i64::try_from(events.len()).unwrap_or(0))).unwrap_or(0);
            for event in events.into_iter().skip(known) {
                if let ChatEvent::Delta { text: more } = event {
                    text.push_str(&more);
                }
            }
            last = last.max(number);
        }
        if let Some(message) = run.message {
            conn.end_message(&run.user, message, &text, MessageStatus::Interrupted, None).await?;
        }
        conn.break_off_calls(&run.user, run.conversation, &uncertain()).await?;
        let event = ChatEvent::Failed { problem: problem::of(&Error::Interrupted) };
        conn.put_events(&run.user, &run.id, last + 1, &row_of(&[event])?).await?;
        self.live.announce_run(conn, &run.user, run.conversation, RunNews::Ended).await?;
        Ok(true)
    }

    /// Ends a run whose lease is over.
    pub(super) async fn bury_dead(&self, run: &StoredRun) -> Result<bool> {
        let mut conn = self.store.write().await?;
        let buried = self.bury(&mut conn, run, self.clock.micros()).await?;
        conn.commit().await?;
        if buried {
            tracing::info!(conversation = run.conversation.0, "an answer was interrupted: its process is gone");
            self.live.publish_run(&run.user, run.conversation, RunNews::Ended);
        }
        Ok(buried)
    }

    /// Ends every run whose lease is over and answers how many those were.
    pub(crate) async fn bury_all_dead(&self) -> Result<u64> {
        let dead = self.store.read().await?.dead_runs(self.clock.micros(), AT_ONCE).await?;
        let mut buried = 0;
        for run in dead {
            buried += u64::from(self.bury_dead(&run).await?);
        }
        Ok(buried)
    }
}
