//! A password from standard input: typed twice and unseen at a terminal, or one line of a pipe.
//!
//! Never from the command line itself, where other people's `ps` and the shell's history see it.

use super::ask;
use crate::serve::Failed;
use rustix::termios::{LocalModes, OptionalActions, isatty, tcgetattr, tcsetattr};
use std::io::{BufRead as _, stdin};

/// Reads the new password for that account.
pub fn read(email: &str) -> Result<String, Failed> {
    if !isatty(stdin()) {
        return line();
    }
    let hidden = Hidden::start();
    ask(&format!("New password for {email}: "));
    let first = line();
    ask("\nThe same again: ");
    let second = line();
    ask("\n");
    drop(hidden);
    let (first, second) = (first?, second?);
    if first == second { Ok(first) } else { Err(Failed("the two passwords differ; nothing was changed".into())) }
}

fn line() -> Result<String, Failed> {
    let mut text = String::new();
    let failed = |why: &str| Failed(format!("the password cannot be read from standard input: {why}"));
    stdin().lock().read_line(&mut text).map_err(|e| failed(&e.to_string()))?;
    let text = text.trim_end_matches(['\n', '\r']);
    if text.is_empty() { Err(failed("it is empty")) } else { Ok(text.to_owned()) }
}

/// A terminal that shows nothing of what is typed, until this goes.
struct Hidden(Option<rustix::termios::Termios>);

impl Hidden {
    fn start() -> Self {
        let before = tcgetattr(stdin()).ok();
        if let Some(before) = &before {
            let mut silent = before.clone();
            silent.local_modes.remove(LocalModes::ECHO);
            // A terminal that refuses shows what is typed; there is nothing better to do.
            let _ = tcsetattr(stdin(), OptionalActions::Flush, &silent);
        }
        Self(before)
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            let _ = tcsetattr(stdin(), OptionalActions::Now, before);
        }
    }
}
