//! `/ws`: tells a page that something of its person's has changed. What changed, it asks `changes` for.

use super::extract::Me;
use crate::{live::News, state::AppState};
use axum::{
    extract::{
        State,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    response::Response,
};
use domain::{id::UserId, operation::LiveEvent};
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;

/// A proxy closes what is silent for a minute.
const PING_EVERY: Duration = Duration::from_secs(30);

/// Upgrades to a socket that sends `{"seq": n}` whenever the person's operation log has grown.
pub async fn socket(State(state): State<AppState>, Me(me): Me, upgrade: WebSocketUpgrade) -> Response {
    // Pages have nothing to say on this socket.
    upgrade.max_message_size(1024).on_upgrade(move |socket| serve(socket, state, me.user.clone()))
}

async fn serve(mut socket: WebSocket, state: AppState, user: UserId) {
    let mut changes = state.services.live().subscribe();
    let mut ping = tokio::time::interval(PING_EVERY);
    loop {
        let event = tokio::select! {
            () = state.stopped() => None,
            _ = ping.tick() => Some(Message::Ping(Vec::new().into())),
            received = socket.recv() => match received {
                Some(Ok(Message::Close(_)) | Err(_)) | None => None,
                Some(Ok(_)) => continue,
            },
            change = changes.recv() => match change {
                Ok(News::Changed(whose, seq)) if whose == user => event(seq),
                Ok(News::Changed(..)) => continue,
                // Some were missed: whatever they were, the newest number makes the page ask for all of them.
                Ok(News::Missed) | Err(RecvError::Lagged(_)) => match newest(&state, &user).await {
                    Some(seq) => event(seq),
                    None => continue,
                },
                Err(RecvError::Closed) => None,
            },
        };
        let Some(message) = event else { break };
        if socket.send(message).await.is_err() {
            return;
        }
    }
    let _ = socket.send(Message::Close(None)).await;
}

fn event(seq: domain::id::Seq) -> Option<Message> {
    serde_json::to_string(&LiveEvent { seq }).ok().map(|text| Message::Text(text.into()))
}

async fn newest(state: &AppState, user: &UserId) -> Option<domain::id::Seq> {
    state.services.store().read().await.ok()?.newest_seq(user).await.ok()
}
