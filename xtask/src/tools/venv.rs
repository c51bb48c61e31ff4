//! Programs of others from PyPI, each set in a virtual environment of its own: exactly what its `requirements.txt` names.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::{paths, shell};

/// An environment that the tests need.
pub struct Venv {
    /// What it is there for, as people are told.
    what: &'static str,
    home: PathBuf,
    requirements: PathBuf,
    /// A module that shows that it works.
    module: &'static str,
}

/// The judge of how failures of a language model are taken.
pub fn llmock() -> Venv {
    let requirements = paths::repo().join("tests/peers/requirements.txt");
    Venv { what: "llmock", home: paths::llmock(), requirements, module: "llmock" }
}

/// The Python SDK of the Model Context Protocol.
pub fn mcp() -> Venv {
    let requirements = paths::repo().join("tests/mcp/requirements.txt");
    Venv { what: "the Python SDK of MCP", home: paths::mcp().join("python"), requirements, module: "mcp" }
}

impl Venv {
    /// Whether the environment is the one the requirements ask for, and its Python still starts.
    pub fn present(&self) -> bool {
        let installed = fs::read(self.done()).ok();
        installed.is_some()
            && installed == fs::read(&self.requirements).ok()
            && shell::output(shell::command(self.python()).args(["-c", &format!("import {}", self.module)])).is_some()
    }

    pub fn install(&self) -> Result<()> {
        println!("- {}, from PyPI (seconds)", self.what);
        if self.home.exists() {
            fs::remove_dir_all(&self.home).with_context(|| format!("cannot replace {}", self.home.display()))?;
        }
        shell::run(shell::command("python3").args(["-m", "venv"]).arg(&self.home))?;
        let mut pip = shell::command(self.python());
        pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:"]);
        shell::run(pip.args(["--disable-pip-version-check", "--requirement"]).arg(&self.requirements))?;
        // Last the file by which a finished install is known.
        fs::copy(&self.requirements, self.done()).context("cannot note the install")?;
        Ok(())
    }

    fn python(&self) -> PathBuf {
        self.home.join("bin/python")
    }

    fn done(&self) -> PathBuf {
        self.home.join("installed.txt")
    }
}
