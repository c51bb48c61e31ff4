//! `run`: from a fresh clone to a page in the browser.

use std::os::unix::process::CommandExt;
use std::time::Duration;
use std::{env, thread};

use anyhow::{Context, Result};

use crate::{page, paths, shell, tools};

pub fn run(release: bool) -> Result<()> {
    let profile = page::Profile::from_release(release);
    tools::ensure(page::needs(profile))?;
    page::build(profile)?;
    let mut build = shell::cargo();
    build.args(["build", "--package", "server", "--bin", "todo-chatbot"]).args(release.then_some("--release"));
    shell::run(&mut build)?;

    let port = env::var("PORT").unwrap_or_else(|_| "8080".to_owned());
    let this = env::current_exe().context("cannot find xtask itself")?;
    // A helper says the address once the server answers, so that it is the last line on the screen.
    shell::command(this).args(["announce", &port]).spawn().context("cannot start xtask once more")?;
    let binary = paths::target().join(if release { "release" } else { "debug" }).join("todo-chatbot");
    // The server takes this process's place: Ctrl-C and `kill` reach it, and the shell waits until it has drained.
    let error = shell::command(binary).arg("serve").env_remove("CARGO_TARGET_DIR").exec();
    Err(error).context("cannot start the server")
}

/// Waits for the first good answer and says where to click. Silent when there is none: the server said why.
pub fn announce(args: &[String]) -> Result<()> {
    let port: u16 = args.first().context("announce wants a port")?.parse().context("the port is a number")?;
    for _ in 0..600 {
        thread::sleep(Duration::from_millis(100));
        if crate::served::get(port, "/ready").is_ok_and(|answer| answer.status == 200) {
            println!("\n  Todo Chatbot is at http://localhost:{port}   (Ctrl-C stops it)\n");
            break;
        }
    }
    Ok(())
}
