//! PostgreSQL, and what speaks its protocol and SQL: any number of nodes share it.
//!
//! Guarantee: transactions are SERIALIZABLE, so a rule that holds for one after the other holds
//! here. An operation answered with success is committed; one answered with an error left nothing,
//! unless the connection broke while the commit was under way: then it may have been kept, and the
//! caller is told that the database is not available.
//!
//! * **Conflicts** (another transaction was in the way) are repeated here and nowhere else, for as
//!   long as [`PATIENCE`], and counted. Of one node's operations one is repeated at a time.
//! * **Outages.** What had not reached its commit is repeated for as long as [`PATIENCE`], on
//!   whichever host takes writes by then: a fail-over costs a subscriber a pause, not an error.
//! * **Stalls.** A statement that gets no answer within [`session::STATEMENT`] counts as an outage.

mod hosts;
mod session;

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, LazyLock, atomic::Ordering::Relaxed},
    time::Duration,
};

use deadpool::{
    Runtime,
    managed::{Pool, Timeouts},
};
use futures_util::{FutureExt, future::BoxFuture};
use sqlx::migrate::Migrator;
use tokio::{
    sync::{Mutex, OwnedMutexGuard},
    time::Instant,
};

pub(super) use self::session::Session;
use self::{hosts::Hosts, session::Connector};
use super::{Context, Tx};
use crate::{Failure, StoreError};

/// Not locked: that would take an advisory lock, which not every engine of this kind has.
pub(super) static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
    let mut migrations = sqlx::migrate!("migrations/postgres");
    migrations.set_locking(false);
    migrations
});

/// Connections for writing; one for each transaction that runs.
const WRITERS: usize = 16;
/// Connections for reading. Kept apart, so that readers who wait to write never hold the last one.
const READERS: usize = 8;
/// How long an operation keeps trying to reach a database that is not there, or to get past others.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest pause before an operation is run a third time, or more often.
const LONGEST_PAUSE: Duration = Duration::from_millis(50);
/// The pause between two looks for a database that is not there.
const OUTAGE_PAUSE: Duration = Duration::from_millis(100);

const BEGIN_WRITE: &str = "BEGIN ISOLATION LEVEL SERIALIZABLE";
const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

#[derive(Clone)]
pub(super) struct Postgres {
    writers: Pool<Connector>,
    readers: Pool<Connector>,
    context: Context,
    /// Operations that met another one are run again one after the other: beside each other they
    /// would mostly meet again.
    turns: Arc<Mutex<()>>,
}

/// Why a run was not kept, and whether another may be.
enum Ended<E> {
    Here(E),
    /// Another transaction was in the way.
    Conflict(E),
    /// The database is gone, and nothing had been committed.
    Outage(E),
}

impl<E: Failure> Ended<E> {
    fn before_commit(error: E) -> Self {
        match error.store_error() {
            Some(StoreError::Conflict) => Self::Conflict(error),
            Some(StoreError::Unavailable(_)) => Self::Outage(error),
            _ => Self::Here(error),
        }
    }

    fn at_commit(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::Conflict(error.into()),
            error => Self::Here(error.into()),
        }
    }
}

impl Postgres {
    pub(super) async fn open(url: &str, context: &Context) -> Result<Self, StoreError> {
        let hosts = Hosts::parse(url)?;
        let pool = |size| {
            Pool::builder(Connector::new(hosts.clone()))
                .max_size(size)
                .runtime(Runtime::Tokio1)
                .timeouts(Timeouts {
                    wait: Some(PATIENCE),
                    ..Timeouts::default()
                })
                .build()
                .expect("a runtime is given, which is all that time-outs need")
        };
        let postgres = Self {
            writers: pool(WRITERS),
            readers: pool(READERS),
            context: context.clone(),
            turns: Arc::default(),
        };
        // An address that is wrong is told at once. A start reads and then writes; beside each other
        // two connections take the time of one.
        let (reader, writer) = (&postgres.readers, &postgres.writers);
        tokio::try_join!(Session::idle(reader), Session::idle(writer))?;
        Ok(postgres)
    }

    pub(super) async fn migrate(&self) -> Result<(), StoreError> {
        let session = Session::idle(&self.writers).await?;
        Tx::postgres(session, self.context.clone()).migrate().await
    }

    pub(super) async fn read(&self) -> Result<Tx, StoreError> {
        self.patiently(|| Session::open(&self.readers, BEGIN_READ))
            .await
    }

    pub(super) async fn glance(&self) -> Result<Tx, StoreError> {
        self.patiently(|| Session::idle(&self.readers)).await
    }

    async fn patiently<F>(&self, open: impl Fn() -> F) -> Result<Tx, StoreError>
    where
        F: Future<Output = Result<Session, StoreError>>,
    {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match open().await {
                Ok(session) => return Ok(Tx::postgres(session, self.context.clone())),
                Err(StoreError::Unavailable(_)) if Instant::now() < deadline => {
                    self.outage().await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    pub(super) async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
        F: for<'t> FnMut(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        let postgres = self.clone();
        // On its own, so that it goes on when the caller is gone.
        tokio::spawn(async move { postgres.run(work).await })
            .await
            .unwrap_or_else(|_| Err(StoreError::Panicked.into()))
    }

    async fn run<T, E, F>(&self, mut work: F) -> Result<T, E>
    where
        E: Failure,
        F: for<'t> FnMut(&'t mut Tx) -> BoxFuture<'t, Result<T, E>>,
    {
        let deadline = Instant::now() + PATIENCE;
        let mut turn = None;
        loop {
            match self.run_once(&mut work).await {
                Ok(value) => return Ok(value),
                Err(Ended::Conflict(_)) if Instant::now() < deadline => {
                    self.context.statistics.conflicts.fetch_add(1, Relaxed);
                    match turn {
                        None => turn = self.turn(deadline).await,
                        Some(_) => self.step_aside().await,
                    }
                }
                Err(Ended::Outage(_)) if Instant::now() < deadline => {
                    turn = None;
                    self.outage().await;
                }
                Err(Ended::Here(error) | Ended::Conflict(error) | Ended::Outage(error)) => {
                    return Err(error);
                }
            }
        }
    }

    async fn run_once<T, E, F>(&self, work: &mut F) -> Result<T, Ended<E>>
    where
        E: Failure,
        F: for<'t> FnMut(&'t mut Tx) -> BoxFuture<'t, Result<T, E>>,
    {
        let session = Session::open(&self.writers, BEGIN_WRITE).await;
        let session = session.map_err(|error| Ended::before_commit(error.into()))?;
        let mut tx = Tx::postgres(session, self.context.clone());
        let outcome = AssertUnwindSafe(work(&mut tx)).catch_unwind().await;
        // Dropping the transaction, here and below, undoes it.
        let value = outcome
            .unwrap_or_else(|_| Err(StoreError::Panicked.into()))
            .map_err(Ended::before_commit)?;
        tx.flush()
            .await
            .map_err(|error| Ended::before_commit(error.into()))?;
        tx.commit().await.map_err(Ended::at_commit)?;
        tx.committed(1);
        Ok(value)
    }

    /// The right to be the one operation of this node that is run again.
    async fn turn(&self, deadline: Instant) -> Option<OwnedMutexGuard<()>> {
        let turn = self.turns.clone().lock_owned();
        tokio::time::timeout_at(deadline, turn).await.ok()
    }

    /// Waits a moment that differs for each, so that those who met do not meet again.
    async fn step_aside(&self) {
        tokio::time::sleep(LONGEST_PAUSE.mul_f64(self.context.ambient.random.fraction())).await;
    }

    async fn outage(&self) {
        self.context.statistics.outages.fetch_add(1, Relaxed);
        tokio::time::sleep(OUTAGE_PAUSE).await;
    }

    pub(super) fn close(&self) {
        self.readers.close();
        self.writers.close();
    }
}
