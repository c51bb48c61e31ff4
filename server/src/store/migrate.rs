//! Brings the schema up to date: the SQL files of `migrations/`, each once, in the order of their numbers.
//!
//! One process migrates at a time: PostgreSQL by an advisory lock, SQLite by the write lock. Each migration is one
//! transaction together with its entry in `schema_migrations`, so a crash leaves it done or not done. A database that
//! another program made is taken over in the transaction of the first ([`adopt`]).

use super::{Conn, Error, Result, Store, adopt};
use sqlx::AssertSqlSafe;

/// One step of the schema.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Its place in the order.
    pub number: i64,
    /// What it is about.
    pub name: &'static str,
    pub(super) sqlite: &'static str,
    pub(super) postgres: &'static str,
}

macro_rules! migrations {
    ($(($number:literal, $name:literal)),+ $(,)?) => {
        &[$(Migration {
            number: $number,
            name: $name,
            sqlite: include_str!(concat!("../../../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../../../migrations/postgres/", $name, ".sql")),
        }),+]
    };
}

/// Every step there is.
pub const MIGRATIONS: &[Migration] =
    migrations![(1, "0001_init"), (5, "0005_imports"), (6, "0006_chat"), (7, "0007_oauth")];

/// The number of the last step.
pub fn newest_migration() -> i64 {
    MIGRATIONS.last().map_or(0, |migration| migration.number)
}

/// The steps that come after a schema's number.
pub fn migrations_after(number: i64) -> impl Iterator<Item = &'static Migration> {
    MIGRATIONS.iter().filter(move |migration| migration.number > number)
}

/// How many steps there are.
pub const MIGRATION_COUNT: usize = MIGRATIONS.len();

/// Any number will do, as long as every version of this program uses the same.
pub(super) const ADVISORY_LOCK: i64 = 0x746f_646f_6368_6174;

const LEDGER: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (number bigint NOT NULL PRIMARY KEY, name text NOT NULL, at bigint NOT NULL)";
const NEWEST: &str = "SELECT coalesce(max(number), 0) FROM schema_migrations";
const DONE: &str = "INSERT INTO schema_migrations (number, name, at) VALUES ($1, $2, $3)";

/// The tables that the migrations make and that must not be there before.
fn made_anew() -> Vec<&'static str> {
    let made =
        |line: &'static str| line.strip_prefix("CREATE TABLE ").filter(|rest| !rest.starts_with("IF NOT EXISTS"));
    let lines = MIGRATIONS.iter().flat_map(|migration| migration.sqlite.lines());
    lines
        .filter_map(made)
        .filter_map(|rest| rest.split([' ', '(']).next())
        .chain(["task_search", "schema_migrations"])
        .collect()
}

/// Says what stands against this program's using a database, without changing anything.
pub(super) async fn check(conn: &mut Conn) -> Result<()> {
    adopt::check(conn, &made_anew()).await
}

impl Store {
    /// Carries out what is missing and answers the names of what it did.
    pub async fn migrate(&self, now_micros: i64) -> Result<Vec<&'static str>> {
        let mut did = Vec::new();
        // A transaction for each step; the lock is taken in each, and the newest number read under it.
        loop {
            let Some(next) = self.migrate_one(now_micros).await? else { return Ok(did) };
            did.push(next.name);
        }
    }

    async fn migrate_one(&self, now_micros: i64) -> Result<Option<Migration>> {
        let mut conn = self.write().await?;
        if conn.is_postgres() {
            super::on!(conn, |c| sqlx::query("SELECT pg_advisory_xact_lock($1)")
                .bind(ADVISORY_LOCK)
                .execute(c)
                .await
                .map(|_| ()))?;
        }
        adopt::adopt(&mut conn, &made_anew(), now_micros).await?;
        super::on!(conn, |c| sqlx::query(LEDGER).execute(c).await.map(|_| ()))?;
        let newest: i64 = super::on!(conn, |c| sqlx::query_scalar(NEWEST).fetch_one(c).await)?;
        if newest > newest_migration() {
            return Err(Error::Unavailable(format!(
                "the database has schema {newest}, which is newer than this program's {}: run the newer program",
                newest_migration()
            )));
        }
        let Some(next) = MIGRATIONS.iter().find(|m| m.number > newest).copied() else {
            conn.commit().await?;
            return Ok(None);
        };
        let text = if conn.is_postgres() { next.postgres } else { next.sqlite };
        super::on!(conn, |c| sqlx::raw_sql(AssertSqlSafe(text)).execute(c).await.map(|_| ()))?;
        super::on!(conn, |c| sqlx::query(DONE)
            .bind(next.number)
            .bind(next.name)
            .bind(now_micros)
            .execute(c)
            .await
            .map(|_| ()))?;
        conn.commit().await?;
        Ok(Some(next))
    }

    /// The schema of a database that holds something and is not today's yet; 0 when another program made it.
    pub async fn behind(&self) -> Result<Option<i64>> {
        let mut conn = self.read().await?;
        let number: i64 = if adopt::is_ours(&mut conn).await? {
            super::on!(conn, |c| sqlx::query_scalar(NEWEST).fetch_one(c).await)?
        } else if adopt::catalogue::Catalogue::read(&mut conn).await?.tables.is_empty() {
            return Ok(None);
        } else {
            0
        };
        Ok(Some(number).filter(|number| *number < newest_migration()))
    }

    /// The newest step that was carried out; 0 for an empty database.
    pub async fn schema_number(&self) -> Result<i64> {
        let mut conn = self.read().await?;
        Ok(super::on!(conn, |c| sqlx::query_scalar(NEWEST).fetch_one(c).await)?)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_tables_made_anew_are_read_from_the_migrations() {
        let made = super::made_anew();
        assert!(["tasks", "conversations", "settings", "jobs"].iter().all(|name| made.contains(name)), "{made:?}");
        assert!(["user", "\"user\"", "session"].iter().all(|name| !made.contains(name)), "{made:?}");
    }
}
