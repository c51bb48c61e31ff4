//! A database in one file, as `backup` writes it and `restore` reads it: made in one go, and looked through before anybody
//! relies on it.

use super::{Moved, counts};
use crate::{
    files::beside,
    store::{Conn, Error, Held, Result, Store, migrate::newest_migration, on},
};
use sqlx::{
    Connection as _, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions},
};
use std::{path::Path, time::Duration};

/// What was found in a file that is whole.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The schema it has.
    pub schema: i64,
    /// Its tables.
    pub tables: Vec<Moved>,
}

impl Checked {
    /// Rows of a table.
    pub fn rows(&self, table: &str) -> u64 {
        self.tables.iter().find(|moved| moved.table == table).map_or(0, |moved| moved.rows)
    }
}

/// Opens a file for reading and looks through all of it. The refusal says what is wrong.
pub async fn check_file(path: &Path) -> Result<Checked> {
    if !path.is_file() {
        return Err(Error::Refused(format!("there is no file {}", path.display())));
    }
    let refuse = |why: String| Error::Refused(format!("{} is no backup that can be used: {why}", path.display()));
    if std::fs::metadata(beside(path, "-wal")).is_ok_and(|file| file.len() > 0) {
        return Err(refuse(
            "a part of it is in the -wal file beside it, as with a database that is in use or was cut off: \
             run `todo-chatbot backup` on it (DATABASE_URL=sqlite://FILE) and restore that"
                .into(),
        ));
    }
    let options = SqliteConnectOptions::new().filename(path).read_only(true).immutable(true);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await;
    let pool = pool.map_err(|e| refuse(e.to_string()))?;
    let checked = async {
        let mut conn = Conn::from(Held::SqliteRead(pool.acquire().await?));
        look(&mut conn).await
    }
    .await;
    pool.close().await;
    checked?.map_err(refuse)
}

/// What is in there, or what is wrong with it.
async fn look(conn: &mut Conn) -> Result<Result<Checked, String>> {
    const INTEGRITY: &str = "PRAGMA integrity_check(3)";
    const LOST: &str = "SELECT count(*) FROM pragma_foreign_key_check";
    const SCHEMA: &str = "SELECT max(number) FROM schema_migrations";
    let found: Vec<String> = match on!(conn, |c| sqlx::query_scalar(INTEGRITY).fetch_all(c).await) {
        Ok(found) => found,
        Err(error) => return Ok(Err(format!("it cannot be read ({error})"))),
    };
    if found != ["ok"] {
        return Ok(Err(found.join("; ").replace('\n', " ")));
    }
    let lost: i64 = on!(conn, |c| sqlx::query_scalar(LOST).fetch_one(c).await)?;
    if lost > 0 {
        return Ok(Err(format!("{lost} rows belong to rows that are not there")));
    }
    let schema: Result<Option<i64>, _> = on!(conn, |c| sqlx::query_scalar(SCHEMA).fetch_one(c).await);
    let ours = newest_migration();
    Ok(match schema {
        Err(_) | Ok(None) => Err("it is another program’s database".into()),
        Ok(Some(schema)) if schema > ours => {
            Err(format!("its schema {schema} is newer than this program’s {ours}: use the newer program"))
        }
        Ok(Some(schema)) => Ok(Checked { schema, tables: counts(conn).await? }),
    })
}

impl Store {
    /// What SQLite finds wrong with its file when it looks through it quickly; PostgreSQL looks after its own.
    pub async fn damage(&self) -> Result<Option<String>> {
        const QUICK: &str = "PRAGMA quick_check(1)";
        let mut conn = self.read().await?;
        if conn.is_postgres() {
            return self.ping().await.map(|()| None);
        }
        let said: String = on!(conn, |c| sqlx::query_scalar(QUICK).fetch_one(c).await)?;
        Ok(Some(said.replace('\n', " ")).filter(|said| said != "ok"))
    }

    /// Writes everything as it is now into a new SQLite file, while others go on writing.
    ///
    /// `VACUUM INTO` reads in one snapshot, and unlike the page by page copy of SQLite's backup interface it never begins
    /// anew when somebody writes.
    pub async fn vacuum_into(&self, file: &Path) -> Result<()> {
        let Self::Sqlite { write, .. } = self else {
            return Err(Error::Refused("this is done by SQLite only".into()));
        };
        let name = file.to_str().ok_or_else(|| Error::Refused(format!("{} is no text", file.display())))?;
        // A connection of its own: the one that writes is needed by others meanwhile.
        let mut conn = SqliteConnection::connect_with(&write.connect_options()).await?;
        sqlx::query("VACUUM INTO $1").bind(name).execute(&mut conn).await?;
        conn.close().await?;
        Ok(())
    }
}

/// Makes a database one file that can be moved: nothing of it stands beside it any more. Fails while a program has it open.
pub async fn settle(path: &Path) -> Result<()> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(Duration::from_millis(500))
        .journal_mode(SqliteJournalMode::Delete);
    let opened = SqliteConnection::connect_with(&options).await.map_err(Error::from);
    let in_use = |error| match error {
        Error::Unavailable(_) => Error::Refused(format!("{} is in use: stop the server first", path.display())),
        other => other,
    };
    opened.map_err(in_use)?.close().await?;
    Ok(())
}
