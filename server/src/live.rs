//! Who hears of changes: a broadcast inside this process, `LISTEN/NOTIFY` between processes on PostgreSQL.
//!
//! Only `(user, seq)` travels; who missed something asks `changes?since=`. Deliberately absent: the changes themselves.

use crate::store::{Conn, Result, Store, on};
use domain::id::{Seq, UserId};
use std::time::Duration;
use tokio::sync::broadcast;

const CHANNEL: &str = "todo_chatbot_changes";

/// What a listener hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// Somebody's log has grown to there.
    Changed(UserId, Seq),
    /// Anybody's log may have grown unheard: look yourself.
    Missed,
}

/// The process's loudspeaker. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Live(broadcast::Sender<News>);

impl Default for Live {
    fn default() -> Self {
        // A listener that falls 1024 events behind is told so and asks for everything since.
        Self(broadcast::channel(1024).0)
    }
}

impl Live {
    /// Hears every user's changes from now on; the caller picks its own.
    pub fn subscribe(&self) -> broadcast::Receiver<News> {
        self.0.subscribe()
    }

    /// Tells this process.
    pub fn publish(&self, user: &UserId, seq: Seq) {
        // An error only means that nobody listens.
        let _ = self.0.send(News::Changed(user.clone(), seq));
    }

    /// Tells the other processes, at the commit of `conn`.
    pub async fn announce(&self, conn: &mut Conn, user: &UserId, seq: Seq) -> Result<()> {
        if conn.is_postgres() {
            let payload = format!("{seq} {user}");
            on!(conn, |c| sqlx::query("SELECT pg_notify($1, $2)")
                .bind(CHANNEL)
                .bind(payload)
                .execute(c)
                .await
                .map(|_| ()))?;
        }
        Ok(())
    }

    /// Passes on what other processes announce, for as long as the process lives; reconnects when the database went away.
    pub async fn listen(self, store: Store) {
        let Some(pool) = store.notifications() else { return };
        loop {
            if let Err(error) = self.listen_once(pool).await {
                tracing::warn!(error = %error, "live updates from other processes are interrupted; trying again");
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
            if pool.is_closed() {
                return;
            }
        }
    }

    async fn listen_once(&self, pool: &sqlx::PgPool) -> std::result::Result<(), sqlx::Error> {
        let mut listener = sqlx::postgres::PgListener::connect_with(pool).await?;
        listener.listen(CHANNEL).await?;
        // What was announced while nobody listened is not announced again.
        let _ = self.0.send(News::Missed);
        while let Some(notification) = listener.try_recv().await? {
            if let Some((seq, user)) = notification.payload().split_once(' ')
                && let Ok(seq) = seq.parse()
            {
                self.publish(&UserId(user.to_owned()), Seq(seq));
            }
        }
        Ok(())
    }
}
