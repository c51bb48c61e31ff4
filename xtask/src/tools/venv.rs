//! The judge of how failures of a language model are taken, from PyPI, in a virtual environment of its own: exactly what
//! `tests/peers/requirements.txt` names.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::{paths, shell};

/// Whether the environment is the one the requirements ask for, and its Python still starts.
pub fn present() -> bool {
    let installed = fs::read(done()).ok();
    installed.is_some()
        && installed == fs::read(requirements()).ok()
        && shell::output(shell::command(python()).args(["-c", "import llmock"])).is_some()
}

pub fn install() -> Result<()> {
    println!("- llmock, from PyPI (seconds)");
    let home = paths::llmock();
    if home.exists() {
        fs::remove_dir_all(&home).with_context(|| format!("cannot replace {}", home.display()))?;
    }
    shell::run(shell::command("python3").args(["-m", "venv"]).arg(&home))?;
    let mut pip = shell::command(python());
    pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:", "--disable-pip-version-check"]);
    shell::run(pip.arg("--requirement").arg(requirements()))?;
    // Last the file by which a finished install is known.
    fs::copy(requirements(), done()).context("cannot note the install")?;
    Ok(())
}

fn python() -> PathBuf {
    paths::llmock().join("bin/python")
}

fn requirements() -> PathBuf {
    paths::repo().join("tests/peers/requirements.txt")
}

fn done() -> PathBuf {
    paths::llmock().join("installed.txt")
}
