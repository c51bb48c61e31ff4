//! A connection's bytes, under watch: [`Progress`] says what the client is expected to do, [`Guarded`] ends the connection
//! when it does not.

use super::{Limits, Places};
use axum::body::{Body, Bytes};
use futures::task::AtomicWaker;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use std::{
    future::Future as _,
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::OwnedSemaphorePermit,
    time::{Instant, Sleep},
};

/// Nothing of a request is there.
const SILENT: u8 = 0;
/// A part of a request's head is there.
const HEAD: u8 = 1;
/// A request is being answered.
const ANSWERING: u8 = 2;
/// It speaks another protocol by now, which has its own signs of life.
const UPGRADED: u8 = 3;

/// Where a connection stands, shared by the bytes and the requests.
#[derive(Clone, Debug, Default)]
pub(super) struct Progress(Arc<Stand>);

#[derive(Debug, Default)]
struct Stand {
    now: AtomicU8,
    /// Whoever waits for bytes, and has to know from when on they are late.
    reader: AtomicWaker,
}

impl Progress {
    fn now(&self) -> u8 {
        self.0.now.load(Ordering::Acquire)
    }

    fn set(&self, now: u8) {
        self.0.now.store(now, Ordering::Release);
    }

    /// A request's head is there.
    pub(super) fn begins(&self) {
        self.set(ANSWERING);
    }

    /// The answer whose end is the request's.
    pub(super) fn answer(&self, body: Body, upgraded: bool) -> Answer {
        Answer { body, _ends: Ends(self.clone(), if upgraded { UPGRADED } else { SILENT }) }
    }
}

/// Notes the end of an answer when it is dropped, sent or not.
struct Ends(Progress, u8);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.set(self.1);
        self.0.0.reader.wake();
    }
}

/// An answer's body.
pub(super) struct Answer {
    body: Body,
    _ends: Ends,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A connection that ends when its client takes too long.
pub(super) struct Guarded {
    stream: TcpStream,
    progress: Progress,
    limits: Limits,
    places: Arc<Places>,
    /// Its own, also when it speaks another protocol by now.
    _place: Option<OwnedSemaphorePermit>,
    reading: Pin<Box<Sleep>>,
    /// What `reading` was set for.
    expecting: Option<u8>,
    /// Set while the client takes nothing in.
    writing: Option<Pin<Box<Sleep>>>,
}

impl Guarded {
    pub(super) fn new(
        stream: TcpStream,
        progress: Progress,
        limits: Limits,
        places: Arc<Places>,
        place: Option<OwnedSemaphorePermit>,
    ) -> Self {
        let reading = Box::pin(tokio::time::sleep(limits.idle));
        Self { stream, progress, limits, places, _place: place, reading, expecting: None, writing: None }
    }

    /// Whether the client has been expected to send something for too long.
    fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        let now = self.progress.now();
        let patience = match now {
            SILENT if self.places.are_scarce() => self.limits.idle_when_scarce,
            SILENT => self.limits.idle,
            HEAD => self.limits.head,
            _ => return Poll::Pending,
        };
        if self.expecting != Some(now) {
            self.expecting = Some(now);
            self.reading.as_mut().reset(Instant::now() + patience);
        }
        self.reading.as_mut().poll(cx).map(|()| io::ErrorKind::TimedOut.into())
    }

    /// The outcome of a write, unless nothing was taken in for too long.
    fn written<T>(&mut self, cx: &mut Context<'_>, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.writing = None;
            return outcome;
        }
        let patience: Duration = self.limits.write;
        let writing = self.writing.get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
        ready!(writing.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Guarded {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = into.filled().len();
        if let Poll::Ready(outcome) = Pin::new(&mut this.stream).poll_read(cx, into) {
            if into.filled().len() > before && this.progress.now() == SILENT {
                this.progress.set(HEAD);
                this.expecting = None;
            }
            return Poll::Ready(outcome);
        }
        this.progress.0.reader.register(cx.waker());
        this.poll_silence(cx).map(Err)
    }
}

impl AsyncWrite for Guarded {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.stream).poll_write(cx, bytes);
        this.written(cx, outcome)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.stream).poll_write_vectored(cx, bytes);
        this.written(cx, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.stream).poll_flush(cx);
        this.written(cx, outcome)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
