//! SIGTERM: readiness fails first, what is under way is answered, streams end in an orderly way, exit code 0.

use crate::running::{Home, Running, eventually};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

/// Between the signal and the listener's end: long enough to show something in it on a busy machine.
const DELAY: Duration = Duration::from_secs(5);

/// A request whose body comes slowly, written by hand.
struct Slow(TcpStream, String);

impl Slow {
    async fn begin(server: &Running, path: &str, token: &str, body: Value) -> Self {
        let (address, body) = (server.base.trim_start_matches("http://"), body.to_string());
        let (now, later) = body.split_at(5);
        let slow = Self(TcpStream::connect(address).await.expect("connects"), later.to_owned());
        slow.write(&format!(
            "POST {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{now}",
            body.len()
        ))
        .await;
        slow
    }

    async fn write(&self, text: &str) {
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            self.0.writable().await.expect("open");
            rest = &rest[self.0.try_write(rest).unwrap_or(0)..];
        }
    }

    /// Sends the rest and answers everything that came back until the server closed.
    async fn finish(self) -> String {
        self.write(&self.1).await;
        let mut all = Vec::new();
        loop {
            self.0.readable().await.expect("open");
            let mut piece = [0; 4096];
            match self.0.try_read(&mut piece) {
                Ok(0) => return String::from_utf8(all).expect("text"),
                Ok(n) => all.extend_from_slice(&piece[..n]),
                Err(e) if e.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(e) => panic!("{e} after {}", String::from_utf8_lossy(&all)),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_cut() {
    let home = Home::new().set("SHUTDOWN_DELAY", &DELAY.as_secs().to_string());
    let server = home.start().await;
    let ann = server.person("ann").await;
    let mut window = ann.socket().await;
    let slow = Slow::begin(&server, "/api/me/tasks", &ann.token, json!({"title": "sent slowly"})).await;
    let made = ann.post("/api/me/tokens", json!({"name": "agent", "scopes": ["write"]})).await.expect(201).json();
    let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": "add_task", "arguments": {"title": "called slowly"}}});
    let agent = Slow::begin(&server, "/mcp", made["token"].as_str().expect("a token"), call).await;

    let told = Instant::now();
    server.terminate();
    let ready = eventually("/ready fails", async || {
        let ready = ann.get("/ready").await;
        (ready.status == 503).then_some(ready)
    });
    assert_eq!(ready.await.json()["failing"], "stopping");
    // Load balancers have not noticed yet, so new connections still get their answers.
    server.anybody().get("/api/openapi.json").await.expect(200);
    ann.post("/api/me/tasks", json!({ "title": "late" })).await.expect(201);
    assert!(told.elapsed() < DELAY, "too slow to show anything: {:?}", told.elapsed());
    while window.next().await.is_some() {}

    let address = server.base.trim_start_matches("http://").to_owned();
    eventually("the listener closes", async || TcpStream::connect(&address).await.err()).await;
    assert!(told.elapsed() >= DELAY, "SHUTDOWN_DELAY was not waited for: {:?}", told.elapsed());
    let answer = slow.finish().await;
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    let answer = agent.finish().await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("created"), "{answer}");
    let (status, log) = server.exit().await;
    assert_eq!(status.code(), Some(0), "{log:#?}");
    assert!(log.iter().any(|line| line.contains("\"stopped\"")), "{log:#?}");

    let again = home.start().await;
    let mut titles: Vec<String> =
        ann.at(&again).tasks().await.iter().map(|t| t["title"].as_str().expect("a title").to_owned()).collect();
    titles.sort();
    assert_eq!(titles, ["called slowly", "late", "sent slowly"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_connections_do_not_hold_it_up() {
    let server = Home::new().start().await;
    let ann = server.person("ann").await;
    let _silent = TcpStream::connect(server.base.trim_start_matches("http://")).await.expect("connects");
    ann.get("/api/me/tasks").await.expect(200);
    let told = Instant::now();
    server.terminate();
    let (status, log) = server.exit().await;
    assert_eq!(status.code(), Some(0), "{log:#?}");
    assert!(told.elapsed() < Duration::from_secs(5), "{:?}", told.elapsed());
}

/// The signal comes while the program turns from starting to serving, which is when one was once lost.
#[tokio::test]
async fn a_stop_in_the_moment_of_being_ready_is_heard() {
    let home = Home::new();
    for _ in 0..24 {
        let server = home.start().await;
        server.terminate();
        let (status, lines) = server.exit().await;
        assert!(status.success(), "{status}: {lines:?}");
        let files = std::fs::read_dir(home.data()).expect("a folder");
        let open: Vec<_> = files
            .map(|file| file.expect("a file").file_name())
            .filter(|name| name.to_string_lossy().ends_with("-wal"))
            .collect();
        assert!(open.is_empty(), "the database was not closed: {open:?}, {lines:?}");
    }
}
