//! `smoke`: the binary of `dist`, started in a root folder that holds nothing else, gives its first answers.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs};

use anyhow::{Context, Result, ensure};

use crate::served::{Served, free_port, get};
use crate::{paths, shell};

/// A user that exists nowhere: what the image runs as.
const USER: &str = "1001:1001";

pub fn chore() -> Result<()> {
    let root = env::temp_dir().join(format!("todo-chatbot-smoke-{}", std::process::id()));
    let result = in_empty_root(&root);
    let _ = fs::remove_dir_all(&root);
    result
}

fn in_empty_root(root: &Path) -> Result<()> {
    fs::create_dir_all(root.join("data"))?;
    fs::copy(paths::dist(), root.join("todo-chatbot")).context("there is no binary; run `cargo xtask dist` first")?;
    let port = free_port()?;
    let mut command = start_command(root)?;
    command.env("HOST", "127.0.0.1").env("PORT", port.to_string()).stdout(Stdio::null());
    let server = Served::start(&mut command, port, "/ready")?;
    println!("ready {} ms after start, {} KiB resident", server.ready_after.as_millis(), server.resident()?);

    let page = get(port, "/sign-in")?;
    ensure!(page.status == 200, "/sign-in answered {}", page.status);
    let script = page.body.split('"').find(|text| text.starts_with("/pkg/") && text.ends_with("/app.js"));
    let script = script.context("the page names no script")?;
    let answer = get(port, script)?;
    ensure!(answer.status == 200 && answer.head.contains("immutable"), "{script} answered {}", answer.head);
    // Asked for without any coding: it must come unpacked.
    ensure!(answer.body.contains("export"), "{script} is no script");
    println!("/sign-in and {script} answer");

    let status = server.terminate()?;
    ensure!(status.success(), "after SIGTERM the binary ended with {status}");
    Ok(())
}

/// Inside the empty root when we may, beside it otherwise.
fn start_command(root: &Path) -> Result<Command> {
    if !shell::is_root() {
        println!("not root: the binary runs outside an empty root");
        let mut command = Command::new(root.join("todo-chatbot"));
        command.arg("serve").current_dir(root).env_clear().env("DATA_DIR", root.join("data"));
        return Ok(command);
    }
    fs::set_permissions(root.join("data"), fs::Permissions::from_mode(0o777))?;
    // By its full name: with the environment cleared there is no PATH to find it by.
    let mut command = Command::new(shell::which("chroot").context("chroot is not on the PATH")?);
    command.arg(format!("--userspec={USER}")).arg(root).args(["/todo-chatbot", "serve"]).env_clear();
    Ok(command)
}
