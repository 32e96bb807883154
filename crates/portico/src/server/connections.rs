//! From a TCP connection to requests, within limits.

use std::{
    convert::Infallible, future::Future, net::SocketAddr, pin::pin, sync::Arc, time::Duration,
};

use axum::body::Body;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
};
use portico_metrics::metrics;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};

use super::{
    DRAIN, answers,
    limited_body::{Faults, LimitedBody},
    site::Site,
};

/// How long a client may take to send a request's head, and how long a connection may stand idle.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Room for a request's head; more is answered 431.
const HEAD_SIZE: usize = 32 * 1_024;
/// Header lines of a request; more are answered 431.
const HEADERS: usize = 100;
/// Connections that are told "we are full" at once; beyond them the rest is just closed.
const REFUSED_AT_ONCE: usize = 64;
/// How long a client may take to be told.
const REFUSAL_TIMEOUT: Duration = Duration::from_secs(2);
/// The default limit, if the process may open as many files.
const MOST_CONNECTIONS: usize = 10_000;
/// Files that are not connections: the database, logs, the runtime.
const OTHER_FILES: usize = 64;
/// What to wait before accepting again after the system ran out of files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How many connections there may be.
#[derive(Clone)]
pub struct Limits {
    served: Arc<Semaphore>,
    refused: Arc<Semaphore>,
}

impl Limits {
    /// `connections`, or what the system allows this process.
    pub fn new(connections: Option<usize>) -> Self {
        let connections = connections.unwrap_or_else(|| {
            let files = open_files_limit().unwrap_or(1_024);
            let spare = files.saturating_sub(OTHER_FILES + REFUSED_AT_ONCE);
            spare.clamp(1, MOST_CONNECTIONS)
        });
        Self {
            served: Arc::new(Semaphore::new(connections.min(Semaphore::MAX_PERMITS))),
            refused: Arc::new(Semaphore::new(REFUSED_AT_ONCE)),
        }
    }
}

/// The soft limit on open files, where the system tells it.
fn open_files_limit() -> Option<usize> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Accepts and serves connections until `stop`; then ends when every request that was begun has
/// been answered, or after [`DRAIN`].
pub async fn serve(
    listener: TcpListener,
    site: Site,
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    let site = Arc::new(site);
    let graceful = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "cannot accept connections");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        // Answers are small and whole: waiting for more of them only delays.
        let _ = stream.set_nodelay(true);
        match limits.served.clone().try_acquire_owned() {
            Ok(permit) => {
                let connection = Connection {
                    stream,
                    peer,
                    site: site.clone(),
                };
                tokio::spawn(connection.serve(graceful.watcher(), permit));
            }
            Err(_) => {
                metrics().http.refused();
                if let Ok(permit) = limits.refused.clone().try_acquire_owned() {
                    tokio::spawn(refuse(stream, permit));
                }
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(DRAIN, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("requests were cut off that did not end in time");
    }
}

struct Connection {
    stream: TcpStream,
    peer: SocketAddr,
    site: Arc<Site>,
}

impl Connection {
    async fn serve(self, watcher: Watcher, permit: OwnedSemaphorePermit) {
        let Self { stream, peer, site } = self;
        let _open = metrics().http.begin_connection();
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let site = site.clone();
            async move { Ok::<_, Infallible>(site.answer(request.map(Body::new), peer.ip()).await) }
        });
        let connection = builder(HEAD_TIMEOUT).serve_connection(TokioIo::new(stream), service);
        if let Err(error) = watcher.watch(connection).await {
            tracing::debug!(%error, "a connection broke off");
        }
        drop(permit);
    }
}

async fn refuse(stream: TcpStream, permit: OwnedSemaphorePermit) {
    let service = service_fn(|request: hyper::Request<Incoming>| async move {
        let answer = answers::full(request.uri().path());
        tracing::warn!(status = answer.status().as_u16(), "no connection is free");
        // Dropped unread, a body would cut the connection before the client read the answer.
        drop(LimitedBody::new(
            Body::new(request.into_body()),
            Faults::default(),
            true,
        ));
        Ok::<_, Infallible>(answer)
    });
    let mut builder = builder(REFUSAL_TIMEOUT);
    builder.keep_alive(false);
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    let _ = tokio::time::timeout(REFUSAL_TIMEOUT, connection).await;
    drop(permit);
}

fn builder(head_timeout: Duration) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(head_timeout)
        .max_headers(HEADERS)
        .max_buf_size(HEAD_SIZE);
    builder
}
