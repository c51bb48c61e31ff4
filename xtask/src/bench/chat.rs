//! What the assistant costs: a token on its way through us, many streams at once, and an answer of the built-in one.
//!
//! The reference for tokens is the provider's own stream, read without us in between, in the same run and in turns.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::provider::{HOLD, Provider, TOKENS};
use crate::served::{Served, post};

const ROUNDS: usize = 5;
const STREAMS: usize = 200;
const ANSWERS: u32 = 200;
/// Milliseconds an answer of the built-in assistant may take besides the database.
const GOAL: f64 = 5.0;

/// Prints the lines of one engine. `start` starts a server with further settings.
pub fn measure(folder: &Path, start: impl Fn(&Path, &[(&str, String)]) -> Result<Served>) -> Result<()> {
    let provider = Provider::start()?;
    let settings = [
        ("LLM_PROVIDER", "local".to_owned()),
        ("LLM_API", "chat".to_owned()),
        ("LOCAL_LLM_URL", format!("http://127.0.0.1:{}/v1", provider.port)),
        ("LLM_DAILY_TOKENS", "0".to_owned()),
    ];
    let server = start(folder, &settings)?;
    let bearer = signed_up(&server, "model")?;
    overhead(&server, &bearer, &provider)?;
    streams(&server, &bearer, &provider)?;
    drop(server);
    let server = start(folder, &[])?;
    built_in(&server, &signed_up(&server, "built-in")?)
}

fn signed_up(server: &Served, name: &str) -> Result<String> {
    let account = format!(r#"{{"name":"{name}","email":"{name}@example.com","password":"a long enough password"}}"#);
    let answer = post(server.port, "/api/auth/sign-up/email", "", &account)?;
    ensure!(answer.status == 200, "sign-up answered {}: {}", answer.status, answer.body);
    let account: serde_json::Value = serde_json::from_str(&answer.body)?;
    Ok(format!("Authorization: Bearer {}\r\n", account["token"].as_str().context("no token")?))
}

/// Milliseconds until a stream has ended, which it has to do as expected.
fn stream(port: u16, path: &str, headers: &str, body: &str, end: &str) -> Result<f64> {
    let started = Instant::now();
    let mut connection = TcpStream::connect(("127.0.0.1", port))?;
    connection.set_nodelay(true)?;
    connection.set_read_timeout(Some(Duration::from_secs(60)))?;
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.0\r\nHost: localhost:{port}\r\nContent-Type: application/json\r\n\
         Accept: text/event-stream\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    );
    connection.write_all(head.as_bytes())?;
    let mut bytes = Vec::with_capacity(1 << 20);
    connection.read_to_end(&mut bytes)?;
    let took = started.elapsed().as_secs_f64() * 1000.0;
    let text = String::from_utf8_lossy(&bytes);
    ensure!(text.contains(end), "a stream did not end: {}", text.chars().take(600).collect::<String>());
    Ok(took)
}

fn overhead(server: &Served, bearer: &str, provider: &Provider) -> Result<()> {
    let mut pairs = Vec::new();
    for round in 0..=ROUNDS {
        let ours = stream(server.port, "/api/me/chat", bearer, r#"{"message":"say much"}"#, "event: done")?;
        let theirs = stream(provider.port, "/v1/chat/completions", "", "{}", "[DONE]")?;
        if round > 0 {
            pairs.push((ours, theirs)); // The first warms up.
        }
    }
    pairs.sort_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)));
    let (ours, theirs) = pairs[pairs.len() / 2];
    println!(
        "  {TOKENS} tokens through the assistant: {:.1} times the provider's own stream ({ours:.0} and {theirs:.0} ms; \
         {:.1} µs more a token)",
        ours / theirs,
        1000.0 * (ours - theirs) / TOKENS as f64
    );
    Ok(())
}

fn streams(server: &Served, bearer: &str, provider: &Provider) -> Result<()> {
    let before = server.resident()?;
    let message = format!(r#"{{"message":"{HOLD}"}}"#);
    thread::scope(|scope| {
        let one = || stream(server.port, "/api/me/chat", bearer, &message, "event: done");
        let all: Vec<_> = (0..STREAMS).map(|_| scope.spawn(one)).collect();
        let started = Instant::now();
        while provider.held() < STREAMS && started.elapsed() < Duration::from_secs(30) {
            thread::sleep(Duration::from_millis(50));
        }
        let open = provider.held();
        // Some tokens for everybody, so that what is kept for later is there too.
        thread::sleep(Duration::from_secs(3));
        let during = server.resident();
        provider.release();
        for one in all {
            one.join().map_err(|_| anyhow::anyhow!("a stream's thread died"))??;
        }
        ensure!(open == STREAMS, "only {open} of {STREAMS} streams were open at a time");
        let mib = |kib: u64| kib as f64 / 1024.0;
        let (before, during) = (mib(before), mib(during?));
        println!(
            "  {STREAMS} streams at a time: {during:.1} MiB resident, {before:.1} before ({:.0} KiB each)",
            1024.0 * (during - before).max(0.0) / STREAMS as f64
        );
        Ok(())
    })
}

fn built_in(server: &Served, bearer: &str) -> Result<()> {
    for number in 1..=50 {
        let task = format!(r#"{{"title":"Errand {number}","due":"2030-01-{:02}"}}"#, number % 28 + 1);
        ensure!(post(server.port, "/api/me/tasks", bearer, &task)?.status == 201, "a task was not made");
    }
    let mut times = Vec::new();
    let worked = server.worked()?;
    for n in 0..ANSWERS {
        let message = ["What is overdue?", "Show me all my tasks", "Make #3 high priority", "When is errand 7 due?"];
        let body = format!(r#"{{"message":"{}"}}"#, message[n as usize % message.len()]);
        let started = Instant::now();
        let answer = post(server.port, "/api/me/chat", bearer, &body)?;
        times.push(started.elapsed().as_secs_f64() * 1000.0);
        ensure!(answer.status == 200, "the assistant answered {}: {}", answer.status, answer.body);
    }
    let worked = (server.worked()? - worked).as_secs_f64() * 1000.0 / f64::from(ANSWERS);
    times.sort_by(f64::total_cmp);
    println!(
        "  an answer of the built-in assistant: {:.1} ms in the median, of them {worked:.1} ms our own work (goal: at \
         most {GOAL:.0} besides the database)",
        times[times.len() / 2]
    );
    if worked > GOAL {
        println!("  warning: the built-in assistant thinks too long");
    }
    Ok(())
}
