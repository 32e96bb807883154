//! `portico health`: for containers, which have no other program to ask with.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use anyhow::{Context, bail};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{cli::HealthArgs, config::Settings};

/// How long the server may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// More than any answer to a probe.
const LONGEST: u64 = 8_192;

/// Asks `/readyz`, or `/healthz`, of the server that listens where the configuration says.
///
/// # Errors
/// It does not answer, or says that it cannot work.
pub async fn run(args: HealthArgs) -> anyhow::Result<()> {
    let settings = Settings::load(args.config.config.as_deref())?;
    let path = if args.live { "/healthz" } else { "/readyz" };
    let address = reachable(settings.listen);
    let asked = tokio::time::timeout(PATIENCE, ask(address, path)).await;
    let answer = asked
        .unwrap_or_else(|_| bail!("no answer within {} s", PATIENCE.as_secs()))
        .with_context(|| format!("{address} {path}"))?;
    if answer.starts_with("HTTP/1.1 200 ") {
        return Ok(());
    }
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.lines().next().unwrap_or_default();
    bail!("{address} {path}: {status} {body}")
}

async fn ask(address: SocketAddr, path: &str) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(LONGEST).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// A server that listens everywhere is reached on the loopback.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}
