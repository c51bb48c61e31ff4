//! `smoke`: the binary of `dist`, started in a root folder that holds nothing else, gives its first answers.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use anyhow::{Context, Result, bail, ensure};

use crate::{paths, shell};

/// A user that exists nowhere: what the image runs as.
const USER: &str = "1001";

pub fn chore() -> Result<()> {
    let root = env::temp_dir().join(format!("todo-chatbot-smoke-{}", std::process::id()));
    let result = in_empty_root(&root);
    let _ = fs::remove_dir_all(&root);
    result
}

fn in_empty_root(root: &Path) -> Result<()> {
    fs::create_dir_all(root.join("data"))?;
    fs::copy(paths::dist(), root.join("todo-chatbot"))
        .context("there is no binary; run `cargo xtask dist` first")?;
    let port = free_port()?;
    let mut command = start_command(root)?;
    command
        .env("HOST", "127.0.0.1")
        .env("PORT", port.to_string())
        .stdout(Stdio::null());
    let started = Instant::now();
    let mut server = Running(command.spawn().context("cannot start the binary")?);
    let first = loop {
        if get(port, "/ready").is_ok_and(|answer| answer.status == 200) {
            break started.elapsed();
        }
        if let Some(status) = server.0.try_wait()? {
            bail!("the binary ended before it was ready ({status})");
        }
        ensure!(
            started.elapsed() < Duration::from_secs(20),
            "the binary was not ready within 20 s"
        );
        thread::sleep(Duration::from_millis(1));
    };
    let resident = resident_kib(server.0.id())?;
    println!(
        "ready {} ms after start, {} KiB resident",
        first.as_millis(),
        resident
    );

    let page = get(port, "/sign-in")?;
    ensure!(page.status == 200, "/sign-in answered {}", page.status);
    let script = page
        .body
        .split('"')
        .find(|text| text.starts_with("/pkg/") && text.ends_with("/app.js"));
    let script = script.context("the page names no script")?.to_owned();
    let answer = get(port, &script)?;
    ensure!(
        answer.status == 200 && answer.head.contains("immutable"),
        "{script} answered {}",
        answer.head
    );
    println!("/sign-in and {script} answer");

    shell::run(Command::new("kill").args(["-TERM", &server.0.id().to_string()]))?;
    let status = server.0.wait()?;
    ensure!(
        status.success(),
        "after SIGTERM the binary ended with {status}"
    );
    Ok(())
}

/// Inside the empty root when we may, beside it otherwise.
fn start_command(root: &Path) -> Result<Command> {
    if !shell::is_root() {
        println!("not root: the binary runs outside an empty root");
        let mut command = Command::new(root.join("todo-chatbot"));
        command
            .arg("serve")
            .current_dir(root)
            .env_clear()
            .env("DATA_DIR", root.join("data"));
        return Ok(command);
    }
    fs::set_permissions(root.join("data"), fs::Permissions::from_mode(0o777))?;
    let mut command = Command::new("chroot");
    command
        .arg(format!("--userspec={USER}:{USER}"))
        .arg(root)
        .args(["/todo-chatbot", "serve"])
        .env_clear();
    Ok(command)
}

/// A server that is gone when the chore ends, however it ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// An answer, as text.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

/// The smallest HTTP client that serves: one GET, one connection, loopback only.
pub fn get(port: u16, path: &str) -> Result<Answer> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    write!(
        stream,
        "GET {path} HTTP/1.0\r\nHost: localhost:{port}\r\n\r\n"
    )?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let (head, body) = text.split_once("\r\n\r\n").context("not an HTTP answer")?;
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok())
        .context("no status")?;
    Ok(Answer {
        status,
        head: head.to_owned(),
        body: body.to_owned(),
    })
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

fn resident_kib(pid: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .context("no VmRSS")?;
    line.trim()
        .trim_end_matches("kB")
        .trim()
        .parse()
        .context("VmRSS is a number")
}
