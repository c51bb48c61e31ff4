//! `deny`: what `deny.toml` says about our dependencies, by cargo-deny.
//!
//! Licences, bans and sources depend only on the lock file, so they belong to every run of `ci`. Known advisories depend
//! on the day and on a database that lies outside package registries: a change must not fail because of what was
//! published over night, so they are asked for apart.

use anyhow::{Context, Result};

use crate::shell;
use crate::tools::{self, Tool};

pub fn chore(advisories: bool) -> Result<()> {
    tools::ensure(&[Tool::CargoDeny])?;
    let checks: &[&str] = if advisories { &["advisories"] } else { &["licenses", "bans", "sources"] };
    let mut command = shell::command("cargo-deny");
    let result = shell::run(command.args(["--all-features", "check", "--hide-inclusion-graph"]).args(checks));
    if advisories {
        return result.context(
            "either there are advisories, which are listed above, or RustSec's database could not be fetched: it is a \
             repository of git and in no package registry, so this wants a machine with a network",
        );
    }
    result
}
