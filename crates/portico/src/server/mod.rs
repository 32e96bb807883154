//! The HTTP server.
//!
//! Guarantee: no client can hold on to more than its share. Headers, bodies and connections are
//! bounded in size, number and time, and a server at its limit says so instead of falling silent.
//! Told to stop, it says so at `/readyz` and claims no more jobs, but goes on answering for the grace
//! it was given, so that whoever spreads requests can turn away first. Then it takes no new
//! connection, finishes what was begun within [`DRAIN`], lets the worker finish its jobs and deliveries
//! come to their end, and closes the database. A crash at any point is the store's, the worker's and
//! the dispatcher's business: nothing is kept here.

mod answers;
mod client;
mod connection;
mod connections;
mod health;
mod limited_body;
mod metrics;
mod observe;
mod site;
mod traffic;

use std::{net::SocketAddr, time::Duration};

use anyhow::Context;
use axum::Router;
use portico_app::{App, AppError};
use portico_jobs::Worker;
use portico_webhook::Dispatcher;
use tokio::{
    net::{TcpListener, TcpSocket},
    sync::watch,
    task::JoinHandle,
};

use crate::{cli::Role, config::Network, signals::Signals};
use health::Readiness;

/// How long requests and jobs that were begun may go on after the server was told to stop.
const DRAIN: Duration = Duration::from_secs(20);
/// How long a connection may stand idle after an answer, by default. Proxies keep theirs for a minute.
pub const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// Connections the system keeps for us until we take them.
const BACKLOG: u32 = 1_024;

/// What differs between `serve` and `dev`.
pub struct Options {
    /// What this process does.
    pub role: Role,
    /// Whose `X-Forwarded-For` counts.
    pub trusted_proxies: Vec<Network>,
    /// How many connections are served at once; by default, what the process may open.
    pub connections: Option<usize>,
    /// How long a connection may stand idle after an answer.
    pub keep_alive: Duration,
    /// How long to go on taking requests after the order to stop.
    pub grace: Duration,
    /// Where the metrics are served.
    pub metrics: Option<TcpListener>,
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
    let mut signals = Signals::new()?;
    let db = app.db.clone();
    let (address, public_url) = (listener.local_addr()?, app.config.public_url.clone());
    let (mut parts, stop) = start(app, listener, options).await?;
    // Whoever waits for this line may send a signal at once.
    tracing::info!(%address, public_url, "listening");
    tokio::select! {
        () = signals.next() => {}
        // Neither ends by itself: half a server is worse than one that is started again.
        _ = &mut parts.serving => anyhow::bail!("the server broke down"),
        _ = &mut parts.work => anyhow::bail!("the worker broke down"),
        _ = &mut parts.delivery => anyhow::bail!("the delivery of events broke down"),
    }
    stop.readiness.end();
    tracing::info!("stopping");
    let longest = stop.grace + DRAIN + Duration::from_secs(5);
    let ended = async {
        stop.turn_away().await;
        let _ = tokio::join!(parts.serving, parts.work, parts.delivery);
        db.close().await;
    };
    tokio::select! {
        ended = tokio::time::timeout(longest, ended) => {
            if ended.is_err() {
                tracing::warn!("a job did not end in time; it is taken up again at the next start");
            }
        }
        () = signals.next() => tracing::warn!("stopped before everything had ended"),
    }
    tracing::info!("stopped");
    Ok(())
}

/// What runs.
struct Parts {
    serving: JoinHandle<()>,
    work: JoinHandle<()>,
    delivery: JoinHandle<()>,
}

/// How what runs is stopped.
struct Stop {
    grace: Duration,
    readiness: Readiness,
    work: watch::Sender<()>,
    serving: watch::Sender<()>,
}

impl Stop {
    /// No new jobs, then no new connections.
    async fn turn_away(self) {
        drop(self.work);
        tokio::time::sleep(self.grace).await;
        drop(self.serving);
    }
}

async fn start(app: App, listener: TcpListener, options: Options) -> anyhow::Result<(Parts, Stop)> {
    let readiness = Readiness::default();
    let (work, no_more_work) = watch::channel(());
    let (serving, no_more_requests) = watch::channel(());
    let stop = Stop {
        grace: options.grace,
        readiness: readiness.clone(),
        work,
        serving,
    };
    if let Some(listener) = options.metrics {
        let address = listener.local_addr()?;
        tracing::info!(%address, "metrics are served");
        metrics::start(listener, app.clone());
    }
    let workers = match options.role.works() {
        true => Some(recovered(&app).await.context("database_url")?),
        false => None,
    };
    let limits = connections::Limits::new(options.connections, options.keep_alive);
    let site = site::Site::new(
        &app,
        site::Served {
            role: options.role,
            readiness,
            extra: options.extra,
            trusted_proxies: options.trusted_proxies,
        },
    );
    let serving = connections::serve(listener, site, limits, dropped(no_more_requests.clone()));
    let serving = tokio::spawn(serving);
    // Begun after serving: their first looks at the database are not to hold up the first answer.
    let no_more_work = dropped(no_more_work);
    // Goes on as long as requests are answered: what they change is told.
    let ending = dropped(no_more_requests);
    let (work, delivery) = match workers {
        Some((worker, dispatcher)) => (
            tokio::spawn(worker.run(no_more_work)),
            tokio::spawn(dispatcher.run(ending)),
        ),
        None => (tokio::spawn(no_more_work), tokio::spawn(ending)),
    };
    let parts = Parts {
        serving,
        work,
        delivery,
    };
    Ok((parts, stop))
}

/// What works, with what an earlier process left taken over.
async fn recovered(app: &App) -> Result<(Worker, Dispatcher), AppError> {
    let worker = Worker::new(app.clone());
    worker.recover().await?;
    let dispatcher = Dispatcher::new(app.clone());
    dispatcher.recover().await?;
    Ok((worker, dispatcher))
}

/// Resolves when the sender is dropped: the order to stop.
async fn dropped(mut stopped: watch::Receiver<()>) {
    while stopped.changed().await.is_ok() {}
}
