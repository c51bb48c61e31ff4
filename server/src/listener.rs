//! The listener: takes connections in and bounds what one client can hold on to by being slow or silent.
//!
//! | what takes too long | how long | then |
//! | --- | --- | --- |
//! | a request's head, from its first byte | 10 s | closed |
//! | nothing between two requests | 120 s; 5 s while three quarters of the connections are taken | closed |
//! | a request's body | 30 s and a second for each 16 KiB | 408 |
//! | taking in an answer, without any progress | 60 s | closed |
//!
//! 120 s is longer than reverse proxies keep an idle connection, so that none of them sends a request into one that is
//! just being closed. An answer that goes on, such as a stream of events, is no silence. There are as many connections as
//! the process may open files, less some for the database. Deliberately absent: TLS and HTTP/2, which are a proxy's part.

mod body;
mod stream;

pub use body::TooSlow;

use axum::{Router, body::Body, extract::ConnectInfo};
use body::Paced;
use hyper::{Request, StatusCode, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use rustix::process::{Resource, getrlimit, setrlimit};
use std::{future::Future, net::SocketAddr, pin::pin, sync::Arc, time::Duration};
use stream::{Guarded, Progress};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
};
use tower::ServiceExt as _;

/// Files the process opens for other things than connections.
const OTHER_FILES: u64 = 128;
/// Connections where the system sets no bound.
const MOST: u64 = 65_536;
/// Most bytes of a request's head.
const HEAD_MAX: usize = 32 * 1024;
/// Most bytes that are read ahead.
const AHEAD: usize = 64 * 1024;
/// After a failure to take a connection in, as when there are no files left.
const PAUSE: Duration = Duration::from_millis(200);

/// What one client may hold on to, and all of them together.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From the first byte of a request until its head is there.
    pub head: Duration,
    /// Between two requests.
    pub idle: Duration,
    /// The same while connections are scarce.
    pub idle_when_scarce: Duration,
    /// For a body, besides [`Limits::body_rate`].
    pub body: Duration,
    /// Bytes of a body that earn it another second.
    pub body_rate: u32,
    /// Without any byte of an answer taken in.
    pub write: Duration,
    /// Connections at a time.
    pub connections: usize,
}

impl Limits {
    /// The usual ones, with as many connections as there can be.
    pub fn usual() -> Self {
        Self {
            head: Duration::from_secs(10),
            idle: Duration::from_secs(120),
            idle_when_scarce: Duration::from_secs(5),
            body: Duration::from_secs(30),
            body_rate: 16 * 1024,
            write: Duration::from_secs(60),
            connections: usize::try_from(files().saturating_sub(OTHER_FILES).clamp(16, MOST)).unwrap_or(16),
        }
    }
}

/// How many files the process may open, after asking for all it may have.
fn files() -> u64 {
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let most = rustix::process::Rlimit { current: limit.maximum, maximum: limit.maximum };
        // Who refuses leaves us with what there was.
        if setrlimit(Resource::Nofile, most).is_ok() {
            limit = most;
        }
    }
    limit.current.unwrap_or(u64::MAX)
}

/// Connections that are free, of all.
#[derive(Debug)]
struct Places {
    free: Arc<Semaphore>,
    all: usize,
}

impl Places {
    fn are_scarce(&self) -> bool {
        self.free.available_permits() * 4 < self.all
    }
}

/// Answers with the router until `stop`; then takes in no more and ends when every request under way is answered.
pub async fn serve(tcp: TcpListener, router: Router, limits: Limits, stop: impl Future<Output = ()>) {
    let places = Arc::new(Places { free: Arc::new(Semaphore::new(limits.connections)), all: limits.connections });
    let (closing, told) = watch::channel(false);
    let mut stop = pin!(stop);
    loop {
        let (stream, peer, place) = tokio::select! {
            () = &mut stop => break,
            taken = take(&tcp, &places) => taken,
        };
        let progress = Progress::default();
        let guarded = Guarded::new(stream, progress.clone(), limits, places.clone(), place);
        tokio::spawn(converse(guarded, progress, peer, router.clone(), limits, told.clone()));
    }
    drop((tcp, told));
    let _ = closing.send(true);
    // Each connection holds one to be told by.
    closing.closed().await;
}

async fn take(tcp: &TcpListener, places: &Places) -> (TcpStream, SocketAddr, Option<OwnedSemaphorePermit>) {
    // Nobody closes it, so there always is one in the end.
    let place = places.free.clone().acquire_owned().await.ok();
    loop {
        match tcp.accept().await {
            Ok((stream, peer)) => {
                // Events are small and wait for nothing.
                let _ = stream.set_nodelay(true);
                return (stream, peer, place);
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken in");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// One connection, to its end.
async fn converse(
    guarded: Guarded,
    progress: Progress,
    peer: SocketAddr,
    router: Router,
    limits: Limits,
    mut told: watch::Receiver<bool>,
) {
    let service = service_fn(move |request: Request<Incoming>| {
        let (router, progress) = (router.clone(), progress.clone());
        async move {
            progress.begins();
            let mut request = request.map(|body| Body::new(Paced::new(body, limits.body, limits.body_rate)));
            request.extensions_mut().insert(ConnectInfo(peer));
            let answer = router.oneshot(request).await?;
            let upgraded = answer.status() == StatusCode::SWITCHING_PROTOCOLS;
            Ok::<_, std::convert::Infallible>(answer.map(|body| progress.answer(body, upgraded)))
        }
    });
    let conversation = http1::Builder::new()
        .header_read_timeout(None)
        .max_header_size(HEAD_MAX)
        .max_buf_size(AHEAD)
        .serve_connection(TokioIo::new(guarded), service)
        .with_upgrades();
    let mut conversation = pin!(conversation);
    let closing = async { drop(told.wait_for(|closing| *closing).await) };
    let ended = tokio::select! {
        ended = &mut conversation => Some(ended),
        () = closing => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            conversation.as_mut().graceful_shutdown();
            conversation.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

#[cfg(test)]
mod tests;
