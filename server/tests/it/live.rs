//! `/ws` over a real socket: another window hears of a change.

use crate::app::{Engine, TestApp};
use futures::StreamExt as _;
use serde_json::{Value, json};
use std::time::Duration;
use tokio_tungstenite::tungstenite::{self, Message, client::IntoClientRequest};

async fn hears(engine: Engine) {
    let app = TestApp::new(engine).await;
    tokio::spawn(app.state.services.live().clone().listen(app.state.services.store().clone()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let router = app.router.clone();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let (ann, bob) = (app.user("ann").await, app.user("bob").await);
    let mut request = format!("ws://{address}/ws").into_client_request().expect("a request");
    request.headers_mut().insert("authorization", format!("Bearer {}", ann.token).parse().expect("a header"));
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await.expect("upgrades");
    bob.task("not for ann").await;
    ann.task("for ann").await;
    let seq = loop {
        let message = tokio::time::timeout(Duration::from_secs(20), socket.next()).await.expect("in time");
        if let Message::Text(text) = message.expect("open").expect("a message") {
            break serde_json::from_str::<Value>(&text).expect("JSON")["seq"].clone();
        }
    };
    assert_eq!(seq, json!(1));
    app.stop.send(true).expect("somebody listens");
    let closed = tokio::time::timeout(Duration::from_secs(20), async {
        while let Some(Ok(message)) = socket.next().await {
            if matches!(message, Message::Close(_)) {
                break;
            }
        }
    });
    closed.await.expect("a stopping server ends its sockets");
}

async fn hears_of_answers(engine: Engine) {
    let app = TestApp::new(engine).await;
    // On PostgreSQL the window is open at another pod.
    let other = app.second().await;
    let here = if engine == Engine::Postgres { &other } else { &app };
    tokio::spawn(here.state.services.live().clone().listen(here.state.services.store().clone()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let router = here.router.clone();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let (ann, bob) = (app.user("ann").await, app.user("bob").await);
    let mut request = format!("ws://{address}/ws").into_client_request().expect("a request");
    request.headers_mut().insert("authorization", format!("Bearer {}", ann.token).parse().expect("a header"));
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await.expect("upgrades");
    let say = async |who: &crate::app::Client, text: &str| {
        who.post("/api/me/chat", json!({"message": text})).await.expect(200);
    };
    // What is announced before somebody listens is not heard, so it is said until it is.
    let heard = async {
        while let Some(Ok(message)) = socket.next().await {
            if let Message::Text(text) = message {
                let event = serde_json::from_str::<Value>(&text).expect("JSON");
                if let Some(conversation) = event["conversation"].as_i64() {
                    assert_eq!(event, json!({ "conversation": conversation }));
                    return conversation;
                }
            }
        }
        panic!("the socket closed");
    };
    let says = async {
        loop {
            say(&bob, "hello").await;
            say(&ann, "hello").await;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let conversation = tokio::select! {
        heard = tokio::time::timeout(Duration::from_secs(20), heard) => heard.expect("in time"),
        () = says => 0,
    };
    assert!(conversation >= 1);
}

#[tokio::test]
async fn another_window_hears_of_answers_on_sqlite() {
    hears_of_answers(Engine::Sqlite).await;
}

#[tokio::test]
async fn another_window_hears_of_answers_on_postgres() {
    hears_of_answers(Engine::Postgres).await;
}

#[tokio::test]
async fn another_window_hears_of_it_on_sqlite() {
    hears(Engine::Sqlite).await;
}

#[tokio::test]
async fn another_window_hears_of_it_on_postgres() {
    hears(Engine::Postgres).await;
}

/// Waits until a socket is closed; `false` when it is not within ten seconds.
async fn closes(socket: &mut (impl futures::Stream<Item = tungstenite::Result<Message>> + Unpin)) -> bool {
    let closed = async {
        while let Some(Ok(message)) = socket.next().await {
            if matches!(message, Message::Close(_)) {
                break;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), closed).await.is_ok()
}

#[tokio::test]
async fn who_is_signed_out_hears_no_more() {
    let app = TestApp::new(Engine::Sqlite).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let router = app.router.clone();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let (ann, bob) = (app.user("ann").await, app.user("bob").await);
    let again = app.again("ann").await;
    let open = async |who: &crate::app::Client| {
        let mut request = format!("ws://{address}/ws").into_client_request().expect("a request");
        request.headers_mut().insert("authorization", format!("Bearer {}", who.token).parse().expect("a header"));
        tokio_tungstenite::connect_async(request).await.expect("upgrades").0
    };
    let (mut signed_out, mut locked_out, mut stays) = (open(&ann).await, open(&bob).await, open(&again).await);
    ann.post("/api/auth/sign-out", json!({})).await.expect(200);
    again.patch(&format!("/api/admin/users/{}", bob.user), json!({ "disabled": true })).await.expect(200);
    assert!(closes(&mut signed_out).await);
    assert!(closes(&mut locked_out).await);
    again.task("for ann").await;
    let heard = async {
        while let Some(Ok(message)) = stays.next().await {
            if matches!(message, Message::Text(_)) {
                return true;
            }
        }
        false
    };
    assert!(tokio::time::timeout(Duration::from_secs(20), heard).await.expect("in time"));
}

#[tokio::test]
async fn a_socket_needs_a_session() {
    let app = TestApp::new(Engine::Sqlite).await;
    app.anonymous().get("/ws").await.expect(401);
}
