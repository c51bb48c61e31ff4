//! A program that offers tools over its standard input and output.
//!
//! It is given the environment that the operator lists and nothing of ours, and a process group of its own, so that what
//! it starts itself ends with it. What it says on standard error is dropped: it may hold what people wrote.

use crate::config::Secret;
use rustix::process::{Pid, Signal, kill_process_group};
use std::{io, process::Stdio};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// Holds a program; when this is dropped, it and what it has started end.
#[derive(Debug)]
pub struct Leash {
    group: Option<Pid>,
    _child: Child,
}

impl Drop for Leash {
    fn drop(&mut self) {
        if let Some(group) = self.group {
            // An error means that all of them have ended.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

/// Starts a program; answers where it is heard and spoken to.
pub fn start(
    command: &str,
    args: &[Secret],
    env: &[(String, Secret)],
) -> io::Result<((ChildStdout, ChildStdin), Leash)> {
    let mut child = Command::new(command)
        .args(args.iter().map(Secret::expose))
        .env_clear()
        .envs(env.iter().map(|(name, value)| (name, value.expose())))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()?;
    let (output, input) = (child.stdout.take(), child.stdin.take());
    let group = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
    let leash = Leash { group, _child: child };
    match (output, input) {
        (Some(output), Some(input)) => Ok(((output, input), leash)),
        _ => Err(io::Error::other("a program without pipes")),
    }
}
