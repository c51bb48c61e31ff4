//! Everything of one database into another of this schema, row by row: what `copy`, `backup` and `restore` are made of.
//!
//! Both engines carry the same tables and columns, so a row travels as JSON texts and each engine casts them to its own
//! types; nothing here names a table's columns. It is read in one snapshot and written in one transaction, and every row
//! is read back before that ends: the other database has all of it or nothing. Deliberately absent: tables that are not
//! this schema's, and what a database makes by itself (`row_key`, the indexes of the search).

mod check;
mod form;

pub use check::{Checked, check_file, settle};

use super::{
    Conn, Error, Held, Result, Sql, Store,
    adopt::catalogue::{Catalogue, Column},
    migrate::{ADVISORY_LOCK, newest_migration},
    on,
};
use form::{read_rows, write_rows};
use futures::TryStreamExt as _;
use sha2::{Digest as _, Sha256};
use sqlx::AssertSqlSafe;

/// Rows that are written with one statement.
const BATCH: usize = 500;
/// What each database makes by itself.
const MADE: &[&str] = &["row_key"];
/// The ledger is the target's own, and FTS5's tables follow the tasks.
const LEFT: &[&str] = &["schema_migrations", "task_search"];

/// A row between the two: every column as a text.
type Row = Vec<Option<String>>;

/// One table and how many rows it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Its name.
    pub table: String,
    /// Its rows.
    pub rows: u64,
}

/// How far it is: the table, its rows so far, and whether they are being read back.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// The table.
    pub table: &'a str,
    /// Rows done.
    pub done: u64,
    /// Rows there are.
    pub of: u64,
    /// Whether they are being compared by now.
    pub comparing: bool,
}

/// Rows that were seen, in any order: how many, and the sum of their hashes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    rows: u64,
    sum: u128,
}

impl Tally {
    fn add(&mut self, row: &Row) {
        let mut hash = Sha256::new();
        for value in row {
            // The length before the text, so that no two rows read alike.
            let length = value.as_ref().map_or(u64::MAX, |text| text.len() as u64);
            hash.update(length.to_be_bytes());
            hash.update(value.as_deref().unwrap_or_default());
        }
        let digest = hash.finalize();
        let half: [u8; 16] = std::array::from_fn(|i| digest.get(i).copied().unwrap_or_default());
        self.sum = self.sum.wrapping_add(u128::from_be_bytes(half));
        self.rows += 1;
    }
}

/// A table that both have, with the columns that travel.
struct Table {
    name: String,
    from: Vec<Column>,
    to: Vec<Column>,
}

/// Copies every row of `from` into `to`, which has to have today's schema and no people. With `replace` whatever is in
/// there makes way.
pub async fn transfer(from: &Store, to: &Store, replace: bool, tell: &dyn Fn(Progress<'_>)) -> Result<Vec<Moved>> {
    let mut source = from.snapshot().await?;
    demand_today(&mut source, "the database that is read").await?;
    let mut target = to.write().await?;
    prepare(&mut target, replace).await?;
    let tables = tables(&Catalogue::read(&mut source).await?, &Catalogue::read(&mut target).await?)?;
    for table in &tables {
        on!(target, |c| sqlx::query(AssertSqlSafe(form::empty(&table.name))).execute(c).await.map(|_| ()))?;
    }
    let mut moved = Vec::new();
    for table in &tables {
        let copied = copy(&mut source, &mut target, table, tell).await?;
        moved.push((table, copied));
    }
    for (table, copied) in &moved {
        let there = tally(&mut target, &table.name, &table.to, copied.rows, tell).await?;
        if there != *copied {
            return Err(Error::Corrupt {
                place: "the copy",
                row: table.name.clone(),
                detail: format!("{} rows were read and {} came back, or not as they were", copied.rows, there.rows),
            });
        }
    }
    finish(&mut target).await?;
    target.commit().await?;
    Ok(moved.into_iter().map(|(table, copied)| Moved { table: table.name.clone(), rows: copied.rows }).collect())
}

/// How many rows each table has.
async fn counts(conn: &mut Conn) -> Result<Vec<Moved>> {
    let catalogue = Catalogue::read(conn).await?;
    let mut all = Vec::new();
    for (table, _) in ours(&catalogue) {
        all.push(Moved { table: table.to_owned(), rows: rows(conn, table).await? });
    }
    Ok(all)
}

async fn rows(conn: &mut Conn, table: &str) -> Result<u64> {
    let count: i64 = on!(conn, |c| sqlx::query_scalar(AssertSqlSafe(form::count(table))).fetch_one(c).await)?;
    Ok(u64::try_from(count).unwrap_or_default())
}

impl Store {
    /// A connection that sees everything as it is now, until it is dropped.
    pub(super) async fn snapshot(&self) -> Result<Conn> {
        Ok(match self {
            Self::Sqlite { read, .. } => Held::SqliteWrite(read.begin().await?).into(),
            Self::Postgres(pool) => {
                let mut conn =
                    Conn::from(Held::PostgresWrite(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ").await?));
                patient(&mut conn).await?;
                conn
            }
        })
    }
}

/// A table may be longer than a request may take.
async fn patient(conn: &mut Conn) -> Result<()> {
    if conn.is_postgres() {
        const PATIENT: &str = "SET LOCAL statement_timeout = 0; SET LOCAL TimeZone = 'UTC'";
        on!(conn, |c| sqlx::raw_sql(PATIENT).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}

async fn demand_today(conn: &mut Conn, which: &str) -> Result<()> {
    const NEWEST: &str = "SELECT coalesce(max(number), 0) FROM schema_migrations";
    let number: i64 = on!(conn, |c| sqlx::query_scalar(NEWEST).fetch_one(c).await)?;
    let needed = newest_migration();
    if number == needed {
        return Ok(());
    }
    Err(Error::Refused(format!(
        "{which} has schema {number}, and this program needs {needed}: run `todo-chatbot migrate`"
    )))
}

/// Rows come table by table, and one table's point at another's: what they point at is checked when all are there.
async fn prepare(target: &mut Conn, replace: bool) -> Result<()> {
    const LATER: Sql = Sql {
        sqlite: "PRAGMA defer_foreign_keys = ON",
        postgres: "DO $$ DECLARE k record; BEGIN
            FOR k IN SELECT conrelid::regclass AS t, conname FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid
                JOIN pg_namespace n ON n.oid = r.relnamespace
                WHERE contype = 'f' AND NOT condeferrable AND n.nspname = current_schema()
            LOOP EXECUTE format('ALTER TABLE %s ALTER CONSTRAINT %I DEFERRABLE INITIALLY DEFERRED', k.t, k.conname);
            END LOOP; END $$",
    };
    patient(target).await?;
    if target.is_postgres() {
        on!(target, |c| sqlx::query("SELECT pg_advisory_xact_lock($1)")
            .bind(ADVISORY_LOCK)
            .execute(c)
            .await
            .map(|_| ()))?;
    }
    demand_today(target, "the database that is written").await?;
    if !replace && target.any_user().await? {
        return Err(Error::Refused(
            "there are people in the database already: name an empty one, or say --replace".into(),
        ));
    }
    let later = target.pick(&LATER);
    on!(target, |c| sqlx::raw_sql(later).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Checks what was put off, and puts the constraints back as they were.
async fn finish(target: &mut Conn) -> Result<()> {
    const BACK: &str = "SET CONSTRAINTS ALL IMMEDIATE;
        DO $$ DECLARE k record; BEGIN
            FOR k IN SELECT conrelid::regclass AS t, conname FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid
                JOIN pg_namespace n ON n.oid = r.relnamespace
                WHERE contype = 'f' AND condeferrable AND n.nspname = current_schema()
            LOOP EXECUTE format('ALTER TABLE %s ALTER CONSTRAINT %I NOT DEFERRABLE', k.t, k.conname);
            END LOOP; END $$";
    if target.is_postgres() {
        on!(target, |c| sqlx::raw_sql(BACK).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}

fn ours(catalogue: &Catalogue) -> impl Iterator<Item = (&str, &[Column])> {
    let tables = catalogue.tables.iter().map(|(name, columns)| (name.as_str(), columns.as_slice()));
    tables.filter(|(name, _)| !LEFT.iter().any(|left| name.starts_with(left)))
}

/// What travels: the tables of the target, each with columns that the source has too.
fn tables(from: &Catalogue, to: &Catalogue) -> Result<Vec<Table>> {
    let mut tables = Vec::new();
    for (name, columns) in ours(to) {
        let Some(source) = from.tables.get(name) else {
            // Another program's, beside ours.
            continue;
        };
        let mut table = Table { name: name.to_owned(), from: vec![], to: vec![] };
        for column in columns.iter().filter(|column| !MADE.contains(&column.name.as_str())) {
            match source.iter().find(|other| other.name == column.name) {
                Some(other) => {
                    table.from.push(other.clone());
                    table.to.push(column.clone());
                }
                None if column.required => {
                    return Err(Error::Refused(format!(
                        "{name}.{} is missing in the database that is read",
                        column.name
                    )));
                }
                None => {}
            }
        }
        tables.push(table);
    }
    Ok(tables)
}

async fn copy(source: &mut Conn, target: &mut Conn, table: &Table, tell: &dyn Fn(Progress<'_>)) -> Result<Tally> {
    let of = rows(source, &table.name).await?;
    let insert = write_rows(&table.name, &table.to, target.is_postgres());
    let select = read_rows(&table.name, &table.from, source.is_postgres());
    let (mut tally, mut batch): (Tally, Vec<Row>) = (Tally::default(), Vec::new());
    let told = |done| tell(Progress { table: &table.name, done, of, comparing: false });
    told(0);
    on!(source, |c| {
        let mut rows = sqlx::query_scalar::<_, String>(AssertSqlSafe(select)).fetch(c);
        while let Some(row) = rows.try_next().await? {
            let row = row_of(&table.name, &row)?;
            tally.add(&row);
            batch.push(row);
            if batch.len() == BATCH {
                put(target, &insert, &mut batch).await?;
                told(tally.rows);
            }
        }
    });
    put(target, &insert, &mut batch).await?;
    Ok(tally)
}

async fn put(target: &mut Conn, insert: &str, batch: &mut Vec<Row>) -> Result<()> {
    if batch.is_empty() {
        return Ok(());
    }
    let json = serde_json::to_string(batch).map_err(|e| corrupt("a batch", &e))?;
    batch.clear();
    on!(target, |c| sqlx::query(AssertSqlSafe(insert.to_owned())).bind(json).execute(c).await.map(|_| ()))?;
    Ok(())
}

async fn tally(
    conn: &mut Conn,
    table: &str,
    columns: &[Column],
    of: u64,
    tell: &dyn Fn(Progress<'_>),
) -> Result<Tally> {
    let select = read_rows(table, columns, conn.is_postgres());
    let mut tally = Tally::default();
    on!(conn, |c| {
        let mut rows = sqlx::query_scalar::<_, String>(AssertSqlSafe(select)).fetch(c);
        while let Some(row) = rows.try_next().await? {
            tally.add(&row_of(table, &row)?);
            if tally.rows % 1000 == 0 {
                tell(Progress { table, done: tally.rows, of, comparing: true });
            }
        }
    });
    Ok(tally)
}

fn row_of(table: &str, json: &str) -> Result<Row> {
    serde_json::from_str(json).map_err(|e| corrupt(table, &e))
}

fn corrupt(table: &str, error: &serde_json::Error) -> Error {
    Error::Corrupt { place: "a row", row: table.to_owned(), detail: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(rows: &[&[Option<&str>]]) -> Tally {
        let mut tally = Tally::default();
        for row in rows {
            tally.add(&row.iter().map(|text| text.map(str::to_owned)).collect());
        }
        tally
    }

    #[test]
    fn rows_are_compared_whatever_their_order() {
        let (a, b): (&[Option<&str>], &[Option<&str>]) = (&[Some("a"), None], &[Some("b"), Some("")]);
        assert_eq!(tally(&[a, b]), tally(&[b, a]));
        assert_ne!(tally(&[a, b]), tally(&[a, a]));
        assert_ne!(tally(&[&[Some("ab"), Some("c")]]), tally(&[&[Some("a"), Some("bc")]]));
        assert_ne!(tally(&[&[None]]), tally(&[&[Some("")]]));
    }
}
