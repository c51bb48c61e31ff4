//! Starting other programs: our tools first on the PATH, output passed through, failures in words.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::{env, fmt};

use anyhow::{Context, Result, bail};

use crate::paths;

/// A command in the repository that finds our tools and writes where the chores expect it.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(paths::repo()).env("PATH", path()).env("CARGO_TARGET_DIR", paths::target());
    command
}

/// Cargo as it was called, so that a `cargo +toolchain xtask` stays on that toolchain.
pub fn cargo() -> Command {
    command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs to the end with the terminal passed through.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", Shown(command)))?;
    if !status.success() {
        bail!("{} failed ({status})", Shown(command));
    }
    Ok(())
}

/// Runs to the end; what it printed, or that as the error.
pub fn quiet(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output();
    let output = output.with_context(|| format!("cannot start {}", Shown(command)))?;
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if !output.status.success() {
        bail!("{} ({}{})", output.status, err.trim(), out.trim());
    }
    Ok(out.into_owned())
}

/// What the program printed, trimmed; `None` when it is missing or fails.
pub fn output(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Where a program is found, as a shell would.
pub fn which(program: &str) -> Option<PathBuf> {
    env::split_paths(&path()).map(|dir| dir.join(program)).find(|file| file.is_file())
}

/// Whether apt and chroot are ours to use.
pub fn is_root() -> bool {
    output(Command::new("id").arg("-u")).is_some_and(|id| id == "0")
}

fn path() -> OsString {
    let ours = [paths::cargo_tools().join("bin"), paths::npm_tools().join("node_modules/.bin")];
    let theirs = env::var_os("PATH").unwrap_or_default();
    env::join_paths(ours.into_iter().chain(env::split_paths(&theirs))).unwrap_or(theirs)
}

/// A command as a person would type it.
struct Shown<'a>(&'a Command);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = std::path::Path::new(self.0.get_program()).file_name().unwrap_or(self.0.get_program());
        write!(f, "`{}", name.display())?;
        for arg in self.0.get_args() {
            write!(f, " {}", arg.display())?;
        }
        write!(f, "`")
    }
}
