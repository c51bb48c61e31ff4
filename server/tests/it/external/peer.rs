//! A server of tools on loopback that plays what a test tells it to, well or badly.

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, StatusCode},
    response::{IntoResponse, Response},
    routing::any,
};
use futures::{StreamExt as _, stream};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    convert::Infallible,
    sync::{Arc, Mutex},
};
use tokio::{net::TcpListener, sync::watch};

/// What it does instead of answering a method.
#[derive(Clone, Debug)]
pub enum Trouble {
    /// Never answers.
    Hangs,
    /// Answers with that status and these bytes.
    Says(u16, &'static str, String),
    /// Sends a stream of events that does not end and holds no answer.
    Floods,
    /// Sends whoever asks elsewhere.
    Redirects(String),
}

/// See the module.
#[derive(Clone)]
pub struct Peer {
    address: String,
    inner: Arc<Inner>,
}

struct Inner {
    tools: Mutex<Vec<Value>>,
    /// Further members of a list's answer.
    listed: Mutex<Value>,
    /// What a tool answers.
    results: Mutex<BTreeMap<String, Value>>,
    /// By method, or for all of them under `*`.
    troubles: Mutex<BTreeMap<&'static str, Trouble>>,
    /// Whether the newest revision is spoken.
    modern: bool,
    asked: Mutex<Vec<(HeaderMap, Value)>>,
    heard: watch::Sender<usize>,
    notices: watch::Sender<usize>,
    /// How many streams without end nobody listens to any more.
    left: Arc<watch::Sender<usize>>,
}

/// Counts a stream as left when it is dropped.
struct Listener(Arc<watch::Sender<usize>>);

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.send_modify(|n| *n += 1);
    }
}

impl Peer {
    /// With these tools, and the handshake of the older revisions.
    pub async fn start(tools: Vec<Value>) -> Self {
        Self::of(tools, false).await
    }

    /// The same without a handshake.
    pub async fn modern(tools: Vec<Value>) -> Self {
        Self::of(tools, true).await
    }

    async fn of(tools: Vec<Value>, modern: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let inner = Inner {
            tools: Mutex::new(tools),
            listed: Mutex::new(json!({})),
            results: Mutex::default(),
            troubles: Mutex::default(),
            modern,
            asked: Mutex::default(),
            heard: watch::Sender::new(0),
            notices: watch::Sender::new(0),
            left: Arc::new(watch::Sender::new(0)),
        };
        let peer = Self { address, inner: Arc::new(inner) };
        let router = Router::new().route("/mcp", any(Self::answer)).with_state(peer.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        peer
    }

    pub fn url(&self) -> String {
        format!("http://{}/mcp", self.address)
    }

    /// The whole of `MCP_SERVERS`, with this server under the name `far` and these further settings.
    pub fn settings(&self, further: Value) -> String {
        let mut server = json!({"url": self.url()});
        for (name, value) in further.as_object().expect("an object") {
            server[name] = value.clone();
        }
        json!({"far": server}).to_string()
    }

    pub fn has(&self, tools: Vec<Value>) {
        *self.inner.tools.lock().expect("unpoisoned") = tools;
    }

    /// Says this with each list.
    pub fn lists_with(&self, members: Value) {
        *self.inner.listed.lock().expect("unpoisoned") = members;
    }

    pub fn results_in(&self, tool: &str, result: Value) {
        self.inner.results.lock().expect("unpoisoned").insert(tool.to_owned(), result);
    }

    /// From now on this method goes wrong so.
    pub fn troubles(&self, method: &'static str, trouble: Trouble) {
        self.inner.troubles.lock().expect("unpoisoned").insert(method, trouble);
    }

    pub fn recovers(&self) {
        self.inner.troubles.lock().expect("unpoisoned").clear();
    }

    /// Says that its list has changed, to whoever listens.
    pub fn notifies(&self) {
        self.inner.notices.send_modify(|n| *n += 1);
    }

    /// The bodies that came in, in their order.
    pub fn asked(&self, method: &str) -> Vec<Value> {
        let asked = self.inner.asked.lock().expect("unpoisoned");
        asked.iter().filter(|(_, body)| body["method"] == method).map(|(_, body)| body.clone()).collect()
    }

    /// The headers of everything that came in.
    pub fn headers(&self) -> Vec<HeaderMap> {
        self.inner.asked.lock().expect("unpoisoned").iter().map(|(headers, _)| headers.clone()).collect()
    }

    /// How much came in.
    pub fn count(&self) -> usize {
        *self.inner.heard.borrow()
    }

    /// Waits until that method has come in so often.
    pub async fn hears(&self, method: &str, times: usize) {
        let mut heard = self.inner.heard.subscribe();
        let waiting = heard.wait_for(|_| self.asked(method).len() >= times);
        tokio::time::timeout(crate::running::PATIENCE, waiting).await.expect("in time").expect("it lives here");
    }

    /// Waits until so many streams without end were left alone.
    pub async fn is_left(&self, times: usize) {
        let mut left = self.inner.left.subscribe();
        let waiting = left.wait_for(|n| *n >= times);
        tokio::time::timeout(crate::running::PATIENCE, waiting).await.expect("in time").expect("it lives here");
    }

    async fn answer(State(peer): State<Self>, method: Method, headers: HeaderMap, body: Bytes) -> Response {
        if method != Method::POST {
            return StatusCode::METHOD_NOT_ALLOWED.into_response();
        }
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        peer.inner.asked.lock().expect("unpoisoned").push((headers, body.clone()));
        peer.inner.heard.send_modify(|n| *n += 1);
        let method = body["method"].as_str().unwrap_or_default().to_owned();
        let trouble = {
            let troubles = peer.inner.troubles.lock().expect("unpoisoned");
            troubles.get("*").or_else(|| troubles.get(method.as_str())).cloned()
        };
        match trouble {
            Some(trouble) => trouble.play(Listener(peer.inner.left.clone())).await,
            None if body.get("id").is_none() => StatusCode::ACCEPTED.into_response(),
            None if method == "subscriptions/listen" => peer.listening(&body),
            None => peer.well(&method, &body).into_response(),
        }
    }

    fn well(&self, method: &str, body: &Value) -> impl IntoResponse + use<> {
        let capabilities = json!({"tools": {"listChanged": true}});
        let info = json!({"name": "far", "version": "1"});
        let result = match method {
            "server/discover" if self.inner.modern => Ok(json!({
                "resultType": "complete", "supportedVersions": ["2026-07-28"], "capabilities": capabilities,
                "serverInfo": info, "ttlMs": 0, "cacheScope": "private",
            })),
            "initialize" if !self.inner.modern => {
                Ok(json!({"protocolVersion": "2025-11-25", "capabilities": capabilities, "serverInfo": info}))
            }
            "tools/list" => {
                let mut listed = json!({"tools": *self.inner.tools.lock().expect("unpoisoned")});
                for (name, value) in self.inner.listed.lock().expect("unpoisoned").as_object().into_iter().flatten() {
                    listed[name] = value.clone();
                }
                Ok(listed)
            }
            "tools/call" => {
                let results = self.inner.results.lock().expect("unpoisoned");
                let said = results.get(body["params"]["name"].as_str().unwrap_or_default()).cloned();
                Ok(said.unwrap_or_else(|| text("fine")))
            }
            _ => Err(json!({"code": -32601, "message": "no such method"})),
        };
        let (status, answer) = match result {
            Ok(result) => (StatusCode::OK, json!({"jsonrpc": "2.0", "id": body["id"], "result": result})),
            Err(error) => (StatusCode::NOT_FOUND, json!({"jsonrpc": "2.0", "id": body["id"], "error": error})),
        };
        (status, [("content-type", "application/json")], answer.to_string())
    }

    /// A stream of notices, as the newest revision has it.
    fn listening(&self, body: &Value) -> Response {
        let id = body["id"].clone();
        let meta = json!({"io.modelcontextprotocol/subscriptionId": id});
        let told = |method: &str, mut params: Value| {
            params["_meta"] = meta.clone();
            Ok::<_, Infallible>(format!("data: {}\n\n", json!({"jsonrpc": "2.0", "method": method, "params": params})))
        };
        let filter = json!({"notifications": {"toolsListChanged": true}});
        let first = told("notifications/subscriptions/acknowledged", filter);
        let changed = told("notifications/tools/list_changed", json!({}));
        let mut notices = self.inner.notices.subscribe();
        notices.mark_unchanged();
        let further = stream::unfold(notices, move |mut notices| {
            let changed = changed.clone();
            async move { notices.changed().await.ok().map(|()| (changed, notices)) }
        });
        let events = stream::iter([first]).chain(further);
        ([("content-type", "text/event-stream")], Body::from_stream(events)).into_response()
    }
}

impl Trouble {
    async fn play(self, listener: Listener) -> Response {
        match self {
            Self::Hangs => std::future::pending().await,
            Self::Says(status, kind, text) => {
                (StatusCode::from_u16(status).expect("a status"), [("content-type", kind)], text).into_response()
            }
            Self::Redirects(to) => (StatusCode::TEMPORARY_REDIRECT, [("location", to)]).into_response(),
            Self::Floods => {
                let event = json!({"jsonrpc": "2.0", "method": "notifications/message", "params": {"level": "info", "data": "x"}});
                let event = format!("data: {event}\n\n");
                let events = stream::unfold((event, listener), |(event, listener)| async {
                    tokio::task::yield_now().await;
                    Some((Ok::<_, Infallible>(event.clone()), (event, listener)))
                });
                ([("content-type", "text/event-stream")], Body::from_stream(events)).into_response()
            }
        }
    }
}

/// A result that says this.
pub fn text(text: &str) -> Value {
    json!({"content": [{"type": "text", "text": text}]})
}

/// A tool that takes a `city`; `hints` are its annotations.
pub fn tool(name: &str, hints: Value) -> Value {
    json!({
        "name": name, "title": "Forecast", "description": "Tells the weather of a city.", "annotations": hints,
        "inputSchema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    })
}

/// A tool that says that it only reads.
pub fn reading(name: &str) -> Value {
    tool(name, json!({"readOnlyHint": true}))
}
