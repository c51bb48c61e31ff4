//! `config …`: what a process started here would take, and everything that can be set.

use super::say;
use crate::{
    config::{Config, table},
    serve::Failed,
};
use clap::Subcommand;

/// What can be asked.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Lists every setting with its value and where that comes from. Secrets are not shown.
    Show,
    /// Prints the reference of all settings, as Markdown.
    Reference,
}

/// Answers it; values that cannot be used are listed too, and then refused as at a start.
pub fn run(command: &Command) -> Result<(), Failed> {
    if matches!(command, Command::Reference) {
        say(table::markdown().trim_end());
        return Ok(());
    }
    let given = Config::given()?;
    for group in table::GROUPS {
        for setting in group.settings {
            let (value, from) = match given.of(setting.name) {
                None => (setting.default.replace('`', ""), "default".to_owned()),
                Some((_, from)) if setting.secret => ("(hidden)".to_owned(), from),
                Some((value, from)) => (value.replace('\n', " "), from),
            };
            say(&format!("{}\t{value}\t{from}", setting.name));
        }
    }
    Config::from_env()?;
    Ok(())
}
