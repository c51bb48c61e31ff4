//! A server that a chore started: when it is ready, what it answers, and that it is gone afterwards.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};
use std::{fs, thread};

use anyhow::{Context, Result, bail, ensure};

use crate::shell;

/// A server on a loopback port, killed when dropped.
pub struct Served {
    child: Child,
    pub port: u16,
    /// From the start of the process to the first good answer.
    pub ready_after: Duration,
}

impl Served {
    /// Starts the command and waits for 200 at `path`. The command is told its port by the caller.
    pub fn start(command: &mut Command, port: u16, path: &str) -> Result<Self> {
        let started = Instant::now();
        let child = command.spawn().context("cannot start the server")?;
        let mut served = Self { child, port, ready_after: Duration::ZERO };
        while !get(port, path).is_ok_and(|answer| answer.status == 200) {
            if let Some(status) = served.child.try_wait()? {
                bail!("the server ended before it was ready ({status})");
            }
            ensure!(started.elapsed() < Duration::from_secs(20), "the server was not ready within 20 s");
            thread::sleep(Duration::from_millis(1));
        }
        served.ready_after = started.elapsed();
        Ok(served)
    }

    /// Memory in use, in KiB.
    pub fn resident(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        line.trim().trim_end_matches("kB").trim().parse().context("VmRSS is a number")
    }

    /// Time its threads have worked.
    pub fn worked(&self) -> Result<Duration> {
        // Linux counts these in hundredths of a second, on every machine we build for.
        const TICKS: u64 = 100;
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The program's name, in brackets, may hold blanks.
        let fields = stat.rsplit(')').next().context("no name")?.split_whitespace();
        let ticks = fields.skip(11).take(2).map(str::parse::<u64>).sum::<Result<u64, _>>()?;
        Ok(Duration::from_millis(ticks * 1000 / TICKS))
    }

    /// Asks it to end as an orchestrator does, and waits.
    pub fn terminate(mut self) -> Result<ExitStatus> {
        shell::run(Command::new("kill").args(["-TERM", &self.child.id().to_string()]))?;
        Ok(self.child.wait()?)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer, as text.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

/// One GET on a connection of its own; loopback only.
pub fn get(port: u16, path: &str) -> Result<Answer> {
    exchange(port, &format!("GET {path} HTTP/1.0\r\nHost: localhost:{port}\r\n\r\n"))
}

/// One POST of JSON, with further header lines.
pub fn post(port: u16, path: &str, headers: &str, json: &str) -> Result<Answer> {
    send(port, "POST", path, headers, json)
}

/// JSON by any method, with further header lines.
pub fn send(port: u16, method: &str, path: &str, headers: &str, json: &str) -> Result<Answer> {
    exchange(port, &request(port, method, path, headers, json))
}

/// A whole request as text.
pub fn request(port: u16, method: &str, path: &str, headers: &str, json: &str) -> String {
    let length = json.len();
    format!(
        "{method} {path} HTTP/1.0\r\nHost: localhost:{port}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n{headers}\r\n{json}"
    )
}

fn exchange(port: u16, request: &str) -> Result<Answer> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.write_all(request.as_bytes())?;
    answer(stream)
}

/// What comes back until the other side closes.
pub fn answer(mut stream: TcpStream) -> Result<Answer> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let (head, body) = text.split_once("\r\n\r\n").context("not an HTTP answer")?;
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).context("no status")?;
    Ok(Answer { status, head: head.to_owned(), body: body.to_owned() })
}

/// A port nobody listens on, as the kernel gives it.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
