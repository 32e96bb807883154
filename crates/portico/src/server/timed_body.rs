//! A request's body with a time limit.
//!
//! Guarantee: a handler that reads a body waits at most [`IDLE`] for the next byte and [`TOTAL`] for
//! all of it. A body that a handler leaves unread is read on and thrown away up to a bound, so that
//! the client gets to read the answer instead of a connection reset.

use std::{
    pin::Pin,
    sync::{Arc, atomic::AtomicBool, atomic::Ordering},
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep};

const IDLE: Duration = Duration::from_secs(10);
const TOTAL: Duration = Duration::from_secs(30);
/// How much of an unwanted body is thrown away before the connection is cut.
const DISCARDED: usize = 2 * 1_024 * 1_024;
const DISCARD_TIME: Duration = Duration::from_secs(5);

/// Says that the body did not come in time.
pub type Flag = Arc<AtomicBool>;

/// A body that fails when it does not come in time.
pub struct TimedBody {
    inner: Body,
    /// Set while nothing is there to read.
    waiting: Option<Pin<Box<Sleep>>>,
    end: Instant,
    timed_out: Flag,
    discards: bool,
}

impl TimedBody {
    /// Limits `inner`. With `discards`, what is left unread is thrown away.
    pub fn new(inner: Body, timed_out: Flag, discards: bool) -> Self {
        Self {
            inner,
            waiting: None,
            end: Instant::now() + TOTAL,
            timed_out,
            discards,
        }
    }

    /// Ready when the client has had its time.
    fn poll_late(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let next = self.end.min(Instant::now() + IDLE);
        let waiting = self
            .waiting
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(next)));
        waiting.as_mut().poll(cx)
    }
}

impl HttpBody for TimedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.inner).poll_frame(cx) {
            self.waiting = None;
            return Poll::Ready(frame);
        }
        ready!(self.poll_late(cx));
        self.timed_out.store(true, Ordering::Relaxed);
        self.discards = false;
        Poll::Ready(Some(Err(axum::Error::new(
            "the request's body did not come in time",
        ))))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for TimedBody {
    fn drop(&mut self) {
        if self.discards && !self.inner.is_end_stream() {
            let rest = std::mem::take(&mut self.inner);
            tokio::spawn(tokio::time::timeout(DISCARD_TIME, discard(rest)));
        }
    }
}

async fn discard(mut body: Body) {
    let mut left = DISCARDED;
    while left > 0 {
        let next = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await;
        let Some(Ok(frame)) = next else { return };
        left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
    }
}
