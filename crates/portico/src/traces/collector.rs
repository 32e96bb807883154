//! The HTTP client that carries traces. Plain http: the collector is a neighbour.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use opentelemetry_http::{HttpClient, HttpError};
use tokio::{net::TcpStream, runtime::Handle};

/// How long the collector may take for one request.
const PATIENCE: Duration = Duration::from_secs(5);
/// More than a collector has to say.
const LONGEST: usize = 64 * 1_024;

/// Sends on the runtime of the server, whatever thread asks.
#[derive(Debug)]
pub struct Client(Handle);

impl Client {
    /// A client of the runtime this is called in.
    pub fn new() -> Self {
        Self(Handle::current())
    }
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        // Timers belong to the runtime too, so they are made on it.
        let sending = async { tokio::time::timeout(PATIENCE, send(request)).await? };
        let sent = self.0.spawn(sending).await?;
        match &sent {
            Ok(answer) if answer.status().is_success() => {}
            Ok(answer) => {
                let status = answer.status().as_u16();
                tracing::warn!(status, "the collector did not take traces");
            }
            Err(error) => tracing::warn!(%error, "traces were not sent"),
        }
        sent
    }
}

/// A connection for each: there is one request in some seconds.
async fn send(request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
    let host = request.uri().host().ok_or("no host")?;
    // An IPv6 address stands in brackets in a URL, and without them in an address.
    let host = host.trim_matches(['[', ']']);
    let port = request.uri().port_u16().unwrap_or(80);
    let stream = TcpStream::connect((host, port)).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let driven = tokio::spawn(connection);
    let answer = sender.send_request(to_server(request)?).await?;
    let (head, body) = answer.into_parts();
    let body = Limited::new(body, LONGEST).collect().await?.to_bytes();
    driven.abort();
    Ok(Response::from_parts(head, body))
}

/// The request as a server expects it: a path in its first line, and a `Host`.
fn to_server(request: Request<Bytes>) -> Result<Request<Full<Bytes>>, HttpError> {
    let (mut head, body) = request.into_parts();
    let authority = head.uri.authority().ok_or("no host")?.as_str();
    let host = HeaderValue::from_str(authority)?;
    head.headers.insert(header::HOST, host);
    head.uri = head.uri.path().parse()?;
    Ok(Request::from_parts(head, Full::new(body)))
}
