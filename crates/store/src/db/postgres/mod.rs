//! PostgreSQL, and what speaks its protocol and SQL: any number of nodes share it.
//!
//! Guarantee: transactions are SERIALIZABLE, so a rule that holds for one after the other holds
//! here. An operation answered with success is committed; one answered with an error left nothing,
//! unless the connection broke while the commit was under way: then it may have been kept, and the
//! caller is told that the database is not available.
//!
//! * **Groups.** Operations that have to wait for a lane share its next transaction, one after the
//!   other, each seeing what those before it wrote; see [`lanes`]. None joins once the transaction has
//!   asked something: it would not see what was answered since. One that fails before it has sent
//!   anything but questions leaves the others as they are. One that fails later, or a commit that is
//!   refused, undoes all of them, and then each of them is run again alone. Nobody is answered before
//!   the commit.
//! * **Conflicts** (another transaction was in the way) are repeated here and nowhere else, for as
//!   long as [`PATIENCE`], and counted. Of one node's operations one is repeated at a time.
//! * **Outages.** What had not reached its commit is repeated for as long as [`PATIENCE`], on
//!   whichever host takes writes by then: a fail-over costs a subscriber a pause, not an error.
//! * **Stalls.** A statement that gets no answer within [`session::STATEMENT`] counts as an outage. A
//!   connection that rested is asked whether it lives before it is used.

mod alone;
mod columns;
mod group;
mod hosts;
mod lanes;
mod row;
mod session;
mod spare;

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use deadpool::{
    Runtime,
    managed::{Pool, QueueMode, Timeouts},
};
use futures_util::future::BoxFuture;
use sqlx::migrate::Migrator;
use tokio::{sync::Mutex, time::Instant};

pub(super) use self::columns::named;
pub(crate) use self::row::PostgresRow;
pub(super) use self::session::Session;
use self::{hosts::Hosts, lanes::Lanes, session::Connector, spare::Spare};
use super::{
    Context, Tx,
    operation::{Operation, Ran, operation},
};
use crate::{Failure, StoreError};

/// Not locked: that would take an advisory lock, which not every engine of this kind has.
pub(super) static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
    let mut migrations = sqlx::migrate!("migrations/postgres");
    migrations.set_locking(false);
    migrations
});

/// Connections for writing; one for each transaction that runs. Most are used only while lanes are busy
/// with something long, or for what is run again.
const WRITERS: usize = 16;
/// Connections for reading. Kept apart, so that readers who wait to write never hold the last one.
const READERS: usize = 8;
/// How long an operation keeps trying to reach a database that is not there, or to get past others.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long an operation waits before it has another lane opened; twice as long before the next.
const OVERDUE: Duration = Duration::from_millis(25);
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
    lanes: Lanes,
    spare: Spare<Session>,
    /// Operations that met another one are run again one after the other: beside each other they
    /// would mostly meet again.
    turns: Arc<Mutex<()>>,
}

impl Postgres {
    pub(super) async fn open(url: &str, context: &Context) -> Result<Self, StoreError> {
        let connector = Connector::new(Hosts::parse(url)?);
        let pool = |size| {
            Pool::builder(connector.clone())
                .max_size(size)
                // The process behind the one used last has at hand what it works with.
                .queue_mode(QueueMode::Lifo)
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
            lanes: Lanes::new(WRITERS),
            spare: Spare::default(),
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
        let (operation, mut answer) = operation(work, Instant::now() + PATIENCE);
        self.start(self.lanes.put(operation));
        let mut overdue = OVERDUE;
        let answered = loop {
            match tokio::time::timeout(overdue, &mut answer).await {
                Ok(answered) => break answered,
                Err(_) => self.start(self.lanes.rescue()),
            }
            overdue *= 2;
        };
        answered.unwrap_or_else(|_| Err(StoreError::Panicked.into()))
    }

    /// Has a lane run, on its own, so that it goes on when the caller is gone.
    fn start(&self, lane: Option<(lanes::Lane, Box<dyn Operation>)>) {
        if let Some((lane, first)) = lane {
            tokio::spawn(self.clone().run(lane, first));
        }
    }

    pub(super) fn waiting(&self) -> u64 {
        self.lanes.waiting() as u64
    }

    pub(super) fn close(&self) {
        drop(self.spare.clear());
        self.readers.close();
        self.writers.close();
    }
}
