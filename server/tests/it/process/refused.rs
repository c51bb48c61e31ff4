//! Who is refused by the head of a request reads why, whatever they still send, over a connection written by hand.

use crate::running::{Home, Running};
use std::time::{Duration, Instant};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

struct Wire(TcpStream);

impl Wire {
    async fn to(server: &Running) -> Self {
        Self(TcpStream::connect(server.base.trim_start_matches("http://")).await.expect("connects"))
    }

    async fn write(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.expect("taken");
    }

    async fn head(&mut self, line: &str, headers: &str) {
        self.write(format!("{line} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n").as_bytes()).await;
    }

    /// The status of an answer, which is read whole.
    async fn status(&mut self) -> u16 {
        let mut all = Vec::new();
        loop {
            let text = String::from_utf8_lossy(&all).to_ascii_lowercase();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
                if body.len() >= length.expect("a length") {
                    return text[9..12].parse().expect("a status");
                }
            }
            assert!(self.0.read_buf(&mut all).await.expect("an answer") > 0, "closed after {text}");
        }
    }
}

#[tokio::test]
async fn a_large_body_is_taken_in_and_the_connection_stays() {
    let server = Home::new().start().await;
    let large = vec![b'x'; 4 << 20];
    for (line, status) in [
        ("POST /api/me/tasks", 401),
        ("PATCH /api/somebody/tasks/1", 401),
        ("DELETE /api/openapi.json", 405),
        ("POST /api/nothing/here/at/all", 404),
        ("POST /mcp", 401),
        // Here the body is read until it is too large.
        ("POST /api/auth/sign-in/email", 413),
    ] {
        let mut wire = Wire::to(&server).await;
        for _ in 0..2 {
            let headers = format!("Content-Type: application/json\r\nContent-Length: {}\r\n", large.len());
            wire.head(line, &headers).await;
            wire.write(&large).await;
            assert_eq!(wire.status().await, status, "{line}");
        }
        wire.head("GET /health", "").await;
        assert_eq!(wire.status().await, 200, "{line}");
    }
}

#[tokio::test]
async fn a_body_that_does_not_end_is_not_waited_for() {
    let server = Home::new().start().await;
    for framing in ["Content-Length: 1000", "Transfer-Encoding: chunked"] {
        let mut wire = Wire::to(&server).await;
        wire.head("POST /api/me/tasks", &format!("{framing}\r\n")).await;
        wire.write(b"1\r\n{\r\n").await;
        let begun = Instant::now();
        assert_eq!(wire.status().await, 401, "{framing}");
        assert!(begun.elapsed() < Duration::from_secs(10), "{framing}: {:?}", begun.elapsed());
    }
    // A client that asks before it sends is not asked to send what nobody wants.
    let mut wire = Wire::to(&server).await;
    wire.head("POST /api/me/tasks", "Content-Length: 1000\r\nExpect: 100-continue\r\n").await;
    assert_eq!(wire.status().await, 401);
}
