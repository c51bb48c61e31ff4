//! Programs of others against the running server: the protocol's two SDKs, which sign in by themselves, its conformance
//! suite for servers and for authorization servers, and its Inspector.
//!
//! `cargo xtask test` installs them; without them this fails. The suite sends no Authorization header, so a small proxy adds
//! one and leaves everything else as it is. What the suite wants a test server to have (tools that answer images, a
//! resource called so) is in `tests/mcp/baseline-*.yml`, a reason a line; anything else it finds fails here, and so does a
//! line of that file that is no longer needed.

use crate::{
    clients::from_environment,
    postgres,
    running::{Home, Person, Running},
};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderValue, header},
    response::Response,
};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::net::TcpListener;

/// Longer than the programs need, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(240);

/// One address before some processes, which are asked in turn.
#[derive(Clone)]
struct Front {
    http: reqwest::Client,
    to: Arc<[String]>,
    turn: Arc<AtomicUsize>,
    /// What is put into every request.
    token: Option<HeaderValue>,
}

impl Front {
    fn serve(listener: TcpListener, servers: &[Running], token: Option<&str>) {
        let http = reqwest::Client::builder().tls_backend_preconfigured(server::tls::client()).no_proxy();
        let http = http.redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        let token = token.map(|token| HeaderValue::try_from(format!("Bearer {token}")).expect("a header"));
        let to = servers.iter().map(|server| server.base.clone()).collect();
        let app = Router::new().fallback(pass).with_state(Self { http, to, turn: Arc::default(), token });
        tokio::spawn(async move { axum::serve(listener, app).await });
    }
}

async fn pass(State(front): State<Front>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("a body");
    for gone in [header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::CONNECTION] {
        parts.headers.remove(gone);
    }
    if let Some(token) = &front.token {
        parts.headers.insert(header::AUTHORIZATION, token.clone());
    }
    let to = &front.to[front.turn.fetch_add(1, Ordering::Relaxed) % front.to.len()];
    let asked = front.http.request(parts.method, format!("{to}{}", parts.uri)).headers(parts.headers).body(body);
    let answer = asked.send().await.expect("an answer");
    let mut response = Response::new(Body::empty());
    *response.status_mut() = answer.status();
    *response.headers_mut() = answer.headers().clone();
    response.headers_mut().remove(header::TRANSFER_ENCODING);
    *response.body_mut() = Body::from(answer.bytes().await.expect("a body"));
    response
}

async fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    (listener, base)
}

/// Where the packages are, a folder to work in with our tests and what they import, and another binary to test.
struct Peers {
    modules: PathBuf,
    folder: tempfile::TempDir,
    program: Option<String>,
}

impl Peers {
    fn new() -> Self {
        let (clients, program) = from_environment();
        let modules = clients.join("../../mcp/node_modules");
        let modules = modules.canonicalize().expect("the peers: `cargo xtask test` installs them");
        let folder = tempfile::tempdir().expect("a folder");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/mcp");
        for file in std::fs::read_dir(&source).expect("the tests") {
            let file = file.expect("a file");
            if file.path().extension().is_some_and(|end| end == "mjs" || end == "py" || end == "yml") {
                std::fs::copy(file.path(), folder.path().join(file.file_name())).expect("a copy");
            }
        }
        std::os::unix::fs::symlink(&modules, folder.path().join("node_modules")).expect("a link");
        Self { modules, folder, program }
    }

    fn home(&self, home: Home) -> Home {
        match &self.program {
            Some(program) => home.program(program),
            None => home,
        }
    }

    /// Runs something in the folder with what talks to oneself in its environment.
    async fn run(&self, mut command: Command) -> Output {
        let at = self.folder.path();
        command.current_dir(at).stdin(Stdio::null());
        command.env("MCP_CATALOG_PATH", at.join("catalog.json")).env("MCP_STORAGE_DIR", at.join("storage"));
        // Proxies of the machine are not for talking to oneself.
        command.env_remove("HTTP_PROXY").env_remove("http_proxy").env_remove("NODE_OPTIONS");
        let ended = tokio::task::spawn_blocking(move || command.output().expect("it starts"));
        tokio::time::timeout(PATIENCE, ended).await.expect("it ends in time").expect("no panic")
    }

    /// The Node.js that came with the packages, at whose side they look for another.
    fn node(&self) -> Command {
        let binaries = ["x64", "arm64"].map(|cpu| self.modules.join(format!("node-linux-{cpu}/bin")));
        let binary = binaries.iter().find(|folder| folder.is_dir()).expect("Node.js is among the packages");
        let mut node = Command::new(binary.join("node"));
        node.env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", binary.display()));
        node
    }

    /// A program of the packages.
    async fn package(&self, program: &str, args: &[&str]) -> Output {
        let mut node = self.node();
        node.arg(self.modules.join(".bin").join(program).canonicalize().expect("the program")).args(args);
        self.run(node).await
    }
}

async fn token(person: &Person) -> String {
    let made = person.post("/api/me/tokens", json!({"name": "peers", "scopes": ["read", "write"]})).await.expect(201);
    made.json()["token"].as_str().expect("a token").to_owned()
}

fn said(output: &Output) -> String {
    format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Both SDKs against those processes behind one address.
async fn signs_in(peers: &Peers, homes: Vec<Home>) {
    let (listener, base) = listener().await;
    let mut servers = Vec::new();
    for home in homes {
        servers.push(peers.home(home).set("BETTER_AUTH_URL", &base).start().await);
    }
    Front::serve(listener, &servers, None);

    let mut node = peers.node();
    node.args(["--test", "--test-reporter=spec"]).env("BASE_URL", &base);
    let output = peers.run(node).await;
    assert!(output.status.success(), "{}", said(&output));
    // An empty folder would pass too.
    let text = String::from_utf8_lossy(&output.stdout);
    let passed = text.lines().find_map(|line| line.trim_start_matches("ℹ ").strip_prefix("pass ")?.parse().ok());
    assert!(passed.is_some_and(|passed: u32| passed >= 7), "{text}");

    let mut python = Command::new(peers.modules.join("../python/bin/python"));
    python.arg("sign_in.py").env("BASE_URL", &base);
    let output = peers.run(python).await;
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "legacy: ok\nauto: ok\n2026-07-28: ok\n");
}

#[tokio::test]
async fn both_sdks_sign_in_list_call_undo_and_refresh() {
    signs_in(&Peers::new(), vec![Home::new()]).await;
}

#[tokio::test]
async fn both_sdks_meet_another_process_at_each_request() {
    let database = postgres::fresh().await;
    signs_in(&Peers::new(), vec![Home::postgres(&database), Home::postgres(&database)]).await;
}

async fn conforms(revision: &str) {
    let peers = Peers::new();
    let server = peers.home(Home::new()).start().await;
    let ann = server.person("ann").await;
    let (listener, base) = listener().await;
    Front::serve(listener, std::slice::from_ref(&server), Some(&token(&ann).await));
    let url = format!("{base}/mcp");
    let baseline = format!("baseline-{revision}.yml");
    let args = ["server", "--url", &url, "--requirements", revision, "--expected-failures", &baseline, "-o", "results"];
    let output = peers.package("conformance", &args).await;
    assert!(output.status.success(), "{}", said(&output));
    // Nothing tested would pass too.
    let passed = String::from_utf8_lossy(&output.stdout).lines().filter(|line| line.contains('✓')).count();
    assert!(passed >= 8, "{}", said(&output));
}

#[tokio::test]
async fn conformance_with_a_handshake() {
    conforms("2025-11-25").await;
}

#[tokio::test]
async fn conformance_without_one() {
    conforms("2026-07-28").await;
}

/// The Inspector's answer to one method; it must have nothing to say about how the protocol is spoken.
async fn inspected(peers: &Peers, server: &[&str], more: &[&str]) -> Value {
    let args: Vec<&str> = ["--cli", "--format", "json"].into_iter().chain(server.iter().chain(more).copied()).collect();
    let output = peers.package("mcp-inspector", &args).await;
    assert!(output.status.success(), "{more:?}: {}", said(&output));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{more:?}: {e}: {}", said(&output)))
}

#[tokio::test]
async fn the_inspector_is_content() {
    let peers = Peers::new();
    let server = peers.home(Home::new()).start().await;
    let ann = server.person("ann").await;
    let (url, bearer) = (format!("{}/mcp", server.base), format!("Authorization: Bearer {}", token(&ann).await));
    for era in ["legacy", "modern", "auto"] {
        let at = ["--server-url", &url, "--transport", "http", "--protocol-era", era, "--header", &bearer];
        let tools = inspected(&peers, &at, &["--method", "tools/list", "--strict"]).await;
        assert!(tools.to_string().contains("\"list_tasks\""), "{tools}");
        let call =
            ["--method", "tools/call", "--tool-name", "add_task", "--tool-args-json", r#"{"title":"Inspected"}"#];
        let made = inspected(&peers, &at, &call).await;
        assert!(made.to_string().contains("Inspected"), "{made}");
        let read = inspected(&peers, &at, &["--method", "resources/read", "--uri", "todo://lists/open"]).await;
        assert!(read.to_string().contains("Inspected"), "{read}");
        inspected(&peers, &at, &["--method", "prompts/list"]).await;
    }
}

#[tokio::test]
async fn the_inspector_is_content_without_a_network() {
    let peers = Peers::new();
    let home = peers.home(Home::new());
    let server = home.start().await;
    let ann = server.person("ann").await;
    let made = token(&ann).await;
    let data = format!("DATA_DIR={}", home.data().display());
    let bearer = format!("TODO_CHATBOT_TOKEN={made}");
    let program = peers.program.clone().unwrap_or_else(|| crate::running::PROGRAM.to_owned());
    let ask = async |more: &[&str]| {
        let first = ["--transport", "stdio", "-e", &data, "-e", &bearer];
        let last = [program.as_str(), "mcp"];
        let more: Vec<&str> = more.iter().chain(&last).copied().collect();
        inspected(&peers, &first, &more).await
    };
    let tools = ask(&["--method", "tools/list", "--strict"]).await;
    assert!(tools.to_string().contains("\"list_tasks\""), "{tools}");
    let read = ask(&["--method", "resources/read", "--uri", "todo://lists/open"]).await;
    assert!(read.to_string().contains("todo://lists/open"), "{read}");
}
