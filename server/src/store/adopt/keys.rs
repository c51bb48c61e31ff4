//! PostgreSQL keys that are UUIDs or numbers become texts, theirs and those that refer to them.

use super::{quoted, run};
use crate::store::{Conn, Error, Held, Result};
use sqlx::PgConnection;

/// A column to convert: its table and its name.
pub type Place = (String, String);

#[derive(sqlx::FromRow)]
struct Reference {
    table_name: String,
    constraint_name: String,
    definition: String,
    columns: Vec<String>,
}

/// Every foreign key that points at one of the tables.
const REFERENCES: &str = "SELECT c.conrelid::regclass::text AS table_name, c.conname::text AS constraint_name,
        pg_get_constraintdef(c.oid) AS definition,
        array(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)) AS columns
    FROM pg_constraint c JOIN pg_class t ON t.oid = c.confrelid JOIN pg_namespace n ON n.oid = t.relnamespace
    WHERE c.contype = 'f' AND n.nspname = current_schema() AND t.relname = ANY ($1)";

/// Converts the places and the columns of other tables that refer to them, and puts the foreign keys back as they were.
pub async fn convert(conn: &mut Conn, places: &[Place]) -> Result<()> {
    let tables: Vec<String> = places.iter().map(|(table, _)| table.clone()).collect();
    let references = match &mut conn.held {
        Held::PostgresWrite(c) => read(c, &tables).await?,
        // The plan asks for it on PostgreSQL only.
        _ => return Ok(()),
    };
    for reference in &references {
        let (table, name) = (&reference.table_name, quoted(&reference.constraint_name));
        run(conn, &format!("ALTER TABLE {table} DROP CONSTRAINT {name}")).await?;
    }
    let mut columns: Vec<Place> = places.iter().map(|(table, column)| (quoted(table), column.clone())).collect();
    for reference in &references {
        columns.extend(reference.columns.iter().map(|column| (reference.table_name.clone(), column.clone())));
    }
    columns.sort();
    columns.dedup();
    for (table, column) in &columns {
        let column = quoted(column);
        run(conn, &format!("ALTER TABLE {table} ALTER COLUMN {column} TYPE text USING {column}::text")).await?;
    }
    for reference in &references {
        let (table, name) = (&reference.table_name, quoted(&reference.constraint_name));
        run(conn, &format!("ALTER TABLE {table} ADD CONSTRAINT {name} {}", reference.definition)).await?;
    }
    Ok(())
}

async fn read(conn: &mut PgConnection, tables: &[String]) -> Result<Vec<Reference>> {
    sqlx::query_as(REFERENCES).bind(tables).fetch_all(conn).await.map_err(Error::from)
}
