//! One connection, from a name to HTTP.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::Host;

use crate::{AddressPolicy, CallError, Endpoint, Target};

/// How long a call may take, from the name to the last byte.
const TOTAL: Duration = Duration::from_secs(15);
/// How long one address may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(4);
/// How much of an answer's body is read, in bytes.
const MAX_BODY: usize = 64 * 1_024;
/// How many of a name's addresses are tried.
const ADDRESSES: usize = 3;
/// All headers of an answer together, in bytes.
const MAX_HEAD: usize = 16 * 1_024;
const MAX_HEADERS: usize = 64;

/// Finds the addresses of a name.
pub type Resolver =
    Arc<dyn Fn(String, u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> + Send + Sync>;

pub(crate) type Sender = http1::SendRequest<Full<Bytes>>;

/// Makes connections under a policy. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    policy: AddressPolicy,
    resolver: Resolver,
    tls: TlsConnector,
    pub(crate) total: Duration,
    pub(crate) max_body: usize,
}

impl Client {
    /// A client that asks the system for addresses and trusts the public certificate authorities.
    pub fn new(policy: AddressPolicy) -> Self {
        let roots = webpki_roots::TLS_SERVER_ROOTS.iter().cloned();
        Self::with(policy, system_resolver(), roots.collect())
    }

    /// A client with its own way to find addresses and its own authorities.
    pub fn with(policy: AddressPolicy, resolver: Resolver, roots: RootCertStore) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider speaks TLS 1.2 and 1.3")
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Self {
            policy,
            resolver,
            tls: TlsConnector::from(Arc::new(config)),
            total: TOTAL,
            max_body: MAX_BODY,
        }
    }

    /// The same client with another limit on how long a call may take; 15 s otherwise.
    #[must_use]
    pub fn with_total(self, total: Duration) -> Self {
        Self { total, ..self }
    }

    /// The same client with another limit on how much of an answer's body is read, in bytes; 64 KiB
    /// otherwise.
    #[must_use]
    pub fn with_max_body(self, max_body: usize) -> Self {
        Self { max_body, ..self }
    }

    /// Which addresses may be called.
    pub fn policy(&self) -> &AddressPolicy {
        &self.policy
    }

    /// A place to call, with connections of its own.
    pub fn endpoint(&self, target: Target) -> Endpoint {
        Endpoint::new(self.clone(), target)
    }

    /// Resolves once, and connects to an address that was checked.
    pub(crate) async fn connect(&self, target: &Target) -> Result<Sender, CallError> {
        let stream = self.reach(target).await?;
        // Small requests are answered sooner, and there is nothing to gather: one write each.
        stream.set_nodelay(true).map_err(|_| CallError::Broken)?;
        if !target.is_https {
            return handshake(TokioIo::new(stream)).await;
        }
        let name = match &target.host {
            Host::Domain(name) => ServerName::try_from(name.clone()),
            Host::Ipv4(v4) => Ok(ServerName::from(std::net::IpAddr::from(*v4))),
            Host::Ipv6(v6) => Ok(ServerName::from(std::net::IpAddr::from(*v6))),
        };
        let name = name.map_err(|_| CallError::Untrusted)?;
        let stream = self.tls.connect(name, stream).await;
        handshake(TokioIo::new(stream.map_err(|_| CallError::Untrusted)?)).await
    }

    async fn reach(&self, target: &Target) -> Result<TcpStream, CallError> {
        let found = match &target.host {
            Host::Ipv4(v4) => vec![SocketAddr::from((*v4, target.port))],
            Host::Ipv6(v6) => vec![SocketAddr::from((*v6, target.port))],
            Host::Domain(name) => (self.resolver)(name.clone(), target.port)
                .await
                .map_err(|_| CallError::Unresolved)?,
        };
        if found.is_empty() {
            return Err(CallError::Unresolved);
        }
        let permitted = found.into_iter().filter(|found| {
            let ip = found.ip();
            self.policy.permits(ip) && (target.is_https || self.policy.permits_plain(ip))
        });
        let mut outcome = Err(CallError::Forbidden);
        for address in permitted.take(ADDRESSES) {
            match tokio::time::timeout(CONNECT, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(_)) => outcome = Err(CallError::Unreachable),
                Err(_) => outcome = Err(CallError::TimedOut),
            }
        }
        outcome
    }
}

async fn handshake<T>(io: TokioIo<T>) -> Result<Sender, CallError>
where
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = http1::Builder::new()
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_HEAD)
        .handshake(io)
        .await
        .map_err(|_| CallError::Broken)?;
    // It ends with its sender; what goes wrong on it is told to whoever waits for an answer.
    tokio::spawn(async move {
        let _ = connection.await;
    });
    Ok(sender)
}

fn system_resolver() -> Resolver {
    Arc::new(|name, port| {
        Box::pin(async move { Ok(tokio::net::lookup_host((name, port)).await?.collect()) })
    })
}
