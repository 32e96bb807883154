use std::{
    collections::HashMap,
    panic::AssertUnwindSafe,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use futures_util::{FutureExt, future::join_all};
use jiff::{SignedDuration, Timestamp};
use portico_app::{App, AppError, portings::job};
use portico_domain::id::JobId;
use portico_metrics::metrics;
use portico_store::{
    EngineKind, StoreError,
    jobs::{self, Job, LEASE, Lease},
};
use tokio::{task::JoinSet, time::Instant};
use tracing::Instrument;

use crate::{
    ending,
    held::{Held, is_lost_race},
    leases::Leases,
    submit,
    unheard::Unheard,
    upkeep, watch,
};

/// How many jobs run at once.
const CONCURRENCY: usize = 16;
/// How long a gateway may take to answer one call; shorter than a lease.
const GATEWAY_TIMEOUT: Duration = Duration::from_secs(10);
/// How often the job table is looked at when nothing wakes the worker.
const POLL: Duration = Duration::from_secs(1);
/// A third of a lease, so that one failed renewal does not lose it.
const RENEW_EVERY: Duration = Duration::from_secs(5);
/// How long a renewal may take before another one is tried, perhaps on a better connection.
const RENEWAL: Duration = Duration::from_secs(4);
const UPKEEP_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// When a job of a kind this version does not know is looked at again: a newer one may have it then.
const UNKNOWN_KIND: SignedDuration = SignedDuration::from_hours(1);

/// Runs durable jobs; see the crate's documentation for what it guarantees. Cheap to clone; clones
/// are the same worker.
#[derive(Clone)]
pub struct Worker {
    app: App,
    owner: Arc<str>,
    gateway_timeout: Duration,
    lease_patience: Duration,
    leases: Arc<Mutex<Leases>>,
    unheard: Arc<Mutex<Unheard>>,
    turns: Turns,
}

/// Whose turn it is, for each job that was claimed here and has not ended.
type Turns = Arc<Mutex<HashMap<JobId, Arc<tokio::sync::Mutex<()>>>>>;

/// A job that was claimed here. It can be claimed again before its first run has ended: in the moment
/// between being put back and ending, or when its lease could not be renewed.
/// Both runs must happen, and never beside each other; the lease decides what the second one keeps.
struct Running {
    held: Held,
    /// Before it was claimed.
    since: Instant,
    turn: Arc<tokio::sync::Mutex<()>>,
    turns: Turns,
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut turns = self.turns.lock().expect("no holder of this lock panics");
        // One for the table and one for us: nobody else waits.
        if Arc::strong_count(&self.turn) <= 2 {
            turns.remove(&self.held.job.id);
        }
    }
}

impl Worker {
    /// A worker with a name of its own.
    pub fn new(app: App) -> Self {
        let owner = app.db.ambient().random.base62(22).into();
        Self {
            app,
            owner,
            gateway_timeout: GATEWAY_TIMEOUT,
            lease_patience: LEASE.unsigned_abs(),
            leases: Arc::default(),
            unheard: Arc::default(),
            turns: Turns::default(),
        }
    }

    /// The same worker with another limit on how long a gateway may take to answer; 10 s otherwise.
    #[must_use]
    pub fn with_gateway_timeout(self, gateway_timeout: Duration) -> Self {
        Self {
            gateway_timeout,
            ..self
        }
    }

    /// The same worker that takes a job over once it has seen its lease stand for `patience`; 15 s
    /// otherwise.
    #[must_use]
    pub fn with_lease_patience(self, patience: Duration) -> Self {
        Self {
            lease_patience: patience,
            ..self
        }
    }

    /// Voids the leases of an earlier process where one process owns the database, which is every
    /// SQLite one. Elsewhere they may be another node's, and run out. Called once, before
    /// [`Worker::run`].
    ///
    /// # Errors
    /// The store failed.
    pub async fn recover(&self) -> Result<(), AppError> {
        if self.app.db.engine() != EngineKind::Sqlite {
            return Ok(());
        }
        self.app
            .write(|tx, _| Box::pin(async move { Ok(jobs::void_leases(tx).await?) }))
            .await
    }

    /// Works until `shutdown`, then lets what runs come to its end: no later than a gateway call's
    /// limit.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let mut shutdown = pin!(shutdown);
        let mut running = JoinSet::new();
        let mut upkeep_at = Timestamp::MIN;
        loop {
            let now = self.app.db.ambient().now();
            // Also when the clock was put back.
            if now >= upkeep_at || upkeep_at.duration_since(now) > UPKEEP_EVERY {
                upkeep_at = now.saturating_add(UPKEEP_EVERY).unwrap_or(Timestamp::MAX);
                let app = self.app.clone();
                running.spawn(async move { upkeep::run(&app).await });
            }
            let free = CONCURRENCY.saturating_sub(running.len());
            let claimed = self.claim(free).await;
            let is_down = claimed.is_err();
            for job in claimed.unwrap_or_default() {
                running.spawn(work(job));
            }
            let free = CONCURRENCY.saturating_sub(running.len());
            for job in self.take_over(free).await {
                running.spawn(work(job));
            }
            let has_room = running.len() < CONCURRENCY;
            tokio::select! {
                () = &mut shutdown => break,
                Some(_) = running.join_next(), if !running.is_empty() => {}
                () = self.idle(is_down), if has_room => {}
            }
        }
        while running.join_next().await.is_some() {}
    }

    /// Works until nothing is due any more, without waiting for what will be due later. For tests,
    /// which move the clock themselves.
    pub async fn drain(&self) {
        upkeep::run(&self.app).await;
        loop {
            let mut claimed = self.claim(CONCURRENCY).await.unwrap_or_default();
            claimed.extend(self.take_over(CONCURRENCY - claimed.len()).await);
            if claimed.is_empty() {
                return;
            }
            join_all(claimed.into_iter().map(work)).await;
        }
    }

    /// Claims up to `limit` jobs that are due.
    async fn claim(&self, limit: usize) -> Result<Vec<Running>, AppError> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let since = Instant::now();
        let claimed = self.claim_due(limit).await.inspect_err(cannot_claim)?;
        let starting = claimed.into_iter().map(|job| self.starting(job, since));
        Ok(starting.collect())
    }

    /// Up to `limit` jobs whose workers have died. Those that are due do not wait for it.
    async fn take_over(&self, limit: usize) -> Vec<Running> {
        let mut taken = Vec::new();
        let abandoned = self.abandoned(limit).await.inspect_err(cannot_claim);
        for lease in abandoned.unwrap_or_default() {
            let since = Instant::now();
            match self.take(lease).await {
                Ok(job) => taken.extend(job.map(|job| self.starting(job, since))),
                Err(error) => {
                    cannot_claim(&error);
                    break;
                }
            }
        }
        taken
    }

    async fn claim_due(&self, limit: usize) -> Result<Vec<Job>, AppError> {
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let owner = self.owner.clone();
        self.app
            .write(move |tx, _| {
                let owner = owner.clone();
                Box::pin(async move { Ok(jobs::claim(tx, &owner, limit).await?) })
            })
            .await
    }

    /// Up to `limit` claims that nobody renews any more.
    async fn abandoned(&self, limit: usize) -> Result<Vec<Lease>, AppError> {
        let is_time = self.leases().is_time_to_look(Instant::now(), POLL);
        if limit == 0 || !is_time {
            return Ok(Vec::new());
        }
        let claims = jobs::leases(&mut self.app.read().await?).await?;
        let patience = self.lease_patience;
        let mut abandoned = self.leases().abandoned(claims, Instant::now(), patience);
        abandoned.truncate(limit);
        Ok(abandoned)
    }

    fn leases(&self) -> MutexGuard<'_, Leases> {
        self.leases.lock().expect("no holder of this lock panics")
    }

    /// The job of a claim, if nobody was faster.
    async fn take(&self, lease: Lease) -> Result<Option<Job>, AppError> {
        let (owner, lease) = (self.owner.clone(), Arc::new(lease));
        self.app
            .write(move |tx, _| {
                let (owner, lease) = (owner.clone(), lease.clone());
                Box::pin(async move { Ok(jobs::take_over(tx, &owner, &lease).await?) })
            })
            .await
    }

    fn starting(&self, job: Job, since: Instant) -> Running {
        let mut turns = self.turns.lock().expect("no holder of this lock panics");
        let turn = turns.entry(job.id).or_default().clone();
        let held = Held {
            app: self.app.clone(),
            owner: self.owner.clone(),
            job,
            gateway_timeout: self.gateway_timeout,
            unheard: self.unheard.clone(),
        };
        Running {
            held,
            since,
            turn,
            turns: self.turns.clone(),
        }
    }

    /// Waits for whatever comes first: a job falling due, new work, the next look at the table.
    async fn idle(&self, is_down: bool) {
        let poll = tokio::time::sleep(POLL);
        if is_down {
            return poll.await;
        }
        let due = self.next_due().await.unwrap_or_default();
        let clock = &self.app.db.ambient().clock;
        tokio::select! {
            () = poll => {}
            () = self.app.db.new_jobs() => {}
            () = async { clock.wait_until(due.unwrap_or(Timestamp::MAX)).await } => {}
        }
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, AppError> {
        let mut tx = self.app.read().await?;
        Ok(jobs::next_due(&mut tx).await?)
    }
}

fn cannot_claim(error: &AppError) {
    tracing::warn!(error = error as &dyn std::error::Error, "cannot claim jobs");
}

/// Runs one job to its end, keeping its lease alive.
async fn work(running: Running) {
    let _turn = running.turn.lock().await;
    let held = &running.held;
    let (kind, subject) = (held.job.kind.as_str(), held.subject());
    let run = metrics().jobs.begin(kind);
    let span = tracing::debug_span!(target: "portico::trace", parent: None, "job", kind, subject);
    let ended = AssertUnwindSafe(while_renewed(held, running.since, perform(held)))
        .catch_unwind()
        .instrument(span)
        .await;
    let result = match &ended {
        Ok(Ok(())) => "done",
        Ok(Err(error)) if is_lost_race(error) => {
            tracing::debug!(kind, subject, "the job was taken over or overtaken");
            "lost"
        }
        Ok(Err(error)) => {
            let error = error as &dyn std::error::Error;
            tracing::error!(kind, subject, error, "the job failed");
            "failed"
        }
        Err(_) => {
            tracing::error!(kind, subject, "the job panicked");
            "panicked"
        }
    };
    metrics().jobs.end(&run, result);
    if result != "done" {
        metrics().jobs.put_back(kind, result);
        // If this fails too, or the lease is gone, whoever claims the job next goes on.
        let _ = held.put_back(held.retry_at()).await;
    }
}

async fn perform(held: &Held) -> Result<(), AppError> {
    match held.job.kind.as_str() {
        job::SUBMIT => submit::run(held).await,
        job::WATCH => watch::run(held).await,
        job::CANCEL => ending::cancel(held).await,
        job::EXPIRE => ending::expire(held).await,
        job::DELETE_DRAFT => ending::delete_draft(held).await,
        kind => {
            tracing::error!(kind, subject = held.subject(), "unknown kind of job");
            held.put_back(held.app.db.ambient().now() + UNKNOWN_KIND)
                .await
        }
    }
}

/// Drives `work`, and the renewals of its lease beside it; drops it where it stands when the lease is lost.
async fn while_renewed(
    held: &Held,
    since: Instant,
    work: impl Future<Output = Result<(), AppError>>,
) -> Result<(), AppError> {
    tokio::select! {
        // First, for a process that slept through its lease.
        biased;
        lost = until_lost(held, since) => lost,
        done = work => done,
    }
}

/// Renews a lease that stands since then, for as long as that can be done in time: others take the job over
/// when they have seen it stand for [`LEASE`], and what a gateway is asked must not be asked twice at once.
async fn until_lost(held: &Held, mut since: Instant) -> Result<(), AppError> {
    loop {
        tokio::time::sleep_until(since + RENEW_EVERY).await;
        let renewed = async {
            loop {
                let begun = Instant::now();
                match tokio::time::timeout(RENEWAL, held.renew()).await {
                    Ok(Ok(is_held)) => return is_held.then_some(begun),
                    Ok(Err(_)) | Err(_) => tokio::time::sleep(POLL).await,
                }
            }
        };
        match tokio::time::timeout_at(since + LEASE.unsigned_abs(), renewed).await {
            Ok(Some(begun)) => since = begun,
            Ok(None) => return Ok(()),
            // Nobody knows; if it is ours, it is put back.
            Err(_) => {
                let (kind, subject) = (&held.job.kind, held.subject());
                tracing::warn!(kind, subject, "the lease could not be renewed in time");
                return Err(StoreError::Stale("the lease").into());
            }
        }
    }
}

#[cfg(test)]
mod tests;
