//! The turns of this process: how many there are, and when they have to end because the process does.

use std::{sync::Arc, time::Duration};
use tokio::sync::watch;

/// How long turns that were cut may take to store what they have.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Counts turns and ends them. Cheap to clone.
#[derive(Clone, Debug)]
pub struct UnderWay(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    count: watch::Sender<usize>,
    cut: watch::Sender<bool>,
}

impl Default for UnderWay {
    fn default() -> Self {
        Self(Arc::new(Inner { count: watch::Sender::new(0), cut: watch::Sender::new(false) }))
    }
}

/// A turn counts for as long as this is held.
#[derive(Debug)]
pub struct Counted(UnderWay);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.0.count.send_modify(|n| *n = n.saturating_sub(1));
    }
}

impl UnderWay {
    /// Counts a turn.
    pub fn begin(&self) -> Counted {
        self.0.count.send_modify(|n| *n += 1);
        Counted(self.clone())
    }

    /// How many there are now.
    pub fn count(&self) -> usize {
        *self.0.count.borrow()
    }

    /// Ends when turns have to end.
    pub async fn cut(&self) {
        // We hold the sender.
        let _ = self.0.cut.subscribe().wait_for(|cut| *cut).await;
    }

    /// Waits for the turns under way, for at most that long; then cuts the rest and waits until they are stored.
    pub async fn finish(&self, patience: Duration) {
        let mut count = self.0.count.subscribe();
        let cut = tokio::time::timeout(patience, count.wait_for(|n| *n == 0)).await.is_err();
        if cut {
            tracing::info!(turns = self.count(), "interrupting answers that are still written");
        }
        self.0.cut.send_replace(true);
        if tokio::time::timeout(LAST_WORDS, count.wait_for(|n| *n == 0)).await.is_err() {
            tracing::warn!("some answers could not be stored; they are interrupted when their lease ends");
        }
    }
}
