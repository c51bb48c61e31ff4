//! Files that appear whole or not at all, and that only their owner reads: a copy of the database holds secrets.

use crate::clock::Clock;
use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

/// What SQLite keeps beside a database: what is in there belongs to that one file and to no other of the same name.
const BESIDE: [&str; 4] = ["", "-wal", "-shm", "-journal"];

/// The time as a part of a file's name.
pub fn stamp(clock: &dyn Clock) -> String {
    clock.now().strftime("%Y-%m-%dT%H%M%SZ").to_string()
}

/// The same path with something behind it.
pub fn beside(path: &Path, more: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(more);
    name.into()
}

fn failed(path: &Path, error: &io::Error) -> String {
    format!("{} cannot be written: {error}", path.display())
}

/// Makes an empty file that only its owner can read, and the folder it is in. What an earlier attempt left makes way.
pub fn private(path: &Path) -> Result<(), String> {
    let made = || {
        discard(path);
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder)?;
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path).map(|_| ())
    };
    made().map_err(|e| failed(path, &e))
}

/// Copies a file into a private one.
pub fn copy(from: &Path, to: &Path) -> Result<(), String> {
    private(to)?;
    let copied = || {
        let mut out = OpenOptions::new().write(true).open(to)?;
        io::copy(&mut File::open(from)?, &mut out)?;
        out.sync_all()
    };
    copied().map_err(|e| failed(to, &e))
}

/// Gives a whole file its name, so that it is still there after a power cut.
pub fn keep(from: &Path, to: &Path) -> Result<(), String> {
    let kept = || {
        File::open(from)?.sync_all()?;
        fs::rename(from, to)?;
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()
    };
    kept().map_err(|e| failed(to, &e))
}

/// Writes a file to standard output.
pub fn send(from: &Path) -> Result<(), String> {
    let sent = || io::copy(&mut File::open(from)?, &mut io::stdout().lock()).map(|_| ());
    sent().map_err(|e| format!("standard output cannot be written: {e}"))
}

/// Moves a database away, with whatever stands beside it; false when there was nothing.
pub fn put_aside(path: &Path, aside: &Path) -> Result<bool, String> {
    let mut moved = false;
    for more in BESIDE {
        let from = beside(path, more);
        if from.exists() {
            keep(&from, &beside(aside, more))?;
            moved = true;
        }
    }
    Ok(moved)
}

/// Removes what is left of an attempt, with what SQLite keeps beside it.
pub fn discard(path: &Path) {
    for more in BESIDE {
        // It may never have been there.
        let _ = fs::remove_file(beside(path, more));
    }
}
