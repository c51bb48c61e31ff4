//! `clients`: programs of others against the one file we would give to somebody, on both databases.
//!
//! The same tests run against the build of the tests in `cargo xtask test`; here they are told to start the binary of
//! `dist` instead, which is built when it is not there.

use anyhow::Result;

use crate::tools::Tool;
use crate::{dist, paths, shell, tools};

pub fn chore() -> Result<()> {
    tools::ensure(&[Tool::Clients, Tool::Postgres])?;
    let binary = paths::dist();
    if !binary.is_file() {
        dist::chore()?;
    }
    println!("clients: against {}", binary.display());
    let mut command = shell::cargo();
    command.args(["test", "--workspace", "--test", "it", "--", "clients::"]);
    shell::run(command.env("TODO_CHATBOT_PROGRAM", &binary))
}
