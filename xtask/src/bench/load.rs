//! The load: a few connections kept open, each asking again as soon as it was answered.
//!
//! Closed loop on loopback, so what is measured is the server's work and not a network. Blocking threads, because a
//! handful of connections needs nothing more.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

/// One request, said the same way to both servers.
pub struct Request {
    pub port: u16,
    /// Method and path.
    pub line: String,
    /// Further header lines, each with its line end.
    pub headers: String,
    pub body: String,
    pub expect: u16,
}

impl Request {
    fn bytes(&self) -> Vec<u8> {
        let Self { port, line, headers, body, .. } = self;
        let length = body.len();
        format!(
            "{line} HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n{headers}\r\n{body}"
        )
        .into_bytes()
    }
}

/// Answers per second over all connections within the given time.
pub fn rate(request: &Request, connections: usize, during: Duration) -> Result<f64> {
    let started = Instant::now();
    let answered = thread::scope(|scope| {
        let one = || -> Result<u32> {
            let mut connection = Connection::open(request)?;
            let mut answered = 0;
            while started.elapsed() < during {
                connection.ask()?;
                answered += 1;
            }
            Ok(answered)
        };
        let all: Vec<_> = (0..connections).map(|_| scope.spawn(one)).collect();
        all.into_iter().try_fold(0, |sum, one| {
            one.join().map_err(|_| anyhow::anyhow!("a connection's thread died"))?.map(|answered| sum + answered)
        })
    })?;
    Ok(f64::from(answered) / started.elapsed().as_secs_f64())
}

/// A connection that stays open.
pub struct Connection<'a> {
    stream: TcpStream,
    request: &'a Request,
    bytes: Vec<u8>,
    answer: Vec<u8>,
}

impl<'a> Connection<'a> {
    pub fn open(request: &'a Request) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", request.port)).context("cannot connect")?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        Ok(Self { stream, request, bytes: request.bytes(), answer: Vec::with_capacity(1 << 16) })
    }

    /// One request, and an error when it is not answered as expected.
    fn ask(&mut self) -> Result<()> {
        if self.status()? != self.request.expect {
            bail!("{} was answered by {}", self.request.line, String::from_utf8_lossy(&self.answer));
        }
        Ok(())
    }

    /// One request and the status of its answer, which is read whole, by its length.
    pub fn status(&mut self) -> Result<u16> {
        self.stream.write_all(&self.bytes)?;
        self.answer.clear();
        let mut whole = None;
        while whole.is_none_or(|whole| self.answer.len() < whole) {
            let mut part = [0; 1 << 14];
            let read = self.stream.read(&mut part)?;
            ensure!(read > 0, "the server closed the connection in the middle of an answer");
            self.answer.extend_from_slice(&part[..read]);
            if whole.is_none() {
                whole = length(&self.answer)?;
            }
        }
        let status = self.answer.get(9..12).and_then(|code| str::from_utf8(code).ok()?.parse().ok());
        status.context("an answer without a status")
    }
}

/// Length of head and body together, once the head is there.
fn length(answer: &[u8]) -> Result<Option<usize>> {
    let Some(head) = answer.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(None);
    };
    let text = str::from_utf8(&answer[..head])?.to_ascii_lowercase();
    let body = text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    let body = body.with_context(|| format!("an answer without a length cannot be measured:\n{text}"))?;
    Ok(Some(head + 4 + body))
}

#[cfg(test)]
mod tests {
    use super::length;

    #[test]
    fn an_answer_is_as_long_as_it_says_once_its_head_is_there() {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]";
        assert_eq!(length(answer).unwrap(), Some(answer.len()));
        assert_eq!(length(&answer[..20]).unwrap(), None);
        assert!(length(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }
}
