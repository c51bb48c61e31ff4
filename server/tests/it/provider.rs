//! A provider of a language model on loopback: it speaks OpenAI's chat completions and plays what a test tells it to.

use crate::app::{Engine, TestApp};
use axum::{
    Json, Router,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use futures::{StreamExt as _, stream};
use serde_json::{Value, json};
use std::{
    collections::VecDeque,
    convert::Infallible,
    sync::{Arc, Mutex},
};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
};

/// One answer of the provider.
pub enum Play {
    /// These chunks, then `[DONE]`.
    Chunks(Vec<Value>),
    /// The same, but each chunk waits until the test lets it go ([`Provider::release`]).
    Held(Vec<Value>),
    /// These chunks, and then the connection ends.
    Cut(Vec<Value>),
    /// This status with this body.
    Refuse(u16, Value),
    /// Bytes as they are.
    Raw(&'static str),
}

/// See the module.
#[derive(Clone)]
pub struct Provider {
    url: String,
    plays: Arc<Mutex<VecDeque<Play>>>,
    asked: Arc<Mutex<Vec<(HeaderMap, Value)>>>,
    /// One permit lets one held chunk go.
    gate: Arc<Semaphore>,
    /// How many held answers nobody listens to any more, or have ended.
    left: Arc<watch::Sender<usize>>,
}

/// Counts a held answer as left when it is dropped.
struct Listener(Arc<watch::Sender<usize>>);

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.send_modify(|n| *n += 1);
    }
}

/// A provider that plays these answers in order, and an app with these further settings that asks it.
pub async fn asked_by(engine: Engine, plays: Vec<Play>, further: &[(&str, &str)]) -> (Provider, TestApp) {
    let provider = Provider::start(plays).await;
    let settings = provider.settings();
    let mut settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    settings.extend(further);
    let app = TestApp::with(engine, &settings).await;
    (provider, app)
}

impl Provider {
    /// Plays these answers in order.
    pub async fn start(plays: Vec<Play>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let provider = Self {
            url: format!("http://{address}/v1/"),
            plays: Arc::new(Mutex::new(plays.into())),
            asked: Arc::default(),
            gate: Arc::new(Semaphore::new(0)),
            left: Arc::new(watch::Sender::new(0)),
        };
        let router = Router::new().route("/v1/chat/completions", post(Self::answer)).with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        provider
    }

    /// The settings of a server that asks it.
    pub fn settings(&self) -> [(&'static str, String); 3] {
        [
            ("OPENAI_API_KEY", "sk-test-secret".into()),
            ("OPENAI_BASE_URL", self.url.clone()),
            ("AGENT_MODEL", "tester".into()),
        ]
    }

    async fn answer(State(provider): State<Self>, headers: HeaderMap, Json(body): Json<Value>) -> Response {
        provider.asked.lock().expect("unpoisoned").push((headers, body));
        let play = provider.plays.lock().expect("unpoisoned").pop_front();
        let typed = |body: Body| ([("content-type", "text/event-stream")], body).into_response();
        let data = |chunks: Vec<Value>| chunks.iter().map(|c| format!("data: {c}\n\n")).collect::<String>();
        match play {
            Some(Play::Chunks(chunks)) => typed(format!("{}data: [DONE]\n\n", data(chunks)).into()),
            Some(Play::Held(chunks)) => typed(provider.held(chunks)),
            Some(Play::Cut(chunks)) => typed(data(chunks).into()),
            Some(Play::Raw(text)) => typed(text.into()),
            Some(Play::Refuse(status, body)) => {
                let status = StatusCode::from_u16(status).expect("a status");
                (status, [("retry-after", "0")], Body::from(body.to_string())).into_response()
            }
            None => (StatusCode::BAD_REQUEST, "nothing left to play").into_response(),
        }
    }

    fn held(&self, chunks: Vec<Value>) -> Body {
        let lines = chunks.into_iter().map(|c| format!("data: {c}\n\n")).collect::<VecDeque<_>>();
        let whole = (lines, self.gate.clone(), Listener(self.left.clone()));
        let pieces = stream::unfold(Some(whole), |whole| async {
            let (mut lines, gate, listener) = whole?;
            let Some(line) = lines.pop_front() else {
                return Some((Ok::<_, Infallible>("data: [DONE]\n\n".to_owned()), None));
            };
            gate.acquire().await.expect("never closed").forget();
            Some((Ok(line), Some((lines, gate, listener))))
        });
        Body::from_stream(pieces.boxed())
    }

    /// Plays these answers too, after the others.
    pub fn plays(&self, plays: Vec<Play>) {
        self.plays.lock().expect("unpoisoned").extend(plays);
    }

    /// Lets so many held chunks go.
    pub fn release(&self, chunks: usize) {
        self.gate.add_permits(chunks);
    }

    /// Waits until so many held answers in all have ended or were left alone by whoever listened.
    pub async fn left(&self, answers: usize) {
        self.left.subscribe().wait_for(|n| *n >= answers).await.expect("the sender lives here");
    }

    /// What the provider was asked, in order.
    pub fn asked(&self) -> Vec<Value> {
        self.asked.lock().expect("unpoisoned").iter().map(|(_, body)| body.clone()).collect()
    }

    /// The headers of that request.
    pub fn headers(&self, request: usize) -> HeaderMap {
        self.asked.lock().expect("unpoisoned")[request].0.clone()
    }
}

/// The chunks of a text in these pieces: one each, one that ends it, one with the usage.
pub fn chunks(parts: &[&str]) -> Vec<Value> {
    let mut chunks: Vec<Value> = parts.iter().map(|p| json!({"choices": [{"delta": {"content": p}}]})).collect();
    chunks.push(json!({"choices": [{"delta": {}, "finish_reason": "stop"}]}));
    chunks.push(json!({"choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": 2}}));
    chunks
}

/// A text in these pieces.
pub fn text(parts: &[&str]) -> Play {
    Play::Chunks(chunks(parts))
}

/// Tool calls whose arguments come in two parts.
pub fn calls(calls: &[(&str, Value)]) -> Play {
    let mut chunks = Vec::new();
    for (i, (name, arguments)) in calls.iter().enumerate() {
        let arguments = arguments.to_string();
        let (head, tail) = arguments.split_at(arguments.len() / 2);
        chunks.push(json!({"choices": [{"delta": {"tool_calls": [{"index": i, "id": format!("call_{i}"), "type": "function", "function": {"name": name, "arguments": head}}]}}]}));
        chunks.push(json!({"choices": [{"delta": {"tool_calls": [{"index": i, "function": {"arguments": tail}}]}}]}));
    }
    chunks.push(json!({"choices": [{"delta": {}, "finish_reason": "tool_calls"}]}));
    Play::Chunks(chunks)
}
