use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use deadpool::managed::{Manager, Metrics, Object, Pool, PoolError, RecycleError, RecycleResult};
use sqlx::{Connection, PgConnection};

use super::hosts::Hosts;
use crate::StoreError;

/// How long a statement may take before its connection counts as broken.
pub(super) const STATEMENT: Duration = Duration::from_secs(10);
/// How long undoing may take; a connection that needs longer is thrown away.
const ROLLBACK: Duration = Duration::from_secs(2);

/// After so long without use a connection is asked whether it lives: what lies between here and the
/// database may have forgotten it, and told neither side.
const RESTED: Duration = Duration::from_secs(5);
/// How long it may take to answer that. A database that is slower for a moment loses connections by it,
/// and no request.
const ANSWER: Duration = Duration::from_millis(500);

/// Makes connections for a pool. Cheap to clone.
#[derive(Debug, Clone)]
pub(in crate::db) struct Connector {
    hosts: Hosts,
    /// Connections that were last used by then are of no use: one of them did not answer.
    forgotten: Arc<Mutex<Option<Instant>>>,
}

impl Connector {
    pub(super) fn new(hosts: Hosts) -> Self {
        let forgotten = Arc::default();
        Self { hosts, forgotten }
    }

    /// Whether a connection lives that was last used at that moment and rested since. Where one does not
    /// answer nobody waits for the others: those that would have to be asked by now are taken for dead.
    async fn lives(&self, connection: &mut PgConnection, used: Instant, rest: Duration) -> bool {
        if self.forgotten().is_some_and(|since| used <= since) {
            return false;
        }
        let answer = tokio::time::timeout(ANSWER, run_raw(connection, "SELECT 1")).await;
        let lives = matches!(answer, Ok(Ok(())));
        if !lives {
            tracing::warn!("a connection to the database that rested does not answer any more");
            let mut since = self.forgotten();
            *since = since.max(Some(used + rest.saturating_sub(RESTED)));
        }
        lives
    }

    fn forgotten(&self) -> MutexGuard<'_, Option<Instant>> {
        self.forgotten
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Manager for Connector {
    type Type = PgConnection;
    type Error = StoreError;

    async fn create(&self) -> Result<PgConnection, StoreError> {
        // Boxed: connecting is rare and large, and everything that may have to would be as large.
        Box::pin(self.hosts.connect()).await
    }

    /// One that was just used is not asked: `BEGIN` tells whether it lives.
    async fn recycle(
        &self,
        connection: &mut PgConnection,
        metrics: &Metrics,
    ) -> RecycleResult<StoreError> {
        let used = metrics.recycled.unwrap_or(metrics.created);
        let rest = metrics.last_used();
        // Boxed, as connecting is.
        if rest < RESTED || Box::pin(self.lives(connection, used, rest)).await {
            return Ok(());
        }
        Err(RecycleError::message("it does not answer"))
    }
}

/// A connection of a pool and where its transaction stands.
pub(in crate::db) struct Session {
    /// Taken out only when the session is dropped.
    connection: Option<Object<Connector>>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Idle,
    /// A statement outside of a transaction is under way. Given up, it would be the next user's.
    Asking,
    InTransaction,
    /// What goes over this connection does not arrive, or not in time.
    Broken,
}

impl Session {
    pub(super) async fn idle(pool: &Pool<Connector>) -> Result<Self, StoreError> {
        let connection = pool.get().await.map_err(|error| match error {
            PoolError::Backend(error) => error,
            PoolError::Closed => StoreError::unavailable(sqlx::Error::PoolClosed),
            _ => StoreError::unavailable(sqlx::Error::PoolTimedOut),
        })?;
        Ok(Self {
            connection: Some(connection),
            state: State::Idle,
        })
    }

    /// A session whose transaction has begun.
    pub(super) async fn open(
        pool: &Pool<Connector>,
        begin: &'static str,
    ) -> Result<Self, StoreError> {
        let mut session = Self::idle(pool).await?;
        // Before it is known to have begun, so that it is undone in any case.
        session.state = State::InTransaction;
        session.control(begin).await?;
        Ok(session)
    }

    pub(in crate::db) async fn commit(&mut self) -> Result<(), StoreError> {
        let committed = self.control("COMMIT").await;
        // Refused, it was undone: there is nothing left to undo either way.
        if self.state == State::InTransaction {
            self.state = State::Idle;
        }
        committed
    }

    async fn control(&mut self, sql: &'static str) -> Result<(), StoreError> {
        let done = Self::in_time(run_raw(self.connection(), sql)).await;
        self.noting(done)
    }

    pub(in crate::db) fn connection(&mut self) -> &mut PgConnection {
        self.connection
            .as_mut()
            .expect("a session has its connection until it is dropped")
    }

    /// Where to send a statement whose result is [noted](Self::noting).
    pub(in crate::db) fn asking(&mut self) -> &mut PgConnection {
        if self.state == State::Idle {
            self.state = State::Asking;
        }
        self.connection()
    }

    /// What `run` comes to, if it comes in time.
    pub(in crate::db) async fn in_time<T>(
        run: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, StoreError> {
        match tokio::time::timeout(STATEMENT, run).await {
            Ok(done) => Ok(done?),
            Err(_) => Err(StoreError::unavailable(sqlx::Error::Io(
                std::io::ErrorKind::TimedOut.into(),
            ))),
        }
    }

    /// Passes a result on, and notes when it says that the connection is of no use any more.
    pub(in crate::db) fn noting<T>(
        &mut self,
        done: Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if let Err(StoreError::Unavailable(_)) = done {
            self.state = State::Broken;
        } else if self.state == State::Asking {
            self.state = State::Idle;
        }
        done
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else {
            return;
        };
        match self.state {
            State::Idle => {}
            State::Asking | State::Broken => drop(Object::take(connection)),
            State::InTransaction => undo(connection),
        }
    }
}

/// Undoes what was begun and hands the connection back, or throws both away.
fn undo(mut connection: Object<Connector>) {
    let Ok(runtime) = tokio::runtime::Handle::try_current() else {
        drop(Object::take(connection));
        return;
    };
    runtime.spawn(async move {
        let undone = tokio::time::timeout(ROLLBACK, run_raw(&mut connection, "ROLLBACK")).await;
        if !matches!(undone, Ok(Ok(()))) {
            let connection = Object::take(connection);
            // The other side may still hold its locks: it is told, if it can be.
            let _ = tokio::time::timeout(ROLLBACK, connection.close()).await;
        }
    });
}

async fn run_raw(connection: &mut PgConnection, sql: &'static str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(sql).execute(connection).await.map(drop)
}
