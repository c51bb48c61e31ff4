//! Stand-ins for model providers that others have written: `@copilotkit/aimock` from npm plays their protocols, `llmock`
//! from PyPI breaks them on purpose and judges how we take it.
//!
//! `cargo xtask test` installs both; without them this fails.

mod aimock;
mod llmock;

use crate::app::{Client, Engine, TestApp};
use serde_json::{Value, json};
use std::{
    io::{BufRead as _, BufReader, Read},
    process::{Child, Command, Stdio},
};

/// Longer than any of them needs to start, however busy the machine is.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(90);

/// A program of somebody else that serves on loopback until it is dropped.
struct Peer {
    child: Child,
    url: String,
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Peer {
    /// Starts it and waits until it says that it listens at that address.
    async fn start(mut command: Command, url: String, says: &'static str) -> Self {
        // Proxies of the machine are not for talking to oneself.
        command.env_remove("HTTP_PROXY").env_remove("http_proxy").env_remove("NODE_OPTIONS");
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts: `cargo xtask test` installs what is needed");
        let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
        let out: [Box<dyn Read + Send>; 2] =
            [Box::new(child.stdout.take().expect("piped")), Box::new(child.stderr.take().expect("piped"))];
        for stream in out {
            let sender = sender.clone();
            // Read to the end, so that it never waits for us.
            std::thread::spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    let _ = sender.send(line);
                }
            });
        }
        drop(sender);
        let peer = Self { child, url };
        let mut said = Vec::new();
        let started = async {
            while let Some(line) = receiver.recv().await {
                if line.contains(says) {
                    return true;
                }
                said.push(line);
            }
            false
        };
        let started = tokio::time::timeout(PATIENCE, started).await.unwrap_or(false);
        assert!(started, "it has not started: {said:?}");
        peer
    }

    async fn get(&self, path: &str) -> Value {
        let answer = http().get(format!("{}{path}", self.url)).send().await.expect("an answer");
        answer.json().await.expect("JSON")
    }

    async fn post(&self, path: &str, body: Value) {
        let answer = http().post(format!("{}{path}", self.url)).json(&body).send().await.expect("an answer");
        assert!(answer.status().is_success(), "{}", answer.status());
    }
}

fn http() -> reqwest::Client {
    let tls = server::tls::client();
    reqwest::Client::builder().no_proxy().tls_backend_preconfigured(tls).build().expect("a client")
}

/// An app with these settings.
async fn app(settings: &[(&str, String)]) -> TestApp {
    let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    TestApp::with(Engine::Sqlite, &settings).await
}

/// A new conversation's first answer.
async fn say(client: &Client, message: &str) -> Value {
    client.post("/api/me/chat", json!({"message": message})).await.expect(200).json()
}

fn done(reply: &Value) -> Vec<(&str, &str)> {
    let calls = reply["tool_calls"].as_array().expect("a list");
    calls.iter().map(|c| (c["tool"].as_str().expect("a tool"), c["status"].as_str().expect("a status"))).collect()
}
