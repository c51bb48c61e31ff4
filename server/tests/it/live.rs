//! `/ws` over a real socket: another window hears of a change.

use crate::app::{Engine, TestApp};
use futures::StreamExt as _;
use serde_json::{Value, json};
use std::time::Duration;
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest};

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
        let message = tokio::time::timeout(Duration::from_secs(5), socket.next()).await.expect("in time");
        if let Message::Text(text) = message.expect("open").expect("a message") {
            break serde_json::from_str::<Value>(&text).expect("JSON")["seq"].clone();
        }
    };
    assert_eq!(seq, json!(1));
    app.stop.send(true).expect("somebody listens");
    let closed = tokio::time::timeout(Duration::from_secs(5), async {
        while let Some(Ok(message)) = socket.next().await {
            if matches!(message, Message::Close(_)) {
                break;
            }
        }
    });
    closed.await.expect("a stopping server ends its sockets");
}

#[tokio::test]
async fn another_window_hears_of_it_on_sqlite() {
    hears(Engine::Sqlite).await;
}

#[tokio::test]
async fn another_window_hears_of_it_on_postgres() {
    hears(Engine::Postgres).await;
}

#[tokio::test]
async fn a_socket_needs_a_session() {
    let app = TestApp::new(Engine::Sqlite).await;
    app.anonymous().get("/ws").await.expect(401);
}
