//! Taking over a database that Better Auth made, whatever tool wrote its schema.
//!
//! Runs once, inside the transaction of the first migration, which then finds Better Auth's tables as it would have made
//! them itself. Tables and columns of other spellings (Drizzle's `user_id`, `users`) are renamed to Better Auth's own, dates
//! become what Better Auth's own adapter stores (UTC throughout), numbered and UUID keys of PostgreSQL become texts.
//! Rows, other columns and other tables stay; nothing is ever dropped. What cannot be taken over is refused with a
//! sentence, and the transaction leaves everything as it was.
//!
//! Nobody becomes an admin by this: that the oldest account of an old installation belongs to whoever runs this one is a
//! guess. `todo-chatbot user admin EMAIL` says who.

pub(super) mod catalogue;
mod keys;
mod plan;
mod shape;

use super::{Conn, Error, Result, better_auth::iso, on};
use catalogue::Catalogue;
use plan::Plan;
use sqlx::AssertSqlSafe;

const KNOWS_US: super::Sql = super::Sql {
    sqlite: "SELECT count(*) FROM pragma_table_info('schema_migrations') WHERE name = 'number'",
    postgres: "SELECT count(*) FROM information_schema.columns
        WHERE table_schema = current_schema() AND table_name = 'schema_migrations' AND column_name = 'number'",
};
/// Tables may be rewritten; that takes as long as it takes.
const PATIENCE: &str = "SET LOCAL statement_timeout = 0";

/// Whether this program has migrated the database before.
pub(super) async fn is_ours(conn: &mut Conn) -> Result<bool> {
    let sql = conn.pick(&KNOWS_US);
    let known: i64 = on!(conn, |c| sqlx::query_scalar(sql).fetch_one(c).await)?;
    Ok(known > 0)
}

/// Says what stands against adopting the database, without changing anything. `ours` are the tables the migrations make
/// anew.
pub(super) async fn check(conn: &mut Conn, ours: &[&str]) -> Result<()> {
    if is_ours(conn).await? {
        return Ok(());
    }
    let catalogue = Catalogue::read(conn).await?;
    let plan = Plan::of(&catalogue, ours, "").map_err(Error::Refused)?;
    look(conn, &plan).await
}

/// Makes another program's database look as the first migration expects it. Does nothing to an empty one, or to ours.
pub(super) async fn adopt(conn: &mut Conn, ours: &[&str], now_micros: i64) -> Result<()> {
    if is_ours(conn).await? {
        return Ok(());
    }
    let catalogue = Catalogue::read(conn).await?;
    let plan = Plan::of(&catalogue, ours, &iso(now_micros.div_euclid(1000))).map_err(Error::Refused)?;
    if plan.adopted.is_empty() {
        return Ok(());
    }
    carry_out(conn, &plan).await.map_err(|error| match error {
        Error::Internal(error) => {
            Error::Refused(format!("its tables could not be taken over, and nothing was changed: {error}"))
        }
        Error::Conflict { constraint } => {
            Error::Refused(format!("its rows contradict {constraint}; nothing was changed"))
        }
        other => other,
    })?;
    tracing::info!(
        tables = plan.adopted.join(", "),
        changed = if plan.did.is_empty() { "nothing".into() } else { plan.did.join("; ") },
        "another program's accounts were taken over; nobody is an admin yet: todo-chatbot user admin EMAIL"
    );
    Ok(())
}

async fn carry_out(conn: &mut Conn, plan: &Plan) -> Result<()> {
    if conn.is_postgres() {
        run(conn, PATIENCE).await?;
    }
    look(conn, plan).await?;
    for step in &plan.renames {
        run(conn, step).await?;
    }
    if !plan.keys.is_empty() {
        keys::convert(conn, &plan.keys).await?;
    }
    for step in &plan.steps {
        run(conn, step).await?;
    }
    Ok(())
}

/// Looks for rows that stand against it.
async fn look(conn: &mut Conn, plan: &Plan) -> Result<()> {
    for check in &plan.checks {
        let found: i64 = on!(conn, |c| sqlx::query_scalar(AssertSqlSafe(check.count.as_str())).fetch_one(c).await)?;
        if found > 0 {
            return Err(Error::Refused(format!("{found} {}; nothing was changed", check.what)));
        }
    }
    Ok(())
}

async fn run(conn: &mut Conn, sql: &str) -> Result<()> {
    on!(conn, |c| sqlx::raw_sql(AssertSqlSafe(sql)).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// A name as SQL writes it.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
