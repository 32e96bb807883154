//! The seam between Portico and its engine.

mod tx;
mod writer;

use std::{path::Path, str::FromStr, sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use portico_ambient::Ambient;
use sqlx::{
    SqlitePool,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::Notify;
pub use tx::Tx;

use crate::{Failure, StoreError, Vault, db::writer::Writer};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");
const READERS: u32 = 4;

/// A database. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    readers: SqlitePool,
    writer: Writer,
    vault: Vault,
    ambient: Ambient,
    new_jobs: Arc<Notify>,
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

impl Db {
    /// Opens `sqlite://PATH`, creating the file if it is not there.
    ///
    /// # Errors
    /// The URL is not one of SQLite's, or the file cannot be opened.
    pub async fn open(url: &str, vault: Vault, ambient: Ambient) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5))
            .statement_cache_capacity(256);
        let new_jobs = Arc::<Notify>::default();
        let writer = Writer::start(
            options.clone(),
            vault.clone(),
            ambient.clone(),
            new_jobs.clone(),
        )
        .await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(Duration::from_secs(5))
            .connect_with(options.read_only(true).create_if_missing(false))
            .await?;
        Ok(Self {
            readers,
            writer,
            vault,
            ambient,
            new_jobs,
        })
    }

    /// Whether `url` names a database that does not exist yet.
    pub fn is_new(url: &str) -> bool {
        let path = url.trim_start_matches("sqlite:").trim_start_matches("//");
        !Path::new(path.split('?').next().unwrap_or_default()).exists()
    }

    /// Compares the schema found with the one this version was written for.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn schema_state(&self) -> Result<SchemaState, StoreError> {
        let mut tx = self.read().await?;
        let known = i64::try_from(MIGRATIONS.iter().count()).unwrap_or(i64::MAX);
        Ok(match tx.schema_version().await? {
            version if version < known => SchemaState::Older,
            version if version > known => SchemaState::Newer,
            _ => SchemaState::Current,
        })
    }

    /// Brings the schema up to date. Running it again changes nothing.
    ///
    /// # Errors
    /// A migration failed; it is undone.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        self.writer.migrate(&MIGRATIONS).await
    }

    /// Runs `work` in a transaction and answers when it is durable, or not at all.
    ///
    /// An error, a panic, or a crash leaves nothing of it. `work` may run more than once, so it
    /// must have no effect outside the transaction. It goes on when the caller is dropped.
    ///
    /// # Errors
    /// What `work` returned, or why the store could not keep it.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
        F: for<'t> FnMut(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        self.writer.write(work).await
    }

    /// A consistent view for reading. Dropping it ends it.
    ///
    /// # Errors
    /// The database does not answer.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that begins a read"
    )]
    pub async fn read(&self) -> Result<Tx, StoreError> {
        let transaction = self.readers.begin().await?;
        Ok(Tx::reader(
            transaction,
            self.vault.clone(),
            self.ambient.clone(),
        ))
    }

    /// What seals personal data in this database.
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// The time and randomness this database was opened with.
    pub fn ambient(&self) -> &Ambient {
        &self.ambient
    }

    /// Resolves when work was enqueued by this process. A comfort: polling is the guarantee.
    pub async fn new_jobs(&self) {
        self.new_jobs.notified().await;
    }

    /// Finishes the writes that were begun and closes every connection.
    pub async fn close(&self) {
        // Readers first: SQLite folds its log back into the file when the last connection is closed,
        // and one that only reads cannot do that.
        self.readers.close().await;
        self.writer.close().await;
    }
}
