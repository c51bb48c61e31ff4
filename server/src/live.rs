//! Who hears of changes: a broadcast inside this process, `LISTEN/NOTIFY` between processes on PostgreSQL.
//!
//! Only `(user, seq)` travels, and which conversation is being answered; who missed something asks `changes?since=`.
//! Deliberately absent: the changes themselves.

use crate::store::{Conn, Result, Store, on};
use domain::id::{ConversationId, Seq, UserId};
use std::time::Duration;
use tokio::sync::broadcast;

const CHANNEL: &str = "todo_chatbot_changes";
const RUNS: &str = "todo_chatbot_runs";

/// What has happened to the run of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunNews {
    /// It has begun.
    Begun,
    /// More of it is stored. Told in this process only: others look by themselves.
    More,
    /// It is to stop.
    Stop,
    /// It is over.
    Ended,
}

impl RunNews {
    fn word(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::More => "more",
            Self::Stop => "stop",
            Self::Ended => "ended",
        }
    }

    fn of(word: &str) -> Option<Self> {
        [Self::Begun, Self::More, Self::Stop, Self::Ended].into_iter().find(|news| news.word() == word)
    }
}

/// What a listener hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// Somebody's log has grown to there.
    Changed(UserId, Seq),
    /// Something has happened to the run of somebody's conversation.
    Run(UserId, ConversationId, RunNews),
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

    /// Tells this process of a run.
    pub fn publish_run(&self, user: &UserId, conversation: ConversationId, news: RunNews) {
        // An error only means that nobody listens.
        let _ = self.0.send(News::Run(user.clone(), conversation, news));
    }

    /// Tells the other processes, at the commit of `conn`.
    pub async fn announce(&self, conn: &mut Conn, user: &UserId, seq: Seq) -> Result<()> {
        notify(conn, CHANNEL, format!("{seq} {user}")).await
    }

    /// Tells the other processes of a run, at the commit of `conn`.
    pub async fn announce_run(
        &self,
        conn: &mut Conn,
        user: &UserId,
        conversation: ConversationId,
        news: RunNews,
    ) -> Result<()> {
        notify(conn, RUNS, format!("{} {conversation} {user}", news.word())).await
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
        listener.listen_all([CHANNEL, RUNS]).await?;
        // What was announced while nobody listened is not announced again.
        let _ = self.0.send(News::Missed);
        while let Some(notification) = listener.try_recv().await? {
            match notification.channel() {
                CHANNEL => {
                    if let Some((seq, user)) = notification.payload().split_once(' ')
                        && let Ok(seq) = seq.parse()
                    {
                        self.publish(&UserId(user.to_owned()), Seq(seq));
                    }
                }
                _ => {
                    if let Some((user, conversation, news)) = run_news(notification.payload()) {
                        self.publish_run(&user, conversation, news);
                    }
                }
            }
        }
        Ok(())
    }
}

async fn notify(conn: &mut Conn, channel: &str, payload: String) -> Result<()> {
    if conn.is_postgres() {
        on!(conn, |c| sqlx::query("SELECT pg_notify($1, $2)")
            .bind(channel)
            .bind(payload)
            .execute(c)
            .await
            .map(|_| ()))?;
    }
    Ok(())
}

/// What another process has said of a run: a word, the conversation and whose it is.
fn run_news(payload: &str) -> Option<(UserId, ConversationId, RunNews)> {
    let mut words = payload.splitn(3, ' ');
    let (news, conversation, user) = (words.next()?, words.next()?, words.next()?);
    Some((UserId(user.to_owned()), ConversationId(conversation.parse().ok()?), RunNews::of(news)?))
}
