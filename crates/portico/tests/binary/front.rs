//! What stands between a client and a server, and fails as proxies and connections do.

use std::{
    io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode, header, request::Parts};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use crate::support::Server;

/// A request that came.
#[derive(Debug, Clone)]
pub struct Seen {
    /// As `GET /path?query`.
    pub line: String,
    /// Whether its connection had carried another one before.
    pub is_on_kept_connection: bool,
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy)]
pub enum Fate {
    Answered,
    /// The server acts, and the connection breaks before the answer.
    Cut,
    /// The server does not hear of it.
    Unavailable,
}

type Decide = Box<dyn Fn(&Seen) -> Fate + Send + Sync>;

/// Stands in front of one server. Dropping it takes no more connections.
pub struct Front {
    pub url: String,
    inner: Arc<Inner>,
    accepting: JoinHandle<()>,
}

struct Inner {
    server: String,
    http: reqwest::Client,
    decide: Decide,
    seen: Mutex<Vec<Seen>>,
}

impl Drop for Front {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Front {
    /// One that lets `decide` say what becomes of each request.
    pub async fn of(
        server: &Server,
        decide: impl Fn(&Seen) -> Fate + Send + Sync + 'static,
    ) -> Self {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        let inner = Arc::new(Inner {
            server: server.url(""),
            http: http.build().expect("a client"),
            decide: Box::new(decide),
            seen: Mutex::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        Self {
            url: format!("http://{address}"),
            accepting: tokio::spawn(accept(listener, inner.clone())),
            inner,
        }
    }

    /// What came, in order.
    pub fn seen(&self) -> Vec<Seen> {
        self.inner.seen.lock().expect("not poisoned").clone()
    }
}

async fn accept(listener: TcpListener, inner: Arc<Inner>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, inner.clone()));
    }
}

async fn serve(stream: TcpStream, inner: Arc<Inner>) {
    let is_kept = AtomicBool::new(false);
    let service =
        service_fn(|request| inner.answer(request, is_kept.swap(true, Ordering::Relaxed)));
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // One that is cut ends with an error; that is what it was cut for.
    let _ = connection.await;
}

impl Inner {
    async fn answer(
        &self,
        request: Request<Incoming>,
        is_on_kept_connection: bool,
    ) -> io::Result<Response<Full<Bytes>>> {
        let seen = Seen {
            line: format!("{} {}", request.method(), request.uri()),
            is_on_kept_connection,
        };
        let fate = (self.decide)(&seen);
        self.seen.lock().expect("not poisoned").push(seen);
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        match fate {
            Fate::Answered => self.forward(head, body).await.map_err(io::Error::other),
            Fate::Cut => {
                self.forward(head, body).await.map_err(io::Error::other)?;
                Err(io::ErrorKind::ConnectionReset.into())
            }
            Fate::Unavailable => {
                let mut answer = Response::new(Full::default());
                *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
                Ok(answer)
            }
        }
    }

    async fn forward(&self, head: Parts, body: Bytes) -> reqwest::Result<Response<Full<Bytes>>> {
        let request = self
            .http
            .request(head.method, format!("{}{}", self.server, head.uri))
            .headers(of_the_message(head.headers))
            .body(body);
        let answer = request.send().await?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let mut forwarded = Response::new(Full::new(answer.bytes().await?));
        *forwarded.status_mut() = status;
        *forwarded.headers_mut() = of_the_message(headers);
        Ok(forwarded)
    }
}

/// The headers that do not belong to one connection.
fn of_the_message(mut headers: HeaderMap) -> HeaderMap {
    let of_the_connection = [
        header::HOST,
        header::CONNECTION,
        header::CONTENT_LENGTH,
        header::TRANSFER_ENCODING,
    ];
    for name in of_the_connection {
        headers.remove(name);
    }
    headers
}
