//! `backup`, `restore` and `copy`: everything of an installation, out and in again.
//!
//! A backup is one SQLite file, whichever engine it came from: it can be opened and looked into with any SQLite tool, and
//! restored to either engine. Nothing is relied on before it was read back. Deliberately absent: schedules, and sending
//! backups elsewhere, which every host has a way of its own for.

mod progress;

use super::{complain, say, today};
use crate::{
    clock::{Clock as _, SystemClock},
    config::{Config, Database},
    files::{self, beside, keep, private, put_aside},
    serve::{Failed, place},
    store::{
        self, Store,
        transfer::{Checked, Moved, check_file, settle, transfer},
    },
};
use std::path::{Path, PathBuf};

/// Connections a command keeps.
const POOL: u32 = 2;

/// How a backup is called that nobody gave a name: between these stands the time, so that names sort by age.
const NAMED: (&str, &str) = ("todo-chatbot-", ".db");

/// Writes everything into `file`, by default one named by the time, in `DATA_DIR/backups`; `-` is standard output. Of files
/// so named, the newest `kept` stay.
pub async fn backup(config: &Config, file: Option<PathBuf>, kept: Option<u32>) -> Result<(), Failed> {
    let out = file.as_deref() == Some(Path::new("-"));
    let folder = match &file {
        None => Some(config.data_dir.join("backups")),
        Some(file) => file.is_dir().then(|| file.clone()),
    };
    if kept.is_some() && folder.is_none() {
        return Err(Failed("--keep counts files that are named by the time: name a folder that is there".into()));
    }
    let stamp = files::stamp(&SystemClock::default());
    let own = |folder: &Path| folder.join(format!("{}{stamp}{}", NAMED.0, NAMED.1));
    let file = match (&folder, file) {
        (Some(folder), _) => own(folder),
        (None, Some(file)) if !out => file,
        (None, _) => own(&config.data_dir.join("backups")),
    };
    if file.exists() {
        return Err(Failed(format!("{} is there already: name another file, or move it away", file.display())));
    }
    let partial = beside(&file, ".partial");
    private(&partial).map_err(Failed)?;
    let written = write(config, &partial).await;
    let checked = match written {
        Ok(checked) => checked,
        Err(failed) => {
            files::discard(&partial);
            return Err(failed);
        }
    };
    if out {
        let sent = files::send(&partial);
        files::discard(&partial);
        sent.map_err(Failed)?;
        complain(&format!("sent: {}", told(&checked)));
        return Ok(());
    }
    keep(&partial, &file).map_err(Failed)?;
    say(&format!("{}: {}", file.display(), told(&checked)));
    if let (Some(folder), Some(kept)) = (folder, kept) {
        for old in surplus(&folder, kept, stamp.len())? {
            std::fs::remove_file(&old).map_err(|e| Failed(format!("{} cannot be removed: {e}", old.display())))?;
            say(&format!("removed: {}", old.display()));
        }
    }
    Ok(())
}

/// Backups named by the time, but for the newest.
fn surplus(folder: &Path, kept: u32, stamp: usize) -> Result<Vec<PathBuf>, Failed> {
    let failed = |e: std::io::Error| Failed(format!("{} cannot be read: {e}", folder.display()));
    let mut ours = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let time = name.strip_prefix(NAMED.0).and_then(|rest| rest.strip_suffix(NAMED.1)).unwrap_or_default();
        if time.len() == stamp && time.ends_with('Z') && time.starts_with(|first: char| first.is_ascii_digit()) {
            ours.push(path);
        }
    }
    ours.sort();
    ours.truncate(ours.len().saturating_sub(usize::try_from(kept).unwrap_or(usize::MAX)));
    Ok(ours)
}

/// Writes the file and reads it back.
async fn write(config: &Config, file: &Path) -> Result<Checked, Failed> {
    let failed = |e: store::Error| Failed(format!("there is no backup of {}: {e}", place(&config.database)));
    match &config.database {
        Database::Sqlite(path) => {
            if !path.exists() {
                return Err(Failed(format!(
                    "{} does not exist: name the one the server uses",
                    place(&config.database)
                )));
            }
            let store = Store::open(&config.database, POOL).await.map_err(failed)?;
            let copied = store.vacuum_into(file).await;
            store.close().await;
            copied.map_err(failed)?;
        }
        Database::Postgres(_) => {
            let from = today(config).await?;
            let into = fill(&from, &Database::Sqlite(file.to_owned()), false).await;
            from.close().await;
            into.map_err(failed)?;
            settle(file).await.map_err(failed)?;
        }
    }
    check_file(file).await.map_err(failed)
}

/// Makes the target what `from` is.
async fn fill(from: &Store, target: &Database, replace: bool) -> Result<Vec<Moved>, store::Error> {
    let to = Store::open(target, POOL).await?;
    let moved = async {
        to.migrate(SystemClock::default().micros()).await?;
        let bar = progress::Bar::new();
        transfer(from, &to, replace, &|progress| bar.show(progress)).await
    }
    .await;
    to.close().await;
    moved
}

/// Puts a backup where the settings say that the data lives.
pub async fn restore(config: &Config, file: &Path, replace: bool) -> Result<(), Failed> {
    let refused = |e: store::Error| Failed(format!("nothing was restored: {e}"));
    let checked = check_file(file).await.map_err(refused)?;
    // A copy, brought up to date: the backup itself is never written to.
    let copy = match &config.database {
        Database::Sqlite(path) => beside(path, ".restoring"),
        Database::Postgres(_) => std::env::temp_dir().join(format!("todo-chatbot-restoring-{}.db", std::process::id())),
    };
    files::copy(file, &copy).map_err(Failed)?;
    let restored = put(config, &copy, replace).await;
    files::discard(&copy);
    let aside = restored?;
    say(&format!("{} now holds {}", place(&config.database), told(&checked)));
    if let Some(aside) = aside {
        say(&format!("What was there before is in {}: remove it when it is not needed any more.", aside.display()));
    }
    Ok(())
}

/// Puts the copy in its place and answers where the old file went.
async fn put(config: &Config, copy: &Path, replace: bool) -> Result<Option<PathBuf>, Failed> {
    let refused = |e: store::Error| Failed(format!("nothing was restored: {e}"));
    let source = Store::open(&Database::Sqlite(copy.to_owned()), POOL).await.map_err(refused)?;
    let migrated = source.migrate(SystemClock::default().micros()).await.map_err(refused);
    let Database::Sqlite(path) = &config.database else {
        let filled = match migrated {
            Ok(_) => fill(&source, &config.database, replace).await.map_err(refused),
            Err(failed) => Err(failed),
        };
        source.close().await;
        return filled.map(|_| None);
    };
    source.close().await;
    migrated?;
    settle(copy).await.map_err(refused)?;
    if path.exists() {
        match settle(path).await {
            // One that is damaged is moved as it is, by those who say so.
            Ok(()) => {}
            Err(store::Error::Internal(_)) if replace => {}
            Err(error) => return Err(refused(error)),
        }
    }
    if path.exists() && !replace {
        let there = Store::open(&config.database, POOL).await.map_err(refused)?;
        let anybody = async { there.read().await?.any_user().await }.await;
        there.close().await;
        // What cannot be read is not thrown away either.
        if anybody.unwrap_or(true) {
            let why = "there are people in it already: say --replace to put it aside";
            return Err(Failed(format!("nothing was restored to {}: {why}", place(&config.database))));
        }
        settle(path).await.map_err(refused)?;
    }
    let aside = beside(path, &format!(".before-restore-{}", files::stamp(&SystemClock::default())));
    // Also what a database that was moved away has left beside itself: it would be taken for a part of the new one.
    let moved = put_aside(path, &aside).map_err(Failed)?;
    keep(copy, path).map_err(Failed)?;
    Ok(moved.then_some(aside))
}

/// Copies everything into another database, of either engine.
pub async fn copy(config: &Config, to: &str, replace: bool) -> Result<(), Failed> {
    let target = Database::parse("--to", to)?;
    if target == config.database {
        return Err(Failed("--to names the database that is read: name another one".into()));
    }
    let from = today(config).await?;
    let moved = fill(&from, &target, replace).await;
    from.close().await;
    let moved = moved.map_err(|e| Failed(format!("nothing was copied: {e}")))?;
    let rows = |table: &str| moved.iter().find(|m| m.table == table).map_or(0, |m| m.rows);
    say(&format!("Copied and compared: {}.", summary(rows)));
    say("Set DATABASE_URL to it. What is written to the old database from now on is not in the new one.");
    Ok(())
}

fn told(checked: &Checked) -> String {
    format!("{}, schema {}; read back and whole.", summary(|table| checked.rows(table)), checked.schema)
}

/// What people would count.
fn summary(rows: impl Fn(&str) -> u64) -> String {
    let count = |table: &str, one: &str, many: &str| match rows(table) {
        1 => format!("1 {one}"),
        n => format!("{n} {many}"),
    };
    [
        count("user", "person", "people"),
        count("tasks", "task", "tasks"),
        count("projects", "project", "projects"),
        count("conversations", "conversation", "conversations"),
        count("operations", "change", "changes"),
    ]
    .join(", ")
}
