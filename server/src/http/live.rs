//! `/ws`: tells a page that something of its person's has changed. What changed, it asks `changes` for.
//!
//! A socket outlives the request that opened it, so what let it in is asked about again while it is open: whoever signs
//! out, is signed out elsewhere or is locked out hears no more.

use super::extract::Me;
use crate::{
    auth::cookie,
    live::{News, RunNews},
    service::accounts::Denied,
    state::AppState,
};
use axum::{
    extract::{
        State,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    http::HeaderMap,
    response::Response,
};
use domain::{id::UserId, operation::LiveEvent};
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;

/// A proxy closes what is silent for a minute.
const PING_EVERY: Duration = Duration::from_secs(30);
/// How long somebody hears on who is signed out.
const ASK_EVERY: Duration = Duration::from_secs(3);

/// Upgrades to a socket that sends `{"seq": n}` whenever the person's operation log has grown, and `{"conversation": n}`
/// whenever an answer in a conversation of theirs has begun or ended.
pub async fn socket(
    State(state): State<AppState>,
    Me(me): Me,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let key = Key {
        cookie: cookie::header(&headers).map(Into::into),
        bearer: super::auth::authorization(&headers).map(str::to_owned),
    };
    // Pages have nothing to say on this socket.
    upgrade.max_message_size(1024).on_upgrade(move |socket| serve(socket, state, me.user.clone(), key))
}

/// What the socket was opened with.
struct Key {
    cookie: Option<String>,
    bearer: Option<String>,
}

impl Key {
    /// Whether it still opens. A database that does not answer has not said no.
    async fn opens(&self, state: &AppState, user: &UserId) -> bool {
        match state.accounts.still(self.cookie.as_deref(), self.bearer.as_deref()).await {
            Ok(caller) => caller.actor.user == *user,
            Err(Denied::Store(_)) => true,
            Err(_) => false,
        }
    }
}

async fn serve(mut socket: WebSocket, state: AppState, user: UserId, key: Key) {
    let mut changes = state.services.live().subscribe();
    let mut ping = tokio::time::interval(PING_EVERY);
    let mut ask = tokio::time::interval(ASK_EVERY);
    loop {
        let event = tokio::select! {
            () = state.stopped() => None,
            _ = ping.tick() => Some(Message::Ping(Vec::new().into())),
            _ = ask.tick() => {
                if key.opens(&state, &user).await {
                    continue;
                }
                None
            }
            received = socket.recv() => match received {
                Some(Ok(Message::Close(_)) | Err(_)) | None => None,
                Some(Ok(_)) => continue,
            },
            change = changes.recv() => match change {
                Ok(News::Changed(whose, seq)) if whose == user => grown(seq),
                Ok(News::Run(whose, id, RunNews::Begun | RunNews::Ended)) if whose == user => {
                    event(&LiveEvent { conversation: Some(id), ..LiveEvent::default() })
                }
                Ok(News::Changed(..) | News::Run(..)) => continue,
                // Some were missed: whatever they were, the newest number makes the page ask for all of them.
                Ok(News::Missed) | Err(RecvError::Lagged(_)) => match newest(&state, &user).await {
                    Some(seq) => grown(seq),
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

fn grown(seq: domain::id::Seq) -> Option<Message> {
    event(&LiveEvent { seq: Some(seq), ..LiveEvent::default() })
}

fn event(event: &LiveEvent) -> Option<Message> {
    serde_json::to_string(event).ok().map(|text| Message::Text(text.into()))
}

async fn newest(state: &AppState, user: &UserId) -> Option<domain::id::Seq> {
    state.services.store().read().await.ok()?.newest_seq(user).await.ok()
}
