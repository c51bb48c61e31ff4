//! A language model's provider that costs nothing: it streams as many tokens as it is told, as fast as they are taken, or
//! holds its answers open. It speaks OpenAI's chat completions, one thread for each connection.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

/// What a message says when its answer is to be held open.
pub const HOLD: &str = "hold this one";
/// Tokens of an answer that is not held.
pub const TOKENS: usize = 4000;
/// Between two tokens of a held answer.
const SLOWLY: Duration = Duration::from_millis(200);

pub struct Provider {
    pub port: u16,
    held: Arc<AtomicUsize>,
    release: Arc<AtomicBool>,
}

impl Provider {
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let port = listener.local_addr()?.port();
        let provider = Self { port, held: Arc::default(), release: Arc::default() };
        let (held, release) = (provider.held.clone(), provider.release.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (held, release) = (held.clone(), release.clone());
                // A client that leaves early is its own business.
                thread::spawn(move || answer(stream, &held, &release));
            }
        });
        Ok(provider)
    }

    /// How many answers are being held open.
    pub fn held(&self) -> usize {
        self.held.load(Ordering::SeqCst)
    }

    /// Lets the held answers end.
    pub fn release(&self) {
        self.release.store(true, Ordering::SeqCst);
    }
}

fn answer(mut stream: TcpStream, held: &AtomicUsize, release: &AtomicBool) -> Result<()> {
    stream.set_nodelay(true)?;
    let hold = read(&stream)?.contains(HOLD);
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")?;
    if hold {
        held.fetch_add(1, Ordering::SeqCst);
        while !release.load(Ordering::SeqCst) {
            token(&mut stream)?;
            thread::sleep(SLOWLY);
        }
    } else {
        for _ in 0..TOKENS {
            token(&mut stream)?;
        }
    }
    stream.write_all(
        b"data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
    )?;
    Ok(())
}

fn token(stream: &mut TcpStream) -> Result<()> {
    const TOKEN: &[u8] = b"data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"bench\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"word \"},\"finish_reason\":null}]}\n\n";
    Ok(stream.write_all(TOKEN)?)
}

/// The body of a request.
fn read(stream: &TcpStream) -> Result<String> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().context("a length")?;
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(String::from_utf8_lossy(&body).into_owned())
}
