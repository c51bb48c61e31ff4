//! A mail server that keeps what it is handed.

use crate::app::{Engine, TestApp};
use std::time::Duration;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

/// A letter as it was handed in.
#[derive(Debug)]
pub struct Received {
    pub from: String,
    pub to: String,
    pub whole: String,
}

impl Received {
    /// The link in its text.
    pub fn link(&self) -> &str {
        self.whole.lines().find(|line| line.starts_with("http")).expect("a link")
    }

    /// The link without our address: what a test's client follows.
    pub fn path(&self) -> &str {
        self.link().strip_prefix(super::ORIGIN).expect("our own link")
    }

    pub fn subject(&self) -> &str {
        self.whole.lines().find_map(|line| line.strip_prefix("Subject: ")).expect("a subject")
    }
}

pub struct Sink {
    port: u16,
    letters: mpsc::UnboundedReceiver<Received>,
}

impl Sink {
    /// Listens, and turns the first `busy` letters away for the moment.
    pub async fn start(busy: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (sender, letters) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut busy = busy;
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, sender.clone(), busy > 0));
                busy = busy.saturating_sub(1);
            }
        });
        Self { port, letters }
    }

    /// An app that hands its letters in here.
    pub async fn app(&self, engine: Engine, settings: &[(&str, &str)]) -> TestApp {
        let url = format!("smtp://127.0.0.1:{}", self.port);
        let mut all = vec![("SMTP_URL", url.as_str()), ("SMTP_FROM", "To-do <todo@example.org>")];
        all.extend_from_slice(settings);
        TestApp::with(engine, &all).await
    }

    pub async fn next(&mut self) -> Received {
        let letter = tokio::time::timeout(Duration::from_secs(10), self.letters.recv()).await;
        letter.expect("a letter in time").expect("the sink lives")
    }

    /// Nothing comes.
    pub async fn stays_empty(&mut self) {
        let letter = tokio::time::timeout(Duration::from_millis(300), self.letters.recv()).await;
        assert!(letter.is_err(), "{letter:?}");
    }
}

async fn serve(stream: TcpStream, letters: mpsc::UnboundedSender<Received>, busy: bool) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut say = async |text: &str| write.write_all(format!("{text}\r\n").as_bytes()).await.is_ok();
    say("220 sink").await;
    let (mut from, mut to) = (String::new(), String::new());
    while let Ok(Some(line)) = lines.next_line().await {
        let address = || line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        match line.split([' ', ':']).next().unwrap_or_default() {
            "EHLO" => say("250 sink").await,
            "MAIL" if busy => say("451 come back later").await,
            "MAIL" => {
                from = address();
                say("250 ok").await
            }
            "RCPT" => {
                to = address();
                say("250 ok").await
            }
            "DATA" => {
                say("354 go on").await;
                let mut whole = String::new();
                while let Ok(Some(line)) = lines.next_line().await {
                    if line == "." {
                        break;
                    }
                    whole.push_str(line.strip_prefix('.').unwrap_or(&line));
                    whole.push('\n');
                }
                let _ = letters.send(Received { from: from.clone(), to: to.clone(), whole });
                say("250 ok").await
            }
            "QUIT" => {
                say("221 bye").await;
                return;
            }
            _ => say("250 ok").await,
        };
    }
}
