//! The built program as a process of its own, over real sockets: what only shows when it is started, killed and stopped.

use crate::app::{Answer, Event, EventReader};
use reqwest::{Method, header};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Write as _},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::sync::watch;

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_todo-chatbot");
/// Longer than anything here may take, however busy the machine is.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Waits until a condition holds, and fails with `what` when it does not come true.
pub async fn eventually<T>(what: &str, mut tried: impl AsyncFnMut() -> Option<T>) -> T {
    let waiting = async {
        loop {
            if let Some(found) = tried().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("{what}: not within {PATIENCE:?}"))
}

/// An installation: its data and its settings, which outlive each of its processes.
#[derive(Debug)]
pub struct Home {
    program: String,
    settings: BTreeMap<String, String>,
    wrapper: Vec<String>,
    folder: Arc<tempfile::TempDir>,
}

impl Home {
    /// With SQLite in a folder of its own.
    pub fn new() -> Self {
        let folder = Arc::new(tempfile::tempdir().expect("a folder"));
        let program = PROGRAM.to_owned();
        let home = Self { program, settings: BTreeMap::new(), wrapper: Vec::new(), folder };
        let data = home.data().display().to_string();
        home.set("HOST", "127.0.0.1").set("PORT", "0").set("RATE_LIMIT", "off").set("DATA_DIR", &data)
    }

    /// With that PostgreSQL database.
    pub fn postgres(url: &str) -> Self {
        Self::new().set("DATABASE_URL", url)
    }

    /// With another setting.
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.settings.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Another build of the program.
    pub fn program(mut self, program: &str) -> Self {
        program.clone_into(&mut self.program);
        self
    }

    /// Started by another program, which is given ours as its last argument.
    pub fn inside(mut self, wrapper: &[&str]) -> Self {
        self.wrapper = wrapper.iter().map(|&word| word.to_owned()).collect();
        self
    }

    /// Where SQLite's file is.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self, args: &[&str]) -> Command {
        let words: Vec<&str> = self
            .wrapper
            .iter()
            .map(String::as_str)
            .chain([self.program.as_str()])
            .chain(args.iter().copied())
            .collect();
        let (program, rest) = words.split_first().expect("at least ours");
        let mut command = Command::new(program);
        command.args(rest).env_clear().envs(&self.settings).env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub async fn run(&self, args: &[&str]) -> Output {
        let mut command = self.command(args);
        let running = tokio::task::spawn_blocking(move || command.output().expect("the program starts"));
        tokio::time::timeout(PATIENCE, running).await.expect("ends in time").expect("no panic")
    }

    /// Runs a command that reads that text, to its end.
    pub async fn run_with(&self, args: &[&str], input: &str) -> Output {
        let mut command = self.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let input = input.to_owned();
        let running = tokio::task::spawn_blocking(move || {
            let mut child = command.spawn().expect("the program starts");
            let mut pipe = child.stdin.take().expect("a pipe");
            // A program that ends before it has read everything is for the test to judge.
            let _ = pipe.write_all(input.as_bytes());
            drop(pipe);
            child.wait_with_output().expect("it ends")
        });
        tokio::time::timeout(PATIENCE, running).await.expect("ends in time").expect("no panic")
    }

    /// Starts the server and waits until it is ready.
    pub async fn start(&self) -> Running {
        let mut running = self.launch();
        let ready = running.log.wait(|line| line.contains("ready: open http://localhost:")).await;
        let port: String =
            ready.split("http://localhost:").nth(1).expect("a port").chars().take_while(char::is_ascii_digit).collect();
        running.base = format!("http://127.0.0.1:{port}");
        running
    }

    /// Starts the server on a free port and waits only until it listens.
    pub async fn start_unready(self) -> (Self, Running) {
        // Free now, and given out again by nobody else for a while: the kernel picks at random.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        drop(listener);
        let home = self.set("PORT", &port.to_string());
        let mut running = home.launch();
        running.base = format!("http://127.0.0.1:{port}");
        let anybody = running.anybody();
        eventually("the server listens", async || anybody.ask(Method::GET, "/health", None).await.ok())
            .await
            .expect(200);
        (home, running)
    }

    fn launch(&self) -> Running {
        let mut child =
            self.command(&[]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program starts");
        let log = Log::of(child.stderr.take().expect("a pipe"));
        Running { child, log, base: String::new(), _folder: self.folder.clone() }
    }
}

/// What a process writes to its log, line by line.
#[derive(Clone, Debug)]
pub struct Log {
    lines: Arc<Mutex<Vec<String>>>,
    count: watch::Receiver<usize>,
}

impl Log {
    fn of(pipe: impl std::io::Read + Send + 'static) -> Self {
        let lines: Arc<Mutex<Vec<String>>> = Arc::default();
        let (told, count) = watch::channel(0);
        let kept = lines.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                kept.lock().expect("no panic here").push(line);
                told.send_modify(|n| *n += 1);
            }
        });
        Self { lines, count }
    }

    /// Everything so far.
    pub fn lines(&self) -> Vec<String> {
        self.lines.lock().expect("no panic here").clone()
    }

    /// The first line of which that is true, as soon as it is there.
    pub async fn wait(&self, wanted: impl Fn(&str) -> bool) -> String {
        let mut count = self.count.clone();
        let waiting = async {
            loop {
                if let Some(line) = self.lines().into_iter().find(|line| wanted(line)) {
                    return Some(line);
                }
                count.changed().await.ok()?;
            }
        };
        let found = tokio::time::timeout(PATIENCE, waiting).await.ok().flatten();
        found.unwrap_or_else(|| panic!("the line did not come; the log is\n{}", self.lines().join("\n")))
    }

    /// Waits for the end of the log, which is the end of the process, and answers all of it.
    pub async fn all(&self) -> Vec<String> {
        let mut count = self.count.clone();
        let end = async { while count.changed().await.is_ok() {} };
        tokio::time::timeout(PATIENCE, end).await.expect("the process ends");
        self.lines()
    }
}

/// A running server. It is killed when this is dropped.
#[derive(Debug)]
pub struct Running {
    child: Child,
    pub log: Log,
    /// `http://127.0.0.1:PORT`
    pub base: String,
    /// Where its data is.
    _folder: Arc<tempfile::TempDir>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Running {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`, and waits until it is gone. An error only means that it already was.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// SIGTERM.
    pub fn terminate(&self) {
        let done = Command::new("kill").args(["-TERM", &self.pid().to_string()]).status().expect("kill");
        assert!(done.success(), "the process is gone already");
    }

    /// Waits for the process to end by itself.
    pub async fn exit(mut self) -> (ExitStatus, Vec<String>) {
        let lines = self.log.all().await;
        let status = eventually("the process ends", async || self.child.try_wait().expect("a child")).await;
        (status, lines)
    }

    /// A client without a session.
    pub fn anybody(&self) -> Person {
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(server::tls::client())
            .no_proxy()
            .timeout(PATIENCE)
            .build()
            .expect("a client");
        Person { http, base: self.base.clone(), token: String::new(), cookie: String::new() }
    }

    /// A client of the operators' listener, where there is one.
    pub async fn operator(&self) -> Person {
        let line = self.log.wait(|line| line.contains("metrics are at http://")).await;
        let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).expect("an address");
        Person { base: format!("http://{address}"), ..self.anybody() }
    }

    /// Somebody new, signed in.
    pub async fn person(&self, name: &str) -> Person {
        let body = json!({ "name": name, "email": format!("{name}@example.org"), "password": "correct horse" });
        let signed = self.anybody().post("/api/auth/sign-up/email", body).await.expect(200);
        let cookie = signed.header("set-cookie").and_then(|c| c.split(';').next()).expect("a cookie").to_owned();
        let token = signed.json()["token"].as_str().expect("a token").to_owned();
        Person { token, cookie, ..self.anybody() }
    }
}

/// A client with a session.
#[derive(Clone, Debug)]
pub struct Person {
    http: reqwest::Client,
    base: String,
    pub token: String,
    /// `name=value`
    pub cookie: String,
}

impl Person {
    /// The same session at another address.
    pub fn through(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    /// Where it asks.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// With that session.
    pub fn known_as(self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self }
    }

    /// The same session at another process.
    pub fn at(&self, server: &Running) -> Self {
        Self { token: self.token.clone(), cookie: self.cookie.clone(), ..server.anybody() }
    }

    /// Asks with a bearer token; an error when no answer came.
    pub async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> reqwest::Result<Answer> {
        self.ask_with(method, path, body, &[]).await
    }

    /// The same with further headers.
    pub async fn ask_with(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> reqwest::Result<Answer> {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if !self.token.is_empty() {
            request = request.bearer_auth(&self.token);
        }
        if let Some(body) = body {
            request = request.header(header::CONTENT_TYPE, "application/json").body(body.to_string());
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(Answer { status, headers, text: response.text().await? })
    }

    /// Opens a stream of events; a POST when there is a body.
    pub async fn listen(&self, path: &str, body: Option<&Value>, seen: Option<&str>) -> Listening {
        let method = if body.is_some() { Method::POST } else { Method::GET };
        let mut request = self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token);
        request = request.header(header::ACCEPT, "text/event-stream").timeout(3 * PATIENCE);
        if let Some(body) = body {
            request = request.header(header::CONTENT_TYPE, "application/json").body(body.to_string());
        }
        if let Some(seen) = seen {
            request = request.header("last-event-id", seen);
        }
        let response = request.send().await.unwrap_or_else(|e| panic!("{path}: {e:?}"));
        assert_eq!(response.status(), 200, "{path}");
        Listening { response, read: EventReader::default() }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.sent(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.sent(Method::POST, path, Some(&body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.sent(Method::PATCH, path, Some(&body)).await
    }

    async fn sent(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        self.ask(method, path, body).await.unwrap_or_else(|e| panic!("{path}: {e:?}"))
    }

    /// Every task that is not in the trash.
    pub async fn tasks(&self) -> Vec<Value> {
        let mut all = Vec::new();
        let mut path = "/api/me/tasks?limit=200".to_owned();
        loop {
            let page = self.get(&path).await.expect(200);
            all.extend(page.json().as_array().cloned().expect("a list"));
            let Some(next) = page.header("link") else { return all };
            path = next.split(['<', '>']).nth(1).expect("an address").to_owned();
        }
    }

    /// The whole operation log.
    pub async fn operations(&self) -> Vec<Value> {
        let mut all: Vec<Value> = Vec::new();
        loop {
            let since = all.last().map_or(0, |o| o["seq"].as_i64().expect("a number"));
            let page = self.get(&format!("/api/me/changes?since={since}")).await.expect(200).json();
            let page = page.as_array().expect("a list");
            if page.is_empty() {
                return all;
            }
            all.extend(page.iter().cloned());
        }
    }

    /// Opens `/ws`.
    pub async fn socket(&self) -> Socket {
        use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
        let address = self.base.replacen("http://", "ws://", 1);
        let mut request = format!("{address}/ws").into_client_request().expect("a request");
        let bearer = format!("Bearer {}", self.token).parse().expect("a header");
        request.headers_mut().insert("authorization", bearer);
        Socket(tokio_tungstenite::connect_async(request).await.expect("upgrades").0)
    }
}

/// A stream of events that is being read.
pub struct Listening {
    response: reqwest::Response,
    read: EventReader,
}

impl Listening {
    /// The next event; nothing when the stream ends or breaks off.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.read.pop() {
                return Some(event);
            }
            let more = tokio::time::timeout(2 * PATIENCE, self.response.chunk()).await.expect("something comes");
            self.read.push(&more.ok()??);
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
}

/// A window that hears of changes.
#[derive(Debug)]
pub struct Socket(tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>);

impl Socket {
    /// The next `seq` it is told, or nothing when it was closed in an orderly way.
    pub async fn next(&mut self) -> Option<i64> {
        use futures::StreamExt as _;
        use tokio_tungstenite::tungstenite::Message;
        loop {
            let message = tokio::time::timeout(PATIENCE, self.0.next()).await.expect("the socket says something");
            match message.expect("a closing frame before the end").expect("no broken connection") {
                Message::Text(text) => {
                    let event: Value = serde_json::from_str(&text).expect("JSON");
                    // An answer that began or ended has no number.
                    if let Some(seq) = event["seq"].as_i64() {
                        return Some(seq);
                    }
                }
                Message::Close(_) => return None,
                _ => {}
            }
        }
    }

    /// Waits until it is told of that operation or a later one.
    pub async fn hears(&mut self, seq: i64) {
        while self.next().await.expect("still open") < seq {}
    }
}

/// A problem as every failed call answers it.
#[track_caller]
pub fn assert_problem(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{}", answer.text);
    assert_eq!(answer.json()["code"], code, "{}", answer.text);
    if status == 503 {
        assert!(answer.header("retry-after").is_some_and(|s| s.parse::<u32>().is_ok()), "{:?}", answer.headers);
    }
}
