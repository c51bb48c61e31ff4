//! A program that offers tools over its standard input and output.
//!
//! It is given the environment that the operator lists and nothing of ours, and a process group of its own, so that what
//! it starts itself ends with it. What it says on standard error is dropped: it may hold what people wrote.

use crate::config::Secret;
use rustix::process::{Pid, Signal, kill_process_group};
use std::{
    io,
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// The process groups of the programs that were started and not ended. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Kennel(Arc<Mutex<Vec<Pid>>>);

impl Kennel {
    /// Ends all of them, whoever holds them: a process that exits drops nothing.
    pub fn end_all(&self) {
        self.end(|_| true);
    }

    fn end(&self, which: impl Fn(Pid) -> bool) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|group| {
            let ends = which(*group);
            if ends {
                // An error means that all of its processes have ended.
                let _ = kill_process_group(*group, Signal::KILL);
            }
            !ends
        });
    }
}

/// Holds a program; when this is dropped, it and what it has started end.
#[derive(Debug)]
pub struct Leash {
    kennel: Kennel,
    group: Option<Pid>,
    _child: Child,
}

impl Drop for Leash {
    fn drop(&mut self) {
        self.kennel.end(|group| Some(group) == self.group);
    }
}

/// Starts a program; answers where it is heard and spoken to.
pub fn start(
    kennel: &Kennel,
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
    kennel.0.lock().unwrap_or_else(PoisonError::into_inner).extend(group);
    let leash = Leash { kennel: kennel.clone(), group, _child: child };
    match (output, input) {
        (Some(output), Some(input)) => Ok(((output, input), leash)),
        _ => Err(io::Error::other("a program without pipes")),
    }
}
