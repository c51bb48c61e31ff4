//! Copying an older app's people and their things into ours.
//!
//! The older to-do chatbots ("Evolution of Todo") differ in names more than in meaning, so nothing here asks which of them
//! it is: every table and column is known by each of its names, and a row by what it holds. Everything is written in one
//! transaction. Each old row is remembered together with what became of it, so that a second run copies only what is new.
//! What cannot be copied as it was is reported by its id and the reason. Deliberately absent: sessions (people sign in
//! again) and changing what an earlier run copied.

mod chat;
mod fields;
mod people;
mod repeat;
mod report;
mod tasks;

pub use report::Report;

use super::{Result, Services};
use crate::{
    actor::Actor,
    store::{
        Conn,
        source::{Source, plain},
    },
};
use domain::id::{Seq, UserId};
use fields::Fields;
use jiff::tz::TimeZone;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;

/// How to read what the source does not say.
#[derive(Clone, Debug)]
pub struct Options {
    /// The IANA name of the zone in which times without one are meant.
    pub zone: String,
    /// Whether to leave everything as it is, and only tell.
    pub dry_run: bool,
}

/// The old tables by what they hold; each of these has had several names.
const TABLES: &[(&str, &[&str])] = &[
    ("users", &["user", "users"]),
    ("accounts", &["account", "accounts"]),
    ("tasks", &["tasks", "task", "todos", "todo"]),
    ("tags", &["tags", "tag"]),
    ("task_tags", &["tasktags", "tasktag", "tasktaglink", "tasktagslink"]),
    ("rules", &["recurrencerules", "recurrencerule", "recurringrules"]),
    ("reminders", &["reminders", "reminder"]),
    ("conversations", &["conversations", "conversation"]),
    ("messages", &["messages", "message"]),
];
/// Tables that hold nothing a person would miss.
const PASSING: &[&str] =
    &["session", "sessions", "verification", "verifications", "jwks", "alembicversion", "ratelimit"];

/// A person of the source, and who that is here.
struct Person {
    actor: Actor,
    /// Whether this import made the account.
    made: bool,
}

struct Import<'a> {
    services: &'a Services,
    conn: Conn,
    tables: HashMap<&'static str, Vec<Fields>>,
    /// Tells this source from others.
    source: String,
    /// What earlier runs brought: kind and old id to ours.
    known: HashMap<(String, String), (UserId, String)>,
    zone: TimeZone,
    zone_name: String,
    report: Report,
    now: i64,
    /// Whose log has grown, and to where.
    grown: Vec<(UserId, Seq)>,
}

impl Services {
    /// Copies everything from `source`; `say` hears how far it is.
    pub async fn import(&self, source: &mut Source, options: &Options, say: &dyn Fn(&str)) -> Result<Report> {
        let zone = TimeZone::get(&options.zone).map_err(|_| {
            super::Error::field(
                "zone",
                "unknown_zone",
                format!("there is no time zone {:?}: use an IANA name such as Europe/Paris", options.zone),
            )
        })?;
        let mut report = Report::default();
        let tables = read(source, &mut report, say).await?;
        let name = fingerprint(tables.get("users"));
        let mut conn = self.store.write().await?;
        let known = conn
            .imported(&name)
            .await?
            .into_iter()
            .map(|k| ((k.kind, k.source_id), (UserId(k.user_id), k.our_id)))
            .collect();
        let mut import = Import {
            services: self,
            conn,
            tables,
            source: name,
            known,
            zone,
            zone_name: options.zone.clone(),
            report,
            now: self.clock.micros(),
            grown: vec![],
        };
        let people = import.people(say).await?;
        import.tasks(&people, say).await?;
        import.conversations(&people, say).await?;
        let Import { conn, report, grown, .. } = import;
        if options.dry_run {
            drop(conn);
            return Ok(Report { dry_run: true, ..report });
        }
        conn.commit().await?;
        for (user, seq) in grown {
            self.live.publish(&user, seq);
        }
        Ok(report)
    }
}

async fn read(
    source: &mut Source,
    report: &mut Report,
    say: &dyn Fn(&str),
) -> Result<HashMap<&'static str, Vec<Fields>>> {
    let names: Vec<String> = source.tables().map(str::to_owned).collect();
    let mut tables: HashMap<&'static str, (String, Vec<Fields>)> = HashMap::new();
    for name in names {
        let spelled = plain(&name);
        let Some((kind, _)) = TABLES.iter().find(|(_, names)| names.contains(&spelled.as_str())) else {
            if !PASSING.contains(&spelled.as_str()) {
                report.unread.push(name);
            }
            continue;
        };
        let rows: Vec<Fields> = source.rows(&name).await?.into_iter().map(Fields::new).collect();
        say(&format!("read {} rows of {name}", rows.len()));
        let found: &mut (String, Vec<Fields>) = tables.entry(*kind).or_default();
        // Two generations of one app in one database: their ids say different things, so only the fuller one is read.
        let (used, other) =
            if rows.len() > found.1.len() { ((name, rows), found.clone()) } else { (found.clone(), (name, rows)) };
        *found = used;
        if !other.1.is_empty() {
            report.unread.push(other.0);
        }
    }
    if !tables.contains_key("users") {
        return Err(super::Error::field(
            "from",
            "not_an_older_app",
            "that database has no table of users, so it is none of the apps that can be imported",
        ));
    }
    Ok(tables.into_iter().map(|(kind, (_, rows))| (kind, rows)).collect())
}

/// The same for the same old database wherever it is moved: made from its oldest account.
fn fingerprint(users: Option<&Vec<Fields>>) -> String {
    let key = |user: &Fields| {
        let text = |name: &str| user.text(&[name]).unwrap_or_default();
        (text("createdat"), text("id"), text("email").to_lowercase())
    };
    let oldest = users.into_iter().flatten().map(key).min().unwrap_or_default();
    hex::encode(Sha256::digest(format!("{}\n{}\n{}", oldest.0, oldest.1, oldest.2)))[..16].to_owned()
}

impl Import<'_> {
    fn rows(&self, table: &'static str) -> Vec<Fields> {
        self.tables.get(table).cloned().unwrap_or_default()
    }

    /// Whose it became, and which.
    fn knows(&self, kind: &str, id: &str) -> Option<&(UserId, String)> {
        self.known.get(&(kind.to_owned(), id.to_owned()))
    }

    async fn remember(&mut self, kind: &str, id: &str, user: &UserId, ours: &str) -> Result<()> {
        self.conn.remember_import(&self.source, kind, id, user, ours, self.now).await?;
        self.known.insert((kind.to_owned(), id.to_owned()), (user.clone(), ours.to_owned()));
        Ok(())
    }

    /// When the row says something happened, in microseconds; otherwise now.
    fn moment(&self, row: &Fields, names: &[&str]) -> i64 {
        row.instant(names, &self.zone).map_or(self.now, jiff::Timestamp::as_microsecond)
    }

    fn person<'p>(
        &mut self,
        people: &'p HashMap<String, Person>,
        table: &'static str,
        row: &Fields,
    ) -> Option<&'p Person> {
        let person = row.text(&["userid", "ownerid", "user", "owner"]).and_then(|id| people.get(&id));
        if person.is_none() {
            self.report.left(table, &row.id(), "it belongs to nobody who was copied");
        }
        person
    }
}
