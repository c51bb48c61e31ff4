//! The texts between two engines, as SQL: a whole number is its digits, yes and no are 1 and 0, an instant is RFC 3339 in
//! UTC, a text is itself.

use crate::store::adopt::{catalogue::Column, quoted};

/// `SELECT` of a table's rows, each one JSON array of texts.
pub fn read_rows(table: &str, columns: &[Column], postgres: bool) -> String {
    let texts: Vec<String> = columns.iter().map(|column| read(column, postgres)).collect();
    let array = if postgres { "json_build_array" } else { "json_array" };
    let as_text = if postgres { "::text" } else { "" };
    format!("SELECT {array}({}){as_text} FROM {}", texts.join(", "), quoted(table))
}

fn read(column: &Column, postgres: bool) -> String {
    let name = quoted(&column.name);
    match (postgres, column.kind.as_str()) {
        (true, "bool") => format!("{name}::int::text"),
        // Milliseconds, as Better Auth writes them, unless there are microseconds.
        (true, "timestamptz" | "timestamp") => format!(
            r#"regexp_replace(to_char({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '000$', '') || 'Z'"#
        ),
        (true, _) => format!("{name}::text"),
        (false, _) => format!("CAST({name} AS text)"),
    }
}

/// `INSERT` of a batch, `$1`: a JSON array of such rows.
pub fn write_rows(table: &str, columns: &[Column], postgres: bool) -> String {
    let names: Vec<String> = columns.iter().map(|column| quoted(&column.name)).collect();
    let values: Vec<String> = columns.iter().enumerate().map(|(i, column)| write(i, column, postgres)).collect();
    let from = if postgres { "json_array_elements($1::json)" } else { "json_each($1)" };
    format!("INSERT INTO {} ({}) SELECT {} FROM {from}", quoted(table), names.join(", "), values.join(", "))
}

fn write(i: usize, column: &Column, postgres: bool) -> String {
    let text = format!("value ->> {i}");
    match (postgres, column.kind.as_str()) {
        (true, "text" | "varchar") => text,
        (true, kind) => format!("({text})::{}", quoted(kind)),
        (false, kind) if kind.contains("int") || kind.starts_with("bool") => format!("CAST({text} AS integer)"),
        (false, _) => text,
    }
}

/// `DELETE` of everything in a table.
pub fn empty(table: &str) -> String {
    format!("DELETE FROM {}", quoted(table))
}

/// How many rows a table has.
pub fn count(table: &str) -> String {
    format!("SELECT count(*) FROM {}", quoted(table))
}
