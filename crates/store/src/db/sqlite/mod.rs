//! SQLite: one file, one writer, a few readers.

mod writer;

use std::{path::Path, str::FromStr, time::Duration};

use futures_util::future::BoxFuture;
use sqlx::{
    ConnectOptions, Connection, SqlitePool,
    migrate::Migrator,
    sqlite::{
        SqliteConnectOptions, SqliteJournalMode, SqliteLockingMode, SqlitePoolOptions,
        SqliteSynchronous,
    },
};

use super::{Context, Tx};
use crate::{Failure, StoreError};
use writer::Writer;

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");
const READERS: u32 = 4;
/// How long a lock of another process, or a free reader, is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Clone)]
pub(super) struct Sqlite {
    readers: SqlitePool,
    writer: Writer,
    context: Context,
}

/// Whether the file is not there yet.
pub(super) fn is_new(url: &str) -> bool {
    let path = url.trim_start_matches("sqlite:").trim_start_matches("//");
    !Path::new(path.split('?').next().unwrap_or_default()).exists()
}

/// Whether another process has the file open: with it, nobody gets it alone.
pub(super) async fn is_in_use(url: &str) -> Result<bool, StoreError> {
    let options = SqliteConnectOptions::from_str(url)?
        .create_if_missing(false)
        .locking_mode(SqliteLockingMode::Exclusive)
        .busy_timeout(Duration::ZERO);
    let mut conn = options.connect().await?;
    let alone = sqlx::query("BEGIN EXCLUSIVE").execute(&mut conn).await;
    let in_use = match alone.map_err(StoreError::from) {
        Ok(_) => false,
        Err(StoreError::Unavailable(_)) => true,
        Err(error) => return Err(error),
    };
    conn.close().await?;
    Ok(in_use)
}

impl Sqlite {
    pub(super) async fn open(url: &str, context: &Context) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            // What is erased is overwritten in its page, which is being written anyway.
            .pragma("secure_delete", "FAST")
            .busy_timeout(PATIENCE)
            .statement_cache_capacity(256);
        let writer = Writer::start(options.clone(), context.clone()).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(PATIENCE)
            // A file needs no asking whether it is still there.
            .test_before_acquire(false)
            .connect_with(options.read_only(true).create_if_missing(false))
            .await?;
        Ok(Self {
            readers,
            writer,
            context: context.clone(),
        })
    }

    pub(super) async fn migrate(&self) -> Result<(), StoreError> {
        self.writer.migrate(&MIGRATIONS).await
    }

    pub(super) async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
        F: for<'t> FnMut(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        self.writer.write(work).await
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that begins a read"
    )]
    pub(super) async fn read(&self) -> Result<Tx, StoreError> {
        let transaction = self.readers.begin().await?;
        Ok(Tx::sqlite_reader(transaction, self.context.clone()))
    }

    pub(super) async fn glance(&self) -> Result<Tx, StoreError> {
        let connection = self.readers.acquire().await?;
        Ok(Tx::sqlite_glance(connection, self.context.clone()))
    }

    pub(super) fn waiting(&self) -> u64 {
        self.writer.waiting()
    }

    pub(super) async fn close(&self) {
        // Readers first: SQLite folds its log back into the file when the last connection is closed,
        // and one that only reads cannot do that.
        self.readers.close().await;
        self.writer.close().await;
    }
}
