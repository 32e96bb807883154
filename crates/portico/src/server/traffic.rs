//! What is under way on a connection.
//!
//! Guarantee: a connection counts as quiet only when nothing of an exchange can be lost by taking it
//! apart: every request that began was received to its end, every byte of its answer was handed to
//! the system, and nothing of a next request was read by itself. What was read together with the end
//! of the last request is given back by hyper.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, Incoming, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Bytes came that belong to no request yet.
const HEAD: u8 = 1;
/// An answer has not been made to its end.
const ANSWER: u8 = 1 << 1;
/// Bytes of an answer may wait to be handed to the system.
const UNSENT: u8 = 1 << 2;
/// One side has sent its last byte, or the connection broke.
const ENDING: u8 = 1 << 3;

/// What is under way. Shared by a connection and the bodies on it.
#[derive(Default)]
pub struct Traffic {
    flags: AtomicU8,
    /// Requests whose body was not read to its end. A count: the last of a body may be read by a task
    /// of its own while the next request, with a body too, has begun.
    bodies: AtomicUsize,
}

impl Traffic {
    /// Whether nothing is.
    pub fn is_quiet(&self) -> bool {
        self.flags.load(Relaxed) == 0 && self.bodies.load(Relaxed) == 0
    }

    fn set(&self, flags: u8) {
        self.flags.fetch_or(flags, Relaxed);
    }

    fn clear(&self, flags: u8) {
        self.flags.fetch_and(!flags, Relaxed);
    }

    /// A request's head was read; the request with its body watched.
    pub fn begin(self: &Arc<Self>, request: http::Request<Incoming>) -> http::Request<Body> {
        self.clear(HEAD);
        self.set(ANSWER);
        if request.body().is_end_stream() {
            return request.map(Body::new);
        }
        self.bodies.fetch_add(1, Relaxed);
        let traffic = Some(self.clone());
        request.map(|body| Body::new(Received { body, traffic }))
    }

    /// The answer to what was begun last, watched until it is sent.
    pub fn answer(self: &Arc<Self>, answer: http::Response<Body>) -> http::Response<Answer> {
        let traffic = self.clone();
        answer.map(|body| Answer { body, traffic })
    }
}

/// The body of a request. One that is dropped before its end counts for ever: only hyper knows then
/// where the next request begins.
struct Received {
    body: Incoming,
    /// Until the end is seen.
    traffic: Option<Arc<Traffic>>,
}

impl HttpBody for Received {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        let is_whole = match &frame {
            Some(Ok(_)) => self.body.is_end_stream(),
            Some(Err(_)) => false,
            None => true,
        };
        if is_whole && let Some(traffic) = self.traffic.take() {
            traffic.clear(HEAD);
            traffic.bodies.fetch_sub(1, Relaxed);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The body of an answer. hyper drops it when it has taken the last of it.
pub struct Answer {
    body: Body,
    traffic: Arc<Traffic>,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        // Until hyper flushes next, after it has passed the last of it on.
        self.traffic.set(UNSENT);
        self.traffic.clear(ANSWER);
    }
}

/// A stream that notes what passes.
pub struct Wire<S> {
    stream: S,
    /// What was read of the stream before, and comes first.
    ahead: Bytes,
    traffic: Arc<Traffic>,
}

impl<S> Wire<S> {
    /// `ahead`, then `stream`.
    pub fn new(stream: S, ahead: Bytes, traffic: Arc<Traffic>) -> Self {
        Self {
            stream,
            ahead,
            traffic,
        }
    }

    /// The stream, and what was read of it but not used: `read`, then what is left here.
    pub fn take_apart(self, read: Bytes) -> (S, Bytes) {
        if self.ahead.is_empty() {
            return (self.stream, read);
        }
        (self.stream, [read, self.ahead].concat().into())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Wire<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = if self.ahead.is_empty() {
            ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))
        } else {
            let size = self.ahead.len().min(buffer.remaining());
            buffer.put_slice(&self.ahead.split_to(size));
            Ok(())
        };
        let has_more = read.is_ok() && buffer.filled().len() > before;
        self.traffic.set(if has_more { HEAD } else { ENDING });
        Poll::Ready(read)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Wire<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.traffic.set(UNSENT);
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.traffic.set(UNSENT);
        Pin::new(&mut self.stream).poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// hyper flushes when it has written all it has.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = ready!(Pin::new(&mut self.stream).poll_flush(cx));
        if flushed.is_ok() {
            self.traffic.clear(UNSENT);
        }
        Poll::Ready(flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.traffic.set(ENDING);
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
