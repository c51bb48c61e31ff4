//! `deny`: what `deny.toml` says about our dependencies, by cargo-deny.
//!
//! Licences, bans and sources depend only on the lock file, so they belong to every run of `ci`. Known advisories depend
//! on the day and on a database that lies outside package registries: a change must not fail because of what was
//! published over night, so they are asked for apart.

use anyhow::Result;

use crate::shell;
use crate::tools::{self, Tool};

pub fn chore(advisories: bool) -> Result<()> {
    tools::ensure(&[Tool::CargoDeny])?;
    let checks: &[&str] = if advisories { &["advisories"] } else { &["licenses", "bans", "sources"] };
    shell::run(shell::command("cargo-deny").args(["--all-features", "check", "--hide-inclusion-graph"]).args(checks))
}
