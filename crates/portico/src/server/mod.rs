//! The HTTP server.
//!
//! Guarantee: no client can hold on to more than its share. Headers, bodies and connections are
//! bounded in size, number and time, and a server at its limit says so instead of falling silent.
//! Told to stop, it takes no new connection, finishes what was begun within [`DRAIN`], lets the
//! worker finish its jobs, and closes the database. A crash at any point is the store's and the
//! worker's business: nothing is kept here.

mod answers;
mod client;
mod connections;
mod health;
mod limited_body;
mod observe;
mod site;

use std::{net::SocketAddr, time::Duration};

use anyhow::Context;
use axum::Router;
use portico_app::App;
use portico_jobs::Worker;
use tokio::{
    net::{TcpListener, TcpSocket},
    signal::unix::{SignalKind, signal},
    sync::watch,
};

use crate::config::Network;

/// How long requests and jobs that were begun may go on after the server was told to stop.
const DRAIN: Duration = Duration::from_secs(20);
/// Connections the system keeps for us until we take them.
const BACKLOG: u32 = 1_024;

/// What differs between `serve` and `dev`.
pub struct Options {
    /// Whose `X-Forwarded-For` counts.
    pub trusted_proxies: Vec<Network>,
    /// How many connections are served at once; by default, what the process may open.
    pub connections: Option<usize>,
    /// Further routes beside the API's.
    pub extra: Option<Router>,
}

/// Takes the address.
///
/// # Errors
/// It cannot be taken; the error names `setting`.
pub async fn bind(address: SocketAddr, setting: &str) -> anyhow::Result<TcpListener> {
    let bind = || {
        let socket = if address.is_ipv4() {
            TcpSocket::new_v4()
        } else {
            TcpSocket::new_v6()
        }?;
        // Otherwise a restart has to wait for the last connections' time-out.
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)
    };
    bind().with_context(|| format!("{setting}: cannot listen on {address}"))
}

/// Serves until SIGTERM or SIGINT, then ends in order. A second signal ends at once.
///
/// # Errors
/// What was kept by an earlier process cannot be taken over.
pub async fn run(app: App, listener: TcpListener, options: Options) -> anyhow::Result<()> {
    let (stop, stopped) = watch::channel(());
    let mut signals = Signals::new()?;
    let worker = Worker::new(app.clone());
    worker.recover().await.context("database_url")?;
    let db = app.db.clone();
    let mut work = tokio::spawn(worker.run(dropped(stopped.clone())));
    let connections = connections::Limits::new(options.connections);
    let site = site::Site::new(&app, options.extra, options.trusted_proxies);
    let mut serving = tokio::spawn(connections::serve(
        listener,
        site,
        connections,
        dropped(stopped),
    ));
    tokio::select! {
        () = signals.next() => {}
        // Neither ends by itself: half a server is worse than one that is started again.
        _ = &mut serving => anyhow::bail!("the server broke down"),
        _ = &mut work => anyhow::bail!("the worker broke down"),
    }
    tracing::info!("stopping");
    drop(stop);
    let ended = async {
        let _ = tokio::join!(serving, work);
        db.close().await;
    };
    tokio::select! {
        ended = tokio::time::timeout(DRAIN + Duration::from_secs(5), ended) => {
            if ended.is_err() {
                tracing::warn!("a job did not end in time; it is taken up again at the next start");
            }
        }
        () = signals.next() => tracing::warn!("stopped before everything had ended"),
    }
    tracing::info!("stopped");
    Ok(())
}

/// Resolves when the sender is dropped: the order to stop.
async fn dropped(mut stopped: watch::Receiver<()>) {
    while stopped.changed().await.is_ok() {}
}

struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
