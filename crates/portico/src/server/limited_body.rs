//! A request's body within limits.
//!
//! Guarantee: a handler that reads a body waits at most [`IDLE`] for the next byte and [`TOTAL`] for
//! all of it, and never sees more than [`LARGEST`] bytes. A body that a handler leaves unread is read on and thrown away up to a bound, so that
//! the client gets to read the answer instead of a connection reset.

use std::{
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep};

/// 64 KiB; a form or a JSON document of ours is far smaller.
const LARGEST: usize = 64 * 1_024;
const IDLE: Duration = Duration::from_secs(10);
const TOTAL: Duration = Duration::from_secs(30);
/// How much of an unwanted body is thrown away before the connection is cut.
const DISCARDED: usize = 2 * 1_024 * 1_024;
const DISCARD_TIME: Duration = Duration::from_secs(5);

/// Why a body was not read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It did not come in time.
    TooSlow,
    /// It is larger than [`LARGEST`].
    TooLarge,
}

/// Where the fault of a body is told.
pub type Faults = Arc<OnceLock<Fault>>;

/// A body that fails when it does not keep to the limits.
pub struct LimitedBody {
    inner: Body,
    /// Set while nothing is there to read.
    waiting: Option<Pin<Box<Sleep>>>,
    end: Instant,
    left: usize,
    faults: Faults,
    discards: bool,
}

impl LimitedBody {
    /// Limits `inner`. With `discards`, what is left unread is thrown away.
    pub fn new(inner: Body, faults: Faults, discards: bool) -> Self {
        Self {
            inner,
            waiting: None,
            end: Instant::now() + TOTAL,
            left: LARGEST,
            faults,
            discards,
        }
    }

    fn fail(&self, fault: Fault) -> axum::Error {
        // The first fault stays; what a reader makes of later ones does not matter.
        let _ = self.faults.set(fault);
        axum::Error::new("the request's body was not read to its end")
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

impl HttpBody for LimitedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.inner).poll_frame(cx) {
            self.waiting = None;
            self.discards &= matches!(frame, Some(Ok(_)));
            let size = match &frame {
                Some(Ok(frame)) => frame.data_ref().map_or(0, Bytes::len),
                _ => 0,
            };
            return Poll::Ready(match self.left.checked_sub(size) {
                Some(left) => {
                    self.left = left;
                    frame
                }
                None => Some(Err(self.fail(Fault::TooLarge))),
            });
        }
        ready!(self.poll_late(cx));
        self.discards = false;
        Poll::Ready(Some(Err(self.fail(Fault::TooSlow))))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for LimitedBody {
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
