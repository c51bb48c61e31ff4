//! What has to be done to a database, from its catalogue alone; or why it cannot be taken over.

use super::{
    catalogue::{self, Catalogue},
    keys::Place,
    quoted,
    shape::{self, Kind, Need, TABLES},
};

/// Rows that must not be there.
#[derive(Debug)]
pub struct Check {
    /// Counts them.
    pub count: String,
    /// What they are, after their number.
    pub what: String,
}

/// What has to be done, in this order: checks, renames, keys, steps.
#[derive(Debug, Default)]
pub struct Plan {
    /// The tables taken over.
    pub adopted: Vec<&'static str>,
    /// What changes, for the log.
    pub did: Vec<String>,
    /// Rows that stand against it, by the names they still have.
    pub checks: Vec<Check>,
    /// Statements that give tables and columns their names.
    pub renames: Vec<String>,
    /// Keys to make texts of.
    pub keys: Vec<Place>,
    /// The other statements.
    pub steps: Vec<String>,
}

/// The five tables' names and what makes another database of it, for people.
const IMPORT: &str = "nothing was changed. Give todo-chatbot a database of its own (DATA_DIR or DATABASE_URL), and copy \
    the old data into it: todo-chatbot import --from ADDRESS";
/// Below this a number of a date is seconds, above it milliseconds: the years 5138 and 1973.
const SECONDS_END: &str = "100000000000";
/// As Better Auth writes a date on SQLite.
const STORED: &str = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9]Z";

impl Plan {
    /// Compares. `ours` are the tables that the migrations make anew, `now` an instant as Better Auth writes it.
    pub fn of(catalogue: &Catalogue, ours: &[&str], now: &str) -> Result<Self, String> {
        let foreign: Vec<&str> = ours.iter().copied().filter(|name| catalogue.tables.contains_key(*name)).collect();
        if !foreign.is_empty() {
            return Err(format!(
                "it holds tables of another application ({}), which cannot be taken over in place; {IMPORT}",
                foreign.join(", ")
            ));
        }
        let mut plan = Self::default();
        for table in TABLES {
            plan.table(table, catalogue, now)?;
        }
        if plan.adopted.is_empty() || plan.adopted.contains(&"user") {
            return Ok(plan);
        }
        Err(format!(
            "it has the tables {} and no table \"user\" of Better Auth beside them; {IMPORT}",
            plan.adopted.join(", ")
        ))
    }

    fn table(&mut self, table: &'static shape::Table, catalogue: &Catalogue, now: &str) -> Result<(), String> {
        let (found, columns) = match (catalogue.tables.get(table.name), catalogue.tables.get(table.plural)) {
            (Some(columns), _) => (table.name, columns),
            // Another program's `users` is no business of ours.
            (None, Some(columns)) if missing(table, columns).is_empty() => (table.plural, columns),
            (None, _) => return Ok(()),
        };
        let missing = missing(table, columns);
        if !missing.is_empty() {
            return Err(format!(
                "its table \"{}\" is not Better Auth's: it lacks {}; {IMPORT}",
                table.name,
                missing.join(", ")
            ));
        }
        self.adopted.push(table.name);
        let name = quoted(table.name);
        if found != table.name {
            self.renames.push(format!("ALTER TABLE {} RENAME TO {name}", quoted(found)));
            self.did.push(format!("table {found} is {}", table.name));
        }
        for column in table.columns {
            self.column(table, column, found, columns, catalogue.postgres, now)?;
        }
        let known = |c: &catalogue::Column| {
            c.name == shape::ISSUER || table.columns.iter().any(|column| same(column.name, &c.name))
        };
        if let Some(extra) = columns.iter().find(|c| c.required && !known(c)) {
            return Err(format!(
                "its table \"{}\" has the column \"{}\", which every new row has to fill and nobody here knows how: \
                 nothing was changed. Give the column a default or let it be empty",
                table.name, extra.name
            ));
        }
        Ok(())
    }

    fn column(
        &mut self,
        table: &'static shape::Table,
        column: &'static shape::Column,
        spelled: &str,
        columns: &[catalogue::Column],
        postgres: bool,
        now: &str,
    ) -> Result<(), String> {
        let (t, c) = (quoted(table.name), quoted(column.name));
        let place = format!("{t}.{c}");
        let Some(found) = find(column.name, columns)? else {
            let kind = match (column.kind, postgres) {
                (Kind::Date, true) => "timestamptz",
                (Kind::Date, false) => "date",
                _ => "text",
            };
            self.steps.push(format!("ALTER TABLE {t} ADD COLUMN {c} {kind}"));
            self.did.push(format!("{place} was added"));
            if column.need == Need::Expiry {
                self.steps.push(format!("UPDATE {t} SET {c} = \"expiresAt\""));
            }
            return Ok(());
        };
        if found.name != column.name {
            self.renames.push(format!("ALTER TABLE {t} RENAME COLUMN {} TO {c}", quoted(&found.name)));
            self.did.push(format!("{} is {place}", found.name));
        }
        if column.name == "id" && !found.key {
            return Err(format!("{place} is not the table's primary key; {IMPORT}"));
        }
        if postgres {
            self.convert_type(column.kind, &t, &c, &found.kind, table.name, column.name)?;
        } else if column.name == "id" && found.kind.contains("int") {
            return Err(format!("{place} is a number, and SQLite cannot make a text of it; {IMPORT}"));
        }
        let old = (&*quoted(spelled), &*quoted(&found.name));
        if column.kind == Kind::Date && !postgres {
            self.convert_date(&t, &c, old);
        }
        self.check_rows(table, column, old);
        if let Some(value) = filling(column, now) {
            self.steps.push(format!("UPDATE {t} SET {c} = {value} WHERE {c} IS NULL"));
        }
        if column.name == "email" {
            self.steps.push(format!("UPDATE {t} SET {c} = lower({c}) WHERE {c} <> lower({c})"));
        }
        if shape::UNIQUE.contains(&(table.name, column.name)) && !found.single {
            self.steps.push(format!("CREATE UNIQUE INDEX \"{}_{}_uidx\" ON {t} ({c})", table.name, column.name));
            self.did.push(format!("{place} is unique"));
        }
        Ok(())
    }

    /// PostgreSQL has types that matter.
    fn convert_type(
        &mut self,
        kind: Kind,
        t: &str,
        c: &str,
        found: &str,
        table: &str,
        column: &str,
    ) -> Result<(), String> {
        let text = matches!(found, "text" | "varchar" | "citext");
        let alter = match (kind, found) {
            (Kind::Key | Kind::Text, _) if text => return Ok(()),
            (Kind::Flag, "bool") | (Kind::Date, "timestamptz") => return Ok(()),
            (Kind::Key, "uuid" | "int2" | "int4" | "int8" | "bpchar") => {
                self.keys.push((table.to_owned(), column.to_owned()));
                self.did.push(format!("{t}.{c} is a text"));
                return Ok(());
            }
            (Kind::Text, "uuid" | "int2" | "int4" | "int8" | "bpchar" | "inet") => format!("text USING {c}::text"),
            (Kind::Date, "timestamp" | "date") => format!("timestamptz USING {c}::timestamp AT TIME ZONE 'UTC'"),
            (Kind::Date, "int8" | "numeric" | "float8") => format!(
                "timestamptz USING to_timestamp(CASE WHEN abs({c}) < {SECONDS_END} THEN {c} ELSE {c} / 1000.0 END)"
            ),
            _ => return Err(format!("{t}.{c} has the type {found}, which cannot be taken over; {IMPORT}")),
        };
        if kind == Kind::Date {
            // What a number's default is worth as a date is anybody's guess; ours and Better Auth's inserts name it.
            self.steps.push(format!("ALTER TABLE {t} ALTER COLUMN {c} DROP DEFAULT"));
        }
        self.steps.push(format!("ALTER TABLE {t} ALTER COLUMN {c} TYPE {alter}"));
        self.did.push(format!("{t}.{c} has Better Auth's type"));
        Ok(())
    }

    /// SQLite has values that matter: numbers of seconds or milliseconds, and texts of several forms.
    fn convert_date(&mut self, t: &str, c: &str, old: (&str, &str)) {
        let (other, date) = (other_date(c), as_date(c));
        self.steps.push(format!("UPDATE {t} SET {c} = {date} WHERE {other}"));
        let (other, date) = (other_date(old.1), as_date(old.1));
        self.checks.push(Check {
            count: format!("SELECT count(*) FROM {} WHERE {other} AND {date} IS NULL", old.0),
            what: format!("values of {t}.{c} are not dates"),
        });
    }

    fn check_rows(&mut self, table: &shape::Table, column: &shape::Column, (t, c): (&str, &str)) {
        if column.need == Need::Always && filling(column, "").is_none() {
            self.checks.push(Check {
                count: format!("SELECT count(*) FROM {t} WHERE {c} IS NULL"),
                what: format!("rows of the table \"{}\" have no {}", table.name, column.name),
            });
        }
        if column.name == "email" {
            self.checks.push(Check {
                count: format!(
                    "SELECT count(*) FROM (SELECT lower({c}) FROM {t} GROUP BY lower({c}) HAVING count(*) > 1) AS same"
                ),
                what: "addresses belong to several accounts each, if small and capital letters are the same".into(),
            });
        }
    }
}

/// What stands in a column that older versions left empty, as SQL.
fn filling(column: &shape::Column, now: &str) -> Option<String> {
    match (column.kind, column.name, column.need) {
        (_, _, Need::Expiry) => Some("\"expiresAt\"".into()),
        (_, _, Need::Added) => None,
        (Kind::Flag, _, _) => Some("false".into()),
        (_, "name", _) => Some("''".into()),
        (_, "createdAt" | "updatedAt", _) => Some(format!("'{now}'")),
        _ => None,
    }
}

/// Whether a SQLite column's value is not what Better Auth writes.
fn other_date(c: &str) -> String {
    format!("{c} IS NOT NULL AND (typeof({c}) <> 'text' OR {c} NOT GLOB '{STORED}')")
}

/// A SQLite column's value as Better Auth writes it; NULL when it is no date.
fn as_date(c: &str) -> String {
    format!(
        "strftime('%Y-%m-%dT%H:%M:%fZ', CASE WHEN typeof({c}) = 'text' THEN {c}
            WHEN abs({c}) < {SECONDS_END} THEN {c} ELSE {c} / 1000.0 END,
            CASE WHEN typeof({c}) = 'text' THEN '+0 seconds' ELSE 'unixepoch' END)"
    )
}

/// The columns that have to be there and are not.
fn missing(table: &shape::Table, columns: &[catalogue::Column]) -> Vec<&'static str> {
    let needed = table.columns.iter().filter(|column| column.need == Need::Always);
    needed.filter(|column| !columns.iter().any(|c| same(column.name, &c.name))).map(|column| column.name).collect()
}

fn find<'a>(name: &str, columns: &'a [catalogue::Column]) -> Result<Option<&'a catalogue::Column>, String> {
    let mut found = columns.iter().filter(|c| same(name, &c.name));
    match (found.next(), found.next()) {
        (first, None) => Ok(first),
        (Some(a), Some(b)) => Err(format!(
            "two of its columns could be Better Auth's {name}: \"{}\" and \"{}\"; {IMPORT}",
            a.name, b.name
        )),
        (None, Some(_)) => Ok(None),
    }
}

/// Whether a column's name is a spelling of Better Auth's: `userId`, `user_id`, `userid`.
fn same(name: &str, spelled: &str) -> bool {
    let letters = |text: &str| text.chars().filter(|c| *c != '_').flat_map(char::to_lowercase).collect::<String>();
    letters(name) == letters(spelled)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-21T10:00:00.000Z";
    const DRIZZLE: &str = "
        users: id* text, name! text, email! text, email_verified! bool, image text, created_at timestamp, updated_at timestamp
        sessions: id* text, expires_at! timestamp, token! text, created_at! timestamp, updated_at! timestamp, ip_address text, user_agent text, user_id! text
        accounts: id* text, account_id! text, provider_id! text, user_id! text, password text, created_at! timestamp, updated_at! timestamp
    ";

    fn plan(text: &str) -> Result<Plan, String> {
        Plan::of(&Catalogue::parse(true, text), &["tasks", "settings"], NOW)
    }

    #[test]
    fn an_empty_database_and_a_strangers_users_need_nothing() {
        for text in ["", "users: id* int4, login! text", "rows: id* int4"] {
            let plan = plan(text).unwrap();
            assert!(plan.adopted.is_empty() && plan.steps.is_empty() && plan.renames.is_empty());
        }
    }

    #[test]
    fn other_spellings_are_renamed_and_dates_get_a_zone() {
        let plan = plan(DRIZZLE).unwrap();
        assert_eq!(plan.adopted, ["user", "session", "account"]);
        for part in [
            r#"ALTER TABLE "users" RENAME TO "user""#,
            r#"ALTER TABLE "user" RENAME COLUMN "email_verified" TO "emailVerified""#,
            r#"ALTER TABLE "account" RENAME COLUMN "user_id" TO "userId""#,
        ] {
            assert!(plan.renames.iter().any(|step| step == part), "{part} in {:#?}", plan.renames);
        }
        for part in [
            r#"ALTER TABLE "user" ALTER COLUMN "createdAt" TYPE timestamptz USING "createdAt"::timestamp AT TIME ZONE 'UTC'"#,
            r#"ALTER TABLE "account" ADD COLUMN "accessTokenExpiresAt" timestamptz"#,
            r#"CREATE UNIQUE INDEX "user_email_uidx" ON "user" ("email")"#,
        ] {
            assert!(plan.steps.iter().any(|step| step == part), "{part} in {:#?}", plan.steps);
        }
    }

    #[test]
    fn what_cannot_be_taken_over_is_refused_with_the_reason_and_the_way_out() {
        let user = DRIZZLE.lines().nth(1).unwrap();
        for (text, part) in [
            ("tasks: id* int4, title text", "tables of another application (tasks)"),
            ("user: id* text, login text", "lacks name, email, emailVerified, createdAt, updatedAt"),
            (
                &DRIZZLE.replace("email_verified! bool", "email_verified timestamp"),
                "\"emailVerified\" has the type timestamp",
            ),
            (&DRIZZLE.replace("id* text, name", "id text, name"), "not the table's primary key"),
            (&DRIZZLE.replace("token! text", "token! text, \"Token\" text"), "two of its columns"),
            (&user.replace("image text", "image text, tenant! text"), "has the column \"tenant\""),
            (DRIZZLE.lines().nth(2).unwrap(), "no table \"user\""),
        ] {
            let refused = plan(&text.replace("\"Token\"", "TOKEN")).unwrap_err();
            assert!(refused.contains(part) && refused.contains("nothing was changed"), "{part}: {refused}");
        }
    }
}
