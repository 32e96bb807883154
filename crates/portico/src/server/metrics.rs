//! `/metrics`, on a listener of its own.
//!
//! Guarantee: nothing here is reachable through the public listener, and a scrape cannot slow the
//! server down: what it reads from the database are a few short index reads, kept for [`FRESH`]
//! however often it is asked. When the database does not answer, the rest is told all the same.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use http::header;
use jiff::Timestamp;
use portico_app::{
    App, AppError,
    portings::{self, job},
};
use portico_domain::event::EventType;
use portico_metrics::{DatabaseFigures, QueueFigures, metrics};
use portico_store::{Tx, carriers::cases, jobs, webhooks::health};
use tokio::{net::TcpListener, sync::Mutex};

/// For how long what was read from the database is told again.
const FRESH: Duration = Duration::from_secs(5);

struct Scrapes {
    app: App,
    /// When the database was last read; held for a whole scrape, so that there is one at a time.
    read_at: Mutex<Option<Instant>>,
}

/// Serves the metrics until the process ends, so that its last minutes are seen too.
pub fn start(listener: TcpListener, app: App) {
    let now = app.db.ambient().now();
    metrics()
        .process
        .started_at(now.as_duration().as_secs_f64());
    let types = EventType::ALL.map(EventType::as_str);
    metrics().changes.expect(types);
    let scrapes = Arc::new(Scrapes {
        app,
        read_at: Mutex::new(None),
    });
    let router = Router::new()
        .route("/metrics", get(scrape))
        .with_state(scrapes);
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "metrics are not served any more");
        }
    });
}

async fn scrape(State(scrapes): State<Arc<Scrapes>>) -> Response {
    let mut read_at = scrapes.read_at.lock().await;
    if let Err(error) = scrapes.look(&mut read_at).await {
        let error = &error as &dyn std::error::Error;
        tracing::warn!(error, "the queue cannot be counted");
    }
    scrapes.count_transactions();
    let kind = [(header::CONTENT_TYPE, portico_metrics::CONTENT_TYPE)];
    (kind, metrics().render()).into_response()
}

impl Scrapes {
    fn count_transactions(&self) {
        let counted = self.app.db.statistics();
        metrics().database.set(DatabaseFigures {
            operations: counted.written,
            commits: counted.commits,
            conflicts: counted.conflicts,
            outages: counted.outages,
            waiting: counted.waiting,
        });
    }

    async fn look(&self, read_at: &mut Option<Instant>) -> Result<(), AppError> {
        if read_at.is_some_and(|at| at.elapsed() < FRESH) {
            return Ok(());
        }
        let mut tx = self.app.read().await?;
        let backlog = jobs::backlog(&mut tx).await?;
        let age = backlog.oldest.map_or(0.0, |oldest| age_of(&tx, oldest));
        // Nothing due is a zero, not a gap.
        let idle = job::ALL
            .into_iter()
            .filter(|kind| backlog.due.iter().all(|(due, _)| due != kind))
            .map(|kind| (kind.to_owned(), 0));
        let due: Vec<_> = idle.chain(backlog.due.iter().cloned()).collect();
        metrics().jobs.set_backlog(&due, age);
        let troubled = portings::troubled(&mut tx).await?.len();
        let troubled = u32::try_from(troubled).unwrap_or(u32::MAX);
        metrics().gateways.set_unreadable(troubled);
        let queue = cases::waiting(&mut tx).await?;
        let figures = queue.into_iter().map(|it| QueueFigures {
            provider: it.provider,
            state: it.state.as_str(),
            cases: it.cases,
            untaken: it.untaken,
            oldest: age_of(&tx, it.oldest),
        });
        metrics().queue.set(&figures.collect::<Vec<_>>());
        let webhooks = health::backlog(&mut tx).await?;
        let age = webhooks
            .oldest_due
            .map_or(0.0, |oldest| age_of(&tx, oldest));
        metrics()
            .webhooks
            .set_backlog(webhooks.waiting, age, webhooks.disabled);
        *read_at = Some(Instant::now());
        Ok(())
    }
}

fn age_of(tx: &Tx, since: Timestamp) -> f64 {
    tx.now().duration_since(since).as_secs_f64().max(0.0)
}
