//! The seam between Portico and its engines: the URL alone chooses which one it is.

mod deferred;
mod operation;
mod postgres;
mod sqlite;
mod statements;
mod statistics;
mod tx;

use std::sync::Arc;

use futures_util::future::BoxFuture;
use portico_ambient::Ambient;
pub(crate) use postgres::PostgresRow;
pub(crate) use sqlite::{SqliteRow, Use, file_of, open as open_sqlite};
use sqlx::migrate::Migrator;
pub use statistics::{Snapshot, Statistics};
use tokio::sync::Notify;
use tracing::{Instrument, Span};
pub use tx::Tx;

use self::{postgres::Postgres, sqlite::Sqlite};
use crate::{Failure, StoreError, Vault, doubts::Doubts, rate_limits::FullBuckets};

/// A database. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    engine: Engine,
    context: Context,
}

#[derive(Clone)]
enum Engine {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

/// Which engine keeps the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineKind {
    /// A file that one machine owns.
    Sqlite,
    /// A server that any number of nodes share; also what speaks its protocol and SQL.
    Postgres,
}

/// What every transaction is given beside its connection.
#[derive(Clone)]
struct Context {
    vault: Vault,
    ambient: Ambient,
    new_jobs: Arc<Notify>,
    new_events: Arc<Notify>,
    full_buckets: Arc<FullBuckets>,
    doubts: Arc<Doubts>,
    statistics: Arc<Statistics>,
}

/// How the schema found stands to the schema this version was written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaState {
    /// Nothing to do.
    Current,
    /// Migrations are missing: `portico migrate`.
    Older,
    /// A newer version has been here.
    Newer,
}

impl EngineKind {
    /// The engine that a URL names; `None` for one that Portico does not know.
    pub fn of(url: &str) -> Option<Self> {
        match url.split_once(':')?.0 {
            "sqlite" => Some(Self::Sqlite),
            "postgres" | "postgresql" => Some(Self::Postgres),
            _ => None,
        }
    }
}

/// A part of the trace that asks for the transaction. One that nobody asked for, such as a look for
/// work once a second, is no trace of its own.
fn transaction_span() -> Span {
    if Span::current().is_none() {
        return Span::none();
    }
    tracing::debug_span!(target: "portico::trace", "transaction")
}

impl Db {
    /// Opens `sqlite://PATH`, creating the file if it is not there, or
    /// `postgres://USER:PASSWORD@HOST:PORT,HOST:PORT/DATABASE`, of whose hosts the one that takes
    /// writes is used.
    ///
    /// # Errors
    /// The URL is of no known engine, or the database cannot be reached.
    pub async fn open(url: &str, vault: Vault, ambient: Ambient) -> Result<Self, StoreError> {
        let context = Context {
            vault,
            ambient,
            new_jobs: Arc::default(),
            new_events: Arc::default(),
            full_buckets: Arc::default(),
            doubts: Arc::default(),
            statistics: Arc::default(),
        };
        let engine = match EngineKind::of(url) {
            Some(EngineKind::Sqlite) => Engine::Sqlite(Sqlite::open(url, &context)?),
            Some(EngineKind::Postgres) => Engine::Postgres(Postgres::open(url, &context).await?),
            None => return Err(StoreError::UnknownEngine),
        };
        Ok(Self { engine, context })
    }

    /// Whether `url` names a SQLite file that does not exist yet.
    pub fn is_new(url: &str) -> bool {
        EngineKind::of(url) == Some(EngineKind::Sqlite) && sqlite::is_new(url)
    }

    /// Whether another process has the SQLite file at `url` open. Of a PostgreSQL database nobody can
    /// say.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub async fn is_in_use(url: &str) -> Result<bool, StoreError> {
        match EngineKind::of(url) {
            Some(EngineKind::Sqlite) => sqlite::is_in_use(url),
            _ => Ok(false),
        }
    }

    /// Which engine this is.
    pub fn engine(&self) -> EngineKind {
        match self.engine {
            Engine::Sqlite(_) => EngineKind::Sqlite,
            Engine::Postgres(_) => EngineKind::Postgres,
        }
    }

    /// Compares the schema found with the one this version was written for.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn schema_state(&self) -> Result<SchemaState, StoreError> {
        let known = i64::try_from(self.migrations().iter().count()).unwrap_or(i64::MAX);
        let mut tx = self.glance().await?;
        Ok(match tx.schema_version().await? {
            version if version < known => SchemaState::Older,
            version if version > known => SchemaState::Newer,
            _ => SchemaState::Current,
        })
    }

    fn migrations(&self) -> &'static Migrator {
        match self.engine {
            Engine::Sqlite(_) => &sqlite::MIGRATIONS,
            Engine::Postgres(_) => &postgres::MIGRATIONS,
        }
    }

    /// Brings the schema up to date. Running it again changes nothing.
    ///
    /// # Errors
    /// A migration failed; it is undone.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.migrate().await,
            Engine::Postgres(postgres) => {
                let migrated = postgres.migrate().await;
                // Of several nodes that begin at once, the others find it done.
                match self.schema_state().await {
                    Ok(SchemaState::Current) => Ok(()),
                    _ => migrated,
                }
            }
        }
    }

    /// Runs `work` in a transaction and answers when it is durable, or not at all.
    ///
    /// Transactions behave as if they ran one after the other. An error, a panic, or a crash leaves
    /// nothing of it. `work` may run more than once, so it must have no effect outside the
    /// transaction. It goes on when the caller is dropped.
    ///
    /// # Errors
    /// What `work` returned, or why the store could not keep it.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
        F: for<'t> FnMut(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        let span = transaction_span();
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.write(work).instrument(span).await,
            Engine::Postgres(postgres) => postgres.write(work).instrument(span).await,
        }
    }

    /// A consistent view for reading. Dropping it ends it.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn read(&self) -> Result<Tx, StoreError> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.read().await,
            Engine::Postgres(postgres) => postgres.read().await,
        }
    }

    /// A view for a statement that says everything. What else is asked in it may see another moment. Unlike
    /// [`Db::glance`] it does not fail on a connection that broke since it was last used.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn look(&self) -> Result<Tx, StoreError> {
        match &self.engine {
            // There is no connection that could break, and a statement alone is a transaction.
            Engine::Sqlite(sqlite) => sqlite.glance().await,
            // Whether the connection is one is found out by beginning.
            Engine::Postgres(postgres) => postgres.read().await,
        }
    }

    /// A view for single statements: each sees a moment of its own. Cheaper than
    /// [`Db::read`] where one statement says everything.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn glance(&self) -> Result<Tx, StoreError> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.glance().await,
            Engine::Postgres(postgres) => postgres.glance().await,
        }
    }

    /// What seals personal data in this database.
    pub fn vault(&self) -> &Vault {
        &self.context.vault
    }

    /// The time and randomness this database was opened with.
    pub fn ambient(&self) -> &Ambient {
        &self.context.ambient
    }

    /// What this process has counted of its transactions.
    pub fn statistics(&self) -> Snapshot {
        let waiting = match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.waiting(),
            Engine::Postgres(postgres) => postgres.waiting(),
        };
        self.context.statistics.snapshot(waiting)
    }

    /// Resolves when work was enqueued by this process. A comfort: polling is the guarantee.
    pub async fn new_jobs(&self) {
        self.context.new_jobs.notified().await;
    }

    /// Resolves when this process wrote an event for a webhook. A comfort: polling is the guarantee.
    pub async fn new_events(&self) {
        self.context.new_events.notified().await;
    }

    /// Finishes the writes that were begun and closes every connection.
    pub async fn close(&self) {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.close().await,
            Engine::Postgres(postgres) => postgres.close(),
        }
    }
}
