//! `run`: from a fresh clone to a page in the browser.

use std::os::unix::process::CommandExt;

use anyhow::{Context, Result};

use crate::{page, paths, shell, tools};

pub fn run(release: bool) -> Result<()> {
    let profile = page::Profile::from_release(release);
    tools::ensure(page::needs(profile))?;
    page::build(profile)?;
    let mut build = shell::cargo();
    build.args(["build", "--package", "server", "--bin", "todo-chatbot"]).args(release.then_some("--release"));
    shell::run(&mut build)?;
    let binary = paths::target().join(if release { "release" } else { "debug" }).join("todo-chatbot");
    // The server takes this process's place: Ctrl-C and `kill` reach it, and the shell waits until it has drained. It
    // says itself where to click once it is ready.
    let error = shell::command(binary).arg("serve").env_remove("CARGO_TARGET_DIR").exec();
    Err(error).context("cannot start the server")
}
