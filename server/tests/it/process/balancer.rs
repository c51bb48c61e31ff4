//! What stands before several processes: requests go round to those that are ready, as a Service of Kubernetes sends them.
//! It tries nothing twice: what a process drops, its caller sees as 502.

use crate::running::Running;
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

/// How often readiness is asked for.
const LOOKS: Duration = Duration::from_millis(50);

struct Backend {
    base: String,
    ready: Arc<AtomicBool>,
}

/// See the module.
#[derive(Clone)]
pub struct Balancer {
    /// Its address.
    pub base: String,
    inner: Arc<Inner>,
}

struct Inner {
    backends: Mutex<Vec<Backend>>,
    next: AtomicUsize,
    http: reqwest::Client,
}

impl Balancer {
    /// Starts with nobody behind it.
    pub async fn start() -> Self {
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        let http = http.tls_backend_preconfigured(server::tls::client()).build().expect("a client");
        let inner = Arc::new(Inner { backends: Mutex::default(), next: AtomicUsize::new(0), http });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let router = Router::new().fallback(pass).with_state(inner.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { base, inner }
    }

    /// Sends requests there too, as long as it says that it is ready.
    pub fn add(&self, server: &Running) {
        let (base, ready) = (server.base.clone(), Arc::new(AtomicBool::new(true)));
        self.lock().push(Backend { base: base.clone(), ready: ready.clone() });
        let http = self.inner.http.clone();
        tokio::spawn(async move {
            while Arc::strong_count(&ready) > 1 {
                let answer = http.get(format!("{base}/ready")).send().await;
                ready.store(answer.is_ok_and(|answer| answer.status().is_success()), Ordering::SeqCst);
                tokio::time::sleep(LOOKS).await;
            }
        });
    }

    /// Forgets one that has ended.
    pub fn remove(&self, base: &str) {
        self.lock().retain(|backend| backend.base != base);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Backend>> {
        self.inner.backends.lock().expect("no panic")
    }
}

impl Inner {
    /// Whose turn it is.
    fn next(&self) -> Option<String> {
        let backends = self.backends.lock().expect("no panic");
        let ready: Vec<&Backend> = backends.iter().filter(|backend| backend.ready.load(Ordering::SeqCst)).collect();
        let turn = self.next.fetch_add(1, Ordering::SeqCst);
        ready.get(turn % ready.len().max(1)).map(|backend| backend.base.clone())
    }
}

async fn pass(State(inner): State<Arc<Inner>>, request: Request) -> Response {
    let failed = |why: String| (StatusCode::BAD_GATEWAY, why).into_response();
    let Some(base) = inner.next() else { return failed("nobody is ready".into()) };
    let (mut parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("a body");
    parts.headers.remove(header::HOST);
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let sent = inner.http.request(parts.method, format!("{base}{path}")).headers(parts.headers).body(body).send();
    match sent.await {
        Err(error) => failed(format!("{base}: {error:?}")),
        Ok(answer) => {
            let mut response = Response::builder().status(answer.status());
            for (name, value) in answer.headers() {
                if *name != header::TRANSFER_ENCODING && *name != header::CONNECTION {
                    response = response.header(name, value);
                }
            }
            response.body(Body::from_stream(answer.bytes_stream())).expect("an answer")
        }
    }
}
