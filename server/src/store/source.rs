//! An older app's database: found by its address, read in one snapshot, never written to.
//!
//! Every row comes as JSON under names without case and underscores, because the same column is `dueDate` in one app and
//! `due_date` in the next. Deliberately absent: what the columns mean; that is `service::import`'s.

use super::{
    Conn, Error, Held, Result,
    adopt::{self, catalogue::Catalogue, quoted},
    on,
};
use serde_json::{Map, Value};
use sqlx::{
    AssertSqlSafe,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};
use std::{
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

/// How long to wait for the old database.
const PATIENCE: Duration = Duration::from_secs(15);

/// A row of it.
pub type SourceRow = Map<String, Value>;

/// The old database.
#[derive(Debug)]
pub struct Source {
    conn: Conn,
    catalogue: Catalogue,
}

impl Source {
    /// Opens it by an address as the older apps have it in their settings: `postgres://…`, `postgresql+asyncpg://…`,
    /// `sqlite:///file.db`, or the path of a file.
    pub async fn open(address: &str) -> Result<Self> {
        let mut conn = match address.split_once("://") {
            Some((scheme, rest)) if scheme.starts_with("postgres") => server(rest).await?,
            Some((scheme, rest)) if scheme.starts_with("sqlite") || scheme == "file" => file(&path(rest)).await?,
            None => file(Path::new(address)).await?,
            Some((scheme, _)) => {
                return Err(Error::Refused(format!(
                    "the scheme {scheme:?} is not supported: give postgres://user@host/database or a SQLite file"
                )));
            }
        };
        if adopt::is_ours(&mut conn).await? {
            return Err(Error::Refused(
                "this is todo-chatbot's own database, not an older app's: set DATABASE_URL to it instead".into(),
            ));
        }
        let catalogue = Catalogue::read(&mut conn).await?;
        Ok(Self { conn, catalogue })
    }

    /// The names of its tables, as they are.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        self.catalogue.tables.keys().map(String::as_str)
    }

    /// Everything in a table.
    pub async fn rows(&mut self, table: &str) -> Result<Vec<SourceRow>> {
        let columns = self.catalogue.tables.get(table).map(Vec::as_slice).unwrap_or_default();
        let name = quoted(table);
        let sql = if self.catalogue.postgres {
            format!("SELECT to_jsonb(t)::text FROM {name} t")
        } else {
            let pairs: Vec<String> = columns
                .iter()
                .map(|column| {
                    let (key, value) = (column.name.replace('\'', "''"), quoted(&column.name));
                    format!("'{key}', CASE typeof({value}) WHEN 'blob' THEN lower(hex({value})) ELSE {value} END")
                })
                .collect();
            format!("SELECT json_object({}) FROM {name}", pairs.join(", "))
        };
        let rows: Vec<String> = on!(self.conn, |c| sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(c).await)?;
        rows.iter().map(|row| read(table, row)).collect()
    }
}

/// A name without case and underscores.
pub fn plain(name: &str) -> String {
    name.chars().filter(|c| *c != '_').flat_map(char::to_lowercase).collect()
}

fn read(table: &str, row: &str) -> Result<SourceRow> {
    let row: SourceRow = serde_json::from_str(row).map_err(|e| Error::Corrupt {
        place: "the source",
        row: table.to_owned(),
        detail: e.to_string(),
    })?;
    Ok(row.into_iter().map(|(name, value)| (plain(&name), value)).collect())
}

async fn server(rest: &str) -> Result<Conn> {
    let options = PgConnectOptions::from_str(&format!("postgres://{rest}"))?
        .application_name("todo-chatbot import")
        // Poolers that hand a connection around do not know prepared statements.
        .statement_cache_capacity(0);
    let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(PATIENCE).connect_with(options).await?;
    let mut conn =
        Conn::from(Held::PostgresWrite(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?));
    on!(conn, |c| sqlx::raw_sql("SET LOCAL TimeZone = 'UTC'").execute(c).await.map(|_| ()))?;
    Ok(conn)
}

async fn file(path: &Path) -> Result<Conn> {
    if !path.is_file() {
        return Err(Error::Refused(format!("there is no file {}", path.display())));
    }
    let options = SqliteConnectOptions::new().filename(path).read_only(true).foreign_keys(false);
    let pool = SqlitePoolOptions::new().max_connections(1).acquire_timeout(PATIENCE).connect_with(options).await?;
    Ok(Held::SqliteWrite(pool.begin().await?).into())
}

/// SQLAlchemy writes three slashes before a relative path, everybody else before an absolute one.
fn path(rest: &str) -> PathBuf {
    let rest = rest.split('?').next().unwrap_or(rest);
    match rest.strip_prefix('/') {
        Some(relative) if !Path::new(rest).exists() => relative.into(),
        _ => rest.into(),
    }
}
