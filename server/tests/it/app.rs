//! The app under test, in process: a fresh database, a clock that stands still, and clients that speak HTTP to the router.

use crate::postgres;
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use futures::StreamExt as _;
use serde_json::{Value, json};
use server::{
    auth::client::Client as Peer,
    clock::FakeClock,
    config::Config,
    service::accounts::{NewAccount, SignedIn, SignedUp},
    state::AppState,
};
use std::{collections::BTreeMap, sync::Arc};
use tokio::sync::watch;
use tower::ServiceExt as _;

/// Saturday.
pub const NOW: &str = "2026-11-21T10:00:00Z";
/// Everybody's.
pub const PASSWORD: &str = "correct horse";

/// Says something to the assistant, in a new conversation or in that one, and answers its reply.
pub async fn say(client: &Client, conversation: Option<i64>, message: &str) -> Value {
    client.post("/api/me/chat", json!({"conversation_id": conversation, "message": message})).await.expect(200).json()
}

/// Which database a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

pub struct TestApp {
    pub state: AppState,
    pub router: Router,
    pub clock: Arc<FakeClock>,
    /// Becomes true when the app is to stop.
    pub stop: watch::Sender<bool>,
    /// The address of its database.
    pub url: String,
    config: Arc<Config>,
    _folder: tempfile::TempDir,
}

impl TestApp {
    pub async fn new(engine: Engine) -> Self {
        Self::with(engine, &[]).await
    }

    /// With further settings.
    pub async fn with(engine: Engine, settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut values: BTreeMap<String, String> = BTreeMap::new();
        values.insert("DATA_DIR".into(), folder.path().display().to_string());
        values.insert("BETTER_AUTH_SECRET".into(), "a-secret-for-tests-0123456789abcdef".into());
        values.insert("BETTER_AUTH_URL".into(), "http://localhost:8080".into());
        values.insert("RATE_LIMIT".into(), "off".into());
        if engine == Engine::Postgres {
            values.insert("DATABASE_URL".into(), postgres::fresh().await);
            values.insert("DATABASE_POOL".into(), "5".into());
        }
        values.extend(settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())));
        let url = values.get("DATABASE_URL").cloned();
        let url = url.unwrap_or_else(|| format!("sqlite://{}", folder.path().join("todo-chatbot.db").display()));
        let config = Arc::new(Config::from_values(values, false).expect("settings"));
        let clock = Arc::new(FakeClock::at(NOW.parse().expect("an instant")));
        Self::start(config, url, clock, folder).await
    }

    /// Another process on the same database, as a second pod is.
    pub async fn second(&self) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self::start(self.config.clone(), self.url.clone(), self.clock.clone(), folder).await
    }

    async fn start(config: Arc<Config>, url: String, clock: Arc<FakeClock>, folder: tempfile::TempDir) -> Self {
        let (stop, stopping) = watch::channel(false);
        let state = server::serve::assemble(config.clone(), clock.clone(), stopping).await.expect("starts");
        let router = server::http::router(state.clone(), server::parts::Parts::ALL);
        Self { state, router, clock, stop, url, config, _folder: folder }
    }

    /// A client without a session.
    pub fn anonymous(&self) -> Client {
        Client { router: self.router.clone(), headers: HeaderMap::new(), user: String::new(), token: String::new() }
    }

    /// A new user, signed in by cookie.
    pub async fn user(&self, name: &str) -> Client {
        let email = format!("{}@example.org", name.to_lowercase());
        let new = NewAccount { name, email: &email, password: PASSWORD, image: None, remember: true };
        match self.state.accounts.sign_up(&new, None, &Peer::default()).await.expect("signs up") {
            SignedUp::In(signed) => self.client(signed),
            SignedUp::Unproven(user) => panic!("{} must be proven first", user.email),
        }
    }

    /// A new session of a user.
    pub async fn again(&self, name: &str) -> Client {
        let email = format!("{}@example.org", name.to_lowercase());
        let signed =
            self.state.accounts.sign_in(&email, PASSWORD, true, None, &Peer::default()).await.expect("signs in");
        self.client(signed)
    }

    fn client(&self, signed: SignedIn) -> Client {
        let cookie = self.state.accounts.cookies.session(&signed.token, true);
        let pair = cookie.split(';').next().expect("a pair").to_owned();
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, pair.parse().expect("a header"));
        headers.insert(header::ORIGIN, "http://localhost:8080".parse().expect("a header"));
        Client { router: self.router.clone(), headers, user: signed.user.id.to_string(), token: signed.token }
    }
}

#[derive(Clone)]
pub struct Client {
    router: Router,
    headers: HeaderMap,
    pub user: String,
    pub token: String,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    /// The body as JSON; a test fails when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {} {}", self.status, self.text))
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }

    /// The operation a write did.
    pub fn seq(&self) -> i64 {
        self.header("operation-seq").and_then(|v| v.parse().ok()).expect("an Operation-Seq header")
    }
}

impl Client {
    /// The same session as a bearer token.
    pub fn bearer(&self) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, format!("Bearer {}", self.token).parse().expect("a header"));
        Self { headers, ..self.clone() }
    }

    /// The same client with another header.
    pub fn with(&self, name: &'static str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.insert(name, value.parse().expect("a header"));
        client
    }

    pub async fn send(&self, method: Method, path: &str, body: Body) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !self.headers.contains_key(header::HOST) {
            request = request.header(header::HOST, "localhost:8080");
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if !self.headers.contains_key(header::CONTENT_TYPE) {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let request = request.body(body).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.expect("a body");
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    /// The same session at another process.
    pub fn at(&self, app: &TestApp) -> Self {
        Self { router: app.router.clone(), ..self.clone() }
    }

    /// Opens a stream of events; a POST when there is a body.
    pub async fn listen(&self, path: &str, body: Option<Value>) -> EventStream {
        let method = if body.is_some() { Method::POST } else { Method::GET };
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "localhost:8080");
        request = request.header(header::ACCEPT, "text/event-stream").header(header::CONTENT_TYPE, "application/json");
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let body = body.map_or_else(Body::empty, |b| Body::from(b.to_string()));
        let response = self.router.clone().oneshot(request.body(body).expect("a request")).await.expect("infallible");
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
        EventStream { body: response.into_body().into_data_stream(), read: EventReader::default() }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, Body::empty()).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Body::from(body.to_string())).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, Body::from(body.to_string())).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, Body::from(body.to_string())).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, Body::empty()).await
    }

    /// Makes a task with that title and answers it.
    pub async fn task(&self, title: &str) -> Value {
        self.post("/api/me/tasks", json!({ "title": title })).await.expect(201).json()
    }

    /// The titles of a list.
    pub async fn titles(&self, query: &str) -> Vec<String> {
        let list = self.get(&format!("/api/me/tasks{query}")).await.expect(200).json();
        titles(&list)
    }
}

/// An event of a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub id: String,
    pub name: String,
    pub data: Value,
}

/// Takes a stream apart.
#[derive(Default)]
pub struct EventReader {
    text: String,
}

impl EventReader {
    /// Adds what has come.
    pub fn push(&mut self, bytes: &[u8]) {
        self.text.push_str(std::str::from_utf8(bytes).expect("text"));
    }

    /// The next whole event; comments are passed over.
    pub fn pop(&mut self) -> Option<Event> {
        loop {
            let end = self.text.find("\n\n")?;
            let block: String = self.text.drain(..end + 2).collect();
            let line = |name: &str| block.lines().find_map(|l| l.strip_prefix(name)).map(str::trim);
            if let Some(data) = line("data:") {
                let (id, name) = (line("id:").expect("an id").to_owned(), line("event:").expect("a name").to_owned());
                return Some(Event { id, name, data: serde_json::from_str(data).expect("JSON") });
            }
        }
    }
}

/// A stream of events that is being read.
pub struct EventStream {
    body: axum::body::BodyDataStream,
    read: EventReader,
}

impl EventStream {
    /// The next event, or nothing at the end; a test fails when nothing comes for twenty seconds.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.read.pop() {
                return Some(event);
            }
            let more = tokio::time::timeout(std::time::Duration::from_secs(20), self.body.next());
            self.read.push(&more.await.expect("something comes")?.expect("not broken off"));
        }
    }

    /// The next event of that name.
    pub async fn until(&mut self, name: &str) -> Event {
        loop {
            let event = self.next().await.unwrap_or_else(|| panic!("no {name} came"));
            if event.name == name {
                return event;
            }
        }
    }

    /// Everything that still comes.
    pub async fn rest(&mut self) -> Vec<Event> {
        let mut rest = Vec::new();
        while let Some(event) = self.next().await {
            rest.push(event);
        }
        rest
    }
}

/// The text of some events.
pub fn said(events: &[Event]) -> String {
    events.iter().filter(|e| e.name == "delta").filter_map(|e| e.data["text"].as_str()).collect()
}

/// The titles of a list of tasks.
pub fn titles(list: &Value) -> Vec<String> {
    let list = list.as_array().expect("a list");
    list.iter().map(|t| t["title"].as_str().expect("a title").to_owned()).collect()
}

/// Runs a test on both databases: `on_both! { async fn name(app) { … } }`.
macro_rules! on_both {
    ($(async fn $name:ident($app:ident) $body:block)+) => {
        $(async fn $name($app: $crate::app::TestApp) $body

        mod $name {
            #[tokio::test]
            async fn sqlite() {
                super::$name($crate::app::TestApp::new($crate::app::Engine::Sqlite).await).await;
            }

            #[tokio::test]
            async fn postgres() {
                super::$name($crate::app::TestApp::new($crate::app::Engine::Postgres).await).await;
            }
        })+
    };
}
pub(crate) use on_both;
