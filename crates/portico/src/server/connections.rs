//! From a TCP connection to requests, within limits.

use std::{convert::Infallible, future::Future, pin::pin, sync::Arc, time::Duration};

use axum::body::Body;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use portico_metrics::metrics;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
};

use super::{
    DRAIN, answers,
    connection::{Connection, builder},
    limited_body::{Faults, LimitedBody},
    site::Site,
};

/// Connections that are told "we are full" at once; beyond them the rest is just closed.
const REFUSED_AT_ONCE: usize = 64;
/// How long a client may take to be told.
const REFUSAL_TIMEOUT: Duration = Duration::from_secs(2);
/// The default limit, if the process may open as many files.
const MOST_CONNECTIONS: usize = 10_000;
/// Files that are not connections: the database, logs, the runtime.
const OTHER_FILES: usize = 64;
/// One of so many places is kept free of those who only may come again.
const RESERVE: usize = 4;
/// What to wait before accepting again after the system ran out of files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How many connections there may be.
#[derive(Clone)]
pub struct Limits {
    served: Arc<Semaphore>,
    refused: Arc<Semaphore>,
    keep_alive: Duration,
    reserve: usize,
}

impl Limits {
    /// `connections`, or what the system allows this process; each may stand idle for `keep_alive`.
    pub fn new(connections: Option<usize>, keep_alive: Duration) -> Self {
        let connections = connections.unwrap_or_else(|| {
            let files = open_files_limit().unwrap_or(1_024);
            let spare = files.saturating_sub(OTHER_FILES + REFUSED_AT_ONCE);
            spare.clamp(1, MOST_CONNECTIONS)
        });
        Self {
            served: Arc::new(Semaphore::new(connections.min(Semaphore::MAX_PERMITS))),
            refused: Arc::new(Semaphore::new(REFUSED_AT_ONCE)),
            keep_alive,
            reserve: connections / RESERVE,
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
    let (order, ordered) = watch::channel(false);
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
                    keep_alive: limits.keep_alive,
                    reserve: limits.reserve,
                };
                tokio::spawn(connection.serve(ordered.clone(), permit));
            }
            Err(_) => {
                metrics().http.refused();
                if let Ok(permit) = limits.refused.clone().try_acquire_owned() {
                    tokio::spawn(refuse(stream, permit));
                }
            }
        }
    }
    drop((listener, ordered));
    order.send_replace(true);
    // Every connection holds a receiver.
    if tokio::time::timeout(DRAIN, order.closed()).await.is_err() {
        tracing::warn!("requests were cut off that did not end in time");
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
