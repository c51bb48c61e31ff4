//! The database: SQLite or PostgreSQL behind one door.
//!
//! [`Store::read`] and [`Store::write`] hand out a [`Conn`]; every query is a method on `Conn`, in one file per resource.
//! A query is one SQL text with `$n` parameters and one chain of binds; the [`on!`] macro runs it on whichever engine is
//! there. Where the dialects differ there are two SQL constants in one [`Sql`]. Only this module knows there are two.
//!
//! Deliberately absent: rules. What may be stored is for `service` to say; ownership, however, is in every WHERE clause.

pub mod account_rows;
pub mod accounts;
mod adopt;
pub mod api_tokens;
pub mod audit;
pub mod better_auth;
pub mod chat;
pub mod chat_use;
mod error;
pub mod export;
pub mod housekeeping;
pub mod idempotency;
pub mod imports;
pub mod jwks;
mod migrate;
pub mod oauth_accounts;
pub mod oauth_clients;
pub mod oauth_grants;
pub mod operations;
pub mod people;
pub mod projects;
pub mod rate_limits;
pub mod search;
pub mod sessions;
pub mod settings;
pub mod source;
pub mod tasks;
pub mod transfer;
pub mod verifications;

pub use error::{Error, Result};
pub use migrate::{MIGRATION_COUNT, Migration, migrations_after, newest_migration};

use crate::{config::Database, telemetry::traces};
use log::LevelFilter;
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, PgPool, Postgres, Sqlite, SqliteConnection,
    SqlitePool, Transaction,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{path::Path, str::FromStr, time::Duration};
use tracing::Span;

/// How long a request waits for a connection before it is told to come back.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// How long SQLite waits for another process's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long PostgreSQL may work on one statement.
const STATEMENT_TIMEOUT_MS: &str = "15000";

/// One text for both engines, or one for each.
#[derive(Clone, Copy, Debug)]
pub struct Sql {
    /// For SQLite.
    pub sqlite: &'static str,
    /// For PostgreSQL.
    pub postgres: &'static str,
}

/// The database this process talks to.
#[derive(Clone, Debug)]
pub enum Store {
    /// One file: one connection writes, many read (WAL).
    Sqlite {
        /// A pool of one: SQLite has one writer at a time, and waiting in our queue is fairer than its busy loop.
        write: SqlitePool,
        /// Readers never wait for the writer.
        read: SqlitePool,
    },
    /// A server.
    Postgres(PgPool),
}

/// A connection, in a transaction when it came from [`Store::write`]. Dropping it without [`Conn::commit`] rolls back.
#[derive(Debug)]
pub struct Conn {
    pub(crate) held: Held,
    /// In a trace: from asking for the connection until it is given back.
    _trace: Span,
}

/// What a [`Conn`] holds.
#[derive(Debug)]
pub(crate) enum Held {
    /// Reading from SQLite.
    SqliteRead(PoolConnection<Sqlite>),
    /// A SQLite transaction that holds the write lock.
    SqliteWrite(Transaction<'static, Sqlite>),
    /// Reading from PostgreSQL.
    PostgresRead(PoolConnection<Postgres>),
    /// A PostgreSQL transaction.
    PostgresWrite(Transaction<'static, Postgres>),
}

/// A connection's engine, borrowed for one query.
pub(crate) enum Engine<'a> {
    Sqlite(&'a mut SqliteConnection),
    Postgres(&'a mut PgConnection),
}

/// Runs the same expression on either engine: `on!(conn, |c| sqlx::query(SQL).bind(x).execute(c).await)`.
macro_rules! on {
    ($conn:expr, |$c:ident| $body:expr) => {
        match $conn.engine() {
            $crate::store::Engine::Sqlite($c) => $body,
            $crate::store::Engine::Postgres($c) => $body,
        }
    };
}
pub(crate) use on;

impl Conn {
    pub(crate) fn engine(&mut self) -> Engine<'_> {
        match &mut self.held {
            Held::SqliteRead(c) => Engine::Sqlite(c),
            Held::SqliteWrite(c) => Engine::Sqlite(c),
            Held::PostgresRead(c) => Engine::Postgres(c),
            Held::PostgresWrite(c) => Engine::Postgres(c),
        }
    }

    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self.held, Held::PostgresRead(_) | Held::PostgresWrite(_))
    }

    /// The text for this connection's engine.
    pub(crate) fn pick(&self, sql: &Sql) -> &'static str {
        if self.is_postgres() { sql.postgres } else { sql.sqlite }
    }

    /// Makes everything since [`Store::write`] permanent. A connection that only read has nothing to commit.
    pub async fn commit(self) -> Result<()> {
        match self.held {
            Held::SqliteWrite(tx) => tx.commit().await?,
            Held::PostgresWrite(tx) => tx.commit().await?,
            Held::SqliteRead(_) | Held::PostgresRead(_) => {}
        }
        Ok(())
    }
}

impl From<Held> for Conn {
    /// Outside of any trace: what is done once, and not for a request.
    fn from(held: Held) -> Self {
        Self { held, _trace: Span::none() }
    }
}

impl Store {
    /// Opens the pools without migrating. SQLite's folder and file are made when missing; PostgreSQL is not contacted yet,
    /// so that the server can start before its database.
    pub async fn open(database: &Database, pool_size: u32) -> Result<Self> {
        Self::open_watched(database, pool_size, Duration::ZERO).await
    }

    /// The same; statements that take longer than `slow` are logged without their values, unless it is zero.
    pub async fn open_watched(database: &Database, pool_size: u32, slow: Duration) -> Result<Self> {
        let level = if slow.is_zero() { LevelFilter::Off } else { LevelFilter::Warn };
        match database {
            Database::Sqlite(path) => {
                if let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
                    tokio::fs::create_dir_all(folder).await.map_err(|e| {
                        Error::Unavailable(format!("the folder {} cannot be made: {e}", folder.display()))
                    })?;
                }
                look_first(path).await?;
                let options = SqliteConnectOptions::new()
                    .filename(path)
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Normal)
                    .foreign_keys(true)
                    .busy_timeout(BUSY_TIMEOUT)
                    .optimize_on_close(true, 400)
                    .log_statements(LevelFilter::Off)
                    .log_slow_statements(level, slow);
                let write = SqlitePoolOptions::new()
                    .max_connections(1)
                    .acquire_timeout(BUSY_TIMEOUT)
                    .test_before_acquire(false)
                    // SQLite ends a transaction by itself when the disk is full or fails. The driver does not notice and
                    // would refuse every later one, so such a connection makes way for a new one.
                    .after_release(|conn, _| Box::pin(std::future::ready(Ok(!conn.is_in_transaction()))))
                    .connect_with(options.clone())
                    .await?;
                let read = SqlitePoolOptions::new()
                    .max_connections(pool_size.min(8))
                    .acquire_timeout(ACQUIRE_TIMEOUT)
                    .test_before_acquire(false)
                    .connect_lazy_with(options.read_only(true).optimize_on_close(false, None));
                Ok(Self::Sqlite { write, read })
            }
            Database::Postgres(url) => {
                let options = PgConnectOptions::from_str(url.expose())?
                    .application_name("todo-chatbot")
                    .options([("statement_timeout", STATEMENT_TIMEOUT_MS)])
                    .log_statements(LevelFilter::Off)
                    .log_slow_statements(level, slow);
                let pool = PgPoolOptions::new()
                    .max_connections(pool_size)
                    .acquire_timeout(ACQUIRE_TIMEOUT)
                    .connect_lazy_with(options);
                Ok(Self::Postgres(pool))
            }
        }
    }

    /// A connection for reading.
    pub async fn read(&self) -> Result<Conn> {
        let trace = self.trace("read");
        let held = match self {
            Self::Sqlite { read, .. } => Held::SqliteRead(read.acquire().await?),
            Self::Postgres(pool) => Held::PostgresRead(pool.acquire().await?),
        };
        Ok(Conn { held, _trace: trace })
    }

    /// A transaction. On SQLite it takes the write lock at once (BEGIN IMMEDIATE), so it can never fail half-way for it.
    pub async fn write(&self) -> Result<Conn> {
        let trace = self.trace("transaction");
        let held = match self {
            Self::Sqlite { write, .. } => Held::SqliteWrite(write.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(pool) => Held::PostgresWrite(pool.begin().await?),
        };
        Ok(Conn { held, _trace: trace })
    }

    fn trace(&self, what: &'static str) -> Span {
        let system = match self {
            Self::Sqlite { .. } => "sqlite",
            Self::Postgres(_) => "postgresql",
        };
        tracing::info_span!(
            target: traces::TARGET,
            "database",
            otel.kind = "client",
            otel.name = what,
            db.system.name = system,
        )
    }

    /// Connections that are open, and how many of them are idle.
    pub fn connections(&self) -> (u32, u32) {
        let idle = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        match self {
            Self::Sqlite { write, read } => (write.size() + read.size(), idle(write.num_idle() + read.num_idle())),
            Self::Postgres(pool) => (pool.size(), idle(pool.num_idle())),
        }
    }

    /// Asks the database for a sign of life.
    pub async fn ping(&self) -> Result<()> {
        let mut conn = self.read().await?;
        on!(conn, |c| sqlx::query("SELECT 1").execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// What time a database that several machines share says it is, in microseconds; none for a file, which has no clock.
    pub async fn time(&self) -> Result<Option<i64>> {
        const NOW: &str = "SELECT cast(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)";
        let mut conn = self.read().await?;
        if !conn.is_postgres() {
            return Ok(None);
        }
        Ok(Some(on!(conn, |c| sqlx::query_scalar(NOW).fetch_one(c).await)?))
    }

    /// Closes every connection; SQLite folds its write-ahead log into the file.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { write, read } => {
                read.close().await;
                write.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }

    /// The PostgreSQL pool, for `LISTEN`, when there is one.
    pub fn notifications(&self) -> Option<&PgPool> {
        match self {
            Self::Postgres(pool) => Some(pool),
            Self::Sqlite { .. } => None,
        }
    }
}

/// Refuses another program's SQLite file before anything is written: already opening it for writing changes it.
async fn look_first(path: &Path) -> Result<()> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true);
    // What is not there yet, or cannot be read, is for the opening itself to say.
    let Ok(pool) = SqlitePoolOptions::new().max_connections(1).connect_with(options).await else { return Ok(()) };
    let checked = async { migrate::check(&mut Held::SqliteRead(pool.acquire().await?).into()).await }.await;
    pool.close().await;
    match checked {
        Err(refused @ Error::Refused(_)) => Err(refused),
        _ => Ok(()),
    }
}

/// A value bound to a query that is put together at run time.
#[derive(Clone, Debug)]
pub(crate) enum Arg {
    Text(String),
    Int(i64),
}

/// SQL put together from constant pieces and `$n`; values only ever go in as [`Arg`]s.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    sql: String,
    args: Vec<Arg>,
}

impl Builder {
    pub(crate) fn push(&mut self, piece: &'static str) -> &mut Self {
        self.sql.push_str(piece);
        self
    }

    pub(crate) fn bind(&mut self, arg: Arg) -> &mut Self {
        self.args.push(arg);
        self.sql.push_str(&format!("${}", self.args.len()));
        self
    }

    /// `($1, $2, …)`
    pub(crate) fn list(&mut self, args: impl IntoIterator<Item = Arg>) -> &mut Self {
        self.push("(");
        for (i, arg) in args.into_iter().enumerate() {
            if i > 0 {
                self.push(", ");
            }
            self.bind(arg);
        }
        self.push(")")
    }

    pub(crate) fn text(&self) -> AssertSqlSafe<String> {
        AssertSqlSafe(self.sql.clone())
    }

    pub(crate) fn args(&self) -> &[Arg] {
        &self.args
    }
}

/// Runs a [`Builder`] and collects its rows.
macro_rules! fetch_built {
    ($conn:expr, $row:ty, $builder:expr) => {{
        let builder = &$builder;
        $crate::store::on!($conn, |c| {
            let mut query = sqlx::query_as::<_, $row>(builder.text());
            for arg in builder.args() {
                query = match arg {
                    $crate::store::Arg::Text(text) => query.bind(text.as_str()),
                    $crate::store::Arg::Int(n) => query.bind(*n),
                };
            }
            query.fetch_all(c).await
        })
    }};
}
pub(crate) use fetch_built;
