use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use portico_app::{App, AppError};
use portico_domain::id::{WebhookDeliveryId, WebhookEndpointId};
use portico_metrics::metrics;
use portico_outgoing::Client;
use portico_store::{
    EngineKind,
    webhooks::{deliveries, endpoints, health, outbox, senders},
};
use tokio::time::Instant;

use crate::{
    fan_out,
    lanes::{Lanes, Parts},
    recorder::Recorder,
};

/// How often the tables are looked at when nothing wakes the dispatcher.
const POLL: Duration = Duration::from_millis(500);
/// A third of a lease, so that one failed renewal does not lose it.
const RENEW_EVERY: Duration = Duration::from_secs(5);
/// How often it is looked for what is held on disk and not known here. Longer than it takes a transaction's
/// result to come here, so that what was unknown twice is unknown.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// How often the log is swept and unused connections are closed.
const SWEEP_EVERY: Duration = Duration::from_secs(60);
/// Deliveries erased in one transaction.
const ERASED: u32 = 500;

/// Hands events to endpoints; see the crate's documentation for what it guarantees. Cheap to clone;
/// clones are the same dispatcher.
#[derive(Clone)]
pub struct Dispatcher {
    app: App,
    lanes: Lanes,
}

impl Dispatcher {
    /// A dispatcher with a name of its own, which calls what the configuration allows.
    pub fn new(app: App) -> Self {
        let client = Client::new(app.config.outgoing.clone());
        Self::with_client(app, client)
    }

    /// A dispatcher that calls with `client`.
    pub fn with_client(app: App, client: Client) -> Self {
        let owner: Arc<str> = app.db.ambient().random.base62(22).into();
        let recorder = Recorder::start(app.clone(), owner.clone());
        let parts = Parts::new(app.clone(), owner, client, recorder);
        Self {
            app,
            lanes: Lanes::new(parts),
        }
    }

    /// The name in which it holds deliveries. For tests, which take some in it.
    pub fn name(&self) -> &str {
        &self.lanes.parts().owner
    }

    /// Voids the leases of an earlier process where one process owns the database, which is every
    /// SQLite one. Elsewhere they may be another node's, and run out. Called once, before
    /// [`Dispatcher::run`].
    ///
    /// # Errors
    /// The store failed.
    pub async fn recover(&self) -> Result<(), AppError> {
        if self.app.db.engine() != EngineKind::Sqlite {
            return Ok(());
        }
        self.app
            .write(|tx, _| Box::pin(async move { Ok(senders::void_leases(tx).await?) }))
            .await
    }

    /// Delivers until `shutdown`, then lets the calls that were begun come to their end (15 s at the
    /// most) and puts back the rest.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        // Beside each other: neither a renewal nor a sweep holds up an event.
        tokio::select! {
            () = shutdown => {}
            () = self.deliver() => {}
            () = self.keep_lease() => {}
            () = self.keep_track() => {}
            () = self.keep_tidy() => {}
        }
        self.end().await;
    }

    /// Delivers until nothing is due any more, without waiting for what will be due later. For
    /// tests, which move the clock themselves.
    pub async fn drain(&self) {
        warn("cannot renew the lease", self.beat(Vec::new()).await);
        warn("cannot look at what is held", self.let_go().await);
        loop {
            let handed = self.hand_over().await;
            let woken = self.wake_lanes().await.unwrap_or_default().1;
            self.lanes.idle().await;
            self.lanes.parts().recorder.flush().await;
            if handed == 0 && woken == 0 {
                return;
            }
        }
    }

    async fn keep_lease(&self) {
        loop {
            warn("cannot renew the lease", self.beat(Vec::new()).await);
            tokio::time::sleep(RENEW_EVERY).await;
        }
    }

    async fn keep_track(&self) {
        loop {
            warn("cannot look at what is held", self.let_go().await);
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn keep_tidy(&self) {
        loop {
            warn("cannot sweep the log", self.sweep().await);
            tokio::time::sleep(SWEEP_EVERY).await;
        }
    }

    async fn deliver(&self) {
        let mut looked = Instant::now() - POLL;
        let mut next = None;
        loop {
            let handed = self.hand_over().await;
            if handed == 0 || looked.elapsed() >= POLL {
                looked = Instant::now();
                next = match self.wake_lanes().await {
                    Ok((next, _)) => next,
                    Err(error) => {
                        warn("cannot look at deliveries", Err(error));
                        None
                    }
                };
            }
            if handed == 0 {
                self.wait(next).await;
            }
        }
    }

    /// Waits for whatever comes first: a new event, a delivery falling due, the next look.
    async fn wait(&self, next: Option<Timestamp>) {
        let clock = &self.app.db.ambient().clock;
        tokio::select! {
            () = self.app.db.new_events() => {}
            () = tokio::time::sleep(POLL) => {}
            () = async { clock.wait_until(next.unwrap_or(Timestamp::MAX)).await } => {}
        }
    }

    /// Empties the outbox; how many events there were.
    async fn hand_over(&self) -> usize {
        let mut all = 0;
        loop {
            // A look costs less than a transaction that finds nothing.
            let is_empty = match self.app.read().await {
                Ok(mut tx) => matches!(outbox::oldest(&mut tx).await, Ok(None)),
                Err(_) => true,
            };
            if is_empty {
                return all;
            }
            match fan_out::run(&self.lanes).await {
                Ok(number) => {
                    metrics().webhooks.handed_over(number as u64);
                    all += number;
                    if number < fan_out::BATCH as usize {
                        return all;
                    }
                }
                Err(error) => {
                    warn("cannot hand over events", Err(error));
                    tokio::time::sleep(POLL).await;
                    return all;
                }
            }
        }
    }

    /// Opens the lanes that have something due. When the next thing falls due, and how many lanes
    /// were woken.
    async fn wake_lanes(&self) -> Result<(Option<Timestamp>, usize), AppError> {
        let mut tx = self.app.read().await?;
        let due = health::due(&mut tx).await?;
        drop(tx);
        let now = self.app.db.ambient().now();
        let (mut next, mut woken) = (None::<Timestamp>, 0);
        for it in due {
            if it.at > now {
                next = Some(next.map_or(it.at, |next| next.min(it.at)));
            } else if !self.lanes.is_held(it.endpoint, now) {
                self.lanes.wake(it.endpoint);
                woken += 1;
            }
        }
        Ok((next, woken))
    }

    /// Renews the lease, and lets go of what is held and forgotten.
    async fn beat(&self, forgotten: Vec<WebhookDeliveryId>) -> Result<(), AppError> {
        let (owner, forgotten) = (self.lanes.parts().owner.clone(), Arc::new(forgotten));
        let beat = self.app.write(move |tx, _| {
            let (owner, forgotten) = (owner.clone(), forgotten.clone());
            Box::pin(async move {
                deliveries::let_go(tx, &owner, &forgotten).await?;
                Ok(senders::beat(tx, &owner).await?)
            })
        });
        beat.await
    }

    /// Lets go of what is held in this dispatcher's name and was unknown to it in two looks.
    async fn let_go(&self) -> Result<(), AppError> {
        let parts = self.lanes.parts();
        let held = deliveries::held_by(&mut self.app.read().await?, &parts.owner).await?;
        let forgotten = parts.holds.forgotten(held);
        if forgotten.is_empty() {
            return Ok(());
        }
        let count = forgotten.len();
        tracing::warn!(count, "deliveries that nobody works on any more wait again");
        self.beat(forgotten).await
    }

    /// Erases what ended long ago and what was meant for deleted endpoints.
    async fn sweep(&self) -> Result<(), AppError> {
        self.lanes.close_unused();
        let kept = SignedDuration::from_hours(24 * i64::from(self.app.config.webhooks.log_days));
        let ended = self.app.db.ambient().now() - kept;
        let mut tx = self.app.read().await?;
        let mut found = Vec::new();
        for (endpoint, is_deleted) in endpoints::all(&mut tx).await? {
            let before = (!is_deleted).then_some(ended);
            if is_deleted || deliveries::has_old(&mut tx, endpoint, ended).await? {
                found.push((endpoint, before));
            }
        }
        drop(tx);
        for (endpoint, before) in found {
            while self.erase(endpoint, before).await? {}
        }
        Ok(())
    }

    /// Erases some of an endpoint's log: what ended before, or everything when it is deleted.
    /// Whether there may be more.
    async fn erase(
        &self,
        endpoint: WebhookEndpointId,
        before: Option<Timestamp>,
    ) -> Result<bool, AppError> {
        let erased = self.app.write(move |tx, _| {
            Box::pin(async move {
                let erased = deliveries::erase_old(tx, endpoint, before, ERASED).await?;
                let is_all = erased < u64::from(ERASED);
                if is_all && before.is_none() {
                    endpoints::forget(tx, endpoint).await?;
                }
                Ok(!is_all)
            })
        });
        erased.await
    }

    async fn end(&self) {
        self.lanes.stop().await;
        self.lanes.parts().recorder.flush().await;
        let owner = self.lanes.parts().owner.clone();
        let left = self.app.write(move |tx, _| {
            let owner = owner.clone();
            Box::pin(async move { Ok(senders::leave(tx, &owner).await?) })
        });
        warn("cannot give back the lease", left.await);
    }
}

fn warn(what: &'static str, outcome: Result<(), AppError>) {
    if let Err(error) = outcome {
        tracing::warn!(error = &error as &dyn std::error::Error, "{what}");
    }
}
