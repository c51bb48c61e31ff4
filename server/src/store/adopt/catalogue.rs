//! Which tables and columns a database has.

use crate::store::{Conn, Result, Sql, on};
use std::collections::BTreeMap;

/// One column.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Column {
    table_name: String,
    /// Its name, in the case it was made with.
    pub name: String,
    /// PostgreSQL's short name of the type (`timestamptz`, `int4`), or what SQLite's `CREATE TABLE` said, in lower case.
    pub kind: String,
    /// Whether an insert has to name it.
    pub required: bool,
    /// Whether it is part of the primary key.
    pub key: bool,
    /// Whether it alone is unique, by key or by index.
    pub single: bool,
}

/// All tables with their columns.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// Whether the dialect is PostgreSQL's.
    pub postgres: bool,
    /// By name, in the case it was made with.
    pub tables: BTreeMap<String, Vec<Column>>,
}

const COLUMNS: Sql = Sql {
    sqlite: r#"SELECT m.name AS table_name, p.name AS name, lower(p.type) AS kind,
            p."notnull" = 1 AND p.dflt_value IS NULL AND p.pk = 0 AS required, p.pk > 0 AS key,
            p.pk > 0 OR EXISTS (SELECT 1 FROM pragma_index_list(m.name) l WHERE l."unique" = 1 AND l.partial = 0
                AND (SELECT count(*) FROM pragma_index_info(l.name)) = 1
                AND (SELECT i.name FROM pragma_index_info(l.name) i) = p.name) AS single
        FROM sqlite_master m, pragma_table_info(m.name) p
        WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, p.cid"#,
    postgres: r#"SELECT t.relname::text AS table_name, a.attname::text AS name, y.typname::text AS kind,
            a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AS required,
            EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = t.oid AND i.indisprimary AND a.attnum = ANY (i.indkey)) AS key,
            EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = t.oid AND i.indisunique AND i.indpred IS NULL
                AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum) AS single
        FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace
            JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
            JOIN pg_type y ON y.oid = a.atttypid
        WHERE t.relkind IN ('r', 'p') AND n.nspname = current_schema() ORDER BY t.relname, a.attnum"#,
};

impl Catalogue {
    /// Reads it.
    pub async fn read(conn: &mut Conn) -> Result<Self> {
        let sql = conn.pick(&COLUMNS);
        let columns: Vec<Column> = on!(conn, |c| sqlx::query_as(sql).fetch_all(c).await)?;
        let mut tables: BTreeMap<String, Vec<Column>> = BTreeMap::new();
        for column in columns {
            tables.entry(column.table_name.clone()).or_default().push(column);
        }
        Ok(Self { postgres: conn.is_postgres(), tables })
    }
}

#[cfg(test)]
impl Catalogue {
    /// `table: column kind, …` a line; `!` after a column makes it required, `*` the key.
    pub fn parse(postgres: bool, text: &str) -> Self {
        let mut tables = BTreeMap::new();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let (table, columns) = line.split_once(':').unwrap();
            let columns = columns.split(',').map(|column| {
                let (name, kind) = column.trim().split_once(' ').unwrap();
                Column {
                    table_name: table.trim().to_owned(),
                    name: name.trim_end_matches(['!', '*']).to_owned(),
                    kind: kind.to_owned(),
                    required: name.ends_with('!'),
                    key: name.ends_with('*'),
                    single: name.ends_with('*'),
                }
            });
            tables.insert(table.trim().to_owned(), columns.collect());
        }
        Self { postgres, tables }
    }
}
