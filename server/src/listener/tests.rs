//! Clients that are slow or silent, against limits of a fraction of a second.

use super::*;
use axum::{
    body::Bytes,
    extract::Request as AxumRequest,
    response::{IntoResponse as _, Response, Sse, sse::Event},
    routing::{get, post},
};
use futures::StreamExt as _;
use std::{convert::Infallible, time::Instant};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    sync::oneshot,
    task::JoinHandle,
};

const SHORT: Duration = Duration::from_millis(500);
const LONG: Duration = Duration::from_secs(30);

fn limits() -> Limits {
    Limits { head: LONG, idle: LONG, idle_when_scarce: LONG, body: LONG, body_rate: 1024, write: LONG, connections: 16 }
}

struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

async fn echo(request: AxumRequest) -> Response {
    match axum::body::to_bytes(request.into_body(), 1 << 20).await {
        Ok(bytes) => bytes.into_response(),
        Err(error) if TooSlow::caused(&error) => StatusCode::REQUEST_TIMEOUT.into_response(),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

/// Four events, each after what would be too long a silence.
async fn events() -> Response {
    let ticks = futures::stream::unfold(0, |n| async move {
        tokio::time::sleep(SHORT * 2).await;
        (n < 4).then(|| (Ok::<_, Infallible>(Event::default().data(n.to_string())), n + 1))
    });
    Sse::new(ticks).into_response()
}

async fn much() -> Response {
    let piece = Bytes::from(vec![b'x'; 1 << 20]);
    Body::from_stream(futures::stream::repeat(piece).map(Ok::<_, Infallible>)).into_response()
}

async fn start(limits: Limits) -> Server {
    let router = Router::new()
        .route("/", get(async || "hello"))
        .route("/echo", post(echo))
        .route("/events", get(events))
        .route("/much", get(much));
    let tcp = TcpListener::bind("127.0.0.1:0").await.expect("listens");
    let address = tcp.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel::<()>();
    let ended = tokio::spawn(serve(tcp, router, limits, async { drop(stopped.await) }));
    Server { address, stop, ended }
}

async fn send(server: &Server, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).await.expect("connects");
    stream.write_all(text.as_bytes()).await.expect("writes");
    stream
}

/// What comes until the server closes.
async fn rest(mut stream: TcpStream) -> String {
    let mut all = Vec::new();
    // A reset is an end, too.
    let _ = stream.read_to_end(&mut all).await;
    String::from_utf8_lossy(&all).into_owned()
}

/// What comes until that is among it.
async fn until(stream: &mut TcpStream, end: &str) -> String {
    let mut all = String::new();
    while !all.contains(end) {
        let mut piece = [0; 1024];
        let n = stream.read(&mut piece).await.expect("reads");
        assert!(n > 0, "closed after {all:?}");
        all.push_str(&String::from_utf8_lossy(&piece[..n]));
    }
    all
}

#[tokio::test]
async fn a_head_that_does_not_end_is_not_waited_for() {
    let server = start(Limits { head: SHORT, ..limits() }).await;
    let mut slow = send(&server, "GET / HTTP/1.1\r\nhost: a\r\n").await;
    let begun = Instant::now();
    // A drop now and then does not help.
    let _ = slow.write_all(b"x: y\r\n").await;
    assert_eq!(rest(slow).await, "");
    assert!(begun.elapsed() < LONG);
    let mut well = send(&server, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    until(&mut well, "hello").await;
    // Between two requests there is more time than within one.
    tokio::time::sleep(SHORT * 2).await;
    well.write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.expect("still open");
    assert!(rest(well).await.ends_with("hello"));
}

#[tokio::test]
async fn silence_ends_a_connection_and_an_answer_that_goes_on_is_none() {
    let server = start(Limits { idle: SHORT, ..limits() }).await;
    assert_eq!(rest(send(&server, "").await).await, "");
    let kept = rest(send(&server, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await).await;
    assert!(kept.ends_with("hello"), "{kept}");
    let stream = rest(send(&server, "GET /events HTTP/1.1\r\nhost: a\r\n\r\n").await).await;
    assert!(stream.contains("data: 3"), "{stream}");
}

#[tokio::test]
async fn silence_is_shorter_where_connections_are_scarce() {
    let server = start(Limits { connections: 4, idle_when_scarce: SHORT, ..limits() }).await;
    let mut held = Vec::new();
    for _ in 0..4 {
        let mut stream = send(&server, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
        until(&mut stream, "hello").await;
        held.push(stream);
    }
    // There is no place until one of the silent is gone.
    let begun = Instant::now();
    let mut next = send(&server, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    until(&mut next, "hello").await;
    assert!(begun.elapsed() < LONG);
}

#[tokio::test]
async fn a_body_has_to_keep_coming() {
    let server = start(Limits { body: SHORT, ..limits() }).await;
    let head = "POST /echo HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 4096\r\n\r\n";
    let answer = rest(send(&server, &format!("{head}abc")).await).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    // What has come earns time for the rest: 3 KiB are three seconds.
    let mut fair = send(&server, head).await;
    fair.write_all(&[b'x'; 3072]).await.expect("writes");
    tokio::time::sleep(SHORT * 2).await;
    fair.write_all(&[b'y'; 1024]).await.expect("writes");
    let answer = rest(fair).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn who_takes_nothing_in_is_let_go() {
    let server = start(Limits { write: SHORT, ..limits() }).await;
    let stream = send(&server, "GET /much HTTP/1.1\r\nhost: a\r\n\r\n").await;
    // All of the server's connections end, though this one never reads.
    server.stop.send(()).expect("runs");
    tokio::time::timeout(LONG, server.ended).await.expect("ends").expect("does not panic");
    drop(stream);
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let server = start(limits()).await;
    let long = "x".repeat(HEAD_MAX);
    let answer = rest(send(&server, &format!("GET / HTTP/1.1\r\nhost: a\r\nx: {long}\r\n\r\n")).await).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[tokio::test]
async fn what_is_under_way_is_answered_before_the_end() {
    let server = start(limits()).await;
    let mut slow = send(&server, "POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\nab").await;
    let silent = send(&server, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    until(&mut send(&server, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await, "hello").await;
    server.stop.send(()).expect("runs");
    assert!(rest(silent).await.ends_with("hello"));
    slow.write_all(b"cd").await.expect("still open");
    assert!(rest(slow).await.ends_with("abcd"));
    server.ended.await.expect("ends");
}
