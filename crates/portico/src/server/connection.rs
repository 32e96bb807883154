//! One connection, from its first byte to its end.
//!
//! Guarantee: a connection on which nothing is under way costs little, however many there are. hyper
//! keeps two buffers of 8 KiB and more for each connection it serves; so soon after an answer the
//! connection is taken apart, only the socket waits for the next request, and hyper gets it back with
//! the first byte. No byte is lost by that: see [`super::traffic`].

use std::{convert::Infallible, net::SocketAddr, pin::Pin, sync::Arc, time::Duration};

use axum::body::Bytes;
use hyper::{
    body::Incoming,
    server::conn::http1,
    service::{HttpService, service_fn},
};
use hyper_util::rt::{TokioIo, TokioTimer};
use portico_metrics::metrics;
use tokio::{
    net::TcpStream,
    sync::{OwnedSemaphorePermit, watch},
    time::{Instant, interval_at, sleep},
};

use super::{
    site::Site,
    traffic::{Answer, Traffic, Wire},
};

/// How long a client may take to send a request's head, and to begin with the first one.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Room for a request's head; more is answered 431.
const HEAD_SIZE: usize = 32 * 1_024;
/// Header lines of a request; more are answered 431.
const HEADERS: usize = 100;
/// How often to look whether anything is under way. Often, as what was freed by one connection is
/// used by the next; but not after each answer: whoever sends the next request at once gets it
/// without a connection being built for it.
const LOOK: Duration = Duration::from_millis(20);

/// The order to stop; `true` once it was given.
pub type Order = watch::Receiver<bool>;

/// A connection that was accepted.
pub struct Connection {
    pub stream: TcpStream,
    pub peer: SocketAddr,
    pub site: Arc<Site>,
    /// How long it may stand idle after an answer.
    pub keep_alive: Duration,
    /// With fewer places left than this it may not for longer than the first request may take.
    pub reserve: usize,
}

impl Connection {
    /// Serves until either side has had enough.
    pub async fn serve(self, mut order: Order, permit: OwnedSemaphorePermit) {
        let _open = metrics().http.begin_connection();
        let Self {
            stream,
            peer,
            site,
            keep_alive,
            reserve,
        } = self;
        let mut next = Some((stream, Bytes::new()));
        let mut patience = HEAD_TIMEOUT;
        while let Some((stream, ahead)) = next {
            if ahead.is_empty() && !comes(&stream, &mut order, patience).await {
                return;
            }
            patience = keep_alive;
            if permit.semaphore().available_permits() < reserve {
                patience = patience.min(HEAD_TIMEOUT);
            }
            let traffic = Arc::<Traffic>::default();
            let service = service_fn(|request| answer(&site, peer, &traffic, request));
            let wire = Wire::new(stream, ahead, traffic.clone());
            next = exchange(wire, service, &traffic, &mut order).await;
        }
    }
}

/// Waits for the next request; whether one comes before the time is up and before the order to stop.
async fn comes(stream: &TcpStream, order: &mut Order, patience: Duration) -> bool {
    let _idle = metrics().http.begin_idle();
    tokio::select! {
        biased;
        ready = stream.readable() => ready.is_ok(),
        () = given(order) => false,
        () = sleep(patience) => false,
    }
}

async fn answer(
    site: &Site,
    peer: SocketAddr,
    traffic: &Arc<Traffic>,
    request: http::Request<Incoming>,
) -> Result<http::Response<Answer>, Infallible> {
    let answer = site.answer(traffic.begin(request), peer.ip()).await;
    Ok(traffic.answer(answer))
}

/// Serves requests until nothing is under way; then the stream and what was read ahead. Nothing, if
/// the connection has ended. In a box of its own, so that a connection at rest keeps no room for it.
fn exchange<S>(
    wire: Wire<TcpStream>,
    service: S,
    traffic: &Traffic,
    order: &mut Order,
) -> Pin<Box<impl Future<Output = Option<(TcpStream, Bytes)>>>>
where
    S: HttpService<Incoming, ResBody = Answer, Error = Infallible>,
{
    Box::pin(run(wire, service, traffic, order))
}

async fn run<S>(
    wire: Wire<TcpStream>,
    service: S,
    traffic: &Traffic,
    order: &mut Order,
) -> Option<(TcpStream, Bytes)>
where
    S: HttpService<Incoming, ResBody = Answer, Error = Infallible>,
{
    let mut connection = builder(HEAD_TIMEOUT).serve_connection(TokioIo::new(wire), service);
    let mut looks = interval_at(Instant::now() + LOOK, LOOK);
    let mut is_last = false;
    loop {
        tokio::select! {
            biased;
            ended = &mut connection => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection broke off");
                }
                return None;
            }
            () = given(order), if !is_last => {
                is_last = true;
                Pin::new(&mut connection).graceful_shutdown();
            }
            _ = looks.tick() => if traffic.is_quiet() {
                break;
            }
        }
    }
    let parts = connection.into_parts();
    Some(parts.io.into_inner().take_apart(parts.read_buf))
}

/// Resolves when the order was given, or nobody is left to give it.
async fn given(order: &mut Order) {
    let _ = order.wait_for(|is_given| *is_given).await;
}

/// hyper with our limits.
pub fn builder(head_timeout: Duration) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(head_timeout)
        .max_headers(HEADERS)
        .max_buf_size(HEAD_SIZE);
    builder
}

#[cfg(test)]
mod tests {
    use portico_testkit::TestApp;
    use tokio::{net::TcpListener, sync::Semaphore};

    use super::*;
    use crate::{
        cli::Role,
        server::{health::Readiness, site::Served},
    };

    #[tokio::test]
    async fn a_connection_at_rest_takes_little_room() {
        let test = TestApp::new().await;
        let served = Served {
            role: Role::All,
            readiness: Readiness::default(),
            extra: None,
            trusted_proxies: Vec::new(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let connection = Connection {
            stream: TcpStream::connect(address).await.expect("a connection"),
            peer: address,
            site: Arc::new(Site::new(&test.app, served)),
            keep_alive: HEAD_TIMEOUT,
            reserve: 0,
        };
        let permits = Arc::new(Semaphore::new(1));
        let permit = permits.try_acquire_owned().expect("a permit");
        let (_stop, order) = watch::channel(false);
        let size = size_of_val(&connection.serve(order, permit));
        assert!(size < 1_024, "{size} bytes");
    }
}
