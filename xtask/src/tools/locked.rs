//! Programs of others from npm, each set in a folder of its own: exactly what its lock file says.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::{paths, shell};

/// The lock file of the last install that came to its end.
const DONE: &str = "installed-lock.json";

/// A set of packages that the tests need.
pub struct Locked {
    /// The folder with `package.json` and its lock.
    source: &'static str,
    home: PathBuf,
}

/// Better Auth's own client, an OpenID Connect provider and more.
pub fn clients() -> Locked {
    Locked { source: "tests/clients", home: paths::clients() }
}

/// The SDK, the conformance suite, the Inspector and a server of the Model Context Protocol, and the Node.js they ask for.
pub fn mcp() -> Locked {
    Locked { source: "tests/mcp", home: paths::mcp() }
}

impl Locked {
    pub fn present(&self) -> bool {
        let installed = fs::read(self.home.join(DONE)).ok();
        installed.is_some() && installed == fs::read(self.source().join("package-lock.json")).ok()
    }

    pub fn install(&self) -> Result<()> {
        println!("- what {} asks for, from npm (up to a minute)", self.source);
        fs::create_dir_all(&self.home)?;
        // Last the file by which a finished install is known.
        let _ = fs::remove_file(self.home.join(DONE));
        for name in ["package.json", "package-lock.json", ".npmrc"] {
            let copied = fs::copy(self.source().join(name), self.home.join(name));
            copied.with_context(|| format!("cannot copy {name}"))?;
        }
        let mut command = shell::command("npm");
        shell::run(command.args(["ci", "--no-audit", "--no-fund", "--loglevel=error", "--prefix"]).arg(&self.home))?;
        fs::copy(self.source().join("package-lock.json"), self.home.join(DONE)).context("cannot note the install")?;
        Ok(())
    }

    fn source(&self) -> PathBuf {
        paths::repo().join(self.source)
    }
}
