//! What a client still sends when its answer is there already: taken in within bounds, and thrown away.
//!
//! Whoever is refused by the head of a request has often sent more. A connection that is closed on unread bytes is reset,
//! and the client never reads why it was refused; one that is read to the end can be used again. Deliberately absent: more
//! patience than that, because it is somebody we have nothing to do with. Then the connection closes.

use axum::{
    body::{Body, BodyDataStream, Bytes, HttpBody as _},
    extract::Request,
    http::header,
    middleware::Next,
    response::Response,
};
use futures::{Stream, StreamExt as _};
use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::sync::oneshot;

/// Most bytes that are thrown away.
const MOST: usize = 8 << 20;
/// Longest time for it.
const PATIENCE: Duration = Duration::from_secs(1);

/// Lends the body to whoever answers, and reads what they left of it before the answer goes out.
pub async fn layer(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    // Such a client sends nothing until it is asked to, and reading would ask.
    let waits = request.headers().contains_key(header::EXPECT);
    let (parts, body) = request.into_parts();
    let (home, mut left) = oneshot::channel();
    let lent = Lent { body: Some(body.into_data_stream()), begun: false, home: Some(home) };
    let response = next.run(Request::from_parts(parts, Body::from_stream(lent))).await;
    if let Ok(Left { body, begun }) = left.try_recv()
        && (begun || !waits)
    {
        // Whether it came to its end changes nothing.
        let _ = tokio::time::timeout(PATIENCE, throw_away(body)).await;
    }
    response
}

async fn throw_away(mut body: BodyDataStream) {
    let mut read = 0;
    while let Some(Ok(part)) = body.next().await {
        read += part.len();
        if read > MOST {
            return;
        }
    }
}

/// A body that comes back when it is dropped unread.
struct Lent {
    body: Option<BodyDataStream>,
    begun: bool,
    home: Option<oneshot::Sender<Left>>,
}

struct Left {
    body: BodyDataStream,
    begun: bool,
}

impl Stream for Lent {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.begun = true;
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let polled = body.poll_next_unpin(context);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.body = None;
        }
        polled
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let (Some(body), Some(home)) = (self.body.take(), self.home.take()) {
            // Nobody waits for it when the client itself went away.
            let _ = home.send(Left { body, begun: self.begun });
        }
    }
}
